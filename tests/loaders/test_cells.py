"""Texts become numbers only where it is sure which number is meant."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klaster.loaders.files.cell_values import (
    Decimal,
    parse_booleans,
    parse_column,
    parse_dates,
    parse_integers,
    parse_lists,
    parse_numbers,
    parse_years,
)
from klaster.loaders.files.grid import SpreadsheetNumber


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        ("-3.5", -3.5),
        ("\u22123.5", -3.5),
        ("+7", 7.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.5E-2", 0.015),
        ("1 234 567.8", 1234567.8),
        ("1\u00a0234", 1234.0),
        ("1\u202f234", 1234.0),
        ("1'234", 1234.0),
        ("1’234’567", 1234567.0),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("12 ₸", 12.0),
        ("₸12", 12.0),
        ("12 тг.", 12.0),
        ("12.5 KZT", 12.5),
        ("5%", 5.0),
    ],
)
def test_numbers_that_are_clear_by_themselves(text: str, value: float) -> None:
    column = parse_numbers([text])
    assert column.values == (value,)
    assert not column.faults


@pytest.mark.parametrize(
    "text",
    ["abc", "1 23", "12 34.5", "1.2.3", "1,2,3", "--1", "0x10", "1_000", "NaN", "inf", "-inf",
     "1e999", "-", "…", "н/д", "١٢", "12 mln", "1,23,456", "1.234,5.6"],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    column = parse_numbers([text, "1.5"])
    assert column.values == (None, 1.5)
    assert [fault.code for fault in column.faults] == ["bad-number"]


def test_what_stands_for_nothing_gets_its_own_remedy() -> None:
    assert "Leave the cell empty" in parse_numbers(["н/д"]).faults[0].remedy


def test_signs_are_noted_and_percentages_kept() -> None:
    column = parse_numbers(["5 %", "7 %", "3 ₸"])
    assert column.values == (5.0, 7.0, 3.0)
    assert column.notes == (
        "the sign % was taken off in 2 cells",
        "the sign ₸ was taken off in 1 cell",
    )


@pytest.mark.parametrize(
    ("cells", "decimal", "separator", "values", "codes"),
    [
        # the whole column uses the comma
        (["1,5", "2,25", "3"], "auto", ";", (1.5, 2.25, 3.0), []),
        (["1,5", "2,25"], "auto", ",", (1.5, 2.25), []),
        (["1 250,5", "0"], "auto", "\t", (1250.5, 0.0), []),
        (["1.234,5", "2,5"], "auto", ";", (1234.5, 2.5), []),
        # a stray comma among points, or among whole numbers of a comma-separated file
        (["1.5", "2,25", "3"], "auto", ",", (1.5, None, 3.0), ["decimal-comma"]),
        (["1.5", "2,25", "3"], "auto", ";", (1.5, None, 3.0), ["decimal-comma"]),
        (["100", "200", "12,5"], "auto", ",", (100.0, 200.0, None), ["decimal-comma"]),
        (["12,5"], "auto", ",", (None,), ["decimal-comma"]),
        # a stray point among commas
        (["1,5", "2,5", "3.5"], "auto", ";", (1.5, 2.5, None), ["decimal-point"]),
        # nothing tells what the comma is
        (["1,234", "5,678"], "auto", ";", (None, None), ["ambiguous-number"] * 2),
        (["1,234", "5,67"], "auto", ";", (1.234, 5.67), []),
        (["1,234", "5,678.9"], "auto", ",", (1234.0, 5678.9), []),
        # declared
        (["1,234", "5,678"], ",", ",", (1.234, 5.678), []),
        (["12,5", "1.5"], ",", ",", (12.5, None), ["decimal-point"]),
        (["12,5", "1.5"], ".", ",", (None, 1.5), ["decimal-comma"]),
        (["1,234", "1.5"], ".", ",", (1234.0, 1.5), []),
    ],
)
def test_decimal_signs(
    cells: list[str],
    decimal: Decimal,
    separator: str,
    values: tuple[float | None, ...],
    codes: list[str],
) -> None:
    column = parse_numbers(cells, decimal=decimal, separator=separator)
    assert column.values == values
    assert [fault.code for fault in column.faults] == codes


def test_a_decimal_comma_is_noted() -> None:
    assert parse_numbers(["1,5", "2,5"]).notes == ("a decimal comma was read in 2 cells",)


def test_numbers_of_a_spreadsheet_do_not_hang_on_the_decimal_sign() -> None:
    cells = [SpreadsheetNumber(1.5), "2,5"]
    assert parse_numbers(cells, decimal=",", separator="").values == (1.5, 2.5)


def test_whole_numbers_years_dates_truth_and_lists() -> None:
    assert parse_integers(["1 000", "2.0", "", "2.5"]).values == (1000, 2, None, None)
    assert parse_integers(["9007199254740993"]).faults[0].code == "bad-number"
    years = parse_years(["2014", "2014 г.", "999", "20145", "2014.5", "soon"])
    assert years.values == (2014, 2014, None, None, None, None)
    assert [fault.position for fault in years.faults] == [2, 3, 4, 5]
    assert parse_dates(["2014-05-31", "31.05.2014", "31.02.2014"]).values == (
        dt.date(2014, 5, 31),
        dt.date(2014, 5, 31),
        None,
    )
    assert parse_booleans(["Да", "no", "maybe"]).values == (True, False, None)
    assert parse_lists(["a; b;a ;"]).values == (["a", "b"],)
    assert parse_column(["x", ""], "text").values == ("x", None)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_written_numbers_come_back(numbers: list[float]) -> None:
    assert parse_numbers([repr(n) for n in numbers]).values == tuple(numbers)


@given(
    st.lists(st.integers(-(10**9), 10**9).map(lambda n: n / 100), min_size=2), st.sampled_from(" '")
)
def test_numbers_written_the_russian_way_come_back(numbers: list[float], space: str) -> None:
    cells = [f"{n:,.2f}".replace(",", space).replace(".", ",") for n in numbers]
    assert parse_numbers(cells, separator=";").values == tuple(numbers)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_every_cell_is_a_value_a_fault_or_empty(cells: list[str]) -> None:
    column = parse_numbers(cells)
    at_fault = {fault.position for fault in column.faults}
    for k, (cell, value) in enumerate(zip(cells, column.values, strict=True)):
        assert (value is None) == (cell == "" or k in at_fault)
        assert value is None or math.isfinite(value)
