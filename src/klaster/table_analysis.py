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

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from klaster.algorithms.identification.methods import (
    Identification,
    IdentificationSettings,
    identify_clusters,
)
from klaster.algorithms.io.system import IOSystem, industry_measures
from klaster.algorithms.io.table_measures import (
    by_name,
    evidence_notes,
    head_of,
    multipliers_of,
    open_upstreamness,
    oversold_notes,
    quantities_of,
    side_by_side,
)
from klaster.graph.case import Case
from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.io_balance import BalanceReport
from klaster.graph.io_table import IOTable
from klaster.graph.settings import Progress
from klaster.loaders.io.headings import EXPORTS, IMPORTS
from klaster.loaders.io.known_parts import (
    final_use,
    household_column,
    household_row,
    imports_close_the_columns,
)
from klaster.loaders.table_source import (
    TableSource,
    aggregated,
    read_iotable,
    source_of_case,
)
from klaster.results.table_files import TableAnalysis

__all__ = [
    "PARTS",
    "TableAnalysis",
    "TableSource",
    "aggregated",
    "analyze_table",
    "linkages",
    "multipliers",
    "read_iotable",
]

PARTS = ("multipliers", "linkages", "extraction", "identification")
"""What can be computed of a table beside its balance."""

MOST_FOR_IDENTIFICATION = 2000
"""Industries up to which clusters are identified without being asked for by name."""

TableInput = IOTable | TableSource | Case | pd.DataFrame | Path | str
"""What a table may be given as."""


def multipliers(
    table: TableInput,
    *,
    output: object = None,
    final_demand: object = None,
    value_added: object = None,
    income: str = "",
    households: str = "",
) -> pd.DataFrame:
    """Return the multipliers of every industry, of domestic flows where they are known.

    ``direct`` is the amount per unit of output, ``type I`` the effect in all industries of a unit
    of final demand (h'L), ``type II`` the same with households spending what they earn.

    Parameters
    ----------
    table
        A table; or a square DataFrame of flows with what :meth:`IOTable.from_frame
        <klaster.graph.io_table.IOTable.from_frame>` needs beside it.
    output, final_demand, value_added
        Beside a DataFrame.
    income, households
        Row of value added that households earn, and final use that they spend; found by their
        usual names where not given. Without both there is no type II.

    Returns
    -------
    pandas.DataFrame
        Region, code and name of each industry, then for output, value added and income, where
        known, ``direct``, ``type I``, ``type I ratio``, ``type II``, ``type II ratio``. In
        ``attrs["notes"]`` stands how the table is known where it was not observed, which totals are
        off, and what was left out: what ``klaster io`` prints.

    Raises
    ------
    InputError
        Where the algebra is impossible: each cell that forbids it is named.
    UnknownNameError
        For a row or a column there is not.

    Examples
    --------
    >>> Z = pd.DataFrame([[150, 500], [200, 100]], index=["farm", "mill"], columns=["farm", "mill"])
    >>> multipliers(Z, output=[1000, 2000])["output type I"].round(3).tolist()
    [1.518, 1.452]
    """
    source = _source(table, output=output, final_demand=final_demand, value_added=value_added)
    basis = _Basis.of(source.table, household_column(source.table, households))
    system = basis.system()
    found = multipliers_of(
        basis.table,
        system.input_coefficients,
        income=household_row(source.table, income),
        spending=household_column(source.table, households),
        spending_at_home=basis.spending_at_home,
    )
    result = pd.concat([head_of(basis.table), side_by_side(found.by_quantity)], axis=1)
    result.attrs["notes"] = [*_notes(source, basis, source.table.balance()), *found.notes]
    return result


def linkages(
    table: TableInput,
    *,
    output: object = None,
    final_demand: object = None,
    value_added: object = None,
) -> pd.DataFrame:
    """Return backward and forward linkages of every industry, and which are key sectors.

    Total linkages: backward are column sums of the Leontief inverse, forward row sums of the Ghosh
    inverse, diagonal kept, the index over the mean of the industries with output; ``sector_class``
    is ``key`` where both indices are above 1.

    Parameters, notes in ``attrs``, errors: as :func:`multipliers`.

    Examples
    --------
    >>> Z = pd.DataFrame([[150, 500], [200, 100]], index=["farm", "mill"], columns=["farm", "mill"])
    >>> linkages(Z, output=[1000, 2000])[["code", "sector_class"]].values.tolist()
    [['farm', 'key'], ['mill', 'weak']]
    """
    source = _source(table, output=output, final_demand=final_demand, value_added=value_added)
    basis = _Basis.of(source.table, None)
    result = pd.concat([head_of(basis.table), basis.system().linkages().table()], axis=1)
    result.attrs["notes"] = _notes(source, basis, source.table.balance())
    return result


def _source(given: object, **beside: object) -> TableSource:
    """Return a table of whatever a user has, or say what can be given."""
    if isinstance(given, pd.DataFrame):
        table = IOTable.from_frame(given, **beside)  # type: ignore[arg-type]
        return TableSource(table, titles={"en": table.name})
    odd = [name for name, amounts in beside.items() if amounts is not None]
    if odd:
        problem = f"{', '.join(odd)} stand beside a DataFrame of flows only"
        remedy = "Leave them out: a table has its own. IOTable.from_frame makes another one."
        raise InputError([Fault(file="table", code="two-tables", problem=problem, remedy=remedy)])
    if isinstance(given, TableSource):
        return given
    if isinstance(given, IOTable):
        return TableSource(given, titles={"en": given.name})
    if isinstance(given, Case):
        return source_of_case(given)
    if isinstance(given, (str, Path)):
        return read_iotable(given)
    fault = Fault(
        file="table",
        code="no-table",
        problem=f"a {type(given).__name__} is no input–output table",
        remedy="Give an IOTable, a square DataFrame, the path of a file or a case folder, or what "
        "read_iotable returns; IOTable.from_frame makes a table of a DataFrame.",
    )
    raise InputError([fault])


@dataclass(frozen=True)
class _Basis:
    """The flows that are computed with: domestic ones for effects, all of them for technology."""

    table: IOTable
    technology: IOTable
    spending_at_home: bool
    notes: tuple[str, ...]

    @classmethod
    def of(cls, table: IOTable, spending: str | None, own_use: str = "keep") -> _Basis:
        """Tell domestic flows apart where the table can; ``spending`` is that of households."""
        notes: list[str] = []
        technology = table
        known = [] if table.imported_final is None else list(table.imported_final.columns)
        # Imports with a minus sign among the final uses say that these hold imports.
        at_home = table.origin == "total" or spending in known or not final_use(table, IMPORTS)
        if table.origin != "domestic" and table.imported_flows is not None:
            at_home = spending is None or spending in known
            table = table.view("domestic")
        elif imports_close_the_columns(table):
            notes.append(
                "the flows are called total, but the columns add up to output only with the row of "
                "imports beside them, so they look domestic: say origin = domestic if they are"
            )
        elif table.origin == "total":
            notes.append(
                "the table does not tell imported from domestic flows: multipliers and linkages "
                "are of both together and count effects on suppliers abroad"
            )
        if technology.imported_flows is not None:
            technology = technology.view("total")
        if own_use != "keep":
            table = table.without_diagonal(own_use)  # type: ignore[arg-type]
            technology = technology.without_diagonal(own_use)  # type: ignore[arg-type]
            notes.append(
                f"intra-industry use, flows of an industry to itself, was taken out ({own_use})"
            )
        return cls(table, technology, at_home, tuple(notes))

    def system(self) -> IOSystem:
        """Return coefficients and inverses, or refuse a table that the algebra cannot take."""
        if faults := self.table.faults():
            raise InputError(faults, f"table {self.table.name}")
        return IOSystem.from_table(self.table)


def _notes(source: TableSource, basis: _Basis, balance: BalanceReport) -> list[str]:
    """Return how a table is known, what is off in it, and what was said in reading it."""
    odd = [str(fault) for fault in source.warnings if not fault.code.endswith("-balance")]
    return [
        *evidence_notes(source.table),
        *balance.gaps(),
        *source.notes,
        *odd,
        *basis.notes,
        *oversold_notes(basis.table),
    ]


def analyze_table(
    source: TableInput,
    *,
    output: object = None,
    final_demand: object = None,
    value_added: object = None,
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
        A table, a square DataFrame, a path, or what :func:`read_iotable` returns.
    output, final_demand, value_added
        Beside a DataFrame, as in :meth:`IOTable.from_frame
        <klaster.graph.io_table.IOTable.from_frame>`.
    parts
        Some of :data:`PARTS`; what is not among them is not computed, and None. The balance is
        always reported.
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

    Examples
    --------
    >>> flows = pd.DataFrame([[150.0, 500.0], [200.0, 100.0]], index=["farm", "mill"],
    ...     columns=["farm", "mill"])
    >>> found = analyze_table(flows, output=[1000.0, 2000.0], parts=["multipliers"])
    >>> found.multipliers["output"].iloc[0].round(3).tolist(), found.notes[0]
    ([1.0, 1.518, 1.518], 'NOT STATED: nobody says how these flows are known')
    """
    told = progress or (lambda what, done, total: None)
    for part in parts:
        if part not in PARTS:
            raise UnknownNameError("part", part, PARTS)
    source = _source(source, output=output, final_demand=final_demand, value_added=value_added)
    settings = settings or IdentificationSettings()
    income_row = household_row(source.table, income)
    spending = household_column(source.table, households)
    told("balance", 0, 4)
    balance = source.table.balance()
    basis = _Basis.of(source.table, spending, own_use)
    table, technology = basis.table, basis.technology
    system = basis.system()
    notes = _notes(source, basis, balance)
    told("inverse and measures", 1, 4)
    multiplied = None
    quantities = quantities_of(table, income_row) if "multipliers" in parts else {}
    if "multipliers" in parts:
        multiplied = multipliers_of(
            table,
            system.input_coefficients,
            income=income_row,
            spending=spending,
            spending_at_home=basis.spending_at_home,
        )
        notes += multiplied.notes
    linked = system.linkages() if "linkages" in parts else None
    extracted = system.extraction() if "extraction" in parts else None
    exports, imports = final_use(technology, EXPORTS), final_use(technology, IMPORTS)
    open_economy, said_of_it = open_upstreamness(technology, exports, imports)
    notes.append(said_of_it)
    measures = industry_measures(
        system,
        linkages=linked,
        extraction=extracted,
        quantities={name: amounts for name, amounts in quantities.items() if name != "output"},
        upstreamness=open_economy,
    )
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
            found = replace(found, skipped=by_name(found.skipped, table))
    told("done", 4, 4)
    definition = "" if linked is None else linked.definition
    return TableAnalysis(
        source=source,
        table=table,
        balance=balance,
        industries=pd.concat([head_of(table), measures.reset_index(drop=True)], axis=1),
        linkages=None if linked is None else linked.table(),
        linkage_definition=definition,
        multipliers=None if multiplied is None else multiplied.by_quantity,
        households="" if multiplied is None else multiplied.households,
        extraction=None if extracted is None else extracted.table(),
        identification=found,
        notes=tuple(notes),
        settings={
            "parts": [part for part in PARTS if part in parts],
            "own_use": own_use,
            "flows": table.origin,
            "technology": technology.origin,
            "linkages": definition,
            "upstreamness": "closed economy" if open_economy is None else "open economy",
            **asdict(settings),
        },
    )
