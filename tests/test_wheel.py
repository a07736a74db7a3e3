"""The wheel holds all that runs, names no platform, and works where the tree is not on the path."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of what git tracks, as a release would be."""
    tree, built = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("this checkout has no git index to build the wheel from")
    for name in tracked.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(built), str(tree)],
        check=True,
    )  # fmt: skip
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a folder; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--target", str(folder), str(wheel)],
        check=True,
    )  # fmt: skip
    return folder


def run(site: Path, *arguments: str, cwd: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_metadata_name_no_platform(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        headers = Parser().parsestr(archive.read(metadata).decode())
    assert headers.get_all("Platform") is None
    assert not [line for line in headers.get_all("Requires-Dist") or [] if "@" in line]


def test_every_module_of_the_tree_is_in_it(wheel: Path) -> None:
    rooms = {"src/klaster": "klaster", **{
        room: f"klaster/{room}"
        for room in ("algorithms", "cases", "graph", "loaders", "queries", "viz")
    }}  # fmt: skip
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder, package in rooms.items():
        for path in (ROOT / folder).rglob("*.py"):
            inside = path.relative_to(ROOT / folder).as_posix()
            linked = folder == "src/klaster" and inside.split("/")[0] in rooms
            if not linked and not inside.startswith("kazakhstan/"):
                assert f"{package}/{inside}" in names


def test_it_works_by_itself(site: Path, tmp_path: Path) -> None:
    where = run(site, "-c", "import klaster; print(klaster.__file__)", cwd=tmp_path)
    assert where.startswith(str(site))
    assert run(site, "-m", "klaster", "--version", cwd=tmp_path).startswith("klaster ")
    run(site, "-m", "klaster", "new", "valley", cwd=tmp_path)
    assert "report" in run(site, "-m", "klaster", "analyze", "valley", cwd=tmp_path)
    assert (tmp_path / "out" / "valley" / "network.html").is_file()


@pytest.mark.slow
def test_in_a_clean_environment_it_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    """Everything it needs is named by its metadata: nothing of the tests' environment is there."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    done = subprocess.run(
        [environment / "bin" / "klaster", "demo", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "out" / "index.html").is_file()
