"""One text for a name however it was typed, and names that may belong to one actor."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

NOT_STATED = "not-stated"
"""The evidence of what nobody says how it is known."""

ASSUMED = "type and sphere are assumed"
"""The note of an actor that no table gives a type."""

_BLANKS = re.compile(r"[\s\u200b\u200e\u200f\u2060\ufeff]+")
_QUOTES = re.compile("[\"'«»“”„‟‘’‚‛`´ʼ]")


def plain_name(text: str) -> str:
    """Return a name in composed letters (NFC), with single blanks and none at its ends.

    Examples
    --------
    >>> plain_name(" Qarmet\u00a0 JSC ")
    'Qarmet JSC'
    """
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", text).strip())


def look_alikes(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the groups of names that differ only in capitals, quotation marks or blanks.

    Examples
    --------
    >>> look_alikes(["АО «Мельница»", 'АО "мельница"', "Шахта"])
    [('АО "мельница"', 'АО «Мельница»')]
    """
    groups: dict[str, set[str]] = {}
    for name in names:
        groups.setdefault("".join(_QUOTES.sub("", name).casefold().split()), set()).add(name)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def made_actor(key: str) -> dict[str, Any]:
    """Return the node of an actor that only ties name: a firm of sphere business, as is assumed."""
    return {
        "id": key, "kind": "Actor", "name": key, "actor_type": "Firm", "sphere": "business",
        "evidence": NOT_STATED, "note": ASSUMED,
    }  # fmt: skip
