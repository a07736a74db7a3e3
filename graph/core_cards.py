"""All that is known about the place of a core or candidate in its cluster, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

from klaster.graph.content import ByContent, short_repr


@dataclass(frozen=True, eq=False)
class LensReading(ByContent):
    """What one lens shows of one member.

    Attributes
    ----------
    value
        The measure itself.
    percentile
        Share of the cluster's members whose value is at most this one, ties counted half; 0–1.
    """

    value: float
    percentile: float


@dataclass(frozen=True, eq=False)
class Reason(ByContent):
    """One statement why an actor is or is not core; pages put it in words per language.

    Attributes
    ----------
    code
        Which sentence: a key of the message tables.
    values
        What the sentence says: numbers, names.
    tie_ids
        The ties the statement rests on.
    """

    code: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    tie_ids: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class CarryingTie(ByContent):
    """One of the ties that carry a member's place.

    Attributes
    ----------
    tie_id, partner
        The tie, and the member at its other end.
    share
        Share of the member's tie strength inside the cluster, 0–1.
    loss
        How far the member's score (mean percentile over the voting lenses, 0–1) falls without
        the tie; NaN where it was not computed.
    evidence, origin
        Class of its evidence, and where it is stated.
    """

    tie_id: str
    partner: str
    share: float
    loss: float
    evidence: str
    origin: str


@dataclass(frozen=True, eq=False)
class RemovalEffect(ByContent):
    """What a cluster loses when one member goes.

    Attributes
    ----------
    strength_share
        Share of the tie strength inside the cluster that goes with it, 0–1.
    pairs_share
        Share of the pairs of other members that could reach each other over ties inside, in
        whatever direction, and then cannot, 0–1.
    parts_before, parts_after
        Number of parts, tied inside, that the cluster falls into; before without counting the
        member where it stands alone.
    successors
        Who then holds the first rank: several where they share it.
    """

    strength_share: float
    pairs_share: float
    parts_before: int
    parts_after: int
    successors: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Counterfactual(ByContent):
    """What would have to be wrong for a member not to be among the first of its cluster.

    Found by a greedy search and then thinned out: no proper part of the set does it, but a
    smaller set of another make-up is not excluded.

    Attributes
    ----------
    what
        ``ties`` or ``sources``.
    found
        Whether there is such a set.
    tie_ids
        The ties that go.
    sources
        The sources that would have to be wrong; empty for ``ties``.
    rank
        Rank of the member without them; NaN where nothing was found.
    among_first
        Whether the member is among the first at all; where not, nothing was sought.
    """

    what: str
    found: bool
    tie_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    rank: float = nan
    among_first: bool = True


@dataclass(frozen=True, eq=False)
class WhyCard(ByContent):
    """All that is known about the place of one core or candidate, as data.

    Attributes
    ----------
    node_id
        The member.
    size, places
        Number of members of the cluster, and how many first ranks count as core.
    rank, rank_low, rank_high, core_share
        As of :class:`Member`.
    is_core, is_candidate
        As of :class:`Member`.
    lenses
        Reading of each lens.
    voting
        Names of the lenses that count in the rank.
    missing
        Lenses without a reading, each with a code that says why.
    carrying
        The ties that carry most, five at most, most first.
    tie_count
        Number of ties the member has inside the cluster.
    removal
        What changes if it is removed.
    evidence
        Number of its ties, also those that lead out of the cluster, by class of evidence.
    origins
        Where those ties are stated, by class of evidence, sorted.
    doubts
        What is uncertain: codes with values, as those of reasons.
    without_ties, without_sources
        What would have to be wrong for it not to be among the first; None where not computed.
    """

    node_id: str
    size: int
    places: int
    rank: float
    rank_low: float
    rank_high: float
    core_share: float
    is_core: bool
    is_candidate: bool
    lenses: Mapping[str, LensReading]
    voting: tuple[str, ...]
    missing: Mapping[str, str]
    carrying: tuple[CarryingTie, ...]
    tie_count: int
    removal: RemovalEffect
    evidence: Mapping[str, int]
    origins: Mapping[str, tuple[str, ...]]
    doubts: tuple[Reason, ...]
    without_ties: Counterfactual | None = None
    without_sources: Counterfactual | None = None

    def __repr__(self) -> str:
        return short_repr(self, repr(self.node_id), f"rank {self.rank:g} of {self.size}")
