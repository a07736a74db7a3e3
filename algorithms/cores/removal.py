"""Loss on removal: what a cluster loses when one of its members goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from klaster.algorithms.square_matrix import checked, row_sums, undirected
from klaster.graph.model import CSR, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RemovalLoss:
    """What goes with each node, one number a node.

    Attributes
    ----------
    strength_share
        Share of all tie strength that its ties carry, 0-1.
    pairs_share
        Of the pairs of other nodes with a chain of ties between them, the share that has none
        without it, 0-1; 0 where there is no such pair.
    parts
        Number of tied parts that the other nodes then form.
    parts_before
        Number of parts they form as long as it is there: those of the whole network, but for
        the node's own part where it stands alone.
    """

    strength_share: FloatArray
    pairs_share: FloatArray
    parts: IntArray
    parts_before: IntArray


def removal_loss(matrix: CSR) -> RemovalLoss:
    """Return what the network loses with each node: strength, chains between others, parts.

    A chain goes over ties in whatever direction. Where betweenness asks who stands on the
    *strongest* chain between two others, this asks who stands on *every* one: for such a broker
    there is no replacement. In a network without cycles both are the same number.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``; ties to oneself are
        dropped.

    Returns
    -------
    RemovalLoss
        Exact; one walk through the network for all nodes together (Hopcroft and Tarjan).

    References
    ----------
    J. Hopcroft, R. Tarjan (1973), Algorithm 447: efficient algorithms for graph manipulation,
    Communications of the ACM 16(6), 372-378, doi:10.1145/362248.362272.

    Examples
    --------
    Two mines that only a mill joins, and a yard behind one of them.

    >>> from scipy import sparse
    >>> ties = sparse.csr_array(
    ...     ([2.0, 1.0, 1.0], ([1, 2, 3], [0, 0, 1])), shape=(4, 4))
    >>> found = removal_loss(ties)
    >>> found.strength_share.tolist(), found.pairs_share.round(3).tolist(), found.parts.tolist()
    ([0.75, 0.75, 0.25, 0.25], [0.667, 0.667, 0.0, 0.0], [2, 2, 1, 1])
    """
    near = undirected(checked(matrix, self_loops="drop"))
    n = near.shape[0]
    strength = row_sums(near)
    total = float(strength.sum()) / 2
    share = strength / total if total else np.zeros(n)
    part_size, cut = _parts_cut(near)
    connected = float((part_size - 1).sum()) / 2  # pairs in the same part, each node's half
    lost = np.zeros(n)
    parts_alone = np.zeros(n, dtype=np.int64)
    for node, pieces in enumerate(cut):
        sizes = np.array(pieces, dtype=np.float64)
        parts_alone[node] = len(pieces)
        among = connected - (part_size[node] - 1)
        if among > 0:
            whole = sizes.sum()
            lost[node] = (whole**2 - (sizes**2).sum()) / 2 / among
    count = round(float((1 / part_size).sum())) if n else 0
    alone = (part_size == 1).astype(np.int64)
    return RemovalLoss(
        strength_share=np.asarray(share, dtype=np.float64),
        pairs_share=lost,
        parts=count - 1 + parts_alone,
        parts_before=count - alone,
    )


def _parts_cut(near: CSR) -> tuple[FloatArray, list[list[int]]]:
    """Return the size of each node's part, and the sizes of the pieces that are left without it.

    One depth-first walk. ``low`` is the earliest node that a branch reaches past its root: a
    branch that reaches nothing before the node itself falls off when the node goes.
    """
    n = near.shape[0]
    start, others = near.indptr.tolist(), near.indices.tolist()
    order, low, size = [-1] * n, [0] * n, [1] * n
    pieces: list[list[int]] = [[] for _ in range(n)]
    part_size = np.ones(n)
    clock = 0
    for root in range(n):
        if order[root] >= 0:
            continue
        order[root] = low[root] = clock
        clock += 1
        stack, before, at = [root], {root: -1}, {root: start[root]}
        seen = [root]
        while stack:
            node = stack[-1]
            if at[node] < start[node + 1]:
                other = others[at[node]]
                at[node] += 1
                if order[other] < 0:
                    order[other] = low[other] = clock
                    clock += 1
                    before[other], at[other] = node, start[other]
                    stack.append(other)
                    seen.append(other)
                elif other != before[node]:
                    low[node] = min(low[node], order[other])
                continue
            stack.pop()
            above = before[node]
            if above < 0:
                continue
            low[above] = min(low[above], low[node])
            size[above] += size[node]
            if low[node] >= order[above]:
                pieces[above].append(size[node])
        whole = len(seen)
        for node in seen:
            part_size[node] = whole
            rest = whole - 1 - sum(pieces[node])
            if rest:
                pieces[node].append(rest)
    return part_size, pieces
