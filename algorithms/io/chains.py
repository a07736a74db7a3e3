"""Where industries stand in the chains: propagation lengths, upstreamness, downstreamness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import (
    checked_matrix,
    checked_table,
    checked_vector,
    refuse,
)
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse
from klaster.graph.errors import Fault
from klaster.graph.model import FloatArray


def average_propagation_lengths(inverse: npt.ArrayLike) -> FloatArray:
    """Return the average number of rounds a push of i takes to reach j (APL), n × n.

    ``v_ij = [L(L − I)]_ij / [L − I]_ij``: the rounds weighted by how much arrives in each. The
    same from L and from G. On the diagonal the denominator is ``l_ii − 1``. Zero where j cannot
    be reached from i.

    Parameters
    ----------
    inverse
        L = (I − A)⁻¹, n × n.

    References
    ----------
    Dietzenbacher, E., Romero Luna, I., Bosma, N. S. (2005). Using average propagation lengths
    to identify production chains in the Andalusian economy. Estudios de Economía Aplicada
    23(2), 405–422.

    Examples
    --------
    >>> from klaster.algorithms.io.leontief import leontief_inverse
    >>> L = leontief_inverse([[0.15, 0.25], [0.20, 0.05]]).matrix
    >>> average_propagation_lengths(L).round(4).tolist()
    [[1.597, 1.3762], [1.3762, 1.8357]]
    """
    L = checked_matrix("the Leontief inverse", inverse, negative_allowed=True)
    beyond = L - np.eye(len(L))
    # What is left of an unreachable pair is rounding, not a path.
    reached = beyond > 1e-14 * float(np.abs(L).max())
    return np.divide(L @ beyond, beyond, out=np.zeros_like(L), where=reached)


def upstreamness(
    flows: npt.ArrayLike,
    output: npt.ArrayLike,
    *,
    exports: npt.ArrayLike | None = None,
    imports: npt.ArrayLike | None = None,
    stock_changes: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return the average distance of an industry's output from final use, at least 1.

    ``U = (I − Δ)⁻¹ 1`` with ``Δ_ij = z_ij / (x_i − e_i + m_i − n_i)``, exports e, imports m and
    additions to stocks n of the products of i. What is exported leaves the count and is taken
    to be used abroad as at home, so exports are *subtracted*: they raise the share that each
    domestic use stands for. In a closed economy Δ = B and U is the row sum of G. An industry
    that delivers to final use only has U = 1.

    Parameters
    ----------
    flows
        Z, n × n, row sells, column buys. With imports given: domestic and imported flows.
    output
        x, n.
    exports, imports, stock_changes
        e, m, n of the products of each industry, in the unit of the flows; 0 by default.

    Returns
    -------
    numpy.ndarray
        U; NaN for industries without output.

    Raises
    ------
    InputError
        For bad cells, and where x − e + m − n is not above zero while the industry sells to
        others (listed).

    References
    ----------
    Antràs, P., Chor, D., Fally, T., Hillberry, R. (2012). Measuring the upstreamness of
    production and trade flows. American Economic Review 102(3), 412–416.
    doi:10.1257/aer.102.3.412

    Examples
    --------
    >>> upstreamness([[150, 500], [200, 100]], [1000, 2000]).round(4).tolist()
    [1.9142, 1.2541]
    """
    Z, x = checked_table(flows, output)
    n = len(x)
    used = x.copy()
    for name, amounts, sign in (
        ("exports", exports, -1.0),
        ("imports", imports, 1.0),
        ("stock changes", stock_changes, -1.0),
    ):
        if amounts is not None:
            used += sign * checked_vector(name, amounts, n, negative_allowed=name[0] == "s")
    sells = Z.sum(axis=1) > 0
    refuse(
        [
            Fault(
                file="use of output",
                code="no-domestic-use",
                value=f"{used[k]:g}",
                problem=f"industry {k} sells to industries, but output − exports + imports − additions "
                "to stocks is not above zero",
                remedy="Check the sign of exports and imports: both are given as positive amounts.",
            )
            for k in np.flatnonzero(sells & (used <= 0)).tolist()
        ],
        "upstreamness",
    )
    rows = used[:, None]
    shares = np.divide(Z, rows, out=np.zeros_like(Z), where=sells[:, None])
    return np.where(x > 0, ghosh_inverse(shares).matrix.sum(axis=1), np.nan)


def downstreamness(flows: npt.ArrayLike, output: npt.ArrayLike) -> FloatArray:
    """Return the average distance of an industry's product from primary inputs, at least 1.

    ``D = 1'(I − A)⁻¹``, the column sums of L: equal to its output multiplier. An industry that
    buys from no other has D = 1.

    Parameters
    ----------
    flows
        Z, n × n.
    output
        x, n.

    Returns
    -------
    numpy.ndarray
        D; NaN for industries without output.

    References
    ----------
    Miller, R. E., Temurshoev, U. (2017). Output upstreamness and input downstreamness of
    industries/countries in world production. International Regional Science Review 40(5),
    443–475. doi:10.1177/0160017615608095

    Examples
    --------
    >>> downstreamness([[150, 500], [200, 100]], [1000, 2000]).round(4).tolist()
    [1.5182, 1.4521]
    """
    Z, x = checked_table(flows, output)
    A = np.divide(Z, x, out=np.zeros_like(Z), where=x != 0)
    return np.where(x > 0, leontief_inverse(A).matrix.sum(axis=0), np.nan)
