"""Networks whose communities are published or can be listed."""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy import sparse

from klaster.graph.model import CSR

# Exact optima of Zachary's karate club (1977), found by integer programming (igraph,
# community_optimal_modularity); unweighted also in Brandes et al. (2008), 0.4198.
KARATE_OPTIMUM = 0.4197896120973046
KARATE_OPTIMUM_WEIGHTED = 0.44490358126721763
KARATE_COMMUNITIES = (
    {8, 9, 14, 15, 18, 20, 22, 26, 29, 30, 32, 33},
    {0, 1, 2, 3, 7, 11, 12, 13, 17, 19, 21},
    {23, 24, 25, 27, 28, 31},
    {4, 5, 6, 10, 16},
)

# Germany 1995, Eurostat Manual of Supply, Use and Input-Output Tables (2008): agriculture,
# industry, construction, trade, business services, other services.
GERMANY = np.array(
    [
        [1131, 25480, 1, 607, 710, 762],
        [7930, 304584, 64167, 41082, 11981, 30360],
        [426, 7334, 3875, 5296, 23457, 9155],
        [3559, 72717, 14190, 74399, 10835, 21008],
        [3637, 96115, 31027, 65755, 193176, 34223],
        [1552, 14986, 1747, 11225, 15058, 22070],
    ],
    dtype=float,
)


def karate(*, weighted: bool = False) -> CSR:
    """Return Zachary's karate club, both halves of the matrix."""
    graph = nx.karate_club_graph()
    weight = "weight" if weighted else None
    return sparse.csr_array(nx.to_scipy_sparse_array(graph, weight=weight, dtype=np.dtype(float)))


def two_triangles() -> CSR:
    """Return two directed rings of three and one tie from the first to the second."""
    source, target = [0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3]
    return sparse.csr_array((np.ones(7), (source, target)), shape=(6, 6))


def ring_of_cliques(count: int, size: int) -> CSR:
    """Return full groups tied to a ring by single ties, both halves of the matrix."""
    graph = nx.ring_of_cliques(count, size)
    return sparse.csr_array(
        nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), dtype=np.dtype(float))
    )


def random_ties(seed: int, nodes: int, ties: int, *, loops: bool = True) -> CSR:
    """Return ties between ends drawn at random, weights 1 to 4, parallel ones added up."""
    rng = np.random.Generator(np.random.PCG64(seed))
    source, target = rng.integers(0, nodes, (2, ties))
    weight = rng.integers(1, 5, ties).astype(float)
    keep = (source != target) | loops
    matrix = sparse.coo_array((weight[keep], (source[keep], target[keep])), shape=(nodes, nodes))
    return matrix.tocsr()


def planted(seed: int, groups: int, size: int, inside: float, outside: float) -> CSR:
    """Return a directed network of equal groups, ties likelier inside them."""
    graph = nx.planted_partition_graph(groups, size, inside, outside, seed=seed, directed=True)
    return sparse.csr_array(
        nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), dtype=np.dtype(float))
    )
