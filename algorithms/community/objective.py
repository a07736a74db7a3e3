"""Modularity, the objective the engines share, and the one way to number communities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.community.projection import SelfTies, checked, undirected
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import CSR, IntArray


def modularity(
    matrix: CSR,
    labels: npt.ArrayLike,
    *,
    resolution: float = 1.0,
    directed: bool = False,
    self_ties: SelfTies = "drop",
) -> float:
    r"""Return the modularity of a partition: weight inside communities beyond that expected.

    High where buyers and sellers of one community trade more with each other than their total
    sales and purchases alone would lead to. With :math:`W` the matrix of ties and :math:`m` its
    sum, directed (Leicht and Newman)

    .. math:: Q = \frac{1}{m} \sum_{ij} \Bigl(w_{ij}
              - \gamma \frac{k^{out}_i k^{in}_j}{m}\Bigr) \delta(c_i, c_j)

    and undirected the same on :math:`S = W + W^T`, whose sum is :math:`2m` (Newman and Girvan):

    .. math:: Q = \frac{1}{2m} \sum_{ij} \Bigl(s_{ij}
              - \gamma \frac{k_i k_j}{2m}\Bigr) \delta(c_i, c_j)

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    labels
        Community of each node: integers, of any numbering.
    resolution
        :math:`\gamma`; above 1 favours smaller communities.
    directed
        Whether direction counts. ``False``: on :math:`W + W^T`.
    self_ties
        ``drop`` (default) leaves the diagonal out, ``keep`` counts it. Large tables have so much
        on the diagonal that it can decide the answer: report both.

    Returns
    -------
    float
        At most 1; 0 for one community of all (at resolution 1). 0 by convention for a network
        without ties, where the formula has no value.

    Raises
    ------
    InputError
        For a faulty matrix, or labels that are not one per node.

    Notes
    -----
    A tie from ``i`` to ``i`` stands once in :math:`W` and so twice in :math:`S`, once for each
    end, as in the textbook. An undirected network stored in both halves of the matrix has every
    tie twice: then store twice the weight of a self-tie too (:math:`A_{ii} = 2w`, Newman's
    adjacency matrix), and both formulas give the textbook value.

    References
    ----------
    Newman, M. E. J. and Girvan, M. (2004), doi:10.1103/PhysRevE.69.026113. Leicht, E. A. and
    Newman, M. E. J. (2008), doi:10.1103/PhysRevLett.100.118703.

    Examples
    --------
    Two rings of three, one tie between them:

    >>> from scipy import sparse
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> round(modularity(rings, [0, 0, 0, 1, 1, 1], directed=True), 6)
    0.367347
    >>> round(modularity(rings, [0, 0, 0, 1, 1, 1]), 6)
    0.357143
    """
    ties = checked(matrix, self_ties)
    return modularity_of_checked(ties, checked_labels(labels, ties.shape[0]), resolution, directed)


def checked_labels(labels: npt.ArrayLike, node_count: int) -> IntArray:
    """Return labels as an integer vector, one per node."""
    vector = np.asarray(labels)
    whole = vector.size == 0 or np.issubdtype(vector.dtype, np.integer)
    if vector.ndim != 1 or len(vector) != node_count or not whole:
        given = f"{vector.dtype} of shape {vector.shape}"
        remedy = f"Give {node_count} integers, one per node."
        fault = Fault("labels", 0, "", "bad-labels", given, "not one label per node", remedy)
        raise InputError([fault], "the partition")
    return vector.astype(np.int64)


def modularity_of_checked(ties: CSR, labels: IntArray, resolution: float, directed: bool) -> float:
    """Return the modularity on a matrix that :func:`checked` has returned."""
    network = ties if directed else undirected(ties)
    total = float(network.data.sum())
    if total == 0:
        return 0.0
    _, group = np.unique(labels, return_inverse=True)
    count = int(group.max()) + 1
    cells = network.tocoo()
    inside = float(cells.data[group[cells.row] == group[cells.col]].sum())
    out_weight = np.bincount(group[cells.row], weights=cells.data, minlength=count)
    in_weight = np.bincount(group[cells.col], weights=cells.data, minlength=count)
    expected = float((out_weight / total) @ (in_weight / total))
    return inside / total - resolution * expected


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
