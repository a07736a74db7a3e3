"""The one store of words: English, Russian and Kazakh, and how each writes numbers and names.

The words lie beside this file, ``<family>.<language>.json``: ``pages`` (report, quality, network),
``cards`` (why a member is core), ``tables`` (input–output tables). Every language has the same
keys, and every text the same values to fill in. A key without a text is an error, never a blank.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from klaster.graph.errors import UnknownNameError
from klaster.graph.model import ClusterGraph

LANGUAGES = ("en", "ru", "kk")
"""The languages pages are written in; the first is shown when a page opens."""

FAMILIES = ("pages", "cards", "tables")
"""Files the words of one language lie in; each holds tables of its own."""

Titles = Mapping[str, str]
"""A text by language."""

Nodes = ClusterGraph | Mapping[str, Mapping[str, Any]]
"""Where names are looked up: a graph, or its nodes as dictionaries by key (quicker)."""


@cache
def load(lang: str) -> dict[str, Any]:
    """Return all texts of one language, table by table.

    Raises
    ------
    UnknownNameError
        For a language there are no texts for.

    Examples
    --------
    >>> load("kk")["language"]
    'Қазақша'
    """
    if lang not in LANGUAGES:
        raise UnknownNameError("language", lang, LANGUAGES)
    found: dict[str, Any] = {}
    for family in FAMILIES:
        path = files("klaster.viz") / "texts" / f"{family}.{lang}.json"
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def word(table: str, key: str, lang: str) -> str:
    """Return one text: ``word("evidence", "paper", "en")``.

    Raises
    ------
    UnknownNameError
        For a table or key there is no text for.

    Examples
    --------
    >>> word("evidence", "measured", "ru")
    'измерено'
    """
    tables = load(lang)
    if table not in tables:
        raise UnknownNameError("message table", table, tables)
    if key not in tables[table]:
        raise UnknownNameError(f"message of {table!r}", key, tables[table])
    return str(tables[table][key])


def plural(count: float, lang: str) -> int:
    """Return which form of a noun goes with a number: 0 for one, 1 for few, 2 for many.

    English has two forms, Russian three, Kazakh one: a noun after a number stays singular.

    Examples
    --------
    >>> [plural(n, "ru") for n in (1, 3, 5, 11, 21)], plural(1, "en"), plural(3, "kk")
    ([0, 1, 2, 2, 0], 0, 0)
    """
    if lang != "ru":
        return 0 if lang == "kk" or count == 1 else 1
    last, tens = count % 10, count % 100
    if last == 1 and tens != 11:
        return 0
    return 1 if last in (2, 3, 4) and tens not in (12, 13, 14) else 2


def counted(count: float, noun: str, lang: str) -> str:
    """Return a number with its noun in the form that goes with it.

    Examples
    --------
    >>> counted(1, "tie", "en"), counted(5, "tie", "ru"), counted(5, "tie", "kk")
    ('1 tie', '5 связей', '5 байланыс')
    """
    form = word("noun", noun, lang).split("|")[plural(count, lang)]
    return f"{number(count, lang)} {form}"


def node_of(nodes: Nodes, node_id: str) -> Mapping[str, Any]:
    """Return a node as a dictionary."""
    return nodes.node(node_id) if isinstance(nodes, ClusterGraph) else nodes[node_id]


def name_of(node: Mapping[str, Any], lang: str) -> str:
    """Return a node's name in a language, else in the nearest language it has one in.

    Examples
    --------
    >>> name_of({"id": "x", "name": "Mine", "name_ru": "Рудник"}, "kk")
    'Рудник'
    """
    order = {"en": ("name_en", "name"), "ru": ("name_ru", "name"), "kk": ("name_kk", "name_ru")}
    for key in (*order.get(lang, ()), "name", "name_en", "id"):
        if node.get(key):
            return str(node[key])
    return ""


def title_in(titles: Titles | str, lang: str) -> str:
    """Return a title in a language, else in the first language it is given in.

    Examples
    --------
    >>> title_in({"en": "Mining", "ru": "Добыча"}, "kk")
    'Добыча'
    """
    if isinstance(titles, str):
        return titles
    order = {"kk": ("kk", "ru", "en"), "ru": ("ru", "en"), "en": ("en", "ru")}
    for key in (*order.get(lang, ()), *titles):
        if titles.get(key):
            return str(titles[key])
    return ""


def number(value: float, lang: str, digits: int | None = None) -> str:
    r"""Return a number as the language writes it: decimal comma and spaces in ru and kk.

    Parameters
    ----------
    value
        The number; NaN becomes an en dash.
    lang
        Language.
    digits
        Places after the decimal sign; by default as many as needed, at most three.

    Examples
    --------
    >>> number(12345.5, "en"), number(12345.5, "ru"), number(float("nan"), "en")
    ('12,345.5', '12\xa0345,5', '–')
    """
    if isinstance(value, float) and math.isnan(value):
        return "–"
    text = f"{value:,.{3 if digits is None else digits}f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    if text.startswith("-"):
        text = "−" + text[1:]
    if lang == "en":
        return text
    return text.replace(",", "\u00a0").replace(".", ",")


def shortened(text: str, limit: int) -> str:
    """Return a text cut to so many letters, the last an ellipsis where it was longer.

    Examples
    --------
    >>> shortened("Karaganda", 6), shortened("Almaty", 6)
    ('Karag…', 'Almaty')
    """
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def percent(share: float, lang: str) -> str:
    r"""Return a share as a whole percentage; a small share is never shown as zero.

    Examples
    --------
    >>> percent(0.316, "en"), percent(0.316, "ru"), percent(0.001, "en")
    ('32%', '32\xa0%', '<1%')
    """
    if math.isnan(share):
        return "–"
    sign = "%" if lang == "en" else "\u00a0%"
    if 0 < share < 0.01:
        return f"<1{sign}"
    if 0.99 < share < 1:
        return f">99{sign}"
    return f"{number(100 * share, lang, 0)}{sign}"


def probability(p: float, lang: str) -> str:
    """Return a p-value with the digits that tell something.

    Examples
    --------
    >>> probability(0.004975, "en"), probability(0.2, "ru")
    ('0.005', '0,2')
    """
    return number(p, lang, None if math.isnan(p) or p >= 0.001 else 5)


class _Words(Formatter):
    """``str.format`` whose fields say how a value is written: ``{share:percent}``."""

    def __init__(self, lang: str, graph: Nodes | None = None) -> None:
        self.lang, self.graph = lang, graph

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        if isinstance(key, str) and key not in kwargs:
            raise UnknownNameError("value of a sentence", key, kwargs)
        return super().get_value(key, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "percent":
            return percent(float(value), self.lang)
        if format_spec == "probability":
            return probability(float(value), self.lang)
        if format_spec == "short":
            return number(float(f"{value:.2g}"), self.lang)
        if format_spec.isdecimal():
            return number(float(value), self.lang, int(format_spec))
        if format_spec == "node":
            return self._node(str(value))
        if format_spec == "nodes":
            return ", ".join(self._node(part) for part in _listed(value))
        if format_spec.startswith("word-"):
            table = format_spec.removeprefix("word-")
            return ", ".join(word(table, part, self.lang).lower() for part in _listed(value))
        if format_spec.startswith("count-"):
            return counted(value, format_spec.removeprefix("count-"), self.lang)
        if format_spec:
            known = ("percent", "probability", "short", "2", "node", "nodes", "word-…", "count-…")
            raise UnknownNameError("way to write a value", format_spec, known)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return str(value)
        return number(value, self.lang)

    def _node(self, node_id: str) -> str:
        if self.graph is None or node_id not in self.graph:
            return quoted(node_id, self.lang)
        return quoted(name_of(node_of(self.graph, node_id), self.lang), self.lang)


def _listed(value: Any) -> list[str]:
    """Return the parts of a list, or of a text with commas or semicolons."""
    if isinstance(value, str):
        return [part.strip() for part in value.replace(";", ",").split(",") if part.strip()]
    return [str(part) for part in value]


def fill(template: str, lang: str, graph: Nodes | None = None, /, **values: Any) -> str:
    """Put values into a text, each as the language writes it.

    After a colon stands how: ``percent``; ``probability``; ``short``, two significant digits; so
    many places after the decimal sign; ``node`` and ``nodes``, the names of keys; ``word-TABLE``,
    words of a table; ``count-NOUN``, a number with its noun.

    Examples
    --------
    >>> fill("{n:count-tie}, {share:percent}", "en", n=1234, share=0.5)
    '1,234 ties, 50%'
    """
    return _Words(lang, graph).vformat(template, (), values)


def quoted(name: str, lang: str) -> str:
    """Return a name as it stands in a sentence: in guillemets in Russian and Kazakh.

    Examples
    --------
    >>> quoted("Qarmet", "ru"), quoted("АО «Казцинк»", "ru"), quoted("Qarmet", "en")
    ('«Qarmet»', 'АО «Казцинк»', 'Qarmet')
    """
    if "«" in name:
        return name
    return word("text", "quote", lang).format(name=name)
