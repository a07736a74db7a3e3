"""The World Input–Output Database, 2013 release, kept as NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from klaster.graph.errors import InputError
from klaster.loaders.files.grid import Limits
from klaster.loaders.heading_words import WORDS
from klaster.loaders.io.inter_country import (
    InterCountryTable,
    cut_country,
    not_of_arrays,
    read_arrays,
    whole_faults,
)
from klaster.loaders.io.table_reading import TableReading
from klaster.loaders.io.table_spec import TableSpec

_ARRAYS = ("Z", "F", "X", "countries", "industries")

WIOD_USES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT")
"""Final uses of each country in WIOD's order: c37, c38, c39, c41, c42."""

WIOD_INDUSTRIES: Mapping[str, str] = WORDS["wiod"]
"""Names of the 35 industries of the 2013 release (NACE 1.1)."""


def read_wiod_npz(
    path: Path, *, year: int = 2011, file: str | None = None, limits: Limits | None = None
) -> InterCountryTable:
    """Read a table of the World Input–Output Database (2013 release) kept as NumPy arrays.

    ``Z`` industries × industries, ``F`` industries × (countries × 5 final uses), ``X`` output,
    ``countries``, ``industries``; million USD, whole numbers. It gives no value added, so only the
    rows can be checked.

    Parameters
    ----------
    path
        The file.
    year
        Year of the table, which the file does not say.
    file, limits
        As for :func:`klaster.loaders.io.oecd.read_oecd_npz`.

    Raises
    ------
    InputError
        Where the file lacks an array or a cell, or has a negative flow.

    References
    ----------
    Timmer, M. P., Dietzenbacher, E., Los, B., Stehrer, R., de Vries, G. J. (2015). An illustrated
    user guide to the World Input–Output Database. Review of International Economics 23(3),
    575–605. doi:10.1111/roie.12178
    """
    file = file or path.name
    arrays = read_arrays(path, file, _ARRAYS, limits or Limits())
    countries, industries = (
        tuple(map(str, arrays[name].tolist())) for name in ("countries", "industries")
    )
    n = len(countries) * len(industries)
    Z, F, x = (np.asarray(arrays[name], dtype=np.float64) for name in ("Z", "F", "X"))
    shapes = (Z.shape, F.shape, x.shape)
    wanted = ((n, n), (n, len(countries) * len(WIOD_USES)), (n,))
    if shapes != wanted:
        raise not_of_arrays(file, f"its arrays have shapes {shapes}, not {wanted}")
    whole = InterCountryTable(
        countries=tuple(c for c in countries for _ in industries),
        sectors=industries * len(countries),
        flows=Z,
        final_demand=pd.DataFrame(F, columns=pd.MultiIndex.from_product([countries, WIOD_USES])),
        value_added=pd.DataFrame(np.zeros((0, n))),
        taxes=np.zeros(n),
        output=x,
        year=year,
        unit="million USD",
        rounding=0.5,
    )
    if faults := whole_faults(whole, file):
        raise InputError(faults, file)
    return whole


def read_wiod(
    path: Path,
    spec: TableSpec,
    *,
    labels: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """Read one country (or all) of a table of the World Input–Output Database."""
    try:
        whole = read_wiod_npz(path, year=spec.year or 2011, limits=limits)
    except InputError as error:
        return TableReading(None, error.faults)
    return cut_country(whole, spec).labelled(labels or WIOD_INDUSTRIES)
