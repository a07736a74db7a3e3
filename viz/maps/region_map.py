"""A map of regions as plain drawing instructions: outlines, shades and labels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TINY = 80.0
"""Regions smaller than this on the drawing are marked by a circle."""

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Area:
    """One region on the map.

    Attributes
    ----------
    code
        Code of the region.
    path
        Outline as SVG path data.
    x, y
        Where its label stands.
    size
        Area on the drawing, in square units.
    """

    code: str
    path: str
    x: float
    y: float
    size: float


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    """Give the outer rings of a polygon or of several."""
    coordinates = geometry.get("coordinates", [])
    polygons = [coordinates] if geometry.get("type") == "Polygon" else coordinates
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return
    for polygon in polygons:
        if polygon:
            yield [(float(point[0]), float(point[1])) for point in polygon[0]]


def _area_and_middle(ring: Ring) -> tuple[float, float, float]:
    """Return area and centroid of a ring (shoelace formula)."""
    doubled = x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = ax * by - bx * ay
        doubled += cross
        x += (ax + bx) * cross
        y += (ay + by) * cross
    if doubled == 0:
        return 0.0, ring[0][0], ring[0][1]
    return abs(doubled) / 2, x / (3 * doubled), y / (3 * doubled)


def _path(rings: list[Ring]) -> str:
    """Return rings as path data, points nearer than half a unit to the last one left out."""
    parts = []
    for ring in rings:
        kept = [ring[0]]
        for point in ring[1:]:
            if math.dist(point, kept[-1]) >= 0.5:
                kept.append(point)
        if len(kept) > 2:
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z")
    return "".join(parts)


def areas(
    boundaries: Mapping[str, Any], width: float = 760.0
) -> tuple[tuple[Area, ...], float, float]:
    """Return the regions of a GeoJSON file, its drawing ``width`` wide.

    Equirectangular projection with the middle latitude true to scale: near enough for a country.

    Parameters
    ----------
    boundaries
        A feature collection; each feature has a property ``code``.
    width
        Width of the drawing.

    Returns
    -------
    tuple
        The areas, largest first so that small ones lie on top, and the width and height.

    Examples
    --------
    >>> square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    >>> drawn, wide, high = areas({"features": [{"properties": {"code": "A"}, "geometry": square}]})
    >>> drawn[0].code, round(wide), round(high)
    ('A', 760, 760)
    """
    features = [
        (str(feature["properties"]["code"]), list(_rings(feature["geometry"])))
        for feature in boundaries.get("features", [])
        if feature.get("geometry") and "code" in feature.get("properties", {})
    ]
    points = [point for _, rings in features for ring in rings for point in ring]
    if not points:
        return (), 0.0, 0.0
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(y for _, y in points), max(y for _, y in points)
    squeeze = math.cos(math.radians((bottom + top) / 2))
    scale = width / max((right - left) * squeeze, 1e-9)
    found = []
    for code, rings in features:
        drawn = [[((x - left) * squeeze * scale, (top - y) * scale) for x, y in r] for r in rings]
        size, x, y = max((_area_and_middle(ring) for ring in drawn), default=(0.0, 0.0, 0.0))
        found.append(Area(code, _path(drawn), round(x, 1), round(y, 1), round(size, 1)))
    found.sort(key=lambda area: (-area.size, area.code))
    return tuple(found), round(width, 1), round((top - bottom) * scale, 1)


def label_places(
    shapes: tuple[Area, ...], width: float = 46.0, height: float = 17.0
) -> dict[str, tuple[float, float]]:
    """Return where the label of each region stands: its middle, or the nearest free place."""
    taken: list[tuple[float, float]] = []
    places = {}
    steps = [(0.0, 0.0)] + [
        (radius * math.sin(k * math.pi / 4), -radius * math.cos(k * math.pi / 4))
        for radius in (20.0, 32.0, 46.0)
        for k in range(8)
    ]
    for shape in shapes:
        # The name of a small region stands beside it, not over it.
        near = steps[1:] if shape.size < TINY else steps
        spots = [(shape.x + dx, shape.y + dy) for dx, dy in near]
        free = [
            (x, y)
            for x, y in spots
            if all(abs(x - tx) >= width or abs(y - ty) >= height for tx, ty in taken)
        ]
        x, y = free[0] if free else spots[0]
        taken.append((x, y))
        places[shape.code] = (round(x, 1), round(y, 1))
    return places
