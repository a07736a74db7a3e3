"""The connection to a Neo4j server: where it is, who asks, and what is done when it goes away.

A call whose connection is lost is made again while patience lasts, so each call made here must be
one that may be made twice. What the driver raises comes out as one clear sentence.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from klaster.graph.errors import KlasterError, StoreError
from klaster.graph.stores.neo4j_errors import (
    explain,
    is_passing,
    may_pass_soon,
    short_reason,
)

T = TypeVar("T")

LEAST_VERSION = (5, 26)
"""Oldest server klaster writes to: long-term support, and the Cypher its queries use."""

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""Beginnings of an address: ``+s`` is TLS, ``+ssc`` TLS with a self-signed certificate."""

FEW_TRIES = 6
"""Tries where waiting longer would not help."""

logger = logging.getLogger("klaster.neo4j")

# The driver would say once more, and less plainly, what the store warns of or puts into notes.
for _name in ("neo4j.io", "neo4j.pool", "neo4j.notifications"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Neo4jConnection:
    """An open driver, the database it is used for, and the patience with which.

    Parameters
    ----------
    driver
        An open driver of the ``neo4j`` package; :meth:`close` closes it.
    address
        What to call the server in messages.
    user, database
        Credentials and place, as given.
    patience_s
        How long a call waits for a server that went away before it gives up.
    """

    def __init__(
        self, driver: Any, *, address: str, user: str, database: str, patience_s: float
    ) -> None:
        from neo4j import GraphDatabase

        self._driver: Any = driver
        self.address, self.user, self.database = address, user, database
        self.patience_s = patience_s
        # Each transaction sees those before it, on a cluster too.
        self._bookmarks: Any = GraphDatabase.bookmark_manager()
        self.server_version = ""

    @classmethod
    def open(
        cls,
        uri: str,
        *,
        user: str,
        password: str,
        database: str,
        patience_s: float,
        connection_timeout_s: float,
    ) -> Self:
        """Connect to a server and greet it; parameters as of ``Neo4jStore.connect``."""
        from neo4j import GraphDatabase
        from neo4j.exceptions import DriverError, Neo4jError

        address = checked_address(uri)
        try:
            driver = GraphDatabase.driver(
                uri,
                auth=(user, password),
                connection_timeout=connection_timeout_s,
                connection_acquisition_timeout=connection_timeout_s + 2,
                max_transaction_retry_time=0.0,  # retried here
                liveness_check_timeout=60.0,
                notifications_min_severity="OFF",
                user_agent="klaster",
            )
        except (DriverError, ValueError, TypeError) as error:
            raise StoreError(
                f"{address} is not an address of a Neo4j server: {error}. "
                "Give one such as neo4j://localhost:7687."
            ) from None
        connection = cls(
            driver, address=address, user=user, database=database, patience_s=patience_s
        )
        try:
            connection.server_version = connection._greet()
        except (DriverError, Neo4jError, OSError, ValueError) as error:
            connection.close()
            raise explain(error, address, user, database) from None
        except StoreError:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close the driver; a second call does nothing."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None

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
        self.rows("RETURN 1 AS one", patience_s=5.0)
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

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what the driver raises within the block into one clear sentence."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            yield
        except KlasterError:
            raise  # an InputError is a ValueError too, and says what is wrong
        except (DriverError, Neo4jError, OSError) as error:
            raise explain(error, self.address, self.user, self.database) from None
        except (OverflowError, TypeError, ValueError) as error:
            # The driver cannot send a parameter, say an integer beyond 64 bits.
            raise StoreError(f"{self.address}: {error}") from None

    @contextmanager
    def session(
        self, access: str = "WRITE", row_limit: int | None = None, *, notes: bool = False
    ) -> Iterator[Any]:
        """Open a session of the driver; errors come out as the driver raises them."""
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

    def rows(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        patience_s: float | None = None,
    ) -> list[list[Any]]:
        """Return the rows of a query of ours."""

        def ask() -> list[list[Any]]:
            with self.session("READ") as session:
                rows: list[list[Any]] = session.run(cypher, dict(parameters or {})).values()
                return rows

        wait = self.patience_s if patience_s is None else patience_s
        return retried(ask, "asking the server", patience_s=wait)

    def execute(self, cypher: str, what: str) -> None:
        """Run a statement that must have its own transaction; it may be run twice."""

        def execute() -> None:
            with self.session() as session:
                session.run(cypher).consume()

        retried(execute, what, patience_s=self.patience_s)

    def transact(self, what: str, *statements: tuple[str, Mapping[str, Any]]) -> list[Any]:
        """Run statements in one transaction; return the first value the last one gave."""

        def transact() -> list[Any]:
            with self.session() as session, session.begin_transaction() as transaction:
                for cypher, parameters in statements[:-1]:
                    transaction.run(cypher, dict(parameters)).consume()
                cypher, parameters = statements[-1]
                values = [row[0] for row in transaction.run(cypher, dict(parameters)).values()]
                transaction.commit()
            return values

        return retried(transact, what, patience_s=self.patience_s)


def checked_address(uri: str) -> str:
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


def retried(call: Callable[[], T], what: str, *, patience_s: float) -> T:
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
