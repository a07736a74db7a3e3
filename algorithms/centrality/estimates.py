"""Centralities of large networks from a sample of sources, with how far off they may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from klaster.algorithms.centrality.paths import (
    Distance,
    SharesOf,
    summed_dependencies,
    tie_lengths,
)
from klaster.graph.model import CSR, FloatArray, IntArray

SAMPLE = 400
"""Sources looked at where neither their number nor the error is given."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """Values estimated from a sample of sources.

    Attributes
    ----------
    values
        One a node.
    bound
        One a node: with the stated confidence *all* values are within their bounds of the exact
        ones. 0 where every source was looked at.
    sources
        Number of sources looked at.
    node_count
        Number of nodes.
    confidence
        Probability that no bound fails.
    """

    values: FloatArray
    bound: FloatArray
    sources: int
    node_count: int
    confidence: float

    @property
    def exact(self) -> bool:
        """Whether every source was looked at."""
        return self.sources >= self.node_count


def sources_for(error: float, node_count: int, confidence: float = 0.95) -> int:
    r"""Return how many sources keep every normalised betweenness within an error.

    The smallest :math:`k` for which :math:`\frac{n}{n-1} \sqrt{\rho_k \ln(2n/\delta) / 2k}` is
    at most the error (Hoeffding and Serfling, all nodes at once; see :func:`betweenness_sampled`).

    Examples
    --------
    >>> sources_for(0.05, 30_000), sources_for(0.01, 30_000), sources_for(0.05, 100)
    (2561, 21000, 95)
    """
    if not error > 0:
        raise ValueError(f"error is {error}; give more than 0")
    low, high = 1, max(node_count, 1)
    while low < high:
        middle = (low + high) // 2
        if _worst_bound(middle, node_count, confidence) <= error:
            high = middle
        else:
            low = middle + 1
    return low


def _left_over(sources: int, node_count: int) -> float:
    """Return ρ: what drawing without replacement leaves of the variance."""
    if 2 * sources <= node_count:
        return 1.0 - (sources - 1) / node_count
    return (1.0 - sources / node_count) * (1.0 + 1.0 / sources)


def _worst_bound(sources: int, node_count: int, confidence: float) -> float:
    if node_count < 2:
        return 0.0
    doubt = math.log(2 * node_count / (1 - confidence))
    reach = node_count / (node_count - 1)
    return reach * math.sqrt(_left_over(sources, node_count) * doubt / (2 * sources))


def drawn_sources(node_count: int, many: int, seed: int = 1) -> IntArray:
    """Return the nodes that chains are looked at from: so many drawn at random, or all; sorted.

    Examples
    --------
    >>> drawn_sources(5, 9).tolist(), drawn_sources(1_000, 3).tolist()
    ([0, 1, 2, 3, 4], [543, 649, 705])
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    return np.asarray(np.sort(rng.permutation(node_count)[:many]), dtype=np.int64)


def betweenness_sampled(
    matrix: CSR,
    *,
    distance: Distance,
    sources: int | None = None,
    error: float | None = None,
    confidence: float = 0.95,
    seed: int = 1,
    directed: bool = True,
    shares_of: SharesOf = "purchases",
) -> Estimate:
    r"""Return the normalised betweenness estimated from some of the sources, with bounds.

    Betweenness is a mean over sources: :math:`b_v = \frac{1}{n} \sum_s x_s(v)` with
    :math:`x_s(v) = \frac{n}{(n-1)(n-2)} \delta_s(v)` and Brandes' dependencies
    :math:`0 \le \delta_s(v) \le n - 2`. So the mean over :math:`k` sources drawn at random, each
    at most once, estimates it without bias (Brandes and Pich). With probability
    :math:`1 - \delta` every node is within the smaller of two bounds, each given half of the
    doubt and a share :math:`1/n` of it per node:

    * Hoeffding–Serfling: :math:`R \sqrt{\rho_k \ln(4n/\delta) / 2k}`, the same for all;
    * Bernstein–Serfling: :math:`\hat\sigma_v \sqrt{2 \rho_k \ln(20n/\delta) / k} + \kappa R
      \ln(20n/\delta) / k`, close for the many nodes that hardly any path passes,

    with :math:`R = n/(n-1)`, :math:`\hat\sigma_v` the standard deviation over the sources,
    :math:`\kappa = 7/3 + 3/\sqrt 2` and :math:`\rho_k` what drawing without replacement leaves.

    Parameters
    ----------
    matrix, distance, directed, shares_of
        As for :func:`~klaster.algorithms.centrality.paths.betweenness`: strengths, turned into
        lengths here.
    sources
        How many to look at, 1 or more; all, where there are not more nodes, and then the result
        is exact.
    error
        Instead of ``sources``: look at as many as keep every node within this distance. If
        neither is given: 400.
    confidence
        Probability that no bound fails, between 0 and 1.
    seed
        Of the choice of sources.

    Returns
    -------
    Estimate
        Normalised as :func:`~klaster.algorithms.centrality.paths.betweenness` does: 1 is on all
        paths.

    Raises
    ------
    ValueError
        For both ``sources`` and ``error``, for fewer than one source, or a confidence outside
        0 to 1.

    Notes
    -----
    The time is that of one search for shortest paths a source.

    References
    ----------
    Brandes, U. and Pich, C. (2007), doi:10.1142/S0218127407018403. Bardenet, R. and Maillard,
    O.-A. (2015), doi:10.3150/14-BEJ605.

    Examples
    --------
    >>> from scipy import sparse
    >>> chain = sparse.csr_array(np.diag(np.ones(4), 1))
    >>> found = betweenness_sampled(chain, distance="hops", sources=5)
    >>> found.values.round(3).tolist(), found.bound.tolist(), found.exact
    ([0.0, 0.25, 0.333, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], True)
    """
    if sources is not None and error is not None:
        raise ValueError("give sources or error, not both")
    if sources is not None and sources < 1:
        raise ValueError(f"sources is {sources}; at least 1 is needed")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; give a number between 0 and 1")
    lengths = tie_lengths(matrix, distance, directed=directed, shares_of=shares_of)
    n = lengths.shape[0]
    if n < 3 or lengths.nnz == 0:
        return Estimate(np.zeros(n), np.zeros(n), n, n, confidence)
    if error is not None:
        # Two bounds share the doubt below, so half of it is what each may use.
        sources = sources_for(error, n, (1 + confidence) / 2)
    chosen = drawn_sources(n, sources or SAMPLE, seed)
    many = len(chosen)
    total, squares = summed_dependencies(lengths, chosen)
    scale = n / ((n - 1) * (n - 2))
    mean = scale * total / many
    variance = np.maximum(scale**2 * squares / many - mean**2, 0.0)
    bound = _bounds(np.sqrt(variance), many, n, confidence) if many < n else np.zeros(n)
    return Estimate(mean, bound, many, n, confidence)


def _bounds(deviation: FloatArray, sources: int, node_count: int, confidence: float) -> FloatArray:
    doubt = (1 - confidence) / 2
    reach = node_count / (node_count - 1)
    left = _left_over(sources, node_count)
    same_for_all = reach * math.sqrt(left * math.log(2 * node_count / doubt) / (2 * sources))
    log = math.log(10 * node_count / doubt)
    own = deviation * math.sqrt(2 * left * log / sources)
    own = own + (7 / 3 + 3 / math.sqrt(2)) * reach * log / sources
    return np.minimum(own, same_for_all)
