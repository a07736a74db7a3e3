"""Input–output tables: symmetric ones as CSV or XLSX, and one country of an inter-country table.

Row sells, column buys. A table is taken as it stands or not at all: a missing cell, a text, a
negative flow or an industry without its row is a fault with the cell named, and an imbalance is reported,
never removed.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, did_you_mean
from klaster.graph.io_balance import input_sums
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray
from klaster.loaders.files.cell_values import CellFault, Decimal, is_missing_mark, parse_numbers
from klaster.loaders.files.grid import Grid, Limits, SpreadsheetNumber
from klaster.loaders.files.reading import read_grid
from klaster.loaders.io.headings import (
    COLUMN_NAMES,
    FINAL_GROUPS,
    FINAL_SUMS,
    ROW_NAMES,
    VALUE_ADDED_SUMS,
    Role,
    known_as,
    normal_name,
)
from klaster.loaders.io.table_spec import FLAGS, TableSpec, about_table, asked_by


@dataclass(frozen=True)
class TableReading:
    """A table that was read, and what stands beside the flows in the file.

    Attributes
    ----------
    table
        The table; None where a fault forbids it.
    faults, notes
        What is wrong, and what was handled.
    taxes, imports
        Taxes less subsidies and imported inputs by industry (zeros where not given).
    totals
        Total columns of the file that are only checked: name to what it was taken for and values.
    place
        Row of the file for each industry; empty where the file is not a grid.
    output_column
        Column or row of the file in which output stands.
    step
        Last printed digit: half of it is the rounding error of a cell.
    """

    table: IOTable | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    taxes: FloatArray = field(default_factory=lambda: np.zeros(0))
    imports: FloatArray = field(default_factory=lambda: np.zeros(0))
    totals: Mapping[str, tuple[str, FloatArray]] = field(default_factory=dict)
    place: tuple[int, ...] = ()
    output_place: tuple[int, str] = (0, "")
    step: float = 0.0


_PLAIN_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_AMOUNT = re.compile(r"-?[0-9 ]+[.,][0-9]{3,}")
"""A number with three decimals or more: an amount, never a code."""


# -- symmetric tables --------------------------------------------------------------------------


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
) -> dict[int, Role | Literal["industry", "ignored", "unknown"]]:
    """Say of each label what it is: named in the case file, known by its name, or an industry."""
    roles: dict[int, Any] = {}
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


_AS_FLAGS = (
    ("or declare its encoding in case.toml", "or give --encoding"),
    ("or declare the encoding it has in case.toml (encoding = …)", "or give --encoding"),
    ("(sheet = … in case.toml names another)", "(--sheet names another)"),
)
"""What is said of files of a case, and what to say on the command line, where there is no case."""


def in_flags(grid: Grid) -> Grid:
    """Return a grid whose faults and notes name options of the command line, not keys of a case."""

    def said(text: str) -> str:
        for key, flag in _AS_FLAGS:
            text = text.replace(key, flag)
        return text

    faults = tuple(replace(fault, remedy=said(fault.remedy)) for fault in grid.faults)
    return replace(grid, faults=faults, notes=tuple(map(said, grid.notes)))


def table_of_grid(
    grid: Grid,
    spec: TableSpec,
    *,
    decimal: Decimal = "auto",
    labels: Mapping[str, str] | None = None,
) -> TableReading:
    """Make a table of the cells of a file (see :func:`read_symmetric`)."""
    faults, notes = list(grid.faults), list(grid.notes)

    def fault(row: int, column: str, code: str, value: str, problem: str, remedy: str) -> None:
        faults.append(
            Fault(
                file=grid.file,
                row=row,
                column=column,
                code=code,
                value=value,
                problem=problem,
                remedy=remedy,
            )
        )

    if grid.complete and not any(map(any, grid.rows)):
        remedy = "Give a table: codes of industries in the first row and the first column."
        fault(0, "", "empty-file", "", "the file has no cells", remedy)
    if not any(map(any, grid.rows)) or not grid.complete:
        return TableReading(None, tuple(faults), tuple(notes))
    corner = _find_header(grid)
    if corner is None:
        fault(
            1,
            "",
            "no-codes",
            "",
            "no row of codes recurs in a column of codes",
            "Put the codes of the industries in the first row and, the same, in the first column.",
        )
        return TableReading(None, tuple(faults), tuple(notes))
    top, left = corner
    header_row = top + 1
    if top:
        notes.append(f"{grid.file}: {top} rows above the header were passed over")
    width = max(len(row) for row in grid.rows[top:])
    header = [*grid.rows[top], *[""] * (width - len(grid.rows[top]))]
    body = [
        (top + 2 + k, [*row, *[""] * (width - len(row))])
        for k, row in enumerate(grid.rows[top + 1 :])
        if any(row)
    ]
    column_labels = ["" if at <= left else header[at] for at in range(width)]
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
    _check_labels(
        fault, spec, header_row, column_labels, column_roles, row_labels, row_roles, body, left
    )
    _check_named(fault, spec, column_labels, row_labels)
    sellers = [k for k, role in row_roles.items() if role == "industry"]
    buyers = [at for at, role in column_roles.items() if role == "industry"]
    codes = [_code(row_labels[k]) for k in sellers]
    column_codes = [_code(column_labels[at]) for at in buyers]
    if sorted(codes) == sorted(column_codes) and codes != column_codes:
        k = next(
            k for k, pair in enumerate(zip(codes, column_codes, strict=True)) if len({*pair}) > 1
        )
        fault(
            body[sellers[k]][0],
            header[left] or column_labels[buyers[k]],
            "unequal-order",
            row_labels[sellers[k]],
            f"the rows and columns have not the same order: here the column is {column_codes[k]}",
            "Sort the rows as the columns are.",
        )
    numbers = _read_numbers(
        grid, spec, body, header, row_roles, column_roles, decimal, faults, notes
    )
    _check_cells(fault, numbers, body, header, row_labels, sellers, buyers, row_roles, column_roles)
    if any(f.severity == "error" for f in faults):
        return TableReading(None, tuple(sorted(set(faults))), tuple(notes))
    return _assemble(
        grid.file, header_row, spec, codes, _names(codes, sellers, body, name_column, labels), numbers, body,
        header, row_labels, sellers, buyers, row_roles, column_roles, faults, notes,
    )  # fmt: skip


_FaultMaker = Callable[[int, str, str, str, str, str], None]
_Body = Sequence[tuple[int, Sequence[str]]]


def _take_names(header: Sequence[str], left: int, body: _Body, roles: dict[int, Any]) -> int | None:
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


def _names(
    codes: Sequence[str],
    sellers: Sequence[int],
    body: _Body,
    name_column: int | None,
    labels: Mapping[str, str] | None,
) -> tuple[str, ...]:
    names = []
    for code, k in zip(codes, sellers, strict=True):
        beside = "" if name_column is None else body[k][1][name_column]
        names.append((labels or {}).get(code) or beside or code)
    return tuple(names)


def _check_named(
    fault: _FaultMaker, spec: TableSpec, columns: Sequence[str], rows: Sequence[str]
) -> None:
    """Find names of the case file that the table does not have."""
    for key, there in (
        ("output_row", rows),
        ("value_added_rows", rows),
        ("tax_rows", rows),
        ("imports_rows", rows),
        ("ignore_rows", rows),
        ("output_column", columns),
        ("final_demand_columns", columns),
        ("imports_columns", columns),
        ("total_use_columns", columns),
        ("ignore_columns", columns),
    ):
        given = getattr(spec, key)
        for name in [given] if isinstance(given, str) else given:
            # On the command line one option names the output, be it a row or a column.
            either = spec.by_flags and key in ("output_row", "output_column")
            if name and name not in there and not (either and name in (*rows, *columns)):
                if either and key == "output_column":
                    continue
                kind = "row" if there is rows else "column"
                labels = [label for label in there if label]
                fault(
                    0,
                    name,
                    f"missing-{kind}",
                    name,
                    (f"{FLAGS[key]} names it" if spec.by_flags else f"case.toml names it in {key}")
                    + f", but the table has no such {'row or column' if either else kind}"
                    + did_you_mean(name, labels).rstrip("."),
                    f"Correct {FLAGS[key]}."
                    if spec.by_flags
                    else f"Correct {key} in [inputs.table].",
                )


def _check_labels(
    fault: _FaultMaker,
    spec: TableSpec,
    header_row: int,
    column_labels: Sequence[str],
    column_roles: Mapping[int, Any],
    row_labels: Sequence[str],
    row_roles: Mapping[int, Any],
    body: _Body,
    left: int,
) -> None:
    uses = asked_by(
        spec, "final_demand_columns", "total_use_columns", "output_column", "ignore_columns"
    )
    inputs = asked_by(
        spec, "value_added_rows", "tax_rows", "imports_rows", "output_row", "ignore_rows"
    )
    for at, label in enumerate(column_labels):
        if column_roles.get(at) == "unknown":
            fault(
                header_row,
                label,
                "missing-row",
                label,
                "the column has no row of this code",
                f"Add the row; or name it in {uses}.",
            )
        if at > left and not label and at not in column_roles:
            filled = next((n for n, row in body if row[at]), 0)
            if filled and any(column_labels[at:]):
                fault(
                    filled,
                    f"number {at + 1}",
                    "empty-header",
                    "",
                    "the column has cells but no code",
                    "Give the column its code, or delete its cells.",
                )
    for k, label in enumerate(row_labels):
        if row_roles.get(k) == "unknown":
            fault(
                body[k][0],
                label,
                "missing-column",
                label,
                "the row has no column of this code",
                f"Add the column; or name the row in {inputs}.",
            )
    for labels, roles, rows in (
        (column_labels, column_roles, None),
        (row_labels, row_roles, [n for n, _ in body]),
    ):
        counted = [(k, label) for k, label in enumerate(labels) if roles.get(k) != "ignored"]
        counts = Counter(_code(label) for _, label in counted if label)
        seen: set[str] = set()
        for k, label in counted:
            code = _code(label)
            if label and counts[code] > 1 and code in seen:
                fault(
                    header_row if rows is None else rows[k],
                    label,
                    "duplicate-label",
                    label,
                    f"{'the column' if rows is None else 'the row'} was given before",
                    "Keep one, or add them up.",
                )
            seen.add(code)


def _read_numbers(
    grid: Grid,
    spec: TableSpec,
    body: _Body,
    header: Sequence[str],
    row_roles: Mapping[int, Any],
    column_roles: Mapping[int, Any],
    decimal: Decimal,
    faults: list[Fault],
    notes: list[str],
) -> dict[tuple[int, int], float | None]:
    """Read all cells of rows and columns that count; the whole table shares one decimal sign."""
    rows = [k for k, role in row_roles.items() if role not in ("ignored", "unknown")]
    columns = [at for at, role in column_roles.items() if role not in ("ignored", "unknown")]
    # Where a special row meets a special column tables hold anything: it is not read.
    where = [
        (k, at)
        for k in rows
        for at in columns
        if row_roles[k] == "industry" or column_roles[at] == "industry"
    ]
    parsed = parse_numbers(
        [body[k][1][at] for k, at in where], decimal=decimal, separator=grid.separator
    )
    for cell in parsed.faults:
        k, at = where[cell.position]
        faults.append(
            Fault(file=grid.file, row=body[k][0], column=header[at], code=cell.code, value=body[k][1][at], problem=cell.problem, remedy=_cell_remedy(spec, cell, body[k][1][at]))
        )  # fmt: skip
    notes += [f"{grid.file}: {note}" for note in parsed.notes]
    at_fault = {where[cell.position] for cell in parsed.faults}
    return {
        place: value
        for place, value in zip(where, parsed.values, strict=True)
        if place not in at_fault
    }


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


def _check_cells(
    fault: _FaultMaker,
    numbers: Mapping[tuple[int, int], float | None],
    body: _Body,
    header: Sequence[str],
    row_labels: Sequence[str],
    sellers: Sequence[int],
    buyers: Sequence[int],
    row_roles: Mapping[int, Any],
    column_roles: Mapping[int, Any],
) -> None:
    flows = {(k, at) for k in sellers for at in buyers}
    for (k, at), value in sorted(numbers.items()):
        row, column = body[k][0], header[at]
        if value is None:
            fault(
                row,
                column,
                "missing-cell",
                "",
                f"the cell of row {row_labels[k]} is empty",
                "Write 0 where nothing flows, or the amount.",
            )
        elif value < 0 and (k, at) in flows:
            fault(
                row,
                column,
                "negative-flow",
                f"{value:.10g}",
                f"the flow from {row_labels[k]} to {column} is negative",
                "Correct the amount; a correction of inventories belongs to final demand.",
            )
        elif value < 0 and "output" in (row_roles[k], column_roles[at]):
            fault(
                row, column, "negative-output", f"{value:.10g}", "output is negative", "Correct it."
            )


_COMPUTED: Mapping[str, str] = {
    "row": "final uses were computed as output less intermediate use",
    "column": "value added was computed as output less inputs",
}
"""How the identities that a case may call true by definition came about."""


def _assemble(
    file: str,
    header_row: int,
    spec: TableSpec,
    codes: Sequence[str],
    names: tuple[str, ...],
    numbers: Mapping[tuple[int, int], float | None],
    body: _Body,
    header: Sequence[str],
    row_labels: Sequence[str],
    sellers: Sequence[int],
    buyers: Sequence[int],
    row_roles: Mapping[int, Any],
    column_roles: Mapping[int, Any],
    faults: list[Fault],
    notes: list[str],
) -> TableReading:
    def along_row(k: int) -> FloatArray:
        return np.array([numbers[k, at] for at in buyers], dtype=np.float64)

    def down_column(at: int) -> FloatArray:
        return np.array([numbers[k, at] for k in sellers], dtype=np.float64)

    def rows_of(role: Role) -> list[int]:
        return [k for k, found in row_roles.items() if found == role]

    def columns_of(role: Role) -> list[int]:
        return [at for at, found in column_roles.items() if found == role]

    n = len(codes)
    flows = np.array([along_row(k) for k in sellers], dtype=np.float64).reshape(n, n)
    final: dict[str, FloatArray] = {
        header[at]: down_column(at) for at in columns_of("final_demand")
    }
    for at in columns_of("imports"):
        amounts = down_column(at)
        if amounts.sum() > 0:
            notes.append(f"{file}: column {header[at]} is taken as a final use with a minus sign")
            amounts = -amounts
        final[header[at]] = amounts
    output, place = np.full(n, np.nan), (0, "")
    given = [(along_row(k), (body[k][0], row_labels[k])) for k in rows_of("output")]
    given += [(down_column(at), (0, header[at])) for at in columns_of("output")]
    if given:
        output, place = given[0]
    else:
        notes.append(f"{file}: the table gives no output")
    primary = {row_labels[k]: along_row(k) for k in rows_of("value_added")}
    zero = np.zeros(n)
    taxes: FloatArray = sum((along_row(k) for k in rows_of("tax")), zero)
    imports: FloatArray = sum((along_row(k) for k in rows_of("imports")), zero)
    step = _printed_step({body[k][1][at]: value for (k, at), value in numbers.items()})
    totals: dict[str, tuple[str, FloatArray]] = {}
    said = _Said(file, body, header_row, spec, rounding=0.5 * step)
    if not spec.final_demand_columns:
        abroad = {header[at] for at in columns_of("imports")}
        uses = {name: amounts for name, amounts in final.items() if name not in abroad}
        bought = sum((final[name] for name in abroad), zero)
        for parts_sum, parts in FINAL_GROUPS:
            uses = _without_sums(said, "column", uses, parts_sum, parts, None)
        uses = _without_sums(
            said, "column", uses, FINAL_SUMS, None, output - flows.sum(axis=1) - bought
        )
        final = {name: amounts for name, amounts in final.items() if name in {*uses, *abroad}}
    if not spec.value_added_rows:
        left = output - flows.sum(axis=0) - taxes - imports
        primary = _without_sums(said, "row", primary, VALUE_ADDED_SUMS, None, left)
    faults += said.faults
    notes += said.notes
    for amounts, (_, name) in given[1:]:
        totals[name] = ("output", amounts)
    sums = {"intermediate use": flows.sum(axis=1)}
    if final:
        sums["final use"] = np.sum(list(final.values()), axis=0)
        sums["total use"] = sums["intermediate use"] + sums["final use"]
    if np.isfinite(output).all():
        sums.setdefault("final use", output - sums["intermediate use"])
        sums.setdefault("total use", output)
    for at in columns_of("total"):
        amounts = down_column(at)
        nearest = min(sums, key=lambda what: float(np.abs(amounts - sums[what]).sum()))
        totals[header[at]] = (nearest, amounts)
        notes.append(f"{file}: column {header[at]} is taken for {nearest}, and only checked")
    inputs = input_sums(flows, taxes, imports, output)
    for k in rows_of("total"):
        amounts = along_row(k)
        nearest = min(inputs, key=lambda what: float(np.abs(amounts - inputs[what]).sum()))
        name = row_labels[k] if row_labels[k] not in totals else f"row {row_labels[k]}"
        totals[name] = (nearest, amounts)
        notes.append(f"{file}: row {row_labels[k]} is taken for {nearest}, and only checked")
    table = IOTable(
        **about_table(spec),
        codes=tuple(codes),
        labels=names,
        flows=flows,
        output=output,
        final_demand=pd.DataFrame(final, index=list(codes)),
        value_added=pd.DataFrame(primary, index=list(codes)).T,
        taxes=taxes if rows_of("tax") else None,
        imports=imports if rows_of("imports") else None,
        recorded_totals=totals,
        rounding=0.5 * step,
        by_definition={k: how for k, how in _COMPUTED.items() if k in spec.by_definition},
    )
    return TableReading(
        table=table,
        faults=tuple(sorted(set(faults))),
        notes=tuple(notes),
        taxes=taxes,
        imports=imports,
        totals=totals,
        place=tuple(body[k][0] for k in sellers),
        output_place=place,
        step=step,
    )


@dataclass
class _Said:
    """What is said of sums and parts of a file."""

    file: str
    body: _Body
    header_row: int
    spec: TableSpec
    rounding: float
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def warn(self, line: str, name: str, gap: float, problem: str) -> None:
        """Name a sum that is not one, and how to say what to take."""
        keys = ("final_demand_columns", "ignore_columns")
        if line == "row":
            keys = ("value_added_rows", "ignore_rows")
        # Reading is by its first cell: that of the label.
        row = next((n for n, cells in self.body if name in cells), 0) if line == "row" else 0
        self.faults.append(
            Fault(
                file=self.file,
                row=row or self.header_row,
                column=name,
                code="sum-and-parts",
                value=f"{gap:.10g}",
                problem=problem,
                remedy=f"Correct it, or say which to take: {asked_by(self.spec, *keys)}.",
                severity="warning",
            )
        )


def _without_sums(
    said: _Said,
    line: str,
    amounts: Mapping[str, FloatArray],
    sum_names: frozenset[str],
    part_names: frozenset[str] | None,
    wanted: FloatArray | None,
) -> dict[str, FloatArray]:
    """Return final uses, or value added, without what would count twice: parts beside their sum.

    Where the sum is that of its parts, the parts are kept. Where it is not, that is kept which
    comes nearest to what the row (or column) of the table leaves over (``wanted``); without it,
    the sum alone where the parts fit into it, else all of them. That is a warning.

    Parameters
    ----------
    said
        What takes notes and warnings.
    line
        ``row`` or ``column``.
    amounts
        By heading.
    sum_names, part_names
        Headings of the sum and of its parts; None where all others are parts.
    wanted
        What sum or parts should come to; NaN or None where not known.
    """
    kept = dict(amounts)
    sums = [name for name in amounts if known_as(name, sum_names)]
    parts = [
        name
        for name in amounts
        if name not in sums and (part_names is None or known_as(name, part_names))
    ]
    if not parts:
        parts, sums = sums[:1], sums[1:]
    if not parts:
        return kept
    total: FloatArray = np.sum([amounts[name] for name in parts], axis=0)
    listed = ", ".join(parts)
    for name in sums:
        recorded = amounts[name]
        allowed = 1e-9 * np.abs(recorded) + said.rounding * (len(parts) + 1)
        gap = recorded - total
        if (np.abs(gap) <= allowed).all():
            del kept[name]
            said.notes.append(
                f"{said.file}: {line} {name} is the sum of {listed}: it was checked, and not taken"
            )
            continue
        worst = float(gap[np.abs(gap).argmax()])
        if wanted is not None and np.isfinite(wanted).all():
            choices = {
                "parts": float(np.abs(total - wanted).sum()),
                "sum": float(np.abs(recorded - wanted).sum()),
                "both": float(np.abs(total + recorded - wanted).sum()),
            }
            chosen = min(choices, key=lambda choice: choices[choice])
        else:
            chosen = "sum" if (gap >= -allowed).all() else "both"
        if chosen == "both" and wanted is not None and np.isfinite(wanted).all():
            close = 1e-9 * np.abs(wanted) + said.rounding * (len(wanted) + len(parts) + 2)
            if (np.abs(total + recorded - wanted) <= close).all():
                continue  # it stands beside the others, and the books balance with all of them
        if chosen == "parts":
            del kept[name]
            taken = f"{listed} {'were' if len(parts) > 1 else 'was'} taken"
        elif chosen == "sum":
            for part in parts:
                kept.pop(part, None)
            taken = f"{name} alone was taken"
        else:
            taken = "all of them were taken"
        said.warn(line, name, worst, f"it is not the sum of {listed}; {taken}")
        if chosen == "sum":  # another sum is then compared with this one
            total, parts, listed = recorded, [name], name
    return kept


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


# -- inter-country tables ----------------------------------------------------------------------


@dataclass(frozen=True)
class InterCountryTable:
    """An inter-country table: industries of several countries, one below the other.

    Attributes
    ----------
    countries, sectors
        Country and sector of each row of ``flows``.
    flows
        Z, seller row to buyer column.
    final_demand
        Final uses; columns are pairs of country and category.
    value_added, taxes
        By industry.
    output
        Total output by industry.
    year, unit
        As the file states them; 0 and empty where it does not.
    rounding
        Half a unit of the last digit the file gives; 0 where it gives all.
    notes
        What was handled in reading it.
    by_definition
        Identities that hold because one side was computed from the other, and how.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: FloatArray
    final_demand: pd.DataFrame
    value_added: pd.DataFrame
    taxes: FloatArray
    output: FloatArray
    year: int = 0
    unit: str = ""
    rounding: float = 0.0
    notes: tuple[str, ...] = ()
    by_definition: Mapping[str, str] = field(default_factory=dict)


OUTPUT_OF_ROWS: Mapping[str, str] = {"row": "output was computed as the sum of the row"}
"""What of an inter-country table without output holds by definition."""

_NoTable = tuple[None, tuple[Fault, ...]]
_NPZ_ARRAYS = ("data", "country_codes", "sector_codes", "fd_codes")


def read_oecd_npz(
    path: Path, *, file: str | None = None, limits: Limits | None = None
) -> tuple[InterCountryTable | None, tuple[Fault, ...]]:
    """Read OECD inter-country tables kept as NumPy arrays.

    ``data`` holds the industries of all countries and below them net taxes, labour and capital;
    its columns are the industries and then the final uses of each country. Where the file's own
    ``metadata_json`` says how value added was split (``value_added_split``), labour and capital
    are an assumption: they are added up again, and no multiplier is made of them.
    """
    file, limits = file or path.name, limits or Limits()

    def refused(problem: str) -> tuple[None, tuple[Fault, ...]]:
        remedy = "Use the file as it was distributed, or the CSV of the OECD."
        return None, (Fault(file=file, code="unreadable-file", problem=problem, remedy=remedy),)

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > limits.unpacked_bytes:
            return refused(f"it unpacks to {size:,} bytes")
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as reason:
        return refused(f"it is not a file of NumPy arrays ({reason})")
    missing = [name for name in _NPZ_ARRAYS if name not in arrays]
    if missing:
        return refused(f"it has no array {', '.join(missing)}")
    data = np.asarray(arrays["data"], dtype=np.float64)
    countries, sectors, uses = (tuple(map(str, arrays[name].tolist())) for name in _NPZ_ARRAYS[1:])
    n, m = len(countries) * len(sectors), len(countries) * len(uses)
    if data.shape != (n + 3, n + m) or not np.isfinite(data).all():
        return refused(f"its data have shape {data.shape}, not {(n + 3, n + m)}, or are not finite")
    about = json.loads(str(arrays["metadata_json"])) if "metadata_json" in arrays else {}
    value_added = pd.DataFrame(data[n + 1 :, :n], index=["LABOUR", "CAPITAL"])
    notes: tuple[str, ...] = ()
    if split := str(about.get("value_added_split", "")):
        value_added = pd.DataFrame(value_added.sum(axis=0)).T.set_axis(["VALU"])
        note = (
            f"{file}: labour and capital were added up to value added, which the file splits by "
            f"assumption ({split}): household income is not known"
        )
        notes = (note,)
    final = pd.DataFrame(
        data[:n, n:],
        columns=pd.MultiIndex.from_product([countries, uses]),
    )
    return (
        InterCountryTable(
            countries=tuple(c for c in countries for _ in sectors),
            sectors=tuple(s for _ in countries for s in sectors),
            flows=data[:n, :n],
            final_demand=final,
            value_added=value_added,
            taxes=data[n, :n],
            output=data[:n].sum(axis=1),
            year=int(about.get("year", 0)),
            unit=str(about.get("unit", "")).removeprefix("current "),
            notes=notes,
            by_definition=OUTPUT_OF_ROWS,
        ),
        (),
    )


_ICIO_USES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "NONRES", "DPABR", "FD", "DISC")
_ICIO_TOTALS = ("OUT", "OUTPUT", "TOTAL")
_ICIO_TAXES = ("TLS", "TAXSUB")
_ICIO_VALUE_ADDED = ("VA", "VALU")


def read_oecd_csv(
    path: Path, *, file: str | None = None, limits: Limits | None = None
) -> tuple[InterCountryTable | None, tuple[Fault, ...]]:
    """Read an OECD inter-country table as the OECD publishes it.

    Rows and columns are ``KAZ_C24``; columns of final uses are ``KAZ_HFCE``; below stand taxes
    less subsidies (``TLS``, or ``KAZ_TAXSUB`` by country), value added (``VA`` or ``VALU``) and
    output (``OUT`` or ``OUTPUT``).
    """
    file, limits = file or path.name, limits or Limits(file_bytes=1024**3, cells=60_000_000)
    faults: list[Fault] = []

    def refused(
        code: str, row: int, column: str, value: str, problem: str, remedy: str
    ) -> _NoTable:
        faults.append(
            Fault(
                file=file,
                row=row,
                column=column,
                code=code,
                value=value,
                problem=problem,
                remedy=remedy,
            )
        )
        return None, tuple(faults)

    if path.stat().st_size > limits.file_bytes:
        return refused("too-large", 0, "", "", "the file is too large", "Cut a country out first.")
    try:
        raw = pd.read_csv(path, index_col=0, low_memory=False)
    except (ValueError, UnicodeDecodeError) as reason:
        return refused("unreadable-file", 0, "", "", f"it is not CSV ({reason})", "Check the file.")
    raw.index, raw.columns = raw.index.map(str), raw.columns.map(str)
    for column in raw.columns:
        numbers = pd.to_numeric(raw[column], errors="coerce")
        for k in np.flatnonzero(~np.isfinite(numbers.to_numpy(dtype=np.float64)))[:20].tolist():
            cell = raw[column].iloc[k]
            text = "" if pd.isna(cell) else str(cell)
            faults.append(
                Fault(
                    file=file,
                    row=k + 2,
                    column=column,
                    code="bad-number" if text else "missing-cell",
                    value=text,
                    problem="it is not a number" if text else "the cell is empty",
                    remedy="Write the amount, 0 where nothing flows.",
                )
            )
    if faults:
        return None, tuple(faults)
    sellers = [r for r in raw.index if "_" in r and r.partition("_")[2] not in _ICIO_TAXES]
    buyers = [
        c
        for c in raw.columns
        if "_" in c and c.partition("_")[2] not in _ICIO_USES and c not in _ICIO_TOTALS
    ]
    if sellers != buyers or not sellers:
        odd = sorted(set(sellers) ^ set(buyers))
        return refused(
            "unequal-order",
            1,
            odd[0] if odd else "",
            ", ".join(odd[:5]),
            "the industries of the rows and of the columns are not the same in the same order",
            "Use the file as the OECD publishes it: rows and columns as KAZ_C24.",
        )
    uses = [c for c in raw.columns if c.partition("_")[2] in _ICIO_USES]
    values = raw.loc[sellers, buyers].to_numpy(dtype=np.float64)
    for i, j in np.argwhere(values < 0)[:100].tolist():
        faults.append(
            Fault(
                file=file,
                row=int(np.flatnonzero(raw.index == sellers[i])[0]) + 2,
                column=buyers[j],
                code="negative-flow",
                value=f"{values[i, j]:.10g}",
                problem=f"the flow from {sellers[i]} to {buyers[j]} is negative",
                remedy="Correct the amount.",
            )
        )
    if faults:
        return None, tuple(faults)
    final = raw.loc[sellers, uses]
    final.columns = pd.MultiIndex.from_tuples([tuple(c.split("_", 1)) for c in uses])
    taxes = raw.loc[[r for r in raw.index if r.split("_")[-1] in _ICIO_TAXES], buyers]
    value_added = raw.loc[[r for r in raw.index if r in _ICIO_VALUE_ADDED], buyers]
    output = raw.loc[[r for r in raw.index if r in _ICIO_TOTALS], buyers]
    return (
        InterCountryTable(
            countries=tuple(label.partition("_")[0] for label in sellers),
            sectors=tuple(label.partition("_")[2] for label in sellers),
            flows=values,
            final_demand=final.reset_index(drop=True),
            value_added=value_added,
            taxes=taxes.to_numpy(dtype=np.float64).sum(axis=0),
            output=(
                output.iloc[0].to_numpy(dtype=np.float64)
                if len(output)
                else values.sum(axis=1) + final.to_numpy(dtype=np.float64).sum(axis=1)
            ),
            by_definition={} if len(output) else OUTPUT_OF_ROWS,
        ),
        (),
    )


def _about_fault(
    spec: TableSpec, key: str, code: str, value: str, problem: str, remedy: str
) -> Fault:
    """Return a fault of what was said about a table: in the case file, or by an option."""
    file, column = ("case.toml", f"inputs.table.{key}")
    if spec.by_flags:
        file, column = spec.source or spec.name, ""
    return Fault(file=file, column=column, code=code, value=value, problem=problem, remedy=remedy)


def cut_country(whole: InterCountryTable, spec: TableSpec) -> TableReading:
    """Cut the table of one country out of an inter-country table.

    Parameters
    ----------
    whole
        The inter-country table.
    spec
        ``country`` says which (or ``all``); ``origin`` which flows: ``domestic`` (of its own
        industries), ``imported`` (of all others, by sector) or ``total`` (both added up).

    Returns
    -------
    TableReading
        Final uses are those of the country itself (imported ones with origin ``imported`` or
        ``total``), ``EXPORTS`` (to industries and final uses abroad), and with origin ``total``
        ``IMPORTS`` with a minus sign, so that x = Z·1 + f·1 with ``domestic`` and ``total``.
        Imported inputs, with origin ``domestic``, and taxes stand beside the table.
    """
    countries = np.array(whole.countries)
    country = spec.country
    if country == "all":
        final = whole.final_demand.copy()
        final.columns = [f"{pair[0]}_{pair[1]}" for pair in whole.final_demand.columns]
        final.index = list(whole.sectors)
        table = _icio_table(
            whole, spec, np.arange(len(countries)), whole.flows, final, tuple(whole.countries)
        )
        return TableReading(
            replace(table, origin="total"),
            notes=whole.notes,
            taxes=whole.taxes,
            imports=np.zeros(len(countries)),
        )
    home = np.flatnonzero(countries == country)
    if not len(home):
        known = sorted(set(whole.countries))
        return TableReading(
            None,
            (
                _about_fault(
                    spec,
                    "country",
                    "unknown-country",
                    country,
                    f"the table has no such country{did_you_mean(country, known).rstrip('.')}",
                    f"Use one of: {', '.join(known)}, or all.",
                ),
            ),
        )
    sectors = [whole.sectors[k] for k in home.tolist()]
    foreign = np.flatnonzero(countries != country)
    own = whole.final_demand.columns.get_level_values(0) == country
    final_all = whole.final_demand.to_numpy(dtype=np.float64)
    uses = [str(pair[1]) for pair in whole.final_demand.columns if pair[0] == country]

    def by_sector(rows: FloatArray) -> FloatArray:
        """Add up the rows of all other countries by sector."""
        result = np.zeros((len(sectors), rows.shape[1]))
        at = {sector: k for k, sector in enumerate(sectors)}
        for position, k in enumerate(foreign.tolist()):
            if whole.sectors[k] in at:
                result[at[whole.sectors[k]]] += rows[position]
        return result

    domestic = whole.flows[np.ix_(home, home)]
    imported = by_sector(whole.flows[np.ix_(foreign, home)])
    domestic_final = final_all[home][:, own]
    imported_final = by_sector(final_all[foreign][:, own])
    exports = whole.flows[np.ix_(home, foreign)].sum(axis=1) + final_all[home][:, ~own].sum(axis=1)
    flows = {"domestic": domestic, "imported": imported, "total": domestic + imported}[spec.origin]
    final_uses = {
        "domestic": domestic_final,
        "imported": imported_final,
        "total": domestic_final + imported_final,
    }[spec.origin]
    final = pd.DataFrame(final_uses, columns=uses, index=sectors)
    if spec.origin != "imported":
        final["EXPORTS"] = exports
    if spec.origin == "total":
        final["IMPORTS"] = -(imported.sum(axis=1) + imported_final.sum(axis=1))
    lost = set(np.array(whole.sectors)[foreign].tolist()) - set(sectors)
    notes = (
        [f"sectors of other countries that {country} has not are left out: {sorted(lost)}"]
        if lost
        else []
    )
    table = _icio_table(whole, spec, home, flows, final, spec.region or country)
    if spec.origin != "imported":
        abroad = pd.DataFrame(imported_final, columns=uses, index=sectors)
        table = replace(table, imported_flows=imported, imported_final=abroad)
    return TableReading(
        table,
        notes=(*whole.notes, *notes),
        taxes=whole.taxes[home],
        imports=imported.sum(axis=0) if spec.origin == "domestic" else np.zeros(len(home)),
    )


def _icio_table(
    whole: InterCountryTable,
    spec: TableSpec,
    home: Any,
    flows: FloatArray,
    final: pd.DataFrame,
    region: str | tuple[str, ...],
) -> IOTable:
    sectors = tuple(whole.sectors[k] for k in home.tolist())
    value_added = whole.value_added.iloc[:, home]
    # Exports add up many cells of the whole table: their rounding comes along.
    cells = len(whole.countries) + whole.final_demand.shape[1]
    rounding = whole.rounding * max(1.0, cells / (len(sectors) + final.shape[1] + 1))
    known = replace(spec, year=spec.year or whole.year, unit=spec.unit or whole.unit)
    return IOTable(
        **{**about_table(known), "region": region},
        codes=sectors,
        labels=sectors,
        flows=flows,
        output=whole.output[home],
        final_demand=final,
        value_added=value_added.set_axis(list(sectors), axis=1),
        taxes=whole.taxes[home],
        rounding=rounding,
        by_definition=whole.by_definition,
    )


def read_oecd(
    path: Path,
    spec: TableSpec,
    *,
    file: str | None = None,
    labels: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """Read one country (or all) of an OECD inter-country table, kept as ``.npz`` or ``.csv``."""
    file = file or path.name
    reader = read_oecd_npz if path.suffix.lower() == ".npz" else read_oecd_csv
    whole, faults = reader(path, file=file, limits=limits)
    if whole is None:
        return TableReading(None, faults)
    if spec.year and whole.year and spec.year != whole.year:
        said = "--year" if spec.by_flags else "case.toml"
        problem = f"the table is of {whole.year}, {said} says {spec.year}"
        remedy = f"Write year = {whole.year} in [inputs.table]."
        remedy = f"Give --year {whole.year}, or leave it out." if spec.by_flags else remedy
        fault = _about_fault(spec, "year", "wrong-year", str(spec.year), problem, remedy)
        return TableReading(None, (fault,))
    if not spec.year and not whole.year:
        problem = "the file does not say its year" if spec.by_flags else "it is needed"
        remedy = "Give --year." if spec.by_flags else "Give the year."
        fault = _about_fault(spec, "year", "missing-key", "", problem, remedy)
        return TableReading(None, (fault,))
    reading = cut_country(whole, spec)
    if reading.table is None or not labels:
        return reading
    names = tuple(labels.get(code, code) for code in reading.table.codes)
    return replace(reading, table=replace(reading.table, labels=names))
