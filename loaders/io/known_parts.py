"""Parts of a table known by their usual names: imports, exports, what households earn and spend."""

from __future__ import annotations

from typing import Any

import pandas as pd

from klaster.graph.errors import UnknownNameError
from klaster.graph.io_table import IMPORTED_INPUTS, IOTable
from klaster.loaders.io.headings import HOUSEHOLDS, IMPORTS, INCOME, known_as


def imports_close_the_columns(table: IOTable) -> bool:
    """Whether the accounts say that flows called total are domestic ones.

    So where every column adds up to output with the imported inputs that stand outside the flows,
    and no final use is imports with a minus sign. (In make and use tables both stand there: products
    that no industry makes, and imports of all others.)

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import replace
    >>> table = IOTable("t", ("a",), ("a",), np.array([[2.]]), np.array([10.]), 2020, "USD",
    ...     "USD", "measured", "made up", imports=np.array([3.]),
    ...     value_added=pd.DataFrame([[5.]], index=["VA"], columns=["a"]))
    >>> imports_close_the_columns(table)
    True
    >>> imports_close_the_columns(replace(table, imports=np.array([2.])))
    False
    """
    if table.origin != "total" or table.imported_flows is not None:
        return False
    if table.imports is None or not table.imports.any() or final_use(table, IMPORTS):
        return False
    balance = table.balance()
    off = {found.identity for found in balance.residuals}
    return "column" in balance.checked and "column" not in off


def final_use(table: IOTable, names: frozenset[str]) -> str:
    """Return the final use known by one of these names; empty without one."""
    columns = table.final_demand.columns.drop([IMPORTED_INPUTS], errors="ignore")
    return heading_of(columns, "", names, "final use") or ""


def heading_of(there: pd.Index[Any], name: str, known: frozenset[str], what: str) -> str | None:
    """Return the label that was named, or the first known by one of the names; None without one."""
    labels = [str(label) for label in there]
    if name and name not in labels:
        raise UnknownNameError(what, name, labels)
    return name or next((label for label in labels if known_as(label, known)), None)


def household_row(table: IOTable, name: str = "") -> str | None:
    """Return the row of value added that households earn: as named, or known by its name.

    Names are compared without regard to case, signs and spaces: D1, Compensation of employees,
    «Оплата труда», «Еңбекақы төлеу» and others (:mod:`klaster.loaders.io.headings`).

    Raises
    ------
    UnknownNameError
        Where the table has no such row.
    """
    return heading_of(table.value_added.index, name, INCOME, "row of value added")


def household_column(table: IOTable, name: str = "") -> str | None:
    """Return the final use that households spend, as :func:`household_row` does."""
    return heading_of(table.final_demand.columns, name, HOUSEHOLDS, "final use")
