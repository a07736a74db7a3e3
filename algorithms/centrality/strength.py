"""Strength: how much a node sells and buys."""

from __future__ import annotations

from dataclasses import dataclass

from klaster.algorithms.square_matrix import SelfLoops, checked, column_sums, row_sums
from klaster.graph.model import CSR, FloatArray


@dataclass(frozen=True, eq=False)
class Strengths:
    """Strength of each node, in the unit of the matrix.

    Attributes
    ----------
    incoming
        Sum of the ties into the node: what it buys, ``sum_i w_ij``.
    outgoing
        Sum of the ties out of the node: what it sells, ``sum_j w_ij``.
    total
        Both added up; a tie to oneself counts twice, once at either end.
    """

    incoming: FloatArray
    outgoing: FloatArray
    total: FloatArray


def strengths(matrix: CSR, *, self_loops: SelfLoops = "keep") -> Strengths:
    """Return how much each node takes in and gives out.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``.
    self_loops
        ``keep`` (default) counts deliveries to oneself, as an input-output table does.

    Returns
    -------
    Strengths
        A node without ties has zeros.

    Examples
    --------
    A mine delivers 3 to a mill, which delivers 2 to a plant and 1 to itself.

    >>> from scipy import sparse
    >>> found = strengths(sparse.csr_array([[0, 3, 0], [0, 1, 2], [0, 0, 0]]))
    >>> found.incoming, found.outgoing, found.total
    (array([0., 4., 2.]), array([3., 3., 0.]), array([3., 7., 2.]))
    """
    held = checked(matrix, self_loops=self_loops)
    outgoing = row_sums(held)
    incoming = column_sums(held)
    return Strengths(incoming, outgoing, incoming + outgoing)
