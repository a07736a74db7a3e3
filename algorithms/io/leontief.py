"""The Leontief and the Ghosh inverse, solved by LU and refused where they do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import checked_matrix, checked_vector
from klaster.graph.errors import Fault, InputError
from klaster.graph.io_balance import largest_root
from klaster.graph.model import FloatArray


@dataclass(frozen=True, eq=False)
class Inverse:
    """A Leontief or Ghosh inverse with what tells how far it can be trusted.

    Attributes
    ----------
    kind
        ``leontief`` (I − A)⁻¹ or ``ghosh`` (I − B)⁻¹.
    coefficients
        A or B, n × n.
    matrix
        The inverse, n × n.
    spectral_radius
        ρ of the coefficients; the inverse exists and is non-negative where it is below 1.
    condition
        Condition number of I − A in the 1-norm: relative errors of the data may grow by this.
    sums
        Column sums of A, or row sums of B: intermediate inputs (sales) per unit of output.
    unproductive
        Positions of industries whose sum is above 1: they pay (sell) more than their output.
        With ρ < 1 the inverse still exists; the data of these industries deserve a look.
    """

    kind: Literal["leontief", "ghosh"]
    coefficients: FloatArray
    matrix: FloatArray
    spectral_radius: float
    condition: float
    sums: FloatArray
    unproductive: tuple[int, ...]


def leontief_inverse(coefficients: npt.ArrayLike) -> Inverse:
    """Return L = (I − A)⁻¹: output of i, direct and indirect, per unit of final demand for j.

    Solved by LU, never by the series I + A + A² + …; intra-industry use (the diagonal) is kept.

    Parameters
    ----------
    coefficients
        A, n × n, non-negative; ``a_ij`` is what i delivers per unit of output of j.

    Raises
    ------
    InputError
        For missing or negative cells, and where ρ(A) ≥ 1: then output needs more than itself
        and no non-negative inverse exists (Hawkins–Simon); names the columns that add up to
        1 or more.

    References
    ----------
    Hawkins, D., Simon, H. A. (1949). Note: some conditions of macroeconomic stability.
    Econometrica 17(3/4), 245–248. doi:10.2307/1905526
    Miller, R. E., Blair, P. D. (2009). Input–Output Analysis, 2nd ed., chapter 2.
    doi:10.1017/CBO9780511626982

    Examples
    --------
    >>> leontief_inverse([[0.15, 0.25], [0.20, 0.05]]).matrix.round(4).tolist()
    [[1.2541, 0.33], [0.264, 1.1221]]
    """
    return _inverse(checked_matrix("input coefficients", coefficients), "leontief")


def ghosh_inverse(coefficients: npt.ArrayLike) -> Inverse:
    """Return G = (I − B)⁻¹: output of j enabled, directly and indirectly, by a primary input of i.

    ``x' = v' G``; ``G = x̂⁻¹ L x̂``. Read as a quantity model it assumes that any input can replace
    any other, so it is used here for forward *linkages* and as a price model.

    Parameters
    ----------
    coefficients
        B, n × n, non-negative; ``b_ij`` is the share of the output of i that goes to j.

    Raises
    ------
    InputError
        As :func:`leontief_inverse`, with the rows of B.

    References
    ----------
    Ghosh, A. (1958). Input–output approach in an allocation system. Economica 25(97), 58–64.
    doi:10.2307/2550694

    Examples
    --------
    >>> ghosh_inverse([[0.15, 0.5], [0.10, 0.05]]).matrix.round(4).tolist()
    [[1.2541, 0.6601], [0.132, 1.1221]]
    """
    return _inverse(checked_matrix("allocation coefficients", coefficients), "ghosh")


def output_for(coefficients: npt.ArrayLike, final_demand: npt.ArrayLike) -> FloatArray:
    """Return the output x = (I − A)⁻¹ f that a final demand calls for (the quantity model).

    The model is linear: for a change Δf it returns the change Δx.

    Parameters
    ----------
    coefficients
        A, n × n.
    final_demand
        f or Δf, n, or n × several scenarios; negative entries are allowed.

    Raises
    ------
    InputError
        As :func:`leontief_inverse`.

    Examples
    --------
    The agriculture and manufacturing of Miller & Blair with a final demand of 600 and 1,500:

    >>> output_for([[0.15, 0.25], [0.20, 0.05]], [600, 1500]).round(1).tolist()
    [1247.5, 1841.6]
    """
    L = leontief_inverse(coefficients).matrix
    f = np.asarray(final_demand, dtype=np.float64)
    if f.ndim == 1:
        f = checked_vector("final demand", f, len(L), negative_allowed=True)
    return np.asarray(L @ f)


def _inverse(A: FloatArray, kind: Literal["leontief", "ghosh"]) -> Inverse:
    n = len(A)
    system = np.eye(n) - A
    sums = A.sum(axis=0 if kind == "leontief" else 1)
    try:
        inverse = np.asarray(np.linalg.solve(system, np.eye(n)), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise _no_inverse(A, kind, sums) from None
    # For A ≥ 0: ρ(A) < 1 exactly where I − A has a non-negative inverse.
    slack = 1e-12 * float(np.abs(inverse).max())
    if not np.isfinite(inverse).all() or float(inverse.min()) < -slack:
        raise _no_inverse(A, kind, sums)
    radius = largest_root(A)
    if radius >= 1.0:
        raise _no_inverse(A, kind, sums)
    condition = float(np.abs(system).sum(axis=0).max() * np.abs(inverse).sum(axis=0).max())
    unproductive = tuple(np.flatnonzero(sums > 1.0 + 1e-12).tolist())
    return Inverse(kind, A, inverse, radius, condition, sums, unproductive)


def _no_inverse(A: FloatArray, kind: Literal["leontief", "ghosh"], sums: FloatArray) -> InputError:
    radius = largest_root(A)
    name, line = ("A", "column") if kind == "leontief" else ("B", "row")
    heavy = np.flatnonzero(sums >= 1.0)
    listed = ", ".join(f"{k} ({sums[k]:.4g})" for k in heavy[:20].tolist())
    more = f" and {len(heavy) - 20} more" if len(heavy) > 20 else ""
    where = f"; {line}s that add up to 1 or more: {listed}{more}" if len(heavy) else ""
    what = "input coefficients" if kind == "leontief" else "allocation coefficients"
    return InputError(
        [
            Fault(
                file=what,
                code="no-inverse",
                value=f"ρ({name}) = {radius:.6g}",
                problem=f"the spectral radius of {name} is not below 1, so (I − {name})⁻¹ does not exist "
                f"or is negative{where}",
                remedy=f"Check the output and the flows of these {line}s: intermediate "
                f"{'inputs' if kind == 'leontief' else 'sales'} must leave something over.",
            )
        ],
        what,
    )
