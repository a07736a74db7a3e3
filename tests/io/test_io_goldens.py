"""The algebra against published numbers, and against numbers fixed once from the definitions."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from io_tables import shared_file
from published_numbers import (
    GERMANY_TOTAL_USE,
    GERMANY_X,
    GERMANY_Z,
    MILLER_BLAIR_F,
    MILLER_BLAIR_X,
    MILLER_BLAIR_Z,
    PublishedNumber,
    published_numbers,
    report,
)

from klaster.algorithms.io.balancing import ras
from klaster.algorithms.io.chains import average_propagation_lengths, downstreamness, upstreamness
from klaster.algorithms.io.coefficients import allocation_coefficients, input_coefficients
from klaster.algorithms.io.extraction import (
    ExtractionMode,
    extraction_losses,
    hypothetical_extraction,
)
from klaster.algorithms.io.influence import field_of_influence, inverse_change
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse
from klaster.algorithms.io.linkages import linkages
from klaster.algorithms.io.models import inoperability
from klaster.algorithms.io.multipliers import (
    closed_coefficients,
    consumption_closure,
    final_demand_closure,
    multipliers,
)
from klaster.algorithms.io.networks import disparity_filter
from klaster.algorithms.io.random_walk import counting_betweenness, random_walk_centrality

A = MILLER_BLAIR_Z / MILLER_BLAIR_X
L = np.linalg.inv(np.eye(2) - A)


@pytest.mark.parametrize("golden", published_numbers(), ids=lambda golden: golden.key)
def test_published_number(golden: PublishedNumber) -> None:
    """Each golden names its source; the misprint must stay different from what we compute."""
    assert golden.holds(), f"{golden.what}: {golden.compute()} against {golden.published}"


def test_the_misprint_is_recomputed_from_the_published_table() -> None:
    # Row sums of G by another way: the series 1 + B1 + BB1 + …
    B = GERMANY_Z / GERMANY_TOTAL_USE[:, None]
    total = term = np.ones(6)
    for _ in range(200):
        term = B @ term
        total = total + term
    assert total[1] == pytest.approx(1.6910, abs=5e-5)


def test_report_says_how_many_are_reproduced() -> None:
    text = report(published_numbers())
    assert "WRONG" not in text
    assert text.count("differs ") == 1


def test_a_wrong_number_is_reported_as_wrong() -> None:
    good = published_numbers()[0]
    bad = PublishedNumber("x", "x", "x", good.published + 1, good.compute, good.tolerance)
    assert not bad.holds()
    assert report([bad]).startswith("WRONG")
    assert "0 of 1" in report([bad])


def test_ghosh_inverse_of_miller_and_blair() -> None:
    B = allocation_coefficients(MILLER_BLAIR_Z, MILLER_BLAIR_X)
    expected = [[1.254125, 0.660066], [0.132013, 1.122112]]
    assert np.allclose(ghosh_inverse(B).matrix, expected, atol=5e-7, rtol=0)


def test_own_effects_of_germany() -> None:
    inverse = leontief_inverse(input_coefficients(GERMANY_Z, GERMANY_X)).matrix
    expected = [1.0339, 1.4292, 1.0289, 1.1784, 1.4126, 1.0515]
    assert np.allclose(np.diagonal(inverse), expected, atol=5e-5, rtol=0)


def test_households_in_the_system() -> None:
    """Coefficients as remembered from Miller & Blair, section 2.5; the algebra is what is held."""
    closure = consumption_closure([0.30, 0.25], [50, 400], 1000, own_consumption=50)
    closed = leontief_inverse(closed_coefficients(A, closure)).matrix
    expected = [
        [1.365086, 0.425260, 0.250904],
        [0.527323, 1.348076, 0.595365],
        [0.569849, 0.489050, 1.288539],
    ]
    assert np.allclose(closed, expected, atol=6e-7, rtol=0)
    income = multipliers(
        A, [0.30, 0.25], quantity="income", closure=closure, household_direct=closure.own
    )
    assert np.allclose(income.ratio, [1.474147, 1.518152], atol=6e-7, rtol=0)
    assert np.allclose(income.total_ratio, [1.899497, 1.956198], atol=6e-7, rtol=0)
    assert np.allclose(income.total, closed[2, :2])
    assert list(income.table().columns) == [
        "direct",
        "type I",
        "type I ratio",
        "type II",
        "type II ratio",
    ]


def test_households_that_spend_like_final_demand() -> None:
    """The table of MacroEconometricModels.jl: compensation 300 and 1,000; digits of its docs."""
    closure = final_demand_closure([0.3, 0.5], MILLER_BLAIR_F)
    output = multipliers(A, closure=closure)
    assert output.total.tolist() == pytest.approx([3.551155, 4.092409], abs=5e-7)
    income = multipliers(A, [0.3, 0.5], quantity="income", closure=closure)
    assert income.total.tolist() == pytest.approx([1.389, 1.804], abs=5e-4)
    # By the closed system itself: the last row of (I − Ā)⁻¹.
    closed = np.block([[A, (MILLER_BLAIR_F / 2050)[:, None]], [np.array([[0.3, 0.5, 0.0]])]])
    inverse = np.linalg.inv(np.eye(3) - closed)
    assert np.allclose(income.total, inverse[2, :2], rtol=1e-12, atol=0)
    assert np.allclose(output.total, inverse[:2, :2].sum(axis=0), rtol=1e-12, atol=0)


def test_classical_forward_linkages() -> None:
    found = linkages(MILLER_BLAIR_Z, MILLER_BLAIR_X, forward="leontief")
    assert np.allclose(found.backward_index, [1.022222, 0.977778], atol=5e-7, rtol=0)
    assert np.allclose(found.forward_index, [1.066667, 0.933333], atol=5e-7, rtol=0)
    assert "row sums of L" in found.definition


def test_key_and_weak_sectors() -> None:
    found = linkages(MILLER_BLAIR_Z, MILLER_BLAIR_X)
    assert found.sector_class.tolist() == ["key", "weak"]
    assert "row sums of G" in found.definition
    assert np.allclose(found.forward_index, [1.208333, 0.791667], atol=5e-7, rtol=0)


@pytest.mark.parametrize(
    ("mode", "losses"),
    [
        ("complete", [1210.526316, 2588.235294]),
        ("complete_keep_demand", [860.526316, 888.235294]),
        ("backward", [413.157895, 805.882353]),
        ("forward", [786.842105, 388.235294]),
        ("forward_ghosh", [728.947368, 452.941176]),
        ("keep_own_use", [798.761610, 798.761610]),
    ],
)
def test_extraction(mode: ExtractionMode, losses: list[float]) -> None:
    found = hypothetical_extraction(A, MILLER_BLAIR_F, mode=mode)
    assert np.allclose(found.loss, losses, atol=5e-7, rtol=0)
    by_industry = extraction_losses(L, MILLER_BLAIR_X, MILLER_BLAIR_F, mode=mode)
    assert np.allclose(by_industry.sum(axis=0), losses, atol=5e-7, rtol=0)
    assert np.allclose(np.diagonal(by_industry), found.own)


def test_own_output_is_kept_apart_from_the_knock_on() -> None:
    found = hypothetical_extraction(A, MILLER_BLAIR_F)
    assert found.own.tolist() == pytest.approx([1000, 2000])
    assert found.knock_on.tolist() == pytest.approx([210.526316, 588.235294], abs=5e-7)
    assert found.share.tolist() == pytest.approx([0.4035, 0.8627], abs=5e-5)


def test_field_of_influence() -> None:
    expected = [[0.331122, 1.407269], [0.069710, 0.296267]]
    assert np.allclose(field_of_influence(L, 0, 1), expected, atol=6e-7, rtol=0)
    change = inverse_change(L, 0, 1, 0.05)
    expected = [[0.016778, 0.071305], [0.003532, 0.015012]]
    assert np.allclose(change, expected, atol=6e-7, rtol=0)
    changed = A + np.array([[0, 0.05], [0, 0]])
    assert np.allclose(L + change, np.linalg.inv(np.eye(2) - changed))


def test_propagation_lengths() -> None:
    expected = [[1.597017, 1.376238], [1.376238, 1.835697]]
    assert np.allclose(average_propagation_lengths(L), expected, atol=6e-7, rtol=0)


def test_position_in_the_chain() -> None:
    up = upstreamness(MILLER_BLAIR_Z, MILLER_BLAIR_X)
    down = downstreamness(MILLER_BLAIR_Z, MILLER_BLAIR_X)
    assert up.tolist() == pytest.approx([1.914191, 1.254125], abs=5e-7)
    assert down.tolist() == pytest.approx([1.518152, 1.452145], abs=5e-7)


def test_ras() -> None:
    found = ras([[10, 20], [30, 40]], [40, 60], [50, 50]).matrix
    expected = [[17.576507, 22.423493], [32.423493, 27.576507]]
    assert np.allclose(found, expected, atol=6e-7, rtol=0)
    odds = found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0])
    assert odds == pytest.approx(2 / 3, abs=1e-9)


def test_inoperability() -> None:
    B = allocation_coefficients(MILLER_BLAIR_Z, MILLER_BLAIR_X)
    assert inoperability(B, [0.1, 0]).tolist() == pytest.approx([0.125413, 0.013201], abs=6e-7)


def test_recorded_total_of_germany_is_46_too_low() -> None:
    uses = GERMANY_X - GERMANY_Z.sum(axis=1)
    # The published final uses of industry, one by one.
    assert uses[1] == 197_792 + 8_588 + 91_692 + 7_559 + 313_711
    # One of them is recorded 46 too low (the balance of a table finds it: test_iotable_model).
    assert (GERMANY_TOTAL_USE - GERMANY_Z.sum(axis=1) - uses).tolist() == [0, -46, 0, 0, 0, 0]


# -- networks ------------------------------------------------------------------------------


@pytest.fixture
def xtranat() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the example matrix of the R package xtranat (fdepaolis/xtranat)."""
    path = Path(shared_file("fixtures/f6_xtranat_10x10.csv"))
    with path.open(encoding="utf-8", newline="") as file:
        return np.array([[float(cell) for cell in row] for row in csv.reader(file)])


@pytest.mark.shared_data
def test_random_walk_centrality_of_xtranat(
    xtranat: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    """Nodes 1, 2, 5, 6, 8 as in that package's README; the others it gets wrong (no self-loop)."""
    exact = [
        0.15136956,
        0.09906360,
        0.13607004,
        0.12260614,
        0.09468037,
        0.11463330,
        0.10465238,
        0.13681588,
        0.13292732,
        0.09949404,
    ]
    readme_wrong = {
        2: 0.09854315,
        3: 0.09586213,
        6: 0.10890458,
        8: 0.13050876,
        9: 0.12727279,
    }
    found = random_walk_centrality(xtranat).values
    assert np.allclose(found, exact, atol=6e-9, rtol=0)
    for node, value in readme_wrong.items():
        assert abs(found[node] - value) > 1e-3


@pytest.mark.shared_data
def test_counting_betweenness_of_xtranat(
    xtranat: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    """All ten as in that package's README."""
    readme = [
        1.2366382,
        0.9450571,
        1.1395318,
        1.0476340,
        0.9394608,
        1.0749778,
        0.9233395,
        1.2235290,
        1.1248406,
        0.8927518,
    ]
    assert np.allclose(counting_betweenness(xtranat).values, readme, atol=6e-8, rtol=0)


def test_walks_on_the_german_table() -> None:
    sales = [0.018833, 0.366797, 0.118870, 0.138103, 0.137606, 0.106364]
    purchases = [0.017090, 0.192108, 0.074204, 0.112400, 0.288580, 0.058161]
    passages = [0.513349, 7.936992, 1.868215, 2.908311, 3.170398, 2.232138]
    assert np.allclose(random_walk_centrality(GERMANY_Z).values, sales, atol=6e-7, rtol=0)
    by_purchases = random_walk_centrality(GERMANY_Z, direction="purchases").values
    assert np.allclose(by_purchases, purchases, atol=6e-7, rtol=0)
    assert np.allclose(counting_betweenness(GERMANY_Z).values, passages, atol=6e-7, rtol=0)


def test_backbone_of_the_german_table() -> None:
    found = disparity_filter(GERMANY_Z, threshold=0.05)
    kept = [(int(i), int(j)) for i, j in np.argwhere(found.keep)]
    # agriculture → industry → construction, trade → industry, business services → trade
    assert kept == [(0, 1), (1, 2), (3, 1), (4, 3)]


def test_disparity_of_half_the_strength_in_three_ties() -> None:
    star = np.zeros((7, 7))
    star[0, 1:4] = 2, 1, 1
    star[4:, 1] = 2  # so that the buyer's view is weaker than the seller's
    found = disparity_filter(star)
    assert found.significance[0, 1] == pytest.approx((1 - 0.5) ** 2)
    assert found.significance[4, 1] == pytest.approx((1 - 0.25) ** 3)
