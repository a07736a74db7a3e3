"""Centralities in both directions of a tie.

Every function takes a sparse matrix whose cell ``[i, j]`` is the strength of the ties from ``i``
to ``j`` (seller to buyer) and gives one number a node, in the order of the rows. Strengths are
turned into lengths only in :mod:`~klaster.algorithms.centrality.paths`, where the caller says how.
"""

from klaster.algorithms.centrality.modules import participation, role, within_module_z
from klaster.algorithms.centrality.paths import betweenness, tie_lengths
from klaster.algorithms.centrality.shells import core_numbers
from klaster.algorithms.centrality.spectral import Hits, hits, pagerank
from klaster.algorithms.centrality.strength import Strengths, strengths

__all__ = [
    "Hits",
    "Strengths",
    "betweenness",
    "core_numbers",
    "hits",
    "pagerank",
    "participation",
    "role",
    "strengths",
    "tie_lengths",
    "within_module_z",
]
