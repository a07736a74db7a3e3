"""Field of influence: which coefficients matter most for the whole table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import checked_matrix
from klaster.graph.model import FloatArray


def field_of_influence(inverse: npt.ArrayLike, seller: int, buyer: int) -> FloatArray:
    """Return F(i, j) = L[:, i] L[j, :]: how the inverse answers to a small change of a_ij.

    Parameters
    ----------
    inverse
        L = (I − A)⁻¹, n × n.
    seller, buyer
        Row i and column j of the coefficient that changes.

    Raises
    ------
    IndexError
        For a position outside the table.

    References
    ----------
    Sonis, M., Hewings, G. J. D. (1992). Coefficient change in input–output models: theory and
    applications. Economic Systems Research 4(2), 143–158. doi:10.1080/09535319200000013

    Examples
    --------
    >>> from klaster.algorithms.io.leontief import leontief_inverse
    >>> L = leontief_inverse([[0.15, 0.25], [0.20, 0.05]]).matrix
    >>> field_of_influence(L, 0, 1).round(3).tolist()
    [[0.331, 1.407], [0.07, 0.296]]
    """
    L = checked_matrix("the Leontief inverse", inverse, negative_allowed=True)
    return np.outer(L[:, seller], L[buyer, :])


def inverse_change(inverse: npt.ArrayLike, seller: int, buyer: int, change: float) -> FloatArray:
    """Return ΔL, exactly, when a_ij changes by ``change``.

    ``ΔL = Δa / (1 − l_ji Δa) · F(i, j)`` (Sherman–Morrison).

    Parameters
    ----------
    inverse
        L, n × n.
    seller, buyer
        Row i and column j of the coefficient.
    change
        Δa_ij, of either sign.

    Raises
    ------
    ValueError
        Where the change is so large that the economy is no longer productive
        (1 − l_ji Δa ≤ 0).

    Examples
    --------
    >>> from klaster.algorithms.io.leontief import leontief_inverse
    >>> L = leontief_inverse([[0.15, 0.25], [0.20, 0.05]]).matrix
    >>> inverse_change(L, 0, 1, 0.05).round(4).tolist()
    [[0.0168, 0.0713], [0.0035, 0.015]]
    """
    L = checked_matrix("the Leontief inverse", inverse, negative_allowed=True)
    left = 1.0 - float(L[buyer, seller]) * change
    if left <= 0:
        raise ValueError(
            f"a change of {change:g} in coefficient [{seller}, {buyer}] leaves no productive "
            f"economy; it must stay below {1.0 / float(L[buyer, seller]):.6g}"
        )
    return change / left * field_of_influence(L, seller, buyer)


def influence_intensity(inverse: npt.ArrayLike) -> FloatArray:
    """Return the sum of F(i, j) for every coefficient, n × n.

    ``(Σ_r l_ri) (Σ_s l_js)``: the larger, the more a missing or weak link from i to j would
    matter to all industries together. First order: the change per unit of a small Δa_ij.

    Parameters
    ----------
    inverse
        L, n × n.

    Examples
    --------
    >>> from klaster.algorithms.io.leontief import leontief_inverse
    >>> L = leontief_inverse([[0.15, 0.25], [0.20, 0.05]]).matrix
    >>> influence_intensity(L).round(3).tolist()
    [[2.405, 2.104], [2.3, 2.013]]
    """
    L = checked_matrix("the Leontief inverse", inverse, negative_allowed=True)
    return np.outer(L.sum(axis=0), L.sum(axis=1))
