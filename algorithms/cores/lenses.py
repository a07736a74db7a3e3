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

The others are shown and do not vote, because they would count an idea twice, are not defined for
every member, or speak of something else:

==========================  =======================================================
lens                        why it does not vote
==========================  =======================================================
``in_strength``,            the two halves of ``strength``
``out_strength``
``within_module_z``         a rising function of ``strength`` inside one cluster
``random_walk``             reach as receiver, as ``pagerank_downstream``, but defined
                            in the largest circulation only
``counting_betweenness``    brokerage, as ``betweenness``, in the largest circulation only
``removal_loss``            brokerage without a replacement: in a network without
                            cycles the same number as ``betweenness`` counted in steps
``coreness``                embeddedness, as ``core_number``, but by strength, which votes
                            already, and 0 outside the part with the strongest core
``block_core``              0 or 1: says who, not how much
``hub``, ``authority``      hand on strength along ties as the two PageRanks do, and
                            see the strongest part of the cluster only
``participation``           how much it belongs elsewhere: no merit or fault of a core
``stability``               how surely it belongs here: no merit or fault of a core
==========================  =======================================================

Strengths are added up over all layers, as the joint matrix does. Ties to oneself are dropped:
what a firm does with itself does not make it the core of others. The two random-walk lenses alone
keep them, as their authors define them: goods that stay take longer to arrive elsewhere.

No lens asks for a sphere: an institute, a university or a programme can be core.

In clusters of more than :data:`EXACT_UP_TO` members ``betweenness`` is estimated from the chains
that begin at :data:`PIVOTS` members drawn at random; in each draw of the evidence from
:data:`PIVOTS_A_DRAW` drawn anew, so that the interval of a rank also holds what the choice does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from klaster.algorithms.centrality import (
    betweenness,
    betweenness_sampled,
    core_numbers,
    hits,
    pagerank,
    participation,
    strengths,
    within_module_z,
)
from klaster.algorithms.cores.blocks import block_core, coreness
from klaster.algorithms.cores.removal import removal_loss
from klaster.algorithms.square_matrix import checked
from klaster.graph.model import CSR, FloatArray, IntArray, StrArray

EXACT_UP_TO = 400
"""Members up to which betweenness is exact."""
PIVOTS, PIVOTS_A_DRAW = 256, 64
"""Members whose chains are looked at in a larger cluster; in each draw of its evidence."""
WALK_UP_TO = 3_000
"""Members up to which the random-walk lenses are solved: they need a full matrix."""
SMALLEST_CIRCULATION = 3
WALKS = "klaster.algorithms.io.random_walk"


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
        Both ends of the ties of each layer, as rows of the matrix; none to oneself.
    spheres
        Sphere of every node; empty where it has none, as industries do.
    stability
        How surely each member belongs to the cluster, in their order; None where not known.
    draw
        Number of the draw of the evidence; None for the ties as they are known.
    """

    matrix: CSR
    members: IntArray
    labels: IntArray
    layers: Mapping[str, tuple[IntArray, IntArray]]
    spheres: StrArray
    stability: FloatArray | None = None
    draw: int | None = None

    @cached_property
    def inside(self) -> CSR:
        """Ties between members, those to oneself dropped; rows in the order of ``members``."""
        part = sparse.csr_array(self.matrix[self.members][:, self.members])
        return checked(part, self_loops="drop")

    @cached_property
    def walks(self) -> tuple[FloatArray, FloatArray]:
        """Both random-walk centralities of the members where they are defined; else NaN."""
        if _no_walk(self):
            undefined = np.full(len(self.members), np.nan)
            return undefined, undefined
        near, passed = import_module(WALKS).both_walks(self.circulation, direction="sales")
        return near.values, passed.values

    @cached_property
    def circulation(self) -> FloatArray:
        """Ties between members, those to oneself kept, as a full matrix for the random walks."""
        return np.asarray(self.matrix[self.members][:, self.members].toarray(), dtype=np.float64)

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
        """Return the reading of each member, in the order of ``cluster.members``.

        A lens that does not vote may be undefined for some members, or for all: NaN.
        """
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
    reached = np.zeros((len(cluster.spheres), len(names)), dtype=bool)
    layer_count = np.zeros(len(cluster.spheres))
    for name in sorted(cluster.layers):
        row, column = cluster.layers[name]
        reached[row, code[column]] = True
        reached[column, code[row]] = True
        has_tie = np.zeros(len(cluster.spheres), dtype=bool)
        has_tie[row], has_tie[column] = True, True
        layer_count += has_tie
    reached[np.arange(len(code)), code] = False
    reached[:, names == ""] = False
    reach = reached.sum(axis=1) + layer_count
    return np.asarray(reach[cluster.members], dtype=np.float64)


def _downstream(cluster: ClusterView) -> FloatArray:
    return pagerank(cluster.inside, direction="downstream")


def _upstream(cluster: ClusterView) -> FloatArray:
    return pagerank(cluster.inside, direction="upstream")


def _brokerage(cluster: ClusterView) -> FloatArray:
    n = len(cluster.members)
    if n <= EXACT_UP_TO:
        return betweenness(cluster.inside, distance="reciprocal", directed=False)
    # Each draw has members of its own: so the interval holds what the choice of members does.
    found = betweenness_sampled(
        cluster.inside,
        distance="reciprocal",
        directed=False,
        sources=PIVOTS if cluster.draw is None else PIVOTS_A_DRAW,
        seed=1 if cluster.draw is None else cluster.draw,
    )
    return found.values


def _in_strength(cluster: ClusterView) -> FloatArray:
    return _shares(strengths(cluster.inside).incoming)


def _out_strength(cluster: ClusterView) -> FloatArray:
    return _shares(strengths(cluster.inside).outgoing)


def _shares(values: FloatArray) -> FloatArray:
    whole = float(values.sum())
    return np.asarray(values / whole, dtype=np.float64) if whole else np.zeros(len(values))


def _random_walk(cluster: ClusterView) -> FloatArray:
    return cluster.walks[0]


def _counting(cluster: ClusterView) -> FloatArray:
    return cluster.walks[1]


def _no_walk(cluster: ClusterView) -> str:
    """Say why there is no random walk to look at; empty where there is one."""
    if len(cluster.members) > WALK_UP_TO:
        return "too-large"
    if find_spec(WALKS) is None:
        return "not-installed"
    ties = sparse.csr_array(cluster.circulation)
    _, part = csgraph.connected_components(ties, directed=True, connection="strong")
    largest = int(np.bincount(part, minlength=1).max())
    return "no-circulation" if largest < SMALLEST_CIRCULATION else ""


def _loss(cluster: ClusterView) -> FloatArray:
    return removal_loss(cluster.inside).pairs_share


def _coreness(cluster: ClusterView) -> FloatArray:
    return coreness(cluster.inside)


def _block(cluster: ClusterView) -> FloatArray:
    found = np.zeros(len(cluster.members))
    found[block_core(cluster.inside).core] = 1.0
    return found


def _stability(cluster: ClusterView) -> FloatArray:
    if cluster.stability is None:
        return np.full(len(cluster.members), np.nan)
    return np.asarray(cluster.stability, dtype=np.float64)


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
        Lens("in_strength", "local weight", False, _in_strength),
        Lens("out_strength", "local weight", False, _out_strength),
        Lens("within_module_z", "local weight", False, _within_z),
        Lens("random_walk", "reach as receiver", False, _random_walk),
        Lens("counting_betweenness", "brokerage", False, _counting),
        Lens("removal_loss", "brokerage", False, _loss),
        Lens("coreness", "embeddedness", False, _coreness),
        Lens("block_core", "embeddedness", False, _block),
        Lens("participation", "belonging elsewhere", False, _participation),
        Lens("hub", "reach as source", False, _hub),
        Lens("authority", "reach as receiver", False, _authority),
        Lens("stability", "belonging here", False, _stability),
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


def missing_lenses(cluster: ClusterView) -> dict[str, str]:
    """Return the lenses that have no reading for any member, with a code that says why.

    ``no-circulation``: no three members can reach each other along the ties, so that a random
    walk has nowhere to wander. ``too-large``: more than :data:`WALK_UP_TO` members.
    ``not-installed``: the random walks are not part of this installation. ``declared``: the
    cluster was not found by runs that could disagree.

    Examples
    --------
    >>> ties = sparse.csr_array([[0, 1.0], [0, 0]])
    >>> view = ClusterView(ties, np.arange(2), np.zeros(2, int), {"supply": ([0], [1])},
    ...                    np.array(["business"] * 2))
    >>> missing_lenses(view)["stability"]
    'declared'
    """
    found: dict[str, str] = {}
    walk = _no_walk(cluster)
    if walk:
        found |= {"random_walk": walk, "counting_betweenness": walk}
    if np.isnan(_stability(cluster)).all():
        found["stability"] = "declared"
    return found


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
    >>> view = ClusterView(ties, np.arange(3), np.zeros(3, int), {"supply": ([0, 1], [2, 2])},
    ...                    np.array(["business", "academia", "business"]))
    >>> read_lenses(view)["strength"].round(3)
    array([0.333, 0.167, 0.5  ])
    >>> read_lenses(view)["helix_reach"]
    array([1., 2., 2.])
    """
    return {name: LENSES[name](cluster) for name in (LENSES if names is None else names)}
