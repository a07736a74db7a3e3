"""A folder with ten planted faults: one report names them all, with file, row, column, remedy."""

import subprocess
import sys
from pathlib import Path

import pytest

from klaster.graph.errors import InputError
from klaster.loaders.case.case_folder import check_case, load_case
from klaster.loaders.case.new_case import new_case

PLANTED = {
    # code: (file, row, column, value)
    "unknown-actor": ("ties.csv", 3, "target_id", "cokeplant"),
    "bad-number": ("ties.csv", 4, "value", "about 18"),
    "decimal-comma": ("ties.csv", 5, "value", "40,4"),
    "duplicate-id": ("actors.csv", 24, "id", "steelworks"),
    "missing-column": ("indicators.csv", 1, "evidence", ""),
    "wrong-encoding": ("regions.csv", 3, "name", "\\xd1\\xe5\\xe2\\xe5\\xf0"),
    "self-tie": ("ties.csv", 6, "target_id", "scrap_yard"),
    "negative-flow": ("table.csv", 3, "C", "-80"),
    "unknown-sphere": ("actors.csv", 4, "sphere", "bussiness"),
    "future-year": ("ties.csv", 7, "year", "2031"),
}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    new_case(folder)
    ties, actors = folder / "ties.csv", folder / "actors.csv"
    edit(ties, "coal_mine,coke_plant,", "coal_mine,cokeplant,")
    edit(ties, "power_station,SUPPLIES,18.2", "power_station,SUPPLIES,about 18")
    edit(ties, "SUPPLIES,40.4,", 'SUPPLIES,"40,4",')
    edit(ties, "scrap_yard,steelworks,", "scrap_yard,scrap_yard,")
    edit(ties, "SUPPLIES,12.0,million KZT,KZT,2024", "SUPPLIES,12.0,million KZT,KZT,2031")
    edit(actors, "coke_plant,Coke Plant,Firm,business", "coke_plant,Coke Plant,Firm,bussiness")
    with actors.open("a", encoding="utf-8") as stream:
        stream.write("steelworks,Other Steelworks,Firm,business,NTH,C,metals,synthetic,example\n")
    edit(folder / "table.csv", "B,Mining,0,15,80,", "B,Mining,0,15,-80,")
    indicators = folder / "indicators.csv"
    lines = [line.rpartition(",")[0] for line in indicators.read_text("utf-8").splitlines()]
    indicators.write_text("\n".join(lines) + "\n", encoding="utf-8")
    edit(folder / "regions.csv", "Northern Region", "Север")
    regions = folder / "regions.csv"
    regions.write_bytes(regions.read_text(encoding="utf-8").encode("cp1251"))
    edit(folder / "case.toml", 'file = "regions.csv"', 'file = "regions.csv"\nencoding = "utf-8"')
    return folder


def test_one_report_names_all_ten(broken: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_case(broken)
    faults = {f.code: f for f in caught.value.faults}
    found = {code: (f.file, f.row, f.column, f.value) for code, f in faults.items()}
    assert found == PLANTED
    assert len(caught.value.faults) == len(PLANTED)
    message = str(caught.value)
    for fault in caught.value.faults:
        assert fault.remedy.endswith(".")
        assert str(fault) in message
    assert "did you mean 'coke_plant'" in faults["unknown-actor"].problem
    assert "did you mean 'business'" in faults["unknown-sphere"].problem
    assert "academia" in faults["unknown-sphere"].remedy
    assert "row 5" in faults["duplicate-id"].problem


def test_checking_does_not_raise_and_writes_nothing(broken: Path) -> None:
    before = {p: p.read_bytes() for p in broken.rglob("*")}
    case, report = check_case(broken)
    assert case is None
    assert {fault.code for fault in report.errors} == set(PLANTED)
    assert report.balanced
    assert {p: p.read_bytes() for p in broken.rglob("*")} == before


def test_the_command_names_all_ten_and_writes_nothing(broken: Path) -> None:
    command = [sys.executable, "-m", "klaster", "analyze", str(broken), "--out", "result"]
    run = subprocess.run(command, cwd=broken.parent, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    for file, row, column, _ in PLANTED.values():
        assert f"{file}, row {row}, column {column}: " in run.stderr
    assert "Traceback" not in run.stderr
    assert [p.name for p in broken.parent.iterdir()] == ["broken"]


def test_set_aside_still_stops_at_what_is_wrong_with_a_file(broken: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_case(broken, set_aside=True)
    assert {"missing-column", "wrong-encoding", "negative-flow"} <= {
        f.code for f in caught.value.faults
    }


def test_rows_at_fault_are_set_aside_and_the_rest_goes_on(broken: Path) -> None:
    whole = broken.parent / "whole"
    new_case(whole)
    for name in ("regions.csv", "indicators.csv", "table.csv"):
        (broken / name).write_bytes((whole / name).read_bytes())
    case = load_case(broken, set_aside=True)
    report = case.report
    assert report.balanced
    books = {book.input: book for book in report.books}
    # the coke plant and the second steelworks; five ties, and one more of the coke plant
    # (its other one is at fault anyhow)
    assert (books["actors"].rows_in, books["actors"].set_aside) == (23, 2)
    assert (books["ties"].rows_in, books["ties"].set_aside) == (38, 5)
    assert "coke_plant" not in case.graph
    assert len(case.graph.select(kinds=["Actor"])) == books["actors"].placed == 21
    reasons = set(report.rejected["reason"])
    assert any("was set aside (actors.csv, row 4)" in reason for reason in reasons)
    money = {m.unit: m for m in books["ties"].money}["million KZT, KZT"]
    # 336.2 on the sheet, less 18.2 (now no number) and 40.4 (now with a comma)
    assert money.amount_in == pytest.approx(336.2 - 18.2 - 40.4)
    assert money.set_aside == pytest.approx(31.0 + 6.1 + 12.0)
