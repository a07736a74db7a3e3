"""Multipliers of output, value added, income and jobs, in every form that is called so.

Authors mean different numbers by "multiplier": the effect per unit of final demand, the effect
divided by the industry's own coefficient, and the same with households in the system. They are
computed side by side and each is named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.io.checks import as_floats, checked_matrix, checked_vector
from klaster.algorithms.io.leontief import leontief_inverse
from klaster.graph.model import FloatArray


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Multipliers of one quantity, one number for each industry; NaN where a form is undefined.

    Attributes
    ----------
    quantity
        What is multiplied: ``output``, ``value added``, ``income``, ``employment`` …
    direct
        h_j, the quantity per unit of output of j (1 for output).
    simple
        Type I effect ``h'L``: the quantity called forth in all industries per unit of final
        demand for j.
    ratio
        ``h'L ÷ h``: the type I effect per unit of the industry's own direct effect; NaN where
        the industry has none.
    total
        Type II effect ``h'L̄``: households spend what they earn, and count with their own
        coefficient; empty where the system was not closed.
    total_ratio
        ``h'L̄ ÷ h``; empty where the system was not closed.
    household_column
        In words, what was taken as the spending of households.
    """

    quantity: str
    direct: FloatArray
    simple: FloatArray
    ratio: FloatArray
    total: FloatArray
    total_ratio: FloatArray
    household_column: str = ""

    def table(self) -> pd.DataFrame:
        """Return all forms side by side, one row an industry."""
        columns = {"direct": self.direct, "type I": self.simple, "type I ratio": self.ratio}
        if len(self.total):
            columns |= {"type II": self.total, "type II ratio": self.total_ratio}
        return pd.DataFrame(columns)


@dataclass(frozen=True, eq=False)
class HouseholdClosure:
    """Households as one more industry.

    Attributes
    ----------
    income_row
        hr, household income per unit of output, n.
    consumption_column
        hc, spending on i per unit of household income, n.
    own
        Spending of households on households per unit of household income.
    source
        In words, what was taken as the spending of households.
    """

    income_row: FloatArray
    consumption_column: FloatArray
    own: float
    source: str


def consumption_closure(
    income_row: npt.ArrayLike,
    consumption: npt.ArrayLike,
    household_income: float,
    *,
    own_consumption: float = 0.0,
) -> HouseholdClosure:
    """Close the system with household consumption by product, as Miller & Blair do.

    ``hc_i = consumption_i / household income``.

    Parameters
    ----------
    income_row
        hr_j, compensation (household income) per unit of output of j.
    consumption
        What households spend on the products of i, in money.
    household_income
        All that households earn, in the same money; above zero.
    own_consumption
        What households pay households (domestic staff), in money.

    Raises
    ------
    ValueError
        Where the income is not above zero.

    References
    ----------
    Miller, R. E., Blair, P. D. (2009). Input–Output Analysis, 2nd ed., section 2.5.
    doi:10.1017/CBO9780511626982

    Examples
    --------
    >>> closure = consumption_closure([0.30, 0.25], [50, 400], 1000, own_consumption=50)
    >>> closure.consumption_column.tolist(), closure.own
    ([0.05, 0.4], 0.05)
    """
    hr = as_floats(income_row)
    spent = checked_vector("household consumption", consumption, len(hr))
    if not household_income > 0:
        raise ValueError(
            f"household income is {household_income!r}: give the sum households earn, above zero"
        )
    return HouseholdClosure(
        hr,
        spent / household_income,
        own_consumption / household_income,
        "household consumption by product / household income",
    )


def final_demand_closure(
    income_row: npt.ArrayLike, final_demand: npt.ArrayLike
) -> HouseholdClosure:
    """Close the system as if households spent like final demand as a whole.

    ``hc_i = f_i / Σ f``. A stand-in where consumption by product is not known: it makes
    households buy investment goods and exports, and spend every unit they earn.

    Parameters
    ----------
    income_row
        hr_j, compensation (household income) per unit of output of j.
    final_demand
        f, non-negative, n.

    Raises
    ------
    ValueError
        Where final demand adds up to zero.

    Examples
    --------
    >>> final_demand_closure([0.30, 0.25], [350, 1700]).consumption_column.round(4).tolist()
    [0.1707, 0.8293]
    """
    hr = as_floats(income_row)
    f = checked_vector("final demand", final_demand, len(hr))
    if f.sum() <= 0:
        raise ValueError("final demand adds up to zero: give the final uses of the industries")
    return HouseholdClosure(hr, f / f.sum(), 0.0, "all final demand by product / its sum")


def closed_coefficients(coefficients: npt.ArrayLike, closure: HouseholdClosure) -> FloatArray:
    """Return Ā = [[A, hc], [hr', own]], (n + 1) × (n + 1), households last.

    Examples
    --------
    >>> closure = consumption_closure([0.30, 0.25], [50, 400], 1000, own_consumption=50)
    >>> closed_coefficients([[0.15, 0.25], [0.20, 0.05]], closure).tolist()
    [[0.15, 0.25, 0.05], [0.2, 0.05, 0.4], [0.3, 0.25, 0.05]]
    """
    A = checked_matrix("input coefficients", coefficients)
    return np.block(
        [
            [A, closure.consumption_column[:, None]],
            [closure.income_row[None, :], np.array([[closure.own]])],
        ]
    )


def multipliers(
    coefficients: npt.ArrayLike,
    direct: npt.ArrayLike | None = None,
    *,
    quantity: str = "output",
    closure: HouseholdClosure | None = None,
    household_direct: float = 0.0,
) -> Multipliers:
    """Return the multipliers of one quantity in all forms, side by side.

    Simple ``h'L`` (Leontief inverse L), ratio ``h'L ÷ h``, and with a household closure the type
    II forms ``h̄'L̄`` and ``h̄'L̄ ÷ h`` with L̄ = (I − Ā)⁻¹ and h̄ = (h, household_direct).

    Parameters
    ----------
    coefficients
        A, n × n; of domestic flows, or the effects on suppliers abroad are counted in.
    direct
        h, the quantity per unit of output; 1 for every industry by default (output).
    quantity
        What h is, for the result.
    closure
        How households earn and spend (:func:`consumption_closure`,
        :func:`final_demand_closure`): authors choose differently, so there is no default.
    household_direct
        The quantity households themselves make per unit of their income. 0 counts industries
        only (the truncated multiplier); for income, ``closure.own`` adds what households pay
        households, which gives the last row of L̄.

    Raises
    ------
    InputError
        Where (I − A) or (I − Ā) has no non-negative inverse.

    References
    ----------
    Miller, R. E., Blair, P. D. (2009). Input–Output Analysis, 2nd ed., chapter 6.
    doi:10.1017/CBO9780511626982

    Examples
    --------
    >>> A = [[0.15, 0.25], [0.20, 0.05]]
    >>> closure = consumption_closure([0.30, 0.25], [50, 400], 1000, own_consumption=50)
    >>> income = multipliers(A, [0.30, 0.25], quantity="income", closure=closure,
    ...                      household_direct=closure.own)
    >>> income.ratio.round(4).tolist(), income.total_ratio.round(4).tolist()
    ([1.4741, 1.5182], [1.8995, 1.9562])
    """
    leontief = leontief_inverse(coefficients)
    n = len(leontief.matrix)
    h = np.ones(n) if direct is None else checked_vector(quantity, direct, n, negative_allowed=True)
    simple = h @ leontief.matrix
    total, total_ratio, source = np.empty(0), np.empty(0), ""
    if closure is not None:
        closed = leontief_inverse(closed_coefficients(leontief.coefficients, closure))
        total = np.append(h, household_direct) @ closed.matrix[:, :n]
        total_ratio, source = _ratio(total, h), closure.source
    return Multipliers(quantity, h, simple, _ratio(simple, h), total, total_ratio, source)


def _ratio(effect: FloatArray, direct: FloatArray) -> FloatArray:
    return np.divide(effect, direct, out=np.full_like(effect, np.nan), where=direct != 0)
