"""Answers of a store as a table, as a NetworkX graph and as a drawing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klaster.graph.errors import KlasterError
from klaster.graph.stores.contract import QueryResult
from klaster.results.folder import page_file

if TYPE_CHECKING:
    import networkx as nx
    from pyvis.network import Network

PAIRS = (
    ("source_id", "target_id"),
    ("from_id", "to_id"),
    ("supplier_id", "buyer_id"),
    ("supplier_id", "customer_id"),
    ("seller_id", "buyer_id"),
    ("owner_id", "owned_id"),
    ("funder_id", "receiver_id"),
    ("authority_id", "governed_id"),
    ("member_id", "cluster_id"),
    ("a_id", "b_id"),
    ("source", "target"),
)
"""Columns that together make a row a tie, from the first to the second; the first pair counts."""


class Answer(QueryResult):
    """What a store answered: the rows of a query, and what they become.

    Attributes
    ----------
    columns, rows, truncated, notes
        As of :class:`klaster.graph.stores.contract.QueryResult`.

    Examples
    --------
    >>> answer = Answer(("from_id", "to_id", "value"), (("mine", "mill", 2.0),))
    >>> answer
    Answer(1 row: from_id, to_id, value)
    >>> answer.to_networkx().edges["mine", "mill", 0]
    {'value': 2.0}
    """

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """Return the answer as a graph: its rows are ties, or hold nodes and ties.

        Whole nodes, ties and paths (``RETURN a, r, b``) become nodes and ties with all that is
        known of them. Otherwise each row is a tie between the two keys in a pair of its columns
        (:data:`PAIRS`, as ``source_id`` and ``target_id``); the columns ``source`` and
        ``source_name`` of an end ``source_id`` are its name, all others belong to the tie. Ties
        with a ``tie_id`` that rows repeat are one. A missing value is no attribute; lists and
        dates are texts, so that GraphML and GEXF take them.

        Raises
        ------
        KlasterError
            Where the rows have no two ends.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        held = [list(elements(row)) for row in self.rows]
        pair = next((p for p in PAIRS if set(p) <= set(self.columns)), None)
        if any(held):
            for element in sorted((e for row in held for e in row), key=lambda e: "type" in e):
                _add_element(graph, element)
        elif pair is not None:
            for row in self.rows:
                _add_pair(graph, dict(zip(self.columns, row, strict=True)), *pair)
        else:
            raise KlasterError(
                f"the answer has no ends to tie: its columns are {', '.join(self.columns)}. Return "
                "whole nodes and ties (RETURN a, r, b), or the keys of both ends: "
                "RETURN a.id AS source_id, b.id AS target_id."
            )
        return graph

    def to_pyvis(self) -> Network:
        """Return the graph of the answer as a pyvis network, to be styled and shown.

        Its page loads nothing and escapes all it shows; beside a node or tie stands all that the
        answer tells of it.

        Raises
        ------
        KlasterError
            As :meth:`to_networkx`.
        """
        from pyvis.network import Network

        from klaster.viz.network.pyvis_network import give_page

        graph = self.to_networkx()
        network = Network(height="100%", width="100%", directed=True)
        for node, told in graph.nodes(data=True):
            network.add_node(node, label=str(told.get("name", node)), title=_lines(node, told))
        for source, target, told in graph.edges(data=True):
            network.add_edge(source, target, title=_lines(told.get("tie_type", ""), told))
        give_page(network)
        return network

    def draw(self, path: str | Path) -> Path:
        """Write the graph of the answer as one page that loads nothing; return its path.

        Raises
        ------
        KlasterError
            As :meth:`to_networkx`; for a name that does not end in ``.html``.
        """
        target = page_file(path)
        target.write_text(self.to_pyvis().generate_html(), encoding="utf-8")
        return target


def elements(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the whole nodes and ties in a value, however deep in lists."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from elements(item)
    elif isinstance(value, dict) and "properties" in value and {"labels", "type"} & set(value):
        yield value


def _add_element(graph: nx.MultiDiGraph[Any], element: Mapping[str, Any]) -> None:
    told = _attributes(element["properties"])
    if "labels" in element:
        graph.add_node(told.pop("id", None), labels="; ".join(element["labels"]), **told)
        return
    ends = element.get("source_id"), element.get("target_id")
    if None in ends:
        raise KlasterError(
            f"a tie of type {element['type']} has no ends that klaster knows. Return the keys of "
            "both ends: RETURN a.id AS source_id, b.id AS target_id."
        )
    graph.add_edge(*ends, key=told.get("tie_id"), tie_type=element["type"], **told)


def _add_pair(graph: nx.MultiDiGraph[Any], cells: dict[str, Any], source: str, target: str) -> None:
    ends = []
    for column in (source, target):
        key, stem = cells.pop(column), column.removesuffix("_id")
        names = [f"{stem}_name"] if stem in ("source", "target") else [f"{stem}_name", stem]
        name = next((cells.pop(n) for n in names if n in cells), None)
        if key is not None:
            graph.add_node(key, **_attributes({"name": name}))
            ends.append(key)
    if len(ends) == 2:
        told = _attributes(cells)
        graph.add_edge(ends[0], ends[1], key=told.get("tie_id"), **told)


def _attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as every writer of graphs takes them: no missing ones, lists as texts."""
    return {str(name): _plain(value) for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else value


def _lines(first: str, told: Mapping[str, Any]) -> str:
    return "\n".join([first, *(f"{name}: {value}" for name, value in told.items())]).strip()
