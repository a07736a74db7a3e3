"""What is computed of a whole table, with its notes: multipliers, upstreamness, what looks odd."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from klaster.algorithms.io.chains import upstreamness
from klaster.algorithms.io.coefficients import coefficients_per_output
from klaster.algorithms.io.multipliers import consumption_closure, multipliers
from klaster.algorithms.io.supply_use_models import NEGATIVE_USE
from klaster.graph.errors import InputError
from klaster.graph.io_table import OWN_USE, IOTable
from klaster.graph.model import FloatArray

VALUE_ADDED_IS_ONE = (
    "value-added multipliers are 1 in every industry, and no finding: all inputs recorded are "
    "flows of the table, so nothing leaks to imports or taxes and all of final demand ends as value "
    "added"
)

_NO_INCOME = (OWN_USE, NEGATIVE_USE)
"""Rows that balance the accounts but are nobody's income."""

_LISTED = 10
"""Industries named in one note."""


def head_of(table: IOTable) -> pd.DataFrame:
    """Return region, code and name of each industry: the first columns of every table."""
    return pd.DataFrame(
        {"region": list(table.regions), "code": list(table.codes), "name": list(table.labels)}
    )


def all_one(forms: pd.DataFrame) -> bool:
    """Whether the type I effects of all active industries are 1 but for rounding.

    Examples
    --------
    >>> all_one(pd.DataFrame({"type I": [1.0, 1.0000001, math.nan]}))
    True
    """
    effects = forms["type I"].dropna().to_numpy(dtype=np.float64)
    return bool(len(effects)) and bool((np.abs(effects - 1) < 1e-6).all())


def side_by_side(by_quantity: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the multipliers of all quantities in one table: ``output type I``, and so on."""
    sides = [forms.add_prefix(f"{quantity} ") for quantity, forms in by_quantity.items()]
    return pd.concat([side.reset_index(drop=True) for side in sides], axis=1)


def quantities_of(table: IOTable, income: str | None) -> dict[str, FloatArray]:
    """Return what multipliers are made of: output, value added and income where known."""
    found: dict[str, FloatArray] = {"output": table.output}
    rows = [row for row in table.value_added.index if str(row) not in _NO_INCOME]
    if rows:
        found["value added"] = table.value_added.loc[rows].sum(axis=0).to_numpy(dtype=np.float64)
    if income is not None:
        found["income"] = table.value_added.loc[income].to_numpy(dtype=np.float64)
    return found


_NOT_OBSERVED = {
    "estimated": "these flows were computed from other data, not observed",
    "synthetic": "these flows were made up, not observed",
    "not-stated": "nobody says how these flows are known",
}
"""What is said of a table by its evidence, where nobody counted it."""


def evidence_notes(table: IOTable) -> list[str]:
    """Say where the flows of a table were not observed, or nobody says that they were."""
    said = _NOT_OBSERVED.get(table.evidence)
    return [f"{table.evidence.replace('-', ' ').upper()}: {said}"] if said else []


def oversold_notes(table: IOTable) -> list[str]:
    """Say which industries sell to industries more than they make."""
    left = table.negative_demand
    if not left:
        return []
    shares = table.sales_shares
    at = {name: k for k, name in enumerate(table.names)}
    listed = [
        f"{name} {table.labels[at[name]]} ({shares[at[name]]:.1%} of output, "
        f"{left[name]:,.0f} left for final uses)"
        for name in sorted(left, key=lambda name: (left[name], name))[:_LISTED]
    ]
    more = f" and {len(left) - _LISTED} more" if len(left) > _LISTED else ""
    why = "imports in the flows, or data that are wrong" if table.origin == "total" else "the data"
    note = (
        f"sells to industries more than it makes: {'; '.join(listed)}{more}. Look at {why} before "
        "you call it a key sector: its forward linkage counts goods it did not make"
    )
    return [note]


def open_upstreamness(
    technology: IOTable, exports: str, imports: str
) -> tuple[FloatArray | None, str]:
    """Return upstreamness with exports and imports, and a note on which figure the results have.

    Exports e and imports m of each product (names of the final uses; empty without one) enter as ``z_ij / (x_i − e_i + m_i)``, z domestic and
    imported flows together (Antràs et al. 2012); None where one of the three is not known.
    """
    closed = "upstreamness is that of a closed economy (row sums of the Ghosh inverse): "
    if imports:
        m = -technology.final_demand[imports].to_numpy(dtype=np.float64)
    elif technology.imported_flows is not None and technology.imported_final is not None:
        m = technology.imported_flows.sum(axis=1)
        m = m + technology.imported_final.to_numpy(dtype=np.float64).sum(axis=1)
    else:
        return None, f"{closed}imports by product are not known"
    if technology.origin != "total":
        return None, f"{closed}imported flows are not known"
    if not exports:
        return None, f"{closed}exports by product are not known"
    e = technology.final_demand[exports].to_numpy(dtype=np.float64)
    if (e < 0).any() or (m < 0).any():
        return None, f"{closed}exports or imports of a product are negative"
    try:
        found = upstreamness(technology.flows, technology.output, exports=e, imports=m)
    except InputError:
        return None, (
            f"{closed}output less exports plus imports is less than what industries use, or an "
            "industry that makes nothing sells imports"
        )
    return found, (
        "upstreamness is that of the open economy: flows over output − exports + imports, domestic "
        "and imported flows together"
    )


@dataclass(frozen=True, eq=False)
class TableMultipliers:
    """Multipliers of a table by quantity, a row an industry, a column a form.

    Attributes
    ----------
    by_quantity
        ``output``, and where known ``value added`` and ``income``.
    households
        In words, what was taken for income and spending of households; empty without type II.
    notes
        What was left out, and why.
    """

    by_quantity: Mapping[str, pd.DataFrame]
    households: str
    notes: tuple[str, ...]


def multipliers_of(
    table: IOTable,
    coefficients: FloatArray,
    *,
    income: str | None,
    spending: str | None,
    spending_at_home: bool,
) -> TableMultipliers:
    """Return the multipliers of a table, of type II where income and spending are known.

    Parameters
    ----------
    table, coefficients
        The table and its A.
    income, spending
        Row of value added that households earn, and final use that they spend.
    spending_at_home
        Whether what households spend is of the origin of the flows: imports among it would make
        type II count goods from abroad as made at home.
    """
    quantities = quantities_of(table, income)
    notes: list[str] = []
    closure = None
    if income is None or spending is None:
        missing = [
            what
            for what, there in (("income of households", income), ("their spending", spending))
            if there is None
        ]
        notes.append(
            f"no type II multipliers: the table does not give {' and '.join(missing)} under a known "
            "name (--income and --households name them)"
        )
    elif not spending_at_home:
        notes.append(
            f"no type II multipliers: what households spend ({spending}) holds imports, and nothing "
            "says how much; give a table of imported flows with its final uses, or a table of "
            "domestic flows and final uses"
        )
    else:
        consumption = table.final_demand[spending].to_numpy(dtype=np.float64)
        # What is left of total spending less imports may be rounding below zero; and an industry
        # without output at home sells nothing from there.
        speck = 1e-9 * float(np.abs(consumption).sum())
        nothing = (consumption > -speck) | (table.output <= 0)
        consumption = np.where((consumption < 0) & nothing, 0.0, consumption)
        earned = float(quantities["income"].sum())
        if (consumption < 0).any() or earned <= 0:
            notes.append("no type II multipliers: household spending or income is negative")
        else:
            row = coefficients_per_output(quantities["income"], table.output)
            closure = consumption_closure(row, consumption, earned)
    found: dict[str, pd.DataFrame] = {}
    for name, amounts in quantities.items():
        direct = None if name == "output" else coefficients_per_output(amounts, table.output)
        try:
            result = multipliers(coefficients, direct, quantity=name, closure=closure)
        except InputError:
            notes.append(
                "no type II multipliers: households spend so much of what the industries pay them "
                "that the closed system has no inverse (other incomes are missing in the table)"
            )
            closure = None
            result = multipliers(coefficients, direct, quantity=name)
        forms = result.table()
        forms.loc[table.output <= 0] = math.nan
        found[name] = forms
        if name == "value added" and all_one(forms):
            notes.append(VALUE_ADDED_IS_ONE)
    households = f"income {income}, spending {spending} / {income}" if closure is not None else ""
    return TableMultipliers(found, households, tuple(notes))


def by_name(reasons: Mapping[str, str], table: IOTable) -> dict[str, str]:
    """Return reasons with the keys of industries replaced by code and name."""
    shown = {
        key: name if name == label else f"{name} {label}"
        for key, name, label in zip(table.node_ids, table.names, table.labels, strict=True)
    }
    longest_first = sorted(shown, key=lambda key: (-len(key), key))

    def named(text: str) -> str:
        for key in longest_first:
            text = text.replace(key, shown[key])
        return text

    return {method: named(why) for method, why in reasons.items()}
