"""One form for a name however it is spelt: Cyrillic or Latin, Russian or Kazakh letters.

«Qarmet», «Кармет» and «Қармет» become the same text, so that a search finds one by the other.
The page folds what is typed with the same tables (:func:`tables`).
"""

from __future__ import annotations

import unicodedata

LETTERS = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ж": "zh",
    "з": "z", "и": "i", "і": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n",
    "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u",
    "ф": "f", "х": "h", "һ": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i",
    "ь": "", "э": "e", "ю": "iu", "я": "ia", "ў": "u", "є": "e", "ґ": "g", "ј": "zh",
    "ı": "i", "ß": "ss", "æ": "a", "ø": "o", "ə": "a", "ł": "l", "đ": "d",
}  # fmt: skip
"""Letters that decomposition leaves, and what they become."""

SPELLINGS = (
    ("q", "k"), ("w", "v"), ("x", "ks"), ("ph", "f"), ("kh", "h"), ("gh", "g"), ("tz", "ts"),
    ("shch", "sh"), ("sch", "sh"), ("dzh", "zh"), ("j", "zh"), ("y", "i"), ("ck", "k"),
    ("ch", "\u0001"), ("ce", "se"), ("ci", "si"), ("c", "k"), ("\u0001", "ch"), ("ie", "e"),
    ("ii", "i"), ("aa", "a"), ("bb", "b"), ("dd", "d"), ("ee", "e"), ("ff", "f"), ("gg", "g"),
    ("kk", "k"), ("ll", "l"), ("mm", "m"), ("nn", "n"), ("oo", "o"), ("pp", "p"), ("rr", "r"),
    ("ss", "s"), ("tt", "t"), ("uu", "u"), ("vv", "v"), ("zz", "z"),
)  # fmt: skip
"""Spellings of one sound in Latin letters, replaced in this order."""

SKIPPED = "'’‘ʼʹʺ`´\""
"""Signs inside a word that do not end it."""


def tables() -> dict[str, object]:
    """Return the tables for the page."""
    return {"letters": LETTERS, "spellings": SPELLINGS, "skipped": SKIPPED}


def fold(text: str) -> str:
    """Return a text in its one form: small Latin letters and digits, words apart by one space.

    Letters of scripts other than Latin and Cyrillic stay as they are.

    Examples
    --------
    >>> fold("Qarmet"), fold("Кармет"), fold("Қармет")
    ('karmet', 'karmet', 'karmet')
    >>> fold("АО «Усть-Каменогорский завод»"), fold("Ust-Kamenogorsky Zavod")
    ('ao ust kamenogorski zavod', 'ust kamenogorski zavod')
    """
    plain = unicodedata.normalize("NFKD", text).lower()
    letters = []
    for sign in plain:
        if unicodedata.category(sign).startswith("M") or sign in SKIPPED:
            continue
        if sign.isalpha() or sign.isdecimal():
            letters.append(LETTERS.get(sign, sign))
        else:
            letters.append(" ")
    folded = "".join(letters)
    for written, sound in SPELLINGS:
        folded = folded.replace(written, sound)
    return " ".join(folded.split())
