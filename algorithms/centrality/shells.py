"""Embeddedness: the k-core a node belongs to."""

from __future__ import annotations

import numpy as np

from klaster.algorithms.square_matrix import checked, undirected
from klaster.graph.model import CSR, IntArray


def core_numbers(matrix: CSR) -> IntArray:
    """Return the largest k for which each node belongs to the k-core.

    A k-core is the largest group in which everyone has ties to at least k others of the group:
    a node with a high core number is embedded among nodes that are themselves well connected,
    and does not rest on many loose ends. Who is tied to whom counts, not how strongly and in
    which direction; ties to oneself do not count.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``; a zero is no tie.

    Returns
    -------
    array of int
        0 for a node without ties to others.

    References
    ----------
    S. B. Seidman (1983), Network structure and minimum degree, Social Networks 5(3), 269-287,
    doi:10.1016/0378-8733(83)90028-X.

    Examples
    --------
    A triangle with a tail.

    >>> from scipy import sparse
    >>> ties = [[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    >>> core_numbers(sparse.csr_array(ties))
    array([2, 2, 2, 1])
    """
    near = undirected(checked(matrix, self_loops="drop"))
    n = near.shape[0]
    begin = near.indptr[:-1].astype(np.int64)
    degree = np.diff(near.indptr).astype(np.int64)
    count = degree.copy()
    core = np.zeros(n, dtype=np.int64)
    left = np.ones(n, dtype=bool)
    k = 0
    while left.any():
        k = max(k, int(degree[left].min()))
        leaving = np.flatnonzero(left & (degree <= k))
        while len(leaving):
            core[leaving] = k
            left[leaving] = False
            many = count[leaving]
            offset = np.repeat(begin[leaving] - (np.cumsum(many) - many), many)
            touched = near.indices[offset + np.arange(int(many.sum()))]
            np.subtract.at(degree, touched, 1)
            near_by = np.unique(touched)
            leaving = near_by[left[near_by] & (degree[near_by] <= k)].astype(np.int64)
    return core
