"""Each thing that goes wrong with a server is said in one clear sentence, without the password."""

from __future__ import annotations

import http.server
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from bolt_script import Answer, Script, ScriptedServer, failure
from example_graphs import steel_case

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.stores.neo4j_store import Neo4jStore

PASSWORD = "not-to-be-seen-7"

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]


def connect(uri: str, **settings: Any) -> Neo4jStore:
    settings = {"password": PASSWORD, "patience_s": 1.0, "connection_timeout_s": 2.0} | settings
    return Neo4jStore.connect(uri, **settings)


def said(error: pytest.ExceptionInfo[StoreError]) -> str:
    """Return the message, once it is sure that it is one sentence or two and hides the password."""
    shown = "".join(traceback.format_exception(error.value))
    assert PASSWORD not in shown
    assert error.value.__suppress_context__ or error.value.__context__ is None
    message = str(error.value)
    assert "\n" not in message
    assert message.endswith((".", ")", "?"))
    return message


def failing(wanted: str, code: str, text: str, containing: str = "") -> Script:
    def script(name: str, fields: list[Any]) -> list[Answer] | None:
        if name == wanted and (not containing or containing in fields[0]):
            return failure(code, text)
        return None

    return script


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def web_port() -> Iterator[int]:
    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


# -- the address -------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_nothing_there(scheme: str) -> None:
    with pytest.raises(StoreError) as error:
        connect(f"{scheme}://127.0.0.1:{free_port()}")
    assert "the connection was refused" in said(error)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_no_such_host(scheme: str) -> None:
    with pytest.raises(StoreError) as error:
        connect(f"{scheme}://no-such-host.invalid")
    assert "no server can be found under the name" in said(error)


def test_a_port_that_speaks_http(web_port: int) -> None:
    with pytest.raises(StoreError) as error:
        connect(f"bolt://127.0.0.1:{web_port}", connection_timeout_s=0.5)
    assert "does not speak Bolt" in said(error)


def test_a_port_that_says_nothing() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(StoreError) as error,
    ):
        connect(f"bolt://127.0.0.1:{silent.getsockname()[1]}", connection_timeout_s=0.3)
    assert "does not speak Bolt" in said(error) or "in time" in said(error)


@pytest.mark.parametrize(
    ("uri", "part"),
    [
        ("graph.kgl", "not the address of a server"),
        ("http://localhost:7474", "no Neo4j server is reached by http://"),
        ("bolt://localhost:99999", "not one of a server"),
        (f"bolt://neo4j:{PASSWORD}@localhost", "must not hold a user or password"),
    ],
)
def test_an_address_that_is_none(uri: str, part: str) -> None:
    with pytest.raises(StoreError) as error:
        connect(uri)
    assert part in said(error)


# -- the server --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "bolt", "part"),
    [
        ("Neo4j/5.25.1", (5, 4), "runs Neo4j 5.25.1: klaster needs 5.26 or newer"),
        ("Neo4j/4.4.44", (4, 4), "older than Neo4j 5.26"),
        ("Neo4j/4.1.0", (4, 1), "older than Neo4j 5.26"),
        ("Other/1.0", (5, 4), "calls itself 'Other/1.0'"),
    ],
)
def test_too_old_or_another_server(agent: str, bolt: tuple[int, int], part: str) -> None:
    with ScriptedServer(agent=agent, bolt=bolt) as server, pytest.raises(StoreError) as error:
        connect(server.uri)
    assert part in said(error)


@pytest.mark.parametrize("agent", ["Neo4j/5.26.0", "Neo4j/2025.10.1", "Neo4j/2026.09.0"])
def test_new_enough(agent: str) -> None:
    with ScriptedServer(agent=agent) as server, connect(server.uri) as store:
        assert store.server_version == agent.removeprefix("Neo4j/")


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("Neo.ClientError.Security.Unauthorized", "does not accept user 'neo4j'"),
        ("Neo.ClientError.Security.AuthenticationRateLimit", "too many wrong ones"),
        ("Neo.ClientError.Security.CredentialsExpired", "first password"),
    ],
)
def test_credentials(code: str, part: str) -> None:
    with (
        ScriptedServer(failing("LOGON", code, "no")) as server,
        pytest.raises(StoreError) as error,
    ):
        connect(server.uri)
    assert part in said(error)


def test_a_server_without_routes() -> None:
    script = failing("ROUTE", "Neo.ClientError.Procedure.ProcedureNotFound", "no routing here")
    with ScriptedServer(script) as server, pytest.raises(StoreError) as error:
        connect(server.uri.replace("bolt", "neo4j"))
    assert "Use bolt:// in place of neo4j://" in said(error)


@pytest.mark.parametrize("message", ["RUN", "COMMIT"])
@pytest.mark.parametrize(
    ("code", "text", "part"),
    [
        (
            "Neo.DatabaseError.Transaction.TransactionCommitFailed",
            "Unable to apply transaction: java.io.IOException: No space left on device",
            "disk of",
        ),
        ("Neo.TransientError.General.OutOfDiskSpace", "no space left on device", "disk of"),
        (
            "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
            "No write operations are allowed on this database.",
            "is read-only",
        ),
        (
            "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
            "The allocation would use more than the limit 350.0 MiB.",
            "needs more memory",
        ),
        ("Neo.DatabaseError.General.UnknownError", "a fault inside", "a fault inside"),
    ],
)
def test_a_load_the_server_cannot_take(message: str, code: str, text: str, part: str) -> None:
    script = failing(message, code, text, "CREATE" if message == "RUN" else "")
    with ScriptedServer(script) as server, connect(server.uri) as store:
        with pytest.raises(StoreError) as error:
            store.write(steel_case())
        assert part in said(error)


def test_a_server_that_goes_away_for_good(caplog: pytest.LogCaptureFixture) -> None:
    server = ScriptedServer()
    with connect(server.uri) as store, caplog.at_level(logging.WARNING):
        server.close()
        with pytest.raises(StoreError) as error:
            store.write(steel_case())
    assert "the connection" in said(error)
    assert "trying again" in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", "took longer"),
        ("Neo.ClientError.Statement.AccessMode", "would change the store"),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", "needs more memory"),
    ],
)
def test_a_query_that_is_stopped(code: str, part: str) -> None:
    script = failing("RUN", code, "stopped", "nodes_asked_for")
    with ScriptedServer(script) as server, connect(server.uri) as store:
        with pytest.raises(QueryRefusedError) as error:
            store.run("MATCH (nodes_asked_for) RETURN 1")
        assert part in said(error)


# -- the same of a real server -----------------------------------------------------------------


def test_real_wrong_database(neo4j_access: Any) -> None:
    with pytest.raises(StoreError) as error:
        neo4j_access.store(database="nosuch")
    assert "has no database 'nosuch'" in said(error)


def test_real_server_without_tls(neo4j_access: Any) -> None:
    address = neo4j_access.uri.split("://")[1]
    with pytest.raises(StoreError) as error:
        connect(f"bolt+ssc://{address}")
    assert "no encrypted connection" in said(error)


def test_real_wrong_password(neo4j_access: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "klaster"), pytest.raises(StoreError) as error:
        connect(neo4j_access.uri)
    assert "does not accept user 'neo4j'" in said(error)
    assert PASSWORD not in caplog.text


def test_real_two_faults_of_a_query(neo4j_store: Neo4jStore) -> None:
    with pytest.raises(StoreError, match="syntax error: Invalid input") as error:
        neo4j_store.run("MATCH (n RETURN n")
    said(error)
    with pytest.raises(StoreError, match="nosuch"):
        neo4j_store.run("RETURN $nosuch AS x")
