"""Backward and forward linkages, their spread, and key sectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.io.checks import as_floats, checked_table
from klaster.algorithms.io.coefficients import allocation_coefficients, input_coefficients
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import FloatArray, StrArray

Forward = Literal["ghosh", "leontief"]
Depth = Literal["total", "direct"]
SECTOR_CLASSES = ("key", "backward", "forward", "weak")


@dataclass(frozen=True, eq=False)
class Linkages:
    """Linkages of each industry; NaN for industries without output.

    Attributes
    ----------
    backward, forward
        Column sums of the inverse (or of A) and row sums (of G, of L, of B or of A): how much
        an industry pulls its suppliers and pushes its customers, own effect included.
    backward_index, forward_index
        The same over the mean of the active industries (Rasmussen's power and sensitivity of
        dispersion): above 1 is above average.
    backward_spread, forward_spread
        Coefficient of variation of the column (row), standard deviation with n − 1 over mean:
        low where the pull reaches all industries evenly, high where it rests on a few.
    sector_class
        ``key`` (both indices above 1), ``backward``, ``forward`` or ``weak``; empty where
        inactive.
    active_count
        Industries with output, over which the means are taken.
    definition
        In words, which of the definitions in use this is.
    """

    backward: FloatArray
    forward: FloatArray
    backward_index: FloatArray
    forward_index: FloatArray
    backward_spread: FloatArray
    forward_spread: FloatArray
    sector_class: StrArray
    active_count: int
    definition: str

    def table(self) -> pd.DataFrame:
        """Return one row an industry."""
        names = ("backward", "forward")
        columns: dict[str, object] = {}
        for name in names:
            columns[name] = getattr(self, name)
            columns[f"{name}_index"] = getattr(self, f"{name}_index")
            columns[f"{name}_spread"] = getattr(self, f"{name}_spread")
        return pd.DataFrame({**columns, "sector_class": self.sector_class})


def linkages(
    flows: npt.ArrayLike,
    output: npt.ArrayLike,
    *,
    forward: Forward = "ghosh",
    depth: Depth = "total",
) -> Linkages:
    """Return Rasmussen's linkages of all industries and the class of each.

    Backward, ``U_j = (Σ_i l_ij) / (1/n Σ_ij l_ij)`` with the Leontief inverse L. Forward, by rows
    of the Ghosh inverse G (default) or, classically, of L. Direct linkages take A and B in the
    place of L and G (Chenery–Watanabe). The diagonal (intra-industry use) is kept; means are over the
    industries with output.

    Parameters
    ----------
    flows
        Z, n × n, row sells, column buys; domestic flows, or the pull on suppliers abroad counts.
    output
        x, n.
    forward
        ``ghosh``: share of output passed on, so an industry is not called forward-linked for
        being large in every recipe. ``leontief``: output of i if every final demand grew by 1.
    depth
        ``total``: direct and indirect. ``direct``: first round only.

    Raises
    ------
    InputError
        For bad cells and where an inverse does not exist.
    UnknownNameError
        For another choice.

    References
    ----------
    Rasmussen, P. N. (1956). Studies in Inter-sectoral Relations. North-Holland.
    Hirschman, A. O. (1958). The Strategy of Economic Development. Yale University Press.

    Examples
    --------
    >>> found = linkages([[150, 500], [200, 100]], [1000, 2000])
    >>> found.backward_index.round(3).tolist(), found.forward_index.round(3).tolist()
    ([1.022, 0.978], [1.208, 0.792])
    >>> found.sector_class.tolist()
    ['key', 'weak']
    """
    if forward not in get_args(Forward):
        raise UnknownNameError("forward linkage", forward, get_args(Forward))
    if depth not in get_args(Depth):
        raise UnknownNameError("depth of linkage", depth, get_args(Depth))
    Z, x = checked_table(flows, output)
    A, B = input_coefficients(Z, x), allocation_coefficients(Z, x)
    if depth == "total":
        columns = leontief_inverse(A).matrix
        rows = ghosh_inverse(B).matrix if forward == "ghosh" else columns
    else:
        columns, rows = A, B if forward == "ghosh" else A
    symbols = ("L", "G") if depth == "total" else ("A", "B")
    row_symbol = symbols[1] if forward == "ghosh" else symbols[0]
    definition = (
        f"{depth} linkages: backward = column sums of {symbols[0]}, forward = row sums of "
        f"{row_symbol}, diagonal kept, each over the mean of the active industries; "
        "key = both above 1"
    )
    return linkages_of(columns, rows, x > 0, definition)


def linkages_of(
    columns: npt.ArrayLike,
    rows: npt.ArrayLike,
    active: npt.NDArray[np.bool_],
    definition: str,
) -> Linkages:
    """Return linkages from matrices at hand: column sums of one, row sums of the other.

    Parameters
    ----------
    columns
        Matrix whose columns are summed (L, or A).
    rows
        Matrix whose rows are summed (G, L, B or A).
    active
        Industries that take part; the others get NaN.
    definition
        What the matrices are, for the result.

    Examples
    --------
    >>> import numpy as np
    >>> L = [[1.25, 0.33], [0.26, 1.12]]
    >>> linkages_of(L, L, np.array([True, True]), "classical").forward_index.round(2).tolist()
    [1.07, 0.93]
    """
    pull = as_floats(columns)[np.ix_(active, active)]
    push = as_floats(rows)[np.ix_(active, active)].T
    spread_out = [_spread(active, *_column_statistics(part)) for part in (pull, push)]
    (backward, backward_index, backward_spread), (fwd, forward_index, forward_spread) = spread_out
    return Linkages(
        backward,
        fwd,
        backward_index,
        forward_index,
        backward_spread,
        forward_spread,
        sector_classes(backward_index, forward_index),
        int(active.sum()),
        definition,
    )


def sector_classes(backward_index: npt.ArrayLike, forward_index: npt.ArrayLike) -> StrArray:
    """Return ``key``, ``backward``, ``forward`` or ``weak`` for each pair of indices.

    Examples
    --------
    >>> sector_classes([1.2, 0.8], [1.1, 0.9]).tolist()
    ['key', 'weak']
    """
    b, f = as_floats(backward_index), as_floats(forward_index)
    conditions = [np.isnan(b) | np.isnan(f), (b > 1) & (f > 1), b > 1, f > 1]
    return np.select(conditions, ["", "key", "backward", "forward"], default="weak").astype(np.str_)


def _column_statistics(part: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return sums of the columns, the same over their mean, coefficients of variation (n − 1)."""
    n = len(part)
    sums = part.sum(axis=0)
    mean = sums.mean() if n else np.nan
    index = sums / mean if mean else np.full(n, np.nan)
    if n < 2:
        return sums, index, np.full(n, np.nan)
    column_mean = sums / n
    variation = np.divide(
        part.std(axis=0, ddof=1), column_mean, out=np.full(n, np.nan), where=column_mean != 0
    )
    return sums, index, variation


def _spread(
    active: npt.NDArray[np.bool_], *values: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Put values of active industries in their places, NaN elsewhere."""
    placed = []
    for value in values:
        full = np.full(len(active), np.nan)
        full[active] = value
        placed.append(full)
    return placed[0], placed[1], placed[2]
