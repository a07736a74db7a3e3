"""Why cards: all that is known about the place of one core or candidate, as data.

Two questions need new ranks for networks that lack some ties:

*Which ties carry most?* The twelve strongest ties of the member are left out one at a
time; those come first without which its score (mean percentile over the voting lenses) falls
most. Where many ties count the same, strength alone would leave the choice to chance.

*What would have to be wrong for it not to be core?* "Not core" means here: its rank, computed from
what is left, lies behind the first ⌈√n⌉. The search is greedy. Its ties are put in order, those
whose loss alone hurts most first; the shortest beginning of that order that does it is found by
halving; then every tie that can be put back without making it core again is put back. So no tie of
the set is there in vain, but a smaller set of another make-up may exist. (Where more than thirty are needed
nothing is put back. In large clusters all these numbers are smaller, see :data:`EFFORT_IF_LARGE`,
and only the first members have a card.) For sources the order
is that of sources: a source that is wrong takes *all* its ties with it, those of other members
too, except ties that another source states as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from klaster.algorithms.cores.lenses import EXACT_UP_TO, voting_lenses
from klaster.algorithms.cores.ranking import BordaRanking, core_places, last_ranks
from klaster.algorithms.cores.reasons import FEW_TIES
from klaster.algorithms.cores.removal import RemovalLoss, removal_loss
from klaster.algorithms.cores.tie_table import NOT_STATED, BoolArray, TieTable
from klaster.algorithms.cores.trials import Trials
from klaster.graph.core_cards import CarryingTie, Counterfactual, Reason, RemovalEffect, WhyCard
from klaster.graph.findings import Member
from klaster.graph.model import FloatArray, IntArray, StrArray

CARRYING_TIES = 5


@dataclass(frozen=True)
class CardEffort:
    """How much is done for the cards of one cluster, by its size alone.

    Attributes
    ----------
    cards
        Cards at most, the cores' first; None for one for each core and candidate.
    tried
        Cards, in rank order, for which counterfactuals are sought.
    ties, sources
        Of a member, how many are left out one at a time.
    pruned
        A set of ties or sources of at most this size is made one with nothing in vain.
    """

    cards: int | None
    tried: int
    ties: int
    sources: int
    pruned: int

    def chosen(self, members: Sequence[int], core: BoolArray) -> list[int]:
        """Return which of the members, given in rank order, get a card.

        Examples
        --------
        >>> CardEffort(2, 1, 1, 1, 1).chosen([4, 2, 3, 0], np.array([0, 0, 0, 1, 1], dtype=bool))
        [4, 3]
        """
        if self.cards is None:
            return list(members)
        first = set(sorted(members, key=lambda k: not core[k])[: self.cards])
        return [k for k in members if k in first]


EFFORT = CardEffort(cards=None, tried=20, ties=12, sources=12, pruned=30)
EFFORT_IF_LARGE = CardEffort(cards=12, tried=3, ties=6, sources=3, pruned=10)
"""In clusters whose betweenness is estimated: there every trial takes long."""
STABLE = 0.75
"""A membership shared by fewer runs is called unstable."""

DOUBT_CODES = (
    "rank-open",
    "rank-settled",
    "rank-crowded",
    "few-ties",
    "doubtful-ties",
    "one-source",
    "no-source",
    "estimated-ties",
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
all of them. ``no-source``: ``ties``, none of which states a source. ``estimated-ties``: ``estimated`` of ``ties``
inside are estimated or made up, half or more. ``no-measurement``: ``ties``, of which none is measured or reported, and how each is known is stated.
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
        missing: Mapping[str, str],
        doubtful_below: float,
    ) -> None:
        self.names, self.n, self.ties = names, member_count, ties
        self.values, self.missing = values, dict(missing)
        self.doubtful_below = doubtful_below
        self.places = core_places(member_count)
        self.effort = EFFORT if member_count <= EXACT_UP_TO else EFFORT_IF_LARGE
        self.origins = [split_origins(text) for text in ties.origin.tolist()]
        self.trials = Trials(ties, member_count, spheres, labels)
        self.whole = self.trials.whole
        self.loss: RemovalLoss = removal_loss(self.trials.inside)

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
        tried = inside[: self.effort.ties] if counterfactuals else inside[:0]
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

    def _loss_without(self, member: int, rows: Iterable[int]) -> float:
        return float(self.whole.score[member] - self.trials.without(rows).score[member])

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
        rank = float(self.trials.without(needed).rank[member])
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
            for source in known[: self.effort.sources]
        }
        order = sorted(known, key=lambda source: -losses[source] if source in losses else 1.0)
        needed = self._least(member, order, gone)
        if needed is None:
            return Counterfactual("sources", found=False)
        rows = sorted(gone(needed))
        rank = float(self.trials.without(rows).rank[member])
        mine = sorted(set(rows) & set(own.tolist()))
        ids = tuple(str(self.ties.ids[row]) for row in mine)
        return Counterfactual("sources", True, ids, tuple(needed), rank)

    def _least(
        self, member: int, order: Sequence[Item], gone: Callable[[Sequence[Item]], set[int]]
    ) -> list[Item] | None:
        """Return a set of things, none of them in vain, without which the member is not first."""

        def enough(items: Sequence[Item]) -> bool:
            return not self._is_first(member, self.trials.without(gone(items)))

        if not order or not enough(order):
            return None
        low, high = 0, len(order)  # nothing is not enough, all is
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(order[:middle]) else (middle, high)
        needed = list(order[:high])
        if len(needed) <= self.effort.pruned:
            for item in reversed(order[: high - 1]):
                rest = [other for other in needed if other is not item]
                if enough(rest):
                    needed = rest
        return needed

    # -- what changes ------------------------------------------------------------------------

    def _removal(self, member: int) -> RemovalEffect:
        first = self.trials.first_without(member)
        return RemovalEffect(
            strength_share=float(self.loss.strength_share[member]),
            pairs_share=float(self.loss.pairs_share[member]),
            parts_before=int(self.loss.parts_before[member]),
            parts_after=int(self.loss.parts[member]),
            successors=tuple(str(self.names[node]) for node in first.tolist()),
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
        estimated = ties.estimated(inside)
        if len(estimated) and 2 * len(estimated) >= len(inside):
            values = {"estimated": len(estimated), "ties": len(inside)}
            doubts.append(Reason("estimated-ties", values, self._ids(estimated)))
        stated = [self.origins[row] for row in own.tolist()]
        if len(stated) > 1 and all(stated):
            common = set.intersection(*map(set, stated))
            if common and all(len(origins) == 1 for origins in stated):
                only: dict[str, str | int | float] = {
                    "ties": len(own),
                    "source": min(common),
                }
                doubts.append(Reason("one-source", only, self._ids(own)))
        if len(own) and (ties.origin[own] == NOT_STATED).all():
            doubts.append(Reason("no-source", {"ties": len(own)}, self._ids(own)))
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
    """Return the sources that a text names, separated by semicolons; none where not stated.

    Examples
    --------
    >>> sorted(split_origins("annual report 2013; register "))
    ['annual report 2013', 'register']
    >>> split_origins("not stated")
    frozenset()
    """
    return frozenset(part.strip() for part in text.split(";")) - {"", NOT_STATED}
