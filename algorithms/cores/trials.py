"""The ranks of a cluster's members in networks that lack some of its ties.

In a large cluster (of more than :data:`~klaster.algorithms.cores.lenses.EXACT_UP_TO` members) the
betweenness of such a network is not searched anew: what each pivot's shortest paths give every
member is kept, and only pivots are looked at again some of whose shortest paths went along a tie
that is lost. The result is the one that a new search from the same pivots gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from klaster.algorithms.centrality.estimates import drawn_sources
from klaster.algorithms.centrality.paths import tie_lengths
from klaster.algorithms.cores import lenses
from klaster.algorithms.cores.lenses import ClusterView, read_lenses, voting_lenses
from klaster.algorithms.cores.ranking import BordaRanking, borda
from klaster.algorithms.cores.tie_table import BoolArray, TieTable
from klaster.graph.model import CSR, FloatArray, IntArray, StrArray

BETWEENNESS = "betweenness"


class Trials:
    """Ranks the members of one cluster in networks that lack something.

    Parameters
    ----------
    ties
        Ties that touch a member, nodes numbered with the members first.
    member_count
        Number of members.
    spheres, labels
        Of every node.

    Attributes
    ----------
    inside
        Ties between members.
    whole
        The ranking where nothing is left out.
    """

    def __init__(
        self, ties: TieTable, member_count: int, spheres: StrArray, labels: IntArray
    ) -> None:
        self.ties, self.n, self.labels = ties.without_words(), member_count, labels
        self.spheres = spheres
        self.is_large = member_count > lenses.EXACT_UP_TO
        if self.is_large:
            self.ties = replace(self.ties, ids=self.ties.evidence, layer=_short(ties.layer))
            self.spheres = np.where(spheres == "", "", _short(spheres))
        self.inside = self._view(self.ties).inside
        if self.is_large:
            self._trace()
        self.whole = self.without(())

    def without(self, rows: Iterable[int]) -> BordaRanking:
        """Return the ranking of the members where the ties in these rows are left out."""
        left = np.ones(len(self.ties), dtype=bool)
        left[list(rows)] = False
        return borda(self._readings(left))

    def first_without(self, member: int) -> IntArray:
        """Return the members that come first where one is removed with all its ties."""
        others = np.setdiff1d(np.arange(self.n), [member])
        if not len(others):
            return others
        left = (self.ties.source != member) & (self.ties.target != member)
        if self.is_large:  # nobody's share of all changes its place among the others
            readings = {name: values[others] for name, values in self._readings(left).items()}
        else:
            nodes = np.setdiff1d(np.arange(len(self.spheres)), [member])
            rest = self.ties.taken(left).renumbered(nodes)
            view = ClusterView(
                matrix=rest.matrix(len(nodes)),
                members=np.arange(self.n - 1),
                labels=self.labels[nodes],
                layers=rest.layer_ends(),
                spheres=self.spheres[nodes],
            )
            readings = read_lenses(view, voting_lenses())
        rank = borda(readings).rank
        return np.asarray(others[rank == rank.min()], dtype=np.int64)

    def _readings(self, rows: BoolArray) -> dict[str, FloatArray]:
        view = self._view(self.ties.taken(rows))
        if not self.is_large:
            return read_lenses(view, voting_lenses())
        others = tuple(name for name in voting_lenses() if name != BETWEENNESS)
        return {**read_lenses(view, others), BETWEENNESS: self._updated(view.inside, ~rows)}

    def _view(self, ties: TieTable) -> ClusterView:
        return ClusterView(
            matrix=ties.matrix(len(self.spheres)),
            members=np.arange(self.n),
            labels=self.labels,
            layers=ties.layer_ends(),
            spheres=self.spheres,
        )

    def _trace(self) -> None:
        """Search from every pivot, once."""
        from klaster.algorithms.kernels.betweenness_kernel import Ties, Trace

        lengths = tie_lengths(self.inside, "reciprocal", directed=False)
        lengths.sort_indices()
        self.pairs = self._key(
            np.repeat(np.arange(self.n), np.diff(lengths.indptr)), lengths.indices.astype(np.int64)
        )
        self.lengths = lengths.data
        self.trace = Trace.of(Ties.of(lengths), drawn_sources(self.n, lenses.PIVOTS))

    def _key(self, one: IntArray, other: IntArray) -> IntArray:
        return np.asarray(one.astype(np.int64) * self.n + other, dtype=np.int64)

    def _updated(self, inside: CSR, lost: BoolArray) -> FloatArray:
        """Return the sum of dependencies without the ties of these rows: it ranks as its mean."""
        from klaster.algorithms.kernels.betweenness_kernel import Ties

        one, other = self.ties.source[lost], self.ties.target[lost]
        # A tie without strength is none.
        within = (one < self.n) & (other < self.n) & (one != other) & (self.ties.weight[lost] > 0)
        one, other = one[within], other[within]
        before = self.lengths[np.searchsorted(self.pairs, self._key(one, other))]
        lengths = tie_lengths(inside, "reciprocal", directed=False)
        return self.trace.without(Ties.of(lengths), (one, other), before)


def _short(names: StrArray) -> StrArray:
    """Return short names in place of these, in the same order: they are sorted sooner."""
    _, code = np.unique(names, return_inverse=True)
    return np.array([f"{k:04}" for k in range(int(code.max(initial=-1)) + 1)], dtype=np.str_)[code]
