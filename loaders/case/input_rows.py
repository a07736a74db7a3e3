"""One input of a case is read into rows: columns become attributes, cells become values.

A check never stops at the first fault. A row knows its number, so that every fault names file, row and
column; a row whose bytes are damaged or that does not fit its header gets no further fault, but its
key still counts as given, so that one slip is not reported twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from klaster.graph.canonical_tables import EXTRA_NAME
from klaster.graph.dictionary import Attribute
from klaster.graph.errors import Fault, Severity, did_you_mean
from klaster.loaders.case.input_specs import (
    NODE_KINDS,
    OWN_ATTRIBUTES,
    InputSpec,
    attributes_of,
    own_attribute,
)
from klaster.loaders.case.typed_columns import read_cells
from klaster.loaders.files.amounts import NO_SOURCE, Amounts, read_amounts
from klaster.loaders.files.cell_values import ParsedColumn, is_missing_mark
from klaster.loaders.files.grid import TextTable
from klaster.loaders.heading_words import WORDS
from klaster.loaders.names.actor_names import plain_name

PERSONAL_COLUMNS = frozenset(WORDS["personal"]["columns"].split())
"""Names of columns of personal data, in lower case without signs: they are never read."""

NAMES = ("name", "name_en", "name_ru", "name_kk")
"""Attributes that name a node, in the order in which one is chosen to show it by."""

DAMAGED = "\ufffd"
"""What stands for a byte that is no text."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its number in the spreadsheet and the values it has, by attribute."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class ReadInput:
    """One tabular input as it was read and checked so far.

    ``spec`` and ``table`` are how it is read, and its cells; ``rows`` have parsed values, also those
    at fault; ``columns`` are those of the file by attribute; ``personal`` are columns of personal
    data, which are not read; ``duplicates`` are numbers of rows, and of the row that says the same.
    """

    spec: InputSpec
    table: TextTable
    rows: tuple[Row, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    duplicates: Mapping[int, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.spec.file

    @cached_property
    def numbers(self) -> frozenset[int]:
        """Numbers of the rows of the file."""
        return frozenset(self.table.row_numbers)

    @cached_property
    def bad(self) -> frozenset[int]:
        """Numbers of the rows at fault."""
        errors = {f.row for f in self.faults if f.severity == "error"}
        return self.table.bad_rows | (self.numbers & errors)

    @property
    def usable(self) -> bool:
        """Whether the file as a whole can be used: at most single rows are at fault."""
        whole = any(f.severity == "error" and f.row not in self.numbers for f in self.faults)
        return self.table.complete and not self.table.contradicted and not whole

    @property
    def set_aside(self) -> frozenset[int]:
        """Numbers of the rows that are left out."""
        return self.bad | set(self.duplicates)

    @cached_property
    def good_rows(self) -> tuple[Row, ...]:
        """The rows that are placed."""
        aside = self.set_aside
        return tuple(row for row in self.rows if row.number not in aside)

    @cached_property
    def checkable(self) -> tuple[Row, ...]:
        """The rows whose cells can be trusted to stand in their columns."""
        return tuple(row for row in self.rows if row.number not in self.table.bad_rows)

    def with_faults(self, faults: Iterable[Fault]) -> ReadInput:
        """Return the input with more faults."""
        return replace(self, faults=(*self.faults, *faults))

    def cells(self, attribute: str) -> Iterator[tuple[Row, Any]]:
        """Yield the checkable rows that have a value of an attribute, and the value."""
        return ((row, row.values[attribute]) for row in self.checkable if attribute in row.values)

    def fault(
        self,
        row: Row | None,
        attribute: str,
        *,
        code: str,
        problem: str,
        remedy: str,
        value: object = None,
        severity: Severity = "error",
    ) -> Fault:
        """Return a fault of a cell of a row (without a row: of the header), its value by default."""
        if value is None and row is not None:
            value = row.values.get(attribute, "")
        return Fault(
            file=self.file, row=row.number if row is not None else self.table.header_row,
            column=self.columns.get(attribute, attribute),
            value=_shown("" if value is None else value), code=code, problem=problem, remedy=remedy,
            severity=severity,
        )  # fmt: skip


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def is_personal(column: str) -> bool:
    """Return whether a column holds personal data, by its name."""
    return re.sub(r"[\W_]+", "", column.casefold()) in PERSONAL_COLUMNS


def name_of(values: Mapping[str, Any]) -> str:
    """Return the name a node is shown by: ``name``, else English, Russian, Kazakh."""
    return str(next(values[name] for name in NAMES if name in values))


def content_key(values: Mapping[Any, Any]) -> str:
    """Return a text that is the same for rows that say the same, and sorts them by content."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)


def read_rows(spec: InputSpec, table: TextTable) -> ReadInput:
    """Map the columns of a file to attributes of the dictionary and parse their cells.

    Columns of personal data are left out by name; a column without an attribute is left out with
    a warning; values are mapped, checked against their vocabulary, and required cells that are
    empty are faults. Of rows that say exactly the same one is kept.
    """
    read = ReadInput(spec, table, faults=table.faults, notes=table.notes)
    if not table.columns or any(DAMAGED in name for name in table.columns):
        return read  # without a header nothing more can be said
    known = attributes_of(spec.name)
    personal = tuple(filter(is_personal, table.columns))
    position = _positions(spec, table.columns, known, personal)
    read = replace(
        read,
        columns={**{name: table.columns[k] for name, k in position.items()}, **spec.columns},
        personal=personal,
    )
    read = read.with_faults(
        [
            *_mapped_columns(read, position),
            *_unknown_columns(read, known, position),
            *_missing_columns(read, known, position),
        ]
    )
    parsed = {name: _parse(read, name, k, known) for name, k in position.items()}
    columns: dict[str, Sequence[Any]] = {n: column.values for n, column in parsed.items()}
    constants = dict(spec.constants)
    amounts = parsed.get("value")
    if isinstance(amounts, Amounts):
        unsaid = NO_SOURCE if spec.make_actors else None
        columns |= amounts.measured(read.columns["value"], columns, constants, unsaid)
        constants = {n: v for n, v in constants.items() if n not in ("unit", "currency")}
    for name, value in constants.items():
        given = columns.get(name, [None] * len(table.rows))
        columns[name] = [value or None if cell is None else cell for cell in given]
    rows = []
    for k, number in enumerate(table.row_numbers):
        cells = {name: values[k] for name, values in columns.items()}
        rows.append(Row(number, {n: value for n, value in cells.items() if value is not None}))
    notes = [
        f"{read.file}: column {name!r} holds personal data and was not read" for name in personal
    ]
    for name, column in parsed.items():
        notes += [f"{read.file}: column {read.columns[name]}: {note}" for note in column.notes]
    read = replace(read, rows=tuple(rows), notes=(*read.notes, *notes))
    for name, column in parsed.items():
        read = read.with_faults(_cell_faults(read, name, position[name], column))
    read = read.with_faults(_empty_cells(read, known, position))
    return _without_duplicates(read)


def _positions(
    spec: InputSpec, columns: Sequence[str], known: Mapping[str, Any], personal: Sequence[str]
) -> dict[str, int]:
    """Return which column of the file holds which attribute: as the case file says, else by name."""
    place = {name: k for k, name in enumerate(columns) if name not in personal}
    mapped = {a: place[column] for a, column in spec.columns.items() if column in place}
    own = spec.name in OWN_ATTRIBUTES
    named = {
        name: k
        for name, k in place.items()
        if k not in mapped.values()
        and name not in spec.columns
        and (name in known or (own and EXTRA_NAME.fullmatch(name)))
    }
    return {**mapped, **named}


def _mapped_columns(read: ReadInput, position: Mapping[str, int]) -> Iterator[Fault]:
    """ERR: the case file names a column that is not there, or one of personal data."""
    where = f"[inputs.{read.spec.name}.columns]"
    there = ", ".join(read.table.columns)
    for attribute, column in read.spec.columns.items():
        if attribute in position:
            continue
        near = did_you_mean(column, read.table.columns).rstrip(".")
        code, what = "missing-column", f"the file has no such column{near}"
        remedy = f"Correct {where}. There are: {there}."
        if column in read.personal:
            code, what, remedy = (
                "personal-data",
                "it holds personal data",
                f"Take it out of {where}.",
            )
        problem = f"the case file reads it as {attribute}, but {what}"
        yield read.fault(None, attribute, code=code, value=column, problem=problem, remedy=remedy)


def _unknown_columns(
    read: ReadInput, known: Mapping[str, Any], position: Mapping[str, int]
) -> Iterator[Fault]:
    """WARN: a column that is no attribute is left out (a wide table has its own columns)."""
    if read.spec.layout == "wide" and read.spec.name == "indicators":
        return
    own = ", or begin its name with x_" if read.spec.name in OWN_ATTRIBUTES else ""
    for k, column in enumerate(read.table.columns):
        if column not in (*read.personal, *read.spec.columns) and k not in position.values():
            yield read.fault(
                None, column, code="unknown-column", value=column,
                problem="the column is not used: there is no attribute of this name"
                + did_you_mean(column, list(known)).rstrip("."),
                remedy=f"Name it in [inputs.{read.spec.name}.columns]{own}, or leave it.",
                severity="warning",
            )  # fmt: skip


def _missing_columns(
    read: ReadInput, known: Mapping[str, Attribute], position: Mapping[str, int]
) -> Iterator[Fault]:
    """ERR: a needed attribute has no column (those mapped to a missing column are told apart)."""
    spec = read.spec
    optional = {"name", *position, *spec.constants}
    if spec.name == "indicators" and spec.layout == "wide":
        optional |= {"year", "indicator", "value"}  # lengthening the table has told of them
    missing = [a.name for a in known.values() if a.required and a.name not in optional]
    if spec.name in NODE_KINDS and not any(name in position for name in NAMES):
        missing.append("name")
    for name in missing:
        if name not in spec.columns:
            meaning = f" ({known[name].meaning})" if known[name].meaning else ""
            yield read.fault(
                None, name, code="missing-column",
                problem=f"the file has no column {name}{meaning}",
                remedy=f"Add the column, or say in [inputs.{spec.name}.columns] which it is. "
                f"There are: {', '.join(read.table.columns)}.",
            )  # fmt: skip


def _parse(read: ReadInput, attribute: str, k: int, known: Mapping[str, Attribute]) -> ParsedColumn:
    """Return the values of a column."""
    spec, separator = read.spec, read.table.separator
    cells = [row[k] for row in read.table.rows]
    meaning = spec.values.get(attribute, {})
    if (spec.name, attribute) == ("ties", "value"):
        cells = [meaning.get(cell, cell) for cell in cells]
        return read_amounts(cells, decimal=spec.decimal, separator=separator)
    if spec.make_actors and attribute in ("source_id", "target_id"):
        cells = ["" if is_missing_mark(cell) else plain_name(cell) for cell in cells]
    where = f"map the value in [inputs.{spec.name}.values.{attribute}]"
    return read_cells(
        known.get(attribute) or own_attribute(attribute), cells, meaning=meaning,
        map_it=lambda _: where, decimal=spec.decimal, separator=separator,
    )  # fmt: skip


def _cell_faults(read: ReadInput, attribute: str, k: int, column: ParsedColumn) -> Iterator[Fault]:
    """ERR: a cell is no number, year, date … (a wide table's cell goes by its own column)."""
    table = read.table
    wide = read.spec.layout == "wide" and attribute == "value"
    for cell in column.faults:
        row, cells = read.rows[cell.position], table.rows[cell.position]
        if row.number not in table.bad_rows:
            fault = read.fault(
                row, attribute, value=cells[k], code=cell.code, problem=cell.problem,
                remedy=cell.remedy,
            )  # fmt: skip
            yield replace(fault, column=cells[k - 1]) if wide else fault


def _empty_cells(
    read: ReadInput, known: Mapping[str, Attribute], position: Mapping[str, int]
) -> Iterator[Fault]:
    """ERR: a needed cell is empty (one at fault otherwise is told already), or a node has no name."""
    node = read.spec.name in NODE_KINDS
    elsewhere = {"name"} if node else {"value"} if read.spec.layout == "wide" else set()
    needed = [a for a in known.values() if a.required and a.name in {*position} - elsewhere]
    at_fault = {(f.row, f.column) for f in read.faults}
    names = [name for name in NAMES if name in position] if node else []
    for row in read.checkable:
        for attribute in needed:
            name = attribute.name
            if name not in row.values and (row.number, read.columns[name]) not in at_fault:
                meaning = f" ({attribute.meaning})" if attribute.meaning else ""
                problem = f"the cell is empty, but needed{meaning}"
                yield missing_value(read, row, name, problem, "Give a value.")
        if names and not any(name in row.values for name in names):
            yield missing_value(read, row, names[0], "the row has no name", "Give a name.")


def missing_value(read: ReadInput, row: Row, attribute: str, problem: str, remedy: str) -> Fault:
    """Return the fault of a cell that is empty."""
    return read.fault(row, attribute, code="missing-value", problem=problem, remedy=remedy)


def _without_duplicates(read: ReadInput) -> ReadInput:
    """WARN: of rows that say exactly the same one is kept; a bare table has a tie in each."""
    if read.spec.make_actors:
        return read
    first: dict[str, int] = {}
    duplicates: dict[int, int] = {}
    faults = []
    for row in read.checkable:
        if not row.values or row.number in read.bad:
            continue
        kept = first.setdefault(content_key(row.values), row.number)
        if kept != row.number:
            duplicates[row.number] = kept
            faults.append(read.fault(
                row, "", code="duplicate-row",
                problem=f"it says exactly what row {kept} says; one of them was kept",
                remedy="Delete it.", severity="warning",
            ))  # fmt: skip
    return replace(read.with_faults(faults), duplicates=duplicates)
