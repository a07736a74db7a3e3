"""Minimal flow analysis: which links remain when only flows above a filter count, round by round.

The layers are Schnabl's qualitative input–output analysis, exact. Two things differ between
authors and are named here for what they are: the coding of the connections 0–3, and the rule for
the filter. The entropy rule below maximises the entropy of the connections of the layered graph
over equidistant filters; the averaging over several criteria in Titze, Brachert & Kubis (2011) is
not implemented, so results must not be called theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from klaster.algorithms.identification.clusters import IndustryClusters, components
from klaster.algorithms.io.checks import checked_vector
from klaster.algorithms.io.leontief import leontief_inverse
from klaster.graph.model import FloatArray, IntArray

ISOLATED, WEAK, ONE_WAY, TWO_WAY = 0, 1, 2, 3


def flow_layers(
    coefficients: npt.ArrayLike, final_demand: npt.ArrayLike, *, tolerance: float = 1e-12
) -> Iterator[FloatArray]:
    """Yield the flows of each round of production, ``T_k = A diag(Aᵏ f)`` for k from 0.

    Round 0 is what producers of final goods buy, round 1 what their suppliers buy, and so on;
    all rounds add up to Z. Ends when a round is below the tolerance.

    Parameters
    ----------
    coefficients
        A, n × n, ρ(A) < 1.
    final_demand
        f, n, non-negative.
    tolerance
        Size of a round, as a share of the first, at which to end.

    Raises
    ------
    InputError
        For bad cells and ρ(A) ≥ 1 (the rounds would never end).

    References
    ----------
    Schnabl, H. (1994). The evolution of production structures, analyzed by a multi-layer
    procedure. Economic Systems Research 6(1), 51–68. doi:10.1080/09535319400000005

    Examples
    --------
    >>> import numpy as np
    >>> A = np.array([[0.15, 0.25], [0.20, 0.05]])
    >>> sum(flow_layers(A, [350, 1700])).round(6).tolist()
    [[150.0, 500.0], [200.0, 100.0]]
    """
    A = leontief_inverse(coefficients).coefficients
    demand = checked_vector("final demand", final_demand, len(A))
    first = 0.0
    while True:
        layer = A * demand
        size = float(layer.sum())
        first = max(first, size)
        if size <= tolerance * first or size == 0.0:
            return
        yield layer
        demand = A @ demand


@dataclass(frozen=True, eq=False)
class FlowConnections:
    """Connections that remain at one filter.

    Attributes
    ----------
    filter_value
        F: flows of a layer count where they are above it.
    dependence
        D, n × n: a chain of counted flows leads from i to j.
    connection
        H, n × n, symmetric: 0 isolated, 1 weak (linked whatever the direction), 2 one-way,
        3 two-way.
    layers
        Number of layers with a counted chain.
    """

    filter_value: float
    dependence: npt.NDArray[np.bool_]
    connection: IntArray
    layers: int

    def clusters(self, at_least: int = TWO_WAY) -> IndustryClusters:
        """Return the parts held together by connections of a kind (two-way by default)."""
        return IndustryClusters(
            "minimal flow analysis",
            components(self.connection >= at_least),
            f"connections of kind {at_least} or more at filter {self.filter_value:g}",
        )


def flow_connections(
    coefficients: npt.ArrayLike, final_demand: npt.ArrayLike, filter_value: float
) -> FlowConnections:
    """Return how industries are connected by layered flows above a filter.

    ``W_k[i, j] = 1`` where ``T_k[i, j] > F``; ``W⁽⁰⁾ = W_0``, ``W⁽ᵏ⁾ = W_k ⊗ W⁽ᵏ⁻¹⁾`` (Boolean
    product), until it is empty; dependence ``D = ⋁ W⁽ᵏ⁾``; weak connection K = transitive closure
    of D ∨ Dᵀ; ``H = D + Dᵀ + K``. The diagonal of H is 0.

    Parameters
    ----------
    coefficients
        A, n × n.
    final_demand
        f, n, non-negative.
    filter_value
        F, in the unit of the flows, 0 or more.

    Raises
    ------
    InputError
        As :func:`flow_layers`.
    ValueError
        For a negative filter.

    Examples
    --------
    >>> import numpy as np
    >>> Z = np.array([[10, 40, 5], [5, 20, 60], [2, 3, 8]])
    >>> f = np.array([45, 115, 187])
    >>> flow_connections(Z / (Z.sum(axis=1) + f), f, 20).connection.tolist()
    [[0, 2, 1], [2, 0, 2], [1, 2, 0]]
    """
    if filter_value < 0:
        raise ValueError(f"the filter is {filter_value:g}: give an amount of 0 or more")
    layers = list(flow_layers(coefficients, final_demand))
    return _connections(layers, filter_value, len(np.asarray(coefficients)))


def _connections(layers: list[FloatArray], filter_value: float, n: int) -> FlowConnections:
    depends = np.zeros((n, n), dtype=bool)
    chain = np.eye(n, dtype=bool)
    used = 0
    for layer in layers:
        counted = layer > filter_value
        chain = counted if used == 0 else _boolean_product(counted, chain)
        if not chain.any():
            break
        used += 1
        depends |= chain
    off = depends.copy()
    np.fill_diagonal(off, False)
    _, part = connected_components(sparse.csr_array(off), directed=True, connection="weak")
    weak = part[:, None] == part[None, :]
    H = off.astype(np.int64) + off.T + weak
    np.fill_diagonal(H, 0)
    return FlowConnections(filter_value, depends, H, used)


def _boolean_product(
    first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    # High filters leave few flows: there sparse counting is many times faster than dense.
    if first.mean() < 0.05:
        product = sparse.csr_array(first.astype(np.int32)) @ sparse.csr_array(
            second.astype(np.int32)
        )
        return np.asarray(product.toarray() > 0)
    return np.asarray(first.astype(np.float32) @ second.astype(np.float32) > 0)


def connection_entropy(connection: npt.ArrayLike) -> float:
    """Return the Shannon entropy, in bits, of the kinds of connection over all pairs.

    Highest where isolated, weak, one-way and two-way pairs are equally many: there the filter
    shows the most structure.

    Examples
    --------
    >>> connection_entropy([[0, 2], [2, 0]])
    0.0
    """
    H = np.asarray(connection, dtype=np.int64)
    pairs = H[np.triu_indices(len(H), 1)]
    share = np.bincount(pairs, minlength=4) / max(len(pairs), 1)
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum()) + 0.0


@dataclass(frozen=True, eq=False)
class FilterScan:
    """Connections over a range of filters, and the one with the highest entropy.

    Attributes
    ----------
    filters
        The filters tried, rising.
    entropies
        Entropy of the connections at each, bits.
    best
        Connections at the filter with the highest entropy (the lowest of equals).
    """

    filters: FloatArray
    entropies: FloatArray
    best: FlowConnections


def scan_filters(
    coefficients: npt.ArrayLike, final_demand: npt.ArrayLike, *, steps: int = 50
) -> FilterScan:
    """Try equidistant filters up to the last two-way connection and keep the most telling.

    The end of the range is the largest filter at which a pair is still connected both ways,
    found by bisection over the sizes of the layered flows. See the head of this module: the
    rule is Schnabl's entropy filter as we read it, not that of Titze, Brachert & Kubis.

    Parameters
    ----------
    coefficients
        A, n × n.
    final_demand
        f, n, non-negative.
    steps
        Number of filters.

    Raises
    ------
    InputError
        As :func:`flow_layers`.
    ValueError
        For fewer than one step.

    Examples
    --------
    >>> import numpy as np
    >>> Z = np.array([[10, 40, 5], [5, 20, 60], [2, 3, 8]])
    >>> f = np.array([45, 115, 187])
    >>> found = scan_filters(Z / (Z.sum(axis=1) + f), f)
    >>> len(found.filters), found.best.connection.max()
    (50, np.int64(3))
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}: give at least one filter")
    layers = list(flow_layers(coefficients, final_demand))
    n = len(np.asarray(coefficients))
    top = _last_two_way(layers, n)
    filters = np.linspace(0.0, top, steps + 1)[1:] if top > 0 else np.zeros(1)
    found = [_connections(layers, float(value), n) for value in filters]
    entropies = np.array([connection_entropy(at.connection) for at in found])
    best = int(np.argmax(np.round(entropies, 12)))
    return FilterScan(filters, entropies, found[best])


def _last_two_way(layers: list[FloatArray], n: int) -> float:
    """Largest filter just below which some pair is still connected both ways; 0 without one."""
    if not layers:
        return 0.0

    def two_way(value: float) -> bool:
        return bool((_connections(layers, value, n).connection == TWO_WAY).any())

    # Connections can only be lost as the filter rises, and only at the size of some flow.
    sizes = np.unique(np.concatenate([layer[layer > 0] for layer in layers]))
    if not two_way(0.0):
        return 0.0
    low, high = -1, len(sizes) - 1  # two-way at sizes[low]; none at sizes[high], the largest flow
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if two_way(float(sizes[middle])) else (low, middle)
    # Filters below sizes[high] and at sizes[low] count the same flows.
    return float(sizes[low]) if low >= 0 else float(sizes[0]) / 2
