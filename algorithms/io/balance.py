"""Does a table add up, and is it fit for the algebra: residuals and warning signs, nothing mended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from klaster.algorithms.io.checks import as_floats, matrix_faults, refuse, vector_faults
from klaster.graph.errors import Fault
from klaster.graph.model import FloatArray


@dataclass(frozen=True, eq=False)
class Balance:
    """Accounting residuals of a table; a positive one means the recorded total is too high.

    Attributes
    ----------
    row_residual
        Recorded total use less (Σ_j z_ij + f_i), n.
    column_residual
        Recorded output less (Σ_i z_ij + v_j), n; empty where primary inputs are not given.
    unbalanced_rows, unbalanced_columns
        Positions whose residual is above the tolerance.
    """

    row_residual: FloatArray
    column_residual: FloatArray
    unbalanced_rows: tuple[int, ...]
    unbalanced_columns: tuple[int, ...]


def balance(
    flows: npt.ArrayLike,
    final_demand: npt.ArrayLike,
    total_use: npt.ArrayLike,
    *,
    primary_inputs: npt.ArrayLike | None = None,
    total_output: npt.ArrayLike | None = None,
    tolerance: float = 1e-6,
) -> Balance:
    """Return by how much each row and column misses its recorded total.

    Rows: ``x_i = Σ_j z_ij + f_i``. Columns: ``x_j = Σ_i z_ij + primary inputs_j``, where primary
    inputs are value added, taxes less subsidies on products and (where Z is domestic) imports.

    Parameters
    ----------
    flows
        Z, n × n; negative cells are allowed here.
    final_demand
        f, n, or n × uses.
    total_use
        Recorded total of each row, n.
    primary_inputs
        n, or items × n.
    total_output
        Recorded total of each column; ``total_use`` by default.
    tolerance
        Residual that counts as rounding, as a share of the largest total.

    Raises
    ------
    InputError
        Where the shapes do not fit; for each flow, use, input and total that is missing.

    Examples
    --------
    >>> found = balance([[150, 500], [200, 100]], [350, 1700], [1000, 2046])
    >>> found.row_residual.tolist(), found.unbalanced_rows
    ([0.0, 46.0], (1,))
    """
    Z = as_floats(flows)
    n = len(Z)
    f = as_floats(final_demand)
    uses = f if f.ndim == 2 else None
    f = f.sum(axis=1) if f.ndim == 2 else f
    v = np.zeros(n) if primary_inputs is None else as_floats(primary_inputs)
    items = v if v.ndim == 2 else None
    v = v.sum(axis=0) if v.ndim == 2 else v
    rows = as_floats(total_use)
    columns = rows if total_output is None else as_floats(total_output)
    faults = [
        *_amounts("final demand", f, uses, n),
        *_amounts("primary inputs", v, items, n),
        *vector_faults("total use", rows, n, negative_allowed=True),
        *vector_faults("total output", columns, n, negative_allowed=True),
    ]
    if Z.shape != (n, n):
        shape = " × ".join(map(str, Z.shape))
        remedy = "Give one row and one column for each industry."
        faults.append(
            Fault(
                file="flows",
                code="bad-shape",
                value=shape,
                problem="it must be square",
                remedy=remedy,
            )
        )
    elif n:
        faults += matrix_faults("flows", Z, negative_allowed=True)
    refuse(faults, "the balance")
    row_residual = rows - Z.sum(axis=1) - f
    column_residual = np.empty(0)
    if primary_inputs is not None:
        column_residual = columns - Z.sum(axis=0) - v
    allowed = tolerance * max(float(np.abs(rows).max()), float(np.abs(columns).max()))
    return Balance(
        row_residual,
        column_residual,
        tuple(np.flatnonzero(np.abs(row_residual) > allowed).tolist()),
        tuple(np.flatnonzero(np.abs(column_residual) > allowed).tolist()),
    )


def _amounts(what: str, sums: FloatArray, parts: FloatArray | None, n: int) -> list[Fault]:
    """Return what is wrong with amounts by industry: the cells where there are parts."""
    if parts is not None and parts.size and sums.shape == (n,):
        return matrix_faults(what, parts, negative_allowed=True, square=False)
    return vector_faults(what, sums, n, negative_allowed=True)


@dataclass(frozen=True)
class TableSigns:
    """What an analyst wants to know of a table before trusting its network.

    Attributes
    ----------
    negative_cells
        Positions (row, column) of negative flows.
    empty_rows, empty_columns
        Industries that sell to none, buy from none.
    own_use_share
        Share of the diagonal in all flows: on dense tables it decides about communities.
    top_share
        Share of the largest 1 % of the positive flows in all flows.
    density
        Share of the n² cells that are not zero.
    reciprocity
        Share of off-diagonal ties whose opposite tie exists.
    parts
        Number of weakly connected parts, single industries among them.
    """

    negative_cells: tuple[tuple[int, int], ...]
    empty_rows: tuple[int, ...]
    empty_columns: tuple[int, ...]
    own_use_share: float
    top_share: float
    density: float
    reciprocity: float
    parts: int


def table_signs(flows: npt.ArrayLike) -> TableSigns:
    """Return the warning signs of a table of flows.

    Parameters
    ----------
    flows
        Z, n × n, finite.

    Examples
    --------
    >>> table_signs([[6, 2], [2, 0]]).own_use_share
    0.6
    """
    Z = as_floats(flows)
    total = float(Z.sum())
    off = Z != 0
    np.fill_diagonal(off, False)
    cells = np.sort(Z[Z > 0])[::-1]
    top = cells[: max(1, int(np.ceil(len(cells) / 100)))]
    ties = int(off.sum())
    parts = connected_components(sparse.csr_array(off), directed=True, connection="weak")[0]
    return TableSigns(
        tuple((int(i), int(j)) for i, j in np.argwhere(Z < 0)),
        tuple(np.flatnonzero(~(Z != 0).any(axis=1)).tolist()),
        tuple(np.flatnonzero(~(Z != 0).any(axis=0)).tolist()),
        float(np.trace(Z)) / total if total else 0.0,
        float(top.sum()) / total if total else 0.0,
        float((Z != 0).mean()),
        float((off & off.T).sum()) / ties if ties else 0.0,
        int(parts),
    )


def set_negatives_aside(flows: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Split flows into the non-negative ones and the negative ones, to be placed elsewhere.

    The algebra refuses negative flows. Where they are right (disposal, subsidised use), take
    them out knowingly: ``Z = kept + aside``; row sums of what is set aside belong to final
    demand, column sums to primary inputs, and the report of the table names the cells
    (:func:`table_signs`).

    Parameters
    ----------
    flows
        Z, n × n.

    Returns
    -------
    kept, aside
        Two matrices of the shape of Z that add up to it.

    Examples
    --------
    >>> kept, aside = set_negatives_aside([[5, -2], [1, 0]])
    >>> kept.tolist(), aside.tolist()
    ([[5.0, 0.0], [1.0, 0.0]], [[0.0, -2.0], [0.0, 0.0]])
    """
    Z = as_floats(flows)
    aside = np.where(Z < 0, Z, 0.0)
    return Z - aside, aside
