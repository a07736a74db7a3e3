"""Draw the house: its rooms, the floors in them, and which room imports which.

``make docs`` writes ``docs/img/house.svg``; tests/test_rooms.py holds the rules the picture shows,
with the same reading of the imports, and tests/test_docs.py that the picture is fresh.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {
    "klaster": "src/klaster",
    "klaster.loaders": "loaders",
    "klaster.queries": "queries",
    "klaster.viz": "viz",
    "klaster.algorithms": "algorithms",
    "klaster.graph": "graph",
    "klaster.cases": "cases",
}
"""Where each room lies; the first is the front door, which holds links to the others."""

SAID = {
    "klaster": "the front door",
    "klaster.loaders": "what comes in",
    "klaster.queries": "what is asked",
    "klaster.viz": "what is seen",
    "klaster.algorithms": "what is computed",
    "klaster.graph": "what the world is",
    "klaster.cases": "data that ships",
}
PLACES = {
    "klaster": (290, 20),
    "klaster.loaders": (20, 190),
    "klaster.queries": (290, 190),
    "klaster.viz": (560, 190),
    "klaster.algorithms": (20, 400),
    "klaster.graph": (355, 590),
    "klaster.cases": (690, 400),
}
WIDTH = 220


def module_files() -> dict[str, Path]:
    """Return the file of every module that ships, by its dotted name."""
    links = {name.rpartition(".")[2] for name in FOLDERS}
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            if package == "klaster" and parts[0] in links:
                continue  # a link of tools/link_src.py
            if package == "klaster.cases" and parts != ("__init__",):
                continue  # scripts that compiled a case are data of it
            found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


def imported_names(source: str) -> Iterator[str]:
    """Yield what a source imports, at its head, inside functions and for types alone."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which modules each module imports, of those given by dotted name."""

    def module(name: str) -> str:
        return name if name in sources else name.rpartition(".")[0]

    return {
        name: {module(told) for told in imported_names(source)} & set(sources) - {name}
        for name, source in sources.items()
    }


def room_of(module: str) -> str:
    """Return the room a module is in."""
    room = ".".join(module.split(".")[:2])
    return room if room in FOLDERS else "klaster"


def drawing() -> str:
    """Return the picture as SVG: equal for equal imports."""
    files = module_files()
    floors: dict[str, list[str]] = {room: [] for room in FOLDERS}
    for name, path in files.items():
        if path.name == "__init__.py" and name not in FOLDERS:
            floors[room_of(name)].append(name.removeprefix(f"{room_of(name)}."))
    doors = {
        (room_of(name), room_of(other))
        for name, others in imports_of({n: p.read_text("utf-8") for n, p in files.items()}).items()
        for other in others
    }
    heights = {room: 54 + 15 * ((len(names) + 1) // 2) for room, names in floors.items()}
    title = "The rooms of klaster and which imports which"
    tip = 'viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 930 690" role="img" '
            f'aria-label="{title}" font-family="system-ui, sans-serif" font-size="12">\n'
            f"<title>{title}</title>\n"
            f'<defs><marker id="tip" {tip}><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>\n'
            '<rect width="930" height="690" fill="#fff"/>'
        )
    ]
    for start, end in sorted(doors):
        if start != end:
            x1, y1 = PLACES[start][0] + WIDTH / 2, PLACES[start][1] + heights[start]
            x2, y2 = PLACES[end][0] + WIDTH / 2, PLACES[end][1]
            x1, x2 = x1 + (x2 - x1) * 0.12, x2 - (x2 - x1) * 0.12
            lines.append(
                f'<path d="M{x1:.0f} {y1} L{x2:.0f} {y2}" stroke="#555" fill="none" '
                'stroke-opacity=".55" marker-end="url(#tip)"/>'
            )
    for room, (x, y) in PLACES.items():
        lines.append(
            f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{heights[room]}" rx="6" '
            'fill="#f3f6fa" stroke="#31547d"/>'
        )
        lines.append(
            f'<text x="{x + 12}" y="{y + 22}" font-weight="600" font-size="14">'
            f"{escape(FOLDERS[room])}/</text>"
        )
        lines.append(f'<text x="{x + 12}" y="{y + 40}" fill="#444">{escape(SAID[room])}</text>')
        for at, name in enumerate(sorted(floors[room])):
            left, top = x + 12 + 104 * (at % 2), y + 58 + 15 * (at // 2)
            lines.append(f'<text x="{left}" y="{top}" fill="#31547d">{escape(name)}/</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def main() -> None:
    """Write the picture."""
    (ROOT / "docs" / "img" / "house.svg").write_text(drawing(), encoding="utf-8")


if __name__ == "__main__":
    main()
