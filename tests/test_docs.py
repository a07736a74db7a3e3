"""The docs say what the code does."""

from __future__ import annotations

import importlib
import importlib.util
import io
import re
import subprocess
import tokenize
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["dictionary.md", "queries.md", "cli.md"])
def test_generated_pages_are_fresh(page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == tool("build_docs").PAGES[page](), "run: make docs"


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


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_python_of_a_page_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = python_blocks(page)
    assert blocks
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), scope)  # noqa: S102


def test_the_picture_of_the_house_is_fresh() -> None:
    written = (ROOT / "docs" / "img" / "house.svg").read_text(encoding="utf-8")
    assert written == tool("draw_house").drawing(), "run: make docs"


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
    firms = ["ТОО «Рудник»", "ТОО «Завод»", "ТОО «Прокат»", "ТОО «Кузница»"]
    sold = [(a, b, "1 234 567,89") for a in firms for b in firms if a < b]
    pd.DataFrame(sold, columns=["Поставщик", "Покупатель", "Сумма"]).to_excel(
        tmp_path / "ties.xlsx", index=False
    )
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


# -- what is referred to exists ------------------------------------------------------------------

FOLDERS = "algorithms|benchmarks|cases|docs|graph|loaders|queries|requirements|src|tests|tools|viz"
_PATH = re.compile(rf"(?<![\w./:~-])(?:{FOLDERS})/[\w./*-]*[\w*/]")
_NAME = re.compile(r"(?<![\w./@-])klaster(?:\.[A-Za-z_]\w*)+(?![\w-]*[/@])")
_NO_NAMES = {"klaster.neo4j"}
"""A logger's name."""
_NOT_OURS = {"CHANGELOG.md", "tests/test_docs.py"}
"""Told of what was, or plants what is not."""


def commented(source: str) -> str:
    """Return the comments and texts of a Python file: what is said, not what is run."""
    kinds = (tokenize.COMMENT, tokenize.STRING)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return "\n".join(token.string for token in tokens if token.type in kinds)


def texts() -> dict[str, str]:
    """Return what the docs, the settings of the project and the comments of its code say."""
    found = {}
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    for name in names or []:
        path = ROOT / name
        if not path.is_file() or name.startswith("cases/") or name in _NOT_OURS:
            continue
        if path.suffix in (".md", ".toml", ".yml", ".cypher", ".csv") or name == "Makefile":
            found[name] = path.read_text(encoding="utf-8")
        elif path.suffix == ".py":
            found[name] = commented(path.read_text(encoding="utf-8"))
    return found


def missing_paths(text: str) -> list[str]:
    """Return the paths of the project that a text names and that do not exist."""
    return [
        path
        for path in dict.fromkeys(_PATH.findall(text))
        if not path.endswith(".parquet")  # a run leaves a folder called graph too
        and not any(ROOT.glob(path.rstrip("/")))
    ]


def missing_names(text: str) -> list[str]:
    """Return the names under ``klaster.`` that a text names and that do not exist."""
    return [
        name
        for name in dict.fromkeys(_NAME.findall(text))
        if name not in _NO_NAMES and not exists(name)
    ]


def exists(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part) and part not in getattr(found, "__annotations__", {}):
                return False
            found = getattr(found, part, None)
        return True
    return False


def test_every_path_that_is_named_exists() -> None:
    """Fault code-08: pyproject.toml sent its reader to a page that is not there."""
    found = {name: missing_paths(text) for name, text in texts().items()}
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_every_name_that_is_named_exists() -> None:
    told = {name: text for name, text in texts().items() if not name.startswith("tests/")}
    found = {name: missing_names(text) for name, text in told.items()}  # tests plant what is not
    assert {name: names for name, names in found.items() if names} == {}


def test_a_dangling_reference_is_found() -> None:
    assert missing_paths("see docs/decisions.md and docs/cli.md, graph/schema/*.csv") == [
        "docs/decisions.md"
    ]
    assert missing_names("klaster.analyze, klaster.graph.model.Nothing, klaster.nowhere") == [
        "klaster.graph.model.Nothing",
        "klaster.nowhere",
    ]
