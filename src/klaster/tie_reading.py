"""Anybody's ties become a cluster graph: one call, columns named once, every guess said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from klaster.graph.errors import InputError, refusal
from klaster.loaders.files.cell_values import Decimal
from klaster.loaders.ties.cell_table import CellTable, of_frame
from klaster.loaders.ties.tie_rows import Direction, TieOptions
from klaster.loaders.ties.tie_sources import read

if TYPE_CHECKING:
    from klaster.graph.model import ClusterGraph

MOST_ROWS = 1_000_000
"""Rows that are taken from a server at most."""


def read_ties(
    source_of_ties: Any,
    *,
    source: str | None = None,
    target: str | None = None,
    amount: str | None = None,
    tie_type: str | None = None,
    year: int | str | None = None,
    unit: str | None = None,
    currency: str | None = None,
    evidence: str | None = None,
    stated_by: str | None = None,
    actors: Any = None,
    direction: Direction = "goods",
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    actor_columns: Mapping[str, str] | None = None,
    query: str | None = None,
    sheet: str | None = None,
    encoding: str = "auto",
    separator: str = "auto",
    decimal: Decimal = "auto",
    header: bool | int | None = None,
    set_aside: bool = False,
) -> ClusterGraph:
    """Read ties from a file, a table, a graph, a list, a matrix or a Neo4j server.

    How they were read stands in ``graph.notes``: columns, rows, actors made, what was assumed
    and what was left out. Every row is a tie, also one that repeats another. Spellings of a name
    that differ in blanks or composed letters only are one actor; others are kept apart, and
    those that differ in capitals or quotation marks only are named in the notes. In CSV, an
    apostrophe before a text that would be a formula is klaster's guard, and is taken off.

    Parameters
    ----------
    source_of_ties
        A path (CSV, TSV, XLSX, JSON lines, Parquet; GraphML, GEXF, GML, Pajek; an edge list), a
        DataFrame, any graph of NetworkX, a list of ``(source, target)`` or ``(source, target,
        amount)``, a square matrix (seller by buyer), or ``"neo4j://…"`` with ``query``.
    source, target, amount
        Names of columns: who sells, who buys, for how much. Without them well known headings in
        English, Russian and Kazakh are recognised; a table of two columns is source and target.
    tie_type, year, unit, currency, evidence
        A column, or what holds for all ties: a number for ``year``, a term of the dictionary for
        ``tie_type`` and ``evidence``, a text that is no column for ``unit`` and ``currency``.
        By default ``SUPPLIES`` (``COOPERATES_WITH`` for an undirected graph), and not stated.
    stated_by
        Who or what states the ties, in words: the source of all of them.
    actors
        Attributes of the actors: a path, a DataFrame, or a dictionary by key or by name. Columns
        bear names of the dictionary. Without, and for ends it does not name, firms are made.
    direction
        ``goods``: ties run from seller to buyer. ``payments``: from payer to payee; they are
        turned round.
    columns, actor_columns
        Further attributes of ties, and of actors, and the columns they are read from.
    values
        What a value in a file means, by attribute: ``{"tie_type": {"поставка": "SUPPLIES"}}``.
    query
        A read-only query in Cypher that returns ``source``, ``target`` and what else is wanted.
    sheet, encoding, separator, decimal, header
        How a file is read, where that is not found out; ``header=False``: the first row is a tie;
        ``header=3``: row 3 names the columns, and rows above it are titles.
    set_aside
        Leave rows at fault out, and name them in the notes.

    Returns
    -------
    ClusterGraph
        Its ``notes`` say how it was read.

    Raises
    ------
    InputError
        With all faults; equal ones once, with their rows.
    UnknownNameError
        For an option that is none of those allowed, as ``direction="up"``.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "Поставщик": ["Mine", "Mill"], "Покупатель": ["Mill", "Plant"],
    ...     "Сумма": ["1 234 567,89", "20,5"],
    ... })
    >>> graph = read_ties(table, source="Поставщик", target="Покупатель", amount="Сумма")
    >>> graph
    ClusterGraph(3 nodes, 2 ties)
    >>> graph.ties["value"].tolist(), graph.ties["evidence"].tolist()
    ([20.5, 1234567.89], ['not-stated', 'not-stated'])
    >>> read_ties([("Mine", "Mill"), ("Mill", "Plant")], stated_by="register of 2023")
    ClusterGraph(3 nodes, 2 ties)
    """
    said = locals()
    del said["source_of_ties"], said["query"]
    options = TieOptions(**{name: value for name, value in said.items() if value is not None})
    if query is not None:
        source_of_ties = _answers(source_of_ties, query)
    reading = read(source_of_ties, options)
    if reading.graph is None:
        raise InputError(reading.faults, reading.file)
    return reading.graph


def _answers(address: object, query: str) -> CellTable:
    """Return the rows that a query gets from a Neo4j server, past the gate, read only."""
    from klaster.queries.server_gate import run_free_on_server
    from klaster.servers import connect, is_address

    if not isinstance(address, str) or not is_address(address):
        raise refusal("query-without-server", address, "a query is for a server",
                      "Give 'neo4j://…', or no query.")  # fmt: skip
    with connect(address) as store:
        answer = run_free_on_server(store, query, timeout_s=600, row_limit=MOST_ROWS)
    if answer.truncated:
        raise refusal(
            "too-large", "", f"it answers more than {MOST_ROWS:,} rows", "Ask for fewer.", address
        )
    return of_frame(answer.to_frame(), f"the answer of {address}", "tie")
