"""Spreadsheets (XLSX) become grids: damaged archives, formulas without a value, errors in cells."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from klaster.graph.errors import Fault, did_you_mean
from klaster.loaders.files.grid import Grid, Limits, SpreadsheetNumber, too_large, unreadable
from klaster.loaders.files.text_files import clean

_EXCEL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)


class _UnreadableError(Exception):
    """The file as a whole cannot be read; the arguments are those of :func:`unreadable`."""


_BROKEN_BOOK = (
    OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, SyntaxError, lzma.LZMAError,
    zlib.error, RuntimeError,  # RuntimeError: encrypted parts, unknown methods of compression
)  # fmt: skip
"""What openpyxl and its XML parser raise on damaged spreadsheets."""


def _has_formulas(path: Path, limits: Limits) -> bool:
    """Look into the archive before anything is unpacked, and whether a sheet has formulas."""
    formulas = False
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > limits.unpacked_bytes:
            problem = (
                f"it unpacks to {size:,} bytes, more than the {limits.unpacked_bytes:,} allowed"
            )
            remedy = "Save the table as CSV, or cut it into smaller files."
            raise _UnreadableError("too-large", "", problem, remedy)
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(part) as stream:
                start = stream.read(4096)
                if b"<!DOCTYPE" in start:
                    problem = "a part of the spreadsheet declares entities"
                    remedy = "Save it again from a spreadsheet program."
                    raise _UnreadableError("unsafe-file", part.filename, problem, remedy)
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


def read_workbook(path: Path, file: str, sheet: str | None, limits: Limits) -> Grid:
    """Read a sheet of a spreadsheet (by default the first) into a grid."""
    try:
        formulas = _has_formulas(path, limits)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it skips
            return _read_sheet(path, file, sheet, limits, formulas=formulas)
    except zipfile.BadZipFile as reason:
        problem = f"it is not an XLSX spreadsheet, or has a password, or is damaged ({reason})"
    except _UnreadableError as refusal:
        return unreadable(file, *refusal.args)
    except _BROKEN_BOOK as reason:
        problem = f"the spreadsheet cannot be read ({type(reason).__name__}: {reason})"
    remedy = "Open it in a spreadsheet program and save it as XLSX or CSV."
    return unreadable(file, "unreadable-file", "", problem, remedy)


def _read_sheet(
    path: Path, file: str, sheet: str | None, limits: Limits, *, formulas: bool
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
            problem = f"there is no such sheet{did_you_mean(sheet, names).rstrip('.')}"
            remedy = f"Use one of: {', '.join(names)}."
            raise _UnreadableError("unknown-sheet", sheet, problem, remedy)
        if sheet is None and len(names) > 1:
            notes.append(
                f"{file} has {len(names)} sheets: the first, {names[0]!r}, was read "
                "(sheet = … names another)"
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

    def fault(k: int, code: str, value: str, problem: str, remedy: str) -> None:
        column = header[k] if k < len(header) and header[k] else f"number {k + 1}"
        faults.append(Fault(
            file=file, row=len(rows) + 1, column=column, code=code, value=value, problem=problem,
            remedy=remedy,
        ))  # fmt: skip

    for raw in values:
        cells += len(raw)
        if len(rows) >= limits.rows or cells > limits.cells:
            faults.append(too_large(file, len(rows) + 1, limits))
            return Grid(file, tuple(rows), "", faults=tuple(faults), complete=False)
        row = tuple(map(_cell_text, raw))
        header = header or (row if any(row) else ())
        for k, text in enumerate(row):
            if text in _EXCEL_ERRORS:
                problem = "the cell shows an error of the spreadsheet"
                fault(k, "excel-error", text, problem, "Correct the formula, or empty the cell.")
        for k, formula in enumerate(next(formulas, ()) if formulas is not None else ()):
            empty = k >= len(row) or row[k] == ""
            if empty and isinstance(formula, str) and formula.startswith("="):
                problem = "the cell is a formula whose value the file does not hold"
                remedy = "Open the file in a spreadsheet program and save it, or write values."
                fault(k, "formula-without-value", formula, problem, remedy)
        rows.append(row)
    return Grid(file, tuple(rows), "", faults=tuple(faults))
