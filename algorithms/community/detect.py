"""Repeated search for communities: many seeds, and the best partition among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from klaster.algorithms.community.engines import (
    resolved_engine,
    scaled_network,
    search_named,
    spread,
)
from klaster.algorithms.community.exact import EXACT_LIMIT, TIE_TOLERANCE, exact_partitions
from klaster.algorithms.community.objective import modularity_of_checked
from klaster.algorithms.community.projection import SelfTies, checked, is_symmetric, tied_nodes
from klaster.graph.model import CSR, FloatArray, IntArray

Progress = Callable[[int, int], None]
"""Called with the number of steps done and the number of all steps."""


@dataclass(frozen=True)
class Plan:
    """How a network is partitioned.

    Attributes
    ----------
    engine
        ``exact``, or the name of an engine.
    objective
        Which modularity is maximised: ``undirected`` (of W + Wᵀ) or ``directed`` (of W).
    """

    engine: str
    objective: Literal["undirected", "directed"]


def plan_search(matrix: CSR, engine: str = "leiden", self_ties: SelfTies = "drop") -> Plan:
    """Return how ``best_partition`` and the ensemble partition this network.

    ``leiden``, the default, looks at every partition where at most 10 nodes are tied (certain
    beats likely), maximising the directed modularity if some tie has no equal in the other
    direction. Otherwise, and for each engine asked for by its own name, the modularity of
    W + Wᵀ is maximised.

    Examples
    --------
    >>> plan_search(sparse.csr_array([[0.0, 1.0], [0.0, 0.0]]))
    Plan(engine='exact', objective='directed')
    """
    ties = checked(matrix, self_ties)
    name = resolved_engine(engine, ties)
    if engine == "leiden" and len(tied_nodes(ties)) <= EXACT_LIMIT:
        return Plan("exact", "undirected" if is_symmetric(ties) else "directed")
    return Plan(name, "undirected")


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
    *,
    resolution: float,
    seeds: Sequence[int],
    progress: Progress | None = None,
) -> IntArray:
    """Return one partition for each seed, as rows of canonical labels.

    Where every partition is looked at, the rows go through those that are equally best.
    ``ties`` is what :func:`~klaster.algorithms.community.projection.checked` returned.
    """
    count = ties.shape[0]
    network, nodes = scaled_network(ties)
    rows = np.empty((len(seeds), count), dtype=np.int64)
    if len(nodes) == 0:
        rows[:] = np.arange(count)
    elif plan.engine == "exact":
        part = sparse.csr_array(ties[nodes][:, nodes])
        optima = exact_partitions(
            part, directed=plan.objective == "directed", resolution=resolution, self_ties="keep"
        )
        for run in range(len(seeds)):
            rows[run] = spread(optima[run % len(optima)], nodes, count)
    else:
        search = search_named(plan.engine)
        for run, seed in enumerate(seeds):
            rows[run] = spread(search(network, resolution, seed), nodes, count)
            if progress:
                progress(run + 1, len(seeds))
    return rows


def qualities_of(ties: CSR, plan: Plan, rows: IntArray, resolution: float) -> FloatArray:
    """Return the modularity of each row, of the kind the plan maximises."""
    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    directed = plan.objective == "directed"
    values = [modularity_of_checked(ties, row, resolution, directed) for row in distinct]
    return np.array(values)[which.ravel()]


def best_row(rows: IntArray, qualities: FloatArray) -> int:
    """Return which row is best; among equals the smallest label vector.

    Examples
    --------
    >>> best_row(np.array([[0, 1], [0, 0]]), np.array([0.5, 0.5]))
    1
    """
    good = np.flatnonzero(qualities >= qualities.max() - TIE_TOLERANCE).tolist()
    return min(good, key=lambda row: rows[row].tolist())


def best_partition(
    matrix: CSR,
    *,
    engine: str = "leiden",
    resolution: float = 1.0,
    seed: int = 1,
    runs: int = 20,
    self_ties: SelfTies = "drop",
) -> IntArray:
    """Return the best of several runs by modularity; at most 10 tied nodes: the best there is.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``, none below zero.
    engine
        ``leiden`` or another name in :data:`~klaster.algorithms.community.engines.ENGINES`; see
        :func:`plan_search` for what it means on this network.
    resolution
        Weight of the expectation in the modularity; above 1 for smaller communities.
    seed
        Of all runs.
    runs
        Number of runs, at least 1; each has its own seed.
    self_ties
        ``drop`` (default) or ``keep``.

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
    if runs < 1:
        raise ValueError(f"runs is {runs}; at least 1 is needed")
    ties = checked(matrix, self_ties)
    plan = plan_search(ties, engine, "keep")
    rows = partitions_of(ties, plan, resolution=resolution, seeds=seeds_from(seed, runs))
    best: IntArray = rows[best_row(rows, qualities_of(ties, plan, rows, resolution))].copy()
    return best
