"""Matrices of ties: the one check they pass, and what is read off them everywhere.

``matrix[i, j]`` is the weight of the ties from ``i`` to ``j`` (seller to buyer): square, sparse, none
below zero. Every function of :mod:`~klaster.algorithms.centrality`,
:mod:`~klaster.algorithms.community`, :mod:`~klaster.algorithms.trust` and
:mod:`~klaster.algorithms.cores` that takes such a matrix passes it through :func:`checked` first and
so raises what that raises.
"""

from __future__ import annotations

from copy import copy
from typing import Literal, get_args

import numpy as np
from scipy import sparse

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import CSR, FloatArray, IntArray

SelfLoops = Literal["drop", "keep"]
"""What becomes of ties of a node to itself, the diagonal."""

Direction = Literal["both", "in", "out"]

CELLS_NAMED = 20
"""Faulty cells that are named one by one."""


def known(what: str, given: str, allowed: tuple[str, ...]) -> None:
    """Raise :class:`~klaster.graph.errors.UnknownNameError` for a name that is not allowed."""
    if given not in allowed:
        raise UnknownNameError(what, given, allowed)


def checked(matrix: CSR, *, self_loops: SelfLoops) -> CSR:
    """Return the matrix as floats in canonical form, or say what is wrong with it.

    Canonical: indices sorted, parallel entries added up, no stored zeros. What comes back may share
    its arrays with what was given: take a new array for new values, never write into the old one.

    Parameters
    ----------
    matrix
        Square; ``matrix[i, j]`` is the weight of the ties from ``i`` to ``j``. A stored zero is no
        tie.
    self_loops
        ``drop`` empties the diagonal, ``keep`` leaves it. There is no default: on tables with much
        on the diagonal it decides the answer.

    Raises
    ------
    InputError
        Where the matrix is not square, or a weight is negative, infinite or not a number (on the
        diagonal too); the first twenty such cells are named.
    UnknownNameError
        For another policy of self-loops.

    Examples
    --------
    >>> checked(sparse.csr_array([[2, 1], [0, 0]]), self_loops="drop").toarray()
    array([[0., 1.],
           [0., 0.]])
    """
    known("policy of self-loops", self_loops, get_args(SelfLoops))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        fault = Fault(
            file="matrix",
            code="not-square",
            value=" x ".join(str(side) for side in matrix.shape),
            problem="rows and columns must be the same nodes",
            remedy="Give one row and one column for each node.",
        )
        raise InputError([fault], "the matrix of ties")
    if _is_settled(matrix, self_loops):
        return copy(matrix)
    result: CSR = sparse.coo_array(matrix).astype(np.float64).tocsr()
    result.sum_duplicates()
    wrong = np.flatnonzero(~(np.isfinite(result.data) & (result.data >= 0)))
    if len(wrong):
        raise InputError(_cell_faults(result, wrong), "the matrix of ties")
    if self_loops == "drop":
        rows = np.repeat(np.arange(result.shape[0]), np.diff(result.indptr))
        result.data[rows == result.indices] = 0.0
    result.eliminate_zeros()
    return result


def _is_settled(matrix: CSR, self_loops: SelfLoops) -> bool:
    """Tell whether there is nothing to do: the same matrix is asked for again and again."""
    return bool(
        isinstance(matrix, sparse.csr_array)
        and matrix.dtype == np.float64
        and matrix.has_canonical_format
        and (matrix.data > 0).all()  # false for what is not a number
        and (matrix.data < np.inf).all()
        and (self_loops == "keep" or not matrix.diagonal().any())
    )


def _cell_faults(matrix: CSR, wrong: IntArray) -> list[Fault]:
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return [
        Fault(
            file="matrix",
            code="negative-weight" if np.isfinite(matrix.data[cell]) else "not-a-number",
            value=f"[{rows[cell]}, {matrix.indices[cell]}] = {matrix.data[cell]}",
            problem=f"a weight is 0 or a positive finite number ({len(wrong)} cells are not)",
            remedy="Correct the amount, or turn the tie round if it is negative.",
        )
        for cell in wrong[:CELLS_NAMED].tolist()
    ]


def undirected(matrix: CSR) -> CSR:
    """Return S = W + Wᵀ, whose diagonal is twice that of W as degrees want it.

    Examples
    --------
    >>> undirected(sparse.csr_array([[1.0, 2.0], [0.0, 0.0]])).toarray()
    array([[2., 2.],
           [2., 0.]])
    """
    both = sparse.csr_array(matrix + matrix.T)
    both.sort_indices()
    return both


def as_seen(matrix: CSR, direction: Direction) -> CSR:
    """Return the matrix whose row ``i`` holds the ties of ``i``: those out, those in, or both."""
    known("direction", direction, get_args(Direction))
    if direction == "both":
        return undirected(matrix)
    return matrix if direction == "out" else sparse.csr_array(matrix.T)


def row_sums(matrix: CSR) -> FloatArray:
    """Return the sum of each row as a flat array."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    found = np.bincount(rows, weights=matrix.data, minlength=matrix.shape[0])
    return np.asarray(found, dtype=np.float64)


def column_sums(matrix: CSR) -> FloatArray:
    """Return the sum of each column as a flat array."""
    found = np.bincount(matrix.indices, weights=matrix.data, minlength=matrix.shape[1])
    return np.asarray(found, dtype=np.float64)


def tied_nodes(matrix: CSR) -> IntArray:
    """Return the nodes that have a tie to another node, in order.

    Examples
    --------
    >>> tied_nodes(sparse.csr_array([[0.0, 1, 0], [0, 0, 0], [0, 0, 5]])).tolist()
    [0, 1]
    """
    cells = sparse.coo_array(matrix)
    other = (cells.row != cells.col) & (cells.data != 0)
    return np.unique(np.concatenate([cells.row[other], cells.col[other]])).astype(np.int64)


def part_of(matrix: CSR, nodes: IntArray) -> CSR:
    """Return the ties among some of the nodes, in the order given."""
    return sparse.csr_array(matrix[nodes][:, nodes])


def dyad_count(matrix: CSR) -> int:
    """Return the number of pairs of nodes that are tied, in one direction or both.

    Examples
    --------
    >>> dyad_count(sparse.csr_array([[0.0, 1, 1], [1, 0, 0], [0, 0, 5]]))
    2
    """
    both = undirected(matrix)
    return int((both.nnz - np.count_nonzero(both.diagonal())) // 2)


def is_symmetric(matrix: CSR) -> bool:
    """Tell whether every tie has its equal in the other direction."""
    return bool(abs(matrix - matrix.T).sum() == 0)
