"""Whether methods agree, and whether clusters hold together more than they hold to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.identification.industry_clusters import IndustryClusters
from klaster.algorithms.io.checks import checked_matrix
from klaster.algorithms.partitions.comparison import adjusted_rand, no_evidence
from klaster.algorithms.partitions.labels import overlap
from klaster.graph.model import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far methods agree, pair by pair; rows and columns are the methods.

    Attributes
    ----------
    adjusted_rand
        Adjusted Rand index: 1 the same clusters, 0 as much as chance, over the industries both
        methods put into a cluster. NaN where it would be a convention and no evidence: see
        ``unknown``.
    overlap
        Mean over industries of the Jaccard overlap of their two clusters, an industry without a
        cluster being alone.
    shared
        Number of industries both methods put into a cluster.
    unknown
        Why a pair has no index: ``few`` (less than two shared industries), ``one cluster`` (a method
        puts all shared ones together), ``all alone`` (a method parts all of them), empty where
        it has one.
    """

    adjusted_rand: pd.DataFrame
    overlap: pd.DataFrame
    shared: pd.DataFrame
    unknown: pd.DataFrame

    @property
    def pairs(self) -> tuple[int, int]:
        """Pairs of methods that have an index, and all pairs."""
        values = self._pairs()
        return int(np.isfinite(values).sum()), len(values)

    @property
    def mean(self) -> float:
        """Mean index over the pairs of methods that have one; NaN without any."""
        values = self._pairs()
        known = values[np.isfinite(values)]
        return float(known.mean()) if len(known) else float("nan")

    def _pairs(self) -> FloatArray:
        values = self.adjusted_rand.to_numpy(dtype=np.float64)
        return np.asarray(values[np.triu_indices(len(values), 1)], dtype=np.float64)


def agreement(methods: Sequence[IndustryClusters]) -> Agreement:
    """Compare the clusters of several methods over the same industries.

    Parameters
    ----------
    methods
        Partitions of the same industries, method names all different; 0 is no cluster.

    Raises
    ------
    ValueError
        For partitions of different length, or a method name given twice.

    References
    ----------
    Hubert, L., Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193–218.
    doi:10.1007/BF01908075

    Examples
    --------
    >>> import numpy as np
    >>> found = agreement([IndustryClusters("a", np.array([1, 1, 2, 2])),
    ...                    IndustryClusters("b", np.array([1, 1, 2, 0]))])
    >>> float(found.adjusted_rand.loc["a", "b"]), float(found.overlap.loc["a", "b"])
    (1.0, 0.75)
    >>> one = IndustryClusters("one", np.array([1, 1, 1, 1]))
    >>> found = agreement([IndustryClusters("a", np.array([1, 1, 2, 2])), one])
    >>> float(found.adjusted_rand.loc["a", "one"]), found.unknown.loc["a", "one"], found.pairs
    (nan, 'one cluster', (0, 1))
    """
    names = [found.method for found in methods]
    sizes = sorted({len(found.labels) for found in methods})
    if len(sizes) > 1 or len(set(names)) < len(names):
        raise ValueError(
            f"methods {names} with {sizes} industries: give each a name of its own and the same "
            "industries in the same order"
        )
    k = len(names)
    rand, jaccard = np.ones((k, k)), np.ones((k, k))
    shared = np.zeros((k, k), dtype=np.int64)
    unknown = np.full((k, k), "", dtype=object)
    for i, first in enumerate(methods):
        for j, second in enumerate(methods):
            both = (first.labels > 0) & (second.labels > 0)
            shared[i, j] = int(both.sum())
            if j < i:
                rand[i, j], jaccard[i, j] = rand[j, i], jaccard[j, i]
                unknown[i, j] = unknown[j, i]
            else:
                unknown[i, j] = no_evidence(first.labels[both], second.labels[both])
                rand[i, j] = (
                    np.nan
                    if unknown[i, j]
                    else adjusted_rand(first.labels[both], second.labels[both])
                )
                jaccard[i, j] = _mean_overlap(first.labels, second.labels)
    return Agreement(
        *(pd.DataFrame(m, index=names, columns=names) for m in (rand, jaccard, shared, unknown))
    )


def _mean_overlap(first: IntArray, second: IntArray) -> float:
    """Return the mean Jaccard overlap of the two clusters of each industry."""
    if not len(first):
        return float("nan")
    # Who is in no cluster of a method shares its own company only: it is a cluster of one.
    rows, columns = (
        np.where(labels > 0, labels, -1 - np.arange(len(labels))) for labels in (first, second)
    )
    row, column = (np.unique(labels, return_inverse=True)[1] for labels in (rows, columns))
    return float(overlap(row, column)[row, column].mean())


@dataclass(frozen=True, eq=False)
class ClusterScores:
    """How much clusters hold together (WCR) against how much they hold to others (BCR).

    Attributes
    ----------
    clusters
        One row a cluster: ``cluster``, ``size``, ``wcr``, ``bcr`` (mean over the other
        clusters), ``bcr_highest`` (the nearest other cluster), ``above_mean`` (wcr > bcr),
        ``above_p95`` (wcr > the 95th percentile of the relatedness to the other clusters).
    industries
        One row an industry in a cluster: ``industry``, ``cluster``, ``wcr`` (mean relatedness
        to the other members), ``bcr`` (mean over the other clusters), ``above_mean``,
        ``above_p95``, ``nearest`` (the cluster it is most related to: another than its own
        marks an outlier).
    cluster_share, industry_share
        Share of clusters and of industries that pass both tests; NaN without other clusters.
    """

    clusters: pd.DataFrame
    industries: pd.DataFrame
    cluster_share: float
    industry_share: float


def cluster_scores(relatedness: npt.ArrayLike, labels: npt.ArrayLike) -> ClusterScores:
    """Score a partition by within- and between-cluster relatedness.

    ``WCR_c`` is the mean relatedness of pairs inside c, ``BCR_cd`` of pairs with one industry in
    c and one in d. The diagonal (an industry with itself) plays no part; industries in no
    cluster (0) play none either. The scores are those of Delgado, Porter & Stern; that a
    cluster must pass the mean *and* the 95th percentile of the other clusters is our reading
    of their validation scores, not checked against the paper.

    Parameters
    ----------
    relatedness
        Symmetric, n × n: profile correlations, Czamanski–Ablas links, co-location …; negative
        values are allowed.
    labels
        Cluster of each industry, 0 for none.

    Raises
    ------
    InputError
        For missing cells.
    ValueError
        For labels of another length, and relatedness that is not symmetric.

    References
    ----------
    Delgado, M., Porter, M. E., Stern, S. (2016). Defining clusters of related industries.
    Journal of Economic Geography 16(1), 1–38. doi:10.1093/jeg/lbv017

    Examples
    --------
    >>> M = [[0, .9, .1, .2], [.9, 0, .0, .1], [.1, .0, 0, .8], [.2, .1, .8, 0]]
    >>> cluster_scores(M, [1, 1, 2, 2]).clusters[["cluster", "size", "wcr", "bcr"]]
       cluster  size  wcr  bcr
    0        1     2  0.9  0.1
    1        2     2  0.8  0.1
    """
    M = checked_matrix("relatedness", relatedness, negative_allowed=True)
    own = np.asarray(labels, dtype=np.int64)
    if own.shape != (len(M),):
        raise ValueError(f"{own.size} labels for {len(M)} industries: give one for each")
    if not np.allclose(M, M.T, rtol=1e-9, atol=1e-12):
        raise ValueError("relatedness is not symmetric: take the larger (or the mean) of both")
    numbers = [int(c) for c in np.unique(own) if c > 0]
    member = np.stack([own == c for c in numbers], axis=1).astype(np.float64) if numbers else None
    columns_c = ["cluster", "size", "wcr", "bcr", "bcr_highest", "above_mean", "above_p95"]
    columns_i = ["industry", "cluster", "wcr", "bcr", "above_mean", "above_p95", "nearest"]
    if member is None:
        empty = pd.DataFrame(columns=columns_c), pd.DataFrame(columns=columns_i)
        return ClusterScores(*empty, float("nan"), float("nan"))
    off = M - np.diag(np.diagonal(M))
    size = member.sum(axis=0)
    # Mean relatedness of each industry to each cluster, itself left out.
    to_cluster = _means(off @ member, size[None, :] - member)
    between = (member.T @ off @ member) / np.outer(size, size)
    within = _means(np.diagonal(between) * size, size - 1)
    cluster_rows = []
    for k, c in enumerate(numbers):
        others = np.delete(between[k], k)
        cluster_rows.append([c, int(size[k]), float(within[k]), *_tests(float(within[k]), others)])
    at = np.flatnonzero(own > 0)
    mine = np.searchsorted(numbers, own[at])
    scores = to_cluster[at]
    is_own = np.arange(len(numbers)) == mine[:, None]
    others_of = scores[~is_own].reshape(len(at), len(numbers) - 1)
    within_of = scores[is_own]
    known = np.where(np.isnan(scores), -np.inf, scores)
    industries = pd.DataFrame(
        {
            "industry": at,
            "cluster": own[at],
            "wcr": within_of,
            "bcr": np.nan,
            "above_mean": False,
            "above_p95": False,
            "nearest": np.asarray(numbers)[known.argmax(axis=1)],
        }
    )
    if others_of.shape[1]:
        mean = others_of.mean(axis=1)
        industries["bcr"] = mean
        industries["above_mean"] = within_of > mean
        industries["above_p95"] = within_of > np.percentile(others_of, 95, axis=1)
    clusters = pd.DataFrame(cluster_rows, columns=columns_c)
    if len(numbers) < 2:
        return ClusterScores(clusters, industries, float("nan"), float("nan"))
    shares = [float((t["above_mean"] & t["above_p95"]).mean()) for t in (clusters, industries)]
    return ClusterScores(clusters, industries, *shares)


def _means(sums: FloatArray, counts: FloatArray) -> FloatArray:
    return np.asarray(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0))


def _tests(within: float, others: FloatArray) -> tuple[float, float, bool, bool]:
    if not len(others):
        return float("nan"), float("nan"), False, False
    mean, highest = float(others.mean()), float(others.max())
    p95 = float(np.percentile(others, 95))
    return mean, highest, bool(within > mean), bool(within > p95)
