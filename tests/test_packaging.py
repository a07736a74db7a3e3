"""What pyproject.toml ships is what lies in the tree."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_is_listed() -> None:
    setuptools = CONFIG["tool"]["setuptools"]
    found: set[str] = set()
    for name, folder in setuptools["package-dir"].items():
        base = ROOT / folder
        for init in base.rglob("__init__.py"):
            parts = init.parent.relative_to(base).parts
            if name == "klaster" and parts and (base / parts[0]).is_symlink():
                continue  # a link of tools/link_src.py
            found.add(".".join((name, *parts)))
    assert sorted(found) == sorted(setuptools["packages"])


def test_every_data_file_is_matched() -> None:
    """Each file in a room that is not Python matches a pattern of package-data."""
    setuptools = CONFIG["tool"]["setuptools"]
    missed = []
    for package, folder in setuptools["package-dir"].items():
        if package == "klaster":
            continue
        base = ROOT / folder
        patterns = setuptools["package-data"].get(package, [])
        matched = {p for pattern in patterns for p in base.glob(pattern)}
        missed += [
            str(p.relative_to(ROOT))
            for p in base.rglob("*")
            if p.is_file()
            and p.suffix not in {".py", ".pyc"}
            and "__pycache__" not in p.parts
            and p not in matched
        ]
    assert not missed


def test_locks_hold_every_dependency_without_an_index() -> None:
    import re

    names = {
        re.split(r"[<>=!\[; ]", d)[0].lower().replace("_", "-")
        for d in CONFIG["project"]["dependencies"]
    }
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    locked = {line.split("==")[0].lower() for line in text.splitlines() if "==" in line}
    assert names <= locked
    for lock in (ROOT / "requirements").glob("*.txt"):
        content = lock.read_text(encoding="utf-8")
        assert "http" not in content
        assert "index-url" not in content
        assert "--hash=sha256:" in content


def test_version_is_said_once() -> None:
    import klaster

    assert klaster.__version__ == CONFIG["project"]["version"]
