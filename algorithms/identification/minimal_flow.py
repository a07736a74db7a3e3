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

from klaster.algorithms.identification.industry_clusters import IndustryClusters, components
from klaster.algorithms.io.checks import checked_vector
from klaster.algorithms.io.leontief import leontief_inverse
from klaster.graph.model import FloatArray, IntArray

ISOLATED, WEAK, ONE_WAY, TWO_WAY = 0, 1, 2, 3


def _rounds(
    A: FloatArray, final_demand: npt.ArrayLike, tolerance: float = 1e-12
) -> Iterator[FloatArray]:
    """Yield what each round of production must deliver: ``Aᵏ f`` for k from 0.

    The flows of a round are ``T_k = A diag(Aᵏ f)``; all rounds add up to Z (Schnabl 1994).
    """
    demand = checked_vector("final demand", final_demand, len(A))
    inputs, first = A.sum(axis=0), 0.0
    while True:
        size = float(inputs @ demand)
        first = max(first, size)
        if size <= tolerance * first or size == 0.0:
            return
        yield demand
        demand = A @ demand


class _Layers:
    """The flows of all rounds, ``T_k[i, j] = a_ij d_kj``, worked out where they are asked for."""

    def __init__(self, coefficients: npt.ArrayLike, final_demand: npt.ArrayLike) -> None:
        self.coefficients = leontief_inverse(coefficients).coefficients
        self.demands = list(_rounds(self.coefficients, final_demand))
        largest = self.coefficients.max(axis=0, initial=0.0)
        # Largest flow to each buyer in each round: most are below most filters.
        self.largest = [largest * demand for demand in self.demands]

    def __len__(self) -> int:
        return len(self.coefficients)

    def counted(self, round_: int, value: float) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """Return the buyers a flow above a value goes to in a round, and to each which flows."""
        buyers = np.flatnonzero(self.largest[round_] > value)
        amounts = self.coefficients[:, buyers] * self.demands[round_][buyers]
        return buyers, amounts > value

    def top(self) -> float:
        """Return the largest flow of all rounds."""
        return max((float(most.max()) for most in self.largest), default=0.0)

    def between(self, low: float, high: float) -> FloatArray:
        """Return the sizes of flows above one value and below another, each once, rising."""
        found = [np.empty(0)]
        for demand, most in zip(self.demands, self.largest, strict=True):
            buyers = np.flatnonzero(most > low)
            amounts = self.coefficients[:, buyers] * demand[buyers]
            found.append(np.unique(amounts[(amounts > low) & (amounts < high)]))
        return np.unique(np.concatenate(found))

    def count_between(self, low: float, high: float) -> int:
        """Return the number of flows above one value and below another."""
        count = 0
        for demand, most in zip(self.demands, self.largest, strict=True):
            buyers = np.flatnonzero(most > low)
            amounts = self.coefficients[:, buyers] * demand[buyers]
            count += int(((amounts > low) & (amounts < high)).sum())
        return count

    def largest_up_to(self, value: float) -> float:
        """Return the largest flow that is not above a value, 0 where there is none."""
        best = 0.0
        for demand in self.demands:
            amounts = self.coefficients * demand
            best = max(best, float(amounts.max(initial=0.0, where=amounts <= value)))
        return best


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
        For bad cells, and ρ(A) ≥ 1 (the rounds would never end).
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
    return _connections(_Layers(coefficients, final_demand), filter_value)


def _connections(layers: _Layers, filter_value: float) -> FlowConnections:
    depends, used = _dependence(layers, filter_value)
    off = depends.copy()
    np.fill_diagonal(off, False)
    part = _parts(off)
    H = off.astype(np.int64) + off.T + (part[:, None] == part[None, :])
    np.fill_diagonal(H, 0)
    return FlowConnections(filter_value, depends, H, used)


def _parts(off: npt.NDArray[np.bool_]) -> IntArray:
    ties = sparse.csr_array(np.asarray(off, dtype=bool))
    _, part = connected_components(ties, directed=True, connection="weak")
    return np.asarray(part, dtype=np.int64)


def _dependence(
    layers: _Layers, filter_value: float, *, until_two_way: bool = False
) -> tuple[npt.NDArray[np.bool_], int]:
    """Return D, and the number of rounds with a counted chain (or with the first two-way pair)."""
    n = len(layers)
    chain = depends = _packed(np.zeros((n, n), dtype=bool))
    used = 0
    for k in range(len(layers.demands)):
        buyers, counted = layers.counted(k, filter_value)
        if used == 0:
            first = np.zeros((n, n), dtype=bool)
            first[:, buyers] = counted
            chain = _packed(first)
        else:
            chain = _continued(buyers, counted, chain)
        if not chain.any():
            break
        used += 1
        depends = depends | chain
        if until_two_way and _two_way_pairs(_unpacked(depends, n)):
            break
    return _unpacked(depends, n), used


def _packed(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Return 64 flags of a row in one word."""
    n, m = flags.shape
    padded = np.zeros((n, -(-m // 64) * 64), dtype=bool)
    padded[:, :m] = flags
    return np.packbits(padded, axis=1).view(np.uint64)


def _unpacked(words: npt.NDArray[np.uint64], m: int) -> npt.NDArray[np.bool_]:
    return np.unpackbits(words.view(np.uint8), axis=1, count=m).astype(bool)


def _continued(
    buyers: IntArray, counted: npt.NDArray[np.bool_], chain: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """Return the Boolean product of counted flows and chains: chains longer by one flow.

    Row i of the product is the union of the chains that begin with the buyers of i.
    """
    going_on = chain[buyers].any(axis=1)
    buyers, counted = buyers[going_on], counted[:, going_on]
    product = np.zeros_like(chain)
    # Some rows at a time: the words of a table of thousands would fill the memory.
    step = max(1, 2_000_000 // max(1, len(buyers) * chain.shape[1]))
    for start in range(0, len(counted), step):
        sellers, at = np.nonzero(counted[start : start + step])
        if len(sellers):
            first = np.flatnonzero(np.diff(sellers, prepend=-1))
            united = np.bitwise_or.reduceat(chain[buyers[at]], first, axis=0)
            product[start + sellers[first]] = united
    return product


def _two_way_pairs(depends: npt.NDArray[np.bool_]) -> int:
    both = int((depends & depends.T).sum()) - int(np.diagonal(depends).sum())
    return both // 2


def _entropy(counts: IntArray) -> float:
    """Return the Shannon entropy, in bits, of the kinds of connection over all pairs.

    Highest where isolated, weak, one-way and two-way pairs are equally many: there the filter
    shows the most structure.
    """
    share = counts[counts > 0] / max(int(counts.sum()), 1)
    return float(-(share * np.log2(share)).sum()) + 0.0


def _kinds(depends: npt.NDArray[np.bool_]) -> IntArray:
    """Return the numbers of isolated, weak, one-way and two-way pairs."""
    n = len(depends)
    off = depends.copy()
    np.fill_diagonal(off, False)
    two_way = _two_way_pairs(off)
    one_way = int(off.sum()) - 2 * two_way
    sizes = np.bincount(_parts(off), minlength=1)
    linked = int((sizes * (sizes - 1) // 2).sum())
    all_pairs = n * (n - 1) // 2
    return np.array([all_pairs - linked, linked - one_way - two_way, one_way, two_way])


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
        For bad cells, and ρ(A) ≥ 1 (the rounds would never end).
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
    layers = _Layers(coefficients, final_demand)
    top = _last_two_way(layers)
    filters = np.linspace(0.0, top, steps + 1)[1:] if top > 0 else np.zeros(1)
    entropies = np.array([_entropy(_kinds(_dependence(layers, value)[0])) for value in filters])
    best = int(np.argmax(np.round(entropies, 12)))
    return FilterScan(filters, entropies, _connections(layers, float(filters[best])))


_SORTED = 200_000
"""Flows that are sorted rather than searched by halving the range of their sizes."""


def _last_two_way(layers: _Layers) -> float:
    """Largest filter just below which some pair is still connected both ways; 0 without one."""

    def two_way(value: float) -> bool:
        return _two_way_pairs(_dependence(layers, value, until_two_way=True)[0]) > 0

    # Connections can only be lost as the filter rises, and only at the size of some flow.
    if not two_way(0.0):
        return 0.0
    low, high = 0.0, layers.top()  # two-way at low; none at high, the largest flow
    for _ in range(200):
        if layers.count_between(low, high) <= _SORTED:
            break
        middle = (low + high) / 2
        low, high = (middle, high) if two_way(middle) else (low, middle)
    sizes = layers.between(low, high)
    first, last = -1, len(sizes)  # two-way at sizes[first]; none at sizes[last]
    while last - first > 1:
        middle_one = (first + last) // 2
        if two_way(float(sizes[middle_one])):
            first = middle_one
        else:
            last = middle_one
    if first >= 0:
        return float(sizes[first])
    # Filters count the same flows from the size of one up to that of the next.
    below = layers.largest_up_to(low)
    return below if below > 0 else float(layers.between(0.0, np.inf)[0]) / 2
