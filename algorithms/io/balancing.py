"""RAS and GRAS: a table brought to new margins with as little change as possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import checked_matrix, refuse, vector_faults
from klaster.graph.errors import Fault, KlasterError
from klaster.graph.model import FloatArray


class NotConvergedError(KlasterError, RuntimeError):
    """Iterations ended before the margins were met; the message says how far off they are."""


@dataclass(frozen=True, eq=False)
class Balanced:
    """A balanced matrix and how it came about.

    Attributes
    ----------
    matrix
        The matrix with the new margins.
    row_factors, column_factors
        r and s: ``r̂ X ŝ`` for non-negative cells (negative cells are divided by both).
    iterations
        Rounds of row and column scaling.
    margin_error
        Largest difference between a margin and its target, in the unit of the cells.
    """

    matrix: FloatArray
    row_factors: FloatArray
    column_factors: FloatArray
    iterations: int
    margin_error: float


def ras(
    matrix: npt.ArrayLike,
    row_totals: npt.ArrayLike,
    column_totals: npt.ArrayLike,
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 10_000,
) -> Balanced:
    """Scale rows and columns in turn until both margins fit (biproportional fitting).

    The result r̂ X ŝ is nearest to X in relative entropy; zeros stay zeros and cross-product
    ratios (x_ij x_kl) / (x_il x_kj) stay as they were. Self-loops are cells like any other.

    Parameters
    ----------
    matrix
        X, m × n, non-negative (with negative cells: :func:`gras`).
    row_totals, column_totals
        Targets u (m) and v (n), non-negative, with the same sum. A difference of up to 1e-9 of
        it is rounding; it stays in the margins, so ``margin_error`` may be that large.
    tolerance
        Largest error of a margin, as a share of the largest total.
    max_iterations
        Rounds after which to give up.

    Raises
    ------
    InputError
        For bad cells, margins whose sums differ, and lines of zeros with a total above zero.
    NotConvergedError
        Where the zeros of X leave no matrix with these margins.

    References
    ----------
    Stone, R. (1961). Input–Output and National Accounts. OECD.
    Bacharach, M. (1970). Biproportional Matrices and Input–Output Change. Cambridge
    University Press.

    Examples
    --------
    >>> ras([[10, 20], [30, 40]], [40, 60], [50, 50]).matrix.round(4).tolist()
    [[17.5765, 22.4235], [32.4235, 27.5765]]
    """
    X = checked_matrix("the matrix", matrix, square=False)
    u, v = _margins(X, row_totals, column_totals, negative_allowed=False)
    return _fit(X, np.zeros_like(X), u, v, tolerance, max_iterations, "RAS")


def gras(
    matrix: npt.ArrayLike,
    row_totals: npt.ArrayLike,
    column_totals: npt.ArrayLike,
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 10_000,
) -> Balanced:
    """Bring a matrix with negative cells to new margins, every cell keeping its sign.

    With P the positive and N the sizes of the negative cells, X = P − N becomes
    ``r̂ P ŝ − r̂⁻¹ N ŝ⁻¹``, which minimises ``Σ |x_ij| (z_ij ln z_ij − z_ij + 1)`` over the
    ratios z of new to old cells. In turn ``r_i = (u_i + √(u_i² + 4 p_i n_i)) / (2 p_i)`` with
    ``p_i = Σ_j p_ij s_j``, ``n_i = Σ_j n_ij / s_j`` (where p_i = 0: ``r_i = −n_i / u_i``), and
    columns alike. Without negative cells it is RAS.

    Parameters, errors: as :func:`ras`, but cells and totals may be negative.

    References
    ----------
    Junius, T., Oosterhaven, J. (2003). The solution of updating or regionalizing a matrix with
    both positive and negative entries. Economic Systems Research 15(1), 87–96.
    doi:10.1080/0953531032000056954
    Lenzen, M., Wood, R., Gallego, B. (2007). Some comments on the GRAS method. Economic Systems
    Research 19(4), 461–465. doi:10.1080/09535310701698613
    Temurshoev, U., Miller, R. E., Bouwmeester, M. C. (2013). A note on the GRAS method.
    Economic Systems Research 25(3), 361–367. doi:10.1080/09535314.2012.746645

    Examples
    --------
    >>> table = [[7, 3, 5, -3], [2, 9, 8, 1], [-2, 0, 2, 1]]
    >>> found = gras(table, [15, 26, -1], [9, 16, 17, -2])
    >>> found.matrix.sum(axis=1).round(6).tolist(), found.matrix.sum(axis=0).round(6).tolist()
    ([15.0, 26.0, -1.0], [9.0, 16.0, 17.0, -2.0])
    """
    X = checked_matrix("the matrix", matrix, negative_allowed=True, square=False)
    u, v = _margins(X, row_totals, column_totals, negative_allowed=True)
    return _fit(np.maximum(X, 0), np.maximum(-X, 0), u, v, tolerance, max_iterations, "GRAS")


def _margins(
    X: FloatArray,
    row_totals: npt.ArrayLike,
    column_totals: npt.ArrayLike,
    *,
    negative_allowed: bool,
) -> tuple[FloatArray, FloatArray]:
    u = np.asarray(row_totals, dtype=np.float64)
    v = np.asarray(column_totals, dtype=np.float64)
    faults = [
        *vector_faults("row totals", u, X.shape[0], negative_allowed=negative_allowed),
        *vector_faults("column totals", v, X.shape[1], negative_allowed=negative_allowed),
    ]
    if not faults:
        size = max(float(np.abs(u).sum()), float(np.abs(v).sum()))
        if abs(float(u.sum() - v.sum())) > 1e-9 * size:
            faults.append(
                Fault(
                    file="totals",
                    code="margins-differ",
                    value=f"{u.sum():g} and {v.sum():g}",
                    problem="the row totals and the column totals have different sums",
                    remedy="Scale one of them to the sum of the other.",
                )
            )
        faults += _impossible_lines(X, u, "row") + _impossible_lines(X.T, v, "column")
    refuse(faults, "the balancing")
    return u, v


def _impossible_lines(X: FloatArray, totals: FloatArray, line: str) -> list[Fault]:
    positive, negative = (X > 0).any(axis=1), (X < 0).any(axis=1)
    impossible = ((totals > 0) & ~positive) | ((totals < 0) & ~negative)
    # Cells of one sign shrink towards a total of zero without reaching it, unless by RAS.
    impossible |= (totals == 0) & negative & ~positive
    return [
        Fault(
            file=f"{line} totals",
            code="unreachable-total",
            value=f"{totals[k]:g}",
            problem=f"{line} {k} has no cell of the sign its total needs",
            remedy="Put a small amount into a cell where a flow is possible, or change the total.",
        )
        for k in np.flatnonzero(impossible).tolist()
    ]


def _fit(
    P: FloatArray,
    N: FloatArray,
    u: FloatArray,
    v: FloatArray,
    tolerance: float,
    max_iterations: int,
    name: str,
) -> Balanced:
    r, s = np.ones(len(u)), np.ones(len(v))
    allowed = tolerance * max(float(np.abs(u).max()), float(np.abs(v).max()), 1e-300)
    # No matrix has margins with different sums: rounding of the totals is no error of the matrix.
    allowed += abs(float(u.sum() - v.sum()))
    error = np.inf
    for iteration in range(1, max_iterations + 1):
        r = _factors(P @ s, N @ _inverse(s), u)
        s = _factors(r @ P, _inverse(r) @ N, v)
        X = r[:, None] * P * s - _inverse(r)[:, None] * N * _inverse(s)
        error = max(float(np.abs(X.sum(axis=1) - u).max()), float(np.abs(X.sum(axis=0) - v).max()))
        if error <= allowed:
            return Balanced(X, r, s, iteration, error)
    raise NotConvergedError(
        f"{name} did not meet the margins in {max_iterations} rounds: a margin is still off by "
        f"{error:g}. Where the matrix has many zeros no matrix may have these margins: fill "
        "cells where a flow is possible, or raise max_iterations= or tolerance=."
    )


def _factors(p: FloatArray, n: FloatArray, target: FloatArray) -> FloatArray:
    """Positive root of p r² − target r − n = 0; 1 for a line of zeros, 0 where all must vanish."""
    root = np.sqrt(target**2 + 4 * p * n)
    # For a negative target the two terms of the numerator cancel: use the other form of the root.
    stable = np.where(target >= 0, target + root, 0.0)
    plain = np.divide(stable, 2 * p, out=np.ones_like(p), where=p > 0)
    conjugate = np.divide(2 * n, root - target, out=np.ones_like(p), where=root > target)
    factors = np.where((target < 0) | (p == 0), conjugate, plain)
    return np.where((p == 0) & (n == 0), 1.0, factors)


def _inverse(factors: FloatArray) -> FloatArray:
    return np.divide(1.0, factors, out=np.zeros_like(factors), where=factors != 0)
