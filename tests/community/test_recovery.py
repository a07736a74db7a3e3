"""Known communities are found, chance is not taken for them: small here, in full where slow.

The whole study (LFR and planted partitions, 20 networks a point, against igraph too) is
``benchmarks/bench_trust.py``; its numbers are in ``docs/benchmarks.md``.
"""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from klaster.algorithms.analysis.communities import find_communities
from klaster.algorithms.community.affiliation import one_mode_projection
from klaster.algorithms.community.detect import best_partition
from klaster.algorithms.community.engines import ENGINES
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.community.search import Search
from klaster.algorithms.partitions.comparison import adjusted_mutual_information
from klaster.algorithms.partitions.labels import canonical_labels
from klaster.algorithms.trust.ensembles import consensus, ensemble, member_stability
from klaster.algorithms.trust.nulls import degree_preserving_draw
from klaster.algorithms.trust.significance import NullTest, significance
from klaster.graph.model import CSR, IntArray, Layer

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def planted_partition(mixing: float, seed: int, groups: int = 8, size: int = 25) -> CSR:
    inside, outside = 12 * (1 - mixing) / (size - 1), 12 * mixing / (size * (groups - 1))
    graph = nx.planted_partition_graph(groups, size, inside, outside, seed=seed)
    return sparse.csr_array(nx.to_scipy_sparse_array(graph, dtype=np.dtype(float)))


def lfr(mixing: float, seed: int) -> tuple[CSR, IntArray]:
    attempt = 1000 * seed
    while True:
        try:
            graph = nx.LFR_benchmark_graph(
                300, 2.5, 1.5, mixing, average_degree=10, max_degree=40, seed=attempt, max_iters=500
            )
            break
        except nx.ExceededMaxIterations:
            attempt += 1
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    groups = sorted({tuple(sorted(graph.nodes[node]["community"])) for node in graph})
    truth = np.zeros(300, dtype=np.int64)
    for number, members in enumerate(groups):
        truth[list(members)] = number
    matrix = nx.to_scipy_sparse_array(graph, nodelist=range(300), dtype=np.dtype(float))
    return sparse.csr_array(matrix), truth


def differences(networks: list[tuple[CSR, IntArray]], engine: str, runs: int) -> list[float]:
    """Return by how much our default recovers more than one run of another engine."""
    gaps = []
    for seed, (matrix, truth) in enumerate(networks):
        ids = np.array([f"n{k:04d}" for k in range(len(truth))])
        layer = Layer("supply", ids, matrix, "ties", matrix.nnz, 0)
        found = find_communities(layer, Search(seed=seed, runs=runs), NullTest(draws=1))
        tied = np.flatnonzero(np.isin(ids, found.node_ids))
        other = ENGINES[engine](matrix, resolution=1.0, seed=seed)[tied]
        ours = adjusted_mutual_information(found.labels, truth[tied])
        gaps.append(ours - adjusted_mutual_information(other, truth[tied]))
    return gaps


def not_below(gaps: list[float]) -> bool:
    """Tell whether the mean difference is above zero, or below by less than two errors."""
    return np.mean(gaps) >= -2 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


@pytest.mark.parametrize("engine", ["louvain-python", "louvain-networkx"])
def test_recovery_is_not_below_that_of_others(engine: str) -> None:
    truth = np.repeat(np.arange(8), 25)
    networks = [(planted_partition(0.5, seed), truth) for seed in range(5)]
    gaps = differences(networks, engine, runs=10)
    assert not_below(gaps)
    assert np.mean(gaps) > 0.01  # at this mixing Louvain is clearly behind


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mixing", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
@pytest.mark.parametrize("engine", ["louvain-python", "louvain-networkx"])
def test_recovery_over_all_mixings(engine: str, mixing: float) -> None:
    truth = np.repeat(np.arange(8), 25)
    planted = [(planted_partition(mixing, seed), truth) for seed in range(20)]
    uneven = [lfr(mixing, seed) for seed in range(20)]
    assert not_below(differences(planted, engine, runs=30))
    assert not_below(differences(uneven, engine, runs=30))


def p_values(networks: list[CSR], draws: int) -> list[float]:
    return [
        significance(
            ties, best_partition(ties, Search(runs=1)), Search(seed=seed), NullTest(draws=draws)
        ).p_value
        for seed, ties in enumerate(networks)
    ]


def erdos_renyi(seed: int) -> CSR:
    graph = nx.gnm_random_graph(100, 300, seed=seed)
    return sparse.csr_array(nx.to_scipy_sparse_array(graph, dtype=np.dtype(float)))


def rewired(seed: int) -> CSR:
    matrix = planted_partition(0.1, seed, groups=4)
    return degree_preserving_draw(matrix, np.random.Generator(np.random.PCG64(seed)), 20)


def test_chance_is_seldom_taken_for_communities() -> None:
    for make in (erdos_renyi, rewired):
        found = np.array(p_values([make(seed) for seed in range(6)], 19))
        assert np.count_nonzero(found <= 0.05) <= 3  # 4 or more of 6: 1 in 10,000


def test_planted_communities_are_significant() -> None:
    found = p_values([planted_partition(0.4, seed, groups=4) for seed in range(3)], 19)
    assert found == [1 / 20] * 3


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.timeout(1800)
def test_a_hundred_networks_of_each_kind() -> None:
    """At the 1 % level: at least 95 of 100 random ones not significant, 95 of 100 planted are."""
    for make in (erdos_renyi, rewired):
        found = np.array(p_values([make(seed) for seed in range(100)], 99))
        assert np.count_nonzero(found > 0.01) >= 95
        for level in (0.1, 0.25, 0.5, 0.75):
            error = np.sqrt(level * (1 - level) / 100)
            assert abs(np.mean(found <= level) - level) < 3.5 * error
    planted = np.array(
        p_values([planted_partition(0.4, seed, groups=4) for seed in range(100)], 99)
    )
    assert np.count_nonzero(planted <= 0.01) >= 95


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.shared_data
@pytest.mark.timeout(1800)
def test_organisations_of_horizon_2020() -> None:
    """31,665 organisations, 796,670 ties: an ensemble of 20 and its consensus, and no dense
    matrix of all pairs (it would take 8 GB)."""
    import resource

    import pandas as pd

    source = SHARED / "cordis-h2020" / "h2020.csv.gz"
    if not source.exists():
        pytest.skip("reference data of Horizon 2020 is not here")
    parts = pd.read_csv(source, usecols=["rcn", "pic"]).drop_duplicates()
    parts = parts[parts.groupby("rcn")["pic"].transform("size") > 1]
    _, actor = np.unique(parts["pic"].to_numpy(), return_inverse=True)
    _, project = np.unique(parts["rcn"].to_numpy(), return_inverse=True)
    incidence = sparse.csr_array(
        (np.ones(len(actor)), (actor, project)), shape=(actor.max() + 1, project.max() + 1)
    )
    matrix = one_mode_projection(incidence)
    assert (matrix.shape[0], matrix.nnz // 2) == (31_665, 796_670)
    assert matrix.sum() == pytest.approx(incidence.sum())  # each part spends 1 on its partners
    rows = ensemble(matrix, Search(runs=20, workers=2))
    labels = consensus(rows, Search(workers=2), matrix=matrix)
    assert np.array_equal(labels, canonical_labels(labels))
    assert modularity(matrix, labels) > 0.4
    stability = member_stability(rows, labels)
    assert 0.5 < stability.mean() < 1.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3e6  # kB
