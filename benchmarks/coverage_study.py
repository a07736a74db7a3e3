"""How often the rank interval holds the true rank, and how wide it is.

Networks are drawn whole, so that the true core ranks are known; then they are spoilt as their
confidences and evidence classes say, judged, and the intervals compared with the true ranks.

    python benchmarks/coverage_study.py --cases 200 --draws 100

The networks come from four families, none of which is the model that the draws of the evidence
assume: ``core`` (unequal propensities to have ties), ``tiers`` (goods go from tier to tier), ``near``
(ties between neighbours in the plane), ``even`` (nobody stands out). Half have strengths of 1, half
lognormal strengths. Spoiling: ``missing`` (true ties go unrecorded), ``false`` (some recorded ties
do not hold) or ``both``; strengths are always blurred.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from klaster.algorithms.cores.assess import Scrutiny, assess_cluster
from klaster.algorithms.cores.lenses import ClusterView, read_lenses, voting_lenses
from klaster.algorithms.cores.ranking import borda, core_places
from klaster.algorithms.cores.tie_table import TieTable
from klaster.algorithms.trust.uncertainty import SPREAD_BY_EVIDENCE

Spoiling = Literal["missing", "false", "both"]
Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FAMILIES = ("core", "tiers", "near", "even")
SPHERES = ("business", "academia", "government", "finance", "intermediary")
LAYERS = ("supply", "cooperation", "knowledge", "finance", "governance", "membership")
SHARE_OF_LAYER = (0.55, 0.15, 0.10, 0.08, 0.06, 0.06)
KEEP = {"high": 0.95, "medium": 0.8, "low": 0.5}
SMALLEST = 8


@dataclass(frozen=True)
class WholeNetwork:
    """A network as it is: the first ``members`` nodes are the cluster."""

    family: str
    members: int
    spheres: npt.NDArray[np.str_]
    ties: TieTable
    possible: dict[str, npt.NDArray[np.bool_]]


def whole_network(seed: int) -> WholeNetwork:
    """Draw a network of 10-60 members and some nodes around them; families take turns."""
    rng = np.random.Generator(np.random.PCG64(seed))
    family = FAMILIES[seed % len(FAMILIES)]
    n = int(rng.integers(10, 61))
    size = n + int(rng.integers(n // 3, n))
    sphere = rng.choice(len(SPHERES), size, p=[0.7, 0.1, 0.07, 0.07, 0.06])
    spread = {"core": 1.2, "tiers": 0.7, "near": 0.5, "even": 0.0}[family]
    giving, taking = rng.lognormal(0, spread, (2, size))
    if family == "core":
        taking = 0.3 * taking + 0.7 * giving
    tier, place = rng.integers(0, 4, size), rng.random((size, 2))
    count = int(rng.uniform(1.2, 4.0) * n)
    base = np.outer(giving, taking)
    if family == "near":
        apart = ((place[:, None] - place[None]) ** 2).sum(axis=2)
        base = base * np.exp(-apart / 0.02) + 1e-4
    of = {name: sphere == k for k, name in enumerate(SPHERES)}
    everybody = np.ones(size, dtype=bool)
    ends = {
        "supply": (of["business"], of["business"]),
        "cooperation": (everybody, everybody),
        "knowledge": (of["academia"], everybody),
        "finance": (of["finance"], of["business"]),
        "governance": (of["government"], everybody),
        "membership": (everybody, of["intermediary"]),
    }
    member = np.arange(size) < n
    inside, touching = np.outer(member, member), member[:, None] | member[None]
    rows: list[tuple[Ints, str]] = []
    possible = {}
    for layer, share in zip(LAYERS, SHARE_OF_LAYER, strict=True):
        allowed = np.outer(*ends[layer]) & touching & ~np.eye(size, dtype=bool)
        possible[layer] = allowed
        chance = base * allowed * np.where(inside, 1.0, 0.25)
        if layer == "supply" and family == "tiers":
            chance = chance * np.where(tier[None] == tier[:, None] + 1, 1.0, 0.03)
        ties = int(rng.poisson(share * count))
        if chance.sum() > 0:
            chosen = rng.choice(size * size, ties, p=(chance / chance.sum()).ravel())
            rows.append((chosen.astype(np.int64), layer))
    cells = np.concatenate([chosen for chosen, _ in rows])
    layers = np.repeat([layer for _, layer in rows], [len(chosen) for chosen, _ in rows])
    k = len(cells)
    confidence = rng.choice(list(KEEP), k, p=rng.dirichlet([4, 3, 1]))
    evidence = rng.choice(
        ["measured", "reported", "paper", "estimated"], k, p=[0.15, 0.55, 0.2, 0.1]
    )
    ties = TieTable.build(
        [f"t{row:05d}" for row in range(k)],
        cells // size,
        cells % size,
        layers,
        weight=np.ones(k) if seed // len(FAMILIES) % 2 else rng.lognormal(0, 0.8, k),
        keep=np.array([KEEP[c] for c in confidence]),
        both_ways=layers == "cooperation",
        spread=np.array([SPREAD_BY_EVIDENCE[e] for e in evidence]),
    )
    return WholeNetwork(family, n, np.array(SPHERES)[sphere], ties, possible)


def spoilt(whole: WholeNetwork, spoiling: Spoiling, seed: int) -> TieTable:
    """Return the ties as they are recorded.

    A true tie is recorded with the probability of its confidence; among the recorded ties of a
    confidence the share of false ones is what is missing to certainty, their ends any two nodes
    that may have a tie of that layer; strengths are blurred by the spread of their evidence.
    """
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    ties = whole.ties
    if spoiling != "false":
        ties = ties.taken(rng.random(len(ties)) < ties.keep)
    sigma = np.sqrt(np.log1p(ties.spread**2))
    blur = np.exp(sigma * rng.standard_normal(len(ties)) - sigma**2 / 2)
    ties = replace(ties, weight=ties.weight * blur)
    if spoiling != "missing":
        copies = np.repeat(np.arange(len(ties)), rng.poisson((1 - ties.keep) / ties.keep))
        ends = np.array(
            [rng.choice(np.flatnonzero(whole.possible[name])) for name in ties.layer[copies]],
            dtype=np.int64,
        )
        size = len(whole.spheres)
        wrong = replace(
            ties.rows(copies),
            ids=np.array([f"x{k:05d}" for k in range(len(copies))], dtype=np.str_),
            source=ends // size,
            target=ends % size,
        )
        ties = ties.followed_by(wrong)
    return ties


@dataclass(frozen=True)
class CaseResult:
    """One case: true and found ranks, and the intervals of both methods, one number a member."""

    family: str
    true: Array
    rank: Array
    low: Array
    high: Array
    thin_low: Array
    thin_high: Array
    core: npt.NDArray[np.bool_]


def study_case(seed: int, *, spoiling: Spoiling, draws: int) -> CaseResult | None:
    """Draw, spoil and judge one network; None where fewer than eight members are left.

    The members judged are those with a recorded tie to another member: nobody else would be
    found in the cluster. Their true ranks are those among the same members.
    """
    whole = whole_network(seed)
    known = spoilt(whole, spoiling, seed)
    inside = (known.source < whole.members) & (known.target < whole.members)
    inside &= known.source != known.target
    members = np.unique(np.concatenate([known.source[inside], known.target[inside]]))
    if len(members) < SMALLEST:
        return None
    judged = partial(_judged, members=members, spheres=whole.spheres)
    truth = judged(replace(whole.ties, keep=np.ones(len(whole.ties))), spread=False, draws=1)
    found = judged(known, spread=True, draws=draws)
    thinned = _thinned(known, members, whole.spheres, draws)
    low, high = np.quantile(thinned, [0.05, 0.95], axis=0, method="inverted_cdf")
    return CaseResult(
        family=whole.family,
        true=truth["rank"],
        rank=found["rank"],
        low=found["low"],
        high=found["high"],
        thin_low=np.minimum(low, found["rank"]),
        thin_high=np.maximum(high, found["rank"]),
        core=found["core"] > 0,
    )


def _judged(
    ties: TieTable,
    *,
    members: Ints,
    spheres: npt.NDArray[np.str_],
    spread: bool,
    draws: int,
) -> dict[str, Array]:
    size = len(spheres)
    found = assess_cluster(
        np.array([f"n{k:04d}" for k in range(size)]),
        members,
        ties if spread else replace(ties, spread=np.zeros(len(ties))),
        spheres=spheres,
        labels=np.zeros(size, dtype=np.int64),
        stability=np.ones(len(members)),
        scrutiny=Scrutiny(draws, cards=False, null_draws=0),
    )
    by_key = sorted(found.members, key=lambda member: member.node_id)
    return {
        "rank": np.array([m.core_rank for m in by_key]),
        "low": np.array([m.core_rank_low for m in by_key]),
        "high": np.array([m.core_rank_high for m in by_key]),
        "core": np.array([float(m.is_core) for m in by_key]),
    }


def _thinned(ties: TieTable, members: Ints, spheres: npt.NDArray[np.str_], draws: int) -> Array:
    """Return the ranks where ties are only ever taken away: the method compared with."""
    rng = np.random.Generator(np.random.PCG64(1))
    size = len(spheres)
    rows = []
    for _ in range(draws):
        left = ties.taken(rng.random(len(ties)) < ties.keep)
        view = ClusterView(
            matrix=left.matrix(size),
            members=members,
            labels=np.zeros(size, dtype=np.int64),
            layers=left.layer_ends(),
            spheres=spheres,
        )
        rows.append(borda(read_lenses(view, voting_lenses())).rank)
    return np.array(rows)


@dataclass(frozen=True)
class Coverage:
    """What a method achieves over all actors of all cases.

    ``covered`` is the share of actors whose true rank lies in the interval, ``width`` the mean
    width in ranks divided by the number of members.
    """

    method: str
    covered: float
    width: float


def summary(results: list[CaseResult]) -> list[Coverage]:
    """Compare the interval with thinning alone, and with intervals that know the answer.

    ``thinning, widened`` and ``same width for all`` are made as wide as needed, by a share of the
    members found from the true ranks, to cover as much as ours: what no method can know.
    """
    ours = _coverage("draws of the evidence", results, lambda r: (r.low, r.high))
    thin = _coverage("thinning alone", results, lambda r: (r.thin_low, r.thin_high))
    return [
        ours,
        thin,
        _widened("thinning, widened", results, lambda r: (r.thin_low, r.thin_high), ours.covered),
        _widened("same width for all", results, lambda r: (r.rank, r.rank), ours.covered),
    ]


def _coverage(method: str, results: list[CaseResult], ends: Any) -> Coverage:
    covered, widths = [], []
    for result in results:
        low, high = ends(result)
        covered.append((low <= result.true) & (result.true <= high))
        widths.append((high - low) / len(result.true))
    return Coverage(
        method, float(np.concatenate(covered).mean()), float(np.concatenate(widths).mean())
    )


def _widened(method: str, results: list[CaseResult], ends: Any, wanted: float) -> Coverage:
    for share in np.arange(0, 1, 0.005):

        def wider(result: CaseResult, share: float = float(share)) -> tuple[Array, Array]:
            low, high = ends(result)
            n = len(result.true)
            return np.maximum(low - share * n, 1), np.minimum(high + share * n, n)

        found = _coverage(method, results, wider)
        if found.covered >= wanted:
            return found
    raise AssertionError("the whole range of ranks holds every rank")


def core_precision(results: list[CaseResult]) -> tuple[int, float]:
    """Return how many members were called core, and which share of them is among the first."""
    right = [r.true[r.core] <= core_places(len(r.true)) for r in results]
    called = np.concatenate(right)
    return len(called), float(called.mean())


def study(
    spoiling: Spoiling, *, cases: int, draws: int, first: int = 1000, processes: int = 1
) -> list[CaseResult]:
    """Return the results of the cases that have enough members; the same on any processes."""
    work = partial(study_case, spoiling=spoiling, draws=draws)
    seeds = range(first, first + cases)
    if processes == 1:
        found = [work(seed) for seed in seeds]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(work, seeds, chunksize=4))
    return [result for result in found if result is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--spoiling", nargs="*", default=["both", "missing", "false"])
    given = parser.parse_args()
    for spoiling in given.spoiling:
        results = study(spoiling, cases=given.cases, draws=given.draws, processes=given.processes)
        actors = sum(len(r.true) for r in results)
        print(f"\n{spoiling}: {len(results)} cases, {actors} actors, {given.draws} draws")
        for line in summary(results):
            print(f"  {line.method:24s} covered {line.covered:.3f}   width / n {line.width:.3f}")
        for family in FAMILIES:
            part = [r for r in results if r.family == family]
            line = _coverage(family, part, lambda r: (r.low, r.high))
            print(f"    {family:22s} covered {line.covered:.3f}   width / n {line.width:.3f}")
        called, right = core_precision(results)
        print(f"  called core: {called}; truly among the first: {right:.3f}", flush=True)


if __name__ == "__main__":
    main()
