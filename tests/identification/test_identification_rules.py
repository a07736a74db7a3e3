"""What must hold for any table: orders, ties, policies, agreement, scores, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from io_tables import croatia
from published_numbers import GERMANY_SECTORS, GERMANY_X, GERMANY_Z
from sklearn.decomposition import PCA
from sklearn.decomposition._factor_analysis import _ortho_rotation

from klaster.algorithms.identification import minimal_flow
from klaster.algorithms.identification.drivers import driver_industries, ward_tree
from klaster.algorithms.identification.industry_clusters import (
    IndustryClusters,
    cluster_numbers,
    components,
)
from klaster.algorithms.identification.links import (
    direct_link_clusters,
)
from klaster.algorithms.identification.method_agreement import agreement, cluster_scores
from klaster.algorithms.identification.methods import (
    IdentificationSettings,
    identify_clusters,
)
from klaster.algorithms.identification.minimal_flow import (
    flow_connections,
    scan_filters,
)
from klaster.algorithms.identification.principal import (
    correlation_of_columns,
    loading_members,
    principal_components,
    varimax,
)
from klaster.algorithms.identification.profiles import feser_bergman
from klaster.algorithms.identification.quotients import (
    location_correlation,
    quotient_interval,
    relatedness,
    shift_share,
)
from klaster.algorithms.identification.regionalisation import QuotientRule, regional_coefficients
from klaster.algorithms.io.system import IOSystem
from klaster.graph.errors import InputError, UnknownNameError

# Shared machines stall: time is no property of these functions.
UNHURRIED = settings(deadline=None, max_examples=50)
FloatArray = npt.NDArray[np.float64]


def flows(least: int = 0, sizes: tuple[int, int] = (3, 8)) -> st.SearchStrategy[FloatArray]:
    return st.integers(*sizes).flatmap(
        lambda n: arrays(np.float64, (n, n), elements=st.integers(least, 500))
    )


def flow_layers(A: FloatArray, f: FloatArray) -> Iterator[FloatArray]:
    """Yield the flows of each round of production, T_k = A diag(Aᵏ f): all rounds make Z."""
    demand = np.asarray(f, dtype=np.float64)
    first = float(A.sum(axis=0) @ demand)
    while float(A.sum(axis=0) @ demand) > 1e-12 * first:
        yield A * demand
        demand = A @ demand


def entropy_of(connection: npt.NDArray[np.int64]) -> float:
    """Return the entropy, in bits, of the kinds of connection over all pairs."""
    kinds = np.bincount(connection[np.triu_indices(len(connection), 1)], minlength=4)
    share = kinds[kinds > 0] / kinds.sum()
    return float(-(share * np.log2(share)).sum())


# -- partitions ----------------------------------------------------------------------------


@UNHURRIED
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12))
def test_clusters_are_numbered_by_size_then_first_industry(labels: list[int]) -> None:
    found = cluster_numbers(labels)
    sizes = np.bincount(found)[1:]
    assert (np.diff(sizes) <= 0).all()
    for k in range(len(sizes) - 1):
        if sizes[k] == sizes[k + 1]:
            assert np.flatnonzero(found == k + 1)[0] < np.flatnonzero(found == k + 2)[0]
    for i in range(len(labels)):
        for j in range(len(labels)):
            assert (found[i] == found[j]) == (labels[i] == labels[j])


@UNHURRIED
@given(arrays(np.bool_, (6, 6)))
def test_components_equal_networkx(ties: npt.NDArray[np.bool_]) -> None:
    graph = nx.Graph()
    graph.add_nodes_from(range(6))
    graph.add_edges_from((int(i), int(j)) for i, j in np.argwhere(ties) if i != j)
    expected = {frozenset(part) for part in nx.connected_components(graph) if len(part) > 1}
    labels = components(ties)
    found = {
        frozenset(np.flatnonzero(labels == c).tolist()) for c in range(1, int(labels.max()) + 1)
    }
    assert found == expected


def test_direct_links_at_and_below_the_threshold() -> None:
    strength = [[0, 0.2, 0], [0, 0, 0.19], [0, 0, 0]]
    assert direct_link_clusters(strength, 0.2).labels.tolist() == [1, 1, 0]
    assert direct_link_clusters(strength, 0.19).labels.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="above zero"):
        direct_link_clusters(strength, 0)


# -- similarity ----------------------------------------------------------------------------


@UNHURRIED
@given(flows(least=1), st.booleans())
def test_similarity_after_clipping_is_a_correlation_matrix(Z: FloatArray, own: bool) -> None:
    found = feser_bergman(Z, own_flows=own)
    assert np.allclose(np.diagonal(found.matrix), 1)
    assert np.array_equal(found.matrix, found.matrix.T)
    assert np.linalg.eigvalsh(found.matrix).min() > -1e-9
    assert (np.abs(found.maximum) <= 1).all()
    assert 0 <= found.clipped < 1


@UNHURRIED
@given(flows(least=1))
def test_similarity_is_the_largest_of_four_correlations(Z: FloatArray) -> None:
    found = feser_bergman(Z, own_flows=True, psd="keep").maximum
    P, S = Z / Z.sum(axis=0), (Z / Z.sum(axis=1, keepdims=True)).T
    n = len(Z)
    r = np.corrcoef(np.hstack([P, S]).T + 0.0) if not _flat(P, S) else None
    if r is None:
        return
    four = [r[:n, :n], r[n:, n:], r[:n, n:], r[n:, :n]]
    expected = np.max(four, axis=0)
    np.fill_diagonal(expected, 1)
    assert np.allclose(found, expected)


def _flat(P: FloatArray, S: FloatArray) -> bool:
    return bool(min(P.std(axis=0).min(), S.std(axis=0).min()) < 1e-9)


def test_own_flows_are_left_out_unless_asked_for() -> None:
    without_diagonal = GERMANY_Z.copy()
    np.fill_diagonal(without_diagonal, 0)
    left_out = feser_bergman(GERMANY_Z).maximum
    assert np.array_equal(left_out, feser_bergman(without_diagonal, own_flows=True).maximum)
    assert not np.allclose(left_out, feser_bergman(GERMANY_Z, own_flows=True).maximum)


def test_negative_eigenvalues_are_refused_on_request() -> None:
    with pytest.raises(ValueError, match="psd='clip'"):
        feser_bergman(GERMANY_Z, own_flows=True, psd="refuse")
    assert feser_bergman(GERMANY_Z, own_flows=True).clipped == pytest.approx(0.2273 / 6, abs=1e-5)


def test_industry_without_sales_is_told() -> None:
    Z = GERMANY_Z.copy()
    Z[0] = 0
    found = feser_bergman(Z)
    assert found.undefined == (0,)
    assert np.isfinite(found.matrix).all()


# -- components ----------------------------------------------------------------------------


def test_components_equal_scikit_learn() -> None:
    Z = np.random.Generator(np.random.PCG64(4)).lognormal(size=(12, 8))
    standardised = (Z - Z.mean(axis=0)) / Z.std(axis=0)
    reference = PCA(3).fit(standardised)
    found = principal_components(correlation_of_columns(Z), count=3)
    assert np.allclose(found.eigenvalues[:3], reference.singular_values_**2 / 12)
    assert found.explained == pytest.approx(reference.explained_variance_ratio_.sum())
    loadings = reference.components_.T * np.sqrt(found.eigenvalues[:3])
    assert np.allclose(np.abs(found.unrotated), np.abs(loadings))


@UNHURRIED
@given(flows(least=1, sizes=(4, 7)))
def test_rotation_keeps_communalities_and_does_not_lower_the_criterion(Z: FloatArray) -> None:
    if (Z.std(axis=0) < 1e-9).any():
        return
    try:
        found = principal_components(correlation_of_columns(Z), count=3)
    except ValueError:
        return  # fewer than three independent columns
    assert np.allclose((found.unrotated**2).sum(axis=1), found.communalities)
    assert np.allclose(found.loadings @ found.loadings.T, found.unrotated @ found.unrotated.T)
    assert (np.diff(found.sums_of_squares) <= 1e-8).all()

    def criterion(L: FloatArray) -> float:
        scaled = L / np.sqrt((L**2).sum(axis=1, keepdims=True))
        return float((scaled**2).var(axis=0).sum())

    assert criterion(found.loadings) >= criterion(found.unrotated) - 1e-9
    rng = np.random.Generator(np.random.PCG64(1))
    for _ in range(5):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        assert criterion(found.loadings) >= criterion(found.loadings @ turn) - 1e-9


def test_rotation_leaves_a_saddle() -> None:
    clean = np.array([[0.9, 0], [0.8, 0], [0, 0.7], [0, 0.6]])
    halfway = clean @ (np.array([[1, -1], [1, 1]]) / np.sqrt(2))
    found = np.abs(varimax(halfway)[0])
    assert np.allclose(np.sort(found, axis=1)[:, 0], 0)


def test_no_rotation_of_a_pair_gains_any_more() -> None:
    """At the optimum the gradient Bᵀ(B³ − B diag(ΣB²)/p) is symmetric: no plane has a slope."""
    rng = np.random.Generator(np.random.PCG64(4))
    for p, k in ((30, 2), (60, 12), (120, 45)):
        L = rng.laplace(size=(p, k)) @ rng.normal(size=(k, k))
        B, R = varimax(L, kaiser=False)
        assert np.allclose(R @ R.T, np.eye(k), atol=1e-12)
        assert np.allclose(L @ R, B, rtol=0, atol=1e-12 * np.abs(L).max())
        gradient = B.T @ (B**3 - B * (B**2).sum(axis=0) / p)
        assert np.abs(gradient - gradient.T).max() < 1e-8 * np.abs(gradient).max()
        # Bends: turning any pair a little, either way, loses.
        simplicity = (B**2).var(axis=0).sum()
        for i, j in rng.choice(k, (20, 2)).tolist():
            if i == j:
                continue
            for angle in (-1e-3, 1e-3):
                turned = B.copy()
                turned[:, i] = np.cos(angle) * B[:, i] + np.sin(angle) * B[:, j]
                turned[:, j] = np.cos(angle) * B[:, j] - np.sin(angle) * B[:, i]
                assert (turned**2).var(axis=0).sum() <= simplicity * (1 + 1e-12)


def test_rotation_equals_that_of_scikit_learn() -> None:
    """Another program for raw varimax (singular values only), run long enough to settle."""
    rng = np.random.Generator(np.random.PCG64(8))
    clean = rng.laplace(size=(80, 6)) * (rng.random((80, 6)) < 0.3)
    L = clean @ np.linalg.qr(rng.normal(size=(6, 6)))[0]
    theirs = _ortho_rotation(L, method="varimax", tol=1e-15, max_iter=20_000).T
    found, _ = varimax(L, kaiser=False)
    match = np.abs(theirs.T @ found).argmax(axis=1)
    assert sorted(match.tolist()) == list(range(6))
    sign = np.sign((theirs * found[:, match]).sum(axis=0))
    assert np.allclose(found[:, match] * sign, theirs, rtol=0, atol=1e-6)


def test_kaiser_guttman_rule_and_limits() -> None:
    R = np.array([[1, 0.9, 0, 0], [0.9, 1, 0, 0], [0, 0, 1, 0.5], [0, 0, 0.5, 1]])
    assert principal_components(R).loadings.shape == (4, 2)
    assert principal_components(np.eye(3)).loadings.shape == (3, 1)
    with pytest.raises(ValueError, match="has 1 to 4"):
        principal_components(R, count=5)
    with pytest.raises(ValueError, match="not symmetric"):
        principal_components([[1, 0.5], [0.2, 1]])


def test_flat_column_is_named() -> None:
    with pytest.raises(InputError, match="column 1"):
        correlation_of_columns([[1, 2, 3], [4, 2, 1]])


def test_thresholds_must_be_in_order() -> None:
    with pytest.raises(ValueError, match="secondary ≤ primary"):
        loading_members([[0.5]], primary=0.3, secondary=0.4)


def test_weak_industry_still_has_a_cluster() -> None:
    found = loading_members([[0.9, 0.0], [0.1, 0.2]])
    assert found.table["membership"].tolist() == ["primary", "weak"]
    assert found.component.tolist() == [1, 2]


# -- minimal flow analysis -----------------------------------------------------------------


@UNHURRIED
@given(flows(least=0, sizes=(2, 6)), st.data())
def test_layers_add_up_and_filters_only_take_away(Z: FloatArray, data: st.DataObject) -> None:
    f = data.draw(arrays(np.float64, len(Z), elements=st.integers(1, 500)))
    # Every column must leave something over too.
    f = f + np.maximum(Z.sum(axis=0) - Z.sum(axis=1), 0)
    A = Z / (Z.sum(axis=1) + f)
    total = sum(flow_layers(A, f), start=np.zeros_like(Z))
    assert np.allclose(total, Z, atol=1e-6 * max(Z.max(), 1))
    levels = [0.0, 1.0, 10.0, 100.0]
    found = [flow_connections(A, f, level) for level in levels]
    for low, high in pairwise(found):
        assert (high.connection <= low.connection).all()
        assert (high.dependence <= low.dependence).all()
    scan = scan_filters(A, f, steps=10)
    if scan.filters[-1] > 0:
        assert (flow_connections(A, f, float(scan.filters[-1])).connection == 3).any()
        above = float(scan.filters[-1]) * (1 + 1e-9) + 1e-12
        sizes = np.concatenate([layer.ravel() for layer in flow_layers(A, f)])
        after = sizes[sizes > above]
        if len(after):
            assert not (flow_connections(A, f, float(after.min())).connection == 3).any()
    assert scan.entropies.max() == pytest.approx(entropy_of(scan.best.connection))


@pytest.mark.parametrize("n", [40, 64, 150])
def test_dependence_equals_boolean_products(n: int) -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    Z = rng.lognormal(0, 3, (n, n))
    x = 2 * np.maximum(Z.sum(axis=0), Z.sum(axis=1))
    A, f = Z / x, x - Z.sum(axis=1)
    level = float(np.quantile(Z, 0.97))
    layers = [layer > level for layer in flow_layers(A, f)]
    chain, depends = layers[0], layers[0].copy()
    for layer in layers[1:]:
        chain = (layer.astype(int) @ chain.astype(int)) > 0
        depends |= chain
    assert np.array_equal(flow_connections(A, f, level).dependence, depends)


def test_halving_and_sorting_find_the_same_last_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.Generator(np.random.PCG64(6))
    for n in (3, 12, 40):
        Z = rng.lognormal(0, 2, (n, n)) * (rng.random((n, n)) < 0.6)
        x = 1.5 * np.maximum(Z.sum(axis=0), Z.sum(axis=1)) + 1
        A, f = Z / x, x - Z.sum(axis=1)
        monkeypatch.setattr(minimal_flow, "_SORTED", 10**9)
        sorted_ = scan_filters(A, f, steps=7)
        monkeypatch.setattr(minimal_flow, "_SORTED", 0)
        halved = scan_filters(A, f, steps=7)
        assert np.array_equal(sorted_.filters, halved.filters)
        # Of all sizes of flows it is the largest at which a pair is connected both ways.
        sizes = np.unique(np.concatenate([layer.ravel() for layer in flow_layers(A, f)]))
        at = int(np.searchsorted(sizes, sorted_.filters[-1]))
        assert sizes[at] == sorted_.filters[-1]
        around = [flow_connections(A, f, float(size)).connection for size in sizes[at : at + 2]]
        assert [bool((connection == 3).any()) for connection in around] == [True, False]


def test_members_of_a_component_name_its_cluster() -> None:
    """Clusters stand by size: of the component with one industry it is the second."""
    found = loading_members([[0.9, 0.1], [0.2, 0.8], [0.4, 0.7], [0, 0.6]])
    table = found.table
    assert found.component.tolist() == [1, 2, 2, 2]
    assert table["component"].tolist() == [1, 2, 1, 2, 2]
    assert table["cluster"].tolist() == [2, 1, 2, 1, 1]
    highest = table[table["highest"]]
    assert highest["cluster"].tolist() == found.clusters.labels.tolist()
    # A component that no industry loads highest on is no cluster.
    lone = loading_members([[0.9, 0.5], [0.8, 0.4]]).table
    assert lone.groupby("component")["cluster"].first().to_dict() == {1: 1, 2: 0}


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ([1, 1, 1, 1], [1, 1, 1, 1], "one cluster"),
        ([1, 1, 1, 1], [1, 1, 2, 2], "one cluster"),
        ([1, 2, 3, 4], [1, 2, 3, 4], "all alone"),
        ([1, 1, 2, 2], [1, 2, 3, 4], "all alone"),
        ([1, 1, 2, 0], [0, 0, 0, 1], "few"),
        # Two clusters, but one only among the industries both place.
        ([1, 1, 2, 2], [1, 2, 0, 0], "one cluster"),
        ([1, 1, 2, 2], [1, 1, 2, 2], ""),
    ],
)
def test_agreement_is_not_read_off_a_convention(
    first: list[int], second: list[int], why: str
) -> None:
    """scikit-learn gives 1 or 0 where the index is 0 / 0; neither is evidence."""
    methods = [IndustryClusters(n, np.array(v)) for n, v in (("a", first), ("b", second))]
    found = agreement(methods)
    assert found.unknown.loc["a", "b"] == found.unknown.loc["b", "a"] == why
    assert np.isnan(found.adjusted_rand.loc["a", "b"]) == bool(why)
    assert found.pairs == (0 if why else 1, 1)
    assert np.isnan(found.mean) == bool(why)


def test_mean_agreement_is_over_pairs_that_have_one() -> None:
    partitions = {"one": [1, 1, 1, 1], "a": [1, 1, 2, 2], "b": [1, 1, 2, 2], "c": [1, 2, 1, 2]}
    found = agreement([IndustryClusters(n, np.array(v)) for n, v in partitions.items()])
    assert found.pairs == (3, 6)
    # a and b agree; c is as far from both as it can be: by the definition −0.5.
    assert found.mean == pytest.approx((1 - 0.5 - 0.5) / 3)


def test_agreement_over_shared_industries() -> None:
    a = IndustryClusters("a", np.array([1, 1, 2, 2, 0]))
    b = IndustryClusters("b", np.array([2, 2, 1, 1, 1]))
    c = IndustryClusters("c", np.zeros(5, dtype=np.int64))
    found = agreement([a, b, c])
    assert found.adjusted_rand.loc["a", "b"] == 1
    assert found.shared.loc["a", "b"] == 4
    # Overlap: industries 0, 1 agree wholly, 2 and 3 in {2, 3} of {2, 3, 4}, 4 in itself of 3.
    assert found.overlap.loc["a", "b"] == pytest.approx((1 + 1 + 2 / 3 + 2 / 3 + 1 / 3) / 5)
    assert np.isnan(found.adjusted_rand.loc["a", "c"])
    assert found.overlap.loc["c", "c"] == 1
    assert found.adjusted_rand.equals(found.adjusted_rand.T)
    with pytest.raises(ValueError, match="a name of its own"):
        agreement([a, a])


@UNHURRIED
@given(
    st.integers(2, 7).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, (n, n), elements=st.floats(-1, 1)),
            arrays(np.int64, n, elements=st.integers(0, 3)),
        )
    )
)
def test_scores_equal_their_definition(drawn: tuple[FloatArray, npt.NDArray[np.int64]]) -> None:
    M, labels = (drawn[0] + drawn[0].T) / 2, drawn[1]
    found = cluster_scores(M, labels)
    for row in found.clusters.itertuples(index=False):
        inside = np.flatnonzero(labels == row.cluster)
        pairs = [M[i, j] for i in inside for j in inside if i != j]
        assert row.size == len(inside)
        if pairs:
            assert row.wcr == pytest.approx(np.mean(pairs), abs=1e-12)
        else:
            assert np.isnan(row.wcr)
        others = [
            np.mean([M[i, j] for i in inside for j in np.flatnonzero(labels == d)])
            for d in sorted(set(labels.tolist()) - {0, row.cluster})
        ]
        if others:
            assert row.bcr == pytest.approx(np.mean(others), abs=1e-12)
            assert row.above_mean == (row.wcr > row.bcr)


@UNHURRIED
@given(
    st.integers(1, 9).flatmap(
        lambda n: st.tuples(*[arrays(np.int64, n, elements=st.integers(0, 3)) for _ in "ab"])
    )
)
def test_overlap_equals_its_definition(
    drawn: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> None:
    a, b = drawn
    found = agreement([IndustryClusters("a", a), IndustryClusters("b", b)]).overlap.loc["a", "b"]

    def company(labels: npt.NDArray[np.int64], i: int) -> set[int]:
        own = labels[i]
        return set(np.flatnonzero(labels == own).tolist()) if own > 0 else {i}

    shares = []
    for i in range(len(a)):
        one, two = company(a, i), company(b, i)
        shares.append(len(one & two) / len(one | two))
    assert found == pytest.approx(np.mean(shares))


def test_industries_pass_by_mean_and_percentile() -> None:
    rng = np.random.Generator(np.random.PCG64(9))
    labels = rng.integers(0, 9, 60)
    M = rng.uniform(-1, 1, (60, 60))
    M = (M + M.T) / 2
    for row in cluster_scores(M, labels).industries.itertuples(index=False):
        i = row.industry
        to = {
            c: np.mean([M[i, j] for j in np.flatnonzero(labels == c) if j != i])
            for c in range(1, 9)
        }
        others = [value for c, value in to.items() if c != labels[i]]
        assert row.cluster == labels[i]
        assert row.wcr == pytest.approx(to[labels[i]], abs=1e-12)
        assert row.bcr == pytest.approx(np.mean(others), abs=1e-12)
        assert row.above_p95 == (to[labels[i]] > np.percentile(others, 95))
        assert row.nearest == max(to, key=lambda c: to[c])


def test_outlier_is_nearest_to_another_cluster() -> None:
    M = np.full((5, 5), 0.1)
    M[:2, :2], M[2:4, 2:4] = 0.9, 0.8
    M[4, 2:4] = M[2:4, 4] = 0.7
    found = cluster_scores(M, [1, 1, 2, 2, 1]).industries
    assert found.loc[4, "nearest"] == 2
    assert not found.loc[4, "above_mean"]
    assert found.loc[:3, "nearest"].tolist() == [1, 1, 2, 2]
    with pytest.raises(ValueError, match="one for each"):
        cluster_scores(M, [1, 1])


# -- all methods ---------------------------------------------------------------------------


def test_all_methods_on_one_table() -> None:
    system = IOSystem.from_flows(GERMANY_Z, GERMANY_X, GERMANY_SECTORS)
    other = IndustryClusters("declared", np.array([1, 1, 1, 2, 2, 2]))
    found = identify_clusters(
        system,
        indicators=np.array([[1, 2], [5, 6], [2, 1], [4, 6], [5, 7], [1, 1]]),
        others=[other],
        settings=IdentificationSettings(driver_groups=2),
    )
    assert list(found.clusters) == [
        "direct links",
        "Czamanski–Ablas",
        "Feser–Bergman",
        "principal components",
        "minimal flow analysis",
        "Ward and discriminant",
        "declared",
    ]
    assert found.skipped == {}
    assert found.agreement.adjusted_rand.shape == (7, 7)
    assert found.table().index.tolist() == list(GERMANY_SECTORS)
    assert (found.summary()["settings"].str.len() > 0).sum() == 6
    assert found.drivers is not None
    assert found.drivers.group.tolist() == [2, 1, 2, 1, 1, 2]


@pytest.mark.shared_data
def test_order_of_a_real_table_does_not_matter() -> None:
    Z, x = croatia()
    names = np.array([f"{k:02}" for k in range(len(x))])
    order = np.random.Generator(np.random.PCG64(7)).permutation(len(x))
    plain = IdentificationSettings(filter_steps=10)
    straight = identify_clusters(IOSystem.from_flows(Z, x, names.tolist()), settings=plain)
    mixed = identify_clusters(
        IOSystem.from_flows(Z[np.ix_(order, order)], x[order], names[order].tolist()),
        settings=plain,
    )
    table = mixed.table().sort_index()
    for name in straight.clusters:
        a, b = straight.table()[name].to_numpy(), table[name].to_numpy()
        assert np.array_equal(a[:, None] == a[None, :], b[:, None] == b[None, :]), name


def test_method_that_cannot_be_applied_says_why() -> None:
    # Imported inputs: rows sell more than the industries make.
    system = IOSystem.from_flows([[1, 8, 2], [4, 1, 4], [5, 2, 1]], [20, 20, 6], list("abc"))
    found = identify_clusters(system)
    assert "negative (-2 for c)" in found.skipped["minimal flow analysis"]
    assert "minimal flow analysis" not in found.clusters


# -- regions -------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["slq", "cilq", "rlq", "flq", "aflq"])
def test_regional_coefficients_never_exceed_the_nation(rule: QuotientRule) -> None:
    A = GERMANY_Z / GERMANY_X
    slq = [0.0, 0.4, 1.0, 1.7, 3.0, 0.9]
    found = regional_coefficients(A, slq, rule=rule, region_share=0.1)
    assert (found <= A + 1e-15).all()
    assert (found[:, 0] == 0).all()  # no buyer
    assert (found[0] == 0).all()  # no seller
    assert np.isfinite(found).all()


def test_augmented_rule_asks_less_of_specialised_buyers() -> None:
    A = np.full((2, 2), 0.3)
    flq = regional_coefficients(A, [0.8, 2.0], rule="flq", region_share=0.1)
    aflq = regional_coefficients(A, [0.8, 2.0], rule="aflq", region_share=0.1)
    assert aflq[0, 1] == pytest.approx(flq[0, 1] * np.log2(3))
    assert aflq[:, 0].tolist() == flq[:, 0].tolist()


def test_bad_regional_arguments() -> None:
    with pytest.raises(ValueError, match="region_share="):
        regional_coefficients([[0.1]], [1.0])
    with pytest.raises(ValueError, match="delta"):
        regional_coefficients([[0.1]], [1.0], region_share=0.1, delta=1.0)
    with pytest.raises(UnknownNameError, match="did you mean 'flq'"):
        regional_coefficients([[0.1]], [1.0], rule="fql")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="give counts"):
        quotient_interval(11, 10, 0.5)
    with pytest.raises(ValueError, match="0 or 1"):
        relatedness([[1.2, 0]])
    with pytest.raises(ValueError, match="count is 5"):
        driver_industries(np.eye(3), 5)
    with pytest.raises(ValueError, match="at least two"):
        ward_tree([[1.0, 2.0]], scaling="none")


@UNHURRIED
@given(flows(least=1), flows(least=0))
def test_shift_share_adds_up(before: FloatArray, after: FloatArray) -> None:
    n = min(len(before), len(after))
    e0, e1 = before[:n, :n], after[:n, :n]
    found = shift_share(e0, e1)
    assert np.allclose(found.national + found.mix + found.competitive, e1 - e0)
    assert np.allclose(found.competitive.sum(axis=0), 0, atol=1e-8)


def test_location_correlation_equals_numpy() -> None:
    e = np.random.Generator(np.random.PCG64(3)).lognormal(size=(16, 5))
    assert np.allclose(location_correlation(e), np.corrcoef(e.T))
