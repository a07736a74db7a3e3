"""Tables that cannot be used are refused with the cell and the remedy, all faults together."""

from __future__ import annotations

import numpy as np
import pytest

from klaster.algorithms.io.balancing import NotConvergedError, gras, ras
from klaster.algorithms.io.chains import upstreamness
from klaster.algorithms.io.coefficients import input_coefficients
from klaster.algorithms.io.extraction import extract_group, hypothetical_extraction
from klaster.algorithms.io.influence import inverse_change
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse
from klaster.algorithms.io.linkages import linkages
from klaster.algorithms.io.models import decompose_output_change, domar_weights, inoperability
from klaster.algorithms.io.multipliers import consumption_closure, final_demand_closure
from klaster.algorithms.io.networks import strongest_paths
from klaster.algorithms.io.random_walk import mean_first_passage_times
from klaster.algorithms.io.system import IOSystem
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.io_table import IOTable


def test_all_faults_of_a_table_are_named_together() -> None:
    flows = [[1, np.nan, 2], [-3, 1, 1], [0, 0, 1]]
    with pytest.raises(InputError) as caught:
        IOSystem.from_flows(flows, [10, np.nan, 0], ["coal", "steel", "steel"])
    codes = sorted({fault.code for fault in caught.value.faults})
    assert codes == ["duplicate-label", "flows-without-output", "negative-flow", "not-a-number"]
    text = str(caught.value)
    assert "'coal' to 'steel'" in text
    assert "'steel' to 'coal'" in text
    assert "Fill the cell" in text
    assert "Give its output" in text


def test_output_that_a_table_does_not_give_is_named() -> None:
    table = IOTable(
        "t",
        ("A", "B"),
        ("Farms", "Mines"),
        np.ones((2, 2)),
        np.array([5.0, np.nan]),
        2020,
        "KZT",
        "million KZT",
        "measured",
        "made up",
    )
    with pytest.raises(InputError, match="t::B"):
        IOSystem.from_table(table)


def test_many_bad_cells_are_counted() -> None:
    with pytest.raises(InputError, match="and 6 more cells like these"):
        input_coefficients(-np.ones((5, 5)), np.ones(5))


@pytest.mark.parametrize(
    ("flows", "output"),
    [(np.ones((2, 3)), [1, 1]), (np.ones((2, 2)), [1, 1, 1]), (np.empty((0, 0)), [])],
)
def test_shapes_that_do_not_fit(flows: np.ndarray, output: list[float]) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError) as caught:
        input_coefficients(flows, output)
    assert [fault.code for fault in caught.value.faults] == ["bad-shape"]


@pytest.mark.parametrize(
    "coefficients",
    [
        [[0.6, 0.5], [0.5, 0.6]],  # ρ = 1.1
        [[1.0, 0.0], [0.0, 0.1]],  # singular
        [[0.5, 0.5], [0.5, 0.5]],  # ρ = 1
        [[0.0, 2.0], [2.0, 0.0]],  # ρ = 2, the inverse exists and is negative
    ],
)
def test_an_economy_that_needs_more_than_it_makes(coefficients: list[list[float]]) -> None:
    with pytest.raises(InputError, match=r"columns that add up to 1 or more: 0.*ρ\(A\) = "):
        leontief_inverse(coefficients)
    with pytest.raises(InputError, match=r"rows that add up to 1 or more: 0.*ρ\(B\) = "):
        ghosh_inverse(coefficients)


def test_large_unproductive_economy_is_refused() -> None:
    A = np.full((250, 250), 1.01 / 250)
    with pytest.raises(InputError, match=r"ρ\(A\) = 1\.01"):
        leontief_inverse(A)


def test_a_heavy_column_alone_is_reported_not_refused() -> None:
    found = leontief_inverse([[0.2, 0.7], [0.1, 0.4]])
    assert found.unproductive == (1,)
    assert found.spectral_radius < 1


def test_idle_industry_has_zero_coefficients() -> None:
    A = input_coefficients([[1, 0], [0, 0]], [2, 0])
    assert A.tolist() == [[0.5, 0], [0, 0]]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: linkages([[1]], [2], forward="gosh"), "ghosh"),  # type: ignore[arg-type]
        (lambda: linkages([[1]], [2], depth="totl"), "total"),  # type: ignore[arg-type]
        (lambda: hypothetical_extraction([[0.1]], [1], mode="forwards"), "forward"),  # type: ignore[arg-type]
    ],
)
def test_unknown_choice_names_the_nearest(call: object, word: str) -> None:
    with pytest.raises(UnknownNameError, match=f"did you mean '{word}'"):
        call()  # type: ignore[operator]


def test_money_is_no_share() -> None:
    with pytest.raises(ValueError, match="sales_shares"):
        strongest_paths([[0, 500], [200, 0]])


def test_too_large_a_change_names_the_limit() -> None:
    L = leontief_inverse([[0.15, 0.25], [0.20, 0.05]]).matrix
    with pytest.raises(ValueError, match="must stay below"):
        inverse_change(L, 0, 1, 1 / L[1, 0] + 0.01)


def test_trade_with_the_wrong_sign_is_noticed() -> None:
    with pytest.raises(InputError, match="Check the sign of exports"):
        upstreamness([[1, 2], [3, 1]], [10, 10], exports=[11, 0])


@pytest.mark.parametrize("members", [[], [0, 0], [2], [-1]])
def test_groups_that_are_none(members: list[int]) -> None:
    with pytest.raises(ValueError, match="give each position once"):
        extract_group(np.eye(2), [1, 1], members)


def test_margins_that_differ_and_lines_that_cannot_be_filled() -> None:
    with pytest.raises(InputError) as caught:
        ras([[0, 0], [1, 1]], [5, 6], [4, 4])
    assert sorted(fault.code for fault in caught.value.faults) == [
        "margins-differ",
        "unreachable-total",
    ]
    with pytest.raises(InputError, match="is negative"):
        ras([[1, -1], [1, 1]], [1, 1], [1, 1])
    with pytest.raises(InputError, match="no cell of the sign"):
        gras([[1, 2], [3, 4]], [-1, 5], [2, 2])


def test_zeros_without_a_solution_do_not_end_in_numbers() -> None:
    # Row 0 can deliver to column 0 only, which wants less than row 0 must give.
    with pytest.raises(NotConvergedError, match="still off by"):
        ras([[1, 0], [1, 1]], [6, 4], [5, 5], max_iterations=200)


def test_numbers_out_of_range() -> None:
    with pytest.raises(ValueError, match="above zero"):
        domar_weights([1], 0)
    with pytest.raises(ValueError, match="household income"):
        consumption_closure([0.1], [1], 0)
    with pytest.raises(ValueError, match="final demand adds up to zero"):
        final_demand_closure([0.1], [0])
    with pytest.raises(ValueError, match="shares of output"):
        inoperability([[0.1]], [1.5])
    with pytest.raises(ValueError, match="1 and 2 industries"):
        decompose_output_change([[0.1]], [1], [[0.1, 0], [0, 0.1]], [1, 1])
    with pytest.raises(ValueError, match="largest strongly"):
        mean_first_passage_times([[0, 1], [0, 1]])


def test_margins_that_differ_by_rounding_are_met() -> None:
    found = ras([[10, 20], [30, 40]], [40, 60], [50, 50 * (1 + 1e-9)])
    assert found.iterations < 10
    assert found.margin_error <= 5.1e-8
    for way in (ras, gras):
        with pytest.raises(InputError, match="different sums"):
            way([[10, 20], [30, 40]], [40, 60], [50, 50 * (1 + 1e-8)])
