"""What every centrality does with its matrix first: check it, and settle self-ties."""

from __future__ import annotations

from copy import copy
from typing import Literal, get_args

import numpy as np
from scipy import sparse

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import CSR, FloatArray, IntArray

SelfTies = Literal["keep", "drop"]
Direction = Literal["both", "in", "out"]

_CELLS_NAMED = 20


def known(what: str, given: str, allowed: tuple[str, ...]) -> None:
    """Raise :class:`UnknownNameError` where a name is not one of those allowed."""
    if given not in allowed:
        raise UnknownNameError(what, given, allowed)


def checked(matrix: CSR, *, self_ties: SelfTies = "keep") -> CSR:
    """Return the matrix as floats, duplicates added up, without stored zeros.

    What comes back may share its arrays with what was given: take a new array for new values,
    never write into the one there is.

    Parameters
    ----------
    matrix
        Square; ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``. A stored zero
        is no tie.
    self_ties
        ``drop`` empties the diagonal.

    Raises
    ------
    InputError
        Where the matrix is not square, or a strength is negative, infinite or not a number;
        the first twenty such cells are named.

    Examples
    --------
    >>> from scipy import sparse
    >>> checked(sparse.csr_array([[2, 1], [0, 0]]), self_ties="drop").toarray()
    array([[0., 1.],
           [0., 0.]])
    """
    known("self_ties", self_ties, get_args(SelfTies))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError([_shape_fault(matrix.shape)], "the matrix")
    if _is_settled(matrix, self_ties):
        return copy(matrix)
    held = sparse.coo_array(matrix).astype(np.float64)
    if self_ties == "drop":
        off = held.row != held.col
        held = sparse.coo_array(
            (held.data[off], (held.row[off], held.col[off])), shape=matrix.shape
        )
    result: CSR = held.tocsr()
    result.sum_duplicates()
    wrong = np.flatnonzero(~(np.isfinite(result.data) & (result.data >= 0)))
    if len(wrong):
        raise InputError(_cell_faults(result, wrong), "the matrix")
    result.eliminate_zeros()
    return result


def _is_settled(matrix: CSR, self_ties: SelfTies) -> bool:
    """Tell whether there is nothing to do: the lenses ask for the same matrix again and again."""
    return bool(
        isinstance(matrix, sparse.csr_array)
        and matrix.dtype == np.float64
        and matrix.has_canonical_format
        and (matrix.data > 0).all()  # false for what is not a number
        and (matrix.data < np.inf).all()
        and (self_ties == "keep" or not matrix.diagonal().any())
    )


def _shape_fault(shape: tuple[int, ...]) -> Fault:
    return Fault(
        file="matrix",
        row=0,
        column="",
        code="not-square",
        value=" x ".join(str(side) for side in shape),
        problem="rows and columns must be the same nodes",
        remedy="Give one row and one column for each node.",
    )


def _cell_faults(matrix: CSR, wrong: IntArray) -> list[Fault]:
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return [
        Fault(
            file="matrix",
            row=0,
            column="",
            code="bad-strength",
            value=f"[{rows[cell]}, {matrix.indices[cell]}] = {matrix.data[cell]}",
            problem=f"a strength is 0 or a positive finite number ({len(wrong)} cells are not)",
            remedy="Correct the amount, or turn the tie round if it is negative.",
        )
        for cell in wrong[:_CELLS_NAMED].tolist()
    ]


def both_ways(matrix: CSR) -> CSR:
    """Return W + Wᵀ: strength between two nodes whatever the direction."""
    return sparse.csr_array(matrix + matrix.T)


def as_seen(matrix: CSR, direction: Direction) -> CSR:
    """Return the matrix whose row ``i`` holds the ties of ``i``: those out, those in, or both."""
    known("direction", direction, get_args(Direction))
    if direction == "both":
        return both_ways(matrix)
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
