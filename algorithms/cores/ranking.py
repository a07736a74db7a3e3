"""From readings of lenses to ranks: percentiles, Borda count, who counts as core."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.graph.model import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

SAME_READING = 1e-9
"""Readings that differ by less than this share of the largest one are held for equal."""


def _levels(values: FloatArray) -> IntArray:
    """Give each value the number of its level; the largest is level 0.

    A gap, not rounding, divides two levels: equal readings reach us with different last digits
    (sums in another order), and rounding would part them wherever its border happens to lie.
    """
    given = np.asarray(values, dtype=np.float64)
    if not np.isfinite(given).all():
        raise ValueError("a reading is missing or infinite: such a lens cannot be ranked")
    order = np.argsort(-given, kind="stable")
    falls = -np.diff(given[order]) > SAME_READING * np.abs(given).max(initial=0.0)
    levels = np.empty(len(given), dtype=np.int64)
    levels[order] = np.concatenate([[0], np.cumsum(falls)])[: len(given)]
    return levels


def _counts(values: FloatArray) -> tuple[IntArray, IntArray]:
    """For each value: how many are larger, and how many are the same (itself among them)."""
    levels = _levels(values)
    size = np.bincount(levels, minlength=1)
    larger = np.cumsum(size) - size
    return larger[levels].astype(np.int64), size[levels].astype(np.int64)


def average_ranks(values: FloatArray) -> FloatArray:
    """Return the rank of each value, 1 for the largest; equal values share the mean rank.

    Ranks add up to ``n (n + 1) / 2`` and are multiples of a half.

    Raises
    ------
    ValueError
        Where a value is missing or infinite.

    Examples
    --------
    >>> average_ranks(np.array([5.0, 9.0, 5.0, 1.0]))
    array([2.5, 1. , 2.5, 4. ])
    """
    larger, same = _counts(values)
    return np.asarray(larger + (same + 1) / 2, dtype=np.float64)


def last_ranks(values: FloatArray) -> IntArray:
    """Return the rank of each value if it came last among its equals.

    Examples
    --------
    >>> last_ranks(np.array([5.0, 9.0, 5.0, 1.0]))
    array([3, 1, 3, 4])
    """
    larger, same = _counts(values)
    return larger + same


def percentiles(values: FloatArray) -> FloatArray:
    """Return the share of members whose value is at most this one, ties counted half; 0-1.

    ``(number smaller + number equal / 2) / n``, itself among the equal ones: the mean is one
    half whatever the values, and all equal values read one half.

    Raises
    ------
    ValueError
        Where a value is missing or infinite.

    Examples
    --------
    >>> percentiles(np.array([5.0, 9.0, 5.0, 1.0]))
    array([0.5  , 0.875, 0.5  , 0.125])
    """
    larger, same = _counts(values)
    n = len(larger)
    return np.asarray((n - larger - same / 2) / n, dtype=np.float64) if n else np.zeros(0)


@dataclass(frozen=True, eq=False)
class BordaRanking:
    """Members ranked by several lenses together.

    Attributes
    ----------
    score
        Mean percentile over the lenses, 0-1.
    rank
        1 for the largest score; equal scores share the mean rank.
    """

    score: FloatArray
    rank: FloatArray


def borda(lens_values: Mapping[str, FloatArray]) -> BordaRanking:
    """Rank members by the Borda count: each lens orders them, and the places are added up.

    Only the order within a lens counts, so lenses of different units and spread weigh the same,
    and one extreme reading cannot decide. A lens in which all are equal decides nothing.

    Parameters
    ----------
    lens_values
        Reading of each voting lens, one number a member; more is better.

    Raises
    ------
    ValueError
        Without a lens, for lenses of different length, and for missing or infinite readings.

    Examples
    --------
    >>> found = borda({"strength": np.array([0.5, 0.3, 0.2]), "broker": np.array([1.0, 0.0, 0.0])})
    >>> found.rank
    array([1., 2., 3.])
    """
    if not lens_values:
        raise ValueError("no lens votes: give the readings of one lens at least")
    if len({len(values) for values in lens_values.values()}) > 1:
        raise ValueError("every lens must have one reading for each member")
    # Sums of ranks are multiples of a half, so equal sums are equal exactly.
    places = np.sum([average_ranks(lens_values[name]) for name in sorted(lens_values)], axis=0)
    n = len(places)
    score = (n + 0.5 - places / len(lens_values)) / n if n else places
    return BordaRanking(np.asarray(score, dtype=np.float64), average_ranks(-places))


def core_places(n: int) -> int:
    """Return how many first ranks count as core in a cluster of ``n`` members: ``⌈√n⌉``.

    Examples
    --------
    >>> [core_places(n) for n in (0, 1, 2, 4, 5, 60)]
    [0, 1, 2, 2, 3, 8]
    """
    root = math.isqrt(n)
    return root if root * root == n else root + 1


def core_flags(rank: FloatArray, low: FloatArray, high: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Return who is core and who is a candidate.

    Core: the whole interval of the rank lies within the first ``⌈√n⌉`` ranks. Candidate: it
    reaches into them, but not the whole of it. Members that share a rank are core together or
    not at all: where more share it than there are places left, they are candidates. So nobody is
    core where all are alike.

    Parameters
    ----------
    rank
        Rank of each member, 1 for the first; equal members share the mean rank.
    low, high
        Ends of the interval of the rank; the upper end where a member comes last among those it
        shares a rank with, if draws have such ranks.

    Examples
    --------
    >>> core, candidate = core_flags(
    ...     np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 2.0, 4.0]),
    ...     np.array([1.0, 3.0, 4.0, 4.0]))
    >>> core.tolist(), candidate.tolist()
    ([True, False, False, False], [False, True, True, False])
    """
    places = core_places(len(rank))
    fits = last_ranks(-np.asarray(rank)) <= places
    core = (high <= places) & fits
    return core, (low <= places) & ~core
