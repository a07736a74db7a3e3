"""Small charts as SVG text: lines with error bars, and cumulative steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float, float]
"""Where, how much, and half the width of the error bar."""

COLORS = ("#0b4f8a", "#c0392b", "#2e7d32", "#8e5ea2", "#d98200", "#555555")
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2", "10 4")
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 330, 240, 56, 46, 70


@dataclass(frozen=True)
class Panel:
    """One chart of a row: a title, named lines, and the range of the upright axis."""

    title: str
    lines: Mapping[str, Sequence[Point]]
    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float] = (0.0, 1.0)


def svg(title: str, panels: Sequence[Panel], *, dots: bool = True) -> str:
    """Return panels side by side, with one legend for all below."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    width = _LEFT + len(panels) * (_WIDTH + _GAP)
    height = _TOP + _HEIGHT + 60 + 18 * ((len(names) + 2) // 3)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" role="img">'
        ),
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="18" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, _LEFT + number * (_WIDTH + _GAP), names, dots)
    for number, name in enumerate(names):
        x = _LEFT + (number % 3) * (width - _LEFT) / 3
        y = _TOP + _HEIGHT + 56 + 18 * (number // 3)
        parts.append(
            f'<path d="M{x:.1f} {y - 4:.1f}h26" {_stroke(number)}/>'
            f'<text x="{x + 32:.1f}" y="{y:.1f}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _stroke(number: int) -> str:
    color = COLORS[number % len(COLORS)]
    dash = _DASHES[number % len(_DASHES)]
    return f'fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"'


def _panel(panel: Panel, left: float, names: Sequence[str], dots: bool) -> list[str]:
    (x_low, x_high), (y_low, y_high) = panel.x_range, panel.y_range

    def x_of(value: float) -> float:
        return left + (value - x_low) / (x_high - x_low) * _WIDTH

    def y_of(value: float) -> float:
        return _TOP + _HEIGHT - (value - y_low) / (y_high - y_low) * _HEIGHT

    parts = [
        f'<text x="{left}" y="{_TOP - 8}" font-weight="bold">{escape(panel.title)}</text>',
        (
            f'<rect x="{left}" y="{_TOP}" width="{_WIDTH}" height="{_HEIGHT}" fill="none" '
            'stroke="#999999"/>'
        ),
        (
            f'<text x="{left + _WIDTH / 2}" y="{_TOP + _HEIGHT + 34}" text-anchor="middle">'
            f"{escape(panel.x_label)}</text>"
        ),
        (
            f'<text transform="translate({left - 38} {_TOP + _HEIGHT / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(panel.y_label)}</text>'
        ),
    ]
    for step in range(6):
        x, y = x_low + step * (x_high - x_low) / 5, y_low + step * (y_high - y_low) / 5
        parts.append(
            f'<text x="{x_of(x):.1f}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle">{x:.2g}</text>'
            f'<text x="{left - 6}" y="{y_of(y) + 4:.1f}" text-anchor="end">{y:.2g}</text>'
            f'<path d="M{left} {y_of(y):.1f}h{_WIDTH}" stroke="#e5e5e5"/>'
        )
    for name, points in panel.lines.items():
        number = names.index(name)
        path = " ".join(
            f"{'L' if k else 'M'}{x_of(x):.1f} {y_of(y):.1f}" for k, (x, y, _) in enumerate(points)
        )
        parts.append(f'<path d="{path}" {_stroke(number)}/>')
        for x, y, error in points if dots else ():
            color = COLORS[number % len(COLORS)]
            parts.append(
                f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3" fill="{color}"/>'
                f'<path d="M{x_of(x):.1f} {y_of(min(y + error, y_high)):.1f}'
                f'V{y_of(max(y - error, y_low)):.1f}" stroke="{color}"/>'
            )
    return parts
