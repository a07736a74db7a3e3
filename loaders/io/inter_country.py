"""Inter-country tables, and the table of one country cut out of them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError, did_you_mean, refusal
from klaster.graph.io_balance import flow_faults
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray
from klaster.loaders.files.grid import Limits
from klaster.loaders.io.table_reading import TableReading
from klaster.loaders.io.table_spec import TableSpec, about_fault, about_table


@dataclass(frozen=True)
class InterCountryTable:
    """An inter-country table: industries of several countries, one below the other.

    ``countries`` and ``sectors`` are those of each row of ``flows`` (Z, seller row to buyer column);
    columns of ``final_demand`` are pairs of country and category; ``value_added``, ``taxes`` and
    ``output`` are by industry; ``year`` and ``unit`` are 0 and empty where the file does not state
    them; ``rounding`` is half a unit of the last digit it gives, 0 where it gives all;
    ``by_definition`` are identities that hold because one side was computed from the other, and how.
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
        return TableReading(replace(table, origin="total"), notes=whole.notes)
    home = np.flatnonzero(countries == country)
    if not len(home):
        known = sorted(set(whole.countries))
        fault = about_fault(
            spec, key="country", code="unknown-country", value=country,
            problem=f"the table has no such country{did_you_mean(country, known).rstrip('.')}",
            remedy=f"Use one of: {', '.join(known)}, or all.",
        )  # fmt: skip
        return TableReading(None, (fault,))
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
        [f"sectors that other countries have and {country} does not are left out: {sorted(lost)}"]
        if lost
        else []
    )
    table = _icio_table(whole, spec, home, flows, final, spec.region or country)
    if spec.origin != "imported":
        abroad = pd.DataFrame(imported_final, columns=uses, index=sectors)
        table = replace(table, imported_flows=imported, imported_final=abroad)
    return TableReading(table, notes=(*whole.notes, *notes))


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


def whole_faults(whole: InterCountryTable, file: str) -> tuple[Fault, ...]:
    """Return missing and negative cells of an inter-country table, each named."""
    names = [f"{c}_{s}" for c, s in zip(whole.countries, whole.sectors, strict=True)]
    faults = flow_faults(file, whole.flows, names, range(1, len(names) + 1))
    for what, values in (("output", whole.output), ("taxes", whole.taxes)):
        faults += [
            Fault(
                file=file, row=k + 1, column=what, code="missing-cell",
                problem=f"{what} of {names[k]} is missing", remedy="Fill the cell.",
            )
            for k in np.flatnonzero(~np.isfinite(values))[:20].tolist()
        ]  # fmt: skip
    return tuple(faults)


def read_arrays(path: Path, file: str, needed: Sequence[str], limits: Limits) -> dict[str, Any]:
    """Read a file of NumPy arrays.

    Raises
    ------
    InputError
        Where it is none, is too large or lacks an array.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > limits.unpacked_bytes:
            raise not_of_arrays(file, f"it unpacks to {size:,} bytes")
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as reason:
        raise not_of_arrays(file, f"it is not a file of NumPy arrays ({reason})") from reason
    if missing := [name for name in needed if name not in arrays]:
        raise not_of_arrays(file, f"it has no array {', '.join(missing)}")
    return arrays


def not_of_arrays(file: str, problem: str) -> InputError:
    """Return the error of a file that does not hold the arrays of an inter-country table."""
    remedy = "Use the file as it was distributed, or the CSV of the publisher."
    return refusal("unreadable-file", "", problem, remedy, file)
