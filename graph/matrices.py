"""Types of arrays, and ties added up as a sparse matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
StrArray = npt.NDArray[np.str_]
CSR = sparse.csr_array[Any, tuple[int, int]]


def added_up(
    source: IntArray,
    target: IntArray,
    weight: FloatArray,
    both_ways: BoolArray,
    size: int,
) -> CSR:
    """Return ties added up as a matrix; those that go both ways with half their weight each way.

    Parameters
    ----------
    source, target
        Positions of the ends of each tie.
    weight
        Weight of each tie.
    both_ways
        Whether the tie means the same in either direction.
    size
        Number of nodes.

    Examples
    --------
    >>> ends = np.array([0, 0]), np.array([1, 2])
    >>> added_up(*ends, np.array([2.0, 2.0]), np.array([False, True]), 3).toarray().tolist()
    [[0.0, 2.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    there = np.where(both_ways, weight / 2, weight)
    back = np.flatnonzero(both_ways)
    matrix = sparse.coo_array(
        (
            np.concatenate([there, weight[back] / 2]),
            (np.concatenate([source, target[back]]), np.concatenate([target, source[back]])),
        ),
        shape=(size, size),
    ).tocsr()
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix
