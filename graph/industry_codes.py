"""Sections and divisions of ISIC 4, NACE 2 and OKED: the same letters and two-digit numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

from klaster.graph.errors import Fault, InputError

CodeLevel = Literal["section", "division"]

_LETTER = re.compile(r"(?:CPA_)?([A-U])([0-9_A-Z.T-]*)")
_DIGITS = re.compile(r"[0-9]{2}(?:\.?[0-9]{1,3}(?:\.[0-9]{1,2})?)?")


@cache
def sections() -> dict[str, dict[str, str]]:
    """Return name by language of each section: ``sections()["C"]["ru"]``.

    Examples
    --------
    >>> sections()["B"]["en"]
    'Mining and quarrying'
    """
    return {
        row["section"]: {lang: row[f"name_{lang}"] for lang in ("en", "ru", "kk")}
        for row in _rows()
    }


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = (files("klaster.graph") / "schema" / "industry_sections.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _section_of_division() -> dict[int, str]:
    return {
        division: row["section"]
        for row in _rows()
        for division in range(int(row["first_division"]), int(row["last_division"]) + 1)
    }


def section_of(code: str) -> str:
    """Return the section a code lies in; empty where it is no code of ISIC 4, NACE 2 or OKED.

    Understood are a section (``C``), a letter with divisions (``C10-C12``, ``CPA_A01``, ``C10T12``,
    ``J59_J60``), and divisions, groups and classes in digits (``24``, ``24.10``, ``2410``).

    Examples
    --------
    >>> [section_of(code) for code in ("C", "CPA_A01", "C10-C12", "24.10", "05", "1111A0", "c12")]
    ['C', 'A', 'C', 'C', 'B', '', '']
    """
    text = code.strip()
    lettered = _LETTER.fullmatch(text)
    if lettered:
        letter, rest = lettered.groups()
        known = {_section_of_division().get(division) for division in _divisions(rest)}
        return letter if known <= {letter} else ""
    if _DIGITS.fullmatch(text):
        return _section_of_division().get(int(text[:2]), "")
    return ""


def division_of(code: str) -> str:
    """Return the two digits of the division a code lies in.

    A section, or a code of several divisions (``C10-C12``), has none: it comes back as it is,
    without a prefix ``CPA_``. Empty where :func:`section_of` is.

    Examples
    --------
    >>> [division_of(code) for code in ("L68A", "24.10", "C10-C12", "CPA_A01", "steel")]
    ['68', '24', 'C10-C12', '01', '']
    """
    if not section_of(code):
        return ""
    text = code.strip().removeprefix("CPA_")
    if text[0].isdigit():
        return text[:2]
    found = sorted(set(_divisions(text[1:])))
    spans = "T" in text[1:] or "-" in text
    return f"{found[0]:02d}" if len(found) == 1 and not spans else text


def matching_industry(code: str, known: Iterable[str]) -> str:
    """Return the industry of a table that a code of an organisation lies in; empty for none.

    The same code, else the one industry of the same division, else the one of the same section.

    Examples
    --------
    >>> matching_industry("24.10", ["B", "C"]), matching_industry("24.10", ["C24", "C25"])
    ('C', 'C24')
    """
    industries = sorted(known)
    if code in industries:
        return code
    for level in (division_of, section_of):
        own = level(code)
        same = [industry for industry in industries if own and level(industry) == own]
        if len(same) == 1:
            return same[0]
    return ""


def _divisions(text: str) -> list[int]:
    return [int(part[:2]) for part in re.findall(r"[0-9]{2,}", text)]


def code_mapping(codes: Iterable[str], level: CodeLevel = "section") -> dict[str, str]:
    """Return section or division of each code, for :meth:`IOTable.aggregate`.

    Parameters
    ----------
    codes
        Codes of ISIC 4, NACE 2 or OKED. Those of NAICS, WIOD or a table of one's own are refused
        rather than guessed: write the mapping for them.
    level
        ``section`` or ``division``.

    Raises
    ------
    InputError
        Naming every code that is none.

    Examples
    --------
    >>> code_mapping(["A01", "A02", "C24"])
    {'A01': 'A', 'A02': 'A', 'C24': 'C'}
    """
    take = section_of if level == "section" else division_of
    mapping = {code: take(code) for code in codes}
    unknown = [code for code, found in mapping.items() if not found]
    if unknown:
        raise InputError(
            [
                Fault(
                    file="the codes",
                    code="unknown-code",
                    value=code,
                    problem="it is no code of ISIC 4, NACE 2 or OKED",
                    remedy=f"Give aggregate() a mapping from your codes to {level}s.",
                )
                for code in unknown
            ],
            "the codes",
        )
    return mapping
