"""The command line: each command, its errors and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import klaster

CASE = klaster.case_path("kazakhstan")
pytestmark = pytest.mark.xdist_group("command-line")  # one process runs the demo once


def run(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "klaster", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo has run."""
    folder = tmp_path_factory.mktemp("demo")
    result = run("demo", folder=folder)
    assert result.returncode == 0, result.stderr
    assert "Qarmet, rank 1" in result.stdout
    for name in ("index.html", "network.html", "graph.kgl"):
        assert f"out/kazakhstan/{name}" in result.stdout
        assert (folder / "out" / "kazakhstan" / name).is_file()
    return folder / "out" / "kazakhstan"


def test_version_and_help() -> None:
    assert run("--version").stdout.strip() == f"klaster {klaster.__version__}"
    text = run("--help").stdout
    for command in ("analyze", "check", "demo", "new", "queries", "query", "show"):
        assert command in text


def test_a_named_query_in_three_formats(finished: Path) -> None:
    words = ("query", str(finished), "suppliers", "--param", "actor=Қарметкомбинат")
    assert "Linde Gas Kazakhstan" in run(*words).stdout
    csv_text = run(*words, "--format", "csv").stdout
    assert csv_text.splitlines()[0].startswith("tier,supplier_id")
    rows = json.loads(run(*words, "--format", "json").stdout)
    assert "linde_gas_kz" in json.dumps(rows)


def test_a_free_query(finished: Path) -> None:
    text = "MATCH (f:Firm) RETURN count(f) AS firms"
    result = run("query", str(finished / "graph.kgl"), "--cypher", text, "--format", "csv")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0] == "firms"
    assert int(result.stdout.splitlines()[1]) > 50


def test_a_limit_is_said(finished: Path) -> None:
    result = run("query", str(finished), "strongest-flows", "--limit", "2", "--format", "csv")
    assert len(result.stdout.strip().splitlines()) == 3
    assert "--limit" in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("query", "nowhere.kgl", "suppliers"), 3, "klaster analyze CASE"),
        (("analyze", "nowhere"), 2, "case.toml"),
        (("check", "nowhere"), 2, "case.toml"),
        (("queries", "suplliers"), 1, "did you mean 'suppliers'"),
        (("analyze", str(CASE), "--include", "plannd"), 1, "did you mean 'planned'"),
        (("analyze", str(CASE), "--engine", "leidn"), 1, "did you mean 'leiden'"),
    ],
)
def test_a_wrong_word_is_answered_in_one_clear_text(
    words: tuple[str, ...], code: int, message: str, tmp_path: Path
) -> None:
    result = run(*words, folder=tmp_path)
    assert result.returncode == code
    assert message in result.stderr + result.stdout
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("supplierz",), 1, "did you mean 'suppliers'"),
        (("suppliers",), 2, "actor"),
        (("suppliers", "--param", "actr=qarmet"), 1, "did you mean 'actor'"),
        (("suppliers", "--param", "qarmet"), 1, "name=value"),
        (("suppliers", "--param", "actor=Quarmett"), 3, "Qarmet"),
        (("suppliers", "--param", "actor=qarmet", "--param", "tiers=many"), 2, "tiers"),
        (("--cypher", "MATCH (n) DELETE n"), 3, "DELETE"),
        (("--cypher", "MATCH (n RETURN n"), 3, "line 1"),
        ((), 1, "klaster queries"),
    ],
)
def test_a_wrong_question_is_answered_in_one_clear_text(
    finished: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    result = run("query", str(finished), *words)
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode == code


def test_show(finished: Path) -> None:
    listed = run("show", str(finished)).stdout
    assert "declared-karaganda" in listed
    cluster = run("show", str(finished), "declared-karaganda").stdout
    assert "rank 1 [1–" in cluster
    actor = run("show", str(finished), "Кармет").stdout
    assert "Linde Gas Kazakhstan SUPPLIES Qarmet" in actor
    assert "chemeurope.com" in actor


def test_new_check_analyze(tmp_path: Path) -> None:
    assert run("new", "mine", folder=tmp_path).returncode == 0
    checked = run("check", "mine", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "Faults: 0" in checked.stdout
    done = run("analyze", "mine", "--out", "result", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "result" / "index.html").is_file()
    again = run("new", "mine", folder=tmp_path)
    assert again.returncode != 0
    assert "Traceback" not in again.stderr


def test_a_case_with_faults_writes_nothing(tmp_path: Path) -> None:
    run("new", "mine", folder=tmp_path)
    ties = tmp_path / "mine" / "ties.csv"
    lines = ties.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    row = dict.fromkeys(header, "")
    row |= {
        "source_id": "nobody", "target_id": "nobody_else", "tie_type": "SUPPLIES",
        "evidence": "synthetic", "source": "test",
    }  # fmt: skip
    ties.write_text("\n".join([*lines, ",".join(row[h] for h in header)]) + "\n", encoding="utf-8")
    result = run("analyze", "mine", "--out", "result", folder=tmp_path)
    assert result.returncode == 2
    assert f"ties.csv, row {len(lines) + 1}, column source_id" in result.stderr
    assert not (tmp_path / "result").exists()
    report = json.loads(run("check", "mine", "--json", folder=tmp_path).stdout)
    assert len(report["faults"]) == 2
    aside = run("analyze", "mine", "--out", "result", "--set-aside", folder=tmp_path)
    assert aside.returncode == 0, aside.stderr
    assert "nobody" in (tmp_path / "result" / "rejected.csv").read_text(encoding="utf-8-sig")


def test_results_are_not_written_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("x")
    result = run("analyze", str(CASE), "--out", str(tmp_path))
    assert result.returncode == 1
    assert "did not write" in result.stderr
