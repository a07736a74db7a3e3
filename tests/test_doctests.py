"""Run every docstring example under its public import name."""

import doctest
import importlib
import pkgutil

import pytest

import klaster  # noqa: F401

FOLDERS = ("algorithms", "cases", "graph", "loaders", "queries", "viz")


def _names() -> list[str]:
    names = ["klaster"]
    for folder in FOLDERS:
        pkg = importlib.import_module(f"klaster.{folder}")
        names.append(pkg.__name__)
        names += [m.name for m in pkgutil.walk_packages(pkg.__path__, pkg.__name__ + ".")]
    return names


@pytest.mark.parametrize("name", _names())
def test_docstring_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
