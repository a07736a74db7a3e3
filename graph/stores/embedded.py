"""The embedded store: a cluster graph in one file, asked in Cypher without a server.

This is the one place that opens and calls kglite. The engine is young, and used plainly it gives
wrong rows in named cases; it is loaded and called here in the way that was compared with Neo4j.
The store is derived data: the Parquet tables of a graph are its source of truth, so a file that
is damaged or too old is written anew, not mended.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import pandas as pd

from klaster.graph.canonical_tables import EXTRA_NAME, records
from klaster.graph.dictionary import NODE_COLUMNS, TIE_COLUMNS, Element, load_dictionary
from klaster.graph.errors import InputError, QueryRefusedError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import Progress
from klaster.graph.stores.contract import GraphStore, QueryResult, WriteReport, differing_counts

UNSAFE_PASSES = (
    "fuse_optional_match_aggregate",
    "fuse_match_with_aggregate",
    "optimize_pattern_start_node",
    "hoist_with_where",
)
"""Optimiser passes of kglite 0.21.2 that give wrong rows; switched off for every query."""

BATCH_ROWS = 20_000
"""Rows a CREATE is given at a time."""

LEAST_WORK_UNITS = 5_000_000
"""Steps a query may take in a small store; a larger store allows more in proportion."""

WORK_UNITS_PER_ELEMENT = 50

FAMILY, FORMAT = 0x4B4C, 1
"""Stamped into each file: "KL", and the number of the way klaster lays a graph out in it."""

REBUILD = "Write it anew: klaster analyze CASE --store FILE."

_TEMPORARY = re.compile(r"\.tmp\.(\d+)\.\d+")


class EmbeddedStore(GraphStore):
    """A cluster graph kept in memory and, where asked, in one file.

    Actors carry two labels, ``Actor`` and their ``actor_type``; other nodes carry their kind.
    Ties keep their direction, parallel ties and self-loops stay apart. A missing value is no
    property. The file is the same byte for byte for equal graphs.

    A new store is empty and lives in memory; :meth:`open` reads a file, :meth:`save` writes one.

    Parameters
    ----------
    max_work_units
        Steps one query may take before it is stopped (cross products, floods of paths). By
        default 50 for each node and tie, at least five million.

    Examples
    --------
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
    ...     report = store.write(graph)
    ...     result = store.run(
    ...         "MATCH (s:Firm)-[:SUPPLIES]->(b:Firm {id: $buyer}) RETURN s.name AS supplier",
    ...         {"buyer": "mill"},
    ...     )
    ...     same = store.read() == graph
    >>> dict(report.ties), result.rows, same
    ({'SUPPLIES': 1}, (('Mine',),), True)
    """

    def __init__(self, *, max_work_units: int | None = None) -> None:
        self._engine: Any = _engine().KnowledgeGraph()
        self._engine.read_only(True)
        self._size = 0
        self._max_work_units = max_work_units

    @classmethod
    def open(cls, path: Path | str, *, max_work_units: int | None = None) -> Self:
        """Read a store file into memory; the file itself is not changed, nor kept open.

        Raises
        ------
        StoreError
            Where there is no file, or it is damaged, written by another version of the engine or
            of klaster, or not a store of klaster at all.
        """
        path = Path(path)
        engine = _load(path)
        store = cls(max_work_units=max_work_units)
        store._engine, store._size = engine, _size(engine)
        engine.read_only(True)
        return store

    def save(self, path: Path | str) -> Path:
        """Write the store into a file, whole or not at all, and return the file's path.

        What is there under that name is replaced once the new file is complete; what killed
        writers left behind is removed first. The folder is made where it is missing.
        """
        target = Path(path).resolve()
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            raise StoreError(f"cannot save the store: {target} is not a file. Give a file name.")
        if target.exists() and not _begins_as_store(target):
            raise StoreError(f"{target} is there and is no store: remove it, or give another name.")
        with _as_store_error(f"cannot save the store to {target}"):
            target.parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(target)
            self._held.save(str(target), layout="compact")
        return target

    @property
    def _held(self) -> Any:
        if self._engine is None:
            raise StoreError("the store is closed. Open it again.")
        return self._engine

    # -- writing and reading back ----------------------------------------------------------

    def write(self, graph: ClusterGraph, *, progress: Progress | None = None) -> WriteReport:
        """Replace what the store holds by the graph, and count what is there afterwards.

        Raises
        ------
        StoreError
            Where the engine holds another number of nodes or ties than the graph; what the
            store held before is then kept.
        """
        _ = self._held
        engine = _engine().KnowledgeGraph()
        engine.set_schema_version(FAMILY << 16 | FORMAT)
        with _as_store_error("cannot write the graph"):
            _write_nodes(engine, graph, progress)
            _write_ties(engine, graph, progress)
            report = _count(engine, graph)
        wrong = differing_counts(report, graph)
        if wrong:
            raise StoreError(
                f"the store does not hold what was written ({wrong}). Nothing was replaced. Please "
                "report this as a fault of klaster."
            )
        engine.read_only(True)
        self._engine, self._size = engine, _size(engine)
        return report

    def read(self) -> ClusterGraph:
        """Return the graph the store holds, equal to the one written."""
        dictionary = load_dictionary()
        engine = self._held
        with _as_store_error("cannot read the graph back"):
            nodes = [
                _columns(engine, f"MATCH (n:{kind})", "n", "node", kind, {"id": "n.id"})
                | {"kind": kind}
                for kind in dictionary.node_kinds()
                if kind in _labels(engine)
            ]
            ties = [
                _columns(
                    engine,
                    f"MATCH (a)-[r:{tie_type}]->(b)",
                    "r",
                    "tie",
                    tie_type,
                    {"source_id": "a.id", "target_id": "b.id"},
                )
                | {"tie_type": tie_type}
                for tie_type in dictionary.tie_type_names()
                if tie_type in _types(engine)
            ]
        try:
            return ClusterGraph(
                _stacked(nodes, "node", NODE_COLUMNS), _stacked(ties, "tie", TIE_COLUMNS)
            )
        except InputError as error:
            raise StoreError(
                f"what the store holds is not a graph of klaster. {REBUILD}\n{error}"
            ) from None

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

        The engine's remarks, such as a label that no node has, are in the notes of the result.

        Raises
        ------
        QueryRefusedError
            Where the query writes, takes longer than ``timeout_s`` seconds, or takes more
            steps than the store allows.
        StoreError
            Where it cannot be run at all; the text says at which line and column.
        """
        held = self._held
        with _as_store_error("the query failed"):
            answer = _ask(
                held,
                cypher,
                parameters,
                timeout_ms=max(1, round(timeout_s * 1000)),
                max_work_units=self._max_work_units
                or max(LEAST_WORK_UNITS, WORK_UNITS_PER_ELEMENT * self._size),
                row_limit=None if row_limit is None else row_limit + 1,
            )
            columns = tuple(answer.columns)
            rows = [tuple(_plain(row[column]) for column in columns) for row in answer.to_list()]
            notes = tuple(n for n in answer.warnings if not n.startswith("Result truncated by"))
        kept = rows if row_limit is None else rows[:row_limit]
        return QueryResult(columns, tuple(kept), truncated=len(kept) < len(rows), notes=notes)

    def close(self) -> None:
        """Give back the memory the graph takes; what was not saved is gone."""
        self._engine = None


# -- the engine ------------------------------------------------------------------------------


def _engine() -> Any:
    """Import the engine; its remarks go into the results, not to the terminal."""
    import kglite

    kglite.set_query_warning_policy("silent")
    return kglite


def _ask(
    engine: Any, cypher: str, parameters: Mapping[str, Any] | None = None, **limits: Any
) -> Any:
    return engine.cypher(
        cypher,
        params=dict(parameters or {}),
        disabled_passes=list(UNSAFE_PASSES),
        hide_structural_keys=True,
        **limits,
    )


def _plain(value: Any) -> Any:
    """Return a value in the form of the contract: the engine adds numbers and names of its own."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = value.keys()
    if keys == {"id", "labels", "properties"}:
        held = {k: v for k, v in value["properties"].items() if k not in ("title", "type")}
        return {"labels": sorted(value["labels"]), "properties": held}
    if keys == {"id", "start", "end", "type", "properties"}:
        return {"type": value["type"], "properties": value["properties"]}
    if keys == {"nodes", "relationships"}:
        nodes, ties = _plain(value["nodes"]), _plain(value["relationships"])
        return [nodes[0], *(step for pair in zip(ties, nodes[1:], strict=True) for step in pair)]
    return {name: _plain(item) for name, item in value.items()}


def _size(engine: Any) -> int:
    info = engine.graph_info()
    return int(info["node_count"]) + int(info["edge_count"])


def _labels(engine: Any) -> list[str]:
    return [str(label) for label in engine.node_types]


def _types(engine: Any) -> list[str]:
    answer = _ask(engine, "MATCH ()-[r]->() RETURN DISTINCT type(r) AS t ORDER BY t")
    return [str(t) for t in answer.column("t")]


@contextmanager
def _as_store_error(what: str) -> Iterator[None]:
    """Turn what the engine and the file system raise into one clear error of ours."""
    kglite = _engine()
    try:
        yield
    except kglite.CypherTimeoutError:
        raise QueryRefusedError(
            f"{what}: it took longer than it may. Narrow the query, or allow more time."
        ) from None
    except kglite.ReadOnlyError:
        raise QueryRefusedError(
            f"{what}: it would change the store. Only reading queries are run."
        ) from None
    except kglite.KgError as error:
        text = str(error)
        if "max_work_units" in text or "safety limit" in text:
            raise QueryRefusedError(
                f"{what}: it needs more steps than it may take. Narrow the query: name labels, "
                "bound paths, avoid patterns without a tie between them."
            ) from None
        raise StoreError(f"{what}: {_short(text)}") from None
    except (OSError, OverflowError, TypeError, ValueError) as error:
        raise StoreError(f"{what}: {error}") from None


def _short(text: str, most: int = 600) -> str:
    """Return the engine's text, cut where it repeats a long query."""
    return text if len(text) <= most else f"{text[:most]} …"


def _begins_as_store(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == b"RGF"


def _load(path: Path) -> Any:
    kglite = _engine()
    if not path.exists():
        raise StoreError(f"no store {path}. Write it first: klaster analyze CASE --store {path}.")
    if not path.is_file():
        raise StoreError(f"{path} is not a file. Name the store's file, such as graph.kgl.")
    try:
        if not _begins_as_store(path):
            raise StoreError(f"{path} is not a store of klaster: it is some other file.")
        # Columns in memory: mapped ones kill the process when the file is cut under it.
        # Eager checks: a changed byte is found now, not in the answer to a query.
        engine = kglite.load(str(path), columns="memory", embeddings="memory", verify="eager")
    except kglite.KgError as error:
        text = str(error)
        if "only supports up to version" in text or "upgrade kglite" in text:
            raise StoreError(
                f"{path} was written by another version of the store's engine, kglite; this is "
                f"{kglite.__version__}. {REBUILD} ({text})"
            ) from None
        raise StoreError(f"{path} is damaged and cannot be read. {REBUILD} ({text})") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error}.") from None
    stamp = int(engine.schema_version)
    if stamp >> 16 != FAMILY:
        raise StoreError(f"{path} is not a store of klaster: another program wrote it.")
    if stamp & 0xFFFF != FORMAT:
        raise StoreError(
            f"{path} was written by another version of klaster (format {stamp & 0xFFFF}, "
            f"this one reads {FORMAT}). {REBUILD}"
        )
    return engine


def _remove_leftovers(target: Path) -> None:
    """Delete the temporary files of writers that were killed; spare those still at work."""
    for path in sorted(target.parent.glob(f"{_escaped(target.name)}.tmp.*")):
        found = _TEMPORARY.fullmatch(path.name[len(target.name) :])
        if found and not _is_running(int(found[1])):
            with suppress(OSError):
                path.unlink()


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _is_running(pid: int) -> bool:
    if pid == os.getpid() or os.name == "nt":
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


# -- writing ---------------------------------------------------------------------------------


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), BATCH_ROWS):
        yield rows[start : start + BATCH_ROWS]


def _write_nodes(engine: Any, graph: ClusterGraph, progress: Progress | None) -> None:
    dictionary = load_dictionary()
    groups: dict[str, list[dict[str, Any]]] = {}
    for node in records(graph.nodes):
        kind = node.pop("kind")
        labels = ":".join(dictionary.labels_of(kind, node.get("actor_type")))
        groups.setdefault(labels, []).append(node)
    done = 0
    for labels in sorted(groups):
        for batch in _batches(groups[labels]):
            # ``title: null`` keeps the engine from inventing a name where there is none, and
            # ``SET +=`` from refusing a property that other nodes of the label do not have.
            engine.cypher(
                f"UNWIND $rows AS row CREATE (n:{labels} {{id: row.id, title: null}}) SET n += row",
                params={"rows": batch},
            )
            done += len(batch)
            if progress is not None:
                progress("nodes", done, len(graph))


def _write_ties(engine: Any, graph: ClusterGraph, progress: Progress | None) -> None:
    kinds = dict(zip(graph.nodes["id"].tolist(), graph.nodes["kind"].tolist(), strict=True))
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for tie in records(graph.ties):
        source, target = tie.pop("source_id"), tie.pop("target_id")
        triple = (kinds[source], tie.pop("tie_type"), kinds[target])
        groups.setdefault(triple, []).append({"a": source, "b": target, "p": tie})
    done, total = 0, len(graph.ties)
    for source_kind, tie_type, target_kind in sorted(groups):
        for batch in _batches(groups[source_kind, tie_type, target_kind]):
            engine.cypher(
                f"UNWIND $rows AS row MATCH (a:{source_kind} {{id: row.a}}), "
                f"(b:{target_kind} {{id: row.b}}) CREATE (a)-[r:{tie_type}]->(b) SET r += row.p",
                params={"rows": batch},
            )
            done += len(batch)
            if progress is not None:
                progress("ties", done, total)


def _count(engine: Any, graph: ClusterGraph) -> WriteReport:
    """Count in the engine each kind and type the graph has."""

    def number(pattern: str) -> int:
        return int(_ask(engine, f"MATCH {pattern} RETURN count(*) AS c").column("c")[0])

    return WriteReport(
        nodes={kind: number(f"(n:{kind})") for kind in _values(graph.nodes, "kind")},
        ties={t: number(f"()-[r:{t}]->()") for t in _values(graph.ties, "tie_type")},
    )


def _values(table: pd.DataFrame, column: str) -> list[str]:
    return sorted(set(table[column].tolist()))


# -- reading back ----------------------------------------------------------------------------


def _columns(
    engine: Any, match: str, variable: str, element: Element, kind: str, ends: Mapping[str, str]
) -> dict[str, Any]:
    """Return the attributes of one kind or type as lists, one a column."""
    present = _ask(engine, f"{match} UNWIND keys({variable}) AS k RETURN DISTINCT k ORDER BY k")
    known = {a.name for a in load_dictionary().attributes_of(element, kind)} - {"id"}
    names = [
        name
        for name in map(str, present.column("k"))
        if name in known or EXTRA_NAME.fullmatch(name)
    ]
    asked = dict(ends) | {name: f"{variable}.{name}" for name in names}
    answer = _ask(
        engine, f"{match} RETURN " + ", ".join(f"{path} AS {name}" for name, path in asked.items())
    )
    return {name: answer.column(name) for name in asked}


def _stacked(
    parts: Iterable[Mapping[str, Any]], element: Element, first: Sequence[str]
) -> pd.DataFrame:
    """Put the parts under each other; a column a part lacks is missing there."""
    held = [(part, _length(part)) for part in parts]
    names = list(dict.fromkeys([*first, *(name for part, _ in held for name in part)]))
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for part, length in held:
        for name in names:
            cells = part.get(name)
            columns[name] += cells if isinstance(cells, list) else [cells] * length
    return pd.DataFrame(columns, columns=names, dtype=object)


def _length(part: Mapping[str, Any]) -> int:
    return next(len(cells) for cells in part.values() if isinstance(cells, list))
