"""Who may import whom (docs/architecture.md): each room imports only what it may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "graph": {"graph"},
    "algorithms": {"algorithms", "graph"},
    "loaders": {"loaders", "graph", "algorithms"},
    "queries": {"queries", "graph", "algorithms"},
    "viz": {"viz", "graph", "algorithms"},
    "cases": {"cases", "graph"},
}
STORES = "klaster.graph.stores"


def imported_modules(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            if module == "klaster":
                yield from (f"klaster.{alias.name}" for alias in node.names)


def trespasses(room: str, source: str) -> list[str]:
    found = []
    for module in imported_modules(source):
        parts = module.split(".")
        if parts[0] in MAY_IMPORT:
            found.append(f"{module}: write klaster.{module}")
        elif parts[0] == "klaster" and len(parts) > 1 and parts[1] not in MAY_IMPORT[room]:
            found.append(module)
        elif room == "algorithms" and module.startswith(STORES):
            found.append(f"{module}: algorithms see what the world is, never where it is kept")
    return found


def files() -> list[tuple[str, Path]]:
    return [(room, path) for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


@pytest.mark.parametrize(("room", "path"), files(), ids=lambda x: str(x).removeprefix(str(ROOT)))
def test_a_room_imports_only_what_it_may(room: str, path: Path) -> None:
    assert not trespasses(room, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "import klaster.viz.network.layout",
        "from klaster.viz.network.layout import place",
        "from klaster import loaders",
        "from graph.model import ClusterGraph",
        "def f():\n    import klaster.queries.gate",
        "from klaster.graph.stores.embedded import EmbeddedStore",
    ],
)
def test_the_rule_finds_a_trespass(source: str) -> None:
    assert trespasses("algorithms", source)
