"""Why cards: all that is known about the place of one core or candidate, as data.

Two questions need new ranks for networks that lack some ties:

*Which ties carry most?* The :data:`TRIED_TIES` strongest ties of the member are left out one at a
time; those come first without which its score (mean percentile over the voting lenses) falls
most. Where many ties count the same, strength alone would leave the choice to chance.

*What would have to be wrong for it not to be core?* "Not core" means here: its rank, computed from
what is left, lies behind the first ⌈√n⌉. The search is greedy. Its ties are put in order, those
whose loss alone hurts most first; the shortest beginning of that order that does it is found by
halving; then every tie that can be put back without making it core again is put back. So no tie of
the set is there in vain, but a smaller set of another make-up may exist. For sources the order
is that of sources: a source that is wrong takes *all* its ties with it, those of other members
too, except ties that another source states as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from klaster.algorithms.cores.lenses import ClusterView, read_lenses, voting_lenses
from klaster.algorithms.cores.ranking import BordaRanking, borda, core_places, last_ranks
from klaster.algorithms.cores.reasons import FEW_TIES
from klaster.algorithms.cores.removal import RemovalLoss, removal_loss
from klaster.algorithms.cores.tie_table import BoolArray, TieTable
from klaster.graph.core_cards import CarryingTie, Counterfactual, Reason, RemovalEffect, WhyCard
from klaster.graph.findings import Member
from klaster.graph.model import FloatArray, IntArray, StrArray

CARRYING_TIES = 5
TRIED_TIES = 12
TRIED_SOURCES = 12
PRUNED_UP_TO = 30
CARDS_UP_TO = 20
"""Cores and candidates, in rank order, for whom counterfactuals are sought."""
CARDS_UP_TO_IF_LARGE = 5
"""The same in clusters whose betweenness is estimated: there every trial takes long."""
STABLE = 0.75
"""A membership shared by fewer runs is called unstable."""

DOUBT_CODES = (
    "rank-open",
    "rank-settled",
    "rank-crowded",
    "few-ties",
    "doubtful-ties",
    "one-source",
    "no-measurement",
    "unstated-ties",
    "unstable",
    "named-not-found",
)
"""Every code a doubt can have.

``rank-open``, ``rank-settled``, ``rank-crowded`` (it shares ranks with more members than there are
places for): ``rank``, ``low``, ``high``, ``places``, ``share`` of the draws in which it is among the
first. ``few-ties``: ``ties`` inside, two or fewer. ``doubtful-ties``:
``doubtful`` of ``ties`` inside, half or more. ``one-source``: ``ties``, ``source`` that alone states
all of them. ``no-measurement``: ``ties``, of which none is measured or reported, and how each is known is stated.
``unstated-ties``: ``unstated`` of ``ties``, of which nobody says how they are known. ``unstable``:
``stability`` of the membership. ``named-not-found``: the cluster was named by the case.
"""

Item = TypeVar("Item")


class CardDesk:
    """Makes the cards of one cluster.

    Parameters
    ----------
    names
        Key of every node: members first.
    member_count
        Number of members.
    ties
        Ties that touch a member.
    spheres, labels
        Of every node.
    values
        Readings of all lenses.
    rank
        Rank of every member.
    missing
        Lenses without a reading, and why.
    doubtful_below
        A tie kept with a smaller probability is doubtful.
    """

    def __init__(
        self,
        names: StrArray,
        member_count: int,
        ties: TieTable,
        spheres: StrArray,
        labels: IntArray,
        values: Mapping[str, FloatArray],
        rank: FloatArray,
        missing: Mapping[str, str],
        doubtful_below: float,
    ) -> None:
        self.names, self.n, self.ties = names, member_count, ties
        self.spheres, self.labels = spheres, labels
        self.values, self.rank, self.missing = values, rank, dict(missing)
        self.doubtful_below = doubtful_below
        self.places = core_places(member_count)
        self.bare = ties.without_words()
        self.origins = [split_origins(text) for text in ties.origin.tolist()]
        self.whole = self._ranked(np.ones(len(ties), dtype=bool))
        self.loss: RemovalLoss = removal_loss(self._view(ties).inside)

    def card(self, member: int, found: Member, *, counterfactuals: bool = True) -> WhyCard:
        """Return the card of one member.

        Parameters
        ----------
        member
            Its place among the nodes.
        found
            The member as judged.
        counterfactuals
            Whether ties and sources are tried out; without, the ties that carry most are the
            strongest.
        """
        own = self._own(member)
        inside = own[self._partner(member, own) < self.n]
        inside = self._strongest_first(member, inside)
        tried = inside[:TRIED_TIES] if counterfactuals else inside[:0]
        losses = {row: self._loss_without(member, [row]) for row in tried.tolist()}
        by_loss = sorted(
            inside.tolist(), key=lambda row: -round(losses[row], 9) if row in losses else 1.0
        )
        without_ties = without_sources = None
        if counterfactuals:
            outside = self._strongest_first(member, np.setdiff1d(own, inside))
            without_ties = self._without_ties(member, [*by_loss, *outside.tolist()])
            without_sources = self._without_sources(member, own)
        return WhyCard(
            node_id=found.node_id,
            size=self.n,
            places=self.places,
            rank=found.core_rank,
            rank_low=found.core_rank_low,
            rank_high=found.core_rank_high,
            core_share=found.core_share,
            is_core=found.is_core,
            is_candidate=found.is_candidate,
            lenses=found.lenses,
            voting=voting_lenses(),
            missing=self.missing,
            carrying=self._carrying(member, by_loss[:CARRYING_TIES], inside, losses),
            tie_count=len(inside),
            removal=self._removal(member),
            evidence=self._evidence(own),
            origins=self._origins_by_evidence(own),
            doubts=self._doubts(found, own, inside),
            without_ties=without_ties,
            without_sources=without_sources,
        )

    # -- the member's ties -----------------------------------------------------------------

    def _own(self, member: int) -> IntArray:
        ties = self.ties
        mine = (ties.source == member) | (ties.target == member)
        return np.flatnonzero(mine & (ties.source != ties.target))

    def _partner(self, member: int, rows: IntArray) -> IntArray:
        source, target = self.ties.source[rows], self.ties.target[rows]
        return np.where(source == member, target, source)

    def _strongest_first(self, member: int, rows: IntArray) -> IntArray:
        share = np.zeros(len(self.names))
        share[: self.n] = np.round(self.values["strength"], 9)
        partner = share[self._partner(member, rows)]
        order = np.lexsort((rows, -self.ties.keep[rows], -partner, -self.ties.weight[rows]))
        return np.asarray(rows[order], dtype=np.int64)

    def _carrying(
        self, member: int, rows: Sequence[int], inside: IntArray, losses: Mapping[int, float]
    ) -> tuple[CarryingTie, ...]:
        total = float(self.ties.weight[inside].sum())
        partners = self._partner(member, np.asarray(rows, dtype=np.int64)).tolist()
        return tuple(
            CarryingTie(
                tie_id=str(self.ties.ids[row]),
                partner=str(self.names[partner]),
                share=float(self.ties.weight[row]) / total if total else 0.0,
                loss=losses.get(row, float("nan")),
                evidence=str(self.ties.evidence[row]),
                origin=str(self.ties.origin[row]),
            )
            for row, partner in zip(rows, partners, strict=True)
        )

    def _evidence(self, own: IntArray) -> dict[str, int]:
        names, counts = np.unique(self.ties.evidence[own], return_counts=True)
        found = dict(zip(names.tolist(), counts.tolist(), strict=True))
        return {str(name): int(count) for name, count in found.items() if name}

    def _origins_by_evidence(self, own: IntArray) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for row in own.tolist():
            if self.origins[row]:
                found.setdefault(str(self.ties.evidence[row]), set()).update(self.origins[row])
        return {name: tuple(sorted(found[name])) for name in sorted(found)}

    # -- ranks of networks that lack something ----------------------------------------------

    def _view(self, ties: TieTable) -> ClusterView:
        size = len(self.names)
        return ClusterView(
            matrix=ties.matrix(size),
            members=np.arange(self.n),
            labels=self.labels,
            layers=ties.layer_ends(),
            spheres=self.spheres,
        )

    def _ranked(self, rows: BoolArray) -> BordaRanking:
        return borda(read_lenses(self._view(self.bare.taken(rows)), voting_lenses()))

    def _without(self, rows: Iterable[int]) -> BordaRanking:
        left = np.ones(len(self.ties), dtype=bool)
        left[list(rows)] = False
        return self._ranked(left)

    def _loss_without(self, member: int, rows: Iterable[int]) -> float:
        return float(self.whole.score[member] - self._without(rows).score[member])

    def _is_first(self, member: int, ranking: BordaRanking) -> bool:
        return bool(last_ranks(-ranking.rank)[member] <= self.places)

    # -- what would have to be wrong ---------------------------------------------------------

    def _without_ties(self, member: int, order: Sequence[int]) -> Counterfactual:
        def gone(rows: Sequence[int]) -> set[int]:
            return set(rows)

        if not self._is_first(member, self.whole):
            return Counterfactual("ties", found=False, among_first=False)
        needed = self._least(member, order, gone)
        if needed is None:
            return Counterfactual("ties", found=False)
        rank = float(self._without(needed).rank[member])
        ids = tuple(str(self.ties.ids[row]) for row in needed)
        return Counterfactual("ties", True, ids, (), rank)

    def _without_sources(self, member: int, own: IntArray) -> Counterfactual:
        def gone(sources: Sequence[str]) -> set[int]:
            wrong = set(sources)
            return {row for row, origins in enumerate(self.origins) if origins and origins <= wrong}

        if not self._is_first(member, self.whole):
            return Counterfactual("sources", found=False, among_first=False)
        weight: dict[str, float] = {}
        for row in own.tolist():
            for source in self.origins[row]:
                weight[source] = weight.get(source, 0.0) + float(self.ties.weight[row])
        known = sorted(weight, key=lambda source: (-weight[source], source))
        losses = {
            source: round(self._loss_without(member, gone([source])), 9)
            for source in known[:TRIED_SOURCES]
        }
        order = sorted(known, key=lambda source: -losses[source] if source in losses else 1.0)
        needed = self._least(member, order, gone)
        if needed is None:
            return Counterfactual("sources", found=False)
        rows = sorted(gone(needed))
        rank = float(self._without(rows).rank[member])
        mine = sorted(set(rows) & set(own.tolist()))
        ids = tuple(str(self.ties.ids[row]) for row in mine)
        return Counterfactual("sources", True, ids, tuple(needed), rank)

    def _least(
        self, member: int, order: Sequence[Item], gone: Callable[[Sequence[Item]], set[int]]
    ) -> list[Item] | None:
        """Return a set of things, none of them in vain, without which the member is not first."""

        def enough(items: Sequence[Item]) -> bool:
            return not self._is_first(member, self._without(gone(items)))

        if not order or not enough(order):
            return None
        low, high = 0, len(order)  # nothing is not enough, all is
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(order[:middle]) else (middle, high)
        needed = list(order[:high])
        if len(needed) <= PRUNED_UP_TO:
            for item in reversed(order[: high - 1]):
                rest = [other for other in needed if other is not item]
                if enough(rest):
                    needed = rest
        return needed

    # -- what changes ------------------------------------------------------------------------

    def _removal(self, member: int) -> RemovalEffect:
        left = np.setdiff1d(np.arange(len(self.names)), [member])
        rest = self.bare.taken((self.ties.source != member) & (self.ties.target != member))
        successors: tuple[str, ...] = ()
        if self.n > 1:
            ties = rest.renumbered(left)
            size = len(left)
            view = ClusterView(
                matrix=ties.matrix(size),
                members=np.arange(self.n - 1),
                labels=self.labels[left],
                layers=ties.layer_ends(),
                spheres=self.spheres[left],
            )
            rank = borda(read_lenses(view, voting_lenses())).rank
            first = left[np.flatnonzero(rank == rank.min())]
            successors = tuple(str(self.names[node]) for node in first.tolist())
        return RemovalEffect(
            strength_share=float(self.loss.strength_share[member]),
            pairs_share=float(self.loss.pairs_share[member]),
            parts_before=int(self.loss.parts_before[member]),
            parts_after=int(self.loss.parts[member]),
            successors=successors,
        )

    def _doubts(self, found: Member, own: IntArray, inside: IntArray) -> tuple[Reason, ...]:
        ties = self.ties
        code = "rank-crowded" if found.is_candidate else "rank-settled"
        if found.core_rank_low <= self.places < found.core_rank_high:
            code = "rank-open"
        doubts = [
            Reason(
                code,
                {
                    "rank": found.core_rank,
                    "low": found.core_rank_low,
                    "high": found.core_rank_high,
                    "places": self.places,
                    "share": found.core_share,
                    "n": self.n,
                },
            )
        ]
        if len(inside) <= FEW_TIES:
            doubts.append(Reason("few-ties", {"ties": len(inside)}, self._ids(inside)))
        doubtful = ties.doubtful(inside, self.doubtful_below)
        if len(doubtful) and 2 * len(doubtful) >= len(inside):
            values = {"doubtful": len(doubtful), "ties": len(inside)}
            doubts.append(Reason("doubtful-ties", values, self._ids(doubtful)))
        stated = [self.origins[row] for row in own.tolist()]
        if len(stated) > 1 and all(stated):
            common = set.intersection(*map(set, stated))
            if common and all(len(origins) == 1 for origins in stated):
                only: dict[str, str | int | float] = {
                    "ties": len(own),
                    "source": min(common),
                }
                doubts.append(Reason("one-source", only, self._ids(own)))
        classes = set(ties.evidence[own].tolist())
        unstated = ties.unstated(own)
        if len(unstated):
            told = {"unstated": len(unstated), "ties": len(own)}
            doubts.append(Reason("unstated-ties", told, self._ids(unstated)))
        elif classes - {""} and not classes & {"measured", "reported"}:
            doubts.append(Reason("no-measurement", {"ties": len(own)}, self._ids(own)))
        if np.isnan(found.stability):
            doubts.append(Reason("named-not-found"))
        elif found.stability < STABLE:
            doubts.append(Reason("unstable", {"stability": found.stability}))
        return tuple(doubts)

    def _ids(self, rows: IntArray) -> tuple[str, ...]:
        return tuple(str(tie) for tie in np.sort(self.ties.ids[rows]).tolist())


def split_origins(text: str) -> frozenset[str]:
    """Return the sources that a text names, separated by semicolons.

    Examples
    --------
    >>> sorted(split_origins("annual report 2013; register "))
    ['annual report 2013', 'register']
    """
    return frozenset(part.strip() for part in text.split(";") if part.strip())
