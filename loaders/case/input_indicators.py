"""Rows of indicators, of a classification and of sources: their rules, and the tables they become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from klaster.graph.case import INDICATOR_TYPES
from klaster.graph.errors import Fault
from klaster.loaders.case.input_keys import (
    Keys,
    keys_of,
    repeated_keys,
    unknown_key,
    unknown_regions,
    years_to_come,
)
from klaster.loaders.case.input_rows import ReadInput, is_personal
from klaster.loaders.case.input_specs import InputSpec, attributes_of
from klaster.loaders.files.cell_values import parse_years
from klaster.loaders.files.grid import TextTable


def check_indicators(read: ReadInput, regions: Keys | None, case_year: int) -> ReadInput:
    """Return indicators with their faults: regions, years, values given twice."""
    return read.with_faults(
        [*unknown_regions(read, regions), *years_to_come(read, case_year), *_repeated_values(read)]
    )


def _repeated_values(read: ReadInput) -> Iterator[Fault]:
    """ERR: region, year and indicator are given twice."""
    first: dict[tuple[Any, ...], int] = {}
    for row in read.checkable:
        key = tuple(row.values.get(n) for n in ("region", "year", "indicator"))
        if None in key or row.number in read.duplicates:
            continue
        if key in first:
            yield read.fault(
                row, "indicator", code="duplicate-id", value=" ".join(map(str, key)),
                problem=f"this region, year and indicator were given before (row {first[key]})",
                remedy="Keep one of the rows.",
            )  # fmt: skip
        first.setdefault(key, row.number)


def indicator_table(read: ReadInput | None) -> pd.DataFrame:
    """Return indicators as a table sorted by region, year, indicator; an empty cell is a text."""
    rows = read.good_rows if read is not None else ()
    table = pd.DataFrame(
        [[row.values.get(name, "") for name in INDICATOR_TYPES] for row in rows],
        columns=list(INDICATOR_TYPES),
    )
    return table.astype(INDICATOR_TYPES).sort_values(
        ["region", "year", "indicator"], ignore_index=True
    )


def lengthen(spec: InputSpec, table: TextTable) -> TextTable:
    """Turn a wide table of indicators into a long one; rows keep their numbers.

    Wide is a column a year (then ``indicator`` is a column too), or a column an indicator (then
    ``year`` is a column). Empty cells are no values.
    """
    known = attributes_of("indicators")
    attribute_of = {column: attribute for attribute, column in spec.columns.items()}
    names = [attribute_of.get(column, column) for column in table.columns]
    by_year = "indicator" in names
    fixed = [k for k, name in enumerate(names) if name in known]
    others = [k for k, name in enumerate(names) if name not in known and not is_personal(name)]
    faults = []
    if not by_year and "year" not in names:
        faults.append(Fault(
            file=table.file, row=table.header_row, column="year", code="missing-column",
            problem="a wide table needs a column indicator (and a column a year) or a column "
            "year (and a column an indicator)",
            remedy=f"Add it, or map it. There are: {', '.join(table.columns)}.",
        ))  # fmt: skip
    no_years = [k for k in others if by_year and parse_years([table.columns[k]]).faults]
    faults += [
        Fault(
            file=table.file, row=table.header_row, column=table.columns[k], code="bad-year",
            value=table.columns[k], problem="the name of the column is not a year",
            remedy="Name it by its year, or delete it.",
        )
        for k in no_years
    ]  # fmt: skip
    cells = [
        (number, (*(row[f] for f in fixed), table.columns[k], row[k]))
        for number, row in zip(table.row_numbers, table.rows, strict=True)
        for k in others
        if row[k] and k not in no_years
    ]
    return replace(
        table,
        columns=(*(names[k] for k in fixed), "year" if by_year else "indicator", "value"),
        rows=tuple(row for _, row in cells),
        row_numbers=tuple(number for number, _ in cells),
        faults=(*table.faults, *faults),
    )


def check_classification(read: ReadInput) -> ReadInput:
    """Return a classification with its faults: codes given twice, parents there are not."""
    return read.with_faults([*repeated_keys(read, "code"), *_unknown_parents(read)])


def _unknown_parents(read: ReadInput) -> Iterator[Fault]:
    """ERR: the parent of a code is no code of the file."""
    keys = keys_of(read, "code", good_only=False)
    for row, parent in read.cells("parent"):
        if keys.lack(parent):
            yield unknown_key(read, row, "parent", keys, "code", parent)


def classification_table(read: ReadInput | None) -> pd.DataFrame | None:
    """Return a classification sorted by code; a cell that is empty is an empty text."""
    if read is None:
        return None
    values = [row.values for row in read.good_rows]
    used = [n for n in attributes_of("classification") if any(n in v for v in values)]
    columns = list(dict.fromkeys(["code", "name", *used]))
    cells = [[v.get(n, "") for n in columns] for v in values]
    return pd.DataFrame(cells, columns=columns, dtype="str").sort_values("code", ignore_index=True)


def source_table(read: ReadInput | None) -> dict[str, dict[str, Any]]:
    """Return what is known of each source by its short name, sorted."""
    rows = read.good_rows if read is not None else ()
    found = {str(row.values["source"]): dict(row.values) for row in rows}
    return dict(sorted(found.items()))
