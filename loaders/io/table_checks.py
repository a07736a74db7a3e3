"""What a table that was read is like, and a warning for each total that is off."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from klaster.graph.errors import Fault
from klaster.graph.io_balance import INPUT_SUMS, Residual
from klaster.loaders.io.table_reading import TableReading

_SUMS = {"row": "intermediate and final uses are", "column": "inputs and value added are"}


@dataclass(frozen=True)
class TableCheck:
    """A table measured, for the quality report of a case.

    ``warnings`` has a fault for each total that its parts miss by more than rounding; ``notes`` the
    identities that could not be checked, and why.
    """

    statistics: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def check_table(reading: TableReading, file: str) -> TableCheck:
    """Measure a table, and warn where it does not add up.

    The balance is that of ``klaster io`` (:func:`klaster.graph.io_balance.balance`). In the
    statistics ``row_residuals``, ``column_residuals`` and ``total_residuals`` hold, by industry,
    what is off by more than rounding: the sum of the parts less output, and a recorded total less
    the sum of its parts.
    """
    table = reading.table
    if table is None:
        return TableCheck()
    balance = table.balance()
    Z, n, names = table.flows, len(table.codes), table.names
    totals = [name for name in balance.checked if name not in _SUMS]
    statistics: dict[str, Any] = {
        "industries": n,
        "name": table.name,
        "year": table.year,
        "unit": table.unit,
        "currency": table.currency,
        "price_basis": table.price_basis,
        "origin": table.origin,
        "evidence": table.evidence,
        "flows_total": math.fsum(Z.ravel().tolist()),
        "density": float((Z != 0).mean()) if n else 0.0,
        "self_tie_share": balance.own_use_share,
        "empty_rows": [names[k] for k in np.flatnonzero(~Z.any(axis=1)).tolist()],
        "empty_columns": [names[k] for k in np.flatnonzero(~Z.any(axis=0)).tolist()],
        "negative_final_uses": int((table.final_demand.to_numpy(dtype=np.float64) < 0).sum()),
        "negative_value_added": int((table.value_added.to_numpy(dtype=np.float64) < 0).sum()),
        "inactive": list(balance.inactive),
        "spectral_radius": balance.spectral_radius,
        "not_checked": dict(balance.not_checked),
        "row_residuals": _residuals(balance.residuals, "row", -1.0),
        "column_residuals": _residuals(balance.residuals, "column", -1.0),
        "total_residuals": {name: _residuals(balance.residuals, name, 1.0) for name in totals},
    }
    if np.isfinite(table.output).all():
        statistics["columns_above_output"] = [k for k, s in balance.heavy.items() if s > 1]
    at = {name: k for k, name in enumerate(names)}
    warnings = [_warning(reading, file, off, at[off.industry]) for off in balance.residuals]
    if balance.spectral_radius >= 1:
        warnings.append(Fault(
            file=file, code="spectral-radius", value=f"{balance.spectral_radius:.6g}",
            problem="the spectral radius of the input coefficients is 1 or more: there is no "
            "Leontief inverse", remedy="Correct the columns whose inputs exceed their output.",
            severity="warning",
        ))  # fmt: skip
    notes = [f"{file}: not checked: {name} ({why})" for name, why in balance.not_checked.items()]
    return TableCheck(statistics, tuple(sorted(warnings)), tuple(notes))


def _residuals(found: tuple[Residual, ...], identity: str, sign: float) -> dict[str, float]:
    """Return the residuals of one identity, by industry."""
    return {off.industry: sign * off.residual for off in found if off.identity == identity}


def _warning(reading: TableReading, file: str, off: Residual, position: int) -> Fault:
    """Return the warning of one total that is off, at its cell of the file."""
    assert reading.table is not None
    row, column = reading.place[position] if reading.place else 0, off.identity
    gap = f"{abs(off.residual):.10g} {'less' if off.residual > 0 else 'more'}"
    if off.identity in _SUMS:
        problem = f"{_SUMS[off.identity]} {gap} than output"
        column = reading.output_place[1]
    else:
        what = reading.table.recorded_totals[off.identity][0]
        other = "more" if off.residual > 0 else "less"
        problem = f"{what} is recorded {abs(off.residual):.10g} {other} than its parts add up to"
        if what in INPUT_SUMS:
            row, column = 0, reading.table.codes[position]
    if off.identity == "column":
        row, column = reading.output_place[0], reading.table.codes[position]
    return Fault(
        file=file, row=row, column=column,
        code=f"{off.identity if off.identity in _SUMS else 'total'}-balance",
        value=f"{off.recorded:.10g}", problem=f"{off.industry}: {problem}",
        remedy="Correct the cell that is wrong; nothing is rebalanced.", severity="warning",
    )  # fmt: skip
