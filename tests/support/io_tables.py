"""Real input–output tables beside the repository, as plain arrays; tests skip where they lack."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

FloatArray = npt.NDArray[np.float64]
SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def shared_file(name: str) -> Path:
    """Return a file of the reference data, or skip the test."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"reference data {name} is not beside the repository")
    return path


@cache
def croatia() -> tuple[FloatArray, FloatArray]:
    """Croatia 2010, domestic flows, 65 industries (one of them without output)."""
    table = pd.read_csv(shared_file("croatia-io-2010/croatia_2010_1800_full.csv"), index_col=0)
    codes = pd.read_csv(shared_file("croatia-io-2010/nace_labels.csv"))["t_cols2"].tolist()
    flows = table.loc[[f"CPA_{code}" for code in codes], codes]
    return flows.to_numpy(dtype=float), table.loc["P1", codes].to_numpy(dtype=float)


@cache
def usa() -> tuple[FloatArray, FloatArray]:
    """USA 2017, 402 industries: make and use turned industry by industry (market shares).

    Negative flows are left in: seven cells of one government enterprise.
    """
    folder = "us-bea-detail-2017"
    use, make = (
        pd.read_csv(shared_file(f"{folder}/Detail_{name}_17sch.csv.gz"), index_col=0)
        for name in ("Use_2017_PRO_AfterRedef", "Make_2017_AfterRedef")
    )
    industries, commodities = make.index[:-1], make.columns[:-1]
    V = make.loc[industries, commodities].to_numpy(dtype=float)
    U = use.loc[commodities, industries].to_numpy(dtype=float)
    supply = V.sum(axis=0)
    return (V / np.where(supply > 0, supply, 1.0)) @ U, V.sum(axis=1)


@cache
def oecd() -> tuple[FloatArray, FloatArray]:
    """OECD inter-country table 2019: 19 countries and the rest of the world × 20 sections."""
    path = shared_file("oecd-icio-g20-2019/icio_oecd2023_2019_isic_g20.npz")
    data = np.load(path)["data"]
    return data[:400, :400], data[:400].sum(axis=1)


@cache
def wiod() -> tuple[FloatArray, FloatArray]:
    """WIOD 2011: 41 countries × 35 industries."""
    with np.load(shared_file("wiod-2011/wiod11.npz")) as data:
        return data["Z"].astype(np.float64), data["X"].astype(np.float64)


TABLES: dict[str, Callable[[], tuple[FloatArray, FloatArray]]] = {
    "croatia": croatia,
    "usa": usa,
    "oecd": oecd,
    "wiod": wiod,
}
