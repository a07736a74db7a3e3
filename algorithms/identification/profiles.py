"""Industries that buy alike, sell alike, or buy what others sell: Feser & Bergman's similarity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import checked_matrix
from klaster.algorithms.io.coefficients import purchase_shares, sales_shares
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import FloatArray, StrArray

PSDPolicy = Literal["clip", "keep", "refuse"]
PROFILE_KINDS = ("purchase–purchase", "sales–sales", "purchase–sales", "sales–purchase")


@dataclass(frozen=True, eq=False)
class ProfileSimilarity:
    """Largest profile correlation of each pair of industries.

    Attributes
    ----------
    matrix
        n × n, symmetric, diagonal 1; after the policy for negative eigenvalues.
    maximum
        The same before the policy.
    kind
        Which of the four correlations was the largest.
    eigenvalues
        Of ``maximum``, largest first; a maximum of correlations need not be a correlation
        matrix, so some may be negative.
    clipped
        Size of the negative eigenvalues that were set to zero, as a share of n.
    undefined
        Industries that buy from none or sell to none: correlations with their missing profile
        are left out, and are 0 where none of the four is left.
    """

    matrix: FloatArray
    maximum: FloatArray
    kind: StrArray
    eigenvalues: FloatArray
    clipped: float
    undefined: tuple[int, ...]


def feser_bergman(
    flows: npt.ArrayLike, *, own_flows: bool = False, psd: PSDPolicy = "clip"
) -> ProfileSimilarity:
    """Return the largest of four correlations between the trading profiles of two industries.

    With purchase profiles ``P[:, k] = z_·k / Σ_i z_ik`` and sales profiles
    ``S[k, :] = z_k· / Σ_j z_kj``: ``r(P_k, P_l)`` buy alike, ``r(S_k, S_l)`` sell alike,
    ``r(P_k, S_l)`` k buys where l sells, ``r(S_k, P_l)`` the other way round.

    Parameters
    ----------
    flows
        Z, n × n, row sells, column buys; domestic and imported together (technology).
    own_flows
        Whether own use is part of a profile. By default it is not: an industry that mostly
        supplies itself would resemble only itself.
    psd
        What to do where the matrix has negative eigenvalues. ``clip``: set them to 0 and scale
        back to a diagonal of 1 (the share is reported). ``keep``: nothing. ``refuse``: raise.

    Raises
    ------
    InputError
        For missing or negative cells.
    UnknownNameError
        For another policy.
    ValueError
        With ``refuse``, where an eigenvalue is negative.

    References
    ----------
    Feser, E. J., Bergman, E. M. (2000). National industry cluster templates: a framework for
    applied regional cluster analysis. Regional Studies 34(1), 1–19.
    doi:10.1080/00343400050005844

    Examples
    --------
    >>> found = feser_bergman([[1, 8, 2], [1, 2, 9], [6, 1, 1]], own_flows=True, psd="keep")
    >>> found.maximum.round(3).tolist()
    [[1.0, 0.993, 0.97], [0.993, 1.0, 0.991], [0.97, 0.991, 1.0]]
    """
    if psd not in get_args(PSDPolicy):
        raise UnknownNameError("policy for negative eigenvalues", psd, get_args(PSDPolicy))
    Z = checked_matrix("flows", flows)
    if not own_flows:
        Z = Z.copy()
        np.fill_diagonal(Z, 0.0)
    n = len(Z)
    purchases, sales = _standardised(purchase_shares(Z).T), _standardised(sales_shares(Z))
    buy_alike, sell_alike = purchases @ purchases.T, sales @ sales.T
    buys_where_sells = purchases @ sales.T
    four = np.stack([buy_alike, sell_alike, buys_where_sells, buys_where_sells.T])
    four[np.isnan(four)] = -np.inf
    best, highest = four.argmax(axis=0), four.max(axis=0)
    none = np.isneginf(highest)
    maximum = np.clip(np.where(none, 0.0, highest), -1.0, 1.0)
    np.fill_diagonal(maximum, 1.0)
    kind = np.array([*PROFILE_KINDS, ""])[np.where(none, len(PROFILE_KINDS), best)]
    undefined = np.flatnonzero(np.isnan(purchases).any(axis=1) | np.isnan(sales).any(axis=1))
    values, vectors = np.linalg.eigh(maximum)
    negative = float(-values[values < 0].sum())
    matrix = maximum
    if negative > 1e-10 * n and psd == "refuse":
        raise ValueError(
            f"the similarity matrix has negative eigenvalues (down to {values[0]:.4g}), so it is "
            "no correlation matrix: use psd='clip' or psd='keep'"
        )
    if negative > 0 and psd == "clip":
        matrix = _unit_diagonal((vectors * np.maximum(values, 0.0)) @ vectors.T)
    return ProfileSimilarity(
        matrix, maximum, kind, values[::-1], negative / n, tuple(undefined.tolist())
    )


def _standardised(profiles: FloatArray) -> FloatArray:
    """Centre each row and scale it to length 1, so that products of rows are correlations."""
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    # An even profile has no variance but for rounding.
    defined = length > 1e-12
    standardised: FloatArray = np.full_like(centred, np.nan)
    np.divide(centred, length, out=standardised, where=defined)
    return standardised


def _unit_diagonal(matrix: FloatArray) -> FloatArray:
    scale = 1.0 / np.sqrt(np.diagonal(matrix))
    scaled = matrix * scale[:, None] * scale
    scaled = (scaled + scaled.T) / 2
    np.fill_diagonal(scaled, 1.0)
    return scaled
