"""The best partition of a small network, by looking at every partition there is."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from klaster.algorithms.partitions.labels import canonical_labels
from klaster.algorithms.square_matrix import SelfLoops, checked, undirected
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import CSR, IntArray

EXACT_LIMIT = 10
"""Networks of so many tied nodes are partitioned exactly: 115,975 partitions of 10 nodes."""

TIE_TOLERANCE = 1e-12
"""Partitions whose modularity differs by less are equally good."""


@lru_cache(maxsize=EXACT_LIMIT + 1)
def all_partitions(node_count: int) -> npt.NDArray[np.int8]:
    """Return every partition of the nodes, one per row, numbered in order of appearance.

    There are as many as the Bell number says: 203 of 6 nodes.

    Examples
    --------
    >>> all_partitions(3).tolist()
    [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, 2]]
    """
    rows = np.zeros((1, 0), dtype=np.int8)
    for _ in range(node_count):
        used = rows.max(axis=1, initial=-1) + 1
        choices = used.astype(np.int64) + 1
        parent = np.repeat(np.arange(len(rows)), choices)
        first = np.cumsum(choices) - choices
        label = np.arange(len(parent)) - first[parent]
        rows = np.column_stack([rows[parent], label.astype(np.int8)])
    rows.setflags(write=False)
    return rows


def exact_partitions(
    matrix: CSR,
    *,
    directed: bool = False,
    resolution: float = 1.0,
    self_loops: SelfLoops = "drop",
) -> IntArray:
    """Return all partitions of highest modularity, as rows of canonical labels.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, of at most 10 nodes.
    directed
        Whether to maximise the modularity of W, or that of W + Wᵀ.
    resolution, self_loops
        As for :func:`~klaster.algorithms.community.objective.modularity`.

    Returns
    -------
    ndarray
        One row an optimum; those within 1e-12 of the best count as equal. Fewest communities
        first, then by label vector. A network without ties has one: every node alone.

    Raises
    ------
    InputError
        For a faulty matrix, or more than 10 nodes.

    Examples
    --------
    >>> from scipy import sparse
    >>> chain = sparse.csr_array([[0.0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> exact_partitions(chain).tolist()
    [[0, 0, 1, 1]]
    """
    ties = checked(matrix, self_loops=self_loops)
    count = ties.shape[0]
    if count > EXACT_LIMIT:
        remedy = f"Give at most {EXACT_LIMIT} nodes, or use best_partition."
        problem = "too many nodes to look at every partition"
        fault = Fault(
            file="matrix",
            code="too-large",
            value=str(count),
            problem=problem,
            remedy=remedy,
        )
        raise InputError([fault], "ties")
    if ties.nnz == 0:
        return np.arange(count, dtype=np.int64)[None, :]
    network = (ties if directed else undirected(ties)).toarray()
    network /= network.sum()
    gain = network - resolution * np.outer(network.sum(axis=1), network.sum(axis=0))
    gain += gain.T
    partitions = all_partitions(count)
    quality = np.zeros(len(partitions))
    for i in range(count):
        for j in range(i):
            quality += gain[i, j] * (partitions[:, i] == partitions[:, j])
    best = partitions[quality >= quality.max() - TIE_TOLERANCE]
    labels = [canonical_labels(row.astype(np.int64)) for row in best]
    return np.array(sorted(labels, key=lambda row: (row.max(), row.tolist())), dtype=np.int64)
