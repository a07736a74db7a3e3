"""Prices, shocks and weights: what the inverses say when something changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import checked_matrix, checked_vector
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse
from klaster.graph.model import FloatArray


def price_response(coefficients: npt.ArrayLike, primary_cost: npt.ArrayLike) -> FloatArray:
    """Return prices p = L' v: every cost passed on in full (the Leontief price model).

    With v the primary inputs per unit of output (value added, taxes, imports: 1 minus the
    column sum of A) all prices are 1: the accounting test of a table. With a change Δv it
    returns the change of prices.

    Parameters
    ----------
    coefficients
        A, n × n.
    primary_cost
        v or Δv per unit of output, n.

    Raises
    ------
    InputError
        For bad cells and ρ(A) ≥ 1.

    References
    ----------
    Miller, R. E., Blair, P. D. (2009). Input–Output Analysis, 2nd ed., section 2.6.
    doi:10.1017/CBO9780511626982

    Examples
    --------
    >>> A = [[0.15, 0.25], [0.20, 0.05]]
    >>> price_response(A, [0.65, 0.70]).round(12).tolist()
    [1.0, 1.0]
    >>> price_response(A, [0.1, 0]).round(6).tolist()
    [0.125413, 0.033003]
    """
    L = leontief_inverse(coefficients).matrix
    v = checked_vector("primary cost", primary_cost, len(L), negative_allowed=True)
    return np.asarray(v @ L)


def inoperability(allocation: npt.ArrayLike, demand_loss: npt.ArrayLike) -> FloatArray:
    """Return the share q of its output each industry loses, q = (I − A*)⁻¹ c*.

    ``a*_ij = a_ij x_j / x_i = b_ij``, so ``q = G c*``: the demand-side inoperability model.

    Parameters
    ----------
    allocation
        B, n × n.
    demand_loss
        c*_i: loss of final demand for i as a share of the output of i, n, 0 to 1.

    Raises
    ------
    InputError
        For bad cells and ρ(B) ≥ 1.
    ValueError
        For a share above 1.

    References
    ----------
    Santos, J. R., Haimes, Y. Y. (2004). Modeling the demand reduction input-output (I-O)
    inoperability due to terrorism of interconnected infrastructures. Risk Analysis 24(6),
    1437–1451. doi:10.1111/j.0272-4332.2004.00540.x

    Examples
    --------
    >>> inoperability([[0.15, 0.5], [0.10, 0.05]], [0.1, 0]).round(6).tolist()
    [0.125413, 0.013201]
    """
    G = ghosh_inverse(allocation).matrix
    c = checked_vector("loss of demand", demand_loss, len(G))
    if (c > 1).any():
        worst = int(np.argmax(c))
        raise ValueError(
            f"loss of demand of industry {worst} is {c[worst]:g}: give shares of output, 0 to 1"
        )
    return np.asarray(G @ c)


@dataclass(frozen=True, eq=False)
class DomarWeights:
    """Sales of each industry over GDP.

    Attributes
    ----------
    weights
        x_i / GDP; they add up to more than 1 where industries trade with each other.
    sum_of_squares
        Σ weights²: how much independent shocks to industries move GDP.
    """

    weights: FloatArray
    sum_of_squares: float


def domar_weights(output: npt.ArrayLike, gdp: float) -> DomarWeights:
    """Return x / GDP: to first order, the effect on GDP of a productivity gain of 1 in i.

    Parameters
    ----------
    output
        x, n.
    gdp
        Sum of value added, in the same money; above zero.

    Raises
    ------
    ValueError
        Where GDP is not above zero.

    References
    ----------
    Hulten, C. R. (1978). Growth accounting with intermediate inputs. Review of Economic
    Studies 45(3), 511–518. doi:10.2307/2297252

    Examples
    --------
    >>> found = domar_weights([1000, 2000], 2050)
    >>> found.weights.round(6).tolist(), round(found.sum_of_squares, 6)
    ([0.487805, 0.97561], 1.189768)
    """
    if not gdp > 0:
        raise ValueError(f"GDP is {gdp!r}: give the sum of value added, above zero")
    x = np.asarray(output, dtype=np.float64)
    weights = checked_vector("output", x, x.size) / gdp
    return DomarWeights(weights, float(weights @ weights))


@dataclass(frozen=True, eq=False)
class OutputDecomposition:
    """Change of output between two tables, split in two.

    Attributes
    ----------
    technology
        Part due to changed coefficients.
    final_demand
        Part due to changed final demand.
    total
        Their sum, x₁ − x₀ exactly.
    """

    technology: FloatArray
    final_demand: FloatArray
    total: FloatArray


def decompose_output_change(
    coefficients_before: npt.ArrayLike,
    demand_before: npt.ArrayLike,
    coefficients_after: npt.ArrayLike,
    demand_after: npt.ArrayLike,
) -> OutputDecomposition:
    """Split Δx = L₁f₁ − L₀f₀ by the mean of the two polar decompositions.

    ``technology = ½ ΔL (f₀ + f₁)``, ``final demand = ½ (L₀ + L₁) Δf``; no residual.

    Parameters
    ----------
    coefficients_before, coefficients_after
        A₀, A₁, n × n, industries in the same order, in the prices of one year.
    demand_before, demand_after
        f₀, f₁, n.

    Raises
    ------
    InputError
        For bad cells and tables that have no inverse.
    ValueError
        Where the two tables differ in size.

    References
    ----------
    Dietzenbacher, E., Los, B. (1998). Structural decomposition techniques: sense and
    sensitivity. Economic Systems Research 10(4), 307–324. doi:10.1080/09535319800000023

    Examples
    --------
    >>> import numpy as np
    >>> found = decompose_output_change(
    ...     np.array([[150, 500], [200, 100]]) / [1000, 2000], [350, 1700],
    ...     np.array([[150, 420], [200, 100]]) / [990, 2340], [420, 2040])
    >>> found.technology.round(6).tolist(), found.final_demand.round(6).tolist()
    ([-192.5, -55.0], [182.5, 395.0])
    """
    A0 = checked_matrix("input coefficients before", coefficients_before)
    A1 = checked_matrix("input coefficients after", coefficients_after)
    if A0.shape != A1.shape:
        raise ValueError(
            f"the tables have {len(A0)} and {len(A1)} industries: aggregate them to the same list"
        )
    L0, L1 = leontief_inverse(A0).matrix, leontief_inverse(A1).matrix
    f0 = checked_vector("final demand before", demand_before, len(A0), negative_allowed=True)
    f1 = checked_vector("final demand after", demand_after, len(A0), negative_allowed=True)
    technology = (L1 - L0) @ (f0 + f1) / 2
    demand = (L0 + L1) @ (f1 - f0) / 2
    return OutputDecomposition(technology, demand, technology + demand)
