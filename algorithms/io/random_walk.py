"""Centrality of industries for goods that wander through the table, solved exactly.

A unit of goods leaves industry i for j with the share of j in the sales of i; intra-industry use is a step
that stays. All first passage times follow from one inverse, by the fundamental matrix of the
walk, so nothing is simulated and no series is cut off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from klaster.algorithms.io.checks import checked_matrix
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import FloatArray

Direction = Literal["sales", "purchases"]


@dataclass(frozen=True, eq=False)
class WalkCentrality:
    """Random-walk centralities; NaN for industries outside the largest circulation.

    Attributes
    ----------
    values
        One number for each industry.
    included
        Industries of the largest strongly connected part, on which the walk is defined.
    direction
        ``sales`` or ``purchases``.
    """

    values: FloatArray
    included: npt.NDArray[np.bool_]
    direction: str

    @property
    def left_out(self) -> tuple[int, ...]:
        """Positions of the industries that cannot be reached from, or do not reach, the others."""
        return tuple(np.flatnonzero(~self.included).tolist())


def largest_circulation(flows: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return which industries belong to the largest strongly connected part.

    Of two parts of the same size, the one with the industry that comes first.

    Examples
    --------
    >>> largest_circulation([[0, 1, 0], [1, 0, 0], [1, 0, 0]]).tolist()
    [True, True, False]
    """
    Z = checked_matrix("flows", flows)
    _, part = connected_components(sparse.csr_array(Z), directed=True, connection="strong")
    sizes = np.bincount(part)
    largest = np.flatnonzero(sizes[part] == sizes.max())[0]
    return np.asarray(part == part[largest])


def mean_first_passage_times(flows: npt.ArrayLike) -> FloatArray:
    """Return H(s, t): mean number of steps of goods from s until they first reach t; 0 for s = t.

    ``P = row-normalised Z`` (intra-industry use kept), stationary shares π, fundamental matrix
    ``F = (I − P + 1π')⁻¹``, ``H(s, t) = (f_tt − f_st) / π_t`` (Kemeny & Snell).

    Parameters
    ----------
    flows
        Z, n × n, strongly connected: every industry can be reached from every other.

    Raises
    ------
    ValueError
        Where it is not strongly connected (see :func:`largest_circulation`).

    References
    ----------
    Kemeny, J. G., Snell, J. L. (1960). Finite Markov Chains. Van Nostrand.

    Examples
    --------
    From the first to the second in one step out of two on average:

    >>> mean_first_passage_times([[1, 1], [3, 0]]).round(6).tolist()
    [[0.0, 2.0], [1.0, 0.0]]
    """
    Z = checked_matrix("flows", flows)
    included = largest_circulation(Z)
    if not included.all():
        raise ValueError(
            f"industries {np.flatnonzero(~included).tolist()} are outside the largest strongly "
            "connected part: leave them out first (largest_circulation)"
        )
    return _passage(Z)[0]


def random_walk_centrality(
    flows: npt.ArrayLike, *, direction: Direction = "sales"
) -> WalkCentrality:
    """Return how fast goods from anywhere arrive at each industry, on average.

    ``RWC(t) = n / Σ_{s≠t} H(s, t)``: the inverse of the mean number of steps (closeness of the
    walk). High values: industries that shocks reach first. Intra-industry use is kept: goods that stay
    take longer to arrive elsewhere.

    Parameters
    ----------
    flows
        Z, n × n, row sells, column buys.
    direction
        ``sales``: goods move from seller to buyer (shocks of supply). ``purchases``: the walk
        follows the payments, on Zᵀ (shocks of demand).

    Returns
    -------
    WalkCentrality
        On the largest strongly connected part; n is its size. The industries left out get NaN
        and are listed. NaN for all where that part is a single industry.

    Raises
    ------
    InputError
        For bad cells.
    UnknownNameError
        For another direction.

    References
    ----------
    Blöchl, F., Theis, F. J., Vega-Redondo, F., Fisher, E. O'N. (2011). Vertex centralities in
    input-output networks reveal the structure of modern economies. Physical Review E 83,
    046127. doi:10.1103/PhysRevE.83.046127

    Examples
    --------
    >>> random_walk_centrality([[1, 1], [3, 0]]).values.round(6).tolist()
    [2.0, 1.0]
    """
    return both_walks(flows, direction=direction)[0]


def counting_betweenness(flows: npt.ArrayLike, *, direction: Direction = "sales") -> WalkCentrality:
    """Return how often goods on their way between two others pass through each industry.

    For a target t and a source s the walk from s ends at t; with V = (I − P)⁻¹ on the
    industries but t, an industry i is counted ``½ (passages in + passages out)``
    = ``½ (V_si (1 − p_it) + V_si − δ_si)``. Summed over all s ≠ t and averaged:
    ``(Σ_st + 2 (n − 1)) / (n (n − 1))``. Intra-industry use counts as a passage, so an industry that
    works much for itself stands high.

    The sum over sources needs the column sums of V only, which follow from the first passage
    times: ``Σ_s V_si = π_i (Σ_s H(s, t) − Σ_s H(s, i) + n H(t, i))``.

    Parameters, result, errors: as :func:`random_walk_centrality`.

    References
    ----------
    Blöchl, F., Theis, F. J., Vega-Redondo, F., Fisher, E. O'N. (2011). Vertex centralities in
    input-output networks reveal the structure of modern economies. Physical Review E 83,
    046127. doi:10.1103/PhysRevE.83.046127

    Examples
    --------
    >>> counting_betweenness([[0, 1, 1], [1, 0, 1], [1, 1, 0]]).values.round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    return both_walks(flows, direction=direction)[1]


def both_walks(
    flows: npt.ArrayLike, *, direction: Direction = "sales"
) -> tuple[WalkCentrality, WalkCentrality]:
    """Return :func:`random_walk_centrality` and :func:`counting_betweenness`, solved once.

    Examples
    --------
    >>> [found.values.round(3).tolist() for found in both_walks([[1, 1], [3, 0]])]
    [[2.0, 1.0], [1.5, 1.0]]
    """
    Z, included = _circulating(flows, direction)
    n = int(included.sum())
    near, passed = np.full(len(included), np.nan), np.full(len(included), np.nan)
    if n > 1:
        H, P, stationary = _passage(Z)
        arrival = H.sum(axis=0)
        near[included] = n / arrival
        # visits[t, i]: expected stays at i of the walks from all sources before they reach t.
        visits = stationary * (arrival[:, None] - arrival[None, :] + n * H)
        counted = (visits * (1.0 - P.T) + visits - 1.0) / 2
        np.fill_diagonal(counted, 0.0)
        passed[included] = (counted.sum(axis=0) + 2 * (n - 1)) / (n * (n - 1))
    return WalkCentrality(near, included, direction), WalkCentrality(passed, included, direction)


def _circulating(
    flows: npt.ArrayLike, direction: Direction
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    if direction not in get_args(Direction):
        raise UnknownNameError("direction", direction, get_args(Direction))
    Z = checked_matrix("flows", flows)
    if direction == "purchases":
        Z = Z.T
    included = largest_circulation(Z)
    return Z[np.ix_(included, included)], included


def _passage(Z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """First passage times, transition probabilities and stationary shares of the walk on Z."""
    n = len(Z)
    if n == 1:
        return np.zeros((1, 1)), np.ones((1, 1)), np.ones(1)
    P = Z / Z.sum(axis=1, keepdims=True)
    # π (I − P) = 0 with Σπ = 1, the last equation replaced by the sum.
    system = (np.eye(n) - P).T
    system[-1] = 1.0
    right = np.zeros(n)
    right[-1] = 1.0
    stationary = np.linalg.solve(system, right)
    fundamental = np.linalg.solve(np.eye(n) - P + stationary, np.eye(n))
    H = (np.diagonal(fundamental) - fundamental) / stationary
    np.fill_diagonal(H, 0.0)
    return H, P, stationary
