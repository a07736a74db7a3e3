"""Equality with MARIO, another program for the same algebra, run by an interpreter of its own.

MARIO wants versions of NumPy and pandas of its own, so `make peers` puts it into `.venv-peers` and
`mario_results.py` runs there: tables go over as an .npz file, results come back as one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from io_tables import TABLES, shared_file
from published_numbers import GERMANY_X, GERMANY_Z, MILLER_BLAIR_X, MILLER_BLAIR_Z

from klaster import case_path
from klaster.algorithms.io.balancing import ras
from klaster.algorithms.io.linkages import linkages
from klaster.algorithms.io.multipliers import multipliers
from klaster.algorithms.io.supply_use_models import Model
from klaster.algorithms.io.system import IOSystem
from klaster.graph.supply_use import SupplyUse
from klaster.loaders.io.eurostat import read_eurostat_supply_use
from klaster.loaders.io.recognition import made_symmetric
from klaster.loaders.io.table_spec import TableSpec
from klaster.table_analysis import read_iotable

FloatArray = npt.NDArray[np.float64]
ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-peers"
SPEC = TableSpec(name="t", year=2010, origin="domestic", source="test")
MODELS = dict(
    zip(
        "ABCD",
        (
            "product-technology",
            "industry-technology",
            "fixed-industry-sales",
            "fixed-product-sales",
        ),
        strict=True,
    )
)

pytestmark = [
    pytest.mark.skipif(not (PEERS / ".done").exists(), reason="MARIO is not installed: make peers"),
    pytest.mark.xdist_group("mario"),
]


def mario(
    folder: Path, tables: Mapping[str, Mapping[str, FloatArray]]
) -> dict[str, dict[str, FloatArray]]:
    """Return what MARIO makes of tables, by the names of the tables and of the results."""
    arrays = {f"{t}/{name}": array for t, parts in tables.items() for name, array in parts.items()}
    np.savez(folder / "in.npz", **arrays)
    script = Path(__file__).with_name("mario_results.py")
    command = [
        str(PEERS / "bin" / "python"),
        "-I",
        str(script),
        str(folder / "in.npz"),
        str(folder / "out.npz"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, dict[str, FloatArray]] = {}
    with np.load(folder / "out.npz") as file:
        for key in file.files:
            table, _, name = key.partition("/")
            found.setdefault(table, {})[name] = file[key]
    return found


def alike(theirs: FloatArray, ours: npt.ArrayLike) -> None:
    """To 1e-9 of each number; for those next to nothing, to 1e-15 of the largest."""
    expected = np.asarray(ours, dtype=np.float64)
    scale = float(np.abs(expected).max(initial=0.0))
    np.testing.assert_allclose(theirs, expected, rtol=1e-9, atol=1e-15 * scale)


def made_up(n: int) -> tuple[FloatArray, FloatArray]:
    """Lognormal flows of n industries, the fourth of which is idle."""
    rng = np.random.Generator(np.random.PCG64(11))
    Z = rng.lognormal(0, 2, (n, n)) * (rng.random((n, n)) < 0.6)
    Z[3], Z[:, 3] = 0, 0
    return Z, 1.7 * np.maximum(Z.sum(axis=0), Z.sum(axis=1))


def kazakhstan() -> tuple[FloatArray, FloatArray]:
    table = read_iotable(case_path("kazakhstan")).table
    return table.flows, table.output


SHIPPED = {
    "Miller & Blair": lambda: (MILLER_BLAIR_Z, MILLER_BLAIR_X),
    "Germany": lambda: (GERMANY_Z, GERMANY_X),
    "Kazakhstan": kazakhstan,
    "made up": lambda: made_up(30),
}


def system(name: str) -> IOSystem:
    flows, output = (SHIPPED | TABLES)[name]()
    return IOSystem.from_flows(np.maximum(flows, 0.0), output)


def parts_of(table: IOSystem) -> dict[str, FloatArray]:
    """Two final uses and two rows of primary inputs, so that sums over them are tried too."""
    f, v = table.final_demand, table.primary_inputs
    return {
        "Z": table.flows,
        "f": np.column_stack([0.7 * f, 0.3 * f]),
        "v": np.vstack([0.6 * v, 0.4 * v]),
    }


def square_make_use() -> SupplyUse:
    """Five industries that mostly make their own product."""
    rng = np.random.Generator(np.random.PCG64(5))
    make = np.diag(rng.uniform(80, 120, 5)) + rng.uniform(0, 3, (5, 5))
    use = rng.uniform(2, 9, (5, 5))
    q, g = make.sum(axis=0), make.sum(axis=1)
    codes = tuple("abcde")
    return SupplyUse(
        codes,
        codes,
        make,
        use,
        pd.DataFrame({"FD": q - use.sum(axis=1)}, index=list(codes)),
        pd.DataFrame([g - use.sum(axis=0)], index=["VA"], columns=list(codes)),
    )


def parts_of_make_use(tables: SupplyUse) -> dict[str, FloatArray]:
    return {
        "make": tables.make,
        "use": tables.use,
        "f": tables.final_demand.to_numpy(dtype=np.float64),
        "v": tables.value_added.to_numpy(dtype=np.float64),
    }


def ras_targets() -> dict[str, FloatArray]:
    rng = np.random.Generator(np.random.PCG64(2))
    after = GERMANY_Z * rng.uniform(0.7, 1.4, GERMANY_Z.shape)
    return {"matrix": GERMANY_Z, "rows": after.sum(axis=1), "columns": after.sum(axis=0)}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, FloatArray]]:
    tables = {name: parts_of(system(name)) for name in SHIPPED}
    tables["supply and use"] = parts_of_make_use(square_make_use())
    tables["RAS"] = ras_targets()
    return mario(tmp_path_factory.mktemp("mario"), tables)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, FloatArray]]:
    shared_file("croatia-io-2010")
    return mario(
        tmp_path_factory.mktemp("mario"),
        {name: parts_of(system(name)) for name in ("croatia", "usa", "oecd")},
    )


def compare(theirs: Mapping[str, FloatArray], table: IOSystem) -> None:
    alike(theirs["x"], table.output)
    alike(theirs["A"], table.input_coefficients)
    alike(theirs["B"], table.allocation_coefficients)
    alike(theirs["L"], table.leontief.matrix)
    alike(theirs["G"], table.ghosh.matrix)
    x, active = table.output, table.active
    v = parts_of(table)["v"]
    direct = np.divide(v, x, out=np.zeros_like(v), where=active)
    alike(theirs["direct"], direct)
    for row, h in zip(theirs["multipliers"], direct, strict=True):
        alike(row, multipliers(table.input_coefficients, h).simple)
    assert np.allclose(theirs["prices"][active], 1, rtol=0, atol=1e-9)
    total = linkages(table.flows, x)
    nearest = linkages(table.flows, x, depth="direct")
    ours = {
        "Total Forward": (total.forward, total.forward_index, np.diagonal(table.ghosh.matrix)),
        "Total Backward": (
            total.backward,
            total.backward_index,
            np.diagonal(table.leontief.matrix),
        ),
        "Direct Forward": (
            nearest.forward,
            nearest.forward_index,
            np.diagonal(table.allocation_coefficients),
        ),
        "Direct Backward": (
            nearest.backward,
            nearest.backward_index,
            np.diagonal(table.input_coefficients),
        ),
    }
    for k, (name, (sums, index, own)) in enumerate(ours.items()):
        whole = theirs["linkages/whole/sum"][:, k]
        alike(whole[active], sums[active])
        # An industry without output has no linkage here; in MARIO it has its own unit of demand.
        assert np.isnan(sums[~active]).all(), name
        assert (whole[~active] == (1 if name.startswith("Total") else 0)).all(), name
        # MARIO's mean takes the industries without output in, ours does not.
        everyone = whole.mean() / whole[active].mean()
        alike(theirs["linkages/whole/index"][active, k] * everyone, index[active])
        # cut_diag takes the diagonal of the inverse out, not own use out of the table.
        cut = theirs["linkages/cut/sum"][:, k]
        np.testing.assert_allclose(cut[active], (sums - own)[active], rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(
            theirs["linkages/cut/index"][:, k], cut / cut.mean(), rtol=1e-9, atol=1e-13
        )


@pytest.mark.parametrize("name", list(SHIPPED))
def test_algebra_equals_that_of_mario(results: dict[str, dict[str, FloatArray]], name: str) -> None:
    compare(results[name], system(name))


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["croatia", "usa", "oecd"])
def test_algebra_of_real_tables_equals_that_of_mario(
    real: dict[str, dict[str, FloatArray]], name: str
) -> None:
    compare(real[name], system(name))


def test_ras_equals_that_of_mario(results: dict[str, dict[str, FloatArray]]) -> None:
    given = ras_targets()
    found = ras(given["matrix"], given["rows"], given["columns"], tolerance=1e-13)
    alike(results["RAS"]["matrix"], found.matrix)


def compare_models(theirs: Mapping[str, FloatArray], tables: SupplyUse, letters: str) -> None:
    for letter in letters:
        model = MODELS[letter]
        assert model in get_args(Model)
        table = made_symmetric(tables, SPEC, model=model).table  # type: ignore[arg-type]
        assert table is not None
        alike(theirs[f"{letter}/Z"], table.flows)
        alike(theirs[f"{letter}/Y"], table.final_demand.to_numpy(dtype=np.float64))
        alike(theirs[f"{letter}/V"], table.value_added.to_numpy(dtype=np.float64))


def test_models_of_make_and_use_equal_those_of_mario(
    results: dict[str, dict[str, FloatArray]],
) -> None:
    compare_models(results["supply and use"], square_make_use(), "ABCD")


@pytest.mark.shared_data
def test_supply_and_use_of_croatia_become_what_mario_makes_of_them(tmp_path: Path) -> None:
    path = shared_file("croatia-io-2010/Croatia_2010.xlsx")
    tables = read_eurostat_supply_use(path)
    # MARIO takes output from the uses, and the sheet's differ from supply by 21 thousand HRK.
    gap = tables.make.sum(axis=0) - tables.use.sum(axis=1) - tables.final_demand.sum(axis=1)
    tables = replace(tables, final_demand=tables.final_demand.assign(gap=gap))
    theirs = mario(tmp_path, {"croatia": parts_of_make_use(tables)})["croatia"]
    compare_models(theirs, tables, "BD")
    # A and C make flows negative: here they are refused, MARIO gives them.
    assert theirs["A/Z"].min() < -1000
    assert theirs["C/Z"].min() < -1000
    refused = made_symmetric(tables, SPEC, model="product-technology")
    assert {fault.code for fault in refused.faults} == {"negative-flow"}
