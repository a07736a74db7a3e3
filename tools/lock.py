"""Write requirements/{run,dev,peers}.txt: exact versions with hashes, no index lines."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def compile_lock(requirements: list[str], target: Path) -> None:
    """Resolve ``requirements`` and write them, pinned and hashed, to ``target``."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.in"
        wanted.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        command = [
            *(sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes"),
            *("--allow-unsafe", "--strip-extras", "--no-emit-index-url", "--no-emit-options"),
            *("--no-emit-trusted-host", "--no-header", "--no-annotate", "--resolver=backtracking"),
            *("--output-file", str(target), str(wanted)),
        ]
        subprocess.run(command, check=True, cwd=ROOT)
    text = target.read_text(encoding="utf-8")
    head = "# Written by `make lock`; do not edit.\n"
    target.write_text(head + text, encoding="utf-8")


def main() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    core = [*config["project"]["dependencies"], *config["build-system"]["requires"]]
    compile_lock(core, ROOT / "requirements" / "run.txt")
    # The tests must see exactly what the demo sees.
    pinned = [
        line.split()[0]
        for line in (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    ]
    groups = config["dependency-groups"]
    compile_lock([*pinned, *groups["dev"]], ROOT / "requirements" / "dev.txt")
    compile_lock(groups["peers"], ROOT / "requirements" / "peers.txt")


if __name__ == "__main__":
    main()
