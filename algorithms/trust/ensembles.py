"""Many partitions of one network: how much they agree, and what they agree on."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from klaster.algorithms.community.search import USUAL, Search
from klaster.algorithms.community.work import StepProgress
from klaster.algorithms.partitions.comparison import memberships, pairwise_adjusted_rand
from klaster.algorithms.partitions.labels import canonical_labels, checked_labels
from klaster.algorithms.square_matrix import checked
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import CSR, FloatArray, IntArray

DENSE_CONSENSUS_LIMIT = 2_000
"""Consensus compares all pairs of nodes up to so many nodes, above it only the tied pairs."""

ENSEMBLE = Search(runs=100)
"""What an ensemble is made with where nothing else is said."""

_ROUND_LIMIT = 20


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
    matrix: CSR, search: Search = ENSEMBLE, *, progress: StepProgress | None = None
) -> IntArray:
    """Return the partitions of many runs, each with its own seed and order of nodes.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    search
        How they are searched for. With at most 10 tied nodes ``leiden`` looks at all partitions;
        the runs then go through the equally best.
    progress
        Called with runs done and runs in all.

    Returns
    -------
    ndarray
        One row of canonical labels a run (fewer rows in a time box), one column a node. An ensemble
        of more runs begins with the same rows.

    Examples
    --------
    >>> chain = sparse.csr_array([[0.0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> ensemble(chain, Search(runs=2)).tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1]]
    """
    ties = checked(matrix, self_loops=search.self_loops)
    return partitions_of(
        ties,
        plan_search(ties, search),
        seeds_from(search.seed, search.runs),
        workers=search.workers,
        seconds=search.seconds,
        progress=progress,
    )


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
    member, _ = memberships(labels)
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
    search: Search = USUAL,
    *,
    matrix: CSR | None = None,
    threshold: float = 0.5,
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
    search
        For the rounds: engine, seed, partitions in each round, and processes (used above 2,000
        nodes). The resolution is always 1, for the network of shares has its own communities as
        blocks, which a resolution chosen for the first network would cut up.
    matrix
        The network, needed above 2,000 nodes: there only pairs that are tied are compared, as
        Tandon and others do, for all pairs are too many.
    threshold
        Shares below this are cut off.

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
    rows, shares, plan = labels, None, None
    # A round on few nodes is done sooner than processes are begun.
    workers = search.workers if labels.shape[1] > DENSE_CONSENSUS_LIMIT else 1
    for step in range(_ROUND_LIMIT):
        if _unanimous(rows):
            return canonical_labels(rows[0])
        shares = _shares(rows, matrix, threshold)
        plan = plan_search(shares, replace(search, resolution=1.0))
        seeds = seeds_from(search.seed + step, search.runs)
        rows = partitions_of(shares, plan, seeds, workers=workers)
    assert shares is not None
    assert plan is not None
    return canonical_labels(rows[best_row(rows, qualities_of(shares, plan, rows))])


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
        fault = Fault(
            file="labels",
            code="matrix-needed",
            value=str(node_count),
            problem=f"more than {DENSE_CONSENSUS_LIMIT} nodes are compared along their ties only",
            remedy="Give the network as matrix.",
        )
        raise InputError([fault], "the ensemble")
    else:
        ties = checked(matrix, self_loops="drop")
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
    return checked(half + half.T, self_loops="drop")
