"""Answers of a query as a table for the terminal, as CSV and as JSON."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from typing import TYPE_CHECKING, Any

from klaster.graph.safe_text import spreadsheet_safe, terminal_safe
from klaster.graph.stores.contract import QueryResult

if TYPE_CHECKING:
    from rich.table import Table


def to_table(result: QueryResult) -> Table:
    """Return the rows as a table of rich, for ``rich.console.Console().print``.

    What the engine remarked stands below it. Text of the data is shown as it is: nothing in it
    is taken for markup, and control characters do not reach the terminal.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold", caption_justify="left")
    for at, column in enumerate(result.columns):
        numbers = any(_is_number(row[at]) for row in result.rows)
        table.add_column(Text(terminal_safe(column)), justify="right" if numbers else "left")
    for row in result.rows:
        table.add_row(*(Text(terminal_safe(_as_text(value))) for value in row))
    table.caption = Text("\n".join(terminal_safe(line) for line in _remarks(result)))
    return table


def natural_width(result: QueryResult) -> int:
    """Return how many characters wide the table is when no cell is wrapped.

    Examples
    --------
    >>> natural_width(QueryResult(("id", "name"), (("mine", "Mine"),)))
    15
    """
    cells = [result.columns, *([_as_text(v) for v in row] for row in result.rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(result.columns))]
    return sum(width + 3 for width in widths) + 1


def to_records(result: QueryResult) -> str:
    """Return the rows one below the other, a line a value: for answers too wide for a table.

    Values that are missing are left out.

    Examples
    --------
    >>> print(to_records(QueryResult(("id", "name"), (("mine", None), ("mill", "Mill")))))
    row 1
      id  mine
    row 2
      id    mill
      name  Mill
    2 rows
    """
    lines = []
    for number, row in enumerate(result.rows, start=1):
        said = [(c, v) for c, v in zip(result.columns, row, strict=True) if v is not None]
        width = max((len(c) for c, _ in said), default=0)
        lines += [f"row {number}", *(f"  {c:{width}}  {_as_text(v)}" for c, v in said)]
    return "\n".join([*lines, *_remarks(result)])


def _remarks(result: QueryResult) -> list[str]:
    count = len(result.rows)
    told = f"{count} row" + ("" if count == 1 else "s")
    return [told + (", and there are more" if result.truncated else ""), *result.notes]


def to_csv(result: QueryResult) -> str:
    r"""Return the rows as CSV text that a spreadsheet does not take for formulas.

    A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an
    apostrophe in front; numbers stay numbers. A missing value is an empty cell, a list or map is
    JSON. Write it with the encoding ``utf-8-sig`` for Excel.

    Examples
    --------
    >>> to_csv(QueryResult(("name", "value"), (("=1+1", -2.5), (None, 3))))
    "name,value\r\n'=1+1,-2.5\r\n,3\r\n"
    """
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow([spreadsheet_safe(column) for column in result.columns])
    for row in result.rows:
        writer.writerow(
            [
                v if _is_number(v) else spreadsheet_safe("" if v is None else _as_text(v))
                for v in row
            ]
        )
    return held.getvalue()


def to_json(result: QueryResult) -> str:
    """Return the answer as JSON: columns, rows as objects, whether it was cut, and remarks.

    Dates are ISO texts; a number JSON cannot hold (not a number, infinite) is null.

    Examples
    --------
    >>> print(to_json(QueryResult(("day",), ((dt.date(2014, 3, 19),),))))
    {
      "columns": ["day"],
      "rows": [
        {"day": "2014-03-19"}
      ],
      "truncated": false,
      "notes": []
    }
    """

    def text(value: Any) -> str:
        return json.dumps(_jsonable(value), ensure_ascii=False, allow_nan=False)

    rows = ",\n".join(
        "    " + text(dict(zip(result.columns, row, strict=True))) for row in result.rows
    )
    return (
        "{\n"
        f'  "columns": {text(list(result.columns))},\n'
        '  "rows": [' + (f"\n{rows}\n  " if rows else "") + "],\n"
        f'  "truncated": {text(result.truncated)},\n'
        f'  "notes": {text(list(result.notes))}\n'
        "}"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(_jsonable(value), ensure_ascii=False)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return _as_text(value)
