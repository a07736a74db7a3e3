"""Coefficients and shares of an input–output table.

Z[i, j] is what industry i sells to industry j (row sells, column buys), x[i] the output of i.
Results name the weight they use, since a big flow, a big share of the buyer's purchases and a
big share of the seller's sales are three different things.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import as_floats, checked_matrix, checked_table, checked_vector
from klaster.graph.model import FloatArray


def input_coefficients(flows: npt.ArrayLike, output: npt.ArrayLike) -> FloatArray:
    """Return the technical coefficients A: inputs from i per unit of output of j.

    ``A = Z x̂⁻¹``, that is ``a_ij = z_ij / x_j``. The diagonal (intra-industry use) is kept; an industry
    without output has a zero column.

    Parameters
    ----------
    flows
        Z, n × n, in money; row sells, column buys. Domestic flows for multipliers, linkages
        and extraction; domestic and imported together for technology.
    output
        x, n, in the unit of the flows.

    Raises
    ------
    InputError
        Naming every missing or negative cell, and industries that trade without output.

    References
    ----------
    Leontief, W. (1936). Quantitative input and output relations in the economic systems of the
    United States. Review of Economics and Statistics 18(3), 105–125. doi:10.2307/1927837

    Examples
    --------
    >>> input_coefficients([[150, 500], [200, 100]], [1000, 2000]).tolist()
    [[0.15, 0.25], [0.2, 0.05]]
    """
    Z, x = checked_table(flows, output)
    return np.divide(Z, x, out=np.zeros_like(Z), where=x != 0)


def allocation_coefficients(flows: npt.ArrayLike, output: npt.ArrayLike) -> FloatArray:
    """Return the allocation coefficients B: share of the output of i that goes to j.

    ``B = x̂⁻¹ Z``, that is ``b_ij = z_ij / x_i`` (Ghosh 1958). The diagonal is kept; an industry
    without output has a zero row. ``B = x̂⁻¹ A x̂``.

    Parameters, errors: as :func:`input_coefficients`.

    References
    ----------
    Ghosh, A. (1958). Input–output approach in an allocation system. Economica 25(97), 58–64.
    doi:10.2307/2550694

    Examples
    --------
    >>> allocation_coefficients([[150, 500], [200, 100]], [1000, 2000]).tolist()
    [[0.15, 0.5], [0.1, 0.05]]
    """
    Z, x = checked_table(flows, output)
    rows = x[:, None]
    return np.divide(Z, rows, out=np.zeros_like(Z), where=rows != 0)


def purchase_shares(flows: npt.ArrayLike) -> FloatArray:
    """Return the share of seller i in the intermediate purchases of buyer j.

    ``p_ij = z_ij / Σ_i z_ij``: each column adds up to 1, or is zero where j buys nothing.

    Examples
    --------
    >>> purchase_shares([[1, 5], [3, 0]]).tolist()
    [[0.25, 1.0], [0.75, 0.0]]
    """
    Z = checked_matrix("flows", flows)
    total = Z.sum(axis=0)
    return np.asarray(np.divide(Z, total, out=np.zeros_like(Z), where=total != 0))


def sales_shares(flows: npt.ArrayLike) -> FloatArray:
    """Return the share of buyer j in the intermediate sales of seller i.

    ``s_ij = z_ij / Σ_j z_ij``: each row adds up to 1, or is zero where i sells nothing to industries.

    Examples
    --------
    >>> sales_shares([[1, 3], [5, 0]]).tolist()
    [[0.25, 0.75], [1.0, 0.0]]
    """
    return np.asarray(purchase_shares(checked_matrix("flows", flows).T).T)


def coefficients_per_output(amounts: npt.ArrayLike, output: npt.ArrayLike) -> FloatArray:
    """Return h_j = amount_j / x_j: value added, income or jobs per unit of output.

    Zero where the industry has no output.

    Parameters
    ----------
    amounts
        One number for each industry: compensation, value added, jobs.
    output
        x, n.

    Examples
    --------
    >>> coefficients_per_output([650, 1400], [1000, 2000]).tolist()
    [0.65, 0.7]
    """
    x = as_floats(output)
    h = checked_vector("amounts", amounts, len(x), negative_allowed=True)
    return np.divide(h, x, out=np.zeros_like(h), where=x != 0)
