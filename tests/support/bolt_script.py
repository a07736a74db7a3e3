"""A loopback Bolt server that answers as a script says: for faults no real server makes on call."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import bolt_wire

Answer = tuple[Any, ...]
Script = Callable[[str, list[Any]], Sequence[Answer] | None]
"""Called with the name and fields of a request; None: answer as usual."""


def failure(code: str, message: str) -> list[Answer]:
    """Return the answer of a server that refuses."""
    return [("FAILURE", {"code": code, "message": message})]


class ScriptedServer:
    """Speaks one version of Bolt and says yes, with no rows, where the script says nothing.

    Parameters
    ----------
    script
        What to answer.
    agent
        What it calls itself.
    bolt
        Version of Bolt it speaks; a client that does not is turned away.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        agent: str = "Neo4j/5.26.29",
        bolt: tuple[int, int] = (5, 4),
    ) -> None:
        self._script, self._agent, self._bolt = script, agent, bolt
        self.requests: list[tuple[str, list[Any]]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._streams: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Port it listens on."""
        return int(self._listener.getsockname()[1])

    @property
    def uri(self) -> str:
        """Address to give the driver."""
        return f"bolt://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._streams.add(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            proposals = bolt_wire.read_exactly(client, 20)[4:]
            major, minor = self._bolt
            ranges = (proposals[k : k + 4] for k in range(0, 16, 4))
            spoken = any(r[3] == major and r[2] - r[1] <= minor <= r[2] for r in ranges)
            client.sendall(bytes([0, 0, minor, major]) if spoken else bytes(4))
            failed = False
            while spoken and failed is not None:
                failed = self._answer(client, failed)
        bolt_wire.reset(client)
        self._streams.discard(client)

    def _answer(self, client: socket.socket, failed: bool) -> bool | None:
        """Answer one request; return whether the connection is failed, None where it is over."""
        _, content = bolt_wire.read_message(client)
        if not content:
            return failed
        name, fields = bolt_wire.unpack_request(content)
        self.requests.append((name, fields))
        if name == "GOODBYE":
            return None
        if failed and name != "RESET":
            client.sendall(bolt_wire.response("IGNORED"))
            return True
        answers = self._script(name, fields) if self._script is not None else None
        if answers is None:
            answers = [("SUCCESS", self._usual(name))]
        client.sendall(b"".join(bolt_wire.response(*answer) for answer in answers))
        return any(answer[0] == "FAILURE" for answer in answers)

    def _usual(self, name: str) -> dict[str, Any]:
        match name:
            case "HELLO":
                return {"server": self._agent, "connection_id": "bolt-1", "hints": {}}
            case "RUN":
                return {"fields": [], "t_first": 1, "qid": 0}
            case "PULL" | "DISCARD":
                return {"type": "r", "t_last": 1, "db": "neo4j"}
            case "COMMIT":
                return {"bookmark": "bookmark-1"}
        return {}

    def close(self) -> None:
        """End the server."""
        bolt_wire.reset(self._listener)
        bolt_wire.reset(*self._streams)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
