"""Communities at several resolutions: over which they stand, and which have parts themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from klaster.algorithms.community.detect import (
    best_partition,
    best_row,
    partitions_of,
    plan_search,
    qualities_of,
    seeds_from,
)
from klaster.algorithms.community.search import USUAL, Search
from klaster.algorithms.community.work import StepProgress
from klaster.algorithms.partitions.comparison import variation_of_information
from klaster.algorithms.square_matrix import checked, part_of
from klaster.algorithms.trust.significance import (
    FEWEST_DRAWS,
    FEWEST_NODES,
    NullTest,
    significance,
)
from klaster.graph.findings import LIKENESS, ScaleRange
from klaster.graph.model import CSR, FloatArray, IntArray

SCAN = Search(runs=10)
DIVISION_TEST = NullTest(draws=99, level=0.01)


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
        Natural logarithm of high / low: the longer, the less the partition depends on the choice.
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
    search: Search = SCAN,
    *,
    tolerance: float = 0.05,
    progress: StepProgress | None = None,
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
    search
        How it is searched at each resolution, with the same seeds; its own resolution is not used,
        nor its time box, and its engine is not ``map-equation``.
    tolerance
        Partitions belong to one plateau where the variation of information between any two of
        them, over the n nodes with a tie, is at most this share of log₂ n, its largest value. (Between neighbours alone it
        would not do: many small steps in one direction lead far away.)
    progress
        Called with resolutions done and resolutions in all.

    Returns
    -------
    ResolutionScan
        Plateaus have two resolutions or more, and more than one community but fewer than nodes.
        They do not overlap: the widest takes its resolutions first.

    Raises
    ------
    ValueError
        For a resolution that is not above zero.

    References
    ----------
    Lambiotte, R., Delvenne, J.-C. and Barahona, M. (2014), doi:10.1109/TNSE.2015.2391998.

    Examples
    --------
    Six full groups of four, two and two tied to each other:

    >>> from scipy import sparse
    >>> groups = np.kron(np.eye(6), np.ones((4, 4))) - np.eye(24)
    >>> pairs = np.kron(np.kron(np.eye(3), np.ones((2, 2))), np.full((4, 4), 0.1))
    >>> network = sparse.csr_array(np.where(groups > 0, groups, pairs) * (1 - np.eye(24)) + 1e-3)
    >>> scan = resolution_scan(network, [0.3, 0.5, 1.0, 2.0, 3.0], Search(runs=3))
    >>> sorted(plateau.community_count for plateau in scan.plateaus)
    [3, 6]
    """
    if resolutions is None:
        resolutions = np.logspace(-1, 1, 21)
    gammas = np.unique(np.asarray(resolutions, dtype=np.float64))
    if len(gammas) == 0 or not (np.isfinite(gammas).all() and (gammas > 0).all()):
        raise ValueError("the resolutions must be finite numbers above 0, one at least")
    ties = checked(matrix, self_loops=search.self_loops)
    seeds = seeds_from(search.seed, search.runs)
    tied = np.asarray((ties + ties.T).sum(axis=1)).ravel() > 0
    best, quality, spread = [], [], []
    for done, gamma in enumerate(gammas.tolist()):
        plan = plan_search(ties, replace(search, resolution=gamma))
        rows = partitions_of(ties, plan, seeds, workers=search.workers)
        qualities = qualities_of(ties, plan, rows)
        chosen = best_row(rows, qualities)
        best.append(rows[chosen])
        quality.append(float(qualities[chosen]))
        spread.append(_mean_distance(rows[:, tied]))
        if progress:
            progress(done + 1, len(gammas))
    labels = np.array(best)
    counts = np.array([len(np.unique(row[tied])) for row in labels], dtype=np.int64)
    step = np.full(len(gammas), np.nan)
    for k in range(1, len(gammas)):
        step[k] = variation_of_information(labels[k - 1, tied], labels[k, tied])
    plateaus = _plateaus(gammas, labels, tied, counts, tolerance)
    return ResolutionScan(
        resolutions=gammas,
        labels=labels,
        community_count=counts,
        quality=np.array(quality),
        spread=np.array(spread),
        step=step,
        plateaus=plateaus,
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
    tied: npt.NDArray[np.bool_],
    counts: IntArray,
    tolerance: float,
) -> tuple[Plateau, ...]:
    count = len(gammas)
    limit = tolerance * float(np.log2(max(int(tied.sum()), 2)))
    ends = [_end_of_alike(labels[:, tied], first, limit) for first in range(count)]
    free = np.ones(count, dtype=bool)
    found: list[Plateau] = []
    while True:
        best: tuple[float, int, int] | None = None
        for first in range(count):
            last = first
            while last + 1 < ends[first] and free[first] and free[last + 1]:
                last += 1
            middle = (first + last) // 2
            if last > first and 1 < counts[middle] < tied.sum():
                width = float(np.log(gammas[last] / gammas[first]))
                # Rounding must not decide between ranges that are equally wide.
                if best is None or width > best[0] * (1 + 1e-9):
                    best = (width, first, last)
        if best is None:
            return tuple(found)
        width, first, last = best
        middle = (first + last) // 2
        free[first : last + 1] = False
        found.append(
            Plateau(
                first=first,
                last=last,
                low=float(gammas[first]),
                high=float(gammas[last]),
                width=width,
                community_count=int(counts[middle]),
                labels=tuple(labels[middle].tolist()),
            )
        )


def _end_of_alike(labels: IntArray, first: int, limit: float) -> int:
    """Return where the partitions from ``first`` on stop being alike, each to each."""
    for end in range(first + 1, len(labels)):
        distances = (variation_of_information(row, labels[end]) for row in labels[first:end])
        if any(distance > limit for distance in distances):
            return end
    return len(labels)


def scale_ranges(
    scan: ResolutionScan,
    communities: Sequence[IntArray],
    *,
    at: float = 1.0,
    likeness: float = LIKENESS,
) -> tuple[ScaleRange, ...]:
    """Return over which resolutions each community is found again, nearly unchanged.

    A plateau is about the partition as a whole. Clusters differ: one may stand alone at any
    resolution, while its neighbour is there only because two groups happen to be merged.

    Parameters
    ----------
    scan
        Of the network the communities are of.
    communities
        Positions of the members of each.
    at
        Resolution the communities were found at. The range is followed from the nearest one of
        the scan (on the logarithm), up and down, as far as the community is there without a gap.
    likeness
        A community is found again where one of the partition has at least this overlap with it:
        members in both / members in either (Jaccard).

    Returns
    -------
    tuple of ScaleRange
        One for each community, in the order given.

    Raises
    ------
    ValueError
        For a likeness outside 0-1 or 0 itself, a resolution not above 0, an empty community.

    Examples
    --------
    >>> from scipy import sparse
    >>> cliques = np.kron(np.eye(3), np.ones((4, 4))) - np.eye(12)
    >>> scan = resolution_scan(sparse.csr_array(cliques + 0.05), [0.05, 0.5, 1.0, 2.0], Search(runs=3))
    >>> found = scale_ranges(scan, [np.arange(4)])[0]
    >>> found.low, found.high, found.open_low, found.open_high
    (0.5, 2.0, False, True)
    """
    if not 0 < likeness <= 1:
        raise ValueError(f"likeness is {likeness}; it must be above 0 and at most 1")
    if not at > 0:
        raise ValueError(f"the resolution is {at}; it must be above 0")
    if any(len(members) == 0 for members in communities):
        raise ValueError("a community has no members")
    start = int(np.abs(np.log(scan.resolutions / at)).argmin())
    found = []
    for members in communities:
        there = [_best_overlap(row, members) >= likeness for row in scan.labels]
        low = high = start
        while there[start] and low > 0 and there[low - 1]:
            low -= 1
        while there[start] and high + 1 < len(there) and there[high + 1]:
            high += 1
        found.append(
            ScaleRange(
                low=float(scan.resolutions[low]) if there[start] else float("nan"),
                high=float(scan.resolutions[high]) if there[start] else float("nan"),
                open_low=there[start] and low == 0,
                open_high=there[start] and high == len(there) - 1,
            )
        )
    return tuple(found)


def _best_overlap(row: IntArray, members: IntArray) -> float:
    sizes = np.bincount(row)
    shared = np.bincount(row[members], minlength=len(sizes))
    return float((shared / (len(members) + sizes - shared)).max())


def divisions(
    matrix: CSR,
    communities: Sequence[IntArray],
    search: Search = USUAL,
    test: NullTest = DIVISION_TEST,
    *,
    smallest: int = 8,
) -> tuple[IntArray, ...]:
    """Return the parts of each community, where it has parts beyond chance.

    Modularity cannot see groups that are small against the whole network (Fortunato and
    Barthélemy). Looked at by itself, a community may turn out to be several.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    communities
        Positions of the members of each.
    search
        How each is searched, as a network of its own; its seed and its smallest member make the
        seed, so a part is judged alike whatever else is divided.
    test
        Without a test every random part could be divided further, for any network has a partition
        of positive modularity. The level holds for each community, so it is stricter than for one
        test. A community that fails on the first 19 random networks is not drawn for further.
    smallest
        Communities of fewer nodes are not divided.

    Returns
    -------
    tuple of ndarray
        For each community the part of each member, from 0, in the order of its members; all 0
        where it has none.

    References
    ----------
    Fortunato, S. and Barthélemy, M. (2007), doi:10.1073/pnas.0605965104.

    Examples
    --------
    >>> from scipy import sparse
    >>> cliques = np.kron(np.eye(2), np.ones((8, 8))) - np.eye(16)
    >>> network = sparse.csr_array(np.maximum(cliques, 0.01))
    >>> [int(parts.max()) + 1 for parts in divisions(network, [np.arange(16), np.arange(8)])]
    [2, 1]
    """
    ties = checked(matrix, self_loops=search.self_loops)
    found = []
    for given in communities:
        members = np.sort(np.asarray(given, dtype=np.int64))
        parts = np.zeros(len(members), dtype=np.int64)
        if len(members) >= max(smallest, FEWEST_NODES):
            seed = seeds_from(search.seed, int(members[0]) + 1)[-1]
            own_search = replace(search, seed=seed, self_loops="keep", workers=1)
            parts = _own_communities(part_of(ties, members), own_search, test)
        found.append(parts[np.searchsorted(members, given)])
    return tuple(found)


def _own_communities(ties: CSR, search: Search, test: NullTest) -> IntArray:
    """Return communities of a part that are beyond chance; else one community."""
    best = best_partition(ties, search)
    screen = min(FEWEST_DRAWS, test.draws)
    least = 1 / (screen + 1)  # the smallest p-value that so few draws can show
    for draws, level in ((screen, max(test.level, least)), (test.draws, test.level)):
        found = significance(ties, best, search, replace(test, draws=draws, level=level))
        if not found.significant:
            return np.zeros(ties.shape[0], dtype=np.int64)
    return best
