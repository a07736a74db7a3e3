"""Inter-country tables of the OECD, as published and kept as NumPy arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError, file_row
from klaster.graph.io_balance import flow_faults
from klaster.loaders.files.grid import Limits
from klaster.loaders.io.code_matrix import read_code_matrix
from klaster.loaders.io.inter_country import (
    OUTPUT_OF_ROWS,
    InterCountryTable,
    cut_country,
    not_of_arrays,
    read_arrays,
)
from klaster.loaders.io.table_reading import TableReading
from klaster.loaders.io.table_spec import TableSpec, about_fault

_NPZ_ARRAYS = ("data", "country_codes", "sector_codes", "fd_codes")


def read_oecd_npz(
    path: Path, *, file: str | None = None, limits: Limits | None = None
) -> InterCountryTable:
    """Read OECD inter-country tables kept as NumPy arrays.

    ``data`` holds the industries of all countries and below them net taxes, labour and capital;
    its columns are the industries and then the final uses of each country. Where the file's own
    ``metadata_json`` says how value added was split (``value_added_split``), labour and capital
    are an assumption: they are added up again, and no multiplier is made of them.

    Raises
    ------
    InputError
        Where the file does not hold such arrays.
    """
    file = file or path.name
    arrays = read_arrays(path, file, _NPZ_ARRAYS, limits or Limits())
    data = np.asarray(arrays["data"], dtype=np.float64)
    countries, sectors, uses = (tuple(map(str, arrays[name].tolist())) for name in _NPZ_ARRAYS[1:])
    n, m = len(countries) * len(sectors), len(countries) * len(uses)
    if data.shape != (n + 3, n + m) or not np.isfinite(data).all():
        problem = f"its data have shape {data.shape}, not {(n + 3, n + m)}, or are not finite"
        raise not_of_arrays(file, problem)
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
    return InterCountryTable(
        countries=tuple(c for c in countries for _ in sectors),
        sectors=tuple(s for _ in countries for s in sectors),
        flows=data[:n, :n],
        final_demand=pd.DataFrame(
            data[:n, n:], columns=pd.MultiIndex.from_product([countries, uses])
        ),
        value_added=value_added,
        taxes=data[n, :n],
        output=data[:n].sum(axis=1),
        year=int(about.get("year", 0)),
        unit=str(about.get("unit", "")).removeprefix("current "),
        notes=notes,
        by_definition=OUTPUT_OF_ROWS,
    )


_USES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "NONRES", "DPABR", "FD", "DISC")
_TOTALS = ("OUT", "OUTPUT", "TOTAL")
_TAXES = ("TLS", "TAXSUB")
_VALUE_ADDED = ("VA", "VALU")


def read_oecd_csv(
    path: Path, *, file: str | None = None, limits: Limits | None = None
) -> InterCountryTable:
    """Read an OECD inter-country table as the OECD publishes it.

    Rows and columns are ``KAZ_C24``; columns of final uses are ``KAZ_HFCE``; below stand taxes
    less subsidies (``TLS``, or ``KAZ_TAXSUB`` by country), value added (``VA`` or ``VALU``) and
    output (``OUT`` or ``OUTPUT``).

    Raises
    ------
    InputError
        With every cell that is empty, no number or a negative flow; or where rows and columns
        are not the same industries in the same order.
    """
    file = file or path.name
    raw = read_code_matrix(
        path, file=file, limits=limits or Limits(file_bytes=1024**3, cells=60_000_000)
    )
    sellers = [r for r in raw.index if "_" in r and r.partition("_")[2] not in _TAXES]
    buyers = [
        c for c in raw.columns if "_" in c and c.partition("_")[2] not in _USES and c not in _TOTALS
    ]
    if sellers != buyers or not sellers:
        odd = sorted(set(sellers) ^ set(buyers))
        fault = Fault(
            file=file, row=1, column=odd[0] if odd else "", code="unequal-order",
            value=", ".join(odd[:5]),
            problem="the industries of the rows and of the columns are not the same in the same "
            "order", remedy="Use the file as the OECD publishes it: rows and columns as KAZ_C24.",
        )  # fmt: skip
        raise InputError([fault], file)
    uses = [c for c in raw.columns if c.partition("_")[2] in _USES]
    flows = raw.loc[sellers, buyers].to_numpy(dtype=np.float64)
    places = [file_row(k) for k in raw.index.get_indexer_for(pd.Index(sellers)).tolist()]
    if faults := flow_faults(file, flows, sellers, places):
        raise InputError(faults, file)
    final = raw.loc[sellers, uses]
    final.columns = pd.MultiIndex.from_tuples([tuple(c.split("_", 1)) for c in uses])
    taxes = raw.loc[[r for r in raw.index if r.split("_")[-1] in _TAXES], buyers]
    output = raw.loc[[r for r in raw.index if r in _TOTALS], buyers].to_numpy(dtype=np.float64)
    return InterCountryTable(
        countries=tuple(label.partition("_")[0] for label in sellers),
        sectors=tuple(label.partition("_")[2] for label in sellers),
        flows=flows,
        final_demand=final.reset_index(drop=True),
        value_added=raw.loc[[r for r in raw.index if r in _VALUE_ADDED], buyers],
        taxes=taxes.to_numpy(dtype=np.float64).sum(axis=0),
        output=output[0] if len(output) else flows.sum(axis=1) + final.to_numpy().sum(axis=1),
        by_definition={} if len(output) else OUTPUT_OF_ROWS,
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
    reader = read_oecd_npz if path.suffix.lower() == ".npz" else read_oecd_csv
    try:
        whole = reader(path, file=file, limits=limits)
    except InputError as error:
        return TableReading(None, error.faults)
    problem = ""
    if spec.year and whole.year and spec.year != whole.year:
        said = "--year" if spec.by_flags else "case.toml"
        problem = f"the table is of {whole.year}, {said} says {spec.year}"
        remedy = f"Write year = {whole.year} in [inputs.table]."
        if spec.by_flags:
            remedy = f"Give --year {whole.year}, or leave it out."
    elif not spec.year and not whole.year:
        problem = "the file does not say its year" if spec.by_flags else "it is needed"
        remedy = "Give --year." if spec.by_flags else "Give the year."
    if problem:
        fault = about_fault(
            spec, key="year", code="wrong-year" if spec.year else "missing-key",
            value=str(spec.year or ""), problem=problem, remedy=remedy,
        )  # fmt: skip
        return TableReading(None, (fault,))
    return cut_country(whole, spec).labelled(labels)
