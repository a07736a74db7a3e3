"""What a method of identification gives back: industries, their cluster, and how they belong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from klaster.algorithms.partitions.labels import canonical_labels
from klaster.graph.model import IntArray

UNASSIGNED = 0


@dataclass(frozen=True, eq=False)
class IndustryClusters:
    """Clusters of industries found by one method.

    Attributes
    ----------
    method
        Name of the method.
    labels
        Cluster of each industry: 1 is the largest (of equals, the one whose first industry
        comes first), 0 is no cluster.
    description
        In words, the settings the clusters depend on.
    """

    method: str
    labels: IntArray
    description: str = ""

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max(initial=0))

    def members(self, number: int) -> list[int]:
        """Return the positions of the industries in one cluster."""
        return [int(k) for k in np.flatnonzero(self.labels == number)]

    def table(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row an industry, with its cluster."""
        index = range(len(self.labels)) if names is None else list(names)
        return pd.DataFrame({"cluster": self.labels}, index=index)


def cluster_numbers(
    labels: npt.ArrayLike, *, smallest: int = 1, unassigned: Iterable[int] = ()
) -> IntArray:
    """Return cluster numbers 1, 2, … by size, of equals by the first industry; 0 for none.

    Parameters
    ----------
    labels
        Any integers, one for each industry.
    smallest
        Clusters with fewer industries become 0.
    unassigned
        Values of ``labels`` that mean no cluster.

    Examples
    --------
    >>> cluster_numbers([7, 3, 3, 9, 9, 9]).tolist()
    [3, 2, 2, 1, 1, 1]
    >>> cluster_numbers([7, 3, 3], smallest=2).tolist()
    [0, 1, 1]
    """
    given = np.asarray(labels, dtype=np.int64)
    _, group, counts = np.unique(given, return_inverse=True, return_counts=True)
    kept = (counts[group] >= smallest) & ~np.isin(given, sorted(unassigned))
    result = np.zeros(len(given), dtype=np.int64)
    result[kept] = canonical_labels(given[kept]) + 1
    return result


def components(ties: npt.ArrayLike) -> IntArray:
    """Return clusters as connected parts of at least two industries, direction disregarded.

    Parameters
    ----------
    ties
        n × n, true where two industries are linked; the diagonal plays no part.

    Examples
    --------
    >>> components([[0, 0, 0], [0, 0, 1], [0, 0, 0]]).tolist()
    [0, 1, 1]
    """
    linked = np.asarray(ties, dtype=bool).copy()
    np.fill_diagonal(linked, False)
    _, part = connected_components(sparse.csr_array(linked), directed=True, connection="weak")
    return cluster_numbers(part, smallest=2)
