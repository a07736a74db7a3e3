"""Ensembles, consensus, agreement and null models against published and recomputed numbers."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_networks import KARATE_OPTIMUM, karate, planted, random_ties
from scipy import sparse

from klaster.algorithms.community.detect import best_partition
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.community.search import Search
from klaster.algorithms.partitions.comparison import (
    adjusted_mutual_information,
    adjusted_rand,
    normalized_mutual_information,
    pairwise_adjusted_rand,
    variation_of_information,
)
from klaster.algorithms.partitions.labels import canonical_labels
from klaster.algorithms.trust.ensembles import (
    co_association,
    consensus,
    ensemble,
    ensemble_summary,
    member_stability,
    pair_stability,
)
from klaster.algorithms.trust.nulls import (
    chosen_null_model,
    degree_preserving_draw,
    weight_shuffle_draw,
)
from klaster.algorithms.trust.significance import (
    NullTest,
    null_distribution,
    null_effort,
    p_value,
    significance,
)
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.model import CSR, IntArray


def some_labels(seed: int, runs: int, nodes: int) -> IntArray:
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.integers(0, 4, (runs, nodes)).astype(np.int64)


class TestAgreement:
    """Against the values METHODS recomputed: ARI 4/7, NMI 4/5 and 2/3, AMI 4/7, VI half a bit."""

    def test_one_community_cut_in_two(self) -> None:
        a, b = [0, 0, 1, 1], [0, 0, 1, 2]
        assert adjusted_rand(a, b) == pytest.approx(0.571429, abs=5e-7)
        assert normalized_mutual_information(a, b) == pytest.approx(0.8, abs=1e-12)
        by_max = normalized_mutual_information(a, b, average="max")
        assert by_max == pytest.approx(0.666667, abs=5e-7)
        assert adjusted_mutual_information(a, b) == pytest.approx(0.571429, abs=5e-7)
        assert variation_of_information(a, b) == pytest.approx(0.5, abs=1e-12)

    @given(seed=st.integers(0, 2**32))
    @settings(max_examples=30, deadline=None)
    def test_variation_of_information_is_a_metric(self, seed: int) -> None:
        a, b, c = some_labels(seed, 3, 12)
        assert variation_of_information(a, a) == 0.0
        assert variation_of_information(a, 9 - a) == 0.0
        there, back = variation_of_information(a, b), variation_of_information(b, a)
        assert there == pytest.approx(back, abs=1e-12)
        detour = variation_of_information(a, c) + variation_of_information(c, b)
        assert there <= detour + 1e-12

    @given(seed=st.integers(0, 2**32), nodes=st.integers(2, 15))
    @settings(max_examples=30, deadline=None)
    def test_all_pairs_at_once_equal_scikit_learn(self, seed: int, nodes: int) -> None:
        labels = some_labels(seed, 4, nodes)
        labels[0], labels[1] = 0, np.arange(nodes)
        table = pairwise_adjusted_rand(labels)
        for i in range(4):
            for j in range(4):
                assert table[i, j] == pytest.approx(adjusted_rand(labels[i], labels[j]), abs=1e-12)


class TestEnsemble:
    def test_more_runs_begin_with_the_same(self) -> None:
        few, many = ensemble(karate(), Search(runs=3)), ensemble(karate(), Search(runs=6))
        assert np.array_equal(few, many[:3])
        assert not np.array_equal(
            ensemble(random_ties(1, 200, 300), Search(seed=1, runs=3)),
            ensemble(random_ties(1, 200, 300), Search(seed=2, runs=3)),
        )

    def test_progress_is_told(self) -> None:
        told: list[tuple[int, int]] = []
        ensemble(karate(), Search(runs=3), progress=lambda done, total: told.append((done, total)))
        assert told == [(1, 3), (2, 3), (3, 3)]

    def test_python_louvain_disagrees_with_itself(self) -> None:
        """METHODS 7: 100 seeds on the karate club give 9 values of Q, mean pairwise ARI .845.

        With other seeds the same picture: many partitions, all with an ARI clearly below 1.
        """
        rows = ensemble(karate(), Search(engine="louvain-python", runs=100))
        summary = ensemble_summary(rows)
        values = {round(modularity(karate(), row), 9) for row in rows}
        assert summary.size == 100
        assert 5 <= len(values) <= summary.distinct
        assert summary.mean_ari == pytest.approx(0.845, abs=0.03)

    def test_summary_counts_each_pair_once(self) -> None:
        rows = np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 2]])
        summary = ensemble_summary(rows)
        assert (summary.size, summary.distinct) == (3, 2)
        assert summary.mean_ari == pytest.approx((1 + 4 / 7 + 4 / 7) / 3)
        assert np.isnan(ensemble_summary(rows[:1]).mean_ari)


class TestStability:
    @given(seed=st.integers(0, 2**32), runs=st.integers(1, 6), nodes=st.integers(1, 12))
    @settings(max_examples=40, deadline=None)
    def test_counted_per_community_equals_the_matrix(
        self, seed: int, runs: int, nodes: int
    ) -> None:
        labels = some_labels(seed, runs, nodes)
        own = labels[0]
        together = co_association(labels)
        assert np.allclose(together, together.T)
        assert np.allclose(together.diagonal(), 1.0)
        stability = member_stability(labels, own)
        for node in range(nodes):
            others = np.flatnonzero((own == own[node]) & (np.arange(nodes) != node))
            if len(others):
                expected = together[node, others].mean()
            else:
                expected = np.mean([(row == row[node]).sum() == 1 for row in labels])
            assert stability[node] == pytest.approx(expected, abs=1e-12)
        pairs = [(i, j) for i in range(nodes) for j in range(nodes)]
        assert np.allclose(pair_stability(labels, pairs), together.ravel())

    def test_agreement_is_full_stability(self) -> None:
        rows = np.array([[0, 0, 1, 1, 2], [5, 5, 3, 3, 1]])
        assert member_stability(rows, rows[0]).tolist() == [1.0] * 5


class TestConsensus:
    def test_unanimous_ensemble_is_its_own_consensus(self) -> None:
        rows = np.array([[3, 3, 0, 1], [1, 1, 0, 2]])
        assert consensus(rows).tolist() == [0, 0, 1, 2]

    def test_majority_wins_over_noise(self) -> None:
        """Each run is the truth with a tenth of the labels spoilt; no run need be the truth."""
        truth = np.repeat(np.arange(4), 15)
        rng = np.random.Generator(np.random.PCG64(8))
        rows = np.tile(truth, (25, 1))
        spoilt = rng.random(rows.shape) < 0.1
        rows[spoilt] = rng.integers(0, 4, spoilt.sum())
        assert all(adjusted_rand(row, truth) < 1 for row in rows)
        assert np.array_equal(consensus(rows), canonical_labels(truth))

    def test_consensus_of_python_louvain_reaches_beyond_its_runs(self) -> None:
        """Lancichinetti and Fortunato (2012): the consensus is better than a typical run."""
        matrix = planted(3, 8, 16, 0.26, 0.05)
        truth = np.repeat(np.arange(8), 16)
        rows = ensemble(matrix, Search(engine="louvain-python", runs=20))
        agreement = [adjusted_rand(row, truth) for row in rows]
        assert adjusted_rand(consensus(rows), truth) > np.median(agreement)

    def test_unsure_node_keeps_its_strongest_partner(self) -> None:
        rows = np.array(
            [
                [0, 0, 1, 1, 2, 2, 0],
                [0, 0, 1, 1, 2, 2, 1],
                [0, 0, 1, 1, 2, 2, 1],
                [0, 0, 1, 1, 2, 2, 2],
            ]
            + [[0, 0, 1, 1, 2, 2, 3]] * 2
        )
        found = consensus(rows)
        assert found[6] == found[2]

    def test_large_networks_are_compared_along_their_ties(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        matrix = planted(4, 5, 12, 0.6, 0.03)
        rows = ensemble(matrix, Search(engine="louvain-python", runs=10))
        everywhere = consensus(rows)
        monkeypatch.setattr("klaster.algorithms.trust.ensembles.DENSE_CONSENSUS_LIMIT", 20)
        assert np.array_equal(consensus(rows, matrix=matrix), everywhere)
        rows[0] = np.arange(60)
        with pytest.raises(InputError, match="Give the network"):
            consensus(rows)


def degrees(matrix: CSR) -> tuple[list[int], list[int], list[int]]:
    """Return numbers of buyers, of sellers and of mutual partners, per node."""
    tied = (matrix.toarray() > 0) & ~np.eye(matrix.shape[0], dtype=bool)
    return (
        tied.sum(axis=1).tolist(),
        tied.sum(axis=0).tolist(),
        (tied & tied.T).sum(axis=1).tolist(),
    )


class TestNullModels:
    @given(seed=st.integers(0, 2**32), nodes=st.integers(1, 14), ties=st.integers(0, 60))
    @settings(max_examples=60, deadline=None)
    def test_swaps_keep_all_degrees(self, seed: int, nodes: int, ties: int) -> None:
        matrix = random_ties(seed, nodes, ties)
        drawn = degree_preserving_draw(matrix, np.random.Generator(np.random.PCG64(seed)))
        assert degrees(drawn) == degrees(matrix)
        assert np.array_equal(drawn.diagonal(), matrix.diagonal())
        assert np.array_equal(np.sort(drawn.data), np.sort(matrix.data))

    @given(seed=st.integers(0, 2**32), nodes=st.integers(1, 14), ties=st.integers(0, 40))
    @settings(max_examples=40, deadline=None)
    def test_symmetric_stays_symmetric(self, seed: int, nodes: int, ties: int) -> None:
        half = random_ties(seed, nodes, ties)
        matrix = sparse.csr_array(half + half.T)
        rng = np.random.Generator(np.random.PCG64(seed))
        for drawn in (degree_preserving_draw(matrix, rng), weight_shuffle_draw(matrix, rng)):
            assert abs(drawn - drawn.T).sum() == 0
            assert degrees(drawn) == degrees(matrix)

    @given(seed=st.integers(0, 2**32))
    @settings(max_examples=30, deadline=None)
    def test_shuffling_keeps_ties_and_weights(self, seed: int) -> None:
        matrix = random_ties(seed, 8, 40)
        drawn = weight_shuffle_draw(matrix, np.random.Generator(np.random.PCG64(seed)))
        assert np.array_equal(drawn.indices, matrix.indices)
        assert np.array_equal(drawn.indptr, matrix.indptr)
        assert np.array_equal(np.sort(drawn.data), np.sort(matrix.data))

    def test_weight_of_a_one_way_tie_stays_with_its_seller(self) -> None:
        rng = np.random.Generator(np.random.PCG64(2))
        half = sparse.csr_array(sparse.triu(random_ties(2, 12, 60), 1))
        drawn = degree_preserving_draw(half, rng)
        assert abs(drawn - half).sum() > 0
        assert np.allclose(drawn.sum(axis=1), half.sum(axis=1))

    def test_every_network_of_the_degrees_is_as_likely(self) -> None:
        """Three pairs among six nodes, each node once: 15 perfect matchings, all alike."""
        source, target = [0, 2, 4, 1, 3, 5], [1, 3, 5, 0, 2, 4]
        pairs = sparse.csr_array((np.ones(6), (source, target)), shape=(6, 6))
        rng = np.random.Generator(np.random.PCG64(3))
        seen: dict[bytes, int] = {}
        for _ in range(1500):
            key = degree_preserving_draw(pairs, rng).toarray().tobytes()
            seen[key] = seen.get(key, 0) + 1
        counts = np.array(list(seen.values()))
        assert len(counts) == 15
        chi_square = float(((counts - 100) ** 2 / 100).sum())
        assert chi_square < 36.12  # the 0.1 % point of chi-square with 14 degrees of freedom

    def test_directed_networks_of_the_degrees_are_as_likely(self) -> None:
        """One-way ties with out-degrees (2,1,1,0) and in-degrees (0,1,1,2), found by listing."""
        start = np.zeros((5, 5))
        start[0, [2, 3]] = 1
        start[1, [3]] = 1
        start[2, [4]] = 1
        out, into = start.sum(axis=1), start.sum(axis=0)
        reachable = set()
        free = [(i, j) for i in range(5) for j in range(5) if i != j]
        for chosen in range(1 << len(free)):
            if chosen.bit_count() != 4:
                continue
            candidate = np.zeros((5, 5))
            for bit, (i, j) in enumerate(free):
                candidate[i, j] = chosen >> bit & 1
            same = (candidate.sum(axis=1) == out).all() and (candidate.sum(axis=0) == into).all()
            if same and not (candidate * candidate.T).any():
                reachable.add(candidate.tobytes())
        rng = np.random.Generator(np.random.PCG64(4))
        seen: dict[bytes, int] = {}
        draws = 200 * len(reachable)
        for _ in range(draws):
            key = degree_preserving_draw(sparse.csr_array(start), rng).toarray().tobytes()
            seen[key] = seen.get(key, 0) + 1
        assert set(seen) == reachable
        counts = np.array([seen[key] for key in sorted(reachable)])
        assert len(counts) > 2
        chi_square = float(((counts - 200) ** 2 / 200).sum())
        freedom = len(counts) - 1
        assert chi_square < freedom + 4 * np.sqrt(2 * freedom)

    def test_swaps_mix_as_networkx_does(self) -> None:
        """Mean clustering of rewired karate clubs equals that of networkx.double_edge_swap."""
        rng = np.random.Generator(np.random.PCG64(6))
        ours, theirs = [], []
        for draw in range(60):
            graph = nx.from_scipy_sparse_array(degree_preserving_draw(karate(), rng))
            ours.append(nx.transitivity(graph))
            other = nx.karate_club_graph()
            nx.double_edge_swap(other, nswap=780, max_tries=100_000, seed=draw)
            theirs.append(nx.transitivity(other))
        error = np.hypot(np.std(ours), np.std(theirs)) / np.sqrt(60)
        assert abs(np.mean(ours) - np.mean(theirs)) < 4 * error

    def test_auto_looks_at_the_density(self) -> None:
        assert chosen_null_model(karate()) == "degree-preserving"
        assert chosen_null_model(sparse.csr_array(np.ones((5, 5)))) == "equal-strength"
        assert chosen_null_model(karate(), "weight-shuffle") == "weight-shuffle"
        with pytest.raises(UnknownNameError, match="null model"):
            chosen_null_model(karate(), "erdos")

    def test_draw_seven_is_draw_seven(self) -> None:
        few = null_distribution(karate(), Search(seed=9, runs=3), NullTest(draws=3))
        many = null_distribution(karate(), Search(seed=9, runs=3), NullTest(draws=8))
        assert np.array_equal(few, many[:3])

    def test_effort_depends_on_size_only(self) -> None:
        assert null_effort(10_000_000, 200) == (99, 1)
        assert null_effort(10_000_000, 5) == (5, 1)


class TestSignificance:
    def test_karate_club_has_communities(self) -> None:
        """METHODS 8: null Q .3038 ± .0139 over 200 draws, z 8.3, p < .01 (by seed: ± .01)."""
        found = significance(karate(), best_partition(karate()))
        assert found.null_model == "degree-preserving"
        assert found.observed == pytest.approx(KARATE_OPTIMUM, abs=1e-12)
        assert found.null_mean == pytest.approx(0.3038, abs=0.01)
        assert found.null_sd == pytest.approx(0.0139, abs=0.004)
        assert found.z_score == pytest.approx(8.3, abs=2)
        assert found.p_value < 0.01
        assert (found.significant, found.reason) == (True, "")

    def test_p_value_of_no_draw_as_good(self) -> None:
        assert p_value(1.0, np.zeros(199)) == 1 / 200
        assert p_value(0.5, [0.5, 0.5 - 1e-15, 0.4]) == 3 / 4

    @given(st.floats(-1, 1), st.lists(st.floats(-1, 1), max_size=20))
    def test_p_value_is_a_probability_above_zero(self, observed: float, null: list[float]) -> None:
        assert 0 < p_value(observed, null) <= 1

    def test_reasons(self) -> None:
        none = sparse.csr_array((4, 4))
        assert significance(none, np.arange(4)).reason == "no-ties"
        pair = sparse.csr_array(([1.0], ([0], [1])), shape=(4, 4))
        assert significance(pair, [0, 0, 1, 2]).reason == "too-small"
        whole = significance(karate(), np.zeros(34, dtype=int))
        assert (whole.reason, whole.p_value, whole.draws) == ("one-community", 1.0, 0)
        star = sparse.csr_array(
            (np.ones(11), (np.zeros(11, int), np.arange(1, 12))), shape=(12, 12)
        )
        spokes = significance(star, np.arange(12) % 2, test=NullTest(draws=19))
        assert (spokes.reason, spokes.p_value) == ("not-above-chance", 1.0)
        assert np.isnan(spokes.z_score)

    def test_planted_communities_are_significant(self) -> None:
        matrix = planted(1, 4, 20, 0.25, 0.03)
        found = significance(matrix, best_partition(matrix), test=NullTest(draws=99))
        assert found.p_value == 1 / 100

    def test_mutual_ties_alone_are_no_communities(self) -> None:
        """Random pairs that trade both ways: a null without mutual pairs would call it structure."""
        p_values = []
        for seed in range(12):
            half = random_ties(seed, 50, 80, loops=False)
            half.data[:] = 1.0
            matrix = sparse.csr_array(half + half.T)
            labels = best_partition(matrix, Search(runs=1))
            p_values.append(
                significance(matrix, labels, Search(seed=seed), NullTest(draws=39)).p_value
            )
        assert sum(p <= 0.05 for p in p_values) <= 3  # 4 or more of 12: chance below 0.3 %
        assert np.mean(p_values) > 0.2

    @pytest.mark.slow
    def test_p_values_are_uniform_without_communities(self) -> None:
        """Random directed networks: share of p-values below each decile, within 3 errors."""
        p_values = np.array(
            [
                significance(
                    matrix,
                    best_partition(matrix, Search(runs=1)),
                    Search(seed=seed),
                    NullTest(draws=59),
                ).p_value
                for seed in range(100)
                for matrix in [random_ties(seed, 50, 110, loops=False)]
            ]
        )
        for level in np.arange(0.1, 1.0, 0.1):
            error = np.sqrt(level * (1 - level) / len(p_values))
            assert abs(np.mean(p_values <= level) - level) < 3.5 * error
