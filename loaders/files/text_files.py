"""Text files become grids: encodings, separators, and rows whose bytes are damaged."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from klaster.graph.errors import Fault
from klaster.loaders.files.grid import Grid, Limits, too_large, unreadable

ENCODINGS = (
    "auto", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "kz1048", "koi8-r",
    "cp866",
)  # fmt: skip
"""Encodings a case file may declare."""

SEPARATORS = {"auto": "auto", ",": ",", ";": ";", "\t": "\t", "tab": "\t", "|": "|"}
"""Separators a case file may declare, and the character each means."""

_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_LOST = re.compile("[\udc80-\udcff\ufffd]")
_EDGES = " \t\r\n\u00a0\u2007\u202f\u200b\u200e\u200f\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a file and its encoding; bytes the encoding does not have are lone surrogates.

    ``contradiction`` says why the declared encoding cannot be right, ``note`` what is worth saying
    about the encoding; both are empty where there is nothing to say.
    """

    text: str
    encoding: str
    contradiction: str = ""
    note: str = ""


def _byte_order_mark(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return ""


def _surely_utf8(line: bytes) -> bool:
    """Return whether a line is utf-8 that no one-byte encoding gives by accident.

    Two letters of a one-byte encoding may happen to form one two-byte character; a whole line
    of them, or a character of three bytes, does not happen.
    """
    try:
        wide = [c for c in line.decode("utf-8") if c > "\x7f"]
    except UnicodeDecodeError:
        return False
    return len(wide) > 1 or any(c > "\u07ff" for c in wide)


def decode(data: bytes, declared: str = "auto") -> Decoded:
    """Decode a file as declared, or find its encoding out.

    A byte order mark decides; else utf-8 where all bytes are, or where some line is and others
    are broken (those rows are then at fault, they are not silently read as something else);
    else cp1251.

    Examples
    --------
    >>> decode("Қарағанды".encode()).encoding
    'utf-8'
    >>> decode("Караганда".encode("cp1251")).encoding
    'cp1251'
    """
    mark = _byte_order_mark(data)
    if declared == "auto":
        return _decode_unknown(data, mark)
    utf8, utf16 = declared.startswith("utf-8"), declared.startswith("utf-16")
    not_so = f"it is declared {declared} but its bytes are not"
    if mark and not (utf8 if mark == "utf-8-sig" else utf16):
        not_so = f"it is declared {declared} but begins with the byte order mark of {mark}"
        return replace(_decode_unknown(data, mark), contradiction=not_so, note="")
    if utf16 and not mark and data and b"\x00" not in data:
        return replace(_decode_unknown(data, mark), contradiction=not_so, note="")
    if utf16:
        return Decoded(data.decode("utf-16" if mark else declared, "replace"), declared)
    some_utf8 = any(map(_surely_utf8, data.splitlines()))
    if not utf8 and some_utf8 and _is_utf8(data):
        why = f"it is declared {declared} but its bytes are utf-8"
        return Decoded(data.decode("utf-8"), "utf-8", why)
    codec = "utf-8" if utf8 else declared
    text = data.removeprefix(codecs.BOM_UTF8 if utf8 else b"").decode(codec, "surrogateescape")
    broken = _ESCAPED_BYTE.search(text) and not (utf8 and some_utf8)
    return Decoded(text, declared, not_so if broken else "")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_unknown(data: bytes, mark: str) -> Decoded:
    if mark == "utf-16":
        return Decoded(data.decode("utf-16", "replace"), "utf-16", note="is utf-16")
    if mark:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
        return Decoded(text, mark, note="is utf-8 with a byte order mark")
    if b"\x00" in data:
        return Decoded("", "", "it is not a text file, or is utf-16 without a byte order mark")
    if _is_utf8(data) or any(map(_surely_utf8, data.splitlines())):
        return Decoded(data.decode("utf-8", "surrogateescape"), "utf-8")
    text = data.decode("cp1251", "surrogateescape")
    return Decoded(text, "cp1251", note="is cp1251 and was read as such")


def clean(cell: str) -> str:
    r"""Return a cell without blanks (also no-break and zero-width ones) at its ends, in NFC.

    Examples
    --------
    >>> clean(" Qarmet\u00a0")
    'Qarmet'
    """
    return unicodedata.normalize("NFC", cell.strip(_EDGES))


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def find_separator(text: str) -> str:
    r"""Return the separator that cuts the first rows into equally many cells.

    Examples
    --------
    >>> find_separator("id;name;value\na;Mill, large;1,5\n")
    ';'
    """

    def fit(separator: str) -> tuple[int, int]:
        widths = []
        try:
            for record in itertools.islice(_records(text, separator), 60):
                if any(map(clean, record)):
                    widths.append(len(record))
        except csv.Error:
            pass  # what was read until there still tells
        if not widths or widths[0] < 2:
            return (0, 0)
        return (sum(width == widths[0] for width in widths), widths[0])

    return max((",", ";", "\t"), key=fit)


def read_text(data: bytes, file: str, encoding: str, separator: str, limits: Limits) -> Grid:
    """Read the bytes of a CSV or TSV file into a grid."""
    decoded = decode(data, encoding)
    faults: list[Fault] = []
    notes = [f"{file} {decoded.note}"] if decoded.note else []
    if not decoded.encoding:
        remedy = "Save it as CSV in utf-8, or declare its encoding."
        return unreadable(file, "wrong-encoding", "", decoded.contradiction, remedy)
    text, shift = decoded.text, 0
    named = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # a line for Excel
    if named:
        text, shift = text[named.end() :], 1
        separator = named[1] if separator == "auto" else separator
        notes.append(f"{file} names its separator {named[1]!r} in its first row")
    if separator == "auto":
        separator = find_separator(text)
    rows: list[tuple[str, ...]] = [()] * shift
    damaged: list[int] = []
    composed = cells = 0
    complete = True
    try:
        for record in _records(text, separator):
            cells += len(record)
            if len(rows) >= limits.rows or cells > limits.cells:
                faults.append(too_large(file, len(rows) + 1, limits))
                complete = False
                break
            row = tuple(map(clean, record))
            composed += sum(a.strip(_EDGES) != b for a, b in zip(record, row, strict=True))
            if any(map(_LOST.search, row)):
                damaged.append(len(rows) + 1)
            rows.append(row)
    except csv.Error as reason:
        faults.append(Fault(
            file=file, row=len(rows) + 1, code="bad-quoting",
            problem=f"the quotation marks do not pair from this row on ({reason})",
            remedy="Double each quotation mark inside a quoted cell, and close each quoted cell.",
        ))  # fmt: skip
        complete = False
    if composed:
        notes.append(f"{file}: {composed} cells had letters with separate accents, now composed")
    faults += _encoding_faults(file, rows, damaged, decoded)
    if damaged:
        rows = [tuple(_LOST.sub("\ufffd", cell) for cell in row) for row in rows]
    return Grid(
        file=file, rows=tuple(rows), separator=separator, damaged=frozenset(damaged),
        faults=tuple(faults), notes=tuple(notes), complete=complete,
        contradicted=bool(decoded.contradiction),
    )  # fmt: skip


def _encoding_faults(
    file: str, rows: Sequence[tuple[str, ...]], damaged: Sequence[int], decoded: Decoded
) -> list[Fault]:
    """Name the first cell that contradicts the declaration, or every broken row."""
    header = next((row for row in rows if any(row)), ())
    odd = re.compile("[^\x00-\x7f]") if decoded.contradiction and not damaged else _LOST
    numbers = list(damaged)
    problem = f"the file is {decoded.encoding}, but this row has bytes that are not"
    remedy = "Type the cell again, or paste the row from a file of the same encoding."
    if decoded.contradiction:
        numbers = numbers or [k for k, row in enumerate(rows, 1) if odd.search("".join(row))]
        numbers = numbers[:1] or [0]
        problem = decoded.contradiction
        remedy = "Save the file as utf-8, or declare the encoding it has (encoding = …)."
    faults = []
    for number in numbers:
        column = value = ""
        if number:  # the first odd cell; a column whose name is odd goes by its number
            cells = rows[number - 1]
            k = next((k for k, cell in enumerate(cells) if odd.search(cell)), 0)
            name = header[k] if k < len(header) and not odd.search(header[k]) else ""
            column, value = name or f"number {k + 1}", _shown(cells[k])
        faults.append(Fault(
            file=file, row=number or 1, column=column, code="wrong-encoding", value=value,
            problem=problem, remedy=remedy,
        ))  # fmt: skip
    return faults


def _shown(cell: str) -> str:
    r"""Return a cell for a message: bytes that are no text as ``\xNN``, not too long."""
    text = "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in cell)
    return text if len(text) <= 80 else text[:79] + "…"
