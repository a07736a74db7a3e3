"""Which keys come once only: what every round of swaps of a random network asks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.kernels.compilation import compiled

_SPREADING = np.uint64(0x9E3779B97F4A7C15)
_BITS = 64


@compiled
def once(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell of each key whether it comes once only, by a table of places instead of sorting."""
    count = keys.shape[0]
    bits = 1
    while (1 << bits) < 2 * count:
        bits += 1
    shift = np.uint64(_BITS - bits)
    last = (1 << bits) - 1
    first = np.full(1 << bits, -1, np.int32)
    alone = np.ones(count, np.bool_)
    for k in range(count):
        at = np.int64((np.uint64(keys[k]) * _SPREADING) >> shift)
        while first[at] >= 0 and keys[first[at]] != keys[k]:
            at = (at + 1) & last
        if first[at] < 0:
            first[at] = k
        else:
            alone[first[at]] = False
            alone[k] = False
    return alone
