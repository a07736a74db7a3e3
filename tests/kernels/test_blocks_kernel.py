"""The compiled climb over cores against a plain one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from klaster.algorithms.kernels.blocks_kernel import climbed


def correlation(tied: np.ndarray, core: np.ndarray) -> float:
    """Correlation of the ties with the ideal pattern, pair by pair."""
    one, other = np.triu_indices(len(tied), 1)
    pattern = core[one] | core[other]
    if pattern.all() or not pattern.any():
        return -np.inf
    return float(np.corrcoef(pattern, tied[one, other])[0, 1])


def test_every_step_is_the_best_one() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(5, 25))
        tied = np.triu(rng.random((n, n)) < 0.3, 1)
        tied = tied | tied.T
        if not tied.any():
            continue
        matrix = sparse.csr_array(tied.astype(float))
        core = rng.random(n) < 0.4
        expected = core.copy()
        value = correlation(tied, expected)
        while True:
            flipped = [correlation(tied, expected ^ (np.arange(n) == k)) for k in range(n)]
            if not max(flipped) > value + 1e-9:
                break
            expected[int(np.argmax(np.round(flipped, 9)))] ^= True
            value = correlation(tied, expected)
        found, reached = climbed(
            matrix.indptr.astype(np.int64),
            matrix.indices.astype(np.int32),
            core,
            n * (n - 1) / 2,
            matrix.nnz / 2,
            1e-9,
        )
        np.testing.assert_allclose(reached, correlation(tied, found), atol=1e-9)
        np.testing.assert_allclose(reached, value, atol=1e-9)
