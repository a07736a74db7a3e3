"""Input–output tables from file to page: read, check, compute, identify clusters, write.

>>> import numpy as np
>>> from klaster.graph.iotable import IOTable
>>> table = IOTable("mb", ("1", "2"), ("farm", "mill"), np.array([[150.0, 500], [200, 100]]),
...                 np.array([1000.0, 2000]), 2009, "USD", "USD", "paper", "Miller & Blair 2009")
>>> found = analyze_table(table)
>>> found.linkages["sector_class"].tolist()
['key', 'weak']
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.iotable import IMPORTED_INPUTS, BalanceReport, IOTable
from klaster.graph.model import FloatArray
from klaster.output import MARK, whole_folder, write_csv, write_json

if TYPE_CHECKING:
    from klaster.algorithms.identification.methods import Identification, IdentificationSettings
    from klaster.graph.industry_codes import CodeLevel
    from klaster.loaders.cells import Decimal
    from klaster.loaders.io_sources import Format, Model, Negatives

Progress = Callable[[str, int, int], None]

PARTS = ("multipliers", "linkages", "extraction", "identification")
"""What can be computed of a table beside its balance."""

MOST_FOR_IDENTIFICATION = 2000
"""Industries up to which clusters are identified without being asked for by name."""

ORDERING = ("Feser–Bergman", "principal components", "Czamanski–Ablas", "direct links")
"""Method whose clusters order the drawings: the first of these that was applied."""


@dataclass(frozen=True)
class TableSource:
    """A table as it was read.

    Attributes
    ----------
    table
        The table.
    notes
        What was handled in reading it.
    warnings
        What is odd but does not forbid the algebra.
    titles
        What to call it, by language.
    """

    table: IOTable
    notes: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


def read_iotable(
    path: Path | str,
    *,
    format: Format = "auto",
    country: str = "",
    name: str = "",
    year: int = 0,
    currency: str = "",
    unit: str = "",
    origin: str = "",
    evidence: str = "measured",
    source: str = "",
    block: str = "",
    model: Model = "fixed-product-sales",
    negatives: Negatives = "refuse",
    imported: Path | str | None = None,
    labels: Path | str | None = None,
    output: str = "",
    value_added_rows: Sequence[str] = (),
    tax_rows: Sequence[str] = (),
    imports_rows: Sequence[str] = (),
    final_demand_columns: Sequence[str] = (),
    imports_columns: Sequence[str] = (),
    total_use_columns: Sequence[str] = (),
    ignore_rows: Sequence[str] = (),
    ignore_columns: Sequence[str] = (),
    encoding: str = "auto",
    decimal: Decimal = "auto",
    sheet: str | None = None,
) -> TableSource:
    """Read an input–output table of any known format, or the table of a case.

    Parameters
    ----------
    path
        A file; a folder with make and use tables; or a case folder.
    format
        ``symmetric``, ``oecd``, ``wiod``, ``bea`` or ``eurostat``; recognised by default.
    country
        Country to cut out of an inter-country table, or ``all``.
    name, year, currency, unit, evidence, source
        What the table is; the file's name where no name is given, with the country that was cut
        out.
    origin
        ``domestic``, ``imported`` or ``total``; by default ``domestic`` of a country cut out of an
        inter-country table, and where the columns add up to output only with a row of imports
        beside the flows; else ``total``.
    block
        Number of the table in a spreadsheet of the Eurostat layout.
    model, negatives
        For make and use tables (:func:`klaster.loaders.io_sources.symmetric_table`).
    imported
        Table of imported flows, of the same layout as the table: what is said of special rows and
        columns, encoding and decimal sign holds for it too, as far as it has them.
    labels
        CSV with code and name of each industry.
    output
        Row or column of output in a ``symmetric`` table.
    value_added_rows, tax_rows, imports_rows
        Rows of a ``symmetric`` table that are not known by their usual names.
    final_demand_columns, imports_columns, total_use_columns
        Its columns of final uses, of imports of the industry's product, and of totals that are only
        checked.
    ignore_rows, ignore_columns
        What to leave out of it.
    encoding, decimal, sheet
        As for :func:`klaster.loaders.io_sources.read_table`.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    from klaster.loaders.io_sources import read_labels, read_table
    from klaster.loaders.settings import TableSpec

    place = Path(path)
    if place.is_dir() and (place / "case.toml").is_file():
        return _table_of_case(place)
    spec = TableSpec(
        name=name or "_".join(filter(None, [_table_name(place), country])),
        year=year,
        currency=currency,
        unit=unit,
        evidence=evidence,
        source=source or place.name,
        origin=origin or ("domestic" if country and country != "all" else "total"),
        country=country,
        region=country if country != "all" else "",
        output_row=output,
        output_column=output,
        value_added_rows=tuple(value_added_rows),
        tax_rows=tuple(tax_rows),
        imports_rows=tuple(imports_rows),
        final_demand_columns=tuple(final_demand_columns),
        imports_columns=tuple(imports_columns),
        total_use_columns=tuple(total_use_columns),
        ignore_rows=tuple(ignore_rows),
        ignore_columns=tuple(ignore_columns),
        by_flags=True,
    )
    names = read_labels(Path(labels)) if labels else None
    reading = read_table(
        place,
        spec,
        format=format,
        block=block,
        model=model,
        negatives=negatives,
        labels=names,
        encoding=encoding,
        decimal=decimal,
        sheet=sheet,
    )
    errors = [fault for fault in reading.faults if fault.severity == "error"]
    if reading.table is None or errors:
        raise InputError(reading.faults, place.name)
    table = reading.table
    named = {
        "output": [output] if output else [],
        "value_added_rows": value_added_rows,
        "tax_rows": tax_rows,
        "imports_rows": imports_rows,
        "final_demand_columns": final_demand_columns,
        "imports_columns": imports_columns,
        "total_use_columns": total_use_columns,
        "ignore_rows": ignore_rows,
        "ignore_columns": ignore_columns,
    }
    if not table.year:
        fault = Fault(
            place.name, 0, "", "missing-year", "", "the year is not known", "Give --year."
        )
        raise InputError([fault], place.name)
    if imported is not None:
        other = read_iotable(
            imported,
            format=format,
            year=table.year,
            name=f"{table.name}_imported",
            currency=table.currency,
            unit=table.unit,
            origin="imported",
            labels=labels,
            encoding=encoding,
            decimal=decimal,
            **_as_far_as_there(Path(imported), named, block, encoding),
        )
        table = table.with_imported(other.table)
    notes = reading.notes
    if not origin and imports_close_the_columns(table):
        table = replace(table, origin="domestic")
        note = (
            "flows are taken as domestic: the columns add up to output only with the row of "
            "imports, and no imports are taken off final uses (say --origin where it is otherwise)"
        )
        notes = (*notes, note)
    warnings = tuple(fault for fault in reading.faults if fault.severity != "error")
    title = table.name
    if country and country not in title:
        title = f"{title}, {country}"
    return TableSource(table, notes, warnings, {"en": title})


def _as_far_as_there(
    path: Path, named: Mapping[str, Sequence[str]], block: str, encoding: str
) -> dict[str, Any]:
    """Return which of the special rows and columns, and which table of a sheet, a file has."""
    from klaster.loaders.io_sources import blocks_of
    from klaster.loaders.reading import SPREADSHEET_SUFFIXES, TEXT_SUFFIXES, read_grid

    if path.suffix.lower() not in (*TEXT_SUFFIXES, *SPREADSHEET_SUFFIXES) or not path.is_file():
        return {}
    cells = {cell for row in read_grid(path, encoding=encoding).rows for cell in row}
    there: dict[str, Any] = {key: [n for n in names if n in cells] for key, names in named.items()}
    there["output"] = next(iter(there["output"]), "")
    there["block"] = block if block in blocks_of(path) else ""
    return there


def imports_close_the_columns(table: IOTable) -> bool:
    """Whether the books say that flows called total are domestic ones.

    So where every column adds up to output with the imported inputs that stand outside the flows,
    and no final use is imports with a minus sign. (In make and use tables both stand there: products
    that no industry makes, and imports of all others.)

    Examples
    --------
    >>> import numpy as np
    >>> table = IOTable("t", ("a",), ("a",), np.array([[2.]]), np.array([10.]), 2020, "USD",
    ...     "USD", "measured", "made up", imports=np.array([3.]),
    ...     value_added=pd.DataFrame([[5.]], index=["VA"], columns=["a"]))
    >>> imports_close_the_columns(table)
    True
    >>> imports_close_the_columns(replace(table, imports=np.array([2.])))
    False
    """
    from klaster.loaders.io_headings import IMPORTS

    if table.origin != "total" or table.imported_flows is not None:
        return False
    if table.imports is None or not table.imports.any() or _column(table, IMPORTS):
        return False
    balance = table.balance()
    off = {found.identity for found in balance.residuals}
    return "column" in balance.checked and "column" not in off


def _column(table: IOTable, names: frozenset[str]) -> str:
    """Return the final use known by one of these names; empty without one."""
    columns = table.final_demand.columns.drop([IMPORTED_INPUTS], errors="ignore")
    return _heading(columns, "", names, "final use") or ""


def aggregated(source: TableSource, level: CodeLevel = "section") -> TableSource:
    """Return a table added up to sections or divisions of ISIC 4, NACE 2 and OKED.

    Raises
    ------
    InputError
        Where a code is none of them.
    """
    from klaster.graph.industry_codes import code_mapping, sections

    table = source.table
    mapping = code_mapping(table.codes, level)
    labels = dict(zip(table.codes, table.labels, strict=True))
    known = {**labels, **{code: name["en"] for code, name in sections().items()}}
    note = f"{len(table.codes)} industries were added up to {level}s"
    return replace(
        source, table=table.aggregate(mapping, labels=known), notes=(*source.notes, note)
    )


def _table_name(path: Path) -> str:
    stem = path.name.split(".")[0]
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in stem).strip("_")
    return kept if kept and kept[0].isalpha() else f"table_{kept}".rstrip("_")


def _table_of_case(folder: Path) -> TableSource:
    from klaster.loaders.case import load_case

    case = load_case(folder)
    if case.table is None:
        remedy = "Name one under [inputs.table] of its case.toml."
        fault = Fault("case.toml", 0, "inputs.table", "no-table", "", "the case has none", remedy)
        raise InputError([fault], str(folder))
    return TableSource(case.table, tuple(case.report.notes), titles=case.titles)


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
        (:meth:`klaster.graph.iotable.IOTable.without_diagonal`).
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
    from klaster.loaders.io_headings import IMPORTS

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
    spending_at_home = table.origin == "total" or spending in known or not _column(table, IMPORTS)
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
    industries = pd.concat([_head(table), industries.reset_index(drop=True)], axis=1)
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


def _head(table: IOTable) -> pd.DataFrame:
    return pd.DataFrame(
        {"region": list(table.regions), "code": list(table.codes), "name": list(table.labels)}
    )


VALUE_ADDED_IS_ONE = (
    "value-added multipliers are 1 in every industry, and no finding: all inputs in the books are "
    "flows of the table, so nothing leaks to imports or taxes and all of final demand ends as value "
    "added"
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


_NO_INCOME = ("OWN_USE", "NEGATIVE_USE")


def household_row(table: IOTable, name: str = "") -> str | None:
    """Return the row of value added that households earn: as named, or known by its name.

    Names are compared without regard to case, signs and spaces: D1, Compensation of employees,
    «Оплата труда», «Еңбекақы төлеу» and others (:mod:`klaster.loaders.io_headings`).

    Raises
    ------
    UnknownNameError
        Where the table has no such row.
    """
    from klaster.loaders.io_headings import INCOME

    return _heading(table.value_added.index, name, INCOME, "row of value added")


def household_column(table: IOTable, name: str = "") -> str | None:
    """Return the final use that households spend: as named, or known by its name.

    P3_S14, HFCE, Households, «Домашние хозяйства», «Үй шаруашылықтары» and others.

    Raises
    ------
    UnknownNameError
        Where the table has no such column.
    """
    from klaster.loaders.io_headings import HOUSEHOLDS

    return _heading(table.final_demand.columns, name, HOUSEHOLDS, "final use")


def _heading(there: pd.Index[Any], name: str, known: frozenset[str], what: str) -> str | None:
    from klaster.loaders.io_headings import known_as

    labels = [str(label) for label in there]
    if name and name not in labels:
        raise UnknownNameError(what, name, labels)
    return name or next((label for label in labels if known_as(label, known)), None)


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


_LISTED = 10


def _open_upstreamness(technology: IOTable) -> tuple[FloatArray | None, str]:
    """Return upstreamness with exports and imports, and which figure the results have.

    Exports e and imports m of each product enter as ``z_ij / (x_i − e_i + m_i)``, z domestic and
    imported flows together (Antràs et al. 2012); None where one of the three is not known.
    """
    from klaster.algorithms.io.chains import upstreamness
    from klaster.loaders.io_headings import EXPORTS, IMPORTS

    closed = "upstreamness is that of a closed economy (row sums of the Ghosh inverse): "
    exports, imports = _column(technology, EXPORTS), _column(technology, IMPORTS)
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


# -- results -------------------------------------------------------------------------------------


def write_table_results(analysis: TableAnalysis, out: Path) -> dict[str, Path]:
    """Write what was computed of a table into a folder that appears whole, or not at all.

    ``io.html``, and as CSV ``balance``, ``industries``, ``linkages``, ``multipliers``,
    ``extraction``, ``clusters``, ``members`` (loadings), ``methods``, ``agreement``, ``overlap``,
    ``shared``, as far as computed; ``run.json`` with digests, settings and versions.

    Returns
    -------
    dict
        Path of each file by its name.
    """
    from klaster.viz.io_pages import table_page

    with whole_folder(out) as folder:
        for name, table in _result_tables(analysis).items():
            write_csv(table, folder / f"{name}.csv")
        (folder / "io.html").write_text(table_page(page_of(analysis)), encoding="utf-8")
        return _finish(
            folder,
            out,
            {
                "table": analysis.source.table.name,
                "table_digest": analysis.source.table.digest(),
                "settings": dict(analysis.settings),
                "notes": list(analysis.notes),
            },
        )


def _finish(folder: Path, out: Path, record: dict[str, Any]) -> dict[str, Path]:
    from importlib.metadata import version

    names = sorted(path.name for path in folder.iterdir())
    record["versions"] = {p: version(p) for p in ("klaster", "numpy", "scipy", "pandas")}
    record["files"] = {n: sha256((folder / n).read_bytes()).hexdigest() for n in names}
    write_json(record, folder / MARK)
    return {name: out / name for name in [*names, MARK]}


def _result_tables(analysis: TableAnalysis) -> dict[str, pd.DataFrame]:
    head = _head(analysis.table)
    parts = analysis.settings["parts"]
    found = {"balance": _balance_table(analysis.balance), "industries": analysis.industries}
    if "linkages" in parts:
        found["linkages"] = pd.concat([head, analysis.linkages], axis=1)
    if analysis.multipliers:
        sides = [
            table.add_prefix(f"{quantity} ").reset_index(drop=True)
            for quantity, table in analysis.multipliers.items()
        ]
        found["multipliers"] = pd.concat([head, *sides], axis=1)
    if "extraction" in parts:
        found["extraction"] = pd.concat([head, analysis.extraction], axis=1)
    clusters = analysis.identification
    if clusters is not None:
        found["clusters"] = pd.concat([head, clusters.table().reset_index(drop=True)], axis=1)
        found["methods"] = clusters.summary().rename_axis("method").reset_index()
        for name, table in (
            ("agreement", clusters.agreement.adjusted_rand),
            ("overlap", clusters.agreement.overlap),
            ("shared", clusters.agreement.shared),
        ):
            found[name] = table.rename_axis("method").reset_index()
        members = [
            table.table.assign(method=method)[["method", *table.table.columns]]
            for method, table in clusters.members.items()
        ]
        if members:
            found["members"] = pd.concat(members, ignore_index=True)
    return found


def _balance_table(balance: BalanceReport) -> pd.DataFrame:
    """Return every identity: checked (with its worst gap), not checked, and each total off.

    Last stand industries that sell to industries more than they make.
    """
    rows: list[dict[str, Any]] = [
        {"identity": name, "result": "checked", "worst_share": worst}
        for name, worst in balance.checked.items()
    ]
    rows += [
        {"identity": name, "result": f"not checked: {why}"}
        for name, why in balance.not_checked.items()
    ]
    off = balance.table().assign(result="off", worst_share=None)
    columns = ["identity", "result", "worst_share"]
    columns += [c for c in off.columns if c not in columns]
    rows += off.to_dict("records")  # type: ignore[arg-type]
    rows += [
        {
            "identity": "sales to industries",
            "result": "more than output",
            "industry": name,
            "residual": left,
        }
        for name, left in balance.negative_demand.items()
    ]
    return pd.DataFrame(rows, columns=columns)


def page_of(analysis: TableAnalysis) -> Any:
    """Return what the page on a table is made of (:class:`klaster.viz.io_pages.TablePage`)."""
    from klaster import __version__
    from klaster.graph.industry_codes import sections
    from klaster.viz.io_pages import TablePage

    table, found, parts = analysis.table, analysis.identification, analysis.settings["parts"]
    known = sections()
    named = {
        code: known[code]
        for code, label in zip(table.codes, table.labels, strict=True)
        if code in known and label in (code, known[code]["en"])
    }
    read, balance = analysis.source.table, analysis.balance
    same = np.array_equal(read.flows, table.flows) and read.origin == table.origin
    values = analysis.multipliers.get("value added")
    page = TablePage(
        table=table,
        balance=balance,
        titles=analysis.source.titles or {"en": table.name},
        names=named,
        linkages=analysis.linkages if "linkages" in parts else None,
        multipliers=analysis.multipliers,
        extraction=analysis.extraction if "extraction" in parts else None,
        households=analysis.households,
        read_as=None if same else (read.origin, balance.spectral_radius, balance.own_use_share),
        value_added_is_one=values is not None and all_one(values),
        digest=analysis.source.table.digest(),
        notes=analysis.notes,
        version=__version__,
    )
    if found is None:
        return page
    tree, leaves = _tree(found)
    return replace(
        page,
        clusters=found.table().reset_index(drop=True),
        method=analysis.method,
        methods=found.summary(),
        agreement=found.agreement.adjusted_rand,
        shared=found.agreement.shared,
        unknown=found.agreement.unknown,
        skipped=found.skipped,
        tree=tree,
        leaves=leaves,
        technology=str(analysis.settings["technology"]),
    )


def _tree(found: Identification) -> tuple[FloatArray | None, tuple[int, ...]]:
    """Agglomerate the industries by the similarity of their trading profiles, average linkage."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    similarity = found.similarity
    without = set(similarity.undefined)
    leaves = tuple(k for k in range(len(found.names)) if k not in without)
    if len(leaves) < 3:
        return None, leaves
    distance = 1.0 - similarity.maximum[np.ix_(leaves, leaves)]
    np.fill_diagonal(distance, 0.0)
    distance = np.maximum((distance + distance.T) / 2, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average")
    return np.asarray(tree, dtype=np.float64), leaves


# -- studies ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Study:
    """A published table of rotated loadings, and what can be checked of it.

    Attributes
    ----------
    name, titles
        What it is called.
    industries
        ``industry_no``, ``industry_en``, ``industry_ru`` of each row.
    loadings
        As printed, industries × components.
    component
        Component each industry loads highest on, from 1.
    members
        Loadings that count, as :class:`klaster.algorithms.identification.principal.LoadingMembers`
        has them; ``variable`` is the position of the industry.
    core
        Component of the cluster the study names.
    multipliers
        As printed; ``industry`` is the position of the industry.
    kaiser_change, raw_change
        Largest change of a loading when the table is rotated again, with and without Kaiser's
        normalisation: a fixed point does not move.
    rounding
        What the print leaves open.
    source, references
        Short reference and its full text.
    """

    name: str
    titles: Mapping[str, str]
    industries: pd.DataFrame
    loadings: FloatArray
    component: tuple[int, ...]
    members: pd.DataFrame
    core: int
    multipliers: pd.DataFrame
    kaiser_change: float
    raw_change: float
    rounding: float
    source: str
    references: Mapping[str, str]

    @property
    def explained(self) -> float:
        """Share of the variance the components keep."""
        return float((self.loadings**2).sum() / len(self.loadings))

    @property
    def core_industries(self) -> tuple[str, ...]:
        """Industries of the cluster the study names, in its order."""
        names = self.industries["industry_en"].tolist()
        return tuple(n for n, c in zip(names, self.component, strict=True) if c == self.core)

    def write(self, out: Path | str) -> dict[str, Path]:
        """Write the page, the members and a record into a folder, whole or not at all."""
        from klaster.viz.io_pages import StudyPage, study_page

        out = Path(out)
        names = self.industries["industry_en"].tolist()
        page = StudyPage(
            titles=self.titles,
            names=[
                {"en": en, "ru": ru}
                for en, ru in zip(names, self.industries["industry_ru"].tolist(), strict=True)
            ],
            loadings=self.loadings,
            component=self.component,
            members=self.members,
            core=self.core,
            multipliers=self.multipliers,
            kaiser_change=self.kaiser_change,
            raw_change=self.raw_change,
            secondary=0.35,
            source=self.source,
            sources=self.references,
            rounding=self.rounding,
        )
        members = self.members.assign(
            industry=[names[int(k)] for k in self.members["variable"].tolist()]
        ).drop(columns="variable")
        with whole_folder(out) as folder:
            (folder / f"{self.name}.html").write_text(study_page(page), encoding="utf-8")
            write_csv(members, folder / "members.csv")
            record = {
                "study": self.name,
                "explained": self.explained,
                "kaiser_change": self.kaiser_change,
                "raw_change": self.raw_change,
            }
            return _finish(folder, out, record)


def load_study(name: str | Path = "east_kazakhstan") -> Study:
    """Read a published study that ships with klaster, or a folder with a ``study.toml``.

    Raises
    ------
    UnknownNameError
        Where no study of that name ships.
    InputError
        Where a file lacks a column, or a cell is no number.

    Examples
    --------
    >>> study = load_study()
    >>> round(study.explained, 2), len(study.core_industries)
    (0.88, 5)
    >>> study.kaiser_change < 0.001 < study.raw_change
    True
    """
    from klaster.algorithms.identification.principal import loading_members, varimax
    from klaster.cases import case_path

    folder = name if isinstance(name, Path) else case_path(name)
    if not (folder / "study.toml").is_file():
        fault = Fault(
            str(folder), 0, "", "no-study", "", "there is no study.toml", "Give a study's folder."
        )
        raise InputError([fault], str(folder))
    about = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["study"]
    table = pd.read_csv(folder / about["loadings"]["file"])
    columns = [c for c in table.columns if c[:1] == "c" and c[1:].isdigit()]
    faults = [
        Fault(
            about["loadings"]["file"], k + 2, column, "bad-number", str(value), "it is no number",
            "Write the loading as printed.",
        )
        for column in columns
        for k, value in enumerate(table[column].tolist())
        if not math.isfinite(pd.to_numeric(value, errors="coerce"))
    ]  # fmt: skip
    if faults or not columns:
        raise InputError(faults, about["loadings"]["file"])
    L = table[columns].to_numpy(dtype=np.float64)
    kaiser, raw = (float(np.abs(varimax(L, kaiser=way)[0] - L).max()) for way in (True, False))
    read = loading_members(L)
    multipliers = pd.read_csv(folder / about["multipliers"]["file"])
    at = {int(no): k for k, no in enumerate(table["industry_no"].tolist())}
    forms = {
        form: multipliers[f"{form}_multiplier"]
        for form in ("gross_output", "value_added", "household_income")
    }
    return Study(
        name=about["name"],
        titles=about["title"],
        industries=table[["industry_no", "industry_en", "industry_ru"]],
        loadings=L,
        component=tuple(int(c) for c in read.component),
        members=read.table,
        core=int(about["loadings"]["core"]),
        multipliers=pd.DataFrame(
            {"industry": [at[int(no)] for no in multipliers["industry_no"].tolist()], **forms}
        ),
        kaiser_change=kaiser,
        raw_change=raw,
        rounding=float(about["loadings"]["rounding"]),
        source=about["source"],
        references=about["references"],
    )
