"""Any NetworkX graph comes in, and every cluster graph comes back from NetworkX as it was."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import networkx as nx
import pytest
from graph_strategies import TEXTS, cluster_graphs
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.graph.convert import exchange_values
from klaster.graph.errors import InputError
from klaster.graph.model import ClusterGraph


def test_code_04_a_bare_directed_graph_is_supply() -> None:
    graph = ClusterGraph.from_networkx(nx.DiGraph([("A", "B")]))
    assert graph.node("A") == {"id": "A", "kind": "Actor", "name": "A", "actor_type": "Firm",
                               "sphere": "business"}  # fmt: skip
    assert graph.to_networkx()["A"]["B"] == {
        "A>SUPPLIES>B": {
            "tie_type": "SUPPLIES",
            "evidence": "not-stated",
            "source": "not stated",
        }
    }
    assert graph.notes == ()


def test_a_graph_without_direction_is_cooperation_whichever_end_comes_first() -> None:
    one = ClusterGraph.from_networkx(nx.Graph([("b", "a")]))
    assert one == ClusterGraph.from_networkx(nx.Graph([("a", "b")]))
    assert one.ties["tie_id"].tolist() == ["a>COOPERATES_WITH>b"]


def test_without_direction_nobody_is_known_to_supply() -> None:
    with pytest.raises(InputError, match=r"edge 'a' -> 'b'.*Give a networkx\.DiGraph"):
        ClusterGraph.from_networkx(nx.Graph([("a", "b")]), tie_type="SUPPLIES")


def test_weights_and_foreign_attributes_keep_their_values() -> None:
    graph = nx.DiGraph()
    graph.add_node(1, label="Mine", club="Mr. Hi", Выручка=5, when=dt.date(2024, 1, 1))
    graph.add_edge(1, 2, weight=3.0, colour="red")
    graph.add_edge(2, 1, weight=4, colour=7)
    found = ClusterGraph.from_networkx(graph, evidence="reported", source="a colleague")
    assert found.node("1") == {
        "id": "1", "kind": "Actor", "name": "Mine", "actor_type": "Firm", "sphere": "business",
        "x_label": "Mine", "x_club": "Mr. Hi", "x_viruchka": 5, "x_when": dt.date(2024, 1, 1),
    }  # fmt: skip
    assert found.ties[["value", "x_colour", "source"]].values.tolist() == [
        [3.0, "red", "a colleague"],
        [4.0, "7", "a colleague"],
    ]
    kept = "club as x_club, label as x_label, when as x_when, Выручка as x_viruchka"
    assert found.notes == (
        "identifiers of nodes that were no texts are read as texts",
        "the attribute weight of edges is read as value",
        f"attributes of nodes outside the dictionary are kept: {kept}",
        "attributes of edges outside the dictionary are kept: colour as x_colour",
        "the attribute x_colour of edges has values of several kinds: read as texts",
    )  # fmt: skip


def test_parallel_edges_stay_apart_whatever_their_keys() -> None:
    graph = nx.MultiDiGraph()
    for ends in ("ab", "ab", "bc"):
        graph.add_edge(*ends, key=graph.number_of_edges(*ends) if ends == "ab" else "knows")
    graph.add_edge("c", "a", key="knows")
    assert ClusterGraph.from_networkx(graph).ties["tie_id"].tolist() == [
        "a>SUPPLIES>b#0",
        "a>SUPPLIES>b#1",
        "b>SUPPLIES>c#knows",
        "c>SUPPLIES>a#knows",
    ]


def test_nodes_that_would_become_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"node '1': .*one key as texts \(given: \"'1', 1\"\)"):
        ClusterGraph.from_networkx(nx.DiGraph([(1, "1")]))


def test_a_fault_names_the_node_or_the_edge() -> None:
    graph = nx.DiGraph([("a", "b", {"weight": -1.0})])
    graph.nodes["b"]["sphere"] = "busines"
    with pytest.raises(InputError) as caught:
        ClusterGraph.from_networkx(graph)
    assert [(f.file, f.row, f.column) for f in caught.value.faults] == [
        ("edge 'a' -> 'b'", 0, "value"),
        ("node 'b'", 0, "sphere"),
    ]


@given(cluster_graphs())
@settings(deadline=None, max_examples=50)
def test_the_round_trip_is_exact(graph: ClusterGraph) -> None:
    again = ClusterGraph.from_networkx(graph.to_networkx())
    assert again == graph
    assert again.notes == ()


KEYS = st.one_of(
    st.integers(-2, 5), TEXTS.filter(bool), st.tuples(st.integers(0, 1), st.booleans())
)
LOOSE = st.dictionaries(
    st.one_of(st.integers(0, 1), st.sampled_from(["colour", "Цвет", "x y", "x_y", "id"])),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_infinity=False), TEXTS,
              st.lists(st.integers() | TEXTS, max_size=2), st.dates()),
    max_size=3,
)  # fmt: skip


@given(
    st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]),
    st.lists(st.tuples(KEYS, KEYS, LOOSE), max_size=6),
    st.dictionaries(KEYS, LOOSE, max_size=4),
)
@settings(deadline=None, max_examples=80)
def test_any_graph_comes_in(
    kind: type[nx.Graph[Any]], edges: list[Any], nodes: dict[Any, dict[Any, Any]]
) -> None:
    graph = kind()
    for key, attributes in nodes.items():
        graph.add_node(key)
        graph.nodes[key].update(attributes)
    for source, target, attributes in edges:
        graph.add_edge(source, target)
        if not graph.is_multigraph():
            graph[source][target].update(attributes)
    if len({str(key) for key in graph}) < len(graph):
        with pytest.raises(InputError, match="one key"):
            ClusterGraph.from_networkx(graph)
        return
    found = ClusterGraph.from_networkx(graph)
    assert set(found.node_ids.tolist()) == {str(key) for key in graph}
    assert len(found.ties) == graph.number_of_edges()
    assert ClusterGraph.from_networkx(found.to_networkx()) == found


def test_values_for_graph_files_are_taken_by_the_writers() -> None:
    given = {"aliases": ["Кен", "Mine"], "seen": dt.date(2024, 2, 29), "share": 0.5, "none": None}
    values = exchange_values(given)
    assert values == {"aliases": "Кен; Mine", "seen": "2024-02-29", "share": 0.5}
    graph = nx.MultiDiGraph()
    graph.add_node("mine", **values)
    for write, read in ((nx.write_graphml, nx.read_graphml), (nx.write_gexf, nx.read_gexf)):
        buffer = io.BytesIO()
        write(graph, buffer)
        buffer.seek(0)
        assert values.items() <= read(buffer).nodes["mine"].items()
