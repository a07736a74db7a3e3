"""Hypothetical extraction: what an economy loses without an industry, for all at once.

Taking out industry k changes one row or one column of the coefficients (or one of each), so the
inverse without k follows from the inverse with it by the Sherman–Morrison–Woodbury identity.
Written out, the loss of output in i is one entry of L times a number of k: all n extractions
cost n² operations after one inversion, in place of n inversions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.io.checks import checked_matrix, checked_vector
from klaster.algorithms.io.leontief import leontief_inverse
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import FloatArray

ExtractionMode = Literal[
    "complete", "complete_keep_demand", "backward", "forward", "forward_ghosh", "keep_own_use"
]
EXTRACTION_MODES: tuple[str, ...] = get_args(ExtractionMode)


@dataclass(frozen=True, eq=False)
class Extraction:
    """Losses of output from taking out each industry in turn.

    Attributes
    ----------
    mode
        What was taken out.
    output
        Output of each industry before, n.
    own
        Output the extracted industry itself loses, n.
    knock_on
        Output all other industries lose, n.
    loss
        ``own + knock_on``.
    share
        ``loss`` over the output of all industries.
    """

    mode: str
    output: FloatArray
    own: FloatArray
    knock_on: FloatArray
    loss: FloatArray
    share: FloatArray

    def table(self) -> pd.DataFrame:
        """Return one row for each extracted industry."""
        return pd.DataFrame(
            {
                "output": self.output,
                "own": self.own,
                "knock_on": self.knock_on,
                "loss": self.loss,
                "share": self.share,
            }
        )


def extraction_losses(
    inverse: npt.ArrayLike,
    output: npt.ArrayLike,
    final_demand: npt.ArrayLike,
    *,
    mode: ExtractionMode = "complete",
    own_coefficients: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return the loss of output in i (row) when industry k (column) is extracted, n × n.

    With L = (I − A)⁻¹, x = L f, δ the identity:

    =====================  ==========================================  =========================
    mode                   what is set to zero                         loss of i
    =====================  ==========================================  =========================
    complete               row and column k of A, f_k                  l_ik x_k / l_kk
    complete_keep_demand   row and column k of A                       the same, less f_k at k
    backward               column k of A (k buys nothing)              (l_ik − δ_ik) x_k / l_kk
    forward                row k of A (k sells to no industry)         l_ik (x_k − f_k) / l_kk
    forward_ghosh          row k of B, primary inputs kept             (l_ki x_i − δ_ik x_k) / l_kk
    keep_own_use           row and column k of A but a_kk              complete, less f_k/(1−a_kk)
    =====================  ==========================================  =========================

    Parameters
    ----------
    inverse
        L, n × n.
    output
        x = L f, n. Zeros are allowed: an idle industry has nothing to lose.
    final_demand
        f, n; may be negative (changes in stocks).
    mode
        One of the table.
    own_coefficients
        a_kk, for ``keep_own_use``; taken from L⁻¹ where not given, which costs an inversion.

    Raises
    ------
    UnknownNameError
        For another mode.

    References
    ----------
    Dietzenbacher, E., van der Linden, J. A., Steenge, A. E. (1993). The regional extraction
    method: EC input–output comparisons. Economic Systems Research 5(2), 185–206.
    doi:10.1080/09535319300000017
    Dietzenbacher, E., Lahr, M. L. (2013). Expanding extractions. Economic Systems Research
    25(3), 341–360. doi:10.1080/09535314.2013.774266

    Examples
    --------
    >>> import numpy as np
    >>> from klaster.algorithms.io.leontief import leontief_inverse
    >>> L = leontief_inverse([[0.15, 0.25], [0.20, 0.05]]).matrix
    >>> f = np.array([350, 1700])
    >>> extraction_losses(L, L @ f, f).round(1).tolist()
    [[1000.0, 588.2], [210.5, 2000.0]]
    """
    if mode not in EXTRACTION_MODES:
        raise UnknownNameError("mode of extraction", mode, EXTRACTION_MODES)
    L = checked_matrix("the Leontief inverse", inverse, negative_allowed=True)
    n = len(L)
    x = checked_vector("output", output, n, negative_allowed=True)
    f = checked_vector("final demand", final_demand, n, negative_allowed=True)
    own = np.diagonal(L)
    if mode == "forward":
        return L * ((x - f) / own)
    if mode == "forward_ghosh":
        loss = L.T * x[:, None] / own
        np.fill_diagonal(loss, x - x / own)
        return loss
    loss = L * (x / own)
    diagonal = np.diagonal(loss).copy()
    if mode == "complete_keep_demand":
        diagonal -= f
    elif mode == "backward":
        diagonal -= x / own
    elif mode == "keep_own_use":
        diagonal -= f / (1.0 - _own_use(L, own_coefficients))
    np.fill_diagonal(loss, diagonal)
    return loss


def hypothetical_extraction(
    coefficients: npt.ArrayLike,
    final_demand: npt.ArrayLike,
    *,
    mode: ExtractionMode = "complete",
) -> Extraction:
    """Return what all industries lose when each industry in turn is extracted.

    ``loss_k = 1'x − 1'(I − A*)⁻¹ f*`` with A* and f* as :func:`extraction_losses` says, own output
    kept apart from the indirect loss (knock_on) of other industries. Intra-industry use (the diagonal) is part of A.

    Parameters
    ----------
    coefficients
        A, n × n; of domestic flows, or losses abroad are counted in.
    final_demand
        f, n; the output before extraction is L f.
    mode
        What is taken out.

    Raises
    ------
    InputError
        For bad cells and ρ(A) ≥ 1.
    UnknownNameError
        For another mode.

    Examples
    --------
    >>> found = hypothetical_extraction([[0.15, 0.25], [0.20, 0.05]], [350, 1700])
    >>> found.loss.round(1).tolist(), found.knock_on.round(1).tolist()
    ([1210.5, 2588.2], [210.5, 588.2])
    """
    leontief = leontief_inverse(coefficients)
    f = checked_vector("final demand", final_demand, len(leontief.matrix), negative_allowed=True)
    return extraction_of(
        leontief.matrix,
        leontief.matrix @ f,
        f,
        mode=mode,
        own_coefficients=np.diagonal(leontief.coefficients),
    )


def extraction_of(
    inverse: npt.ArrayLike,
    output: npt.ArrayLike,
    final_demand: npt.ArrayLike,
    *,
    mode: ExtractionMode = "complete",
    own_coefficients: npt.ArrayLike | None = None,
) -> Extraction:
    """Return the extraction of each industry from a Leontief inverse at hand.

    Parameters, errors: as :func:`extraction_losses`; the sums are taken without making the
    n × n losses, so one extraction of each of 1,435 industries costs a few milliseconds.

    Examples
    --------
    >>> import numpy as np
    >>> extraction_of(np.eye(2), [5, 7], [5, 7]).loss.tolist()
    [5.0, 7.0]
    """
    if mode not in EXTRACTION_MODES:
        raise UnknownNameError("mode of extraction", mode, EXTRACTION_MODES)
    L = checked_matrix("the Leontief inverse", inverse, negative_allowed=True)
    n = len(L)
    x = checked_vector("output", output, n, negative_allowed=True)
    f = checked_vector("final demand", final_demand, n, negative_allowed=True)
    diagonal = np.diagonal(L)
    if mode == "forward_ghosh":
        own = x - x / diagonal
        knock_on = (L @ x - diagonal * x) / diagonal
    else:
        others = L.sum(axis=0) - diagonal
        lost = x - f if mode == "forward" else x
        knock_on = others * lost / diagonal
        if mode == "complete":
            own = x.copy()
        elif mode == "backward":
            own = x - x / diagonal
        elif mode == "keep_own_use":
            own = x - f / (1.0 - _own_use(L, own_coefficients))
        else:
            own = x - f
    loss = own + knock_on
    total = float(x.sum())
    share = loss / total if total else np.zeros(n)
    return Extraction(mode, x, own, knock_on, loss, share)


def extract_group(
    inverse: npt.ArrayLike, output: npt.ArrayLike, members: Sequence[int]
) -> tuple[FloatArray, FloatArray]:
    """Return what each industry loses when a whole group (a cluster) is extracted completely.

    Rows and columns of the group in A, and its final demand, are set to zero; then the loss is
    ``L[:, S] (L[S, S])⁻¹ x[S]``. It is at least the loss of each member alone and less than the
    sum over members, which counts their trade among themselves twice.

    Parameters
    ----------
    inverse
        L, n × n.
    output
        x, n.
    members
        Positions S of the group, at least one, each once.

    Returns
    -------
    own, knock_on
        Two vectors of n: loss inside the group (its whole output) and outside it.

    Raises
    ------
    ValueError
        For an empty group, a position outside the table or one given twice.

    Examples
    --------
    >>> own, knock_on = extract_group([[1.25, 0.33], [0.26, 1.12]], [1000, 2000], [0])
    >>> own.tolist(), knock_on.round(1).tolist()
    ([1000.0, 0.0], [0.0, 208.0])
    """
    L = checked_matrix("the Leontief inverse", inverse, negative_allowed=True)
    n = len(L)
    x = checked_vector("output", output, n, negative_allowed=True)
    group = sorted(members)
    if not group or len(set(group)) < len(group) or group[0] < 0 or group[-1] >= n:
        raise ValueError(
            f"members {list(members)!r}: give each position once, at least one, from 0 to {n - 1}"
        )
    loss = L[:, group] @ np.linalg.solve(L[np.ix_(group, group)], x[group])
    inside = np.zeros(n, dtype=bool)
    inside[group] = True
    return np.where(inside, x, 0.0), np.where(inside, 0.0, loss)


def _own_use(inverse: FloatArray, own_coefficients: npt.ArrayLike | None) -> FloatArray:
    """Return the diagonal of A: as given, or of I − L⁻¹."""
    if own_coefficients is None:
        return np.asarray(1.0 - np.diagonal(np.linalg.inv(inverse)))
    return checked_vector("own coefficients", own_coefficients, len(inverse))
