"""National coefficients scaled down to a region by location quotients.

None of these observes trade: each is a rule for what a region does not supply itself, and they
differ widely, so results belong to the rule (and, for FLQ, to δ) that made them.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import checked_matrix, checked_vector
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import FloatArray

QuotientRule = Literal["slq", "cilq", "rlq", "flq", "aflq"]


def regional_coefficients(
    coefficients: npt.ArrayLike,
    quotients: npt.ArrayLike,
    *,
    rule: QuotientRule = "flq",
    region_share: float | None = None,
    delta: float = 0.25,
) -> FloatArray:
    """Return regional input coefficients ``a_ij · min(q_ij, 1)``, i selling to j.

    With ``SLQ_i`` the simple location quotient (of output or employment):

    - ``slq``: q_ij = SLQ_i.
    - ``cilq``: q_ij = SLQ_i / SLQ_j.
    - ``rlq``: q_ij = SLQ_i / log₂(1 + SLQ_j) (Round).
    - ``flq``: q_ij = λ SLQ_i / SLQ_j with λ = [log₂(1 + E_r/E_n)]^δ.
    - ``aflq``: flq, times log₂(1 + SLQ_j) for buyers with SLQ_j above 1.

    On the diagonal SLQ_i stands for the ratio, or own use would hardly ever be imported.

    Parameters
    ----------
    coefficients
        A of the nation, n × n.
    quotients
        SLQ, n. A buyer with 0 does not exist in the region: its column is 0.
    rule
        Which rule.
    region_share
        E_r / E_n, size of the region in the nation, 0 to 1; needed for ``flq`` and ``aflq``.
    delta
        δ from 0 to below 1: larger regions import relatively less. No value is right
        everywhere: show results over a band (0.10 to 0.40, say).

    Raises
    ------
    InputError
        For bad cells.
    UnknownNameError
        For another rule.
    ValueError
        For a δ or region share out of range or missing.

    References
    ----------
    Flegg, A. T., Webber, C. D. (1997). On the appropriate use of location quotients in
    generating regional input–output tables: reply. Regional Studies 31(8), 795–805.
    doi:10.1080/713693401
    Flegg, A. T., Webber, C. D. (2000). Regional size, regional specialization and the FLQ
    formula. Regional Studies 34(6), 563–569. doi:10.1080/00343400050085675

    Examples
    --------
    >>> A = [[0.4, 0.1, 0.0625], [0.05, 0.3, 0.125], [0.05, 0.1, 0.3125]]
    >>> regional_coefficients(A, [1.61, 0.92, 0.2875], region_share=100 / 230).round(4).tolist()
    [[0.4, 0.1, 0.0625], [0.0243, 0.2345, 0.125], [0.0076, 0.0265, 0.0763]]
    """
    if rule not in get_args(QuotientRule):
        raise UnknownNameError("rule of regionalisation", rule, get_args(QuotientRule))
    A = checked_matrix("national coefficients", coefficients)
    slq = checked_vector("location quotients", quotients, len(A))
    sellers, buyers = slq[:, None], np.where(slq > 0, slq, np.nan)[None, :]
    if rule == "slq":
        q = np.broadcast_to(sellers, A.shape).copy()
    else:
        q = sellers / (np.log2(1.0 + buyers) if rule == "rlq" else buyers)
        np.fill_diagonal(q, slq)
    if rule in ("flq", "aflq"):
        q = q * _size_factor(region_share, delta)
    if rule == "aflq":
        q = q * np.where(slq > 1.0, np.log2(1.0 + slq), 1.0)
    return np.where(slq > 0, A * np.minimum(np.nan_to_num(q, nan=0.0), 1.0), 0.0)


def _size_factor(region_share: float | None, delta: float) -> float:
    if region_share is None:
        raise ValueError(
            "rules 'flq' and 'aflq' need region_share=, the region's share in the nation"
        )
    if not 0 < region_share <= 1:
        raise ValueError(f"region_share is {region_share!r}: give more than 0, at most 1")
    if not 0 <= delta < 1:
        raise ValueError(f"delta is {delta!r}: give 0 or more, below 1")
    return float(np.log2(1.0 + region_share) ** delta)


def regional_imports(
    national: npt.ArrayLike, regional: npt.ArrayLike, output: npt.ArrayLike
) -> FloatArray:
    """Return what the region's industries must buy elsewhere in the nation, by product.

    ``Σ_j (a^N_ij − a^r_ij) x^r_j``: the gap a local supplier could fill.

    Parameters
    ----------
    national, regional
        Coefficients of the nation and of the region, n × n.
    output
        Output of the region's industries, n.

    Examples
    --------
    >>> regional_imports([[0.4, 0.1], [0.1, 0.3]], [[0.2, 0.1], [0.1, 0.3]], [70, 20]).tolist()
    [14.0, 0.0]
    """
    N = checked_matrix("national coefficients", national)
    R = checked_matrix("regional coefficients", regional)
    return np.asarray((N - R) @ checked_vector("output", output, len(N)))
