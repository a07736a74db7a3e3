"""Where the nodes of a network page stand: computed once, the same on every machine.

Nodes of one group (a cluster) are laid out by stress majorisation, each group is an island, the
islands are put so that those with many ties to each other are near, and nothing overlaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

FloatArray = npt.NDArray[np.float64]

NODE_BOX = (74.0, 54.0)
"""Room each node gets, width and height, in units of the drawing: the sign and two lines."""

_GROUP_GAP = 60.0
_STARTS = 4
_GRID = 64.0


def _snap(points: FloatArray) -> FloatArray:
    """Round to a fine grid.

    Processors differ in the last bits of a sum; an iteration would make such a difference grow
    until the pictures differ. Rounding after every step keeps it from ever starting.
    """
    snapped: FloatArray = np.round(points * _GRID) / _GRID
    return snapped


def _distances(count: int, ties: Sequence[tuple[int, int]]) -> FloatArray:
    """Return the ideal distances: shortest paths, ties at hubs drawn out to make room.

    The length of a tie is the square root of the number of nodes that neighbour one end but not
    the other (Gansner, Koren and North 2004), so that the leaves of a star find a place.
    """
    neighbours: list[set[int]] = [set() for _ in range(count)]
    for a, b in ties:
        neighbours[a].add(b)
        neighbours[b].add(a)
    length = [float(np.sqrt(max(1, len(neighbours[a] ^ neighbours[b])))) for a, b in ties]
    rows = [a for a, _ in ties]
    columns = [b for _, b in ties]
    matrix = sparse.csr_array((length, (rows, columns)), shape=(count, count))
    found: FloatArray = csgraph.shortest_path(matrix, method="D", directed=False)
    return found


def _stress(distance: FloatArray, start: FloatArray, steps: int = 150) -> tuple[FloatArray, float]:
    """Move points until their distances resemble the ideal ones (SMACOF, weights 1/d²)."""
    count = len(distance)
    off = ~np.eye(count, dtype=bool)
    weight = np.zeros_like(distance)
    weight[off] = 1.0 / distance[off] ** 2
    total = weight.sum(axis=1)
    points = start
    for _ in range(steps):
        delta = points[:, None, :] - points[None, :, :]
        actual = np.sqrt((delta**2).sum(axis=2))
        ratio = np.where(actual > 1e-6, distance / np.maximum(actual, 1e-6), 0.0)
        pull = weight[:, :, None] * (points[None, :, :] + ratio[:, :, None] * delta)
        moved = _snap(pull.sum(axis=1) / total[:, None])
        if np.array_equal(moved, points):
            break
        points = moved
    delta = points[:, None, :] - points[None, :, :]
    actual = np.sqrt((delta**2).sum(axis=2))
    return points, float(np.round((weight * (actual - distance) ** 2).sum(), 3))


def _separate(centres: FloatArray, sizes: FloatArray, steps: int = 600) -> FloatArray:
    """Push rectangles apart until none overlaps another, each by as little as it takes."""
    points = centres.copy()
    count = len(points)
    if count < 2:
        return points
    room = (sizes[:, None, :] + sizes[None, :, :]) / 2
    others = ~np.eye(count, dtype=bool)
    rank = np.arange(count)
    side = np.where(rank[:, None] < rank[None, :], -1.0, 1.0)
    for step in range(steps):
        delta = points[:, None, :] - points[None, :, :]
        overlap = room - np.abs(delta)
        touching = (overlap > 0.5).all(axis=2) & others
        if not touching.any():
            break
        along_x = overlap[:, :, 0] < overlap[:, :, 1]
        push = np.zeros_like(delta)
        for axis, chosen in ((0, touching & along_x), (1, touching & ~along_x)):
            sign = np.where(delta[:, :, axis] == 0, side, np.sign(delta[:, :, axis]))
            push[:, :, axis] = np.where(chosen, sign * (overlap[:, :, axis] + 1.0), 0.0)
        crowd = np.maximum(touching.sum(axis=1), 1)[:, None]
        # Half a step each where one other is in the way; gentler in a crowd, firmer with time.
        share = 0.5 / np.sqrt(crowd) * (1.0 + step / steps)
        points = _snap(points + push.sum(axis=1) * share)
    return points


def _shelves(sizes: FloatArray, gap: float, aspect: float = 1.4) -> FloatArray:
    """Return centres of rectangles set in rows, tallest first, the whole about ``aspect`` wide."""
    area = float(((sizes[:, 0] + gap) * (sizes[:, 1] + gap)).sum())
    width = max(float(sizes[:, 0].max()), float(np.sqrt(area * aspect)))
    centres = np.zeros_like(sizes)
    x = y = height = 0.0
    for k in sorted(range(len(sizes)), key=lambda k: (-sizes[k, 1], -sizes[k, 0], k)):
        if x > 0 and x + sizes[k, 0] > width:
            x, y, height = 0.0, y + height + gap, 0.0
        centres[k] = (x + sizes[k, 0] / 2, y + sizes[k, 1] / 2)
        x += float(sizes[k, 0]) + gap
        height = max(height, float(sizes[k, 1]))
    return centres


def _extent(points: FloatArray, sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the middle and the size of the rectangle round these rectangles."""
    low, high = (points - sizes / 2).min(axis=0), (points + sizes / 2).max(axis=0)
    return (low + high) / 2, high - low


def _parts(count: int, ties: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the connected parts, largest first."""
    matrix = sparse.csr_array(
        (np.ones(len(ties)), ([a for a, _ in ties], [b for _, b in ties])), shape=(count, count)
    )
    _, labels = csgraph.connected_components(matrix, directed=False)
    parts: dict[int, list[int]] = {}
    for node, label in enumerate(labels.tolist()):
        parts.setdefault(label, []).append(node)
    return sorted(parts.values(), key=lambda part: (-len(part), part[0]))


def _connected(
    count: int, ties: Sequence[tuple[int, int]], sizes: FloatArray, seed: int
) -> FloatArray:
    """Lay out one connected part."""
    if count == 1:
        return np.zeros((1, 2))
    distance = _distances(count, ties)
    mean = float(sizes.mean())
    tries = []
    for start in range(_STARTS):
        rng = np.random.Generator(np.random.PCG64([seed, start]))
        points, stress = _stress(
            distance * mean * 0.8, _snap(rng.random((count, 2)) * mean * np.sqrt(count))
        )
        tries.append((stress, start, points))
    best = min(tries, key=lambda found: found[:2])[2]
    return _separate(best, sizes)


def _island(
    count: int, ties: Sequence[tuple[int, int]], sizes: FloatArray, seed: int
) -> FloatArray:
    """Lay out one group: its connected parts beside each other, its middle at the origin."""

    def laid_out(part: list[int], inside: list[tuple[int, int]]) -> FloatArray:
        return _connected(len(part), inside, sizes[part], seed)

    result = _beside(_parts(count, ties), ties, sizes, laid_out, gap=14.0)
    middle, _ = _extent(result, sizes)
    return _snap(result - middle)


def _beside(
    parts: Sequence[list[int]],
    ties: Sequence[tuple[int, int]],
    sizes: FloatArray,
    laid_out: Callable[[list[int], list[tuple[int, int]]], FloatArray],
    *,
    gap: float,
) -> FloatArray:
    """Lay out each part by itself and set the parts beside each other."""
    places, extents = [], []
    for part in parts:
        at = {node: k for k, node in enumerate(part)}
        points = laid_out(part, [(at[a], at[b]) for a, b in ties if a in at and b in at])
        middle, extent = _extent(points, sizes[part])
        places.append(points - middle)
        extents.append(extent)
    result = np.zeros((len(sizes), 2))
    for part, points, centre in zip(parts, places, _shelves(np.array(extents), gap), strict=True):
        result[part] = points + centre
    return result


def _turned(points: FloatArray, turn: int) -> FloatArray:
    """Return the points mirrored or turned by half: what leaves their boxes upright."""
    signs = ((1, 1), (-1, 1), (1, -1), (-1, -1))[turn]
    return points * np.array(signs, dtype=np.float64)


def _face_each_other(
    islands: list[FloatArray],
    centres: FloatArray,
    group_of: Sequence[int],
    place_of: Sequence[int],
    ties: Sequence[tuple[int, int]],
) -> list[FloatArray]:
    """Mirror islands so that ties between them are short."""
    crossing: list[list[tuple[int, int]]] = [[] for _ in islands]
    for a, b in ties:
        if group_of[a] != group_of[b]:
            crossing[group_of[a]].append((a, b))
            crossing[group_of[b]].append((b, a))
    for _ in range(3):
        for group, pairs in enumerate(crossing):
            if not pairs:
                continue
            mine = [place_of[a] for a, _ in pairs]
            others = np.array(
                [islands[group_of[b]][place_of[b]] + centres[group_of[b]] for _, b in pairs]
            )
            lengths = [
                float(np.abs(_turned(islands[group], t)[mine] + centres[group] - others).sum())
                for t in range(4)
            ]
            islands[group] = _turned(islands[group], lengths.index(min(lengths)))
    return islands


def _arrange(extents: FloatArray, ties: Sequence[tuple[int, int]], seed: int) -> FloatArray:
    """Place rectangles: those with ties to each other near, the others in rows below."""
    room = extents + _GROUP_GAP

    def laid_out(part: list[int], inside: list[tuple[int, int]]) -> FloatArray:
        if len(part) == 1:
            return np.zeros((1, 2))
        pairs, own = sorted(set(inside)), room[part]
        radius = own.mean(axis=1) / 2
        length = [float(radius[a] + radius[b]) for a, b in pairs]
        ends = ([a for a, _ in pairs], [b for _, b in pairs])
        matrix = sparse.csr_array((length, ends), shape=(len(part), len(part)))
        distance = csgraph.shortest_path(matrix, method="D", directed=False)
        tries = []
        for start in range(_STARTS):
            rng = np.random.Generator(np.random.PCG64([seed, 100 + start]))
            begin = _snap(rng.random((len(part), 2)) * float(distance.max()))
            points, stress = _stress(distance, begin)
            tries.append((stress, start, points))
        return _separate(min(tries, key=lambda found: found[:2])[2], own)

    return _snap(_beside(_parts(len(extents), ties), ties, room, laid_out, gap=_GROUP_GAP / 2))


def _leanings(
    ids: Sequence[str], pairs: Sequence[tuple[int, int]], group_name: Mapping[str, str]
) -> dict[int, str]:
    """Return for each ungrouped node the group it has most ties to, where it has any."""
    counts: dict[int, dict[str, int]] = {}
    for a, b in [*pairs, *((b, a) for a, b in pairs)]:
        group = group_name[ids[b]]
        if group and not group_name[ids[a]]:
            of_a = counts.setdefault(a, {})
            of_a[group] = of_a.get(group, 0) + 1
    return {node: min(c, key=lambda group: (-c[group], group)) for node, c in counts.items()}


def place_nodes(
    node_ids: Iterable[str],
    ties: Iterable[tuple[str, str]],
    groups: Mapping[str, str] | None = None,
    *,
    box: tuple[float, float] = NODE_BOX,
    seed: int = 1,
) -> dict[str, tuple[int, int]]:
    """Return a place for every node, in whole units; no two boxes overlap.

    Stress majorisation after Gansner, Koren and North (2004,
    https://doi.org/10.1007/978-3-540-31843-9_25) within each group; groups as wholes the same
    way; overlaps pushed apart. Direction, number and weight of ties play no part; ties of a node
    to itself and ties to nodes not given are passed over.

    Parameters
    ----------
    node_ids
        Keys of the nodes; their order does not matter.
    ties
        Pairs of keys; their order does not matter.
    groups
        Group of each node: nodes of a group stand together. A node without one belongs with the
        ungrouped nodes it is connected to.
    box
        Width and height to keep free round each node.
    seed
        Of the starting points.

    Returns
    -------
    dict
        For each key ``(x, y)``; x to the right, y downwards, the middle of all near the origin.

    Examples
    --------
    >>> places = place_nodes(["a", "b", "c"], [("a", "b"), ("b", "c")])
    >>> sorted(places)
    ['a', 'b', 'c']
    >>> places == place_nodes(["c", "b", "a"], [("c", "b"), ("b", "a")])
    True
    """
    ids = sorted(set(node_ids))
    if not ids:
        return {}
    at = {node: k for k, node in enumerate(ids)}
    pairs = sorted(
        {(min(at[a], at[b]), max(at[a], at[b])) for a, b in ties if a in at and b in at and a != b}
    )
    group_name = {node: (groups or {}).get(node, "") for node in ids}
    loose = [k for k, node in enumerate(ids) if not group_name[node]]
    loose_at = {k: i for i, k in enumerate(loose)}
    among = [(loose_at[a], loose_at[b]) for a, b in pairs if a in loose_at and b in loose_at]
    members: dict[str, list[int]] = {}
    for k, node in enumerate(ids):
        if group_name[node]:
            members.setdefault("1" + group_name[node], []).append(k)
    if loose:
        leaning = _leanings(ids, pairs, group_name)
        for part in _parts(len(loose), among):
            towards = sorted({leaning[loose[i]] for i in part if loose[i] in leaning})
            if towards:  # beside the group it is tied to, with the others that are
                name = "2" + towards[0]
            elif len(part) > 1:
                name = f"3{loose[part[0]]:09d}"
            else:  # nodes tied to nothing form one block instead of many islands of one
                name = "4"
            members.setdefault(name, []).extend(loose[i] for i in part)
    names = sorted(members)
    group_of, place_of = [0] * len(ids), [0] * len(ids)
    islands: list[FloatArray] = []
    extents: list[FloatArray] = []
    for g, name in enumerate(names):
        nodes = sorted(members[name])
        inner = {k: i for i, k in enumerate(nodes)}
        for k, i in inner.items():
            group_of[k], place_of[k] = g, i
        inside = [(inner[a], inner[b]) for a, b in pairs if a in inner and b in inner]
        sizes = np.tile(np.array(box), (len(nodes), 1))
        island = _island(len(nodes), inside, sizes, seed)
        islands.append(island)
        extents.append(_extent(island, sizes)[1])
    between = sorted(
        {
            (min(group_of[a], group_of[b]), max(group_of[a], group_of[b]))
            for a, b in pairs
            if group_of[a] != group_of[b]
        }
    )
    centres = _arrange(np.array(extents), between, seed)
    islands = _face_each_other(islands, centres, group_of, place_of, pairs)
    points = np.array(
        [islands[group_of[k]][place_of[k]] + centres[group_of[k]] for k in range(len(ids))]
    )
    points = np.round(points - np.round(points.mean(axis=0)))
    return {node: (int(x), int(y)) for node, (x, y) in zip(ids, points.tolist(), strict=True)}
