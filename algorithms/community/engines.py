"""The engines that look for communities, behind one signature.

Most maximise the modularity of W + Wᵀ: on supply networks the directed and the undirected
modularity of a partition differ in the fourth digit, and no fast permissive engine optimises the
directed one. The directed modularity of the result is reported beside it; ``leiden-directed``
maximises it, slower.

What is known of them, and minded here:

* graspologic-native (``leiden-graspologic``): several sweeps from random starts; seeded; ignores
  weight on the diagonal in some of its sums, so it is refused a matrix with self-loops; panics on
  a network without ties, so it never sees one.
* klaster's own compiled kernel (``leiden-compiled``): five rounds with randomised refinement; what
  ``leiden`` stands for on networks of 5,000 tied pairs and more, self-loops or not.
* graspologic-native for the constant Potts model (``leiden-cpm``); the resolution is in units of the mean
  density.
* klaster's own Leiden (``leiden-directed``), begun from the partition of ``leiden``, for
  the directed modularity of W.
* NetworKit's map equation (``map-equation``): of W + Wᵀ, hierarchical moves, one thread. It has
  no resolution. On dense tables it finds one community of all.
* NetworKit (``leiden-networkit``): repeatable with one thread only; its count of iterations
  then has no effect (versions 11.2.2 and 11.3), and its partitions are 0.001 to 0.03 of
  modularity worse than those of graspologic-native. It is used for networks with self-loops.
* python-louvain (``louvain-python``): takes undirected graphs only; its rule for stopping uses
  the resolution otherwise than its moves do, so away from resolution 1 it may stop early.
* NetworkX (``louvain-networkx``): the number of levels is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from klaster.algorithms.community.leiden import (
    best_labels,
    compiled_labels,
    directed_modularity_form,
    is_large,
    modularity_form,
)
from klaster.algorithms.community.objective import codelength
from klaster.algorithms.partitions.labels import canonical_labels
from klaster.algorithms.square_matrix import checked, tied_nodes, undirected
from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import CSR, IntArray
from klaster.graph.settings import OBJECTIVES, Objective

MANY_DYADS = 50_000
"""From so many tied pairs on, Leiden makes two sweeps instead of five."""

_LEVEL_LIMIT = 100


class Engine(Protocol):
    """Finds communities of a matrix of ties: canonical labels, one per node."""

    def __call__(self, matrix: CSR, *, resolution: float, seed: int) -> IntArray:
        """Return the canonical labels of the nodes."""
        ...


def _leiden(network: CSR, resolution: float, seed: int) -> IntArray:
    if is_large(network):
        return _leiden_compiled(network, resolution, seed)
    search = _leiden_networkit if network.diagonal().any() else _leiden_graspologic
    return search(network, resolution, seed)


def _leiden_compiled(network: CSR, resolution: float, seed: int) -> IntArray:
    return compiled_labels(modularity_form(network, resolution), seed=seed)


def _leiden_graspologic(network: CSR, resolution: float, seed: int) -> IntArray:
    if network.diagonal().any():
        fault = Fault(
            file="engine",
            code="self-ties-not-counted",
            value="leiden-graspologic",
            problem="this engine cannot count ties to oneself",
            remedy="Drop them, or use leiden.",
        )
        raise InputError([fault], "the choice of engine")
    return _graspologic(network, resolution, seed, use_modularity=True)


def _leiden_cpm(network: CSR, resolution: float, seed: int) -> IntArray:
    part = sparse.csr_array(network)
    part.setdiag(0)  # a self-loop is inside whatever the partition
    part.eliminate_zeros()
    count = part.shape[0]
    density = float(part.data.sum()) / (count * (count - 1))
    return _graspologic(part, resolution * density, seed, use_modularity=False)


def _graspologic(network: CSR, resolution: float, seed: int, *, use_modularity: bool) -> IntArray:
    import graspologic_native

    count = network.shape[0]
    _, community_of = graspologic_native.leiden_csr(
        network.indptr.astype(np.int64),
        network.indices.astype(np.int32),
        network.data,
        count,
        resolution=resolution,
        iterations=5 if network.nnz < 2 * MANY_DYADS else 2,
        use_modularity=use_modularity,
        seed=seed,
    )
    return np.fromiter((community_of[node] for node in range(count)), np.int64, count)


def _leiden_directed(ties: CSR, resolution: float, seed: int) -> IntArray:
    begin = _leiden(undirected(ties), resolution, seed)
    return best_labels(directed_modularity_form(ties, resolution), seed=seed, start=begin)


def _map_equation(network: CSR, resolution: float, seed: int) -> IntArray:
    if resolution != 1.0:
        fault = Fault(
            file="engine",
            code="no-resolution",
            value=str(resolution),
            problem="the map equation has no resolution",
            remedy="Leave it at 1, or choose an engine of modularity.",
        )
        raise InputError([fault], "the choice of engine")
    found = _networkit(
        network,
        seed,
        lambda community, graph: community.LouvainMapEquation(
            graph, hierarchical=True, parallelizationStrategy="none"
        ),
    )
    # Its moves never join all nodes at once, where that would be the shortest code.
    half = sparse.csr_array(network / 2)
    parts = csgraph.connected_components(network, directed=False)[1].astype(np.int64)
    choices = [np.zeros(len(found), dtype=np.int64), parts, found]
    return min(choices, key=lambda labels: round(codelength(half, labels), 12))


def _leiden_networkit(network: CSR, resolution: float, seed: int) -> IntArray:
    return _networkit(
        network, seed, lambda community, graph: community.ParallelLeiden(graph, gamma=resolution)
    )


def _networkit(network: CSR, seed: int, detector: Callable[[Any, Any], Any]) -> IntArray:
    """Return the partition that a detector of NetworKit finds, on one thread to be repeatable."""
    import networkit

    graph = networkit.GraphFromCoo(
        _loops_once(network), n=network.shape[0], weighted=True, directed=False
    )
    threads = networkit.getMaxNumberOfThreads()
    networkit.setNumberOfThreads(1)
    try:
        networkit.setSeed(seed, False)
        search = detector(networkit.community, graph)
        search.run()
        return np.array(search.getPartition().getVector(), dtype=np.int64)
    finally:
        networkit.setNumberOfThreads(threads)


def _louvain_python(network: CSR, resolution: float, seed: int) -> IntArray:
    import community

    community_of = community.best_partition(
        _networkx_graph(network), resolution=resolution, random_state=seed
    )
    return np.array([community_of[node] for node in range(network.shape[0])], dtype=np.int64)


def _louvain_networkx(network: CSR, resolution: float, seed: int) -> IntArray:
    import networkx as nx

    found = nx.community.louvain_communities(
        _networkx_graph(network), resolution=resolution, seed=seed, max_level=_LEVEL_LIMIT
    )
    labels = np.empty(network.shape[0], dtype=np.int64)
    for number, members in enumerate(found):
        labels[sorted(members)] = number
    return labels


def _loops_once(network: CSR) -> tuple[Any, tuple[Any, Any]]:
    """Return each pair once, and a self-loop with the weight of one of its two ends."""
    upper = sparse.triu(network, format="coo")
    weight = np.where(upper.row == upper.col, upper.data / 2, upper.data)
    # NetworKit reads these buffers as unsigned machine words, whatever their type.
    return weight, (upper.row.astype(np.uint64), upper.col.astype(np.uint64))


def _networkx_graph(network: CSR) -> Any:
    import networkx as nx

    weight, (row, column) = _loops_once(network)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(network.shape[0]))
    graph.add_weighted_edges_from(
        zip(
            row.astype(np.int64).tolist(),
            column.astype(np.int64).tolist(),
            weight.tolist(),
            strict=True,
        )
    )
    return graph


EngineSearch = Callable[[CSR, float, int], IntArray]

_SEARCHES: dict[str, EngineSearch] = {
    "leiden": _leiden,
    "leiden-compiled": _leiden_compiled,
    "leiden-cpm": _leiden_cpm,
    "leiden-directed": _leiden_directed,
    "leiden-graspologic": _leiden_graspologic,
    "leiden-networkit": _leiden_networkit,
    "louvain-networkx": _louvain_networkx,
    "louvain-python": _louvain_python,
    "map-equation": _map_equation,
}


def objective_of(name: str) -> Objective:
    """Return what an engine seeks the best of: modularity of W + Wᵀ if nothing else is said.

    Examples
    --------
    >>> objective_of("leiden"), objective_of("leiden-directed")
    ('undirected', 'directed')
    """
    search_named(name)
    return OBJECTIVES.get(name, "undirected")


def search_named(name: str) -> EngineSearch:
    """Return the bare search of an engine: on a symmetric network without isolated nodes."""
    if name not in _SEARCHES:
        raise UnknownNameError("engine", name, _SEARCHES)
    return _SEARCHES[name]


def resolved_engine(name: str, matrix: CSR) -> str:
    """Return the engine that ``leiden`` stands for on this matrix; other names as they are.

    Examples
    --------
    >>> resolved_engine("leiden", sparse.csr_array([[0.0, 1.0], [0.0, 0.0]]))
    'leiden-graspologic'
    >>> resolved_engine("leiden", sparse.csr_array([[9.0, 1.0], [0.0, 0.0]]))
    'leiden-networkit'
    """
    search_named(name)
    if name != "leiden":
        return name
    if is_large(undirected(matrix)):
        return "leiden-compiled"
    return "leiden-networkit" if matrix.diagonal().any() else "leiden-graspologic"


def scaled_network(ties: CSR, objective: Objective = "undirected") -> tuple[CSR, IntArray]:
    """Return W + Wᵀ among the tied nodes, its largest weight 1, and which nodes those are.

    Scaling changes no partition, and keeps the engines' absolute tolerances meaningful for
    amounts in any unit. For the directed objective W itself is returned.
    """
    nodes = tied_nodes(ties)
    network = sparse.csr_array(ties[nodes][:, nodes])
    if objective != "directed":
        network = undirected(network)
    if network.nnz:
        network.data /= network.data.max()
    return network, nodes


def spread(labels: IntArray, nodes: IntArray, node_count: int) -> IntArray:
    """Return canonical labels of all nodes: those given for some, the others each alone."""
    everyone = np.arange(node_count, dtype=np.int64) + node_count
    everyone[nodes] = labels
    return canonical_labels(everyone)


def _engine(name: str) -> Engine:
    def engine(matrix: CSR, *, resolution: float, seed: int) -> IntArray:
        ties = checked(matrix, self_loops="keep")
        network, nodes = scaled_network(ties, objective_of(name))
        search = search_named(name)
        labels = search(network, resolution, seed) if len(nodes) else np.zeros(0, np.int64)
        return spread(labels, nodes, ties.shape[0])

    engine.__name__ = name.replace("-", "_")
    engine.__doc__ = f"Find communities by {name}; the diagonal counts as it is given."
    return engine


ENGINES: Mapping[str, Engine] = {name: _engine(name) for name in _SEARCHES}
"""Engines by name. :func:`objective_of` says what each seeks the best of on the matrix as given,
self-loops included; nodes without a tie to another stay alone; labels are canonical; the same matrix,
resolution and seed (0 to 2³² − 1) give the same labels."""
