"""Agreement of groupings, and labels that carry on between runs."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from klaster.algorithms.partitions.groupings import (
    Grouping,
    clusters_by_industry,
    clusters_by_quotient,
    compare_groupings,
)
from klaster.algorithms.partitions.matching import match_clusters, match_labels

relaxed = settings(deadline=None, max_examples=60)
members = [f"m{k}" for k in range(12)]
partitions = st.dictionaries(st.sampled_from(members), st.sampled_from("abcd"), max_size=12)

TABLE = Grouping("table", {"mine": "m", "mill": "m", "plant": "m", "farm": "f", "bakery": "f"})
FIRMS = Grouping("firms", {"mine": "1", "mill": "1", "plant": "1", "farm": "2", "bakery": "1"})
HELIX = Grouping("helix", {"mine": "x", "mill": "x", "lab": "x", "farm": "y"})


def test_three_ways_compared() -> None:
    found = compare_groupings([TABLE, FIRMS, HELIX])
    expected = adjusted_rand_score([0, 0, 0, 1, 1], [0, 0, 0, 1, 0])
    assert found.adjusted_rand.loc["table", "firms"] == pytest.approx(expected)
    assert found.adjusted_rand.loc["table", "helix"] == 1.0
    assert found.shared.loc["table", "helix"] == 3
    assert found.shared.loc["helix", "helix"] == 4
    # metals 3/4 for its three members and twice that for the four of firms; farms 1/2.
    assert found.overlap.loc["table", "firms"] == pytest.approx(
        (3 * 0.75 + 2 * 0.5 + 4 * 0.75 + 1 * 0.5) / 10
    )
    assert found.in_all == ("farm", "mill", "mine")
    assert [(d.member, d.support) for d in found.disputed] == [("bakery", 0.0)]
    assert found.disputed[0].clusters == {"table": "f", "firms": "1"}
    assert [c.members for c in found.consensus] == [("mill", "mine", "plant")]
    assert found.consensus[0].clusters == {"table": "m", "firms": "1", "helix": "x"}


def test_a_member_of_one_grouping_is_neither_agreed_nor_disputed() -> None:
    found = compare_groupings([TABLE, HELIX])
    named = {*found.in_all, *(d.member for d in found.disputed)}
    assert "lab" not in named
    assert "bakery" not in named


def test_nothing_in_common() -> None:
    found = compare_groupings([Grouping("a", {"x": "1"}), Grouping("b", {"y": "1"})])
    assert np.isnan(found.adjusted_rand.loc["a", "b"])
    assert np.isnan(found.overlap.loc["a", "b"])
    assert (found.in_all, found.disputed, found.consensus) == ((), (), ())


def test_groupings_need_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="name of its own"):
        compare_groupings([TABLE, TABLE])
    with pytest.raises(ValueError, match="two or more"):
        compare_groupings([TABLE])
    with pytest.raises(ValueError, match="between 0 and 1"):
        compare_groupings([TABLE, FIRMS], quorum=2)


@relaxed
@given(partitions)
def test_a_grouping_agrees_with_itself(clusters: dict[str, str]) -> None:
    found = compare_groupings([Grouping("one", clusters), Grouping("other", dict(clusters))])
    assert found.in_all == tuple(sorted(clusters))
    assert found.disputed == ()
    if clusters:
        assert found.overlap.loc["one", "other"] == 1.0
    together = {frozenset(c.members) for c in found.consensus}
    expected = Grouping("", clusters).members_of.values()
    assert together == {group for group in expected if len(group) > 1}


@relaxed
@given(partitions, partitions)
def test_matching_is_the_best_there_is(first: dict[str, str], second: dict[str, str]) -> None:
    found = match_clusters(first, second)
    assert len({m.first for m in found}) == len(found) == len({m.second for m in found})
    assert all(m.jaccard >= 0.3 for m in found)
    common = set(first) & set(second)

    def jaccard(a: str, b: str) -> float:
        one = {m for m in common if first[m] == a}
        other = {m for m in common if second[m] == b}
        share = len(one & other) / len(one | other) if one | other else 0.0
        return share if share >= 0.3 else 0.0

    names = list("abcd")
    best = max(
        sum(jaccard(a, b) for a, b in zip(names, p, strict=True)) for p in permutations(names)
    )
    assert sum(m.jaccard for m in found) == pytest.approx(best)
    shuffled = dict(sorted(first.items(), reverse=True))
    assert match_clusters(shuffled, second) == found


def test_labels_stay_with_their_clusters() -> None:
    before = {**dict.fromkeys("abcde", 1), **dict.fromkeys("fghi", 2), **dict.fromkeys("jk", 3)}
    # Cluster 2 has grown past cluster 1, which lost two members to a new cluster; 3 is gone.
    after = {**dict.fromkeys("fghilm", 1), **dict.fromkeys("abc", 2), **dict.fromkeys("de", 3)}
    found = match_labels(before, after, used=[4])
    assert {found.labels[m] for m in "fghilm"} == {2}
    assert {found.labels[m] for m in "abc"} == {1}
    assert {found.labels[m] for m in "de"} == {5}
    assert (found.born, found.ended) == ((5,), (3,))
    assert found.continued == {1: 0.6, 2: 4 / 6}
    assert match_labels(after, found.labels).labels.keys() == after.keys()


def test_one_common_member_does_not_make_a_cluster_continue_another() -> None:
    before = dict.fromkeys("abc", 1)
    after = dict.fromkeys(["a", *(f"x{k}" for k in range(50))], 1)
    found = match_labels(before, after)
    assert (dict(found.continued), found.born, found.ended) == ({}, (2,), (1,))
    # Ways that place different members are compared by those that both place.
    placed = [{m: str(c) for m, c in labels.items()} for labels in (before, after)]
    assert [match.jaccard for match in match_clusters(*placed)] == [1.0]
    assert match_clusters(*placed, whole=True) == ()


@relaxed
@given(st.dictionaries(st.sampled_from(members), st.integers(0, 4), max_size=12))
def test_the_same_partition_keeps_its_labels(labels: dict[str, int]) -> None:
    renumbered = {member: (label * 7 + 3) % 11 for member, label in labels.items()}
    found = match_labels(labels, renumbered)
    assert dict(found.labels) == labels
    assert (found.born, found.ended) == ((), ())


def test_other_kinds_of_clusters_are_brought_to_organisations() -> None:
    assert clusters_by_industry({"C24": "m"}, {"b": "C24", "a": "C24", "c": "K"}) == {
        "a": "m",
        "b": "m",
    }
    quotients = {("KRG", "C24"): 1.0, ("ALA", "C24"): 0.2}
    place = {"a": ("KRG", "C24"), "b": ("ALA", "C24"), "c": ("AST", "K")}
    assert clusters_by_quotient(quotients, place) == {"a": "KRG:C24"}


def _placed(name: str, text: str) -> Grouping:
    parts = (part.partition(":") for part in text.split())
    return Grouping(name, {member: cluster for member, _, cluster in parts})


def test_a_chain_of_agreements_is_no_agreement() -> None:
    """a-b, b-c and c-d each stand together in two ways of three; a and d in none."""
    ways = [
        _placed("w1", "a:1 b:1 c:1 d:2 e:3"),
        _placed("w2", "a:1 b:1 c:2 d:2 e:2"),
        _placed("w3", "a:1 b:2 c:2 d:2 e:3"),
    ]
    found = [cluster.members for cluster in compare_groupings(ways).consensus]
    assert found == [("a", "b"), ("c", "d")]


@given(st.lists(st.lists(st.integers(-1, 3), min_size=8, max_size=8), min_size=2, max_size=5))
@relaxed
def test_every_two_members_of_a_consensus_cluster_stand_together(rows: list[list[int]]) -> None:
    ways = [
        Grouping(f"w{k}", {f"m{i}": str(code) for i, code in enumerate(row) if code >= 0})
        for k, row in enumerate(rows)
    ]
    for cluster in compare_groupings(ways).consensus:
        for one, other in combinations(cluster.members, 2):
            placing = [w.clusters for w in ways if one in w.clusters and other in w.clusters]
            together = sum(clusters[one] == clusters[other] for clusters in placing)
            assert together >= 2
            assert together > len(placing) / 2


def test_the_index_is_missing_where_it_would_be_a_convention() -> None:
    one, split = _placed("one", "a:1 b:1 c:1 d:1"), _placed("split", "a:1 b:1 c:2 d:2")
    alone, same = _placed("alone", "a:1 b:2 c:3 d:4"), _placed("same", "a:x b:x c:y d:y")
    found = compare_groupings([one, split, alone, same]).adjusted_rand
    assert found.loc["split", "same"] == 1.0
    for first, second in (("one", "split"), ("alone", "split"), ("one", "alone")):
        assert np.isnan(found.loc[first, second])
