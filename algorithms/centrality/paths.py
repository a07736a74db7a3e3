"""Shortest chains: who stands on them between the others, and who is near to all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from klaster.algorithms.square_matrix import checked, known, row_sums, undirected
from klaster.graph.model import CSR, FloatArray, IntArray

Distance = Literal["reciprocal", "hops", "neg-log-share"]
SharesOf = Literal["purchases", "sales"]
Reach = Literal["in", "out", "both"]

LEAST_LENGTH = 1e-9
"""Length of a tie that is all of a node's purchases or sales, where -ln(1) would be 0."""

_SAME_LENGTH = 1e-12
COMPILED_FROM = 401
"""From so many nodes on paths are counted by a compiled kernel: by size alone."""
CELLS_AT_ONCE = 100_000
"""Cells of one block of sources: one that stays in the cache, larger ones are slower."""


def tie_lengths(
    matrix: CSR,
    distance: Distance,
    *,
    directed: bool = True,
    shares_of: SharesOf = "purchases",
) -> CSR:
    """Turn strengths into lengths: strong ties are short.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``; ties to oneself are
        dropped, as no shortest path uses them.
    distance
        ``reciprocal``: ``1 / w``. ``hops``: 1 for every tie, whatever its strength.
        ``neg-log-share``: ``-ln`` of the tie's share, so that the shortest path is the one with
        the largest product of shares; a share of 1 is given the length 1e-9, since paths of
        length 0 cannot be counted.
    directed
        False adds the strengths of both directions first; not for shares, which have one.
    shares_of
        What the share is of: the buyer's ``purchases`` ``w_ij / sum_i w_ij`` or the seller's
        ``sales`` ``w_ij / sum_j w_ij``.

    Returns
    -------
    CSR
        A positive length for each tie; symmetric where ``directed`` is False.

    Raises
    ------
    ValueError
        For shares without direction.

    Examples
    --------
    >>> from scipy import sparse
    >>> supply = sparse.csr_array([[0, 4.0], [1.0, 0]])
    >>> tie_lengths(supply, "reciprocal").toarray()
    array([[0.  , 0.25],
           [1.  , 0.  ]])
    >>> tie_lengths(supply, "reciprocal", directed=False).toarray()
    array([[0. , 0.2],
           [0.2, 0. ]])
    """
    known("distance", distance, get_args(Distance))
    known("shares_of", shares_of, get_args(SharesOf))
    if distance == "neg-log-share" and not directed:
        raise ValueError(
            "a share of purchases or sales has a direction: "
            "use directed=True, or distance='reciprocal'"
        )
    held = checked(matrix, self_loops="drop")
    if not directed:
        held = undirected(held)
    if distance == "hops":
        held.data = np.ones_like(held.data)
    elif distance == "reciprocal":
        held.data = 1.0 / held.data
    else:
        whole = checked(
            matrix, self_loops="keep"
        )  # shares are of all purchases, own deliveries among them
        if shares_of == "sales":
            total = np.repeat(row_sums(whole), np.diff(held.indptr))
        else:
            total = row_sums(sparse.csr_array(whole.T))[held.indices]
        held.data = np.maximum(-np.log(np.minimum(held.data / total, 1.0)), LEAST_LENGTH)
    return held


def betweenness(
    matrix: CSR,
    *,
    distance: Distance,
    directed: bool = True,
    normalized: bool = True,
    shares_of: SharesOf = "purchases",
) -> FloatArray:
    """Return how often each node stands on the shortest paths between two others.

    ``b_v = sum over s, t of sigma_st(v) / sigma_st``: of all shortest paths from ``s`` to ``t``,
    the share that passes through ``v``. A broker: what it would take away is the strongest chain
    between others. Exact (Brandes' dependencies, all sources).

    Paths whose lengths differ by less than 1e-12 of their length are held for equally long.
    Lengths like 1/3 + 1/6 and 1/2 are equal, but their sums as floats may not be; engines that
    compare the floats (NetworkX, NetworKit) then credit one path by accident of rounding. On
    lengths that floats hold exactly, and where no two paths are equally long, all agree.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the **strength** of the ties from ``i`` to ``j``. It is turned into a
        length here: strengths given as lengths would make large flows long roads.
    distance
        How: ``reciprocal``, ``hops`` or ``neg-log-share`` (see :func:`tie_lengths`). There is no
        default, the choice decides the answer.
    directed
        True: paths follow the ties. False: both directions are added up first.
    normalized
        True divides by the number of ordered pairs of others, ``(n - 1)(n - 2)``, so that 1 means
        on all paths. False counts pairs: ordered ones if directed, else unordered ones.
    shares_of
        For ``neg-log-share``: shares of the buyer's ``purchases`` or the seller's ``sales``.

    Returns
    -------
    array of float
        One number a node; 0 for fewer than three nodes, without ties, and for a node no path
        passes through. Ties to oneself play no part.

    Raises
    ------
    ValueError
        For shares without direction.

    Notes
    -----
    Lengths are added up in double precision: beside one 1e15 times as long a tie has no length,
    and paths that differ by it alone cannot be told apart.

    References
    ----------
    U. Brandes (2001), A faster algorithm for betweenness centrality, Journal of Mathematical
    Sociology 25(2), 163-177, doi:10.1080/0022250X.2001.9990249.

    Examples
    --------
    A mine supplies a mill strongly and a plant weakly; the mill supplies the plant.

    >>> from scipy import sparse
    >>> supply = sparse.csr_array([[0, 10.0, 1.0], [0, 0, 10.0], [0, 0, 0]])
    >>> betweenness(supply, distance="reciprocal", normalized=False)
    array([0., 1., 0.])
    >>> betweenness(supply, distance="hops", normalized=False)
    array([0., 0., 0.])
    """
    lengths = tie_lengths(matrix, distance, directed=directed, shares_of=shares_of)
    n = lengths.shape[0]
    if n < 3 or lengths.nnz == 0:
        return np.zeros(n)
    if distance == "hops" and n < COMPILED_FROM:
        counted = _by_hops(lengths)
    else:
        counted, _ = summed_dependencies(lengths, np.arange(n))
    if normalized:
        return np.asarray(counted / ((n - 1) * (n - 2)), dtype=np.float64)
    return counted if directed else np.asarray(counted / 2, dtype=np.float64)


def _by_hops(lengths: CSR) -> FloatArray:
    import rustworkx

    pairs = sparse.coo_array(lengths)
    graph: rustworkx.PyDiGraph[None, None] = rustworkx.PyDiGraph()
    graph.add_nodes_from([None] * lengths.shape[0])
    graph.add_edges_from_no_data(list(zip(pairs.row.tolist(), pairs.col.tolist(), strict=True)))
    # One thread: the order in which threads add up would show in the last digits.
    found = rustworkx.digraph_betweenness_centrality(
        graph, normalized=False, parallel_threshold=lengths.shape[0] + 1
    )
    return np.array([found[node] for node in range(lengths.shape[0])], dtype=np.float64)


def closeness(
    matrix: CSR,
    *,
    distance: Distance,
    direction: Reach = "in",
    shares_of: SharesOf = "purchases",
    rescaled: bool = True,
) -> FloatArray:
    r"""Return how near each node is to those that reach it (or that it reaches).

    .. math:: c_v = \frac{r_v - 1}{\sum_u d(u, v)} \cdot \frac{r_v - 1}{n - 1}

    over the :math:`r_v - 1` other nodes that reach ``v``; the second factor (Wasserman and Faust)
    keeps a node that only one neighbour reaches from being the nearest of all. ``in``: short
    chains lead here from many suppliers; ``out``: from here to many buyers.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the **strength** of the ties from ``i`` to ``j``; turned into a length.
    distance, shares_of
        As for :func:`tie_lengths`; there is no default, the choice decides the answer.
    direction
        ``in``: distances to the node (as NetworkX and Neo4j count them); ``out``: from it;
        ``both``: on the strengths of both directions added up.
    rescaled
        False leaves out the second factor.

    Returns
    -------
    array of float
        0 for a node that nothing reaches. Ties to oneself play no part.

    Raises
    ------
    ValueError
        For shares without direction.

    References
    ----------
    L. C. Freeman (1978), doi:10.1016/0378-8733(78)90021-7.

    Examples
    --------
    >>> from scipy import sparse
    >>> supply = sparse.csr_array([[0, 1.0, 0], [0, 0, 2.0], [0, 0, 0]])
    >>> closeness(supply, distance="reciprocal").round(3).tolist()  # 1/2 · 1/1, 2/(1/2 + 3/2)
    [0.0, 0.5, 1.0]
    """
    n = matrix.shape[0]
    total, reached = _over_distances(
        matrix, distance, direction, shares_of, lambda far: np.where(np.isfinite(far), far, 0.0)
    )
    value = np.divide(reached, total, out=np.zeros(n), where=total > 0)
    return np.asarray(value * reached / max(n - 1, 1) if rescaled else value, dtype=np.float64)


def harmonic(
    matrix: CSR,
    *,
    distance: Distance,
    direction: Reach = "in",
    shares_of: SharesOf = "purchases",
    normalized: bool = True,
) -> FloatArray:
    r"""Return the mean nearness of all others: 1/distance, 0 for those out of reach.

    .. math:: h_v = \frac{1}{n - 1} \sum_{u \neq v} \frac{1}{d(u, v)}

    Like :func:`closeness`, and defined without a rule for nodes out of reach. With ``hops`` at
    most 1; with other lengths in the unit of 1/length.

    Parameters
    ----------
    matrix, distance, direction, shares_of
        As for :func:`closeness`.
    normalized
        False leaves out the factor 1/(n − 1), as NetworkX does.

    Raises
    ------
    ValueError
        For shares without direction.

    References
    ----------
    P. Boldi, S. Vigna (2014), doi:10.1080/15427951.2013.865686.

    Examples
    --------
    >>> from scipy import sparse
    >>> supply = sparse.csr_array([[0, 1.0, 0], [0, 0, 1.0], [0, 0, 0]])
    >>> harmonic(supply, distance="hops", direction="out").tolist()
    [0.75, 0.5, 0.0]
    """
    n = matrix.shape[0]
    total, _ = _over_distances(
        matrix,
        distance,
        direction,
        shares_of,
        lambda far: np.divide(1.0, far, out=np.zeros_like(far), where=far > 0),
    )
    return np.asarray(total / max(n - 1, 1) if normalized else total, dtype=np.float64)


def _over_distances(
    matrix: CSR,
    distance: Distance,
    direction: Reach,
    shares_of: SharesOf,
    value: Callable[[FloatArray], FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Return for each node the sum of a value of its distances, and how many reach it."""
    known("direction", direction, get_args(Reach))
    lengths = tie_lengths(matrix, distance, directed=direction != "both", shares_of=shares_of)
    if direction == "in":
        lengths = sparse.csr_array(lengths.T)  # distances from the node in the turned network
    n = lengths.shape[0]
    total, reached = np.zeros(n), np.zeros(n)
    at_once = max(1, CELLS_AT_ONCE // max(n, 1))
    for first in range(0, n if lengths.nnz else 0, at_once):
        nodes = np.arange(first, min(n, first + at_once))
        far = np.asarray(csgraph.dijkstra(lengths, directed=True, indices=nodes))
        reached[nodes] = np.isfinite(far).sum(axis=1) - 1.0
        total[nodes] = value(far).sum(axis=1)
    return total, reached


def summed_dependencies(lengths: CSR, sources: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the sum over the sources of :func:`dependencies`, and of their squares.

    Networks of :data:`COMPILED_FROM` nodes and more are left to a compiled kernel, which sums one
    source after another.
    """
    n = lengths.shape[0]
    if n >= COMPILED_FROM:
        from klaster.algorithms.kernels import betweenness_kernel as kernel

        return kernel.dependencies(kernel.Ties.of(lengths), sources)
    total, squares = np.zeros(n), np.zeros(n)
    at_once = max(1, CELLS_AT_ONCE // (n + lengths.nnz))
    for first in range(0, len(sources), at_once):
        each = dependencies(lengths, sources[first : first + at_once])
        total += each.sum(axis=0)
        squares += (each**2).sum(axis=0)
    return total, squares


def dependencies(lengths: CSR, sources: IntArray) -> FloatArray:
    """Return Brandes' dependencies of each source (rows) on each node (columns).

    The ties on shortest paths from one source form a graph T without cycles. Numbers of
    paths are ``sigma = sum_k (Tᵀ)^k e_source``; dependencies are
    ``delta_v = sigma_v sum_{k>0} (T^k 1/sigma)_v``. All sources are done in one block matrix,
    with as many products as the longest shortest path has ties.
    """
    n, many = lengths.shape[0], len(sources)
    far = np.asarray(csgraph.dijkstra(lengths, directed=True, indices=sources))
    tail = np.repeat(np.arange(n), np.diff(lengths.indptr))
    head = lengths.indices
    start, end = far[:, tail], far[:, head]
    reached = np.isfinite(start)
    via = np.where(reached, start + lengths.data, np.inf)
    with np.errstate(invalid="ignore"):  # inf * 0 where nothing is reached
        tight = reached & (via <= end * (1 + _SAME_LENGTH)) & (start < end)
    row, tie = np.nonzero(tight)
    states = many * n
    steps = sparse.csr_array(
        (np.ones(len(row)), (row * n + tail[tie], row * n + head[tie])), shape=(states, states)
    )
    back = sparse.csr_array(steps.T)
    at_source = np.arange(many) * n + sources
    begin = np.zeros(states)
    begin[at_source] = 1.0
    paths = begin + _waves(back, begin)
    dependency = paths * _waves(steps, np.divide(1.0, paths, out=np.zeros(states), where=paths > 0))
    dependency[at_source] = 0.0
    return np.asarray(dependency.reshape(many, n), dtype=np.float64)


def _waves(steps: CSR, begin: FloatArray) -> FloatArray:
    """Return ``sum_{k>0} steps^k begin``; ends because the steps have no cycle."""
    total = np.zeros_like(begin)
    wave = np.asarray(steps @ begin, dtype=np.float64)
    while wave.any():
        total += wave
        wave = np.asarray(steps @ wave, dtype=np.float64)
    return total
