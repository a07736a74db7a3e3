"""Driver industries: industries grouped by competitiveness, the groups confirmed and ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.identification.industry_clusters import cluster_numbers
from klaster.algorithms.io.checks import checked_matrix
from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import FloatArray, IntArray

Scaling = Literal["z-score", "none"]


@dataclass(frozen=True, eq=False)
class WardTree:
    """Agglomeration by Ward's method.

    Attributes
    ----------
    schedule
        One row a merger: the two parts (0 … n − 1 are the observations, n the first merger),
        the height, the number of observations joined. Heights are Euclidean (Ward.D2 in R).
    distances
        Euclidean distances of the observations, n × n.
    """

    schedule: FloatArray
    distances: FloatArray

    def cut(self, count: int) -> IntArray:
        """Return groups 1 … count, the largest first."""
        from scipy.cluster.hierarchy import cut_tree

        n = len(self.distances)
        if not 1 <= count <= n:
            raise ValueError(f"count is {count}: give 1 to {n}, the number of observations")
        return cluster_numbers(cut_tree(self.schedule, n_clusters=[count])[:, 0])


def ward_tree(observations: npt.ArrayLike, *, scaling: Scaling = "z-score") -> WardTree:
    """Join observations step by step so that the variance within groups grows least.

    Parameters
    ----------
    observations
        Observations × variables.
    scaling
        ``z-score``: each variable to mean 0 and standard deviation 1 (n − 1) first, so that
        units do not decide. ``none``: as they are. It changes groups, so it is always said.

    Raises
    ------
    InputError
        For missing cells, and variables without variance where they are to be scaled.
    UnknownNameError
        For another scaling.

    References
    ----------
    Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. Journal of the
    American Statistical Association 58(301), 236–244. doi:10.1080/01621459.1963.10500845

    Examples
    --------
    >>> tree = ward_tree([[0], [1], [5], [7], [20]], scaling="none")
    >>> tree.schedule[:, 2].round(6).tolist()
    [1.0, 2.0, 7.778175, 21.18726]
    >>> tree.cut(3).tolist()
    [1, 1, 2, 2, 3]
    """
    from scipy.cluster.hierarchy import ward
    from scipy.spatial.distance import pdist, squareform

    X = _scaled(observations, scaling)
    if len(X) < 2:
        raise ValueError("there is one observation: give at least two to group")
    apart = pdist(X)
    return WardTree(np.asarray(ward(apart)), np.asarray(squareform(apart)))


@dataclass(frozen=True, eq=False)
class DriverGroups:
    """Groups of industries by competitiveness, strongest first.

    Attributes
    ----------
    group
        Group of each industry; 1 has the highest mean score: the driver industries.
    score
        Mean of the industry's z-scores, each turned so that more is better.
    group_scores
        Mean score of each group, falling.
    confirmed
        Whether linear discriminant analysis, fitted on the groups, puts the industry into its
        own; those it does not are borderline.
    probability
        The discriminant's probability of the industry's own group.
    accuracy
        Share of confirmed industries (resubstitution: an optimistic figure).
    tree
        The agglomeration behind the groups.
    """

    group: IntArray
    score: FloatArray
    group_scores: FloatArray
    confirmed: npt.NDArray[np.bool_]
    probability: FloatArray
    accuracy: float
    tree: WardTree

    def table(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row an industry."""
        return pd.DataFrame(
            {
                "group": self.group,
                "score": self.score,
                "driver": self.group == 1,
                "confirmed": self.confirmed,
                "probability": self.probability,
            },
            index=range(len(self.group)) if names is None else list(names),
        )


def driver_industries(
    indicators: npt.ArrayLike,
    count: int,
    *,
    more_is_better: Sequence[bool] | None = None,
    scaling: Scaling = "z-score",
) -> DriverGroups:
    """Group industries by Ward, confirm by linear discriminant analysis, rank by mean score.

    Parameters
    ----------
    indicators
        Industries × indicators of competitiveness: location quotient, growth, productivity,
        export share …
    count
        Number of groups, 2 to n − 1.
    more_is_better
        For each indicator whether a high value is a strength; all by default.
    scaling
        As :func:`ward_tree`. Scores are z-scores in either case.

    Raises
    ------
    InputError
        For missing cells and indicators that are the same for all.
    ValueError
        For a count outside 2 to n − 1, signs that do not fit the indicators, and groups of
        industries that are all alike: with nothing varying within a group there is no discriminant.

    References
    ----------
    Hill, E. W., Brennan, J. F. (2000). A methodology for identifying the drivers of industrial
    clusters: the foundation of regional competitive advantage. Economic Development Quarterly
    14(1), 65–96. doi:10.1177/089124240001400109

    Examples
    --------
    >>> found = driver_industries([[2.1, 5], [1.9, 6], [0.4, -1], [0.5, 0], [0.3, -2]], 2)
    >>> found.group.tolist(), found.accuracy
    ([1, 1, 2, 2, 2], 1.0)
    """
    X = checked_matrix("indicators", indicators, negative_allowed=True, square=False)
    n, m = X.shape
    signs = [True] * m if more_is_better is None else list(more_is_better)
    if len(signs) != m:
        raise ValueError(f"{len(signs)} signs for {m} indicators: give one for each")
    if not 2 <= count < n:
        raise ValueError(f"count is {count}: give 2 to {n - 1}, fewer than the industries")
    tree = ward_tree(X, scaling=scaling)
    found = tree.cut(count)
    z = _scaled(X, "z-score")
    within = max(float(np.ptp(z[found == g], axis=0).max()) for g in range(1, count + 1))
    if within <= 1e-12:
        raise ValueError(
            f"with {count} groups the industries of each group have the same indicators, so there "
            "is nothing to discriminate by: ask for fewer groups"
        )
    score = np.asarray((z * np.where(signs, 1.0, -1.0)).mean(axis=1))
    means = np.array([score[found == g].mean() for g in range(1, count + 1)])
    order = np.argsort(-np.round(means, 12), kind="stable")
    group = np.zeros(n, dtype=np.int64)
    for rank, g in enumerate(order.tolist(), start=1):
        group[found == g + 1] = rank
    predicted, probability = discriminant(z, group)
    confirmed = predicted == group
    return DriverGroups(
        group, score, means[order], confirmed, probability, float(confirmed.mean()), tree
    )


def discriminant(observations: npt.ArrayLike, groups: npt.ArrayLike) -> tuple[IntArray, FloatArray]:
    """Return the group linear discriminant analysis puts each observation in, and its certainty.

    Fitted on the same observations, groups weighted by size.

    Parameters
    ----------
    observations
        Observations × variables.
    groups
        Integers, at least two different ones.

    Returns
    -------
    predicted, probability
        The predicted group, and the probability of the observation's *own* group.

    References
    ----------
    Fisher, R. A. (1936). The use of multiple measurements in taxonomic problems. Annals of
    Eugenics 7(2), 179–188. doi:10.1111/j.1469-1809.1936.tb02137.x

    Examples
    --------
    >>> discriminant([[0.0], [1.0], [9.0], [10.0], [11.0]], [1, 1, 2, 2, 2])[0].tolist()
    [1, 1, 2, 2, 2]
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    X = checked_matrix("observations", observations, negative_allowed=True, square=False)
    own = np.asarray(groups, dtype=np.int64)
    model = LinearDiscriminantAnalysis(solver="svd").fit(X, own)
    probabilities = np.asarray(model.predict_proba(X))
    classes = np.asarray(model.classes_)
    at = np.searchsorted(classes, own)
    return (
        np.asarray(model.predict(X), dtype=np.int64),
        np.asarray(probabilities[np.arange(len(X)), at], dtype=np.float64),
    )


def _scaled(observations: npt.ArrayLike, scaling: Scaling) -> FloatArray:
    if scaling not in get_args(Scaling):
        raise UnknownNameError("scaling", scaling, get_args(Scaling))
    X = checked_matrix("observations", observations, negative_allowed=True, square=False)
    if scaling == "none":
        return X
    sd = X.std(axis=0, ddof=1) if len(X) > 1 else np.zeros(X.shape[1])
    flat = np.flatnonzero(sd <= 1e-12 * np.abs(X).max(axis=0))
    if len(flat):
        raise InputError(
            [
                Fault(
                    file="indicators",
                    column=str(k),
                    code="no-variance",
                    value=f"{X[0, k]:g}",
                    problem=f"indicator {k} is the same for all, so it cannot be scaled",
                    remedy="Leave it out.",
                )
                for k in flat.tolist()
            ],
            "the indicators",
        )
    return np.asarray((X - X.mean(axis=0)) / sd)
