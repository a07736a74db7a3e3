"""The Neo4j store: a cluster graph on a Neo4j server (5.26 or newer, Community is enough).

Every node klaster writes has the label ``Klaster``. The rest of the database belongs to someone
else: klaster never changes or removes it, and refuses to write where the two would mix.

While a load is under way the database holds ``KlasterLoad`` records, changed in the same
transaction as each batch. So a load that was cut off anywhere goes on where it stopped, a commit
whose outcome is unknown is settled by looking, and a half-written graph is never taken for a
whole one. When the load is done and counted, the records are gone: the database then holds the
graph and nothing else of klaster's.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

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
from klaster.graph.stores.neo4j_errors import explain as in_plain_words
from klaster.graph.stores.neo4j_errors import is_passing, may_pass_soon, short_reason
from klaster.graph.stores.neo4j_layout import (
    JOURNAL,
    OWNED,
    Group,
    check_storable,
    fingerprint,
    identifier,
    node_groups,
    schema,
    tie_groups,
)

T = TypeVar("T")

LEAST_VERSION = (5, 26)
"""Oldest server klaster writes to: long-term support, and the Cypher its queries use."""

BATCH_ROWS = 2_500
"""Rows of one transaction. Measured from 2,000 to 20,000: the server's work on a tie is the same,
but its garbage collector takes twice the time at 5,000 and more (1 GB of heap)."""

BATCH_BYTES = 16_000_000
"""Rows of long texts go in smaller batches: a transaction's memory on the server is limited."""

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""Beginnings of an address: ``+s`` is TLS, ``+ssc`` TLS with a self-signed certificate."""

LANES = 2
"""Connections that write at the same time: one packs its batch while the server works on the
other's."""

FEW_TRIES = 6
"""Tries where waiting longer would not help."""

ASKING_PATIENCE_S = 5.0
"""How long a query waits for a server that went away, within its own time."""

DEEPEST_PLAN = 200
"""Operators below each other that a plan may have to be looked at. The driver in Python unpacks not
many more before its stack ends, the one with neo4j-rust-ext has a stack it does not watch."""

FORMAT = 1
"""Number of the way klaster lays a graph out; a load begun by another way is not gone on with."""

logger = logging.getLogger("klaster.neo4j")

# The driver would say once more, and less plainly, what the store warns of or puts into notes.
for _name in ("neo4j.io", "neo4j.pool", "neo4j.notifications"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


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


@dataclass(frozen=True)
class _Batch:
    group: Group
    start: int
    length: int


class Neo4jStore(GraphStore):
    """A cluster graph on a Neo4j server.

    Made by :meth:`connect`. Actors carry three labels (``Actor``, their ``actor_type``,
    ``Klaster``), other nodes their kind and ``Klaster``. Ties keep their direction; parallel ties
    and self-ties stay apart. A missing value is no property. Dates are dates, lists are lists.

    Parameters
    ----------
    driver
        An open driver of the ``neo4j`` package; the store closes it.
    address
        What to call the server in messages.
    user, database
        As for :meth:`connect`.
    patience_s
        How long a load waits for a server that went away before it gives up.
    batch_rows
        Rows of one transaction.
    """

    def __init__(
        self,
        driver: Any,
        *,
        address: str,
        user: str,
        database: str,
        patience_s: float = 120.0,
        batch_rows: int = BATCH_ROWS,
    ) -> None:
        self._driver: Any = driver
        self.address, self.user, self.database = address, user, database
        self._patience_s, self._batch_rows = patience_s, batch_rows
        self._bookmarks: Any = _bookmark_manager()
        self.server_version = ""

    def __repr__(self) -> str:
        return f"Neo4jStore({self.address}, database {self.database!r}, user {self.user!r})"

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
        from neo4j import GraphDatabase
        from neo4j.exceptions import DriverError, Neo4jError

        address = _address(uri)
        try:
            driver = GraphDatabase.driver(
                uri,
                auth=(user, password),
                connection_timeout=connection_timeout_s,
                connection_acquisition_timeout=connection_timeout_s + 2,
                max_transaction_retry_time=0.0,  # the store retries by itself
                liveness_check_timeout=60.0,
                notifications_min_severity="OFF",
                user_agent="klaster",
            )
        except (DriverError, ValueError, TypeError) as error:
            raise StoreError(
                f"{address} is not an address of a Neo4j server: {error}. "
                "Give one such as neo4j://localhost:7687."
            ) from None
        store = cls(
            driver,
            address=address,
            user=user,
            database=database,
            patience_s=patience_s,
            batch_rows=batch_rows,
        )
        try:
            store.server_version = store._greet()
        except (DriverError, Neo4jError, OSError, ValueError) as error:
            store.close()
            raise in_plain_words(error, address, user, database) from None
        except StoreError:
            store.close()
            raise
        return store

    def _greet(self) -> str:
        """Return the server's version, once a query has answered."""
        name = str(self._introduced().agent)
        match = re.fullmatch(r"Neo4j/((\d+)\.(\d+)\S*)", name)
        if match is None:
            raise StoreError(
                f"what answers at {self.address} calls itself {name!r}: klaster needs Neo4j "
                f"{'.'.join(map(str, LEAST_VERSION))} or newer."
            )
        if (int(match[2]), int(match[3])) < LEAST_VERSION:
            raise StoreError(
                f"{self.address} runs Neo4j {match[1]}: klaster needs "
                f"{'.'.join(map(str, LEAST_VERSION))} or newer. Upgrade the server."
            )
        # A port can answer before its database does, and a wrong name shows only here.
        self._ask_store("RETURN 1 AS one", patience_s=5.0)
        return match[1]

    def _introduced(self) -> Any:
        """Return what the server says of itself; a connection lost meanwhile is made again."""
        from neo4j.exceptions import ServiceUnavailable, SessionExpired

        for last in (False, False, True):
            try:
                return self._driver.get_server_info()
            except (ServiceUnavailable, SessionExpired) as error:
                # "Defunct" was a connection that stood; what never stood will not now either.
                if last or "defunct" not in str(error):
                    raise
        raise AssertionError

    # -- writing -----------------------------------------------------------------------------

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
        check_storable(graph)
        nodes, ties = node_groups(graph), tie_groups(graph)
        stages = (
            ("nodes", [b for group in nodes for b in _batches(group, self._batch_rows)]),
            ("ties", [b for group in ties for b in _batches(group, self._batch_rows)]),
        )
        with self._translated():
            self._refuse_to_mix()
            self._make_schema()
            load = _Load(self, fingerprint(graph, FORMAT, self._batch_rows, BATCH_BYTES))
            load.begin()
            for stage, batches in stages:
                load.write(stage, batches, progress)
            report = self._count(graph)
            _verify(report, graph, self.address)
            load.end()
        return report

    def _make_schema(self) -> None:
        """Make the constraints and indexes that are not there, and wait until they serve."""
        there = {
            row[0]
            for show in ("SHOW CONSTRAINTS", "SHOW INDEXES")
            for row in self._ask_store(f"{show} YIELD name")
        }
        missing = [statement for name, statement in schema().items() if name not in there]
        for statement in missing:
            self._execute(statement, "making the constraints")
        if missing:
            self._execute("CALL db.awaitIndexes(300)", "making the constraints")

    def _refuse_to_mix(self) -> None:
        """Raise StoreError where klaster's graph and someone else's would run into each other."""
        dictionary = load_dictionary()
        kinds = "|".join(identifier(kind) for kind in dictionary.node_kinds())
        types = [identifier(name) for name in dictionary.tie_type_names()]
        strangers = self._ask_store(
            f"MATCH (n:{kinds}) WHERE NOT n:{OWNED} "
            "UNWIND labels(n) AS label RETURN label, count(*) AS k ORDER BY label"
        )
        if strangers:
            found = ", ".join(f"{k} of label {label}" for label, k in strangers)
            raise StoreError(
                f"database {self.database!r} on {self.address} holds nodes that klaster did not "
                f"write under labels it uses ({found}). klaster does not touch them: use an empty "
                "database, or remove or rename them first."
            )
        bound = self._ask_store(
            f"MATCH (n:{OWNED})-[r]-(m) "
            f"WHERE NOT m:{OWNED} OR r.tie_id IS NULL OR NOT type(r) IN $types "
            "RETURN type(r) AS t, count(DISTINCT r) AS k ORDER BY t",
            {"types": types},
        )
        keyed = self._ask_store(
            f"MATCH (n)-[r:{'|'.join(types)}]->() WHERE r.tie_id IS NOT NULL AND NOT n:{OWNED} "
            "RETURN type(r) AS t, count(r) AS k ORDER BY t"
        )
        if bound or keyed:
            found = ", ".join(f"{k} {t}" for t, k in [*bound, *keyed])
            raise StoreError(
                f"database {self.database!r} on {self.address} holds ties that klaster did not "
                f"write, at its nodes or under its keys ({found}). Replacing the graph would "
                "break them: remove them first, or use another database."
            )

    def _count(self, graph: ClusterGraph) -> WriteReport:
        def number(pattern: str) -> int:
            return int(self._ask_store(f"MATCH {pattern} RETURN count(*) AS k")[0][0])

        kinds = sorted(set(graph.nodes["kind"].tolist()))
        types = sorted(set(graph.ties["tie_type"].tolist()))
        return WriteReport(
            nodes={kind: number(f"(:{OWNED}:{identifier(kind)})") for kind in kinds},
            ties={t: number(f"(:{OWNED})-[:{identifier(t)}]->(:{OWNED})") for t in types},
        )

    # -- reading back ------------------------------------------------------------------------

    def read(self) -> ClusterGraph:
        """Return the graph the store holds, equal to the one written.

        Raises
        ------
        StoreError
            Where the last load was interrupted, or what is there was changed into something
            that is no graph of klaster.
        """
        dictionary = load_dictionary()
        with self._translated():
            if self._unfinished():
                raise StoreError(
                    f"the last load into {self.address} was interrupted: the graph there is not "
                    "whole. Run the load again; it goes on where it stopped."
                )
            present = {row[0] for row in self._ask_store("CALL db.propertyKeys()")}
            labels = {row[0] for row in self._ask_store("CALL db.labels()")}
            types = {row[0] for row in self._ask_store("CALL db.relationshipTypes()")}
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
        rows = self._ask_store(
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

    # -- asking ------------------------------------------------------------------------------

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
                self._session("READ", row_limit, notes=True) as session,
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

        with self._translated():
            return _retried(ask, "asking the store", patience_s=min(ASKING_PATIENCE_S, timeout_s))

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
                self._session("READ") as session,
                session.begin_transaction(timeout=_left(end)) as transaction,
            ):
                summary = transaction.run(_EXPLAIN + cypher, dict(parameters or {})).consume()
            return QueryPlan(str(summary.query_type or ""), tuple(_operators(summary.plan)))

        try:
            with self._translated():
                return _retried(
                    ask, "planning a query", patience_s=min(ASKING_PATIENCE_S, timeout_s)
                )
        except StoreError as error:
            raise type(error)(_place_of_the_query(str(error))) from None
        except RecursionError:  # the driver in Python unpacks a plan step by step downwards
            raise QueryRefusedError(_TOO_DEEP) from None

    def close(self) -> None:
        """Close the connections; a second call does nothing."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    # -- transactions ------------------------------------------------------------------------

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            yield
        except (DriverError, Neo4jError, OSError) as error:
            raise in_plain_words(error, self.address, self.user, self.database) from None
        except (OverflowError, TypeError, ValueError) as error:
            # The driver cannot send a parameter, say an integer beyond 64 bits.
            raise StoreError(f"{self.address}: {error}") from None

    @contextmanager
    def _session(
        self, access: str = "WRITE", row_limit: int | None = None, *, notes: bool = False
    ) -> Iterator[Any]:
        if self._driver is None:
            raise StoreError("the store is closed. Open it again.")
        fetch = 1000 if row_limit is None else min(1000, row_limit + 1)
        with self._driver.session(
            database=self.database,
            default_access_mode=access,
            bookmark_manager=self._bookmarks,
            fetch_size=fetch,
            notifications_min_severity="WARNING" if notes else "OFF",
        ) as session:
            yield session

    def _ask_store(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        patience_s: float | None = None,
    ) -> list[list[Any]]:
        """Return the rows of a query of ours."""

        def ask() -> list[list[Any]]:
            with self._session("READ") as session:
                rows: list[list[Any]] = session.run(cypher, dict(parameters or {})).values()
                return rows

        wait = self._patience_s if patience_s is None else patience_s
        return _retried(ask, "asking the server", patience_s=wait)

    def _execute(self, cypher: str, what: str) -> None:
        """Run a statement that must have its own transaction; it may be run twice."""

        def execute() -> None:
            with self._session() as session:
                session.run(cypher).consume()

        _retried(execute, what, patience_s=self._patience_s)

    def _transact(self, what: str, *statements: tuple[str, Mapping[str, Any]]) -> list[Any]:
        """Run statements in one transaction; return the first value the last one gave."""

        def transact() -> list[Any]:
            with self._session() as session, session.begin_transaction() as transaction:
                for cypher, parameters in statements[:-1]:
                    transaction.run(cypher, dict(parameters)).consume()
                cypher, parameters = statements[-1]
                values = [row[0] for row in transaction.run(cypher, dict(parameters)).values()]
                transaction.commit()
            return values

        return _retried(transact, what, patience_s=self._patience_s)

    def _unfinished(self) -> bool:
        return bool(self._ask_store(f"MATCH (j:{JOURNAL}) RETURN 1 LIMIT 1"))


_SET_RECORDS = (
    f"UNWIND $rows AS row MERGE (j:{JOURNAL} {{lane: row.lane}}) "
    "SET j.done = row.done, j.stage = $stage, j.writer = $writer, j.fingerprint = $fingerprint"
)
_ENTER_STAGE = (
    f"MATCH (j:{JOURNAL} {{writer: $writer}}) SET j.stage = $stage, j.done = 0 RETURN count(j)"
)
# The first SET takes the lock of the record, so that what is read after it is final: a transaction
# whose connection was cut may be committing the same batch at this moment.
_TAKE_BATCH = (
    f"MATCH (j:{JOURNAL} {{lane: $lane}}) SET j.taking = $done "
    "WITH j, j.writer = $writer AS mine, j.done AS before "
    "SET j.done = CASE WHEN mine AND before = $done - 1 THEN $done ELSE before END "
    "RETURN mine, before"
)
_DROP_RECORDS = f"MATCH (j:{JOURNAL} {{writer: $writer}}) DELETE j"


class _Load:
    """One load under way, and its records in the database.

    One record for each lane: the fingerprint of what is loaded, who loads it, the stage
    (``clearing``, ``nodes``, ``ties``) and how many of its batches of that stage are done. A lane
    writes every :data:`LANES`-th batch; its record changes in the transaction of the batch. So a
    batch is written exactly once, whatever happens to its answer, and of two writers one stops.
    """

    def __init__(self, store: Neo4jStore, graph_fingerprint: str) -> None:
        self._store, self._fingerprint = store, graph_fingerprint
        self._writer = secrets.token_hex(8)
        self._stage, self._done = "clearing", [0] * LANES

    def begin(self) -> None:
        """Take over an interrupted load of the same graph, or clear the place for a new one."""
        store = self._store
        left = store._ask_store(
            f"MATCH (j:{JOURNAL}) RETURN j.lane, j.fingerprint, j.stage, j.done ORDER BY j.lane"
        )
        lanes = [row[0] for row in left]
        known = {(row[1], row[2]) for row in left}
        stages = {row[2] for row in left}
        same = (
            lanes == list(range(LANES))
            and {row[1] for row in left} == {self._fingerprint}
            and "clearing" not in stages
        )
        if same and len(known) == 1:
            self._stage, self._done = stages.pop(), [int(row[3]) for row in left]
            logger.warning("an interrupted load of the same graph is gone on with")
            self._record()
            return
        self._record(clear=True)
        if store._ask_store(f"MATCH (n:{OWNED}) RETURN 1 LIMIT 1"):
            store._execute(
                f"MATCH (:{OWNED})-[r]->(:{OWNED}) "
                "CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS",
                "removing the graph written before",
            )
            store._execute(
                f"MATCH (n:{OWNED}) CALL (n) {{ DELETE n }} IN TRANSACTIONS OF 10000 ROWS",
                "removing the graph written before",
            )
        self._enter("nodes")

    def _record(self, *, clear: bool = False) -> None:
        """Write the records of all lanes in one transaction."""
        statements: list[tuple[str, Mapping[str, Any]]] = []
        if clear:
            statements.append((f"MATCH (j:{JOURNAL}) DELETE j", {}))
        rows = [{"lane": k, "done": done} for k, done in enumerate(self._done)]
        statements.append(
            (
                _SET_RECORDS,
                {
                    "rows": rows,
                    "stage": self._stage,
                    "writer": self._writer,
                    "fingerprint": self._fingerprint,
                },
            )
        )
        self._store._transact("keeping the record of the load", *statements)

    def _enter(self, stage: str) -> None:
        self._stage, self._done = stage, [0] * LANES
        mine = self._store._transact(
            "keeping the record of the load",
            (
                _ENTER_STAGE,
                {"writer": self._writer, "stage": stage},
            ),
        )
        self._check_mine(mine == [LANES])

    def _check_mine(self, mine: bool) -> None:
        if not mine:
            raise StoreError(
                f"someone else began to write into {self._store.address}: this load stopped. "
                "Run it again when the other is done."
            )

    def write(self, stage: str, batches: Sequence[_Batch], progress: Progress | None) -> None:
        """Write the batches of a stage that are not written yet."""
        if stage == "nodes" and self._stage == "ties":
            if progress is not None:
                total = sum(batch.length for batch in batches)
                progress(stage, total, total)
            return
        if stage != self._stage:
            self._enter(stage)
        total = sum(batch.length for batch in batches)
        lock, stop = threading.Lock(), threading.Event()
        written = sum(
            batch.length for at, batch in enumerate(batches) if at // LANES < self._done[at % LANES]
        )

        def lane(number: int) -> None:
            nonlocal written
            try:
                for at in range(number, len(batches), LANES):
                    if at // LANES < self._done[number] or stop.is_set():
                        continue
                    self._write_batch(stage, number, at // LANES + 1, batches[at])
                    with lock:
                        written += batches[at].length
                        if progress is not None:
                            progress(stage, written, total)
            except BaseException:
                stop.set()
                raise

        if progress is not None and total:
            progress(stage, written, total)
        if len(batches) < 2 * LANES:  # threads are not worth it
            for number in range(LANES):
                lane(number)
            return
        with ThreadPoolExecutor(LANES) as pool:
            for future in [pool.submit(lane, number) for number in range(LANES)]:
                future.result()

    def _write_batch(self, stage: str, number: int, done: int, batch: _Batch) -> None:
        """Write a batch, unless an earlier try did so and only its answer was lost."""
        group, store = batch.group, self._store
        rows = {"rows": group.rows(batch.start, batch.length), "shared": group.shared}
        taking = {"lane": number, "writer": self._writer, "done": done}

        def write() -> bool:
            with store._session() as session, session.begin_transaction() as transaction:
                taken = transaction.run(_TAKE_BATCH, taking).values()
                if len(taken) != 1 or not taken[0][0]:
                    return False
                if taken[0][1] == done - 1:
                    transaction.run(group.write_statement(), rows).consume()
                    transaction.commit()
                return True

        what = f"writing {stage}, batch {(done - 1) * LANES + number + 1}"
        self._check_mine(_retried(write, what, patience_s=store._patience_s))

    def end(self) -> None:
        """Remove the records: the load is whole."""
        self._store._transact(
            "closing the record of the load",
            (_DROP_RECORDS, {"writer": self._writer}),
        )


# -- helpers ----------------------------------------------------------------------------------


def _address(uri: str) -> str:
    """Return the address for messages; refuse one that holds a password."""
    try:
        parts = urlsplit(uri)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise StoreError(
            "the address is not one of a server. Give one such as neo4j://localhost:7687."
        ) from None
    if parts.username or parts.password or "@" in parts.netloc:
        raise StoreError(
            "the address must not hold a user or password: they come by themselves "
            "(NEO4J_PASSWORD or the prompt). Give one such as neo4j://localhost:7687."
        )
    if not parts.hostname:
        raise StoreError(
            f"{uri!r} is not the address of a server. Give one such as neo4j://localhost:7687."
        )
    if parts.scheme not in SCHEMES:
        raise StoreError(
            f"no Neo4j server is reached by {parts.scheme}://. There are: "
            f"{', '.join(scheme + '://' for scheme in SCHEMES)}."
        )
    return f"{parts.scheme}://{parts.hostname}{port}"


def _bookmark_manager() -> Any:
    """Return what makes each transaction see those before it, on a cluster too."""
    from neo4j import GraphDatabase

    return GraphDatabase.bookmark_manager()


def _retried(call: Callable[[], T], what: str, *, patience_s: float) -> T:
    """Call until it succeeds, while what goes wrong may pass and patience lasts.

    The call must be one that may be done twice: a commit whose answer was lost may have happened.
    Where a connection is lost, patience begins then: a long call that is cut off has all of it.
    """
    from neo4j.exceptions import DriverError, Neo4jError

    begun, lost = time.monotonic(), float("inf")
    pause, tries = 0.05, 0
    while True:
        tries += 1
        try:
            return call()
        except (DriverError, Neo4jError, OSError) as error:
            now = time.monotonic()
            if may_pass_soon(error):
                again = tries < FEW_TRIES and now + pause <= begun + patience_s
            else:
                lost = min(lost, now)
                again = is_passing(error) and now + pause <= lost + patience_s
            if not again:
                raise
            if tries & (tries - 1) == 0:  # 1st, 2nd, 4th, 8th … time: a long wait is not a flood
                logger.warning("%s: %s; trying again", what, short_reason(error))
        time.sleep(pause)
        pause = min(2 * pause, 2.0)


def _left(end: float) -> float:
    """Return the seconds until then; never none, which to the server means no limit."""
    return max(0.05, end - time.monotonic())


def _batches(group: Group, batch_rows: int) -> Iterator[_Batch]:
    """Cut a group into batches of equal numbers of rows, fewer where rows are long."""
    rows = group.table.num_rows
    per_row = max(1, group.table.nbytes // max(1, rows))
    step = max(1, min(batch_rows, BATCH_BYTES // per_row))
    for start in range(0, rows, step):
        yield _Batch(group, start, min(step, rows - start))


def _verify(report: WriteReport, graph: ClusterGraph, address: str) -> None:
    wrong = []
    for column, table, counted in (
        ("kind", graph.nodes, report.nodes),
        ("tie_type", graph.ties, report.ties),
    ):
        wanted = Counter(map(str, table[column].tolist()))
        wrong += [
            f"{name}: {wanted[name]} given, {counted[name]} there"
            for name in sorted(wanted)
            if wanted[name] != counted[name]
        ]
    if wrong:
        raise StoreError(
            f"{address} does not hold what was written ({'; '.join(wrong)}). Did someone else "
            "change the database meanwhile? Run the load again."
        )


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
