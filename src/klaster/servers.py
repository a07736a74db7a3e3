"""A Neo4j server as the place a case and its runs are kept."""

from __future__ import annotations

import os
from getpass import getpass
from typing import TYPE_CHECKING

from klaster.graph.errors import StoreError
from klaster.graph.settings import Progress
from klaster.graph.stores.contract import WriteReport

if TYPE_CHECKING:
    from klaster.graph.model import ClusterGraph
    from klaster.graph.stores.neo4j_store import Neo4jStore

PASSWORD_VARIABLE = "NEO4J_PASSWORD"
USER_VARIABLE = "NEO4J_USERNAME"


def is_address(text: str) -> bool:
    """Return whether a text is the address of a server, not a file.

    Examples
    --------
    >>> is_address("neo4j://localhost:7687"), is_address("out/kazakhstan")
    (True, False)
    """
    scheme, sign, _ = text.partition("://")
    return bool(sign) and scheme.replace("+", "").isalnum()


def connect(address: str, *, database: str = "neo4j") -> Neo4jStore:
    """Open the store on a server; the password comes from the environment or a prompt.

    The user is taken from ``NEO4J_USERNAME`` (by default ``neo4j``), the password from
    ``NEO4J_PASSWORD``; where that is not set and a person is at the terminal, it is asked for.

    Raises
    ------
    StoreError
        In one sentence: a password in the address, no password, nothing there, wrong password, too old a server.
    """
    from klaster.graph.stores.neo4j_store import Neo4jStore

    if "@" in address.partition("://")[2].partition("/")[0]:
        raise StoreError(
            "a user and a password do not belong in the address, which is shown and kept. Give "
            f"the address without them, and set {USER_VARIABLE} and {PASSWORD_VARIABLE} in the "
            "environment."
        )
    user = os.environ.get(USER_VARIABLE, "neo4j")
    return Neo4jStore.connect(address, user=user, password=_password(user), database=database)


def _password(user: str) -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    try:
        asked = getpass(f"Password of {user}: ")
    except (EOFError, OSError):
        asked = ""
    if not asked:
        raise StoreError(
            f"no password for user {user!r}. Set {PASSWORD_VARIABLE} in the environment."
        )
    return asked


def write_run(
    store: Neo4jStore, results: ClusterGraph, *, progress: Progress | None = None
) -> WriteReport:
    """Write a case with its results; runs already there on the same case stay beside it.

    Where the server holds another state of the case, that and its runs are replaced: a run
    says nothing about data that are no longer there.
    """
    from klaster.graph.stores.runs import RESULT_KINDS, merge_run

    held = store.read()
    if len(held):
        kinds = sorted(set(held.nodes["kind"].tolist()) - set(RESULT_KINDS))
        same = held.select(kinds=kinds) == results.select(kinds=kinds)
        if same:
            results = merge_run(held, results)
    return store.write(results, progress=progress)
