"""Print speed as ratios against named peers, each pair measured in one run.

``make bench`` runs every ``bench_*.py`` beside this file that has a function ``run() ->
list[dict]``; a name given as argument picks one: ``benchmarks/run.py communities``. A ratio above 1
means that klaster is faster. Machines differ; ratios travel, seconds do not.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
APART = {"neo4j", "trust"}
"""Benchmarks that run by themselves: `make bench-neo4j`, and studies that take many minutes."""


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", HERE / f"bench_{name}.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no benchmark {name!r}; there are: {', '.join(names())}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main(wanted: Iterable[str]) -> None:
    for name in list(wanted) or [n for n in names() if n not in APART]:
        rows: list[dict[str, Any]] = load(name).run()
        columns = list(dict.fromkeys(key for row in rows for key in row))
        table = [columns, *([shown(row.get(c, "")) for c in columns] for row in rows)]
        widths = [max(len(line[k]) for line in table) for k in range(len(columns))]
        print(f"\n{name}")
        for line in table:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


if __name__ == "__main__":
    main(sys.argv[1:])
