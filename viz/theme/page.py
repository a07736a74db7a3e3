"""What every page shares: templates, data inside a page, and the policy that nothing leaves it."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from jinja2 import Environment


def asset(name: str) -> str:
    """Return the text of a file of ``viz/assets``."""
    return (files("klaster.viz") / "assets" / name).read_text(encoding="utf-8")


def palette() -> dict[str, Any]:
    """Return the colours and shapes, the same on all pages.

    Node colours are those of Okabe and Ito, line colours follow Tol's muted scheme: both can be
    told apart with the common forms of colour blindness; shape and wording repeat the message.
    """
    found: dict[str, Any] = json.loads(asset("palette.json"))
    return found


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
        Short references or addresses, several separated by ``"; "``.
    sources
        For a reference, its full text, or a mapping with ``reference`` or
        ``title``.

    Examples
    --------
    >>> source_parts("Author 2014; https://example.org/a", {"Author 2014": "Author (2014). Book."})
    [{'text': 'Author 2014', 'url': '', 'title': 'Author (2014). Book.'}, \
{'text': 'https://example.org/a', 'url': 'https://example.org/a', 'title': ''}]
    """
    parts = [part.strip() for part in (text or "").split("; ")]
    result = []
    for part in parts:
        if not part:
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
