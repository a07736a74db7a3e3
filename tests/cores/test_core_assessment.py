"""Members of a cluster judged: lenses, ranks, intervals, cores."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import judged, members_judged
from scipy import stats

from klaster.algorithms.cores.assess import Scrutiny, assess_cluster, assess_clusters
from klaster.algorithms.cores.evidence import EvidenceModel
from klaster.algorithms.cores.lenses import (
    LENSES,
    ClusterView,
    missing_lenses,
    read_lenses,
    voting_lenses,
)
from klaster.algorithms.cores.ranking import core_places
from klaster.algorithms.cores.tie_table import TieTable
from klaster.graph.content import same_content
from klaster.graph.errors import InputError
from klaster.graph.findings import Member

relaxed = settings(deadline=None, max_examples=5)

Tie = tuple[int, int]


def _arguments(
    n: int,
    ties: list[Tie],
    *,
    members: list[int] | None = None,
    keep: float | list[float] = 1.0,
    layers: list[str] | None = None,
    spheres: list[str] | None = None,
    weight: list[float] | None = None,
    labels: list[int] | None = None,
) -> dict[str, Any]:
    within = list(range(n)) if members is None else members
    return {
        "node_ids": np.array([f"n{k:02d}" for k in range(n)]),
        "members": np.array(within, dtype=np.int64),
        "tie_source": np.array([tie[0] for tie in ties], dtype=np.int64),
        "tie_target": np.array([tie[1] for tie in ties], dtype=np.int64),
        "tie_layer": np.array(layers or ["supply"] * len(ties), dtype=np.str_),
        "tie_weight": np.array(weight or [1.0] * len(ties)),
        "tie_keep": np.broadcast_to(np.asarray(keep, dtype=float), (len(ties),)).copy(),
        "tie_ids": np.array([f"t{k:03d}" for k in range(len(ties))], dtype=np.str_),
        "spheres": np.array(spheres or ["business"] * n),
        "labels": np.array(labels or [0] * n),
        "stability": np.linspace(0.5, 1.0, len(within)),
    }


def _assess(n: int, ties: list[Tie], **more: Any) -> dict[str, Member]:
    settled = {name: more.pop(name) for name in ("draws", "seed") if name in more}
    return {m.node_id: m for m in members_judged(**_arguments(n, ties, **more), **settled)}


def _random(seed: int, n: int = 12, outside: int = 4, ties: int = 26) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    everybody = n + outside
    pairs = [(int(chance.integers(n)), int(chance.integers(everybody))) for _ in range(ties)]
    return _arguments(
        everybody,
        [pair if chance.random() < 0.5 else pair[::-1] for pair in pairs],
        members=sorted(chance.choice(everybody, n, replace=False).tolist()),
        keep=chance.choice([0.95, 0.8, 0.5, 1.0], ties).tolist(),
        layers=chance.choice(["supply", "finance", "knowledge"], ties).tolist(),
        spheres=chance.choice(["business", "academia", "government"], everybody).tolist(),
        weight=chance.integers(1, 4, ties).astype(float).tolist(),
        labels=chance.integers(-1, 3, everybody).tolist(),
    )


STAR = [(k, 0) for k in range(1, 9)]


@pytest.mark.parametrize("keep", [1.0, 0.8])
def test_the_hub_of_a_star_is_its_core(keep: float) -> None:
    found = _assess(9, STAR, keep=keep, draws=200)
    hub = found["n00"]
    assert (hub.core_rank, hub.core_rank_low, hub.core_rank_high) == (1, 1, 1)
    assert hub.is_core
    assert not hub.is_candidate
    assert [m.node_id for m in found.values() if m.is_core] == ["n00"]
    assert {m.core_rank for m in found.values() if m.node_id != "n00"} == {5.5}
    assert hub.lenses["strength"].value == 0.5
    assert hub.lenses["betweenness"].value == 1.0
    assert hub.lenses["strength"].percentile == (8 + 0.5) / 9
    assert hub.stability == 0.5


def test_a_cluster_of_none_one_and_two() -> None:
    assert members_judged(**_arguments(2, [(0, 1)], members=[])) == ()
    alone = _assess(2, [(0, 1)], members=[1])["n01"]
    assert (alone.core_rank, alone.core_rank_low, alone.core_rank_high) == (1, 1, 1)
    assert alone.is_core
    assert alone.lenses["strength"].value == 0.0
    pair = _assess(2, [(0, 1)])
    assert [m.core_rank for m in pair.values()] == [1.5, 1.5]
    assert all(m.is_core for m in pair.values())


@pytest.mark.parametrize("n", [3, 4, 5, 9])
@pytest.mark.parametrize("complete", [True, False])
def test_where_all_are_alike_all_ranks_are_equal_and_nobody_is_core(n: int, complete: bool) -> None:
    ties = [(i, j) for i in range(n) for j in range(n) if i != j and complete]
    found = _assess(n, ties)
    assert {m.core_rank for m in found.values()} == {(n + 1) / 2}
    assert not any(m.is_core for m in found.values())


def test_sure_ties_give_intervals_of_one_rank() -> None:
    arguments = _random(5)
    arguments["tie_keep"] = np.ones(len(arguments["tie_ids"]))
    for member in members_judged(**arguments):
        assert member.core_rank_low == member.core_rank == member.core_rank_high


@relaxed
@given(st.integers(0, 10_000))
def test_the_same_seed_gives_the_same_and_the_order_of_rows_nothing(seed: int) -> None:
    arguments = _random(seed)
    found = members_judged(**arguments, draws=12, seed=seed)
    assert members_judged(**arguments, draws=12, seed=seed) == found
    chance = np.random.default_rng(seed + 1)
    rows = chance.permutation(len(arguments["tie_ids"]))
    shuffled = {
        name: values[rows] if name.startswith("tie_") else values
        for name, values in arguments.items()
    }
    own = chance.permutation(len(arguments["members"]))
    for name in ("members", "stability"):
        shuffled[name] = arguments[name][own]
    assert members_judged(**shuffled, draws=12, seed=seed) == found


@relaxed
@given(st.integers(0, 10_000))
def test_the_numbering_of_nodes_does_not_matter(seed: int) -> None:
    arguments = _random(seed)
    found = members_judged(**arguments, draws=8)
    order = np.random.default_rng(seed).permutation(len(arguments["node_ids"]))
    place = np.argsort(order)
    moved = {
        **arguments,
        **{name: arguments[name][order] for name in ("node_ids", "spheres", "labels")},
        **{name: place[arguments[name]] for name in ("members", "tie_source", "tie_target")},
    }
    assert members_judged(**moved, draws=8) == found


def test_ties_elsewhere_do_not_change_the_draws() -> None:
    arguments = _random(3)
    beyond = len(arguments["node_ids"])
    far = {
        **arguments,
        "node_ids": np.append(arguments["node_ids"], ["far", "farther"]),
        "spheres": np.append(arguments["spheres"], ["finance", "finance"]),
        "labels": np.append(arguments["labels"], [5, 5]),
        "tie_source": np.append(arguments["tie_source"], beyond),
        "tie_target": np.append(arguments["tie_target"], beyond + 1),
        "tie_layer": np.append(arguments["tie_layer"], "finance"),
        "tie_weight": np.append(arguments["tie_weight"], 9.0),
        "tie_keep": np.append(arguments["tie_keep"], 0.5),
        "tie_ids": np.append(arguments["tie_ids"], "a tie"),
    }
    assert members_judged(**far) == members_judged(**arguments)


@relaxed
@given(st.integers(0, 10_000))
def test_what_holds_of_every_assessment(seed: int) -> None:
    found = members_judged(**_random(seed), draws=15)
    n = len(found)
    assert sum(m.core_rank for m in found) == n * (n + 1) / 2
    assert list(found) == sorted(found, key=lambda m: (m.core_rank, m.node_id))
    places = 4  # ⌈√12⌉
    for member in found:
        assert member.core_rank_low <= member.core_rank <= member.core_rank_high
        shown = list(member.lenses)
        assert shown == [name for name in LENSES if name in member.lenses]
        assert set(LENSES) - set(shown) <= {"random_walk", "counting_betweenness"}
        assert 0 <= member.core_share <= 1
        assert all(0 < reading.percentile < 1 for reading in member.lenses.values())
        assert member.role.startswith("R")
        assert not (member.is_core and member.is_candidate)
        if member.is_core:
            assert member.core_rank_high <= places
        assert (member.core_rank_low <= places) == (member.is_core or member.is_candidate)


# -- an independent computation: NetworkX for the lenses, SciPy for the ranks -----------------


def _lenses_by_networkx(arguments: dict[str, Any], kept: Any) -> dict[str, list[float]]:
    members = sorted(arguments["members"].tolist(), key=lambda k: arguments["node_ids"][k])
    inside: nx.DiGraph[int] = nx.DiGraph()
    inside.add_nodes_from(members)
    near: dict[int, list[tuple[int, str]]] = {k: [] for k in members}
    rows = zip(
        *(arguments[f"tie_{c}"].tolist() for c in ("source", "target", "layer", "weight")),
        kept.tolist(),
        strict=True,
    )
    for source, target, layer, weight, is_kept in rows:
        if not is_kept or source == target:
            continue
        for one, other in ((source, target), (target, source)):
            if one in near:
                near[one].append((other, layer))
        if source in near and target in near:
            before = inside.get_edge_data(source, target, {"weight": 0})["weight"]
            inside.add_edge(source, target, weight=before + weight)
    mutual: nx.Graph[int] = nx.Graph()
    mutual.add_nodes_from(members)
    for source, target in inside.edges:
        both = sum(
            int(inside.get_edge_data(*pair, {"weight": 0})["weight"])
            for pair in ((source, target), (target, source))
        )
        mutual.add_edge(source, target, length=Fraction(1, both))
    spheres = arguments["spheres"]
    walk = {"alpha": 0.85, "tol": 1e-14, "max_iter": 10_000}
    by_name: dict[str, dict[int, float]] = {
        "strength": dict(inside.degree(weight="weight")),
        "pagerank_downstream": nx.pagerank(inside, **walk),
        "pagerank_upstream": nx.pagerank(inside.reverse(), **walk),
        "betweenness": nx.betweenness_centrality(mutual, weight="length"),
        "core_number": nx.core_number(mutual),
        "helix_reach": {
            k: len({spheres[other] for other, _ in near[k]} - {spheres[k]})
            + len({layer for _, layer in near[k]})
            for k in members
        },
    }
    return {name: [float(scores[k]) for k in members] for name, scores in by_name.items()}


def _ranks_by_scipy(lenses: dict[str, list[float]]) -> Any:
    places = [stats.rankdata(-np.round(lenses[name], 9)) for name in sorted(lenses)]
    return stats.rankdata(np.sum(places, axis=0))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_ranks_and_intervals_computed_with_networkx(seed: int) -> None:
    arguments, draws = _random(seed), 20
    found = members_judged(**arguments, draws=draws, seed=seed)
    ids, members = arguments["node_ids"], arguments["members"].tolist()
    ends = [arguments["tie_source"].tolist(), arguments["tie_target"].tolist()]
    near = [k for k, pair in enumerate(zip(*ends, strict=True)) if set(pair) & set(members)]
    others = sorted({end[k] for end in ends for k in near} - set(members), key=ids.__getitem__)
    nodes = [*sorted(members, key=ids.__getitem__), *others]
    n = len(members)

    def judged(ties: TieTable) -> dict[str, list[float]]:
        columns = {"source": ties.source, "target": ties.target, "layer": ties.layer}
        return _lenses_by_networkx(
            {
                "node_ids": ids[nodes],
                "members": np.arange(n),
                "spheres": arguments["spheres"][nodes],
                "tie_weight": ties.weight,
                **{f"tie_{name}": column for name, column in columns.items()},
            },
            np.ones(len(ties), dtype=bool),
        )

    known = TieTable.build(
        arguments["tie_ids"][near],
        [nodes.index(ends[0][k]) for k in near],
        [nodes.index(ends[1][k]) for k in near],
        arguments["tie_layer"][near],
        weight=arguments["tie_weight"][near],
        keep=arguments["tie_keep"][near],
    )
    whole = judged(known)
    rank = _ranks_by_scipy(whole)
    model = EvidenceModel.of(known, n, arguments["spheres"][nodes])
    chances = [np.random.SeedSequence([seed, draw]) for draw in range(draws)]
    drawn = np.array(
        [
            _ranks_by_scipy(judged(model.draw(np.random.Generator(np.random.PCG64(chance)))))
            for chance in chances
        ]
    )
    core_share = (drawn <= 4).mean(axis=0)  # ⌈√12⌉
    drawn.sort(axis=0)
    low, high = drawn[int(np.ceil(0.05 * draws)) - 1], drawn[int(np.ceil(0.95 * draws)) - 1]
    by_id = {member.node_id: member for member in found}
    for k, node in enumerate(nodes[:n]):
        member = by_id[ids[node]]
        assert member.core_rank == rank[k]
        assert member.core_rank_low == min(low[k], rank[k])
        assert member.core_rank_high == max(high[k], rank[k])
        assert member.core_share == core_share[k]
        expected = whole["strength"][k] / sum(whole["strength"])
        assert member.lenses["strength"].value == pytest.approx(expected)
        for name in set(voting_lenses()) - {"strength"}:
            assert member.lenses[name].value == pytest.approx(whole[name][k], abs=1e-9)


# -- lenses and ties ---------------------------------------------------------------------------


def test_helix_reach_looks_beyond_the_cluster() -> None:
    ties = [(0, 1), (0, 2), (0, 3), (4, 0), (1, 4)]
    layers = ["supply", "knowledge", "finance", "supply", "supply"]
    spheres = ["business", "business", "academia", "finance", ""]
    found = _assess(5, ties, members=[0, 1], layers=layers, spheres=spheres)
    assert found["n00"].lenses["helix_reach"].value == 2 + 3  # academia, finance; three layers
    assert found["n01"].lenses["helix_reach"].value == 0 + 1


def test_participation_sees_the_cluster_as_one_whatever_its_labels() -> None:
    found = _assess(4, [(0, 1), (0, 2), (0, 3)], members=[0, 1, 2], labels=[3, 4, 5, 3])
    assert found["n00"].lenses["participation"].value == pytest.approx(1 - (4 + 1) / 9)
    assert found["n01"].lenses["participation"].value == 0


def test_a_tie_that_goes_both_ways_weighs_as_one_and_has_no_end() -> None:
    ties = TieTable.build(
        ["a", "b"], [0, 1], [1, 2], ["cooperation", "supply"], both_ways=[True, False]
    )
    np.testing.assert_array_equal(ties.matrix(3).toarray(), [[0, 0.5, 0], [0.5, 0, 1], [0, 0, 0]])
    arguments = _arguments(2, [(0, 1)])
    pair = members_judged(**arguments, tie_both_ways=np.array([True]))
    assert len({m.lenses["pagerank_downstream"].value for m in pair}) == 1
    directed = members_judged(**arguments)
    assert len({m.lenses["pagerank_downstream"].value for m in directed}) == 2
    assert [m.lenses["strength"].value for m in pair] == [0.5, 0.5]


def test_equals_are_among_the_first_together_or_not_at_all() -> None:
    """A hub and a triangle: the three share rank 3, and of places there are three in all."""
    triangle = [(1, 2), (2, 3), (3, 1)]
    spokes = [tie for k in range(1, 9) for tie in ((0, k), (k, 0))]
    found = _assess(9, [*spokes, *triangle], draws=20)
    assert [m.node_id for m in found.values() if m.is_core] == ["n00"]
    for node in ("n01", "n02", "n03"):
        member = found[node]
        assert (member.core_rank, member.core_rank_low, member.core_rank_high) == (3, 3, 3)
        assert member.is_candidate
        assert member.core_share == 0.0
        codes = [reason.code for reason in member.reasons]
        assert "crowded-rank" in codes
        assert "sure-rank" not in codes
    full = judged(**_arguments(9, [*spokes, *triangle]), draws=20, null_draws=0)
    doubts = {card.node_id: card.doubts[0].code for card in full.cards}
    assert doubts["n00"] == "rank-settled"
    assert doubts["n01"] == "rank-crowded"


@given(st.integers(0, 2**32))
@relaxed
def test_no_more_members_are_among_the_first_than_there_are_places(seed: int) -> None:
    found = members_judged(**_random(seed), draws=10)
    places = core_places(len(found))
    assert sum(member.core_share for member in found) <= places + 1e-9
    assert sum(member.is_core for member in found) <= places
    for member in found:
        assert not (member.is_core and member.core_share < 0.95)


def test_ties_to_oneself_do_not_make_a_core() -> None:
    with_own = _assess(9, [*STAR, (3, 3), (3, 3)], weight=[1.0] * 8 + [50.0, 50.0])
    without = _assess(9, STAR)
    for node, member in with_own.items():
        assert member.core_rank == without[node].core_rank
        assert member.lenses == without[node].lenses


def test_lenses_that_do_not_vote_would_count_an_idea_twice() -> None:
    ideas = [lens.idea for lens in LENSES.values() if lens.votes]
    assert len(ideas) == len(set(ideas)) == 6
    arguments = _random(8)
    found = members_judged(**arguments)
    by_share = [m.lenses["strength"].percentile for m in found]
    assert [m.lenses["within_module_z"].percentile for m in found] == by_share


def test_every_lens_gives_one_number_a_member() -> None:
    ties = TieTable.build(["a", "b"], [0, 2], [1, 3], ["supply", "finance"])
    view = ClusterView(
        ties.matrix(5),
        np.array([3, 1, 0]),
        np.zeros(5, dtype=np.int64),
        ties.layer_ends(),
        np.array(["business"] * 5),
    )
    for name, values in read_lenses(view).items():
        assert values.shape == (3,), name
        defined = name not in {"random_walk", "counting_betweenness", "stability"}
        assert np.isfinite(values).all() == defined, name
    np.testing.assert_allclose(read_lenses(view, ("strength",))["strength"], [0, 0.5, 0.5])


def test_all_faults_are_reported_together() -> None:
    arguments = _arguments(3, [(0, 1), (1, 2)])
    wrong = {
        **arguments,
        "members": np.array([0, 1, 1, 7]),
        "tie_target": np.array([1, 9]),
        "labels": np.zeros(2, dtype=np.int64),
    }
    with pytest.raises(InputError) as refused:
        members_judged(**wrong)
    assert sorted((f.column, f.value) for f in refused.value.faults) == [
        ("labels", "2"),
        ("members", "1"),
        ("members", "7"),
        ("stability", "3"),
        ("target", "t001: 9"),
    ]
    with pytest.raises(ValueError, match="at least 1, not 0"):
        members_judged(**arguments, draws=0)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("draws", 2.5, "whole number, not 2.5"),
        ("draws", True, "whole number, not True"),
        ("seed", -1, "at least 0, not -1"),
        ("null_draws", -5, "at least 0, not -5"),
        ("doubtful_below", float("nan"), "0 to 1, not nan"),
        ("doubtful_below", 7, "0 to 1, not 7"),
    ],
)
def test_a_scrutiny_that_makes_no_sense_is_refused(name: str, value: Any, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"{name} must be .*{said}"):
        Scrutiny(**{name: value})


def test_all_faults_of_the_tie_table_are_reported_together() -> None:
    with pytest.raises(InputError) as refused:
        TieTable.build(
            ["a", "a", "b"], [0, -1, 0], [1, 1, 1], ["x"] * 3, weight=[1, -2, 1], keep=[1, 1, 1.5]
        )
    assert sorted((f.row, f.column) for f in refused.value.faults) == [
        (3, "ids"),
        (3, "source"),
        (3, "weight"),
        (4, "keep"),
    ]
    with pytest.raises(InputError, match="there are 2 ties"):
        TieTable.build(["a", "b"], [0], [1, 1], ["x", "x"])


# -- random walks, estimates, the whole assessment ----------------------------------------------


def _circle(n: int) -> list[Tie]:
    return [(k, (k + 1) % n) for k in range(n)]


def test_random_walks_are_read_in_the_largest_circulation() -> None:
    walks = pytest.importorskip("klaster.algorithms.io.random_walk")
    ties = [*_circle(4), (0, 2), (4, 0), (2, 5), (1, 1)]
    found = _assess(6, ties, weight=[2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 2.0])
    inside = np.zeros((4, 4))
    for (i, j), weight in zip(ties, [2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 2.0], strict=True):
        if i < 4 and j < 4:
            inside[i, j] += weight
    for lens, measure in (
        ("random_walk", walks.random_walk_centrality),
        ("counting_betweenness", walks.counting_betweenness),
    ):
        expected = measure(inside).values
        read = [found[f"n0{k}"].lenses[lens].value for k in range(4)]
        np.testing.assert_allclose(read, expected)
        assert all(lens not in found[node].lenses for node in ("n04", "n05"))
    percentiles = [found[f"n0{k}"].lenses["random_walk"].percentile for k in range(4)]
    assert sum(percentiles) == pytest.approx(2.0)  # among the four it is defined for


def test_missing_lenses_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def view(ties: list[Tie], n: int) -> ClusterView:
        table = TieTable.build(
            [f"t{k}" for k in range(len(ties))],
            [tie[0] for tie in ties],
            [tie[1] for tie in ties],
            ["supply"] * len(ties),
        )
        labels = np.zeros(n, dtype=np.int64)
        return ClusterView(
            table.matrix(n), np.arange(n), labels, {}, np.array(["business"] * n), np.ones(n)
        )

    from klaster.algorithms.cores import lenses

    monkeypatch.setattr(lenses, "find_spec", lambda name: None)
    assert set(missing_lenses(view(_circle(3), 3)).values()) == {"not-installed"}
    monkeypatch.setattr(lenses, "find_spec", lambda name: object())
    assert missing_lenses(view(_circle(3), 3)) == {}
    assert set(missing_lenses(view([(0, 1), (1, 2)], 3)).values()) == {"no-circulation"}
    monkeypatch.setattr(lenses, "WALK_UP_TO", 2)
    assert set(missing_lenses(view(_circle(3), 3)).values()) == {"too-large"}


def test_estimated_betweenness_ranks_as_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = nx.barabasi_albert_graph(150, 2, seed=4)
    ties = TieTable.build(
        [f"t{k}" for k in range(graph.number_of_edges())],
        [edge[0] for edge in graph.edges],
        [edge[1] for edge in graph.edges],
        ["supply"] * graph.number_of_edges(),
    )
    matrix = ties.matrix(150)
    labels, spheres = np.zeros(150, dtype=np.int64), np.array(["business"] * 150)
    view = ClusterView(matrix, np.arange(150), labels, {}, spheres)
    exact = read_lenses(view, ("betweenness",))["betweenness"]
    from klaster.algorithms.cores import lenses

    monkeypatch.setattr(lenses, "EXACT_UP_TO", 100)
    monkeypatch.setattr(lenses, "PIVOTS", 75)
    estimated = read_lenses(view, ("betweenness",))["betweenness"]
    assert not np.array_equal(exact, estimated)
    assert stats.spearmanr(exact, estimated).statistic > 0.9
    assert np.argmax(exact) == np.argmax(estimated)


def test_the_full_assessment_has_the_same_members() -> None:
    arguments = _random(9)
    full = judged(**arguments, draws=10, null_draws=9)
    assert full.members == members_judged(**arguments, draws=10)
    called = [m.node_id for m in full.members if m.is_core or m.is_candidate]
    assert [card.node_id for card in full.cards] == called
    assert full.blocks is not None
    assert full.blocks.null_draws == 9
    assert judged(**_arguments(2, [(0, 1)], members=[])).members == ()


def test_an_institute_can_be_the_core() -> None:
    spheres = ["academia", *["business"] * 8]
    layers = ["knowledge"] * 8
    found = _assess(9, [(0, k) for k in range(1, 9)], layers=layers, spheres=spheres)
    assert [node for node, member in found.items() if member.is_core] == ["n00"]
    assert {m.chain.role for node, m in found.items() if node != "n00"} == {"downstream"}


def test_many_clusters_on_one_and_on_two_processes() -> None:
    """Each cluster as if it were judged alone, in the order given, whatever the processes."""
    rng = np.random.Generator(np.random.PCG64(5))
    source, target = rng.integers(0, 30, 90), rng.integers(0, 30, 90)
    ties = TieTable.build(
        [f"t{k:02}" for k in range(90)], source, target, ["supply"] * 90, keep=np.full(90, 0.8)
    )
    node_ids = np.array([f"n{k:02}" for k in range(30)])
    labels = np.repeat([0, 1, 2], [8, 14, 8]).astype(np.int64)
    clusters = [np.flatnonzero(labels == k) for k in range(3)]
    more: dict[str, Any] = {
        "spheres": np.array(["business"] * 30), "labels": labels, "scrutiny": Scrutiny(10, null_draws=0),
    }  # fmt: skip
    stabilities = [np.ones(len(members)) for members in clusters]
    alone = tuple(
        assess_cluster(node_ids, members, ties, stability=np.ones(len(members)), **more)
        for members in clusters
    )
    for workers in (1, 2):
        found = assess_clusters(
            node_ids, clusters, ties, stabilities=stabilities, workers=workers, **more
        )
        assert same_content(found, alone)


def test_one_stability_a_cluster_is_needed() -> None:
    ties = TieTable.build(["t"], [0], [1], ["supply"])
    with pytest.raises(ValueError, match="1 clusters and 0 stabilities"):
        assess_clusters(
            np.array(["a", "b"]),
            [np.arange(2)],
            ties,
            spheres=np.array(["", ""]),
            labels=np.zeros(2, dtype=np.int64),
            stabilities=[],
        )
