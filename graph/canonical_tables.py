"""Node and tie tables in their one canonical form: typed, ordered, without empty columns."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from klaster.graph.dictionary import (
    ARROW_TYPES,
    NODE_COLUMNS,
    TIE_COLUMNS,
    Element,
    ValueType,
    load_dictionary,
)
from klaster.graph.errors import Fault, InputError, file_row

EXTRA_NAME = re.compile(r"x_[a-z0-9_]+")
"""Attributes outside the dictionary: ``x_`` and a lower-case ASCII name."""

KEYS = ("id", "tie_id")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def type_of_extra(values: Iterable[object]) -> ValueType:
    """Return the type that holds the values of an attribute outside the dictionary."""
    kinds = {type(v) for v in values if not is_missing(v)}
    if kinds and kinds <= {bool}:
        return "boolean"
    if kinds and kinds <= {int}:
        return "integer"
    if kinds and kinds <= {int, float, Decimal}:
        return "number"
    if kinds and kinds <= {dt.date, dt.datetime}:
        return "date"
    if kinds and kinds <= {list, tuple}:
        return "list"
    return "text"


def is_missing(value: object) -> bool:
    """Return whether a cell holds no value: None, NaN, NaT or NA (an empty text is a value)."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float) and math.isnan(value)


def plain(value: Any) -> Any:
    """Return a cell as a plain Python value, a missing one as None.

    Values that another type holds without loss are given as that: arrays as lists, midnight as
    its date, a decimal number that a float prints as, an identifier (UUID) as its text.
    """
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if hasattr(value, "tolist") and not isinstance(value, (str, bytes)):
        value = value.tolist()  # numpy scalars and arrays
    if isinstance(value, (list, tuple)):
        return list(value)
    if is_missing(value):
        return None
    if isinstance(value, dt.datetime):
        if isinstance(value, pd.Timestamp):
            value = value.to_pydatetime(warn=False)
        return value if value.tzinfo or value.time() != dt.time() else value.date()
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else value
    return str(value) if isinstance(value, UUID) else value


def text_fault(text: str) -> str:
    """Return what forbids a text in a table; empty where nothing does.

    Examples
    --------
    >>> text_fault("mine"), text_fault("mi" + chr(0) + "ne")
    ('', 'it holds a NUL character (U+0000)')
    """
    if "\0" in text:
        return "it holds a NUL character (U+0000)"
    half = _HALF_CHARACTER.search(text)
    return f"it holds half a character (U+{ord(half.group()):04X})" if half else ""


def _as_text(value: object) -> str:
    problem = text_fault(value) if isinstance(value, str) else "not a text"
    if problem:
        raise ValueError(problem)
    return str(value)


def _as_boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("not true or false")


def _as_integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1:
        raise ValueError("not a whole number")
    if not -(2**63) <= value < 2**63:
        raise ValueError("a whole number beyond 64 bits")
    return int(value)


def _as_number(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if (isinstance(value, int) and abs(value) >= 2**1023) or not math.isfinite(value):
            raise ValueError("not a finite number")
        return float(value)
    digits = isinstance(value, Decimal)
    raise ValueError("more digits than a number holds" if digits else "not a number")


def _as_date(value: object) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    timed = isinstance(value, dt.datetime)
    raise ValueError("a date with a time of day" if timed else "not a date")


def _as_list(value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [_as_text(item) for item in value]
    raise ValueError("not a list of texts")


CONVERTERS: dict[ValueType, tuple[Callable[[object], object], str]] = {
    "text": (_as_text, "Give a text; str(value) makes one of another value."),
    "boolean": (_as_boolean, "Give True or False."),
    "integer": (_as_integer, "Give a whole number: int(value)."),
    "number": (_as_number, "Give a number: float(value)."),
    "date": (_as_date, "Give a date without a time: value.date()."),
    "list": (_as_list, "Give a list of texts."),
}
"""By type: what holds a value or raises ValueError, and what to do where it does."""


def _arrow(cells: Any, kind: ValueType, index: pd.RangeIndex) -> pd.Series[Any]:
    dtype: Any = pd.ArrowDtype(ARROW_TYPES[kind])
    array = cells if isinstance(cells, pa.Array) else pa.array(cells, type=ARROW_TYPES[kind])
    column: pd.Series[Any] = pd.Series(array, dtype=dtype, index=index)
    return column


def _converted_whole(column: pd.Series[Any], kind: ValueType) -> pa.Array | None:
    """Convert a column at once where its dtype leaves no doubt; None: go cell by cell."""
    wanted, dtype = ARROW_TYPES[kind], column.dtype
    exact = isinstance(dtype, pd.ArrowDtype) and dtype.pyarrow_dtype == wanted
    string = kind == "text" and isinstance(dtype, pd.StringDtype)
    integer = kind in ("integer", "number") and getattr(dtype, "kind", "") == "i"
    floating = kind == "number" and getattr(dtype, "kind", "") == "f"
    if not (exact or string or integer or floating):
        return None
    array = pa.array(column, type=wanted, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if kind == "number" and not np.isfinite(array.drop_null().to_numpy()).all():
        return None  # the slow way names the cell
    if kind == "text" and pc.any(pc.match_substring(array, "\0")).as_py():
        return None
    return array


def canonical_table(
    table: pd.DataFrame, element: Element, name: str
) -> tuple[pd.DataFrame, list[Fault]]:
    """Type and order the columns of a node or tie table.

    Rows keep their order here; sorting is done by :class:`~klaster.graph.model.ClusterGraph`.

    Parameters
    ----------
    table
        Any table whose columns are names of the dictionary, or ``x_…`` names of one's own.
    element
        ``node`` or ``tie``.
    name
        What to call the table in a fault.

    Returns
    -------
    tuple
        The table with Arrow-backed columns in dictionary order, columns without any value
        dropped, and the faults found. A cell at fault is left out of the table.
    """
    dictionary = load_dictionary()
    fixed: Sequence[str] = NODE_COLUMNS if element == "node" else TIE_COLUMNS
    types: dict[str, ValueType] = dict.fromkeys(fixed, "text")
    types |= dictionary.value_types(element)
    faults: list[Fault] = []
    columns: dict[str, pd.Series[Any]] = {}
    extras = []
    for column in sorted(str(c) for c in table.columns if str(c) not in types):
        if EXTRA_NAME.fullmatch(column):
            extras.append(column)
            continue
        faults.append(
            Fault(
                file=name,
                column=column,
                code="unknown-column",
                value=column,
                problem=f"no such attribute of a {element}",
                remedy="Use a name of graph/schema/attributes.csv, or one of your own: x_ and small "
                "Latin letters, digits or _.",
            )
        )
    length = len(table)
    index = pd.RangeIndex(length)
    for column in [*types, *extras]:
        if column not in table.columns:
            if column in fixed:
                columns[column] = _arrow([None] * length, "text", index)
            continue
        if column in types:
            whole = _converted_whole(table[column], types[column])
            if whole is not None:
                if column in fixed or whole.null_count < length:
                    columns[column] = _arrow(whole, types[column], index)
                continue
        cells = [plain(v) for v in table[column].tolist()]
        kind = types.get(column) or type_of_extra(cells)
        convert, remedy = CONVERTERS[kind]
        held: list[object] = []
        for position, cell in enumerate(cells):
            if cell is None:
                held.append(None)
                continue
            try:
                held.append(convert(cell))
            except ValueError as reason:
                bad_text = kind == "text" and isinstance(cell, str)
                held.append(ascii(cell) if bad_text else None)
                if column in ("source_id", "target_id") and bad_text:
                    continue  # told of the node, or as a node that is not there
                code = "nul-in-key" if column in KEYS else "bad-character"
                faults.append(
                    Fault(
                        file=name,
                        row=file_row(position),
                        column=column,
                        code=code if bad_text else "wrong-type",
                        value=ascii(cell) if bad_text else str(cell),
                        problem=str(reason),
                        remedy="Take it out." if bad_text else remedy,
                    )
                )
        if column not in fixed and all(value is None for value in held):
            continue
        columns[column] = _arrow(held, kind, index)
    return pd.DataFrame(columns, index=index), faults


def object_table(rows: Sequence[Mapping[str, Any]], first: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table of Python objects: columns ``first``, then the others by name."""
    columns = list(dict.fromkeys([*first, *sorted({name for row in rows for name in row})]))
    return pd.DataFrame(rows, columns=columns, dtype=object)


def stacked(above: pd.DataFrame, below: pd.DataFrame, element: Element) -> pd.DataFrame:
    """Put two tables of nodes or of ties one above the other; a column one lacks is empty there.

    Raises
    ------
    InputError
        Where a value of one of them is not of its type; rows are those of that table.
    """
    tables = []
    for table in (above, below):
        canonical, faults = canonical_table(table, element, f"{element}s")
        if faults:
            raise InputError(faults, "the graph")
        tables.append(canonical)
    first, second = (table.dtypes.to_dict() for table in tables)
    types = {**first, **second}
    types |= {c: object for c in first.keys() & second.keys() if first[c] != second[c]}
    for table in tables:
        for name, dtype in types.items():
            empty = pd.Series([None] * len(table), dtype=dtype)
            table[name] = table[name].astype(dtype) if name in table.columns else empty
    return pd.concat([table[list(types)] for table in tables], ignore_index=True)


def drop_empty_columns(table: pd.DataFrame, keep: Iterable[Hashable]) -> pd.DataFrame:
    """Return the table without the columns that hold no value, but for those in ``keep``."""
    wanted = set(keep)
    return table[[c for c in table.columns if c in wanted or bool(table[c].notna().any())]]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dictionaries of plain Python values, missing cells left out."""
    columns = {str(c): [plain(v) for v in table[c].tolist()] for c in table.columns}
    return [
        {name: cells[row] for name, cells in columns.items() if cells[row] is not None}
        for row in range(len(table))
    ]
