"""A square DataFrame of flows, and what is given beside it, brought into one order of industries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError
from klaster.graph.model import FloatArray

_LISTED = 19

_AS_NUMBERS = (
    "Make numbers of it first (pd.to_numeric), or let klaster.read_iotable read the file: it knows "
    "decimal commas and thousands separators."
)


def square_flows(frame: object) -> tuple[pd.Index[Any], FloatArray]:
    """Return the industries of a square DataFrame and its flows, columns in the order of the rows.

    Raises
    ------
    InputError
        With everything that is wrong: no DataFrame, a label given twice or on one axis only, a
        total among the industries, a cell that is missing or no number.

    Examples
    --------
    >>> Z = pd.DataFrame([[1, 2], [3, 4]], index=["a", "b"], columns=["b", "a"])
    >>> square_flows(Z)[1].tolist()
    [[2.0, 1.0], [4.0, 3.0]]
    """
    if not isinstance(frame, pd.DataFrame) or frame.empty:
        given = "an empty one" if isinstance(frame, pd.DataFrame) else f"a {type(frame).__name__}"
        problem = f"it must be a DataFrame with the industries on both axes, not {given}"
        remedy = "Of an array: pd.DataFrame(Z, index=codes, columns=codes)."
        fault = Fault(file="flows", code="not-a-frame", problem=problem, remedy=remedy)
        raise InputError([fault], "the table")
    faults = [
        Fault(
            file="flows",
            column=str(label),
            code="duplicate-label",
            value=str(label),
            problem=f"the {axis} was given before",
            remedy="Keep one, or add them up: Z.groupby(level=0).sum().",
        )
        for axis, labels in (("row", frame.index), ("column", frame.columns))
        for label in dict.fromkeys(labels[labels.duplicated()].tolist())
    ]
    for axis, other, labels, others in (
        ("row", "column", frame.index, frame.columns),
        ("column", "row", frame.columns, frame.index),
    ):
        for label in labels.difference(others, sort=False).tolist():
            faults.append(
                Fault(
                    file="flows",
                    column=str(label),
                    code=f"missing-{other}",
                    value=str(label),
                    problem=f"the {axis} has no {other} of this label",
                    remedy="Give the same industries on both axes; totals, final uses and value "
                    "added do not belong among them: final_demand=, value_added=, output=.",
                )
            )
    if faults:
        raise InputError(faults, "the table")
    flows = numbers("flows", frame[frame.index])
    if len(flows) > 2 and (total := _total_of_both_axes(flows)) >= 0:
        label = str(frame.index[total])
        fault = Fault(
            file="flows",
            column=label,
            code="total-as-industry",
            value=label,
            problem="its row and its column are the sums of all others: it is a total, no industry",
            remedy=f"Leave it out: Z.drop(index={label!r}, columns={label!r}).",
        )
        raise InputError([fault], "the table")
    return frame.index, flows


def _total_of_both_axes(flows: FloatArray) -> int:
    """Return the position of a row and column that are the sums of all others; −1 without one."""
    by_row = np.isclose(2 * flows, flows.sum(axis=0)).all(axis=1)
    by_column = np.isclose(2 * flows, flows.sum(axis=1)[:, None]).all(axis=0)
    totals = np.flatnonzero(by_row & by_column & flows.any(axis=1))
    return int(totals[0]) if len(totals) else -1


def numbers(what: str, frame: pd.DataFrame) -> FloatArray:
    """Return the cells as floats, or raise an error that names what is missing or no number."""
    cells = frame.to_numpy(dtype=object)
    values = np.full(cells.shape, np.nan)
    faults: list[Fault] = []
    for (i, j), cell in np.ndenumerate(cells):
        missing = bool(pd.isna(cell)) if np.ndim(cell) == 0 else False
        if not missing and isinstance(cell, (int, float, np.number)):
            values[i, j] = cell
            if np.isfinite(values[i, j]):
                continue
        row, column = str(frame.index[i]), str(frame.columns[j])
        if missing:
            code, problem = "missing-cell", f"the cell of row {row} is missing"
            remedy = "Write the amount; fillna(0) where an empty cell means that nothing flows."
        else:
            code, problem = "bad-number", f"the cell of row {row} is no number"
            remedy = _AS_NUMBERS
        faults.append(
            Fault(
                file=what,
                column=column,
                code=code,
                value="" if missing else str(cell),
                problem=problem,
                remedy=remedy,
            )
        )
    if len(faults) > _LISTED:
        more = f"and {len(faults) - _LISTED} more such cells"
        faults = [
            *faults[:_LISTED],
            Fault(file=what, code="more-faults", problem=more, remedy=faults[0].remedy),
        ]
    if faults:
        raise InputError(faults, "the table")
    return values


def beside_industries(what: str, given: object, industries: pd.Index[Any]) -> pd.DataFrame:
    """Return amounts by industry, a row each in the order of the table, a column an item.

    Parameters
    ----------
    what
        Name of the argument, for errors and for an item without a name.
    given
        A DataFrame or Series labelled by industry (a DataFrame on either axis); or a list or array
        in the order of the table.
    industries
        Labels of the table.

    Raises
    ------
    InputError
        Where its industries are others, and for cells that are missing or no number.

    Examples
    --------
    >>> beside_industries("output", pd.Series({"b": 2, "a": 1}), pd.Index(["a", "b"])).iloc[:, 0].tolist()
    [1.0, 2.0]
    """
    if isinstance(given, pd.Series):
        given = given.to_frame(what.replace("_", " ") if given.name is None else str(given.name))
    if not isinstance(given, pd.DataFrame):
        array = np.asarray(given, dtype=object)
        array = array[:, None] if array.ndim == 1 else array
        if array.ndim != 2 or len(array) != len(industries):
            raise _other_industries(what, f"it has the shape {array.shape}", len(industries))
        names = [what.replace("_", " ")] if array.shape[1] == 1 else range(1, array.shape[1] + 1)
        given = pd.DataFrame(array, index=industries, columns=list(names))
    frame: pd.DataFrame = given
    if set(frame.columns) == set(industries) and set(frame.index) != set(industries):
        frame = frame.T
    by_position = isinstance(frame.index, pd.RangeIndex) and len(frame) == len(industries)
    if by_position and set(frame.index) != set(industries):
        frame = frame.set_axis(industries, axis=0)
    if frame.index.has_duplicates or set(frame.index) != set(industries):
        parts: Sequence[tuple[str, list[Any]]] = (
            ("missing", industries.difference(frame.index, sort=False).tolist()),
            ("not in the table", frame.index.difference(industries, sort=False).tolist()),
            ("given twice", frame.index[frame.index.duplicated()].tolist()),
        )
        said = [f"{how}: {', '.join(map(str, odd[:_LISTED]))}" for how, odd in parts if odd]
        raise _other_industries(what, "; ".join(said), len(industries))
    frame = frame.loc[industries]
    return pd.DataFrame(numbers(what, frame), index=industries, columns=frame.columns)


def _other_industries(what: str, problem: str, n: int) -> InputError:
    fault = Fault(
        file=what,
        code="other-industries",
        problem=f"its industries are not those of the flows: {problem}",
        remedy=f"Give one amount for each of the {n} industries, labelled as the flows are.",
    )
    return InputError([fault], "the table")


def parts_of_frame(
    flows: object, *, final_demand: object, value_added: object, output: object, region: str
) -> dict[str, Any]:
    """Return the fields of a table that follow from a square DataFrame and what stands beside it.

    Raises
    ------
    InputError
        As :func:`square_flows` and :func:`beside_industries`; and where output is neither given
        nor follows from final uses or value added.
    """
    industries, Z = square_flows(flows)
    keys = [key if isinstance(key, tuple) else (region, key) for key in industries.tolist()]
    codes = [str(key[-1]) for key in keys]
    regions = tuple(":".join(map(str, key[:-1])) for key in keys)

    def given(what: str, amounts: object) -> pd.DataFrame:
        return beside_industries(what, amounts, industries).set_axis(codes, axis=0)

    final = pd.DataFrame(index=codes)
    primary = pd.DataFrame(columns=codes, dtype=np.float64)
    if final_demand is not None:
        final = given("final_demand", final_demand)
    if value_added is not None:
        primary = given("value_added", value_added).T
    by_definition: dict[str, str] = {}
    if output is not None:
        x = given("output", output).to_numpy(dtype=np.float64)[:, 0]
    elif final_demand is not None:
        x = Z.sum(axis=1) + final.to_numpy(dtype=np.float64).sum(axis=1)
        by_definition = {"row": "output was computed as the sum of the row"}
    elif value_added is not None:
        x = Z.sum(axis=0) + primary.to_numpy(dtype=np.float64).sum(axis=0)
        by_definition = {"column": "output was computed as the sum of the column"}
    else:
        problem = "flows alone do not say what the industries make"
        remedy = "Give output=, or final_demand= or value_added= that it follows from."
        fault = Fault(file="flows", code="missing-output", problem=problem, remedy=remedy)
        raise InputError([fault], "the table")
    return {
        "codes": tuple(codes),
        "region": regions if len(set(regions)) > 1 else regions[0],
        "flows": Z,
        "output": x,
        "final_demand": final,
        "value_added": primary,
        "by_definition": by_definition,
    }
