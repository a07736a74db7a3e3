"""What the Neo4j store does beyond the contract: others' data, interrupted loads, the schema."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from example_graphs import steel_case
from neo4j_graphs import supply_network

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import InputError, QueryRefusedError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.neo4j_layout import JOURNAL, NAMES_INDEX, OWNED
from klaster.graph.stores.neo4j_store import Neo4jStore

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]


def values(driver: Any, cypher: str, **parameters: Any) -> list[list[Any]]:
    records = driver.execute_query(cypher, parameters, database_="neo4j").records
    return [list(record.values()) for record in records]


def put(driver: Any, cypher: str) -> None:
    driver.execute_query(cypher, database_="neo4j")


class Stop(Exception):  # noqa: N818
    """Raised out of a progress call, to leave a load in the middle."""


def stop_at(stage: str, done: int) -> Any:
    def progress(what: str, so_far: int, total: int) -> None:
        if what == stage and so_far >= done:
            raise Stop

    return progress


# -- what is there afterwards --------------------------------------------------------------------


def test_every_type_of_value(neo4j_store: Neo4jStore, neo4j_driver: Any) -> None:
    actor = {
        "id": "a",
        "kind": "Actor",
        "name": "Қарағанды «А»",
        "actor_type": "Firm",
        "sphere": "business",
        "aliases": ["", "x;y", "z"],
        "x_day": dt.date(2004, 3, 19),
        "x_share": 0.1,
        "x_whole": 2**62,
        "x_said": False,
        "x_none": [],
    }
    graph = ClusterGraph.build([actor], [])
    neo4j_store.write(graph)
    assert neo4j_store.read() == graph
    query = (
        "MATCH (n:Actor:Firm) RETURN n.x_day.year, n.x_day > date('2004-03-18'), n.x_share, "
        "n.x_whole, n.x_said, n.aliases, n.x_none, n.name_ru"
    )
    assert values(neo4j_driver, query) == [
        [2004, True, 0.1, 2**62, False, ["", "x;y", "z"], [], None]
    ]
    row = neo4j_store.run("MATCH (n:Actor) RETURN n.x_day AS day, n AS node").rows[0]
    assert row[0] == dt.date(2004, 3, 19)
    assert row[1]["labels"] == ["Actor", "Firm"]
    assert row[1]["properties"]["x_day"] == dt.date(2004, 3, 19)


def test_the_database_holds_the_graph_and_nothing_else(
    neo4j_store: Neo4jStore, neo4j_driver: Any
) -> None:
    graph = steel_case()
    neo4j_store.write(graph)
    assert values(neo4j_driver, "MATCH (n) RETURN count(n)") == [[len(graph)]]
    assert values(neo4j_driver, "MATCH ()-[r]->() RETURN count(r)") == [[len(graph.ties)]]


def test_schema_of_the_dictionary_is_there(neo4j_store: Neo4jStore, neo4j_driver: Any) -> None:
    neo4j_store.write(steel_case())
    unique = values(
        neo4j_driver,
        "SHOW CONSTRAINTS YIELD labelsOrTypes, properties, type "
        "RETURN labelsOrTypes[0], properties[0], type",
    )
    dictionary = load_dictionary()
    for kind in dictionary.node_kinds():
        assert [kind, "id", "UNIQUENESS"] in unique
    for tie_type in dictionary.tie_type_names():
        assert [tie_type, "tie_id", "RELATIONSHIP_UNIQUENESS"] in unique
    names = {row[0] for row in values(neo4j_driver, "SHOW INDEXES YIELD name RETURN name")}
    assert NAMES_INDEX in names


def test_full_text_finds_names_in_all_languages(neo4j_store: Neo4jStore, neo4j_driver: Any) -> None:
    actors = [
        {"id": "q", "name": "Qarmet", "name_ru": "Кармет", "aliases": ["АрселорМиттал Темиртау"]},
        {"id": "k", "name": "Coal", "name_kk": "Көмір"},
    ]
    rest = {"kind": "Actor", "actor_type": "Firm", "sphere": "business"}
    neo4j_store.write(ClusterGraph.build([actor | rest for actor in actors], []))
    put(neo4j_driver, "CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
    for text, found in (("кармет", "q"), ("Темиртау", "q"), ("көмір", "k"), ("coal", "k")):
        query = "CALL db.index.fulltext.queryNodes('klaster_names', $t) YIELD node RETURN node.id"
        assert values(neo4j_driver, query, t=text) == [[found]], text


def test_small_batches_give_the_same_graph(neo4j_empty: Any) -> None:
    graph = supply_network(60, 700)
    with neo4j_empty.store(batch_rows=37) as store:
        calls: list[tuple[str, int, int]] = []
        store.write(graph, progress=lambda *call: calls.append(call))
        assert store.read() == graph
    for what, total in (("nodes", 60), ("ties", 700)):
        done = [call[1] for call in calls if call[0] == what]
        assert done == sorted(done)
        assert done[-1] == total
        assert {call[2] for call in calls if call[0] == what} == {total}


def test_the_driver_without_its_fast_extension(neo4j_empty: Any) -> None:
    """The tests run with neo4j-rust-ext (the extra neo4j-fast); without it all is the same."""
    script = """
import sys
sys.modules["neo4j._rust"] = None  # as where it is not installed
from neo4j_graphs import supply_network
from klaster.graph.stores.neo4j_store import Neo4jStore
uri, password = sys.stdin.read().split()
with Neo4jStore.connect(uri, password=password) as store:
    store.write(supply_network(40, 300))
    assert store.read() == supply_network(40, 300)
from neo4j._codec.packstream import v1
assert v1._rust_pack is None
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        input=f"{neo4j_empty.uri} {neo4j_empty.password}",
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "support")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    with neo4j_empty.store() as store:
        assert store.read() == supply_network(40, 300)


def test_long_texts_go_in_batches_the_server_can_hold(neo4j_store: Neo4jStore) -> None:
    text = "Қазына " * 30_000  # 390 kB each: all in one transaction would be 23 MB
    nodes = [
        {"id": f"r{k}", "kind": "Region", "name": "R", "code": "R", "region_type": "group"}
        for k in range(60)
    ]
    graph = ClusterGraph.build([node | {"note": f"{k} {text}"} for k, node in enumerate(nodes)], [])
    neo4j_store.write(graph)
    assert neo4j_store.read() == graph


def test_a_cluster_address_works_too(neo4j_empty: Any) -> None:
    graph = steel_case()
    with neo4j_empty.store(neo4j_empty.uri.replace("bolt://", "neo4j://")) as store:
        store.write(graph)
        assert store.read() == graph


def test_version_is_known_and_the_password_is_not_shown(neo4j_empty: Any) -> None:
    with neo4j_empty.store() as store:
        assert tuple(map(int, store.server_version.split(".")[:2])) >= (5, 26)
        assert neo4j_empty.password not in repr(store)
        assert neo4j_empty.password not in repr(vars(store))


# -- others' data --------------------------------------------------------------------------------


def test_data_of_others_is_left_alone(neo4j_store: Neo4jStore, neo4j_driver: Any) -> None:
    put(neo4j_driver, "CREATE (:Person {name: 'A'})-[:KNOWS]->(:Person {name: 'B'})")
    for graph in (steel_case(), steel_case().select(kinds=["Region"])):
        neo4j_store.write(graph)
        assert neo4j_store.read() == graph
    assert values(neo4j_driver, "MATCH (:Person)-[r:KNOWS]->(:Person) RETURN count(r)") == [[1]]


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ("CREATE (:Actor {id: 'mine', name: 'x'})", "1 of label Actor"),
        ("CREATE (:Movie:Region), (:Region)", "1 of label Movie, 2 of label Region"),
        ("CREATE (:P)-[:OWNS {tie_id: 't1'}]->(:P)", "1 OWNS"),
    ],
)
def test_a_mixed_database_is_refused_before_anything_is_written(
    neo4j_store: Neo4jStore, neo4j_driver: Any, theirs: str, named: str
) -> None:
    put(neo4j_driver, theirs)
    before = values(neo4j_driver, "MATCH (n) RETURN labels(n), properties(n)")
    with pytest.raises(StoreError, match=named):
        neo4j_store.write(steel_case())
    assert values(neo4j_driver, "MATCH (n) RETURN labels(n), properties(n)") == before


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ("MATCH (n:Actor {id: 'ore'}) CREATE (:Remark)-[:ABOUT]->(n)", "1 ABOUT"),
        ("MATCH (n:Actor {id: 'ore'}) CREATE (n)-[:LIKES]->(n)", "1 LIKES"),
        ("MATCH (n:Actor {id: 'ore'}) CREATE (n)-[:OWNS]->(n)", "1 OWNS"),
    ],
)
def test_ties_of_others_to_our_nodes_keep_them_from_being_removed(
    neo4j_store: Neo4jStore, neo4j_driver: Any, theirs: str, named: str
) -> None:
    neo4j_store.write(steel_case())
    put(neo4j_driver, theirs)
    with pytest.raises(StoreError, match=named):
        neo4j_store.write(steel_case().select(kinds=["Region"]))
    assert values(neo4j_driver, f"MATCH (n:{OWNED}) RETURN count(n)") == [[len(steel_case())]]


def test_what_was_changed_by_hand_is_said_on_reading(
    neo4j_store: Neo4jStore, neo4j_driver: Any
) -> None:
    neo4j_store.write(steel_case())
    put(neo4j_driver, "MATCH (n:Actor {id: 'ore'}) SET n.sphere = 'sport', n.industry = 7")
    with pytest.raises(StoreError, match=r"(?s)was changed since.*sphere"):
        neo4j_store.read()


# -- interrupted loads ---------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["nodes", "ties"])
def test_an_interrupted_load_is_known_and_gone_on_with(
    neo4j_empty: Any, neo4j_driver: Any, caplog: pytest.LogCaptureFixture, stage: str
) -> None:
    graph = supply_network(300, 600)
    with neo4j_empty.store(batch_rows=50) as store, pytest.raises(Stop):
        store.write(graph, progress=stop_at(stage, 200))
    with neo4j_empty.store(batch_rows=50) as store:
        with pytest.raises(StoreError, match="was interrupted"):
            store.read()
        half = store.run("MATCH (n:Actor) RETURN count(n) AS k")
        assert "interrupted" in half.notes[0]
        calls: list[tuple[str, int, int]] = []
        with caplog.at_level(logging.WARNING, "klaster.neo4j"):
            store.write(graph, progress=lambda *call: calls.append(call))
        assert "gone on with" in caplog.text
        first = next(done for what, done, _ in calls if what == stage)
        assert first >= 200  # what was written is not written again
        assert store.read() == graph
        assert not store.run("MATCH (n:Actor) RETURN count(n) AS k").notes
    assert values(neo4j_driver, f"MATCH (j:{JOURNAL}) RETURN count(j)") == [[0]]


def test_another_graph_after_an_interrupted_load_starts_anew(neo4j_empty: Any) -> None:
    with neo4j_empty.store(batch_rows=50) as store:
        with pytest.raises(Stop):
            store.write(supply_network(300, 600), progress=stop_at("ties", 200))
        store.write(steel_case())
        assert store.read() == steel_case()


def test_of_two_writers_the_first_gives_way(neo4j_empty: Any) -> None:
    with neo4j_empty.store(batch_rows=50) as first, neo4j_empty.store() as second:
        begun: list[str] = []

        def other_begins(what: str, done: int, total: int) -> None:
            if what == "ties" and not begun:
                begun.append(what)
                second.write(steel_case())

        with pytest.raises(StoreError, match="someone else began to write"):
            first.write(supply_network(300, 600), progress=other_begins)
        assert second.read() == steel_case()


def test_a_loss_while_loading_is_found_by_counting(neo4j_empty: Any, neo4j_driver: Any) -> None:
    gone: list[str] = []

    def vandal(what: str, done: int, total: int) -> None:
        if what == "ties" and done == total and not gone:
            gone.append(what)
            put(neo4j_driver, "MATCH ()-[r:SUPPLIES]->() WITH r LIMIT 1 DELETE r")

    with neo4j_empty.store() as store:
        with pytest.raises(StoreError, match="SUPPLIES: 90 given, 89 there"):
            store.write(supply_network(20, 90), progress=vandal)
        with pytest.raises(StoreError, match="interrupted"):
            store.read()


# -- asking --------------------------------------------------------------------------------------


def test_a_query_that_writes_is_refused_whatever_its_spelling(neo4j_store: Neo4jStore) -> None:
    neo4j_store.write(steel_case())
    for query in (
        "CALL { CREATE (n:X) RETURN n } RETURN n",
        "MATCH (n:Actor) CALL (n) { SET n.name = 'x' } RETURN count(n)",
        "CREATE INDEX x IF NOT EXISTS FOR (n:X) ON (n.y)",
        "MATCH (n:Actor) CALL (n) { DETACH DELETE n } IN TRANSACTIONS",
    ):
        with pytest.raises(StoreError):
            neo4j_store.run(query)
    assert neo4j_store.read() == steel_case()


def test_a_write_is_said_to_be_one(neo4j_store: Neo4jStore) -> None:
    with pytest.raises(QueryRefusedError, match="would change the store"):
        neo4j_store.run("CREATE (n:X) RETURN n")


def test_remarks_of_the_server_are_notes(neo4j_store: Neo4jStore) -> None:
    neo4j_store.write(steel_case())
    result = neo4j_store.run("MATCH (n:Aktor) RETURN n.id AS id")
    assert any("Aktor" in note for note in result.notes)


def test_paths_and_times_come_as_plain_values(neo4j_store: Neo4jStore) -> None:
    neo4j_store.write(steel_case())
    row = neo4j_store.run(
        "MATCH p = (:Actor {id: 'ore'})-[:SUPPLIES]->(:Actor {id: 'coke'}) "
        "RETURN p AS p, duration('P1M2DT3S') AS d, datetime('2024-05-01T12:00:00Z') AS t, "
        "{a: [date('2020-01-02')]} AS m LIMIT 1"
    ).rows[0]
    assert [step.get("type") for step in row[0]] == [None, "SUPPLIES", None]
    assert row[1] == {"months": 1, "days": 2, "seconds": 3.0}
    assert row[2] == dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
    assert row[3] == {"a": [dt.date(2020, 1, 2)]}


def test_an_integer_beyond_64_bits_is_a_store_error(neo4j_store: Neo4jStore) -> None:
    with pytest.raises(StoreError):
        neo4j_store.run("RETURN $x AS x", {"x": 2**70})


def test_a_very_long_key_is_named_before_anything_is_written(neo4j_store: Neo4jStore) -> None:
    region = {"kind": "Region", "name": "R", "code": "R", "region_type": "group"}
    graph = ClusterGraph.build([region | {"id": "r"}, region | {"id": "x" * 5000}], [])
    with pytest.raises(InputError, match="5000 bytes"):
        neo4j_store.write(graph)


def test_a_closed_store_says_so(neo4j_empty: Any) -> None:
    store = neo4j_empty.store()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.read()
