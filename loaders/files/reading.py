"""Files become tables of texts: encodings, separators, spreadsheets, and what is wrong with them.

Nothing is interpreted here. A row keeps the number a spreadsheet shows for it, also where a cell
holds several lines, so that every later fault can name it.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime as dt
import hashlib
import io
import itertools
import lzma
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from klaster.graph.errors import Fault, did_you_mean

ENCODINGS = (
    "auto",
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1251",
    "kz1048",
    "koi8-r",
    "cp866",
)
"""Encodings a case file may declare."""

SEPARATORS = {"auto": "auto", ",": ",", ";": ";", "\t": "\t", "tab": "\t", "|": "|"}
"""Separators a case file may declare, and the character each means."""

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SPREADSHEET_SUFFIXES = (".xlsx", ".xlsm")

_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EDGES = " \t\r\n\u00a0\u2007\u202f\u200b\u200e\u200f\u2060\ufeff"
_EXCEL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)


class SpreadsheetNumber(str):
    """A number a spreadsheet held as a number.

    Its text has a decimal point whatever sign the texts of the file use.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be: a guard against archives that unpack without end.

    Attributes
    ----------
    file_bytes
        Size on disk.
    unpacked_bytes
        Size of all parts of a spreadsheet once unpacked.
    rows, cells
        Number of rows of a table, and of cells with the empty ones between.
    """

    file_bytes: int = 256 * 1024**2
    unpacked_bytes: int = 1024**3
    rows: int = 2_000_000
    cells: int = 20_000_000


@dataclass(frozen=True)
class Grid:
    """The cells of one file as texts: ``rows[k]`` is row ``k + 1`` of the spreadsheet.

    Attributes
    ----------
    file
        Name of the file as faults give it.
    rows
        Cells without blanks at their ends, Unicode in composed form (NFC).
    separator
        ``,``, ``;``, tab or ``|``; empty for a spreadsheet.
    damaged
        Numbers of rows with bytes that the encoding does not have.
    faults, notes
        What is wrong, and what was handled, in sentences.
    complete
        Whether the whole file was read; otherwise ``rows`` holds what came before the fault.
    contradicted
        Whether the bytes contradict the declared encoding: no cell can then be trusted.
    """

    file: str
    rows: tuple[tuple[str, ...], ...]
    separator: str = ","
    damaged: frozenset[int] = frozenset()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True
    contradicted: bool = False


@dataclass(frozen=True)
class TextTable:
    """A table with one header row.

    Attributes
    ----------
    file
        Name of the file as faults give it.
    header_row
        Spreadsheet row of the header.
    columns
        Names of the columns, in the order of the file.
    rows
        Cells of the rows that are not blank, each as long as ``columns``.
    row_numbers
        Spreadsheet row of each row.
    bad_rows
        Numbers of rows that are damaged or do not fit the header; their faults are in ``faults``.
    separator, faults, notes, complete, contradicted
        As in :class:`Grid`.
    """

    file: str
    header_row: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]
    bad_rows: frozenset[int] = frozenset()
    separator: str = ","
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True
    contradicted: bool = False


# -- bytes to text ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a file; bytes its encoding does not have are lone surrogates in it.

    Attributes
    ----------
    text
        The text, without a byte order mark.
    encoding
        The encoding it was read in.
    contradiction
        Why the declared encoding cannot be right; empty where it can.
    note
        What is worth saying about the encoding; empty where it is plain utf-8.
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

    Parameters
    ----------
    data
        Bytes of the file.
    declared
        One of :data:`ENCODINGS`.

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
    wide = declared.startswith("utf-16")
    if mark and not (declared.startswith("utf-8") if mark == "utf-8-sig" else wide):
        found = _decode_unknown(data, mark)
        why = f"it is declared {declared} but begins with the byte order mark of {mark}"
        return Decoded(found.text, found.encoding, why)
    if wide:
        if not mark and data and b"\x00" not in data:
            found = _decode_unknown(data, mark)
            return Decoded(found.text, found.encoding, f"it is declared {declared} but is not")
        codec = declared if mark == "" else "utf-16"
        return Decoded(data.decode(codec, "replace"), declared)
    if declared.startswith("utf-8"):
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
        broken = _ESCAPED_BYTE.search(text) is not None
        if broken and not any(map(_surely_utf8, data.splitlines())):
            return Decoded(text, declared, f"it is declared {declared} but its bytes are not")
        return Decoded(text, declared)
    if any(map(_surely_utf8, data.splitlines())) and _decodes(data, "utf-8"):
        why = f"it is declared {declared} but its bytes are utf-8"
        return Decoded(data.decode("utf-8"), "utf-8", why)
    text = data.decode(declared, "surrogateescape")
    if _ESCAPED_BYTE.search(text):
        return Decoded(text, declared, f"it is declared {declared} but its bytes are not")
    return Decoded(text, declared)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
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
    if _decodes(data, "utf-8") or any(map(_surely_utf8, data.splitlines())):
        return Decoded(data.decode("utf-8", "surrogateescape"), "utf-8")
    text = data.decode("cp1251", "surrogateescape")
    return Decoded(text, "cp1251", note="is cp1251 and was read as such")


# -- text to cells ---------------------------------------------------------------------------


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


def _read_text(data: bytes, file: str, encoding: str, separator: str, limits: Limits) -> Grid:
    decoded = decode(data, encoding)
    faults: list[Fault] = []
    notes = [f"{file} {decoded.note}"] if decoded.note else []
    if not decoded.encoding:
        return _unreadable(
            file,
            "wrong-encoding",
            "",
            decoded.contradiction,
            "Save it as CSV in utf-8, or declare its encoding in case.toml.",
        )
    text, shift = decoded.text, 0
    told = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if told:  # a line by which Excel is told the separator
        text, shift = text[told.end() :], 1
        separator = told[1] if separator == "auto" else separator
        notes.append(f"{file} names its separator {told[1]!r} in its first row")
    if separator == "auto":
        separator = find_separator(text)
    rows: list[tuple[str, ...]] = [()] * shift
    damaged: list[int] = []
    composed = cells = 0
    complete = True
    lost = re.compile("[\udc80-\udcff\ufffd]")
    try:
        for record in _records(text, separator):
            cells += len(record)
            if len(rows) >= limits.rows or cells > limits.cells:
                faults.append(_too_large(file, len(rows) + 1, limits))
                complete = False
                break
            row = tuple(map(clean, record))
            composed += sum(a.strip(_EDGES) != b for a, b in zip(record, row, strict=True))
            if any(map(lost.search, row)):
                damaged.append(len(rows) + 1)
            rows.append(row)
    except csv.Error as reason:
        faults.append(
            Fault(
                file,
                len(rows) + 1,
                "",
                "bad-quoting",
                "",
                f"the quotation marks do not pair from this row on ({reason})",
                "Double each quotation mark inside a quoted cell, and close each quoted cell.",
            )
        )
        complete = False
    if composed:
        notes.append(f"{file}: {composed} cells had letters with separate accents, now composed")
    faults += _encoding_faults(file, rows, damaged, decoded)
    plain = tuple(tuple(lost.sub("\ufffd", c) for c in r) for r in rows) if damaged else tuple(rows)
    return Grid(
        file,
        plain,
        separator,
        frozenset(damaged),
        tuple(faults),
        tuple(notes),
        complete,
        bool(decoded.contradiction),
    )


def _encoding_faults(
    file: str, rows: Sequence[tuple[str, ...]], damaged: Sequence[int], decoded: Decoded
) -> list[Fault]:
    """Name the first cell that contradicts the declaration, or every broken row."""
    header = next((row for row in rows if any(row)), ())

    def place(number: int, odd: re.Pattern[str]) -> tuple[str, str]:
        at = next((k for k, cell in enumerate(rows[number - 1]) if odd.search(cell)), 0)
        name = header[at] if at < len(header) else ""
        name = "" if odd.search(name) else name
        return name or f"number {at + 1}", _shown(rows[number - 1][at])

    remedy = "Save the file as utf-8, or declare the encoding it has in case.toml (encoding = …)."
    if decoded.contradiction:
        odd = re.compile("[^\x00-\x7f]") if not damaged else re.compile("[\udc80-\udcff\ufffd]")
        numbers = damaged or [k + 1 for k, row in enumerate(rows) if odd.search("".join(row))][:1]
        number = numbers[0] if numbers else 1
        column, value = place(number, odd) if numbers else ("", "")
        return [Fault(file, number, column, "wrong-encoding", value, decoded.contradiction, remedy)]
    faults = []
    for number in damaged:
        column, value = place(number, re.compile("[\udc80-\udcff\ufffd]"))
        problem = f"the file is {decoded.encoding}, but this row has bytes that are not"
        faults.append(
            Fault(
                file,
                number,
                column,
                "wrong-encoding",
                value,
                problem,
                "Type the cell anew, or paste the row from a file of the same encoding.",
            )
        )
    return faults


def _shown(cell: str) -> str:
    r"""Return a cell for a message: bytes that are no text as ``\xNN``, not too long."""
    text = "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in cell)
    return text if len(text) <= 80 else text[:79] + "…"


def _unreadable(file: str, code: str, value: str, problem: str, remedy: str) -> Grid:
    return Grid(
        file, (), faults=(Fault(file, 0, "", code, value, problem, remedy),), complete=False
    )


def _too_large(file: str, row: int, limits: Limits) -> Fault:
    return Fault(
        file,
        row,
        "",
        "too-large",
        "",
        f"the table has more than {limits.rows:,} rows or {limits.cells:,} cells",
        "Cut it into smaller files, or delete the empty cells behind the table.",
    )


# -- spreadsheets ----------------------------------------------------------------------------


class _UnreadableError(Exception):
    """The file as a whole cannot be read; the arguments are those of :func:`_unreadable`."""


_BROKEN_BOOK = (
    OSError,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    RuntimeError,  # encrypted parts, unknown methods of compression
    lzma.LZMAError,
    zlib.error,
)
"""What openpyxl and its XML parser raise on damaged spreadsheets."""


def _has_formulas(path: Path, limits: Limits) -> bool:
    """Look into the archive before anything is unpacked, and whether a sheet has formulas."""
    formulas = False
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > limits.unpacked_bytes:
            raise _UnreadableError(
                "too-large",
                "",
                f"it unpacks to {size:,} bytes, more than the {limits.unpacked_bytes:,} allowed",
                "Save the table as CSV, or cut it into smaller files.",
            )
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(part) as stream:
                start = stream.read(4096)
                if b"<!DOCTYPE" in start:
                    raise _UnreadableError(
                        "unsafe-file",
                        part.filename,
                        "a part of the spreadsheet declares entities",
                        "Save it anew from a spreadsheet program.",
                    )
                if part.filename.startswith("xl/worksheets/") and not formulas:
                    formulas = _has_formula(itertools.chain([start], _chunks(stream)))
    return formulas


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(1 << 20):
        yield chunk


def _has_formula(chunks: Iterable[bytes]) -> bool:
    tail = b""
    for chunk in chunks:
        joined = tail + chunk
        if b"<f>" in joined or b"<f " in joined:
            return True
        tail = joined[-2:]
    return False


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return SpreadsheetNumber(value)
    if isinstance(value, float):
        return SpreadsheetNumber(int(value) if value.is_integer() and abs(value) < 2**53 else value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return clean(str(value))


def _read_spreadsheet(path: Path, file: str, sheet: str | None, limits: Limits) -> Grid:
    try:
        formulas = _has_formulas(path, limits)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it skips
            return _read_workbook(path, file, sheet, formulas, limits)
    except zipfile.BadZipFile as reason:
        return _unreadable(
            file,
            "unreadable-file",
            "",
            f"it is not an XLSX spreadsheet, or has a password, or is damaged ({reason})",
            "Open it in a spreadsheet program and save it as XLSX or CSV.",
        )
    except _UnreadableError as refusal:
        return _unreadable(file, *refusal.args)
    except _BROKEN_BOOK as reason:
        return _unreadable(
            file,
            "unreadable-file",
            "",
            f"the spreadsheet cannot be read ({type(reason).__name__}: {reason})",
            "Open it in a spreadsheet program and save it anew.",
        )


def _read_workbook(
    path: Path, file: str, sheet: str | None, formulas: bool, limits: Limits
) -> Grid:
    import openpyxl

    notes = []
    with contextlib.ExitStack() as stack:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        stack.callback(book.close)
        names = [s.title for s in book.worksheets]
        if not names:
            raise _UnreadableError("unreadable-file", "", "it has no sheet", "Add the table.")
        if sheet is not None and sheet not in names:
            raise _UnreadableError(
                "unknown-sheet",
                sheet,
                f"there is no such sheet{did_you_mean(sheet, names).rstrip('.')}",
                f"Use one of: {', '.join(names)}.",
            )
        if sheet is None and len(names) > 1:
            notes.append(
                f"{file} has {len(names)} sheets: the first, {names[0]!r}, was read "
                "(sheet = … in case.toml names another)"
            )
        name = names[0] if sheet is None else sheet
        written = None
        if formulas:  # the formulas themselves tell which cells have lost their value
            with_formulas = openpyxl.load_workbook(path, read_only=True, data_only=False)
            stack.callback(with_formulas.close)
            written = with_formulas[name].iter_rows(values_only=True)
        grid = _sheet_cells(file, book[name].iter_rows(values_only=True), written, limits)
    return replace(grid, notes=(*notes, *grid.notes))


def _sheet_cells(
    file: str,
    values: Iterator[tuple[object, ...]],
    formulas: Iterator[tuple[object, ...]] | None,
    limits: Limits,
) -> Grid:
    rows: list[tuple[str, ...]] = []
    faults: list[Fault] = []
    cells = 0
    header: tuple[str, ...] = ()

    def fault(at: int, code: str, value: str, problem: str, remedy: str) -> Fault:
        column = header[at] if at < len(header) and header[at] else f"number {at + 1}"
        return Fault(file, len(rows) + 1, column, code, value, problem, remedy)

    for raw in values:
        cells += len(raw)
        if len(rows) >= limits.rows or cells > limits.cells:
            faults.append(_too_large(file, len(rows) + 1, limits))
            return Grid(file, tuple(rows), "", faults=tuple(faults), complete=False)
        row = tuple(map(_cell_text, raw))
        header = header or (row if any(row) else ())
        for at, text in enumerate(row):
            if text in _EXCEL_ERRORS:
                faults.append(
                    fault(
                        at,
                        "excel-error",
                        text,
                        "the cell shows an error of the spreadsheet",
                        "Mend the formula, or leave the cell empty.",
                    )
                )
        if formulas is not None:
            for at, formula in enumerate(next(formulas, ())):
                empty = at >= len(row) or row[at] == ""
                if empty and isinstance(formula, str) and formula.startswith("="):
                    faults.append(
                        fault(
                            at,
                            "formula-without-value",
                            formula,
                            "the cell is a formula whose value the file does not hold",
                            "Open the file in a spreadsheet program and save it, or write values.",
                        )
                    )
        rows.append(row)
    return Grid(file, tuple(rows), "", faults=tuple(faults))


# -- the front of this module ----------------------------------------------------------------


def read_grid(
    path: Path,
    *,
    file: str | None = None,
    encoding: str = "auto",
    separator: str = "auto",
    sheet: str | None = None,
    limits: Limits | None = None,
) -> Grid:
    r"""Read CSV, TSV or XLSX into a grid of texts; faults are returned, not raised.

    Parameters
    ----------
    path
        The file; its suffix says which kind it is.
    file
        What to call it in faults; by default its name.
    encoding
        One of :data:`ENCODINGS`; text files only.
    separator
        ``auto``, ``,``, ``;``, tab or ``|``; text files only.
    sheet
        Sheet of a spreadsheet; by default the first.
    limits
        How large the file may be.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ties.csv"
    ...     _ = path.write_bytes("id;имя\na;Мельница\n".encode("cp1251"))
    ...     grid = read_grid(path)
    >>> grid.rows[1], grid.separator, grid.notes
    (('a', 'Мельница'), ';', ('ties.csv is cp1251 and was read as such',))
    """
    limits = limits or Limits()
    file = file or path.name
    suffix = path.suffix.lower()
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            problem = f"it has {size:,} bytes, more than the {limits.file_bytes:,} allowed"
            return _unreadable(file, "too-large", "", problem, "Cut it into smaller files.")
        if suffix in SPREADSHEET_SUFFIXES:
            return _read_spreadsheet(path, file, sheet, limits)
        if suffix in TEXT_SUFFIXES:
            if suffix == ".tsv" and separator == "auto":
                separator = "\t"
            return _read_text(path.read_bytes(), file, encoding, separator, limits)
    except OSError as reason:
        return _unreadable(
            file,
            "unreadable-file",
            "",
            f"it cannot be read ({reason.strerror or reason})",
            "Check that it exists and that you may read it.",
        )
    return _unreadable(
        file,
        "unknown-format",
        suffix,
        "files of this kind are not read",
        f"Save it as one of: {', '.join((*TEXT_SUFFIXES, *SPREADSHEET_SUFFIXES))}.",
    )


def as_table(grid: Grid) -> TextTable:
    """Take the first row that is not blank as header, and check that the others fit it.

    Columns that are wholly empty are left out, and so are blank rows. A row with more cells than
    the header has columns is at fault unless the cells too many are empty; so is a shorter row
    of a text file. Two columns of one name, or a column with cells but without a name, are faults.
    """
    faults, notes = list(grid.faults), list(grid.notes)
    start = next((k for k, row in enumerate(grid.rows) if any(row)), None)
    if start is None:
        if grid.complete:
            faults.append(
                Fault(
                    grid.file,
                    1,
                    "",
                    "empty-file",
                    "",
                    "the file has no header",
                    "Give the names of the columns in its first row.",
                )
            )
        return TextTable(grid.file, 1, (), (), (), faults=tuple(faults), complete=False)
    header_row = start + 1
    header = list(grid.rows[start])
    while header and header[-1] == "":
        header.pop()
    body = [(k + 1, row) for k, row in enumerate(grid.rows) if k > start and any(row)]
    spreadsheet = grid.separator == ""
    bad: set[int] = set(grid.damaged) - {header_row}
    bad |= {f.row for f in grid.faults if f.row > header_row and f.severity == "error"}
    width = len(header)
    rows: list[tuple[str, ...]] = []
    for number, row in body:
        beyond = any(row[width:])
        if beyond or (len(row) < width and not spreadsheet):
            bad.add(number)
            hint = (
                "Put a cell that holds the separator in quotation marks (a decimal comma among them)"
                if beyond
                else "Give every column a cell, an empty one where there is nothing to say"
            )
            faults.append(
                Fault(
                    grid.file,
                    number,
                    "",
                    "ragged-row",
                    str(len(row)),
                    f"the row has {len(row)} cells, the header {width}",
                    f"{hint}.",
                )
            )
        rows.append((*row[:width], *[""] * (width - len(row))))
    faults += _control_faults(grid.file, header, [n for n, _ in body], rows, bad)
    keep = []
    for at, name in enumerate(header):
        if name:
            keep.append(at)
        elif any(row[at] for row in rows):
            number = next(n for (n, _), row in zip(body, rows, strict=True) if row[at])
            faults.append(
                Fault(
                    grid.file,
                    header_row,
                    f"number {at + 1}",
                    "empty-header",
                    "",
                    f"the column has cells (first in row {number}) but no name",
                    "Name the column, or delete its cells.",
                )
            )
        else:
            notes.append(f"{grid.file}: column number {at + 1} is empty and was left out")
    counts = Counter(header[at] for at in keep)
    for name in [name for name, count in counts.items() if count > 1]:
        faults.append(
            Fault(
                grid.file,
                header_row,
                name,
                "duplicate-column",
                name,
                f"{counts[name]} columns have this name",
                "Rename or delete all but one.",
            )
        )
    seen: set[str] = set()
    keep = [at for at in keep if not (header[at] in seen or seen.add(header[at]))]  # type: ignore[func-returns-value]
    return TextTable(
        file=grid.file,
        header_row=header_row,
        columns=tuple(header[at] for at in keep),
        rows=tuple(tuple(row[at] for at in keep) for row in rows),
        row_numbers=tuple(number for number, _ in body),
        bad_rows=frozenset(bad),
        separator=grid.separator,
        faults=tuple(faults),
        notes=tuple(notes),
        complete=grid.complete,
        contradicted=grid.contradicted,
    )


def _control_faults(
    file: str,
    header: Sequence[str],
    numbers: Sequence[int],
    rows: Sequence[tuple[str, ...]],
    bad: set[int],
) -> list[Fault]:
    """Find characters no text has: they break identifiers unseen."""
    faults = []
    for number, row in zip(numbers, rows, strict=True):
        for name, cell in zip(header, row, strict=True):
            if _CONTROL.search(cell):
                bad.add(number)
                faults.append(
                    Fault(
                        file,
                        number,
                        name,
                        "control-character",
                        ascii(cell)[1:-1],
                        "the cell has a character that cannot be seen",
                        "Type the cell anew.",
                    )
                )
    return faults


def content_digest(table: TextTable) -> str:
    """Return a SHA-256 of header and cells that does not depend on the order of the rows."""
    state = hashlib.sha256("\x1f".join(table.columns).encode())
    for row in sorted(table.rows):
        state.update(("\x1e" + "\x1f".join(row)).encode())
    return state.hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
