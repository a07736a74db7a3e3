"""Symmetric input–output tables as CSV or XLSX: codes in the first row and the first column.

Row sells, column buys. A table is taken as it stands or not at all: a missing cell, a text, a
negative flow or an industry without its row is a fault with the cell named, and an imbalance is
reported, never removed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, did_you_mean
from klaster.graph.io_balance import input_sums
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray
from klaster.loaders.files.cell_values import CellFault, Decimal, is_missing_mark, parse_numbers
from klaster.loaders.files.grid import Grid, Limits, SpreadsheetNumber
from klaster.loaders.files.reading import read_grid
from klaster.loaders.io.headings import COLUMN_NAMES, ROW_NAMES, Role, known_as, normal_name
from klaster.loaders.io.sums_and_parts import SumsAndParts
from klaster.loaders.io.table_reading import TableReading, in_flags
from klaster.loaders.io.table_spec import FLAGS, TableSpec, about_table, asked_by

_Place = Role | Literal["industry", "ignored", "unknown"]
"""What a row or a column holds."""

_PLAIN_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_AMOUNT = re.compile(r"-?[0-9 ]+[.,][0-9]{3,}")
"""A number with three decimals or more: an amount, never a code."""


@dataclass(frozen=True)
class _Layout:
    """Which row and which column of a grid holds what.

    ``left`` is the column, from 0, with the codes of the rows; ``body`` has row of the file and cells
    of each row below the header that is not empty; ``row_roles`` (by position in ``body``) and
    ``column_roles`` say what each row and each column is.
    """

    file: str
    spec: TableSpec
    header_row: int
    left: int
    header: tuple[str, ...]
    body: tuple[tuple[int, tuple[str, ...]], ...]
    row_roles: Mapping[int, _Place]
    column_roles: Mapping[int, _Place]

    @property
    def row_labels(self) -> list[str]:
        return [cells[self.left] for _, cells in self.body]

    @property
    def column_labels(self) -> list[str]:
        return ["" if at <= self.left else label for at, label in enumerate(self.header)]

    def rows(self, role: _Place) -> list[int]:
        return [k for k, found in self.row_roles.items() if found == role]

    def columns(self, role: _Place) -> list[int]:
        return [at for at, found in self.column_roles.items() if found == role]

    def fault(
        self,
        code: str,
        problem: str,
        remedy: str,
        *,
        row: int = 0,
        column: str = "",
        value: str = "",
    ) -> Fault:
        """Return a fault of the file; ``row`` as the file counts."""
        return Fault(
            file=self.file, row=row, column=column, code=code, value=value, problem=problem,
            remedy=remedy,
        )  # fmt: skip


def _find_header(grid: Grid) -> tuple[int, int] | None:
    """Return row and column (from 0) of the corner: the labels right of it recur below it."""
    best: tuple[int, int, int] | None = None
    titles_only = True  # amounts may recur too: below a full row plain numbers are no codes
    for r in range(min(len(grid.rows), 20)):
        for c in range(min(4, len(grid.rows[r]))):
            header = {cell for cell in map(_code, grid.rows[r][c + 1 :]) if cell}
            below = {_code(row[c]) for row in grid.rows[r + 1 :] if c < len(row)}
            common = {cell for cell in header & below if not _AMOUNT.fullmatch(cell)}
            if not titles_only and all(map(_PLAIN_NUMBER.fullmatch, common)):
                continue
            if common and (best is None or len(common) > best[0]):
                best = (len(common), r, c)
        titles_only = titles_only and sum(map(bool, grid.rows[r])) <= 2
    return None if best is None else best[1:]


_ON_BOTH_AXES: frozenset[Role] = frozenset({"output", "imports", "total"})
"""What may stand as a row and as a column under the same name."""


def _code(label: str) -> str:
    """Return a code without the prefix by which Eurostat marks products."""
    return label.removeprefix("CPA_")


def _roles(
    labels: Sequence[str],
    other: frozenset[str],
    named: Mapping[Role, Sequence[str]],
    names: Mapping[Role, frozenset[str]],
    ignored: Sequence[str],
) -> dict[int, _Place]:
    """Say of each label what it is: named in the case file, known by its name, or an industry."""
    roles: dict[int, _Place] = {}
    for at, label in enumerate(labels):
        if not label:
            continue
        chosen = next((role for role, given in named.items() if label in given), None)
        if chosen is None and label in ignored:
            roles[at] = "ignored"
            continue
        if chosen is None:
            # A label of a row and a column is an industry, also where it reads like a final use.
            recurs = _code(label) in other
            for role, known in names.items():
                if named.get(role) or role == "label" or (recurs and role not in _ON_BOTH_AXES):
                    continue
                if normal_name(label) in known or (not recurs and known_as(label, known)):
                    chosen = role
                    break
        roles[at] = chosen or ("industry" if _code(label) in other else "unknown")
    return roles


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
    corner = None if empty or not grid.complete else _find_header(grid)
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
    layout, name_column = _layout(grid, spec, *corner)
    faults += [*_label_faults(layout), *_names_not_there(layout), *_order_faults(layout)]
    numbers = _read_numbers(layout, grid.separator, decimal, faults, notes)
    faults += _cell_faults(layout, numbers)
    if any(f.severity == "error" for f in faults):
        return TableReading(None, tuple(sorted(set(faults))), tuple(notes))
    sellers = layout.rows("industry")
    codes = [_code(layout.row_labels[k]) for k in sellers]
    beside = ["" if name_column is None else layout.body[k][1][name_column] for k in sellers]
    names = tuple(
        (labels or {}).get(code) or name or code for code, name in zip(codes, beside, strict=True)
    )
    return _assemble(layout, codes, names, numbers, faults, notes)


def _layout(grid: Grid, spec: TableSpec, top: int, left: int) -> tuple[_Layout, int | None]:
    """Say what each row and column is; and in which column names stand beside the codes."""
    width = max(len(row) for row in grid.rows[top:])
    header, *rows = ((*row, *[""] * (width - len(row))) for row in grid.rows[top:])
    body = tuple((top + 2 + k, row) for k, row in enumerate(rows) if any(row))
    column_labels = ["" if at <= left else label for at, label in enumerate(header)]
    row_labels = [row[left] for _, row in body]
    column_roles = _roles(
        column_labels,
        frozenset(map(_code, row_labels)),
        {
            "output": [spec.output_column] if spec.output_column else [],
            "final_demand": spec.final_demand_columns,
            "imports": spec.imports_columns,
            "total": spec.total_use_columns,
        },
        COLUMN_NAMES,
        spec.ignore_columns,
    )
    name_column = _take_names(header, left, body, column_roles)
    row_roles = _roles(
        row_labels,
        frozenset(map(_code, column_labels)),
        {
            "output": [spec.output_row] if spec.output_row else [],
            "value_added": spec.value_added_rows,
            "tax": spec.tax_rows,
            "imports": spec.imports_rows,
        },
        ROW_NAMES,
        spec.ignore_rows,
    )
    layout = _Layout(
        file=grid.file, spec=spec, header_row=top + 1, left=left, header=header, body=body,
        row_roles=row_roles, column_roles=column_roles,
    )  # fmt: skip
    return layout, name_column


def _take_names(
    header: Sequence[str],
    left: int,
    body: Sequence[tuple[int, Sequence[str]]],
    roles: dict[int, _Place],
) -> int | None:
    """Find a column of names beside the codes; it is then no column of the table."""
    for at in range(len(header)):
        if at == left or roles.get(at) == "industry":
            continue
        if normal_name(header[at]) in COLUMN_NAMES["label"] or (at < left and not header[at]):
            texts = [row[at] for _, row in body if row[at]]
            if texts and not any(isinstance(t, SpreadsheetNumber) for t in texts):
                roles.pop(at, None)
                return at
    return None


def _names_not_there(layout: _Layout) -> list[Fault]:
    """Return the names of the case file, or of options, that the table does not have."""
    spec, rows, columns = layout.spec, layout.row_labels, layout.column_labels
    faults = []
    for key in FLAGS:
        kind = "row" if "row" in key else "column"
        there = rows if kind == "row" else columns
        # On the command line one option names the output, be it a row or a column.
        either = spec.by_flags and key in ("output_row", "output_column")
        if either and key == "output_column":
            continue
        if either:
            there = [*rows, *columns]
        given = getattr(spec, key)
        for name in [given] if isinstance(given, str) else given:
            if not name or name in there:
                continue
            said = "row or column" if either else kind
            by = f"{FLAGS[key]} names it" if spec.by_flags else f"case.toml names it in {key}"
            near = did_you_mean(name, [label for label in there if label]).rstrip(".")
            faults.append(layout.fault(
                f"missing-{kind}", f"{by}, but the table has no such {said}{near}",
                f"Correct {FLAGS[key] if spec.by_flags else f'{key} in [inputs.table]'}.",
                column=name, value=name,
            ))  # fmt: skip
    return faults


def _label_faults(layout: _Layout) -> list[Fault]:
    """Return rows without their column, columns without their row, and labels given twice."""
    spec, header_row = layout.spec, layout.header_row
    uses = asked_by(
        spec, "final_demand_columns", "total_use_columns", "output_column", "ignore_columns"
    )
    inputs = asked_by(
        spec, "value_added_rows", "tax_rows", "imports_rows", "output_row", "ignore_rows"
    )
    column_labels, row_labels = layout.column_labels, layout.row_labels
    faults = []
    for at, label in enumerate(column_labels):
        if layout.column_roles.get(at) == "unknown":
            faults.append(layout.fault(
                "missing-row", "the column has no row of this code",
                f"Add the row; or name it in {uses}.", row=header_row, column=label, value=label,
            ))  # fmt: skip
        if at > layout.left and not label and at not in layout.column_roles:
            filled = next((n for n, row in layout.body if row[at]), 0)
            if filled and any(column_labels[at:]):
                faults.append(layout.fault(
                    "empty-header", "the column has cells but no code",
                    "Give the column its code, or delete its cells.", row=filled,
                    column=f"number {at + 1}",
                ))  # fmt: skip
    for k in layout.rows("unknown"):
        faults.append(layout.fault(
            "missing-column", "the row has no column of this code",
            f"Add the column; or name the row in {inputs}.", row=layout.body[k][0],
            column=row_labels[k], value=row_labels[k],
        ))  # fmt: skip
    rows_of_file = [n for n, _ in layout.body]
    for axis, labels, roles, rows in (
        ("column", column_labels, layout.column_roles, [header_row] * len(column_labels)),
        ("row", row_labels, layout.row_roles, rows_of_file),
    ):
        counted = [(k, x) for k, x in enumerate(labels) if x and roles.get(k) != "ignored"]
        seen: Counter[str] = Counter()
        for k, label in counted:
            seen[_code(label)] += 1
            if seen[_code(label)] > 1:
                faults.append(layout.fault(
                    "duplicate-label", f"the {axis} was given before", "Keep one, or add them up.",
                    row=rows[k], column=label, value=label,
                ))  # fmt: skip
    return faults


def _order_faults(layout: _Layout) -> list[Fault]:
    """Return the first industry whose row and column do not stand at the same place."""
    sellers, buyers = layout.rows("industry"), layout.columns("industry")
    rows = [layout.row_labels[k] for k in sellers]
    codes = list(map(_code, rows))
    columns = [_code(layout.header[at]) for at in buyers]
    if sorted(codes) != sorted(columns) or codes == columns:
        return []
    k = next(k for k, pair in enumerate(zip(codes, columns, strict=True)) if len({*pair}) > 1)
    return [
        layout.fault(
            "unequal-order",
            f"rows and columns are not in the same order: here the column is {columns[k]}",
            "Sort the rows as the columns are.", row=layout.body[sellers[k]][0],
            column=layout.header[layout.left] or layout.header[buyers[k]], value=rows[k],
        )
    ]  # fmt: skip


_Numbers = Mapping[tuple[int, int], float | None]
"""Number of each cell by row (position in the body) and column."""


def _read_numbers(
    layout: _Layout, separator: str, decimal: Decimal, faults: list[Fault], notes: list[str]
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


def _cell_faults(layout: _Layout, numbers: _Numbers) -> list[Fault]:
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
    layout: _Layout,
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
