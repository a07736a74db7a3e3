"""Input–output algebra: extraction of every industry, walks and inverses against plain NumPy.

The large table is WIOD 2011 (1,435 industries) where it lies beside the repository, else a made-up
one of that size. One solve for each industry would take minutes, so a sample of industries is
timed and scaled up; the row says so. Times are ratios within one run on one machine.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.coefficients import input_coefficients
from klaster.algorithms.io.extraction import extraction_losses, hypothetical_extraction
from klaster.algorithms.io.leontief import leontief_inverse
from klaster.algorithms.io.random_walk import counting_betweenness
from klaster.algorithms.io.system import IOSystem, industry_measures

FloatArray = npt.NDArray[np.float64]
Row = dict[str, str | float]

WIOD = Path(__file__).parents[2] / "shared" / "data" / "wiod-2011" / "wiod11.npz"
SAMPLE = 12


def made_up_table(n: int, *, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Draw lognormal flows, half of the cells empty, inputs about half of output."""
    rng = np.random.Generator(np.random.PCG64(seed))
    flows = rng.lognormal(0.0, 2.0, (n, n)) * (rng.random((n, n)) < 0.5)
    return flows, 2.0 * np.maximum(flows.sum(axis=0), flows.sum(axis=1))


def large_table() -> tuple[str, FloatArray, FloatArray]:
    """Return the name, the flows and the output of the large table."""
    if not WIOD.exists():
        return ("made up, 1,435 industries", *made_up_table(1435))
    with np.load(WIOD) as data:
        return "WIOD 2011, 1,435 industries", data["Z"].astype(np.float64), data["X"]


def seconds_of(work: Callable[[], object], repeats: int) -> float:
    """Return the median of the seconds the work took."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
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


def _row(task: str, ours: float, peer: str, theirs: float, **more: float) -> Row:
    return {
        "task": task,
        "ours_s": round(ours, 4),
        "peer": peer,
        "peer_s": round(theirs, 4),
        "ratio": round(theirs / ours, 1),
        **more,
    }


def extraction_rows() -> list[Row]:
    """Return rows on the extraction of all industries: every loss, and the totals alone."""
    name, Z, x = large_table()
    A, f = input_coefficients(Z, x), x - Z.sum(axis=1)
    some = np.random.Generator(np.random.PCG64(1)).choice(len(x), SAMPLE, replace=False)
    peer = f"NumPy, one solve for each industry ({SAMPLE} timed, scaled to {len(x):,})"
    solving = seconds_of(lambda: [loss_by_solving(A, f, x, k) for k in some.tolist()], 1)
    theirs = solving / SAMPLE * len(x)
    L = leontief_inverse(A).matrix
    losses = extraction_losses(L, L @ f, f)
    worst = max(
        float(np.abs(losses[:, k] - loss_by_solving(A, f, x, k)).max()) for k in some.tolist()
    ) / float(x.max())
    everything = seconds_of(lambda: hypothetical_extraction(A, f), 3)
    given_inverse = seconds_of(lambda: extraction_losses(L, x, f), 3)
    return [
        _row(
            f"extraction of every industry, inversion included: {name}",
            everything,
            peer,
            theirs,
            largest_difference=worst,
        ),
        _row(f"n × n losses, inverse at hand: {name}", given_inverse, peer, theirs),
    ]


def measure_rows() -> list[Row]:
    """Return rows on a 402-industry table: all measures, and the walks alone."""
    Z, x = made_up_table(402)
    ours = seconds_of(lambda: industry_measures(IOSystem.from_flows(Z, x)), 3)
    A = Z / x
    inverting = seconds_of(lambda: np.linalg.inv(np.eye(len(x)) - A), 3)
    walks = seconds_of(lambda: counting_betweenness(Z), 3)
    solving = seconds_of(lambda: [passages_by_solving(Z, t) for t in range(SAMPLE)], 1)
    return [
        _row("all measures of 402 industries", ours, "NumPy, one inversion alone", inverting),
        _row(
            "counting betweenness of 402 industries",
            walks,
            f"NumPy, one solve for each target ({SAMPLE} timed, scaled)",
            solving / SAMPLE * len(x),
        ),
    ]


def pymrio_rows() -> list[Row]:
    """Return a row against pymrio, where it is installed."""
    if importlib.util.find_spec("pymrio") is None:
        return []
    import pandas as pd
    from pymrio.tools import iomath

    name, Z, x = large_table()
    flows, output = pd.DataFrame(Z), pd.DataFrame(x)
    ours = seconds_of(lambda: leontief_inverse(input_coefficients(Z, x)), 3)
    theirs = seconds_of(lambda: iomath.calc_L(iomath.calc_A(flows, output)), 3)
    return [_row(f"A and L, ours with ρ and condition: {name}", ours, "pymrio", theirs)]


def run() -> list[Row]:
    """Return one row a task: seconds, the peer's seconds, their ratio."""
    return [*extraction_rows(), *measure_rows(), *pymrio_rows()]


if __name__ == "__main__":
    for row in run():
        print(row)
