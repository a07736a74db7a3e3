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

from klaster.graph.stores.neo4j_store import Neo4jStore

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "neo4j"))
import neo4j_server

__all__ = ["neo4j_access", "neo4j_driver", "neo4j_empty", "neo4j_home", "neo4j_store"]


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


@pytest.fixture(scope="session")
def neo4j_home() -> neo4j_server.Home:
    """The assembled server of the version under test (NEO4J_TEST_VERSION for another one)."""
    version = os.environ.get("NEO4J_TEST_VERSION", neo4j_server.VERSION)
    try:
        home = neo4j_server.assemble(version)
        neo4j_server.find_java(version)
    except neo4j_server.ServerError as reason:
        _unavailable(str(reason).splitlines()[0])
        raise
    return home


@pytest.fixture(scope="session")
def neo4j_access(request: pytest.FixtureRequest) -> Iterator[Access]:
    """A running server: NEO4J_TEST_URI with NEO4J_TEST_PASSWORD, else one of our own."""
    uri = os.environ.get("NEO4J_TEST_URI")
    if uri:
        yield Access(
            uri,
            os.environ.get("NEO4J_TEST_PASSWORD", ""),
            os.environ.get("NEO4J_TEST_USER", "neo4j"),
        )
        return
    home = request.getfixturevalue("neo4j_home")
    with neo4j_server.Server(home) as server:
        server.start()
        yield Access(server.uri, server.password)


@pytest.fixture(scope="session")
def neo4j_driver(neo4j_access: Access) -> Iterator[Any]:
    """A plain driver, to look at what a store left and to put strangers' data there."""
    with neo4j_access.driver() as driver:
        info = driver.get_server_info()
        print(f"\n{info.agent}, Bolt {info.protocol_version}")
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
