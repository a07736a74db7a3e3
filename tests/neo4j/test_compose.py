"""docker-compose.yml: well formed, safe, and with the settings the tests run with.

The schema here is our own reading of the Compose specification, of the parts this file uses: a
name outside of it is refused, so that a slip in spelling does not pass for a setting.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import neo4j_server
import pytest
import yaml

FILE = Path(__file__).parents[2] / "docker-compose.yml"

DURATION = {"type": "string", "pattern": r"^(\d+h)?(\d+m)?(\d+s)?$"}
BYTES = {"type": "string", "pattern": r"^\d+(b|k|m|g|kb|mb|gb)$"}
TEXTS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
PLAIN = {"type": ["string", "number", "null"]}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image"],
    "properties": {
        "image": {"type": "string"},
        "restart": {"type": "string", "pattern": "^(no|always|unless-stopped|on-failure(:\\d+)?)$"},
        "ports": TEXTS,
        "environment": {"type": "object", "additionalProperties": PLAIN},
        "secrets": TEXTS,
        "volumes": TEXTS,
        "profiles": TEXTS,
        "security_opt": TEXTS,
        "stop_grace_period": DURATION,
        "mem_limit": BYTES,
        "pids_limit": {"type": "integer"},
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "test": {"type": "array", "items": {"type": "string"}},
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer"},
            },
        },
        "ulimits": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["soft", "hard"],
                "properties": {"soft": {"type": "integer"}, "hard": {"type": "integer"}},
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "secrets": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["file"],
                "properties": {"file": {"type": "string"}},
            },
        },
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
}

VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


@pytest.fixture(params=["neo4j", "neo4j-gds"])
def service(request: pytest.FixtureRequest, compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"][request.param]
    return found


def settings_of(service: dict[str, Any]) -> dict[str, str]:
    """Return the Neo4j settings of a service: the image's variables in the server's spelling."""
    found = {}
    for name, value in service["environment"].items():
        if re.match(r"NEO4J_[a-z]", name):
            # The image reads a dot for an underscore, and an underscore for two.
            setting = name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".")
            found[setting.replace("\0", "_")] = VARIABLE.sub(r"\2", str(value))
    return found


def test_it_is_a_compose_file(compose: dict[str, Any]) -> None:
    jsonschema.validate(compose, SCHEMA)


@pytest.mark.parametrize("slip", ["port", "health_check", "mem-limit"])
def test_a_slip_in_spelling_is_found(compose: dict[str, Any], slip: str) -> None:
    broken = json.loads(json.dumps(compose))
    broken["services"]["neo4j"][slip] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_the_image_is_the_version_under_test(service: dict[str, Any]) -> None:
    assert service["image"] == f"neo4j:{neo4j_server.VERSION}"


def test_the_settings_are_those_of_the_tests(service: dict[str, Any]) -> None:
    settings = settings_of(service)
    assert settings.pop("server.memory.heap.initial_size") == neo4j_server.HEAP
    assert settings.pop("server.memory.heap.max_size") == neo4j_server.HEAP
    settings.pop("dbms.security.procedures.unrestricted", None)  # of the GDS profile only
    assert settings == dict(neo4j_server.SHARED_SETTINGS)


def test_only_this_machine_reaches_it(service: dict[str, Any]) -> None:
    assert service["ports"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_password_is_in_a_secret_file_only(
    compose: dict[str, Any], service: dict[str, Any]
) -> None:
    assert "NEO4J_AUTH" not in service["environment"]
    assert service["environment"]["NEO4J_AUTH_FILE"] == "/run/secrets/neo4j_auth"
    assert service["secrets"] == ["neo4j_auth"]
    assert compose["secrets"]["neo4j_auth"]["file"] == "./secrets/neo4j_auth.txt"


def test_it_is_limited_watched_and_kept(compose: dict[str, Any], service: dict[str, Any]) -> None:
    limit = int(service["mem_limit"].removesuffix("g"))
    assert limit >= 3  # heap, page cache, and as much again for the machine's own
    assert service["healthcheck"]["test"][0] == "CMD-SHELL"
    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"] == "60s"
    named = {volume.split(":")[0] for volume in service["volumes"]}
    assert named == set(compose["volumes"])
    assert any(volume.endswith(":/data") for volume in service["volumes"])


def test_gds_only_where_asked_for(compose: dict[str, Any]) -> None:
    assert "profiles" not in compose["services"]["neo4j"]
    assert "NEO4J_PLUGINS" not in compose["services"]["neo4j"]["environment"]
    gds = compose["services"]["neo4j-gds"]
    assert gds["profiles"] == ["gds"]
    assert json.loads(gds["environment"]["NEO4J_PLUGINS"]) == ["graph-data-science"]
