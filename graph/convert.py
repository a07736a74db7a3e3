"""Node and tie tables to and from NetworkX, and to the values that graph files hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
import pandas as pd

from klaster.graph.canonical_tables import CONVERTERS, EXTRA_NAME, plain, records, type_of_extra
from klaster.graph.dictionary import Element, load_dictionary
from klaster.graph.errors import Fault, InputError, file_row
from klaster.graph.spelling import transliterated

Row = dict[str, Any]
AMOUNTS = ("value", "amount", "weight")
"""Edge attributes that are read as ``value``; where a graph has several, the first."""


def to_networkx(nodes: pd.DataFrame, ties: pd.DataFrame) -> nx.MultiDiGraph[str]:
    """Return canonical tables as a ``networkx.MultiDiGraph`` (:meth:`ClusterGraph.to_networkx`)."""
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in records(nodes):
        result.add_node(node.pop("id"), **node)
    for tie in records(ties):
        ends = (tie.pop("source_id"), tie.pop("target_id"))
        result.add_edge(*ends, key=tie.pop("tie_id"), **tie)
    return result


def exchange_values(attributes: Mapping[str, Any]) -> dict[str, str | int | float | bool]:
    """Return attributes as values that writers of GraphML and GEXF take.

    Lists become texts joined by ``"; "``, dates texts (``2024-01-31``); what is missing is left
    out.

    Examples
    --------
    >>> exchange_values({"aliases": ["Qarmet", "Кармет"], "year": 2024, "note": None})
    {'aliases': 'Qarmet; Кармет', 'year': 2024}
    """
    found: dict[str, str | int | float | bool] = {}
    for name, given in attributes.items():
        value = plain(given)
        if isinstance(value, list):
            value = "; ".join(map(str, value))
        if value is not None:
            found[name] = value if isinstance(value, (bool, int, float)) else str(value)
    return found


@dataclass
class NetworkxRows:
    """What became of a NetworkX graph: rows of nodes and ties, and what to know about them."""

    nodes: list[Row]
    ties: list[Row]
    notes: list[str]

    def named(self, fault: Fault) -> Fault:
        """Return a fault of a row as one of the node or edge that the row was made of."""
        rows = {"nodes": self.nodes, "ties": self.ties}.get(fault.file)
        if rows is None or not fault.row:
            return fault
        row = rows[fault.row - file_row(0)]
        place = f"node {row['id']!r}" if "id" in row else _edge(row["source_id"], row["target_id"])
        return replace(fault, file=place, row=0)


def _edge(source: str, target: str) -> str:
    return f"edge {source!r} -> {target!r}"


def rows_of_networkx(
    graph: nx.Graph[Any],
    *,
    node: Mapping[str, str],
    actor: Mapping[str, str],
    tie: Mapping[str, str],
) -> NetworkxRows:
    """Return the rows of any NetworkX graph (see :meth:`ClusterGraph.from_networkx`).

    Parameters
    ----------
    graph
        Directed or not, with parallel edges or not.
    node, actor, tie
        Attributes of nodes, of actors among them, and of edges that do not give them themselves.

    Raises
    ------
    InputError
        Where two nodes would get one key, or edges without direction a type that has one.
    """
    notes: list[str] = []
    keys = _text_keys(graph, notes)
    nodes: list[Row] = []
    kinds, other_kinds = {*load_dictionary().node_kinds(), node["kind"]}, set[str]()
    for key, attributes in sorted(
        ((keys[n], a) for n, a in graph.nodes(data=True)), key=lambda pair: pair[0]
    ):
        row = {**node, **_given(attributes)}
        if row["kind"] not in kinds:
            row |= {"x_kind": row["kind"], "kind": node["kind"]}
            other_kinds.add(str(row["x_kind"]))
        if row["kind"] == "Actor":
            row = {**actor, **row}
        nodes.append({"name": str(row.get("label", key)), **row, "id": key})
    if other_kinds:
        words = ", ".join(sorted(other_kinds))
        notes.append(f"kinds of nodes outside the dictionary are kept as x_kind: {words}")
    ties = _tie_rows(graph, keys, tie)
    if not graph.is_directed():
        _check_direction(ties)
    _rename_amounts(ties, notes)
    _rename_others(nodes, "node", "kind", ("id", "kind"), notes)
    _rename_others(ties, "tie", "tie_type", ("tie_id", "source_id", "target_id", "tie_type"), notes)
    return NetworkxRows(nodes, ties, notes)


def _given(attributes: Mapping[Any, Any]) -> Row:
    """Return the attributes that have a value, as plain values by names that are texts."""
    found = {str(name): plain(value) for name, value in attributes.items()}
    return {name: value for name, value in found.items() if value is not None}


def _text_keys(graph: nx.Graph[Any], notes: list[str]) -> dict[Any, str]:
    keys = {node: node if isinstance(node, str) else str(node) for node in graph.nodes}
    twice = sorted(key for key, count in Counter(keys.values()).items() if count > 1)
    if twice:
        raise InputError(
            [
                Fault(
                    file=f"node {key!r}",
                    code="duplicate-key",
                    value=", ".join(sorted(repr(n) for n in keys if keys[n] == key)),
                    problem="nodes that are different would have one key as texts",
                    remedy="Rename them: networkx.relabel_nodes(graph, {node: 'text'}).",
                )
                for key in twice
            ],
            "the NetworkX graph",
        )
    if any(not isinstance(node, str) for node in keys):
        notes.append("identifiers of nodes that were no texts are read as texts")
    return keys


def _tie_rows(
    graph: nx.Graph[Any], keys: Mapping[Any, str], defaults: Mapping[str, str]
) -> list[Row]:
    """Return a row for each edge; the smaller key is the source where there is no direction."""
    edges: Iterable[tuple[Any, Any, Any, Mapping[Any, Any]]] = (
        graph.edges(keys=True, data=True)
        if isinstance(graph, nx.MultiGraph)
        else ((source, target, None, given) for source, target, given in graph.edges(data=True))
    )
    rows = []
    for source, target, edge_key, attributes in edges:
        ends = [keys[source], keys[target]]
        if not graph.is_directed():
            ends.sort()
        row = {**defaults, **_given(attributes)}
        rows.append((ends, str(row["tie_type"]), edge_key, row))
    rows.sort(key=lambda row: (*row[0], row[1], str(row[2])))
    own = Counter(str(key) for *_, key, _ in rows if isinstance(key, str))
    used = {key for key, count in own.items() if count == 1}
    ties: list[Row] = []
    for (source, target), tie_type, edge_key, row in rows:
        tie_id = edge_key
        if edge_key not in used:
            stem = f"{source}>{tie_type}>{target}" + ("" if edge_key is None else f"#{edge_key}")
            tie_id, count = stem, 1
            while tie_id in used:
                count += 1
                tie_id = f"{stem}.{count}"
            used.add(tie_id)
        ties.append({**row, "tie_id": tie_id, "source_id": source, "target_id": target})
    return ties


def _check_direction(ties: Iterable[Row]) -> None:
    symmetric = sorted(load_dictionary().symmetric_types())
    faults = [
        Fault(
            file=_edge(tie["source_id"], tie["target_id"]),
            column="tie_type",
            code="no-direction",
            value=str(tie["tie_type"]),
            problem="the type has a direction and the graph has none",
            remedy=f"Give a networkx.DiGraph, or one of the types {', '.join(symmetric)}.",
        )
        for tie in ties
        if tie["tie_type"] not in symmetric
    ]
    if faults:
        raise InputError(faults, "the NetworkX graph")


def _rename_amounts(ties: Sequence[Row], notes: list[str]) -> None:
    present = [name for name in AMOUNTS if any(name in tie for tie in ties)]
    if not present or present[0] == "value":
        return
    for tie in ties:
        if present[0] in tie:
            tie["value"] = tie.pop(present[0])
    notes.append(f"the attribute {present[0]} of edges is read as value")


def _rename_others(
    rows: Sequence[Row], element: Element, kind_column: str, fixed: Sequence[str], notes: list[str]
) -> None:
    """Give attributes that the kind of a row does not have names of one's own (``x_…``)."""
    dictionary = load_dictionary()
    allowed: dict[str, dict[str, str]] = {}
    new_names: dict[str, str] = {}
    taken = {name for row in rows for name in row if EXTRA_NAME.fullmatch(name)}
    for row in rows:
        kind = str(row[kind_column])
        if kind not in allowed:
            known = dictionary.attributes_of(element, kind)
            allowed[kind] = {a.name: a.type for a in known if a.name not in fixed}
        for name in sorted(row):
            if name in fixed or EXTRA_NAME.fullmatch(name):
                continue
            if name in allowed[kind]:
                if allowed[kind][name] == "text" and isinstance(row[name], (bool, int, float)):
                    row[name] = str(row[name])
                if allowed[kind][name] == "list" and isinstance(row[name], str):
                    row[name] = row[name].split("; ")
                continue
            if name not in new_names:
                new_names[name] = _own_name(name, taken)
                taken.add(new_names[name])
            row[new_names[name]] = row.pop(name)
    what = "nodes" if element == "node" else "edges"
    if new_names:
        renamed = ", ".join(f"{old} as {new}" for old, new in sorted(new_names.items()))
        notes.append(f"attributes of {what} outside the dictionary are kept: {renamed}")
    for name in sorted(taken):
        having = [row for row in rows if name in row]
        if not _fits_a_type([row[name] for row in having]):
            for row in having:
                row[name] = str(row[name])
            notes.append(
                f"the attribute {name} of {what} has values of several kinds: read as texts"
            )


def _own_name(name: str, taken: set[str]) -> str:
    stem = "x_" + (re.sub("[^a-z0-9]+", "_", transliterated(name)).strip("_") or "attribute")
    own, count = stem, 1
    while own in taken:
        count += 1
        own = f"{stem}_{count}"
    return own


def _fits_a_type(values: Sequence[Any]) -> bool:
    convert, _ = CONVERTERS[type_of_extra(values)]
    try:
        for value in values:
            if not isinstance(value, str):  # what forbids a text is told where tables are checked
                convert(value)
    except ValueError:
        return False
    return True
