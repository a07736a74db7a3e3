"""A connection cut at any message, a server killed at any batch: nothing is lost, nothing doubled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import neo4j_server
import numpy as np
import pytest
from bolt_proxy import BoltProxy, Cut
from bolt_script import ScriptedServer
from neo4j_graphs import supply_network

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.stores.neo4j_store import Neo4jStore
from klaster.queries.server_gate import run_free_on_server

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]

MESSAGES = ("HELLO", "LOGON", "BEGIN", "RUN", "PULL", "COMMIT", "GOODBYE")
"""Every kind of request a load sends (a test watches that there is no other)."""

GRAPH = supply_network(120, 900)
BATCH = 60


def port_of(uri: str) -> int:
    return urlsplit(uri).port or 7687


def distinct(driver: Any) -> tuple[int, int, int]:
    record = driver.execute_query(
        "MATCH (n) WITH count(n) AS nodes MATCH ()-[r]->() "
        "RETURN nodes, count(r) AS ties, count(DISTINCT r.tie_id) AS keys",
        database_="neo4j",
    ).records[0]
    return record["nodes"], record["ties"], record["keys"]


class SlowProxy(BoltProxy):
    """Learns of a goodbye only when the client has long gone, as on a busy machine."""

    def _due(self, name: str) -> Cut | None:
        if name == "GOODBYE":
            time.sleep(0.3)
        return super()._due(name)


@pytest.mark.parametrize("proxy_type", [BoltProxy, SlowProxy])
def test_the_messages_of_a_load_are_all_known(
    neo4j_empty: Any, proxy_type: type[BoltProxy]
) -> None:
    with proxy_type(port_of(neo4j_empty.uri)) as proxy:
        with neo4j_empty.store(proxy.uri, batch_rows=BATCH) as store:
            store.write(GRAPH)
        proxy.wait_for_goodbyes()
        assert set(proxy.requests) == set(MESSAGES)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("message", MESSAGES)
def test_a_cut_at_every_kind_of_message(
    neo4j_empty: Any,
    neo4j_driver: Any,
    caplog: pytest.LogCaptureFixture,
    message: str,
    when: Literal["before", "after"],
) -> None:
    """The greeting is cut twice (the second time on the way back); the rest early and later."""
    greeting = message in ("HELLO", "LOGON")
    cuts = [Cut(message, when, nth) for nth in ((1, 3) if greeting else (2, 5, 11, 17))]
    if greeting:
        cuts.append(Cut("BEGIN", "before", 4))
    if message == "GOODBYE":
        cuts = [Cut(message, when, 1)]
    with BoltProxy(port_of(neo4j_empty.uri), cuts) as proxy, caplog.at_level(logging.WARNING):
        with neo4j_empty.store(proxy.uri, batch_rows=BATCH) as store:
            report = store.write(GRAPH)
        proxy.wait_for_goodbyes()
        assert all(cut.done for cut in cuts)
    assert dict(report.nodes) == {"Actor": 120}
    assert dict(report.ties) == {"SUPPLIES": 900}
    assert distinct(neo4j_driver) == (120, 900, 900)
    with neo4j_empty.store() as store:
        assert store.read() == GRAPH
    if message not in ("HELLO", "LOGON", "GOODBYE"):
        assert "trying again" in caplog.text
    assert neo4j_empty.password not in caplog.text


def test_a_lost_answer_to_every_commit(neo4j_empty: Any, neo4j_driver: Any) -> None:
    cuts = [Cut("COMMIT", "after", nth) for nth in range(1, 12)]
    with BoltProxy(port_of(neo4j_empty.uri), cuts) as proxy:
        with neo4j_empty.store(proxy.uri, batch_rows=BATCH) as store:
            store.write(GRAPH)
        assert all(cut.done for cut in cuts)
    assert distinct(neo4j_driver) == (120, 900, 900)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_while_asking_for_the_way(neo4j_empty: Any, when: Literal["before", "after"]) -> None:
    cut = Cut("ROUTE", when)
    with BoltProxy(port_of(neo4j_empty.uri), [cut]) as proxy:
        uri = proxy.uri.replace("bolt://", "neo4j://")
        try:
            store = neo4j_empty.store(uri)
        except StoreError:  # the driver gives up on the only router it knows
            store = neo4j_empty.store(uri)
        with store:
            store.write(GRAPH)
            assert store.read() == GRAPH
    assert cut.done


def test_a_cut_while_reading(neo4j_empty: Any) -> None:
    with neo4j_empty.store() as store:
        store.write(GRAPH)
    cuts = [Cut("RUN", "after", 3), Cut("PULL", "before", 5), Cut("BEGIN", "after", 1)]
    with (
        BoltProxy(port_of(neo4j_empty.uri), cuts) as proxy,
        neo4j_empty.store(proxy.uri) as store,
    ):
        assert store.read() == GRAPH
        assert store.run("MATCH (n:Actor) RETURN count(n) AS k").rows == ((120,),)
    assert all(cut.done for cut in cuts)


FREE = "MATCH (a:Firm)-[r:SUPPLIES]->(b:Firm) RETURN a.id AS a, r.tie_id AS t ORDER BY t"

ASKED = [
    *(("BEGIN", nth) for nth in (1, 2)),  # of the look at the plan, of the reading
    *(("RUN", nth) for nth in (2, 3, 4)),  # the first one is the greeting
    *(("PULL", nth) for nth in (2, 3, 4)),
]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_while_a_free_query_is_asked(
    neo4j_empty: Any, caplog: pytest.LogCaptureFixture, when: Literal["before", "after"]
) -> None:
    """The look at the plan and the reading are done again; the caller sees the rows."""
    with neo4j_empty.store() as store:
        store.write(GRAPH)
        wanted = store.run(FREE)
    assert len(wanted.rows) == len(GRAPH.ties)
    for message, nth in ASKED:
        cut = Cut(message, when, nth)
        caplog.clear()
        with (
            BoltProxy(port_of(neo4j_empty.uri), [cut]) as proxy,
            neo4j_empty.store(proxy.uri) as store,
            caplog.at_level(logging.WARNING),
        ):
            found = run_free_on_server(store, FREE, row_limit=2000)
        assert cut.done, (message, nth)
        assert found.rows == wanted.rows, (message, nth)
        assert "trying again" in caplog.text, (message, nth)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_is_refused_after_a_cut_too(
    neo4j_empty: Any, neo4j_driver: Any, when: Literal["before", "after"]
) -> None:
    """Asked again over a new connection, it is of read access again."""
    cuts = [Cut("RUN", when, nth) for nth in (2, 3, 4)]  # one does not see what another cuts
    write = "CREATE (n:Intruder) RETURN n"
    with (
        BoltProxy(port_of(neo4j_empty.uri), cuts) as proxy,
        neo4j_empty.store(proxy.uri) as store,
    ):
        with pytest.raises(QueryRefusedError, match="would change the store"):
            store.run(write)
        assert all(cut.done for cut in cuts)
        asked = len(proxy.requests)
        with pytest.raises(QueryRefusedError, match="CREATE"):
            run_free_on_server(store, write)
        assert len(proxy.requests) == asked  # the gate was enough
    left = neo4j_driver.execute_query("MATCH (n) RETURN count(n) AS k", database_="neo4j")
    assert left.records[0]["k"] == 0


def test_a_server_that_stays_away_is_not_waited_for_longer_than_the_query_may_take() -> None:
    server = ScriptedServer()
    with Neo4jStore.connect(server.uri, password="not-to-be-seen-7") as store:
        server.close()
        with pytest.raises(StoreError, match="the connection"):
            run_free_on_server(store, "MATCH (n) RETURN n.id AS id", timeout_s=0.5)


# -- a server of one's own, to be killed ---------------------------------------------------------


@pytest.fixture
def victim(neo4j_home: neo4j_server.Home) -> Iterator[neo4j_server.Server]:
    with neo4j_server.Server(neo4j_home) as server:
        yield server.start()


OWN_SERVER = pytest.mark.xdist_group("neo4j-own")  # may run beside the tests on the shared one


@OWN_SERVER
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("kills", "ties"), [(1, 3_000), pytest.param(5, 20_000, marks=pytest.mark.slow)]
)
def test_a_server_killed_at_random_batches(
    victim: neo4j_server.Server, caplog: pytest.LogCaptureFixture, kills: int, ties: int
) -> None:
    """SIGKILL while batches are under way, restart on the same data; the caller sees no error."""
    from neo4j import GraphDatabase

    graph = supply_network(500, ties)
    random = np.random.Generator(np.random.PCG64(20261122))
    at = sorted(random.choice(np.arange(500, ties - 500, 250), size=kills, replace=False).tolist())
    written = 0
    moved = threading.Event()
    killed: list[int] = []

    def progress(what: str, done: int, total: int) -> None:
        nonlocal written
        written = done if what == "ties" else 0
        moved.set()

    def kill_and_restart() -> None:
        for goal in at:
            while written < goal:
                moved.wait(1)
                moved.clear()
            victim.kill()
            killed.append(written)
            victim.start()

    killer = threading.Thread(target=kill_and_restart, daemon=True)
    with (
        Neo4jStore.connect(
            victim.uri, password=victim.password, batch_rows=125, patience_s=240
        ) as store,
        caplog.at_level(logging.WARNING),
    ):
        killer.start()
        report = store.write(graph, progress=progress)
        killer.join(240)
        assert len(killed) == kills
        assert max(killed) < ties
        assert dict(report.ties) == {"SUPPLIES": ties}
        assert store.read() == graph
    with GraphDatabase.driver(victim.uri, auth=("neo4j", victim.password)) as driver:
        assert distinct(driver) == (500, ties, ties)
    assert "trying again" in caplog.text
    assert victim.password not in caplog.text


@OWN_SERVER
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_read_only_server_says_so(neo4j_home: neo4j_server.Home) -> None:
    with neo4j_server.Server(neo4j_home) as server:
        server.start()
        with Neo4jStore.connect(server.uri, password=server.password) as store:
            store.write(GRAPH)
        server.stop()
        server.settings = {"server.databases.default_to_read_only": "true"}
        server.start()
        with Neo4jStore.connect(server.uri, password=server.password) as store:
            assert store.read() == GRAPH
            with pytest.raises(StoreError, match="read-only"):
                store.write(GRAPH)
