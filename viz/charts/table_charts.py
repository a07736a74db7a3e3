"""Drawings of an input–output table as inline SVG: heat map, quadrants, tree, flows, bars.

Each function takes plain arrays, ``codes`` and ``names`` of the industries and the texts ``t`` of
the page, and returns one ``<svg>``; nothing is fetched and nothing runs. Names are escaped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from klaster.graph.model import FloatArray
from klaster.viz.charts.svg import drawing, shape
from klaster.viz.texts.page_texts import Texts
from klaster.viz.texts.store import number, percent, shortened, title_in

Names = Sequence[Mapping[str, str] | str]
"""Name of each industry: one text, or one a language."""

HEAT_CLASSES = (0.005, 0.01, 0.02, 0.05, 0.1)
"""Lower ends of the classes of an input coefficient that are drawn."""
MOST_CELLS = 12_000
MOST_LEAVES = 70
MOST_LABELS = 22

_SERIES = 8


def _colour(k: int) -> str:
    """Return the colour of the k-th series, from 0; they come round."""
    return f"var(--series-{k % _SERIES + 1})"


def _shown(name: Mapping[str, str] | str, limit: int, code: str = "") -> Callable[[str], str]:
    def text(lang: str) -> str:
        title = title_in(name, lang)
        return shortened(title if not code or code == title else f"{code} {title}", limit)

    return text


def _same(text: str, lang: str) -> str:
    return text


def cluster_order(labels: Sequence[int], size: FloatArray) -> list[int]:
    """Return the industries cluster by cluster, the largest first in each; those in none last.

    Examples
    --------
    >>> cluster_order([2, 0, 1, 1], np.array([5.0, 9, 1, 3]))
    [3, 2, 0, 1]
    """
    return sorted(range(len(labels)), key=lambda k: (labels[k] or math.inf, -float(size[k]), k))


def heat_map(
    coefficients: FloatArray,
    labels: Sequence[int],
    order: Sequence[int],
    codes: Sequence[str],
    names: Names,
    t: Texts,
) -> tuple[Markup, int]:
    """Draw input coefficients with clusters framed; return the drawing and cells left out.

    Parameters
    ----------
    coefficients
        A, n × n; row sells, column buys.
    labels
        Cluster of each industry, 0 for none.
    order
        Order of the industries on both axes.
    """
    n = len(order)
    A = coefficients[np.ix_(order, order)]
    named = n <= 70
    left = 275.0 if named else 70.0
    cell = max(1.2, min(26.0, 620.0 / max(n, 1)))
    top = 60.0 if named else 20.0
    side = cell * n
    parts = [shape("rect", "ground", x=left, y=top, width=side, height=side)]
    off = A.copy()
    np.fill_diagonal(off, 0.0)
    drawn = int((off >= HEAT_CLASSES[0]).sum())
    least = HEAT_CLASSES[0]
    if drawn > MOST_CELLS:
        least = float(np.sort(off, axis=None)[-MOST_CELLS])
    step = round(cell, 3)
    for shade in range(1, 6):
        low = max(HEAT_CLASSES[shade - 1], least)
        high = HEAT_CLASSES[shade] if shade < 5 else math.inf
        where = np.argwhere((off >= low) & (off < high)).tolist()
        path = "".join(
            f"M{round(left + j * cell, 1)} {round(top + i * cell, 1)}h{step}v{step}h-{step}z"
            for i, j in where
        )
        if path:
            parts.append(shape("path", f"h{shade}", d=path))
    own = "".join(
        f"M{round(left + k * cell, 1)} {round(top + k * cell, 1)}h{step}v{step}h-{step}z"
        for k in range(n)
        if A[k, k] >= HEAT_CLASSES[0]
    )
    if own:
        parts.append(shape("path", "own", d=own))
    start = 0
    ordered = [labels[k] for k in order]
    for k in range(1, n + 1):
        if k < n and ordered[k] == ordered[start]:
            continue
        if ordered[start] and k - start > 1:
            at, long = start * cell, (k - start) * cell
            parts.append(shape("rect", "frame", x=left + at, y=top + at, width=long, height=long))
            if not named:
                middle = top + (start + k) / 2 * cell + 4
                parts.append(t.svg(partial(_same, str(ordered[start])), left - 8, middle, "edge"))
        start = k
    if named:
        size = max(6.5, min(11.0, cell * 0.95))
        for row, k in enumerate(order):
            y = top + row * cell + cell / 2 + size / 3
            text = t.svg(_shown(names[k], 36, codes[k]), left - 6, y, "edge sized")
            parts.append(shape("g", within=text, style=f"font-size:{size:.1f}px"))
            x = left + row * cell + cell / 2 + size / 3
            parts.append(
                shape(
                    "text",
                    "start sized",
                    shortened(codes[k], 8),
                    style=f"font-size:{size:.1f}px",
                    transform=f"translate({x:.1f} {top - 5}) rotate(-60)",
                )
            )
    label = "heat map of input coefficients"
    return drawing(left + side + 30, top + side + 8, parts, label, "wide"), max(
        0, drawn - MOST_CELLS
    )


def quadrants(
    backward: FloatArray,
    forward: FloatArray,
    classes: Sequence[str],
    output: FloatArray,
    codes: Sequence[str],
    names: Names,
    t: Texts,
) -> Markup:
    """Draw linkages: backward to the right, forward up, lines at the average (1)."""
    width, height, left, bottom, top, right = 760.0, 560.0, 56.0, 510.0, 14.0, 740.0
    known = np.flatnonzero(np.isfinite(backward) & np.isfinite(forward)).tolist()
    b, f = backward[known], forward[known]

    def span(values: FloatArray) -> tuple[float, float]:
        low, high = (min(1.0, float(values.min())), max(1.0, float(values.max())))
        room = max(0.06 * (high - low), 0.02)
        return low - room, high + room

    if not known:
        return drawing(width, height, [], "linkages")
    (x0, x1), (y0, y1) = span(b), span(f)

    def x(value: float) -> float:
        return left + (value - x0) / (x1 - x0) * (right - left)

    def y(value: float) -> float:
        return bottom - (value - y0) / (y1 - y0) * (bottom - top)

    parts = [shape("rect", "core-zone", x=x(1), y=top, width=right - x(1), height=y(1) - top)]
    for value in _ticks(x0, x1):
        parts.append(t.svg(partial(number, float(value)), x(value), bottom + 17, "tick"))
    for value in _ticks(y0, y1):
        parts.append(t.svg(partial(number, float(value)), left - 22, y(value) + 4, "tick"))
    parts += [
        shape("line", "axis", x1=left, x2=right, y1=bottom, y2=bottom),
        shape("line", "axis", x1=left, x2=left, y1=top, y2=bottom),
        shape("line", "one", x1=x(1), x2=x(1), y1=top, y2=bottom),
        shape("line", "one", x1=left, x2=right, y1=y(1), y2=y(1)),
    ]
    texts = {
        "backward": ((left + right) / 2, bottom + 38, "head"),
        "forward": (left + 6, top + 10, "start"),
        "class_key": (right - 6, top + 12, "corner right"),
        "class_backward": (right - 6, bottom - 8, "corner right"),
        "class_forward": (left + 6, top + 28, "corner"),
        "class_weak": (left + 6, bottom - 8, "corner"),
    }
    parts += [t.svg(partial(t.filled, key), *place) for key, place in texts.items()]
    most = float(output[known].max()) or 1.0
    by_size = sorted(known, key=lambda k: (-float(output[k]), k))
    for k in by_size:
        radius = 3.0 + 17.0 * math.sqrt(max(float(output[k]), 0.0) / most)
        told = shape("title", within=f"{codes[k]} {title_in(names[k], t.languages[0])}")
        kind = f"point dot-{classes[k] or 'weak'}"
        px, py = x(float(backward[k])), y(float(forward[k]))
        parts.append(shape("circle", kind, told, cx=px, cy=py, r=radius))
    spread_b, spread_f = float(b.std()) or 1.0, float(f.std()) or 1.0

    def telling(k: int) -> tuple[bool, float, int]:
        far = ((backward[k] - 1) / spread_b) ** 2 + ((forward[k] - 1) / spread_f) ** 2
        return classes[k] != "key", -float(far) - 2 * float(output[k]) / most, k

    def wide(key: str) -> float:
        return max(len(t.filled(key, lang)) for lang in t.languages) * 7.2

    # Texts in the corners; labels keep off them, not off the whole band they stand in.
    taken = [
        (left + 6, top, left + 6 + wide("forward"), top + 13),
        (left + 6, top + 18, left + 6 + wide("class_forward"), top + 31),
        (right - 6 - wide("class_key"), top + 2, right - 6, top + 15),
        (right - 6 - wide("class_backward"), bottom - 18, right - 6, bottom - 5),
        (left + 6, bottom - 18, left + 6 + wide("class_weak"), bottom - 5),
    ]
    most_taken = len(taken) + MOST_LABELS
    for k in sorted(known, key=telling)[: 3 * MOST_LABELS]:
        if len(taken) >= most_taken:
            break
        px, py = x(float(backward[k])), y(float(forward[k]))
        radius = 3.0 + 17.0 * math.sqrt(max(float(output[k]), 0.0) / most)
        widest = max(len(_shown(names[k], 26, codes[k])(lang)) for lang in t.languages) * 7.2
        for dx, dy, anchor in ((radius + 3, 4, ""), (-radius - 3, 4, " edge"), (radius, -radius - 2, ""),
                               (radius, radius + 9, ""), (-radius, -radius - 2, " edge")):  # fmt: skip
            x_from = px + dx - (widest if anchor else 0)
            box = (x_from, py + dy - 10, x_from + widest, py + dy + 3)
            inside = left < box[0] and box[2] < right and top < box[1] and box[3] < bottom
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                text = _shown(names[k], 26, codes[k])
                parts.append(t.svg(text, px + dx, py + dy, f"start{anchor}"))
                break
    return drawing(width, height, parts, "backward and forward linkages", "wide")


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two.

    Examples
    --------
    >>> _ticks(0.72, 1.41)
    [0.8, 1.0, 1.2, 1.4]
    """
    step: float = 10.0 ** math.floor(math.log10(max(high - low, 1e-9)))
    for factor in (2.0, 1.0, 0.5, 0.2):
        if (high - low) / (step * factor) >= 3:
            step *= factor
            break
    first = math.ceil(low / step)
    return [round(k * step, 10) for k in range(first, math.floor(high / step) + 1)]


def dendrogram(
    tree: FloatArray,
    leaves: Sequence[int],
    labels: Sequence[int],
    codes: Sequence[str],
    names: Names,
    t: Texts,
) -> Markup:
    """Draw an agglomeration of industries; large trees are folded to their last branches.

    Parameters
    ----------
    tree
        Linkage matrix of SciPy; heights are 1 − correlation.
    leaves
        Industry of each leaf of the tree.
    labels
        Cluster of each industry, for the colour of its name.
    """
    from scipy.cluster.hierarchy import dendrogram as layout

    folded = len(leaves) > MOST_LEAVES
    found: Any = layout(
        tree,
        no_plot=True,
        truncate_mode="lastp" if folded else None,
        p=MOST_LEAVES,
        labels=None,
    )
    shown = [int(k) for k in found["leaves"]]
    step, left, right, top = 15.0, 270.0, 740.0, 26.0
    highest = float(tree[:, 2].max()) or 1.0

    def x(height: float) -> float:
        return round(left + height / highest * (right - left), 1)

    def y(position: float) -> float:
        return round(top + position / 10.0 * step, 1)

    parts = []
    for value in _ticks(0.0, highest):
        parts.append(t.svg(partial(number, 1 - value), x(value), top - 12, "tick"))
        low = top + step * len(shown)
        parts.append(shape("line", "guide", x1=x(value), x2=x(value), y1=top - 6, y2=low))
    for positions, heights in zip(found["icoord"], found["dcoord"], strict=True):
        path = "M" + "L".join(f"{x(h)} {y(p)}" for p, h in zip(positions, heights, strict=True))
        parts.append(shape("path", "branch", d=path))
    for row, leaf in enumerate(shown):
        at = top + step * row + step / 2 + 4
        if leaf >= len(leaves):
            many = str(found["ivl"][row])
            parts.append(t.svg(partial(_same, many), left - 6, at, "edge soft"))
            continue
        k = leaves[leaf]
        colour = _colour(labels[k] - 1) if labels[k] else "var(--soft)"
        text = t.svg(_shown(names[k], 36, codes[k]), left - 6, at, "edge named")
        parts.append(shape("g", within=text, style=f"--c:{colour}"))
    height = top + step * len(shown) + 26
    parts.append(t.svg(partial(t.filled, "correlation"), (left + right) / 2, height - 6, "head"))
    return drawing(right + 20, height, parts, "dendrogram of trading profiles", "wide")


def sankey(
    flows: FloatArray,
    members: Sequence[int],
    codes: Sequence[str],
    names: Names,
    t: Texts,
    *,
    most: int = 14,
) -> Markup | None:
    """Draw the largest flows among the members of a cluster; None where there are none.

    Parameters
    ----------
    flows
        Z, n × n; row sells, column buys.
    members
        Industries of the cluster.
    most
        Flows that are drawn.
    """
    pairs = [(float(flows[i, j]), i, j) for i in members for j in members if i != j]
    largest = sorted((p for p in pairs if p[0] > 0), key=lambda p: (-p[0], p[1], p[2]))[:most]
    if not largest:
        return None
    sold: dict[int, float] = {}
    bought: dict[int, float] = {}
    for value, i, j in largest:
        sold[i] = sold.get(i, 0.0) + value
        bought[j] = bought.get(j, 0.0) + value
    total = sum(value for value, _, _ in largest)
    gap, left, right, top = 16.0, 250.0, 530.0, 10.0
    rows = max(len(sold), len(bought))
    room = max(150.0, 34.0 * rows) - gap * (rows - 1)
    scale = max(room, 60.0) / total
    height = top + max(room, 60.0) + gap * (rows - 1) + 10

    def stack(sums: Mapping[int, float]) -> dict[int, float]:
        order = sorted(sums, key=lambda k: (-sums[k], k))
        used = sum(sums.values()) * scale + gap * (len(order) - 1)
        at, places = top + (height - 20 - used) / 2, {}
        for k in order:
            places[k] = at
            at += sums[k] * scale + gap
        return places

    from_y, to_y = stack(sold), stack(bought)
    rank = {k: n for n, k in enumerate(sorted(set(sold) | set(bought)))}

    parts = []
    out_at, in_at = dict(from_y), dict(to_y)
    for value, i, j in sorted(largest, key=lambda p: (to_y[p[2]], p[1])):
        thick = value * scale
        y1, y2 = out_at[i] + thick / 2, in_at[j] + thick / 2
        out_at[i] += thick
        in_at[j] += thick
        middle = (left + right) / 2
        path = (
            f"M{left + 10} {y1:.1f}C{middle:.0f} {y1:.1f} {middle:.0f} {y2:.1f} "
            f"{right - 10} {y2:.1f}"
        )
        told = f"{codes[i]} → {codes[j]}: {number(value, t.languages[0], 0)}"
        style = f"stroke:{_colour(rank[i])}"
        title, wide = shape("title", within=told), max(thick, 0.6)
        parts.append(shape("path", "flow", title, d=path, style=style, stroke_width=wide))
    for sums, places, edge in ((sold, from_y, left), (bought, to_y, right - 10)):
        for k in sorted(sums):
            tall = max(sums[k] * scale, 1.0)
            style = f"fill:{_colour(rank[k])}"
            parts.append(shape("rect", x=edge, y=places[k], width=10, height=tall, style=style))
            at = places[k] + tall / 2 + 4

            def text(lang: str, k: int = k, amount: float = sums[k]) -> str:
                return f"{_shown(names[k], 22, codes[k])(lang)}: {number(amount, lang, 0)}"

            parts.append(
                t.svg(text, edge - 6, at, "edge")
                if edge == left
                else t.svg(text, edge + 16, at, "start")
            )
    return drawing(right + 250, height, parts, "largest flows inside the cluster", "wide")


def loss_bars(
    own: FloatArray,
    knock_on: FloatArray,
    share: FloatArray,
    codes: Sequence[str],
    names: Names,
    t: Texts,
    *,
    most: int = 14,
) -> Markup:
    """Draw the industries whose extraction costs most: own output, and what others lose."""
    loss = own + knock_on
    order = sorted(np.flatnonzero(loss > 0).tolist(), key=lambda k: (-float(loss[k]), k))[:most]
    left, right, step = 280.0, 700.0, 22.0
    largest = float(loss[order[0]]) if order else 1.0
    parts = []
    for row, k in enumerate(order):
        y = 6 + row * step
        first = float(own[k]) / largest * (right - left)
        second = max(float(knock_on[k]) / largest * (right - left), 0.0)
        end = left + first
        parts += [
            t.svg(_shown(names[k], 37, codes[k]), left - 8, y + 12, "edge"),
            shape("rect", "bar-own", x=left, y=y, width=first, height=15),
            shape("rect", "bar-others", x=end, y=y, width=second, height=15),
            t.svg(partial(percent, float(share[k])), end + second + 6, y + 12, "start"),
        ]
    return drawing(right + 60, 12 + step * len(order), parts, "losses by extraction", "wide")


def loadings_map(
    loadings: FloatArray,
    order: Sequence[int],
    names: Names,
    marked: Sequence[int],
    t: Texts,
    *,
    secondary: float,
) -> Markup:
    """Draw rotated loadings: a row an industry, a column a component, numbers in the cells.

    Parameters
    ----------
    loadings
        Industries × components.
    order
        Order of the rows.
    marked
        Industries with a bar at the left.
    secondary
        Size from which a loading that is not the highest is framed.
    """
    n, k = loadings.shape
    left, top, wide, high = 360.0, 34.0, 56.0, 25.0
    highest: npt.NDArray[np.int64] = np.abs(loadings).argmax(axis=1)
    parts = []
    for c in range(k):
        parts.append(t.svg(partial(_same, str(c + 1)), left + (c + 0.5) * wide, top - 10, "head"))
    frames = []
    for row, i in enumerate(order):
        y = top + row * high
        parts.append(t.svg(_shown(names[i], 46), left - 14, y + high / 2 + 4, "edge"))
        if i in marked:
            parts.append(shape("rect", "mark", x=left - 9, y=y + 1, width=5, height=high - 2))
        for c in range(k):
            value = float(loadings[i, c])
            x = left + c * wide
            fill, shown = _diverging(value), partial(number, value, digits=3)
            light = "value light" if abs(value) > 0.62 else "value"
            parts.append(shape("rect", x=x, y=y, width=wide - 1, height=high - 1, fill=fill))
            parts.append(t.svg(shown, x + wide / 2, y + high / 2 + 4, light))
            kind = "highest" if c == highest[i] else "cross" if abs(value) >= secondary else ""
            if kind:
                side, tall = wide - 3, high - 3
                frames.append(shape("rect", kind, x=x + 1, y=y + 1, width=side, height=tall))
    size = (left + k * wide + 6, top + n * high + 4)
    return drawing(*size, [*parts, *frames], "rotated loadings", "wide")


def _diverging(value: float) -> str:
    """Return a colour: blue for positive, orange for negative, white at zero.

    Examples
    --------
    >>> _diverging(0.0), _diverging(1.0), _diverging(-1.0)
    ('#ffffff', '#0b4a75', '#a04a00')
    """
    share = min(abs(value), 1.0) ** 0.9
    end = (0x0B, 0x4A, 0x75) if value >= 0 else (0xA0, 0x4A, 0x00)
    return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in end)
