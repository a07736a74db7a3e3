"""The actors of a table of ties: those of a table of actors, and those that only ties name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from klaster.graph.content import counted
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault
from klaster.loaders.case.input_rows import NAMES
from klaster.loaders.case.input_specs import (
    actor_tie_types,
    attributes_of,
    own_attribute,
    vocabulary_of,
)
from klaster.loaders.case.typed_columns import read_cells
from klaster.loaders.files.amounts import read_amounts
from klaster.loaders.files.cell_values import Decimal, ParsedColumn
from klaster.loaders.files.grid import SpreadsheetNumber
from klaster.loaders.heading_words import WORDS
from klaster.loaders.names.actor_names import ASSUMED, made_actor, plain_name
from klaster.loaders.ties.cell_table import CellTable, cell_text
from klaster.loaders.ties.tie_columns import Assignment, assign

_SPHERES = {
    "business": ("Firm", "Group"),
    "academia": ("University", "College", "School", "ResearchInstitute"),
    "government": ("Authority", "Programme", "HealthOrganisation"),
    "finance": ("Finance", "DevelopmentInstitution"),
}
SPHERE_OF = {kind: sphere for sphere, kinds in _SPHERES.items() for kind in kinds}
"""Sphere of an actor whose sphere is not given, by its type; of other types ``intermediary``."""


@dataclass
class Actors:
    """Actors by key, from which columns they were read, what was found wrong, and what to say."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_name: dict[str, set[str]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def key_of(self, text: str) -> str | None:
        """Return the key an end names, by key or by a name that one actor has; else None."""
        if text in self.nodes:
            return text
        keys = self.by_name.get(text, ())
        return next(iter(keys)) if len(keys) == 1 else None


def read_column(
    table: CellTable, name: str, column: str, meaning: Mapping[str, str], decimal: Decimal = "auto"
) -> tuple[ParsedColumn, list[tuple[list[int], Fault]]]:
    """Read a column of ties or of actors; and one fault for each kind, with the rows that have it."""
    cells = table.columns[column]
    known = attributes_of("actors") | attributes_of("ties")
    numbers = any(cells) and all(isinstance(cell, SpreadsheetNumber) for cell in cells if cell)
    own = own_attribute(name, "number" if numbers else "text")

    def map_it(word: str) -> str:
        if word in load_dictionary().tie_type_names():
            return "leave them out (set_aside=True)"
        return f"say what a word means: values={{{name!r}: {{{word!r}: {_meant(word, terms)}}}}}"

    if name == "value":
        read: ParsedColumn = read_amounts(cells, decimal=decimal, separator=table.separator)
    else:
        attribute = known.get(name, own)
        terms = actor_tie_types() if name == "tie_type" else vocabulary_of(attribute)[1]
        read = read_cells(
            attribute, cells, meaning=meaning, map_it=map_it, terms=terms, decimal=decimal,
            separator=table.separator,
        )  # fmt: skip
    kinds: dict[tuple[str, str, str], list[int]] = {}
    for fault in read.faults:
        if fault.position not in table.bad:
            key = (fault.code, fault.problem, fault.remedy.replace(" in case.toml", ""))
            kinds.setdefault(key, []).append(fault.position)
    return read, [
        (at, table.fault(at, column, code, problem, remedy, cells[at[0]]))
        for (code, problem, remedy), at in kinds.items()
    ]


def _meant(word: str, terms: Sequence[str]) -> str:
    """Return the term that a word may mean, in quotation marks; ``…`` where nobody can tell."""
    plain = word.casefold().replace("ё", "е")
    for term, words in WORDS["terms"].items():
        if term in terms and any(plain.startswith(start) for start in words.split("; ")):
            return repr(term)
    near = get_close_matches(plain, [term.casefold() for term in terms], n=1)
    return next((repr(term) for term in terms if term.casefold() in near), "…")


def table_of_nodes(nodes: Mapping[str, Any], file: str) -> CellTable:
    """Take attributes by key, as of a dictionary or of the nodes of a graph, as a table."""
    named = {
        str(key): values if isinstance(values, Mapping) else {"name": values}
        for key, values in nodes.items()
    }
    attributes = sorted({str(n) for values in named.values() for n in values} - {"id", "viz"})
    columns: dict[str, Sequence[str]] = {"id": [cell_text(key) for key in named]}
    known = load_dictionary().value_types("node")
    for attribute in attributes:
        cells = [cell_text(values.get(attribute)) for values in named.values()]
        plain = re.sub(r"[^a-z0-9]+", "_", attribute.casefold()).strip("_")
        own = attribute in known or attribute in ("label", "kind") or attribute.startswith("x_")
        columns[attribute if own or not plain else f"x_{plain}"] = cells
    return CellTable(file, columns, range(1, len(named) + 1), "node")


def read_actors(
    table: CellTable,
    columns: Mapping[str, str],
    meaning: Mapping[str, Mapping[str, str]],
    *,
    stated_by: str | None,
) -> Actors:
    """Read actors from a table whose columns bear names of the dictionary, or are named.

    A column that only its heading makes a guess is left out where its words are no terms.
    """
    actors = Actors(faults=list(table.faults), notes=list(table.notes))
    if not table.complete or not len(table.rows):
        return actors
    found = assign(table, columns, {}, "node")
    actors.faults += found.faults
    if not {"id", *NAMES} & set(found.columns):
        actors.faults.append(
            table.fault((), "", "missing-column", "no column is the key or the name of the actors",
                        f"Name one id or name, or say which it is. There are: {', '.join(table.columns)}.")
        )  # fmt: skip
        return actors
    values: dict[str, Sequence[Any]] = {}
    for name, column in found.columns.items():
        read, wrong = read_column(table, name, column, meaning.get(name, {}))
        guessed = name in found.recognised and column != name and name not in meaning
        if guessed and any(fault.code.startswith("unknown-") for _, fault in wrong):
            found.left_out.append(column)
            continue
        actors.faults += [fault for _, fault in wrong]
        actors.notes += [f"{table.file}: column {column}: {note}" for note in read.notes]
        values[name] = read.values
    keys = _keys(table, found, values, actors)
    assumed = 0
    for k, key in keys.items():
        node = {name: cells[k] for name, cells in values.items() if cells[k] is not None}
        if "actor_type" not in node:
            node |= {"actor_type": "Firm", "note": node.get("note", ASSUMED)}
            assumed += 1
        node.setdefault("sphere", SPHERE_OF.get(node["actor_type"], "intermediary"))
        node["name"] = next((node[n] for n in NAMES if n in node), key)
        if stated_by is not None:
            node.setdefault("source", stated_by)
        actors.nodes[key] = {**node, "id": key, "kind": "Actor"}
        for name in (*(node.get(n) for n in NAMES), *node.get("aliases", ())):
            if name:
                actors.by_name.setdefault(plain_name(str(name)), set()).add(key)
    _say_columns(actors, table, found)
    if assumed:
        actors.notes.append(
            f"{table.file}: {counted(assumed, 'actor')} without a type taken for firms"
        )
    return actors


def _keys(
    table: CellTable, found: Assignment, values: Mapping[str, Sequence[Any]], actors: Actors
) -> dict[int, str]:
    """Return the key of each row: its ``id``, else its name; rows without, or with one given twice, are faults."""
    named = [values[n] for n in ("id", *NAMES) if n in values]
    texts = [plain_name(str(next(filter(None, row), ""))) for row in zip(*named, strict=True)]
    column = next(found.columns[n] for n in ("id", *NAMES) if n in found.columns)
    first: dict[str, int] = {}
    for k, text in enumerate(texts):
        first.setdefault(text, k)
    good = [k for k in range(len(texts)) if k not in table.bad]
    empty = [k for k in good if not texts[k]]
    twice = [k for k in good if texts[k] and first[texts[k]] != k]
    about = (
        (empty, "missing-value", "the actor has neither key nor name", "Give one."),
        (twice, "duplicate-id", "this actor was given before", "Keep one of the rows."),
    )
    for at, code, problem, remedy in about:
        if at:
            value = table.columns[column][at[0]]
            actors.faults.append(table.fault(at, column, code, problem, remedy, value))
    return {k: texts[k] for k in good if texts[k] and first[texts[k]] == k}


def _say_columns(actors: Actors, table: CellTable, found: Assignment) -> None:
    kept = {n: c for n, c in found.columns.items() if c not in found.left_out}
    actors.columns = kept
    read = ", ".join(f"{c!r} as {n}" if c != n else c for n, c in kept.items())
    actors.notes.append(
        f"{table.file}: {counted(len(actors.nodes), 'actor')}; columns read: {read}"
    )
    about = {"left out": found.left_out, "of personal data, not read": found.personal}
    for words, names in about.items():
        if names:
            actors.notes.append(f"{table.file}: columns {words}: {', '.join(map(repr, names))}")


def with_made(actors: Actors, texts: Iterable[str], file: str, notes: list[str]) -> dict[str, str]:
    """Return the key of each end; make an actor of those that no table names, and say so."""
    had = bool(actors.nodes)
    keys = {text: actors.key_of(text) or text for text in texts}
    made = [key for key in keys.values() if key not in actors.nodes]
    for key in made:
        actors.nodes[key] = made_actor(key)
    if made:
        of = "that the table of actors does not name" if had else f"named by {file}"
        notes.append(f"{counted(len(made), 'actor')} {of} made: firms of sphere business (assumed)")
    return keys
