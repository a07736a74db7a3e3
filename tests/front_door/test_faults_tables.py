"""Faults found in the tables, each held by a test that fails on the code that had it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import klaster
from klaster.cli.main import app


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
    assert "off: row of A Agriculture: recorded 100, by -15" in " ".join(told.output.split())
