"""Random numbers inside kernels: SplitMix64, its state in an array that the caller owns.

NumPy's generators cannot be drawn from inside a kernel, and numba's own has one state a thread: what
it gives would depend on which thread runs what. Here equal seeds give equal numbers anywhere.

References
----------
G. L. Steele, D. Lea, C. H. Flood (2014), Fast splittable pseudorandom number generators,
doi:10.1145/2714064.2660195.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.kernels.compilation import compiled

State = npt.NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_FACTOR = np.uint64(0x94D049BB133111EB)
_FIRST_SHIFT, _SECOND_SHIFT, _THIRD_SHIFT = np.uint64(30), np.uint64(27), np.uint64(31)
_SPARE_BITS = np.uint64(11)
_UNIT = 2.0**-53


def random_state(seed: int) -> State:
    """Return the state that a seed stands for; kernels change it in place.

    Examples
    --------
    >>> state = random_state(1)
    >>> first, second = uniform(state), uniform(state)
    >>> 0 <= first < 1 and first != second and first == uniform(random_state(1))
    True
    """
    return np.array([seed], dtype=np.uint64)


@compiled
def uniform(state: State) -> float:
    """Return the next number in [0, 1)."""
    state[0] += _STEP
    mixed = state[0]
    mixed = (mixed ^ (mixed >> _FIRST_SHIFT)) * _FIRST_FACTOR
    mixed = (mixed ^ (mixed >> _SECOND_SHIFT)) * _SECOND_FACTOR
    mixed ^= mixed >> _THIRD_SHIFT
    return float(mixed >> _SPARE_BITS) * _UNIT


@compiled
def shuffled(count: int, state: State) -> npt.NDArray[np.int32]:
    """Return the numbers below ``count`` in random order (Fisher and Yates)."""
    order = np.arange(count).astype(np.int32)
    for last in range(count - 1, 0, -1):
        other = int(uniform(state) * (last + 1))
        order[last], order[other] = order[other], order[last]
    return order
