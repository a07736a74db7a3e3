"""Partitions against published optima, other programs, and what any engine must hold to."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import networkx as nx
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
    ring_of_cliques,
    two_triangles,
)
from scipy import sparse

from klaster.algorithms.community.detect import best_partition, plan_search, seeds_from
from klaster.algorithms.community.engines import ENGINES, objective_of
from klaster.algorithms.community.exact import all_partitions, exact_partitions
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.community.search import Search
from klaster.algorithms.partitions.labels import canonical_labels
from klaster.algorithms.square_matrix import SelfLoops, checked
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.model import CSR, ClusterGraph, IntArray


class TestModularity:
    @pytest.mark.parametrize(("weighted", "value"), [(False, 0.358235), (True, 0.391438)])
    def test_club_split_of_the_karate_club(self, weighted: bool, value: float) -> None:
        clubs = [club == "Officer" for _, club in nx.karate_club_graph().nodes(data="club")]
        found = modularity(karate(weighted=weighted), np.array(clubs, dtype=int))
        assert found == pytest.approx(value, abs=5e-7)

    def test_ring_of_cliques_has_the_resolution_limit(self) -> None:
        """Fortunato and Barthélemy (2007), doi:10.1073/pnas.0605965104, print .876 and .888."""
        ring = ring_of_cliques(30, 5)
        single = np.repeat(np.arange(30), 5)
        assert modularity(ring, single) == pytest.approx(0.875758, abs=5e-7)
        assert modularity(ring, single // 2) == pytest.approx(0.887879, abs=5e-7)
        finer = best_partition(ring, Search(resolution=4.0))
        assert np.array_equal(finer, canonical_labels(single))
        merged = modularity(ring, best_partition(ring))
        assert 0.8865 < merged <= 0.887879 + 5e-7  # beyond the single cliques: they are merged

    def test_directed_two_triangles(self) -> None:
        halves = [0, 0, 0, 1, 1, 1]
        directed = modularity(two_triangles(), halves, directed=True)
        assert directed == pytest.approx(18 / 49, abs=1e-12)
        assert modularity(two_triangles(), halves) == pytest.approx(0.357143, abs=5e-7)

    def test_example_of_the_graph_data_science_manual(self) -> None:
        """Neo4j GDS manual, modularity metric: 0.293388429752066, by community as below."""
        alice, bridget, charles, doug, mark, michael = range(6)
        links = [
            (alice, bridget, 1),
            (alice, charles, 1),
            (charles, bridget, 1),
            (alice, doug, 5),
            (mark, doug, 1),
            (mark, michael, 1),
            (michael, mark, 1),
        ]
        source, target, weight = zip(*links, strict=True)
        matrix = sparse.coo_array((np.array(weight, float), (source, target)), shape=(6, 6)).tocsr()
        labels = [3, 2, 2, 3, 5, 5]
        assert modularity(matrix, labels) == pytest.approx(0.293388429752066, abs=1e-14)
        assert np.array_equal(
            exact_partitions(matrix)[0], canonical_labels(labels)
        )  # as Louvain finds there
        plain = sparse.csr_array((np.ones(7), (source, target)), shape=(6, 6))
        found = exact_partitions(plain)[0]
        assert modularity(plain, found) == pytest.approx(0.3571428571428571, abs=1e-14)

    def test_no_ties_is_zero(self) -> None:
        assert modularity(sparse.csr_array((3, 3)), [0, 1, 2]) == 0.0
        assert modularity(sparse.csr_array((0, 0)), np.zeros(0, int), directed=True) == 0.0

    def test_self_ties_dropped_or_kept(self) -> None:
        matrix = sparse.csr_array(np.array([[4.0, 1.0], [0.0, 0.0]]))
        assert modularity(matrix, [0, 1]) == pytest.approx(-0.5)
        kept = modularity(matrix, [0, 1], self_loops="keep")
        graph = nx.Graph([(0, 0, {"weight": 4}), (0, 1, {"weight": 1})])
        assert kept == pytest.approx(nx.community.modularity(graph, [{0}, {1}]), abs=1e-12)

    @given(seed=st.integers(0, 2**32), directed=st.booleans(), gamma=st.floats(0.1, 4))
    @settings(max_examples=40, deadline=None)
    def test_equals_networkx(self, seed: int, directed: bool, gamma: float) -> None:
        matrix = random_ties(seed, 9, 25)
        labels = np.random.Generator(np.random.PCG64(seed)).integers(0, 3, 9)
        if directed:
            graph = nx.from_scipy_sparse_array(matrix, create_using=nx.DiGraph)
        else:
            upper = sparse.triu(matrix + matrix.T - sparse.diags_array(matrix.diagonal()))
            graph = nx.from_scipy_sparse_array(sparse.csr_array(upper))
        parts = [set(np.flatnonzero(labels == c).tolist()) for c in np.unique(labels)]
        expected = nx.community.modularity(graph, parts, resolution=gamma)
        found = modularity(matrix, labels, directed=directed, self_loops="keep", resolution=gamma)
        assert found == pytest.approx(expected, abs=1e-12)
        assert modularity(matrix, labels, directed=directed) <= 1.0

    def test_faulty_input_is_named(self) -> None:
        bad = sparse.csr_array(np.array([[0.0, -1.0], [np.nan, 0.0]]))
        with pytest.raises(InputError, match=r"2 faults(.|\n)*\[0, 1\] = -1.0") as caught:
            modularity(bad, [0, 1])
        assert {f.code for f in caught.value.faults} == {"negative-weight", "not-a-number"}
        with pytest.raises(InputError, match="rows and columns must be the same nodes"):
            modularity(sparse.csr_array((2, 3)), [0, 1])
        with pytest.raises(InputError, match="Give 2 integers"):
            modularity(sparse.csr_array((2, 2)), [0.5, 1.0])
        with pytest.raises(UnknownNameError, match="policy of self-loops"):
            modularity(sparse.csr_array((2, 2)), [0, 1], self_loops="halve")  # type: ignore[arg-type]


class TestCanonicalLabels:
    @given(st.lists(st.integers(-5, 5), max_size=12))
    def test_same_partition_same_labels(self, labels: list[int]) -> None:
        canonical = canonical_labels(np.array(labels, dtype=int))
        assert np.array_equal(canonical_labels(canonical), canonical)
        renamed = np.array([7 - 3 * label for label in labels], dtype=int)
        assert np.array_equal(canonical_labels(renamed), canonical)
        for i, j in itertools.combinations(range(len(labels)), 2):
            assert (labels[i] == labels[j]) == (canonical[i] == canonical[j])
        sizes = np.bincount(canonical)
        assert (np.diff(sizes) <= 0).all()
        firsts = [int(np.flatnonzero(canonical == c)[0]) for c in range(len(sizes))]
        for c in range(len(sizes) - 1):
            assert sizes[c] > sizes[c + 1] or firsts[c] < firsts[c + 1]


class TestExact:
    @pytest.mark.parametrize(("nodes", "bell"), [(0, 1), (1, 1), (4, 15), (6, 203), (10, 115975)])
    def test_every_partition_once(self, nodes: int, bell: int) -> None:
        rows = all_partitions(nodes)
        assert rows.shape == (bell, nodes)
        assert len(np.unique(rows, axis=0)) == bell

    def test_germany_with_its_diagonal_has_three_communities(self) -> None:
        matrix = sparse.csr_array(GERMANY)
        best = exact_partitions(matrix, directed=True, self_loops="keep")[0]
        assert best.tolist() == [0, 0, 1, 2, 1, 2]
        found = modularity(matrix, best, directed=True, self_loops="keep")
        assert found == pytest.approx(0.23931711748568665, abs=1e-12)
        every = [
            modularity(matrix, row.astype(int), directed=True, self_loops="keep")
            for row in all_partitions(6)
        ]
        assert len(every) == 203
        assert max(every) == pytest.approx(found, abs=1e-12)

    def test_germany_without_its_diagonal_has_none(self) -> None:
        matrix = sparse.csr_array(GERMANY)
        assert exact_partitions(matrix, directed=True)[0].tolist() == [0] * 6
        every = sorted(
            modularity(matrix, row.astype(int), directed=True) for row in all_partitions(6)
        )
        assert every[-1] == pytest.approx(0.0, abs=1e-12)
        assert every[-2] == pytest.approx(-0.002403, abs=5e-7)

    @pytest.mark.parametrize("self_loops", ["drop", "keep"])
    def test_default_search_of_germany_is_exact_and_directed(self, self_loops: SelfLoops) -> None:
        matrix = sparse.csr_array(GERMANY)
        plan = plan_search(checked(matrix, self_loops=self_loops))
        assert (plan.engine, plan.objective) == ("exact", "directed")
        expected = [0] * 6 if self_loops == "drop" else [0, 0, 1, 2, 1, 2]
        assert best_partition(matrix, Search(self_loops=self_loops)).tolist() == expected

    def test_equal_optima_are_all_returned(self) -> None:
        square = sparse.csr_array(np.roll(np.eye(4), 1, axis=1))
        optima = exact_partitions(square).tolist()
        assert optima == [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0]]

    def test_more_than_ten_nodes_are_refused(self) -> None:
        with pytest.raises(InputError, match="at most 10"):
            exact_partitions(karate())[0]


@pytest.mark.parametrize("name", sorted(ENGINES))
class TestEveryEngine:
    """What each engine must hold to, whatever it does inside."""

    @pytest.fixture
    def find(self, name: str) -> Callable[..., IntArray]:
        def find(matrix: CSR, resolution: float = 1.0, seed: int = 1) -> IntArray:
            return ENGINES[name](matrix, resolution=resolution, seed=seed)

        return find

    def test_valid_canonical_partition(self, find: Callable[..., IntArray]) -> None:
        for seed in range(5):
            matrix = random_ties(seed, 40, 90, loops=False)
            labels = find(matrix, seed=seed)
            assert labels.shape == (40,)
            assert labels.dtype == np.int64
            assert np.array_equal(labels, canonical_labels(labels))
            assert modularity(matrix, labels) > modularity(matrix, np.zeros(40, int))

    def test_near_the_optimum_of_the_karate_club(
        self, name: str, find: Callable[..., IntArray]
    ) -> None:
        if objective_of(name) not in ("undirected", "directed"):
            pytest.skip("it seeks something else than modularity")
        qualities = [modularity(karate(), find(karate(), seed=s)) for s in seeds_from(1, 20)]
        assert 0.41 < max(qualities) <= KARATE_OPTIMUM + 1e-12

    def test_near_the_best_of_all_partitions(
        self, name: str, find: Callable[..., IntArray]
    ) -> None:
        if objective_of(name) != "undirected":
            pytest.skip("it seeks something else than the modularity of W + Wᵀ")
        for seed in range(5):
            matrix = random_ties(seed, 8, 14, loops=False)
            best = modularity(matrix, exact_partitions(matrix)[0])
            found = max(modularity(matrix, find(matrix, seed=s)) for s in range(20))
            assert best - 0.02 <= found <= best + 1e-12

    def test_same_seed_same_labels(self, find: Callable[..., IntArray]) -> None:
        matrix = random_ties(3, 60, 150, loops=False)
        for seed in (0, 1, 2**32 - 1):
            assert np.array_equal(find(matrix, seed=seed), find(matrix, seed=seed))

    def test_order_of_rows_does_not_matter_once_sorted(
        self, name: str, find: Callable[..., IntArray]
    ) -> None:
        """The same ties in another order, put in order by node key, give the same labels."""
        cells = sparse.coo_array(karate())
        order = np.random.Generator(np.random.PCG64(5)).permutation(cells.nnz)
        shuffled = sparse.coo_array(
            (cells.data[order], (cells.row[order], cells.col[order])), shape=cells.shape
        )
        assert np.array_equal(find(sparse.csr_array(shuffled)), find(karate()))
        unsorted = karate()
        unsorted.indices[:16] = unsorted.indices[:16][::-1]  # the first row, back to front
        unsorted.has_sorted_indices = False
        assert np.array_equal(find(unsorted), find(karate()))

    def test_units_do_not_matter(self, find: Callable[..., IntArray]) -> None:
        weighted = karate(weighted=True)
        for scale in (2.0**40, 2.0**-40):
            assert np.array_equal(find(weighted * scale), find(weighted))

    def test_direction_is_discarded_knowingly(
        self, name: str, find: Callable[..., IntArray]
    ) -> None:
        if objective_of(name) == "directed":
            pytest.skip("it heeds direction")
        upper = sparse.csr_array(sparse.triu(karate()))
        assert np.array_equal(find(upper), find(karate()))
        assert np.array_equal(find(sparse.csr_array(upper.T)), find(karate()))

    def test_clear_communities_are_found(self, find: Callable[..., IntArray]) -> None:
        cliques = ring_of_cliques(6, 6)
        assert np.array_equal(find(cliques), np.repeat(np.arange(6), 6))

    def test_weights_count(self, find: Callable[..., IntArray]) -> None:
        heavy = sparse.csr_array(([9.0, 9.0, 1.0, 1.0], ([0, 2, 0, 1], [1, 3, 2, 3])), shape=(4, 4))
        assert find(heavy).tolist() == [0, 0, 1, 1]

    def test_resolution_makes_them_smaller(self, name: str, find: Callable[..., IntArray]) -> None:
        ring = ring_of_cliques(30, 5)
        if name == "map-equation":
            with pytest.raises(InputError, match="has no resolution"):
                find(ring, resolution=4.0)
            return
        assert find(ring, resolution=4.0).max() > find(ring, resolution=1.0).max()

    def test_isolated_nodes_are_alone(self, find: Callable[..., IntArray]) -> None:
        pairs = sparse.csr_array(([1.0, 1.0], ([1, 0], [3, 4])), shape=(6, 6))
        assert find(pairs).tolist() == [0, 1, 2, 1, 0, 3]

    @pytest.mark.parametrize("nodes", [0, 1, 4])
    def test_no_ties(self, find: Callable[..., IntArray], nodes: int) -> None:
        assert find(sparse.csr_array((nodes, nodes))).tolist() == list(range(nodes))

    def test_self_ties_count_or_are_refused(self, name: str, find: Callable[..., IntArray]) -> None:
        """A node whose weight is nearly all with itself stands alone when that counts."""
        triangle = np.ones((3, 3)) - np.eye(3)
        blocks = np.kron(np.eye(2), triangle)
        blocks[2, 3] = 1.0
        blocks[0, 0] = 12.0
        matrix = sparse.csr_array(blocks)
        if name == "leiden-graspologic":
            with pytest.raises(InputError, match="cannot count ties to oneself"):
                find(matrix)
            return
        if objective_of(name) not in ("undirected", "directed"):
            assert sorted(set(find(matrix).tolist())) == list(range(find(matrix).max() + 1))
            return
        best = exact_partitions(matrix, self_loops="keep")[0]
        assert best.tolist() != exact_partitions(matrix, self_loops="drop")[0].tolist()
        best_value = modularity(matrix, best, self_loops="keep")
        found = max(modularity(matrix, find(matrix, seed=s), self_loops="keep") for s in range(10))
        assert found == pytest.approx(best_value, abs=1e-12)


class TestBestPartition:
    def test_optimum_of_the_karate_club(self) -> None:
        labels = best_partition(karate())
        assert modularity(karate(), labels) == pytest.approx(KARATE_OPTIMUM, abs=1e-12)
        parts = tuple(set(np.flatnonzero(labels == c).tolist()) for c in range(4))
        assert parts == KARATE_COMMUNITIES

    def test_weighted_optimum_of_the_karate_club(self) -> None:
        matrix = karate(weighted=True)
        assert modularity(matrix, best_partition(matrix)) == pytest.approx(
            KARATE_OPTIMUM_WEIGHTED, abs=1e-12
        )

    def test_unknown_engine_is_named(self) -> None:
        with pytest.raises(UnknownNameError, match="did you mean 'leiden'"):
            best_partition(karate(), Search(engine="leidn"))
        with pytest.raises(ValueError, match="runs is 0"):
            best_partition(karate(), Search(runs=0))

    @given(seed=st.integers(0, 2**32), more=st.integers(1, 5))
    @settings(max_examples=15, deadline=None)
    def test_more_runs_are_never_worse(self, seed: int, more: int) -> None:
        matrix = random_ties(seed, 30, 60)
        few = modularity(matrix, best_partition(matrix, Search(seed=seed, runs=2)))
        many = modularity(matrix, best_partition(matrix, Search(seed=seed, runs=2 + more)))
        assert many >= few - 1e-12


@pytest.mark.parametrize(
    ("supply", "ownership", "expected"), [(2.0, 1.0, [0, 0, 1, 1]), (1.0, 2.0, [0, 1, 0, 1])]
)
def test_layer_weights_decide_between_two_layers(
    supply: float, ownership: float, expected: list[int]
) -> None:
    """One layer ties 0–1 and 2–3, the other 0–2 and 1–3: the heavier one wins."""
    ends = [("SUPPLIES", 0, 1), ("SUPPLIES", 2, 3), ("OWNS", 0, 2), ("OWNS", 1, 3)]
    graph = ClusterGraph.build(
        nodes=[
            {"id": f"n{k}", "kind": "Actor", "name": f"N{k}", "actor_type": "Firm"}
            | {"sphere": "business"}
            for k in range(4)
        ],
        ties=[
            {"tie_id": f"t{k}", "source_id": f"n{a}", "target_id": f"n{b}", "tie_type": kind}
            | {"evidence": "synthetic", "source": "test"}
            for k, (kind, a, b) in enumerate(ends)
        ],
    )
    layer = graph.joint({"supply": supply, "ownership": ownership})
    for engine in sorted(set(ENGINES) - {"map-equation"}):  # it sees one ring of four
        assert best_partition(layer.matrix, Search(engine=engine)).tolist() == expected
