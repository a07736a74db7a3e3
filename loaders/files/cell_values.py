"""Texts become numbers, years, truth values, dates and lists, a column at a time.

A column is read as a whole because one cell does not tell what its comma means: ``12,500`` is
twelve and a half or twelve thousand five hundred, and only its neighbours can say which.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from klaster.graph.dictionary import ValueType
from klaster.loaders.files.grid import SpreadsheetNumber

Decimal = Literal["auto", ".", ","]

YEARS = (1000, 2999)
"""The first and the last year that is taken for a year."""

_TRUE = frozenset({"true", "yes", "1", "да", "истина", "иә"})
_FALSE = frozenset({"false", "no", "0", "нет", "ложь", "жоқ"})
_MISSING = frozenset({"nan", "na", "n/a", "none", "null", "-", "–", "—", "..", "...", "…", "н/д"})
_MARK = r"₸|тг\.?|тенге|kzt|%"
_MARKED = re.compile(rf"^(?P<front>{_MARK})?\s*(?P<body>.*?)\s*(?P<back>{_MARK})?$", re.IGNORECASE)
_SPACED = re.compile(
    r"^[0-9]{1,3}(?:([ \u00a0\u2007\u2009\u202f'’])[0-9]{3})(?:\1[0-9]{3})*(?![0-9])"
)
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,4})?"
_FORMS = (
    ("whole", re.compile(rf"[0-9]+{_EXPONENT}")),
    ("point", re.compile(rf"(?:[0-9]*\.[0-9]+|[0-9]+\.){_EXPONENT}")),
    ("comma", re.compile(rf"[0-9]+,[0-9]+{_EXPONENT}")),
    ("comma groups", re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3}){2,}")),
    ("point groups", re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,}")),
)
_DATE = re.compile(
    r"(?P<y>[0-9]{4})-[0-9]{2}(?:-[0-9]{2}.*)?|[0-9]{1,2}\.[0-9]{1,2}\.(?P<z>[0-9]{4})"
)
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


def is_missing_mark(cell: str) -> bool:
    """Return whether a cell says that there is no number: a dash, dots, ``n/a``.

    Examples
    --------
    >>> is_missing_mark("–"), is_missing_mark("0")
    (True, False)
    """
    return cell.lower() in _MISSING


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one cell of a column: its position, the rule, why, and what to do."""

    position: int
    code: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """Values of a column (None where a cell is empty or at fault), faults, and what was handled."""

    values: tuple[Any, ...]
    faults: tuple[CellFault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Number:
    form: str
    sign: int
    body: str
    marks: tuple[str, ...] = ()
    spaced: bool = False


def _dissect(cell: str) -> _Number:
    text = cell.replace("\u2212", "-").strip()
    marked = _MARKED.match(text)
    marks: tuple[str, ...] = ()
    if marked:
        marks = tuple(m.rstrip(".").lower() for m in (marked["front"], marked["back"]) if m)
        text = marked["body"]
    sign = -1 if text.startswith("-") else 1
    text = text[1:].lstrip() if text[:1] in ("-", "+") else text
    grouped = _SPACED.match(text)
    if grouped:
        text = grouped[0].replace(grouped[1], "") + text[grouped.end() :]
    for form, pattern in _FORMS:
        if pattern.fullmatch(text):
            return _Number(form, sign, text, marks, grouped is not None)
    return _Number("none", sign, text, marks)


def _decimal_sign(numbers: Sequence[_Number], declared: Decimal, separator: str) -> str:
    """Return what the column's decimal sign is: declared, or the one its cells agree on."""
    if declared != "auto":
        return declared
    forms = Counter(number.form for number in numbers)
    points = forms["point"] + forms["comma groups"]
    commas = forms["comma"] + forms["point groups"]
    if points or not commas:
        return "," if commas > points else "."
    if separator != ",":
        return ","
    # Between commas as separators a decimal comma had to be quoted on purpose: one is a slip.
    others = sum(number.form == "whole" and number.body.strip("0") != "" for number in numbers)
    return "," if commas > 1 and commas > others else "."


def parse_numbers(
    cells: Sequence[str], *, decimal: Decimal = "auto", separator: str = ","
) -> ParsedColumn:
    """Read a column of numbers.

    Thousands may be set off by a space, a no-break space or an apostrophe; ``₸``, ``тг``,
    ``KZT`` and ``%`` are taken off and noted (a percentage stays a percentage: it is not divided
    by 100). A decimal comma is taken where it is declared or where the column uses it throughout;
    a stray one among decimal points is a fault, and so is ``1,234`` where nothing tells whether
    it is 1.234 or 1234. NaN and infinity are faults.

    Parameters
    ----------
    cells
        Texts; an empty one is a missing value.
    decimal
        ``.`` or ``,`` where the case file declares it, else ``auto``.
    separator
        What separates the cells of the file; between commas one decimal comma is a slip.

    Examples
    --------
    >>> parse_numbers(["1 250,5", "3", ""], separator=";").values
    (1250.5, 3.0, None)
    >>> parse_numbers(["12.5", "3,7"]).faults[0].code
    'decimal-comma'
    """
    numbers = {
        k: _dissect(cell)
        for k, cell in enumerate(cells)
        if cell != "" and not isinstance(cell, SpreadsheetNumber)
    }
    sign = _decimal_sign(list(numbers.values()), decimal, separator)
    grouped = decimal == "." or any(n.form == "comma groups" for n in numbers.values())
    with_commas = [n.body for n in numbers.values() if n.form == "comma"]
    unclear = decimal == "auto" and sign == "," and all(map(_ONE_GROUP.fullmatch, with_commas))
    unclear = unclear and not any(n.form == "point groups" for n in numbers.values())
    values: list[float | None] = []
    faults: list[CellFault] = []
    handled: Counter[str] = Counter()
    for k, cell in enumerate(cells):
        values.append(None)
        if cell == "":
            continue
        if isinstance(cell, SpreadsheetNumber):
            value = float(cell)
        else:
            number = numbers[k]
            problem = _refusal(cell, number, sign, grouped=grouped, unclear=unclear)
            if problem is not None:
                faults.append(CellFault(k, *problem))
                continue
            value = number.sign * _value(number.body, sign)
            for mark in number.marks:
                handled[f"the sign {mark} was taken off in {{}}"] += 1
            if number.spaced:
                handled["thousands set off by a space or an apostrophe were read in {}"] += 1
            if sign == "," and "," in number.body:
                handled["a decimal comma was read in {}"] += 1
            if sign == "." and "," in number.body:
                handled["thousands set off by a comma were read in {}"] += 1
        if not math.isfinite(value):
            faults.append(
                CellFault(k, "bad-number", "it is not a finite number", "Give a finite number.")
            )
            continue
        values[k] = value
    notes = tuple(
        text.format("1 cell" if n == 1 else f"{n} cells") for text, n in sorted(handled.items())
    )
    return ParsedColumn(tuple(values), tuple(faults), notes)


def _value(body: str, sign: str) -> float:
    return float(body.replace(",", "") if sign == "." else body.replace(".", "").replace(",", "."))


def _refusal(
    cell: str, number: _Number, sign: str, *, grouped: bool, unclear: bool
) -> tuple[str, str, str] | None:
    """Return code, problem and remedy where a cell cannot be read as a number."""
    form = number.form
    if form == "none":
        if is_missing_mark(cell):
            return "bad-number", "it is not a number", "Leave the cell empty where there is none."
        return "bad-number", "it is not a number", "Write digits with a decimal point only."
    if unclear and form == "comma":
        return (
            "ambiguous-number",
            "its comma may be a decimal comma or set off thousands",
            'Declare decimal = "," in case.toml, or write thousands without a comma.',
        )
    one_group = sign == "." and form == "comma" and _ONE_GROUP.fullmatch(number.body)
    foreign = ("comma", "point groups") if sign == "." else ("point", "comma groups")
    if form not in foreign or (one_group and grouped):  # 1,234 beside 1,234.5
        return None
    if form == "comma":
        return (
            "decimal-comma",
            "it has a decimal comma, but the column does not use one throughout",
            'Write a decimal point, or declare decimal = "," for the whole file.',
        )
    if form == "point":
        return (
            "decimal-point",
            "it has a decimal point, but the column uses decimal commas",
            'Write a decimal comma, or declare decimal = "." for the whole file.',
        )
    return "bad-number", "its points and commas do not fit the column", "Write it plainly."


def parse_integers(
    cells: Sequence[str], *, decimal: Decimal = "auto", separator: str = ","
) -> ParsedColumn:
    """Read a column of whole numbers, as :func:`parse_numbers` does.

    Examples
    --------
    >>> parse_integers(["2 000", "7.5"]).faults[0].problem
    'it is not a whole number'
    """
    column = parse_numbers(cells, decimal=decimal, separator=separator)
    whole = [v is None or (v.is_integer() and abs(v) < 2**53) for v in column.values]
    values = [
        int(v) if v is not None and fits else None
        for v, fits in zip(column.values, whole, strict=True)
    ]
    broken = [
        CellFault(k, "bad-number", "it is not a whole number", "Give a whole number.")
        for k, fits in enumerate(whole)
        if not fits
    ]
    faults = sorted([*column.faults, *broken], key=lambda fault: fault.position)
    return ParsedColumn(tuple(values), tuple(faults), column.notes)


def parse_years(cells: Sequence[str]) -> ParsedColumn:
    """Read a column of years, four digits each; ``2014 г.`` and dates are read and noted.

    Examples
    --------
    >>> parse_years(["2014", "2014 г.", "31.05.2014", "14"]).values
    (2014, 2014, 2014, None)
    """
    form = re.compile(r"([0-9]{4})(?:\.0+)?(\s*(?:г\.?|год|ж\.?|жыл))?")
    dated = [_DATE.fullmatch(cell) for cell in cells]
    bare = [(d["y"] or d["z"]) if d else cell for d, cell in zip(dated, cells, strict=True)]

    def read(cell: str) -> int:
        match = form.fullmatch(cell)
        if not match or not YEARS[0] <= int(match[1]) <= YEARS[1]:
            raise ValueError
        return int(match[1])

    column = _each(bare, read, "bad-year", "it is not a year", "Give a year of four digits.")
    marked = sum((match := form.fullmatch(cell)) is not None and bool(match[2]) for cell in bare)
    notes = [f"the word for year was taken off in {marked} cells"] * bool(marked)
    notes += ["the year was taken of dates"] * any(dated)
    return ParsedColumn(column.values, column.faults, tuple(notes))


def parse_booleans(cells: Sequence[str]) -> ParsedColumn:
    """Read a column of truth values in English, Russian or Kazakh.

    Examples
    --------
    >>> parse_booleans(["yes", "нет", ""]).values
    (True, False, None)
    """
    known = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}

    def read(cell: str) -> bool:
        return known[cell.lower()]

    return _each(cells, read, "bad-boolean", "it is neither true nor false", "Give yes or no.")


def parse_dates(cells: Sequence[str]) -> ParsedColumn:
    """Read a column of dates, as ``2014-05-31`` or ``31.05.2014``.

    Examples
    --------
    >>> parse_dates(["31.05.2014"]).values
    (datetime.date(2014, 5, 31),)
    """

    def read(cell: str) -> dt.date:
        match = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", cell)
        return dt.date(*map(int, match.groups()[::-1])) if match else dt.date.fromisoformat(cell)

    remedy = "Give year-month-day, as 2014-05-31."
    return _each(cells, read, "bad-date", "it is not a date", remedy)


def parse_lists(cells: Sequence[str]) -> ParsedColumn:
    """Read a column of lists: entries separated by ``;``, each once, in their order.

    Examples
    --------
    >>> parse_lists(["Qarmet; Кармет; Qarmet"]).values
    (['Qarmet', 'Кармет'],)
    """

    def entries(cell: str) -> list[str]:
        return list(dict.fromkeys(part.strip() for part in cell.split(";") if part.strip()))

    return ParsedColumn(tuple(entries(cell) if cell else None for cell in cells))


def _each(
    cells: Sequence[str], read: Callable[[str], Any], code: str, problem: str, remedy: str
) -> ParsedColumn:
    values: list[Any] = []
    faults: list[CellFault] = []
    for k, cell in enumerate(cells):
        values.append(None)
        if cell == "":
            continue
        try:
            values[k] = read(cell)
        except (KeyError, ValueError):
            faults.append(CellFault(k, code, problem, remedy))
    return ParsedColumn(tuple(values), tuple(faults))


def parse_column(
    cells: Sequence[str], kind: ValueType, *, decimal: Decimal = "auto", separator: str = ","
) -> ParsedColumn:
    """Read a column as a value type of the dictionary; an empty cell is a missing value."""
    if kind == "number":
        return parse_numbers(cells, decimal=decimal, separator=separator)
    if kind == "integer":
        return parse_integers(cells, decimal=decimal, separator=separator)
    parse = {"boolean": parse_booleans, "date": parse_dates, "list": parse_lists}.get(kind)
    return parse(cells) if parse else ParsedColumn(tuple(str(c) if c else None for c in cells))
