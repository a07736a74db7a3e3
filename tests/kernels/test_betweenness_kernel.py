"""The compiled dependencies against the block form in plain SciPy, and NetworkX."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from klaster.algorithms.centrality.paths import dependencies as in_blocks
from klaster.algorithms.centrality.paths import tie_lengths
from klaster.algorithms.kernels import betweenness_kernel as kernel


def network(lengths: sparse.csr_array, *, queues: bool = True) -> kernel.Ties:
    """The network as the kernel takes it; with a heap in spite of few lengths if asked."""
    ties = kernel.Ties.of(lengths)
    return ties if queues else replace(ties, kinds=np.zeros(0, np.int8), kind_count=0)


def by_kernel(lengths: sparse.csr_array, sources: np.ndarray, *, queues: bool = True) -> tuple:
    return kernel.dependencies(network(lengths, queues=queues), sources)


def drawn_ties(seed: int) -> sparse.csr_array:
    """Draw a network whose strengths are small whole numbers, so that many paths are equally long."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    ties = rng.integers(1, 6, (n, n)) * (rng.random((n, n)) < rng.choice([0.03, 0.1, 0.4]))
    return sparse.csr_array(ties.astype(float))


@pytest.mark.parametrize(
    ("distance", "directed"),
    [("reciprocal", True), ("reciprocal", False), ("hops", True), ("hops", False),
     ("neg-log-share", True)],
)  # fmt: skip
def test_equal_to_the_block_form(distance, directed: bool) -> None:
    for seed in range(60):
        lengths = tie_lengths(drawn_ties(seed), distance, directed=directed)
        some = np.arange(0, lengths.shape[0], 2)
        each = in_blocks(lengths, some)
        for queues in (True, False):
            total, squares = by_kernel(lengths, some, queues=queues)
            np.testing.assert_allclose(total, each.sum(axis=0), rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(squares, (each**2).sum(axis=0), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("distance", ["reciprocal", "hops"])
def test_lost_ties_change_what_a_new_search_changes(distance) -> None:
    """Sources whose shortest paths went elsewhere keep their dependencies; the sum is the same."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        ties = drawn_ties(seed)
        ties = sparse.csr_array(ties + ties.T)
        ties.setdiag(0)
        ties.eliminate_zeros()
        lengths = tie_lengths(ties, distance, directed=False)
        sources = np.arange(0, lengths.shape[0], 2)
        trace = kernel.Trace.of(network(lengths), sources)
        pairs = sparse.coo_array(sparse.triu(ties, k=1))
        lost = rng.random(pairs.nnz) < rng.choice([0.02, 0.2, 1.0])
        one, other = pairs.row[lost], pairs.col[lost]
        less = ties.tolil()
        for a, b in zip(one.tolist(), other.tolist(), strict=True):
            left = float(rng.choice([0.0, less[a, b] / 2]))  # lost, or weaker
            less[a, b] = less[b, a] = left
        smaller = sparse.csr_array(less)
        smaller.eliminate_zeros()
        new = tie_lengths(smaller, distance, directed=False)
        before = np.array([lengths[a, b] for a, b in zip(one, other, strict=True)])
        found = trace.without(network(new), (one, other), before)
        expected, _ = by_kernel(new, sources)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_equal_to_networkx_where_floats_are_exact() -> None:
    """Lengths that are powers of two add up exactly, so NetworkX counts the same paths."""
    for seed in range(20):
        ties = drawn_ties(seed)
        ties.data = 2.0 ** (ties.data % 3)
        ties.setdiag(0)
        ties.eliminate_zeros()
        lengths = sparse.csr_array(ties.copy())
        graph = nx.from_scipy_sparse_array(lengths, create_using=nx.DiGraph)
        expected = nx.betweenness_centrality(graph, weight="weight", normalized=False)
        total, _ = by_kernel(lengths, np.arange(lengths.shape[0]))
        np.testing.assert_allclose(total, [expected[v] for v in range(lengths.shape[0])], atol=1e-9)


def test_sources_in_parts_and_threads() -> None:
    """The sum of blocks of sources, in the order of blocks, is the same whoever works on them."""
    lengths = tie_lengths(drawn_ties(7), "reciprocal")
    blocks = np.array_split(np.arange(lengths.shape[0]), 5)
    alone = [by_kernel(lengths, block)[0] for block in blocks]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda block: by_kernel(lengths, block)[0], blocks))
    assert all((a == b).all() for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize("distance", ["reciprocal", "hops"])
def test_betweenness_is_the_same_below_and_above_the_size_it_is_compiled_from(
    distance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klaster.algorithms.centrality import betweenness, betweenness_sampled, paths

    for seed in range(20):
        ties = drawn_ties(seed)
        plain = betweenness(ties, distance=distance)
        sampled = betweenness_sampled(ties, distance=distance, sources=10)
        with monkeypatch.context() as smaller:
            smaller.setattr(paths, "COMPILED_FROM", 0)
            np.testing.assert_allclose(betweenness(ties, distance=distance), plain, atol=1e-12)
            again = betweenness_sampled(ties, distance=distance, sources=10)
        np.testing.assert_allclose(again.values, sampled.values, atol=1e-12)
        np.testing.assert_allclose(again.bound, sampled.bound, atol=1e-9)
