"""Centralities in both directions of a tie.

Every function takes a sparse matrix whose cell ``[i, j]`` is the strength of the ties from ``i``
to ``j`` (seller to buyer) and gives one number a node, in the order of the rows. Strengths are
turned into lengths only in :mod:`~klaster.algorithms.centrality.paths`, where the caller says how.
A matrix that is not square, or holds a negative, infinite or missing strength, is refused
(:func:`klaster.algorithms.square_matrix.checked`).
"""

from klaster.algorithms.centrality.estimates import Estimate, betweenness_sampled, sources_for
from klaster.algorithms.centrality.modules import participation, role, within_module_z
from klaster.algorithms.centrality.paths import betweenness, closeness, harmonic, tie_lengths
from klaster.algorithms.centrality.shells import core_numbers
from klaster.algorithms.centrality.spectral import Hits, eigenvector, hits, katz, pagerank
from klaster.algorithms.centrality.strength import Strengths, strengths

__all__ = [
    "Estimate",
    "Hits",
    "Strengths",
    "betweenness",
    "betweenness_sampled",
    "closeness",
    "core_numbers",
    "eigenvector",
    "harmonic",
    "hits",
    "katz",
    "pagerank",
    "participation",
    "role",
    "sources_for",
    "strengths",
    "tie_lengths",
    "within_module_z",
]
