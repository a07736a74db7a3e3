"""Tables of actors, ties, regions, products and indicators become checked rows of nodes and ties.

A check never stops at the first fault. A row knows its number, so that every fault names file, row and
column; a row whose bytes are damaged or that does not fit its header gets no further fault, but its
key still counts as given, so that one slip is not reported twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from klaster.graph.canonical_tables import EXTRA_NAME
from klaster.graph.case import INDICATOR_TYPES
from klaster.graph.dictionary import ValueType, load_dictionary
from klaster.graph.errors import Fault, Severity, did_you_mean
from klaster.loaders.case.case_file import InputSpec, attributes_of
from klaster.loaders.case.quality import tie_units
from klaster.loaders.files.cell_values import ParsedColumn, parse_column, parse_years
from klaster.loaders.files.grid import TextTable

PERSONAL_COLUMNS = frozenset(
    {
        "headfio",
        "headname",
        "head",
        "fio",
        "director",
        "directorname",
        "ceo",
        "contactperson",
        "founder",
        "foundername",
        "iin",
        "birthdate",
        "passport",
        "personalphone",
        "mobilephone",
        "фио",
        "фиоруководителя",
        "руководитель",
        "директор",
        "учредитель",
        "контактноелицо",
        "иин",
        "датарождения",
        "паспорт",
        "басшы",
        "басшыныңаты",
        "біріншібасшы",
        "жсн",
        "туғанкүні",
    }
)
"""Names of columns of personal data, in lower case without signs: they are never read."""

UNTIMELY_STATUS = ("planned", "proposed")
"""Status of a tie that may lie in the future."""

_YEAR_COLUMNS = ("year", "year_to", "valid_from", "valid_to")
_NAMES = ("name", "name_en", "name_ru", "name_kk")
_DAMAGED = "\ufffd"


@dataclass(slots=True)
class Row:
    """A row of a file: its number in the spreadsheet and the values it has, by attribute."""

    number: int
    values: dict[str, Any]


@dataclass
class Intake:
    """One input on its way in: rows, faults, and what was handled.

    Attributes
    ----------
    spec, table
        How it is read, and its cells.
    rows
        Rows with parsed values; those at fault are among them.
    columns
        Attribute to column of the file.
    faults, notes
        What is wrong, and what was handled.
    dropped
        Columns of personal data that were not read.
    bad
        Numbers of the rows at fault.
    duplicates
        Number of a row to the number of the row that says exactly the same.
    """

    spec: InputSpec
    table: TextTable
    rows: list[Row] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    duplicates: dict[int, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.spec.file

    @property
    def usable(self) -> bool:
        """Whether the file as a whole can be used: at most single rows are at fault."""
        numbers = set(self.table.row_numbers)
        whole = [f for f in self.faults if f.severity == "error" and f.row not in numbers]
        return self.table.complete and not self.table.contradicted and not whole

    @property
    def set_aside(self) -> frozenset[int]:
        """Numbers of the rows that are not taken."""
        return frozenset(self.bad | set(self.duplicates))

    def good_rows(self) -> list[Row]:
        """Return the rows that are taken."""
        aside = self.set_aside
        return [row for row in self.rows if row.number not in aside]

    def fault(
        self,
        row: int,
        attribute: str,
        code: str,
        value: object,
        problem: str,
        remedy: str,
        severity: Severity = "error",
    ) -> None:
        """Write down what is wrong with a row (or, with a header row, with the file)."""
        shown = "" if value is None else _shown(value)
        column = self.columns.get(attribute, attribute)
        self.faults.append(Fault(self.file, row, column, code, shown, problem, remedy, severity))
        if severity == "error" and row in self._numbers:
            self.bad.add(row)

    def __post_init__(self) -> None:
        self._numbers = frozenset(self.table.row_numbers)

    def checkable(self) -> Iterable[Row]:
        """Return the rows whose cells can be trusted to stand in their columns."""
        return (row for row in self.rows if row.number not in self.table.bad_rows)


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def _normal(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def read_rows(spec: InputSpec, table: TextTable) -> Intake:
    """Map the columns of a file to attributes of the dictionary and parse their cells.

    Columns of personal data are dropped by name; a column without an attribute is left out with
    a warning; values are mapped, checked against their vocabulary, and required cells that are
    empty are faults. Of rows that say exactly the same one is kept.
    """
    intake = Intake(spec, table, faults=list(table.faults), notes=list(table.notes))
    intake.bad |= set(table.bad_rows)
    if not table.columns or any(_DAMAGED in name for name in table.columns):
        return intake  # without a header nothing more can be said
    known = attributes_of(spec.name)
    position = _assign_columns(intake, known)
    _check_columns(intake, known, position)
    intake.rows = [Row(number, {}) for number in table.row_numbers]
    for attribute, at in position.items():
        _take_column(intake, attribute, at, known)
    for name, text in spec.constants.items():
        if name not in position and text:
            for row in intake.rows:
                row.values[name] = text
    _check_required(intake, known, position)
    _find_duplicates(intake)
    return intake


def _assign_columns(intake: Intake, known: Mapping[str, Any]) -> dict[str, int]:
    """Say which column of the file holds which attribute."""
    table, spec = intake.table, intake.spec
    personal = [name for name in table.columns if _normal(name) in PERSONAL_COLUMNS]
    intake.dropped += personal
    for name in personal:
        intake.notes.append(f"{intake.file}: column {name!r} holds personal data and was not read")
    at = {name: k for k, name in enumerate(table.columns)}
    position: dict[str, int] = {}
    for attribute, column in spec.columns.items():
        intake.columns[attribute] = column
        if column in personal:
            intake.fault(
                table.header_row,
                attribute,
                "personal-data",
                column,
                f"the case file reads it as {attribute}, but it holds personal data",
                f"Take it out of [inputs.{spec.name}.columns].",
            )
        elif column in at:
            position[attribute] = at[column]
        else:
            intake.fault(
                table.header_row,
                attribute,
                "missing-column",
                column,
                f"the case file reads it as {attribute}, but the file has no such column"
                + did_you_mean(column, table.columns).rstrip("."),
                f"Correct [inputs.{spec.name}.columns]. There are: {', '.join(table.columns)}.",
            )
    used = set(position.values())
    wide = spec.name == "indicators" and spec.layout == "wide"
    for column, k in at.items():
        if column in personal or k in used or column in spec.columns:
            continue
        extra = EXTRA_NAME.fullmatch(column) and spec.name in (
            "actors",
            "ties",
            "regions",
            "products",
        )
        if column in known or extra:
            position[column] = k
        elif not wide:
            mapped = (
                ""
                if spec.name in ("indicators", "classification", "sources")
                else ", or begin its name with x_"
            )
            intake.fault(
                table.header_row,
                column,
                "unknown-column",
                column,
                "the column is not used: there is no attribute of this name"
                + did_you_mean(column, list(known)).rstrip("."),
                f"Name it in [inputs.{spec.name}.columns]{mapped}, or leave it.",
                "warning",
            )
    return position


def _check_columns(intake: Intake, known: Mapping[str, Any], position: Mapping[str, int]) -> None:
    needed = [a.name for a in known.values() if a.required and a.name != "name"]
    missing = [n for n in needed if n not in position and n not in intake.spec.constants]
    named = intake.spec.name in ("actors", "regions", "products")
    if named and not any(name in position for name in _NAMES):
        missing.append("name")
    if intake.spec.name == "indicators" and intake.spec.layout == "wide":
        missing = [n for n in missing if n not in ("year", "indicator", "value")]
    for name in missing:
        if name in intake.spec.columns:
            continue  # said already: the mapped column is not there
        intake.fault(
            intake.table.header_row,
            name,
            "missing-column",
            "",
            f"the file has no column {name}" + _meaning(known[name].meaning),
            f"Add the column, or say in [inputs.{intake.spec.name}.columns] which it is. "
            f"There are: {', '.join(intake.table.columns)}.",
        )


def _meaning(text: str) -> str:
    return f" ({text})" if text else ""


def _take_column(intake: Intake, attribute: str, at: int, known: Mapping[str, Any]) -> None:
    table, spec = intake.table, intake.spec
    cells = [row[at] for row in table.rows]
    mapping = spec.values.get(attribute, {})
    if mapping:
        cells = [mapping.get(cell, cell) for cell in cells]
    column = _parse(cells, attribute, known, spec, table.separator)
    name = intake.columns.setdefault(attribute, table.columns[at])
    intake.notes += [f"{intake.file}: column {name}: {note}" for note in column.notes]
    for row, value in zip(intake.rows, column.values, strict=True):
        if value is not None:
            row.values[attribute] = value
    for cell in column.faults:
        number = table.row_numbers[cell.position]
        if number not in table.bad_rows:
            raw = table.rows[cell.position][at]
            if spec.layout == "wide" and attribute == "value":
                intake.columns["value"] = table.rows[cell.position][at - 1]  # its own header
            intake.fault(number, attribute, cell.code, raw, cell.problem, cell.remedy)
    vocabulary = getattr(known.get(attribute), "vocabulary", "")
    terms = load_dictionary().terms(vocabulary) if vocabulary else ()
    if attribute == "tie_type":
        vocabulary, terms = "tie-type", load_dictionary().tie_type_names()
    if not terms:
        return
    words = vocabulary.replace("_", " ").replace("-", " ")
    for row in intake.checkable():
        value = row.values.get(attribute)
        if value is not None and value not in terms:
            intake.fault(
                row.number,
                attribute,
                f"unknown-{vocabulary.replace('_', '-')}",
                value,
                f"there is no such {words}{did_you_mean(str(value), terms).rstrip('.')}",
                f"Use one of: {', '.join(terms)}; or map the value in "
                f"[inputs.{spec.name}.values.{attribute}].",
            )


def _parse(
    cells: Sequence[str], attribute: str, known: Mapping[str, Any], spec: InputSpec, separator: str
) -> ParsedColumn:
    kind: ValueType = known[attribute].type if attribute in known else "text"
    if kind == "integer" and attribute in _YEAR_COLUMNS:
        return parse_years(cells)
    return parse_column(cells, kind, decimal=spec.decimal, separator=separator)


def _check_required(intake: Intake, known: Mapping[str, Any], position: Mapping[str, int]) -> None:
    needed = [a.name for a in known.values() if a.required and a.name in position]
    named = intake.spec.name in ("actors", "regions", "products")
    at_fault = {(f.row, f.column) for f in intake.faults}
    for row in intake.checkable():
        for name in needed:
            if name == "name" and named:
                continue
            place = (row.number, intake.columns.get(name, name))
            if name not in row.values and place not in at_fault:
                intake.fault(
                    row.number,
                    name,
                    "missing-value",
                    "",
                    "the cell is empty, but needed" + _meaning(known[name].meaning),
                    "Give a value.",
                )
        if (
            named
            and any(n in position for n in _NAMES)
            and not any(n in row.values for n in _NAMES)
        ):
            first = next(n for n in _NAMES if n in position)
            intake.fault(
                row.number, first, "missing-value", "", "the row has no name", "Give a name."
            )


def content_key(values: Mapping[str, Any]) -> str:
    """Return a text that is the same for rows that say the same, and sorts them by content."""
    return json.dumps(
        {name: values[name] for name in sorted(values)}, ensure_ascii=False, default=str
    )


def _find_duplicates(intake: Intake) -> None:
    first: dict[str, int] = {}
    for row in intake.checkable():
        if row.number in intake.bad or not row.values:
            continue
        key = content_key(row.values)
        if key not in first:
            first[key] = row.number
            continue
        intake.duplicates[row.number] = first[key]
        intake.fault(
            row.number,
            "",
            "duplicate-row",
            "",
            f"it says exactly what row {first[key]} says; one of them was kept",
            "Delete it.",
            "warning",
        )


# -- keys ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Keys:
    """Keys that rows of other files may name.

    Attributes
    ----------
    known
        The keys; None where they cannot be known, because a file was not read as a whole.
    aside
        Keys of rows that were set aside, and where they stand.
    names
        Names and aliases of the nodes, to tell who gave a name for a key.
    kinds
        Kind of node of each key.
    unjudged
        Beginnings of keys that cannot be judged, because their file was not read as a whole.
    """

    known: frozenset[str] | None = frozenset()
    aside: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    unjudged: tuple[str, ...] = ()

    def lack(self, key: str) -> bool:
        """Return whether it is sure that there is no such key."""
        return (
            self.known is not None and key not in self.known and not key.startswith(self.unjudged)
        )


def keys_of(intake: Intake, attribute: str, *, good_only: bool) -> Keys:
    """Return the keys a file gives; those of rows at fault too, unless only good ones count."""
    if not intake.table.complete:
        return Keys(None)
    given = {str(r.values[attribute]): r for r in reversed(intake.rows) if attribute in r.values}
    if intake.table.rows and not given:
        return Keys(None)  # the column is missing: that is said already
    if any(_DAMAGED in key for key in given):
        return Keys(None)
    names: dict[str, str] = {}
    for key, row in sorted(given.items()):
        for name in (*(row.values.get(n) for n in _NAMES), *row.values.get("aliases", ())):
            if name:
                names.setdefault(str(name).casefold(), key)
    if not good_only:
        return Keys(frozenset(given), {}, names)
    good = {str(row.values[attribute]) for row in intake.good_rows() if attribute in row.values}
    aside = {
        key: f"{intake.file}, row {row.number}" for key, row in given.items() if key not in good
    }
    return Keys(frozenset(good), aside, names)


def check_unique(intake: Intake, attribute: str, elsewhere: Mapping[str, str]) -> None:
    """Find keys given twice in a file, or given in another one already."""
    first: dict[str, int] = {}
    for row in intake.rows:
        key = row.values.get(attribute)
        if key is None or row.number in intake.duplicates or _DAMAGED in str(key):
            continue
        if key in elsewhere or key in first:
            place = elsewhere.get(key) or f"row {first[key]}"
            if row.number not in intake.table.bad_rows:
                intake.fault(
                    row.number,
                    attribute,
                    "duplicate-id",
                    key,
                    f"this key was given before ({place})",
                    "Keep one of the rows, or give the other a key of its own.",
                )
        first.setdefault(key, row.number)


def _unknown_key(intake: Intake, row: Row, attribute: str, keys: Keys, what: str) -> None:
    value = str(row.values[attribute])
    if value in keys.aside:
        intake.fault(
            row.number,
            attribute,
            f"{what}-set-aside",
            value,
            f"the {what} it names was set aside ({keys.aside[value]})",
            "Mend that row first.",
        )
        return
    known = sorted(keys.known or ())
    hint = did_you_mean(value, known).rstrip(".")
    if value.casefold() in keys.names:
        hint = f"; did you mean {keys.names[value.casefold()]!r}, whose name this is?"
    elif f"region:{value}" in (keys.known or ()):
        hint = f"; did you mean 'region:{value}'?"
    intake.fault(
        row.number,
        attribute,
        f"unknown-{what}",
        value,
        f"there is no such {what}{hint}",
        f"Correct it, or add the {what}.",
    )


# -- nodes --------------------------------------------------------------------------------------


def name_of(values: Mapping[str, Any]) -> str:
    """Return the name a node is shown by: ``name``, else English, Russian, Kazakh."""
    return str(next(values[name] for name in _NAMES if name in values))


def check_regions(intake: Intake, *, good_only: bool) -> None:
    """Check regions: codes unique, years in order, groups known, evidence where there is a group."""
    check_unique(intake, "code", {})
    _check_order(intake, "valid_from", "valid_to")
    while True:
        keys = keys_of(intake, "code", good_only=good_only)
        before = len(intake.bad)
        for row in intake.checkable():
            if row.number in intake.bad and good_only:
                continue
            for code in row.values.get("part_of", ()):
                if keys.lack(code):
                    part = Row(row.number, {"part_of": code})
                    _unknown_key(intake, part, "part_of", keys, "region")
                elif code == row.values.get("code"):
                    intake.fault(
                        row.number,
                        "part_of",
                        "self-tie",
                        code,
                        "a region cannot be part of itself",
                        "Name the group or country it belongs to, or leave the cell empty.",
                    )
            for name in ("evidence", "source"):
                if "part_of" in row.values and name not in row.values:
                    intake.fault(
                        row.number,
                        name,
                        "missing-value",
                        "",
                        f"a region that is part of another needs {name}",
                        "Say how and where this is known.",
                    )
        if not good_only or len(intake.bad) == before:
            return


def _check_order(intake: Intake, first: str, last: str) -> None:
    for row in intake.checkable():
        begin, end = row.values.get(first), row.values.get(last)
        if begin is not None and end is not None and end < begin:
            intake.fault(
                row.number,
                last,
                "years-reversed",
                end,
                f"it is before {first}, {begin}",
                "Exchange or correct the years.",
            )


def check_actors(intake: Intake, regions: Keys | None, networks: Sequence[str]) -> None:
    """Check actors: keys unique, regions and networks known.

    Parameters
    ----------
    intake
        The rows.
    regions
        Codes of the regions; None where the case has no regions to compare with.
    networks
        The networks the case declares; an actor of another one gets a warning.
    """
    for row in intake.checkable():
        region, network = row.values.get("region"), row.values.get("network")
        if regions is not None and region is not None and regions.lack(region):
            _unknown_key(intake, row, "region", regions, "region")
        if network is not None and network not in networks:
            _unknown_network(intake, row, networks)


def _unknown_network(intake: Intake, row: Row, networks: Sequence[str]) -> None:
    network = str(row.values["network"])
    intake.fault(
        row.number,
        "network",
        "unknown-network",
        network,
        f"the case declares no such network{did_you_mean(network, networks).rstrip('.')}",
        "Declare it under [[networks]], or correct it.",
        "warning",
    )


def region_nodes(intake: Intake) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[int]]:
    """Return nodes, ties to the groups the regions are part of, and the rows of the nodes."""
    nodes, ties, rows = [], [], []
    for row in intake.good_rows():
        values = dict(row.values)
        groups = values.pop("part_of", [])
        node_id = f"region:{values['code']}"
        nodes.append({"id": node_id, "kind": "Region", **values, "name": name_of(values)})
        rows.append(row.number)
        known: dict[str, Any] = {
            n: values[n] for n in ("evidence", "source", "locator") if n in values
        }
        for group in groups:
            target = f"region:{group}"
            tie_id = f"{node_id}>PART_OF>{target}"
            ties.append(
                {
                    "tie_id": tie_id,
                    "source_id": node_id,
                    "target_id": target,
                    "tie_type": "PART_OF",
                    **known,
                }
            )
    return nodes, ties, rows


def plain_nodes(intake: Intake, kind: str) -> tuple[list[dict[str, Any]], list[int]]:
    """Return nodes of a kind whose rows have their own ``id``, and their rows."""
    nodes = [
        {**row.values, "kind": kind, "name": name_of(row.values)} for row in intake.good_rows()
    ]
    return nodes, [row.number for row in intake.good_rows()]


# -- ties ---------------------------------------------------------------------------------------


def check_ties(intake: Intake, keys: Keys, case_year: int, networks: Sequence[str]) -> None:
    """Check ties: ends known and fitting the type, no self-tie, years, amounts, networks.

    A tie of a later year than the case's is a fault unless it is planned or proposed.
    """
    dictionary = load_dictionary()
    check_unique(intake, "tie_id", {})
    _check_order(intake, "year", "year_to")
    always = {"tie_id", "source_id", "target_id", "tie_type"}
    allowed = {
        name: always | {a.name for a in dictionary.attributes_of("tie", name)}
        for name in dictionary.tie_type_names()
    }
    for row in intake.checkable():
        values = row.values
        source, target, tie_type = (values.get(n) for n in ("source_id", "target_id", "tie_type"))
        for end in ("source_id", "target_id"):
            if end in values and keys.lack(values[end]):
                what = "region" if str(values[end]).startswith("region:") else "actor"
                _unknown_key(intake, row, end, keys, what)
        if source is not None and source == target and keys.kinds.get(source) != "Industry":
            intake.fault(
                row.number,
                "target_id",
                "self-tie",
                target,
                "the tie goes from a node to itself",
                "Correct one of its ends, or delete the row.",
            )
        ends = (keys.kinds.get(str(source)), keys.kinds.get(str(target)))
        if tie_type in allowed and None not in ends:
            fits = dictionary.layer_of(tie_type, str(ends[0]), str(ends[1])) is not None
            if not fits:
                pairs = [
                    f"{t.source_kind} to {t.target_kind}"
                    for t in dictionary.tie_types
                    if t.name == tie_type
                ]
                intake.fault(
                    row.number,
                    "tie_type",
                    "wrong-ends",
                    tie_type,
                    f"it cannot tie {ends[0]} {source!r} to {ends[1]} {target!r}",
                    f"{tie_type} goes from {' or from '.join(pairs)}: turn the tie round, or take "
                    "another type.",
                )
        value, year = values.get("value"), values.get("year")
        if value is not None and value < 0:
            intake.fault(
                row.number,
                "value",
                "negative-flow",
                value,
                "an amount cannot be negative",
                "Turn the tie round, or correct the amount.",
            )
        if year is not None and year > case_year and values.get("status") not in UNTIMELY_STATUS:
            intake.fault(
                row.number,
                "year",
                "future-year",
                year,
                f"it is later than the year of the case, {case_year}",
                f"Correct the year, set status to {' or '.join(UNTIMELY_STATUS)}, or raise year "
                "in [case].",
            )
        for name in sorted(set(values) - allowed.get(str(tie_type), set(values))):
            if not name.startswith("x_"):
                intake.fault(
                    row.number,
                    name,
                    "foreign-attribute",
                    values[name],
                    f"a tie {tie_type} has no attribute {name}",
                    "Leave the cell empty, or say it in unit or note.",
                )
        if "network" in values and values["network"] not in networks:
            _unknown_network(intake, row, networks)


def tie_rows(intake: Intake, taken: Iterable[str]) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the ties with their keys, and their rows.

    A tie without a key is given ``source>TYPE>target``; parallel ones ``#2``, ``#3`` … in the order
    of their content, so that keys do not depend on the order of the rows.
    """
    good = intake.good_rows()
    used = set(taken) | {str(row.values["tie_id"]) for row in good if "tie_id" in row.values}
    without = [row for row in good if "tie_id" not in row.values]
    given: dict[int, str] = {}
    for row in sorted(without, key=lambda r: content_key(r.values)):
        base = "{source_id}>{tie_type}>{target_id}".format_map(row.values)
        key, count = base, 1
        while key in used:
            count += 1
            key = f"{base}#{count}"
        used.add(key)
        given[row.number] = key
    ties = [{**row.values, "tie_id": row.values.get("tie_id") or given[row.number]} for row in good]
    return ties, [row.number for row in good]


def amounts_by_unit(rows: Iterable[Row]) -> dict[str, list[float]]:
    """Return the amounts of rows, by unit and currency."""
    with_amount = [row.values for row in rows if "value" in row.values]
    units = tie_units(
        [v.get("unit") for v in with_amount], [v.get("currency") for v in with_amount]
    )
    result: dict[str, list[float]] = {}
    for unit, values in zip(units, with_amount, strict=True):
        result.setdefault(unit, []).append(float(values["value"]))
    return result


# -- indicators and classification --------------------------------------------------------------


def check_indicators(intake: Intake, regions: Keys | None, case_year: int) -> None:
    """Check indicators: regions known, years not in the future, each value given once."""
    first: dict[tuple[Any, ...], int] = {}
    for row in intake.checkable():
        region, year = row.values.get("region"), row.values.get("year")
        if regions is not None and region is not None and regions.lack(region):
            _unknown_key(intake, row, "region", regions, "region")
        if year is not None and year > case_year:
            intake.fault(
                row.number,
                "year",
                "future-year",
                year,
                f"it is later than the year of the case, {case_year}",
                "Correct the year, or raise year in [case].",
            )
        key = tuple(row.values.get(n) for n in ("region", "year", "indicator"))
        if None in key or row.number in intake.duplicates:
            continue
        if key in first:
            intake.fault(
                row.number,
                "indicator",
                "duplicate-id",
                " ".join(map(str, key)),
                f"this region, year and indicator were given before (row {first[key]})",
                "Keep one of the rows.",
            )
        first.setdefault(key, row.number)


def indicator_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return indicators as a table sorted by region, year, indicator; an empty cell is a text."""
    lines = [[row.values.get(name, "") for name in INDICATOR_TYPES] for row in rows]
    table = pd.DataFrame(lines, columns=list(INDICATOR_TYPES)).astype(INDICATOR_TYPES)
    return table.sort_values(["region", "year", "indicator"], ignore_index=True)


def lengthen(spec: InputSpec, table: TextTable) -> TextTable:
    """Turn a wide table of indicators into a long one; rows keep their numbers.

    Wide is a column a year (then ``indicator`` is a column too), or a column an indicator (then
    ``year`` is a column). Empty cells are no values.
    """
    known = attributes_of("indicators")
    name_of_column = {column: attribute for attribute, column in spec.columns.items()}
    named = [name_of_column.get(c, c) for c in table.columns]
    fixed = [k for k, name in enumerate(named) if name in known]
    others = [
        k
        for k, name in enumerate(named)
        if name not in known and _normal(name) not in PERSONAL_COLUMNS
    ]
    by_year = "indicator" in named
    header = "year" if by_year else "indicator"
    faults = []
    if not by_year and "year" not in named:
        faults.append(
            Fault(
                table.file,
                table.header_row,
                "year",
                "missing-column",
                "",
                "a wide table needs a column indicator (and a column a year) or a column year (and "
                "a column an indicator)",
                f"Add it, or map it. There are: {', '.join(table.columns)}.",
            )
        )
    if by_year:
        for k in [k for k in others if parse_years([table.columns[k]]).faults]:
            others.remove(k)
            faults.append(
                Fault(
                    table.file,
                    table.header_row,
                    table.columns[k],
                    "bad-year",
                    table.columns[k],
                    "the name of the column is not a year",
                    "Name it by its year, or delete it.",
                )
            )
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    for number, row in zip(table.row_numbers, table.rows, strict=True):
        for k in others:
            if row[k]:
                rows.append((*(row[at] for at in fixed), table.columns[k], row[k]))
                numbers.append(number)
    columns = (*(named[k] for k in fixed), header, "value")
    return replace(
        table,
        columns=columns,
        rows=tuple(rows),
        row_numbers=tuple(numbers),
        faults=(*table.faults, *faults),
    )


def check_classification(intake: Intake) -> None:
    """Check a classification: codes given once, parents known."""
    check_unique(intake, "code", {})
    keys = keys_of(intake, "code", good_only=False)
    for row in intake.checkable():
        parent = row.values.get("parent")
        if parent is not None and keys.lack(parent):
            _unknown_key(intake, row, "parent", keys, "code")


def classification_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return a classification sorted by code; a cell that is empty is an empty text."""
    values = [row.values for row in rows]
    used = [n for n in attributes_of("classification") if any(n in v for v in values)]
    columns = list(dict.fromkeys(["code", "name", *used]))
    table = pd.DataFrame(
        [[v.get(n, "") for n in columns] for v in values], columns=columns, dtype="str"
    )
    return table.sort_values("code", ignore_index=True)


def source_table(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """Return what is known of each source by its short name, sorted."""
    found = {str(row.values["source"]): dict(row.values) for row in rows}
    return dict(sorted(found.items()))
