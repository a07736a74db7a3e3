"""Agreement of clusters found in different ways: from the table, the firms, the helix, quotients.

Each way looks at other things and leaves other members out, so each gives a :class:`Grouping`: a
name, and the cluster of every member it places. What two groupings have in common is measured on
the members that both place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from klaster.algorithms.partitions.comparison import adjusted_rand, no_evidence
from klaster.algorithms.partitions.matching import SAME_CLUSTER, ClusterMatch, match_clusters
from klaster.graph.agreement_findings import ConsensusCluster, DisputedMember
from klaster.graph.model import FloatArray

_NEVER = 2.0
"""Distance of members that do not stand together in enough groupings."""


@dataclass(frozen=True)
class Grouping:
    """Clusters found in one way.

    Attributes
    ----------
    name
        The way: ``table``, ``firms``, ``helix``, ``quotients`` ...
    clusters
        Cluster of each member that is in one; others are left out.
    """

    name: str
    clusters: Mapping[str, str]

    @property
    def members_of(self) -> dict[str, frozenset[str]]:
        """Members of each cluster, clusters sorted."""
        found: dict[str, set[str]] = {}
        for member, cluster in self.clusters.items():
            found.setdefault(cluster, set()).add(member)
        return {cluster: frozenset(found[cluster]) for cluster in sorted(found)}


@dataclass(frozen=True, eq=False)
class GroupingAgreement:
    """How far groupings agree; rows and columns of the tables are their names.

    Attributes
    ----------
    adjusted_rand
        Adjusted Rand index over the members that both place: 1 the same clusters, 0 as much as
        chance. NaN where either puts all of these into one cluster, or each into one of its
        own: the index is a convention then.
    overlap
        Mean Jaccard overlap of the clusters matched to each other, weighted by their members; a
        cluster without a match counts 0. Over the members that both place; NaN without any.
    shared
        Number of members that both place.
    matches
        The clusters that are the same, by the names of the two groupings.
    in_all
        Members that every grouping places, and in clusters that are all matched to each other.
    consensus
        Members of which every two stand together in more than the asked share of the groupings,
        two or more; largest first.
    disputed
        Members that two groupings or more place, and not all of these in clusters matched to
        each other; least support first.
    """

    adjusted_rand: pd.DataFrame
    overlap: pd.DataFrame
    shared: pd.DataFrame
    matches: Mapping[tuple[str, str], tuple[ClusterMatch, ...]]
    in_all: tuple[str, ...]
    consensus: tuple[ConsensusCluster, ...]
    disputed: tuple[DisputedMember, ...]


def compare_groupings(
    groupings: Sequence[Grouping], *, at_least: float = SAME_CLUSTER, quorum: float = 0.5
) -> GroupingAgreement:
    """Compare clusters found in different ways: what they share, on which members they agree and which they dispute.

    Parameters
    ----------
    groupings
        Two or more, names all different.
    at_least
        Jaccard overlap from which two clusters may be the same.
    quorum
        Two members stand together where more than this share of the groupings that place both
        (or all of these), two of them at least, put them into one cluster. In a consensus
        cluster this holds for every two members (complete linkage on the share of the groupings).

    Raises
    ------
    ValueError
        For fewer than two groupings, a name given twice, shares outside 0-1.

    References
    ----------
    L. Hubert, P. Arabie (1985), Comparing partitions, Journal of Classification 2, 193-218,
    doi:10.1007/BF01908075.

    Examples
    --------
    >>> table = Grouping("table", {"mine": "m", "mill": "m", "farm": "f", "bakery": "f"})
    >>> firms = Grouping("firms", {"mine": "1", "mill": "1", "farm": "2", "bakery": "1"})
    >>> found = compare_groupings([table, firms])
    >>> found.in_all, [(d.member, d.support) for d in found.disputed]
    (('farm', 'mill', 'mine'), [('bakery', 0.0)])
    >>> [cluster.members for cluster in found.consensus]
    [('mill', 'mine')]
    """
    names = [grouping.name for grouping in groupings]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"groupings are {names}: give two or more, each with a name of its own")
    for what, share in (("at_least", at_least), ("quorum", quorum)):
        if not 0 <= share <= 1:
            raise ValueError(f"{what} is {share}: give a share between 0 and 1")
    k = len(names)
    rand, overlap = np.ones((k, k)), np.ones((k, k))
    shared = np.zeros((k, k), dtype=np.int64)
    matches: dict[tuple[str, str], tuple[ClusterMatch, ...]] = {}
    for i, first in enumerate(groupings):
        shared[i, i] = len(first.clusters)
        for j in range(i + 1, k):
            second = groupings[j]
            common = sorted(set(first.clusters) & set(second.clusters))
            shared[i, j] = shared[j, i] = len(common)
            pairs = match_clusters(first.clusters, second.clusters, at_least=at_least)
            matches[first.name, second.name] = pairs
            codes = [_codes([g.clusters[m] for m in common]) for g in (first, second)]
            rand[i, j] = rand[j, i] = np.nan if no_evidence(*codes) else adjusted_rand(*codes)
            overlap[i, j] = overlap[j, i] = _weighted_overlap(first, second, common, pairs)
    tables = [pd.DataFrame(values, index=names, columns=names) for values in (rand, overlap)]
    support = _supports(groupings, matches)
    placed_by = {member: [g for g in groupings if member in g.clusters] for member in support}
    disputed = [
        DisputedMember(member, {g.name: g.clusters[member] for g in placed_by[member]}, share)
        for member, share in support.items()
        if share < 1
    ]
    return GroupingAgreement(
        adjusted_rand=tables[0],
        overlap=tables[1],
        shared=pd.DataFrame(shared, index=names, columns=names),
        matches=matches,
        in_all=tuple(m for m, share in support.items() if share == 1 and len(placed_by[m]) == k),
        consensus=_consensus(groupings, quorum),
        disputed=tuple(sorted(disputed, key=lambda d: (d.support, d.member))),
    )


def clusters_by_industry(
    industry_clusters: Mapping[str, str], industry_of: Mapping[str, str]
) -> dict[str, str]:
    """Return the cluster of each organisation by that of its industry.

    So that clusters of industries, from a table or from quotients, can be compared with
    clusters of organisations.

    Parameters
    ----------
    industry_clusters
        Cluster of each industry.
    industry_of
        Industry of each organisation.

    Examples
    --------
    >>> clusters_by_industry({"C24": "metals"}, {"mill": "C24", "bank": "K64"})
    {'mill': 'metals'}
    """
    return {
        member: industry_clusters[industry_of[member]]
        for member in sorted(industry_of)
        if industry_of[member] in industry_clusters
    }


def clusters_by_quotient(
    quotients: Mapping[tuple[str, str], float],
    place_of: Mapping[str, tuple[str, str]],
    *,
    at_least: float = 1.0,
) -> dict[str, str]:
    """Return the specialised industry of its region that each organisation belongs to, if any.

    Parameters
    ----------
    quotients
        Location quotient by region and industry.
    place_of
        Region and industry of each organisation.
    at_least
        Quotient from which an industry counts as a cluster of its region.

    Examples
    --------
    >>> clusters_by_quotient({("KRG", "C24"): 3.1, ("KRG", "A"): 0.4},
    ...                      {"mill": ("KRG", "C24"), "farm": ("KRG", "A")})
    {'mill': 'KRG:C24'}
    """
    return {
        member: ":".join(place_of[member])
        for member in sorted(place_of)
        if quotients.get(place_of[member], float("nan")) >= at_least
    }


def _codes(labels: Sequence[str]) -> list[int]:
    code = {label: k for k, label in enumerate(sorted(set(labels)))}
    return [code[label] for label in labels]


def _weighted_overlap(
    first: Grouping, second: Grouping, common: Sequence[str], pairs: Sequence[ClusterMatch]
) -> float:
    if not common:
        return float("nan")
    by_first = {pair.first: pair.jaccard for pair in pairs}
    by_second = {pair.second: pair.jaccard for pair in pairs}
    sums = sum(
        by_first.get(first.clusters[m], 0.0) + by_second.get(second.clusters[m], 0.0)
        for m in common
    )
    return sums / (2 * len(common))


def _supports(
    groupings: Sequence[Grouping],
    matches: Mapping[tuple[str, str], Sequence[ClusterMatch]],
) -> dict[str, float]:
    """Return the support of each member that two groupings or more place."""
    same = {
        names: {(pair.first, pair.second) for pair in pairs} for names, pairs in matches.items()
    }
    found: dict[str, float] = {}
    for member in sorted(set().union(*(g.clusters for g in groupings))):
        placing = [g for g in groupings if member in g.clusters]
        votes = [
            (one.clusters[member], other.clusters[member]) in same[one.name, other.name]
            for k, one in enumerate(placing)
            for other in placing[k + 1 :]
        ]
        if votes:
            found[member] = sum(votes) / len(votes)
    return found


def _consensus(groupings: Sequence[Grouping], quorum: float) -> tuple[ConsensusCluster, ...]:
    members = sorted(set().union(*(g.clusters for g in groupings)))
    # Members that every grouping treats alike are one cell: only cells need comparing.
    cells: dict[tuple[str | None, ...], list[str]] = {}
    for member in members:
        cells.setdefault(tuple(g.clusters.get(member) for g in groupings), []).append(member)
    keys = list(cells)
    codes = np.array(
        [
            [
                -1 if key[k] is None else code
                for key, code in zip(keys, _codes([str(key[k]) for key in keys]), strict=True)
            ]
            for k in range(len(groupings))
        ],
        dtype=np.int64,
    ).reshape(len(groupings), len(keys))
    apart = np.full((len(keys), len(keys)), _NEVER)
    for cell in range(len(keys)):
        both = ((codes >= 0) & (codes[:, [cell]] >= 0)).sum(axis=0)
        together = ((codes == codes[:, [cell]]) & (codes >= 0)).sum(axis=0)
        linked = (together >= 2) & ((together > quorum * both) | (together == both))
        apart[cell, linked] = 1 - together[linked] / both[linked]
    # A cell that is not even linked to itself is placed by one grouping only.
    placed = np.flatnonzero(apart.diagonal() < _NEVER)
    parts: dict[int, list[str]] = {}
    for cell, label in zip(placed.tolist(), _parts(apart[placed][:, placed]), strict=True):
        parts.setdefault(label, []).extend(cells[keys[cell]])
    groups = [tuple(sorted(found)) for found in parts.values() if len(found) > 1]
    return tuple(
        ConsensusCluster(found, {g.name: _most(g, found) for g in groupings if _most(g, found)})
        for found in sorted(groups, key=lambda found: (-len(found), found))
    )


def _parts(apart: FloatArray) -> list[int]:
    """Return parts in which no pair is :data:`_NEVER` apart: complete linkage.

    Parts held together by chains of pairs would put members together that no grouping does.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(apart) < 2:
        return [0] * len(apart)
    tree = linkage(squareform(apart, checks=False), method="complete")
    return [int(label) for label in fcluster(tree, t=1.0, criterion="distance")]


def _most(grouping: Grouping, members: Sequence[str]) -> str:
    counts: dict[str, int] = {}
    for member in members:
        if member in grouping.clusters:
            cluster = grouping.clusters[member]
            counts[cluster] = counts.get(cluster, 0) + 1
    return min(counts, key=lambda cluster: (-counts[cluster], cluster), default="")
