"""Core and periphery as blocks: the two models of Borgatti and Everett, and a test of the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from klaster.algorithms.cores.tie_table import BoolArray
from klaster.algorithms.square_matrix import checked, undirected
from klaster.graph.findings import BlockFinding
from klaster.graph.model import CSR, FloatArray, IntArray, StrArray

VARIANT = "A"
_EXACT_UP_TO = 12
_STARTS = 4
_FLIPPED = 0.15
_SWAPS_UP_TO = 400
_DENSE_UP_TO = 400
_SAME_EIGENVALUE = 1e-9
_GAIN = 1e-12
_LARGEST_COVER = 200


@dataclass(frozen=True, eq=False)
class BlockFit:
    """The best division into core and periphery that was found.

    Attributes
    ----------
    core
        Which nodes are core.
    correlation
        Pearson correlation with the ideal pattern; NaN where all pairs are alike.
    """

    core: IntArray
    correlation: float


def block_core(matrix: CSR, *, seed: int = 1) -> BlockFit:
    r"""Divide the nodes into a core and a periphery: the discrete model, variant A.

    In the ideal pattern every pair with at least one end in the core is tied, and no two nodes
    of the periphery are:  :math:`\delta_{ij} = 1` if i or j is core, else 0. The core is the set
    with the largest Pearson correlation between :math:`\delta_{ij}` and :math:`a_{ij}` over all
    pairs i < j, where :math:`a_{ij}` is 1 for a tie in either direction. (Variant B, in which
    only pairs inside the core are tied, and C, in which pairs of core and periphery do not
    count, give other cores: the variant belongs to the result.)

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``; strengths and direction
        do not matter, ties to oneself do not count.
    seed
        Of the random starts.

    Returns
    -------
    BlockFit
        Of equally good cores the first found; positions are sorted. Nobody is core and the
        correlation is NaN where no or all pairs are tied.

    Notes
    -----
    Given its size, the core is best that leaves least ties within the periphery. Up to 12 nodes
    every core is looked at. Above, the search begins with the nodes with most ties, with those
    with most ties to nodes not taken yet, and with the latter after some nodes changed sides at
    random; from each start one node changes sides, or, where that does not help, two change
    places (up to 400 nodes), as long as the correlation grows. It may miss the best core.

    References
    ----------
    S. P. Borgatti, M. G. Everett (1999), Models of core/periphery structures, Social Networks
    21(4), 375-395, doi:10.1016/S0378-8733(99)00019-2.

    Examples
    --------
    A star: the hub is the core, and the pattern is perfect.

    >>> star = sparse.csr_array([[0, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    >>> found = block_core(star)
    >>> found.core.tolist(), round(found.correlation, 6)
    ([0], 1.0)
    """
    tied = undirected(checked(matrix, self_loops="drop"))
    tied.data = np.ones_like(tied.data)
    n = tied.shape[0]
    pairs, ties = n * (n - 1) / 2, tied.nnz / 2
    if ties in (0, pairs):
        return BlockFit(np.zeros(0, dtype=np.int64), float("nan"))
    search = _BlockSearch(tied, pairs, ties)
    if n <= _EXACT_UP_TO:
        best, best_value = search.best_of_all()
        return BlockFit(np.flatnonzero(best).astype(np.int64), best_value)
    rng = np.random.Generator(np.random.PCG64(seed))
    best, best_value = np.zeros(n, dtype=bool), -np.inf
    first = search.of_most_ties()
    cover = search.of_most_ties_left()
    for start in [first, cover, *(cover ^ (rng.random(n) < _FLIPPED) for _ in range(_STARTS))]:
        core, value = search.climbed(start)
        if value > best_value + _GAIN:
            best, best_value = core, value
    return BlockFit(np.flatnonzero(best).astype(np.int64), float(best_value))


class _BlockSearch:
    """Hill climbing over cores; the correlation depends on core size and ties in the periphery."""

    def __init__(self, tied: CSR, pairs: float, ties: float) -> None:
        self.tied, self.pairs, self.ties = tied, pairs, ties
        self.n = tied.shape[0]
        self.degree = np.diff(tied.indptr).astype(np.float64)
        share = ties / pairs
        self.spread = np.sqrt(share * (1 - share))
        self.dense = tied.toarray() if self.n <= _SWAPS_UP_TO else None

    def value(self, size: FloatArray | float, outside: FloatArray | float) -> FloatArray:
        """Correlation for a core of this size with so many ties within the periphery."""
        size, outside = np.asarray(size, dtype=np.float64), np.asarray(outside, dtype=np.float64)
        rest = self.n - size
        ones = (self.pairs - rest * (rest - 1) / 2) / self.pairs
        spread = np.sqrt(np.maximum(ones * (1 - ones), 0.0))
        covariance = (self.ties - outside) / self.pairs - self.ties / self.pairs * ones
        possible = spread > 0
        return np.where(
            possible, covariance / np.where(possible, spread * self.spread, 1.0), -np.inf
        )

    def of_most_ties(self) -> BoolArray:
        """Best of the cores made of the nodes with most ties, of any size."""
        order = np.lexsort((np.arange(self.n), -self.degree))
        place = np.argsort(order)
        ends = sparse.coo_array(sparse.triu(self.tied, k=1))
        # A tie is within the periphery until the first of its ends joins the core.
        covered = np.bincount(np.minimum(place[ends.row], place[ends.col]), minlength=self.n)
        outside = np.asarray(self.ties - np.cumsum(covered), dtype=np.float64)
        best = int(np.argmax(self.value(np.arange(1.0, self.n + 1), outside)))
        return np.asarray(place <= best)

    def of_most_ties_left(self) -> BoolArray:
        """Best of the cores got by taking in whoever has most ties with those not yet taken."""
        core = np.zeros(self.n, dtype=bool)
        left = self.degree.copy()
        outside, best, best_value = self.ties, core.copy(), -np.inf
        for size in range(1, min(self.n, _LARGEST_COVER) + 1):
            node = int(np.argmax(np.where(core, -1.0, left)))
            outside -= left[node]
            core[node] = True
            near = self.tied.indices[self.tied.indptr[node] : self.tied.indptr[node + 1]]
            left[near] -= 1
            value = float(self.value(float(size), outside))
            if value > best_value + _GAIN:
                best, best_value = core.copy(), value
        return best

    def best_of_all(self) -> tuple[BoolArray, float]:
        """Look at every core; of equally good ones take the smallest, then the first."""
        numbers = np.arange(2**self.n, dtype=np.int64)
        cores = (numbers[:, None] >> np.arange(self.n)) & 1 == 1
        size = cores.sum(axis=1).astype(np.float64)
        rest = (~cores).astype(np.float64)
        outside = ((rest @ self.tied.toarray()) * rest).sum(axis=1) / 2
        values = self.value(size, outside)
        good = np.flatnonzero(values >= values.max() - _GAIN)
        best = good[np.argmin(size[good])]
        return np.asarray(cores[best]), float(values[best])

    def climbed(self, core: BoolArray) -> tuple[BoolArray, float]:
        """Change the core step by step as long as the correlation grows."""
        if self.dense is None:
            from klaster.algorithms.kernels.blocks_kernel import climbed

            offsets, partners = (
                self.tied.indptr.astype(np.int64),
                self.tied.indices.astype(np.int32),
            )
            return climbed(offsets, partners, core, self.pairs, self.ties, _GAIN)
        core = core.copy()
        to_rest = np.asarray(self.tied @ (~core).astype(np.float64))
        outside = float(to_rest[~core].sum()) / 2
        value = float(self.value(core.sum(), outside))
        while True:
            joins = np.where(core, -1, 1)
            # A node that joins takes its ties with the periphery out of it; one that leaves
            # brings them in.
            flipped = self.value(core.sum() + joins, outside - joins * to_rest)
            node = int(np.argmax(flipped))
            moves, new = [node], float(flipped[node])
            if not new > value + _GAIN:
                swap = self._best_swap(core, to_rest, outside)
                if swap is not None:
                    moves, new = list(swap[0]), swap[1]
            if not new > value + _GAIN:
                return core, value
            for moved in moves:
                core[moved] = not core[moved]
            to_rest = np.asarray(self.tied @ (~core).astype(np.float64))
            outside = float(to_rest[~core].sum()) / 2
            value = float(self.value(core.sum(), outside))

    def _best_swap(
        self, core: BoolArray, to_rest: FloatArray, outside: float
    ) -> tuple[tuple[int, int], float] | None:
        assert self.dense is not None
        inner, outer = np.flatnonzero(core), np.flatnonzero(~core)
        if not len(inner) or not len(outer):
            return None
        # One leaves (its ties with the periphery come in), one joins (its ties go); the tie
        # between the two never lies within the periphery.
        left = outside + to_rest[inner][:, None] - to_rest[outer][None, :]
        left -= self.dense[np.ix_(inner, outer)]
        at = int(np.argmin(left))
        i, o = divmod(at, len(outer))
        return (int(inner[i]), int(outer[o])), float(self.value(len(inner), left[i, o]))


def block_finding(
    matrix: CSR, node_ids: StrArray, *, draws: int = 99, seed: int = 1
) -> BlockFinding:
    """Divide a cluster into core and periphery, and say whether degrees alone would do it.

    The same search on networks in which every node keeps its numbers of ties (see
    :func:`klaster.algorithms.trust.nulls.degree_preserving_draw`) gives the correlations of chance.

    Parameters
    ----------
    matrix
        Ties between the members.
    node_ids
        Key of each row.
    draws
        Number of random networks; 0 for none.
    seed
        Of everything random here.

    Notes
    -----
    A large p-value is no fault of the core: one core with one periphery follows from unequal
    numbers of ties (Kojaku and Masuda 2018). It means that nothing beyond "some have many ties"
    can be said.

    References
    ----------
    S. Kojaku, N. Masuda (2018), Core-periphery structure requires something else in the
    network, New Journal of Physics 20, 043012, doi:10.1088/1367-2630/aab547.

    Examples
    --------
    >>> star = sparse.csr_array([[0, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    >>> found = block_finding(star, np.array(["mill", "mine", "pit", "quarry"]), draws=9)
    >>> found.core_ids, round(found.correlation, 6), found.p_value
    (('mill',), 1.0, 1.0)
    """
    from klaster.algorithms.trust.nulls import degree_preserving_draw

    if draws < 0:
        raise ValueError(f"draws must be 0 or more, not {draws}")
    held = checked(matrix, self_loops="drop")
    fit = block_core(held, seed=seed)
    null = np.zeros(0)
    if draws and np.isfinite(fit.correlation):
        rng = np.random.Generator(np.random.PCG64(seed))
        drawn = [block_core(degree_preserving_draw(held, rng), seed=seed) for _ in range(draws)]
        null = np.array([found.correlation for found in drawn])
    as_good = int((null >= fit.correlation - _GAIN).sum())
    return BlockFinding(
        variant=VARIANT,
        correlation=fit.correlation,
        core_ids=tuple(sorted(str(node_ids[k]) for k in fit.core.tolist())),
        null_draws=len(null),
        null_mean=float(null.mean()) if len(null) else float("nan"),
        null_sd=float(null.std(ddof=1)) if len(null) > 1 else float("nan"),
        p_value=(1 + as_good) / (1 + len(null)) if len(null) else float("nan"),
    )


def coreness(matrix: CSR) -> FloatArray:
    r"""Return how far each node belongs to the core: the continuous model.

    Strengths are approximated by a product, :math:`w_{ij} + w_{ji} \approx c_i c_j`: two nodes
    of the core are tied strongly, core and periphery less, the periphery hardly. The least
    squares solution is the principal eigenvector of W + Wᵀ, scaled to length 1. Its diagonal, of
    ties to oneself, is zero here. (Leaving the diagonal out of the fit instead, Borgatti and
    Everett's other proposal, has no solution on a star: the larger the hub's coreness, the
    better the fit.)

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``; ties to oneself are
        dropped.

    Returns
    -------
    array of float
        0-1; 0 for all where there is no tie, and 0 outside the part with the strongest core
        where the cluster falls into parts. Parts with equally strong cores share it.

    References
    ----------
    S. P. Borgatti, M. G. Everett (1999), Models of core/periphery structures, Social Networks
    21(4), 375-395, doi:10.1016/S0378-8733(99)00019-2.

    Examples
    --------
    >>> chain = sparse.csr_array([[0, 1.0, 0], [0, 0, 1.0], [0, 0, 0]])
    >>> coreness(chain).round(4).tolist()
    [0.5, 0.7071, 0.5]
    """
    near = undirected(checked(matrix, self_loops="drop"))
    n = near.shape[0]
    if near.nnz == 0:
        return np.zeros(n)
    near.data = near.data / near.data.max()  # only proportions matter; squares must not overflow
    start = np.asarray(near.sum(axis=1), dtype=np.float64).ravel()
    if n <= _DENSE_UP_TO:
        values, vectors = np.linalg.eigh(near.toarray())
        largest = vectors[:, values >= values[-1] * (1 - _SAME_EIGENVALUE)]
        found = largest @ (largest.T @ start)
    else:
        from scipy.sparse.linalg import eigsh

        found = eigsh(near, k=1, which="LA", v0=start)[1][:, 0]
    found = np.abs(found)
    found[found < _SAME_EIGENVALUE * found.max()] = 0.0
    return np.asarray(found / np.linalg.norm(found), dtype=np.float64)
