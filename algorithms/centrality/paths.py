"""Brokerage: who stands on the strongest chains between the others."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from klaster.algorithms.centrality.matrices import both_ways, checked, known, row_sums
from klaster.graph.model import CSR, FloatArray, IntArray

Distance = Literal["reciprocal", "hops", "neg-log-share"]
SharesOf = Literal["purchases", "sales"]

LEAST_LENGTH = 1e-9
"""Length of a tie that is all of a node's purchases or sales, where -ln(1) would be 0."""

_SAME_LENGTH = 1e-12
_CELLS_AT_ONCE = 100_000  # a block that stays in the cache: larger ones are slower


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
    InputError
        Where the matrix is not square or holds a negative, infinite or missing strength.
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
    held = checked(matrix, self_ties="drop")
    if not directed:
        held = both_ways(held)
    if distance == "hops":
        held.data = np.ones_like(held.data)
    elif distance == "reciprocal":
        held.data = 1.0 / held.data
    else:
        whole = checked(matrix)  # shares are of all purchases, own deliveries among them
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
    InputError
        Where the matrix is not square or holds a negative, infinite or missing strength.
    ValueError
        For shares without direction.

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
    if distance == "hops":
        counted = _by_hops(lengths)
    else:
        sources_at_once = max(1, _CELLS_AT_ONCE // (n + lengths.nnz))
        counted = np.zeros(n)
        for first in range(0, n, sources_at_once):
            counted += _dependencies(lengths, np.arange(first, min(n, first + sources_at_once)))
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


def _dependencies(lengths: CSR, sources: IntArray) -> FloatArray:
    """Return Brandes' dependencies on each node, added up over the sources.

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
    return np.asarray(dependency.reshape(many, n).sum(axis=0), dtype=np.float64)


def _waves(steps: CSR, begin: FloatArray) -> FloatArray:
    """Return ``sum_{k>0} steps^k begin``; ends because the steps have no cycle."""
    total = np.zeros_like(begin)
    wave = np.asarray(steps @ begin, dtype=np.float64)
    while wave.any():
        total += wave
        wave = np.asarray(steps @ wave, dtype=np.float64)
    return total
