"""The whole answer for one layer: partition, stability, significance, and the reasons why not."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_networks import (
    GERMANY,
    KARATE_COMMUNITIES,
    KARATE_OPTIMUM,
    KARATE_OPTIMUM_WEIGHTED,
    karate,
    random_ties,
)
from scipy import sparse

from klaster.algorithms.analysis.communities import CommunityResult, find_communities
from klaster.algorithms.community.detect import best_partition
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.community.search import Search
from klaster.algorithms.partitions.labels import canonical_labels
from klaster.algorithms.trust.ensembles import consensus, member_stability
from klaster.algorithms.trust.significance import NullTest
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.model import CSR, ClusterGraph, Layer


def layer_of(matrix: CSR, name: str = "supply") -> Layer:
    ids = np.array([f"n{k:03d}" for k in range(matrix.shape[0])], dtype=np.str_)
    loops = int(np.count_nonzero(matrix.diagonal()))
    return Layer(name, ids, matrix, "ties", int(matrix.nnz), loops)


def digest(result: CommunityResult) -> str:
    state = hashlib.sha256(repr(result.finding).encode())
    for array in (result.labels, result.stability, result.ensemble):
        state.update(array.tobytes())
    state.update("|".join(result.node_ids.tolist()).encode())
    return state.hexdigest()


def test_karate_club() -> None:
    result = find_communities(layer_of(karate()))
    finding = result.finding
    assert finding.modularity == pytest.approx(KARATE_OPTIMUM, abs=1e-12)
    assert finding.modularity_directed == pytest.approx(KARATE_OPTIMUM, abs=1e-12)
    assert (finding.cluster_count, finding.engine) == (4, "leiden-graspologic")
    assert (finding.significant, finding.reason) == (True, "")
    assert finding.p_value < 0.01
    assert (finding.null_model, finding.null_draws) == ("degree-preserving", 200)
    assert (finding.ensemble_size, finding.self_ties) == (100, "dropped")
    assert (finding.layer, finding.kind) == ("supply", "Actor")
    parts = tuple(set(np.flatnonzero(result.labels == c).tolist()) for c in range(4))
    assert parts == KARATE_COMMUNITIES
    assert result.ensemble.shape == (100, 34)
    assert np.array_equal(result.stability, member_stability(result.ensemble, result.labels))


def test_weighted_karate_club() -> None:
    finding = find_communities(layer_of(karate(weighted=True)), test=NullTest(draws=99)).finding
    assert finding.modularity == pytest.approx(KARATE_OPTIMUM_WEIGHTED, abs=1e-12)
    assert finding.p_value == 0.01


def test_germany_without_its_diagonal_has_no_significant_communities() -> None:
    result = find_communities(layer_of(sparse.csr_array(GERMANY), "flows"))
    finding = result.finding
    assert (finding.significant, finding.reason) == (False, "one-community")
    assert (finding.cluster_count, finding.self_ties) == (1, "dropped")
    assert (finding.engine, finding.kind, finding.self_tie_count) == ("exact", "Industry", 6)
    assert finding.modularity_directed == pytest.approx(0.0, abs=1e-12)
    assert (finding.p_value, finding.null_model, finding.null_draws) == (1.0, "none", 0)
    assert math.isnan(finding.null_mean)
    assert result.stability.tolist() == [1.0] * 6


def test_germany_with_its_diagonal_has_three_communities() -> None:
    layer = layer_of(sparse.csr_array(GERMANY), "flows")
    result = find_communities(layer, Search(self_loops="keep", runs=100))
    finding = result.finding
    assert (finding.cluster_count, finding.self_ties) == (3, "kept")
    assert result.labels.tolist() == [0, 0, 1, 2, 1, 2]
    assert finding.modularity_directed == pytest.approx(0.23931711748568665, abs=1e-12)
    assert finding.null_model == "equal-strength"


def test_nodes_without_a_tie_to_another_take_no_part() -> None:
    matrix = sparse.csr_array(([1.0, 1, 1, 1, 1], ([1, 2, 4, 5, 6], [2, 1, 5, 4, 6])), shape=(8, 8))
    result = find_communities(layer_of(matrix), Search(runs=3), NullTest(draws=19))
    assert result.node_ids.tolist() == ["n001", "n002", "n004", "n005"]
    assert result.labels.tolist() == [0, 0, 1, 1]
    finding = result.finding
    assert (finding.node_count, finding.tie_count, finding.self_tie_count) == (4, 5, 1)
    assert (finding.significant, finding.reason) == (False, "not-above-chance")


@pytest.mark.parametrize("nodes", [0, 1, 3])
def test_no_ties(nodes: int) -> None:
    result = find_communities(layer_of(sparse.csr_array((nodes, nodes))))
    assert result.finding.reason == "no-ties"
    assert (result.finding.cluster_count, result.finding.modularity) == (0, 0.0)
    assert len(result.node_ids) == len(result.labels) == len(result.stability) == 0


def test_too_small() -> None:
    finding = find_communities(
        layer_of(sparse.csr_array(np.array([[0.0, 2.0], [0.0, 0.0]])))
    ).finding
    assert (finding.reason, finding.significant, finding.p_value) == ("too-small", False, 1.0)


def test_random_network_is_not_above_chance() -> None:
    finding = find_communities(
        layer_of(random_ties(2, 60, 140, loops=False)), Search(runs=20), NullTest(draws=59)
    ).finding
    assert (finding.significant, finding.reason) == (False, "not-above-chance")
    assert finding.p_value > 0.05
    assert finding.distinct_partitions > 1
    assert finding.mean_ari < 0.9


def test_self_ties_kept_on_a_larger_network_count() -> None:
    matrix = karate()
    heavy = sparse.csr_array(matrix + sparse.diags_array(np.where(np.arange(34) == 33, 80.0, 0.0)))
    kept = find_communities(layer_of(heavy), Search(self_loops="keep", runs=20), NullTest(draws=19))
    assert kept.finding.engine == "leiden-networkit"
    assert np.count_nonzero(kept.labels == kept.labels[33]) < 12
    dropped = find_communities(layer_of(heavy), Search(runs=20), NullTest(draws=19))
    assert dropped.finding.modularity == pytest.approx(KARATE_OPTIMUM, abs=1e-12)


@pytest.mark.parametrize("engine", ["louvain-python", "louvain-networkx", "leiden-networkit"])
def test_reference_engines(engine: str) -> None:
    result = find_communities(
        layer_of(karate()), Search(engine=engine, runs=20), NullTest(draws=19)
    )
    assert result.finding.engine == engine
    assert 0.41 < result.finding.modularity <= KARATE_OPTIMUM + 1e-12
    assert result.finding.significant


@given(seed=st.integers(0, 2**32), nodes=st.integers(2, 16))
@settings(max_examples=15, deadline=None)
def test_every_finding_is_sound(seed: int, nodes: int) -> None:
    matrix = random_ties(seed, nodes, 2 * nodes)
    layer = layer_of(matrix)
    result = find_communities(layer, Search(seed=seed, runs=4), NullTest(draws=19))
    finding = result.finding
    assert np.array_equal(result.labels, canonical_labels(result.labels))
    assert finding.cluster_count == len(set(result.labels.tolist()))
    assert ((result.stability >= 0) & (result.stability <= 1)).all()
    assert 0 < finding.p_value <= 1
    assert finding.significant == (finding.reason == "")
    keep = [int(node[1:]) for node in result.node_ids.tolist()]
    part = sparse.csr_array(matrix[keep][:, keep])
    directed = finding.engine == "exact" and abs(part - part.T).sum() > 0
    assert finding.modularity == pytest.approx(modularity(part, result.labels), abs=1e-12)
    best = max(modularity(part, row, directed=directed) for row in result.ensemble)
    assert modularity(part, result.labels, directed=directed) >= best - 1e-12


def test_order_of_ties_does_not_matter() -> None:
    """The same case with its rows in another order gives the same answer, byte for byte."""
    rng = np.random.Generator(np.random.PCG64(1))
    ends = rng.integers(0, 20, (60, 2)).tolist()
    nodes = [
        {"id": f"a{k:02d}", "kind": "Actor", "name": f"A{k}", "actor_type": "Firm"}
        | {"sphere": "business"}
        for k in range(20)
    ]
    ties = [
        {"tie_id": f"t{k:02d}", "source_id": f"a{a:02d}", "target_id": f"a{b:02d}"}
        | {"tie_type": "SUPPLIES", "evidence": "synthetic", "source": "test"}
        for k, (a, b) in enumerate(ends)
        if a != b
    ]
    digests = set()
    for order_seed in range(3):
        order = np.random.Generator(np.random.PCG64(order_seed))
        graph = ClusterGraph.build(
            nodes=[nodes[k] for k in order.permutation(len(nodes))],
            ties=[ties[k] for k in order.permutation(len(ties))],
        )
        result = find_communities(graph.layer("supply"), Search(runs=10), NullTest(draws=19))
        digests.add(digest(result))
    assert len(digests) == 1


def test_hash_seed_does_not_matter() -> None:
    """Each engine gives the same labels whatever the order in which Python hashes."""
    code = (
        "from reference_networks import random_ties\n"
        "from klaster.algorithms.community.engines import ENGINES\n"
        "ties = random_ties(7, 60, 150, loops=False)\n"
        "for name in sorted(ENGINES):\n"
        "    found = ENGINES[name](ties, resolution=1.0, seed=3)\n"
        "    print(name, found.tolist())\n"
    )
    support = next(path for path in sys.path if path.endswith(os.path.join("tests", "support")))
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": support},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(printed) == 1
    assert printed.pop().count("leiden") == 6


def test_best_is_kept_where_the_consensus_is_worse() -> None:
    """Runs on a random network disagree; the answer is never below the best of them."""
    matrix = random_ties(5, 220, 250, loops=False)
    matrix.data[:] = 1.0
    result = find_communities(layer_of(matrix), Search(runs=30), NullTest(draws=19))
    keep = [int(node[1:]) for node in result.node_ids.tolist()]
    part = sparse.csr_array(matrix[keep][:, keep])
    best = max(modularity(part, row) for row in result.ensemble)
    assert modularity(part, consensus(result.ensemble)) < best - 0.001
    assert result.finding.modularity == pytest.approx(best, abs=1e-12)
    assert result.finding.distinct_partitions > 20
    assert result.stability.mean() < 0.9


def test_progress_reaches_its_end() -> None:
    told: list[tuple[int, int]] = []
    find_communities(
        layer_of(karate()),
        Search(runs=4),
        NullTest(draws=19),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (23, 23)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_faulty_input() -> None:
    bad = sparse.csr_array(np.array([[0.0, -3.0], [1.0, 0.0]]))
    with pytest.raises(InputError, match=r"\[0, 1\] = -3\.0"):
        find_communities(layer_of(bad))
    with pytest.raises(UnknownNameError, match="engine"):
        find_communities(layer_of(karate()), Search(engine="louvain", runs=100))
    with pytest.raises(UnknownNameError, match="null model"):
        find_communities(layer_of(karate()), test=NullTest(model="rewired"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="draws is 0"):
        find_communities(layer_of(karate()), test=NullTest(draws=0))


def test_best_partition_agrees_with_the_finding() -> None:
    result = find_communities(layer_of(karate()), Search(runs=20), NullTest(draws=19))
    assert np.array_equal(result.labels, best_partition(karate()))
