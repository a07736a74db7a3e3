"""What every function of this room asks of its arrays, said once and reported together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from klaster.graph.errors import Fault, InputError
from klaster.graph.model import FloatArray

LISTED_CELLS = 19
"""Cells of one kind of fault that are listed; of the others only the number is given."""


def names_of(n: int, labels: Sequence[str] | None) -> list[str]:
    """Return the labels, or ``0``, ``1``, … where there are none."""
    return [str(k) for k in range(n)] if labels is None else [str(label) for label in labels]


def cell_faults(
    what: str,
    array: FloatArray,
    bad: npt.NDArray[np.bool_],
    code: str,
    problem: str,
    remedy: str,
    labels: Sequence[str] | None = None,
) -> list[Fault]:
    """Return one fault for each marked cell (the first nineteen, then their number)."""
    cells = np.argwhere(bad)
    faults = []
    for cell in cells[:LISTED_CELLS]:
        place = ", ".join(str(int(k)) for k in cell)
        if labels is not None:
            place += " (" + " to ".join(repr(str(labels[int(k)])) for k in cell) + ")"
        faults.append(
            Fault(
                file=what,
                code=code,
                value=repr(float(array[tuple(cell)])),
                problem=f"cell [{place}] {problem}",
                remedy=remedy,
            )
        )
    if len(cells) > LISTED_CELLS:
        more = len(cells) - LISTED_CELLS
        faults.append(
            Fault(
                file=what,
                code=code,
                value=str(len(cells)),
                problem=f"and {more} more cells like these",
                remedy=remedy,
            )
        )
    return faults


_MISSING = ("not-a-number", "is missing or not a finite number")
_NEGATIVE_FLOW = (
    "negative-flow",
    "is negative",
    "Correct the cell, or move the amount to final demand (subsidies, changes in stocks).",
)


def _bad_shape(what: str, given: object, problem: str, remedy: str) -> list[Fault]:
    return [Fault(file=what, code="bad-shape", value=str(given), problem=problem, remedy=remedy)]


def matrix_faults(
    what: str,
    matrix: FloatArray,
    labels: Sequence[str] | None = None,
    *,
    negative_allowed: bool = False,
    square: bool = True,
) -> list[Fault]:
    """Return what is wrong with a matrix: its shape, missing, infinite and negative cells."""
    if matrix.ndim != 2 or (square and matrix.shape[0] != matrix.shape[1]) or not matrix.size:
        wanted = "square (industry by industry)" if square else "a matrix"
        return _bad_shape(
            what,
            " × ".join(map(str, matrix.shape)) or "a number",
            f"it must be {wanted} and not empty",
            "Give one row and one column for each industry, in the same order.",
        )
    if labels is not None and len(labels) != matrix.shape[0]:
        problem = f"the number of labels is not the {matrix.shape[0]} of its rows"
        return _bad_shape(what, len(labels), problem, "Give one label for each row.")
    names, finite = labels if square else None, np.isfinite(matrix)
    remedy = "Fill the cell; write 0 where nothing flows."
    faults = cell_faults(what, matrix, ~finite, *_MISSING, remedy, names)
    if not negative_allowed:
        faults += cell_faults(what, matrix, finite & (matrix < 0), *_NEGATIVE_FLOW, names)
    return faults


def vector_faults(
    what: str,
    vector: FloatArray,
    n: int,
    labels: Sequence[str] | None = None,
    *,
    negative_allowed: bool = False,
) -> list[Fault]:
    """Return what is wrong with a vector of one number for each industry."""
    if vector.shape != (n,):
        return _bad_shape(
            what,
            " × ".join(map(str, vector.shape)) or "a number",
            f"it must hold one number for each of the {n} industries",
            "Give a vector in the order of the table's rows.",
        )
    finite, remedy = np.isfinite(vector), "Fill the cell; write 0 where there is nothing."
    faults = cell_faults(what, vector, ~finite, *_MISSING, remedy, labels)
    if not negative_allowed:
        negative = ("negative-amount", "is negative", "Correct the cell.")
        faults += cell_faults(what, vector, finite & (vector < 0), *negative, labels)
    return faults


def refuse(faults: Iterable[Fault], what: str) -> None:
    """Raise one error with all faults, if there are any."""
    found = list(faults)
    if found:
        raise InputError(found, what)


def as_floats(values: npt.ArrayLike) -> FloatArray:
    """Return an array of float64 (a copy only where it is not one already)."""
    return np.asarray(values, dtype=np.float64)


def checked_matrix(
    what: str,
    values: npt.ArrayLike,
    labels: Sequence[str] | None = None,
    *,
    negative_allowed: bool = False,
    square: bool = True,
) -> FloatArray:
    """Return a matrix of float64, or raise an error that names every bad cell.

    Examples
    --------
    >>> checked_matrix("flows", [[1, 2], [3, -4]], ["coal", "steel"])
    Traceback (most recent call last):
    ...
    klaster.graph.errors.InputError: flows has 1 fault:
      flows: cell [1, 1 ('steel' to 'steel')] is negative (given: '-4.0'). Correct the cell, \
or move the amount to final demand (subsidies, changes in stocks).
    """
    matrix = as_floats(values)
    refuse(
        matrix_faults(what, matrix, labels, negative_allowed=negative_allowed, square=square), what
    )
    return matrix


def checked_vector(
    what: str, values: npt.ArrayLike, n: int, *, negative_allowed: bool = False
) -> FloatArray:
    """Return a vector of ``n`` float64, or raise an error that names every bad cell."""
    vector = as_floats(values)
    refuse(vector_faults(what, vector, n, negative_allowed=negative_allowed), what)
    return vector


def checked_table(
    flows: npt.ArrayLike, output: npt.ArrayLike, labels: Sequence[str] | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return flows Z and output x as float64, or raise one error with every fault of both.

    Asks for a square Z without missing or negative cells, an x of its length without missing or
    negative cells, labels that are not given twice, and no flow to or from an industry whose
    output is zero (its coefficients would be infinite).
    """
    Z, x = as_floats(flows), as_floats(output)
    faults = matrix_faults("flows", Z, labels)
    if not any(fault.code == "bad-shape" for fault in faults):
        faults += vector_faults("output", x, Z.shape[0], labels)
        if labels is not None:
            faults += _label_faults(labels)
        if x.shape == (Z.shape[0],):
            faults += _idle_faults(Z, x, names_of(Z.shape[0], labels))
    refuse(faults, "the table")
    return Z, x


def _label_faults(labels: Sequence[str]) -> list[Fault]:
    seen: dict[str, int] = {}
    faults = []
    for k, label in enumerate(labels):
        if label in seen:
            faults.append(
                Fault(
                    file="labels",
                    code="duplicate-label",
                    value=str(label),
                    problem=f"industries {seen[label]} and {k} have the same label",
                    remedy="Give each industry a label of its own, or add the two up first.",
                )
            )
        seen.setdefault(label, k)
    return faults


def _idle_faults(Z: FloatArray, x: FloatArray, names: Sequence[str]) -> list[Fault]:
    traffic = np.nansum(np.abs(Z), axis=0) + np.nansum(np.abs(Z), axis=1)
    return [
        Fault(
            file="output",
            code="flows-without-output",
            value="0.0",
            problem=f"industry {names[k]!r} has no output but sells or buys {traffic[k]:g}",
            remedy="Give its output, or set its row and column to zero.",
        )
        for k in np.flatnonzero((x == 0) & (traffic != 0)).tolist()
    ]
