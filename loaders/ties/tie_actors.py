"""The actors of a table of ties: those of a table of actors, and those that only ties name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from klaster.graph.content import counted
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, did_you_mean
from klaster.loaders.files.cell_values import Decimal, ParsedColumn, parse_column
from klaster.loaders.files.grid import SpreadsheetNumber
from klaster.loaders.names.actor_names import plain_name
from klaster.loaders.ties.cell_table import CellTable, cell_text
from klaster.loaders.ties.tie_columns import Assignment, actor_tie_types, assign

NOT_STATED = "not-stated"
"""The evidence of what nobody says how it is known."""

ASSUMED = "type and sphere are assumed"
"""The note of an actor that no table gives a type."""

_TERMS_NAMED = 6

NAMES = ("name", "name_en", "name_ru", "name_kk")

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


def parsed(
    table: CellTable, name: str, cells: Sequence[str], decimal: Decimal = "auto"
) -> ParsedColumn:
    """Read a column as the dictionary types the attribute; numbers of one's own stay numbers."""
    dictionary = load_dictionary()
    types = {**dictionary.value_types("tie"), **dictionary.value_types("node")}
    if name.startswith("x_") and any(cells):
        numbers = all(isinstance(cell, SpreadsheetNumber) for cell in cells if cell)
        return parse_column(cells, "number" if numbers else "text", separator=table.separator)
    return parse_column(cells, types.get(name, "text"), decimal=decimal, separator=table.separator)


def cell_faults(
    table: CellTable, column: str, read: ParsedColumn, cells: Sequence[str]
) -> list[tuple[list[int], Fault]]:
    """Return one fault for each kind of fault of a column, with the positions of its rows."""
    kinds: dict[tuple[str, str, str], list[int]] = {}
    for fault in read.faults:
        if fault.position not in table.bad:
            key = (fault.code, fault.problem, fault.remedy.replace(" in case.toml", ""))
            kinds.setdefault(key, []).append(fault.position)
    return [
        (at, table.fault(at, column, code, problem, remedy, cells[at[0]]))
        for (code, problem, remedy), at in kinds.items()
    ]


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
        cells, odd = read_terms(table, name, column, table.columns[column], meaning.get(name, {}))
        if odd and name in found.recognised and column != name:
            found.left_out.append(column)
            continue
        read = parsed(table, name, cells)
        actors.faults += [f for _, f in (*odd, *cell_faults(table, column, read, cells))]
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


def terms_of(name: str) -> tuple[str, ...]:
    """Return the terms of an attribute's vocabulary; none where it has no vocabulary."""
    dictionary = load_dictionary()
    if name == "tie_type":
        return tuple(actor_tie_types())
    vocabulary = next((a.vocabulary for a in dictionary.attributes if a.name == name), "")
    return dictionary.terms(vocabulary) if vocabulary else ()


def read_terms(
    table: CellTable, name: str, column: str, cells: Sequence[str], meaning: Mapping[str, str]
) -> tuple[list[str], list[tuple[list[int], Fault]]]:
    """Return cells as terms of the vocabulary, and a fault for all that are none.

    A cell means what the caller says it does; capitals, blanks and underscores make no difference.
    """
    terms = terms_of(name)
    if not terms and not meaning:
        return list(cells), []
    known = {_plain_term(term): term for term in terms}
    known |= {word: known.get(_plain_term(term), term) for word, term in meaning.items()}
    values = [known.get(cell) or known.get(_plain_term(cell), cell) for cell in cells]
    odd: dict[str, list[int]] = {}
    for k, value in enumerate(values):
        if terms and value and value not in terms and k not in table.bad:
            odd.setdefault(value, []).append(k)
    if not odd:
        return values, []
    first = min(odd, key=lambda value: odd[value])
    what = "type of tie between actors" if name == "tie_type" else name.replace("_", " ")
    listed = ", ".join(
        f"{value!r} in {table.called(odd[value])}" for value in sorted(odd)[:_TERMS_NAMED]
    )
    more = f" and {len(odd) - _TERMS_NAMED} more" if len(odd) > _TERMS_NAMED else ""
    remedy = f"say what a word means: values={{{name!r}: {{{first!r}: {terms[0]!r}}}}}"
    if first in load_dictionary().tie_type_names():
        remedy = "leave them out (set_aside=True)"
    fault = Fault(
        file=table.file, row=int(table.rows[odd[first][0]]) if table.row_word == "row" else 0,
        column=column, code=f"unknown-{name.replace('_', '-')}", value=first,
        problem=f"there is no such {what}{did_you_mean(first, terms).rstrip('.')} ({listed}{more})",
        remedy=f"Use one of: {', '.join(terms)}; or {remedy}.",
    )  # fmt: skip
    return values, [(sorted(k for at in odd.values() for k in at), fault)]


def _plain_term(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()


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
        actors.nodes[key] = {
            "id": key, "kind": "Actor", "name": key, "actor_type": "Firm", "sphere": "business",
            "evidence": NOT_STATED, "note": ASSUMED,
        }  # fmt: skip
    if made:
        of = "that the table of actors does not name" if had else f"named by {file}"
        notes.append(f"{counted(len(made), 'actor')} {of} made: firms of sphere business (assumed)")
    return keys
