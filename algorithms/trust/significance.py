"""Whether a network has communities beyond what chance would give it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from klaster.algorithms.community.detect import (
    Plan,
    partitions_of,
    plan_search,
    qualities_of,
    seeds_from,
)
from klaster.algorithms.community.exact import TIE_TOLERANCE
from klaster.algorithms.community.search import USUAL, Search
from klaster.algorithms.community.work import StepProgress, do_all
from klaster.algorithms.partitions.labels import checked_labels
from klaster.algorithms.square_matrix import checked, dyad_count, tied_nodes
from klaster.algorithms.trust.nulls import NullModel, chosen_null_model, draw_named
from klaster.graph.model import CSR, FloatArray
from klaster.graph.settings import AnalysisSettings

ReasonCode = Literal["", "no-ties", "too-small", "one-community", "not-above-chance"]

FEWEST_NODES = 4
"""Fewer tied nodes than two communities of two need are too few to judge."""

FEWEST_DRAWS = 19
"""So many draws the level 0.05 needs: (1 + 0) / (1 + 19)."""

_NULL_RUNS = 3
_DRAW_BUDGET = 6_000_000
_FEWEST_IF_LARGE = 99


@dataclass(frozen=True, slots=True)
class NullTest:
    """How communities are compared with chance.

    Attributes
    ----------
    draws
        Networks drawn, at least 1; fewer on large networks, see :func:`null_effort`.
    level
        The p-value at which communities count as significant.
    model
        ``degree-preserving``, ``weight-shuffle``, ``equal-strength``, or ``auto``: see
        :func:`~klaster.algorithms.trust.nulls.chosen_null_model`.

    Raises
    ------
    ValueError
        For fewer than one draw.

    Examples
    --------
    >>> NullTest(draws=99).level
    0.05
    """

    draws: int = 200
    level: float = 0.05
    model: NullModel = "auto"

    def __post_init__(self) -> None:
        if self.draws < 1:
            raise ValueError(f"draws is {self.draws}; at least 1 is needed")


USUAL_TEST = NullTest()
"""What is tested with where nothing else is said."""

NULL_RUNS = Search(runs=_NULL_RUNS)


def null_test_of(settings: AnalysisSettings) -> NullTest:
    """Return the comparison with chance that the settings of an analysis ask for.

    Examples
    --------
    >>> null_test_of(AnalysisSettings(null_draws=99)).draws
    99
    """
    return NullTest(draws=settings.null_draws, level=settings.significance)


def null_distribution(
    matrix: CSR,
    search: Search = NULL_RUNS,
    test: NullTest = USUAL_TEST,
    *,
    progress: StepProgress | None = None,
) -> FloatArray:
    """Return the best modularity found on each of many networks drawn from a null model.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    search
        How each drawn network is searched. After its time box no draw is begun beyond the 19 that
        the level 0.05 needs.
    test
        How many networks are drawn, and from which model.
    progress
        Called with draws done and draws in all.

    Examples
    --------
    >>> from scipy import sparse
    >>> star = sparse.csr_array(([1.0, 1, 1, 1], ([0, 0, 0, 0], [1, 2, 3, 4])), shape=(5, 5))
    >>> null_distribution(star, test=NullTest(draws=3)).tolist()  # a star cannot be rewired
    [0.0, 0.0, 0.0]
    """
    ties = checked(matrix, self_loops=search.self_loops)
    model = chosen_null_model(ties, test.model)
    effort = _Effort(ties, plan_search(ties, search), model, search.seed, search.runs)
    found = do_all(
        _one_draw,
        effort,
        test.draws,
        workers=search.workers,
        seconds=search.seconds,
        least=FEWEST_DRAWS,
        progress=progress,
    )
    return np.array(found, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Effort:
    """What every draw needs."""

    ties: CSR
    plan: Plan
    null_model: str
    seed: int
    runs: int


def stream(seed: int, number: int) -> np.random.Generator:
    """Return the random stream of one draw: the same however many there are, in whatever order."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))


def _one_draw(effort: _Effort, number: int) -> float:
    rng = stream(effort.seed, number)
    drawn = draw_named(effort.null_model)(effort.ties, rng)
    seeds = [int(s) for s in rng.integers(0, 2**32, effort.runs)]
    return _best_quality(drawn, effort.plan, seeds)


def _best_quality(ties: CSR, plan: Plan, seeds: list[int]) -> float:
    if plan.engine == "exact":
        seeds = seeds[:1]
    rows = partitions_of(ties, plan, seeds)
    return float(qualities_of(ties, plan, rows).max())


def p_value(observed: float, null: npt.ArrayLike) -> float:
    """Return (1 + number of draws as good or better) / (1 + draws); never 0.

    Draws within 1e-12 of the observed value count as equal to it. Phipson and Smyth (2010),
    doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> p_value(0.4, [0.1, 0.2, 0.4])
    0.5
    """
    drawn = np.asarray(null, dtype=np.float64)
    return float((1 + np.count_nonzero(drawn >= observed - TIE_TOLERANCE)) / (1 + len(drawn)))


@dataclass(frozen=True)
class Significance:
    """Whether a network has communities beyond chance.

    Attributes
    ----------
    null_model
        Name of the null model; ``none`` where nothing was drawn.
    draws, runs
        Networks drawn, and runs of the engine on each and on the network itself.
    observed
        Best modularity of these runs on the network: the same effort as on each draw. NaN where
        nothing was drawn, like the next three.
    null_mean, null_sd
        Of the best modularity on the draws (standard deviation with n − 1).
    z_score
        (observed − mean) / standard deviation; NaN where all draws are equal.
    p_value
        (1 + draws as good or better) / (1 + draws); 1 where nothing was drawn.
    level
        The p-value at which communities count as significant.
    significant
        Whether they do.
    reason
        Why there are no significant communities: ``no-ties``, ``too-small`` (fewer than four
        tied nodes), ``one-community``, ``not-above-chance``; else empty.
    """

    null_model: str
    draws: int
    runs: int
    observed: float
    null_mean: float
    null_sd: float
    z_score: float
    p_value: float
    level: float
    significant: bool
    reason: ReasonCode


def no_communities(tied: int, communities: int) -> ReasonCode:
    """Return why there is nothing to test: numbers of tied nodes and of their communities.

    Examples
    --------
    >>> no_communities(0, 0), no_communities(3, 2), no_communities(9, 1), no_communities(9, 2)
    ('no-ties', 'too-small', 'one-community', '')
    """
    if tied == 0:
        return "no-ties"
    if tied < FEWEST_NODES:
        return "too-small"
    return "one-community" if communities == 1 else ""


def null_effort(dyads: int, draws: int) -> tuple[int, int]:
    """Return how many draws, and runs on each, a network of so many tied pairs is given.

    Up to 5,000 tied pairs: the draws asked for, three runs each. Above: one run each, and from
    30,000 on fewer than 200 draws, so that draws × pairs stay within 6 million; but not fewer
    than 99. The rule looks at the size, never at a clock, so that
    the same network gives the same numbers on any machine.

    Examples
    --------
    >>> null_effort(250, 200), null_effort(100_000, 200), null_effort(1_000_000, 200)
    ((200, 3), (99, 1), (99, 1))
    """
    runs = _NULL_RUNS if dyads <= 5_000 else 1
    affordable = max(_DRAW_BUDGET // max(dyads, 1), _FEWEST_IF_LARGE)
    return min(draws, affordable), runs


def significance(
    matrix: CSR,
    labels: npt.ArrayLike,
    search: Search = USUAL,
    test: NullTest = USUAL_TEST,
    *,
    progress: StepProgress | None = None,
) -> Significance:
    """Say whether the communities of a network are more than chance would give it.

    Any random network can be cut into communities of sizeable modularity, the more easily the
    sparser it is (Guimerà, Sales-Pardo and Amaral). So the best modularity found on the
    network is compared with that found, with the same number of runs, on random networks with
    the same degrees or weights. Equal effort on both sides is what makes the p-value honest:
    more runs on the network alone would make any network significant.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    labels
        The partition found: with one community among the tied nodes nothing is drawn.
    search
        As for :func:`null_distribution`; its runs are not used, the size of the network decides.
    test
        As for :func:`null_distribution`; ``draws`` of the result says how many were made.
    progress
        Called with draws done and draws in all.

    References
    ----------
    Guimerà, R., Sales-Pardo, M. and Amaral, L. A. N. (2004), doi:10.1103/PhysRevE.70.025101.

    Examples
    --------
    >>> from scipy import sparse
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> found = significance(rings, [0, 0, 0, 1, 1, 1], test=NullTest(draws=99))
    >>> found.significant, found.reason
    (False, 'not-above-chance')
    """
    ties = checked(matrix, self_loops=search.self_loops)
    plan = plan_search(ties, search)
    nodes = tied_nodes(ties)
    communities = len(np.unique(checked_labels(labels, ties.shape[0])[nodes]))
    reason = no_communities(len(nodes), communities)
    if reason:
        return not_tested(test.level, reason)
    draws, runs = null_effort(dyad_count(ties), test.draws)
    if plan.engine == "exact":
        runs = 1
    null = null_distribution(
        ties,
        replace(search, runs=runs, self_loops="keep"),
        replace(test, draws=draws),
        progress=progress,
    )
    observed = _best_quality(ties, plan, seeds_from(search.seed, runs))
    return compared(observed, null, chosen_null_model(ties, test.model), runs, test.level)


def not_tested(level: float, reason: ReasonCode) -> Significance:
    """Return the verdict where nothing was drawn, for a reason."""
    nan = float("nan")
    return Significance(
        null_model="none",
        draws=0,
        runs=0,
        observed=nan,
        null_mean=nan,
        null_sd=nan,
        z_score=nan,
        p_value=1.0,
        level=level,
        significant=False,
        reason=reason,
    )


def compared(
    observed: float, null: FloatArray, null_model: str, runs: int, level: float
) -> Significance:
    """Return the verdict on a quality, compared with those on random networks."""
    mean = float(null.mean())
    deviation = float(null.std(ddof=1)) if len(null) > 1 else float("nan")
    p = p_value(observed, null)
    return Significance(
        null_model=null_model,
        draws=len(null),
        runs=runs,
        observed=observed,
        null_mean=mean,
        null_sd=deviation,
        z_score=(observed - mean) / deviation if deviation > TIE_TOLERANCE else float("nan"),
        p_value=p,
        level=level,
        significant=p <= level,
        reason="" if p <= level else "not-above-chance",
    )
