"""Objects with manners: equal by content, shown in a line, unhashable where they hold tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse


def same_content(first: Any, second: Any) -> bool:
    """Return whether two values hold the same, however they are held.

    NaN is equal to NaN and a missing value to a missing value; arrays, sparse matrices, tables,
    mappings, sequences and data classes are compared by what is in them. Mappings are equal in
    any order; values of different types are not equal, but for numbers and for sequences.

    Examples
    --------
    >>> same_content({"p": float("nan"), "m": np.eye(2)}, {"m": np.eye(2), "p": float("nan")})
    True
    >>> same_content((1, "a"), (1, "b"))
    False
    """
    if first is second:
        return True
    if sparse.issparse(first) or sparse.issparse(second):
        return _same_sparse(first, second)
    if isinstance(first, (pd.DataFrame, pd.Series, pd.Index)):
        return type(first) is type(second) and _same_table(first, second)
    if isinstance(first, np.ndarray):
        return isinstance(second, np.ndarray) and _same_array(first, second)
    if isinstance(first, Mapping):
        return (
            isinstance(second, Mapping)
            and first.keys() == second.keys()
            and all(same_content(value, second[key]) for key, value in first.items())
        )
    if isinstance(first, (list, tuple)):
        return (
            isinstance(second, (list, tuple))
            and len(first) == len(second)
            and all(map(same_content, first, second))
        )
    if is_dataclass(first) and not isinstance(first, type):
        return type(first) is type(second) and all(
            same_content(getattr(first, f.name), getattr(second, f.name))
            for f in fields(first)
            if f.compare
        )
    if isinstance(second, (pd.DataFrame, pd.Series, pd.Index, np.ndarray)):
        return False
    if first is pd.NA or second is pd.NA:
        return False
    return bool(first == second) or _both_nan(first, second)


def _both_nan(first: Any, second: Any) -> bool:
    kinds = (float, np.floating)
    return isinstance(first, kinds) and isinstance(second, kinds) and isnan(first) and isnan(second)


def _same_array(first: Any, second: Any) -> bool:
    if first.shape != second.shape:
        return False
    if first.dtype == object or second.dtype == object:
        return same_content(first.ravel().tolist(), second.ravel().tolist())
    return np.array_equal(first, second, equal_nan=first.dtype.kind in "fc")


def _same_sparse(first: Any, second: Any) -> bool:
    if type(first) is not type(second) or first.shape != second.shape:
        return False
    one, other = (matrix.tocsr().sorted_indices() for matrix in (first, second))
    for matrix in (one, other):
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    parts = ("indptr", "indices", "data")
    return all(_same_array(getattr(one, part), getattr(other, part)) for part in parts)


def _same_table(first: Any, second: Any) -> bool:
    if first.shape != second.shape:
        return False
    if isinstance(first, pd.DataFrame):
        return (
            _same_table(first.columns, second.columns)
            and _same_table(first.index, second.index)
            and all(
                same_content(first.iloc[:, k].tolist(), second.iloc[:, k].tolist())
                for k in range(first.shape[1])
            )
        )
    if isinstance(first, pd.Series) and not _same_table(first.index, second.index):
        return False
    return same_content(first.tolist(), second.tolist())


def short_repr(of: object, *parts: str) -> str:
    """Return ``Name(part, part)``: what to show of an object whose fields would fill a page."""
    return f"{type(of).__name__}({', '.join(parts)})"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "tie"), counted(2, "tie"), counted(0, "industry", "industries")
    ('1 tie', '2 ties', '0 industries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


class ByContent:
    """Base of data classes that are compared with :func:`same_content`; they have no hash.

    Use it with ``@dataclass(frozen=True, eq=False)``.
    """

    def __eq__(self, other: object) -> bool:
        return same_content(self, other) if type(self) is type(other) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it holds tables or mappings
