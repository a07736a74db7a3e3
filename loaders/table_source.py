"""Input–output tables from files, and from the case they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from klaster.algorithms.io.supply_use_models import Model, Negatives
from klaster.graph.case import Case
from klaster.graph.errors import Fault, InputError, refusal
from klaster.graph.industry_codes import CodeLevel, code_mapping, sections
from klaster.graph.io_table import IOTable
from klaster.loaders.case.case_folder import load_case
from klaster.loaders.files.cell_values import Decimal
from klaster.loaders.files.reading import SPREADSHEET_SUFFIXES, TEXT_SUFFIXES, read_grid
from klaster.loaders.io.eurostat import blocks_of
from klaster.loaders.io.known_parts import imports_close_the_columns
from klaster.loaders.io.recognition import Format, read_table
from klaster.loaders.io.table_checks import balance_warnings
from klaster.loaders.io.table_labels import read_labels
from klaster.loaders.io.table_spec import FLAGS, TableSpec


@dataclass(frozen=True)
class TableSource:
    """A table as it was read, with what was handled, what is odd, and its titles by language.

    ``warnings`` do not forbid the algebra; each total that is off is among them.
    """

    table: IOTable
    notes: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


def read_iotable(
    path: Path | str,
    *,
    format: Format = "auto",
    country: str = "",
    name: str = "",
    year: int = 0,
    currency: str = "",
    unit: str = "",
    origin: str = "",
    evidence: str = "not-stated",
    source: str = "",
    block: str = "",
    model: Model = "fixed-product-sales",
    negatives: Negatives = "refuse",
    imported: Path | str | None = None,
    labels: Path | str | None = None,
    output: str = "",
    value_added_rows: Sequence[str] = (),
    tax_rows: Sequence[str] = (),
    imports_rows: Sequence[str] = (),
    final_demand_columns: Sequence[str] = (),
    imports_columns: Sequence[str] = (),
    total_use_columns: Sequence[str] = (),
    ignore_rows: Sequence[str] = (),
    ignore_columns: Sequence[str] = (),
    encoding: str = "auto",
    decimal: Decimal = "auto",
    sheet: str | None = None,
) -> TableSource:
    """Read an input–output table of any known format, or the table of a case.

    Parameters
    ----------
    path
        A file; a folder with make and use tables; or a case folder.
    format
        ``symmetric``, ``oecd``, ``wiod``, ``bea`` or ``eurostat``; recognised by default.
    country
        Country to cut out of an inter-country table, or ``all``.
    name, year, currency, unit, evidence, source
        What the table is; the file's name where no name is given, with the country that was cut
        out.
    origin
        ``domestic``, ``imported`` or ``total``; by default ``domestic`` of a country cut out of an
        inter-country table, and where the columns add up to output only with a row of imports
        beside the flows; else ``total``.
    block
        Number of the table in a spreadsheet of the Eurostat layout.
    model, negatives
        For make and use tables (:func:`klaster.algorithms.io.supply_use_models.symmetric_table`).
    imported
        Table of imported flows, of the same layout as the table: what is said of special rows and
        columns, encoding and decimal sign holds for it too, as far as it has them.
    labels
        CSV with code and name of each industry.
    output
        Row or column of output in a ``symmetric`` table.
    value_added_rows, tax_rows, imports_rows
        Rows of a ``symmetric`` table that are not known by their usual names.
    final_demand_columns, imports_columns, total_use_columns
        Its columns of final uses, of imports of the industry's product, and of totals that are only
        checked.
    ignore_rows, ignore_columns
        What to leave out of it.
    encoding, decimal, sheet
        As for :func:`klaster.loaders.io.recognition.read_table`.

    Raises
    ------
    InputError
        With every fault of the table.

    Examples
    --------
    >>> from klaster.cases import case_path
    >>> read_iotable(case_path("kazakhstan")).table.year
    2019
    """
    if not isinstance(path, (str, Path)):
        problem = f"a {type(path).__name__} is no path of a file"
        remedy = "IOTable.from_frame makes a table of a DataFrame."
        raise refusal("not-a-path", "", problem, remedy, "read_iotable")
    place = Path(path)
    if place.is_dir() and (place / "case.toml").is_file():
        return source_of_case(load_case(place))
    spec = TableSpec(
        name=name or "_".join(filter(None, [_table_name(place), country])),
        year=year,
        currency=currency,
        unit=unit,
        evidence=evidence,
        source=source or place.name,
        origin=origin or ("domestic" if country and country != "all" else "total"),
        country=country,
        region=country if country != "all" else "",
        output_row=output,
        output_column=output,
        value_added_rows=tuple(value_added_rows),
        tax_rows=tuple(tax_rows),
        imports_rows=tuple(imports_rows),
        final_demand_columns=tuple(final_demand_columns),
        imports_columns=tuple(imports_columns),
        total_use_columns=tuple(total_use_columns),
        ignore_rows=tuple(ignore_rows),
        ignore_columns=tuple(ignore_columns),
        by_flags=True,
    )
    names = read_labels(Path(labels)) if labels else None
    reading = read_table(
        place, spec, format=format, block=block, model=model, negatives=negatives, labels=names,
        encoding=encoding, decimal=decimal, sheet=sheet,
    )  # fmt: skip
    errors = [fault for fault in reading.faults if fault.severity == "error"]
    if reading.table is None or errors:
        raise InputError(reading.faults, place.name)
    table = reading.table
    if not table.year:
        remedy = "Give --year, in Python year=."
        raise refusal("missing-year", "", "the year is not known", remedy, place.name)
    if imported is not None:
        other = read_iotable(
            imported,
            format=format,
            year=table.year,
            name=f"{table.name}_imported",
            currency=table.currency,
            unit=table.unit,
            origin="imported",
            labels=labels,
            encoding=encoding,
            decimal=decimal,
            **_as_far_as_there(Path(imported), spec, block, encoding),
        )
        table = table.with_imported(other.table)
    notes = reading.notes
    if not origin and imports_close_the_columns(table):
        table = replace(table, origin="domestic")
        note = (
            "flows are taken as domestic: the columns add up to output only with the row of "
            "imports, and no imports are taken off final uses (say --origin where it is otherwise)"
        )
        notes = (*notes, note)
    off = balance_warnings(replace(reading, table=table), place.name, table.balance().residuals)
    warnings = (*(fault for fault in reading.faults if fault.severity != "error"), *off)
    title = table.name
    if country and country not in title:
        title = f"{title}, {country}"
    return TableSource(table, notes, warnings, {"en": title})


def _as_far_as_there(path: Path, spec: TableSpec, block: str, encoding: str) -> dict[str, Any]:
    """Return which of the special rows and columns, and which table of a sheet, a file has."""
    if path.suffix.lower() not in (*TEXT_SUFFIXES, *SPREADSHEET_SUFFIXES) or not path.is_file():
        return {}
    cells = {cell for row in read_grid(path, encoding=encoding).rows for cell in row}
    there: dict[str, Any] = {
        key: [name for name in getattr(spec, key) if name in cells]
        for key in FLAGS
        if not key.startswith("output")
    }
    there["output"] = spec.output_row if spec.output_row in cells else ""
    there["block"] = block if block in blocks_of(path) else ""
    return there


def aggregated(source: TableSource, level: CodeLevel = "section") -> TableSource:
    """Return a table added up to sections or divisions of ISIC 4, NACE 2 and OKED.

    Raises
    ------
    InputError
        Where a code is none of them.
    """
    table = source.table
    mapping = code_mapping(table.codes, level)
    labels = dict(zip(table.codes, table.labels, strict=True))
    known = {**labels, **{code: name["en"] for code, name in sections().items()}}
    note = f"{len(table.codes)} industries were added up to {level}s"
    return replace(
        source, table=table.aggregate(mapping, labels=known), notes=(*source.notes, note)
    )


def _table_name(path: Path) -> str:
    stem = path.name.split(".")[0]
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in stem).strip("_")
    return kept if kept and kept[0].isalpha() else f"table_{kept}".rstrip("_")


def source_of_case(case: Case) -> TableSource:
    """Return the table of a case, with what was found in reading it.

    Raises
    ------
    InputError
        Where the case has no table.
    """
    if case.table is None:
        fault = Fault(
            file="case.toml",
            column="inputs.table",
            code="no-table",
            problem=f"the case {case.name} has no input–output table",
            remedy="Name one under [inputs.table] of its case.toml.",
        )
        raise InputError([fault], str(case.folder or case.name))
    off = tuple(fault for fault in case.report.warnings if fault.code.endswith("-balance"))
    return TableSource(case.table, case.report.notes, off, case.titles)
