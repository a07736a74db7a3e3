"""Conversion of a cluster graph to and from NetworkX, with every attribute."""

from __future__ import annotations

from typing import Any

import networkx as nx

from klaster.graph.canonical_tables import records
from klaster.graph.model import ClusterGraph


def to_networkx(graph: ClusterGraph) -> nx.MultiDiGraph[str]:
    """Return the graph as a ``networkx.MultiDiGraph``.

    Nodes are added in sorted order and ties in the order of the tie table, so that algorithms
    that walk the graph do the same on every run. The key of an edge is its ``tie_id``; missing
    values are left out; ``tie_type`` and every other attribute are edge attributes. No edge is
    given a ``weight``: say which attribute is meant, and whether it is a strength or a distance.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     nodes=[{"id": "KRG", "kind": "Region", "name": "Karaganda", "code": "KRG",
    ...             "region_type": "oblast"}],
    ...     ties=[],
    ... )
    >>> to_networkx(graph).nodes["KRG"]["name"]
    'Karaganda'
    """
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in records(graph.nodes):
        result.add_node(node.pop("id"), **node)
    for tie in records(graph.ties):
        ends = (tie.pop("source_id"), tie.pop("target_id"))
        result.add_edge(*ends, key=tie.pop("tie_id"), **tie)
    return result


def from_networkx(graph: nx.MultiDiGraph[Any]) -> ClusterGraph:
    """Make a cluster graph of a ``networkx.MultiDiGraph``: the reverse of :func:`to_networkx`.

    Parameters
    ----------
    graph
        Nodes carry ``kind`` and attributes of the dictionary; edges carry ``tie_type``.
        An edge whose key is not a text is given a ``tie_id`` of its ends, type and key.

    Raises
    ------
    InputError
        With every fault found; a graph that is not a multigraph or not directed raises
        :class:`TypeError`.
    """
    if not (graph.is_directed() and graph.is_multigraph()):
        raise TypeError(
            f"a networkx.MultiDiGraph is needed, this is a {type(graph).__name__}: "
            "make one with networkx.MultiDiGraph(graph)"
        )
    nodes = [{"id": str(node), **attributes} for node, attributes in graph.nodes(data=True)]
    ties = []
    for source, target, key, attributes in graph.edges(keys=True, data=True):
        tie_id = (
            key
            if isinstance(key, str)
            else f"{source}>{attributes.get('tie_type', '')}>{target}#{key}"
        )
        ties.append(
            {"tie_id": tie_id, "source_id": str(source), "target_id": str(target), **attributes}
        )
    return ClusterGraph.build(nodes, ties)
