"""The inputs of a case: how a file is read, and the attributes its rows may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from klaster.graph.dictionary import Attribute, ValueType, load_dictionary
from klaster.loaders.files.cell_values import Decimal

InputName = Literal[
    "actors", "ties", "regions", "products", "indicators", "table", "boundaries", "classification",
    "sources",
]  # fmt: skip
INPUTS: tuple[InputName, ...] = get_args(InputName)
"""The inputs a case may have, each with a section ``[inputs.…]``."""

NODE_KINDS = {"actors": "Actor", "products": "Product", "regions": "Region"}
"""Inputs whose rows become nodes, and the kind of node."""

OWN_ATTRIBUTES = ("actors", "ties", "regions", "products")
"""Inputs that may have columns of their own, whose names begin with ``x_``."""

TABULAR = (*OWN_ATTRIBUTES, "indicators", "classification", "sources")
"""Inputs that are tables of rows."""

CONSTANTS: dict[str, tuple[str, ...]] = {
    "actors": ("actor_type", "sphere", "region", "evidence", "source"),
    "ties": ("tie_type", "year", "unit", "currency", "evidence", "source", "confidence", "status"),
    "indicators": ("unit", "source", "evidence"),
}
"""Attributes that a case file may give once for all rows that do not say it themselves."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a case: the file and how it is read.

    ``file`` is as the case names it; ``encoding``, ``separator`` and ``decimal`` are ``auto`` (``sheet``
    None) where they are to be found out; ``layout`` is ``long`` or ``wide`` (indicators only);
    ``columns`` has the column of the file by attribute, ``values`` for an attribute the term of each
    value in the file; ``constants`` hold for all rows that do not say it themselves
    (:data:`CONSTANTS`); with ``make_actors`` the ends of ties that no file has become actors.
    """

    name: InputName
    file: str
    path: Path
    encoding: str = "auto"
    separator: str = "auto"
    decimal: Decimal = "auto"
    sheet: str | None = None
    layout: str = "long"
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str | int] = field(default_factory=dict)
    make_actors: bool = False


def vocabulary_of(attribute: Attribute) -> tuple[str, tuple[str, ...]]:
    """Return the name of an attribute's vocabulary and its terms; both empty for free texts."""
    dictionary = load_dictionary()
    if attribute.name == "tie_type":
        return "tie-type", dictionary.tie_type_names()
    if attribute.vocabulary:
        return attribute.vocabulary.replace("_", "-"), dictionary.terms(attribute.vocabulary)
    return "", ()


def actor_tie_types(*, symmetric: bool = False) -> list[str]:
    """Return the types of tie that go from actor to actor; only those of no direction if asked."""
    types = load_dictionary().tie_types
    pairs = [t for t in types if (t.source_kind, t.target_kind) == ("Actor", "Actor")]
    return sorted({t.name for t in pairs if t.symmetric or not symmetric})


def attributes_of(name: str) -> dict[str, Attribute]:
    """Return the attributes a tabular input may give, by name, in the order of the dictionary."""
    dictionary = load_dictionary()
    if name == "ties":
        free = [a for a in dictionary.attributes if a.element == "tie" and a.kind != "IN_CLUSTER"]
        return {a.name: a for a in [*_TIE_KEYS, *free, _TIE_KEYS[0]]}
    if name in NODE_KINDS:
        found = {a.name: a for a in dictionary.attributes_of("node", NODE_KINDS[name])}
        if name == "regions":
            del found["id"]
            found["part_of"] = own_attribute(
                "part_of", "list", meaning="code of the group or country it belongs to"
            )
        return found
    return {column.name: column for column in _COLUMNS[name]}


def own_attribute(
    name: str,
    kind: ValueType = "text",
    *,
    required: bool = False,
    vocabulary: str = "",
    meaning: str = "",
) -> Attribute:
    """Return an attribute that the dictionary does not have."""
    return Attribute("node", "", name, kind, "", required, vocabulary, meaning)


_TIE_KEYS = (
    own_attribute("tie_id", meaning="key of the tie"),
    own_attribute("source_id", required=True, meaning="key of the node the tie goes out from"),
    own_attribute("target_id", required=True, meaning="key of the node the tie goes to"),
    own_attribute("tie_type", required=True, meaning="type of the tie"),
)
_COLUMNS = {
    "indicators": (
        own_attribute("region", required=True),
        own_attribute("year", "integer", required=True),
        own_attribute("indicator", required=True),
        own_attribute("value", "number", required=True),
        own_attribute("unit"),
        own_attribute("source", required=True),
        own_attribute("evidence", required=True, vocabulary="evidence"),
    ),
    "classification": (
        own_attribute("code", required=True),
        own_attribute("name", required=True),
        *map(own_attribute, ("parent", "level", "name_ru", "name_kk")),
    ),
    "sources": (
        own_attribute("source", required=True),
        *map(own_attribute, ("reference", "site", "kind")),
        own_attribute("evidence", vocabulary="evidence"),
        own_attribute("uses", "integer"),
    ),
}
