"""Node and tie tables in their one canonical form: typed, ordered, without empty columns."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from klaster.graph.dictionary import (
    ARROW_TYPES,
    NODE_COLUMNS,
    TIE_COLUMNS,
    Element,
    ValueType,
    load_dictionary,
)
from klaster.graph.errors import Fault

EXTRA_NAME = re.compile(r"x_[a-z0-9_]+")
"""Attributes outside the dictionary: ``x_`` and a lower-case ASCII name."""


def _type_of_extra(values: Iterable[object]) -> ValueType:
    kinds = {type(v) for v in values if not is_missing(v)}
    if kinds and kinds <= {bool}:
        return "boolean"
    if kinds and kinds <= {int}:
        return "integer"
    if kinds and kinds <= {int, float}:
        return "number"
    if kinds and kinds <= {dt.date}:
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
    """Return a cell as a plain Python value, a missing one as None."""
    if hasattr(value, "tolist") and not isinstance(value, (str, bytes)):
        value = value.tolist()  # numpy scalars and arrays
    if isinstance(value, (list, tuple)):
        return list(value)
    if is_missing(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value


def _convert(value: object, kind: ValueType) -> object:
    """Return the value as its type holds it; raise ValueError where it cannot be that."""
    if kind == "text":
        if isinstance(value, str):
            return value
        raise ValueError("not a text")
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        raise ValueError("not true or false")
    if kind == "integer":
        if isinstance(value, bool):
            raise ValueError("not a whole number")
        if isinstance(value, int):
            if not -(2**63) <= value < 2**63:
                raise ValueError("a whole number beyond 64 bits")
            return value
        if isinstance(value, float) and value.is_integer():
            return int(value)
        raise ValueError("not a whole number")
    if kind == "number":
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isfinite(value):
                raise ValueError("not a finite number")
            return float(value)
        raise ValueError("not a number")
    if kind == "date":
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        raise ValueError("not a date")
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return list(value)
    raise ValueError("not a list of texts")


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
    extras = sorted(str(c) for c in table.columns if str(c) not in types)
    for column in extras:
        if not EXTRA_NAME.fullmatch(column):
            faults.append(
                Fault(
                    file=name,
                    row=0,
                    column=column,
                    code="unknown-column",
                    value=column,
                    problem=f"no such attribute of a {element}",
                    remedy="Use a name of graph/schema/attributes.csv, or one of your own "
                    "that begins with x_.",
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
        kind = types.get(column) or _type_of_extra(cells)
        held: list[object] = []
        for position, cell in enumerate(cells):
            if cell is None:
                held.append(None)
                continue
            try:
                held.append(_convert(cell, kind))
            except ValueError as reason:
                held.append(None)
                faults.append(
                    Fault(
                        file=name,
                        row=position + 2,
                        column=column,
                        code="wrong-type",
                        value=str(cell),
                        problem=str(reason),
                        remedy=f"Give a value of type {kind}.",
                    )
                )
        if column not in fixed and all(value is None for value in held):
            continue
        columns[column] = _arrow(held, kind, index)
    return pd.DataFrame(columns, index=index), faults


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
