"""Elements of an inline drawing: numbers are rounded, texts and attributes are escaped."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape


def shape(tag: str, kind: str = "", within: str = "", **attributes: str | float) -> Markup:
    """Return one element of a drawing, its class last; ``stroke_width`` becomes ``stroke-width``.

    Examples
    --------
    >>> str(shape("rect", "frame", x=1 / 3, y=2, width=10.0))
    '<rect x="0.3" y="2" width="10" class="frame"/>'
    """
    shown = {
        name.replace("_", "-"): value if isinstance(value, str) else f"{round(value, 1):g}"
        for name, value in attributes.items()
    }
    if kind:
        shown["class"] = kind
    inside = Markup("").join(Markup(' {}="{}"').format(*pair) for pair in shown.items())
    name = Markup(tag)
    if not within:
        return Markup("<{}{}/>").format(name, inside)
    return Markup("<{}{}>{}</{}>").format(name, inside, escape(within), name)


def drawing(
    width: float, height: float, parts: Iterable[Markup], label: str = "", kind: str = ""
) -> Markup:
    """Return a whole drawing; ``label`` is what a screen reader says of it."""
    named = Markup(' aria-label="{}"').format(label) if label else ""
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="img"{}>{}</svg>').format(
        f"chart {kind}".strip(), round(width), round(height), named, Markup("").join(parts)
    )
