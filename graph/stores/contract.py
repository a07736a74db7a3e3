"""The contract of a store: where a cluster graph is kept and asked in Cypher."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pandas as pd

    from klaster.graph.model import ClusterGraph
    from klaster.graph.settings import Progress


@dataclass(frozen=True, repr=False)
class QueryResult:
    """Rows a query gave.

    Attributes
    ----------
    columns
        Names of the columns, as the query's RETURN gives them.
    rows
        Rows of plain Python values (None, bool, int, float, str, date, datetime, list, dict). A
        whole node is a dict of ``labels`` and ``properties``, a whole tie one of ``type`` and
        ``properties``, a path the list of its nodes and ties in turn.
    truncated
        Whether there were more rows than the limit that was asked for.
    notes
        What the engine remarked, as an unknown label.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        count = f"{len(self.rows)} row" + ("" if len(self.rows) == 1 else "s")
        return f"{type(self).__name__}({count}: {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        """Show the rows as a notebook shows a table."""
        return str(self.to_frame().to_html(max_rows=20, notebook=True))

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))


@dataclass(frozen=True)
class WriteReport:
    """What was written, counted in the store after writing.

    Attributes
    ----------
    nodes, ties
        How many there are of each kind of node and type of tie.
    """

    nodes: Mapping[str, int] = field(default_factory=dict)
    ties: Mapping[str, int] = field(default_factory=dict)


def differing_counts(report: WriteReport, graph: ClusterGraph) -> str:
    """Say where a store does not hold as many nodes and ties as the graph; empty where it does."""
    wrong = []
    for cells, counted in (
        (graph.nodes["kind"], report.nodes),
        (graph.ties["tie_type"], report.ties),
    ):
        wanted = Counter(map(str, cells.tolist()))
        wrong += [
            f"{name}: {wanted[name]} given, {counted[name]} there"
            for name in sorted(wanted)
            if wanted[name] != counted[name]
        ]
    return "; ".join(wrong)


class GraphStore(ABC):
    """A place a cluster graph is kept and asked in Cypher.

    Nodes carry their kind as a label, actors their ``actor_type`` as a second one; ties carry
    their ``tie_type`` as type; every attribute that has a value is a property. A store is used
    in a ``with`` block.
    """

    @abstractmethod
    def write(self, graph: ClusterGraph, *, progress: Progress | None = None) -> WriteReport:
        """Replace what the store holds by the graph, and count what is there afterwards."""

    @abstractmethod
    def read(self) -> ClusterGraph:
        """Return the graph the store holds, equal to the one written."""

    @abstractmethod
    def run(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = 30.0,
        row_limit: int | None = None,
    ) -> QueryResult:
        """Run one reading query that is trusted (of the catalog, or past the gate).

        Raises
        ------
        StoreError
            Where the query cannot be run, writes, or takes longer than ``timeout_s`` seconds.
        """

    @abstractmethod
    def close(self) -> None:
        """Give back what the store holds open; a second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
