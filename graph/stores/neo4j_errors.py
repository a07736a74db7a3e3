"""What goes wrong with a Neo4j server, said in one clear sentence each."""

from __future__ import annotations

import re
import socket
from typing import Any
from urllib.parse import urlsplit

from klaster.graph.errors import QueryRefusedError, StoreError

_DISK_FULL = re.compile(r"no space left|disk (is )?full|not enough space|disk quota", re.IGNORECASE)
_TIMED_OUT = ("TransactionTimedOut", "LockClientStopped", "Transaction.Terminated")
_READ_ONLY = ("ForbiddenOnReadOnlyDatabase", "WriteOnReadOnlyAccessDatabase")


def explain(error: Exception, address: str, user: str, database: str) -> StoreError:
    """Return the store error that tells a user what happened and what to do.

    Parameters
    ----------
    error
        What the driver raised.
    address
        Where the server was looked for, without anything secret.
    user, database
        As given by the user.
    """
    from neo4j.exceptions import Neo4jError

    if isinstance(error, StoreError):
        return error
    if isinstance(error, Neo4jError):
        return _from_server(error, address, user, database)
    return _from_driver(error, address)


def _from_server(error: Any, address: str, user: str, database: str) -> StoreError:
    code, text = str(error.code or ""), _first_line(str(error.message or ""))
    if code.endswith("AuthenticationRateLimit"):
        return StoreError(
            f"{address} refuses to check a password now, after too many wrong ones. "
            "Wait a few seconds and try again with the right one."
        )
    if code.endswith("CredentialsExpired"):
        return StoreError(
            f"{address} wants the first password of user {user!r} changed before anything else. "
            "Change it in Neo4j Browser or with cypher-shell, then try again."
        )
    if ".Security." in code and ("Unauthorized" in code or "Authentication" in code):
        return StoreError(
            f"{address} does not accept user {user!r} with the password given. "
            "Check both (the password comes from NEO4J_PASSWORD or the prompt)."
        )
    if code.endswith("Security.Forbidden"):
        return StoreError(f"{address}: user {user!r} may not do this in database {database!r}.")
    if code.endswith("DatabaseNotFound"):
        return StoreError(
            f"{address} has no database {database!r}. The database of a Community server is "
            "called neo4j unless its administrator named it otherwise."
        )
    if _DISK_FULL.search(str(error.message or "")):
        return StoreError(
            f"the disk of {address} is full: what was being written was not taken. "
            "Make room there and run the load again; it goes on where it stopped."
        )
    if any(part in code for part in _READ_ONLY) or "read-only" in text.lower():
        return _read_only(f"database {database!r}", address)
    if code.endswith("Statement.AccessMode"):
        return QueryRefusedError("the query would change the store. Only reading queries are run.")
    if any(part in code for part in _TIMED_OUT):
        return QueryRefusedError(
            "the query took longer than it may. Narrow the query, or allow more time."
        )
    if "MemoryPool" in code or code.endswith("OutOfMemoryError"):
        return QueryRefusedError(
            f"the query needs more memory than {address} gives to one transaction. Narrow the "
            "query, or raise db.memory.transaction.max there."
        )
    if code.endswith("SyntaxError"):
        return StoreError(f"the query has a syntax error: {text}")
    return StoreError(f"{address} answered: {text or 'nothing'} ({code})")


def _from_driver(error: Exception, address: str) -> StoreError:
    from neo4j.exceptions import ConfigurationError

    text = f"{error} {error.__cause__ or ''}"
    low = text.lower()
    if "routing" in low:
        low += _tried_plainly(address)
    if "refused" in low:
        return StoreError(
            f"nothing answers at {address}: the connection was refused. Is the server running, "
            "and is this its Bolt port (7687 unless changed)?"
        )
    if "resolve " in low or "not known" in low:
        return StoreError(
            f"no server can be found under the name in {address}. Check its spelling."
        )
    if "certificate" in low or "ssl" in low or "tls" in low:
        return StoreError(
            f"no encrypted connection to {address}: the server does not offer one there, or its "
            "certificate is not trusted. Use bolt:// or neo4j:// for a server without TLS, "
            "and +ssc in place of +s for a self-signed certificate."
        )
    if isinstance(error, ConfigurationError):  # the driver and it have no Bolt version in common
        return StoreError(
            f"the server at {address} is older than Neo4j 5.26, which klaster needs. Upgrade it."
        )
    if _is_read_only(error):
        return _read_only("the server's database", address)
    if "http" in low or "handshake" in low or "protocol" in low:
        return StoreError(
            f"what answers at {address} does not speak Bolt: is it the HTTP port (7474)? "
            "Bolt's port is 7687 unless changed."
        )
    if "routing" in low:
        return StoreError(
            f"{address} gives no routing table. Use bolt:// in place of neo4j:// for a single "
            "server."
        )
    if "timed out" in low or "timeout" in low:
        return StoreError(f"{address} did not answer in time. Is it the right address?")
    return StoreError(f"the connection to {address} was lost: {_first_line(str(error))}.")


def _is_read_only(error: Exception) -> bool:
    """Tell a single server that takes no writes from a cluster that is choosing its leader."""
    from neo4j.exceptions import ForbiddenOnReadOnlyDatabase, WriteServiceUnavailable

    return isinstance(error, ForbiddenOnReadOnlyDatabase) or (
        isinstance(error, WriteServiceUnavailable) and "DirectBoltPool" in str(error)
    )


def _read_only(database: str, address: str) -> StoreError:
    return StoreError(
        f"{database} at {address} is read-only. Make it writable (server.databases.read_only and "
        "server.databases.default_to_read_only in neo4j.conf), or write to another one."
    )


def _tried_plainly(address: str) -> str:
    """Say why no connection can be made: a driver that asks for routes does not tell."""
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 7687), 2).close()
    except socket.gaierror:
        return " name not known"
    except ConnectionRefusedError:
        return " refused"
    except OSError:
        return " timed out"
    return ""


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].rstrip(". ")


def may_pass_soon(error: Exception) -> bool:
    """Return whether a few more tries are worth while, but not minutes of them.

    A transaction whose connection was cut may still be committing: the same rows then clash with
    its keys, and are found a moment later. Memory taken by other transactions is given back.
    """
    from neo4j.exceptions import ConstraintError, Neo4jError

    return isinstance(error, ConstraintError) or (
        isinstance(error, Neo4jError) and "MemoryPool" in str(error.code)
    )


def short_reason(error: Exception) -> str:
    """Return what went wrong, in a few words for a warning."""
    from neo4j.exceptions import IncompleteCommit, Neo4jError

    if isinstance(error, Neo4jError):
        return f"{_first_line(str(error.message or ''))[:120]} ({error.code})"
    if isinstance(error, IncompleteCommit):
        return "the connection was lost while committing"
    if "refused" in str(error).lower():
        return "the server does not answer"
    return "the connection was lost"


def is_passing(error: Exception) -> bool:
    """Return whether the same call may succeed later: a lost connection, a deadlock, a restart.

    A commit whose outcome is unknown counts as passing; the driver does not retry it, since only
    the caller knows that writing twice has the effect of writing once.
    """
    from neo4j.exceptions import (
        DriverError,
        IncompleteCommit,
        Neo4jError,
        ServiceUnavailable,
        SessionExpired,
    )

    if _is_read_only(error):
        return False
    if isinstance(error, Neo4jError):
        # A read-only database and a full disk are called transient by some versions.
        if any(part in str(error.code) for part in _READ_ONLY):
            return False
        if _DISK_FULL.search(str(error.message or "")):
            return False
        return error.is_retryable() or str(error.code).endswith("DatabaseUnavailable")
    if isinstance(error, (IncompleteCommit, ServiceUnavailable, SessionExpired, OSError)):
        return True
    return isinstance(error, DriverError) and error.is_retryable()
