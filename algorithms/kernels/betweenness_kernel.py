"""Brandes' dependencies along shortest paths, one source after another.

Two paths whose lengths differ by less than 1e-12 of their length are held for equally long, as in
:mod:`klaster.algorithms.centrality.paths`.

References
----------
U. Brandes (2001), A faster algorithm for betweenness centrality, doi:10.1080/0022250X.2001.9990249.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.kernels.compilation import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

_SAME_LENGTH = 1e-12


@compiled
def _sift_up(heap: Ints, place: Ints, far: Floats, at: int) -> None:
    """Move an entry of the heap towards its top, where it belongs by its distance."""
    node = heap[at]
    while at > 0:
        parent = (at - 1) // 4
        if far[heap[parent]] <= far[node]:
            break
        heap[at] = heap[parent]
        place[heap[at]] = at
        at = parent
    heap[at] = node
    place[node] = at


@compiled
def _sift_down(heap: Ints, place: Ints, far: Floats, size: int) -> None:
    """Move the entry at the top of the heap down, where it belongs by its distance."""
    node, at = heap[0], 0
    while True:
        first = 4 * at + 1
        if first >= size:
            break
        least = first
        for child in range(first + 1, min(first + 4, size)):
            if far[heap[child]] < far[heap[least]]:
                least = child
        if far[heap[least]] >= far[node]:
            break
        heap[at] = heap[least]
        place[heap[at]] = at
        at = least
    heap[at] = node
    place[node] = at


@compiled
def _distances(
    offsets: Offsets,
    partners: Ints,
    lengths: Floats,
    source: int,
    far: Floats,
    place: Ints,
    heap: Ints,
    settled: Ints,
) -> int:
    """Dijkstra: write distances from the source, and the nodes reached, nearest first."""
    far[source], heap[0], place[source] = 0.0, source, 0
    size, reached = 1, 0
    while size > 0:
        node = heap[0]
        settled[reached] = node
        reached += 1
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            _sift_down(heap, place, far, size)
        place[node] = -2  # settled: never enters the heap again
        for at in range(offsets[node], offsets[node + 1]):
            other = partners[at]
            via = far[node] + lengths[at]
            if via < far[other] and place[other] != -2:
                far[other] = via
                if place[other] == -1:
                    heap[size] = other
                    place[other] = size
                    size += 1
                _sift_up(heap, place, far, place[other])
    return reached


@compiled
def _layers(offsets: Offsets, partners: Ints, source: int, far: Floats, settled: Ints) -> int:
    """Breadth first: as :func:`_distances`, where every tie has length 1."""
    far[source], settled[0] = 0.0, source
    reached, head = 1, 0
    while head < reached:
        node = settled[head]
        head += 1
        for at in range(offsets[node], offsets[node + 1]):
            other = partners[at]
            if far[other] == np.inf:
                far[other] = far[node] + 1.0
                settled[reached] = other
                reached += 1
    return reached


@compiled
def dependencies(
    offsets: Offsets, partners: Ints, lengths: Floats, sources: Ints, hops: bool
) -> tuple[Floats, Floats]:
    """Return for each node the sum over the sources of its dependency, and the sum of squares.

    Parameters
    ----------
    offsets, partners, lengths
        Ties from node ``i``: ``partners[offsets[i]:offsets[i + 1]]``, each with its length
        (above zero).
    sources
        Nodes that paths are looked at from.
    hops
        Every length is 1: a search without a heap will do.
    """
    count = offsets.shape[0] - 1
    total, squares = np.zeros(count), np.zeros(count)
    far, paths, dependency = np.full(count, np.inf), np.zeros(count), np.zeros(count)
    place, heap = np.full(count, -1, np.int32), np.empty(count, np.int32)
    settled = np.empty(count, np.int32)
    for source in sources:
        if hops:
            reached = _layers(offsets, partners, source, far, settled)
        else:
            reached = _distances(offsets, partners, lengths, source, far, place, heap, settled)
        paths[source] = 1.0
        # A tie lies on a shortest path where it leads outward and arrives as early as any.
        for k in range(reached):
            node = settled[k]
            for at in range(offsets[node], offsets[node + 1]):
                other = partners[at]
                arrival = far[node] + lengths[at]
                if far[node] < far[other] and arrival <= far[other] * (1 + _SAME_LENGTH):
                    paths[other] += paths[node]
        for k in range(reached - 1, -1, -1):
            node = settled[k]
            for at in range(offsets[node], offsets[node + 1]):
                other = partners[at]
                arrival = far[node] + lengths[at]
                if far[node] < far[other] and arrival <= far[other] * (1 + _SAME_LENGTH):
                    dependency[node] += paths[node] / paths[other] * (1.0 + dependency[other])
            if node != source:
                total[node] += dependency[node]
                squares[node] += dependency[node] ** 2
        for k in range(reached):
            node = settled[k]
            far[node], paths[node], dependency[node], place[node] = np.inf, 0.0, 0.0, -1
    return total, squares
