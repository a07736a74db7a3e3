"""Matching the clusters of two partitions, so that numbers carry on from run to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from klaster.algorithms.partitions.labels import shared_members
from klaster.graph.model import FloatArray, IntArray

SAME_CLUSTER = 0.3
"""Clusters that share less than this part of their members (Jaccard) are not the same."""


@dataclass(frozen=True)
class ClusterMatch:
    """Two clusters that are the same, seen in two ways.

    Attributes
    ----------
    first, second
        The clusters.
    jaccard
        Members in both / members in either, of those that both groupings place, or of all.
    shared
        Number of members in both.
    """

    first: str
    second: str
    jaccard: float
    shared: int


def match_clusters(
    first: Mapping[str, str],
    second: Mapping[str, str],
    *,
    at_least: float = SAME_CLUSTER,
    whole: bool = False,
) -> tuple[ClusterMatch, ...]:
    """Match clusters one to one so that the overlaps add up to as much as possible.

    ``J = |A ∩ B| / |A ∪ B|`` over the members that both groupings place, or over all members;
    pairs below ``at_least`` are not matched. Solved by the Hungarian method.

    Parameters
    ----------
    first, second
        Cluster of each member.
    at_least
        Smallest overlap of a match.
    whole
        Whether members that only one grouping places count as well: they do between two runs of
        one way (who joined, who left), not between ways that place different members.

    Returns
    -------
    tuple of ClusterMatch
        Sorted by the first cluster. The order of the members given does not matter.

    References
    ----------
    D. Greene, D. Doyle, P. Cunningham (2010), Tracking the evolution of communities in dynamic
    social networks, ASONAM 2010, 176-183, doi:10.1109/ASONAM.2010.17 (for the threshold).

    Examples
    --------
    >>> match_clusters({"a": "x", "b": "x", "c": "y"}, {"a": "1", "b": "1", "c": "1"})
    (ClusterMatch(first='x', second='1', jaccard=0.6666666666666666, shared=2),)
    """
    common = sorted(set(first) & set(second))
    if not common:
        return ()
    rows, row = np.unique([first[m] for m in common], return_inverse=True)
    columns, column = np.unique([second[m] for m in common], return_inverse=True)
    shared = shared_members(row, column)
    sizes = (shared.sum(axis=1), shared.sum(axis=0))
    if whole:
        sizes = (_sizes(first, rows.tolist()), _sizes(second, columns.tolist()))
    jaccard: FloatArray = shared / (sizes[0][:, None] + sizes[1][None, :] - shared)
    allowed = np.where(jaccard >= at_least, jaccard, 0.0)
    return tuple(
        ClusterMatch(str(rows[i]), str(columns[j]), float(jaccard[i, j]), int(shared[i, j]))
        for i, j in _assigned(allowed)
    )


@dataclass(frozen=True)
class LabelMatch:
    """Cluster labels that carry on from an earlier run.

    Attributes
    ----------
    labels
        Label of each member of the current run: that of the earlier cluster it continues, else
        a number never used before.
    continued
        Label of each current cluster that continues an earlier one, with the Jaccard overlap.
    born
        New labels, sorted.
    ended
        Earlier labels that no current cluster continues, sorted.
    """

    labels: Mapping[str, int]
    continued: Mapping[int, float] = field(default_factory=dict)
    born: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()


def match_labels(
    previous: Mapping[str, int],
    current: Mapping[str, int],
    *,
    at_least: float = SAME_CLUSTER,
    used: Iterable[int] = (),
) -> LabelMatch:
    """Give the clusters of a new run the labels of those they continue.

    Clusters are matched one to one by all their members (:func:`match_clusters`, Greene and
    others 2010), so that a label does not jump between runs because a cluster grew or sizes
    changed places. Members of one run only count: a cluster that shares one member with a much
    larger one does not continue it.

    Parameters
    ----------
    previous, current
        Cluster of each member, in the earlier and in the new run.
    at_least
        Smallest Jaccard overlap with which a cluster continues another.
    used
        Labels of still earlier runs, which a new cluster must not take either.

    Examples
    --------
    The largest cluster of the new run was number 2 before.

    >>> found = match_labels({"a": 1, "b": 1, "c": 2, "d": 2}, {"c": 1, "d": 1, "e": 1, "b": 2})
    >>> dict(found.labels), found.ended
    ({'b': 1, 'c': 2, 'd': 2, 'e': 2}, ())
    """
    width = len(str(max([0, *map(abs, previous.values()), *map(abs, current.values())])))

    def text(labels: Mapping[str, int]) -> dict[str, str]:
        # Padded, so that the order of texts is that of numbers.
        return {member: f"{label:0{width + 1}d}" for member, label in labels.items()}

    matches = match_clusters(text(previous), text(current), at_least=at_least, whole=True)
    carried = {int(match.second): int(match.first) for match in matches}
    overlap = {int(match.first): match.jaccard for match in matches}
    taken = {*previous.values(), *used}
    following = max(taken, default=0) + 1
    sizes: dict[int, int] = {}
    for label in current.values():
        sizes[label] = sizes.get(label, 0) + 1
    fresh = sorted(set(sizes) - set(carried), key=lambda label: (-sizes[label], label))
    renamed = {**carried, **{label: following + k for k, label in enumerate(fresh)}}
    return LabelMatch(
        labels={member: renamed[current[member]] for member in sorted(current)},
        continued={label: overlap[label] for label in sorted(overlap)},
        born=tuple(renamed[label] for label in fresh),
        ended=tuple(sorted(set(previous.values()) - set(carried.values()))),
    )


def _assigned(value: FloatArray) -> list[tuple[int, int]]:
    """Return the pairs of a one-to-one assignment of largest total value; pairs of 0 left out."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(value, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if value[row, column] > 0]


def counterparts(labels: IntArray, reference: IntArray) -> IntArray:
    """Return for each node the community of a reference that its own stands for; -1 for none.

    Communities are matched one for one so that as many nodes as can be agree (Hungarian method).

    Examples
    --------
    >>> counterparts(np.array([0, 0, 1, 2]), np.array([7, 7, 4, 4])).tolist()
    [7, 7, 4, -1]
    """
    if not len(labels):
        return np.zeros(0, dtype=np.int64)
    group = np.unique(labels, return_inverse=True)[1]
    wanted = np.unique(reference)
    counterpart = np.full(int(group.max()) + 1, -1, dtype=np.int64)
    for row, column in _assigned(shared_members(labels, reference)):
        counterpart[row] = wanted[column]
    return np.asarray(counterpart[group], dtype=np.int64)


def _sizes(clusters: Mapping[str, str], names: Sequence[str]) -> FloatArray:
    """Return the number of members of some clusters."""
    counts = Counter(clusters.values())
    return np.array([counts[name] for name in names], dtype=np.float64)
