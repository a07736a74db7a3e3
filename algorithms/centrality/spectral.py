"""Importance handed on along ties: PageRank, Katz, eigenvector, hubs and authorities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.square_matrix import Direction, SelfLoops, as_seen, checked, known, row_sums
from klaster.graph.model import CSR, FloatArray

Walk = Literal["downstream", "upstream"]

_DENSE_UP_TO = 400
_SAME_VALUE = 1e-9
_SOLVED_UP_TO = 200


def _solved_pagerank(
    chance: FloatArray, stuck: npt.NDArray[np.bool_], damping: float
) -> FloatArray:
    """Return the ranks as the solution of ``(I - d Pᵀ) r = (1 - d) / n``.

    A walker who is stuck starts anew anywhere, so the rows of such nodes are 1 / n each. For a
    small network the solution costs less than the overhead of a few sparse steps.
    """
    n = len(chance)
    chance[stuck] = 1.0 / n
    rank = np.linalg.solve(np.eye(n) - damping * chance.T, np.full(n, (1 - damping) / n))
    return np.asarray(rank / rank.sum(), dtype=np.float64)


def pagerank(
    matrix: CSR,
    *,
    damping: float = 0.85,
    direction: Walk = "downstream",
    self_loops: SelfLoops = "keep",
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
    self_loops
        ``keep`` (default): the walker may stay where it is, as deliveries within an industry do.
    tolerance
        Largest distance to the exact ranks, all nodes together.

    Returns
    -------
    array of float
        One rank a node; they add up to 1. Equal shares where there is no tie; empty for no node.

    Raises
    ------
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
    held = checked(matrix, self_loops=self_loops)
    n = held.shape[0]
    if n == 0:
        return np.zeros(0)
    if direction == "upstream":
        held = sparse.csr_array(held.T)
    given = row_sums(held)
    stuck = given == 0
    held.data = held.data / np.repeat(given, np.diff(held.indptr))
    if n <= _SOLVED_UP_TO:
        return _solved_pagerank(held.toarray(), stuck, damping)
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


def katz(
    matrix: CSR,
    *,
    attenuation: float,
    direction: Walk = "downstream",
    base: npt.ArrayLike = 1.0,
    self_loops: SelfLoops = "keep",
) -> FloatArray:
    r"""Return Katz centrality: all chains that lead to a node, each step worth less.

    .. math:: x = \beta + \alpha W^T x, \qquad x_j = \beta_j + \alpha \sum_i w_{ij} x_i

    **Downstream** chains of suppliers lead to the node; **upstream** (``W`` in place of ``Wᵀ``)
    chains of buyers lead away from it. With the input coefficients ``A`` and ``α = 1`` it is the
    economist's multiplier: downstream :math:`1^T L`, the output multipliers (backward
    linkages), upstream :math:`L 1`, the row sums of the Leontief inverse. Solved exactly.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``.
    attenuation
        ``α``, at least 0 and below 1/ρ(W), ρ being the largest eigenvalue in size; above it, the
        sum over chains has no end.
    direction
        ``downstream`` or ``upstream``.
    base
        ``β``: what a node has of itself, one number or one a node, none below zero.
    self_loops
        ``keep`` (default) or ``drop``.

    Returns
    -------
    array of float
        One value a node, at least ``β``; not normalised.

    Raises
    ------
    ValueError
        For an attenuation that is too large, or a faulty base.

    References
    ----------
    L. Katz (1953), doi:10.1007/BF02289026.

    Examples
    --------
    Miller and Blair's two industries: the output multipliers 1.25 + 0.26 and 0.33 + 1.12.

    >>> from scipy import sparse
    >>> coefficients = sparse.csr_array([[0.15, 0.25], [0.20, 0.05]])
    >>> katz(coefficients, attenuation=1.0).round(6).tolist()
    [1.518152, 1.452145]
    """
    from scipy.sparse.linalg import spsolve

    known("direction", direction, get_args(Walk))
    held = checked(matrix, self_loops=self_loops)
    n = held.shape[0]
    own = np.broadcast_to(np.asarray(base, dtype=np.float64), (n,))
    if not (np.isfinite(own).all() and (own >= 0).all()):
        raise ValueError("base must be finite and not below 0")
    if not (math.isfinite(attenuation) and attenuation >= 0):
        raise ValueError(f"attenuation is {attenuation}; give a number of 0 or more")
    if n == 0 or held.nnz == 0 or attenuation == 0:
        return own.copy()
    toward = held if direction == "upstream" else sparse.csr_array(held.T)
    system = sparse.csc_array(sparse.eye_array(n) - attenuation * toward)
    value = np.atleast_1d(np.asarray(spsolve(system, own), dtype=np.float64))
    # For W >= 0 the inverse of I - aW is non-negative exactly where a < 1/rho(W).
    ones = np.atleast_1d(np.asarray(spsolve(system, np.ones(n)), dtype=np.float64))
    if not (np.isfinite(ones).all() and (ones >= 1 - 1e-9).all()):
        raise ValueError(
            f"attenuation is {attenuation}, not below 1 / (largest eigenvalue of the matrix): "
            "the sum over chains has no end; give a smaller one"
        )
    return value


def eigenvector(matrix: CSR, *, direction: Direction = "both") -> FloatArray:
    """Return eigenvector centrality: important is who is tied to the important.

    The dominant eigenvector, scaled to add up to 1, of W + Wᵀ (``both``), of Wᵀ (``in``:
    important by its important suppliers, as NetworkX has it) or of W (``out``: by its important
    buyers). It is defined where every node reaches every other. So it is computed on the largest
    part in which they do (``both``: the largest connected part); the others have 0, and how many
    these are shows how far to trust it: in supply chains, which hardly run in circles, use
    :func:`pagerank` or :func:`katz`.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``; ties to oneself count.
    direction
        ``both``, ``in`` or ``out``.

    Returns
    -------
    array of float
        Positive on that part, 0 elsewhere; of equally large parts the one with the first node.
        All 0 where no two nodes reach each other.

    References
    ----------
    P. Bonacich (1987), doi:10.1086/228631.

    Examples
    --------
    >>> from scipy import sparse
    >>> star = sparse.csr_array([[0, 1.0, 1.0], [0, 0, 0], [0, 0, 0]])
    >>> eigenvector(star).round(3).tolist()
    [0.414, 0.293, 0.293]
    >>> eigenvector(star, direction="in").tolist()
    [0.0, 0.0, 0.0]
    """
    from scipy.sparse import csgraph

    held = as_seen(checked(matrix, self_loops="keep"), direction)  # row i: what counts for i
    n = held.shape[0]
    scores = np.zeros(n)
    _, part = csgraph.connected_components(held, directed=True, connection="strong")
    sizes = np.bincount(part, minlength=1)
    if n == 0 or sizes.max() < 2:
        return scores
    nodes = np.flatnonzero(sizes[part] == sizes.max())
    nodes = np.flatnonzero(part == part[nodes[0]])
    own = sparse.csr_array(held[nodes][:, nodes])
    own.data = own.data / own.data.max()
    scores[nodes] = _shares(_perron(own))
    return scores


def _perron(held: CSR) -> FloatArray:
    """Return the positive eigenvector of a matrix in which every node reaches every other."""
    n = held.shape[0]
    if n <= _DENSE_UP_TO:
        values, vectors = np.linalg.eig(held.toarray())
        return np.asarray(np.abs(vectors[:, int(np.argmax(values.real))].real), dtype=np.float64)
    from scipy.sparse.linalg import eigs

    # Shifted, so that in networks that run in circles only one eigenvalue is largest in size.
    shift = float(row_sums(held).max())
    _, vectors = eigs(
        sparse.csr_array(held + shift * sparse.eye_array(n)),
        k=1,
        which="LR",
        v0=np.ones(n),
        tol=1e-12,
        maxiter=100 * n,
    )
    return np.abs(np.asarray(vectors).ravel().real)


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


def hits(matrix: CSR, *, self_loops: SelfLoops = "keep") -> Hits:
    """Return hubs and authorities: who supplies the important buyers, who buys from them.

    Authorities ``a`` are the dominant eigenvector of ``WᵀW`` and hubs are ``h = W a``, both
    scaled to add up to 1. Strength counts: this is the weighted form.

    Where the dominant eigenvalue is shared (parts of the network that are equally strong), the
    eigenvector is not unique; taken then is the projection of equal scores on all of its
    eigenvectors, which is where power iteration from equal scores ends: the parts share the
    score and no result depends on the order of nodes. Eigenvalues within 1e-9 of each other are
    held for equal. Nodes outside the dominant part score 0: HITS says nothing of small parts.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``.
    self_loops
        ``keep`` (default) or ``drop`` ties to oneself.

    Returns
    -------
    Hits
        All zeros for a network without ties: there is no hub and no authority.

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
    held = checked(matrix, self_loops=self_loops)
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
