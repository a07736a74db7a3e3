"""Whether ties run within the same region, sphere or industry more than chance would have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.algorithms.square_matrix import checked, tied_nodes
from klaster.algorithms.trust.significance import p_value
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import CSR, FloatArray, IntArray

_CELLS_AT_ONCE = 5_000_000


@dataclass(frozen=True, eq=False)
class Homophily:
    """How much of the ties runs between nodes of the same label, against labels dealt at random.

    Attributes
    ----------
    labels
        The labels of tied nodes, sorted; the rows of ``within``.
    inside
        Share of the weight of all ties that runs between nodes of one label.
    ei_index
        Krackhardt and Stern's (external − internal) / (external + internal): −1 where all ties
        run inside, 1 where none does.
    null_mean, null_sd
        Of ``inside`` over the draws (standard deviation with n − 1).
    z_score
        (inside − mean) / standard deviation; NaN where all draws are equal.
    p_more, p_fewer
        (1 + draws with as much inside or more / less) / (1 + draws).
    within
        By label: share of all weight that runs inside it.
    within_expected
        The mean of the same over the draws.
    within_p_more
        By label: (1 + draws with as much inside that label or more) / (1 + draws); not corrected
        for looking at several labels.
    draws
        Number of times the labels were dealt.
    """

    labels: tuple[str, ...]
    inside: float
    ei_index: float
    null_mean: float
    null_sd: float
    z_score: float
    p_more: float
    p_fewer: float
    within: FloatArray
    within_expected: FloatArray
    within_p_more: FloatArray
    draws: int


def homophily(
    matrix: CSR,
    labels: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
    seed: int = 1,
    draws: int = 999,
) -> Homophily:
    """Say whether like is tied to like: firms to firms of their region, say.

    The network stays as it is and the labels are dealt anew among the nodes that have a tie, so
    everything about the network (hubs, groups, weights) and the numbers of each label are kept;
    only who has which label is left to chance.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``; ties to oneself are dropped.
    labels
        Region, sphere, ... of each node; text, empty where unknown. Nodes without a label take
        no part, nor do their ties.
    strata
        By default none. Labels are dealt only among nodes of one stratum: with the sphere as
        stratum it is asked whether region matters beyond sphere.
    seed
        Of the draws.
    draws
        At least 1.

    Raises
    ------
    InputError
        For labels or strata that are not one per node, or without a tie between labelled nodes.
    ValueError
        For fewer than one draw.

    References
    ----------
    Krackhardt, D. and Stern, R. N. (1988), doi:10.2307/2786835. Phipson, B. and Smyth, G. K.
    (2010), doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> from scipy import sparse
    >>> pairs = sparse.csr_array(np.kron(np.eye(6), [[0.0, 1.0], [0.0, 0.0]]))
    >>> found = homophily(pairs, ["KRG"] * 6 + ["VKO"] * 6, draws=199)
    >>> found.inside, found.ei_index, found.p_more < 0.05, found.p_fewer
    (1.0, -1.0, True, 1.0)
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; at least 1 is needed")
    ties = checked(matrix, self_loops="drop")
    names = _column(labels, "labels", ties.shape[0])
    groups = _column("" if strata is None else strata, "strata", ties.shape[0])
    known = np.flatnonzero(names != "")
    part = checked(ties[known][:, known], self_loops="drop")
    nodes = tied_nodes(part)
    if len(nodes) == 0:
        fault = Fault(
            file="ties",
            column="labels",
            code="no-ties",
            problem="no two nodes with a label are tied",
            remedy="Give more labels.",
        )
        raise InputError([fault], "the labels")
    cells = part[nodes][:, nodes].tocoo()
    row, column = cells.row.astype(np.int64), cells.col.astype(np.int64)
    weight = cells.data / cells.data.sum()
    kinds, label = np.unique(names[known][nodes], return_inverse=True)
    stratum = np.unique(groups[known][nodes], return_inverse=True)[1]
    rng = np.random.Generator(np.random.PCG64(seed))
    observed = _within(label[None, :], row, column, weight, len(kinds))[0]
    null = np.empty((draws, len(kinds)))
    step = max(1, _CELLS_AT_ONCE // len(row))
    for first in range(0, draws, step):
        dealt = np.array(
            [_dealt(label, stratum, rng) for _ in range(first, min(first + step, draws))]
        )
        null[first : first + len(dealt)] = _within(dealt, row, column, weight, len(kinds))
    inside, drawn = float(observed.sum()), null.sum(axis=1)
    mean = float(drawn.mean())
    deviation = float(drawn.std(ddof=1)) if draws > 1 else float("nan")
    return Homophily(
        labels=tuple(kinds.tolist()),
        inside=inside,
        ei_index=1.0 - 2.0 * inside,
        null_mean=mean,
        null_sd=deviation,
        z_score=(inside - mean) / deviation if deviation > 1e-12 else float("nan"),
        p_more=p_value(inside, drawn),
        p_fewer=p_value(-inside, -drawn),
        within=observed,
        within_expected=null.mean(axis=0),
        within_p_more=np.array(
            [p_value(float(observed[k]), null[:, k]) for k in range(len(kinds))]
        ),
        draws=draws,
    )


def _column(given: npt.ArrayLike, name: str, count: int) -> npt.NDArray[np.str_]:
    texts = np.asarray(given, dtype=np.str_)
    if texts.ndim == 0:
        texts = np.full(count, str(texts))
    if texts.shape != (count,):
        fault = Fault(
            file=name,
            code="wrong-length",
            value=str(texts.shape),
            problem="not one text per node",
            remedy=f"Give {count} texts, one per node.",
        )
        raise InputError([fault], f"the {name}")
    return texts


def _dealt(label: IntArray, stratum: IntArray, rng: np.random.Generator) -> IntArray:
    """Return the labels dealt anew within each stratum."""
    order = np.argsort(stratum, kind="stable")
    shuffled = np.lexsort((rng.random(len(label)), stratum))
    dealt = np.empty_like(label)
    dealt[order] = label[shuffled]
    return dealt


def _within(
    labels: IntArray, row: IntArray, column: IntArray, weight: FloatArray, kinds: int
) -> FloatArray:
    """Return for each row of labels the weight inside each label."""
    start, end = labels[:, row], labels[:, column]
    draw, tie = np.nonzero(start == end)
    at = draw * kinds + start[draw, tie]
    inside = np.bincount(at, weights=weight[tie], minlength=len(labels) * kinds)
    return np.asarray(inside, dtype=np.float64).reshape(len(labels), kinds)
