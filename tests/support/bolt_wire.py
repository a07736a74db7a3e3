"""The Bolt protocol on the wire, as far as a fault proxy and a scripted server need it.

Messages are structures of PackStream values, sent in chunks with a two-byte length, ended by an
empty chunk. (Specification: Neo4j's "Bolt Protocol" and "PackStream" documents.)
"""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import Any

REQUESTS = {
    0x01: "HELLO",
    0x02: "GOODBYE",
    0x0F: "RESET",
    0x10: "RUN",
    0x11: "BEGIN",
    0x12: "COMMIT",
    0x13: "ROLLBACK",
    0x2F: "DISCARD",
    0x3F: "PULL",
    0x54: "TELEMETRY",
    0x66: "ROUTE",
    0x6A: "LOGON",
    0x6B: "LOGOFF",
}
RESPONSES = {"SUCCESS": 0x70, "RECORD": 0x71, "IGNORED": 0x7E, "FAILURE": 0x7F}

MAGIC = bytes.fromhex("6060b017")
MANIFEST = bytes.fromhex("000001ff")
"""Answer of a server that goes on with a list of versions to choose from."""


def read_exactly(stream: socket.socket, count: int) -> bytes:
    """Read so many bytes; ConnectionError where the other side ends before."""
    parts = []
    while count:
        part = stream.recv(count)
        if not part:
            raise ConnectionError("the other side ended")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_varint(stream: socket.socket) -> bytes:
    """Read a number of seven bits a byte, as it is on the wire."""
    raw = b""
    while True:
        raw += read_exactly(stream, 1)
        if not raw[-1] & 0x80:
            return raw


def read_message(stream: socket.socket) -> tuple[bytes, bytes]:
    """Read one message: its bytes on the wire, and its content (empty for a keep-alive)."""
    wire, content = b"", b""
    while True:
        header = read_exactly(stream, 2)
        wire += header
        size = int.from_bytes(header, "big")
        if not size:
            return wire, content
        chunk = read_exactly(stream, size)
        wire, content = wire + chunk, content + chunk


def name_of(content: bytes) -> str:
    """Return the name of a request."""
    return REQUESTS.get(content[1], f"0x{content[1]:02X}") if len(content) > 1 else ""


def reset(*streams: socket.socket) -> None:
    """Close with a TCP reset: what a pulled cable looks like once it is noticed."""
    for stream in streams:
        with contextlib.suppress(OSError):
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            stream.close()


# -- PackStream --------------------------------------------------------------------------------


def _sized(size: int, tiny: int, marker: int) -> bytes:
    return bytes([tiny + size]) if size < 16 else bytes([marker]) + size.to_bytes(4, "big")


def pack(value: Any) -> bytes:
    """Return a value in PackStream."""
    match value:
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int():
            return (
                struct.pack("b", value) if -16 <= value < 128 else struct.pack(">Bq", 0xCB, value)
            )
        case float():
            return struct.pack(">Bd", 0xC1, value)
        case str():
            raw = value.encode()
            return _sized(len(raw), 0x80, 0xD2) + raw
        case list() | tuple():
            return _sized(len(value), 0x90, 0xD6) + b"".join(map(pack, value))
        case dict():
            pairs = (pack(key) + pack(item) for key, item in value.items())
            return _sized(len(value), 0xA0, 0xDA) + b"".join(pairs)
    raise TypeError(f"no PackStream form of {type(value).__name__}")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        self.at += count
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def signed(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big", signed=True)

    def items(self, count: int) -> list[Any]:
        return [self.value() for _ in range(count)]

    def pairs(self, count: int) -> dict[str, Any]:
        return {self.value(): self.value() for _ in range(count)}

    def value(self) -> Any:
        marker = self.number(1)
        high, low = marker & 0xF0, marker & 0x0F
        if marker < 0x80:
            return marker
        if marker >= 0xF0:
            return marker - 256
        if high == 0x80:
            return self.take(low).decode()
        if high == 0x90:
            return self.items(low)
        if high == 0xA0:
            return self.pairs(low)
        if high == 0xB0:
            return (self.number(1), self.items(low))
        sizes = {0: 1, 1: 2, 2: 4}
        match marker:
            case 0xC0:
                return None
            case 0xC1:
                return struct.unpack(">d", self.take(8))[0]
            case 0xC2 | 0xC3:
                return marker == 0xC3
            case 0xC8 | 0xC9 | 0xCA | 0xCB:
                return self.signed(1 << (marker - 0xC8))
            case 0xCC | 0xCD | 0xCE:
                return self.take(self.number(sizes[marker - 0xCC]))
            case 0xD0 | 0xD1 | 0xD2:
                return self.take(self.number(sizes[marker - 0xD0])).decode()
            case 0xD4 | 0xD5 | 0xD6:
                return self.items(self.number(sizes[marker - 0xD4]))
            case 0xD8 | 0xD9 | 0xDA:
                return self.pairs(self.number(sizes[marker - 0xD8]))
        raise ValueError(f"no PackStream marker 0x{marker:02X}")


def unpack_request(content: bytes) -> tuple[str, list[Any]]:
    """Return the name and the fields of a request."""
    _, fields = _Reader(content).value()
    return name_of(content), fields


def response(name: str, *fields: Any) -> bytes:
    """Return a response as it goes on the wire."""
    content = bytes([0xB0 + len(fields), RESPONSES[name]]) + b"".join(map(pack, fields))
    chunks = (content[k : k + 0xFFFF] for k in range(0, len(content), 0xFFFF))
    return b"".join(struct.pack(">H", len(c)) + c for c in chunks) + b"\0\0"
