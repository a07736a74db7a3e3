"""Where everything stands in a symmetric table: its corner, and what each row and column holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from klaster.graph.errors import Fault, did_you_mean
from klaster.loaders.files.grid import Grid, SpreadsheetNumber
from klaster.loaders.io.headings import COLUMN_NAMES, ROW_NAMES, Role, known_as, normal_name
from klaster.loaders.io.table_spec import FLAGS, TableSpec, asked_by

_Place = Role | Literal["industry", "ignored", "unknown"]
"""What a row or a column holds."""

_PLAIN_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")

_AMOUNT = re.compile(r"-?[0-9 ]+[.,][0-9]{3,}")
"""A number with three decimals or more: an amount, never a code."""


@dataclass(frozen=True)
class Layout:
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
        """Codes of the rows below the header."""
        return [cells[self.left] for _, cells in self.body]

    @property
    def column_labels(self) -> list[str]:
        """Codes of the columns; empty up to the column of codes."""
        return ["" if at <= self.left else label for at, label in enumerate(self.header)]

    def rows(self, role: _Place) -> list[int]:
        """Return the rows with a role, as positions in ``body``."""
        return [k for k, found in self.row_roles.items() if found == role]

    def columns(self, role: _Place) -> list[int]:
        """Return the columns with a role."""
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


def find_header(grid: Grid) -> tuple[int, int] | None:
    """Return row and column (from 0) of the corner: the labels right of it recur below it."""
    best: tuple[int, int, int] | None = None
    titles_only = True  # amounts may recur too: below a full row plain numbers are no codes
    for r in range(min(len(grid.rows), 20)):
        for c in range(min(4, len(grid.rows[r]))):
            header = {cell for cell in map(code_of, grid.rows[r][c + 1 :]) if cell}
            below = {code_of(row[c]) for row in grid.rows[r + 1 :] if c < len(row)}
            common = {cell for cell in header & below if not _AMOUNT.fullmatch(cell)}
            if not titles_only and all(map(_PLAIN_NUMBER.fullmatch, common)):
                continue
            if common and (best is None or len(common) > best[0]):
                best = (len(common), r, c)
        titles_only = titles_only and sum(map(bool, grid.rows[r])) <= 2
    return None if best is None else best[1:]


_ON_BOTH_AXES: frozenset[Role] = frozenset({"output", "imports", "total"})
"""What may stand as a row and as a column under the same name."""


def code_of(label: str) -> str:
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
            recurs = code_of(label) in other
            for role, known in names.items():
                if named.get(role) or role == "label" or (recurs and role not in _ON_BOTH_AXES):
                    continue
                if normal_name(label) in known or (not recurs and known_as(label, known)):
                    chosen = role
                    break
        roles[at] = chosen or ("industry" if code_of(label) in other else "unknown")
    return roles


def layout_of(grid: Grid, spec: TableSpec, top: int, left: int) -> tuple[Layout, int | None]:
    """Say what each row and column is; and in which column names stand beside the codes."""
    width = max(len(row) for row in grid.rows[top:])
    header, *rows = ((*row, *[""] * (width - len(row))) for row in grid.rows[top:])
    body = tuple((top + 2 + k, row) for k, row in enumerate(rows) if any(row))
    column_labels = ["" if at <= left else label for at, label in enumerate(header)]
    row_labels = [row[left] for _, row in body]
    column_roles = _roles(
        column_labels,
        frozenset(map(code_of, row_labels)),
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
        frozenset(map(code_of, column_labels)),
        {
            "output": [spec.output_row] if spec.output_row else [],
            "value_added": spec.value_added_rows,
            "tax": spec.tax_rows,
            "imports": spec.imports_rows,
        },
        ROW_NAMES,
        spec.ignore_rows,
    )
    layout = Layout(
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


def _names_not_there(layout: Layout) -> list[Fault]:
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


def _label_faults(layout: Layout) -> list[Fault]:
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
            seen[code_of(label)] += 1
            if seen[code_of(label)] > 1:
                faults.append(layout.fault(
                    "duplicate-label", f"the {axis} was given before", "Keep one, or add them up.",
                    row=rows[k], column=label, value=label,
                ))  # fmt: skip
    return faults


def _order_faults(layout: Layout) -> list[Fault]:
    """Return the first industry whose row and column do not stand at the same place."""
    sellers, buyers = layout.rows("industry"), layout.columns("industry")
    rows = [layout.row_labels[k] for k in sellers]
    codes = list(map(code_of, rows))
    columns = [code_of(layout.header[at]) for at in buyers]
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


def layout_faults(layout: Layout) -> list[Fault]:
    """Return what is wrong with the labels of a table, and with their order."""
    return [*_label_faults(layout), *_names_not_there(layout), *_order_faults(layout)]
