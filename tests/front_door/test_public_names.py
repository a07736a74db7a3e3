"""The public names: there, each with an example that runs, and nothing heavy imported for them."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import klaster

HEAVY = ("duckdb", "kglite", "networkx", "numba", "numpy", "pandas", "pyarrow", "scipy", "typer")


def test_the_names_are_about_thirty_and_there() -> None:
    assert 25 <= len(klaster.__all__) <= 36
    assert klaster.__all__ == sorted(klaster.__all__)
    assert set(klaster.__all__) == set(klaster._HOME)
    assert set(klaster.__all__) <= set(dir(klaster))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        klaster.nothing  # noqa: B018


@pytest.mark.parametrize("name", klaster.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    assert ">>> " in (getattr(klaster, name).__doc__ or "")


def test_importing_klaster_imports_nothing_heavy() -> None:
    code = "import sys, klaster; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(run.stdout.split())


def test_errors_are_public() -> None:
    """Fault code-05: klaster.InputError was an AttributeError."""
    with pytest.raises(klaster.InputError) as caught:
        klaster.load_case("nowhere")
    assert isinstance(caught.value, (klaster.KlasterError, ValueError))
    with pytest.raises(klaster.UnknownNameError):
        klaster.case_path("nowhere")


ROOM = [m.name for m in pkgutil.walk_packages(klaster.__path__, "klaster.")]
OWN = [
    name
    for name in ROOM
    if name.split(".")[1]
    not in ("algorithms", "cases", "graph", "loaders", "queries", "viz", "__main__")
]


@pytest.mark.parametrize("name", OWN)
def test_examples_of_the_front_door_run(
    name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
