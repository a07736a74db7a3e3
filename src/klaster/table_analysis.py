"""Input–output tables from file to page: read, check, compute, identify clusters, write.

>>> import numpy as np
>>> from klaster.graph.io_table import IOTable
>>> table = IOTable("mb", ("1", "2"), ("farm", "mill"), np.array([[150.0, 500], [200, 100]]),
...                 np.array([1000.0, 2000]), 2009, "USD", "USD", "paper", "Miller & Blair 2009")
>>> found = analyze_table(table)
>>> found.linkages["sector_class"].tolist()
['key', 'weak']
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.io_balance import BalanceReport
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray

if TYPE_CHECKING:
    from klaster.algorithms.identification.methods import Identification, IdentificationSettings

Progress = Callable[[str, int, int], None]
from klaster.loaders.table_source import (
    TableSource,
    aggregated,
    final_use,
    heading_of,
    imports_close_the_columns,
    read_iotable,
)

__all__ = [
    "PARTS",
    "TableAnalysis",
    "TableSource",
    "aggregated",
    "analyze_table",
    "read_iotable",
]

PARTS = ("multipliers", "linkages", "extraction", "identification")
"""What can be computed of a table beside its balance."""

MOST_FOR_IDENTIFICATION = 2000
"""Industries up to which clusters are identified without being asked for by name."""

VALUE_ADDED_IS_ONE = (
    "value-added multipliers are 1 in every industry, and no finding: all inputs in the books are "
    "flows of the table, so nothing leaks to imports or taxes and all of final demand ends as value "
    "added"
)

_NO_INCOME = ("OWN_USE", "NEGATIVE_USE")
"""Rows that balance the books but are nobody's income."""

_LISTED = 10
"""Industries named in one note."""

ORDERING = ("Feser–Bergman", "principal components", "Czamanski–Ablas", "direct links")
"""Method whose clusters order the drawings: the first of these that was applied."""


@dataclass(frozen=True, eq=False)
class TableAnalysis:
    """What was computed of a table.

    Attributes
    ----------
    source
        The table as read.
    table
        The table the measures are of: domestic flows where they are known.
    balance
        Whether the table as read adds up.
    industries
        One row an industry: code, name, output and every structural measure.
    linkages, linkage_definition
        Linkages by industry, and which definition.
    multipliers
        By quantity, one row an industry, one column a form.
    households
        In words, what was taken for income and spending of households.
    extraction
        Losses by extraction of each industry.
    identification
        Clusters by every method; None where not computed.
    notes
        What was handled and what was left out, and why.
    settings
        What the results depend on.
    """

    source: TableSource
    table: IOTable
    balance: BalanceReport
    industries: pd.DataFrame
    linkages: pd.DataFrame
    linkage_definition: str
    multipliers: Mapping[str, pd.DataFrame]
    households: str
    extraction: pd.DataFrame
    identification: Identification | None
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def method(self) -> str:
        """The method whose clusters order the drawings; empty without any."""
        if self.identification is None:
            return ""
        found = self.identification.clusters
        return next((name for name in ORDERING if name in found), next(iter(found), ""))

    def write(self, out: Path | str) -> dict[str, Path]:
        """Write tables, page and record into a folder, whole or not at all."""
        from klaster.results.table_files import write_table_results

        return write_table_results(self, Path(out))


def analyze_table(
    source: IOTable | TableSource,
    *,
    parts: Sequence[str] = PARTS,
    settings: IdentificationSettings | None = None,
    own_use: str = "keep",
    force_identification: bool = False,
    income: str = "",
    households: str = "",
    progress: Progress | None = None,
) -> TableAnalysis:
    """Compute the structure of a table and the clusters in it.

    Multipliers, linkages and extraction are of domestic flows where the table tells them apart;
    similarities of industries are of domestic and imported flows together. Upstreamness is that
    of the open economy where exports and imports by product are known, else of a closed one; a
    note says which.

    Parameters
    ----------
    source
        A table, or what :func:`read_iotable` returns.
    parts
        Some of :data:`PARTS`. The balance is always reported.
    settings
        Thresholds and numbers of the methods of identification.
    own_use
        ``keep`` flows of an industry to itself, or take them out: ``net`` or ``final_use``
        (:meth:`klaster.graph.io_table.IOTable.without_diagonal`).
    force_identification
        Identify clusters also in tables above :data:`MOST_FOR_IDENTIFICATION` industries.
    income, households
        Row of value added that households earn, and final use that they spend; found by their
        usual names where not given.
    progress
        Called as ``progress(what, done, total)``.

    Raises
    ------
    InputError
        Where the algebra is impossible: each cell that forbids it is named.
    UnknownNameError
        For a part, a row or a column there is not.
    """
    from klaster.algorithms.identification.methods import IdentificationSettings, identify_clusters
    from klaster.algorithms.io.system import IOSystem, industry_measures
    from klaster.loaders.io.headings import IMPORTS

    told = progress or (lambda what, done, total: None)
    for part in parts:
        if part not in PARTS:
            raise UnknownNameError("part", part, PARTS)
    if isinstance(source, IOTable):
        source = TableSource(source, titles={"en": source.name})
    settings = settings or IdentificationSettings()
    table, notes = source.table, [*source.notes, *map(str, source.warnings)]
    income_row = household_row(table, income)
    spending = household_column(table, households)
    told("balance", 0, 4)
    balance = table.balance()
    technology = table
    known = [] if table.imported_final is None else list(table.imported_final.columns)
    # Imports with a minus sign among the final uses say that these hold imports.
    spending_at_home = table.origin == "total" or spending in known or not final_use(table, IMPORTS)
    if table.origin != "domestic" and table.imported_flows is not None:
        spending_at_home = spending is None or spending in known
        table = table.view("domestic")
    elif imports_close_the_columns(table):
        notes.append(
            "the flows are called total, but the columns add up to output only with the row of "
            "imports beside them, so they look domestic: say origin = domestic if they are"
        )
    elif table.origin == "total":
        notes.append(
            "the table does not tell imported from domestic flows: multipliers and linkages are of "
            "both together and count effects on suppliers abroad"
        )
    if technology.imported_flows is not None:
        technology = technology.view("total")
    if own_use != "keep":
        table = table.without_diagonal(own_use)  # type: ignore[arg-type]
        technology = technology.without_diagonal(own_use)  # type: ignore[arg-type]
        notes.append(f"flows of an industry to itself were taken out ({own_use})")
    faults = table.faults()
    if faults:
        raise InputError(faults, f"table {table.name}")
    notes += _oversold(table)
    told("inverse and measures", 1, 4)
    system = IOSystem.from_table(table)
    quantities = _quantities(table, income_row)
    multiplier_tables: dict[str, pd.DataFrame] = {}
    households = ""
    if "multipliers" in parts:
        multiplier_tables, households, said = _multipliers(
            table, system.input_coefficients, quantities, income_row, spending, spending_at_home
        )
        notes += said
    linkage = system.linkages()
    open_economy, said_of_it = _open_upstreamness(technology)
    notes.append(said_of_it)
    industries = industry_measures(
        system,
        quantities={name: amounts for name, amounts in quantities.items() if name != "output"},
        upstreamness=open_economy,
    )
    industries = pd.concat([head_of(table), industries.reset_index(drop=True)], axis=1)
    extraction = system.extraction().table()
    found: Identification | None = None
    if "identification" in parts:
        n = len(table.codes)
        if n > MOST_FOR_IDENTIFICATION and not force_identification:
            notes.append(
                f"clusters were not identified: the table has {n:,} industries, and above "
                f"{MOST_FOR_IDENTIFICATION:,} the methods take minutes and gigabytes; cut a "
                "country out or aggregate, or ask for them with --identify-large"
            )
        else:
            told("clusters", 2, 4)
            found = identify_clusters(system, technology=technology.flows, settings=settings)
            found = replace(found, skipped=_by_name(found.skipped, table))
    told("done", 4, 4)
    return TableAnalysis(
        source=source,
        table=table,
        balance=balance,
        industries=industries,
        linkages=linkage.table(),
        linkage_definition=linkage.definition,
        multipliers=multiplier_tables,
        households=households,
        extraction=extraction,
        identification=found,
        notes=tuple(notes),
        settings={
            "parts": [part for part in PARTS if part in parts],
            "own_use": own_use,
            "flows": table.origin,
            "technology": technology.origin,
            "linkages": linkage.definition,
            "upstreamness": "closed economy" if open_economy is None else "open economy",
            **asdict(settings),
        },
    )


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


def household_row(table: IOTable, name: str = "") -> str | None:
    """Return the row of value added that households earn: as named, or known by its name.

    Names are compared without regard to case, signs and spaces: D1, Compensation of employees,
    «Оплата труда», «Еңбекақы төлеу» and others (:mod:`klaster.loaders.io.headings`).

    Raises
    ------
    UnknownNameError
        Where the table has no such row.
    """
    from klaster.loaders.io.headings import INCOME

    return heading_of(table.value_added.index, name, INCOME, "row of value added")


def household_column(table: IOTable, name: str = "") -> str | None:
    """Return the final use that households spend: as named, or known by its name.

    P3_S14, HFCE, Households, «Домашние хозяйства», «Үй шаруашылықтары» and others.

    Raises
    ------
    UnknownNameError
        Where the table has no such column.
    """
    from klaster.loaders.io.headings import HOUSEHOLDS

    return heading_of(table.final_demand.columns, name, HOUSEHOLDS, "final use")


def _quantities(table: IOTable, income: str | None) -> dict[str, FloatArray]:
    """Return what multipliers are made of: output, value added and income where known."""
    found: dict[str, FloatArray] = {"output": table.output}
    rows = [row for row in table.value_added.index if str(row) not in _NO_INCOME]
    if rows:
        found["value added"] = table.value_added.loc[rows].sum(axis=0).to_numpy(dtype=np.float64)
    if income is not None:
        found["income"] = table.value_added.loc[income].to_numpy(dtype=np.float64)
    return found


def _oversold(table: IOTable) -> list[str]:
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


def _open_upstreamness(technology: IOTable) -> tuple[FloatArray | None, str]:
    """Return upstreamness with exports and imports, and which figure the results have.

    Exports e and imports m of each product enter as ``z_ij / (x_i − e_i + m_i)``, z domestic and
    imported flows together (Antràs et al. 2012); None where one of the three is not known.
    """
    from klaster.algorithms.io.chains import upstreamness
    from klaster.loaders.io.headings import EXPORTS, IMPORTS

    closed = "upstreamness is that of a closed economy (row sums of the Ghosh inverse): "
    exports, imports = final_use(technology, EXPORTS), final_use(technology, IMPORTS)
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


def _by_name(reasons: Mapping[str, str], table: IOTable) -> dict[str, str]:
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


def _multipliers(
    table: IOTable,
    coefficients: FloatArray,
    quantities: Mapping[str, FloatArray],
    income: str | None,
    spent: str | None,
    spending_at_home: bool = True,
) -> tuple[dict[str, pd.DataFrame], str, list[str]]:
    """Return multipliers by quantity, what households are, and what was left out.

    ``spending_at_home`` says whether what households spend is of the origin of the flows: imports
    among it would make type II count goods from abroad as made at home.
    """
    from klaster.algorithms.io.coefficients import coefficients_per_output
    from klaster.algorithms.io.multipliers import consumption_closure, multipliers

    notes: list[str] = []
    closure = None
    if income is None or spent is None:
        missing = [
            what
            for what, there in (("income of households", income), ("their spending", spent))
            if there is None
        ]
        notes.append(
            f"no type II multipliers: the table does not give {' and '.join(missing)} under a known "
            "name (--income and --households name them)"
        )
    elif not spending_at_home:
        notes.append(
            f"no type II multipliers: what households spend ({spent}) holds imports, and nothing "
            "says how much; give a table of imported flows with its final uses, or a table of "
            "domestic flows and final uses"
        )
    else:
        consumption = table.final_demand[spent].to_numpy(dtype=np.float64)
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
    households = f"income {income}, spending {spent} / {income}" if closure is not None else ""
    return found, households, notes
