"""Write the generated pages of docs/: the dictionary, the queries, the command line.

`make docs` runs it; tests/test_docs.py fails while a page differs from what it would write.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from klaster.graph.dictionary import load_dictionary
from klaster.queries.catalog import load_catalog

DOCS = Path(__file__).resolve().parents[1] / "docs"
HEAD = "<!-- Written by `make docs`; edit the source it is made from. -->\n\n"


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def dictionary_page() -> str:
    dictionary = load_dictionary()
    text = HEAD + "# The attribute dictionary\n\nSource: `graph/schema/*.csv`.\n\n## Attributes\n\n"
    text += table(
        ("element", "kind", "attribute", "type", "unit", "required", "meaning"),
        [
            (
                a.element,
                a.kind,
                f"`{a.name}`",
                a.type,
                a.unit,
                "yes" if a.required else "",
                a.meaning,
            )
            for a in dictionary.attributes
        ],
    )
    text += "\n## Ties\n\n" + table(
        ("type", "from", "to", "layer", "direction"),
        [
            (f"`{t.name}`", t.source_kind, t.target_kind, t.layer, t.direction)
            for t in dictionary.tie_types
        ],
    )
    for name, terms in dictionary.vocabularies.items():
        text += f"\n## {name}\n\n" + table(
            ("value", "meaning"), [(f"`{t.value}`", t.meaning) for t in terms]
        )
    return text


def query_page() -> str:
    text = HEAD + "# Named queries\n\nSource: `queries/catalog/*.cypher`. Ask one with\n"
    text += "`klaster query out/kazakhstan NAME --param name=value`.\n"
    for name, query in sorted(load_catalog().items()):
        text += f"\n## {name}\n\n{query.title}. {query.question}\n\n"
        if query.parameters:
            text += table(
                ("parameter", "type", "default", "meaning"),
                [
                    (f"`{p.name}`", p.type, "needed" if p.required else f"`{p.default}`", p.meaning)
                    for p in query.parameters
                ],
            )
            text += "\n"
        text += table(
            ("column", "type", "meaning"),
            [(f"`{c.name}`", c.type, c.meaning) for c in query.columns],
        )
        text += f"\n```cypher\n{query.cypher.strip()}\n```\n"
    return text


def help_text(*command: str) -> str:
    environment = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "PATH": "/usr/bin:/bin"}
    run = subprocess.run(
        [sys.executable, "-m", "klaster", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return "\n".join(line.rstrip() for line in run.stdout.strip().splitlines())


def command_page() -> str:
    from klaster.cli import app

    names = [command.name or command.callback.__name__ for command in app.registered_commands]  # type: ignore[union-attr]
    text = HEAD + f"# The command line\n\n```text\n{help_text()}\n```\n"
    for name in names:
        text += f"\n## klaster {name}\n\n```text\n{help_text(name)}\n```\n"
    return text


PAGES = {"dictionary.md": dictionary_page, "queries.md": query_page, "cli.md": command_page}


def main() -> None:
    for name, build in PAGES.items():
        (DOCS / name).write_text(build(), encoding="utf-8")


if __name__ == "__main__":
    main()
