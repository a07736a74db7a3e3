"""Write the generated pages of docs/: the dictionary, the queries, the command line.

`make docs` runs it; tests/test_docs.py fails while a page differs from what it would write.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from klaster.graph.dictionary import load_dictionary
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.graph.stores.runs import merge_run, run_ids
from klaster.queries.catalog import load_catalog, run_named

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


ANSWER_ROWS = 5
CELL_WIDTH = 48
EXAMPLES: dict[str, dict[str, Any]] = {
    "actor-ties": {"actor": "qarmet"},
    "authorities": {"network": "karaganda"},
    "cluster-members": {"cluster": "declared-karaganda"},
    "customers": {"actor": "kazzinc"},
    "find-actor": {"text": "қарағанды"},
    "foreign-partners": {"network": "east_kazakhstan"},
    "funders": {"network": "karaganda"},
    "helix-partners": {"actor": "qarmet"},
    "isolated-actors": {"network": "karaganda"},
    "knowledge-partners": {"network": "east_kazakhstan"},
    "largest-buyers": {"industry": "B"},
    "largest-inputs": {"industry": "C"},
    "owners-chain": {"actor": "ulba_fa"},
    "region-actors": {"region": "Karaganda"},
    "region-gaps": {"region": "Pavlodar"},
    "shortest-path": {"from": "qarmet", "to": "kazzinc"},
    "suppliers": {"actor": "qarmet"},
    "ties-between": {"one": "ump", "other": "ulba_fa"},
    "ties-by-source": {"source": "Yespayev"},
    "ties-of-layer": {"layer": "knowledge"},
    "why": {"actor": "qarmet"},
}
"""Parameters the page asks with, where a query needs some or says more with them."""

OF_TWO_RUNS = ("runs", "clusters-between-runs")
"""Queries asked of a store with a second run in it."""


@cache
def demo_graphs() -> tuple[ClusterGraph, ClusterGraph]:
    """Return the demo case as `klaster demo` leaves it, and the same with a second run beside."""
    import klaster

    case = klaster.load_case(klaster.case_path("kazakhstan"))
    first = klaster.analyze(case).graph
    few = replace(case.settings, ensemble=20, null_draws=39, evidence_draws=10)
    second = klaster.analyze(replace(case, settings=few), seed=2).graph
    return first, merge_run(first, second)


@contextmanager
def demo_stores() -> Iterator[tuple[EmbeddedStore, EmbeddedStore]]:
    with EmbeddedStore() as one, EmbeddedStore() as two:
        for store, graph in zip((one, two), demo_graphs(), strict=True):
            store.write(graph)
        yield one, two


def cell(value: Any) -> str:
    """Return a value as a table of the docs shows it: short, and the same on any machine."""
    if value is None:
        return ""
    if isinstance(value, list):
        return cell("; ".join(map(str, value)))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    text = " ".join(str(value).split())
    text = text if len(text) <= CELL_WIDTH else text[: CELL_WIDTH - 1].rstrip() + "…"
    return text.replace("<", "&lt;").replace("*", "\\*")


def answer(name: str, stores: tuple[EmbeddedStore, EmbeddedStore]) -> str:
    """Return what a query answers on the demo case, as text of the page."""
    given = EXAMPLES.get(name, {})
    if name == "clusters-between-runs":
        given = dict(zip(("first", "second"), run_ids(demo_graphs()[1]), strict=True))
    result = run_named(stores[name in OF_TWO_RUNS], name, given)
    asked = f" {name}" + "".join(f" --param {k}='{v}'" for k, v in given.items())
    count = len(result.rows)
    told = f"{count} row" + ("" if count == 1 else "s")
    text = f"\nOn the demo case, `{asked.strip()}` answers {told}"
    if not count:
        return text + ".\n"
    text += f"; the first {ANSWER_ROWS}:\n\n" if count > ANSWER_ROWS else ":\n\n"
    return text + shown(result.columns, result.rows[:ANSWER_ROWS])


def shown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    held = [at for at in range(len(columns)) if any(row[at] is not None for row in rows)]
    return table(
        tuple(columns[at] for at in held),
        [tuple(cell(row[at]) for at in held) for row in rows],
    )


QUERY_HEAD = """# Named queries

Source: `queries/catalog/*.cypher`. Ask one with `klaster query out/kazakhstan NAME --param name=value`, or from Python:

```python
with klaster.open_store("out/kazakhstan") as store:  # or "neo4j://localhost:7687"
    answer = store.ask("suppliers", actor="Qarmet", tiers=2)
answer.to_frame(), answer.to_networkx(), answer.draw("suppliers.html")
```

An organisation is meant by its key, a name in any language or an alias. `store.query("MATCH ...")` asks a query of one's own, read-only
and limited; to be drawn it returns whole nodes and ties, or the keys of both ends as `source_id` and `target_id`.

The answers are those of the case `klaster demo` analyzes; for the queries that compare runs, a
second run with another seed and fewer draws was put beside it. In the tables, columns without
a value are left out and long texts are cut (…).
"""


def query_page() -> str:
    text = HEAD + QUERY_HEAD
    with demo_stores() as stores:
        for name, query in sorted(load_catalog().items()):
            text += f"\n## {name}\n\n{query.title}. {query.question}\n\n"
            if query.parameters:
                text += table(
                    ("parameter", "type", "default", "meaning"),
                    [
                        (
                            f"`{p.name}`",
                            p.type,
                            "needed" if p.required else f"`{p.default}`",
                            p.meaning,
                        )
                        for p in query.parameters
                    ],
                )
                text += "\n"
            text += table(
                ("column", "type", "meaning"),
                [(f"`{c.name}`", c.type, c.meaning) for c in query.columns],
            )
            text += f"\n```cypher\n{query.cypher.strip()}\n```\n"
            text += answer(name, stores)
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
    from klaster.cli.main import app

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
