r"""Leiden for any quality that is ties inside communities less a null of low rank.

The engines of other libraries know one null model each. Directed modularity, the sum of the
modularities of several layers, bipartite modularity and the constant Potts model differ from
undirected modularity in one thing only: in what is expected inside a community. All are

.. math:: Q = \sum_{ij} \Bigl(S_{ij} - \sum_r u_{ir} v_{jr}\Bigr) \delta(c_i, c_j)

with a symmetric matrix :math:`S` and a few columns :math:`u, v`; and this form survives the
merging of nodes, for all three are simply added up. So one search serves them all. Networks of
fewer than :data:`COMPILED_FROM` tied pairs are searched in Python (half a second for 5,000
ties), larger ones by a compiled kernel with randomised refinement (about a second for 1,000,000;
its first use on a machine waits some ten seconds for the compiler).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from klaster.algorithms.partitions.labels import canonical_labels, checked_labels
from klaster.algorithms.square_matrix import undirected
from klaster.graph.model import CSR, FloatArray, IntArray

COMPILED_FROM = 5_000
"""From so many tied pairs on the search is compiled: by size alone, whatever was compiled before."""

_NO_GAIN = 1e-12
_CYCLE_LIMIT = 20
_VISITS_A_NODE = 1_000
"""Bound on the work of a compiled search; a few dozen are usual."""


@dataclass(frozen=True, eq=False)
class QualityForm:
    """A quality of partitions: what is inside communities, less what is expected there.

    Attributes
    ----------
    inside
        :math:`S`, symmetric, n × n; its diagonal counts.
    row_null, column_null
        :math:`u` and :math:`v`, n × r, none below zero.
    """

    inside: CSR
    row_null: FloatArray
    column_null: FloatArray

    def quality(self, labels: npt.ArrayLike) -> float:
        """Return the quality of a partition.

        Examples
        --------
        >>> form = directed_modularity_form(sparse.csr_array([[0.0, 1.0], [0.0, 0.0]]))
        >>> form.quality([0, 0]), form.quality([0, 1])
        (0.0, 0.0)
        """
        group = canonical_labels(checked_labels(labels, self.inside.shape[0]))
        if len(group) == 0:
            return 0.0
        cells = self.inside.tocoo()
        inside = float(cells.data[group[cells.row] == group[cells.col]].sum())
        belongs = _membership(group)
        expected = (belongs.T @ self.row_null) * (belongs.T @ self.column_null)
        return inside - float(expected.sum())

    def plus(self, other: QualityForm, weight: float = 1.0) -> QualityForm:
        """Return the sum of two qualities of the same nodes, the other times a weight."""
        return QualityForm(
            sparse.csr_array(self.inside + weight * other.inside),
            np.hstack([self.row_null, weight * other.row_null]),
            np.hstack([self.column_null, other.column_null]),
        )

    def merged(self, labels: IntArray) -> QualityForm:
        """Return the quality with each community as one node."""
        belongs = _membership(labels)
        return QualityForm(
            sparse.csr_array(belongs.T @ self.inside @ belongs),
            np.asarray(belongs.T @ self.row_null),
            np.asarray(belongs.T @ self.column_null),
        )


def _membership(labels: IntArray) -> CSR:
    count = len(labels)
    width = int(labels.max(initial=-1)) + 1
    return sparse.csr_array((np.ones(count), (np.arange(count), labels)), shape=(count, width))


def modularity_form(ties: CSR, resolution: float = 1.0) -> QualityForm:
    r"""Return the modularity of W + Wᵀ as a form: :math:`u = v = \sqrt\gamma \, k / 2m`.

    ``ties`` is what :func:`~klaster.algorithms.square_matrix.checked` returned, here and
    in the next functions; without any tie every quality is 0.
    """
    network = undirected(ties)
    total = float(network.data.sum()) or 1.0
    strength = np.asarray(network.sum(axis=1), dtype=np.float64).reshape(-1, 1)
    share: FloatArray = np.multiply(strength, resolution**0.5 / total)
    return QualityForm(sparse.csr_array(network / total), share, share)


def directed_modularity_form(ties: CSR, resolution: float = 1.0) -> QualityForm:
    r"""Return the directed modularity of W as a form: :math:`u = \gamma k^{out}/m, v = k^{in}/m`.

    Examples
    --------
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> round(directed_modularity_form(rings).quality([0, 0, 0, 1, 1, 1]), 6)
    0.367347
    """
    total = float(ties.data.sum()) or 1.0
    return QualityForm(
        sparse.csr_array(undirected(ties) / (2 * total)),
        np.asarray(ties.sum(axis=1), dtype=np.float64).reshape(-1, 1) * (resolution / total),
        np.asarray(ties.sum(axis=0), dtype=np.float64).reshape(-1, 1) / total,
    )


def bipartite_modularity_form(incidence: CSR, resolution: float = 1.0) -> QualityForm:
    r"""Return Barber's modularity as a form; its nodes are the rows, then the columns.

    Examples
    --------
    >>> pairs = sparse.csr_array(np.eye(2))
    >>> bipartite_modularity_form(pairs).quality([0, 1, 0, 1])
    0.5
    """
    rows, columns = incidence.shape
    total = float(incidence.data.sum()) or 1.0
    upper = sparse.block_array(
        [
            [sparse.csr_array((rows, rows)), incidence],
            [incidence.T, sparse.csr_array((columns, columns))],
        ],
        format="csr",
    )
    row_null, column_null = np.zeros((rows + columns, 1)), np.zeros((rows + columns, 1))
    row_null[:rows, 0] = resolution * np.asarray(incidence.sum(axis=1)).ravel() / total
    column_null[rows:, 0] = np.asarray(incidence.sum(axis=0)).ravel() / total
    return QualityForm(sparse.csr_array(upper / (2 * total)), row_null, column_null)


def best_labels(form: QualityForm, *, seed: int, start: npt.ArrayLike | None = None) -> IntArray:
    """Search for the partition of highest quality by Leiden.

    Nodes move to the community where they add most, as long as one does; communities are then
    refined (taken apart and put together again from inside), and their parts merged to nodes
    of a smaller network, on which it begins anew. Cycles of this are repeated until none finds
    more. No community of the result falls apart into pieces without a tie.

    Parameters
    ----------
    form
        The quality.
    seed
        Of the order in which nodes are visited.
    start
        Partition to begin with; by default each node alone. The result is at least as good.

    Returns
    -------
    ndarray
        Canonical label of each node.

    References
    ----------
    Traag, V. A., Waltman, L. and van Eck, N. J. (2019), doi:10.1038/s41598-019-41695-z.

    Examples
    --------
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> best_labels(directed_modularity_form(rings), seed=1).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    count = form.inside.shape[0]
    labels = np.arange(count) if start is None else checked_labels(start, count)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    labels = canonical_labels(labels)
    if is_large(form.inside):
        return compiled_labels(form, seed=seed, start=labels)
    rng = np.random.Generator(np.random.PCG64(seed))
    quality = form.quality(labels)
    for _ in range(_CYCLE_LIMIT):
        found = _in_pieces(form, _cycle(form, labels, rng))
        better = form.quality(found)
        if better <= quality + _NO_GAIN:
            break
        labels, quality = found, better
    return canonical_labels(labels)


def is_large(network: CSR) -> bool:
    """Whether a symmetric network is searched by the compiled kernel."""
    return bool(network.nnz >= 2 * COMPILED_FROM)


def compiled_labels(
    form: QualityForm, *, seed: int, start: IntArray | None = None, rounds: int = 5
) -> IntArray:
    """Search by the compiled kernel: as :func:`best_labels`, at any size.

    ``rounds`` bounds how often the whole search is gone through; the best of all is returned.

    Examples
    --------
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> compiled_labels(directed_modularity_form(rings), seed=1).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    from klaster.algorithms.kernels.leiden_kernel import leiden
    from klaster.algorithms.kernels.random_numbers import random_state

    count = form.inside.shape[0]
    inside = sparse.csr_array(form.inside)
    inside.sum_duplicates()  # a partner twice in a row would be met twice
    if form.row_null is form.column_null:  # one column is enough, and half the work
        out_share = in_share = np.ascontiguousarray(form.row_null * np.sqrt(2.0))
    else:
        out_share = np.hstack([form.row_null, form.column_null])
        in_share = np.hstack([form.column_null, form.row_null])
    labels, _ = leiden(
        inside.indptr.astype(np.int64),
        inside.indices.astype(np.int32),
        inside.data,
        out_share,
        in_share,
        np.arange(count, dtype=np.int32) if start is None else start.astype(np.int32),
        rounds,
        1.0,
        _VISITS_A_NODE * count,
        random_state(seed),
    )
    return _in_pieces(form, labels.astype(np.int64))


def _cycle(form: QualityForm, labels: IntArray, rng: np.random.Generator) -> IntArray:
    """Move, refine, merge, until nothing is left to merge."""
    place = np.arange(len(labels))
    while True:
        level = _Level(form)
        labels = level.moved(labels, rng)
        parts = level.refined(labels, rng)
        if int(parts.max()) + 1 == len(parts):  # nothing was merged
            return labels[place]
        form = form.merged(parts)
        place = parts[place]
        _, first = np.unique(parts, return_index=True)
        labels = labels[first]


def _in_pieces(form: QualityForm, labels: IntArray) -> IntArray:
    """Split communities without ties between their parts; never worse: no null is below 0."""
    cells = form.inside.tocoo()
    same = labels[cells.row] == labels[cells.col]
    within = sparse.csr_array(
        (np.ones(int(same.sum())), (cells.row[same], cells.col[same])), shape=form.inside.shape
    )
    _, piece = csgraph.connected_components(within, directed=False)
    return canonical_labels(piece.astype(np.int64))


class _Level:
    """One level of the search, in plain lists: they are quicker to step through than arrays.

    In directed modularity a row of ``out_share`` is a node's out-strength and a row of ``in_share``
    its in-strength, each with the other beside it, as shares of all; other qualities have their own
    columns of u and v there. The expected weight between a node and a community is half of the
    product of the node's ``out_share`` with the community's total of ``in_share``.
    """

    def __init__(self, form: QualityForm) -> None:
        ties = form.inside
        self.count = ties.shape[0]
        indptr, indices, data = ties.indptr.tolist(), ties.indices.tolist(), ties.data.tolist()
        self.neighbours: list[list[tuple[int, float]]] = [
            [
                (other, weight)
                for other, weight in zip(indices[a:b], data[a:b], strict=True)
                if other != node
            ]
            for node, (a, b) in enumerate(pairwise(indptr))
        ]
        # (u, v) against (v, u): so what is expected from a to b and from b to a is one product.
        self.in_share_array = np.hstack([form.column_null, form.row_null])
        self.out_share: list[list[float]] = np.hstack([form.row_null, form.column_null]).tolist()
        self.in_share: list[list[float]] = self.in_share_array.tolist()

    def _community_totals(self, labels: IntArray, width: int) -> list[list[float]]:
        totals = np.zeros((width, self.in_share_array.shape[1]))
        np.add.at(totals, labels, self.in_share_array)
        rows: list[list[float]] = totals.tolist()
        return rows

    def moved(self, start: IntArray, rng: np.random.Generator) -> IntArray:
        """Let nodes move until none gains; those whose neighbours moved look again."""
        community: list[int] = start.tolist()
        total = self._community_totals(start, self.count)
        size = np.bincount(start, minlength=self.count).tolist()
        empty = [number for number in range(self.count - 1, -1, -1) if size[number] == 0]
        queue = deque(rng.permutation(self.count).tolist())
        in_queue = [True] * self.count
        while queue:
            node = queue.popleft()
            in_queue[node] = False
            own = community[node]
            out_share, in_share = self.out_share[node], self.in_share[node]
            weight_to = _weight_by_group(self.neighbours[node], community)
            # Gains are compared as if the node had left its community first.
            _subtract(total[own], in_share)
            stay = weight_to.get(own, 0.0) - sum(map(mul, out_share, total[own])) / 2
            best, best_gain = own, stay + _NO_GAIN
            if size[own] > 1 and best_gain < 0:
                best, best_gain = empty[-1], 0.0  # alone is better than staying
            for other, weight in weight_to.items():
                if other != own:
                    gain = weight - sum(map(mul, out_share, total[other])) / 2
                    if gain > best_gain:
                        best, best_gain = other, gain
            _add(total[best], in_share)
            if best == own:
                continue
            if size[best] == 0:
                empty.pop()
            community[node] = best
            size[own] -= 1
            size[best] += 1
            if size[own] == 0:
                empty.append(own)
                total[own] = [0.0] * len(in_share)  # without what rounding left
            for neighbour, _ in self.neighbours[node]:
                if not in_queue[neighbour] and community[neighbour] != best:
                    in_queue[neighbour] = True
                    queue.append(neighbour)
        return canonical_labels(np.array(community, dtype=np.int64))

    def refined(self, labels: IntArray, rng: np.random.Generator) -> IntArray:
        """Take each community apart and merge its nodes anew, where both fit well into it."""
        community: list[int] = labels.tolist()
        total = self._community_totals(labels, int(labels.max()) + 1)
        part = list(range(self.count))  # every node begins as a part of its own
        single = [True] * self.count
        part_in = [list(row) for row in self.in_share]
        part_out = [list(row) for row in self.out_share]
        # Weight of the ties of each part to the rest of its community.
        weight_out = [
            sum(weight for other, weight in self.neighbours[node] if community[other] == own)
            for node, own in enumerate(community)
        ]
        for node in rng.permutation(self.count).tolist():
            whole = total[community[node]]
            if not single[node] or not _well_tied(
                weight_out[node], part_out[node], part_in[node], whole
            ):
                continue
            fellows = [(o, w) for o, w in self.neighbours[node] if community[o] == community[node]]
            best, best_gain = node, 0.0
            weight_to = _weight_by_group(fellows, part)
            for other, weight in weight_to.items():
                if other == node or not _well_tied(
                    weight_out[other], part_out[other], part_in[other], whole
                ):
                    continue
                gain = weight - sum(map(mul, self.out_share[node], part_in[other])) / 2
                if gain > best_gain:
                    best, best_gain = other, gain
            if best == node:
                continue
            part[node] = best
            single[node] = single[best] = False
            # Ties between the two are inside now, and were counted for both.
            weight_out[best] += weight_out[node] - 2 * weight_to[best]
            _add(part_in[best], self.in_share[node])
            _add(part_out[best], self.out_share[node])
        return canonical_labels(np.array(part, dtype=np.int64))


def _weight_by_group(
    neighbours: Sequence[tuple[int, float]], group_of: list[int]
) -> dict[int, float]:
    weight_to: dict[int, float] = {}
    for other, weight in neighbours:
        group = group_of[other]
        weight_to[group] = weight_to.get(group, 0.0) + weight
    return weight_to


def _well_tied(
    weight_out: float, part_out: list[float], part_in: list[float], whole: list[float]
) -> bool:
    """Whether a part is tied to the rest of its community at least as expected."""
    columns = zip(part_out, whole, part_in, strict=True)
    return weight_out >= sum(out * (all_in - own) for out, all_in, own in columns) / 2 - _NO_GAIN


def _add(total: list[float], more: list[float]) -> None:
    for column, part in enumerate(more):
        total[column] += part


def _subtract(total: list[float], less: list[float]) -> None:
    for column, part in enumerate(less):
        total[column] -= part
