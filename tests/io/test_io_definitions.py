"""Fast formulas against the definitions written out slowly, and against independent programs."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from published_numbers import GERMANY_X, GERMANY_Z
from scipy.optimize import minimize

from klaster.algorithms.io.balancing import gras, ras
from klaster.algorithms.io.chains import average_propagation_lengths, upstreamness
from klaster.algorithms.io.coefficients import (
    allocation_coefficients,
    input_coefficients,
    purchase_shares,
    sales_shares,
)
from klaster.algorithms.io.extraction import (
    EXTRACTION_MODES,
    ExtractionMode,
    extract_group,
    extraction_losses,
    hypothetical_extraction,
)
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse, output_for
from klaster.algorithms.io.linkages import linkages
from klaster.algorithms.io.models import decompose_output_change, price_response
from klaster.algorithms.io.multipliers import multipliers
from klaster.algorithms.io.networks import strongest_paths
from klaster.algorithms.io.random_walk import (
    counting_betweenness,
    mean_first_passage_times,
    random_walk_centrality,
)
from klaster.algorithms.io.system import IOSystem, industry_measures

# Shared machines stall: time is no property of these functions.
UNHURRIED = settings(deadline=None, max_examples=50)
FloatArray = npt.NDArray[np.float64]


@st.composite
def tables(draw: st.DrawFn, zeros: bool = True) -> tuple[FloatArray, FloatArray]:
    """Draw flows and an output that leaves something for final demand in every row and column."""
    n = draw(st.integers(2, 7))
    cell = st.integers(0 if zeros else 1, 1000)
    Z = draw(arrays(np.float64, (n, n), elements=cell))
    rest = draw(arrays(np.float64, n, elements=st.integers(1, 1000)))
    return Z, np.maximum(Z.sum(axis=0), Z.sum(axis=1)) + rest


def extracted_slowly(Z: FloatArray, x: FloatArray, k: int, mode: ExtractionMode) -> FloatArray:
    """Output after extraction, from the definition: change the table, invert anew."""
    A, f = Z / x, x - Z.sum(axis=1)
    if mode == "forward_ghosh":
        B, v = Z / x[:, None], x - Z.sum(axis=0)
        B[k] = 0
        return np.asarray(v @ np.linalg.inv(np.eye(len(x)) - B))
    own = A[k, k]
    if mode != "forward":
        A[:, k] = 0
    if mode != "backward":
        A[k] = 0
    if mode == "keep_own_use":
        A[k, k] = own
    if mode == "complete":
        f[k] = 0
    return np.linalg.solve(np.eye(len(x)) - A, f)


@UNHURRIED
@given(tables(), st.sampled_from(EXTRACTION_MODES))
def test_extraction_equals_one_inversion_for_each_industry(
    table: tuple[FloatArray, FloatArray], mode: ExtractionMode
) -> None:
    Z, x = table
    L = np.linalg.inv(np.eye(len(x)) - Z / x)
    losses = extraction_losses(L, x, x - Z.sum(axis=1), mode=mode)
    found = hypothetical_extraction(Z / x, x - Z.sum(axis=1), mode=mode)
    for k in range(len(x)):
        slow = x - extracted_slowly(Z, x, k, mode)
        assert np.allclose(losses[:, k], slow, atol=1e-8 * x.max(), rtol=1e-8)
        assert found.own[k] == pytest.approx(slow[k], abs=1e-8 * x.max())
        assert found.loss[k] == pytest.approx(slow.sum(), abs=1e-8 * x.sum())


@UNHURRIED
@given(tables(), st.data())
def test_group_extraction_equals_the_smaller_economy(
    table: tuple[FloatArray, FloatArray], data: st.DataObject
) -> None:
    Z, x = table
    n = len(x)
    group = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=n, unique=True))
    rest = [k for k in range(n) if k not in group]
    f = x - Z.sum(axis=1)
    left = np.zeros(n)
    left[rest] = np.linalg.solve(np.eye(len(rest)) - (Z / x)[np.ix_(rest, rest)], f[rest])
    own, knock_on = extract_group(np.linalg.inv(np.eye(n) - Z / x), x, group)
    assert np.allclose(own + knock_on, x - left, atol=1e-8 * x.max())


@UNHURRIED
@given(tables())
def test_identities(table: tuple[FloatArray, FloatArray]) -> None:
    Z, x = table
    A, B = input_coefficients(Z, x), allocation_coefficients(Z, x)
    L, G = leontief_inverse(A), ghosh_inverse(B)
    assert np.allclose(L.matrix @ (x - Z.sum(axis=1)), x)
    assert np.allclose((x - Z.sum(axis=0)) @ G.matrix, x)
    assert np.allclose(G.matrix, L.matrix * x / x[:, None])
    assert np.allclose(price_response(A, 1 - A.sum(axis=0)), 1)
    assert L.spectral_radius == pytest.approx(G.spectral_radius, abs=1e-9)
    assert L.condition == pytest.approx(np.linalg.cond(np.eye(len(x)) - A, 1))
    assert np.allclose(average_propagation_lengths(L.matrix), average_propagation_lengths(G.matrix))


@UNHURRIED
@given(tables(), st.randoms())
def test_order_of_industries_does_not_matter(
    table: tuple[FloatArray, FloatArray], random: object
) -> None:
    Z, x = table
    order = np.random.default_rng(len(x)).permutation(len(x))
    names = [f"i{k}" for k in range(len(x))]
    straight, mixed = (
        industry_measures(system, linkages=system.linkages(), extraction=system.extraction())
        for system in (
            IOSystem.from_flows(Z, x, names),
            IOSystem.from_flows(Z[np.ix_(order, order)], x[order], [names[k] for k in order]),
        )
    )
    numbers = straight.select_dtypes("number").columns
    same = mixed.loc[straight.index, numbers]
    circulating = [
        c for c in numbers if c not in ("random_walk_centrality", "counting_betweenness")
    ]
    # Of two largest circulations of one size the first is taken: that may depend on order.
    assert np.allclose(straight[circulating], same[circulating], equal_nan=True)
    if straight["random_walk_centrality"].notna().all():
        assert np.allclose(straight[numbers], same, equal_nan=True)


def test_spectral_radius_by_arnoldi_equals_all_eigenvalues() -> None:
    A = np.random.default_rng(3).random((300, 300))
    A *= 0.9 / A.sum(axis=0)
    A[:, 5] = 0
    found = leontief_inverse(A).spectral_radius
    assert found == pytest.approx(np.abs(np.linalg.eigvals(A)).max(), abs=1e-10)


def test_spectral_radius_of_chains_and_circles() -> None:
    chain = np.diag(np.full(299, 0.9), 1)  # nothing comes back: all eigenvalues are 0
    assert leontief_inverse(chain).spectral_radius == 0
    circle = chain.copy()
    circle[-1, 0] = 0.9
    assert leontief_inverse(circle).spectral_radius == pytest.approx(0.9, abs=1e-9)
    own_use = chain + np.diag(np.full(300, 0.05))
    assert leontief_inverse(own_use).spectral_radius == pytest.approx(0.05, abs=1e-12)


def test_linkages_leave_idle_industries_out() -> None:
    Z, x = np.zeros((3, 3)), np.array([1000.0, 0.0, 2000.0])
    Z[np.ix_([0, 2], [0, 2])] = [[150, 500], [200, 100]]
    found = linkages(Z, x)
    assert found.active_count == 2
    assert found.backward_index[[0, 2]].tolist() == pytest.approx([1.022222, 0.977778], abs=1e-6)
    assert np.isnan(found.backward_index[1])
    assert found.sector_class.tolist() == ["key", "", "weak"]


def test_spread_has_n_minus_1() -> None:
    L = leontief_inverse(GERMANY_Z / GERMANY_X).matrix
    found = linkages(GERMANY_Z, GERMANY_X, forward="leontief")
    assert np.allclose(found.backward_spread, L.std(axis=0, ddof=1) / L.mean(axis=0))
    assert np.allclose(found.forward_spread, L.std(axis=1, ddof=1) / L.mean(axis=1))


def test_direct_linkages_are_sums_of_coefficients() -> None:
    found = linkages(GERMANY_Z, GERMANY_X, depth="direct")
    assert np.allclose(found.backward, (GERMANY_Z / GERMANY_X).sum(axis=0))
    assert np.allclose(found.forward, (GERMANY_Z / GERMANY_X[:, None]).sum(axis=1))


def test_ratio_is_undefined_where_there_is_nothing_to_multiply() -> None:
    found = multipliers(GERMANY_Z / GERMANY_X, [0, 0.1, 0.1, 0.1, 0.1, 0.1])
    assert np.isnan(found.ratio[0])
    assert not np.isnan(found.ratio[1:]).any()


@UNHURRIED
@given(tables(), st.floats(0.05, 0.6))
def test_exporting_part_of_every_use_leaves_upstreamness(
    table: tuple[FloatArray, FloatArray], part: float
) -> None:
    """The sign of trade: cut a region that uses goods as the rest does out of a closed economy."""
    Z, x = table
    closed = upstreamness(Z, x)
    exports = part * x
    assert np.allclose(upstreamness((1 - part) * Z, x, exports=exports), closed)
    assert np.allclose(upstreamness(Z, x, exports=exports, imports=exports), closed)
    with_wrong_sign = upstreamness((1 - part) * Z, x, imports=exports)
    assert (with_wrong_sign <= closed + 1e-12).all()


@UNHURRIED
@given(tables())
def test_upstreamness_is_one_for_final_goods_only(table: tuple[FloatArray, FloatArray]) -> None:
    Z, x = table
    Z[0] = 0
    found = upstreamness(Z, x)
    assert found[0] == pytest.approx(1)
    assert (found >= 1 - 1e-12).all()


@UNHURRIED
@given(tables(), tables())
def test_decomposition_adds_up(
    before: tuple[FloatArray, FloatArray], after: tuple[FloatArray, FloatArray]
) -> None:
    n = min(len(before[1]), len(after[1]))
    (Z0, x0), (Z1, x1) = ((Z[:n, :n], x[:n]) for Z, x in (before, after))
    f0, f1 = x0 - Z0.sum(axis=1), x1 - Z1.sum(axis=1)
    found = decompose_output_change(Z0 / x0, f0, Z1 / x1, f1)
    assert np.allclose(found.total, x1 - x0, atol=1e-8 * max(x0.max(), x1.max()))


def test_several_scenarios_at_once() -> None:
    A = GERMANY_Z / GERMANY_X
    demand = np.eye(6)[:, :2]
    assert np.allclose(output_for(A, demand), np.linalg.inv(np.eye(6) - A)[:, :2])


# -- balancing -----------------------------------------------------------------------------


@UNHURRIED
@given(tables(zeros=False), tables(zeros=False))
def test_ras_meets_margins_and_keeps_odds(
    table: tuple[FloatArray, FloatArray], target: tuple[FloatArray, FloatArray]
) -> None:
    n = min(len(table[1]), len(target[1]))
    X, T = table[0][:n, :n], target[0][:n, :n]
    found = ras(X, T.sum(axis=1), T.sum(axis=0))
    assert np.allclose(found.matrix.sum(axis=1), T.sum(axis=1))
    assert np.allclose(found.matrix.sum(axis=0), T.sum(axis=0))
    old, new = np.log(X), np.log(found.matrix)
    odds = [m[0, 0] - m[0, 1] - m[1, 0] + m[1, 1] for m in (old, new)]
    assert odds[0] == pytest.approx(odds[1], abs=1e-6)


def test_gras_without_negative_cells_is_ras() -> None:
    margins = [40.0, 60.0], [50.0, 50.0]
    assert np.allclose(
        gras([[10, 20], [30, 40]], *margins).matrix, ras([[10, 20], [30, 40]], *margins).matrix
    )


def test_gras_is_the_optimum_of_its_objective() -> None:
    """Junius & Oosterhaven 2003 set out this table; the judge is SciPy's general optimiser.

    Over ratios z of new to old cells: minimise Σ|x| (z ln z − z + 1) under the margins.
    """
    X = np.array([[7, 3, 5, -3], [2, 9, 8, 1], [-2, 0, 2, 1]], dtype=float)
    u, v = np.array([15.0, 26, -1]), np.array([9.0, 16, 17, -2])
    cells = np.argwhere(X != 0)
    x = X[X != 0]
    rows = np.stack([(cells[:, 0] == i) * x for i in range(3)])
    columns = np.stack([(cells[:, 1] == j) * x for j in range(3)])  # the fourth follows
    solution = minimize(
        lambda z: float(np.abs(x) @ (z * np.log(z) - z + 1)),
        np.ones(len(x)),
        jac=lambda z: np.abs(x) * np.log(z),
        bounds=[(1e-9, None)] * len(x),
        constraints=[
            {"type": "eq", "fun": lambda z: rows @ z - u, "jac": lambda z: rows},
            {"type": "eq", "fun": lambda z: columns @ z - v[:3], "jac": lambda z: columns},
        ],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert solution.success
    found = gras(X, u, v)
    expected = np.zeros_like(X)
    expected[X != 0] = solution.x * x
    assert np.allclose(found.matrix, expected, atol=1e-5)
    assert (np.sign(found.matrix) == np.sign(X)).all()


def test_gras_handles_a_line_of_negative_cells() -> None:
    found = gras([[-4, -6], [10, 20]], [-5, 35], [8, 22])
    assert np.allclose(found.matrix.sum(axis=1), [-5, 35])
    assert np.allclose(found.matrix.sum(axis=0), [8, 22])


# -- walks ---------------------------------------------------------------------------------


def passage_times_slowly(Z: FloatArray) -> FloatArray:
    """One linear system for each target."""
    n = len(Z)
    P = Z / Z.sum(axis=1, keepdims=True)
    H = np.zeros((n, n))
    for t in range(n):
        rest = [k for k in range(n) if k != t]
        H[rest, t] = np.linalg.solve(np.eye(n - 1) - P[np.ix_(rest, rest)], np.ones(n - 1))
    return H


def passages_slowly(Z: FloatArray) -> FloatArray:
    """Counting betweenness from its definition, source by source and target by target."""
    n = len(Z)
    P = Z / Z.sum(axis=1, keepdims=True)
    total = np.zeros(n)
    for t in range(n):
        rest = [k for k in range(n) if k != t]
        V = np.linalg.inv(np.eye(n - 1) - P[np.ix_(rest, rest)])
        for s in range(n - 1):
            N = np.diag(V[s]) @ P[np.ix_(rest, rest)]
            both = (N + N.T) / 2
            total[rest] += (both.sum(axis=0) + both.sum(axis=1)) / 2
            # Passages to the target and out of the source do not stay among the others.
            leaving = V[s] * P[rest, t]
            assert leaving.sum() == pytest.approx(1)
    return (total + 2 * (n - 1)) / (n * (n - 1))


@UNHURRIED
@given(tables(zeros=False))
def test_walks_equal_their_definitions(table: tuple[FloatArray, FloatArray]) -> None:
    Z, _ = table
    slow = passage_times_slowly(Z)
    assert np.allclose(mean_first_passage_times(Z), slow, rtol=1e-8)
    assert np.allclose(random_walk_centrality(Z).values, len(Z) / slow.sum(axis=0))
    assert np.allclose(counting_betweenness(Z).values, passages_slowly(Z), rtol=1e-8)


def test_walk_leaves_out_what_does_not_circulate() -> None:
    Z = np.zeros((4, 4))
    Z[:3, :3] = [[1, 5, 2], [4, 0, 1], [3, 3, 2]]
    Z[0, 3] = 7  # sells to a final assembler that sells to none
    found = random_walk_centrality(Z)
    assert found.left_out == (3,)
    assert np.isnan(found.values[3])
    assert np.allclose(found.values[:3], random_walk_centrality(Z[:3, :3]).values)


def test_no_circulation_gives_no_centrality() -> None:
    chain = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=float)
    assert np.isnan(random_walk_centrality(chain).values).all()
    assert np.isnan(counting_betweenness(chain).values).all()


# -- paths and nulls -----------------------------------------------------------------------


@UNHURRIED
@given(tables())
def test_strongest_paths_equal_networkx(table: tuple[FloatArray, FloatArray]) -> None:
    shares = sales_shares(table[0])
    found = strongest_paths(shares)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(shares)))
    for i, j in np.argwhere(shares > 0).tolist():
        graph.add_edge(i, j, distance=max(-np.log(shares[i, j]), 0.0))
    for source, lengths in nx.all_pairs_dijkstra_path_length(graph, weight="distance"):
        for target in range(len(shares)):
            if target not in lengths:
                assert found.strength[source, target] == 0
                assert found.path(source, target) == []
                continue
            strength = found.strength[source, target]
            assert strength == pytest.approx(np.exp(-lengths[target]))
            steps = found.path(source, target)
            assert steps[0] == source
            assert steps[-1] == target
            product = np.prod([shares[a, b] for a, b in pairwise(steps)])
            assert product == pytest.approx(strength)


def test_a_whole_share_is_a_tie() -> None:
    found = strongest_paths([[0, 1.0, 0], [0, 0, 0.5], [0, 0, 0]], sources=[0])
    assert found.path(0, 2) == [0, 1, 2]
    assert found.strength[0].tolist() == pytest.approx([1, 1, 0.5])


@UNHURRIED
@given(tables())
def test_shares_add_up_to_one_or_to_nothing(table: tuple[FloatArray, FloatArray]) -> None:
    Z, _ = table
    sums = purchase_shares(Z).sum(axis=0)
    assert np.allclose(sums, (Z.sum(axis=0) > 0).astype(float))
