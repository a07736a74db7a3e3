"""What is said of an input–output table that its file does not say itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from klaster.graph.errors import Fault


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What an input–output table is, and what its special rows and columns are called.

    Attributes
    ----------
    name, year, currency, unit, price_basis, origin, region, evidence, source, locator
        As in :class:`klaster.graph.io_table.IOTable`.
    format
        ``symmetric`` (codes in the first row and column) or ``oecd-icio``.
    country
        Of an inter-country table: the country to cut out, or ``all``.
    labels
        File with ``code`` and ``name`` of each industry.
    output_row, output_column
        Row or column of total output.
    value_added_rows, tax_rows, imports_rows
        Rows of value added, of taxes less subsidies on products, of imported inputs.
    final_demand_columns, imports_columns, total_use_columns
        Columns of final uses, of imports of the industry's product, of totals that are only checked.
    ignore_rows, ignore_columns
        Rows and columns that are left out: subtotals, components of a row that is taken.
    by_definition
        Identities that hold because the source computed one side from the other, and that are
        therefore not checked: ``row`` (final uses were what output leaves), ``column`` (value added
        was).
    by_flags
        Whether this was said on the command line or in Python, not in a case: remedies then name
        options of ``klaster io``, not keys of ``case.toml``.
    """

    name: str = "table"
    year: int = 0
    currency: str = ""
    unit: str = ""
    evidence: str = "not-stated"
    source: str = ""
    format: str = "symmetric"
    price_basis: str = "basic"
    origin: str = "total"
    region: str = ""
    locator: str = ""
    country: str = ""
    labels: Path | None = None
    output_row: str = ""
    output_column: str = ""
    value_added_rows: tuple[str, ...] = ()
    tax_rows: tuple[str, ...] = ()
    imports_rows: tuple[str, ...] = ()
    final_demand_columns: tuple[str, ...] = ()
    imports_columns: tuple[str, ...] = ()
    total_use_columns: tuple[str, ...] = ()
    ignore_rows: tuple[str, ...] = ()
    ignore_columns: tuple[str, ...] = ()
    by_definition: tuple[str, ...] = ()
    by_flags: bool = False


FLAGS = {
    "output_row": "--output",
    "output_column": "--output",
    "value_added_rows": "--value-added",
    "tax_rows": "--tax",
    "imports_rows": "--imports",
    "final_demand_columns": "--final",
    "imports_columns": "--imports-column",
    "total_use_columns": "--total",
    "ignore_rows": "--ignore-row",
    "ignore_columns": "--ignore-column",
}
"""Option of ``klaster io`` for each key of ``[inputs.table]``."""


def asked_by(spec: TableSpec, *keys: str) -> str:
    """Return what names special rows and columns: keys of a case, or options where it has none."""
    names = [FLAGS[key] for key in keys] if spec.by_flags else list(keys)
    listed = ", ".join(names[:-1]) + " or " + names[-1] if len(names) > 1 else names[0]
    return listed if spec.by_flags else f"{listed} of [inputs.table]"


def about_table(spec: TableSpec) -> dict[str, Any]:
    """Return what a table is, as far as its amounts do not say: its name, year, unit and source.

    Examples
    --------
    >>> about_table(TableSpec(name="t", year=2019, unit="million KZT"))["unit"]
    'million KZT'
    """
    names = (
        *("name", "region", "year", "currency", "unit", "price_basis"),
        *("origin", "evidence", "source", "locator"),
    )
    return {name: getattr(spec, name) for name in names}


def about_fault(
    spec: TableSpec, *, key: str, code: str, value: str = "", problem: str, remedy: str
) -> Fault:
    """Return a fault of what was said about a table: in the case file, or by an option."""
    file, column = ("case.toml", f"inputs.table.{key}")
    if spec.by_flags:
        file, column = spec.source or spec.name, ""
    return Fault(file=file, column=column, code=code, value=value, problem=problem, remedy=remedy)
