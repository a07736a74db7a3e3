"""What is read from a file: a grid of texts, the table in it, and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass

from klaster.graph.errors import Fault


class SpreadsheetNumber(str):
    """A number a spreadsheet held as a number.

    Its text has a decimal point whatever sign the texts of the file use.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be: a guard against archives that unpack without end.

    Size on disk; size of all parts of a spreadsheet once unpacked; rows of a table; its cells with
    the empty ones between.
    """

    file_bytes: int = 256 * 1024**2
    unpacked_bytes: int = 1024**3
    rows: int = 2_000_000
    cells: int = 20_000_000


@dataclass(frozen=True)
class Grid:
    """The cells of one file as texts: ``rows[k]`` is row ``k + 1`` of the spreadsheet.

    Cells have no blanks at their ends and are in composed form (NFC). ``separator`` is ``,``, ``;``,
    tab or ``|``, empty for a spreadsheet; ``damaged`` are numbers of rows with bytes that the encoding
    does not have; ``complete`` is whether the whole file was read (else ``rows`` holds what came before
    the fault); where the bytes contradict the declared encoding (``contradicted``) no cell can be
    trusted.
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

    ``rows`` are those that are not blank, each as long as ``columns``; ``header_row`` and
    ``row_numbers`` are numbers of the spreadsheet; ``bad_rows`` are numbers of rows that are damaged
    or do not fit the header (``faults`` says why). The rest is as in :class:`Grid`.
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


def unreadable(file: str, code: str, value: str, problem: str, remedy: str) -> Grid:
    """Return an empty grid with the fault of a file that cannot be read at all."""
    fault = Fault(file=file, code=code, value=value, problem=problem, remedy=remedy)
    return Grid(file, (), faults=(fault,), complete=False)


def too_large(file: str, row: int, limits: Limits) -> Fault:
    """Return the fault of a table with too many rows or cells."""
    return Fault(
        file=file, row=row, code="too-large",
        problem=f"the table has more than {limits.rows:,} rows or {limits.cells:,} cells",
        remedy="Cut it into smaller files, or delete the empty cells behind the table.",
    )  # fmt: skip
