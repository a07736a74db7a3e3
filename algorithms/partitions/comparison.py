"""How alike two partitions are."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.graph.model import CSR, FloatArray, IntArray


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


def no_evidence(first: npt.ArrayLike, second: npt.ArrayLike) -> str:
    """Say why the adjusted Rand index of two partitions would be a convention; empty if not.

    One cluster, or none of two industries, goes with any other partition as well as with chance:
    the index is 0 / 0 there, and programs write 0 or 1.

    Examples
    --------
    >>> no_evidence([0, 0, 1], [0, 1, 1]), no_evidence([0, 0, 0], [0, 1, 1])
    ('', 'one cluster')
    """
    n = len(np.asarray(first))
    if n < 2:
        return "few"
    counts = [len(np.unique(labels)) for labels in (first, second)]
    if 1 in counts:
        return "one cluster"
    return "all alone" if n in counts else ""


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
    member, run_of = memberships(labels)
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


def memberships(labels: IntArray) -> tuple[CSR, IntArray]:
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
