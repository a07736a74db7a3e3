"""Uncertain data, homophily, equal-strength draws, scales: invariants and known answers."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_networks import GERMANY, karate, planted, random_ties, ring_of_cliques
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from klaster.algorithms.analysis.communities import find_communities, find_multiplex_communities
from klaster.algorithms.community.search import Search
from klaster.algorithms.partitions.comparison import variation_of_information
from klaster.algorithms.trust.homophily import homophily
from klaster.algorithms.trust.nulls import degree_preserving_draw, equal_strength_draw
from klaster.algorithms.trust.resolution_scan import (
    divisions,
    resolution_scan,
    scale_ranges,
)
from klaster.algorithms.trust.significance import NullTest, significance
from klaster.algorithms.trust.uncertainty import UncertainTies, uncertain_partition
from klaster.graph.errors import InputError
from klaster.graph.model import CSR, Layer

relaxed = settings(deadline=None, max_examples=25)


def rng_of(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def gravity(seed: int, nodes: int = 14, groups: float = 1.0) -> CSR:
    """Return a table in which size decides, and amounts within three groups are multiplied."""
    rng = rng_of(seed)
    sells, buys = rng.lognormal(0, 1, (2, nodes))
    table = np.outer(sells, buys) * rng.lognormal(0, 0.6, (nodes, nodes))
    own = np.arange(nodes) % 3
    table *= np.where(own[:, None] == own[None, :], groups, 1.0)
    np.fill_diagonal(table, 0.0)
    return sparse.csr_array(table)


def test_from_which_end_a_tie_of_both_ways_is_written_changes_no_draw() -> None:
    rng = rng_of(2)
    source, target = rng.integers(0, 9, (2, 40))
    either, turned = rng.random((2, 40)) < 0.5
    keep = np.where(rng.random(40) < 0.5, 0.5, 0.9)
    other = np.where(turned & either, target, source), np.where(turned & either, source, target)
    one = UncertainTies.of(source, target, 9, keep=keep, both_ways=either)
    same = UncertainTies.of(*other, 9, keep=keep, both_ways=either)
    assert (one.draw(rng_of(1)) != same.draw(rng_of(1))).nnz == 0
    assert one.matrix().sum() == pytest.approx(40)
    alone = UncertainTies.of(source, target, 9, both_ways=True).matrix()
    assert (alone != alone.T).nnz == 0


class TestEqualStrength:
    @given(st.integers(0, 2**32), st.booleans())
    @relaxed
    def test_what_is_kept(self, seed: int, symmetric: bool) -> None:
        table = gravity(seed, 8)
        if symmetric:
            table = sparse.csr_array(table + table.T)
        table = sparse.csr_array(table + sparse.diags_array(np.arange(8.0)))
        drawn = equal_strength_draw(table, rng_of(seed))
        assert drawn.sum() == pytest.approx(table.sum())
        assert np.array_equal(drawn.diagonal(), table.diagonal())
        assert drawn.nnz == table.nnz
        if symmetric:
            assert abs(drawn - drawn.T).max() == 0

    def test_without_noise_there_is_one_table(self) -> None:
        table = np.outer([1.0, 2, 3, 4, 5], [5.0, 1, 2, 2, 1])
        np.fill_diagonal(table, 0.0)
        drawn = equal_strength_draw(sparse.csr_array(table), rng_of(1))
        np.testing.assert_allclose(drawn.toarray(), table, rtol=1e-8)

    def test_sizes_are_kept_on_average(self) -> None:
        table = gravity(3)
        drawn = [equal_strength_draw(table, rng_of(seed)).toarray() for seed in range(300)]
        for axis in (0, 1):
            sizes = np.log(np.asarray(table.sum(axis=axis)).ravel())
            found = np.log(np.mean(drawn, axis=0).sum(axis=axis))
            assert np.corrcoef(sizes, found)[0, 1] > 0.9

    def test_zeros_and_small_tables(self) -> None:
        ties = random_ties(3, 6, 20)
        drawn = equal_strength_draw(ties, rng_of(1))
        assert np.isfinite(drawn.data).all()
        assert equal_strength_draw(sparse.csr_array((3, 3)), rng_of(1)).nnz == 0
        pair = sparse.csr_array([[0.0, 2.0], [1.0, 0.0]])
        assert equal_strength_draw(pair, rng_of(1)).sum() == pytest.approx(3.0)

    @given(st.integers(0, 2**32))
    @relaxed
    def test_who_takes_no_part_takes_none_in_a_draw(self, seed: int) -> None:
        """Ties dealt to a node without size would be lost, and the draw all but empty."""
        rng = rng_of(seed)
        table = np.zeros((30, 30))
        table[:10, :10] = gravity(seed, 10).toarray()
        table[:3] = 0  # these only buy
        table[:, 7:10] = 0  # these only sell
        drawn = equal_strength_draw(sparse.csr_array(table), rng).toarray()
        assert (drawn > 0).sum() == (table > 0).sum()
        assert drawn.sum() == pytest.approx(table.sum())
        for axis in (0, 1):
            assert not drawn.sum(axis=axis)[table.sum(axis=axis) == 0].any()

    def test_nodes_without_ties_change_no_draw(self) -> None:
        table = gravity(5)
        wide = sparse.csr_array(sparse.block_diag([table, sparse.csr_array((40, 40))]))
        one, other = (equal_strength_draw(m, rng_of(2)).toarray() for m in (table, wide))
        np.testing.assert_allclose(other[:14, :14], one)

    def test_a_dense_layer_of_a_few_nodes_spoils_no_multiplex_test(self) -> None:
        """A dense layer among some nodes: its draws are among them too."""
        rng = rng_of(0)
        planted_in = np.where(np.equal.outer(np.arange(40) % 4, np.arange(40) % 4), 0.35, 0.06)
        supply, knowledge = np.zeros((2, 48, 48))
        supply[:40, :40] = np.triu(rng.random((40, 40)) < planted_in, 1)
        knowledge[36:, 36:] = np.triu(rng.random((12, 12)) < 0.9, 1)
        layers = [
            layer_of(sparse.csr_array(supply), "supply"),
            layer_of(sparse.csr_array(knowledge), "knowledge"),
        ]
        found = find_multiplex_communities(layers, Search(runs=3), NullTest(draws=39)).finding
        assert "equal-strength" in found.null_model
        assert found.p_value <= 0.05

    def test_size_alone_is_no_community(self) -> None:
        """P-values of tables in which size alone decides are spread over 0 to 1."""
        p = np.array(
            [
                significance(
                    gravity(seed), np.arange(14) % 2, Search(seed=seed), NullTest(draws=19)
                ).p_value
                for seed in range(20)
            ]
        )
        assert np.mean(p <= 0.05) <= 0.25  # 6 or more of 20 by chance: 3 in 10,000
        assert 0.25 < p.mean() < 0.75

    def test_groups_are(self) -> None:
        found = significance(gravity(2, 15, 12.0), np.arange(15) % 3, test=NullTest(draws=99))
        assert found.null_model == "equal-strength"
        assert found.significant

    def test_germany_without_its_diagonal_has_no_communities(self) -> None:
        """METHODS 7: the exact optimum is one community."""
        layer = Layer("flows", np.array(list("abcdef")), sparse.csr_array(GERMANY), "value", 36, 6)
        finding = find_communities(layer, Search(runs=5), NullTest(draws=19)).finding
        assert (finding.significant, finding.reason) == (False, "one-community")


class TestUncertainData:
    def test_certain_data_give_one_answer(self) -> None:
        cells = karate().tocoo()
        ties = UncertainTies.of(cells.row, cells.col, 34, spread=0.0)
        found = uncertain_partition(ties, search=Search(runs=20), draws=6)
        assert found.counts.tolist() == [4]
        assert found.own.tolist() == [1.0] * 34
        assert found.elsewhere.tolist() == [0.0] * 34
        np.testing.assert_allclose(found.membership.toarray().sum(axis=1), 1.0)
        assert found.together([[0, 1], [0, 33]]).tolist() == [1.0, 0.0]

    def test_more_doubt_less_sure(self) -> None:
        matrix = planted(3, 3, 12, 0.35, 0.09)
        cells = matrix.tocoo()
        sure = []
        for keep in (1.0, 0.7, 0.4):
            ties = UncertainTies.of(cells.row, cells.col, 36, keep=keep)
            found = uncertain_partition(ties, np.repeat(np.arange(3), 12), Search(runs=1), draws=30)
            sure.append(found.own.mean())
            total = np.asarray(found.membership.sum(axis=1)).ravel() + found.elsewhere
            np.testing.assert_allclose(total, found.tied)
            assert found.shares.sum() == pytest.approx(1.0)
        assert sure[0] > sure[1] > sure[2]

    def test_draws_have_the_stated_mean_and_spread(self) -> None:
        ties = UncertainTies.of([0, 1], [1, 2], 3, weight=[10.0, 4.0], spread=[0.5, 0.0], keep=0.8)
        drawn = np.array([ties.draw(rng_of(seed)).toarray() for seed in range(4000)])
        first, second = drawn[:, 0, 1], drawn[:, 1, 2]
        kept = first > 0
        assert np.mean(kept) == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 4000))
        assert first[kept].mean() == pytest.approx(10.0, abs=4 * 5 / np.sqrt(3200))
        assert first[kept].std() / first[kept].mean() == pytest.approx(0.5, abs=0.06)
        assert set(np.unique(second)) == {0.0, 4.0}

    def test_order_of_rows_does_not_matter(self) -> None:
        rng = rng_of(2)
        cells = random_ties(4, 20, 50).tocoo()
        keep = rng.random(cells.nnz)
        results = set()
        for seed in range(3):
            order = rng_of(seed).permutation(cells.nnz)
            ties = UncertainTies.of(
                cells.row[order], cells.col[order], 20, weight=cells.data[order], keep=keep[order]
            )
            found = uncertain_partition(ties, draws=5)
            results.add(found.labels.tobytes() + found.own.tobytes())
        assert len(results) == 1

    def test_more_draws_begin_with_the_same(self) -> None:
        ties = UncertainTies.of([0, 1, 2, 3], [1, 2, 3, 0], 4, keep=0.5)
        few, many = (uncertain_partition(ties, draws=draws) for draws in (3, 7))
        assert np.array_equal(few.labels, many.labels[:3])
        boxed = uncertain_partition(ties, search=Search(seconds=0.05, runs=3), draws=10_000)
        assert boxed.draws < boxed.draws_asked == 10_000

    def test_a_node_that_loses_its_ties_is_nowhere(self) -> None:
        ties = UncertainTies.of([0, 2, 3], [1, 3, 4], 5, keep=[0.0, 1.0, 1.0])
        found = uncertain_partition(ties, [0, 0, 1, 1, 1], draws=4)
        assert found.tied.tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]
        assert found.own.tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]

    def test_faults_come_together(self) -> None:
        with pytest.raises(InputError) as caught:
            UncertainTies.of([0, 9], [1, 1], 3, weight=[1.0, -1.0], keep=[2.0, 0.5], spread=-0.1)
        codes = {fault.code for fault in caught.value.faults}
        assert codes == {"unknown-node", "bad-amount", "bad-probability", "bad-spread"}
        with pytest.raises(InputError, match="there are 2 ties"):
            UncertainTies.of([0, 1], [1, 2], 3, keep=[0.5])
        with pytest.raises(ValueError, match="draws is 0"):
            uncertain_partition(UncertainTies.of([0], [1], 2), draws=0)


class TestHomophily:
    def test_indices_by_hand(self) -> None:
        """Five ties, three of them inside: E-I index (2 − 3) / 5 (Krackhardt and Stern 1988)."""
        ties = sparse.csr_array(([1.0] * 5, ([0, 1, 3, 0, 2], [1, 2, 4, 3, 4])), shape=(5, 5))
        found = homophily(ties, ["a", "a", "a", "b", "b"], draws=99)
        assert found.inside == pytest.approx(0.6)
        assert found.ei_index == pytest.approx(-0.2)
        np.testing.assert_allclose(found.within, [0.4, 0.2])

    def test_expectation_of_dealt_labels(self) -> None:
        """Of labels dealt at random a pair is alike with probability Σ n_k (n_k − 1) / n (n − 1)."""
        labels = np.array(["x"] * 20 + ["y"] * 14)
        found = homophily(karate(), labels, draws=4000)
        expected = (20 * 19 + 14 * 13) / (34 * 33)
        assert found.null_mean == pytest.approx(expected, abs=4 * found.null_sd / np.sqrt(4000))

    def test_p_values_are_uniform_under_chance(self) -> None:
        p = np.array(
            [
                homophily(karate(), rng_of(seed).choice(["a", "b"], 34), draws=99).p_more
                for seed in range(200)
            ]
        )
        assert abs(np.mean(p <= 0.1) - 0.1) < 4 * np.sqrt(0.09 / 200)
        assert abs(np.mean(p <= 0.5) - 0.5) < 4 * np.sqrt(0.25 / 200)

    def test_karate_clubs(self) -> None:
        clubs = [club for _, club in nx.karate_club_graph().nodes(data="club")]
        found = homophily(karate(), clubs)
        assert found.labels == ("Mr. Hi", "Officer")
        assert (found.p_more, found.p_fewer) == (1 / 1000, 1.0)

    def test_strata_explain(self) -> None:
        """Ties run inside spheres; regions follow spheres, and explain nothing beyond them."""
        sphere = np.repeat(["business", "academia"], 30)
        rng = rng_of(1)
        alike = sphere[:, None] == sphere[None, :]
        ties = sparse.csr_array(np.triu(rng.random((60, 60)) < np.where(alike, 0.4, 0.02), 1) * 1.0)
        region = np.where(rng.random(60) < np.where(sphere == "business", 0.9, 0.1), "KRG", "VKO")
        assert homophily(ties, region).p_more <= 0.01
        assert homophily(ties, region, strata=sphere).p_more > 0.01

    def test_unknown_labels_take_no_part(self) -> None:
        ties = sparse.csr_array(([1.0, 5.0], ([0, 1], [1, 2])), shape=(3, 3))
        found = homophily(ties, ["a", "a", ""], draws=9)
        assert (found.inside, found.labels) == (1.0, ("a",))
        assert np.isnan(found.z_score)
        with pytest.raises(InputError, match="no two nodes"):
            homophily(ties, ["a", "", ""])
        with pytest.raises(InputError, match="not one text per node"):
            homophily(ties, ["a"] * 4)
        with pytest.raises(ValueError, match="draws is 0"):
            homophily(ties, ["a"] * 3, draws=0)


def two_scales() -> CSR:
    """Return 16 groups of 8 in 4 supergroups: planted at two scales."""
    group = np.repeat(np.arange(16), 8)
    same, near = group[:, None] == group[None, :], (group // 4)[:, None] == (group // 4)[None, :]
    chance = np.where(same, 0.85, np.where(near, 0.2, 0.015))
    half = np.triu(rng_of(4).random(chance.shape) < chance, 1)
    return sparse.csr_array((half | half.T).astype(float))


class TestScales:
    def test_both_scales_are_plateaus(self) -> None:
        scan = resolution_scan(two_scales(), np.logspace(-0.3, 1.0, 12), Search(runs=4))
        counts = [plateau.community_count for plateau in scan.plateaus]
        assert {4, 16} <= set(counts)
        assert (np.diff(scan.resolutions) > 0).all()
        assert np.isnan(scan.step[0])
        for plateau in scan.plateaus:
            assert plateau.width == pytest.approx(np.log(plateau.high / plateau.low))
            assert scan.spread[(plateau.first + plateau.last) // 2] < 1.0

    def test_no_plateau_drifts(self) -> None:
        """Small steps that each are within the tolerance may lead far away together."""
        ties = karate()
        scan = resolution_scan(ties, np.logspace(-1, 1, 81), Search(runs=3), tolerance=0.15)
        limit = 0.15 * np.log2(ties.shape[0])
        near = scan.step[1:] <= limit
        pairs = [(row, other) for row in scan.labels for other in scan.labels]
        assert near.mean() > 0.95  # so neighbours alone would give one plateau or two
        assert max(variation_of_information(a, b) for a, b in pairs) > 3 * limit
        taken: set[int] = set()
        for plateau in scan.plateaus:
            places = range(plateau.first, plateau.last + 1)
            assert not taken & set(places)
            taken |= set(places)
            for one in places:
                for other in places:
                    distance = variation_of_information(scan.labels[one], scan.labels[other])
                    assert distance <= limit
        widths = [plateau.width for plateau in scan.plateaus]
        assert widths == sorted(widths, reverse=True)

    def test_nodes_without_ties_change_no_plateau(self) -> None:
        ties = two_scales()
        wide = sparse.csr_array((500, 500))
        wide = sparse.csr_array(sparse.block_diag([ties, wide], format="csr"))
        one, other = (
            resolution_scan(m, np.logspace(-0.3, 1.0, 8), Search(runs=3)) for m in (ties, wide)
        )
        assert [(p.low, p.high, p.community_count) for p in one.plateaus] == [
            (p.low, p.high, p.community_count) for p in other.plateaus
        ]
        np.testing.assert_allclose(one.spread, other.spread)

    def test_each_community_has_a_range_of_its_own(self) -> None:
        """A clique stands at every scale; two joined groups only where they are merged."""
        clique = np.ones((8, 8)) - np.eye(8)
        two = np.kron(np.eye(2), clique)
        two[:8, 8:] = two[8:, :8] = 0.35
        ties = sparse.csr_array(
            sparse.block_diag([clique, two]).toarray() + 0.01 * (1 - np.eye(24))
        )
        scan = resolution_scan(ties, np.logspace(-1, 0.6, 17), Search(runs=3))
        alone, merged = scale_ranges(scan, [np.arange(8), np.arange(8, 24)], at=0.5)
        strengths = np.asarray(ties.sum(axis=1)).ravel()
        own, between = strengths[8:16].sum(), ties[8:16][:, 16:].sum()
        merging = between * strengths.sum() / own**2  # they are one below this resolution
        assert merged.high == scan.resolutions[scan.resolutions < merging][-1]
        assert merged.open_low
        assert alone.high > merged.high
        part = np.arange(8, 16)
        apart = scale_ranges(scan, [part], at=1.5)[0]
        assert apart.low > merged.high
        assert not apart.open_high  # far above, everybody is alone
        nowhere = scale_ranges(scan, [np.array([0, 8, 16])], at=1.0)[0]
        assert np.isnan(nowhere.low)
        assert np.isnan(nowhere.high)
        assert not nowhere.open_low
        assert not nowhere.open_high

    def test_ranges_of_a_wrong_question_are_refused(self) -> None:
        scan = resolution_scan(karate(), [1.0], Search(runs=1))
        with pytest.raises(ValueError, match="likeness is 0"):
            scale_ranges(scan, [np.arange(3)], likeness=0)
        with pytest.raises(ValueError, match="resolution is -1"):
            scale_ranges(scan, [np.arange(3)], at=-1)
        with pytest.raises(ValueError, match="no members"):
            scale_ranges(scan, [np.arange(0)])

    def test_supergroups_divide_and_groups_do_not(self) -> None:
        ties = two_scales()
        supergroups = [np.arange(32 * k, 32 * (k + 1)) for k in range(4)]
        shuffled = rng_of(3).permutation(supergroups[0])
        parts = divisions(
            ties, [*supergroups, shuffled, np.arange(8), np.arange(3)], Search(runs=5)
        )
        for own in parts[:4]:
            assert adjusted_rand_score(own, np.repeat([0, 1, 2, 3], 8)) > 0.9
        by_node = dict(zip(shuffled.tolist(), parts[4].tolist(), strict=True))
        assert [by_node[k] for k in range(32)] == parts[0].tolist()
        assert parts[5].tolist() == [0] * 8
        assert parts[6].tolist() == [0] * 3

    def test_communities_of_random_networks_rarely_divide(self) -> None:
        found = 0
        for seed in range(40):
            ties = degree_preserving_draw(ring_of_cliques(6, 5), rng_of(seed))
            found += int(divisions(ties, [np.arange(30)], Search(runs=3, seed=seed))[0].max() > 0)
        assert found <= 2  # one in a hundred expected

    def test_edges(self) -> None:
        with pytest.raises(ValueError, match="above 0"):
            resolution_scan(karate(), [0.0, 1.0])
        with pytest.raises(ValueError, match="runs is 0"):
            resolution_scan(karate(), search=Search(runs=0))
        told: list[tuple[int, int]] = []
        resolution_scan(
            ring_of_cliques(4, 4),
            [1.0, 2.0],
            Search(runs=2),
            progress=lambda a, b: told.append((a, b)),
        )
        assert told == [(1, 2), (2, 2)]


def layer_of(matrix: CSR, name: str) -> Layer:
    ids = np.array([f"n{k:03d}" for k in range(matrix.shape[0])])
    return Layer(name, ids, matrix, "ties", matrix.nnz, 0)


class TestMultiplexFinding:
    def test_groups_of_two_layers(self) -> None:
        layers = [layer_of(planted(seed, 3, 12, 0.3, 0.03), f"l{seed}") for seed in (1, 2)]
        found = find_multiplex_communities(layers, Search(runs=8), NullTest(draws=39))
        finding = found.finding
        assert np.array_equal(found.labels, np.repeat(np.arange(3), 12))
        assert (finding.engine, finding.layer) == ("leiden-multiplex", "joint")
        assert (finding.significant, finding.p_value) == (True, 1 / 40)
        assert finding.tie_count == sum(layer.tie_count for layer in layers)
        assert found.stability.min() > 0.9

    def test_random_layers_have_none(self) -> None:
        """Of 8 pairs of random layers 4 or more are "significant" at 5 % in 4 of 10,000 cases."""
        p = []
        for seed in range(8):
            layers = [
                layer_of(random_ties(100 + 2 * seed + k, 30, 50, loops=False), f"l{k}")
                for k in (0, 1)
            ]
            finding = find_multiplex_communities(layers, Search(runs=2), NullTest(draws=19)).finding
            assert finding.significant == (finding.reason == "")
            p.append(finding.p_value)
        assert sum(value <= 0.05 for value in p) <= 3
        assert np.mean(p) > 0.2

    def test_a_layer_without_weight_takes_no_part(self) -> None:
        club, noise = layer_of(karate(), "club"), layer_of(random_ties(1, 34, 90), "noise")
        weights = {"club": 1.0, "noise": 0.0}
        found = find_multiplex_communities(
            [club, noise], Search(runs=10), NullTest(draws=19), weights=weights
        )
        alone = find_multiplex_communities([club], Search(runs=10), NullTest(draws=19))
        assert np.array_equal(found.labels, alone.labels)
        assert found.finding == alone.finding
        assert found.finding.modularity == pytest.approx(0.4197896120973046, abs=1e-12)

    def test_nothing_tied_and_faults(self) -> None:
        empty = layer_of(sparse.csr_array((4, 4)), "supply")
        found = find_multiplex_communities([empty], Search(runs=2), NullTest(draws=19))
        assert (found.finding.reason, len(found.labels)) == ("no-ties", 0)
        with pytest.raises(ValueError, match="its own name"):
            find_multiplex_communities([empty, empty])
        with pytest.raises(ValueError, match="one layer or more"):
            find_multiplex_communities([])
        with pytest.raises(InputError, match="nodes are not those"):
            find_multiplex_communities([empty, layer_of(karate(), "club")])
        with pytest.raises(ValueError, match="draws is 0"):
            find_multiplex_communities([empty], test=NullTest(draws=0))


@pytest.mark.parametrize("engine", ["map-equation", "leiden-cpm", "leiden-directed"])
def test_every_objective_gives_a_finding(engine: str) -> None:
    layer = layer_of(planted(2, 3, 14, 0.5, 0.03), "supply")
    found = find_communities(layer, Search(engine=engine, runs=5), NullTest(draws=39))
    assert found.finding.engine == engine
    assert found.finding.significant
    assert np.array_equal(found.labels, np.repeat(np.arange(3), 14))
    assert np.isfinite(found.stability).all()
