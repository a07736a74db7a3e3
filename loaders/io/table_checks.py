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
    totals = [name for name in balance.checked if name not in ("row", "column")]
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
    warnings = list(balance_warnings(reading, file, balance.residuals))
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


def balance_warnings(
    reading: TableReading, file: str, residuals: tuple[Residual, ...]
) -> tuple[Fault, ...]:
    """Return a warning for each total that is off, at its cell of the file."""
    if reading.table is None:
        return ()
    table, found = reading.table, []
    at = {name: k for k, name in enumerate(table.names)}
    for off in residuals:
        k, kind = at[off.industry], off.identity
        row, column = reading.place[k] if reading.place else 0, off.identity
        if off.identity == "row":
            column = reading.output_place[1]
        elif off.identity == "column":
            row, column = reading.output_place[0], table.codes[k]
        else:
            kind = "total"
            if table.recorded_totals[off.identity][0] in INPUT_SUMS:
                row, column = 0, table.codes[k]
        found.append(
            Fault(
                file=file,
                row=row,
                column=column,
                code=f"{kind}-balance",
                value=f"{off.recorded:.10g}",
                problem=f"{off.industry}: {off.problem}",
                remedy="Correct the cell that is wrong; nothing is rebalanced.",
                severity="warning",
            )
        )
    return tuple(sorted(found))
