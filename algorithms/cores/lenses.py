"""Lenses: what can be measured of a member of a cluster, each one idea of being its core.

Six lenses vote on the core, one for each idea:

=======================  ==========================================================
lens                     idea: a core ...
=======================  ==========================================================
``strength``             carries a large share of the ties inside (local weight)
``pagerank_downstream``  is where chains of ties end: important receiver, end buyer
``pagerank_upstream``    is where chains of ties begin: root supplier, source
``betweenness``          stands on the strongest chains between others (brokerage)
``core_number``          is tied to members that are well tied themselves (embeddedness)
``helix_reach``          has ties to other spheres, of several kinds (triple helix)
=======================  ==========================================================

Four are shown and do not vote, because they would count an idea twice: ``within_module_z`` is a
rising function of ``strength`` inside one cluster; ``hub`` and ``authority`` hand on strength
along ties as the two PageRanks do, and see the strongest part of the cluster only;
``participation`` says how much a member belongs elsewhere, which is no merit or fault of a core.

Strengths are added up over all layers, as the joint matrix does. Ties to oneself are dropped:
what a firm does with itself does not make it the core of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from klaster.algorithms.centrality import (
    betweenness,
    core_numbers,
    hits,
    pagerank,
    participation,
    strengths,
    within_module_z,
)
from klaster.algorithms.centrality.matrices import both_ways, checked
from klaster.graph.model import CSR, FloatArray, IntArray, StrArray


@dataclass(frozen=True, eq=False)
class ClusterView:
    """One cluster in its surroundings: what a lens looks at.

    Attributes
    ----------
    matrix
        All nodes, all layers: ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``.
    members
        Rows of the matrix that are the cluster, each once.
    labels
        Cluster of every node; a negative label is no cluster (all such nodes count as one).
        Members count as one cluster of their own whatever their labels say, so that a declared
        cluster can be looked at too.
    layers
        Matrix of each layer, on the same nodes.
    spheres
        Sphere of every node; empty where it has none, as industries do.
    """

    matrix: CSR
    members: IntArray
    labels: IntArray
    layers: Mapping[str, CSR]
    spheres: StrArray

    @cached_property
    def inside(self) -> CSR:
        """Ties between members, those to oneself dropped; rows in the order of ``members``."""
        part = sparse.csr_array(self.matrix[self.members][:, self.members])
        return checked(part, self_ties="drop")

    @cached_property
    def modules(self) -> IntArray:
        """Labels of all nodes with the members as one module."""
        modules = np.maximum(np.asarray(self.labels, dtype=np.int64), -1)
        modules[self.members] = modules.max(initial=-1) + 1
        return modules


Measure = Callable[[ClusterView], FloatArray]


@dataclass(frozen=True)
class Lens:
    """One measure of the members of a cluster; calling it gives one number a member.

    Attributes
    ----------
    name, idea
        What it is called, and which idea of a core it stands for.
    votes
        Whether it counts in the Borda rank.
    measure
        The function of a cluster; a larger number speaks more for a core.
    """

    name: str
    idea: str
    votes: bool
    measure: Measure

    def __call__(self, cluster: ClusterView) -> FloatArray:
        """Return the reading of each member, in the order of ``cluster.members``."""
        return self.measure(cluster)


def strength_share(cluster: ClusterView) -> FloatArray:
    """Return each member's share of all tie strength inside the cluster.

    ``(in_i + out_i) / sum_j (in_j + out_j)``; 0 for all where there is no tie inside.
    """
    total = strengths(cluster.inside).total
    whole = float(total.sum())
    return np.asarray(total / whole, dtype=np.float64) if whole else np.zeros(len(total))


def helix_reach(cluster: ClusterView) -> FloatArray:
    """Return the number of other spheres plus the number of layers each member has ties in.

    Ties to nodes outside the cluster count too: the reach of a firm does not end there. Spheres
    are those of its neighbours, its own and the empty one left out.
    """
    names, code = np.unique(cluster.spheres, return_inverse=True)
    n = len(cluster.spheres)
    of_sphere = sparse.csr_array((np.ones(n), (np.arange(n), code)), shape=(n, len(names)))
    reached = np.zeros((len(cluster.members), len(names)))
    layer_count = np.zeros(len(cluster.members))
    for name in sorted(cluster.layers):
        near = both_ways(checked(cluster.layers[name], self_ties="drop"))
        with_sphere = (near[cluster.members] @ of_sphere).toarray()
        reached += with_sphere
        layer_count += with_sphere.any(axis=1)
    reached[np.arange(len(cluster.members)), code[cluster.members]] = 0
    reached[:, names == ""] = 0
    return np.asarray((reached > 0).sum(axis=1) + layer_count, dtype=np.float64)


def _downstream(cluster: ClusterView) -> FloatArray:
    return pagerank(cluster.inside, direction="downstream")


def _upstream(cluster: ClusterView) -> FloatArray:
    return pagerank(cluster.inside, direction="upstream")


def _brokerage(cluster: ClusterView) -> FloatArray:
    return betweenness(cluster.inside, distance="reciprocal", directed=False)


def _embeddedness(cluster: ClusterView) -> FloatArray:
    return core_numbers(cluster.inside).astype(np.float64)


def _within_z(cluster: ClusterView) -> FloatArray:
    return within_module_z(cluster.inside, np.zeros(len(cluster.members), dtype=np.int64))


def _participation(cluster: ClusterView) -> FloatArray:
    return participation(cluster.matrix, cluster.modules)[cluster.members]


def _hub(cluster: ClusterView) -> FloatArray:
    return hits(cluster.inside).hubs


def _authority(cluster: ClusterView) -> FloatArray:
    return hits(cluster.inside).authorities


LENSES: Mapping[str, Lens] = {
    lens.name: lens
    for lens in (
        Lens("strength", "local weight", True, strength_share),
        Lens("pagerank_downstream", "reach as receiver", True, _downstream),
        Lens("pagerank_upstream", "reach as source", True, _upstream),
        Lens("betweenness", "brokerage", True, _brokerage),
        Lens("core_number", "embeddedness", True, _embeddedness),
        Lens("helix_reach", "triple helix", True, helix_reach),
        Lens("within_module_z", "local weight", False, _within_z),
        Lens("participation", "belonging elsewhere", False, _participation),
        Lens("hub", "reach as source", False, _hub),
        Lens("authority", "reach as receiver", False, _authority),
    )
}
"""Every lens by name, in the order they are shown."""


def voting_lenses() -> tuple[str, ...]:
    """Return the names of the lenses that count in the Borda rank.

    Examples
    --------
    >>> voting_lenses()[:3]
    ('strength', 'pagerank_downstream', 'pagerank_upstream')
    """
    return tuple(name for name, lens in LENSES.items() if lens.votes)


def read_lenses(
    cluster: ClusterView, names: tuple[str, ...] | None = None
) -> dict[str, FloatArray]:
    """Return the reading of each lens, one number a member, by the name of the lens.

    Parameters
    ----------
    cluster
        The cluster to look at.
    names
        Lenses wanted; by default all of :data:`LENSES`.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> ties = sparse.csr_array([[0, 0, 2.0], [0, 0, 1.0], [0, 0, 0]])
    >>> view = ClusterView(ties, np.arange(3), np.zeros(3, int), {"supply": ties},
    ...                    np.array(["business", "academia", "business"]))
    >>> read_lenses(view)["strength"].round(3)
    array([0.333, 0.167, 0.5  ])
    >>> read_lenses(view)["helix_reach"]
    array([1., 2., 2.])
    """
    return {name: LENSES[name](cluster) for name in (LENSES if names is None else names)}
