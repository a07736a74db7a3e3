"""A loopback proxy that cuts a Bolt connection at an exact message."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

import bolt_wire


@dataclass
class Cut:
    """Where to cut.

    ``before``: the nth request of that name does not reach the server. ``after``: it does, and
    the server's answer to it does not come back, so the client cannot know what happened.
    """

    message: str
    when: Literal["before", "after"]
    nth: int = 1
    seen: int = field(default=0, init=False)
    done: bool = field(default=False, init=False)


class BoltProxy:
    """Stands between a driver and a server; each cut happens once.

    Attributes
    ----------
    requests
        Names of the requests that came from the client, in order of arrival.
    """

    def __init__(self, server_port: int, cuts: Sequence[Cut] = ()) -> None:
        self.requests: list[str] = []
        self._cuts, self._server_port = list(cuts), server_port
        self._lock = threading.Lock()
        self._left = threading.Condition(self._lock)
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def uri(self) -> str:
        """Address to give the driver."""
        return f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port), 5)
        except OSError:
            bolt_wire.reset(client)
            return
        server.settimeout(None)
        for stream in (client, server):
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open |= {client, server}
        swallow = threading.Event()  # the next answer is the one that gets lost
        with contextlib.suppress(OSError):
            self._shake_hands(client, server)
            answers = threading.Thread(
                target=self._relay_answers, args=(client, server, swallow), daemon=True
            )
            answers.start()
            with contextlib.suppress(OSError):
                self._relay_requests(client, server, swallow)
            if swallow.is_set():
                answers.join(10)  # let the server do its part first
        bolt_wire.reset(client, server)
        with self._left:
            self._open -= {client, server}
            self._left.notify_all()

    @staticmethod
    def _shake_hands(client: socket.socket, server: socket.socket) -> None:
        server.sendall(bolt_wire.read_exactly(client, 20))
        agreed = bolt_wire.read_exactly(server, 4)
        client.sendall(agreed)
        if agreed == bolt_wire.MANIFEST:
            count = bolt_wire.read_varint(server)
            offered = bolt_wire.read_exactly(server, 4 * count[0])
            client.sendall(count + offered + bolt_wire.read_varint(server))
            chosen = bolt_wire.read_exactly(client, 4)
            server.sendall(chosen + bolt_wire.read_varint(client))

    def _due(self, name: str) -> Cut | None:
        with self._lock:
            self.requests.append(name)
            for cut in self._cuts:
                if cut.message == name and not cut.done:
                    cut.seen += 1
                    if cut.seen == cut.nth:
                        cut.done = True
                        return cut
        return None

    def _relay_requests(
        self, client: socket.socket, server: socket.socket, swallow: threading.Event
    ) -> None:
        while True:
            wire, content = bolt_wire.read_message(client)
            cut = self._due(bolt_wire.name_of(content)) if content else None
            if cut is not None and cut.when == "before":
                return
            if cut is not None:
                swallow.set()
            server.sendall(wire)
            if cut is not None:
                return

    @staticmethod
    def _relay_answers(
        client: socket.socket, server: socket.socket, swallow: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, _ = bolt_wire.read_message(server)
                if swallow.is_set():
                    return
                client.sendall(wire)

    def wait_for_goodbyes(self, seconds: float = 30.0) -> None:
        """Wait until every client has left, so that all it sent has been seen.

        A client says goodbye and goes; what it said may arrive here a moment after it is gone.
        """
        with self._left:
            if not self._left.wait_for(lambda: not self._open, seconds):
                raise TimeoutError(f"{len(self._open) // 2} connections still open")

    def close(self) -> None:
        """End the proxy and every connection through it."""
        self._closed = True
        bolt_wire.reset(self._listener)
        with self._lock:
            streams = list(self._open)
        bolt_wire.reset(*streams)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
