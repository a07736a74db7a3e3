"""What the engines maximise or minimise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.partitions.labels import checked_labels
from klaster.algorithms.square_matrix import SelfLoops, checked, tied_nodes, undirected
from klaster.graph.model import CSR, IntArray


def modularity(
    matrix: CSR,
    labels: npt.ArrayLike,
    *,
    resolution: float = 1.0,
    directed: bool = False,
    self_loops: SelfLoops = "drop",
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
    self_loops
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
    tie twice: then store twice the weight of a self-loop too (:math:`A_{ii} = 2w`, Newman's
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
    ties = checked(matrix, self_loops=self_loops)
    return modularity_of_checked(ties, checked_labels(labels, ties.shape[0]), resolution, directed)


def potts_quality(ties: CSR, labels: IntArray, resolution: float = 1.0) -> float:
    r"""Return the quality of the constant Potts model: weight inside beyond a fixed density.

    .. math:: Q = \frac{1}{m} \sum_c \Bigl(w_c - \rho \frac{n_c (n_c - 1)}{2}\Bigr), \qquad
              \rho = \gamma \frac{m}{n (n - 1) / 2}

    with :math:`w_c` the weight inside community :math:`c`, :math:`n_c` its nodes, and :math:`m`
    the weight of all ties: a community is worth having where its nodes are tied more than
    :math:`\gamma` times as densely as the network is on the whole. Unlike modularity it does not
    look at the totals of the nodes; and at one and the same density :math:`\rho` its
    communities are the same in however large a network (no resolution limit).

    Parameters
    ----------
    ties
        What :func:`checked` returned; taken both ways together. :math:`n` counts the nodes with a tie to another one.
    labels
        Community of each node.
    resolution
        :math:`\gamma`, in units of the mean density.

    Returns
    -------
    float
        At most 1; 0 by convention for a network without ties.

    References
    ----------
    Traag, V. A., Van Dooren, P. and Nesterov, Y. (2011), doi:10.1103/PhysRevE.84.016114.

    Examples
    --------
    >>> from scipy import sparse
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> round(potts_quality(rings, np.array([0, 0, 0, 1, 1, 1])), 6)  # (6 - 6 * 7 / 15) / 7
    0.457143
    """
    total = float(ties.data.sum())
    nodes = tied_nodes(ties)
    if len(nodes) == 0:
        return 0.0
    cells = ties.tocoo()
    inside = float(cells.data[labels[cells.row] == labels[cells.col]].sum())
    size = np.unique(labels[nodes], return_counts=True)[1]
    pairs = float((size * (size - 1)).sum()) / (len(nodes) * (len(nodes) - 1))
    return inside / total - resolution * pairs


def codelength(ties: CSR, labels: IntArray) -> float:
    r"""Return the map equation: bits a step to tell the walk of goods among communities.

    A walker on W + Wᵀ is described by names of nodes that are short within a community and a
    word for each change of community; the fewer bits, the better the communities hold the flow:

    .. math:: L = q \, H(q_c / q) + \sum_c (q_c + p_c) \, H_c

    with :math:`p_c` the share of steps within community :math:`c`, :math:`q_c` that of steps out
    of it, :math:`q = \sum q_c`, and :math:`H_c` the entropy of the names used in :math:`c`.

    Parameters
    ----------
    ties
        What :func:`checked` returned; taken both ways together.
    labels
        Community of each node.

    Returns
    -------
    float
        Bits a step; one community of all has the entropy of the nodes' shares. 0 for a network
        without ties.

    References
    ----------
    Rosvall, M. and Bergstrom, C. T. (2008), doi:10.1073/pnas.0706851105.

    Examples
    --------
    >>> from scipy import sparse
    >>> pairs = sparse.csr_array([[0.0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> codelength(pairs, np.zeros(4, int)), codelength(pairs, np.array([0, 0, 1, 1]))
    (2.0, 1.0)
    """
    network = undirected(ties)
    total = float(network.data.sum())
    if total == 0:
        return 0.0
    _, group = np.unique(labels, return_inverse=True)
    width = int(group.max()) + 1
    cells = network.tocoo()
    cut = group[cells.row] != group[cells.col]
    leaving = np.bincount(group[cells.row[cut]], weights=cells.data[cut], minlength=width) / total
    visits = np.asarray(network.sum(axis=1), dtype=np.float64).ravel() / total
    inside = np.bincount(group, weights=visits, minlength=width)
    bits = (
        _p_log_p(np.array([leaving.sum()])) - 2 * _p_log_p(leaving) - _p_log_p(visits)
    ) + _p_log_p(leaving + inside)
    return max(bits, 0.0)


def _p_log_p(share: npt.NDArray[np.float64]) -> float:
    positive = np.sort(share[share > 0])  # sorted: equal partitions, equal sums
    return float((positive * np.log2(positive)).sum())


def modularity_of_checked(ties: CSR, labels: IntArray, resolution: float, directed: bool) -> float:
    """Return the modularity on a matrix that :func:`checked` has returned."""
    return modularity_on(ties if directed else undirected(ties), labels, resolution)


def modularity_on(network: CSR, labels: IntArray, resolution: float) -> float:
    """Return the modularity on W (directed) or W + Wᵀ (undirected), as it is given."""
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
