"""Writing a graph to a Neo4j server: whole, resumable, and beside what belongs to someone else.

While a load is under way the database holds ``KlasterLoad`` records, changed in the same
transaction as each batch. So a load that was cut off anywhere goes on where it stopped, a commit
whose outcome is unknown is settled by looking, and a half-written graph is never taken for a
whole one. When the load is done and counted, the records are gone: the database then holds the
graph and nothing else of klaster's.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import Progress
from klaster.graph.stores.contract import WriteReport, differing_counts
from klaster.graph.stores.neo4j_connection import Neo4jConnection, logger, retried
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

BATCH_ROWS = 2_500
"""Rows of one transaction. Measured from 2,000 to 20,000: the server's work on a tie is the same,
but its garbage collector takes twice the time at 5,000 and more (1 GB of heap)."""

BATCH_BYTES = 16_000_000
"""Rows of long texts go in smaller batches: a transaction's memory on the server is limited."""

LANES = 2
"""Connections that write at the same time: one packs its batch while the server works on the
other's."""

FORMAT = 1
"""Number of the way klaster lays a graph out; a load begun by another way is not gone on with."""


@dataclass(frozen=True)
class _Batch:
    group: Group
    start: int
    length: int


def load_graph(
    connection: Neo4jConnection,
    graph: ClusterGraph,
    *,
    batch_rows: int,
    progress: Progress | None = None,
) -> WriteReport:
    """Replace what klaster wrote in the database by the graph; see ``Neo4jStore.write``."""
    check_storable(graph)
    nodes, ties = node_groups(graph), tie_groups(graph)
    stages = (
        ("nodes", [b for group in nodes for b in batches_of(group, batch_rows)]),
        ("ties", [b for group in ties for b in batches_of(group, batch_rows)]),
    )
    with connection.translated():
        _refuse_to_mix(connection)
        _make_schema(connection)
        load = _Load(connection, fingerprint(graph, FORMAT, batch_rows, BATCH_BYTES))
        load.begin()
        for stage, batches in stages:
            load.write(stage, batches, progress)
        report = _count(connection, graph)
        wrong = differing_counts(report, graph)
        if wrong:
            raise StoreError(
                f"{connection.address} does not hold what was written ({wrong}). Did someone else "
                "change the database meanwhile? Run the load again."
            )
        load.end()
    return report


def is_unfinished(connection: Neo4jConnection) -> bool:
    """Return whether the last load into the database was interrupted."""
    return bool(connection.rows(f"MATCH (j:{JOURNAL}) RETURN 1 LIMIT 1"))


def _make_schema(connection: Neo4jConnection) -> None:
    """Make the constraints and indexes that are not there, and wait until they serve."""
    there = {
        row[0]
        for show in ("SHOW CONSTRAINTS", "SHOW INDEXES")
        for row in connection.rows(f"{show} YIELD name")
    }
    missing = [statement for name, statement in schema().items() if name not in there]
    for statement in missing:
        connection.execute(statement, "making the constraints")
    if missing:
        connection.execute("CALL db.awaitIndexes(300)", "making the constraints")


def _refuse_to_mix(connection: Neo4jConnection) -> None:
    """Raise StoreError where klaster's graph and someone else's would run into each other."""
    dictionary = load_dictionary()
    kinds = "|".join(identifier(kind) for kind in dictionary.node_kinds())
    types = [identifier(name) for name in dictionary.tie_type_names()]
    strangers = connection.rows(
        f"MATCH (n:{kinds}) WHERE NOT n:{OWNED} "
        "UNWIND labels(n) AS label RETURN label, count(*) AS k ORDER BY label"
    )
    if strangers:
        found = ", ".join(f"{k} of label {label}" for label, k in strangers)
        raise StoreError(
            f"database {connection.database!r} on {connection.address} holds nodes that klaster did not "
            f"write under labels it uses ({found}). klaster does not touch them: use an empty "
            "database, or remove or rename them first."
        )
    bound = connection.rows(
        f"MATCH (n:{OWNED})-[r]-(m) "
        f"WHERE NOT m:{OWNED} OR r.tie_id IS NULL OR NOT type(r) IN $types "
        "RETURN type(r) AS t, count(DISTINCT r) AS k ORDER BY t",
        {"types": types},
    )
    keyed = connection.rows(
        f"MATCH (n)-[r:{'|'.join(types)}]->() WHERE r.tie_id IS NOT NULL AND NOT n:{OWNED} "
        "RETURN type(r) AS t, count(r) AS k ORDER BY t"
    )
    if bound or keyed:
        found = ", ".join(f"{k} {t}" for t, k in [*bound, *keyed])
        raise StoreError(
            f"database {connection.database!r} on {connection.address} holds ties that klaster did not "
            f"write, at its nodes or under its keys ({found}). Replacing the graph would "
            "break them: remove them first, or use another database."
        )


def _count(connection: Neo4jConnection, graph: ClusterGraph) -> WriteReport:
    def number(pattern: str) -> int:
        return int(connection.rows(f"MATCH {pattern} RETURN count(*) AS k")[0][0])

    kinds = sorted(set(graph.nodes["kind"].tolist()))
    types = sorted(set(graph.ties["tie_type"].tolist()))
    return WriteReport(
        nodes={kind: number(f"(:{OWNED}:{identifier(kind)})") for kind in kinds},
        ties={t: number(f"(:{OWNED})-[:{identifier(t)}]->(:{OWNED})") for t in types},
    )


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

    def __init__(self, connection: Neo4jConnection, graph_fingerprint: str) -> None:
        self._connection, self._fingerprint = connection, graph_fingerprint
        self._writer = secrets.token_hex(8)
        self._stage, self._done = "clearing", [0] * LANES

    def begin(self) -> None:
        """Take over an interrupted load of the same graph, or clear the place for a new one."""
        connection = self._connection
        left = connection.rows(
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
        if connection.rows(f"MATCH (n:{OWNED}) RETURN 1 LIMIT 1"):
            connection.execute(
                f"MATCH (:{OWNED})-[r]->(:{OWNED}) "
                "CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS",
                "removing the graph written before",
            )
            connection.execute(
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
        self._connection.transact("keeping the record of the load", *statements)

    def _enter(self, stage: str) -> None:
        self._stage, self._done = stage, [0] * LANES
        mine = self._connection.transact(
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
                f"someone else began to write into {self._connection.address}: this load stopped. "
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
        group, connection = batch.group, self._connection
        rows = {"rows": group.rows(batch.start, batch.length), "shared": group.shared}
        taking = {"lane": number, "writer": self._writer, "done": done}

        def write() -> bool:
            with connection.session() as session, session.begin_transaction() as transaction:
                taken = transaction.run(_TAKE_BATCH, taking).values()
                if len(taken) != 1 or not taken[0][0]:
                    return False
                if taken[0][1] == done - 1:
                    transaction.run(group.write_statement(), rows).consume()
                    transaction.commit()
                return True

        what = f"writing {stage}, batch {(done - 1) * LANES + number + 1}"
        self._check_mine(retried(write, what, patience_s=connection.patience_s))

    def end(self) -> None:
        """Remove the records: the load is whole."""
        self._connection.transact(
            "closing the record of the load",
            (_DROP_RECORDS, {"writer": self._writer}),
        )


def batches_of(group: Group, batch_rows: int) -> Iterator[_Batch]:
    """Cut a group into batches of equal numbers of rows, fewer where rows are long."""
    rows = group.table.num_rows
    per_row = max(1, group.table.nbytes // max(1, rows))
    step = max(1, min(batch_rows, BATCH_BYTES // per_row))
    for start in range(0, rows, step):
        yield _Batch(group, start, min(step, rows - start))
