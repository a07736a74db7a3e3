"""Networks from tables: strongest paths, the backbone, and the null of equal strengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from klaster.algorithms.io.checks import checked_matrix
from klaster.graph.model import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class StrongestPaths:
    """Strongest paths from some industries to all.

    Attributes
    ----------
    sources
        Positions the paths start from.
    strength
        Product of the shares along the strongest path, one row a source; 1 for the source
        itself, 0 where there is no path.
    before
        The industry before the target on that path; −1 at the source and where there is none.
    """

    sources: tuple[int, ...]
    strength: FloatArray
    before: IntArray

    def path(self, source: int, target: int) -> list[int]:
        """Return the industries on the strongest path, both ends included; empty without one."""
        row = self.sources.index(source)
        if self.strength[row, target] == 0:
            return []
        steps = [target]
        while steps[-1] != source:
            steps.append(int(self.before[row, steps[-1]]))
        return steps[::-1]


def strongest_paths(shares: npt.ArrayLike, sources: Sequence[int] | None = None) -> StrongestPaths:
    """Return the paths along which the product of the shares is largest.

    Shortest paths (Dijkstra) on the distance ``d = −ln(share)``: a share is a strength, a path
    algorithm needs a distance. Direction seller → buyer; self-loops play no part; a share of 0
    is no tie.

    Parameters
    ----------
    shares
        n × n, between 0 and 1: purchases, sales, input or allocation (say which in results).
    sources
        Positions to start from; all by default.

    Raises
    ------
    InputError
        For missing or negative cells.
    ValueError
        For a share above 1: money is not a share.

    References
    ----------
    Xiao, S., Yan, T., Zhang, P. (2022). ionet: network analysis for input-output tables
    (R package).

    Examples
    --------
    The way over the second industry (0.5 × 0.8) is stronger than the direct one (0.3):

    >>> found = strongest_paths([[0, 0.5, 0.3], [0, 0, 0.8], [0, 0, 0]])
    >>> found.path(0, 2), round(float(found.strength[0, 2]), 12)
    ([0, 1, 2], 0.4)
    """
    S = checked_matrix("shares", shares)
    # Sums of shares computed as quotients may pass 1 by rounding.
    if float(S.max()) > 1.0 + 1e-9:
        i, j = np.unravel_index(int(np.argmax(S)), S.shape)
        raise ValueError(
            f"cell [{i}, {j}] is {S[i, j]:g}, more than 1: give shares, as purchase_shares or "
            "sales_shares make them of the flows"
        )
    starts = tuple(range(len(S))) if sources is None else tuple(sources)
    off = S.copy()
    np.fill_diagonal(off, 0.0)
    rows, columns = np.nonzero(off)
    # A share of 1 has distance 0: stored, so that it is a tie and not the absence of one.
    distances = np.maximum(-np.log(off[rows, columns]), 0.0)
    graph = sparse.csr_array((distances, (rows, columns)), shape=S.shape)
    length, before = dijkstra(graph, indices=list(starts), return_predecessors=True)
    steps: IntArray = np.where(before < 0, -1, before).astype(np.int64)
    return StrongestPaths(starts, np.exp(-np.asarray(length)), steps)


@dataclass(frozen=True, eq=False)
class Backbone:
    """The ties of a network that matter to at least one of their ends.

    Attributes
    ----------
    keep
        Which ties stay, n × n.
    significance
        The smaller of the two α of each tie (seller's view, buyer's view), 1 where there is none.
    threshold
        The level the significance had to be below.
    kept_share
        Share of the total weight (without self-loops) that the backbone carries.
    """

    keep: npt.NDArray[np.bool_]
    significance: FloatArray
    threshold: float
    kept_share: float


def disparity_filter(weights: npt.ArrayLike, *, threshold: float = 0.05) -> Backbone:
    """Return the backbone: ties too strong to be chance for their seller or their buyer.

    If a node spread its strength over its k ties at random, a tie with the share p or more had
    the probability ``α = (1 − p)^(k − 1)``. Out-ties of the seller and in-ties of the buyer are
    judged apart; a tie stays where the smaller α is below the threshold. Self-loops are left
    out of shares and degrees. With k = 1 α is 1: a node all of whose ties are of that kind, and
    that would otherwise lose them all, keeps its strongest tie (the first of equals).

    Parameters
    ----------
    weights
        n × n strengths, non-negative, seller → buyer; a zero is no tie.
    threshold
        Between 0 and 1.

    Raises
    ------
    InputError
        For missing or negative cells.

    References
    ----------
    Serrano, M. Á., Boguñá, M., Vespignani, A. (2009). Extracting the multiscale backbone of
    complex weighted networks. PNAS 106(16), 6483–6488. doi:10.1073/pnas.0808904106

    Examples
    --------
    >>> found = disparity_filter([[0, 98, 1, 1], [0, 0, 1, 0], [0, 0, 0, 5], [5, 0, 0, 0]])
    >>> found.keep.astype(int).tolist()
    [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    >>> round(float(found.significance[0, 1]), 6)
    0.0004
    """
    W = checked_matrix("weights", weights).copy()
    np.fill_diagonal(W, 0.0)
    alpha = np.minimum(_disparity(W), _disparity(W.T).T)
    keep = (alpha < threshold) & (W > 0)
    degrees_out, degrees_in = (W > 0).sum(axis=1), (W > 0).sum(axis=0)
    bare = ~(keep.any(axis=0) | keep.any(axis=1))
    for node in np.flatnonzero(bare & (degrees_out <= 1) & (degrees_in <= 1)).tolist():
        if W[node].max(initial=0.0) >= W[:, node].max(initial=0.0):
            if W[node].max() > 0:
                keep[node, int(np.argmax(W[node]))] = True
        else:
            keep[int(np.argmax(W[:, node])), node] = True
    total = float(W.sum())
    kept_share = float(W[keep].sum()) / total if total else 0.0
    return Backbone(keep, alpha, threshold, kept_share)


def _disparity(W: FloatArray) -> FloatArray:
    """α of each tie in the view of its row; 1 where there is no tie."""
    strength = W.sum(axis=1, keepdims=True)
    share = np.divide(W, strength, out=np.zeros_like(W), where=strength > 0)
    degree = (W > 0).sum(axis=1, keepdims=True)
    alpha = (1.0 - share) ** np.maximum(degree - 1, 0)
    return np.where((W > 0) & (degree > 1), alpha, 1.0)
