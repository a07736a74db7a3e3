"""Cells of a column become values of an attribute: terms of its vocabulary, years, numbers, texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from klaster.graph.dictionary import Attribute
from klaster.graph.errors import did_you_mean
from klaster.loaders.case.input_specs import vocabulary_of
from klaster.loaders.files.cell_values import (
    CellFault,
    Decimal,
    ParsedColumn,
    parse_column,
    parse_years,
)

_YEARS = ("year", "year_to", "valid_from", "valid_to")


def read_cells(
    attribute: Attribute,
    cells: Sequence[str],
    *,
    meaning: Mapping[str, str],
    map_it: Callable[[str], str],
    terms: Sequence[str] = (),
    decimal: Decimal = "auto",
    separator: str = ",",
) -> ParsedColumn:
    """Read cells as values of an attribute.

    A word means what ``meaning`` says it does; a term of the vocabulary is known whatever its
    capitals, blanks and underscores. ``terms`` are by default all of the vocabulary; ``map_it``
    says in a remedy how a word is given a meaning.
    """
    vocabulary, all_terms = vocabulary_of(attribute)
    terms = terms or all_terms
    known = {_plain(term): term for term in terms}
    means = {word: known.get(_plain(term), term) for word, term in meaning.items()}
    cells = [means.get(cell) or known.get(_plain(cell), cell) for cell in cells]
    if not terms and attribute.name in _YEARS:
        return parse_years(cells)
    if not terms:
        return parse_column(cells, attribute.type, decimal=decimal, separator=separator)
    what = "type of tie" if attribute.name == "tie_type" else vocabulary.replace("-", " ")
    wrong = {
        cell: (
            f"unknown-{vocabulary}",
            f"there is no such {what}{did_you_mean(cell, terms).rstrip('.')}",
            f"Use one of: {', '.join(terms)}; or {map_it(cell)}.",
        )
        for cell in {*cells} - {*terms, ""}
    }
    faults = (CellFault(k, *wrong[cell]) for k, cell in enumerate(cells) if cell in wrong)
    return ParsedColumn(
        tuple(cell if cell and cell not in wrong else None for cell in cells), tuple(faults)
    )


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()
