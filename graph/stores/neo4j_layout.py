"""How a cluster graph lies in Neo4j: labels, constraints, and the groups it is written in.

The Bolt loader, the bulk import and the reader share this, so that each leaves the same graph.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from klaster.graph.dictionary import Element, load_dictionary
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import ClusterGraph

OWNED = "Klaster"
"""Label of every node klaster writes: what lacks it belongs to someone else and is not touched."""

JOURNAL = "KlasterLoad"
"""Label of the records that exist while a load is under way, and say how far it came."""

NAMES_INDEX = "klaster_names"
"""Full-text index over names in all languages and other spellings."""

NAME_ATTRIBUTES = ("name", "name_en", "name_ru", "name_kk", "aliases")

KEY_BYTES = 4_000
"""Longest key Neo4j's indexes take safely (their limit is near 8 kB, the key's label included)."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def identifier(name: str) -> str:
    """Return a name that goes into query text as it stands; anything else is a fault of ours."""
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(f"not a plain identifier: {name!r}")
    return name


def schema() -> dict[str, str]:
    """Return the constraints and indexes, drawn from the dictionary: name and statement.

    Keys are unique: ``id`` for each kind of node, ``tie_id`` for each type of tie. Names in all
    languages are in one full-text index. Each statement may be run again without effect.

    Examples
    --------
    >>> schema()["klaster_actor_id"]
    'CREATE CONSTRAINT klaster_actor_id IF NOT EXISTS FOR (n:Actor) REQUIRE n.id IS UNIQUE'
    """
    dictionary = load_dictionary()
    unique = {
        f"klaster_{kind.lower()}_id": f"(n:{identifier(kind)}) REQUIRE n.id"
        for kind in dictionary.node_kinds()
    }
    unique |= {
        f"klaster_{name.lower()}_tie_id": f"()-[r:{identifier(name)}]-() REQUIRE r.tie_id"
        for name in dictionary.tie_type_names()
    }
    unique["klaster_load_lane"] = f"(n:{JOURNAL}) REQUIRE n.lane"
    names = ", ".join(f"n.{attribute}" for attribute in NAME_ATTRIBUTES)
    return {
        name: f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR {what} IS UNIQUE"
        for name, what in unique.items()
    } | {
        NAMES_INDEX: f"CREATE FULLTEXT INDEX {NAMES_INDEX} IF NOT EXISTS "
        f"FOR (n:{OWNED}) ON EACH [{names}]"
    }


@dataclass(frozen=True)
class Group:
    """Rows written by one statement: nodes of one label set, or ties of one type and two kinds.

    Attributes
    ----------
    element
        ``node`` or ``tie``.
    labels
        Of nodes: kind, ``actor_type`` where there is one, and the label of ownership.
    tie_type, source_kind, target_kind
        Of ties.
    table
        The rows, with the columns that hold a value in at least one of them.
    """

    element: Element
    table: pa.Table
    labels: tuple[str, ...] = ()
    tie_type: str = ""
    source_kind: str = ""
    target_kind: str = ""

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """Columns that address a row: they come first and always have a value."""
        return ("id",) if self.element == "node" else ("tie_id", "source_id", "target_id")

    @cached_property
    def shared(self) -> dict[str, Any]:
        """Columns that hold one same value in every row: sent once, not once a row."""
        found = {}
        for name in self.table.column_names:
            column = self.table.column(name)
            if name in self.fixed or pa.types.is_list(column.type) or self.table.num_rows < 2:
                continue
            if column.null_count == 0 and pc.all(pc.equal(column, column[0])).as_py():
                found[name] = column[0].as_py()
        return found

    @cached_property
    def varying(self) -> tuple[str, ...]:
        """The other columns."""
        skip = {*self.fixed, *self.shared}
        return tuple(name for name in self.table.column_names if name not in skip)

    def rows(self, start: int, length: int) -> list[tuple[Any, ...]]:
        """Return rows as tuples: the addressing columns, then the varying ones."""
        part = self.table.slice(start, length)
        columns = [part.column(name).to_pylist() for name in (*self.fixed, *self.varying)]
        return list(zip(*columns, strict=True))

    def write_statement(self) -> str:
        """Return the statement that writes rows of the group.

        It creates: that nothing is written twice is seen to by the record of the load, which
        changes in the same transaction, and by the constraints on the keys. (A MERGE would look
        up each tie once more, and lock both its ends: a quarter of the server's work.)
        """
        first = len(self.fixed)
        values = [f"{identifier(name)}: row[{first + k}]" for k, name in enumerate(self.varying)]
        values += [f"{identifier(name)}: $shared.{identifier(name)}" for name in self.shared]
        properties = ", ".join([f"{self.fixed[0]}: row[0]", *values])
        if self.element == "node":
            labels = ":".join(identifier(label) for label in self.labels)
            return f"UNWIND $rows AS row CREATE (:{labels} {{{properties}}})"
        return (
            f"UNWIND $rows AS row MATCH (a:{identifier(self.source_kind)} {{id: row[1]}}) "
            f"MATCH (b:{identifier(self.target_kind)} {{id: row[2]}}) "
            f"CREATE (a)-[:{identifier(self.tie_type)} {{{properties}}}]->(b)"
        )


def _arrow(frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    return table.combine_chunks()


def _without_empty(table: pa.Table, drop: set[str]) -> pa.Table:
    keep = [
        name
        for name in table.column_names
        if name not in drop and table.column(name).null_count < table.num_rows
    ]
    return table.select(keep)


def _parts(
    codes: Sequence[tuple[str, ...]],
) -> Iterator[tuple[tuple[str, ...], np.ndarray[Any, Any]]]:
    """Yield each distinct code, sorted, with the rows that have it."""
    distinct = sorted(set(codes))
    number = {code: k for k, code in enumerate(distinct)}
    of_row = np.fromiter((number[code] for code in codes), dtype=np.int64, count=len(codes))
    for code, k in number.items():
        yield code, np.flatnonzero(of_row == k)


def node_groups(graph: ClusterGraph) -> list[Group]:
    """Split the nodes by label set, in sorted order."""
    frame = graph.nodes
    table = _arrow(frame)
    kinds = frame["kind"].tolist()
    types = frame["actor_type"].tolist() if "actor_type" in frame.columns else [pd.NA] * len(frame)
    dictionary = load_dictionary()
    codes = [
        dictionary.labels_of(kind, None if actor_type is pd.NA else actor_type)
        for kind, actor_type in zip(kinds, types, strict=True)
    ]
    return [
        Group("node", _without_empty(table.take(rows), {"kind"}), labels=(*code, OWNED))
        for code, rows in _parts(codes)
    ]


def tie_groups(graph: ClusterGraph) -> list[Group]:
    """Split the ties by type and the kinds they tie, in sorted order."""
    frame, nodes = graph.ties, graph.nodes
    table = _arrow(frame)
    kind_of = dict(zip(nodes["id"].tolist(), nodes["kind"].tolist(), strict=True))
    columns = (frame[name].tolist() for name in ("tie_type", "source_id", "target_id"))
    codes = [
        (tie_type, kind_of[source], kind_of[target])
        for tie_type, source, target in zip(*columns, strict=True)
    ]
    return [
        Group(
            "tie",
            _without_empty(table.take(rows), {"tie_type"}),
            tie_type=code[0],
            source_kind=code[1],
            target_kind=code[2],
        )
        for code, rows in _parts(codes)
    ]


def check_storable(graph: ClusterGraph) -> None:
    """Raise InputError for what Neo4j cannot hold: a very long key, a missing text in a list."""
    faults = []
    for name, frame, key in (("nodes", graph.nodes, "id"), ("ties", graph.ties, "tie_id")):
        table = _arrow(frame)
        lengths = pc.binary_length(table.column(key)).to_numpy(zero_copy_only=False)
        faults += [
            Fault(
                file=name,
                row=int(row) + 2,
                column=key,
                code="key-too-long",
                value=str(frame[key].iloc[row])[:60] + "…",
                problem=f"the key has {int(lengths[row])} bytes, Neo4j indexes {KEY_BYTES}",
                remedy="Give it a shorter key.",
            )
            for row in np.flatnonzero(lengths > KEY_BYTES).tolist()
        ]
        for column in table.column_names:
            values = table.column(column)
            if not pa.types.is_list(values.type):
                continue
            inner = pc.list_flatten(values)
            if inner.null_count:
                parents = pc.list_parent_indices(values)
                rows = sorted(set(pc.filter(parents, pc.is_null(inner)).to_pylist()))
                faults += [
                    Fault(
                        file=name,
                        row=row + 2,
                        column=column,
                        code="missing-in-list",
                        problem="a list has a missing element, which Neo4j cannot hold",
                        remedy="Leave the element out.",
                    )
                    for row in rows
                ]
    if faults:
        raise InputError(faults, "the graph")


class _Hash:
    """A file that only hashes what is written to it."""

    def __init__(self) -> None:
        self.state = hashlib.sha256()
        self.closed = False

    def write(self, data: Any) -> int:
        self.state.update(data)
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def fingerprint(graph: ClusterGraph, *settings: object) -> str:
    """Return a SHA-256 of graph and settings, equal for equal content.

    It tells whether an interrupted load was of this graph. ``ClusterGraph.digest`` tells the
    same, but walks every cell in Python: half a minute for a million ties.
    """
    sink = _Hash()
    sink.write(repr(settings).encode())
    for table in (_arrow(graph.nodes), _arrow(graph.ties)):
        columns = {}
        for name in table.column_names:
            column = table.column(name)
            columns[f"{name}?"] = pc.cast(pc.is_valid(column), pa.uint8())
            if pa.types.is_list(column.type):
                columns[f"{name}#"] = pc.fill_null(pc.list_value_length(column), 0)
                inner = pa.array(pc.list_flatten(column).to_pylist(), pa.string())
                sink.write(repr(inner.to_pylist()).encode())
                continue
            if pa.types.is_boolean(column.type):
                column = pc.cast(column, pa.uint8())
            if pa.types.is_date(column.type):
                column = pc.cast(column, pa.int32())
            columns[name] = pc.fill_null(column, "" if pa.types.is_string(column.type) else 0)
        plain = pa.table(columns).combine_chunks()
        with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), plain.schema) as stream:
            stream.write_table(plain)
    return sink.state.hexdigest()
