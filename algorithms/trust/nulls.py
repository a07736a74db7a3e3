"""Random networks that keep something of a given one: what chance alone would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from klaster.algorithms.community.projection import checked, dyad_count, is_symmetric, tied_nodes
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import CSR, FloatArray, IntArray

NullModel = Literal["auto", "degree-preserving", "weight-shuffle", "equal-strength"]

DENSE_TABLE = 0.5
"""Where more than this share of all pairs is tied, swaps find hardly a free place."""

_FITTING_ROUNDS = 200


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
        at random, and a swap is made unless it would give a self-tie or a pair that is tied
        already or wanted by another swap: the rule is the same backwards, so that all networks
        of these degrees are equally likely in the long run.

    Returns
    -------
    csr_array
        The drawn network. A weight travels with its tie and stays with the seller of a one-way
        tie; the two weights of a mutual pair stay together. Self-ties stay where they are.

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
    start = _dyads(checked(matrix, "keep"))
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
        _, where, times = np.unique(
            np.concatenate([tied, *wanted]), return_inverse=True, return_counts=True
        )
        unique = times[where] == 1
        first, second = np.split(unique[len(tied) :], 2)
        made = unique[p] & unique[q] & first & second
        p, q = p[made], q[made]
        target[p], target[q] = target[q], target[p]
    return _Dyads(source, target, forward, backward, start.diagonal).matrix()


def _matched(group: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    order = rng.permutation(group)
    half = len(order) // 2
    return order[:half], order[half : 2 * half]


def _pair_keys(a: IntArray, b: IntArray, count: int) -> IntArray:
    return np.minimum(a, b) * np.int64(count) + np.maximum(a, b)


def weight_shuffle_draw(matrix: CSR, rng: np.random.Generator) -> CSR:
    """Draw a network with the same ties and their weights dealt out anew.

    For tables in which nearly every pair is tied, where no swap is possible: only the weights
    can carry structure there. Weights of one-way ties are dealt among one-way ties, the two
    weights of mutual pairs stay together and are dealt among mutual pairs, either way round.
    A symmetric matrix stays so; self-ties stay as they are.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``.
    rng
        Source of randomness.

    Notes
    -----
    The totals of the nodes are not kept: the null is stricter than chance where few large
    amounts sit on few large nodes.

    Examples
    --------
    >>> table = sparse.csr_array([[7.0, 1, 2], [3, 0, 4], [5, 6, 0]])
    >>> drawn = weight_shuffle_draw(table, np.random.Generator(np.random.PCG64(1)))
    >>> sorted(drawn.data.tolist()), float(drawn[0, 0])
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 7.0)
    """
    dyads = _dyads(checked(matrix, "keep"))
    forward, backward = dyads.forward.copy(), dyads.backward.copy()
    for group in dyads.classes:
        order = rng.permutation(group)
        forward[group], backward[group] = dyads.forward[order], dyads.backward[order]
    mutual = dyads.classes[1]
    turn = mutual[rng.random(len(mutual)) < 0.5]
    forward[turn], backward[turn] = backward[turn], forward[turn]
    return _Dyads(dyads.source, dyads.target, forward, backward, dyads.diagonal).matrix()


def equal_strength_draw(matrix: CSR, rng: np.random.Generator) -> CSR:
    r"""Draw a table in which every node sells and buys what it did, from partners at random.

    For tables in which nearly every pair is tied. With totals alone given, the table of maximum
    entropy is

    .. math:: e_{ij} = s^{out}_i \, s^{in}_j / W

    (without self-ties: the same form with factors fitted by iterative proportional fitting, so
    that rows and columns add up although the diagonal is empty). A real table scatters about
    it; how much, it says itself: the ratios :math:`w_{ij} / e_{ij}` are dealt out anew among
    all pairs, the two of a pair staying together in either order, multiplied with
    :math:`e_{ij}`, and the result is scaled to the totals again. So totals, the spread of the
    ratios, their zeros and their reciprocity are kept; who deals with whom is not.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``.
    rng
        Source of randomness.

    Returns
    -------
    csr_array
        The drawn table. Totals are met to one part in a million, unless the zeros fell so that
        no table has these totals: then to what 200 rounds of scaling reach. A symmetric matrix
        stays so; self-ties stay as they are.

    Notes
    -----
    Needs n² cells of memory: meant for tables of up to a few thousand industries. If two
    nodes deal with each other only (or one node has more than all others together), its totals
    leave no choice and the draws equal the table there.

    References
    ----------
    Deming, W. E. and Stephan, F. F. (1940), doi:10.1214/aoms/1177731829. Squartini, T. and
    Garlaschelli, D. (2011), doi:10.1088/1367-2630/13/8/083001.

    Examples
    --------
    >>> table = sparse.csr_array([[9.0, 1, 2, 4], [3, 0, 4, 1], [5, 6, 0, 2], [2, 2, 7, 0]])
    >>> drawn = equal_strength_draw(table, np.random.Generator(np.random.PCG64(1)))
    >>> drawn.sum(axis=0).round(3).tolist(), drawn.sum(axis=1).round(3).tolist()
    ([19.0, 9.0, 13.0, 7.0], [16.0, 8.0, 13.0, 11.0])
    """
    ties = checked(matrix, "keep")
    table = ties.toarray()
    diagonal = table.diagonal().copy()
    np.fill_diagonal(table, 0.0)
    sales, purchases = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(sales, purchases)
    np.fill_diagonal(expected, 0.0)
    expected = _fitted(expected, sales, purchases)
    ratio = np.divide(table, expected, out=np.zeros_like(table), where=expected > 0)
    # Fitting drew the ratios towards 1, and will draw those dealt out once more.
    ratio **= 1.0 / _spread_left(expected, sales, purchases)
    low, high = np.triu_indices(len(table), 1)
    # A pair that cannot be tied in one direction (no sales, or no purchases) takes no part.
    free = (expected[low, high] > 0) & (expected[high, low] > 0)
    low, high = low[free], high[free]
    order = rng.permutation(len(low))
    forth, back = ratio[low[order], high[order]], ratio[high[order], low[order]]
    if not is_symmetric(ties):
        turn = rng.random(len(low)) < 0.5
        forth, back = np.where(turn, back, forth), np.where(turn, forth, back)
    ratio[low, high], ratio[high, low] = forth, back
    drawn = _fitted(ratio * expected, sales, purchases)
    if is_symmetric(ties):
        drawn = (drawn + drawn.T) / 2
    np.fill_diagonal(drawn, diagonal)
    return sparse.csr_array(drawn)


def _spread_left(expected: FloatArray, sales: FloatArray, purchases: FloatArray) -> FloatArray:
    r"""Return the spread of each fitted log ratio as a share of that of the noise behind it.

    To first order the fit takes from the noise of a cell the mean noise of its row and of its
    column, weighted by the amounts, and adds that of the table: a cell that is most of its row
    is fitted to 1 almost, whatever its noise.
    """
    in_row = expected / np.maximum(sales, np.finfo(float).tiny)[:, None]
    in_column = expected / np.maximum(purchases, np.finfo(float).tiny)[None, :]
    whole = expected / max(expected.sum(), np.finfo(float).tiny)
    along_row, along_column = (in_row - whole) ** 2, (in_column - whole) ** 2
    own = (1.0 - in_row - in_column + whole) ** 2
    square = whole**2
    variance = (
        own
        + (along_row.sum(axis=1)[:, None] - along_row)
        + (along_column.sum(axis=0)[None, :] - along_column)
        + square.sum()
        - square.sum(axis=1)[:, None]
        - square.sum(axis=0)[None, :]
        + square
    )
    share: FloatArray = np.sqrt(np.maximum(variance, 0.01))
    return share


def _fitted(table: FloatArray, sales: FloatArray, purchases: FloatArray) -> FloatArray:
    """Scale rows and columns in turn until they add up to the totals."""
    fitted = table.copy()
    for _ in range(_FITTING_ROUNDS):
        for axis, wanted in ((1, sales), (0, purchases)):
            total = fitted.sum(axis=axis)
            factor = np.divide(wanted, total, out=np.zeros_like(total), where=total > 0)
            fitted *= factor[:, None] if axis == 1 else factor[None, :]
        if np.abs(fitted.sum(axis=1) - sales).max(initial=0.0) <= 1e-6 * sales.max(initial=0.0):
            break
    return fitted


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

    Examples
    --------
    >>> chosen_null_model(sparse.csr_array(np.ones((4, 4))))
    'weight-shuffle'
    """
    if null_model not in ("auto", *_DRAWS):
        raise UnknownNameError("null model", null_model, ("auto", *_DRAWS))
    if null_model != "auto":
        return null_model
    nodes = len(tied_nodes(matrix))
    dense = dyad_count(matrix) > DENSE_TABLE * nodes * (nodes - 1) / 2
    return "weight-shuffle" if dense else "degree-preserving"
