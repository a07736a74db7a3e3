"""The table itself: views, balance, faults, aggregation, own use, digest."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.industry_codes import code_mapping, division_of, section_of, sections
from klaster.graph.io_table import IMPORTED_INPUTS, OWN_USE, IOTable

# Eurostat Manual of Supply, Use and Input-Output Tables, 2008 (Germany 1995, as in
# rOpenGov/iotables germany_1995): total_final_use of industry is recorded 46 too low there.
GERMANY = np.array(
    [
        [1131, 25480, 1, 607, 710, 762],
        [7930, 304584, 64167, 41082, 11981, 30360],
        [426, 7334, 3875, 5296, 23457, 9155],
        [3559, 72717, 14190, 74399, 10835, 21008],
        [3637, 96115, 31027, 65755, 193176, 34223],
        [1552, 14986, 1747, 11225, 15058, 22070],
    ],
    dtype=float,
)
OUTPUT = np.array([43910, 1079446, 245606, 540063, 692487, 508918], dtype=float)
RECORDED = np.array([43910, 1079400, 245606, 540063, 692487, 508918], dtype=float)
CODES = ("agriculture", "industry", "construction", "trade", "business", "other")


def table(**changes: object) -> IOTable:
    """Miller & Blair 2009, Table 2.3, with value added of what the columns leave."""
    base = IOTable(
        "mb",
        ("A", "B"),
        ("farm", "mill"),
        np.array([[150.0, 500], [200, 100]]),
        np.array([1000.0, 2000]),
        2009,
        "USD",
        "USD",
        "paper",
        "Miller & Blair 2009",
        origin="domestic",
        final_demand=pd.DataFrame({"FD": [350.0, 1700]}, index=["A", "B"]),
        value_added=pd.DataFrame([[650.0, 1400]], index=["VA"], columns=["A", "B"]),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


NOTHING_BESIDE = {"final_demand": pd.DataFrame(), "value_added": pd.DataFrame()}


def codes_of(found: IOTable) -> set[str]:
    return {fault.code for fault in found.faults()}


def test_the_error_recorded_for_germany_1995_is_found_and_nothing_else() -> None:
    germany = IOTable(
        "de", CODES, CODES, GERMANY, OUTPUT, 1995, "EUR", "million EUR", "measured", "Eurostat",
        recorded_totals={"total_final_use": ("total use", RECORDED)},
    )  # fmt: skip
    report = germany.balance()
    (off,) = report.residuals
    assert (off.identity, off.industry, off.residual) == ("total_final_use", "industry", -46.0)
    assert not report.balanced
    assert report.table()["residual"].tolist() == [-46.0]
    assert report.own_use_share == pytest.approx(599235 / 1225617)
    assert set(report.not_checked) == {"row", "column"}


def test_a_balanced_table_says_so_with_its_spectral_radius() -> None:
    report = table().balance()
    assert report.balanced
    assert report.checked == {"row": 0.0, "column": 0.0}
    # eigenvalues of [[.15, .25], [.2, .05]] by the quadratic formula
    assert report.spectral_radius == pytest.approx(0.1 + math.sqrt(0.01 - 0.0075 + 0.05))


def test_a_missing_cell_in_a_total_is_off_not_passed_over() -> None:
    broken = table(flows=np.array([[150.0, np.nan], [200, 100]]))
    assert {r.industry for r in broken.balance().residuals} >= {"A"}
    assert codes_of(broken) == {"missing-cell"}


def test_every_view_keeps_the_books() -> None:
    imported = np.array([[10.0, 20], [5, 40]])
    domestic = table(
        imported_flows=imported,
        value_added=pd.DataFrame([[635.0, 1340]], index=["VA"], columns=["A", "B"]),
    )
    assert domestic.balance().balanced
    total = domestic.view("total")
    assert total.balance().balanced
    assert total.flows.tolist() == [[160, 520], [205, 140]]
    assert IMPORTED_INPUTS in total.final_demand
    back = total.view("domestic")
    assert back.balance().balanced
    assert back.flows.tolist() == domestic.flows.tolist()
    assert list(back.final_demand.columns) == ["FD"]
    assert domestic.view("imported").flows.tolist() == imported.tolist()


def test_imported_flows_that_are_not_known_are_not_made_up() -> None:
    with pytest.raises(InputError, match="with_imported"):
        table().flows_of("total")
    with pytest.raises(UnknownNameError, match="domestic"):
        table().flows_of("domestik")  # type: ignore[arg-type]
    other = table(codes=("B", "A"), final_demand=pd.DataFrame(), value_added=pd.DataFrame())
    with pytest.raises(InputError, match="same order"):
        table().with_imported(other)


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"flows": np.array([[150.0, -5], [200, 100]])}, "negative-flow", "from A to B"),
        ({"flows": np.array([[150.0, np.nan], [200, 100]])}, "missing-cell", "from A to B"),
        ({"output": np.array([0.0, 2000])}, "zero-output", "sells 650 and buys 350"),
        ({"output": np.array([np.nan, 2000])}, "missing-output", "no output given"),
        ({"output": np.array([-1.0, 2000])}, "negative-output", "negative"),
        ({"codes": ("A", "A"), **NOTHING_BESIDE}, "duplicate-label", "given before"),
        ({"output": np.array([200.0, 300])}, "spectral-radius", "A pays 1.75 for inputs"),
    ],
)
def test_what_forbids_the_algebra_is_named_with_cell_and_remedy(
    changes: dict[str, object], code: str, named: str
) -> None:
    (fault, *_) = [f for f in table(**changes).faults() if f.code == code]
    assert named in fault.problem
    assert fault.remedy


def test_a_sound_table_has_no_faults_and_an_idle_industry_is_none() -> None:
    assert table().faults() == ()
    idle = table(flows=np.array([[150.0, 0], [0, 0]]), output=np.array([1000.0, 0]))
    assert idle.faults() == ()
    assert idle.inactive == ("B",)


@given(st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_aggregation_keeps_every_sum(groups: list[int]) -> None:
    germany = IOTable(
        "de", CODES, CODES, GERMANY, OUTPUT, 1995, "EUR", "million EUR", "measured", "Eurostat",
        final_demand=pd.DataFrame({"F": OUTPUT - GERMANY.sum(axis=1)}, index=list(CODES)),
    )  # fmt: skip
    small = germany.aggregate(dict(zip(CODES, map(str, groups), strict=True)))
    assert small.flows.sum() == pytest.approx(GERMANY.sum())
    assert small.output.sum() == pytest.approx(OUTPUT.sum())
    assert small.codes == tuple(sorted({str(g) for g in groups}))
    assert small.balance().balanced
    for code in small.codes:
        inside = [k for k, g in enumerate(groups) if str(g) == code]
        k = small.codes.index(code)
        assert small.flows[k, k] == pytest.approx(GERMANY[np.ix_(inside, inside)].sum())


def test_aggregation_names_every_code_without_a_class() -> None:
    with pytest.raises(InputError) as refused:
        table().aggregate({"A": "x"})
    assert [f.value for f in refused.value.faults] == ["B"]


def test_regions_stay_apart_when_aggregated() -> None:
    regions = table(region=("KAZ", "RUS")).aggregate({"A": "x", "B": "x"})
    assert regions.names == ("KAZ:x", "RUS:x")
    assert regions.flows.tolist() == [[150, 500], [200, 100]]


@pytest.mark.parametrize("policy", ["net", "final_use"])
def test_without_own_use_the_books_still_balance(policy: str) -> None:
    changed = table().without_diagonal(policy)  # type: ignore[arg-type]
    assert np.trace(changed.flows) == 0
    assert changed.balance().balanced
    assert (OWN_USE in changed.final_demand) == (policy == "final_use")
    with pytest.raises(UnknownNameError, match="intra-industry use"):
        table().without_diagonal("drop")  # type: ignore[arg-type]


def test_the_digest_does_not_depend_on_order_but_on_every_amount() -> None:
    one = table()
    turned = IOTable(
        "mb", ("B", "A"), ("mill", "farm"), np.array([[100.0, 200], [500, 150]]),
        np.array([2000.0, 1000]), 2009, "USD", "USD", "paper", "Miller & Blair 2009",
        origin="domestic",
        final_demand=pd.DataFrame({"FD": [1700.0, 350]}, index=["B", "A"]),
        value_added=pd.DataFrame([[1400.0, 650]], index=["VA"], columns=["B", "A"]),
    )  # fmt: skip
    assert one.digest() == turned.digest()
    for changes in (
        {"flows": np.array([[150.0, 501], [200, 100]])},
        {"output": np.array([1000.0, 2001])},
        {"year": 2010},
        {"evidence": "estimated"},
        {"imported_flows": np.zeros((2, 2))},
        {"final_demand": pd.DataFrame({"FD": [350.0, 1701]}, index=["A", "B"])},
    ):
        assert one.digest() != table(**changes).digest(), changes


def test_sections_and_divisions() -> None:
    known = sections()
    assert len(known) == 21
    assert all(name[lang] for name in known.values() for lang in ("en", "ru", "kk"))
    # ISIC Rev. 4, detailed structure: divisions that begin and end sections.
    pairs = {"01": "A", "03": "A", "05": "B", "33": "C", "35": "D", "39": "E", "43": "F", "47": "G",
             "53": "H", "56": "I", "63": "J", "66": "K", "68": "L", "75": "M", "82": "N", "84": "O",
             "85": "P", "88": "Q", "93": "R", "96": "S", "98": "T", "99": "U"}  # fmt: skip
    assert {code: section_of(code) for code in pairs} == pairs
    assert section_of("04") == section_of("34") == section_of("C01") == ""
    assert [division_of(c) for c in ("C24", "CPA_C24", "24.1", "C10T12")] == [
        "24", "24", "24", "C10T12",
    ]  # fmt: skip
    with pytest.raises(InputError) as refused:
        code_mapping(["C24", "c1", "1111A0"])
    assert [f.value for f in refused.value.faults] == ["1111A0", "c1"]
