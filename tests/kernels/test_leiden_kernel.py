"""The compiled Leiden against a plain twin, igraph's optimum, and what no partition may be."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import igraph
import networkx as nx
import numpy as np
import pytest
from plain_leiden import SplitMix, plain_leiden
from scipy import sparse
from scipy.sparse import csgraph

from klaster.algorithms.community.leiden import (
    QualityForm,
    bipartite_modularity_form,
    directed_modularity_form,
    modularity_form,
)
from klaster.algorithms.kernels.leiden_kernel import leiden
from klaster.algorithms.kernels.random_numbers import random_state, uniform


def drawn_ties(seed: int, *, self_loops: bool = False) -> sparse.csr_array:
    """Draw a small directed network: sparse or dense, with or without equal weights."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 30))
    cells = rng.random((n, n)) < rng.choice([0.05, 0.15, 0.5])
    if not self_loops:
        np.fill_diagonal(cells, False)
    weights = rng.choice([np.ones((n, n)), rng.lognormal(0, 2, (n, n))])
    return sparse.csr_array(cells * weights)


def arrays_of(form: QualityForm) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    inside = form.inside.copy()
    inside.sort_indices()
    give = np.hstack([form.row_null, form.column_null])
    take = np.hstack([form.column_null, form.row_null])
    return inside, give, take


def by_kernel(form: QualityForm, seed: int, *, rounds: int = 5, temperature: float = 1.0,
              visit_limit: int = 10**9) -> list[int]:  # fmt: skip
    inside, give, take = arrays_of(form)
    labels, quality = leiden(
        inside.indptr.astype(np.int64),
        inside.indices.astype(np.int32),
        inside.data,
        give,
        take,
        np.arange(inside.shape[0], dtype=np.int32),
        rounds,
        temperature,
        visit_limit,
        random_state(seed),
    )
    if inside.nnz:
        assert quality == pytest.approx(form.quality(labels), abs=1e-12)
    return labels.tolist()


FORMS = {
    "undirected": modularity_form,
    "directed": directed_modularity_form,
    "bipartite": bipartite_modularity_form,
    "two layers": lambda ties: modularity_form(ties).plus(
        directed_modularity_form(sparse.csr_array(ties.T), 0.8), 0.5
    ),
}


class TestAgainstThePlainTwin:
    @pytest.mark.parametrize("form_of", FORMS.values(), ids=FORMS)
    @pytest.mark.parametrize("temperature", [0.0, 1.0])
    def test_labels_are_equal(self, form_of, temperature: float) -> None:
        for seed in range(40):
            form = form_of(drawn_ties(seed, self_loops=seed % 3 == 0))
            if form.inside.nnz:
                plain = plain_leiden(*arrays_of(form), rounds=5, temperature=temperature, seed=seed)
                assert by_kernel(form, seed, temperature=temperature) == plain, seed

    def test_random_numbers(self) -> None:
        """The first words of SplitMix64 from 1234567, as published with its C code."""
        published = [6457827717110365317, 3203168211198807973, 9817491932198370423,
                     4593380528125082431, 16408922859458223821]  # fmt: skip
        random = SplitMix(1234567)
        assert [random.word() for _ in published] == published
        state = random_state(1234567)
        assert [uniform(state) for _ in published] == [(w >> 11) * 2.0**-53 for w in published]


class TestQuality:
    @pytest.mark.parametrize(
        ("network", "optimum"),
        [(nx.karate_club_graph(), 0.419790), (nx.florentine_families_graph(), 0.398750)],
        ids=["karate", "florentine"],
    )
    def test_the_optimum_of_small_networks(self, network: nx.Graph, optimum: float) -> None:
        """Optima by igraph's exact search."""
        ties = sparse.csr_array(nx.to_scipy_sparse_array(network, weight=None).astype(float))
        exact = igraph.Graph.from_networkx(network).community_optimal_modularity().modularity
        assert exact == pytest.approx(optimum, abs=1e-6)
        form = modularity_form(ties)
        assert max(form.quality(by_kernel(form, s)) for s in range(20)) == pytest.approx(exact)

    def test_never_worse_than_each_alone_and_whole_communities(self) -> None:
        for seed in range(60):
            form = modularity_form(drawn_ties(seed))
            labels = np.array(by_kernel(form, seed))
            assert form.quality(labels) >= form.quality(np.arange(len(labels))) - 1e-12
            for community in np.unique(labels):
                own = np.flatnonzero(labels == community)
                pieces, _ = csgraph.connected_components(form.inside[own][:, own], directed=False)
                assert pieces == 1

    def test_weights_in_any_unit(self) -> None:
        ties = drawn_ties(3)
        labels = by_kernel(modularity_form(ties), 1)
        for factor in (1e-12, 1e12):
            assert by_kernel(modularity_form(sparse.csr_array(ties * factor)), 1) == labels

    def test_a_bound_on_work_ends_the_search(self) -> None:
        form = modularity_form(drawn_ties(5))
        count = form.inside.shape[0]
        assert by_kernel(form, 1, visit_limit=0) == list(range(count))
        assert form.quality(by_kernel(form, 1, visit_limit=count)) >= form.quality(range(count))

    def test_no_ties_and_no_nodes(self) -> None:
        for count in (0, 1, 4):
            empty = modularity_form(sparse.csr_array((count, count)))
            assert by_kernel(empty, 1) == list(range(count))


def test_threads_change_nothing() -> None:
    forms = [modularity_form(drawn_ties(seed)) for seed in range(40)]
    alone = [by_kernel(form, seed) for seed, form in enumerate(forms)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(by_kernel, forms, range(40))) == alone


@pytest.mark.slow
def test_with_bounds_checked(tmp_path) -> None:
    """Compiled anew so that an index out of bounds is an error; twins and the rest run on that."""
    checked = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly",
         "-m", "not slow", str(os.path.dirname(__file__))],
        env=checked, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
