"""Faults found in the tables, each held by a test that fails on the code that had it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import klaster
from klaster.algorithms.io.system import IOSystem
from klaster.cli.main import app
from klaster.graph.errors import InputError
from klaster.pipeline import as_case


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    """The folder of ``klaster new``, its final use of industry A 15 above what output leaves."""
    klaster.new_case(tmp_path / "valley")
    table = tmp_path / "valley" / "table.csv"
    text = table.read_text(encoding="utf-8")
    assert ",45,100" in text
    table.write_text(text.replace(",45,100", ",60,100"), encoding="utf-8")
    return tmp_path / "valley"


def by_definition(valley: Path) -> Path:
    """The same, where the case says that final uses are what output leaves."""
    case = valley / "case.toml"
    text = case.read_text(encoding="utf-8")
    case.write_text(
        text.replace("[inputs.table]", '[inputs.table]\nby_definition = ["row"]', 1),
        encoding="utf-8",
    )
    return valley


NOT_CHECKED = "not checked: row (final uses were computed as output less intermediate use)"


def test_check_and_io_say_the_same_of_what_holds_by_definition(valley: Path) -> None:
    folder = by_definition(valley)
    checked = CliRunner().invoke(app, ["check", str(folder), "--strict"])
    assert checked.exit_code == 0, checked.output
    assert NOT_CHECKED in " ".join(checked.output.split())
    assert "Warnings: 0" in checked.output
    told = CliRunner().invoke(app, ["io", str(folder), "--out", str(folder.parent / "out")])
    assert told.exit_code == 0
    assert NOT_CHECKED in " ".join(told.output.split())


def test_check_and_io_find_the_same_total_off(valley: Path) -> None:
    checked = CliRunner().invoke(app, ["check", str(valley)])
    assert "A: intermediate and final uses are 15 more than output (given: '100')" in (
        " ".join(checked.output.split())
    )
    told = CliRunner().invoke(app, ["io", str(valley), "--out", str(valley.parent / "out")])
    assert (
        "off: A Agriculture: intermediate and final uses are 15 more than output (100)"
        in " ".join(told.output.split())
    )


FLOWS = pd.DataFrame([[150, 500], [200, 100]], index=["farm", "mill"], columns=["farm", "mill"])


def frame(**given: object) -> klaster.IOTable:
    """Miller and Blair's table of two industries (output 1000 and 2000), as a user has it."""
    return klaster.IOTable.from_frame(FLOWS, **({"final_demand": [350, 1700]} | given))  # type: ignore[arg-type]


class TestParts:
    def test_a_part_that_is_not_asked_for_is_not_computed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def never(*_: object, **__: object) -> None:
            raise AssertionError("it was computed")

        monkeypatch.setattr(IOSystem, "extraction", never)
        monkeypatch.setattr(IOSystem, "linkages", never)
        found = klaster.analyze_table(frame(), parts=["multipliers"])
        assert found.multipliers is not None
        assert (found.linkages, found.extraction, found.identification) == (None, None, None)
        assert "sector_class" not in found.industries

    def test_only_writes_what_was_asked_for(self, valley: Path) -> None:
        out = valley.parent / "out"
        told = CliRunner().invoke(app, ["io", str(valley), "--only", "linkages", "--out", str(out)])
        assert told.exit_code == 0, told.output
        names = {path.name for path in out.iterdir()}
        assert names == {"balance.csv", "industries.csv", "io.html", "linkages.csv", "run.json"}


class TestFromFrame:
    def test_columns_in_another_order_are_the_same_table(self) -> None:
        other = klaster.IOTable.from_frame(FLOWS[["mill", "farm"]], final_demand=[350, 1700])
        assert other == frame()
        assert other != frame(name="another")
        assert hash_fails(other)

    def test_output_that_was_computed_is_not_checked(self) -> None:
        table = frame()
        assert table.output.tolist() == [1000, 2000]
        assert table.balance().not_checked["row"] == "output was computed as the sum of the row"
        given = frame(output=pd.Series({"mill": 2000, "farm": 1000}))
        assert given.balance().checked["row"] == 0
        by_column = klaster.IOTable.from_frame(FLOWS, value_added=pd.Series([650, 1400]))
        assert by_column.output.tolist() == [1000, 2000]
        assert "column" in by_column.balance().not_checked

    def test_value_added_on_either_axis(self) -> None:
        wide = pd.DataFrame({"mill": [1000, 400], "farm": [500, 150]}, index=["wages", "profit"])
        for given in (wide, wide.T):
            table = frame(value_added=given)
            assert table.value_added.loc["wages"].tolist() == [500, 1000]
            assert table.balance().balanced

    @pytest.mark.parametrize(
        ("flows", "given", "code", "said"),
        [
            (FLOWS.astype(str), {}, "bad-number", "pd.to_numeric"),
            (FLOWS.where(FLOWS > 100), {}, "missing-cell", "fillna"),
            (FLOWS.iloc[[0, 0]], {}, "duplicate-label", "'farm'"),
            (FLOWS.rename(index={"mill": "mil"}), {}, "missing-row", "'mill'"),
            (FLOWS.to_numpy(), {}, "not-a-frame", "pd.DataFrame"),
            (FLOWS, {"final_demand": None}, "missing-output", "Give output="),
            (FLOWS, {"output": pd.Series({"farm": 1, "mil": 2})}, "other-industries", "mill"),
            (FLOWS, {"output": [1, 2, 3]}, "other-industries", "2 industries"),
        ],
    )
    def test_what_a_newcomer_does_is_named(
        self, flows: pd.DataFrame, given: dict[str, object], code: str, said: str
    ) -> None:
        with pytest.raises(InputError) as refused:
            klaster.IOTable.from_frame(flows, **({"final_demand": [350, 1700]} | given))  # type: ignore[arg-type]
        assert code in {fault.code for fault in refused.value.faults}
        assert said in str(refused.value)

    def test_a_total_among_the_industries(self) -> None:
        whole = FLOWS.copy()
        whole.loc["Total"] = whole.sum()
        whole["Total"] = whole.sum(axis=1)
        with pytest.raises(InputError, match=r"Z\.drop\(index='Total'"):
            klaster.IOTable.from_frame(whole, output=[1000, 2000, 3000])

    def test_two_levels_are_region_and_industry(self) -> None:
        at = pd.MultiIndex.from_tuples([("KAZ", "ore"), ("RUS", "ore")])
        flows = pd.DataFrame([[1, 2], [3, 4]], index=at, columns=at)
        assert klaster.IOTable.from_frame(flows, output=[10, 20]).names == ("KAZ:ore", "RUS:ore")

    def test_it_prints_short(self) -> None:
        table = frame(name="mb", year=2009, unit="million USD")
        assert repr(table) == "IOTable('mb', 2 industries, 2009, million USD)"
        assert len(repr(klaster.analyze_table(table))) < 140


def hash_fails(table: klaster.IOTable) -> bool:
    with pytest.raises(TypeError, match="unhashable"):
        hash(table)
    return True


class TestPublicFunctions:
    def test_multipliers_and_linkages_are_those_of_the_analysis(self) -> None:
        found = klaster.analyze_table(frame())
        assert found.multipliers is not None
        assert found.linkages is not None
        for table in (frame(), found.source):
            effects = klaster.multipliers(table)["output type I"]
            np.testing.assert_array_equal(effects, found.multipliers["output"]["type I"])
            pd.testing.assert_frame_equal(
                klaster.linkages(table).drop(columns=["region", "code", "name"]), found.linkages
            )

    def test_households_give_type_two(self) -> None:
        table = frame(
            final_demand=pd.DataFrame(
                {"Households": [50, 400], "Exports": [300, 1300]}, FLOWS.index
            ),
            value_added=pd.DataFrame({"D1": [300, 500], "profit": [350, 900]}, FLOWS.index),
        )
        assert "output type II" in klaster.multipliers(table)
        assert "output type II" not in klaster.multipliers(frame())

    def test_a_path_and_a_case(self, valley: Path) -> None:
        case = klaster.load_case(valley)
        assert klaster.linkages(valley).equals(klaster.linkages(case))
        assert klaster.analyze_table(str(valley), parts=[]).table == case.table

    def test_what_is_no_table(self) -> None:
        with pytest.raises(InputError, match="a list is no input–output table"):
            klaster.multipliers([[1, 2], [3, 4]])  # type: ignore[arg-type]
        with pytest.raises(InputError, match="stand beside a DataFrame of flows only"):
            klaster.linkages(frame(), output=[1, 2])
        with pytest.raises(InputError, match=r"IOTable\.from_frame"):
            klaster.read_iotable(FLOWS)  # type: ignore[arg-type]


ODD = "code,01,02,Households,Total,Output\n01,150,500,350,1000,1000\n02,200,100,1700,7000,2000\n"
NOT_STATED = "NOT STATED: nobody says how these flows are known"
OFF = "off: 02: 'Total' is recorded 5000 more than its parts add up to (7000)"


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A table of which only the amounts are known; one of its totals is 5000 too high."""
    (tmp_path / "odd.csv").write_text(ODD, encoding="utf-8")
    return tmp_path / "odd.csv"


class TestHowItIsKnown:
    def test_what_nobody_states_is_not_called_measured(self, odd: Path) -> None:
        assert klaster.read_iotable(odd, year=2023).table.evidence == "not-stated"
        out = odd.parent / "out"
        told = CliRunner().invoke(app, ["io", str(odd), "--year", "2023", "--out", str(out)])
        assert told.exit_code == 0, told.output
        assert NOT_STATED in told.output
        page = (out / "io.html").read_text(encoding="utf-8")
        for words in ("not stated", "не указано", "көрсетілмеген"):
            assert f">{words}<" in page

    def test_a_table_of_a_case_is_no_exception(self, valley: Path) -> None:
        case = valley / "case.toml"
        said = case.read_text(encoding="utf-8").splitlines(keepends=True)
        at = next(k for k, line in enumerate(said) if "[inputs.table]" in line)
        cut = next(k for k in range(at, len(said)) if said[k].startswith("evidence"))
        case.write_text("".join(said[:cut] + said[cut + 1 :]), encoding="utf-8")
        table = klaster.load_case(valley).table
        assert table is not None
        assert table.evidence == "not-stated"

    @pytest.mark.parametrize("evidence", ["estimated", "synthetic", "not-stated", "measured"])
    def test_flows_that_were_not_observed_are_marked(self, evidence: str) -> None:
        found = klaster.analyze_table(frame(evidence=evidence))
        mark = f"evidence {evidence.replace('-', ' ')}"
        observed = evidence == "measured"
        assert (mark in repr(found)) is not observed
        for notes in (found.notes, klaster.multipliers(frame(evidence=evidence)).attrs["notes"]):
            assert (
                any(f"{evidence.replace('-', ' ').upper()}: " in n for n in notes) is not observed
            )


class TestBooksThatDoNotClose:
    def test_python_says_what_the_terminal_says(self, odd: Path) -> None:
        told = CliRunner().invoke(app, ["io", str(odd), "--year", "2023", "--out", str(odd) + "_"])
        assert told.output.count("5000") == 1
        assert OFF in told.output
        source = klaster.read_iotable(odd, year=2023)
        assert ["5000 more" in fault.problem for fault in source.warnings] == [True]
        found = klaster.analyze_table(source)
        assert found.notes.count(OFF) == 1
        assert "1 total off" in repr(found)
        for effects in (klaster.multipliers(source), klaster.linkages(source)):
            assert OFF in effects.attrs["notes"]

    def test_beside_a_frame(self) -> None:
        given = {"output": [1000, 2046], "final_demand": [350, 1700]}
        off = "off: mill: intermediate and final uses are 46 less than output (2046)"
        found = klaster.analyze_table(FLOWS, **given)  # type: ignore[arg-type]
        assert off in found.notes
        assert off in klaster.multipliers(FLOWS, **given).attrs["notes"]
        assert off in klaster.linkages(FLOWS, **given).attrs["notes"]
        assert not any("off:" in n for n in klaster.linkages(frame()).attrs["notes"])

    def test_clusters_are_looked_for_in_a_table_with_what_was_noted(self, odd: Path) -> None:
        notes = " ".join(as_case(klaster.read_iotable(odd, year=2023)).notes)
        assert "5000 more than its parts add up to" in notes
        with pytest.raises(TypeError, match=r"klaster\.IOTable\.from_frame"):
            klaster.find_clusters(FLOWS)  # type: ignore[arg-type]


class TestPlainSentences:
    def test_a_unit_nobody_states(self, odd: Path) -> None:
        out = odd.parent / "out"
        told = CliRunner().invoke(app, ["io", str(odd), "--year", "2023", "--out", str(out)])
        assert "odd: 2 industries, 2023, unit not stated" in told.output
        page = (out / "io.html").read_text(encoding="utf-8")
        assert "2023, –" not in page
        assert "2023, единица не указана" in page

    @pytest.mark.parametrize(
        ("given", "near"), [("kazakstan", "'kazakhstan'"), ("od.csv", "'odd.csv'")]
    )
    def test_a_path_that_is_not_there(
        self, odd: Path, monkeypatch: pytest.MonkeyPatch, given: str, near: str
    ) -> None:
        monkeypatch.chdir(odd.parent)
        told = CliRunner().invoke(app, ["io", given])
        assert told.exit_code != 0
        said = f"there is no file or folder {given!r}; did you mean {near}? Give the path"
        assert said in str(told.exception)
        assert "cases that ship: east_kazakhstan, kazakhstan" in str(told.exception)
