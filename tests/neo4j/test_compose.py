"""docker-compose.yml: valid by the official schema, safe, with the settings the tests run with.

The schema is that of the Compose specification, as the package check-jsonschema ships it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import neo4j_server
import pytest
import yaml

FILE = Path(__file__).parents[2] / "docker-compose.yml"

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


def by_the_schema(file: Path) -> subprocess.CompletedProcess[str]:
    """Check a file by the schema of the Compose specification (no network is needed for it)."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    return subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)


def test_it_is_a_compose_file() -> None:
    done = by_the_schema(FILE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("services", "neo4j", "port"), ["127.0.0.1:7687:7687"]),
        (("services", "neo4j", "health_check"), {"disable": True}),
        (("services", "neo4j", "mem-limit"), "3g"),
        (("services", "neo4j", "healthcheck", "retries"), ["x"]),
        (("services", "neo4j", "ulimits", "nofile"), {"soft": 40000}),
        (("secrets", "neo4j_auth", "path"), "./secrets/neo4j_auth.txt"),
        (("volume",), {"neo4j_data": None}),
    ],
)
def test_a_slip_is_found(
    compose: dict[str, Any], tmp_path: Path, place: tuple[str, ...], value: object
) -> None:
    broken = json.loads(json.dumps(compose))
    part = broken
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    file = tmp_path / "docker-compose.yml"
    file.write_text(yaml.safe_dump(broken), encoding="utf-8")
    done = by_the_schema(file)
    assert done.returncode == 1
    assert "Schema validation errors were encountered" in done.stdout + done.stderr


def test_the_image_is_the_version_under_test(service: dict[str, Any]) -> None:
    assert service["image"] == f"neo4j:{neo4j_server.VERSION}"


def test_the_settings_are_those_of_the_tests(service: dict[str, Any]) -> None:
    settings = settings_of(service)
    assert settings.pop("server.memory.heap.initial_size") == neo4j_server.HEAP
    assert settings.pop("server.memory.heap.max_size") == neo4j_server.HEAP
    flags = settings.pop("server.jvm.additional").split()
    assert flags == list(neo4j_server.SHARED_JVM_FLAGS) == ["-XX:+ExitOnOutOfMemoryError"]
    assert set(flags) <= set(neo4j_server.JVM_FLAGS)
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
