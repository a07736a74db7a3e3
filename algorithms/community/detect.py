"""Repeated search for communities: many seeds, and the best partition among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from klaster.algorithms.community.engines import (
    objective_of,
    resolved_engine,
    scaled_network,
    search_named,
    spread,
)
from klaster.algorithms.community.exact import EXACT_LIMIT, TIE_TOLERANCE, exact_partitions
from klaster.algorithms.community.objective import (
    codelength,
    modularity_on,
    potts_quality,
)
from klaster.algorithms.community.search import USUAL, Search
from klaster.algorithms.community.work import StepProgress, do_all
from klaster.algorithms.square_matrix import (
    checked,
    is_symmetric,
    tied_nodes,
    undirected,
)
from klaster.graph.model import CSR, FloatArray, IntArray
from klaster.graph.settings import Objective


@dataclass(frozen=True)
class Plan:
    """How a network is partitioned.

    Attributes
    ----------
    engine
        ``exact``, or the name of an engine.
    objective
        What is sought: the highest modularity ``undirected`` (of W + Wᵀ) or ``directed`` (of W),
        the highest ``potts`` quality, or the shortest code of the ``map-equation``.
    resolution
        Of the quality.
    """

    engine: str
    objective: Objective
    resolution: float = 1.0


def plan_search(ties: CSR, search: Search = USUAL) -> Plan:
    """Return how a network (that :func:`checked` returned) is partitioned.

    ``leiden``, the default, looks at every partition where at most 10 nodes are tied (certain
    beats likely), maximising the directed modularity if some tie has no equal in the other
    direction. Otherwise it maximises the modularity of W + Wᵀ; an engine asked for by its own
    name has its own objective.

    Examples
    --------
    >>> plan_search(sparse.csr_array([[0.0, 1.0], [0.0, 0.0]]))
    Plan(engine='exact', objective='directed', resolution=1.0)
    """
    name = resolved_engine(search.engine, ties)
    if search.engine == "leiden" and len(tied_nodes(ties)) <= EXACT_LIMIT:
        objective: Objective = "undirected" if is_symmetric(ties) else "directed"
        return Plan("exact", objective, search.resolution)
    return Plan(name, objective_of(name), search.resolution)


def seeds_from(seed: int, count: int) -> list[int]:
    """Return independent seeds for the runs of one seed; more runs begin with the same seeds.

    Examples
    --------
    >>> seeds_from(1, 3) == seeds_from(1, 5)[:3]
    True
    """
    words: Sequence[int] = np.random.SeedSequence(seed).generate_state(count, np.uint32).tolist()
    return list(words)


def partitions_of(
    ties: CSR,
    plan: Plan,
    seeds: Sequence[int],
    *,
    workers: int = 1,
    seconds: float | None = None,
    progress: StepProgress | None = None,
) -> IntArray:
    """Return one partition for each seed, as rows of canonical labels.

    Engines break ties by the order in which nodes come, so each run sees the nodes in an order
    of its own, drawn from its seed: a seed alone would leave that source of chance untouched.
    Where every partition is looked at, the rows go through those that are equally best.
    ``ties`` is what :func:`checked` returned; workers and the time box are those of
    :func:`~klaster.algorithms.community.work.do_all`.
    """
    count = ties.shape[0]
    network, nodes = scaled_network(ties, plan.objective)
    if len(nodes) == 0:
        return np.tile(np.arange(count, dtype=np.int64), (len(seeds), 1))
    if plan.engine == "exact":
        part = sparse.csr_array(ties[nodes][:, nodes])
        optima = exact_partitions(
            part,
            directed=plan.objective == "directed",
            resolution=plan.resolution,
            self_loops="keep",
        )
        spread_optima = np.array([spread(row, nodes, count) for row in optima])
        return np.asarray(spread_optima[np.arange(len(seeds)) % len(optima)], dtype=np.int64)
    rows = do_all(
        _one_run,
        (network, plan, list(seeds)),
        len(seeds),
        workers=workers,
        seconds=seconds,
        progress=progress,
    )
    return np.array([spread(row, nodes, count) for row in rows], dtype=np.int64).reshape(
        len(rows), count
    )


def _one_run(shared: tuple[CSR, Plan, list[int]], run: int) -> IntArray:
    network, plan, seeds = shared
    order = np.random.Generator(np.random.PCG64(seeds[run])).permutation(network.shape[0])
    shuffled = reordered(network, order)
    labels = np.empty(len(order), dtype=np.int64)
    labels[order] = search_named(plan.engine)(shuffled, plan.resolution, seeds[run])
    return labels


def reordered(network: CSR, order: IntArray) -> CSR:
    """Return the network with its nodes in another order: ``network[order][:, order]``.

    Examples
    --------
    >>> reordered(sparse.csr_array([[0, 1.0], [2.0, 0]]), np.array([1, 0])).toarray()
    array([[0., 2.],
           [1., 0.]])
    """
    rows = network[order]
    place = np.empty(len(order), dtype=rows.indices.dtype)
    place[order] = np.arange(len(order))
    turned = sparse.csr_array((rows.data, place[rows.indices], rows.indptr), shape=rows.shape)
    turned.sort_indices()
    return turned


def qualities_of(ties: CSR, plan: Plan, rows: IntArray) -> FloatArray:
    """Return the quality of each row, of the kind the plan seeks; more is better.

    For the map equation: the code length with a minus sign.
    """
    return each_distinct(rows, _quality_on(ties, plan))


def each_distinct(rows: IntArray, quality: Callable[[IntArray], float]) -> FloatArray:
    """Return the quality of each row, equal rows asked for once."""
    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    return np.array([quality(row) for row in distinct])[which.ravel()]


def _quality_on(ties: CSR, plan: Plan) -> Callable[[IntArray], float]:
    """Return the quality of labels as a function; what all rows share is computed once."""
    if plan.objective == "potts":
        return lambda labels: potts_quality(ties, labels, plan.resolution)
    if plan.objective == "map-equation":
        return lambda labels: -codelength(ties, labels)
    network = ties if plan.objective == "directed" else undirected(ties)
    return lambda labels: modularity_on(network, labels, plan.resolution)


def best_row(rows: IntArray, qualities: FloatArray) -> int:
    """Return which row is best; among equals the smallest label vector.

    Examples
    --------
    >>> best_row(np.array([[0, 1], [0, 0]]), np.array([0.5, 0.5]))
    1
    """
    good = np.flatnonzero(qualities >= qualities.max() - TIE_TOLERANCE).tolist()
    return min(good, key=lambda row: rows[row].tolist())


def best_of_runs(ties: CSR, plan: Plan, seeds: Sequence[int]) -> IntArray:
    """Return the best partition of one run a seed, on a matrix that :func:`checked` returned."""
    rows = partitions_of(ties, plan, seeds)
    best: IntArray = rows[best_row(rows, qualities_of(ties, plan, rows))].copy()
    return best


def best_partition(matrix: CSR, search: Search = USUAL) -> IntArray:
    """Return the best of several runs by quality; at most 10 tied nodes: the best there is.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    search
        How it is searched for.

    Returns
    -------
    ndarray
        Canonical label of each node. Nodes without a tie to another are alone. Among equally good
        partitions the smallest label vector.

    Raises
    ------
    UnknownNameError
        For an engine there is not.
    InputError
        For a faulty matrix.

    References
    ----------
    Traag, V. A., Waltman, L. and van Eck, N. J. (2019), doi:10.1038/s41598-019-41695-z.

    Examples
    --------
    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> best_partition(rings).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    ties = checked(matrix, self_loops=search.self_loops)
    return best_of_runs(ties, plan_search(ties, search), seeds_from(search.seed, search.runs))
