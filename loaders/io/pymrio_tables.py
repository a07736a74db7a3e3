"""Systems that pymrio has parsed: EXIOBASE, EORA, GLORIA and others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.loaders.io.inter_country import InterCountryTable, whole_faults


def from_pymrio(mrio: Any, *, value_added: str = "", year: int = 0) -> InterCountryTable:
    """Take over a system that pymrio has parsed (EXIOBASE, EORA, WIOD, OECD, GLORIA, …).

    Parameters
    ----------
    mrio
        A ``pymrio.IOSystem`` with ``Z``, ``Y`` and, where computed, ``x``; rows and columns are
        (region, sector).
    value_added
        Name of the extension whose stressor rows are value added in the unit of the table, as
        ``factor_inputs``; none by default.
    year
        Year of the table.

    Returns
    -------
    InterCountryTable
        For :func:`klaster.loaders.io.inter_country.cut_country`: one country, or all.

    Raises
    ------
    InputError
        For missing and negative cells, and rows and columns in unequal order.
    UnknownNameError
        For an extension the system does not have.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> at = pd.MultiIndex.from_product([["KAZ"], ["mining", "metals"]])
    >>> system = SimpleNamespace(
    ...     Z=pd.DataFrame([[1.0, 5.0], [0.5, 2.0]], index=at, columns=at),
    ...     Y=pd.DataFrame([[4.0], [7.5]], index=at,
    ...                    columns=pd.MultiIndex.from_product([["KAZ"], ["households"]])),
    ...     x=None, unit=None)
    >>> from_pymrio(system).output.tolist()
    [10.0, 10.0]
    """
    Z, Y = mrio.Z, mrio.Y
    rows, columns = (
        [tuple(map(str, _pair(label))) for label in axis.tolist()] for axis in (Z.index, Z.columns)
    )
    if rows != columns:
        odd = next((a for a, b in zip(rows, columns, strict=False) if a != b), ("", ""))
        fault = Fault(
            file="Z", column=":".join(odd), code="unequal-order", value=":".join(odd),
            problem="the industries of the rows and of the columns are not the same in the same order",
            remedy="Sort the columns as the rows are: Z = Z[Z.index].",
        )  # fmt: skip
        raise InputError([fault], "the pymrio system")
    flows = Z.to_numpy(dtype=np.float64)
    final = Y.to_numpy(dtype=np.float64)
    x = getattr(mrio, "x", None)
    output = flows.sum(axis=1) + final.sum(axis=1)
    if x is not None:
        output = np.asarray(x, dtype=np.float64).reshape(len(rows), -1)[:, 0]
    primary = pd.DataFrame(np.zeros((0, len(rows))))
    if value_added:
        extension = getattr(mrio, value_added, None)
        stressors = getattr(extension, "F", None)
        if stressors is None:
            known = [k for k, v in vars(mrio).items() if hasattr(v, "F")]
            raise UnknownNameError("extension", value_added, known)
        index = [", ".join(map(str, _pair(label))) for label in stressors.index.tolist()]
        primary = pd.DataFrame(stressors.to_numpy(dtype=np.float64), index=index)
    unit = getattr(mrio, "unit", None)
    units = [] if unit is None else sorted({str(u) for u in np.ravel(unit.to_numpy())})
    whole = InterCountryTable(
        countries=tuple(pair[0] for pair in rows),
        sectors=tuple(pair[-1] for pair in rows),
        flows=flows,
        final_demand=pd.DataFrame(
            final, columns=pd.MultiIndex.from_tuples([_pair(c) for c in Y.columns.tolist()])
        ),
        value_added=primary,
        taxes=np.zeros(len(rows)),
        output=output,
        year=year,
        unit=units[0] if len(units) == 1 else "",
    )
    faults = whole_faults(whole, "Z")
    if len(units) > 1:
        problem = f"the industries are in several units: {', '.join(units)}"
        remedy = "Use a monetary table: physical rows cannot be added up with money."
        faults = (
            *faults,
            Fault(
                file="unit", code="mixed-units", value=", ".join(units), problem=problem,
                remedy=remedy,
            ),
        )  # fmt: skip
    if faults:
        raise InputError(faults, "the pymrio system")
    return whole


def _pair(label: Any) -> tuple[str, ...]:
    return tuple(label) if isinstance(label, tuple) else ("", str(label))
