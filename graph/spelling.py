"""One form for a name however it is spelt: Cyrillic or Latin, Russian or Kazakh letters.

«Qarmet», «Кармет» and «Қармет» become the same text, so that a search finds one by the other.
The page does the same to what is typed, with the same tables (:func:`search_tables`).
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


def search_tables() -> dict[str, object]:
    """Return what :func:`search_key` is made with, for pages that do the same in JavaScript."""
    return {"letters": LETTERS, "spellings": SPELLINGS, "skipped": SKIPPED}


def transliterated(text: str) -> str:
    """Return a text in small Latin letters and digits, words apart by one space.

    Letters of scripts other than Latin and Cyrillic stay as they are.

    Examples
    --------
    >>> transliterated("Выручка, млн ₸"), transliterated("Қармет")
    ('viruchka mln', 'karmet')
    """
    letters = []
    for sign in unicodedata.normalize("NFKD", text).lower():
        if unicodedata.category(sign).startswith("M") or sign in SKIPPED:
            continue
        letters.append(LETTERS.get(sign, sign) if sign.isalpha() or sign.isdecimal() else " ")
    return " ".join("".join(letters).split())


def search_key(text: str) -> str:
    """Return the one form of a name however it is spelt, by which a search finds it.

    Examples
    --------
    >>> search_key("Qarmet"), search_key("Кармет"), search_key("Қармет")
    ('karmet', 'karmet', 'karmet')
    >>> search_key("АО «Усть-Каменогорский завод»"), search_key("Ust-Kamenogorsky Zavod")
    ('ao ust kamenogorski zavod', 'ust kamenogorski zavod')
    """
    key = transliterated(text)
    for written, sound in SPELLINGS:
        key = key.replace(written, sound)
    return " ".join(key.split())
