"""Random networks that keep something of a given one: what chance alone would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.square_matrix import checked, dyad_count, is_symmetric, tied_nodes
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import CSR, FloatArray, IntArray

NullModel = Literal["auto", "degree-preserving", "weight-shuffle", "equal-strength"]

DENSE_TABLE = 0.5
"""Where more than this share of all pairs is tied, swaps find hardly a free place."""

COMPILED_FROM = 10_000
"""From so many keys on, three a tied pair, repeated ones are found by a compiled kernel."""

_FITTING_ROUNDS = 1_000


@dataclass(frozen=True)
class _Dyads:
    """Tied pairs: ``forward`` from source to target, ``backward`` the other way (0: one-way)."""

    source: IntArray
    target: IntArray
    forward: FloatArray
    backward: FloatArray
    diagonal: FloatArray

    @property
    def classes(self) -> tuple[IntArray, IntArray]:
        """Positions of the one-way and of the mutual pairs."""
        return np.flatnonzero(self.backward == 0), np.flatnonzero(self.backward > 0)

    def matrix(self) -> CSR:
        count = len(self.diagonal)
        every = np.arange(count)
        row = np.concatenate([self.source, self.target, every])
        column = np.concatenate([self.target, self.source, every])
        weight = np.concatenate([self.forward, self.backward, self.diagonal])
        drawn = sparse.csr_array((weight, (row, column)), shape=(count, count))
        drawn.eliminate_zeros()
        drawn.sort_indices()
        return drawn


def _dyads(ties: CSR) -> _Dyads:
    count = ties.shape[0]
    cells = ties.tocoo()
    off = cells.row != cells.col
    row, column = cells.row[off].astype(np.int64), cells.col[off].astype(np.int64)
    weight = cells.data[off]
    pair, where = np.unique(
        np.minimum(row, column) * count + np.maximum(row, column), return_inverse=True
    )
    low_to_high, high_to_low = np.zeros(len(pair)), np.zeros(len(pair))
    up = row < column
    low_to_high[where[up]] = weight[up]
    high_to_low[where[~up]] = weight[~up]
    low, high = pair // max(count, 1), pair % max(count, 1)
    turned = low_to_high == 0
    return _Dyads(
        np.where(turned, high, low),
        np.where(turned, low, high),
        np.where(turned, high_to_low, low_to_high),
        np.where(turned, low_to_high, high_to_low),
        np.asarray(ties.diagonal(), dtype=np.float64),
    )


def degree_preserving_draw(matrix: CSR, rng: np.random.Generator, swaps_per_tie: int = 10) -> CSR:
    """Draw a random network in which every node keeps its numbers of ties.

    Two ties a → b and c → d become a → d and c → b, many times over (Maslov and Sneppen). What
    stays the same: the number of sellers and of buyers of each node, the number of its
    partners, and the number of its mutual partners, for mutual pairs are swapped with mutual
    pairs only (Milo and others); were they broken up, a network of many mutual ties would look
    structured for that alone. So a matrix that is symmetric stays so.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``; entries above zero are ties.
    rng
        Source of randomness.
    swaps_per_tie
        Swaps tried, per tied pair. Twice as many rounds are made; in each all pairs are matched
        at random, and a swap is made unless it would give a self-loop or a pair that is tied
        already or wanted by another swap: the rule is the same backwards, so that all networks
        of these degrees are equally likely in the long run.

    Returns
    -------
    csr_array
        The drawn network. A weight travels with its tie and stays with the seller of a one-way
        tie; the two weights of a mutual pair stay together. Self-loops stay where they are.

    Notes
    -----
    Takes O(m log m) per round for m tied pairs: about 2 ms a draw for 250 pairs. Swaps of two
    cannot turn round a one-way triangle; such rarities stay unreached. In a network where
    hardly any swap is possible (a star, a nearly full table) the draws equal the network, and
    its p-value is near 1: nothing beyond its degrees can be told.

    References
    ----------
    Maslov, S. and Sneppen, K. (2002), doi:10.1126/science.1065103. Milo, R. and others (2002),
    doi:10.1126/science.298.5594.824.

    Examples
    --------
    >>> ring = sparse.csr_array(np.roll(np.eye(6), 1, axis=1))
    >>> drawn = degree_preserving_draw(ring, np.random.Generator(np.random.PCG64(1)))
    >>> drawn.sum(axis=0).tolist(), drawn.sum(axis=1).tolist()
    ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    """
    count = matrix.shape[0]
    start = _dyads(checked(matrix, self_loops="keep"))
    source, target = start.source.copy(), start.target.copy()
    forward, backward = start.forward.copy(), start.backward.copy()
    one_way, mutual = start.classes
    for _ in range(2 * swaps_per_tie):
        one_way_pairs, mutual_pairs = _matched(one_way, rng), _matched(mutual, rng)
        turn = mutual_pairs[1][rng.random(len(mutual_pairs[1])) < 0.5]
        source[turn], target[turn] = target[turn], source[turn]
        forward[turn], backward[turn] = backward[turn], forward[turn]
        p = np.concatenate([one_way_pairs[0], mutual_pairs[0]])
        q = np.concatenate([one_way_pairs[1], mutual_pairs[1]])
        proper = (source[p] != target[q]) & (source[q] != target[p])
        p, q = p[proper], q[proper]
        tied = _pair_keys(source, target, count)
        wanted = [_pair_keys(source[p], target[q], count), _pair_keys(source[q], target[p], count)]
        once = _once(np.concatenate([tied, *wanted]))
        first, second = once[len(tied) : len(tied) + len(p)], once[len(tied) + len(p) :]
        made = once[p] & once[q] & first & second
        p, q = p[made], q[made]
        target[p], target[q] = target[q], target[p]
    return _Dyads(source, target, forward, backward, start.diagonal).matrix()


def _matched(group: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    order = rng.permutation(group)
    half = len(order) // 2
    return order[:half], order[half : 2 * half]


def _once(keys: IntArray) -> npt.NDArray[np.bool_]:
    """Tell of each key whether it comes once only."""
    if len(keys) >= COMPILED_FROM:
        from klaster.algorithms.kernels import nulls_kernel

        return nulls_kernel.once(keys)
    order = np.argsort(keys)
    in_order = keys[order]
    alone = np.ones(len(keys), dtype=bool)
    same = in_order[1:] == in_order[:-1]
    alone[1:][same] = False
    alone[:-1][same] = False
    once = np.empty(len(keys), dtype=bool)
    once[order] = alone
    return once


def _pair_keys(a: IntArray, b: IntArray, count: int) -> IntArray:
    return np.minimum(a, b) * np.int64(count) + np.maximum(a, b)


def weight_shuffle_draw(matrix: CSR, rng: np.random.Generator) -> CSR:
    """Draw a network with the same ties and their weights dealt out anew.

    For tables in which nearly every pair is tied, where no swap is possible: only the weights
    can carry structure there. Weights of one-way ties are dealt among one-way ties, the two
    weights of mutual pairs stay together and are dealt among mutual pairs, either way round.
    A symmetric matrix stays so; self-loops stay as they are.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``.
    rng
        Source of randomness.

    Notes
    -----
    The totals of the nodes are not kept, and large amounts land anywhere: where nodes differ in
    size, the draws have a higher modularity than a table in which size alone decides.

    Examples
    --------
    >>> table = sparse.csr_array([[7.0, 1, 2], [3, 0, 4], [5, 6, 0]])
    >>> drawn = weight_shuffle_draw(table, np.random.Generator(np.random.PCG64(1)))
    >>> sorted(drawn.data.tolist()), float(drawn[0, 0])
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 7.0)
    """
    dyads = _dyads(checked(matrix, self_loops="keep"))
    forward, backward = dyads.forward.copy(), dyads.backward.copy()
    for group in dyads.classes:
        order = rng.permutation(group)
        forward[group], backward[group] = dyads.forward[order], dyads.backward[order]
    mutual = dyads.classes[1]
    turn = mutual[rng.random(len(mutual)) < 0.5]
    forward[turn], backward[turn] = backward[turn], forward[turn]
    return _Dyads(dyads.source, dyads.target, forward, backward, dyads.diagonal).matrix()


def equal_strength_draw(matrix: CSR, rng: np.random.Generator) -> CSR:
    r"""Draw a table in which every node is as large a seller and buyer, with partners at random.

    For tables in which nearly every pair is tied. Where only sizes matter, deliveries are

    .. math:: w_{ij} = a_i \, b_j \, \varepsilon_{ij}

    the table of maximum entropy :math:`s^{out}_i s^{in}_j / W` with noise about it. The sizes
    :math:`a, b` are fitted to the logarithms of the deliveries by least squares, ties to oneself
    left out. The ratios :math:`w_{ij} / a_i b_j` are what the sizes leave open: they are dealt
    out anew among all pairs that could trade and multiplied with :math:`a_i b_j`. The two ratios of a
    pair stay together, in either order, so that reciprocity is kept; absent ties are ratios of 0
    and are dealt out too. As the fit takes part of the noise with it, logarithms of the ratios
    are first drawn out by :math:`\sqrt{N / (N - n^{out} - n^{in} + 1)}` for :math:`N` ties,
    :math:`n^{out}` sellers and :math:`n^{in}` buyers.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``.
    rng
        Source of randomness.

    Returns
    -------
    csr_array
        The drawn table, with the same sum and as many ties. A symmetric matrix stays so;
        self-loops stay as they are; a node that never sells, never buys or takes no part at all
        does not in a draw either.

    Notes
    -----
    Sizes are kept, totals on average only. Forcing each draw to the exact totals looks stricter
    and is not: the totals of a real table hold the chance of its few largest cells, and draws
    fitted to them come out too even. On tables without communities that made one in five
    "significant" at the 5 % level (``docs/benchmarks.md``). Needs n² cells of memory: meant for
    tables of up to a few thousand industries.

    References
    ----------
    Squartini, T. and Garlaschelli, D. (2011), doi:10.1088/1367-2630/13/8/083001.

    Examples
    --------
    >>> table = sparse.csr_array([[9.0, 1, 2, 4], [3, 0, 4, 1], [5, 6, 0, 2], [2, 2, 7, 0]])
    >>> drawn = equal_strength_draw(table, np.random.Generator(np.random.PCG64(1)))
    >>> round(float(drawn.sum()), 6), float(drawn[0, 0]), bool(abs(drawn - table).sum() > 0)
    (48.0, 9.0, True)
    """
    ties = checked(matrix, self_loops="keep")
    table = ties.toarray()
    diagonal = table.diagonal().copy()
    np.fill_diagonal(table, 0.0)
    positive = table > 0
    size = _sizes(table, positive)
    count, traders = int(positive.sum()), positive.any(axis=1).sum() + positive.any(axis=0).sum()
    freedom = count - int(traders) + 1
    stretch = np.sqrt(count / freedom) if freedom > 0 else 1.0
    ratio = np.divide(table, size, out=np.zeros_like(table), where=positive) ** stretch
    low, high = np.triu_indices(len(table), 1)
    # A node that never sells (or buys, or trades) has no size there: what would be dealt to
    # such a cell would be lost. So pairs are dealt among pairs with the same cells open.
    open_forth, open_back = size[low, high] > 0, size[high, low] > 0
    symmetric = is_symmetric(ties)
    both = np.flatnonzero(open_forth & open_back)
    order = both[rng.permutation(len(both))]
    forth, back = ratio[low[order], high[order]], ratio[high[order], low[order]]
    if not symmetric:
        turn = rng.random(len(both)) < 0.5
        forth, back = np.where(turn, back, forth), np.where(turn, forth, back)
    ratio[low[both], high[both]], ratio[high[both], low[both]] = forth, back
    one = np.flatnonzero(open_forth != open_back)
    start = np.where(open_forth[one], low[one], high[one])
    end = np.where(open_forth[one], high[one], low[one])
    ratio[start, end] = rng.permutation(ratio[start, end])
    drawn = ratio * size
    if drawn.sum() > 0:
        drawn *= table.sum() / drawn.sum()
    if symmetric:
        drawn = (drawn + drawn.T) / 2  # to the last digit
    np.fill_diagonal(drawn, diagonal)
    return sparse.csr_array(drawn)


def _sizes(table: FloatArray, positive: npt.NDArray[np.bool_]) -> FloatArray:
    """Return a_i b_j fitted to the logarithms of the positive cells; 0 where either has none."""
    log = np.log(np.where(positive, table, 1.0))
    many_out, many_in = positive.sum(axis=1), positive.sum(axis=0)
    sells, buys = np.zeros(len(table)), np.zeros(len(table))
    for _ in range(_FITTING_ROUNDS):
        before = sells
        sells = ((log - buys[None, :]) * positive).sum(axis=1) / np.maximum(many_out, 1)
        buys = ((log - sells[:, None]) * positive).sum(axis=0) / np.maximum(many_in, 1)
        if np.abs(sells - before).max(initial=0.0) <= 1e-10:
            break
    size: FloatArray = np.exp(sells[:, None] + buys[None, :])
    return np.where((many_out > 0)[:, None] & (many_in > 0)[None, :], size, 0.0)


Draw = Callable[[CSR, np.random.Generator], CSR]

_DRAWS: Mapping[str, Draw] = {
    "degree-preserving": degree_preserving_draw,
    "weight-shuffle": weight_shuffle_draw,
    "equal-strength": equal_strength_draw,
}


def draw_named(name: str) -> Draw:
    """Return the function that draws from a null model."""
    if name not in _DRAWS:
        raise UnknownNameError("null model", name, _DRAWS)
    return _DRAWS[name]


def chosen_null_model(matrix: CSR, null_model: str = "auto") -> str:
    """Return the null model that ``auto`` stands for: by the share of pairs that are tied.

    Above one half ``equal-strength``, else ``degree-preserving``: in a dense table no tie can be
    swapped, and only amounts can carry structure. ``weight-shuffle`` is there for who wants to
    keep exactly the ties; it forgets the sizes of the nodes, and where sizes differ (in every
    economy) hardly any table is significant against it, whatever its communities.
    ``degree-preserving`` forgets the sizes too: on sparse networks of amounts between nodes of
    very different size it is cautious, and finds fewer communities significant than it might
    (``docs/benchmarks.md``). Where each tie counts 1, as in the main job, there is no such loss.

    Examples
    --------
    >>> chosen_null_model(sparse.csr_array(np.ones((4, 4))))
    'equal-strength'
    """
    if null_model not in ("auto", *_DRAWS):
        raise UnknownNameError("null model", null_model, ("auto", *_DRAWS))
    if null_model != "auto":
        return null_model
    nodes = len(tied_nodes(matrix))
    dense = dyad_count(matrix) > DENSE_TABLE * nodes * (nodes - 1) / 2
    return "equal-strength" if dense else "degree-preserving"
