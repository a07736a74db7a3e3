"""The attribute dictionary: what nodes and ties there are and what each attribute means.

It is written once, as the tables in ``graph/schema``; the validators, the stores and the manual
all read it from here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

import pyarrow as pa

from klaster.graph.errors import UnknownNameError

Element = Literal["node", "tie"]
ValueType = Literal["text", "integer", "number", "boolean", "date", "list"]

ARROW_TYPES: dict[ValueType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
}
"""How each value type of the dictionary is held in a table."""

NODE_COLUMNS = ("id", "kind")
TIE_COLUMNS = ("tie_id", "source_id", "target_id", "tie_type")
"""Columns every table has whatever its rows are."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a kind of node or type of tie (``kind`` ``*``: of all of them)."""

    element: Element
    kind: str
    name: str
    type: ValueType
    unit: str
    required: bool
    vocabulary: str
    meaning: str


@dataclass(frozen=True, slots=True)
class TieType:
    """A type of tie between two kinds of node, and the layer it belongs to."""

    name: str
    source_kind: str
    target_kind: str
    layer: str
    symmetric: bool
    direction: str


@dataclass(frozen=True, slots=True)
class Term:
    """One allowed value of a vocabulary, with its meaning."""

    value: str
    meaning: str


@dataclass(frozen=True)
class Dictionary:
    """All attributes, tie types and vocabularies."""

    attributes: tuple[Attribute, ...]
    tie_types: tuple[TieType, ...]
    vocabularies: dict[str, tuple[Term, ...]]

    def node_kinds(self) -> tuple[str, ...]:
        """Return the kinds of node, in the order of the schema table."""
        kinds = (a.kind for a in self.attributes if a.element == "node" and a.kind != "*")
        return tuple(dict.fromkeys(kinds))

    def labels_of(self, kind: str, actor_type: str | None) -> tuple[str, ...]:
        """Return the labels of a node in a store: its kind and, of actors, their type.

        A type of actor that has the name of a kind (a ``Programme`` that acts) is no label: the
        label means nodes of that kind.

        Examples
        --------
        >>> load_dictionary().labels_of("Actor", "Firm")
        ('Actor', 'Firm')
        >>> load_dictionary().labels_of("Actor", "Programme")
        ('Actor',)
        """
        second = kind == "Actor" and actor_type is not None and actor_type not in self.node_kinds()
        return (kind, str(actor_type)) if second else (kind,)

    def tie_type_names(self) -> tuple[str, ...]:
        """Return the tie types, in the order of the schema table."""
        return tuple(dict.fromkeys(t.name for t in self.tie_types))

    def layers(self) -> tuple[str, ...]:
        """Return the layers, in the order of the schema table."""
        return tuple(dict.fromkeys(t.layer for t in self.tie_types))

    def actor_layers(self) -> tuple[str, ...]:
        """Return the layers that tie actors to actors: what the joint network is made of."""
        pairs = [t for t in self.tie_types if (t.source_kind, t.target_kind) == ("Actor", "Actor")]
        return tuple(dict.fromkeys(t.layer for t in pairs))

    def layer_of(self, tie_type: str, source_kind: str, target_kind: str) -> str | None:
        """Return the layer of a tie between two kinds, or None where no such tie is allowed."""
        for t in self.tie_types:
            if (t.name, t.source_kind, t.target_kind) == (tie_type, source_kind, target_kind):
                return t.layer
        return None

    def symmetric_types(self) -> frozenset[str]:
        """Return the tie types that mean the same in either direction."""
        return frozenset(t.name for t in self.tie_types if t.symmetric)

    def attributes_of(self, element: Element, kind: str) -> tuple[Attribute, ...]:
        """Return the attributes a kind of node or a type of tie may have."""
        return tuple(a for a in self.attributes if a.element == element and a.kind in ("*", kind))

    def value_types(self, element: Element) -> dict[str, ValueType]:
        """Return the value type of every attribute of nodes or of ties, in schema order."""
        return {a.name: a.type for a in self.attributes if a.element == element}

    def terms(self, vocabulary: str) -> tuple[str, ...]:
        """Return the allowed values of a vocabulary.

        Examples
        --------
        >>> load_dictionary().terms("evidence")
        ('measured', 'reported', 'paper', 'estimated', 'synthetic', 'not-stated')
        """
        if vocabulary not in self.vocabularies:
            raise UnknownNameError("vocabulary", vocabulary, self.vocabularies)
        return tuple(term.value for term in self.vocabularies[vocabulary])


def _rows(table: str) -> Iterator[dict[str, str]]:
    text = (files("klaster.graph") / "schema" / table).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def load_dictionary() -> Dictionary:
    """Read the dictionary that ships with klaster.

    Examples
    --------
    >>> dictionary = load_dictionary()
    >>> dictionary.layer_of("SUPPLIES", "Actor", "Actor")
    'supply'
    >>> dictionary.layer_of("SUPPLIES", "Region", "Actor") is None
    True
    """
    attributes = tuple(
        Attribute(
            element=cast(Element, row["element"]),
            kind=row["kind"],
            name=row["attribute"],
            type=cast(ValueType, row["type"]),
            unit=row["unit"],
            required=row["required"] == "yes",
            vocabulary=row["vocabulary"],
            meaning=row["meaning"],
        )
        for row in _rows("attributes.csv")
    )
    tie_types = tuple(
        TieType(
            name=row["tie_type"],
            source_kind=row["source_kind"],
            target_kind=row["target_kind"],
            layer=row["layer"],
            symmetric=row["symmetric"] == "yes",
            direction=row["direction"],
        )
        for row in _rows("tie_types.csv")
    )
    vocabularies: dict[str, list[Term]] = {}
    for row in _rows("vocabularies.csv"):
        vocabularies.setdefault(row["vocabulary"], []).append(Term(row["value"], row["meaning"]))
    return Dictionary(
        attributes, tie_types, {name: tuple(terms) for name, terms in vocabularies.items()}
    )
