"""Amounts of money as people write them: signs of currencies and words for thousands beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from klaster.loaders.files.cell_values import Decimal, ParsedColumn, is_missing_mark, parse_numbers
from klaster.loaders.files.grid import SpreadsheetNumber

_CURRENCIES = {
    "KZT": r"₸|тг\.?|тенге|теңге|kzt",
    "USD": r"us\$|\$|usd|долл(?:ар(?:ов|а)?)?\.?(?: сша)?",
    "EUR": r"€|eur|евро",
    "RUB": r"₽|руб(?:л(?:ей|я|ь))?\.?|rub|rur",
    "CNY": r"¥|cny|юан(?:ей|ь|я)",
    "GBP": r"£|gbp",
}
_SCALES = {
    "thousand": r"тыс(?:яч(?:а|и)?)?\.?|мың|thousand|k",
    "million": r"млн\.?|миллион(?:ов|а)?|million|mln|m",
    "billion": r"млрд\.?|миллиард(?:ов|а)?|billion|bn",
}
_NUMBER = re.compile(r"^(?P<before>[^\d+\-−.,]*)(?P<number>[+\-−]?[\d.,].*?)(?P<after>\D*)$")
_IN_HEADING = re.compile(r"[,(\[]\s*([^,()\[\]]+?)\s*[)\]]?\s*$")


def _one_of(words: dict[str, str]) -> re.Pattern[str]:
    forms = "|".join(f"(?P<{name}>{form})" for name, form in words.items())
    return re.compile(rf"(?:{forms})(?!\w)", re.IGNORECASE)


_CURRENCY, _SCALE = _one_of(_CURRENCIES), _one_of(_SCALES)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts of a column, with the unit and the currency that their cells name.

    Attributes
    ----------
    column
        The numbers, their faults, and what was handled.
    units, currencies
        Of each cell what stands in it, as ``million`` and ``KZT``; empty where nothing does.
    """

    column: ParsedColumn
    units: tuple[str, ...]
    currencies: tuple[str, ...]


def words_of_unit(text: str) -> tuple[str, str] | None:
    """Return the unit and the currency a text names, or None where it is no such text.

    Examples
    --------
    >>> words_of_unit("тыс. тг"), words_of_unit("$"), words_of_unit("кг")
    (('thousand', 'KZT'), ('', 'USD'), None)
    """
    rest = text.strip()
    found: list[str] = []
    for words in (_SCALE, _CURRENCY):
        match = words.match(rest)
        found.append((match.lastgroup or "") if match else "")
        rest = rest[match.end() :].strip(" .") if match else rest
    return None if rest else (found[0], found[1])


def unit_in_heading(heading: str) -> tuple[str, str]:
    """Return the unit and the currency that a heading names behind a comma or in brackets.

    Examples
    --------
    >>> unit_in_heading("Сумма, млн тенге"), unit_in_heading("Amount (USD)"), unit_in_heading("a")
    (('million', 'KZT'), ('', 'USD'), ('', ''))
    """
    told = _IN_HEADING.search(heading)
    return (words_of_unit(told[1]) if told else None) or ("", "")


def read_amounts(
    cells: Sequence[str], *, decimal: Decimal = "auto", separator: str = ""
) -> Amounts:
    """Read a column of amounts; signs of currencies and words for thousands are told apart.

    A number is not multiplied: ``5 млн`` is 5 in the unit ``million``. What a comma or a point
    means the column as a whole decides (:func:`~klaster.loaders.files.cell_values.parse_numbers`).

    Examples
    --------
    >>> read = read_amounts(["1 234 567,89 ₸", "5 млн тг"])
    >>> read.column.values, read.units, read.currencies
    ((1234567.89, 5.0), ('', 'million'), ('KZT', 'KZT'))
    """
    bare: list[str] = []
    told: list[tuple[str, str]] = []
    for cell in cells:
        words: tuple[str, str] | None = ("", "")
        number = cell
        if not isinstance(cell, SpreadsheetNumber) and not cell.isdecimal():
            parts = _NUMBER.match(cell)
            if parts and (parts["before"].strip() or parts["after"].strip(" .,")):
                words = words_of_unit(f"{parts['after'].strip()} {parts['before'].strip()}")
                number = parts["number"].strip() if words else cell
            elif is_missing_mark(cell):
                number = ""
        bare.append(number)
        told.append(words or ("", ""))
    column = parse_numbers(bare, decimal=decimal, separator=separator)
    signs = Counter(" ".join(filter(None, words)) for words in told if any(words))
    dashes = sum(cell != "" and number == "" for cell, number in zip(cells, bare, strict=True))
    notes = [f"{name} was read beside {count} amounts" for name, count in sorted(signs.items())]
    if dashes:
        notes.append(f"{dashes} cells with a mark for no value were read as no amount")
    notes += column.notes
    return Amounts(
        ParsedColumn(column.values, column.faults, tuple(notes)),
        tuple(unit for unit, _ in told),
        tuple(currency for _, currency in told),
    )
