"""Brandes' dependencies along shortest paths, one source after another.

Two paths whose lengths differ by less than 1e-12 of their length are held for equally long, as in
:mod:`klaster.algorithms.centrality.paths`.

References
----------
U. Brandes (2001), A faster algorithm for betweenness centrality, doi:10.1080/0022250X.2001.9990249.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.algorithms.kernels.compilation import compiled
from klaster.graph.model import CSR, IntArray

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.int8]
Queues = npt.NDArray[np.int32]
Table = npt.NDArray[np.float64]

_SAME_LENGTH = 1e-12
FEW_LENGTHS = 8
NO_PAIRS: tuple[IntArray, IntArray] = (np.zeros(0, np.int64), np.zeros(0, np.int64))


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
def _queued(
    offsets: Offsets,
    partners: Ints,
    lengths: Floats,
    kinds: Kinds,
    source: int,
    far: Floats,
    place: Ints,
    queue: Queues,
    heads: Offsets,
    ends: Offsets,
    settled: Ints,
) -> int:
    """Do as :func:`_distances` where lengths are few: one queue a length, each in order by itself.

    Nodes are settled nearest first, so what is put at the end of the queue of one length is never
    nearer than what stands there, and the nearest of all is at the head of one of the queues.
    """
    heads[:], ends[:] = 0, 0
    far[source], queue[0, 0], ends[0] = 0.0, source, 1
    reached = 0
    while True:
        least, nearest = -1, np.inf
        for kind in range(heads.shape[0]):
            while heads[kind] < ends[kind] and place[queue[kind, heads[kind]]] == -2:
                heads[kind] += 1
            if heads[kind] < ends[kind] and far[queue[kind, heads[kind]]] < nearest:
                least, nearest = kind, far[queue[kind, heads[kind]]]
        if least < 0:
            return reached
        node = queue[least, heads[least]]
        heads[least] += 1
        settled[reached], place[node] = node, -2
        reached += 1
        for at in range(offsets[node], offsets[node + 1]):
            other = partners[at]
            via = nearest + lengths[at]
            if via < far[other]:
                far[other] = via
                kind = kinds[at]
                queue[kind, ends[kind]] = other
                ends[kind] += 1


@compiled
def traced(
    offsets: Offsets,
    partners: Ints,
    lengths: Floats,
    kinds: Kinds,
    kind_count: int,
    sources: Ints,
    kept: Table,
    distances: Table,
    ends: tuple[Ints, Ints],
    before: Floats,
) -> tuple[Floats, Floats]:
    """Return for each node the sum over the sources of its dependency, and the sum of squares.

    Parameters
    ----------
    offsets, partners, lengths
        Ties from node ``i``: ``partners[offsets[i]:offsets[i + 1]]``, each with its length
        (above zero).
    kinds, kind_count
        Which of so many lengths each tie has, where they are few; ``kind_count`` 0 for a search
        with a heap.
    sources
        Nodes that paths are looked at from.
    kept, distances
        One row a source, written where ``before`` is empty: its dependency on each node, 0 on
        itself, and the distance to each node. With no rows nothing is kept.
    ends, before
        Pairs that are longer now, or tied no more, and their lengths when ``kept`` and
        ``distances`` were written. A source none of whose shortest paths went along one of them
        has the dependencies it had: longer ties that were on no shortest path are on none now.
    """
    count = offsets.shape[0] - 1
    total, squares = np.zeros(count), np.zeros(count)
    far, paths, dependency = np.full(count, np.inf), np.zeros(count), np.zeros(count)
    place, heap = np.full(count, -1, np.int32), np.empty(count, np.int32)
    settled = np.empty(count, np.int32)
    # A node waits at most once for each length of a tie that leads to it, and the source once more.
    queue = np.empty((kind_count, count + 1), np.int32)
    heads, tails = np.zeros(kind_count, np.int64), np.zeros(kind_count, np.int64)
    step_from, step_to = np.empty(len(partners), np.int32), np.empty(len(partners), np.int32)
    keep = kept.shape[0] > 0 and before.shape[0] == 0
    for row in range(sources.shape[0]):
        source = sources[row]
        if before.shape[0] > 0:
            moved = False
            for k in range(before.shape[0]):
                one, other = distances[row, ends[0][k]], distances[row, ends[1][k]]
                if one > other:
                    one, other = other, one
                if one < other and one + before[k] <= other * (1 + _SAME_LENGTH):
                    moved = True
                    break
            if not moved:
                for node in range(count):
                    total[node] += kept[row, node]
                    squares[node] += kept[row, node] ** 2
                continue
        if kind_count > 0:
            reached = _queued(
                offsets,
                partners,
                lengths,
                kinds,
                source,
                far,
                place,
                queue,
                heads,
                tails,
                settled,
            )
        else:
            reached = _distances(offsets, partners, lengths, source, far, place, heap, settled)
        paths[source] = 1.0
        # A tie lies on a shortest path where it leads outward and arrives as early as any.
        steps = 0
        for k in range(reached):
            node = settled[k]
            for at in range(offsets[node], offsets[node + 1]):
                other = partners[at]
                if far[node] < far[other]:
                    arrival = far[node] + lengths[at]
                    if arrival <= far[other] * (1 + _SAME_LENGTH):
                        paths[other] += paths[node]
                        step_from[steps], step_to[steps] = node, other
                        steps += 1
        for step in range(steps - 1, -1, -1):
            node, other = step_from[step], step_to[step]
            dependency[node] += paths[node] / paths[other] * (1.0 + dependency[other])
        dependency[source] = 0.0
        if keep:
            distances[row, :] = far
            kept[row, :] = dependency
        for k in range(reached):
            node = settled[k]
            total[node] += dependency[node]
            squares[node] += dependency[node] ** 2
            far[node], paths[node], dependency[node], place[node] = np.inf, 0.0, 0.0, -1
    return total, squares


@dataclass(frozen=True, eq=False)
class Ties:
    """A network as the kernel takes it: ties from each node, and which of few lengths each has."""

    offsets: Offsets
    partners: Ints
    lengths: Floats
    kinds: Kinds
    kind_count: int

    @classmethod
    def of(cls, lengths: CSR) -> Ties:
        """Tell few lengths from many: above :data:`FEW_LENGTHS` a heap is quicker than queues."""
        few, kinds = np.unique(lengths.data, return_inverse=True)
        count = len(few) if len(few) <= FEW_LENGTHS else 0
        return cls(
            lengths.indptr.astype(np.int64),
            lengths.indices.astype(np.int32),
            lengths.data,
            (kinds if count else np.zeros(0)).astype(np.int8),
            count,
        )


def dependencies(ties: Ties, sources: IntArray) -> tuple[Floats, Floats]:
    """Return for each node the sum over the sources of its dependency, and the sum of squares."""
    nothing = np.zeros((0, 0))
    return _called(ties, sources, nothing, nothing, NO_PAIRS, np.zeros(0))


@dataclass(frozen=True, eq=False)
class Trace:
    """What is kept of a network, so that it need not be searched anew when some ties are lost."""

    sources: IntArray
    kept: Table
    distances: Table
    total: Floats

    @classmethod
    def of(cls, ties: Ties, sources: IntArray) -> Trace:
        """Search from every source, and keep the dependencies and distances of each."""
        count = ties.offsets.shape[0] - 1
        kept, distances = np.zeros((len(sources), count)), np.zeros((len(sources), count))
        total, _ = _called(ties, sources, kept, distances, NO_PAIRS, np.zeros(0))
        return cls(sources, kept, distances, total)

    def without(self, ties: Ties, ends: tuple[IntArray, IntArray], before: Floats) -> Floats:
        """Return the sum of dependencies where some pairs are longer or tied no more.

        Parameters
        ----------
        ties
            The network as it is now.
        ends, before
            These pairs, and how long their tie was in the network that was traced.
        """
        if not len(before):
            return self.total
        return _called(ties, self.sources, self.kept, self.distances, ends, before)[0]


def _called(
    ties: Ties,
    sources: IntArray,
    kept: Table,
    distances: Table,
    ends: tuple[IntArray, IntArray],
    before: Floats,
) -> tuple[Floats, Floats]:
    return traced(
        ties.offsets,
        ties.partners,
        ties.lengths,
        ties.kinds,
        ties.kind_count,
        sources.astype(np.int32),
        kept,
        distances,
        (ends[0].astype(np.int32), ends[1].astype(np.int32)),
        before,
    )
