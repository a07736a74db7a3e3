"""The house holds (docs/architecture.md): who may import whom, no circle, one idea a module.

Each rule is a function of sources, so that a test beside it can show that it finds a trespass.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from draw_house import FOLDERS, imported_names, imports_of, module_files, room_of

sys.path.pop(0)

FILES = module_files()
SOURCES = {name: path.read_text(encoding="utf-8") for name, path in FILES.items()}
ABOVE_GRAPH = {"klaster.algorithms", "klaster.graph"}
MAY_IMPORT = {
    "klaster": set(FOLDERS),
    "klaster.graph": {"klaster.graph"},
    "klaster.algorithms": ABOVE_GRAPH,
    "klaster.loaders": {"klaster.loaders", *ABOVE_GRAPH},
    "klaster.queries": {"klaster.queries", *ABOVE_GRAPH},
    "klaster.viz": {"klaster.viz", *ABOVE_GRAPH},
    "klaster.cases": {"klaster.cases", "klaster.graph"},
}
STORES = "klaster.graph.stores"
MOST_LINES = 700
WHY_LONG = re.compile(r"\bLong because\b")
FEELINGS = {"advice", "asking", "doubt", "fold", "judging", "tested"}
"""Names of modules that say how it felt, not what is in it."""


# -- the rules -----------------------------------------------------------------------------------


def trespasses(module: str, source: str) -> list[str]:
    """Return the imports of a module that its room may not have."""
    found = []
    room = room_of(module)
    folders = {name.rpartition(".")[2] for name in FOLDERS} - {"klaster"}
    for name in imported_names(source):
        if name.split(".")[0] in folders:
            found.append(f"{name}: write klaster.{name}")
        elif name.startswith("klaster") and room_of(name) not in MAY_IMPORT[room]:
            found.append(name)
        elif room == "klaster.algorithms" and name.startswith(STORES):
            found.append(f"{name}: algorithms see what the world is, never where it is kept")
    return found


def circles(sources: Mapping[str, str]) -> list[list[str]]:
    """Return the modules that reach each other by imports of any kind, circle by circle."""
    graph = nx.DiGraph(imports_of(sources))
    return sorted(sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1)


def twins(files: Mapping[str, Path], sources: Mapping[str, str]) -> list[list[str]]:
    """Return modules of one file name, but where the head of one says why, naming the other."""
    by_name: dict[str, list[str]] = {}
    for module, path in files.items():
        if path.name != "__init__.py":
            by_name.setdefault(path.name, []).append(module)
    return [
        same
        for same in by_name.values()
        if len(same) > 1
        and not any(
            set(same) - {one} <= set(re.findall(r"klaster[\w.]+\w", head(sources[one])))
            for one in same
        )
    ]


def head(source: str) -> str:
    return ast.get_docstring(ast.parse(source)) or ""


def too_long(sources: Mapping[str, str]) -> list[str]:
    """Return modules over 700 lines without a sentence "Long because …" at their head."""
    return [
        f"{module}: {len(source.splitlines())} lines"
        for module, source in sources.items()
        if len(source.splitlines()) > MOST_LINES and not WHY_LONG.search(head(source))
    ]


def positional_faults(source: str) -> list[int]:
    """Return the lines on which a Fault is built with arguments that have no name."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Fault"
        and node.args
    ]


def homes_of(package: str, sources: Mapping[str, str]) -> list[str]:
    """Return the modules that import a package of others."""
    return [
        module
        for module, source in sources.items()
        if package in {name.split(".")[0] for name in imported_names(source)}
    ]


# -- the house -----------------------------------------------------------------------------------


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_room_imports_only_what_it_may(module: str) -> None:
    assert not trespasses(module, SOURCES[module])


def test_no_circle_of_modules() -> None:
    assert circles(SOURCES) == []


def test_no_two_modules_of_one_name() -> None:
    assert twins(FILES, SOURCES) == []


def test_one_idea_a_module() -> None:
    assert too_long(SOURCES) == []


def test_no_name_says_how_it_felt() -> None:
    assert not [m for m, path in FILES.items() if FEELINGS & set(path.stem.split("_"))]


def test_faults_are_built_by_keywords() -> None:
    found = {module: positional_faults(source) for module, source in SOURCES.items()}
    assert {module: lines for module, lines in found.items() if lines} == {}


def test_one_place_opens_the_embedded_engine() -> None:
    assert homes_of("kglite", SOURCES) == ["klaster.graph.stores.embedded"]


# -- each rule finds a trespass ------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import klaster.viz.network.layout",
        "from klaster.viz.network.layout import place",
        "from klaster import loaders",
        "from graph.model import ClusterGraph",
        "def f():\n    import klaster.queries.gate",
        "from klaster.graph.stores.embedded import EmbeddedStore",
        "from klaster.pipeline import analyze",
        "import klaster",
    ],
)
def test_the_rule_of_rooms_finds_a_trespass(source: str) -> None:
    assert trespasses("klaster.algorithms.cores.ranking", source)


@pytest.mark.parametrize(
    "way_back",
    [
        "import klaster.a",
        "from klaster import a",
        "def f():\n    from klaster.a import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from klaster.a import x",
    ],
)
def test_the_rule_of_circles_finds_each_kind_of_import(way_back: str) -> None:
    sources = {"klaster.a": "import klaster.b", "klaster.b": "import klaster.c", "klaster.c": ""}
    assert circles(sources) == []
    sources["klaster.c"] = way_back
    assert circles(sources) == [["klaster.a", "klaster.b", "klaster.c"]]


def test_the_rule_of_names_finds_twins_without_a_reason() -> None:
    files = {"klaster.a.x": Path("a/x.py"), "klaster.b.x": Path("b/x.py")}
    bare = dict.fromkeys(files, '"""A module."""')
    assert twins(files, bare) == [["klaster.a.x", "klaster.b.x"]]
    assert not twins(files, bare | {"klaster.a.x": '"""Called as :mod:`klaster.b.x`: its twin."""'})
    assert not twins({"klaster.a": Path("a/__init__.py"), "klaster.b": Path("b/__init__.py")}, {})


def test_the_rule_of_length_finds_a_long_module_without_a_reason() -> None:
    long = "\n" * MOST_LINES + "x = 1\n"
    assert too_long({"klaster.a": '"""A module."""' + long})
    for no_reason in ("A module, long, so that it is whole.", "So long! Nothing is said because."):
        assert too_long({"klaster.a": f'"""{no_reason}"""' + long})
    assert not too_long({"klaster.a": '"""A module.\n\nLong because it is a table.\n"""' + long})


def test_the_rule_of_faults_finds_a_positional_one() -> None:
    assert positional_faults('x = 1\nFault("file", row=1)') == [2]
    assert not positional_faults('Fault(file="file", row=1)')


def test_the_rule_of_engines_finds_another_home() -> None:
    assert homes_of("kglite", {"klaster.a": "def f():\n    import kglite"}) == ["klaster.a"]


def test_files_are_all_there_is() -> None:
    """Every Python file of the rooms is looked at, links of tools/link_src.py left out."""
    count = Counter(room_of(module) for module in FILES)
    for room, folder in FOLDERS.items():
        if room not in ("klaster", "klaster.cases"):
            assert count[room] == sum(1 for _ in (ROOT / folder).rglob("*.py")), room
