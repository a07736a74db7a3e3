"""The catalog: the named queries an analyst asks, one file each, and the way to ask them.

Each file of ``queries/catalog`` begins with lines of comment that say what the query is::

    // title: Suppliers up to k tiers
    // question: Who supplies this organisation?
    // parameter: tiers (integer, default 2, from 1 to 4) - how many tiers up the chain
    // column: value (number, as unit says) - amount of the tie

A parameter without a default is needed; ``default none`` leaves it empty. Types of parameters:
text, integer, number, boolean, date; ``sphere``, ``layer`` and ``tie_type`` (a name of the
dictionary); ``actor``, ``region``, ``network`` and ``run`` (key or name of one the store holds).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from klaster.graph.canonical_tables import plain
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, InputError, StoreError, UnknownNameError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.contract import GraphStore, QueryResult
from klaster.queries.gate import pass_gate

ParameterType = Literal[
    "text",
    "integer",
    "number",
    "boolean",
    "date",
    "sphere",
    "layer",
    "tie_type",
    "actor",
    "region",
    "network",
    "run",
]
ColumnType = Literal["text", "integer", "number", "boolean", "date", "list"]

_ENTRY = re.compile(r"(?P<name>[a-z][a-z0-9_]*) \((?P<terms>[^()]*)\) - (?P<meaning>\S.*)")
_FIELD = re.compile(r"//\s*(?P<key>[a-z]+):\s*(?P<text>.*\S)\s*")
_BOUNDS = re.compile(r"from (-?[0-9.]+) to (-?[0-9.]+)")
_UNUSED_NAME = re.compile(r"references unknown|which no .* has|the graph has no such")
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a named query.

    Attributes
    ----------
    name, type, meaning
        As the query's file says.
    required
        Whether it has no default.
    default
        Value where none is given.
    least, most
        Bounds of a number, None where there are none.
    """

    name: str
    type: ParameterType
    meaning: str
    required: bool = True
    default: Any = None
    least: float | None = None
    most: float | None = None

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.type in _DICTIONARY_TYPES:
            return f"one of {', '.join(_names_of(self.type))}"
        words = {
            "text": "a text",
            "integer": "a whole number",
            "number": "a number",
            "boolean": "true or false",
            "date": "a date as 2014-03-19",
            "actor": "the key or the name of an organisation",
            "region": "the code or the name of a region",
            "network": "the id or the name of a network of the case",
            "run": "the key or the name of a run",
        }[self.type]
        if self.least is not None:
            words += f" from {self.least:g} to {self.most:g}"
        return words

    def value_of(self, given: Any) -> Any:
        """Return what was given, a text or a Python value, as the parameter's type.

        Raises
        ------
        ValueError
            Where it is not what :attr:`allowed` says.
        """
        value = _converted(given, self.type)
        if (
            self.least is not None
            and self.most is not None
            and not self.least <= value <= self.most
        ):
            raise ValueError(str(given))
        return value


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a named query's answer."""

    name: str
    type: ColumnType
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query of the catalog.

    Attributes
    ----------
    name
        What it is called by: the name of its file.
    title, question
        What it is, and the question it answers, in plain words.
    parameters, columns
        What it takes and what it gives.
    cypher
        Its text, without the lines that describe it.
    """

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    cypher: str

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a value for every parameter: those given, checked, and defaults for the rest.

        Parameters
        ----------
        given
            Texts, as from a command line, or Python values.

        Raises
        ------
        UnknownNameError
            For a parameter the query does not have.
        InputError
            With every value that is missing or of the wrong type.

        Examples
        --------
        >>> load_catalog()["suppliers"].values({"actor": "qarmet", "tiers": "3"})
        {'actor': 'qarmet', 'tiers': 3, 'include_inactive': False}
        """
        names = [p.name for p in self.parameters]
        for name in given:
            if name not in names:
                raise UnknownNameError(f"parameter of query {self.name!r}", name, names)
        values, faults = {}, []
        for parameter in self.parameters:
            try:
                values[parameter.name] = self._value(parameter, given)
            except ValueError as error:
                faults.append(
                    Fault(
                        file=f"query {self.name}",
                        column=parameter.name,
                        code="bad-parameter",
                        value=str(error),
                        problem=parameter.meaning
                        if parameter.name in given
                        else f"it is needed: {parameter.meaning}",
                        remedy=f"Give {parameter.allowed}.",
                    )
                )
        if faults:
            raise InputError(faults, f"the parameters of query {self.name!r}")
        return values

    def _value(self, parameter: Parameter, given: Mapping[str, Any]) -> Any:
        value = given.get(parameter.name)
        if value is not None:
            return parameter.value_of(value)
        if parameter.required:
            raise ValueError("")
        return parameter.default


def _converted(given: Any, kind: str) -> Any:
    given = given.item() if hasattr(given, "item") else given  # a number of NumPy
    text = given.strip() if isinstance(given, str) else None
    if kind in ("text", *_DICTIONARY_TYPES, *_STORE_TYPES):
        if not text:
            raise ValueError(str(given))
        return _spelled(text, kind) if kind in _DICTIONARY_TYPES else text
    if kind == "boolean":
        if isinstance(given, bool):
            return given
        if text is None or text.lower() not in _TRUE + _FALSE:
            raise ValueError(str(given))
        return text.lower() in _TRUE
    if kind == "date":
        if type(given) is dt.date:
            return given
        return dt.date.fromisoformat(str(given).strip())
    try:
        if isinstance(given, bool) or (
            isinstance(given, float) and kind == "integer" and given % 1
        ):
            raise ValueError(str(given))
        if kind == "integer":
            return int(given)
        number = float(text.replace(",", ".") if text is not None else given)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(str(given)) from None
    if not math.isfinite(number):
        raise ValueError(str(given))
    return number


_DICTIONARY_TYPES = ("sphere", "layer", "tie_type")
_STORE_TYPES = ("actor", "region", "network", "run")
RESULT_LAYER = "result"
"""Layer of what a run wrote: no named query is asked for it as if it were known of the case."""


def _names_of(kind: str) -> tuple[str, ...]:
    """Return the names of the dictionary a parameter of this type may be."""
    dictionary = load_dictionary()
    if kind == "sphere":
        return dictionary.terms("sphere")
    known = [t for t in dictionary.tie_types if t.layer != RESULT_LAYER]
    return tuple(dict.fromkeys(t.layer if kind == "layer" else t.name for t in known))


def _spelled(text: str, kind: str) -> str:
    """Return the name of the dictionary that is meant, whatever its capitals."""
    for name in _names_of(kind):
        if name.casefold() == text.casefold():
            return name
    raise ValueError(text)


# -- reading the files -----------------------------------------------------------------------


def parse_query(name: str, text: str) -> NamedQuery:
    """Read one file of the catalog.

    Parameters
    ----------
    name
        Name of the query.
    text
        The whole file.

    Raises
    ------
    InputError
        With every fault of the lines that describe it.
    QueryRefusedError
        Where the query itself does not pass the gate.
    """
    lines = text.splitlines()
    length = next((k for k, line in enumerate(lines) if not line.startswith("//")), len(lines))
    faults: list[Fault] = []
    fields: dict[str, list[tuple[int, str]]] = {}

    def fault(row: int, problem: str, value: str = "") -> None:
        remedy = "See the head of klaster.queries.catalog for the form."
        faults.append(
            Fault(
                file=f"{name}.cypher",
                row=row,
                code="bad-head",
                value=value,
                problem=problem,
                remedy=remedy,
            )
        )

    for row, line in enumerate(lines[:length], start=1):
        found = _FIELD.fullmatch(line)
        if found is None or found["key"] not in ("title", "question", "parameter", "column"):
            fault(row, "not a line 'title:', 'question:', 'parameter:' or 'column:'", line)
        else:
            fields.setdefault(found["key"], []).append((row, found["text"]))
    for key in ("title", "question"):
        if len(fields.get(key, [])) != 1:
            fault(1, f"one line '{key}:' is needed, not {len(fields.get(key, []))}")
    parameters, columns = [], []
    for row, entry in fields.get("parameter", []):
        try:
            parameters.append(_parameter(entry))
        except ValueError as error:
            fault(row, f"not a parameter: {error}", entry)
    for row, entry in fields.get("column", []):
        try:
            columns.append(_column(entry))
        except ValueError as error:
            fault(row, f"not a column: {error}", entry)
    for what, names in (
        ("parameter", [p.name for p in parameters]),
        ("column", [c.name for c in columns]),
    ):
        if len(set(names)) < len(names):
            fault(1, f"a {what} is named twice")
    if not fields.get("column"):
        fault(1, "no column is described")
    if faults:
        raise InputError(faults, f"query {name!r}")
    cypher = "\n".join(lines[length:]).strip() + "\n"
    pass_gate(cypher)
    return NamedQuery(
        name,
        fields["title"][0][1],
        fields["question"][0][1],
        tuple(parameters),
        tuple(columns),
        cypher,
    )


def _terms(entry: str) -> tuple[str, list[str], str]:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ValueError("the form is: name (type, ...) - meaning")
    terms = [term.strip() for term in found["terms"].split(",")]
    return found["name"], terms, found["meaning"]


def _parameter(entry: str) -> Parameter:
    name, (kind, *more), meaning = _terms(entry)
    if kind not in get_args(ParameterType):
        raise ValueError(f"no type {kind!r}; there are {', '.join(get_args(ParameterType))}")
    required, default, least, most = True, None, None, None
    for term in more:
        if term.startswith("default "):
            required, word = False, term.removeprefix("default ")
            default = None if word == "none" else _converted(word, kind)
        elif found := _BOUNDS.fullmatch(term):
            least, most = float(found[1]), float(found[2])
        else:
            raise ValueError(f"{term!r} is neither 'default ...' nor 'from ... to ...'")
    return Parameter(name, cast(ParameterType, kind), meaning, required, default, least, most)


def _column(entry: str) -> Column:
    name, (kind, *unit), meaning = _terms(entry)
    if kind not in get_args(ColumnType):
        raise ValueError(f"no type {kind!r}; there are {', '.join(get_args(ColumnType))}")
    return Column(name, cast(ColumnType, kind), ", ".join(unit), meaning)


@cache
def load_catalog() -> Mapping[str, NamedQuery]:
    """Return the queries that ship with klaster, by name.

    Examples
    --------
    >>> load_catalog()["suppliers"].title
    'Suppliers up to k tiers'
    """
    folder = files("klaster.queries") / "catalog"
    texts = {
        entry.name.removesuffix(".cypher"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".cypher")
    }
    return MappingProxyType({name: parse_query(name, texts[name]) for name in sorted(texts)})


# -- asking ----------------------------------------------------------------------------------


def run_named(
    store: GraphStore,
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    row_limit: int | None = None,
    timeout_s: float = 30.0,
) -> QueryResult:
    """Ask a store a query of the catalog.

    Parameters
    ----------
    store
        Any store: the rows are the same in each.
    name
        Name of the query.
    params
        Its parameters, as texts or Python values. An actor may be given by its key or by its
        name in any language, a region by its code or name, a network or a run by its key or name.
    row_limit
        Rows that are taken at most; None: all.
    timeout_s
        Seconds it may take.

    Raises
    ------
    UnknownNameError
        For a query or a parameter that does not exist.
    InputError
        For values that are missing or of the wrong type.
    StoreError
        For an organisation, region, network or run the store does not have, or where the query
        fails.

    Examples
    --------
    >>> from klaster.graph.stores.embedded import EmbeddedStore
    >>> graph = ClusterGraph.build(
    ...     nodes=[
    ...         {"id": key, "kind": "Actor", "name": key.title(), "actor_type": "Firm",
    ...          "sphere": "business"}
    ...         for key in ("mine", "mill")
    ...     ],
    ...     ties=[
    ...         {"tie_id": "t1", "source_id": "mine", "target_id": "mill", "tie_type": "SUPPLIES",
    ...          "evidence": "synthetic", "source": "example"},
    ...     ],
    ... )
    >>> with EmbeddedStore() as store:
    ...     _ = store.write(graph)
    ...     answer = run_named(store, "suppliers", {"actor": "Mill", "tiers": 1})
    >>> answer.to_frame()[["supplier", "evidence", "source"]].values.tolist()
    [['Mine', 'synthetic', 'example']]
    """
    catalog = load_catalog()
    if name not in catalog:
        raise UnknownNameError("query", name, catalog)
    query = catalog[name]
    values = query.values(params or {})
    resolvers = {
        "actor": resolve_actor,
        "region": resolve_region,
        "network": resolve_network,
        "run": resolve_run,
    }
    for parameter in query.parameters:
        text = values[parameter.name]
        if text is not None and parameter.type in resolvers:
            values[parameter.name] = resolvers[parameter.type](store, text)
    result = store.run(query.cypher, values, timeout_s=timeout_s, row_limit=row_limit)
    # A name of the dictionary that this case does not use is no mistake of the reader's.
    notes = tuple(note for note in result.notes if not _UNUSED_NAME.search(note))
    return replace(result, notes=notes)


_NAMES = ("name", "name_en", "name_ru", "name_kk", "aliases")


def resolve_actor(where: ClusterGraph | GraphStore, text: str) -> str:
    """Return the key of the actor that is meant by a key or by a name in any language.

    A key comes first; then a name, a name in some language or an alias, whatever its capitals,
    quotation marks and spaces.

    Raises
    ------
    StoreError
        Where no actor, or more than one, is called so; with the nearest ones.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     nodes=[{"id": "qarmet", "kind": "Actor", "name": "Qarmet", "actor_type": "Firm",
    ...             "sphere": "business", "aliases": ["АО «Қарметкомбинат»"]}],
    ...     ties=[],
    ... )
    >>> resolve_actor(graph, "ао қарметкомбинат")
    'qarmet'
    """
    return _resolved("organisation", text, _named(where, "Actor", "id", _NAMES), "find-actor")


def resolve_region(where: ClusterGraph | GraphStore, text: str) -> str:
    """Return the code of the region that is meant by its code or its name.

    A code is known when a region, an organisation or an industry has it.

    Raises
    ------
    StoreError
        Where there is no such region, or more than one; with those there are.
    """
    known = _named(where, "Region", "code", _NAMES)
    for kind in ("Actor", "Industry"):
        for code, _ in _named(where, kind, "region", ()):
            known.append((code, []))
    return _resolved("region", text, _merged(known), "")


def resolve_network(where: ClusterGraph | GraphStore, text: str) -> str:
    """Return the id of the network of the case that is meant by its id or its name.

    A network is known when an organisation or a cluster is filed under it; its names are those
    of the cluster the case declares for it.

    Raises
    ------
    StoreError
        Where there is no such network, or more than one; with those there are.
    """
    known = _named(where, "Actor", "network", ())
    known += [
        (code, [name])
        for code, layer, name in _cells(where, "Cluster", ("network", "layer", "name"))
        if code is not None and layer == "declared"
    ]
    return _resolved("network", text, _merged(known), "")


def resolve_run(where: ClusterGraph | GraphStore, text: str) -> str:
    """Return the key of the run that is meant by its key or its name.

    Raises
    ------
    StoreError
        Where there is no such run, or more than one is called so; with those there are.
    """
    return _resolved("run", text, _named(where, "Run", "id", _NAMES), "")


def _merged(known: Iterable[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Return each key once, with all its names, sorted."""
    merged: dict[str, list[str]] = {}
    for code, names in known:
        merged.setdefault(code, []).extend(names)
    return sorted(merged.items())


def _named(
    where: ClusterGraph | GraphStore, kind: str, key: str, names: Iterable[str]
) -> list[tuple[str, list[str]]]:
    """Return key and names of each node of a kind that has the key, sorted by key."""
    found = []
    for code, *held in _cells(where, kind, (key, *names)):
        if code is not None:
            spellings = [s for h in held if h for s in (h if isinstance(h, list) else [h])]
            found.append((str(code), spellings))
    return sorted(found)


def _cells(
    where: ClusterGraph | GraphStore, kind: str, columns: Sequence[str]
) -> Iterable[tuple[Any, ...]]:
    """Return these attributes of every node of a kind."""
    if isinstance(where, GraphStore):
        wanted = ", ".join(f"n.{column} AS {column}" for column in columns)
        return where.run(f"MATCH (n:{kind}) RETURN {wanted}").rows
    table = where.nodes
    table = table[(table["kind"] == kind).to_numpy(dtype=bool)]
    cells = [
        [plain(v) for v in table[c].tolist()] if c in table.columns else [None] * len(table)
        for c in columns
    ]
    return zip(*cells, strict=True)


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[«»„“”\"'’`]", "", name).casefold().split())


def _resolved(what: str, text: str, known: list[tuple[str, list[str]]], search: str) -> str:
    keys = {key for key, _ in known}
    if text in keys:
        return text
    wanted = _folded(text)
    called = {
        key
        for key, names in known
        if _folded(key) == wanted or wanted in (_folded(name) for name in names)
    }
    if len(called) == 1:
        return called.pop()
    if called:
        raise StoreError(
            f"several {what}s are called {text!r}: {', '.join(sorted(called))}. Give the key."
        )
    spelled = {_folded(s): (key, s) for key, names in known for s in [key, *names]}
    near = get_close_matches(wanted, sorted(spelled), n=3, cutoff=0.6)
    near += [s for s in sorted(spelled) if wanted and wanted in s and s not in near][
        : 5 - len(near)
    ]
    hints = (s if s == key else f"{s} ({key})" for key, s in (spelled[n] for n in near))
    hint = "; ".join(dict.fromkeys(hints))
    advice = f" Nearest: {hint}." if hint else ""
    if search:
        advice += f" Search with the query {search!r}."
    elif not hint:
        advice = f" There are: {', '.join(sorted(keys)) or 'none'}."
    raise StoreError(f"no {what} {text!r}.{advice}")
