"""Direct links between industries: above a threshold, and the four shares of Czamanski & Ablas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.algorithms.identification.industry_clusters import IndustryClusters, components
from klaster.algorithms.io.checks import checked_matrix
from klaster.algorithms.io.coefficients import purchase_shares, sales_shares
from klaster.graph.model import FloatArray, StrArray

LINK_KINDS = ("purchase of j from i", "purchase of i from j", "sale of i to j", "sale of j to i")


@dataclass(frozen=True, eq=False)
class Links:
    """Strength of the strongest link of each pair of industries.

    Attributes
    ----------
    strength
        n × n, symmetric, 0 on the diagonal.
    kind
        Which of the four gave the strength; empty where there is no link.
    """

    strength: FloatArray
    kind: StrArray


def czamanski_ablas(flows: npt.ArrayLike, *, own_flows: bool = True) -> Links:
    """Return the strongest of four shares for each pair of industries.

    For i ≠ j: ``z_ij / Σ_i z_ij`` (i in the purchases of j), ``z_ji / Σ z_ji`` (j in the
    purchases of i), ``z_ij / Σ_j z_ij`` (j in the sales of i), ``z_ji / Σ z_ji`` (i in the sales
    of j); the largest is the link. Symmetric, diagonal 0: a link is strong if it is important
    for at least one side of one of the two trades.

    Parameters
    ----------
    flows
        Z, n × n, row sells, column buys; domestic and imported together (technology).
    own_flows
        Whether own use counts in the totals the shares are of.

    Raises
    ------
    InputError
        For missing or negative cells.

    References
    ----------
    Czamanski, S., Ablas, L. A. de Q. (1979). Identification of industrial clusters and
    complexes: a comparison of methods and findings. Urban Studies 16(1), 61–80.
    doi:10.1080/713702464

    Examples
    --------
    >>> links = czamanski_ablas([[0, 8, 0], [1, 0, 3], [1, 2, 0]])
    >>> links.strength.tolist()
    [[0.0, 1.0, 0.5], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0]]
    >>> str(links.kind[0, 2])
    'purchase of i from j'
    """
    Z = checked_matrix("flows", flows)
    if not own_flows:
        Z = Z.copy()
        np.fill_diagonal(Z, 0.0)
    p, s = purchase_shares(Z), sales_shares(Z)
    four = np.stack([p, p.T, s, s.T])
    best = four.argmax(axis=0)
    strength = four.max(axis=0)
    np.fill_diagonal(strength, 0.0)
    kind = np.array([*LINK_KINDS, ""])[np.where(strength > 0, best, len(LINK_KINDS))]
    return Links(strength, kind)


def direct_link_clusters(
    strength: npt.ArrayLike,
    threshold: float,
    *,
    method: str = "direct links",
) -> IndustryClusters:
    """Return clusters as the parts held together by links of at least the threshold.

    An industry linked to none is in no cluster. Direction and own use play no part.

    Parameters
    ----------
    strength
        n × n strengths of one named weight: input coefficients, shares, Czamanski–Ablas links.
    threshold
        The lowest strength that links.
    method
        Name for the result.

    Raises
    ------
    InputError
        For missing or negative cells.
    ValueError
        For a threshold that is not above zero (everything would be one cluster).

    Examples
    --------
    >>> found = direct_link_clusters([[0, 0.3, 0], [0, 0, 0], [0.05, 0, 0]], 0.2)
    >>> found.labels.tolist()
    [1, 1, 0]
    """
    if not threshold > 0:
        raise ValueError(f"the threshold is {threshold!r}: give a strength above zero")
    S = checked_matrix("link strength", strength)
    return IndustryClusters(
        method, components(threshold <= S), f"links of at least {threshold:g}, connected parts"
    )
