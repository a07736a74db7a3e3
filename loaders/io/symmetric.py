"""Symmetric input–output tables as CSV or XLSX: codes in the first row and the first column.

Row sells, column buys. A table is taken as it stands or not at all: a missing cell, a text, a
negative flow or an industry without its row is a fault with the cell named, and an imbalance is
reported, never removed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault
from klaster.graph.io_balance import input_sums
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray
from klaster.loaders.files.cell_values import CellFault, Decimal, is_missing_mark, parse_numbers
from klaster.loaders.files.grid import Grid, Limits
from klaster.loaders.files.reading import read_grid
from klaster.loaders.io.sums_and_parts import SumsAndParts
from klaster.loaders.io.table_layout import Layout, code_of, find_header, layout_faults, layout_of
from klaster.loaders.io.table_reading import TableReading, in_flags
from klaster.loaders.io.table_spec import TableSpec, about_table


def read_symmetric(
    path: Path,
    spec: TableSpec,
    *,
    file: str | None = None,
    encoding: str = "auto",
    separator: str = "auto",
    decimal: Decimal = "auto",
    sheet: str | None = None,
    labels: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """Read a symmetric table whose codes stand in the first row and column.

    The corner is found by itself, titles above it are passed over. Rows and columns that are no
    industries are known by their common English, Russian and Kazakh names, or named in the spec.
    Imports of the industry's product, given as a column, become a final use with a minus sign,
    so that x = Z·1 + f·1.

    Parameters
    ----------
    path
        CSV, TSV or XLSX.
    spec
        What the table is.
    file
        What to call it in faults.
    encoding, separator, decimal, sheet, limits
        As for :func:`klaster.loaders.files.reading.read_grid`.
    labels
        Name of each code; where None, a column of names beside the codes, else the codes.
    """
    grid = read_grid(
        path, file=file, encoding=encoding, separator=separator, sheet=sheet, limits=limits
    )
    return table_of_grid(
        in_flags(grid) if spec.by_flags else grid, spec, decimal=decimal, labels=labels
    )


def table_of_grid(
    grid: Grid,
    spec: TableSpec,
    *,
    decimal: Decimal = "auto",
    labels: Mapping[str, str] | None = None,
) -> TableReading:
    """Make a table of the cells of a file (see :func:`read_symmetric`)."""
    faults, notes = list(grid.faults), list(grid.notes)
    empty = not any(map(any, grid.rows))
    corner = None if empty or not grid.complete else find_header(grid)
    if corner is None:
        if grid.complete and empty:
            remedy = "Give a table: codes of industries in the first row and the first column."
            problem = "the file has no cells"
            faults.append(Fault(file=grid.file, code="empty-file", problem=problem, remedy=remedy))
        elif grid.complete:
            problem = "no row of codes recurs in a column of codes"
            remedy = (
                "Put the codes of the industries in the first row and, the same, in the first "
                "column."
            )
            faults.append(
                Fault(file=grid.file, row=1, code="no-codes", problem=problem, remedy=remedy)
            )
        return TableReading(None, tuple(faults), tuple(notes))
    if corner[0]:
        notes.append(f"{grid.file}: {corner[0]} rows above the header were passed over")
    layout, name_column = layout_of(grid, spec, *corner)
    faults += layout_faults(layout)
    numbers = _read_numbers(layout, grid.separator, decimal, faults, notes)
    faults += _cell_faults(layout, numbers)
    if any(f.severity == "error" for f in faults):
        return TableReading(None, tuple(sorted(set(faults))), tuple(notes))
    sellers = layout.rows("industry")
    codes = [code_of(layout.row_labels[k]) for k in sellers]
    beside = ["" if name_column is None else layout.body[k][1][name_column] for k in sellers]
    names = tuple(
        (labels or {}).get(code) or name or code for code, name in zip(codes, beside, strict=True)
    )
    return _assemble(layout, codes, names, numbers, faults, notes)


_Numbers = Mapping[tuple[int, int], float | None]
"""Number of each cell by row (position in the body) and column."""


def _read_numbers(
    layout: Layout, separator: str, decimal: Decimal, faults: list[Fault], notes: list[str]
) -> _Numbers:
    """Read all cells of rows and columns that count; the whole table shares one decimal sign."""
    rows, columns = layout.row_roles, layout.column_roles
    # Where a special row meets a special column tables hold anything: it is not read.
    where = [
        (k, at)
        for k, row in rows.items()
        for at, column in columns.items()
        if not {row, column} & {"ignored", "unknown"} and "industry" in (row, column)
    ]
    texts = [layout.body[k][1][at] for k, at in where]
    parsed = parse_numbers(texts, decimal=decimal, separator=separator)
    wrong = set()
    for cell in parsed.faults:
        k, at = where[cell.position]
        text = texts[cell.position]
        wrong.add((k, at))
        faults.append(layout.fault(
            cell.code, cell.problem, _cell_remedy(layout.spec, cell, text), row=layout.body[k][0],
            column=layout.header[at], value=text,
        ))  # fmt: skip
    notes += [f"{layout.file}: {note}" for note in parsed.notes]
    found = dict(zip(where, parsed.values, strict=True))
    return {place: value for place, value in found.items() if place not in wrong}


def _cell_remedy(spec: TableSpec, cell: CellFault, text: str) -> str:
    """Return what to do about a cell of a table, where no cell may be empty."""
    if cell.code == "bad-number" and is_missing_mark(text):
        return "Write 0 where nothing flows, or the amount."
    if not spec.by_flags:
        return cell.remedy
    return {
        "decimal-comma": "Write a decimal point, or give --decimal , for the whole file.",
        "decimal-point": "Write a decimal comma, or give --decimal . for the whole file.",
        "ambiguous-number": "Give --decimal , or --decimal . to say which.",
    }.get(cell.code, cell.remedy)


def _cell_faults(layout: Layout, numbers: _Numbers) -> list[Fault]:
    """Return cells that are empty, and flows and outputs that are negative."""
    faults = []
    for (k, at), value in sorted(numbers.items()):
        row, seller, column = layout.body[k][0], layout.row_labels[k], layout.header[at]
        roles = (layout.row_roles[k], layout.column_roles[at])
        given = "" if value is None else f"{value:.10g}"
        if value is None:
            code, problem = "missing-cell", f"the cell of row {seller} is empty"
            remedy = "Write 0 where nothing flows, or the amount."
        elif value < 0 and roles == ("industry", "industry"):
            code, problem = "negative-flow", f"the flow from {seller} to {column} is negative"
            remedy = "Correct the amount; a correction of inventories belongs to final demand."
        elif value < 0 and "output" in roles:
            code, problem, remedy = "negative-output", "output is negative", "Correct it."
        else:
            continue
        faults.append(layout.fault(code, problem, remedy, row=row, column=column, value=given))
    return faults


_COMPUTED: Mapping[str, str] = {
    "row": "final uses were computed as output less intermediate use",
    "column": "value added was computed as output less inputs",
}
"""How the identities that a case may call true by definition came about."""


def _assemble(
    layout: Layout,
    codes: Sequence[str],
    names: tuple[str, ...],
    numbers: _Numbers,
    faults: list[Fault],
    notes: list[str],
) -> TableReading:
    """Put the numbers together: flows, uses and inputs without what counts twice, and totals."""
    file, spec, header, row_labels = layout.file, layout.spec, layout.header, layout.row_labels
    sellers, buyers, n = layout.rows("industry"), layout.columns("industry"), len(codes)

    def along_row(k: int) -> FloatArray:
        return np.array([numbers[k, at] for at in buyers], dtype=np.float64)

    def down_column(at: int) -> FloatArray:
        return np.array([numbers[k, at] for k in sellers], dtype=np.float64)

    flows = np.array([along_row(k) for k in sellers], dtype=np.float64).reshape(n, n)
    uses = {header[at]: down_column(at) for at in layout.columns("final_demand")}
    abroad: dict[str, FloatArray] = {}
    for at in layout.columns("imports"):
        amounts = down_column(at)
        if amounts.sum() > 0:
            notes.append(f"{file}: column {header[at]} is taken as a final use with a minus sign")
            amounts = -amounts
        abroad[header[at]] = amounts
    output, place = np.full(n, np.nan), (0, "")
    given = [(along_row(k), (layout.body[k][0], row_labels[k])) for k in layout.rows("output")]
    given += [(down_column(at), (0, header[at])) for at in layout.columns("output")]
    if given:
        output, place = given[0]
    else:
        notes.append(f"{file}: the table gives no output")
    primary = {row_labels[k]: along_row(k) for k in layout.rows("value_added")}
    zero = np.zeros(n)
    taxes: FloatArray = sum((along_row(k) for k in layout.rows("tax")), zero)
    imports: FloatArray = sum((along_row(k) for k in layout.rows("imports")), zero)
    step = _printed_step({layout.body[k][1][at]: value for (k, at), value in numbers.items()})
    sums_and_parts = SumsAndParts(
        file=file,
        spec=spec,
        header_row=layout.header_row,
        row_of={label: n for label, (n, _) in zip(row_labels, layout.body, strict=True)},
        rounding=0.5 * step,
    )
    if not spec.final_demand_columns:
        bought: FloatArray = sum(abroad.values(), zero)
        uses = sums_and_parts.final_uses(uses, output - flows.sum(axis=1) - bought)
    if not spec.value_added_rows:
        left = output - flows.sum(axis=0) - taxes - imports
        primary = sums_and_parts.value_added(primary, left)
    faults += sums_and_parts.faults
    notes += sums_and_parts.notes
    final = {**uses, **abroad}
    totals = {name: ("output", amounts) for amounts, (_, name) in given[1:]}
    sums = {"intermediate use": flows.sum(axis=1)}
    if final:
        sums["final use"] = np.sum(list(final.values()), axis=0)
        sums["total use"] = sums["intermediate use"] + sums["final use"]
    if np.isfinite(output).all():
        sums.setdefault("final use", output - sums["intermediate use"])
        sums.setdefault("total use", output)
    inputs = input_sums(flows, taxes, imports, output)
    lines = [("column", header[at], down_column(at), sums) for at in layout.columns("total")]
    lines += [("row", row_labels[k], along_row(k), inputs) for k in layout.rows("total")]
    for line, label, amounts, wanted in lines:
        gaps = {what: float(np.abs(amounts - computed).sum()) for what, computed in wanted.items()}
        nearest = min(gaps, key=lambda what: gaps[what])
        totals[label if label not in totals else f"row {label}"] = (nearest, amounts)
        notes.append(f"{file}: {line} {label} is taken for {nearest}, and only checked")
    table = IOTable(
        **about_table(spec),
        codes=tuple(codes),
        labels=names,
        flows=flows,
        output=output,
        final_demand=pd.DataFrame(final, index=list(codes)),
        value_added=pd.DataFrame(primary, index=list(codes)).T,
        taxes=taxes if layout.rows("tax") else None,
        imports=imports if layout.rows("imports") else None,
        recorded_totals=totals,
        rounding=0.5 * step,
        by_definition={k: how for k, how in _COMPUTED.items() if k in spec.by_definition},
    )
    return TableReading(
        table=table,
        faults=tuple(sorted(set(faults))),
        notes=tuple(notes),
        place=tuple(layout.body[k][0] for k in sellers),
        output_place=place,
    )


def _printed_step(cells: Mapping[str, float | None]) -> float:
    """Return the value of the last digit that cells (text to number) print after a decimal sign.

    Examples
    --------
    >>> _printed_step({"12.5": 12.5, "3": 3.0, "1,234": 1234.0})
    0.1
    """
    digits = 0
    for cell, value in cells.items():
        match = re.search(r"[.,]([0-9]+)$", cell)
        grouped = value and re.sub(r"[^0-9]", "", cell).lstrip("0") == f"{abs(value):.0f}"
        digits = max(digits, len(match[1]) if match and not grouped else 0)
    return float(f"1e-{digits}")
