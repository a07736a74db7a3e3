"""Ranks of networks that lack some ties: by update in large clusters, anew in small ones."""

from __future__ import annotations

import numpy as np
import pytest

from klaster.algorithms.cores import lenses
from klaster.algorithms.cores.assess import Scrutiny, assess_cluster
from klaster.algorithms.cores.lenses import EXACT_UP_TO, ClusterView, read_lenses, voting_lenses
from klaster.algorithms.cores.ranking import borda
from klaster.algorithms.cores.tie_table import TieTable
from klaster.algorithms.cores.trials import Trials
from klaster.algorithms.cores.why_cards import EFFORT_IF_LARGE


def drawn(n: int, outside: int, count: int, seed: int) -> TieTable:
    """Ties among members and with others, some more than once, in two layers."""
    rng = np.random.default_rng(seed)
    share = rng.pareto(2.0, n + outside) + 0.2
    ends = rng.choice(n + outside, (2, 2 * count), p=share / share.sum())
    ends = ends[:, np.minimum(ends[0], ends[1]) < n][:, :count]
    count = ends.shape[1]
    layers = np.where(rng.random(count) < 0.7, "supply", "finance")
    return TieTable.build(
        [f"t{k:05}" for k in range(count)], ends[0], ends[1], layers, keep=np.full(count, 0.8)
    )


def ranked_anew(ties: TieTable, n: int, spheres: np.ndarray) -> np.ndarray:
    size = len(spheres)
    view = ClusterView(
        ties.matrix(size), np.arange(n), np.zeros(size, int), ties.layer_ends(), spheres
    )
    return borda(read_lenses(view, voting_lenses())).score


def held_to_recomputation(n: int, count: int, seed: int) -> None:
    ties = drawn(n, n // 4, count, seed)
    spheres = np.array(["business", "academia", "", "finance"])[np.arange(n + n // 4) % 4]
    trials = Trials(ties, n, spheres, np.zeros(len(spheres), int))
    assert trials.is_large
    np.testing.assert_allclose(trials.whole.score, ranked_anew(ties, n, spheres), atol=1e-12)
    rng = np.random.default_rng(seed)
    for share in (1 / count, 0.01, 0.3, 1.0):
        rows = np.flatnonzero(rng.random(len(ties)) < share)
        left = np.ones(len(ties), dtype=bool)
        left[rows] = False
        found = trials.without(rows.tolist()).score
        np.testing.assert_allclose(found, ranked_anew(ties.taken(left), n, spheres), atol=1e-12)


def test_an_update_ranks_as_a_new_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lenses, "EXACT_UP_TO", 20)
    monkeypatch.setattr(lenses, "PIVOTS", 15)
    for seed in range(8):
        held_to_recomputation(40, 150, seed)


def test_who_is_first_without_a_member(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every member a pivot, by update and anew: the same members come first."""
    for seed in range(5):
        ties = drawn(30, 8, 90, seed)
        spheres = np.array(["business", "academia"] * 19)
        labels = np.zeros(38, int)
        anew = Trials(ties, 30, spheres, labels)
        with monkeypatch.context() as smaller:
            smaller.setattr(lenses, "EXACT_UP_TO", 20)
            updated = Trials(ties, 30, spheres, labels)
        for member in range(30):
            expected = anew.first_without(member).tolist()
            assert updated.first_without(member).tolist() == expected


@pytest.mark.slow
def test_a_cluster_of_two_thousand() -> None:
    held_to_recomputation(2_000, 10_000, 1)
    ties = drawn(2_000, 500, 10_000, 2)
    found = assess_cluster(
        np.array([f"n{k:04}" for k in range(2_500)]),
        np.arange(2_000),
        ties,
        spheres=np.array(["business"] * 2_500),
        labels=np.zeros(2_500, int),
        stability=np.ones(2_000),
        scrutiny=Scrutiny(null_draws=0),
    )
    assert len(found.members) == 2_000 > EXACT_UP_TO
    wanted = [m.node_id for m in found.members if m.is_core or m.is_candidate]
    assert len(wanted) > len(found.cards) == EFFORT_IF_LARGE.cards
    assert sum(card.without_ties is not None for card in found.cards) == EFFORT_IF_LARGE.tried
    cores = [m.node_id for m in found.members if m.is_core]
    assert {card.node_id for card in found.cards} >= set(cores[: EFFORT_IF_LARGE.cards])
