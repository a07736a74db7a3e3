"""What the special rows and columns of input–output tables are called, in three languages.

Names are in lower case without signs and spaces, as the layouts of Rosstat, the Bureau of National
Statistics of Kazakhstan, Eurostat, the OECD and the BEA write them. Single letters are left out:
they are codes of sections.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from klaster.loaders.heading_words import WORDS

Role = Literal["output", "value_added", "tax", "imports", "final_demand", "total", "label"]


_SETS = {name: frozenset(text.split()) for name, text in WORDS["tables"].items()}

VALUE_ADDED_SUMS, IMPORTS = _SETS["value_added_sums"], _SETS["imports"]
FINAL_SUMS, EXPORTS = _SETS["final_sums"], _SETS["exports"]
INCOME, HOUSEHOLDS = _SETS["income"], _SETS["households"]
"""What households earn, of value added, and what they spend, of final uses."""
FINAL_GROUPS = (
    (_SETS["consumption"], HOUSEHOLDS | _SETS["other_consumption"]),
    (_SETS["capital"], _SETS["capital_parts"]),
)
"""Sums of final uses, and the parts they are of."""

ROW_NAMES: Mapping[Role, frozenset[str]] = {
    "output": _SETS["output"],
    "value_added": VALUE_ADDED_SUMS | INCOME | _SETS["other_value_added"],
    "tax": _SETS["taxes"],
    "imports": IMPORTS,
    "total": _SETS["total_rows"],
}
COLUMN_NAMES: Mapping[Role, frozenset[str]] = {
    "output": _SETS["output"],
    "final_demand": FINAL_SUMS.union(
        EXPORTS, _SETS["other_final"], *(s | p for s, p in FINAL_GROUPS)
    ),
    "imports": IMPORTS,
    "total": _SETS["total_columns"],
    "label": _SETS["label"],
}


def normal_name(label: str) -> str:
    """Return a label in lower case without signs and spaces.

    Examples
    --------
    >>> normal_name("Валовая добавленная стоимость, млн")
    'валоваядобавленнаястоимостьмлн'
    """
    return re.sub(r"[\W_]+", "", label.casefold())


_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CODE_BEFORE = re.compile(r"^[A-Za-zА-Яа-я]{1,2}\.?[0-9][\w.\-]*[\s:–—-]+")
_MARKS = re.compile(r"[\s*†‡⁰¹²³⁴-⁹0-9)]+$")
_TAIL = re.compile(
    r"млн|млрд|тыс|тенге|теңге|мың|руб|долл|usd|eur|kzt|rub|million|billion|thousand|mln|цен|price"
    r"|баға|всего|итого|total|барлығы|нетто|net\b|gross|cif|fob|сиф|фоб|current",
    re.IGNORECASE,
)


def heading_names(label: str) -> tuple[str, ...]:
    """Return the names a heading may be known by, the plainest last.

    Units and prices after a comma or in brackets, marks of footnotes and a code before the words
    are taken off.

    Examples
    --------
    >>> heading_names("Валовой выпуск, млн тенге")[-1]
    'валовойвыпуск'
    >>> heading_names("D.1 Compensation of employees*")[-1]
    'compensationofemployees'
    """
    plain = _BRACKETS.sub(" ", label).strip()
    words, _, tail = plain.partition(",")
    forms = [label, plain]
    if tail and _TAIL.search(tail):
        forms.append(words)
    forms += [_MARKS.sub("", form) for form in forms[1:]]
    forms += [_CODE_BEFORE.sub("", form) for form in forms[1:]]
    return tuple(dict.fromkeys(name for name in map(normal_name, forms) if name))


def known_as(label: str, names: frozenset[str]) -> str:
    """Return the name of a set a heading is known by; empty where it is none of them.

    Examples
    --------
    >>> known_as("Выпуск товаров и услуг¹", ROW_NAMES["output"])
    'выпусктоваровиуслуг'
    """
    return next((name for name in heading_names(label) if name in names), "")
