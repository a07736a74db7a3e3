"""Results appear whole or not at all, and a spreadsheet runs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from klaster.graph.safe_text import csv_text
from klaster.results.folder import MARK, OutputError, whole_folder


def _record(*files: str, **said: str) -> str:
    return json.dumps({"versions": {"klaster": "0"}, "files": dict.fromkeys(files, ""), **said})


def test_a_folder_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with whole_folder(target) as folder:
        (folder / MARK).write_text("{}")
        assert not target.exists()
    assert (target / MARK).read_text() == "{}"
    assert [p.name for p in target.parent.iterdir()] == ["out"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with whole_folder(target) as folder:
        (folder / MARK).write_text(_record(what="first"))

    def fail() -> None:
        with whole_folder(target) as folder:
            (folder / MARK).write_text("second")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (target / MARK).read_text() == _record(what="first")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for text, extra in (("first", "old.csv"), ("second", "new.csv")):
        with whole_folder(target) as folder:
            (folder / MARK).write_text(_record(extra, what=text))
            (folder / extra).write_text("")
    assert sorted(p.name for p in target.iterdir()) == ["new.csv", MARK]


def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("x")
    with pytest.raises(OutputError, match="did not write"), whole_folder(tmp_path):
        pytest.fail("the block must not run")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("x")
    with pytest.raises(OutputError, match="is a file"), whole_folder(target):
        pytest.fail("the block must not run")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_starts_a_formula(start: str) -> None:
    text = csv_text(pd.DataFrame({"name": [f"{start}HYPERLINK(1)"], "loss": [-1.5]}))
    assert "'" + start in text
    assert "-1.5" in text
    assert "'-1.5" not in text
