"""Importance handed on along ties: PageRank in both directions, hubs and authorities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import sparse

from klaster.algorithms.centrality.matrices import SelfTies, checked, known, row_sums
from klaster.graph.model import CSR, FloatArray

Walk = Literal["downstream", "upstream"]

_DENSE_UP_TO = 400
_SAME_VALUE = 1e-9


def pagerank(
    matrix: CSR,
    *,
    damping: float = 0.85,
    direction: Walk = "downstream",
    self_ties: SelfTies = "keep",
    tolerance: float = 1e-12,
) -> FloatArray:
    """Return the share of time a random walker along the ties spends at each node.

    The walker follows a tie with a probability proportional to its strength, and with
    probability ``1 - d`` starts anew anywhere. **Downstream** it goes with the goods, from seller
    to buyer, and gathers at important end buyers; **upstream** it goes with the money, from buyer
    to seller, and gathers at the root suppliers the others depend on.

    ``r_j = (1 - d) / n + d (sum_i r_i w_ij / s_i + D / n)``, where ``s_i`` is what ``i`` gives out
    and ``D`` is the rank of the nodes that give out nothing: it is spread evenly over all.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength (not the length) of the ties from ``i`` to ``j``.
    damping
        ``d``, at least 0 and below 1.
    direction
        ``downstream`` or ``upstream``; the second is the first on the transpose.
    self_ties
        ``keep`` (default): the walker may stay where it is, as deliveries within an industry do.
    tolerance
        Largest distance to the exact ranks, all nodes together.

    Returns
    -------
    array of float
        One rank a node; they add up to 1. Equal shares where there is no tie; empty for no node.

    Raises
    ------
    InputError
        Where the matrix is not square or holds a negative, infinite or missing strength.
    ValueError
        For a damping outside [0, 1).

    References
    ----------
    S. Brin, L. Page (1998), The anatomy of a large-scale hypertextual web search engine,
    Computer Networks and ISDN Systems 30, 107-117, doi:10.1016/S0169-7552(98)00110-X.

    Examples
    --------
    Two mines supply one mill: goods end at the mill, money ends at the mines.

    >>> from scipy import sparse
    >>> supply = sparse.csr_array([[0, 0, 1.0], [0, 0, 1.0], [0, 0, 0]])
    >>> pagerank(supply).round(3)
    array([0.213, 0.213, 0.574])
    >>> pagerank(supply, direction="upstream").round(3)
    array([0.37, 0.37, 0.26])
    """
    known("direction", direction, get_args(Walk))
    if not 0 <= damping < 1:
        raise ValueError(f"damping must be at least 0 and below 1, not {damping}; 0.85 is usual")
    held = checked(matrix, self_ties=self_ties)
    n = held.shape[0]
    if n == 0:
        return np.zeros(0)
    if direction == "upstream":
        held = sparse.csr_array(held.T)
    given = row_sums(held)
    stuck = given == 0
    held.data = held.data / np.repeat(given, np.diff(held.indptr))
    arriving = sparse.csr_array(held.T)
    rank = np.full(n, 1.0 / n)
    # Each step shrinks the distance to the fixed point by d at least, so the number of steps is
    # known beforehand and rounding cannot keep the loop going.
    small = tolerance * (1 - damping)
    steps = 1 if damping == 0 else math.ceil(math.log(small / 2) / math.log(damping)) + 1
    for _ in range(steps):
        new = damping * (arriving @ rank + rank[stuck].sum() / n) + (1 - damping) / n
        new /= new.sum()
        moved = float(np.abs(new - rank).sum())
        rank = new
        if moved * damping <= small:
            break
    return rank


@dataclass(frozen=True, eq=False)
class Hits:
    """Hub and authority score of each node; each adds up to 1, or is all 0 without ties.

    Attributes
    ----------
    hubs
        High for a node that gives to good authorities: a supplier of the important buyers.
    authorities
        High for a node that takes from good hubs: a buyer of the important suppliers.
    """

    hubs: FloatArray
    authorities: FloatArray


def hits(matrix: CSR, *, self_ties: SelfTies = "keep") -> Hits:
    """Return hubs and authorities: who supplies the important buyers, who buys from them.

    Authorities ``a`` are the dominant eigenvector of ``WᵀW`` and hubs are ``h = W a``, both
    scaled to add up to 1. Strength counts: this is the weighted form.

    Where the dominant eigenvalue is shared (parts of the network that are equally strong), the
    eigenvector is not unique; taken then is the projection of equal scores on all of its
    eigenvectors, which is where power iteration from equal scores ends: the parts share the
    score and no result hangs on the order of nodes. Eigenvalues within 1e-9 of each other are
    held for equal. Nodes outside the dominant part score 0: HITS says nothing of small parts.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``.
    self_ties
        ``keep`` (default) or ``drop`` ties to oneself.

    Returns
    -------
    Hits
        All zeros for a network without ties: there is no hub and no authority.

    Raises
    ------
    InputError
        Where the matrix is not square or holds a negative, infinite or missing strength.

    References
    ----------
    J. Kleinberg (1999), Authoritative sources in a hyperlinked environment, Journal of the ACM
    46(5), 604-632, doi:10.1145/324133.324140.

    Examples
    --------
    >>> from scipy import sparse
    >>> found = hits(sparse.csr_array([[0, 0, 3.0], [0, 0, 1.0], [0, 0, 0]]))
    >>> found.hubs, found.authorities
    (array([0.75, 0.25, 0.  ]), array([0., 0., 1.]))
    """
    held = checked(matrix, self_ties=self_ties)
    n = held.shape[0]
    if held.nnz == 0:
        return Hits(np.zeros(n), np.zeros(n))
    held = held / held.data.max()  # the squares of WᵀW stay within range
    scores = _dominant_dense(held) if n <= _DENSE_UP_TO else _dominant_sparse(held)
    authorities = _shares(scores)
    return Hits(_shares(held @ authorities), authorities)


def _shares(scores: FloatArray) -> FloatArray:
    """Scale non-negative scores to add up to 1; what rounding left below 1e-15 is 0."""
    scores = np.where(scores > 1e-15 * scores.max(), scores, 0.0)
    return np.asarray(scores / scores.sum(), dtype=np.float64)


def _dominant_dense(held: CSR) -> FloatArray:
    _, values, vectors = np.linalg.svd(held.toarray())
    top = vectors[values >= values[0] * (1 - _SAME_VALUE)]
    return np.asarray(top.T @ top.sum(axis=1), dtype=np.float64)


def _dominant_sparse(held: CSR) -> FloatArray:
    """Lanczos iteration from equal scores never leaves their projections on the eigenspaces."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    back = sparse.csr_array(held.T)
    n = held.shape[0]
    gram = LinearOperator((n, n), matvec=lambda x: back @ (held @ x), dtype=np.float64)
    _, vectors = eigsh(gram, k=1, which="LA", v0=np.ones(n), tol=1e-14, maxiter=100 * n)
    return np.abs(np.asarray(vectors, dtype=np.float64).ravel())
