"""Files become tables of texts: CSV, TSV and XLSX, and what is wrong with them.

Nothing is interpreted here. A row keeps the number a spreadsheet shows for it, also where a cell
holds several lines, so that every later fault can name it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from klaster.graph.errors import Fault
from klaster.loaders.files.grid import Grid, Limits, TextTable, unreadable
from klaster.loaders.files.text_files import read_text
from klaster.loaders.files.workbooks import read_workbook

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SPREADSHEET_SUFFIXES = (".xlsx", ".xlsm")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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
        One of :data:`~klaster.loaders.files.text_files.ENCODINGS`; text files only.
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
            return unreadable(file, "too-large", "", problem, "Cut it into smaller files.")
        if suffix in SPREADSHEET_SUFFIXES:
            return read_workbook(path, file, sheet, limits)
        if suffix in TEXT_SUFFIXES:
            if suffix == ".tsv" and separator == "auto":
                separator = "\t"
            return read_text(path.read_bytes(), file, encoding, separator, limits)
    except OSError as reason:
        problem = f"it cannot be read ({reason.strerror or reason})"
        remedy = "Check that it exists and that you may read it."
        return unreadable(file, "unreadable-file", "", problem, remedy)
    remedy = f"Save it as one of: {', '.join((*TEXT_SUFFIXES, *SPREADSHEET_SUFFIXES))}."
    return unreadable(file, "unknown-format", suffix, "files of this kind are not read", remedy)


def as_table(grid: Grid) -> TextTable:
    """Read the first row that is not blank as header, and check that the others fit it.

    Columns that are wholly empty are left out, and so are blank rows. A row with more cells than
    the header has columns is at fault unless the cells too many are empty; so is a shorter row
    of a text file. Two columns of one name, or a column with cells but without a name, are faults.
    """
    start = next((k for k, row in enumerate(grid.rows) if any(row)), None)
    if start is None:
        empty_file = Fault(
            file=grid.file, row=1, code="empty-file", problem="the file has no header",
            remedy="Give the names of the columns in its first row.",
        )  # fmt: skip
        faults = (*grid.faults, empty_file) if grid.complete else grid.faults
        return TextTable(grid.file, 1, (), (), (), faults=faults, complete=False)
    header_row = start + 1
    header = list(grid.rows[start])
    while header and header[-1] == "":
        header.pop()
    body = [(k + 1, row) for k, row in enumerate(grid.rows) if k > start and any(row)]
    numbers = [number for number, _ in body]
    width = len(header)
    rows = [(*row[:width], *[""] * (width - len(row))) for _, row in body]
    cell_faults = [*_ragged_rows(grid, body, width), *_control_characters(grid, header, body)]
    bad = {f.row for f in (*grid.faults, *cell_faults) if f.severity == "error"}
    bad = {row for row in bad | grid.damaged if row > header_row}
    first_cells = {
        k: next((n for n, row in zip(numbers, rows, strict=True) if row[k]), 0)
        for k, name in enumerate(header)
        if not name
    }
    keep = sorted({name: k for k, name in reversed([*enumerate(header)]) if name}.values())
    empty = [k for k, number in first_cells.items() if not number]
    return TextTable(
        file=grid.file,
        header_row=header_row,
        columns=tuple(header[k] for k in keep),
        rows=tuple(tuple(row[k] for k in keep) for row in rows),
        row_numbers=tuple(numbers),
        bad_rows=frozenset(bad),
        separator=grid.separator,
        faults=(*grid.faults, *cell_faults, *_header_faults(grid, header_row, header, first_cells)),
        notes=(
            *grid.notes,
            *(f"{grid.file}: column number {k + 1} is empty and was left out" for k in empty),
        ),
        complete=grid.complete,
        contradicted=grid.contradicted,
    )


def _header_faults(
    grid: Grid, header_row: int, header: Sequence[str], first_cells: Mapping[int, int]
) -> Iterator[Fault]:
    """Find columns with cells but without a name, and names given twice."""
    for k, number in first_cells.items():
        if number:
            yield Fault(
                file=grid.file, row=header_row, column=f"number {k + 1}", code="empty-header",
                problem=f"the column has cells (first in row {number}) but no name",
                remedy="Name the column, or delete its cells.",
            )  # fmt: skip
    for name, count in Counter(filter(None, header)).items():
        if count > 1:
            yield Fault(
                file=grid.file, row=header_row, column=name, code="duplicate-column", value=name,
                problem=f"{count} columns have this name", remedy="Rename or delete all but one.",
            )  # fmt: skip


def _ragged_rows(
    grid: Grid, body: Sequence[tuple[int, tuple[str, ...]]], width: int
) -> Iterator[Fault]:
    """Find rows with cells beyond the header, and rows of a text file that are too short."""
    for number, row in body:
        if any(row[width:]):
            remedy = (
                "Put a cell that holds the separator in quotation marks (a decimal comma among "
                "them)."
                if grid.separator
                else "Name every column, or empty the cells beside the table; delete a title "
                "above the row that names the columns."
            )
        elif len(row) < width and grid.separator:
            remedy = "Give every column a cell, an empty one where there is nothing to say."
        else:
            continue
        yield Fault(
            file=grid.file, row=number, code="ragged-row", value=str(len(row)),
            problem=f"the row has {len(row)} cells, the header {width}", remedy=remedy,
        )  # fmt: skip


def _control_characters(
    grid: Grid, header: Sequence[str], body: Sequence[tuple[int, tuple[str, ...]]]
) -> Iterator[Fault]:
    """Find characters no text has: they break identifiers unseen."""
    for number, row in body:
        for name, cell in zip(header, row, strict=False):
            if _CONTROL.search(cell):
                yield Fault(
                    file=grid.file, row=number, column=name, code="control-character",
                    value=ascii(cell)[1:-1], problem="the cell has a character that cannot be seen",
                    remedy="Type the cell again.",
                )  # fmt: skip


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
