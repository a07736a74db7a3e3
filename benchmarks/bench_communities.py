"""Communities of a planted supply network: our default engine against python-louvain.

Both start from the same matrix of ties and end with one label per node; both partitions are
judged by one function. Times are ratios within one run on one machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import sparse

from klaster.algorithms.community.engines import ENGINES
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.partitions.comparison import adjusted_rand
from klaster.graph.model import CSR, FloatArray, IntArray

Row = dict[str, str | float]

PEER = "louvain-python"
RIVALS = ("leiden", "leiden-networkit", "louvain-networkx")


def planted_supply_network(
    nodes: int, ties: int, blocks: int, *, inside: float, seed: int
) -> tuple[CSR, IntArray]:
    """Draw ties between firms of unequal size, a share of them inside the firm's own block.

    Ends are drawn in proportion to a Pareto fitness (exponent 1.8), weights are lognormal;
    parallel ties are added up, self-ties left out.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    block = rng.integers(0, blocks, nodes)
    fitness = rng.pareto(1.8, nodes) + 0.2
    source = _drawn(rng, np.arange(nodes), fitness, ties)
    target = _drawn(rng, np.arange(nodes), fitness, ties)
    stays = rng.random(ties) < inside
    for number in range(blocks):
        members = np.flatnonzero(block == number)
        at_home = np.flatnonzero(stays & (block[source] == number))
        target[at_home] = _drawn(rng, members, fitness[members], len(at_home))
    proper = source != target
    weight = rng.lognormal(0.0, 1.0, ties)[proper]
    matrix = sparse.coo_array((weight, (source[proper], target[proper])), shape=(nodes, nodes))
    return matrix.tocsr(), block


def _drawn(rng: np.random.Generator, among: IntArray, fitness: FloatArray, count: int) -> IntArray:
    return rng.choice(among, count, p=fitness / fitness.sum())


def _labels(matrix: CSR, engine: str) -> IntArray:
    return ENGINES[engine](matrix, resolution=1.0, seed=1)


def _timed(work: Callable[[], IntArray], repeats: int) -> tuple[IntArray, float]:
    """Return the result and the median of the seconds it took."""
    seconds, result = [], np.zeros(0, dtype=np.int64)
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return result, float(np.median(seconds))


def run(nodes: int = 10_000, ties: int = 100_000, blocks: int = 50) -> list[Row]:
    """Return one row per engine: seconds, ratio to python-louvain, quality of both."""
    matrix, block = planted_supply_network(nodes, ties, blocks, inside=0.6, seed=1)
    warm, _ = planted_supply_network(100, 300, 4, inside=0.6, seed=1)
    for engine in (*RIVALS, PEER):
        _labels(warm, engine)  # imports are not timed
    peer, peer_seconds = _timed(partial(_labels, matrix, PEER), 1)
    rows: list[Row] = []
    for engine in RIVALS:
        labels, seconds = _timed(partial(_labels, matrix, engine), 3)
        rows.append(
            {
                "task": f"communities of {ties:,} ties: {engine}",
                "ours_s": round(seconds, 3),
                "peer": PEER,
                "peer_s": round(peer_seconds, 3),
                "ratio": round(peer_seconds / seconds, 1),
                "ours_quality": round(modularity(matrix, labels), 4),
                "peer_quality": round(modularity(matrix, peer), 4),
                "ours_recovery": round(adjusted_rand(labels, block), 3),
                "peer_recovery": round(adjusted_rand(peer, block), 3),
            }
        )
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
