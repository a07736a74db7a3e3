"""How far to trust a partition: ensembles, consensus, stability, agreement, null models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.community.detect import (
    Plan,
    Progress,
    best_row,
    partitions_of,
    plan_search,
    qualities_of,
    seeds_from,
)
from klaster.algorithms.community.exact import TIE_TOLERANCE
from klaster.algorithms.community.objective import canonical_labels, checked_labels
from klaster.algorithms.community.projection import SelfTies, checked, dyad_count, tied_nodes
from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import CSR, FloatArray, IntArray

NullModel = Literal["auto", "degree-preserving", "weight-shuffle"]
ReasonCode = Literal["", "no-ties", "too-small", "one-community", "not-above-chance"]

DENSE_CONSENSUS_LIMIT = 2_000
"""Consensus compares all pairs of nodes up to so many nodes, above it only the tied pairs."""

DENSE_TABLE = 0.5
"""Where more than this share of all pairs is tied, swaps find hardly a free place."""

FEWEST_NODES = 4
"""Fewer tied nodes than two communities of two need are too few to judge."""

_ROUND_LIMIT = 20
_NULL_RUNS = 3
_DRAW_BUDGET = 20_000_000
_FEWEST_DRAWS = 19


# -- ensembles ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class EnsembleSummary:
    """How much the runs of an ensemble agree.

    Attributes
    ----------
    size
        Number of runs.
    distinct
        Number of different partitions among them.
    mean_ari
        Mean adjusted Rand index over all pairs of runs; NaN for fewer than two.
    """

    size: int
    distinct: int
    mean_ari: float


def ensemble(
    matrix: CSR,
    *,
    engine: str = "leiden",
    resolution: float = 1.0,
    seed: int = 1,
    runs: int = 100,
    self_ties: SelfTies = "drop",
    progress: Progress | None = None,
) -> IntArray:
    """Return the partitions of many runs, each with its own seed.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    engine, resolution, self_ties
        As for :func:`~klaster.algorithms.community.detect.best_partition`. With at most 10 tied
        nodes ``leiden`` looks at all partitions; the runs then go through the equally best.
    seed
        Of the ensemble; an ensemble of more runs begins with the same runs.
    runs
        Number of runs.
    progress
        Called with runs done and runs in all.

    Returns
    -------
    ndarray
        ``runs`` rows of canonical labels, one column per node.

    Examples
    --------
    >>> chain = sparse.csr_array([[0.0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> ensemble(chain, runs=2).tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]
    """
    ties = checked(matrix, self_ties)
    plan = plan_search(ties, engine, "keep")
    seeds = seeds_from(seed, runs)
    return partitions_of(ties, plan, resolution=resolution, seeds=seeds, progress=progress)


def ensemble_summary(labels: IntArray) -> EnsembleSummary:
    """Return how many different partitions an ensemble has, and how alike they are.

    Examples
    --------
    >>> summary = ensemble_summary(np.array([[0, 0, 1, 1], [0, 0, 1, 2]]))
    >>> summary.size, summary.distinct, round(summary.mean_ari, 6)
    (2, 2, 0.571429)
    """
    size, node_count = labels.shape
    if size == 0 or node_count == 0:
        return EnsembleSummary(size, min(size, 1), 1.0 if size > 1 else float("nan"))
    canonical = np.array([canonical_labels(row) for row in labels])
    distinct, times = np.unique(canonical, axis=0, return_counts=True)
    if size < 2:
        return EnsembleSummary(size, len(distinct), float("nan"))
    alike = pairwise_adjusted_rand(distinct)
    total = float(times @ alike @ times) - size  # a run is no pair with itself
    return EnsembleSummary(size, len(distinct), total / (size * (size - 1)))


def co_association(labels: IntArray) -> FloatArray:
    r"""Return for each pair of nodes the share of runs that put both in one community.

    .. math:: C_{ij} = \frac{1}{R} \sum_r \delta(c^r_i, c^r_j)

    A dense matrix: meant for up to a few thousand nodes. The diagonal is 1.

    Examples
    --------
    >>> co_association(np.array([[0, 0, 1], [0, 1, 1]]))
    array([[1. , 0.5, 0. ],
           [0.5, 1. , 0.5],
           [0. , 0.5, 1. ]])
    """
    member, _ = _memberships(labels)
    together: FloatArray = (member @ member.T).toarray() / labels.shape[0]
    return together


def pair_stability(labels: IntArray, pairs: npt.ArrayLike) -> FloatArray:
    """Return for given pairs of nodes the share of runs that put both in one community.

    Parameters
    ----------
    labels
        One row a run, one column a node.
    pairs
        Two columns: the positions of the two nodes of each pair.

    Examples
    --------
    >>> pair_stability(np.array([[0, 0, 1], [0, 1, 1]]), [[0, 1], [0, 2]]).tolist()
    [0.5, 0.0]
    """
    ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    together = np.zeros(len(ends))
    for row in labels:
        together += row[ends[:, 0]] == row[ends[:, 1]]
    share: FloatArray = together / labels.shape[0]
    return share


def member_stability(labels: IntArray, consensus_labels: npt.ArrayLike) -> FloatArray:
    r"""Return how surely each node belongs to its community.

    The mean share of runs that put the node together with each other member of its community

    .. math:: s_i = \frac{1}{n_c - 1} \sum_{j \in c(i), j \neq i} C_{ij}

    (Lancichinetti and Fortunato's node stability), counted per community without the matrix
    :math:`C`. Of a community of one: the share of runs in which the node is alone.

    Parameters
    ----------
    labels
        The ensemble: one row a run, one column a node.
    consensus_labels
        The community of each node in the partition to be judged.

    Returns
    -------
    ndarray
        0 (no run agrees) to 1 (every run does), per node.

    Examples
    --------
    >>> member_stability(np.array([[0, 0, 0, 1], [0, 0, 1, 1]]), [0, 0, 0, 1]).round(3).tolist()
    [0.75, 0.75, 0.5, 0.5]
    """
    runs, node_count = labels.shape
    own = canonical_labels(checked_labels(consensus_labels, node_count))
    if node_count == 0:
        return np.zeros(0)
    size = np.bincount(own)[own]
    share = np.zeros(node_count)
    for row in labels:
        _, group = np.unique(row, return_inverse=True)
        _, block, together = np.unique(
            own * np.int64(node_count) + group, return_inverse=True, return_counts=True
        )
        alone = np.bincount(group)[group] == 1
        share += np.where(size > 1, (together[block] - 1) / np.maximum(size - 1, 1), alone)
    stability: FloatArray = share / runs
    return stability


def consensus(
    labels: IntArray,
    *,
    matrix: CSR | None = None,
    threshold: float = 0.5,
    engine: str = "leiden",
    seed: int = 1,
    runs: int = 20,
) -> IntArray:
    """Return the partition that the runs of an ensemble agree on.

    Consensus clustering after Lancichinetti and Fortunato: the network whose weights are the
    shares of runs that put two nodes together, weak ones cut off, is partitioned many times;
    so again with these partitions, until all are the same. A node that the cut leaves without
    any partner keeps its strongest, so that no member is lost for being unsure.

    Parameters
    ----------
    labels
        The ensemble: one row a run, one column a node.
    matrix
        The network, needed above 2,000 nodes: there only pairs that are tied are compared, as
        Tandon and others do, for all pairs are too many.
    threshold
        Shares below this are cut off.
    engine
        Engine for the rounds; always at resolution 1, for the network of shares has its own
        communities as blocks, which a resolution chosen for the first network would cut up.
    seed
        Of the rounds.
    runs
        Partitions in each round.

    Returns
    -------
    ndarray
        Canonical labels. If 20 rounds bring no agreement: the partition of the last round with
        the highest modularity on the network of shares.

    Raises
    ------
    InputError
        Above 2,000 nodes without ``matrix``.

    References
    ----------
    Lancichinetti, A. and Fortunato, S. (2012), doi:10.1038/srep00336. Tandon, A. and others
    (2019), doi:10.1103/PhysRevE.99.042301.

    Examples
    --------
    >>> consensus(np.array([[0, 0, 0, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 1, 1]])).tolist()
    [0, 0, 0, 1, 1]
    """
    if labels.shape[0] == 0:
        raise ValueError("an ensemble without runs has no consensus")
    rows, shares = labels, None
    for seeds in (seeds_from(seed + step, runs) for step in range(_ROUND_LIMIT)):
        if _unanimous(rows):
            return canonical_labels(rows[0])
        shares = _shares(rows, matrix, threshold)
        plan = plan_search(shares, engine)
        rows = partitions_of(shares, plan, resolution=1.0, seeds=seeds)
    assert shares is not None
    best = best_row(rows, qualities_of(shares, plan_search(shares, engine), rows, 1.0))
    return canonical_labels(rows[best])


def _unanimous(labels: IntArray) -> bool:
    first = canonical_labels(labels[0])
    return all(np.array_equal(canonical_labels(row), first) for row in labels[1:])


def _shares(labels: IntArray, matrix: CSR | None, threshold: float) -> CSR:
    """Return the shares of runs as a symmetric network, weak ones cut off."""
    node_count = labels.shape[1]
    if node_count <= DENSE_CONSENSUS_LIMIT:
        share = co_association(labels)
        np.fill_diagonal(share, 0.0)
        row, column = np.nonzero(share)
        value = share[row, column]
    elif matrix is None:
        problem = f"more than {DENSE_CONSENSUS_LIMIT} nodes are compared along their ties only"
        remedy = "Give the network as matrix."
        fault = Fault("labels", 0, "", "matrix-needed", str(node_count), problem, remedy)
        raise InputError([fault], "the ensemble")
    else:
        ties = checked(matrix)
        cells = sparse.csr_array(ties + ties.T).tocoo()
        row, column = cells.row.astype(np.int64), cells.col.astype(np.int64)
        value = pair_stability(labels, np.column_stack([row, column]))
    order = np.lexsort((column, -value, row))
    _, first = np.unique(row[order], return_index=True)
    keep = value >= threshold
    keep[order[first]] |= value[order[first]] > 0
    low, high = np.minimum(row[keep], column[keep]), np.maximum(row[keep], column[keep])
    pair, at = np.unique(low * np.int64(node_count) + high, return_index=True)
    weight = value[keep][at]
    half = sparse.csr_array(
        (weight, (pair // node_count, pair % node_count)), shape=(node_count, node_count)
    )
    return checked(half + half.T)


# -- agreement of two partitions ---------------------------------------------------------------


def adjusted_rand(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Return the adjusted Rand index: pairs on which two partitions agree, chance taken off.

    1 for the same partition, 0 expected at random, below 0 for less than chance. Hubert and
    Arabie (1985), doi:10.1007/BF01908075; computed by scikit-learn.

    Examples
    --------
    >>> round(adjusted_rand([0, 0, 1, 1], [0, 0, 1, 2]), 6)
    0.571429
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(np.asarray(a), np.asarray(b)))


def normalized_mutual_information(
    a: npt.ArrayLike, b: npt.ArrayLike, *, average: Literal["arithmetic", "max"] = "arithmetic"
) -> float:
    """Return what two partitions tell of each other, as a share of their (mean) entropy.

    Not corrected for chance: many small communities score high. Computed by scikit-learn.

    Examples
    --------
    >>> round(normalized_mutual_information([0, 0, 1, 1], [0, 0, 1, 2]), 6)
    0.8
    >>> round(normalized_mutual_information([0, 0, 1, 1], [0, 0, 1, 2], average="max"), 6)
    0.666667
    """
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(np.asarray(a), np.asarray(b), average_method=average))


def adjusted_mutual_information(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Return the mutual information of two partitions, chance taken off.

    Vinh, Epps and Bailey (2010), arithmetic mean; computed by scikit-learn.

    Examples
    --------
    >>> round(adjusted_mutual_information([0, 0, 1, 1], [0, 0, 1, 2]), 6)
    0.571429
    """
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(np.asarray(a), np.asarray(b)))


def variation_of_information(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Return the distance of two partitions in bits: H(a|b) + H(b|a).

    0 for the same partition, at most log₂ n; a metric (Meilă 2007,
    doi:10.1016/j.jmva.2006.11.013).

    Examples
    --------
    >>> variation_of_information([0, 0, 1, 1], [0, 0, 1, 2])
    0.5
    """
    left, right = np.asarray(a), np.asarray(b)
    _, first = np.unique(left, return_inverse=True)
    _, second = np.unique(right, return_inverse=True)
    joint = first * np.int64(len(right) + 1) + second
    distance = 2 * _entropy_bits(joint) - _entropy_bits(first) - _entropy_bits(second)
    return max(distance, 0.0)


def _entropy_bits(labels: npt.NDArray[Any]) -> float:
    counts = np.unique(labels, return_counts=True)[1]
    share = np.sort(counts) / max(len(labels), 1)  # sorted: equal partitions, equal sums
    return float(-(share * np.log2(share)).sum())


def pairwise_adjusted_rand(labels: IntArray) -> FloatArray:
    """Return the adjusted Rand index of every two rows, from one table of all overlaps.

    Examples
    --------
    >>> pairwise_adjusted_rand(np.array([[0, 0, 1, 1], [0, 0, 1, 2]])).round(6).tolist()
    [[1.0, 0.571429], [0.571429, 1.0]]
    """
    runs, node_count = labels.shape
    member, run_of = _memberships(labels)
    overlap = sparse.coo_array(member.T @ member)
    pairs_of = overlap.data * (overlap.data - 1) / 2
    both = np.bincount(
        run_of[overlap.row] * runs + run_of[overlap.col], weights=pairs_of, minlength=runs * runs
    ).reshape(runs, runs)
    own = both.diagonal()
    all_pairs = node_count * (node_count - 1) / 2
    expected = np.outer(own, own) / max(all_pairs, 1)
    room = (own[:, None] + own[None, :]) / 2 - expected
    # No room: both put all nodes together, or each alone.
    index: FloatArray = np.divide(both - expected, room, out=np.ones_like(room), where=room != 0)
    return index


def _memberships(labels: IntArray) -> tuple[CSR, IntArray]:
    """Return nodes × communities of all runs (1 where a member), and the run of each column."""
    runs, node_count = labels.shape
    columns, width = [], 0
    run_of: list[npt.NDArray[np.int64]] = []
    for run, row in enumerate(labels):
        _, group = np.unique(row, return_inverse=True)
        count = int(group.max(initial=-1)) + 1
        columns.append(group + width)
        run_of.append(np.full(count, run, dtype=np.int64))
        width += count
    nodes = np.tile(np.arange(node_count), runs)
    where = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)
    member = sparse.csr_array((np.ones(len(where)), (nodes, where)), shape=(node_count, width))
    return member, np.concatenate(run_of) if run_of else np.zeros(0, dtype=np.int64)


# -- null models -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Dyads:
    """Tied pairs: ``forward`` from source to target, ``backward`` the other way (0: one-way)."""

    source: IntArray
    target: IntArray
    forward: FloatArray
    backward: FloatArray
    diagonal: FloatArray

    @property
    def classes(self) -> tuple[IntArray, IntArray]:
        """Positions of the one-way and of the mutual pairs."""
        return np.flatnonzero(self.backward == 0), np.flatnonzero(self.backward > 0)

    def matrix(self) -> CSR:
        count = len(self.diagonal)
        every = np.arange(count)
        row = np.concatenate([self.source, self.target, every])
        column = np.concatenate([self.target, self.source, every])
        weight = np.concatenate([self.forward, self.backward, self.diagonal])
        drawn = sparse.csr_array((weight, (row, column)), shape=(count, count))
        drawn.eliminate_zeros()
        drawn.sort_indices()
        return drawn


def _dyads(ties: CSR) -> _Dyads:
    count = ties.shape[0]
    cells = ties.tocoo()
    off = cells.row != cells.col
    row, column = cells.row[off].astype(np.int64), cells.col[off].astype(np.int64)
    weight = cells.data[off]
    pair, where = np.unique(
        np.minimum(row, column) * count + np.maximum(row, column), return_inverse=True
    )
    low_to_high, high_to_low = np.zeros(len(pair)), np.zeros(len(pair))
    up = row < column
    low_to_high[where[up]] = weight[up]
    high_to_low[where[~up]] = weight[~up]
    low, high = pair // max(count, 1), pair % max(count, 1)
    turned = low_to_high == 0
    return _Dyads(
        np.where(turned, high, low),
        np.where(turned, low, high),
        np.where(turned, high_to_low, low_to_high),
        np.where(turned, low_to_high, high_to_low),
        np.asarray(ties.diagonal(), dtype=np.float64),
    )


def degree_preserving_draw(matrix: CSR, rng: np.random.Generator, swaps_per_tie: int = 10) -> CSR:
    """Draw a random network in which every node keeps its numbers of ties.

    Two ties a → b and c → d become a → d and c → b, many times over (Maslov and Sneppen). What
    stays the same: the number of sellers and of buyers of each node, the number of its
    partners, and the number of its mutual partners, for mutual pairs are swapped with mutual
    pairs only (Milo and others); were they broken up, a network of many mutual ties would look
    structured for that alone. So a matrix that is symmetric stays so.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``; entries above zero are ties.
    rng
        Source of randomness.
    swaps_per_tie
        Swaps tried, per tied pair. Twice as many rounds are made; in each all pairs are matched
        at random, and a swap is made unless it would give a self-tie or a pair that is tied
        already or wanted by another swap: the rule is the same backwards, so that all networks
        of these degrees are equally likely in the long run.

    Returns
    -------
    csr_array
        The drawn network. A weight travels with its tie and stays with the seller of a one-way
        tie; the two weights of a mutual pair stay together. Self-ties stay where they are.

    Notes
    -----
    Takes O(m log m) per round for m tied pairs: about 2 ms a draw for 250 pairs. Swaps of two
    cannot turn round a one-way triangle; such rarities stay unreached. In a network where
    hardly any swap is possible (a star, a nearly full table) the draws equal the network, and
    its p-value is near 1: nothing beyond its degrees can be told.

    References
    ----------
    Maslov, S. and Sneppen, K. (2002), doi:10.1126/science.1065103. Milo, R. and others (2002),
    doi:10.1126/science.298.5594.824.

    Examples
    --------
    >>> ring = sparse.csr_array(np.roll(np.eye(6), 1, axis=1))
    >>> drawn = degree_preserving_draw(ring, np.random.Generator(np.random.PCG64(1)))
    >>> drawn.sum(axis=0).tolist(), drawn.sum(axis=1).tolist()
    ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    """
    count = matrix.shape[0]
    start = _dyads(checked(matrix, "keep"))
    source, target = start.source.copy(), start.target.copy()
    forward, backward = start.forward.copy(), start.backward.copy()
    one_way, mutual = start.classes
    for _ in range(2 * swaps_per_tie):
        one_way_pairs, mutual_pairs = _matched(one_way, rng), _matched(mutual, rng)
        turn = mutual_pairs[1][rng.random(len(mutual_pairs[1])) < 0.5]
        source[turn], target[turn] = target[turn], source[turn]
        forward[turn], backward[turn] = backward[turn], forward[turn]
        p = np.concatenate([one_way_pairs[0], mutual_pairs[0]])
        q = np.concatenate([one_way_pairs[1], mutual_pairs[1]])
        proper = (source[p] != target[q]) & (source[q] != target[p])
        p, q = p[proper], q[proper]
        tied = _pair_keys(source, target, count)
        wanted = [_pair_keys(source[p], target[q], count), _pair_keys(source[q], target[p], count)]
        _, where, times = np.unique(
            np.concatenate([tied, *wanted]), return_inverse=True, return_counts=True
        )
        unique = times[where] == 1
        first, second = np.split(unique[len(tied) :], 2)
        made = unique[p] & unique[q] & first & second
        p, q = p[made], q[made]
        target[p], target[q] = target[q], target[p]
    return _Dyads(source, target, forward, backward, start.diagonal).matrix()


def _matched(group: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    order = rng.permutation(group)
    half = len(order) // 2
    return order[:half], order[half : 2 * half]


def _pair_keys(a: IntArray, b: IntArray, count: int) -> IntArray:
    return np.minimum(a, b) * np.int64(count) + np.maximum(a, b)


def weight_shuffle_draw(matrix: CSR, rng: np.random.Generator) -> CSR:
    """Draw a network with the same ties and their weights dealt out anew.

    For tables in which nearly every pair is tied, where no swap is possible: only the weights
    can carry structure there. Weights of one-way ties are dealt among one-way ties, the two
    weights of mutual pairs stay together and are dealt among mutual pairs, either way round.
    A symmetric matrix stays so; self-ties stay as they are.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``.
    rng
        Source of randomness.

    Notes
    -----
    The totals of the nodes are not kept: the null is stricter than chance where few large
    amounts sit on few large nodes.

    Examples
    --------
    >>> table = sparse.csr_array([[7.0, 1, 2], [3, 0, 4], [5, 6, 0]])
    >>> drawn = weight_shuffle_draw(table, np.random.Generator(np.random.PCG64(1)))
    >>> sorted(drawn.data.tolist()), float(drawn[0, 0])
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 7.0)
    """
    dyads = _dyads(checked(matrix, "keep"))
    forward, backward = dyads.forward.copy(), dyads.backward.copy()
    for group in dyads.classes:
        order = rng.permutation(group)
        forward[group], backward[group] = dyads.forward[order], dyads.backward[order]
    mutual = dyads.classes[1]
    turn = mutual[rng.random(len(mutual)) < 0.5]
    forward[turn], backward[turn] = backward[turn], forward[turn]
    return _Dyads(dyads.source, dyads.target, forward, backward, dyads.diagonal).matrix()


_DRAWS = {"degree-preserving": degree_preserving_draw, "weight-shuffle": weight_shuffle_draw}


def chosen_null_model(matrix: CSR, null_model: str = "auto") -> str:
    """Return the null model that ``auto`` stands for: by the share of pairs that are tied.

    Examples
    --------
    >>> chosen_null_model(sparse.csr_array(np.ones((4, 4))))
    'weight-shuffle'
    """
    if null_model not in ("auto", *_DRAWS):
        raise UnknownNameError("null model", null_model, ("auto", *_DRAWS))
    if null_model != "auto":
        return null_model
    nodes = len(tied_nodes(matrix))
    dense = dyad_count(matrix) > DENSE_TABLE * nodes * (nodes - 1) / 2
    return "weight-shuffle" if dense else "degree-preserving"


def null_distribution(
    matrix: CSR,
    *,
    engine: str = "leiden",
    resolution: float = 1.0,
    seed: int = 1,
    draws: int = 200,
    runs: int = 3,
    null_model: NullModel = "auto",
    self_ties: SelfTies = "drop",
    progress: Progress | None = None,
) -> FloatArray:
    """Return the best modularity found on each of many networks drawn from a null model.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    engine, resolution, self_ties
        As for :func:`~klaster.algorithms.community.detect.best_partition`.
    seed
        Each draw has a random stream of its own, derived from this: draw 7 is the same however
        many there are, and in whatever order they are made.
    draws
        Number of networks drawn.
    runs
        Runs of the engine on each; the best counts.
    null_model
        ``degree-preserving``, ``weight-shuffle``, or ``auto``: the latter for networks in which
        more than half of the pairs are tied, else the former.
    progress
        Called with draws done and draws in all.

    Examples
    --------
    >>> star = sparse.csr_array(([1.0, 1, 1, 1], ([0, 0, 0, 0], [1, 2, 3, 4])), shape=(5, 5))
    >>> null_distribution(star, draws=3).tolist()  # a star cannot be rewired
    [0.0, 0.0, 0.0]
    """
    ties = checked(matrix, self_ties)
    plan = plan_search(ties, engine, "keep")
    draw = _DRAWS[chosen_null_model(ties, null_model)]
    best = np.empty(draws)
    for number in range(draws):
        rng = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,)))
        )
        drawn = draw(ties, rng)
        seeds = [int(s) for s in rng.integers(0, 2**32, runs)]
        best[number] = _best_quality(drawn, plan, resolution, seeds)
        if progress:
            progress(number + 1, draws)
    return best


def _best_quality(ties: CSR, plan: Plan, resolution: float, seeds: list[int]) -> float:
    if plan.engine == "exact":
        seeds = seeds[:1]
    rows = partitions_of(ties, plan, resolution=resolution, seeds=seeds)
    return float(qualities_of(ties, plan, rows, resolution).max())


def p_value(observed: float, null: npt.ArrayLike) -> float:
    """Return (1 + number of draws as good or better) / (1 + draws); never 0.

    Draws within 1e-12 of the observed value count as equal to it. Phipson and Smyth (2010),
    doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> p_value(0.4, [0.1, 0.2, 0.4])
    0.5
    """
    drawn = np.asarray(null, dtype=np.float64)
    return float((1 + np.count_nonzero(drawn >= observed - TIE_TOLERANCE)) / (1 + len(drawn)))


@dataclass(frozen=True)
class Significance:
    """Whether a network has communities beyond chance.

    Attributes
    ----------
    null_model
        Name of the null model; ``none`` where nothing was drawn.
    draws, runs
        Networks drawn, and runs of the engine on each and on the network itself.
    observed
        Best modularity of these runs on the network: the same effort as on each draw. NaN where
        nothing was drawn, like the next three.
    null_mean, null_sd
        Of the best modularity on the draws (standard deviation with n − 1).
    z_score
        (observed − mean) / standard deviation; NaN where all draws are equal.
    p_value
        (1 + draws as good or better) / (1 + draws); 1 where nothing was drawn.
    level
        The p-value at which communities count as significant.
    significant
        Whether they do.
    reason
        Why there are no significant communities: ``no-ties``, ``too-small`` (fewer than four
        tied nodes), ``one-community``, ``not-above-chance``; else empty.
    """

    null_model: str
    draws: int
    runs: int
    observed: float
    null_mean: float
    null_sd: float
    z_score: float
    p_value: float
    level: float
    significant: bool
    reason: ReasonCode


def null_effort(dyads: int, draws: int) -> tuple[int, int]:
    """Return how many draws, and runs on each, a network of so many tied pairs is given.

    Up to 5,000 tied pairs: the draws asked for, three runs each. Above: one run each, and from
    100,000 on fewer than 200 draws, so that draws × pairs stay within 20 million; but not fewer
    than 19, which the level 0.05 needs. The rule looks at the size, never at a clock, so that
    the same network gives the same numbers on any machine.

    Examples
    --------
    >>> null_effort(250, 200), null_effort(100_000, 200), null_effort(1_000_000, 200)
    ((200, 3), (200, 1), (20, 1))
    """
    runs = _NULL_RUNS if dyads <= 5_000 else 1
    affordable = max(_DRAW_BUDGET // max(dyads, 1), _FEWEST_DRAWS)
    return min(draws, affordable), runs


def significance(
    matrix: CSR,
    labels: npt.ArrayLike,
    *,
    engine: str = "leiden",
    resolution: float = 1.0,
    seed: int = 1,
    draws: int = 200,
    level: float = 0.05,
    null_model: NullModel = "auto",
    self_ties: SelfTies = "drop",
    progress: Progress | None = None,
) -> Significance:
    """Say whether the communities of a network are more than chance would give it.

    Any random network can be cut into communities of sizeable modularity, the more easily the
    sparser it is (Guimerà, Sales-Pardo and Amaral). So the best modularity found on the
    network is held against that found, with the same number of runs, on random networks with
    the same degrees or weights. Equal effort on both sides is what makes the p-value honest:
    more runs on the network alone would make any network significant.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    labels
        The partition found: with one community among the tied nodes nothing is drawn.
    engine, resolution, self_ties, null_model
        As for :func:`null_distribution`.
    seed
        Of the draws and of all runs.
    draws
        Networks drawn, at least 1; fewer on large networks, see :func:`null_effort`.
    level
        The p-value at which communities count as significant.
    progress
        Called with draws done and draws in all.

    References
    ----------
    Guimerà, R., Sales-Pardo, M. and Amaral, L. A. N. (2004), doi:10.1103/PhysRevE.70.025101.

    Examples
    --------
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> found = significance(rings, [0, 0, 0, 1, 1, 1], draws=99)
    >>> found.significant, found.reason
    (False, 'not-above-chance')
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; at least 1 is needed")
    ties = checked(matrix, self_ties)
    chosen = chosen_null_model(ties, null_model)
    plan = plan_search(ties, engine, "keep")
    nodes = tied_nodes(ties)
    communities = len(np.unique(checked_labels(labels, ties.shape[0])[nodes]))
    reason: ReasonCode = ""
    if len(nodes) == 0:
        reason = "no-ties"
    elif len(nodes) < FEWEST_NODES:
        reason = "too-small"
    elif communities == 1:
        reason = "one-community"
    if reason:
        nan = float("nan")
        return Significance("none", 0, 0, nan, nan, nan, nan, 1.0, level, False, reason)
    draws, runs = null_effort(dyad_count(ties), draws)
    if plan.engine == "exact":
        runs = 1
    null = null_distribution(
        ties,
        engine=engine,
        resolution=resolution,
        seed=seed,
        draws=draws,
        runs=runs,
        null_model=null_model,
        self_ties="keep",
        progress=progress,
    )
    observed = _best_quality(ties, plan, resolution, seeds_from(seed, runs))
    mean, deviation = float(null.mean()), float(null.std(ddof=1)) if draws > 1 else float("nan")
    p = p_value(observed, null)
    return Significance(
        chosen,
        draws,
        runs,
        observed,
        mean,
        deviation,
        (observed - mean) / deviation if deviation > TIE_TOLERANCE else float("nan"),
        p,
        level,
        p <= level,
        "" if p <= level else "not-above-chance",
    )
