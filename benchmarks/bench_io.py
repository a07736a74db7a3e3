"""Input–output algebra and clusters beside plain NumPy, pymrio, MARIO and scikit-learn.

Two tables: 402 industries (USA 2017) and 1,435 (WIOD 2011) where they lie beside the repository,
else made-up ones of those sizes. What would take minutes is timed for some industries and scaled
up; the row says so. MARIO runs in `.venv-peers` (`make peers`), its own preparations not counted.
Seconds are those of the processor with one thread of BLAS, so that other work on the machine hardly
counts: medians within one run. The ratio is the peer's time over ours.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from klaster.algorithms.identification.methods import identify_clusters
from klaster.algorithms.identification.principal import correlation_of_columns, varimax
from klaster.algorithms.io.coefficients import input_coefficients
from klaster.algorithms.io.extraction import extraction_losses, hypothetical_extraction
from klaster.algorithms.io.leontief import leontief_inverse
from klaster.algorithms.io.random_walk import counting_betweenness
from klaster.algorithms.io.system import IOSystem, industry_measures

FloatArray = npt.NDArray[np.float64]
Row = dict[str, str | float]

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
PEERS = ROOT / ".venv-peers"
MARIO = ROOT / "tests" / "peers" / "mario_results.py"
SAMPLE = 12
REPEATS = 5


def made_up_table(n: int, *, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Draw lognormal flows, half of the cells empty, inputs about half of output."""
    rng = np.random.Generator(np.random.PCG64(seed))
    flows = rng.lognormal(0.0, 2.0, (n, n)) * (rng.random((n, n)) < 0.5)
    return flows, 2.0 * np.maximum(flows.sum(axis=0), flows.sum(axis=1))


def tables() -> Iterator[tuple[str, FloatArray, FloatArray]]:
    """Yield name, flows and output of the middling and of the large table."""
    folder = SHARED / "us-bea-detail-2017"
    if folder.exists():
        use, make = (
            pd.read_csv(folder / f"Detail_{name}_17sch.csv.gz", index_col=0)
            for name in ("Use_2017_PRO_AfterRedef", "Make_2017_AfterRedef")
        )
        industries, products = make.index[:-1], make.columns[:-1]
        V = make.loc[industries, products].to_numpy(dtype=float)
        U = use.loc[products, industries].to_numpy(dtype=float)
        supply = V.sum(axis=0)
        flows = (V / np.where(supply > 0, supply, 1.0)) @ U
        yield "USA 2017, 402", np.maximum(flows, 0.0), V.sum(axis=1)
    else:
        yield "made up, 402", *made_up_table(402)
    if (SHARED / "wiod-2011").exists():
        with np.load(SHARED / "wiod-2011" / "wiod11.npz") as data:
            yield "WIOD 2011, 1,435", data["Z"].astype(np.float64), data["X"].astype(np.float64)
    else:
        yield "made up, 1,435", *made_up_table(1435)


def seconds_of(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median of the processor's seconds the work took."""
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return float(np.median(taken))


def loss_by_solving(A: FloatArray, f: FloatArray, x: FloatArray, k: int) -> FloatArray:
    """Return the loss without industry k from the definition: change the table, solve anew."""
    without, demand = A.copy(), f.copy()
    without[k], without[:, k], demand[k] = 0.0, 0.0, 0.0
    return x - np.linalg.solve(np.eye(len(x)) - without, demand)


def passages_by_solving(Z: FloatArray, t: int) -> FloatArray:
    """Return the stays of walks from all sources that end in industry t, by one solve."""
    rest = np.arange(len(Z)) != t
    P = (Z / Z.sum(axis=1, keepdims=True))[np.ix_(rest, rest)]
    return np.linalg.solve((np.eye(len(P)) - P).T, np.ones(len(P)))


def _row(table: str, task: str, ours: float, peer: str, theirs: float, **more: float) -> Row:
    return {
        "table": table,
        "task": task,
        "ours_s": round(ours, 4),
        "peer": peer,
        "peer_s": round(theirs, 4),
        "ratio": float(f"{theirs / ours:.2g}"),
        **more,
    }


def mario_seconds(Z: FloatArray, x: FloatArray) -> dict[str, float]:
    """Return the seconds MARIO takes for each of its steps; nothing where it is not installed."""
    if not (PEERS / ".done").exists():
        return {}
    f, v = x - Z.sum(axis=1), x - Z.sum(axis=0)
    with tempfile.TemporaryDirectory() as folder:
        given, wanted = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(given, **{"t/Z": Z, "t/f": f[:, None], "t/v": v[None, :]})
        python = PEERS / "bin" / "python"
        command = [str(python), "-I", str(MARIO), str(given), str(wanted), str(REPEATS)]
        one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(command, check=True, capture_output=True, env=one_thread)
        with np.load(wanted) as found:
            prefix = "t/seconds/"
            return {n[len(prefix) :]: float(found[n]) for n in found.files if n.startswith(prefix)}


def inverse_rows(name: str, Z: FloatArray, x: FloatArray) -> list[Row]:
    """Return rows on coefficients, inverses and linkages."""
    reciprocal = np.divide(1.0, x, out=np.zeros_like(x), where=x > 0)
    one = np.eye(len(x))

    def plain_linkages() -> object:
        L, G = np.linalg.inv(one - Z * reciprocal), np.linalg.inv(one - Z * reciprocal[:, None])
        return L.sum(axis=0) / L.sum(axis=0).mean(), G.sum(axis=1) / G.sum(axis=1).mean()

    theirs = mario_seconds(Z, x)
    task = "A and L (ours: checked, with ρ(A) and condition)"
    ours = seconds_of(lambda: leontief_inverse(input_coefficients(Z, x)))
    plain = seconds_of(lambda: np.linalg.inv(one - Z * reciprocal))
    rows = [_row(name, task, ours, "NumPy", plain)]
    if importlib.util.find_spec("pymrio") is not None:
        from pymrio.tools import iomath

        flows, output = pd.DataFrame(Z), pd.DataFrame(x)
        pymrio = seconds_of(lambda: iomath.calc_L(iomath.calc_A(flows, output)))
        rows.append(_row(name, task, ours, "pymrio", pymrio))
    if "A and L" in theirs:
        rows.append(_row(name, task, ours, "MARIO", theirs["A and L"]))
    task = "A, B, L, G and linkages (ours: checked, with spread and key sectors)"
    ours = seconds_of(lambda: IOSystem.from_flows(Z, x).linkages())
    rows.append(_row(name, task, ours, "NumPy", seconds_of(plain_linkages)))
    if "linkages" in theirs:
        rows.append(_row(name, task, ours, "MARIO", theirs["linkages"]))
    return rows


def extraction_rows(name: str, Z: FloatArray, x: FloatArray) -> list[Row]:
    """Return rows on the extraction of all industries: every loss, and the totals alone."""
    A, f = input_coefficients(Z, x), x - Z.sum(axis=1)
    some = np.random.Generator(np.random.PCG64(1)).choice(len(x), SAMPLE, replace=False).tolist()
    peer = f"NumPy, a solve for each industry ({SAMPLE} timed, scaled)"
    solving = seconds_of(lambda: [loss_by_solving(A, f, x, k) for k in some], 3)
    theirs = solving / SAMPLE * len(x)
    L = leontief_inverse(A).matrix
    losses = extraction_losses(L, L @ f, f)
    worst = max(
        float(np.abs(losses[:, k] - loss_by_solving(A, f, x, k)).max()) for k in some
    ) / float(x.max())
    whole = seconds_of(lambda: hypothetical_extraction(A, f))
    given = seconds_of(lambda: extraction_losses(L, x, f))
    task = "extraction of every industry"
    return [
        _row(name, f"{task}, inversion included", whole, peer, theirs, largest_difference=worst),
        _row(name, f"{task}, n × n losses, inverse at hand", given, peer, theirs),
    ]


def measure_rows(name: str, Z: FloatArray, x: FloatArray) -> list[Row]:
    """Return rows on all measures of every industry, and on the walks alone."""

    def measured() -> object:
        system = IOSystem.from_flows(Z, x)
        return industry_measures(system, linkages=system.linkages(), extraction=system.extraction())

    ours = seconds_of(measured, 3)
    A = input_coefficients(Z, x)
    inverting = seconds_of(lambda: np.linalg.inv(np.eye(len(x)) - A))
    walks = seconds_of(lambda: counting_betweenness(Z), 3)
    # Walks reach every industry only within the largest part that leads back to itself.
    _, part = connected_components(csr_array(Z), directed=True, connection="strong")
    busy = np.flatnonzero(part == np.bincount(part).argmax())
    inside = Z[np.ix_(busy, busy)]
    solving = seconds_of(lambda: [passages_by_solving(inside, t) for t in range(SAMPLE)], 1)
    peer = f"NumPy, a solve for each target ({SAMPLE} timed, scaled)"
    return [
        _row(name, "all measures of every industry", ours, "NumPy, one inversion alone", inverting),
        _row(name, "counting betweenness", walks, peer, solving / SAMPLE * len(busy)),
    ]


def cluster_rows(name: str, Z: FloatArray, x: FloatArray) -> list[Row]:
    """Return rows on the methods of identification, and on varimax alone."""
    from sklearn.decomposition._factor_analysis import _ortho_rotation

    if name.startswith("made up"):  # noise has hundreds of components and no cluster
        return []
    system = IOSystem.from_flows(Z, x)
    ours = seconds_of(lambda: identify_clusters(system), 1)
    trading = (Z.std(axis=0) > 0) & (Z.sum(axis=1) > 0)
    R = correlation_of_columns(Z[:, trading])
    peer = "NumPy, the three eigendecompositions alone"
    eigen = 3 * seconds_of(lambda: np.linalg.eigh(R), 3)
    rows = [_row(name, "clusters by every method, with agreement and scores", ours, peer, eigen)]
    values, vectors = np.linalg.eigh(R)
    kept = values > 1.0 + 1e-9
    loadings = vectors[:, kept] * np.sqrt(values[kept])
    loadings = loadings / np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    turned = varimax(loadings, kaiser=False)[0]
    ours = seconds_of(lambda: varimax(loadings, kaiser=False), 3)

    def other() -> FloatArray:
        return np.asarray(_ortho_rotation(loadings, tol=1e-12, max_iter=100_000).T)

    theirs = seconds_of(other, 1)

    def simplicity(B: FloatArray) -> float:
        return float((B**2).var(axis=0).sum())

    task = f"varimax of {int(kept.sum())} components"
    ahead = simplicity(turned) / simplicity(other()) - 1
    rows.append(_row(name, task, ours, "scikit-learn", theirs, criterion_ahead=ahead))
    return rows


def run() -> list[Row]:
    """Return one row a table, task and peer: seconds, the peer's seconds, their ratio."""
    with threadpool_limits(1):
        return [
            row
            for name, Z, x in tables()
            for part in (inverse_rows, extraction_rows, measure_rows, cluster_rows)
            for row in part(name, Z, x)
        ]


if __name__ == "__main__":
    for row in run():
        print(row)
