"""Texts of a page that holds all its languages at once; the reader shows one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from klaster.viz.texts.store import Titles, fill, load, name_of, number, percent, title_in, word


class Texts:
    """Texts in all languages of a page, each marked with its language.

    Parameters
    ----------
    languages
        Languages of the page.
    table
        The table of the store that :meth:`say` looks into.
    nodes
        All nodes by key, for names.

    Examples
    --------
    >>> str(Texts(["en"], "io").say("cluster", n=2))
    'Cluster 2'
    """

    def __init__(
        self,
        languages: Sequence[str],
        table: str,
        nodes: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.languages, self.table, self.nodes = tuple(languages), table, nodes or {}

    def of(self, table: str) -> Texts:
        """Return the texts of another table."""
        return Texts(self.languages, table, self.nodes)

    def each(self, text: Callable[[str], str]) -> Markup:
        """Return a text in each language; once only where it is the same in all."""
        found = {lang: text(lang) for lang in self.languages}
        if len(set(found.values())) == 1:
            return escape(next(iter(found.values())))
        return Markup("").join(
            Markup('<span lang="{0}" data-l="{0}">{1}</span>').format(lang, shown)
            for lang, shown in found.items()
        )

    def say(self, key: str, **values: Any) -> Markup:
        """Return a message in each language; a value may be a function of the language."""
        return self.each(lambda lang: self.filled(key, lang, **values))

    def filled(self, key: str, lang: str, **values: Any) -> str:
        """Return a message in one language."""
        plain = {k: v(lang) if callable(v) else v for k, v in values.items()}
        return fill(word(self.table, key, lang), lang, self.nodes, **plain)

    def word(self, table: str, key: str) -> Markup:
        """Return one word; a key there is no word for is shown as it is."""
        return self.each(lambda lang: str(load(lang)[table].get(key, key)))

    def known(self, prefix: str, key: str) -> Markup:
        """Return the word for a key of data, ``prefix_key``; the key itself where there is none."""
        return self.each(lambda lang: str(load(lang)[self.table].get(f"{prefix}_{key}", key)))

    def number(self, value: float | None, digits: int | None = None) -> Markup:
        """Return a number as each language writes it; a dash for None."""
        return self.each(lambda lang: "–" if value is None else number(value, lang, digits))

    def percent(self, value: float) -> Markup:
        """Return a share as each language writes it."""
        return self.each(lambda lang: percent(float(value), lang))

    def title(self, titles: Titles | str) -> Markup:
        """Return a name given in one or several languages."""
        return self.each(lambda lang: title_in(titles, lang))

    def name(self, node_id: str) -> Markup:
        """Return a node's name in each language."""
        return self.each(lambda lang: name_of(self.nodes[node_id], lang))

    def svg(self, text: Callable[[str], str], x: float, y: float, kind: str) -> Markup:
        """Return ``<text>`` elements of a drawing, one a language that differs."""
        found = {lang: text(lang) for lang in self.languages}
        place = Markup('x="{}" y="{}" class="{}"').format(round(x, 1), round(y, 1), kind)
        if len(set(found.values())) == 1:
            return Markup("<text {}>{}</text>").format(place, next(iter(found.values())))
        return Markup("").join(
            Markup('<text {} lang="{}" data-l="{}">{}</text>').format(place, lang, lang, shown)
            for lang, shown in found.items()
        )
