"""What every store must do, written once: subclass it with a fixture ``store``, an empty store."""

from __future__ import annotations

import pytest
from example_graphs import steel_case
from graph_strategies import cluster_graphs
from hypothesis import HealthCheck, Phase, given, settings

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.contract import GraphStore

WRITES = (
    "CREATE (n:Actor {id: 'intruder'})",
    "MATCH (n:Actor) SET n.name = 'x'",
    "MATCH (n:Actor) REMOVE n.name",
    "MATCH (n:Actor) DETACH DELETE n",
    "MERGE (n:Actor {id: 'intruder'})",
    "MATCH (a:Actor) FOREACH (x IN [1] | SET a.name = 'x')",
)


class StoreContract:
    """Tests of the :class:`~klaster.graph.stores.contract.GraphStore` contract."""

    round_trips = 60
    """How many random graphs are written and read back; a slow store may lower it."""

    def test_case_round_trip(self, store: GraphStore) -> None:
        graph = steel_case()
        store.write(graph)
        assert store.read() == graph

    def test_empty_graph(self, store: GraphStore) -> None:
        graph = ClusterGraph.build([], [])
        report = store.write(graph)
        assert not report.nodes
        assert not report.ties
        assert store.read() == graph

    def test_random_round_trips(self, store: GraphStore) -> None:
        @settings(
            max_examples=self.round_trips,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(graph=cluster_graphs())
        def round_trip(graph: ClusterGraph) -> None:
            store.write(graph)
            back = store.read()
            assert back == graph
            assert back.digest() == graph.digest()

        round_trip()

    def test_report_counts_what_is_there(self, store: GraphStore) -> None:
        report = store.write(steel_case())
        assert dict(report.nodes) == {
            "Actor": 11,
            "Cluster": 1,
            "Industry": 3,
            "Region": 2,
            "Run": 1,
        }
        assert report.ties["SUPPLIES"] == 8
        assert report.ties["FLOWS_TO"] == 4
        assert sum(report.ties.values()) == len(steel_case().ties)

    def test_write_replaces(self, store: GraphStore) -> None:
        store.write(steel_case())
        other = steel_case().select(kinds=["Region"])
        store.write(other)
        assert store.read() == other

    def test_progress_ends_at_the_total(self, store: GraphStore) -> None:
        calls: list[tuple[str, int, int]] = []
        store.write(
            steel_case(), progress=lambda what, done, total: calls.append((what, done, total))
        )
        last = {what: (done, total) for what, done, total in calls}
        assert last["nodes"] == (18, 18)
        assert last["ties"] == (len(steel_case().ties),) * 2

    def test_labels_and_types(self, store: GraphStore) -> None:
        store.write(steel_case())
        rows = store.run(
            "MATCH (a:Actor:University)-[r]->(b:Firm) "
            "RETURN a.id AS a, type(r) AS t, b.id AS b ORDER BY b"
        ).rows
        assert rows == (("tech", "RD_COOPERATION", "coke"), ("tech", "TRAINS_STAFF_FOR", "steel"))

    def test_parallel_and_self_ties(self, store: GraphStore) -> None:
        store.write(steel_case())
        rows = store.run(
            "MATCH (a:Actor)-[r:SUPPLIES]->(b:Actor {id: 'steel'}) "
            "RETURN a.id AS a, count(r) AS k ORDER BY a"
        ).rows
        assert rows == (("coke", 1), ("ore", 2), ("power", 1), ("scrap", 1), ("steel", 1))

    def test_a_missing_name_stays_missing(self, store: GraphStore) -> None:
        store.write(steel_case())
        rows = store.run("MATCH (n:Actor {id: 'ore'}) RETURN n.name_ru AS ru, n.name_kk AS kk").rows
        assert rows == ((None, "Кен"),)

    def test_parameters_are_values_not_text(self, store: GraphStore) -> None:
        store.write(steel_case())
        evil = "x' RETURN 1 AS x //"
        rows = store.run("MATCH (n:Actor) WHERE n.name = $p RETURN n.id AS id", {"p": evil}).rows
        assert rows == ()

    def test_row_limit(self, store: GraphStore) -> None:
        store.write(steel_case())
        query = "MATCH (n:Actor) RETURN n.id AS id ORDER BY id"
        cut, whole = store.run(query, row_limit=3), store.run(query, row_limit=11)
        assert [row[0] for row in cut.rows] == ["akimat", "assoc", "coke"]
        assert cut.truncated
        assert len(whole.rows) == 11
        assert not whole.truncated
        assert whole.columns == ("id",)

    def test_columns_of_an_empty_result(self, store: GraphStore) -> None:
        store.write(steel_case())
        result = store.run("MATCH (n:Actor) WHERE n.id = 'none' RETURN n.id AS id, n.name AS name")
        assert result.columns == ("id", "name")
        assert result.rows == ()

    @pytest.mark.parametrize("query", WRITES)
    def test_run_never_writes(self, store: GraphStore, query: str) -> None:
        store.write(steel_case())
        with pytest.raises(StoreError):
            store.run(query)
        assert store.read() == steel_case()

    def test_syntax_error_is_a_store_error(self, store: GraphStore) -> None:
        with pytest.raises(StoreError, match=r"(?i)syntax|invalid"):
            store.run("MATCH (n RETURN n.id AS id")

    def test_missing_parameter(self, store: GraphStore) -> None:
        store.write(steel_case())
        with pytest.raises(StoreError, match="nosuch"):
            store.run("MATCH (n:Actor) WHERE n.id = $nosuch RETURN n.id AS id")

    def test_timeout(self, store: GraphStore) -> None:
        with pytest.raises(QueryRefusedError):
            store.run(
                "UNWIND range(1, 30000) AS a UNWIND range(1, 30000) AS b "
                "UNWIND range(1, 30000) AS c RETURN count(*) AS k",
                timeout_s=0.3,
            )
        assert store.run("RETURN 1 AS x").rows == ((1,),)

    def test_close_twice(self, store: GraphStore) -> None:
        store.close()
        store.close()
