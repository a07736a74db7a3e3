"""Amounts of money as people write them: signs of currencies and words for thousands beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from klaster.graph.content import counted
from klaster.loaders.files.cell_values import Decimal, ParsedColumn, is_missing_mark, parse_numbers
from klaster.loaders.files.grid import SpreadsheetNumber

NO_SOURCE = "not stated"
"""The source of a tie, and the unit of an amount, that nobody states."""

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
class Amounts(ParsedColumn):
    """Amounts of a column, and of each the unit and the currency its cell names, else empty."""

    units: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()

    def measured(
        self,
        heading: str,
        stated: Mapping[str, Sequence[str | None]],
        constants: Mapping[str, Any],
        unsaid: str | None = NO_SOURCE,
    ) -> dict[str, list[str | None]]:
        """Return the unit and the currency of each amount.

        They are what columns of their own say (``stated``), else the constant, else what the cell
        or the heading names; ``unsaid`` is the unit of an amount with neither unit nor currency.
        """
        in_heading = unit_in_heading(heading)
        nothing = [None] * len(self.values)
        own_units, own_currencies = (stated.get(n, nothing) for n in ("unit", "currency"))
        units, currencies = [], []
        for k, value in enumerate(self.values):
            unit, currency = own_units[k], own_currencies[k]
            if value is not None:
                currency = currency or constants.get("currency") or self.currencies[k]
                currency = currency or in_heading[1] or None
                unit = unit or constants.get("unit") or self.units[k] or in_heading[0]
                unit = unit or currency or unsaid
            units.append(unit)
            currencies.append(currency)
        return {"unit": units, "currency": currencies}


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
    >>> read.values, read.units, read.currencies
    ((1234567.89, 5.0), ('', 'million'), ('KZT', 'KZT'))
    """
    bare: list[str] = []
    signs: Counter[str] = Counter()
    told: list[tuple[str, str]] = []
    for cell in cells:
        words: tuple[str, str] | None = ("", "")
        number = cell
        if not isinstance(cell, SpreadsheetNumber) and not cell.isdecimal():
            parts = _NUMBER.match(cell)
            if parts and (parts["before"].strip() or parts["after"].strip(" .,")):
                words = words_of_unit(f"{parts['after'].strip()} {parts['before'].strip()}")
                if words:
                    number = parts["number"].strip()
                    signs.update(filter(None, (parts[k].strip(" .,") for k in ("before", "after"))))
            elif is_missing_mark(cell):
                number = ""
        bare.append(number)
        told.append(words or ("", ""))
    column = parse_numbers(bare, decimal=decimal, separator=separator)
    dashes = sum(cell != "" and number == "" for cell, number in zip(cells, bare, strict=True))
    notes = [
        f"the sign {sign} was taken off in {counted(count, 'cell')}"
        for sign, count in sorted(signs.items())
    ]
    if dashes:
        notes.append(f"{dashes} cells with a mark for no value were read as no amount")
    notes += column.notes
    units, currencies = zip(*told, strict=True) if told else ((), ())
    return Amounts(column.values, column.faults, tuple(notes), units, currencies)
