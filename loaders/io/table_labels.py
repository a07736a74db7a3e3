"""Names of industries, from a file of their own."""

from __future__ import annotations

from pathlib import Path

from klaster.graph.errors import Fault, InputError
from klaster.loaders.files.reading import read_grid
from klaster.loaders.io.headings import COLUMN_NAMES, normal_name
from klaster.loaders.io.table_reading import in_flags

_LABEL_HEADERS = frozenset({"code", "codes", "код", "коды", "кодоквэд", "кодокэд", "кодтар"})


def read_labels(path: Path, *, encoding: str = "auto") -> dict[str, str]:
    """Read names of industries: a table whose first column is the code, the second the name.

    A first row that says ``code`` or ``name`` is a header; without it the first row is an industry.

    Parameters
    ----------
    path
        CSV, TSV or XLSX.
    encoding
        As for :func:`klaster.loaders.files.reading.read_grid`.

    Raises
    ------
    InputError
        Where the file cannot be read, or a row has no name.
    """
    grid = in_flags(read_grid(path, encoding=encoding))
    rows = [(k, [*row, "", ""]) for k, row in enumerate(grid.rows, start=1) if any(row)]
    if rows and (
        normal_name(rows[0][1][0]) in _LABEL_HEADERS
        or normal_name(rows[0][1][1]) in COLUMN_NAMES["label"]
    ):
        rows = rows[1:]
    faults = [fault for fault in grid.faults if fault.severity == "error"]
    faults += [
        Fault(
            file=path.name, row=k, code="missing-cell", problem="the row has not a code and a name",
            remedy="Give the code in the first column and the name in the second.",
        )
        for k, row in rows
        if not row[0] or not row[1]
    ]  # fmt: skip
    if not rows and not faults:
        remedy = "Give code and name of each industry, a row each."
        faults = [
            Fault(file=path.name, code="empty-file", problem="the file has no rows", remedy=remedy)
        ]
    if faults:
        raise InputError(faults, path.name)
    return {row[0]: row[1] for _, row in rows}
