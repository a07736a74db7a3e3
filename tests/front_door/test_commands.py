"""Every command: a help with an example, a line of progress, exports."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from two_valleys import QUICK, two_valleys
from typer.testing import CliRunner

import klaster.cli.main as command_line
from klaster.graph.errors import KlasterError
from klaster.pipeline import find_clusters

COMMANDS = [c.name or c.callback.__name__ for c in command_line.app.registered_commands]  # type: ignore[union-attr]


def run(*words: str) -> str:
    result = CliRunner().invoke(command_line.app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "out"
    find_clusters(two_valleys(), settings=QUICK).write(folder)
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_shows_an_example(command: str) -> None:
    assert f"Example: klaster {command}" in " ".join(run(command, "--help").split())


def test_a_finished_run_is_exported(out: Path, tmp_path: Path) -> None:
    run("export", str(out), "--to", str(tmp_path / "x.gexf"))
    assert nx.read_gexf(tmp_path / "x.gexf").nodes["mill0"]["is_core"] is True
    run("export", str(out), "--to", str(tmp_path / "x.graphml"), "--layer", "supply")
    read = nx.read_graphml(tmp_path / "x.graphml")
    # Supply is the only layer with ties: it was analysed once, as all layers together.
    assert read.nodes["mill0"]["cluster"].startswith("joint-")
    run("export", str(out), "--to", str(tmp_path / "x.xlsx"))
    assert set(pd.read_excel(tmp_path / "x.xlsx", sheet_name=None)) == {
        "clusters", "members", "cores", "ties", "notes",
    }  # fmt: skip
    assert "README.txt" in run("export", str(out), "--neo4j-admin", str(tmp_path / "import"))
    assert (tmp_path / "import" / "README.txt").is_file()


def test_a_case_is_exported_without_clusters(tmp_path: Path) -> None:
    run("new", str(tmp_path / "case"))
    run("export", str(tmp_path / "case"), "--to", str(tmp_path / "x.gexf"))
    assert len(nx.read_gexf(tmp_path / "x.gexf")) > 5


@pytest.mark.parametrize("words", [(), ("--to", "a.gexf", "--neo4j-admin", "b")])
def test_an_export_needs_one_target(out: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(KlasterError, match=r"--to with one of: .gexf"):
        run("export", str(out), *words)


def test_progress_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "SECONDS_BETWEEN_LINES", 0.0)
    with command_line._progress() as told:
        told("communities: [joint]\x1b[31m", 1, 3)
    monkeypatch.setattr(command_line, "SECONDS_BETWEEN_LINES", 10.0)
    with command_line._progress() as told:
        told("not yet", 1, 3)
    said = capfd.readouterr()
    assert said.err.strip() == "klaster: communities: [joint] [31m (1 of 3)"
    assert said.out == ""
