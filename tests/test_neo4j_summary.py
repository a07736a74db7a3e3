"""The log names the Neo4j servers the tests ran on, with xdist's workers and without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """
import pytest
from neo4j_summary import pytest_runtest_call, pytest_terminal_summary, remember

@pytest.fixture(scope="session")
def server(request):
    remember(request.config, "server", "Neo4j/9.9, Bolt 7")

@pytest.fixture
def store(server):
    pass
"""
TESTS = """
import pytest

def test_plain(): pass
def test_direct(server): pass
@pytest.mark.parametrize("k", [1, 2])
def test_by_another_fixture(store, k): pass
def test_that_fails(server): assert False
def test_that_skips(server): pytest.skip("no")
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_servers_and_counts(tmp_path: Path, workers: str) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {Path(__file__).parent / 'support'}\n"
    )
    command = [sys.executable, "-m", "pytest", "-n", workers, "-p", "no:cacheprovider"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    line = "Neo4j/9.9, Bolt 7: 5 tests ran on it (3 passed, 1 failed, 1 skipped)"
    assert line in run.stdout.splitlines(), run.stdout + run.stderr


def test_nothing_where_no_server_was_used(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text("def test_plain(): pass\n")
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {Path(__file__).parent / 'support'}\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "1 passed" in run.stdout
    assert "Neo4j" not in run.stdout
