"""Communities at several scales: a scan of the resolution, and communities within communities."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.community.detect import (
    best_row,
    partitions_of,
    plan_search,
    qualities_of,
    seeds_from,
)
from klaster.algorithms.community.objective import canonical_labels
from klaster.algorithms.community.projection import SelfTies, checked
from klaster.algorithms.community.work import Progress
from klaster.algorithms.trust.comparison import variation_of_information
from klaster.algorithms.trust.nulls import NullModel
from klaster.algorithms.trust.significance import FEWEST_NODES, significance
from klaster.graph.model import CSR, FloatArray, IntArray


@dataclass(frozen=True)
class Plateau:
    """A range of resolutions over which the communities stay the same, or nearly so.

    Attributes
    ----------
    first, last
        Positions of its ends in the resolutions of the scan.
    low, high
        Resolutions at its ends.
    width
        Natural logarithm of high / low: the longer, the less the partition hangs on the choice.
    community_count
        Communities of the partition in its middle.
    labels
        That partition, as a tuple of canonical labels.
    """

    first: int
    last: int
    low: float
    high: float
    width: float
    community_count: int
    labels: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ResolutionScan:
    """The best partition at each of many resolutions.

    Attributes
    ----------
    resolutions
        Rising.
    labels
        One row a resolution: the best partition found, canonical labels.
    community_count
        Communities among the nodes that are tied.
    quality
        What the engine seeks, at that resolution.
    spread
        Mean variation of information between the runs, in bits: a dip shows a scale at which the
        network has one clear answer.
    step
        Variation of information to the partition of the next lower resolution; the first is NaN.
    plateaus
        The widest first.
    """

    resolutions: FloatArray
    labels: IntArray
    community_count: IntArray
    quality: FloatArray
    spread: FloatArray
    step: FloatArray
    plateaus: tuple[Plateau, ...]


def resolution_scan(
    matrix: CSR,
    resolutions: npt.ArrayLike | None = None,
    *,
    engine: str = "leiden",
    seed: int = 1,
    runs: int = 10,
    tolerance: float = 0.05,
    self_ties: SelfTies = "drop",
    workers: int = 1,
    progress: Progress | None = None,
) -> ResolutionScan:
    """Partition a network at many resolutions and say over which the answer stands still.

    Modularity has a scale of its own: it merges groups that are small against the whole network.
    A partition that stays the same while the resolution is multiplied several times over is the
    network's; one that is there at a single resolution is the method's.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    resolutions
        Above zero; by default 21 from 0.1 to 10, evenly on the logarithm.
    engine, self_ties
        As for :func:`~klaster.algorithms.community.detect.best_partition`; not ``map-equation``.
    seed
        Of all runs; each resolution has the same seeds.
    runs
        Runs at each resolution, at least 1.
    tolerance
        Partitions of neighbouring resolutions belong to one plateau where their variation of
        information is at most this share of log₂ n, its largest value.
    workers
        Number of processes; any number gives the same result.
    progress
        Called with resolutions done and resolutions in all.

    Returns
    -------
    ResolutionScan
        Plateaus have two resolutions or more, and more than one community but fewer than nodes.

    Raises
    ------
    ValueError
        For a resolution that is not above zero, or fewer than one run.

    References
    ----------
    Lambiotte, R., Delvenne, J.-C. and Barahona, M. (2014), doi:10.1109/TNSE.2015.2391998.

    Examples
    --------
    Six full groups of four, two and two tied to each other:

    >>> groups = np.kron(np.eye(6), np.ones((4, 4))) - np.eye(24)
    >>> pairs = np.kron(np.kron(np.eye(3), np.ones((2, 2))), np.full((4, 4), 0.1))
    >>> network = sparse.csr_array(np.where(groups > 0, groups, pairs) * (1 - np.eye(24)) + 1e-3)
    >>> scan = resolution_scan(network, [0.3, 0.5, 1.0, 2.0, 3.0], runs=3)
    >>> sorted(plateau.community_count for plateau in scan.plateaus)
    [3, 6]
    """
    if resolutions is None:
        resolutions = np.logspace(-1, 1, 21)
    gammas = np.unique(np.asarray(resolutions, dtype=np.float64))
    if len(gammas) == 0 or not (np.isfinite(gammas).all() and (gammas > 0).all()):
        raise ValueError("the resolutions must be finite numbers above 0, one at least")
    if runs < 1:
        raise ValueError(f"runs is {runs}; at least 1 is needed")
    ties = checked(matrix, self_ties)
    plan = plan_search(ties, engine, "keep")
    seeds = seeds_from(seed, runs)
    best, quality, spread = [], [], []
    for done, gamma in enumerate(gammas.tolist()):
        rows = partitions_of(ties, plan, resolution=gamma, seeds=seeds, workers=workers)
        qualities = qualities_of(ties, plan, rows, gamma)
        chosen = best_row(rows, qualities)
        best.append(rows[chosen])
        quality.append(float(qualities[chosen]))
        spread.append(_mean_distance(rows))
        if progress:
            progress(done + 1, len(gammas))
    labels = np.array(best)
    tied = np.asarray((ties + ties.T).sum(axis=1)).ravel() > 0
    counts = np.array([len(np.unique(row[tied])) for row in labels], dtype=np.int64)
    step = np.full(len(gammas), np.nan)
    for k in range(1, len(gammas)):
        step[k] = variation_of_information(labels[k - 1], labels[k])
    limit = tolerance * np.log2(max(int(tied.sum()), 2))
    plateaus = _plateaus(gammas, labels, counts, step, limit, int(tied.sum()))
    return ResolutionScan(
        gammas, labels, counts, np.array(quality), np.array(spread), step, plateaus
    )


def _mean_distance(rows: IntArray) -> float:
    distinct, times = np.unique(rows, axis=0, return_counts=True)
    runs = len(rows)
    if runs < 2:
        return 0.0
    total = sum(
        float(times[a] * times[b]) * variation_of_information(distinct[a], distinct[b])
        for a in range(len(distinct))
        for b in range(a)
    )
    return 2 * total / (runs * (runs - 1))


def _plateaus(
    gammas: FloatArray,
    labels: IntArray,
    counts: IntArray,
    step: FloatArray,
    limit: float,
    tied: int,
) -> tuple[Plateau, ...]:
    starts = [0, *np.flatnonzero(step > limit).tolist(), len(gammas)]
    found = []
    for first, end in pairwise(starts):
        last = end - 1
        middle = (first + last) // 2
        if last > first and 1 < counts[middle] < tied:
            low, high = float(gammas[first]), float(gammas[last])
            found.append(
                Plateau(
                    first,
                    last,
                    low,
                    high,
                    float(np.log(high / low)),
                    int(counts[middle]),
                    tuple(labels[middle].tolist()),
                )
            )
    return tuple(sorted(found, key=lambda plateau: (-plateau.width, plateau.low)))


def nested_partitions(
    matrix: CSR,
    *,
    engine: str = "leiden",
    resolution: float = 1.0,
    seed: int = 1,
    runs: int = 20,
    smallest: int = 8,
    depth: int = 5,
    level: float = 0.05,
    draws: int = 99,
    null_model: NullModel = "auto",
    self_ties: SelfTies = "drop",
    workers: int = 1,
    progress: Progress | None = None,
) -> IntArray:
    """Return communities, the communities within them, and so on while there are any.

    Each community is looked at as a network of its own, by Leiden again; it is divided where its
    own communities are beyond chance. Without that test every random part could be divided
    further, for any network has a partition of positive modularity.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    engine, resolution, runs, self_ties
        As for :func:`~klaster.algorithms.community.detect.best_partition`.
    seed
        Of everything random here.
    smallest
        Communities of fewer nodes are not divided.
    depth
        Most levels.
    level, draws, null_model
        As for :func:`~klaster.algorithms.trust.significance.significance`. The level holds for
        each test by itself.
    workers
        Number of processes for the draws; any number gives the same levels.
    progress
        Called with communities looked at and communities known so far.

    Returns
    -------
    ndarray
        One row a level, from the coarsest: canonical labels. Each row divides communities of the
        row before it. Where the whole network has no communities beyond chance there is one row,
        with all nodes that are tied in one community. Nodes without a tie are alone.

    Examples
    --------
    >>> inner = np.kron(np.eye(4), np.ones((8, 8))) - np.eye(32)
    >>> outer = np.kron(np.kron(np.eye(2), np.ones((2, 2))), np.full((8, 8), 0.5))
    >>> blocks = sparse.csr_array(np.maximum(np.maximum(inner, outer) - np.eye(32), 0.01))
    >>> levels = nested_partitions(blocks, runs=3, draws=39)
    >>> [int(row.max()) + 1 for row in levels]
    [2, 4]
    """
    ties = checked(matrix, self_ties)
    count = ties.shape[0]
    tied = np.asarray((ties + ties.T).sum(axis=1)).ravel() > 0
    whole = np.arange(count, dtype=np.int64) + 1
    whole[tied] = 0
    rows: list[IntArray] = [canonical_labels(whole)]
    waiting = [np.flatnonzero(tied)] if tied.any() else []
    looked, known = 0, 1
    while waiting and len(rows) <= depth:
        row, divided = rows[-1].copy(), []
        for members in waiting:
            looked += 1
            own = _own_communities(
                sparse.csr_array(ties[members][:, members]),
                smallest,
                engine=engine,
                resolution=resolution,
                # By the smallest member: so a part is judged alike whatever else was divided.
                seed=seeds_from(seed, int(members[0]) + 1)[-1],
                runs=runs,
                level=level,
                draws=draws,
                null_model=null_model,
                workers=workers,
            )
            for number in range(1, int(own.max(initial=0)) + 1):
                row[members[own == number]] = row.max() + 1
            if own.max(initial=0) > 0:
                divided += [members[own == number] for number in range(int(own.max()) + 1)]
                known += int(own.max()) + 1
            if progress:
                progress(looked, known)
        if divided:
            rows.append(canonical_labels(row))
        waiting = divided
    kept = rows[1:] if len(rows) > 1 else rows
    return np.array(kept, dtype=np.int64).reshape(len(kept), count)


def _own_communities(
    ties: CSR,
    smallest: int,
    *,
    engine: str,
    resolution: float,
    seed: int,
    runs: int,
    level: float,
    draws: int,
    null_model: NullModel,
    workers: int,
) -> IntArray:
    """Return communities of a part that are beyond chance; else one community."""
    one = np.zeros(ties.shape[0], dtype=np.int64)
    if ties.shape[0] < max(smallest, FEWEST_NODES):
        return one
    plan = plan_search(ties, engine, "keep")
    rows = partitions_of(ties, plan, resolution=resolution, seeds=seeds_from(seed, runs))
    best = rows[best_row(rows, qualities_of(ties, plan, rows, resolution))]
    found = significance(
        ties,
        best,
        engine=engine,
        resolution=resolution,
        seed=seed,
        draws=draws,
        level=level,
        null_model=null_model,
        self_ties="keep",
        workers=workers,
    )
    return best if found.significant else one
