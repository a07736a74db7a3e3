"""Values of a query's parameters and rows: from text, and through a pipe with their types."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

from klaster.graph.errors import StoreError

_TEMPORAL: dict[str, Any] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
}


def value_of_text(text: str) -> Any:
    """Return the value a text typed for a free query's parameter means.

    Numbers, ``true``, ``false``, ``null``, lists and maps as JSON writes them, dates as
    ``2014-03-19``; anything else, and a text in double quotes, is text.

    Examples
    --------
    >>> [value_of_text(t) for t in ("2014", "0.5", "true", "qarmet", '"2014"', '["a", "b"]')]
    [2014, 0.5, True, 'qarmet', '2014', ['a', 'b']]
    >>> value_of_text("2014-03-19")
    datetime.date(2014, 3, 19)
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        value = text
    if isinstance(value, int) and not isinstance(value, bool) and str(value) != text.strip():
        return text  # 007 or 1e3 as a key
    if value is text and len(text) == 10 and text[4] == text[7] == "-":
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def packed(value: Any) -> Any:
    """Return a value as JSON can hold it, so that :func:`unpacked` gives it back with its type.

    Examples
    --------
    >>> packed([1, dt.date(2014, 3, 19), {"a": None}])
    [1, {'date': '2014-03-19'}, {'map': {'a': None}}]
    >>> unpacked(_) == [1, dt.date(2014, 3, 19), {"a": None}]
    True
    """
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [packed(item) for item in value]
    if isinstance(value, dict):
        return {"map": {str(key): packed(item) for key, item in value.items()}}
    for tag in _TEMPORAL:  # a datetime is a date too: datetime comes first
        if isinstance(value, getattr(dt, tag)):
            return {tag: value.isoformat()}
    raise StoreError(
        f"a value of type {type(value).__name__} cannot be handed to a query. "
        "Use numbers, texts, booleans, dates, lists and maps."
    )


def unpacked(value: Any) -> Any:
    """Return the value that :func:`packed` was given; a tuple comes back as a list."""
    if isinstance(value, list):
        return [unpacked(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((tag, held),) = value.items()
    if tag == "map":
        return {key: unpacked(item) for key, item in held.items()}
    if tag == "number":
        return float(held)
    return _TEMPORAL[tag](held)
