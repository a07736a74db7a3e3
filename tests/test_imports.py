"""``import klaster`` is quick and brings in no engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "duckdb", "jinja2", "kglite", "matplotlib", "neo4j", "networkit", "networkx", "numba", "numpy",
    "pandas", "pyarrow", "pyvis", "scipy", "sklearn",
}  # fmt: skip
LOADED = "import sys; print(*{m.partition('.')[0] for m in sys.modules}, file=sys.stderr)"


def loaded_by(code: str) -> set[str]:
    words = [sys.executable, "-c", f"{code}\n{LOADED}"]
    run = subprocess.run(words, capture_output=True, text=True, check=True)
    return HEAVY & set(run.stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        "import klaster",
        "import klaster.graph.errors",
        "import klaster.cli.main",
    ],
)
def test_import_is_lazy(code: str) -> None:
    assert loaded_by(code) == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["analyze", "--help"]])
def test_help_is_quick(words: list[str]) -> None:
    code = f"""
import sys
from klaster.cli.main import main
sys.argv = ["klaster", *{words!r}]
try:
    main()
except SystemExit as ended:
    assert not ended.code
"""
    assert loaded_by(code) == set()


def test_what_is_heavy_is_found() -> None:
    assert "numpy" in loaded_by("import numpy")


def test_every_public_name_exists() -> None:
    import klaster

    for name in klaster.__all__:
        assert getattr(klaster, name) is not None
