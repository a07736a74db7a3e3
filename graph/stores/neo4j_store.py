"""The Neo4j store: a cluster graph on a Neo4j server (5.26 or newer, Community is enough).

Every node klaster writes has the label ``Klaster``. The rest of the database belongs to someone
else: klaster never changes or removes it, and refuses to write where the two would mix.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd
import pyarrow as pa

from klaster.graph.canonical_tables import EXTRA_NAME
from klaster.graph.dictionary import (
    ARROW_TYPES,
    NODE_COLUMNS,
    TIE_COLUMNS,
    Element,
    ValueType,
    load_dictionary,
)
from klaster.graph.errors import InputError, QueryRefusedError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import Progress
from klaster.graph.stores.contract import GraphStore, QueryResult, WriteReport
from klaster.graph.stores.neo4j_connection import Neo4jConnection, retried
from klaster.graph.stores.neo4j_layout import JOURNAL, OWNED, identifier
from klaster.graph.stores.neo4j_loading import BATCH_ROWS, is_unfinished, load_graph

ASKING_PATIENCE_S = 5.0
"""How long a query waits for a server that went away, within its own time."""

DEEPEST_PLAN = 200
"""Operators below each other that a plan may have to be looked at. The driver in Python unpacks not
many more before its stack ends, the one with neo4j-rust-ext has a stack it does not watch."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What the server would do for a query.

    Attributes
    ----------
    query_type
        ``r`` reads, ``rw`` and ``w`` write, ``s`` changes the schema; empty where not said.
    operators
        The operators of the plan, from its root, each with its details in words.
    """

    query_type: str
    operators: tuple[tuple[str, str], ...]


class Neo4jStore(GraphStore):
    """A cluster graph on a Neo4j server.

    Made by :meth:`connect`. Actors carry three labels (``Actor``, their ``actor_type``,
    ``Klaster``), other nodes their kind and ``Klaster``. Ties keep their direction; parallel ties
    and self-loops stay apart. A missing value is no property. Dates are dates, lists are lists.

    Parameters
    ----------
    connection
        An open connection; the store closes it.
    batch_rows
        Rows of one transaction.

    Examples
    --------
    >>> from klaster import Neo4jStore
    >>> with Neo4jStore.connect("neo4j://localhost:7687", password="…") as store:  # doctest: +SKIP
    ...     graph = store.read()
    """

    def __init__(self, connection: Neo4jConnection, *, batch_rows: int = BATCH_ROWS) -> None:
        self._connection, self._batch_rows = connection, batch_rows
        self.address, self.server_version = connection.address, connection.server_version

    def __repr__(self) -> str:
        held = self._connection
        return f"Neo4jStore({held.address}, database {held.database!r}, user {held.user!r})"

    @classmethod
    def connect(
        cls,
        uri: str,
        *,
        user: str = "neo4j",
        password: str,
        database: str = "neo4j",
        patience_s: float = 120.0,
        batch_rows: int = BATCH_ROWS,
        connection_timeout_s: float = 10.0,
    ) -> Self:
        """Open a store on a server.

        Parameters
        ----------
        uri
            Address: ``neo4j://host:7687``, ``bolt://host:7687``, or with ``+s`` for TLS and
            ``+ssc`` for TLS with a self-signed certificate. It holds no password.
        user, password
            Credentials. The password is handed to the driver and kept nowhere else.
        database
            Database on the server; a Community server has one.
        patience_s
            Seconds a load waits for a server that went away before it gives up.
        batch_rows
            Rows of one transaction.
        connection_timeout_s
            Seconds to wait for the server's first answer.

        Raises
        ------
        StoreError
            One sentence each: wrong address, nothing there, not Bolt, wrong password, no such
            database, a server older than 5.26.
        """
        connection = Neo4jConnection.open(
            uri,
            user=user,
            password=password,
            database=database,
            patience_s=patience_s,
            connection_timeout_s=connection_timeout_s,
        )
        return cls(connection, batch_rows=batch_rows)

    def write(self, graph: ClusterGraph, *, progress: Progress | None = None) -> WriteReport:
        """Replace what klaster wrote in this database by the graph, and count what is there.

        Nothing of others is touched. A load of the same graph that was interrupted is gone on
        with. A lost connection or a restarting server is waited for (a warning is logged); no
        tie is lost or doubled by it.

        Raises
        ------
        StoreError
            Where others have nodes under klaster's labels, or ties to klaster's nodes; where
            the server stays away; where the counts are not right at the end.
        InputError
            Where a value cannot be held in Neo4j.
        """
        return load_graph(self._connection, graph, batch_rows=self._batch_rows, progress=progress)

    def read(self) -> ClusterGraph:
        """Return the graph the store holds, equal to the one written.

        Raises
        ------
        StoreError
            Where the last load was interrupted, or what is there was changed into something
            that is no graph of klaster.
        """
        dictionary = load_dictionary()
        with self._connection.translated():
            if is_unfinished(self._connection):
                raise StoreError(
                    f"the last load into {self.address} was interrupted: the graph there is not "
                    "whole. Run the load again; it goes on where it stopped."
                )
            present = {row[0] for row in self._connection.rows("CALL db.propertyKeys()")}
            labels = {row[0] for row in self._connection.rows("CALL db.labels()")}
            types = {row[0] for row in self._connection.rows("CALL db.relationshipTypes()")}
            nodes = [
                self._columns(f"(n:{OWNED}:{kind})", "n", "node", kind, ("n.id",), present)
                for kind in dictionary.node_kinds()
                if {kind, OWNED} <= labels
            ]
            ties = [
                self._columns(
                    f"(a:{OWNED})-[r:{t}]->(b:{OWNED})",
                    "r",
                    "tie",
                    t,
                    ("r.tie_id", "a.id", "b.id"),
                    present,
                )
                for t in dictionary.tie_type_names()
                if t in types and OWNED in labels
            ]
        try:
            return ClusterGraph(_stacked(nodes, NODE_COLUMNS), _stacked(ties, TIE_COLUMNS))
        except InputError as error:
            raise StoreError(
                f"what klaster wrote into {self.address} was changed since and is not a graph of "
                f"klaster any more. Run the load again.\n{error}"
            ) from None

    def _columns(
        self,
        pattern: str,
        variable: str,
        element: Element,
        kind: str,
        fixed: Sequence[str],
        present: set[str],
    ) -> pd.DataFrame:
        """Return the nodes of a kind, or ties of a type, as a typed table."""
        first = ("id",) if element == "node" else ("tie_id", "source_id", "target_id")
        types = {a.name: a.type for a in load_dictionary().attributes_of(element, kind)}
        names = [name for name in types if name in present and name not in first]
        names += sorted(name for name in present if EXTRA_NAME.fullmatch(name))
        asked = [*fixed, *(f"{variable}.{identifier(name)}" for name in names)]
        rows = self._connection.rows(
            f"MATCH {pattern} RETURN "
            + ", ".join(f"{path} AS c{k}" for k, path in enumerate(asked))
        )
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(asked)
        table = {
            name: _typed(cells, types.get(name))
            for name, cells in zip([*first, *names], columns, strict=True)
        }
        frame = pd.DataFrame(table, index=pd.RangeIndex(len(rows)))
        frame["kind" if element == "node" else "tie_type"] = kind
        return frame

    def run(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = 30.0,
        row_limit: int | None = None,
    ) -> QueryResult:
        """Run one reading query that is trusted (of the catalog, or past the gate).

        It runs in a transaction of read access, which Neo4j ends after ``timeout_s`` seconds.
        Where the connection is lost it is asked again, in the time that is left: reading twice
        changes nothing, and a query that writes is refused each time. Remarks of the server (a
        label that no node has), and that the last load was interrupted, are in the notes of the
        result.

        Raises
        ------
        QueryRefusedError
            Where the query writes, takes longer than ``timeout_s``, or more memory than the
            server gives.
        StoreError
            Where it cannot be run at all.
        """
        end = time.monotonic() + timeout_s

        def ask() -> QueryResult:
            with (
                self._connection.session("READ", row_limit, notes=True) as session,
                session.begin_transaction(timeout=_left(end)) as transaction,
            ):
                unfinished = transaction.run(f"MATCH (j:{JOURNAL}) RETURN 1 LIMIT 1").values()
                result = transaction.run(cypher, dict(parameters or {}))
                columns = tuple(result.keys())
                rows: list[tuple[Any, ...]] = []
                truncated = False
                for record in result:
                    if row_limit is not None and len(rows) == row_limit:
                        truncated = True
                        break
                    rows.append(tuple(_plain(value) for value in record.values()))
                notes = _notes(result.consume())
            if unfinished:
                notes = ("the last load was interrupted: the graph is not whole", *notes)
            return QueryResult(columns, tuple(rows), truncated=truncated, notes=notes)

        with self._connection.translated():
            return retried(ask, "asking the store", patience_s=min(ASKING_PATIENCE_S, timeout_s))

    def explain(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = 30.0,
    ) -> QueryPlan:
        """Return what the server would do for a query; nothing is run.

        Parameters
        ----------
        cypher
            One statement, without ``EXPLAIN`` or other options in front.
        parameters
            Values of its ``$names``: the server wants them to plan with.
        timeout_s
            Seconds it may take; where the connection is lost it is asked again within them.

        Raises
        ------
        StoreError
            Where the query is faulty, its place counted in the text given, or the server cannot
            be reached.
        QueryRefusedError
            Where planning takes too long, or the plan is too deep to be looked at.
        """
        end = time.monotonic() + timeout_s

        def ask() -> QueryPlan:
            with (
                self._connection.session("READ") as session,
                session.begin_transaction(timeout=_left(end)) as transaction,
            ):
                summary = transaction.run(_EXPLAIN + cypher, dict(parameters or {})).consume()
            return QueryPlan(str(summary.query_type or ""), tuple(_operators(summary.plan)))

        try:
            with self._connection.translated():
                return retried(
                    ask, "planning a query", patience_s=min(ASKING_PATIENCE_S, timeout_s)
                )
        except StoreError as error:
            raise type(error)(_place_of_the_query(str(error))) from None
        except RecursionError:  # the driver in Python unpacks a plan step by step downwards
            raise QueryRefusedError(_TOO_DEEP) from None

    def close(self) -> None:
        """Close the connections; a second call does nothing."""
        self._connection.close()


def _left(end: float) -> float:
    """Return the seconds until then; never none, which to the server means no limit."""
    return max(0.05, end - time.monotonic())


_EXPLAIN = "EXPLAIN "


def _place_of_the_query(message: str) -> str:
    """Return a message of the server with places counted without the word put before the query.

    >>> _place_of_the_query("no such function (line 1, column 16 (offset: 15))")
    'no such function (line 1, column 8 (offset: 7))'
    """

    def moved(found: re.Match[str]) -> str:
        line, column, offset = (int(text) for text in found.groups())
        shift = len(_EXPLAIN)
        column -= shift if line == 1 else 0
        return f"line {line}, column {column} (offset: {offset - shift})"

    return re.sub(r"line (\d+), column (\d+) \(offset: (\d+)\)", moved, message)


_TOO_DEEP = "the query has more clauses upon each other than can be looked at. Ask it in parts."


def _operators(plan: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Return the operators of a plan of the driver, each without the name of its database.

    Raises
    ------
    QueryRefusedError
        Where more than :data:`DEEPEST_PLAN` of them are one below the other.
    """
    left = [(plan, 1)] if plan else []
    while left:
        node, depth = left.pop()
        if depth > DEEPEST_PLAN:
            raise QueryRefusedError(_TOO_DEEP)
        name = str(node["operatorType"]).partition("@")[0]
        yield name, str(node.get("args", {}).get("Details", ""))
        left += [(child, depth + 1) for child in reversed(node.get("children", []))]


def _notes(summary: Any) -> tuple[str, ...]:
    """Return what the server remarked."""
    found = (
        status.status_description for status in summary.gql_status_objects if status.is_notification
    )
    return tuple(dict.fromkeys(found))


def _plain(value: Any) -> Any:
    """Return a value of the driver as a plain Python value."""
    from neo4j.graph import Node, Path, Relationship
    from neo4j.time import Date, DateTime, Duration, Time

    if isinstance(value, (Date, DateTime, Time)):
        try:
            return value.to_native()
        except ValueError:  # outside of Python's years 1 to 9999
            return value.iso_format()
    if isinstance(value, Duration):
        months, days, seconds, nanoseconds = value
        return {"months": months, "days": days, "seconds": seconds + nanoseconds / 1e9}
    if isinstance(value, Node):
        labels = sorted(set(value.labels) - {OWNED})
        properties = {name: _plain(value[name]) for name in sorted(value)}
        return {"labels": labels, "properties": properties}
    if isinstance(value, Relationship):
        properties = {name: _plain(value[name]) for name in sorted(value)}
        return {"type": value.type, "properties": properties}
    if isinstance(value, Path):
        steps = [_plain(value.start_node)]
        for tie, node in zip(value.relationships, value.nodes[1:], strict=True):
            steps += [_plain(tie), _plain(node)]
        return steps
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):  # a point is a tuple of its coordinates
        return [_plain(item) for item in value]
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _typed(cells: Sequence[Any], kind: ValueType | None) -> Any:
    """Return a column of the dictionary's type; cells that are not of it stay as they are."""
    values = [_plain(cell) for cell in cells]
    if kind in ("date", None) or any(isinstance(v, bool) for v in values[:1]) != (
        kind == "boolean"
    ):
        return pd.Series(values, dtype=object)
    try:
        array = pa.array(values, type=ARROW_TYPES[kind])
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pd.Series(values, dtype=object)
    return pd.Series(array, dtype=pd.ArrowDtype(ARROW_TYPES[kind]))


def _stacked(parts: Iterable[pd.DataFrame], first: Sequence[str]) -> pd.DataFrame:
    """Put the tables under each other; a column a table lacks is missing there."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in first})
    names = list(dict.fromkeys([*first, *(str(name) for part in filled for name in part.columns)]))
    columns = {}
    for name in names:
        cells = [
            part[name] if name in part.columns else pd.Series([None] * len(part), dtype=object)
            for part in filled
        ]
        dtypes = {str(cell.dtype) for part, cell in zip(filled, cells) if name in part.columns}  # noqa: B905
        if len(dtypes) == 1 and "object" not in dtypes:
            dtype = next(cell.dtype for part, cell in zip(filled, cells) if name in part.columns)  # noqa: B905
            columns[name] = pd.concat([cell.astype(dtype) for cell in cells], ignore_index=True)
        else:
            merged = [value for cell in cells for value in cell.astype(object).tolist()]
            columns[name] = pd.Series(merged, dtype=object)
    return pd.DataFrame(columns)
