"""What clusters found in different ways have in common, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from klaster.graph.content import ByContent


@dataclass(frozen=True, eq=False)
class ConsensusCluster(ByContent):
    """Members that several ways of looking put together.

    Attributes
    ----------
    members
        Sorted.
    clusters
        The cluster of each grouping that most of them are in, by its name.
    """

    members: tuple[str, ...]
    clusters: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class DisputedMember(ByContent):
    """A member about whom the ways of looking disagree.

    Attributes
    ----------
    member
        Its key.
    clusters
        Where each grouping puts it; those that do not place it are left out.
    support
        Of the pairs of groupings that both place it, the share that agrees: the two clusters
        are matched to each other. NaN where fewer than two place it.
    """

    member: str
    clusters: Mapping[str, str]
    support: float


@dataclass(frozen=True, eq=False)
class PairAgreement(ByContent):
    """How far two groupings agree, over the members that both place.

    Attributes
    ----------
    first, second
        Names of the groupings.
    adjusted_rand
        1 the same clusters, 0 as much as chance; NaN with fewer than two such members.
    overlap
        Mean Jaccard overlap of the clusters matched to each other, 0–1; NaN without any.
    shared
        Number of members that both place.
    """

    first: str
    second: str
    adjusted_rand: float
    overlap: float
    shared: int


@dataclass(frozen=True, eq=False)
class AgreementFinding(ByContent):
    """What clusters found in different ways have in common, and what is disputed.

    Attributes
    ----------
    placed
        Number of members each grouping places, by its name, in the order they are shown.
    missing
        Groupings that could not be made, each with a code that says why.
    pairs
        Each pair of groupings; none where fewer than two could be made.
    clusters
        Where each grouping that places it puts a member, by member.
    support
        Of the pairs of groupings that both place a member, the share that agrees about it: 1
        where all do, NaN where fewer than two place it.
    in_all
        Members that every grouping places, and in clusters that are all matched to each other.
    consensus
        Members that stand together in most of the groupings that place them; largest first.
    disputed
        Members placed by two groupings or more that do not agree about them; least support first.
    """

    placed: Mapping[str, int]
    missing: Mapping[str, str]
    pairs: tuple[PairAgreement, ...]
    clusters: Mapping[str, Mapping[str, str]]
    support: Mapping[str, float]
    in_all: tuple[str, ...]
    consensus: tuple[ConsensusCluster, ...]
    disputed: tuple[DisputedMember, ...]
