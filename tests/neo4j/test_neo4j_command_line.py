"""The command line on a real server: load, analyze, ask, list and remove runs; clear errors."""

from __future__ import annotations

import os
import re
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
FEW = {"ensemble": 10, "null_draws": 39, "evidence_draws": 10}

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
def quick_case(tmp_path: Path) -> Path:
    """The demo case with fewer draws: here it is the way to the server that counts."""
    folder = tmp_path / "kazakhstan"
    shutil.copytree(CASE, folder)
    settings = (folder / "case.toml").read_text(encoding="utf-8")
    for name, number in FEW.items():
        settings, changed = re.subn(rf"(?m)^{name} = \d+$", f"{name} = {number}", settings)
        assert changed == 1
    (folder / "case.toml").write_text(settings, encoding="utf-8")
    return folder


def test_load_analyze_ask_and_remove(run: Run, neo4j_empty: Access, quick_case: Path) -> None:
    address = neo4j_empty.uri
    loaded = run("load", CASE, "--store", address)
    assert loaded.returncode == 0, loaded.stderr
    assert "SUPPLIES" in loaded.stdout
    with neo4j_empty.store() as store:
        assert store.read() == klaster.load_case(Path(CASE)).graph

    for seed in ("1", "2"):
        done = run(
            "analyze", str(quick_case), "--store", address, "--out", f"out{seed}", "--seed", seed
        )
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
