"""What every page shares: its look, its shell, data inside it, and that nothing is loaded."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from klaster.viz.texts.store import Titles, load, title_in

if TYPE_CHECKING:
    from jinja2 import Environment

NOT_STATED = "not stated"
"""What stands as source where nobody states one: no reference, and no grade of its own."""

THEMES = ("light", "dark", "contrast", "print")
"""Sets of colours in ``tokens.json``; those after the first say only what they change."""

_MEDIA = {
    "dark": "screen and (prefers-color-scheme: dark)",
    "contrast": "(prefers-contrast: more) and (prefers-color-scheme: light)",
    "print": "print",
}


@cache
def asset(name: str) -> str:
    """Return the text of a file of ``viz/theme``."""
    return (files("klaster.viz") / "theme" / name).read_text(encoding="utf-8")


@cache
def tokens() -> dict[str, Any]:
    """Return what all pages look like, as data: colours by theme, signs of nodes, lines of ties.

    Node colours are those of Okabe and Ito, line colours follow Tol's muted scheme: both can be
    told apart with the common forms of colour blindness; shape and wording repeat the message.
    """
    found: dict[str, Any] = json.loads(asset("tokens.json"))
    return found


def style(*names: str, themes: Iterable[str] = THEMES) -> str:
    """Return the style sheet of a page: the colours of each theme, then these files.

    Examples
    --------
    >>> style(themes=("light",))[:22]
    ':root { color-scheme: '
    """
    rules = []
    for theme in themes:
        colours = tokens()["colours"][theme]
        scheme = f"color-scheme: {theme}; " if theme in ("light", "dark") else ""
        listed = " ".join(f"--{name}: {colour};" for name, colour in colours.items())
        rule = f":root {{ {scheme}{listed} }}\n"
        rules.append(f"@media {_MEDIA[theme]} {{ {rule.strip()} }}\n" if theme in _MEDIA else rule)
    return "".join([*rules, *(asset(name) for name in names)])


def vis_network() -> str:
    """Return the vis-network script that pyvis carries, without its link to a source map."""
    path = files("pyvis") / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if not line.startswith("//# sourceMappingURL")]
    return "\n".join(lines).replace("</script", "<\\/script")


def json_for_script(value: object) -> str:
    r"""Return JSON that may stand inside ``<script>``: no text in it can end the element.

    NaN and infinity become null.

    Examples
    --------
    >>> json_for_script({"name": "</script><b>&"})
    '{"name":"\\u003c/script\\u003e\\u003cb\\u003e\\u0026"}'
    """
    text = json.dumps(
        _finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _finite(value: object) -> object:
    """Return plain Python values: numpy scalars unwrapped, NaN and infinity as None."""
    if hasattr(value, "tolist") and not isinstance(value, (str, bytes)):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def link(text: str) -> str:
    """Return the address if the text is one a page may link to, else nothing.

    Examples
    --------
    >>> link("https://example.org/a"), link("javascript:alert(1)"), link("Turekulova et al.")
    ('https://example.org/a', '', '')
    """
    if any(sign.isspace() or sign in "<>\"'`\\" for sign in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


def source_parts(
    text: str | None, sources: Mapping[str, Any] | None = None
) -> list[dict[str, str]]:
    """Return the references of a ``source`` cell, each as text, address and title.

    Parameters
    ----------
    text
        Short references or addresses, several separated by ``"; "``; none where it is not stated.
    sources
        For a reference, its full text, or a mapping with ``reference`` or
        ``title``.

    Examples
    --------
    >>> source_parts("Author 2014; https://example.org/a", {"Author 2014": "Author (2014). Book."})
    [{'text': 'Author 2014', 'url': '', 'title': 'Author (2014). Book.'}, \
{'text': 'https://example.org/a', 'url': 'https://example.org/a', 'title': ''}]
    """
    result = []
    for part in (piece.strip() for piece in (text or "").split("; ")):
        if part in ("", NOT_STATED):
            continue
        entry = (sources or {}).get(part, "")
        if isinstance(entry, Mapping):
            keys = ("reference", "title")
            entry = next((str(entry[key]) for key in keys if entry.get(key)), "")
        result.append({"text": part, "url": link(part), "title": str(entry)})
    return result


def digest_of(script: str) -> str:
    """Return a script's digest as a content security policy names it."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest())
    return f"'sha256-{digest.decode('ascii')}'"


def policy(scripts: Iterable[str]) -> str:
    """Return the content security policy: these very scripts may run, nothing may be fetched."""
    allowed = " ".join(digest_of(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def environment() -> Environment:
    """Return the template environment: everything is escaped unless marked safe."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("klaster.viz", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(
    template: str,
    view: Any,
    titles: Titles | str,
    languages: Sequence[str],
    *,
    styles: Sequence[str] = ("report.css",),
    **values: Any,
) -> str:
    """Return a page with a head and a switch of language; ``view`` has ``t`` and ``given``."""
    script, first = asset("switch.js"), languages[0]
    page = environment().get_template(template)
    text: str = page.render(
        view=view,
        t=view.t,
        given=view.given,
        languages=[(lang, load(lang)["language"]) for lang in languages],
        first=first,
        heading=title_in(titles, first),
        titles=[(lang, title_in(titles, lang)) for lang in languages],
        policy=policy([script]),
        script=script,
        style=style("base.css", *styles),
        **values,
    )
    return text
