"""Locked and forbidden memberships, and what they cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_networks import KARATE_OPTIMUM, karate, random_ties, two_triangles

from klaster.algorithms.community.constraints import (
    Rule,
    broken_rules,
    constrained_partition,
)
from klaster.algorithms.community.exact import all_partitions
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.community.search import Search
from klaster.graph.errors import InputError

relaxed = settings(deadline=None, max_examples=10)
LETTERS = np.array(list("abcdefg"))


def test_without_rules_it_is_the_optimum_and_costs_nothing() -> None:
    ids = np.array([f"n{k:02d}" for k in range(34)])
    found = constrained_partition(karate(), ids, [], Search(runs=20))
    assert found.modularity == pytest.approx(KARATE_OPTIMUM)
    assert found.price == pytest.approx(0.0, abs=1e-12)


def test_the_club_split_kept_by_experts() -> None:
    # 0 and 33, the two leaders, are apart in the optimum already; 0 and 33 together cost.
    ids = np.array([f"n{k:02d}" for k in range(34)])
    apart = constrained_partition(karate(), ids, [Rule("apart", "n00", "n33")])
    assert apart.labels[0] != apart.labels[33]
    assert apart.price < 0.005
    together = constrained_partition(karate(), ids, [Rule("together", "n00", "n33")])
    assert together.labels[0] == together.labels[33]
    assert together.price > 0.02
    assert together.modularity == pytest.approx(modularity(karate(), together.labels))


@relaxed
@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 6)), max_size=4),
)
def test_rules_hold_and_small_networks_are_solved(
    seed: int, drawn: list[tuple[bool, int, int]]
) -> None:
    ties = random_ties(seed, 7, 16, loops=False)
    rules = [
        Rule("together" if joined else "apart", str(LETTERS[a]), str(LETTERS[b]))
        for joined, a, b in drawn
        if a != b
    ]
    allowed = [
        row
        for row in all_partitions(7)
        if not broken_rules(dict(zip(LETTERS.tolist(), row.tolist(), strict=True)), rules)
    ]
    if not allowed:
        with pytest.raises(InputError, match="kept apart"):
            constrained_partition(ties, LETTERS, rules)
        return
    found = constrained_partition(ties, LETTERS, rules)
    labels = dict(zip(LETTERS.tolist(), found.labels.tolist(), strict=True))
    assert broken_rules(labels, rules) == ()
    best = max(modularity(ties, row.astype(np.int64)) for row in allowed)
    assert best - 0.05 <= found.modularity <= best + 1e-12
    assert found.price >= 0
    assert found.free_modularity == pytest.approx(found.modularity + found.price)


def test_each_rule_has_its_price() -> None:
    rules = [Rule("together", "a", "b"), Rule("together", "c", "d", "same owner")]
    found = constrained_partition(two_triangles(), LETTERS[:6], rules, price_of_each=True)
    assert [price.rule for price in found.rule_prices] == rules
    assert found.rule_prices[0].price == pytest.approx(0.0, abs=1e-12)
    assert found.rule_prices[1].price == pytest.approx(found.price)
    assert found.price > 0


def test_all_faults_are_told_together() -> None:
    rules = [
        Rule("together", "a", "b"),
        Rule("together", "b", "c"),
        Rule("apart", "a", "c"),
        Rule("apart", "a", "nobody"),
        Rule("apart", "d", "d"),
    ]
    with pytest.raises(InputError) as refused:
        constrained_partition(two_triangles(), LETTERS[:6], rules)
    assert sorted(fault.code for fault in refused.value.faults) == [
        "contradiction",
        "contradiction",
        "unknown-node",
    ]


def test_in_a_large_network_a_rule_that_hardly_matters_costs_hardly_anything() -> None:
    ids = np.array([f"n{k:03d}" for k in range(600)])
    ties = random_ties(2, 600, 2400, loops=False)
    free = constrained_partition(ties, ids, [], Search(runs=1))
    pair = np.flatnonzero(free.labels == free.labels[0])[:2]
    rule = Rule("apart", str(ids[pair[0]]), str(ids[pair[1]]))
    found = constrained_partition(ties, ids, [rule], Search(runs=1))
    assert found.labels[pair[0]] != found.labels[pair[1]]
    assert found.price < 0.003


def test_the_same_seed_gives_the_same_partition() -> None:
    ids = np.array([f"n{k:02d}" for k in range(40)])
    ties = random_ties(5, 40, 120)
    rules = [Rule("apart", "n00", "n01"), Rule("together", "n02", "n30")]
    first = constrained_partition(ties, ids, rules, Search(seed=3, runs=10))
    again = constrained_partition(ties, ids, rules[::-1], Search(seed=3, runs=10))
    np.testing.assert_array_equal(first.labels, again.labels)
    assert first.price == again.price
