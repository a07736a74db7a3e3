"""Data as text for a spreadsheet or a terminal: shown, never obeyed."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet_safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe goes before such a one.

    Examples
    --------
    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("Kazzinc")
    ("'=1+1", 'Kazzinc')
    """
    return f"'{text}" if text.startswith(_FORMULA_START) else text


def without_guard(text: str) -> str:
    """Return a text of a CSV file without the apostrophe of :func:`spreadsheet_safe`.

    A text that itself begins with an apostrophe and one of those characters loses it too.

    Examples
    --------
    >>> without_guard("'=1+1"), without_guard("'Kazzinc'")
    ('=1+1', "'Kazzinc'")
    """
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_START) else text


def terminal_safe(text: str) -> str:
    """Return the text without characters that would steer a terminal.

    Examples
    --------
    >>> terminal_safe(chr(27) + "[31mred")
    ' [31mred'
    """
    return "".join(c if c == "\n" or c.isprintable() else " " for c in text)


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV for a spreadsheet: floats in full, lists joined, no cell a formula.

    Numbers are left as they are; a missing value is an empty cell.

    Examples
    --------
    >>> import pandas as pd
    >>> print(csv_text(pd.DataFrame({"name": ["=1+1", "Kazzinc"], "share": [0.5, None]})), end="")
    name,share
    '=1+1,0.5
    Kazzinc,
    """
    from klaster.graph.canonical_tables import plain

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([spreadsheet_safe(str(c)) for c in table.columns])
    columns = [[_cell(plain(v)) for v in table[c].tolist()] for c in table.columns]
    writer.writerows(zip(*columns, strict=True))
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return spreadsheet_safe("; ".join(value) if isinstance(value, list) else str(value))
