"""A store opened to be asked: answers as tables, graphs and drawings."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
import pytest
from example_graphs import steel_case

import klaster
from klaster.answers import PAIRS, Answer
from klaster.graph.errors import KlasterError, QueryRefusedError, StoreError, UnknownNameError
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.queries.catalog import load_catalog


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with EmbeddedStore() as store:
        store.write(steel_case())
        store.save(folder / "graph.kgl")
    return folder


def test_a_named_query_takes_a_name_an_alias_and_a_mapping(place: Path) -> None:
    with klaster.open_store(place) as store:
        by_key = store.ask("suppliers", actor="steel", tiers=2)
        assert by_key.to_frame()["supplier"].tolist()[:2] == ["Coke plant", "Ore mine"]
        for name in ("Steelworks", "Қарметкомбинат", "qarmet"):
            assert store.ask("suppliers", actor=name, tiers=2) == by_key
        words = {"from": "coke", "to": "steel"}
        assert store.ask("shortest-path", words).rows[0][0] == 1


def test_a_named_query_becomes_a_graph(place: Path, tmp_path: Path) -> None:
    with klaster.open_store(place / "graph.kgl") as store:
        graph = store.ask("suppliers", actor="steel", tiers=1).to_networkx()
    assert set(graph.predecessors("steel")) == {"coke", "ore", "power", "steel"}
    assert graph.nodes["coke"] == {"name": "Coke plant"}
    assert graph.edges["coke", "steel", "s2"]["source"] == "source of s2"
    nx.write_graphml(graph, tmp_path / "suppliers.graphml")
    nx.write_gexf(graph, tmp_path / "suppliers.gexf")


@pytest.mark.parametrize(
    "returned",
    ["a, r, b", "r, a, b", "[a, r, b] AS held", "p"],
    ids=["row", "tie first", "list", "path"],
)
def test_whole_nodes_and_ties_become_a_graph(place: Path, returned: str) -> None:
    text = f"MATCH p = (a:Actor {{id: 'coke'}})-[r:SUPPLIES]->(b) RETURN {returned}"
    with klaster.open_store(place) as store:
        graph = store.query(text).to_networkx()
    assert sorted(graph.edges(keys=True)) == [("coke", "steel", "s2")]
    assert graph.nodes["steel"]["name_ru"] == "Қарметкомбинат"
    assert graph.nodes["steel"]["labels"] == "Actor; Firm"
    assert graph.edges["coke", "steel", "s2"]["tie_type"] == "SUPPLIES"


def test_a_tie_alone_knows_its_ends(place: Path) -> None:
    with klaster.open_store(place) as store:
        graph = store.query("MATCH ()-[r:SUPPLIES]->() RETURN r").to_networkx()
    expected = steel_case().ties
    expected = expected[expected["tie_type"] == "SUPPLIES"]
    assert sorted(graph.edges(keys=True)) == sorted(
        zip(expected["source_id"], expected["target_id"], expected["tie_id"], strict=True)
    )


def test_keys_of_both_ends_become_ties(place: Path) -> None:
    text = (
        "MATCH (a:Actor)-[r]->(b:Actor) WHERE a.id = $start "
        "RETURN a.id AS source_id, a.name AS source_name, b.id AS target_id, r.year AS year"
    )
    with klaster.open_store(place) as store:
        graph = store.query(text, {"start": "coke"}).to_networkx()
    assert graph.nodes["coke"] == {"name": "Coke plant"}
    assert graph.nodes["steel"] == {}


def test_an_answer_without_ends_says_which_columns_are_needed(place: Path) -> None:
    with (
        klaster.open_store(place) as store,
        pytest.raises(KlasterError, match=r"its columns are id, name.*a\.id AS source_id"),
    ):
        store.query("MATCH (a:Actor) RETURN a.id AS id, a.name AS name").to_networkx()


def test_every_named_query_on_ties_becomes_a_graph() -> None:
    """A query whose rows are ties names both ends by one of the pairs."""
    checked = 0
    for name, query in load_catalog().items():
        columns = {column.name for column in query.columns}
        if "tie_id" in columns:
            checked += 1
            assert any(set(pair) <= columns for pair in PAIRS), name
    assert checked >= 3


def test_a_drawing_loads_nothing_and_runs_no_data(place: Path, tmp_path: Path) -> None:
    answer = Answer(("from_id", "from_name", "to_id"), (("m", "</script><script>alert(1)", "b"),))
    page = answer.draw(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert "</script><script>alert" not in page
    assert not re.search(r"<(link|script|img)[^>]*https?://", page)
    network = answer.to_pyvis()
    assert network.get_node("m")["label"] == "</script><script>alert(1)"


def test_wrong_questions_are_answered(place: Path) -> None:
    with klaster.open_store(place) as store:
        with pytest.raises(UnknownNameError, match="did you mean 'suppliers'"):
            store.ask("supliers", actor="steel")
        with pytest.raises(UnknownNameError, match="did you mean 'tiers'"):
            store.ask("suppliers", actor="steel", tier=2)
        with pytest.raises(StoreError, match="Nearest: Steelworks"):
            store.ask("suppliers", actor="Stelworks")
        with pytest.raises(QueryRefusedError, match="DELETE writes"):
            store.query("MATCH (n) DELETE n")
        with pytest.raises(QueryRefusedError, match="more steps"):
            store.query("UNWIND range(1, 100000000) AS x RETURN sum(x) AS s")
        assert store.query("UNWIND [1, 2] AS x RETURN x", row_limit=1).truncated
    with pytest.raises(StoreError, match="closed"):
        store.ask("suppliers", actor="steel")
    with pytest.raises(StoreError, match="closed"):
        store.query("RETURN 1 AS x")
    with pytest.raises(StoreError, match="no store at"):
        klaster.open_store("nowhere.kgl")


def test_an_answer_prints_short() -> None:
    answer = Answer(("id",), tuple((k,) for k in range(1000)))
    assert repr(answer) == "Answer(1000 rows: id)"
    assert "<table" in answer._repr_html_()
