"""Keys that come once, by the kernel and by sorting; and the same draws either way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from klaster.algorithms.kernels.nulls_kernel import once
from klaster.algorithms.trust import nulls


def test_equal_to_counting() -> None:
    for seed in range(50):
        rng = np.random.default_rng(seed)
        keys = rng.integers(0, rng.choice([1, 10, 10**12]), int(rng.integers(0, 300)))
        _, place, count = np.unique(keys, return_inverse=True, return_counts=True)
        assert once(keys).tolist() == (count[place] == 1).tolist()


def test_draws_are_the_same_below_and_above_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    ties = sparse.csr_array((rng.random((60, 60)) < 0.1).astype(float))
    plain = nulls.degree_preserving_draw(ties, np.random.default_rng(2))
    monkeypatch.setattr(nulls, "COMPILED_FROM", 0)
    again = nulls.degree_preserving_draw(ties, np.random.default_rng(2))
    assert (plain != again).nnz == 0
