"""The books of a case: rows and amounts that came in were placed or set aside; and its report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from klaster.graph.canonical_tables import records
from klaster.graph.io_table import IOTable
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import Book, QualityReport
from klaster.loaders.case.graph_of_rows import GraphRows
from klaster.loaders.case.input_rows import ReadInput, Row
from klaster.loaders.case.inputs import CaseInputs, ReadTable
from klaster.loaders.case.quality import (
    actor_statistics,
    amounts_by_unit,
    money_books,
    rejected_table,
    tie_statistics,
)


def report_of(
    inputs: CaseInputs, rows: GraphRows | None, graph: ClusterGraph | None
) -> QualityReport:
    """Return the quality report; without a graph, of the inputs alone."""
    statistics: dict[str, Mapping[str, Any]] = {}
    if graph is not None:
        statistics["actors"] = actor_statistics(graph)
        statistics["ties"] = tie_statistics(graph)
    table = inputs.table
    if table is not None and table.table is not None and table.check is not None:
        coverage = _coverage(graph, table.table)
        statistics["table"] = {**table.check.statistics, "coverage": coverage}
    by_name = sorted(inputs.rows.items())
    books = [_book(name, read, rows, graph) for name, read in by_name]
    if table is not None:
        books.append(_table_book(table, graph))
    return QualityReport(
        loaded=graph is not None,
        books=tuple(books),
        rejected=rejected_table(inputs.all_faults, inputs.rows_aside),
        notes=inputs.notes,
        faults=inputs.all_faults,
        statistics=statistics,
        dropped_columns=tuple(f"{i.file}: {name}" for _, i in by_name for name in i.personal),
    )


def _book(name: str, read: ReadInput, rows: GraphRows | None, graph: ClusterGraph | None) -> Book:
    """Return the book of rows; of nodes and ties, what was placed is counted in the graph."""
    numbers = read.numbers
    aside = [row for row in read.rows if row.number in read.set_aside & numbers]
    placed = len({row.number for row in read.good_rows})
    kept = _amounts(read.good_rows, name)
    if rows is not None and graph is not None:
        if name == "ties":
            own = {tie.values["tie_id"] for tie in rows.ties if tie.input == name}
            ties = graph.ties[np.isin(graph.ties["tie_id"].to_numpy(dtype=object), list(own))]
            placed, kept = len(ties), amounts_by_unit(records(ties))
        elif name in ("actors", "regions", "products"):
            there = set(graph.node_ids.tolist())
            placed = sum(n.values["id"] in there for n in rows.nodes if n.input == name)
    money = money_books(_amounts(read.rows, name), kept, _amounts(aside, name))
    return Book(read.file, name, len(numbers), placed, len(read.set_aside & numbers), money)


def _amounts(rows: Iterable[Row], name: str) -> dict[str, list[float]]:
    """Return the amounts of rows of ties; other inputs have no books of money."""
    return amounts_by_unit(row.values for row in rows) if name == "ties" else {}


def _table_book(read: ReadTable, graph: ClusterGraph | None) -> Book:
    """Return the book of a table: its industries and its flows."""
    table = read.table
    if table is None:
        return Book(read.file, "table", 0, 0, 0)
    unit = f"{table.unit}, {table.currency}" if table.currency else table.unit
    amounts = {unit: table.flows.ravel().tolist()}
    placed, there = amounts, len(table.codes)
    if graph is not None:
        keys = set(table.node_ids)
        there = sum(node in keys for node in graph.node_ids.tolist())
        flows = graph.select(layers=["flows"]).ties
        flows = flows[[source in keys for source in flows["source_id"].tolist()]]
        placed = {unit: flows["value"].tolist() if len(flows) else []}
    return Book(read.file, "table", len(table.codes), there, 0, money_books(amounts, placed, {}))


def _coverage(graph: ClusterGraph | None, table: IOTable) -> float:
    """Return the sum of supply ties in the table's unit and currency over the table's flows."""
    if graph is None:
        return math.nan
    supply = graph.select(layers=["supply"]).ties
    total = float(table.flows.sum())
    if not {"value", "unit", "currency"} <= set(supply.columns) or not total:
        return math.nan
    same = (supply["unit"] == table.unit) & (supply["currency"] == table.currency)
    amounts = supply.loc[same.fillna(False).astype(bool), "value"].dropna()
    return float(amounts.sum()) / total if len(amounts) else math.nan
