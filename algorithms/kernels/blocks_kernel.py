"""Core and periphery as blocks: one node after another changes sides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.kernels.compilation import compiled

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]


@compiled
def _correlation(count: int, size: float, outside: float, pairs: float, ties: float) -> float:
    """Correlation for a core of this size with so many ties within the periphery."""
    rest = count - size
    ones = (pairs - rest * (rest - 1) / 2) / pairs
    spread = np.sqrt(max(ones * (1 - ones), 0.0))
    if not spread > 0:
        return -np.inf
    share = ties / pairs
    covariance = (ties - outside) / pairs - share * ones
    return float(covariance / (spread * np.sqrt(share * (1 - share))))


@compiled
def climbed(
    offsets: Offsets, partners: Ints, begin: Flags, pairs: float, ties: float, gain: float
) -> tuple[Flags, float]:
    """Change the side of the node that helps most, as long as the correlation grows.

    The same as the search of :mod:`klaster.algorithms.cores.blocks` without changes of place.

    Parameters
    ----------
    offsets, partners
        Partners of node ``i``: ``partners[offsets[i]:offsets[i + 1]]``.
    begin
        Which nodes are core at first.
    pairs, ties
        Number of pairs of nodes, and of those that are tied.
    gain
        A smaller gain is none.
    """
    count = offsets.shape[0] - 1
    core = begin.copy()
    to_rest = np.zeros(count)
    size, outside = 0.0, 0.0
    for node in range(count):
        size += core[node]
        for at in range(offsets[node], offsets[node + 1]):
            to_rest[node] += not core[partners[at]]
        if not core[node]:
            outside += to_rest[node] / 2
    value = _correlation(count, size, outside, pairs, ties)
    while True:
        best, highest = -1, -np.inf
        for node in range(count):
            joins = -1.0 if core[node] else 1.0
            # A node that joins takes its ties with the periphery out of it; one that leaves
            # brings them in.
            found = _correlation(count, size + joins, outside - joins * to_rest[node], pairs, ties)
            if found > highest:
                best, highest = node, found
        if not highest > value + gain:
            return core, value
        joins = -1.0 if core[best] else 1.0
        size, outside, value = size + joins, outside - joins * to_rest[best], highest
        core[best] = not core[best]
        for at in range(offsets[best], offsets[best + 1]):
            to_rest[partners[at]] -= joins
