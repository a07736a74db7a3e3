"""The command line on a real server: load, analyze, ask, list and remove runs; clear errors."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from neo4j_fixtures import Access

import klaster

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]
CASE = str(klaster.case_path("kazakhstan"))

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(neo4j_empty: Access, tmp_path: Path) -> Run:
    def call(*words: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "NEO4J_PASSWORD": neo4j_empty.password if password is None else password,
            "NEO4J_USERNAME": neo4j_empty.user,
        }
        command = [sys.executable, "-m", "klaster", *words]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return call


@pytest.fixture
def quick_case(tmp_path: Path) -> str:
    """The Kazakhstan case with fewer runs and draws: what is asked here does not hang on them."""
    folder = tmp_path / "kazakhstan"
    shutil.copytree(CASE, folder)
    settings = (folder / "case.toml").read_text(encoding="utf-8")
    for given, fewer in (
        ("ensemble = 100", "ensemble = 10"),
        ("null_draws = 200", "null_draws = 19"),
    ):
        assert given in settings
        settings = settings.replace(given, fewer)
    settings = settings.replace("evidence_draws = 100", "evidence_draws = 10")
    (folder / "case.toml").write_text(settings, encoding="utf-8")
    return str(folder)


def test_load_analyze_ask_and_remove(run: Run, neo4j_empty: Access, quick_case: str) -> None:
    address = neo4j_empty.uri
    loaded = run("load", quick_case, "--store", address)
    assert loaded.returncode == 0, loaded.stderr
    assert "SUPPLIES" in loaded.stdout
    with neo4j_empty.store() as store:
        assert store.read() == klaster.load_case(Path(quick_case)).graph

    for seed in ("1", "2"):
        done = run("analyze", quick_case, "--store", address, "--out", f"out{seed}", "--seed", seed)
        assert done.returncode == 0, done.stderr
    listed = run("runs", address).stdout.strip().splitlines()
    assert len(listed) == 2

    words = ("suppliers", "--param", "actor=Qarmet", "--format", "json")
    assert run("query", address, *words).stdout == run("query", "out1", *words).stdout
    text = "MATCH (f:Firm) RETURN count(f) AS firms"
    free = run("query", address, "--cypher", text, "--format", "csv")
    assert free.stdout == run("query", "out1", "--cypher", text, "--format", "csv").stdout
    refused = run("query", address, "--cypher", "MATCH (n) DETACH DELETE n")
    assert refused.returncode == 3
    assert "Traceback" not in refused.stderr

    first = listed[0].split()[0]
    left = run("runs", address, "--remove", first)
    assert left.returncode == 0, left.stderr
    assert first not in left.stdout
    assert len(left.stdout.strip().splitlines()) == 1


@pytest.mark.parametrize("word", ["analyze", "load"])
def test_a_wrong_password_is_one_sentence(run: Run, neo4j_empty: Access, word: str) -> None:
    result = run(word, CASE, "--store", neo4j_empty.uri, password="not-the-password")
    assert result.returncode == 3
    assert "password" in result.stderr
    assert "not-the-password" not in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_nothing_at_the_address(run: Run) -> None:
    result = run("load", CASE, "--store", "neo4j://localhost:9")
    assert result.returncode == 3
    assert "localhost:9" in result.stderr
    assert "Traceback" not in result.stderr


def test_no_password_is_said(run: Run, neo4j_empty: Access) -> None:
    result = run("load", CASE, "--store", neo4j_empty.uri, password="")
    assert result.returncode == 3
    assert "NEO4J_PASSWORD" in result.stderr
