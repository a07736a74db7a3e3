"""Free queries on a real server: answers, and attacks that cost nothing but themselves."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from attack_queries import (
    COMPUTED_NAMES,
    ESCAPES,
    MEMORY_BOMBS,
    ORDINARY,
    PREFIXES,
    READS_TOO_MUCH,
    SEVERAL,
    TOO_MUCH,
    WORK_BOMBS,
    WRITES,
)
from example_graphs import steel_case
from neo4j_fixtures import Access, wipe

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.graph.stores.neo4j_store import Neo4jStore
from klaster.queries import server_gate
from klaster.queries.gate import PassedQuery
from klaster.queries.server_gate import run_free_on_server

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]

COUNT = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) AS nodes, count(r) AS ties"
PARAMETERS = {"path": "/etc/passwd", "label": "Firm", "type": "OWNS"}


@pytest.fixture(scope="module")
def server(neo4j_access: Access, neo4j_driver: object) -> Iterator[Neo4jStore]:
    """The server with the steel case in it, written once for all tests here."""
    wipe(neo4j_driver)
    with neo4j_access.store() as store:
        store.write(steel_case())
        yield store


@pytest.fixture(autouse=True)
def _unharmed(server: Neo4jStore) -> Iterator[None]:
    """Whatever a test did, the server answers and holds what it held."""
    yield
    graph = steel_case()
    assert server.run(COUNT).rows == ((len(graph), len(graph.ties)),)


@pytest.fixture
def no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every text through: what the look at the plan does where the gate has a hole."""
    monkeypatch.setattr(server_gate, "pass_gate", PassedQuery)
    monkeypatch.setattr(server_gate, "check_expression_sizes", lambda query: None)


class TestAnswers:
    def test_rows_are_those_of_the_embedded_store(self, server: Neo4jStore) -> None:
        query = (
            "MATCH (a:Firm)-[r:SUPPLIES]->(b) WHERE b.id <> $not "
            "RETURN a.id AS a, b.id AS b, r.year AS y, r.value AS v ORDER BY a, b, r.tie_id"
        )
        with EmbeddedStore() as embedded:
            embedded.write(steel_case())
            wanted = embedded.run(query, {"not": "coke"})
        free = run_free_on_server(server, query, {"not": "coke"})
        assert (free.columns, free.rows) == (wanted.columns, wanted.rows)
        assert len(free.rows) == 7

    def test_types_come_back(self, server: Neo4jStore) -> None:
        values = {"d": dt.date(2014, 3, 19), "l": ["ё", 1, 2.5, None, True], "q": "Қ\"'\\ \n😀"}
        result = run_free_on_server(server, "RETURN $d AS d, $l AS l, $q AS q", values)
        assert result.rows == (tuple(values.values()),)

    def test_row_limit(self, server: Neo4jStore) -> None:
        query = "MATCH (n:Actor) RETURN n.id AS id ORDER BY id"
        result = run_free_on_server(server, query, row_limit=2)
        assert result.rows == (("akimat",), ("assoc",))
        assert result.truncated
        assert not run_free_on_server(server, query, row_limit=11).truncated

    def test_place_of_a_fault_is_that_of_the_query(self, server: Neo4jStore) -> None:
        with pytest.raises(StoreError, match=r"line 1, column 8 \(offset: 7\)"):
            run_free_on_server(server, "RETURN nosuchfunction(1) AS x")
        with pytest.raises(StoreError, match=r"line 2, column 8 \(offset: 19\)"):
            run_free_on_server(server, "WITH 1 AS a\nRETURN x.a AS b")

    def test_limits_that_are_none(self, server: Neo4jStore) -> None:
        with pytest.raises(StoreError, match="above zero"):
            run_free_on_server(server, "RETURN 1 AS x", timeout_s=0)

    def test_ordinary_queries_are_not_refused(self, server: Neo4jStore) -> None:
        given = {"id": 1, "key": "name", "set": 1, "create": 1, "delete": 1}
        answered = 0
        for query in ORDINARY:
            message = outcome(server, query, given)
            # Some call for what only the other store knows.
            assert not message or "syntax error" in message or "answered:" in message, query
            answered += not message
        assert answered > 0.8 * len(ORDINARY)


def outcome(server: Neo4jStore, query: str, parameters: dict[str, Any] = PARAMETERS) -> str:
    """Return what klaster says to a query that is refused or faulty; empty where it answers."""
    try:
        run_free_on_server(server, query, parameters, timeout_s=10)
    except StoreError as error:
        return str(error)
    return ""


REFUSED = {
    "writes": WRITES,
    "reads too much": READS_TOO_MUCH,
    "prefixes": PREFIXES,
    "several": SEVERAL,
    "escapes": ESCAPES,
    "computed names": COMPUTED_NAMES,
    "too much": list(TOO_MUCH.values()),
    "memory": list(MEMORY_BOMBS.values()),
}


# Neo4j counts a plain product from its statistics, without making it.
PRODUCTS = WORK_BOMBS | {
    "cross product": "MATCH (a), (b), (c), (d), (e), (f), (g) RETURN max(a.id + b.id + g.id) AS k"
}


class TestAttacks:
    @pytest.mark.parametrize("group", REFUSED)
    def test_refused_before_the_server_hears_of_it(
        self, server: Neo4jStore, group: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("explain", "run"):
            monkeypatch.setattr(
                Neo4jStore, name, lambda *_, **__: pytest.fail("the server was asked")
            )
        for query in REFUSED[group]:
            with pytest.raises(QueryRefusedError):
                run_free_on_server(server, query, PARAMETERS)

    @pytest.mark.usefixtures("no_gate")
    @pytest.mark.parametrize("group", ["writes", "reads too much", "several"])
    def test_refused_behind_the_gate(self, server: Neo4jStore, group: str) -> None:
        assert [query for query in REFUSED[group] if not outcome(server, query)] == []

    @pytest.mark.usefixtures("no_gate")
    @pytest.mark.parametrize("group", ["prefixes", "escapes", "computed names"])
    def test_harmless_behind_the_gate(self, server: Neo4jStore, group: str) -> None:
        """These the server may answer: a plan that only reads is all that is ever run."""
        answered = [query for query in REFUSED[group] if not outcome(server, query)]
        assert not [q for q in answered if "SET" in q or "CREATE" in q.split("'")[0]]
        assert server.read() == steel_case()

    @pytest.mark.usefixtures("no_gate")
    def test_read_access_behind_the_look_at_the_plan(
        self, server: Neo4jStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server_gate, "check_plan", lambda plan: None)
        # TERMINATE ends the transactions named in it, of which there are none.
        writes = [query for query in WRITES if not query.startswith("TERMINATE")]
        assert [query for query in writes if not outcome(server, query)] == []
        assert server.read() == steel_case()

    @pytest.mark.parametrize("clauses", [210, 400])
    def test_plan_too_deep_to_be_looked_at(self, server: Neo4jStore, clauses: int) -> None:
        deep = "".join(f"UNWIND [1] AS x{at} " for at in range(clauses)) + "RETURN 1 AS x"
        with pytest.raises(QueryRefusedError, match="in parts"):
            run_free_on_server(server, deep)

    def test_plan_deep_enough(self, server: Neo4jStore) -> None:
        deep = "".join(f"UNWIND [1] AS x{at} " for at in range(150)) + "RETURN 1 AS x"
        assert run_free_on_server(server, deep).rows == ((1,),)

    @pytest.mark.usefixtures("no_gate")
    def test_no_address_is_fetched(self, server: Neo4jStore) -> None:
        heard = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def wait_for_a_call() -> None:
                listener.settimeout(3)
                try:
                    listener.accept()[0].close()
                    heard.set()
                except OSError:
                    return

            ear = threading.Thread(target=wait_for_a_call)
            ear.start()
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.csv"
            with pytest.raises(QueryRefusedError, match="reads files or addresses"):
                run_free_on_server(server, "LOAD CSV FROM $a AS l RETURN l", {"a": address})
            ear.join()
        assert not heard.is_set()

    @pytest.mark.parametrize("query", PRODUCTS.values(), ids=PRODUCTS.keys())
    def test_work(self, server: Neo4jStore, query: str) -> None:
        begin = time.monotonic()
        with pytest.raises(QueryRefusedError, match=r"longer|more memory"):
            run_free_on_server(server, query, timeout_s=1, row_limit=10)
        assert time.monotonic() - begin < 60  # the machine may be busy


class TestPlan:
    def test_what_a_plan_says(self, server: Neo4jStore) -> None:
        plan = server.explain("MATCH (n:Firm) RETURN n.id AS id")
        assert plan.query_type == "r"
        assert plan.operators[0][0] == "ProduceResults"
        assert "NodeByLabelScan" in [operator for operator, _ in plan.operators]

    def test_a_procedure_of_the_list_passes(
        self, server: Neo4jStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = server.explain("CALL db.labels() YIELD label RETURN label")
        with pytest.raises(QueryRefusedError, match=r"calls the procedure db\.labels"):
            server_gate.check_plan(plan)
        monkeypatch.setattr(server_gate, "ALLOWED_PROCEDURES", frozenset({"db.labels"}))
        server_gate.check_plan(plan)
