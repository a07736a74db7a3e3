"""Results take the place of results, and of nothing else that lies in the folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import networkx as nx
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import klaster
from klaster.cli.main import app
from klaster.results.exports import write_network
from klaster.results.folder import MARK, OutputError, whole_folder
from klaster.results.table_files import finish


@pytest.fixture(scope="module")
def found() -> klaster.Analysis:
    return klaster.find_clusters(nx.barbell_graph(4, 0), seed=1)


def _write(target: Path, *names: str) -> None:
    """Write results of these names, as a table's or a study's are written."""
    with whole_folder(target) as folder:
        for name in names:
            (folder / name).write_text("new")
        finish(folder, target, {})


def _contents(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()
    }


@pytest.mark.parametrize(
    "record",
    ['{"experiment": 1}', "[]", "no json", '{"files": ["a"], "versions": {"klaster": "1"}}', "7"],
)
def test_a_record_of_somebody_else_does_not_make_a_folder_ours(
    found: klaster.Analysis, tmp_path: Path, record: str
) -> None:
    out = tmp_path / "out"
    (out / "notes").mkdir(parents=True)
    (out / MARK).write_text(record)
    (out / "thesis.docx").write_text("years of work")
    (out / "notes" / "model.py").write_text("x = 1")
    before = _contents(out)
    with pytest.raises(
        OutputError, match=r"did not write \(notes/model.py, run.json, thesis.docx\)"
    ):
        found.write(out)
    assert _contents(out) == before
    assert os.listdir(tmp_path) == ["out"]


def test_what_lies_beside_results_stays(found: klaster.Analysis, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found.write(out)
    found.export(out / "clusters.gexf")
    kept = {
        "notes.txt": "mine",
        Path("graph", "notes.txt").as_posix(): "mine too",
        "deep/er/still.txt": "and this",
        "clusters.gexf": (out / "clusters.gexf").read_text(),
    }
    for name, text in kept.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)
    (out / "empty").mkdir()
    (out / "link").symlink_to("deep", target_is_directory=True)
    (out / "cores.csv").unlink()
    written = found.write(out)
    assert {name: (out / name).read_text() for name in kept} == kept
    assert (out / "empty").is_dir()
    assert os.readlink(out / "link") == "deep"
    assert all(path.is_file() for path in written.values())
    assert os.listdir(tmp_path) == ["out"]
    klaster.load_results(out)


def test_only_files_that_the_record_lists_are_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _write(out, "old.csv", "both.csv")
    (out / "mine.csv").write_text("mine")
    _write(out, "new.csv", "both.csv")
    assert sorted(os.listdir(out)) == ["both.csv", "mine.csv", "new.csv", MARK]


@pytest.mark.parametrize("mine", ["new.csv", "new.csv/deep.txt", "both.csv/x"])
def test_a_file_of_the_user_where_a_result_should_stand_is_named(tmp_path: Path, mine: str) -> None:
    out = tmp_path / "out"
    _write(out, "both.csv")
    (out / "both.csv").unlink()
    (out / mine).parent.mkdir(exist_ok=True)
    (out / mine).write_text("mine")
    before = _contents(out)
    with pytest.raises(OutputError, match=rf"should stand \({mine}\)"):
        _write(out, "both.csv", "new.csv")
    assert _contents(out) == before
    assert os.listdir(tmp_path) == ["out"]


def test_a_failure_while_files_are_carried_over_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    _write(out, "old.csv")
    for name in ("a.txt", "b.txt"):
        (out / name).write_text(name)
    before = _contents(out)
    real = os.replace

    def fail(source: Path, target: Path) -> None:
        if Path(target) == out / "b.txt":
            raise PermissionError(13, "no")
        real(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError, match="cannot replace"):
        _write(out, "new.csv")
    assert _contents(out) == before
    assert os.listdir(tmp_path) == ["out"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "disk" / "results", tmp_path / "out"
    real.mkdir(parents=True)
    link.symlink_to(real, target_is_directory=True)
    for name in ("first.csv", "second.csv"):
        _write(link, name)
        assert link.is_symlink()
        assert set(os.listdir(real)) == {name, MARK}


def _ties(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("source,target\na,b\nb,c\nc,a\nc,d\nd,e\ne,f\nf,d\n")
    return path


def test_the_input_inside_the_folder_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _write(out, "old.csv")
    given = _ties(out / "in" / "ties.csv")
    text = given.read_text()
    for _ in range(2):
        ran = CliRunner().invoke(app, ["analyze", str(given), "--out", str(out)])
        assert ran.exception is None, ran.output
        assert given.read_text() == text
    assert "ties.csv" in json.loads((out / MARK).read_text())["files"]


def test_an_input_that_the_results_would_replace_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = CliRunner().invoke(app, ["analyze", str(_ties(tmp_path / "t.csv")), "--out", str(out)])
    assert ran.exception is None, ran.output
    before = (out / "ties.csv").read_bytes()
    ran = CliRunner().invoke(app, ["analyze", str(out / "ties.csv"), "--out", str(out)])
    assert isinstance(ran.exception, OutputError)
    assert "ties.csv: this was read" in str(ran.exception)
    assert (out / "ties.csv").read_bytes() == before


def test_the_graph_of_a_folder_of_results_is_read_back_whole(
    found: klaster.Analysis, tmp_path: Path
) -> None:
    found.write(tmp_path / "out")
    assert klaster.read_ties(tmp_path / "out" / "graph.graphml") == found.graph
    for name in ("x.gexf", "x.graphml"):
        write_network(found.graph.to_networkx(), tmp_path / name)
        assert klaster.read_ties(tmp_path / name) == found.graph


def test_an_exported_network_is_read_back_with_its_ties(
    found: klaster.Analysis, tmp_path: Path
) -> None:
    for name in ("x.gexf", "x.graphml"):
        read = klaster.read_ties(found.export(tmp_path / name))
        pd.testing.assert_frame_equal(read.ties, found.case.graph.ties)
        columns = list(found.case.graph.nodes.columns)
        pd.testing.assert_frame_equal(read.nodes[columns], found.case.graph.nodes)


@pytest.mark.parametrize("name", ["x.gexf", "x.graphml"])
def test_a_graph_with_parallel_ties_is_read_back_whole(tmp_path: Path, name: str) -> None:
    graph = klaster.load_case(klaster.case_path("kazakhstan")).graph
    write_network(graph.to_networkx(), tmp_path / name)
    assert klaster.read_ties(tmp_path / name) == graph


def test_names_that_look_like_formulas_come_back_as_they_were(tmp_path: Path) -> None:
    names = ["=SUM(1)", "+7 701", "-Group", "@home", "'quoted'", "Plain"]
    pairs = [(a, b) for a in names for b in names if a < b]
    analysis = klaster.find_clusters(klaster.read_ties(pairs), seed=1)
    analysis.write(tmp_path / "out")
    assert "'=SUM(1)" in (tmp_path / "out" / "ties.csv").read_text(encoding="utf-8-sig")
    read = klaster.read_ties(
        tmp_path / "out" / "ties.csv", source="source_name", target="target_name"
    )
    assert set(read.nodes["name"]) == set(names)
    book = openpyxl.load_workbook(analysis.export(tmp_path / "x.xlsx"))
    cells = [cell for row in book["ties"].iter_rows() for cell in row]
    shown = {cell.value: cell for cell in cells if cell.value in names}
    assert set(shown) == set(names)
    assert {cell.data_type for cell in shown.values()} == {"s"}
    assert shown["=SUM(1)"].quotePrefix
