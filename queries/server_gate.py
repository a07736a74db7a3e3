"""Free Cypher on a Neo4j server: past the gate, past a look at the plan, with read access only.

A user's own query passes four walls before a row comes back. The gate (:mod:`.gate`) reads the
text; :mod:`.growth` keeps its expressions from outgrowing the server, which does not watch them.
Then the server plans the query without running it, and the plan is looked through: Neo4j calls
reading what klaster does not (fetching a file or an address by ``LOAD CSV``, calling a procedure,
showing the server's settings). Last, the query runs in a transaction of read access, which the
server ends when its time is over.

How much memory the rows of one query may take is set on the server:
``db.memory.transaction.max``, as in ``docker-compose.yml``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.store import QueryResult
from klaster.graph.stores.neo4j_store import Neo4jStore
from klaster.queries.gate import ALLOWED, pass_gate
from klaster.queries.growth import check_growth, check_parameters

ALLOWED_PROCEDURES: frozenset[str] = frozenset()
"""Procedures a free query may call, by name: none. The embedded store has none of them, and a
procedure that only reads still reads what is not the case's."""

_READS = "r"
_EXPLAIN = "EXPLAIN "
_REFUSED_OPERATORS = {
    re.compile(r"LoadCSV"): "reads files or addresses",
    re.compile(r"Transaction(Foreach|Apply)\w*"): "opens transactions of its own",
    re.compile(r"Show\w*|\w*Command|TerminateTransactions"): "is about the server",
    re.compile(
        r"(Locking)?Merge\w*|Create\w*|Insert\w*|(Detach)?Delete\w*|Set\w*|Remove\w*"
        r"|(Subquery)?Foreach\w*|Drop\w*|Alter\w*|DoNothing\w*"
    ): "writes",
}
"""Operators of Neo4j's plans that no free query may need, by what they do."""

_PROCEDURE = re.compile(r"\s*([A-Za-z_][\w.]*)\s*\(")


@dataclass(frozen=True, slots=True)
class Plan:
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


def run_free_on_server(
    store: Neo4jStore,
    cypher: str,
    params: Mapping[str, Any] | None = None,
    *,
    timeout_s: float = 30.0,
    row_limit: int = 1000,
) -> QueryResult:
    """Run a query of a user's own on a Neo4j server, read-only and limited.

    Parameters
    ----------
    store
        An open store on the server.
    cypher
        One reading statement (see :func:`klaster.queries.gate.pass_gate`).
    params
        Values of its ``$names``, with their Python types; at most 200,000 characters together.
    timeout_s
        Seconds that planning and running may take together.
    row_limit
        Rows that are taken at most; the result says whether there were more. A single row is
        taken whole, however large its lists and texts are.

    Raises
    ------
    QueryRefusedError
        Where the gate, the bound on growth or the look at the plan refuses the query, or it takes
        more time or memory than it may.
    StoreError
        Where the server cannot be reached or the query is faulty.
    """
    if timeout_s <= 0 or row_limit < 0:
        raise StoreError("limits on time and rows must be above zero.")
    end = time.monotonic() + timeout_s
    query = pass_gate(cypher).text
    check_growth(query)
    check_parameters(dict(params or {}))
    check_plan(_explain(store, query, dict(params or {}), timeout_s))
    left = end - time.monotonic()
    if left <= 0:
        raise QueryRefusedError(
            f"planning the query took longer than {timeout_s:g} s. Narrow it, or allow more time."
        )
    return store.run(query, params, timeout_s=left, row_limit=row_limit)


def check_plan(plan: Plan) -> None:
    """Raise where a plan does more than read the graph.

    Raises
    ------
    QueryRefusedError
        Saying what the query would do, and what is allowed.

    Examples
    --------
    >>> check_plan(Plan("r", (("ProduceResults", "n"), ("NodeByLabelScan", "n:Firm"))))
    >>> check_plan(Plan("r", (("ProduceResults", "l"), ("LoadCSV", "l"))))
    Traceback (most recent call last):
    ...
    klaster.graph.errors.QueryRefusedError: the query reads files or addresses (LoadCSV in its \
plan). Allowed are MATCH, OPTIONAL MATCH, WHERE, WITH, UNWIND, CALL { } of reading clauses, UNION, \
RETURN, ORDER BY, SKIP and LIMIT.
    """
    for operator, details in plan.operators:
        for pattern, what in _REFUSED_OPERATORS.items():
            if pattern.fullmatch(operator):
                raise _refusal(what, f"{operator} in its plan")
        if operator == "ProcedureCall":
            found = _PROCEDURE.match(details)
            name = found[1] if found else details
            if name not in ALLOWED_PROCEDURES:
                raise _refusal(f"calls the procedure {name}", "no procedure may be called")
    if plan.query_type != _READS:
        raise _refusal(
            "does not only read", f"the server calls it of type {plan.query_type or 'unknown'!r}"
        )
    if not plan.operators:
        raise _refusal("has no plan that could be looked at", "the server did not give one")


def _refusal(what: str, why: str) -> QueryRefusedError:
    return QueryRefusedError(f"the query {what} ({why}). {ALLOWED}.")


def _explain(store: Neo4jStore, query: str, params: dict[str, Any], timeout_s: float) -> Plan:
    """Have the server plan a query without running it."""
    # The one place that reaches into the store: its run() gives rows, not the plan.
    try:
        with (
            store._translated(),
            store._session("READ") as session,
            session.begin_transaction(timeout=timeout_s) as transaction,
        ):
            summary = transaction.run(_EXPLAIN + query, params).consume()
    except StoreError as error:
        raise type(error)(_place_of_the_query(str(error))) from None
    except RecursionError:  # the driver unpacks a plan step by step downwards
        raise QueryRefusedError(
            "the query has more clauses upon each other than can be looked at. Ask it in parts."
        ) from None
    return Plan(str(summary.query_type or ""), tuple(_operators(summary.plan)))


def _place_of_the_query(message: str) -> str:
    """Return a message of the server with places counted without the word put before the query."""

    def moved(found: re.Match[str]) -> str:
        line, column, offset = (int(text) for text in found.groups())
        shift = len(_EXPLAIN)
        column -= shift if line == 1 else 0
        return f"line {line}, column {column} (offset: {offset - shift})"

    return re.sub(r"line (\d+), column (\d+) \(offset: (\d+)\)", moved, message)


def _operators(plan: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Return the operators of a plan of the driver, each without the name of its database."""
    left = [plan] if plan else []
    while left:
        node = left.pop()
        name = str(node["operatorType"]).partition("@")[0]
        yield name, str(node.get("args", {}).get("Details", ""))
        left += reversed(node.get("children", []))
