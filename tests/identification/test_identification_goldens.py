"""Methods of identification against published tables, and numbers fixed from the definitions."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from published_numbers import (
    GERMANY_Z,
    KOZLOVA_DENISOVA_LOADINGS,
    TOROJ_REGIONS,
    TOROJ_X,
    TOROJ_Z,
)
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from klaster.algorithms.identification.drivers import discriminant, driver_industries, ward_tree
from klaster.algorithms.identification.links import czamanski_ablas
from klaster.algorithms.identification.minimal_flow import flow_connections
from klaster.algorithms.identification.principal import loading_members, varimax
from klaster.algorithms.identification.profiles import feser_bergman
from klaster.algorithms.identification.quotients import (
    cluster_index,
    coagglomeration,
    location_quotients,
    quotient_interval,
    relatedness,
    relatedness_density,
    shift_share,
)
from klaster.algorithms.identification.regionalisation import regional_coefficients

TABLE_2 = KOZLOVA_DENISOVA_LOADINGS


# -- Kozlova & Denisova 2014, Table 2 ------------------------------------------------------


def test_loadings_are_those_of_the_shipped_case() -> None:
    path = Path(__file__).parents[2] / "cases/kazakhstan/papers/paper_rotated_components.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [[float(row[f"c{k}"]) for k in range(1, 8)] for row in csv.DictReader(file)]
    assert np.array_equal(np.array(rows), TABLE_2)


def test_table_2_explains_88_percent() -> None:
    assert (TABLE_2**2).sum() / 20 == pytest.approx(0.87970, abs=5e-6)
    assert (TABLE_2**2).sum(axis=0).tolist() == pytest.approx(
        [4.266, 4.157, 2.722, 2.136, 1.825, 1.255, 1.232], abs=6e-4
    )


def test_table_2_is_a_fixed_point_of_kaiser_varimax_and_not_of_raw() -> None:
    kaiser, rotation = varimax(TABLE_2)
    assert np.abs(kaiser - TABLE_2).max() < 9e-4
    assert np.allclose(rotation @ rotation.T, np.eye(7))
    assert np.allclose(TABLE_2 @ rotation, kaiser)
    raw, _ = varimax(TABLE_2, kaiser=False)
    assert np.abs(raw - TABLE_2).max() > 0.03


@pytest.mark.parametrize("seed", range(5))
def test_table_2_is_recovered_from_any_rotation(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    turn, _ = np.linalg.qr(rng.normal(size=(7, 7)))
    found, _ = varimax(TABLE_2 @ turn)
    unit = [m / np.linalg.norm(m, axis=0) for m in (TABLE_2, found)]
    congruence = np.abs(unit[0].T @ unit[1])
    assert (congruence.max(axis=0) > 0.9995).all()
    assert sorted(congruence.argmax(axis=0).tolist()) == list(range(7))


def test_clusters_of_table_2() -> None:
    component = loading_members(TABLE_2).component
    groups = {int(c): (np.flatnonzero(component == c) + 1).tolist() for c in range(1, 8)}
    assert groups == {
        1: [4, 12, 15, 19, 20],
        2: [3, 5, 16, 17, 18],  # the mining and metals cluster of East Kazakhstan in the text
        3: [1, 7, 9],
        4: [13, 14],
        5: [6, 11],
        6: [2, 8],
        7: [10],
    }


def test_cross_loadings_of_table_2() -> None:
    found = loading_members(TABLE_2, names=[str(k) for k in range(1, 21)]).table
    second = found[~found["highest"]]
    assert (second["membership"] == "secondary").all()
    pairs = {(row.variable, row.component): row.loading for row in second.itertuples(index=False)}
    assert pairs == {
        ("3", 3): 0.546,
        ("6", 1): 0.474,
        ("8", 3): 0.362,
        ("9", 4): -0.367,
        ("9", 6): 0.351,
        ("15", 5): 0.369,
        ("19", 6): -0.395,
    }
    assert found[found["variable"] == "9"]["opposite"].tolist() == [True, True, False]


# -- links and profiles --------------------------------------------------------------------


def test_strongest_links_of_german_industry() -> None:
    found = czamanski_ablas(GERMANY_Z)
    expected = [0.8881, 0, 0.5579, 0.3697, 0.2267, 0.2582]
    assert np.allclose(found.strength[1], expected, atol=5e-5, rtol=0)
    assert np.array_equal(found.strength, found.strength.T)
    # Agriculture sells 88.8 % of its intermediate sales to industry.
    assert str(found.kind[0, 1]) == "sale of i to j"


def test_profiles_of_germany() -> None:
    found = feser_bergman(GERMANY_Z, own_flows=True, psd="keep")
    assert found.maximum[0, 1] == pytest.approx(0.9770, abs=5e-5)
    assert str(found.kind[0, 1]) == "sales–sales"
    assert found.maximum[2, 4] == pytest.approx(0.9404, abs=5e-5)
    assert str(found.kind[2, 4]) in ("purchase–sales", "sales–purchase")
    expected = [4.7612, 0.8251, 0.4350, 0.1953, 0.0107, -0.2273]
    assert np.allclose(found.eigenvalues, expected, atol=6e-5, rtol=0)


# -- Ward and discriminant -----------------------------------------------------------------


def test_ward_heights() -> None:
    heights = ward_tree([[0], [1], [5], [7], [20]], scaling="none").schedule[:, 2]
    assert heights.tolist() == pytest.approx([1, 2, 7.778175, 21.187260], abs=5e-7)


@pytest.mark.parametrize(("scaling", "sizes"), [("none", [36, 50, 64]), ("z-score", [30, 49, 71])])
def test_ward_on_fishers_flowers(scaling: str, sizes: list[int]) -> None:
    flowers = load_iris()
    groups = ward_tree(flowers.data, scaling=scaling).cut(3)  # type: ignore[arg-type]
    assert sorted(np.bincount(groups)[1:].tolist()) == sizes
    if scaling == "none":
        assert adjusted_rand_score(flowers.target, groups) == pytest.approx(0.7312, abs=5e-5)


def test_discriminant_on_fishers_flowers() -> None:
    flowers = load_iris()
    predicted, probability = discriminant(flowers.data, flowers.target)
    assert (predicted == flowers.target).sum() == 147
    assert ((probability > 0) & (probability <= 1)).all()


def test_drivers_are_the_group_with_the_highest_scores() -> None:
    indicators = np.array([[3, 9, 1], [2.8, 8, 1.2], [1, 1, 4], [1.1, 0, 5], [0.9, 2, 4.5]])
    found = driver_industries(indicators, 2, more_is_better=[True, True, False])
    assert found.group.tolist() == [1, 1, 2, 2, 2]
    assert found.group_scores[0] > found.group_scores[1]
    assert found.table(list("abcde"))["driver"].tolist() == [True, True, False, False, False]
    # Turned round, the others lead.
    turned = driver_industries(indicators, 2, more_is_better=[False, False, True])
    assert turned.group.tolist() == [2, 2, 1, 1, 1]


# -- minimal flow analysis -----------------------------------------------------------------

SMALL_Z = np.array([[10, 40, 5], [5, 20, 60], [2, 3, 8]], dtype=float)
SMALL_F = np.array([45, 115, 187], dtype=float)
SMALL_A = SMALL_Z / (SMALL_Z.sum(axis=1) + SMALL_F)


@pytest.mark.parametrize(
    ("level", "upper"), [(1, (3, 3, 3)), (5, (2, 2, 2)), (20, (2, 1, 2)), (30, (0, 0, 2))]
)
def test_connections_at_filters(level: float, upper: tuple[int, int, int]) -> None:
    H = flow_connections(SMALL_A, SMALL_F, level).connection
    assert (H[0, 1], H[0, 2], H[1, 2]) == upper
    assert np.array_equal(H, H.T)


# -- regions -------------------------------------------------------------------------------


def test_quotients_average_to_one() -> None:
    weights = TOROJ_REGIONS.sum(axis=1) / TOROJ_REGIONS.sum()
    assert np.allclose(weights @ location_quotients(TOROJ_REGIONS), 1)


def test_absence_is_not_a_quotient() -> None:
    found = location_quotients([[1, 0, 2], [3, 0, 4]])
    assert np.isnan(found[:, 1]).all()
    assert not np.isnan(found[:, [0, 2]]).any()


def test_exact_interval_of_a_quotient() -> None:
    found = quotient_interval(70, 100, 100 / 230)
    assert (found.low, found.high) == pytest.approx((1.38043, 1.81147), abs=5e-6)
    assert found.p_value == pytest.approx(7.6e-8, abs=5e-10)


def test_cluster_index_of_litzenberger_and_sternberg() -> None:
    found = cluster_index(1743, 5740, 50, 576, 488, 4621, 35, 53)
    assert found == pytest.approx(21.874911, abs=5e-7)


def test_shift_share_of_farhauer_and_kroell() -> None:
    """Regions and nation of Farhauer & Kröll 2013; the three parts are whole numbers there."""
    nation = [400, 150, 150, 400], [440, 210, 135, 480]
    found = shift_share([[90, 20, 10, 60]], [[100, 40, 10, 55]], *nation)
    parts = [float(part.sum()) for part in (found.national, found.mix, found.competitive)]
    assert parts == pytest.approx([27, 1, -3], abs=1e-9)


def test_flegg_webber_coefficients() -> None:
    A = TOROJ_Z / TOROJ_X
    quotients = location_quotients(TOROJ_REGIONS)
    expected = [
        [[0.4, 0.1, 0.0625], [0.024272, 0.234468, 0.125], [0.007585, 0.026548, 0.076324]],
        [[0.190364, 0.044832, 0.019214], [0.05, 0.285546, 0.076855], [0.05, 0.1, 0.3125]],
    ]
    for slq, output, coefficients in zip(quotients, TOROJ_REGIONS, expected, strict=True):
        share = output.sum() / TOROJ_REGIONS.sum()
        found = regional_coefficients(A, slq, region_share=share, delta=0.25)
        assert np.allclose(found, coefficients, atol=6e-7, rtol=0)


def test_size_factor_of_flegg_and_webber() -> None:
    # An industry as common as in the nation imports only by the size of the region.
    found = [
        regional_coefficients([[1.0]], [1.0], region_share=part, delta=0.25)[0, 0]
        for part in (100 / 230, 130 / 230)
    ]
    assert found == pytest.approx([0.849522, 0.896642], abs=6e-7)


def test_coagglomeration() -> None:
    s = [[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.1, 0.2, 0.7]]
    expected = [
        [0.121212, 0.090909, -0.212121],
        [0.090909, 0.090909, -0.181818],
        [-0.212121, -0.181818, 0.393939],
    ]
    assert np.allclose(coagglomeration(s, [0.4, 0.3, 0.3]), expected, atol=6e-7, rtol=0)


def test_relatedness_and_its_density() -> None:
    M = [[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]
    phi = relatedness(M)
    assert phi[0].tolist() == pytest.approx([0, 2 / 3, 1 / 3])
    assert phi[1, 2] == pytest.approx(2 / 3)
    expected = [[2 / 3, 1 / 2, 1], [1, 1, 1], [1, 1 / 2, 2 / 3], [1 / 3, 1 / 2, 0]]
    assert np.allclose(relatedness_density(M, phi), expected)
