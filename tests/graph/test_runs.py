"""Several runs in one graph: put in, listed, taken out; the case and other runs stay the same."""

from __future__ import annotations

from typing import Any

import pytest
from example_graphs import steel_case
from graph_strategies import cluster_graphs
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.graph.canonical_tables import records
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.runs import merge_run, run_ids, without_run


def result(run: str, members: list[str], of: ClusterGraph) -> ClusterGraph:
    """Return the graph with a run of one cluster, as an analysis writes it."""
    cluster = f"{run}:joint-1"
    nodes: list[dict[str, Any]] = [
        {"id": run, "kind": "Run", "name": run, "seed": 7},
        {"id": cluster, "kind": "Cluster", "name": "Кластер", "run_id": run}
        | {"layer": "joint", "cluster_no": 1},
    ]
    known = {"evidence": "estimated", "source": run}
    ties: list[dict[str, Any]] = [
        {"tie_id": f"{m}>IN_CLUSTER>{cluster}", "source_id": m, "target_id": cluster}
        | {"tie_type": "IN_CLUSTER", "core_rank": 1.0, **known}
        for m in members
    ]
    ties.append(
        {"tie_id": f"{cluster}>FOUND_IN>{run}", "source_id": cluster, "target_id": run}
        | {"tie_type": "FOUND_IN", **known}
    )
    ends = [node for node in records(of.nodes) if node["id"] in members]
    return ClusterGraph.build([*ends, *nodes], ties)


def test_the_run_of_the_example_goes_and_the_case_stays() -> None:
    graph = steel_case()
    assert run_ids(graph) == ("run1",)
    case = without_run(graph, "run1")
    assert run_ids(case) == ()
    assert set(graph.node_ids.tolist()) - set(case.node_ids.tolist()) == {"run1", "run1:joint:1"}
    gone = graph.ties[~graph.ties["tie_id"].isin(case.ties["tie_id"].tolist()).to_numpy(dtype=bool)]
    assert set(gone["tie_type"].tolist()) == {"IN_CLUSTER", "FOUND_IN"}
    assert len(gone) == 4


def test_two_runs_side_by_side() -> None:
    graph = steel_case()
    both = merge_run(graph, result("run2", ["ore", "tech"], graph))
    assert run_ids(both) == ("run1", "run2")
    assert without_run(both, "run2") == graph
    assert len(both.ties) == len(graph.ties) + 3
    alone = without_run(both, "run1")
    assert run_ids(alone) == ("run2",)
    assert merge_run(alone, graph) == both


def test_a_run_that_is_there_is_replaced() -> None:
    graph = steel_case()
    first = merge_run(graph, result("run2", ["ore", "tech"], graph))
    second = merge_run(first, result("run2", ["pipe"], graph))
    assert second == merge_run(graph, result("run2", ["pipe"], graph))
    assert merge_run(second, second) == second


def test_what_the_other_graph_says_of_the_case_is_not_taken() -> None:
    graph = steel_case()
    other = result("run2", ["ore"], graph)
    nodes, ties = other.to_pandas()
    nodes.loc[nodes["id"] == "ore", "name"] = "renamed"
    merged = merge_run(graph, ClusterGraph(nodes, ties))
    assert merged.node("ore")["name"] == "Ore mine"


def test_no_such_run() -> None:
    with pytest.raises(UnknownNameError, match=r"no run 'run9'; did you mean 'run1'"):
        without_run(steel_case(), "run9")
    with pytest.raises(UnknownNameError, match="There are: none"):
        without_run(ClusterGraph.build([], []), "run1")


def test_all_faults_of_a_run_together() -> None:
    graph = steel_case()
    other = result("run2", ["ore", "tech"], graph)
    smaller = graph.select(
        node_ids=[n for n in graph.node_ids.tolist() if n not in ("ore", "tech")]
    )
    with pytest.raises(InputError) as caught:
        merge_run(smaller, other)
    assert [f.value for f in caught.value.faults] == ["ore", "tech"]
    with pytest.raises(InputError, match="no run in the graph of results"):
        merge_run(graph, without_run(graph, "run1"))
    taken = ClusterGraph.build(
        [{"id": "run2", "kind": "Product", "name": "a product called so"}], []
    )
    with pytest.raises(InputError, match="another key"):
        merge_run(taken, result("run2", [], graph))


@settings(max_examples=30)
@given(graph=cluster_graphs(), data=st.data())
def test_out_and_in_again(graph: ClusterGraph, data: st.DataObject) -> None:
    """Taking all runs out leaves no result; a run put beside a case comes out again whole."""
    for run in run_ids(graph):
        graph = without_run(graph, run)
    assert not set(graph.nodes["kind"].tolist()) & {"Run", "Cluster"}
    assert not set(graph.ties["tie_type"].tolist()) & {"IN_CLUSTER", "FOUND_IN"}
    kinds = dict(zip(graph.nodes["id"].tolist(), graph.nodes["kind"].tolist(), strict=True))
    able = [n for n, kind in kinds.items() if kind in ("Actor", "Industry")]
    members = data.draw(st.lists(st.sampled_from(able), unique=True)) if able else []
    merged = merge_run(graph, result("a run of its own", members, graph))
    assert run_ids(merged) == ("a run of its own",)
    assert without_run(merged, "a run of its own") == graph
