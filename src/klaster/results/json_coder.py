"""Data classes as JSON and back: what a run found, kept in its folder and read again."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd


def to_json_data(value: Any) -> Any:
    """Return data classes, mappings, sequences, arrays and tables as what JSON can hold.

    Nothing is lost: numbers that are not finite, dates and tables carry a mark (``$number``,
    ``$date``, ``$table``). Mappings keep their order.

    Examples
    --------
    >>> to_json_data({"share": (0.5, float("nan")), 1: None})
    {'share': [0.5, {'$number': 'nan'}], '1': None}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json_data(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json_data(item) for key, item in value.items()}
    if isinstance(value, pd.DataFrame):
        columns = [
            [str(name), str(value[name].dtype), to_json_data(value[name].tolist())]
            for name in value.columns
        ]
        index = None if isinstance(value.index, pd.RangeIndex) else value.index.tolist()
        return {"$table": columns, "rows": len(value), "index": index}
    if isinstance(value, np.ndarray | np.generic):
        return to_json_data(value.tolist())
    if isinstance(value, list | tuple):
        return [to_json_data(item) for item in value]
    if isinstance(value, dt.date):
        return {"$date": value.isoformat()}
    if isinstance(value, float) and not isfinite(value):
        return {"$number": str(value)}
    return value


def from_json_data(data: Any, hint: Any = Any) -> Any:
    """Return what :func:`to_json_data` was given, as the type that the hint names.

    Raises
    ------
    KeyError, TypeError, ValueError
        Where the data are not of that type.

    Examples
    --------
    >>> from_json_data({"1": [0.5, {"$number": "nan"}]}, Mapping[int, tuple[float, ...]])
    {1: (0.5, nan)}
    """
    if isinstance(data, dict):
        if "$number" in data:
            return float(data["$number"])
        if "$date" in data:
            return dt.date.fromisoformat(data["$date"])
        if "$table" in data:
            return _table(data)
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if data is None:
            return None
        return from_json_data(data, _fitting(data, parts))
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return hint(**{name: from_json_data(item, hints[name]) for name, item in data.items()})
    if origin is np.ndarray:
        return np.array(from_json_data(data, list[Any]), dtype=np.float64)
    if isinstance(data, dict):
        key_type, item_type = parts or (Any, Any)
        return {
            int(key) if key_type is int else key: from_json_data(item, item_type)
            for key, item in data.items()
        }
    if isinstance(data, list):
        if origin is tuple and parts[-1] is not ...:
            return tuple(map(from_json_data, data, parts))
        items = [from_json_data(item, parts[0] if parts else Any) for item in data]
        return tuple(items) if origin is tuple else items
    return float(data) if hint is float else data


def _fitting(data: Any, hints: tuple[Any, ...]) -> Any:
    """Return the alternative of a union that such data belong to."""
    if not isinstance(data, dict | list):
        return Any
    nested = [hint for hint in hints if get_origin(hint) is not None or is_dataclass(hint)]
    return nested[0] if nested else Any


def _table(data: dict[str, Any]) -> pd.DataFrame:
    index = pd.RangeIndex(data["rows"]) if data["index"] is None else data["index"]
    columns = {
        name: pd.Series(from_json_data(cells), dtype=kind, index=index)
        for name, kind, cells in data["$table"]
    }
    return pd.DataFrame(columns, index=index)
