"""Closeness, harmonic, Katz, eigenvector and sampled betweenness against other programs."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reference_networks import GERMANY, karate, random_ties
from scipy import sparse

from klaster.algorithms.centrality import (
    betweenness,
    betweenness_sampled,
    closeness,
    eigenvector,
    estimates,
    harmonic,
    katz,
    sources_for,
    spectral,
)
from klaster.graph.errors import InputError, UnknownNameError

Dense = npt.NDArray[np.float64]
relaxed = settings(deadline=None, max_examples=40)


@st.composite
def strengths_of_any_size(draw: st.DrawFn) -> Dense:
    n = draw(st.integers(2, 12))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = draw(st.sampled_from([0.1, 0.3, 1.0]))
    return np.where(chance.random((n, n)) < density, chance.lognormal(0, 1, (n, n)), 0.0)


def graph_of(dense: Dense) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(dense)))
    for i, j in np.argwhere(dense).tolist():
        graph.add_edge(i, j, weight=float(dense[i, j]), length=1.0 / float(dense[i, j]))
    return graph


def vector(scores: dict[int, Any]) -> Dense:
    return np.array([float(scores[node]) for node in range(len(scores))])


class TestNearness:
    @relaxed
    @given(strengths_of_any_size())
    def test_closeness_is_that_of_networkx(self, dense: Dense) -> None:
        graph, matrix = graph_of(dense), sparse.csr_array(dense)
        for rescaled in (True, False):
            theirs = nx.closeness_centrality(graph, distance="length", wf_improved=rescaled)
            ours = closeness(matrix, distance="reciprocal", rescaled=rescaled)
            np.testing.assert_allclose(ours, vector(theirs), rtol=1e-12)
        outward = nx.closeness_centrality(graph.reverse())
        ours = closeness(matrix, distance="hops", direction="out")
        np.testing.assert_allclose(ours, vector(outward), rtol=1e-12)

    @relaxed
    @given(strengths_of_any_size())
    def test_harmonic_is_that_of_networkx(self, dense: Dense) -> None:
        graph, matrix = graph_of(dense), sparse.csr_array(dense)
        theirs = vector(nx.harmonic_centrality(graph, distance="length"))
        ours = harmonic(matrix, distance="reciprocal", normalized=False)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        shared = harmonic(matrix, distance="reciprocal")
        np.testing.assert_allclose(shared * (len(dense) - 1), theirs, rtol=1e-12)

    def test_both_directions_together(self) -> None:
        both = closeness(karate(weighted=True), distance="hops", direction="both")
        theirs = vector(nx.closeness_centrality(nx.karate_club_graph()))
        np.testing.assert_allclose(both, theirs, rtol=1e-12)

    def test_blocks_do_not_matter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = harmonic(karate(), distance="hops")
        monkeypatch.setattr("klaster.algorithms.centrality.paths.CELLS_AT_ONCE", 70)
        assert np.array_equal(harmonic(karate(), distance="hops"), whole)

    def test_nobody_near(self) -> None:
        none = sparse.csr_array((3, 3))
        assert closeness(none, distance="hops").tolist() == [0.0] * 3
        assert harmonic(sparse.csr_array((0, 0)), distance="hops").tolist() == []
        with pytest.raises(UnknownNameError, match="direction"):
            harmonic(none, distance="hops", direction="inwards")  # type: ignore[arg-type]

    def test_igraph(self) -> None:
        """igraph has closeness per reachable set; on a connected network all agree."""
        igraph = pytest.importorskip("igraph")
        graph = igraph.Graph.Famous("Zachary")
        np.testing.assert_allclose(
            closeness(karate(), distance="hops"), graph.closeness(), rtol=1e-12
        )
        np.testing.assert_allclose(
            harmonic(karate(), distance="hops"), graph.harmonic_centrality(), rtol=1e-12
        )
        theirs = np.array(graph.eigenvector_centrality(scale=False))
        np.testing.assert_allclose(eigenvector(karate()), theirs / theirs.sum(), rtol=1e-6)
        directed = random_ties(4, 40, 200, loops=False)
        cells = directed.tocoo()
        other = igraph.Graph(
            40, list(zip(cells.row.tolist(), cells.col.tolist(), strict=True)), directed=True
        )
        ours = betweenness(directed, distance="hops", normalized=False)
        np.testing.assert_allclose(ours, other.betweenness(), rtol=1e-9, atol=1e-9)


class TestKatz:
    def test_it_is_the_output_multiplier(self) -> None:
        """Eurostat Manual (2008), Germany 1995: output multipliers 1'L of six industries."""
        output = np.array([43910.0, 1079446, 245606, 540063, 692487, 508918])
        coefficients = GERMANY / output
        multipliers = katz(sparse.csr_array(coefficients), attenuation=1.0)
        published = [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782]
        np.testing.assert_allclose(multipliers, published, atol=5e-5)
        rows = katz(sparse.csr_array(coefficients), attenuation=1.0, direction="upstream")
        np.testing.assert_allclose(rows, np.linalg.inv(np.eye(6) - coefficients).sum(axis=1))

    @relaxed
    @given(strengths_of_any_size(), st.floats(0.0, 0.9))
    def test_it_is_that_of_networkx(self, dense: Dense, share: float) -> None:
        radius = float(np.abs(np.linalg.eigvals(dense)).max())
        attenuation = share / radius if radius > 1e-6 else share
        theirs = nx.katz_centrality_numpy(
            graph_of(dense), alpha=attenuation, beta=2.0, normalized=False, weight="weight"
        )
        ours = katz(sparse.csr_array(dense), attenuation=attenuation, base=2.0)
        np.testing.assert_allclose(ours, vector(theirs), rtol=1e-7)

    def test_a_sum_without_end_is_refused(self) -> None:
        """The largest eigenvalue of the karate club is 6.7257 (NetworkX adjacency_spectrum)."""
        radius = float(np.abs(nx.adjacency_spectrum(nx.karate_club_graph(), weight=None)).max())
        assert katz(karate(), attenuation=0.999 / radius).min() > 1
        for attenuation in (1.001 / radius, 0.5, 3.0):
            with pytest.raises(ValueError, match="has no end"):
                katz(karate(), attenuation=attenuation)
        with pytest.raises(ValueError, match="attenuation is -1"):
            katz(karate(), attenuation=-1.0)
        with pytest.raises(ValueError, match="base"):
            katz(karate(), attenuation=0.1, base=-1.0)

    def test_without_ties_a_node_has_its_own(self) -> None:
        assert katz(sparse.csr_array((2, 2)), attenuation=5.0, base=[1.0, 3.0]).tolist() == [1, 3]


class TestEigenvector:
    @relaxed
    @given(strengths_of_any_size())
    def test_it_is_that_of_networkx_where_all_reach_all(self, dense: Dense) -> None:
        graph = graph_of(dense)
        assume(len(dense) > 2 and nx.is_strongly_connected(graph))
        theirs = vector(nx.eigenvector_centrality_numpy(graph, weight="weight"))
        ours = eigenvector(sparse.csr_array(dense), direction="in")
        np.testing.assert_allclose(ours, theirs / theirs.sum(), rtol=1e-5, atol=1e-8)

    @relaxed
    @given(strengths_of_any_size(), st.sampled_from(["both", "in", "out"]))
    def test_it_is_an_eigenvector_of_its_part(self, dense: Dense, direction: Any) -> None:
        scores = eigenvector(sparse.csr_array(dense), direction=direction)
        seen = {"both": dense + dense.T, "in": dense.T, "out": dense}[direction]
        part = np.flatnonzero(scores)
        if len(part):
            own = seen[np.ix_(part, part)]
            image = own @ scores[part]
            np.testing.assert_allclose(image, image.sum() * scores[part], rtol=1e-6, atol=1e-12)
            assert scores.sum() == pytest.approx(1.0)
        graph = graph_of(seen)
        largest = max(len(c) for c in nx.strongly_connected_components(graph))
        assert len(part) == (largest if largest > 1 else 0)

    def test_large_networks_go_another_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ties = random_ties(3, 60, 400, loops=False)
        dense = eigenvector(ties, direction="in")
        monkeypatch.setattr(spectral, "_DENSE_UP_TO", 5)
        np.testing.assert_allclose(eigenvector(ties, direction="in"), dense, rtol=1e-8)
        ring = sparse.csr_array(np.roll(np.eye(12), 1, axis=1))
        np.testing.assert_allclose(eigenvector(ring, direction="in"), np.full(12, 1 / 12))


class TestSampledBetweenness:
    def test_all_sources_are_exact(self) -> None:
        ties = random_ties(5, 30, 120)
        found = betweenness_sampled(ties, distance="reciprocal", sources=99)
        exact = betweenness(ties, distance="reciprocal")
        np.testing.assert_allclose(found.values, exact, atol=1e-12)
        assert found.exact
        assert (found.sources, found.bound.tolist()) == (30, [0.0] * 30)

    def test_without_bias(self) -> None:
        """The mean over 200 samples is the exact value within four standard errors."""
        exact = betweenness(karate(), distance="hops")
        runs = np.array(
            [
                betweenness_sampled(karate(), distance="hops", sources=5, seed=seed).values
                for seed in range(200)
            ]
        )
        error = runs.std(axis=0, ddof=1) / np.sqrt(200)
        assert (np.abs(runs.mean(axis=0) - exact) <= 4 * error + 1e-12).all()

    def test_bounds_hold_as_often_as_they_say(self) -> None:
        """At confidence .5 all 300 nodes must be within their bounds in half the samples."""
        graph = nx.barabasi_albert_graph(300, 2, seed=1)
        matrix = sparse.csr_array(nx.to_scipy_sparse_array(graph, dtype=np.dtype(float)))
        exact = betweenness(matrix, distance="hops")
        held = []
        for seed in range(40):
            found = betweenness_sampled(
                matrix, distance="hops", sources=150, confidence=0.5, seed=seed
            )
            held.append(bool((np.abs(found.values - exact) <= found.bound).all()))
            assert 0 < found.bound.max() < 0.2
        assert np.mean(held) >= 0.5

    def test_an_error_asked_for_is_kept(self) -> None:
        matrix = random_ties(8, 400, 1600, loops=False)
        found = betweenness_sampled(matrix, distance="hops", error=0.1, seed=2)
        assert found.sources < 400
        assert found.bound.max() <= 0.1
        exact = betweenness(matrix, distance="hops")
        assert (np.abs(found.values - exact) <= found.bound).all()

    @given(st.integers(2, 5000), st.floats(0.01, 0.5))
    @settings(deadline=None, max_examples=30)
    def test_no_source_too_many(self, nodes: int, error: float) -> None:
        many = sources_for(error, nodes)
        assert 1 <= many <= nodes
        assert estimates._worst_bound(many, nodes, 0.95) <= error
        if many > 1:
            assert estimates._worst_bound(many - 1, nodes, 0.95) > error

    def test_small_networks_and_bad_calls(self) -> None:
        pair = betweenness_sampled(sparse.csr_array([[0, 1.0], [0, 0]]), distance="hops")
        assert (pair.values.tolist(), pair.exact) == ([0.0, 0.0], True)
        with pytest.raises(ValueError, match="not both"):
            betweenness_sampled(karate(), distance="hops", sources=3, error=0.1)
        with pytest.raises(ValueError, match="sources is 0"):
            betweenness_sampled(karate(), distance="hops", sources=0)
        with pytest.raises(ValueError, match="confidence is 1"):
            betweenness_sampled(karate(), distance="hops", confidence=1.0)
        with pytest.raises(ValueError, match="error is 0"):
            betweenness_sampled(karate(), distance="hops", error=0.0)
        with pytest.raises(InputError):
            betweenness_sampled(sparse.csr_array([[0, -1.0], [0, 0]]), distance="hops")
