"""The layout in which statistical offices send tables to Eurostat: one sheet, several tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError
from klaster.graph.io_table import Origin
from klaster.graph.model import FloatArray
from klaster.graph.supply_use import SupplyUse
from klaster.loaders.files.cell_values import is_missing_mark, parse_numbers
from klaster.loaders.files.grid import Grid, Limits
from klaster.loaders.files.reading import read_grid
from klaster.loaders.io.bea import other_labels
from klaster.loaders.io.headings import normal_name
from klaster.loaders.io.symmetric import table_of_grid
from klaster.loaders.io.table_reading import TableReading
from klaster.loaders.io.table_spec import TableSpec

_BLOCK = re.compile(r"([0-9]{4})\s*[-–]")
_EUROSTAT_FINAL = (
    ("P3_S14", "P3_S15", "P3_S13"),
    ("P51", "P52", "P53"),
    ("P6",),
)
_EUROSTAT_SUMS = (("P3",), ("P5",), ())
_EUROSTAT_VALUE_ADDED = ("D1", "D29_M_D39", "B2G_B3G")
_SUPPLY, _IMPORTED_USE = "1500", "1612"
USES_OF_BLOCK: Mapping[str, Origin] = {"1611": "domestic", "1610": "total"}
_NO_TABLE = {
    _SUPPLY: "the supply table",
    "1600": "the use table at purchasers' prices",
    "1610": "a use table",
    "1611": "a use table",
    _IMPORTED_USE: "the use table of imports",
}


def read_eurostat(
    path: Path,
    spec: TableSpec,
    *,
    block: str = "",
    file: str | None = None,
    labels: Mapping[str, str] | None = None,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """Read a symmetric table in the layout statistical offices send to Eurostat.

    Codes are ``CPA_A01``, ``P3_S14``, ``B1G`` and so on. A spreadsheet may hold several tables
    one below the other (1700 total, 1800 domestic, 1900 imported): ``block`` says which. Whether
    flows are domestic, imported or total is told by the rows below them. Compensation, other taxes
    and operating surplus are taken in place of their sum, value added.

    Of a total table (rows ``P7`` and ``SUPBP``) imports become a final use ``IMPORTS`` with a minus
    sign, so that x = Z·1 + f·1 with x the domestic output.

    Parameters
    ----------
    path
        XLSX or CSV.
    spec
        What the table is; ``origin`` is taken from the table.
    block
        Number the title of the table begins with; needed where there are several.
    file, labels, sheet, limits
        As for :func:`klaster.loaders.io.symmetric.read_symmetric`.
    """
    grid = read_grid(path, file=file, sheet=sheet, limits=limits)
    if not grid.complete or any(f.severity == "error" for f in grid.faults):
        return TableReading(None, grid.faults, grid.notes)
    titles = titles_of(grid)
    offset = 0
    if block or titles:
        found = next((at for number, at in titles if number == block), None)
        if found is None or block in _NO_TABLE:
            return TableReading(None, (_unknown_block(grid.file, block, titles),), grid.notes)
        stop = min((at for _, at in titles if at > found), default=len(grid.rows))
        offset = found + 1
        grid = replace(grid, rows=grid.rows[offset:stop])
    return _shifted(_eurostat_table(_with_name_column(grid), spec, labels), offset)


def _unknown_block(file: str, block: str, titles: Sequence[tuple[str, int]]) -> Fault:
    numbers = [number for number, _ in titles]
    known = ", ".join(n for n in numbers if n not in _NO_TABLE) or "none"
    if {_SUPPLY, *USES_OF_BLOCK} & set(numbers) >= {_SUPPLY, "1611"}:
        known += "; or 1611 (domestic uses) or 1610 (all uses), made symmetric with 1500"
    if block in numbers:
        problem = f"table {block} is {_NO_TABLE.get(block, 'no symmetric table')}"
    elif block:
        problem = "the file holds several tables, and none of this number"
    else:
        problem = "the file holds several tables and none was named"
    return Fault(
        file=file, code="unknown-block", value=block, problem=problem,
        remedy=f"Name one of them: {known}.",
    )  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """One of several tables in a sheet: codes in its header and first column, names beside."""

    file: str
    header: tuple[str, ...]
    rows: Mapping[str, tuple[int, tuple[str, ...]]]
    names: Mapping[str, str]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, grid: Grid, number: str) -> _Sheet | None:
        titles = titles_of(grid)
        start = next((at for found, at in titles if found == number), None)
        if start is None:
            return None
        stop = min((at for _, at in titles if at > start), default=len(grid.rows))
        at = next((k for k in range(start, stop) if grid.rows[k][0].casefold() == "code"), None)
        if at is None:
            return None
        header, above = grid.rows[at], grid.rows[at - 1]
        rows: dict[str, tuple[int, tuple[str, ...]]] = {}
        names: dict[str, str] = {}
        for k in range(at + 1, stop):
            row = grid.rows[k]
            # Publishers repeat codes below the products: the first of each stands.
            if row and row[0]:
                rows.setdefault(row[0], (k + 1, row))
                names.setdefault(row[0], row[1])
        headings = {code: above[k] for k, code in enumerate(header) if k < len(above)}
        return cls(grid.file, header, rows, names, headings)

    @property
    def industries(self) -> list[str]:
        """Codes of the header up to the total."""
        codes = list(self.header[2:])
        return codes[: codes.index("TOTAL")] if "TOTAL" in codes else codes

    @property
    def products(self) -> list[str]:
        """Codes of the rows of products."""
        return [row for row in self.rows if row.startswith("CPA_") and row != "CPA_TOTAL"]

    def row_named(self, name: str) -> str:
        """Return the code of the first row with a name that begins so; empty where none does."""
        found = (c for c, n in self.names.items() if normal_name(n).startswith(name))
        return next(found, "")

    def amounts(
        self, rows: Sequence[str], columns: Sequence[str], faults: list[Fault]
    ) -> FloatArray:
        """Return cells as numbers; what is missing or no number becomes a fault."""
        places = [(r, c) for r in rows for c in columns]
        texts = []
        for r, c in places:
            row, at = self.rows[r][1], self.header.index(c)
            texts.append(row[at] if at < len(row) else "")
        parsed = parse_numbers(texts)
        wrong = {fault.position: fault for fault in parsed.faults}
        for k, value in enumerate(parsed.values):
            if value is not None:
                continue
            (r, c), fault = places[k], wrong.get(k)
            code, problem, remedy = (
                (fault.code, fault.problem, fault.remedy)
                if fault is not None and not is_missing_mark(texts[k])
                else (fault.code, fault.problem, "Write 0 where nothing is, or the amount.")
                if fault is not None
                else ("missing-cell", f"the cell of row {r} is empty", "Write 0 where nothing is.")
            )
            faults.append(Fault(
                file=self.file, row=self.rows[r][0], column=c, code=code, value=texts[k],
                problem=problem, remedy=remedy,
            ))  # fmt: skip
        values = [np.nan if value is None else value for value in parsed.values]
        return np.array(values, dtype=np.float64).reshape(len(rows), len(columns))


def read_eurostat_supply_use(
    path: Path,
    *,
    block: str = "1611",
    file: str | None = None,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> SupplyUse:
    """Read supply and use tables in the layout statistical offices send to Eurostat.

    One sheet with the supply table 1500 and a use table at basic prices: 1611 of domestic
    products, with the imported ones of 1612 beside them; or 1610 of both together, where imports
    become a final use ``IMPORTS`` with a minus sign. For :func:`symmetric_table`.

    Parameters
    ----------
    path
        XLSX or CSV.
    block
        ``1611`` or ``1610``.
    file, sheet, limits
        As for :func:`klaster.loaders.io.symmetric.read_symmetric`.

    Raises
    ------
    InputError
        With every fault.

    References
    ----------
    Eurostat (2008). Eurostat Manual of Supply, Use and Input–Output Tables, chapters 3 to 5.
    """
    grid = read_grid(path, file=file, sheet=sheet, limits=limits)
    if not grid.complete or any(f.severity == "error" for f in grid.faults):
        raise InputError(grid.faults, grid.file)
    supply, used, abroad = (_Sheet.of(grid, n) for n in (_SUPPLY, block, _IMPORTED_USE))
    if supply is None or used is None or block not in USES_OF_BLOCK:
        missing = block if supply is not None else _SUPPLY
        raise InputError([_unknown_block(grid.file, missing, titles_of(grid))], grid.file)
    industries, products = supply.industries, supply.products
    sheets = [used] if abroad is None else [used, abroad]
    faults = [
        fault
        for sheet in sheets
        for fault in other_labels(
            grid.file,
            f"table {_SUPPLY}",
            (industries, sheet.industries),
            (products, sheet.products),
        )
    ]
    uses = _final_uses(used.header)
    items = [row for row in _EUROSTAT_VALUE_ADDED if row in used.rows]
    if len(items) < len(_EUROSTAT_VALUE_ADDED):
        items = [row for row in ("B1G",) if row in used.rows]
    if faults:
        raise InputError(faults, grid.file)
    make = supply.amounts(products, industries, faults).T
    use = used.amounts(products, industries, faults)
    final = pd.DataFrame(
        used.amounts(products, uses, faults),
        columns=uses,
        index=[p.removeprefix("CPA_") for p in products],
    )
    primary = pd.DataFrame(used.amounts(items, industries, faults), index=items, columns=industries)
    tax = "D21_M_D31" if "D21_M_D31" in used.rows else used.row_named("taxeslesssubsidies")
    taxes = used.amounts([tax], industries, faults)[0] if tax else None
    imported = None
    if USES_OF_BLOCK[block] == "total" and "P7" in supply.header:
        final["IMPORTS"] = -supply.amounts(products, ["P7"], faults)[:, 0]
    elif USES_OF_BLOCK[block] == "domestic" and abroad is not None:
        imported = abroad.amounts(products, industries, faults)
    totals = {}
    if "TOT_CA" in supply.rows:
        totals["industry output"] = supply.amounts(["TOT_CA"], industries, faults)[0]
    if "TOTAL" in supply.header:
        totals["product output"] = supply.amounts(products, ["TOTAL"], faults)[:, 0]
    if faults:
        raise InputError(faults, grid.file)
    codes = tuple(p.removeprefix("CPA_") for p in products)
    return SupplyUse(
        industries=tuple(industries),
        products=codes,
        make=make,
        use=use,
        final_demand=final,
        value_added=primary,
        recorded_totals=totals,
        imported_use=imported,
        taxes=taxes,
        names={
            "industries": {c: supply.titles.get(c, c) for c in industries},
            "products": {c: supply.names[f"CPA_{c}"] for c in codes},
        },
    )


def _final_uses(header: Sequence[str]) -> list[str]:
    """Return the final uses of a table: the parts of each, or their sum where parts lack."""
    uses: list[str] = []
    for parts, sums in zip(_EUROSTAT_FINAL, _EUROSTAT_SUMS, strict=True):
        there = [c for c in parts if c in header]
        uses += there or [c for c in sums if c in header]
    return uses


def titles_of(grid: Grid) -> list[tuple[str, int]]:
    """Return number and row (from 0) of each table title."""
    found = []
    for k, row in enumerate(grid.rows):
        match = _BLOCK.match(row[0]) if row and row[0] else None
        if match:
            found.append((match[1], k))
    return found


def _with_name_column(grid: Grid) -> Grid:
    """Call the column of product names beside the codes what the reader knows it as."""
    rows = [list(row) for row in grid.rows]
    for row in rows[:3]:
        if len(row) > 2 and row[0].casefold() in ("code", "codes") and " " in row[1]:
            row[1] = "name"
    return replace(grid, rows=tuple(map(tuple, rows)))


def _eurostat_table(grid: Grid, spec: TableSpec, labels: Mapping[str, str] | None) -> TableReading:
    below = {row[0] for row in grid.rows if row}
    header = next((row for row in grid.rows if "TU" in row or "TFINU" in row), ())
    total = {"P7", "SUPBP"} <= below
    origin = "total" if total else "domestic" if "P1" in below else "imported"
    uses = _final_uses(header)
    parts_there = set(_EUROSTAT_VALUE_ADDED) <= below
    value_added = _EUROSTAT_VALUE_ADDED if parts_there else tuple({"B1G"} & below)
    known_rows = {"P1", "SUPBP", "P7", "DP6A", "D21_M_D31", *value_added}
    products = {label.removeprefix("CPA_") for label in below if label.startswith("CPA_")}
    other_columns = [
        c
        for c in header[1:]
        if c and c not in uses and c not in ("TFINU", "TU", "name") and c not in products
    ]
    spec = replace(
        spec,
        origin=origin,
        output_row="SUPBP" if total else "P1" if origin == "domestic" else "",
        value_added_rows=value_added,
        tax_rows=tuple({"D21_M_D31"} & below),
        imports_rows=("P7",) if total else tuple({"DP6A"} & below),
        final_demand_columns=tuple(uses),
        total_use_columns=tuple(c for c in ("TFINU", "TU") if c in header),
        ignore_rows=tuple(
            sorted(
                label
                for label in below
                if label
                and label not in known_rows
                and (not label.startswith("CPA_") or label == "CPA_TOTAL")
                and label.casefold() not in ("code", "t_rows2")
            )
            + (["P1"] if total and "P1" in below else [])
        ),
        ignore_columns=tuple(sorted({*other_columns, "TOTAL"} & set(header))),
    )
    reading = table_of_grid(grid, spec, labels=labels)
    if reading.table is None or not total:
        return reading
    made = reading.table
    imports = np.zeros(len(made.codes)) if made.imports is None else made.imports
    final = made.final_demand.copy()
    final["IMPORTS"] = -imports
    recorded = made.recorded_totals
    table = replace(
        made,
        output=made.output - imports,
        final_demand=final,
        imports=None,
        recorded_totals={"TU": ("output", recorded["TU"][1] - imports)} if "TU" in recorded else {},
    )
    notes = tuple(note for note in reading.notes if "is taken for" not in note)
    note = f"{grid.file}: output is supply SUPBP less imports P7"
    return replace(reading, table=table, notes=(*notes, note))


def _shifted(reading: TableReading, offset: int) -> TableReading:
    """Give faults and places the row numbers of the whole sheet."""
    if not offset:
        return reading
    faults = tuple(replace(f, row=f.row + offset) if f.row else f for f in reading.faults)
    row, name = reading.output_place
    return replace(
        reading,
        faults=faults,
        place=tuple(k + offset for k in reading.place),
        output_place=(row + offset if row else 0, name),
    )


def blocks_of(path: Path, *, sheet: str | None = None) -> tuple[str, ...]:
    """Return the numbers of the tables in a spreadsheet of the Eurostat layout."""
    grid = read_grid(path, sheet=sheet)
    return tuple(number for number, _ in titles_of(grid))
