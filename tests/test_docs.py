"""The docs say what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


def build_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["dictionary.md", "queries.md", "cli.md"])
def test_generated_pages_are_fresh(page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == build_docs().PAGES[page](), "run: make docs"


def test_every_command_has_help() -> None:
    from klaster.cli.main import app

    for command in app.registered_commands:
        assert command.callback is not None
        assert command.callback.__doc__


def test_readme_names_what_there_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make demo", "make test", "make test-all", "make bench"):
        assert command in readme
    targets = set(re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z0-9-]+)`", readme)) <= targets
    for link in re.findall(r"\]\(([^)#]+)\)", readme):
        assert link.startswith("https://") or (ROOT / link).exists(), link


def python_blocks(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = python_blocks("README.md")
    assert blocks
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), scope)  # noqa: S102


def test_the_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `klaster ...` line of the README ends well where `make demo` has run."""
    import shlex
    import subprocess
    import sys

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```(?:sh|bash)\n(.*?)```", text, re.DOTALL)
        for line in block.replace("\\\n", " ").splitlines()
        if re.match(r"(\.venv/bin/)?klaster ", line)
    ]
    assert lines
    (tmp_path / "cases").symlink_to(ROOT / "cases")  # as in a clone, without writing into it
    demo = [sys.executable, "-m", "klaster", "demo", "--out", "out/kazakhstan"]
    subprocess.run(demo, check=True, cwd=tmp_path, capture_output=True)
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        run = subprocess.run(
            [sys.executable, "-m", "klaster", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stderr}"
        assert run.stdout.strip(), line
