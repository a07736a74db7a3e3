"""Fixtures with a real Neo4j: one's own server, else one assembled for the tests.

A folder of tests takes them with ``from neo4j_fixtures import *`` in its ``conftest.py``. All
tests that use them share one server: mark them ``neo4j`` and ``xdist_group("neo4j")``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from neo4j_summary import remember

from klaster.graph.stores.neo4j_store import Neo4jStore

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "neo4j"))
import neo4j_server

__all__ = [
    "neo4j_access",
    "neo4j_driver",
    "neo4j_empty",
    "neo4j_gds",
    "neo4j_home",
    "neo4j_store",
]


@dataclass(frozen=True)
class Access:
    """Where a server is, and with what credentials."""

    uri: str
    password: str = field(repr=False)
    user: str = "neo4j"

    def driver(self, **settings: Any) -> Any:
        from neo4j import GraphDatabase

        return GraphDatabase.driver(self.uri, auth=(self.user, self.password), **settings)

    def store(self, uri: str | None = None, **settings: Any) -> Neo4jStore:
        return Neo4jStore.connect(
            uri or self.uri, user=self.user, password=self.password, **settings
        )


def _unavailable(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"no Neo4j to test with: {reason}", pytrace=False)
    pytest.skip(f"no Neo4j to test with: {reason}")


def _home(version: str, gds: str | None = None) -> neo4j_server.Home:
    try:
        home = neo4j_server.assemble(version, gds)
        neo4j_server.find_java(version)
    except neo4j_server.ServerError as reason:
        _unavailable(str(reason).splitlines()[0])
        raise
    return home


def _server_of_ones_own() -> Access | None:
    uri = os.environ.get("NEO4J_TEST_URI")
    if not uri:
        return None
    return Access(
        uri,
        os.environ.get("NEO4J_TEST_PASSWORD", ""),
        os.environ.get("NEO4J_TEST_USER", "neo4j"),
    )


def _named(access: Access) -> str:
    with access.driver() as driver:
        info = driver.get_server_info()
        return f"{info.agent}, Bolt {'.'.join(map(str, info.protocol_version))}"


def _gds_version(access: Access) -> str:
    """Return the version of the GDS library on a server; empty where it has none."""
    from neo4j.exceptions import ClientError

    with access.driver() as driver:
        try:
            rows = driver.execute_query("RETURN gds.version() AS v", database_="neo4j").records
        except ClientError:
            return ""
    return str(rows[0]["v"])


@pytest.fixture(scope="session")
def neo4j_home(request: pytest.FixtureRequest) -> neo4j_server.Home:
    """The assembled server of the version under test (NEO4J_TEST_VERSION for another one)."""
    version = os.environ.get("NEO4J_TEST_VERSION", neo4j_server.VERSION)
    home = _home(version)
    remember(request.config, "neo4j_home", f"Neo4j/{version}, started by the test itself")
    return home


@pytest.fixture(scope="session")
def neo4j_access(request: pytest.FixtureRequest) -> Iterator[Access]:
    """A running server: NEO4J_TEST_URI with NEO4J_TEST_PASSWORD, else one of our own."""
    given = _server_of_ones_own()
    if given is not None:
        remember(request.config, "neo4j_access", _named(given))
        yield given
        return
    home = request.getfixturevalue("neo4j_home")
    with neo4j_server.Server(home) as server:
        server.start()
        access = Access(server.uri, server.password)
        remember(request.config, "neo4j_access", _named(access))
        yield access


@pytest.fixture(scope="session")
def neo4j_gds(request: pytest.FixtureRequest) -> Iterator[Access]:
    """A running server with GDS: NEO4J_TEST_URI where it has GDS, else the pair that is pinned."""
    access = _server_of_ones_own()
    if access is not None and (version := _gds_version(access)):
        remember(request.config, "neo4j_gds", f"{_named(access)}, GDS {version}")
        yield access
        return
    with neo4j_server.Server(_home(neo4j_server.VERSION, neo4j_server.GDS_VERSION)) as server:
        server.start()
        access = Access(server.uri, server.password)
        version = _gds_version(access)
        assert version == neo4j_server.GDS_VERSION, "the library is not there, or another one"
        remember(request.config, "neo4j_gds", f"{_named(access)}, GDS {version}")
        yield access


@pytest.fixture(scope="session")
def neo4j_driver(neo4j_access: Access) -> Iterator[Any]:
    """A plain driver, to look at what a store left and to put strangers' data there."""
    with neo4j_access.driver() as driver:
        yield driver


def wipe(driver: Any) -> None:
    """Remove all data, klaster's or not; constraints and indexes stay."""
    with driver.session(database="neo4j") as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()


@pytest.fixture
def neo4j_empty(neo4j_access: Access, neo4j_driver: Any) -> Access:
    """The server, without any data."""
    wipe(neo4j_driver)
    return neo4j_access


@pytest.fixture
def neo4j_store(neo4j_empty: Access) -> Iterator[Neo4jStore]:
    """An empty store on the server."""
    with neo4j_empty.store() as store:
        yield store
