"""Texts of the pages on input–output tables, in English, Russian and Kazakh.

They lie in ``viz/messages/io.*.json``, one file a language with the same keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from klaster.graph.errors import UnknownNameError
from klaster.viz.texts.words import fill, messages, number, percent, title_in

if TYPE_CHECKING:
    from markupsafe import Markup


def io_messages(lang: str) -> Mapping[str, str]:
    """Return all texts of one language.

    Raises
    ------
    UnknownNameError
        For a language there are no texts for.

    Examples
    --------
    >>> io_messages("ru")["industry"]
    'Отрасль'
    """
    return messages(lang, "io.")


def io_word(key: str, lang: str) -> str:
    """Return one text.

    Raises
    ------
    UnknownNameError
        For a key there is no text for.
    """
    table = io_messages(lang)
    if key not in table:
        raise UnknownNameError("message", key, table)
    return table[key]


class Texts:
    """Texts in all languages of a page at once, each marked with its language.

    Parameters
    ----------
    languages
        Languages of the page.

    Examples
    --------
    >>> str(Texts(["en"]).say("cluster", n=2))
    'Cluster 2'
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)

    def each(self, text: Callable[[str], str]) -> Markup:
        """Return a text in each language; once only where it is the same in all."""
        from markupsafe import Markup, escape

        found = {lang: text(lang) for lang in self.languages}
        if len(set(found.values())) == 1:
            return escape(next(iter(found.values())))
        return Markup("").join(
            Markup('<span lang="{0}" data-l="{0}">{1}</span>').format(lang, shown)
            for lang, shown in found.items()
        )

    def say(self, key: str, **values: Any) -> Markup:
        """Return a message in each language; a value may be a function of the language."""
        return self.each(lambda lang: self.filled(key, lang, values))

    def filled(self, key: str, lang: str, values: Mapping[str, Any]) -> str:
        """Return a message in one language."""
        plain = {k: v(lang) if callable(v) else v for k, v in values.items()}
        return fill(io_word(key, lang), lang, **plain)

    def known(self, prefix: str, key: str) -> Markup:
        """Return the word for a key; the key itself where there is none."""
        return self.each(lambda lang: io_messages(lang).get(f"{prefix}_{key}", key))

    def number(self, value: float, digits: int | None = None) -> Markup:
        """Return a number as each language writes it."""
        return self.each(lambda lang: number(float(value), lang, digits))

    def percent(self, value: float) -> Markup:
        """Return a share as each language writes it."""
        return self.each(lambda lang: percent(float(value), lang))

    def title(self, titles: Mapping[str, str] | str) -> Markup:
        """Return a name given in one or several languages."""
        return self.each(lambda lang: title_in(titles, lang))

    def svg(self, text: Callable[[str], str], x: float, y: float, kind: str) -> Markup:
        """Return ``<text>`` elements of a drawing, one a language that differs."""
        from markupsafe import Markup

        found = {lang: text(lang) for lang in self.languages}
        place = Markup('x="{}" y="{}" class="{}"').format(round(x, 1), round(y, 1), kind)
        if len(set(found.values())) == 1:
            return Markup("<text {}>{}</text>").format(place, next(iter(found.values())))
        return Markup("").join(
            Markup('<text {} lang="{}" data-l="{}">{}</text>').format(place, lang, lang, shown)
            for lang, shown in found.items()
        )
