"""Centralities against NetworkX on random networks: weights, self-ties, isolated nodes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

from klaster.algorithms.centrality import (
    betweenness,
    core_numbers,
    hits,
    pagerank,
    participation,
    paths,
    spectral,
    strengths,
    tie_lengths,
    within_module_z,
)

Matrix = sparse.csr_array[Any, tuple[int, int]]
Dense = npt.NDArray[np.float64]

relaxed = settings(deadline=None, max_examples=50)


@st.composite
def whole_strengths(draw: st.DrawFn, least: int = 1, most: int = 9) -> Dense:
    """Networks whose strengths are small whole numbers: many paths are equally long."""
    n = draw(st.integers(least, most))
    cells = st.lists(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 6]), min_size=n * n, max_size=n * n)
    return np.array(draw(cells), dtype=np.float64).reshape(n, n)


@st.composite
def odd_strengths(draw: st.DrawFn, least: int = 1, most: int = 14) -> Dense:
    """Networks whose strengths are any numbers: no two paths are equally long."""
    n = draw(st.integers(least, most))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = draw(st.sampled_from([0.05, 0.15, 0.4, 1.0]))
    return np.where(chance.random((n, n)) < density, chance.lognormal(0, 2, (n, n)), 0.0)


def _graph(dense: Dense) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(dense)))
    for i, j in np.argwhere(dense).tolist():
        graph.add_edge(i, j, weight=float(dense[i, j]))
    return graph


def _vector(scores: dict[int, Any]) -> Dense:
    return np.array([float(scores[node]) for node in range(len(scores))])


def _csr(dense: Dense) -> Matrix:
    return sparse.csr_array(dense)


@relaxed
@given(odd_strengths(), st.sampled_from([0.5, 0.85, 0.99]))
def test_pagerank(dense: Dense, damping: float) -> None:
    graph = _graph(dense)
    for direction, walked in (("downstream", graph), ("upstream", graph.reverse())):
        expected = nx.pagerank(walked, alpha=damping, tol=1e-13, max_iter=100_000)
        found = pagerank(
            _csr(dense),
            damping=damping,
            direction=direction,
        )
        np.testing.assert_allclose(found, _vector(expected), atol=1e-9)
        assert found.sum() == pytest.approx(1.0, abs=1e-12)


@relaxed
@given(odd_strengths(least=3))
def test_hits(dense: Dense) -> None:
    values = np.linalg.svd(dense, compute_uv=False)
    assume(values[0] > 0)
    assume(values[1] < 0.95 * values[0])  # else NetworkX's own answer is any of several
    hubs, authorities = nx.hits(_graph(dense), max_iter=100_000, tol=1e-14)
    found = hits(_csr(dense))
    np.testing.assert_allclose(found.hubs, _vector(hubs), atol=1e-9)
    np.testing.assert_allclose(found.authorities, _vector(authorities), atol=1e-9)


@relaxed
@given(odd_strengths(least=2))
def test_hits_of_large_networks_is_computed_alike(dense: Dense) -> None:
    values = np.linalg.svd(dense, compute_uv=False)
    assume(values[0] > 0)
    assume(values[1] < 0.95 * values[0])
    small = hits(_csr(dense))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spectral, "_DENSE_UP_TO", 0)
        large = hits(_csr(dense))
    np.testing.assert_allclose(large.hubs, small.hubs, atol=1e-9)
    np.testing.assert_allclose(large.authorities, small.authorities, atol=1e-9)


@pytest.mark.parametrize("dense_up_to", [400, 0])
def test_hits_shares_the_score_among_equal_parts(
    dense_up_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two stars alike: the eigenvector is not unique, the projection of equal scores is."""
    monkeypatch.setattr(spectral, "_DENSE_UP_TO", dense_up_to)
    dense = np.zeros((8, 8))
    dense[[0, 1, 2], 3] = 1.0
    dense[[4, 5, 6], 7] = 1.0
    found = hits(_csr(dense))
    np.testing.assert_allclose(found.authorities[[3, 7]], 0.5, atol=1e-9)
    np.testing.assert_allclose(found.hubs[[0, 1, 2, 4, 5, 6]], 1 / 6, atol=1e-9)


def _exact(dense: Dense, directed: bool) -> nx.Graph[int]:
    """The network with lengths 1/w as fractions: NetworkX then compares paths without rounding."""
    graph: nx.Graph[int] = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(len(dense)))
    whole = dense if directed else dense + dense.T
    for i, j in np.argwhere(whole).tolist():
        if i != j:
            graph.add_edge(i, j, length=Fraction(1, int(whole[i, j])))
    return graph


@relaxed
@given(whole_strengths(), st.booleans(), st.booleans())
def test_betweenness_with_equally_long_paths(
    dense: Dense, directed: bool, normalized: bool
) -> None:
    expected = nx.betweenness_centrality(
        _exact(dense, directed), weight="length", normalized=normalized
    )
    found = betweenness(
        _csr(dense), distance="reciprocal", directed=directed, normalized=normalized
    )
    np.testing.assert_allclose(found, _vector(expected), atol=1e-9)


@relaxed
@given(odd_strengths(), st.booleans(), st.booleans())
def test_betweenness_on_reciprocal_lengths(dense: Dense, directed: bool, normalized: bool) -> None:
    whole = dense if directed else dense + dense.T
    graph = nx.from_numpy_array(
        np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0),
        create_using=nx.DiGraph if directed else nx.Graph,
    )
    expected = nx.betweenness_centrality(graph, weight="weight", normalized=normalized)
    found = betweenness(
        _csr(dense), distance="reciprocal", directed=directed, normalized=normalized
    )
    np.testing.assert_allclose(found, _vector(expected), atol=1e-9)


@relaxed
@given(whole_strengths(), st.booleans(), st.booleans())
def test_betweenness_on_hops(dense: Dense, directed: bool, normalized: bool) -> None:
    expected = nx.betweenness_centrality(_exact(dense, directed), normalized=normalized)
    found = betweenness(_csr(dense), distance="hops", directed=directed, normalized=normalized)
    np.testing.assert_allclose(found, _vector(expected), atol=1e-9)


@relaxed
@given(odd_strengths(), st.sampled_from(["purchases", "sales"]))
def test_betweenness_on_shares(dense: Dense, shares_of: Literal["purchases", "sales"]) -> None:
    total = dense.sum(axis=0 if shares_of == "purchases" else 1, keepdims=True)
    share = dense / np.where(total > 0, total, 1.0)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(dense)))
    for i, j in np.argwhere(share).tolist():
        graph.add_edge(i, j, length=max(-np.log(min(share[i, j], 1.0)), paths.LEAST_LENGTH))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    expected = nx.betweenness_centrality(graph, weight="length")
    found = betweenness(_csr(dense), distance="neg-log-share", shares_of=shares_of)
    np.testing.assert_allclose(found, _vector(expected), atol=1e-9)


def test_betweenness_of_the_karate_club_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = nx.karate_club_graph()
    for _, _, attributes in graph.edges(data=True):
        attributes["length"] = Fraction(1, 2 * attributes["weight"])
    expected = _vector(nx.betweenness_centrality(graph, weight="length"))
    matrix = sparse.csr_array(nx.to_numpy_array(graph, nodelist=range(34)))
    at_once = betweenness(matrix, distance="reciprocal", directed=False)
    monkeypatch.setattr(paths, "CELLS_AT_ONCE", 1000)
    in_pieces = betweenness(matrix, distance="reciprocal", directed=False)
    np.testing.assert_allclose(at_once, expected, atol=1e-12)
    np.testing.assert_allclose(in_pieces, expected, atol=1e-12)


def test_rounding_does_not_choose_between_equally_long_paths() -> None:
    """0.1 + 0.2 + 0.7 and 0.7 + 0.2 + 0.1 differ as floats; both paths are credited."""
    matrix = np.zeros((6, 6))
    for i, j, length in [(0, 1, 0.1), (1, 2, 0.2), (2, 5, 0.7), (0, 3, 0.7), (3, 4, 0.2)]:
        matrix[i, j] = 1 / length
    matrix[4, 5] = 1 / 0.1
    found = betweenness(sparse.csr_array(matrix), distance="reciprocal", normalized=False)
    np.testing.assert_allclose(found, [0, 1.5, 1.5, 1.5, 1.5, 0], atol=1e-12)


@relaxed
@given(whole_strengths(most=16))
def test_core_numbers(dense: Dense) -> None:
    simple = nx.Graph(_graph(dense))
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    assert core_numbers(_csr(dense)).tolist() == _vector(nx.core_number(simple)).tolist()


@relaxed
@given(odd_strengths())
def test_strengths(dense: Dense) -> None:
    graph, found = _graph(dense), strengths(_csr(dense))
    np.testing.assert_allclose(found.incoming, _vector(dict(graph.in_degree(weight="weight"))))
    np.testing.assert_allclose(found.outgoing, _vector(dict(graph.out_degree(weight="weight"))))
    np.testing.assert_allclose(found.total, _vector(dict(graph.degree(weight="weight"))))


@relaxed
@given(whole_strengths(), st.data())
def test_places_in_modules_by_the_formulas(dense: Dense, data: st.DataObject) -> None:
    """The formulas of Guimerà and Amaral (2005) written out node by node."""
    n = len(dense)
    labels = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n)))
    off = dense - np.diag(np.diag(dense))
    for direction, tied in (("both", off + off.T), ("out", off), ("in", off.T)):
        spread = participation(_csr(dense), labels, direction=direction)
        z = within_module_z(_csr(dense), labels, direction=direction)
        inside = [tied[i, labels == labels[i]].sum() for i in range(n)]
        for i in range(n):
            shares = [tied[i, labels == m].sum() / (tied[i].sum() or 1) for m in set(labels)]
            expected = 1 - sum(s**2 for s in shares) if tied[i].sum() else 0.0
            assert spread[i] == pytest.approx(expected, abs=1e-12)
            fellows = np.array([inside[j] for j in range(n) if labels[j] == labels[i]])
            if len(set(fellows.tolist())) == 1:
                assert z[i] == 0
            else:
                assert z[i] == pytest.approx((inside[i] - fellows.mean()) / fellows.std())


@relaxed
@given(odd_strengths(least=2), st.randoms(use_true_random=False))
def test_the_order_of_nodes_does_not_matter(dense: Dense, chance: Any) -> None:
    order = list(range(len(dense)))
    chance.shuffle(order)
    moved = dense[np.ix_(order, order)]
    for measure in (
        lambda m: pagerank(m),
        lambda m: betweenness(m, distance="reciprocal", directed=False),
        lambda m: core_numbers(m).astype(np.float64),
        lambda m: strengths(m).total,
    ):
        np.testing.assert_allclose(
            measure(_csr(moved)), measure(_csr(dense))[order], rtol=1e-9, atol=1e-12
        )


@relaxed
@given(odd_strengths(least=2))
def test_lengths_are_short_where_ties_are_strong(dense: Dense) -> None:
    off = dense - np.diag(np.diag(dense))
    lengths = tie_lengths(_csr(dense), "reciprocal").toarray()
    assert ((lengths > 0) == (off > 0)).all()
    np.testing.assert_allclose(lengths[off > 0] * off[off > 0], 1.0)
