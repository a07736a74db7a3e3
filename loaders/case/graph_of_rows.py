"""Rows of all inputs become one graph; what the graph refuses becomes faults of files and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from klaster.graph.canonical_tables import object_table, stacked
from klaster.graph.dictionary import NODE_COLUMNS, TIE_COLUMNS
from klaster.graph.errors import Fault, InputError, file_row
from klaster.graph.io_table import IOTable
from klaster.graph.model import ClusterGraph
from klaster.loaders.case.checker import CASE_FILE
from klaster.loaders.case.expert_statements import stated_ties
from klaster.loaders.case.input_nodes import nodes_of, part_of_ties
from klaster.loaders.case.input_ties import made_actors, ties_of
from klaster.loaders.case.inputs import CaseInputs


@dataclass(frozen=True)
class Placed:
    """A node or a tie, and the input and row it comes from (row 0: no row of its own)."""

    values: Mapping[str, Any]
    input: str
    row: int


@dataclass(frozen=True)
class GraphRows:
    """Nodes and ties of all inputs but the table, each with its place."""

    nodes: tuple[Placed, ...]
    ties: tuple[Placed, ...]


def rows_of_graph(inputs: CaseInputs) -> GraphRows:
    """Return the nodes and ties of the rows that are placed."""
    nodes: list[Placed] = []
    ties: list[Placed] = []
    for name in ("regions", "products", "actors"):
        if read := inputs.rows.get(name):
            nodes += [
                Placed(values, name, row.number)
                for row, values in zip(read.good_rows, nodes_of(read), strict=True)
            ]
    if regions := inputs.rows.get("regions"):
        ties += [Placed(tie, "regions", row) for row, tie in part_of_ties(regions)]
    if read := inputs.rows.get("ties"):
        own = ties_of(read, [tie.values["tie_id"] for tie in ties])
        nodes += [Placed(node, "ties", 0) for node in made_actors(inputs.made_actors, own)]
        ties += [
            Placed(tie, "ties", row.number) for row, tie in zip(read.good_rows, own, strict=True)
        ]
    stated = stated_ties(inputs.settings.experts, [tie.values["tie_id"] for tie in ties])
    ties += [Placed(tie, CASE_FILE, 0) for tie in stated]
    return GraphRows(tuple(nodes), tuple(ties))


def build_graph(
    rows: GraphRows, table: IOTable | None
) -> tuple[ClusterGraph | None, list[tuple[str, int, Fault]]]:
    """Return the graph; where it is refused, None and each fault with its input and row."""
    nodes = object_table([p.values for p in rows.nodes], NODE_COLUMNS)
    ties = object_table([p.values for p in rows.ties], TIE_COLUMNS)
    try:
        if table is not None:
            flows = table.to_graph()
            nodes = stacked(nodes, flows.nodes, "node")
            ties = stacked(ties, flows.ties, "tie")
        return ClusterGraph(nodes, ties), []
    except InputError as error:
        found = []
        for fault in error.faults:
            placed = rows.nodes if fault.file == "nodes" else rows.ties
            place = next((p for k, p in enumerate(placed) if file_row(k) == fault.row), None)
            found.append((place.input, place.row, fault) if place else ("", 0, fault))
        return None, found
