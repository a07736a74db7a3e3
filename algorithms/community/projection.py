"""The network that communities are sought in: W + Wᵀ, with or without ties to oneself."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import sparse

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import CSR, IntArray

SelfTies = Literal["drop", "keep"]


def checked(matrix: CSR, self_ties: SelfTies = "drop") -> CSR:
    """Return a square matrix of non-negative weights in canonical form, or say what is wrong.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the weight of the ties from ``i`` to ``j``.
    self_ties
        ``drop`` empties the diagonal; ``keep`` leaves it.

    Returns
    -------
    csr_array
        A copy in double precision: indices sorted, parallel entries added, no stored zeros.

    Raises
    ------
    InputError
        Where the matrix is not square, or a weight is negative or not a number.
    UnknownNameError
        For another policy of self-ties.

    Examples
    --------
    >>> checked(sparse.csr_array([[4.0, 1.0], [0.0, 0.0]])).toarray()
    array([[0., 1.],
           [0., 0.]])
    """
    if self_ties not in ("drop", "keep"):
        raise UnknownNameError("policy of self-ties", self_ties, ("drop", "keep"))
    if matrix.shape[0] != matrix.shape[1]:
        raise InputError([_fault("not-square", str(matrix.shape), "it is not square")], "ties")
    cells = sparse.coo_array(matrix, dtype=np.float64)
    faults = [
        _fault(code, _first(cells, bad), problem)
        for code, problem, bad in (
            ("not-a-number", "a weight is not a finite number", ~np.isfinite(cells.data)),
            ("negative-weight", "a weight is negative", cells.data < 0),
        )
        if bad.any()
    ]
    if faults:
        raise InputError(faults, "the matrix of ties")
    keep = np.ones(cells.nnz, dtype=bool) if self_ties == "keep" else cells.row != cells.col
    clean = sparse.csr_array(
        (cells.data[keep], (cells.row[keep], cells.col[keep])), shape=cells.shape
    )
    clean.sum_duplicates()
    clean.eliminate_zeros()
    clean.sort_indices()
    return clean


def _fault(code: str, value: str, problem: str) -> Fault:
    remedy = "Give a square matrix of finite weights, none below zero."
    return Fault("matrix", 0, "", code, value, problem, remedy)


def _first(
    cells: sparse.coo_array[np.float64], bad: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> str:
    at = np.flatnonzero(bad)
    row, column, value = cells.row[at[0]], cells.col[at[0]], cells.data[at[0]]
    more = f" and {len(at) - 1} more" if len(at) > 1 else ""
    return f"{value} from node {row} to node {column}{more}"


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
