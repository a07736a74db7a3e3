"""Labels of communities: how they are checked and numbered, and how two vectors of them overlap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.graph.errors import Fault, InputError
from klaster.graph.model import FloatArray, IntArray


def checked_labels(labels: npt.ArrayLike, node_count: int) -> IntArray:
    """Return labels as an integer vector, one per node, or say what is wrong with them.

    Examples
    --------
    >>> checked_labels([3, 3, 1], 3).tolist()
    [3, 3, 1]
    """
    vector = np.asarray(labels)
    whole = vector.size == 0 or np.issubdtype(vector.dtype, np.integer)
    if vector.ndim != 1 or len(vector) != node_count or not whole:
        fault = Fault(
            file="labels",
            code="bad-labels",
            value=f"{vector.dtype} of shape {vector.shape}",
            problem="not one label per node",
            remedy=f"Give {node_count} integers, one per node.",
        )
        raise InputError([fault], "the partition")
    return vector.astype(np.int64)


def canonical_labels(labels: npt.ArrayLike) -> IntArray:
    """Return labels 0, 1, …: the largest community first, equal ones by smallest member.

    Two vectors describe the same partition exactly where their canonical labels are equal.

    Examples
    --------
    >>> canonical_labels([7, 3, 3, 7, 5, 3]).tolist()
    [1, 0, 0, 1, 2, 0]
    """
    vector = checked_labels(labels, np.asarray(labels).shape[0])
    _, first, group, size = np.unique(
        vector, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -size))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[group]


def shared_members(first: IntArray, second: IntArray) -> FloatArray:
    """Return how many nodes each community of one partition shares with each of another.

    Rows are the communities of the first, columns those of the second, both by rising label.

    Examples
    --------
    >>> shared_members(np.array([0, 0, 1]), np.array([5, 7, 7])).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    shared = np.zeros((len(rows), len(columns)))
    np.add.at(shared, (row, column), 1.0)
    return shared


def overlap(first: IntArray, second: IntArray) -> FloatArray:
    """Return the Jaccard overlap of each two communities, |A ∩ B| / |A ∪ B|, as a matrix.

    Rows are the communities of the first partition, columns those of the second, by rising label.

    Examples
    --------
    >>> overlap(np.array([0, 0, 1]), np.array([5, 7, 7])).tolist()
    [[0.5, 0.3333333333333333], [0.0, 0.5]]
    """
    shared = shared_members(first, second)
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    return np.asarray(shared / either, dtype=np.float64)
