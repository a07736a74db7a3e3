"""Several runs side by side in one graph: list them, take one out, put one in.

A run is a ``Run`` node, the ``Cluster`` nodes it found and the ties at them (``IN_CLUSTER``,
``FOUND_IN``). Everything else is the case: what is known whoever looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import ClusterGraph

RESULT_KINDS = ("Run", "Cluster")
"""Kinds of node that belong to a run."""


def run_ids(graph: ClusterGraph) -> tuple[str, ...]:
    """Return the keys of the runs a graph holds, sorted.

    A run counts by its node or by a cluster that names it.

    Parameters
    ----------
    graph
        Any graph, with results or without.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     nodes=[
    ...         {"id": "case:1", "kind": "Run", "name": "seed 1"},
    ...         {"id": "case:1:joint-1", "kind": "Cluster", "name": "first", "run_id": "case:1",
    ...          "layer": "joint", "cluster_no": 1},
    ...     ],
    ...     ties=[],
    ... )
    >>> run_ids(graph)
    ('case:1',)
    """
    return tuple(sorted(set(_run_of(graph).values())))


def without_run(graph: ClusterGraph, run_id: str) -> ClusterGraph:
    """Return the graph without one run: its ``Run`` and ``Cluster`` nodes and all ties at them.

    Actors, industries, their ties and the other runs stay as they are.

    Parameters
    ----------
    graph
        A graph with results.
    run_id
        Key of the run, one of :func:`run_ids`.

    Raises
    ------
    UnknownNameError
        Where the graph holds no such run; the text lists those it holds.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     nodes=[{"id": key, "kind": "Run", "name": key} for key in ("case:1", "case:2")],
    ...     ties=[],
    ... )
    >>> run_ids(without_run(graph, "case:1"))
    ('case:2',)
    """
    run_of = _run_of(graph)
    known = set(run_of.values())
    if run_id not in known:
        raise UnknownNameError("run", run_id, known)
    gone = [node for node, run in run_of.items() if run == run_id]
    nodes, ties = graph.to_pandas()
    at_gone = ties["source_id"].isin(gone) | ties["target_id"].isin(gone)
    return ClusterGraph(
        nodes[~nodes["id"].isin(gone).to_numpy(dtype=bool)],
        ties[~at_gone.to_numpy(dtype=bool)],
    )


def merge_run(graph: ClusterGraph, results_graph: ClusterGraph) -> ClusterGraph:
    """Return the graph with the runs of another one put beside its own.

    Of ``results_graph`` only the ``Run`` and ``Cluster`` nodes and the ties at them are taken. A
    run that ``graph`` holds already is replaced by the other graph's, so that merging twice is
    merging once.

    Parameters
    ----------
    graph
        The case, with runs or without.
    results_graph
        The graph a run was written into, as ``klaster.analyze(case).graph``.

    Raises
    ------
    InputError
        With every fault: ``results_graph`` holds no run, a member of its clusters is not in
        ``graph``, or a key of the run is the key of something else there.

    Examples
    --------
    >>> case = ClusterGraph.build(
    ...     nodes=[{"id": "mine", "kind": "Actor", "name": "Mine", "actor_type": "Firm",
    ...             "sphere": "business"}],
    ...     ties=[],
    ... )
    >>> run = ClusterGraph.build(nodes=[{"id": "case:1", "kind": "Run", "name": "1"}], ties=[])
    >>> both = merge_run(case, run)
    >>> both, run_ids(both), without_run(both, "case:1") == case
    (ClusterGraph(2 nodes, 0 ties), ('case:1',), True)
    """
    added = _run_of(results_graph)
    for run in sorted(set(added.values()) & set(run_ids(graph))):
        graph = without_run(graph, run)
    nodes, ties = results_graph.to_pandas()
    nodes = nodes[nodes["id"].isin(list(added)).to_numpy(dtype=bool)]
    at_result = ties["source_id"].isin(list(added)) | ties["target_id"].isin(list(added))
    ties = ties[at_result.to_numpy(dtype=bool)]
    faults = [*_no_run(added), *_clashes(graph, nodes, ties), *_strangers(graph, added, ties)]
    if faults:
        raise InputError(faults, "the run")
    base_nodes, base_ties = graph.to_pandas()
    return ClusterGraph(
        pd.concat([base_nodes, nodes], ignore_index=True),
        pd.concat([base_ties, ties], ignore_index=True),
    )


def _run_of(graph: ClusterGraph) -> dict[str, str]:
    """Return the run each node of a result belongs to."""
    nodes = graph.nodes
    nodes = nodes[nodes["kind"].isin(RESULT_KINDS).to_numpy(dtype=bool)]
    named = nodes["run_id"].tolist() if "run_id" in nodes.columns else [pd.NA] * len(nodes)
    rows = zip(nodes["id"].tolist(), nodes["kind"].tolist(), named, strict=True)
    return {node: str(node if kind == "Run" else run) for node, kind, run in rows}


def _no_run(added: dict[str, str]) -> Iterable[Fault]:
    if not added:
        yield Fault(
            file="nodes",
            column="kind",
            code="no-run",
            problem="there is no run in the graph of results",
            remedy="Give the graph of an analysis, as klaster.analyze(case).graph.",
        )


def _clashes(graph: ClusterGraph, nodes: pd.DataFrame, ties: pd.DataFrame) -> Iterable[Fault]:
    for name, column, given, there in (
        ("nodes", "id", nodes, graph.nodes),
        ("ties", "tie_id", ties, graph.ties),
    ):
        for key in sorted(set(given[column].tolist()) & set(there[column].tolist())):
            yield Fault(
                file=name,
                column=column,
                code="duplicate-key",
                value=key,
                problem="the graph has this key for something that is not of this run",
                remedy="Give the run, or what is in the graph, another key.",
            )


def _strangers(graph: ClusterGraph, added: dict[str, str], ties: pd.DataFrame) -> Iterable[Fault]:
    known = {*added, *graph.nodes["id"].tolist()}
    for node in sorted({*ties["source_id"].tolist(), *ties["target_id"].tolist()} - known):
        yield Fault(
            file="ties",
            column="source_id",
            code="unknown-node",
            value=node,
            problem="a member of the run's clusters is not in the graph",
            remedy="Merge the run into the case it was made from.",
        )
