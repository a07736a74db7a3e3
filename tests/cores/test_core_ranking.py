"""Percentiles, Borda ranks and who counts as core."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from klaster.algorithms.cores.ranking import (
    average_ranks,
    borda,
    core_flags,
    core_places,
    last_ranks,
    percentiles,
)

Array = npt.NDArray[np.float64]

relaxed = settings(deadline=None, max_examples=100)
readings = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5, -1.0]), min_size=1, max_size=12).map(
    np.array
)


@relaxed
@given(readings)
def test_ranks_and_percentiles_as_scipy_counts_them(values: Array) -> None:
    np.testing.assert_array_equal(average_ranks(values), stats.rankdata(-values, "average"))
    np.testing.assert_array_equal(last_ranks(values), stats.rankdata(-values, "max"))
    expected = [stats.percentileofscore(values, v, kind="mean") / 100 for v in values]
    np.testing.assert_allclose(percentiles(values), expected)


@relaxed
@given(st.integers(1, 10), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_what_holds_of_every_borda_ranking(n: int, lenses: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    values = {f"lens {k}": chance.integers(0, 4, n).astype(float) for k in range(lenses)}
    found = borda(values)
    assert found.rank.sum() == n * (n + 1) / 2
    assert ((found.score > 0) & (found.score < 1)).all()
    assert found.score.mean() == pytest.approx(0.5)
    order = chance.permutation(n)
    moved = borda({name: reading[order] for name, reading in values.items()})
    assert (moved.rank == found.rank[order]).all()
    stretched = borda({name: 10 * reading**3 + 1 for name, reading in values.items()})
    assert (stretched.rank == found.rank).all()
    no_say = borda({**values, "all alike": np.full(n, 7.0)})
    assert (no_say.rank == found.rank).all()


def test_borda_by_hand() -> None:
    """Places a: 1, 1, 1.5; b: 2, 3, 1.5; c: 3, 2, 3: sums 3.5, 6.5, 8."""
    found = borda(
        {
            "one": np.array([9.0, 5.0, 1.0]),
            "two": np.array([3.0, 1.0, 2.0]),
            "three": np.array([4.0, 4.0, 0.0]),
        }
    )
    assert found.rank.tolist() == [1, 2, 3]
    np.testing.assert_allclose(found.score, [(3.5 - places / 3) / 3 for places in (3.5, 6.5, 8)])


def test_last_digits_do_not_part_equals() -> None:
    tenth = np.array([0.3, 0.1 + 0.2, 0.1 * 3, 1.0])
    assert len(set(tenth.tolist())) > 2
    assert average_ranks(tenth).tolist() == [3, 3, 3, 1]


def test_core_places() -> None:
    assert all(core_places(n) == math.ceil(math.sqrt(n)) for n in range(2000))


def test_core_needs_the_whole_interval_within_the_places() -> None:
    rank = np.array([1.0, 2.0, 3.0, 4.0, 5.0])  # three places
    core, candidate = core_flags(
        rank, np.array([1.0, 1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 3.5, 5.0, 5.0])
    )
    assert core.tolist() == [True, True, False, False, False]
    assert candidate.tolist() == [False, False, True, True, False]


@pytest.mark.parametrize("n", range(3, 12))
def test_nobody_is_core_where_all_are_alike(n: int) -> None:
    rank = np.full(n, (n + 1) / 2)
    core, candidate = core_flags(rank, rank, rank)
    assert not core.any()
    assert candidate.all() == (rank[0] <= core_places(n))


def test_refused_readings() -> None:
    with pytest.raises(ValueError, match="missing or infinite"):
        percentiles(np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="no lens votes"):
        borda({})
    with pytest.raises(ValueError, match="one reading for each member"):
        borda({"one": np.zeros(2), "two": np.zeros(3)})
