"""Which layout a file has, and one function that reads any of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from klaster.algorithms.io.supply_use_models import Model, Negatives, symmetric_table
from klaster.graph.errors import Fault, InputError, UnknownNameError, refusal
from klaster.graph.industry_codes import sections
from klaster.graph.model import FloatArray
from klaster.graph.supply_use import SupplyUse
from klaster.loaders.files.cell_values import Decimal
from klaster.loaders.files.grid import Limits
from klaster.loaders.files.reading import read_grid
from klaster.loaders.io.bea import make_and_use, read_bea
from klaster.loaders.io.eurostat import (
    USES_OF_BLOCK,
    read_eurostat,
    read_eurostat_supply_use,
    titles_of,
)
from klaster.loaders.io.inter_country import read_arrays
from klaster.loaders.io.oecd import read_oecd
from klaster.loaders.io.symmetric import read_symmetric
from klaster.loaders.io.table_reading import TableReading
from klaster.loaders.io.table_spec import TableSpec, about_table
from klaster.loaders.io.wiod import read_wiod

Format = Literal["auto", "symmetric", "oecd", "wiod", "bea", "eurostat"]

INTER_COUNTRY = ("oecd", "wiod")
"""Formats with the industries of several countries, out of which one can be cut."""


def recognise(path: Path, *, sheet: str | None = None) -> Format:
    r"""Say which format a file or folder has, from its arrays, its first row or its file names.

    Of a spreadsheet the first sheet is looked at, or the one that is named.

    Raises
    ------
    InputError
        Where the path is not there, or a folder holds no make and use table.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "t.csv"
    ...     _ = path.write_text("V1,KAZ_C24,KAZ_HFCE\nKAZ_C24,1,2\n")
    ...     recognise(path)
    'oecd'
    """
    if path.is_dir():
        make_and_use(path)
        return "bea"
    refuse_missing(path)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        try:
            return (
                "wiod"
                if {"Z", "F", "X"} <= set(read_arrays(path, path.name, (), Limits()))
                else "oecd"
            )
        except InputError:
            return "oecd"
    if suffix == ".xlsx":
        return "eurostat" if titles_of(read_grid(path, sheet=sheet)) else "symmetric"
    with path.open("rb") as stream:
        head = stream.readline(200_000).decode("utf-8", errors="replace")
    cells = [cell.strip().strip("\"'") for cell in re.split(r"[,;\t]", head)]
    if {"TFINU", "P3_S14"} <= set(cells):
        return "eurostat"
    inter_country = [c for c in cells if re.fullmatch(r"[A-Z]{2}[A-Z0-9]_[A-Z][0-9A-Z_]*", c)]
    return "oecd" if len(inter_country) > 1 else "symmetric"


def refuse_missing(path: Path) -> None:
    """Refuse a path where no file is."""
    if not path.is_file():
        remedy = "Give a file, or a folder with a make and a use table."
        raise refusal("missing-file", path, "there is no such file", remedy, path.name)


def read_table(
    path: Path,
    spec: TableSpec,
    *,
    format: Format = "auto",
    block: str = "",
    model: Model = "fixed-product-sales",
    negatives: Negatives = "refuse",
    labels: Mapping[str, str] | None = None,
    encoding: str = "auto",
    decimal: Decimal = "auto",
    sheet: str | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """Read an input–output table of any known format.

    Parameters
    ----------
    path, format, block, model, negatives, sheet
        As for :func:`klaster.loaders.table_source.read_iotable`. With block 1800 (domestic) the
        imported flows of 1900 are taken along where the sheet has them; with 1611 or 1610 the
        supply and use tables are turned symmetric (:func:`read_eurostat_supply_use`).
    spec
        What the table is; for an inter-country table with ``country``: one to cut out, or ``all``.
    labels
        Name of each code.
    encoding, decimal
        Of a symmetric table in text; found out by default.
    limits
        How large a file may be.

    Raises
    ------
    InputError
        Where the path is not there.
    UnknownNameError
        For another format.
    """
    if format not in get_args(Format):
        raise UnknownNameError("format", format, get_args(Format))
    kind = recognise(path, sheet=sheet) if format == "auto" else format
    if kind != "bea":
        refuse_missing(path)
    if bool(spec.country) != (kind in INTER_COUNTRY):
        return TableReading(None, (_country_fault(path, spec, kind),))
    if kind == "oecd":
        names = labels or {code: name["en"] for code, name in sections().items()}
        return read_oecd(path, spec, labels=names, limits=limits)
    if kind == "wiod":
        return read_wiod(path, spec, labels=labels, limits=limits)
    if kind == "symmetric":
        reading = read_symmetric(
            path, spec, labels=labels, encoding=encoding, decimal=decimal, sheet=sheet,
            limits=limits,
        )  # fmt: skip
        return reading.labelled(labels)
    file = path.name
    try:
        if kind == "bea":
            make, use = make_and_use(path if path.is_dir() else path.parent)
            tables, file = read_bea(make, use, limits=limits), use.name
        elif block in USES_OF_BLOCK:
            tables = read_eurostat_supply_use(path, block=block, sheet=sheet, limits=limits)
            spec, file = replace(spec, origin=USES_OF_BLOCK[block]), f"{path.name} {block}"
        else:
            reading = read_eurostat(
                path, spec, block=block, labels=labels, sheet=sheet, limits=limits
            )
            if reading.table is not None and block == "1800":
                imported = read_eurostat(
                    path, spec, block="1900", labels=labels, sheet=sheet, limits=limits
                )
                if imported.table is not None:
                    note = f"{path.name}: imported flows are those of table 1900"
                    table = reading.table.with_imported(imported.table)
                    reading = replace(reading, table=table, notes=(*reading.notes, note))
            return _without_specks(reading).labelled(labels)
    except InputError as error:
        return TableReading(None, error.faults)
    reading = made_symmetric(tables, spec, model=model, negatives=negatives, file=file)
    if kind == "eurostat":
        reading = _without_specks(reading)
    return reading.labelled(labels)


def made_symmetric(
    tables: SupplyUse,
    spec: TableSpec,
    *,
    model: Model = "industry-technology",
    negatives: Negatives = "refuse",
    file: str = "use",
) -> TableReading:
    """Turn make and use tables symmetric; what forbids it is named, not raised."""
    try:
        table, notes = symmetric_table(
            tables, model=model, negatives=negatives, file=file, **about_table(spec)
        )
    except InputError as error:
        return TableReading(None, error.faults)
    return TableReading(table, notes=notes)


SPECK = 1e-10
"""Output below this share of the largest is rounding, or a stand-in of the publisher's for zero."""


def _without_specks(reading: TableReading) -> TableReading:
    """Take an industry whose output is rounding only for inactive, and say so."""
    table = reading.table
    if table is None or not np.isfinite(table.output).all():
        return reading
    x = table.output
    specks = np.flatnonzero((x != 0) & (np.abs(x) < SPECK * np.abs(x).max(initial=0.0))).tolist()
    if not specks:
        return reading
    flows, output, final = table.flows.copy(), x.copy(), table.final_demand.copy()
    primary, imported = table.value_added.copy(), table.imported_flows
    flows[specks], flows[:, specks], output[specks] = 0.0, 0.0, 0.0
    final.iloc[specks] = 0.0
    primary.iloc[:, specks] = 0.0
    if imported is not None:
        imported = imported.copy()
        imported[:, specks] = 0.0

    def cleared(values: FloatArray | None) -> FloatArray | None:
        if values is None:
            return None
        values = values.copy()
        values[specks] = 0.0
        return values

    notes = [
        f"industry {table.names[k]}: its output {x[k]:.3g} is rounding or a stand-in; it is taken "
        "for inactive, its row and column for zero"
        for k in specks
    ]
    cleared_table = replace(
        table,
        flows=flows,
        output=output,
        final_demand=final,
        value_added=primary,
        imported_flows=imported,
        taxes=cleared(table.taxes),
        imports=cleared(table.imports),
    )
    return replace(reading, table=cleared_table, notes=(*reading.notes, *notes))


def _country_fault(path: Path, spec: TableSpec, kind: str) -> Fault:
    """Return the fault of a country that is named where there are none, or of none that is named."""
    if not spec.country:
        return Fault(
            file=spec.name, code="missing-country",
            problem="the table holds several countries and none was named",
            remedy="Name one by --country, as KAZ; or all." if spec.by_flags
            else "Name one, as KAZ, or all.",
        )  # fmt: skip
    return Fault(
        file=path.name, code="no-countries", value=spec.country,
        problem=f"a country is cut out of an inter-country table ({', '.join(INTER_COUNTRY)}), and "
        f"this one is read as {kind}: it does not say which flows are domestic",
        remedy="Leave --country out; say --origin domestic where all its flows are domestic, or "
        "give the imported flows with --imported. If it is an inter-country table, say --format.",
    )  # fmt: skip
