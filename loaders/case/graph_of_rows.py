"""Rows of all inputs become one graph; what the graph refuses becomes faults of files and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from klaster.graph.canonical_tables import canonical_table
from klaster.graph.dictionary import ARROW_TYPES, load_dictionary
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
    nodes = _frame(rows.nodes, ("id", "kind"))
    ties = _frame(rows.ties, ("tie_id", "source_id", "target_id", "tie_type"))
    if table is not None:
        flows = table.to_graph()
        nodes = _joined(nodes, flows.nodes, "node")
        ties = _joined(ties, flows.ties, "tie")
    try:
        return ClusterGraph(nodes, ties), []
    except InputError as error:
        found = []
        for fault in error.faults:
            placed = rows.nodes if fault.file == "nodes" else rows.ties
            place = next((p for k, p in enumerate(placed) if file_row(k) == fault.row), None)
            found.append((place.input, place.row, fault) if place else ("", 0, fault))
        return None, found


def _frame(rows: Sequence[Placed], first: Sequence[str]) -> pd.DataFrame:
    columns = list(dict.fromkeys([*first, *sorted({name for row in rows for name in row.values})]))
    return pd.DataFrame([dict(row.values) for row in rows], columns=columns, dtype=object)


def _joined(own: pd.DataFrame, other: pd.DataFrame, element: Any) -> pd.DataFrame:
    """Put nodes or ties of files above those of the table; a column one lacks is empty there."""
    typed, _ = canonical_table(own, element, element)
    types = dict.fromkeys((*typed.columns, *other.columns), ARROW_TYPES["text"])
    for name, kind in load_dictionary().value_types(element).items():
        types[name] = ARROW_TYPES[kind]

    def widened(part: pd.DataFrame) -> pd.DataFrame:
        empty = {
            name: pd.Series(
                pa.nulls(len(part), types[name]), dtype=pd.ArrowDtype(types[name]), index=part.index
            )
            for name in columns
            if name not in part.columns
        }
        return part.assign(**empty)[columns]

    columns = [str(c) for c in dict.fromkeys([*typed.columns, *other.columns])]
    return pd.concat([widened(typed), widened(other)], ignore_index=True)
