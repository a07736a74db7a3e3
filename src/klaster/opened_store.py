"""A store that was opened to be asked: a run's file or folder, or a Neo4j server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from klaster.answers import Answer
from klaster.graph.canonical_tables import plain
from klaster.graph.errors import StoreError
from klaster.servers import connect, is_address

if TYPE_CHECKING:
    from klaster.graph.model import ClusterGraph
    from klaster.graph.stores.contract import GraphStore, QueryResult
    from klaster.graph.stores.neo4j_store import Neo4jStore

STORE_FILE = "graph.kgl"


def open_store(place: str | Path, *, database: str = "neo4j") -> OpenedStore:
    """Open what a run left, to ask it: a store file, the folder it lies in, or a server.

    Parameters
    ----------
    place
        ``graph.kgl``, a folder with it, or an address such as ``neo4j://localhost:7687``. The
        password of a server is taken from ``NEO4J_PASSWORD``, or asked for at a terminal; the
        user from ``NEO4J_USERNAME``.
    database
        Database on the server; not used for a file.

    Raises
    ------
    StoreError
        Where there is no store, or the server cannot be reached.

    Examples
    --------
    >>> import klaster
    >>> with klaster.open_store("out/kazakhstan") as store:  # doctest: +SKIP
    ...     suppliers = store.ask("suppliers", actor="Qarmet", tiers=2).to_frame()
    ...     ties = store.query("MATCH (a:Firm)-[r:SUPPLIES]->(b) RETURN a, r, b").to_networkx()
    """
    if is_address(str(place)):
        return OpenedStore(server=connect(str(place), database=database))
    return OpenedStore(path=store_path(place))


def store_path(given: str | Path) -> Path:
    """Return the store file that is meant: the file itself, or ``graph.kgl`` in a folder."""
    path = Path(given)
    path = path / STORE_FILE if path.is_dir() else path
    if not path.is_file():
        raise StoreError(
            f"no store at {path}. Make one with: klaster analyze CASE --out FOLDER "
            f"(it writes FOLDER/{STORE_FILE})."
        )
    return path


class OpenedStore:
    """A store to be asked, in a ``with`` block; :func:`open_store` makes it.

    A file is read when it is first needed, and never changed.

    Parameters
    ----------
    path
        File of the embedded store.
    server
        Store on a server, where there is no file; it is closed with this one.

    Examples
    --------
    >>> import klaster
    >>> with klaster.open_store("out/kazakhstan") as store:  # doctest: +SKIP
    ...     rows = store.query("MATCH (f:Firm) RETURN f.name AS firm").to_frame()
    """

    def __init__(self, *, path: Path | None = None, server: Neo4jStore | None = None) -> None:
        self.path, self._server = path, server
        self._store: GraphStore | None = server
        self._closed = False

    def __repr__(self) -> str:
        return f"OpenedStore({self.path or self._server})"

    @property
    def store(self) -> GraphStore:
        """The store itself."""
        from klaster.graph.stores.embedded import EmbeddedStore

        if self._closed:
            raise StoreError("the store is closed. Open it again.")
        if self._store is None:
            assert self.path is not None
            self._store = EmbeddedStore.open(self.path)
        return self._store

    def ask(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        /,
        *,
        row_limit: int | None = None,
        timeout_s: float = 30.0,
        **more: Any,
    ) -> Answer:
        """Ask a query of the catalog: ``store.ask("suppliers", actor="Qarmet", tiers=2)``.

        Parameters
        ----------
        name
            Name of the query, one of :func:`klaster.load_catalog`.
        parameters, more
            Its parameters; in a mapping where a name is a word of Python, as ``from``. An actor
            is meant by its key, a name in any language or an alias.
        row_limit
            Rows that are taken at most; None: all.
        timeout_s
            Seconds it may take.

        Raises
        ------
        UnknownNameError
            For a query or a parameter that does not exist; with the nearest one.
        InputError
            For values that are missing or of the wrong type.
        StoreError
            For an organisation, region, network or run the store does not have.
        """
        from klaster.queries.catalog import run_named

        given = {**(parameters or {}), **more}
        return _answer(run_named(self.store, name, given, row_limit=row_limit, timeout_s=timeout_s))

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        row_limit: int = 1000,
        timeout_s: float = 30.0,
        memory_mb: int = 2048,
    ) -> Answer:
        """Ask a query of one's own: one reading statement, past the gate.

        On a file it runs in a limited child process; on a server with read access, after a look
        at its plan.

        Parameters
        ----------
        cypher
            One reading statement.
        parameters
            Values of its ``$names``.
        row_limit
            Rows that are taken at most; the answer says whether there were more.
        timeout_s
            Seconds it may take.
        memory_mb
            Mebibytes it may take, on a file; a server sets its own limit.

        Raises
        ------
        QueryRefusedError
            Where the query does more than read, or takes more than it may.
        StoreError
            Where the store cannot be read or the query is faulty.
        """
        from klaster.queries.limited_process import run_free
        from klaster.queries.server_gate import run_free_on_server

        if self._closed:
            raise StoreError("the store is closed. Open it again.")
        parameters = {name: plain(value) for name, value in (parameters or {}).items()}
        if self._server is not None:
            found = run_free_on_server(
                self._server, cypher, parameters, timeout_s=timeout_s, row_limit=row_limit
            )
        else:
            assert self.path is not None
            found = run_free(
                self.path,
                cypher,
                parameters,
                timeout_s=timeout_s,
                memory_mb=memory_mb,
                row_limit=row_limit,
            )
        self._name_ends(found)
        return _answer(found)

    def read(self) -> ClusterGraph:
        """Return the graph the store holds, with its runs."""
        return self.store.read()

    def close(self) -> None:
        """Give back what is held open; a second call does nothing."""
        if self._store is not None:
            self._store.close()
        self._store, self._closed = None, True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _name_ends(self, found: QueryResult) -> None:
        """Give the whole ties of an answer the keys of their ends, which no engine tells."""
        from klaster.answers import elements
        from klaster.graph.dictionary import load_dictionary

        ties: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for tie in elements(found.rows):
            if "type" in tie and "tie_id" in tie["properties"]:
                of_type = ties.setdefault(tie["type"], {})
                of_type.setdefault(tie["properties"]["tie_id"], []).append(tie)
        for tie_type in sorted(set(ties) & set(load_dictionary().tie_type_names())):
            rows = self.store.run(
                f"MATCH (a)-[r:{tie_type}]->(b) WHERE r.tie_id IN $keys "
                "RETURN r.tie_id AS key, a.id AS source, b.id AS target",
                {"keys": sorted(ties[tie_type])},
            ).rows
            for key, source, target in rows:
                for tie in ties[tie_type][key]:
                    tie.update(source_id=source, target_id=target)


def _answer(found: QueryResult) -> Answer:
    return Answer(found.columns, found.rows, found.truncated, found.notes)
