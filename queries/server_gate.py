"""Free Cypher on a Neo4j server: past the gate, past a look at the plan, with read access only.

A user's own query passes four walls before a row comes back. The gate (:mod:`.gate`) reads the
text; :mod:`.expression_size` keeps its expressions from outgrowing the server, which does not watch them.
Then the server plans the query without running it, and the plan is looked through: Neo4j calls
reading what klaster does not (fetching a file or an address by ``LOAD CSV``, calling a procedure,
showing the server's settings). Last, the query runs in a transaction of read access, which the
server ends when its time is over. Where the connection is lost on the way, planning and reading are
done again in the time that is left.

How much memory the rows of one query may take is set on the server:
``db.memory.transaction.max``, as in ``docker-compose.yml``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.stores.contract import QueryResult
from klaster.graph.stores.neo4j_store import Neo4jStore, QueryPlan
from klaster.queries.expression_size import check_expression_sizes, check_parameters
from klaster.queries.gate import ALLOWED, pass_gate

ALLOWED_PROCEDURES: frozenset[str] = frozenset()
"""Procedures a free query may call, by name: none. The embedded store has none of them, and a
procedure that only reads still reads what is not the case's."""

_READS = "r"
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
    check_expression_sizes(query)
    check_parameters(dict(params or {}))
    check_plan(store.explain(query, params, timeout_s=timeout_s))
    left = end - time.monotonic()
    if left <= 0:
        raise QueryRefusedError(
            f"planning the query took longer than {timeout_s:g} s. Narrow it, or allow more time."
        )
    return store.run(query, params, timeout_s=left, row_limit=row_limit)


def check_plan(plan: QueryPlan) -> None:
    """Raise where a plan does more than read the graph.

    Raises
    ------
    QueryRefusedError
        Saying what the query would do, and what is allowed.

    Examples
    --------
    >>> check_plan(QueryPlan("r", (("ProduceResults", "n"), ("NodeByLabelScan", "n:Firm"))))
    >>> check_plan(QueryPlan("r", (("ProduceResults", "l"), ("LoadCSV", "l"))))
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
