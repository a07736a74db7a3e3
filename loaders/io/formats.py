"""Input–output tables as their publishers give them, each read into one :class:`IOTable`.

Symmetric tables and the OECD's are read by :mod:`klaster.loaders.io.symmetric`; here are WIOD, make and use
tables of the US Bureau of Economic Analysis with the models that turn them symmetric, the
Eurostat layout (one sheet with several tables), whatever pymrio has parsed, and one function that
recognises the format.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.industry_codes import sections
from klaster.graph.io_table import IOTable, Origin
from klaster.graph.model import FloatArray
from klaster.loaders.files.cell_values import Decimal, is_missing_mark, parse_numbers
from klaster.loaders.files.grid import Grid, Limits
from klaster.loaders.files.reading import read_grid
from klaster.loaders.io.headings import COLUMN_NAMES, normal_name
from klaster.loaders.io.symmetric import (
    InterCountryTable,
    TableReading,
    cut_country,
    in_flags,
    read_oecd,
    read_symmetric,
    table_of_grid,
)
from klaster.loaders.io.table_spec import TableSpec, about_table

Format = Literal["auto", "symmetric", "oecd", "wiod", "bea", "eurostat"]
Model = Literal[
    "product-technology", "industry-technology", "fixed-industry-sales", "fixed-product-sales"
]
Negatives = Literal["refuse", "aside"]

NEGATIVE_USE = "NEGATIVE_USE"
"""Final use and primary input that negative uses become when they are set aside."""

INTER_COUNTRY = ("oecd", "wiod")
"""Formats with the industries of several countries, out of which one can be cut."""

_LISTED = 20


# -- WIOD ----------------------------------------------------------------------------------------

WIOD_USES = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT")
"""Final uses of each country in WIOD's order: c37, c38, c39, c41, c42."""

WIOD_INDUSTRIES = {
    "c1": "Agriculture, hunting, forestry and fishing",
    "c2": "Mining and quarrying",
    "c3": "Food, beverages and tobacco",
    "c4": "Textiles and textile products",
    "c5": "Leather and footwear",
    "c6": "Wood and products of wood and cork",
    "c7": "Pulp, paper, printing and publishing",
    "c8": "Coke, refined petroleum and nuclear fuel",
    "c9": "Chemicals and chemical products",
    "c10": "Rubber and plastics",
    "c11": "Other non-metallic mineral products",
    "c12": "Basic metals and fabricated metal",
    "c13": "Machinery n.e.c.",
    "c14": "Electrical and optical equipment",
    "c15": "Transport equipment",
    "c16": "Manufacturing n.e.c.; recycling",
    "c17": "Electricity, gas and water supply",
    "c18": "Construction",
    "c19": "Sale and repair of motor vehicles; retail sale of fuel",
    "c20": "Wholesale trade",
    "c21": "Retail trade; repair of household goods",
    "c22": "Hotels and restaurants",
    "c23": "Inland transport",
    "c24": "Water transport",
    "c25": "Air transport",
    "c26": "Other transport activities; travel agencies",
    "c27": "Post and telecommunications",
    "c28": "Financial intermediation",
    "c29": "Real estate activities",
    "c30": "Renting of machinery; other business activities",
    "c31": "Public administration and defence",
    "c32": "Education",
    "c33": "Health and social work",
    "c34": "Other community, social and personal services",
    "c35": "Private households with employed persons",
}
"""Names of the 35 industries of the 2013 release (NACE 1.1)."""


def read_wiod_npz(
    path: Path, *, year: int = 2011, file: str | None = None, limits: Limits | None = None
) -> tuple[InterCountryTable | None, tuple[Fault, ...]]:
    """Read a table of the World Input–Output Database (2013 release) kept as NumPy arrays.

    ``Z`` industries × industries, ``F`` industries × (countries × 5 final uses), ``X`` output,
    ``countries``, ``industries``; million USD, whole numbers. It gives no value added, so only the
    rows can be checked.

    Parameters
    ----------
    path
        The file.
    year
        Year of the table, which the file does not say.
    file, limits
        As for :func:`klaster.loaders.io.symmetric.read_oecd_npz`.

    References
    ----------
    Timmer, M. P., Dietzenbacher, E., Los, B., Stehrer, R., de Vries, G. J. (2015). An illustrated
    user guide to the World Input–Output Database. Review of International Economics 23(3),
    575–605. doi:10.1111/roie.12178
    """
    file, limits = file or path.name, limits or Limits()

    def refused(problem: str) -> tuple[None, tuple[Fault, ...]]:
        remedy = "It must hold the arrays Z, F, X, countries and industries."
        return None, (Fault(file=file, code="unreadable-file", problem=problem, remedy=remedy),)

    arrays, problem = _arrays(path, limits)
    if problem:
        return refused(problem)
    missing = [name for name in ("Z", "F", "X", "countries", "industries") if name not in arrays]
    if missing:
        return refused(f"it has no array {', '.join(missing)}")
    countries, industries = (
        tuple(map(str, arrays[name].tolist())) for name in ("countries", "industries")
    )
    n = len(countries) * len(industries)
    Z, F, x = (np.asarray(arrays[name], dtype=np.float64) for name in ("Z", "F", "X"))
    shapes = (Z.shape, F.shape, x.shape)
    wanted = ((n, n), (n, len(countries) * len(WIOD_USES)), (n,))
    if shapes != wanted:
        return refused(f"its arrays have shapes {shapes}, not {wanted}")
    whole = InterCountryTable(
        countries=tuple(c for c in countries for _ in industries),
        sectors=industries * len(countries),
        flows=Z,
        final_demand=pd.DataFrame(F, columns=pd.MultiIndex.from_product([countries, WIOD_USES])),
        value_added=pd.DataFrame(np.zeros((0, n))),
        taxes=np.zeros(n),
        output=x,
        year=year,
        unit="million USD",
        rounding=0.5,
    )
    return whole, whole_faults(whole, file)


def _arrays(path: Path, limits: Limits) -> tuple[dict[str, Any], str]:
    """Return the arrays of a file, or why it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > limits.unpacked_bytes:
            return {}, f"it unpacks to {size:,} bytes"
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}, ""
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as reason:
        return {}, f"it is not a file of NumPy arrays ({reason})"


def whole_faults(whole: InterCountryTable, file: str) -> tuple[Fault, ...]:
    """Return missing and negative cells of an inter-country table, each named."""
    faults: list[Fault] = []
    names = [f"{c}_{s}" for c, s in zip(whole.countries, whole.sectors, strict=True)]
    Z = whole.flows

    def cells(bad: Any, code: str, problem: str, remedy: str) -> None:
        where = np.argwhere(bad).tolist()
        for i, j in where[:_LISTED]:
            what = f"the flow from {names[i]} to {names[j]} {problem}"
            faults.append(
                Fault(
                    file=file,
                    row=i + 1,
                    column=names[j],
                    code=code,
                    value=f"{Z[i, j]:.10g}",
                    problem=what,
                    remedy=remedy,
                )
            )
        if len(where) > _LISTED:
            more = f"and {len(where) - _LISTED} more such flows"
            faults.append(
                Fault(file=file, code=code, value=str(len(where)), problem=more, remedy=remedy)
            )

    cells(~np.isfinite(Z), "missing-cell", "is missing", "Write 0 where nothing flows.")
    cells(Z < 0, "negative-flow", "is negative", "Correct the amount.")
    for what, values in (("output", whole.output), ("taxes", whole.taxes)):
        for k in np.flatnonzero(~np.isfinite(values))[:_LISTED].tolist():
            problem = f"{what} of {names[k]} is missing"
            faults.append(
                Fault(
                    file=file,
                    row=k + 1,
                    column=what,
                    code="missing-cell",
                    problem=problem,
                    remedy="Fill the cell.",
                )
            )
    return tuple(faults)


# -- pymrio --------------------------------------------------------------------------------------


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
        For :func:`klaster.loaders.io.symmetric.cut_country`: one country, or all.

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
            file="Z",
            column=":".join(odd),
            code="unequal-order",
            value=":".join(odd),
            problem="the industries of the rows and of the columns are not the same in the same order",
            remedy="Sort the columns as the rows are: Z = Z[Z.index].",
        )
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
                file="unit",
                code="mixed-units",
                value=", ".join(units),
                problem=problem,
                remedy=remedy,
            ),
        )
    if faults:
        raise InputError(faults, "the pymrio system")
    return whole


def _pair(label: Any) -> tuple[str, ...]:
    return tuple(label) if isinstance(label, tuple) else ("", str(label))


# -- supply and use ------------------------------------------------------------------------------


@dataclass(frozen=True)
class SupplyUse:
    """A make (supply) and a use table of one year.

    Attributes
    ----------
    industries, products
        Codes.
    make
        V, industries × products: what each industry makes.
    use
        U, products × industries: what each industry buys.
    final_demand
        Y, products × final uses, columns named.
    value_added
        W, items × industries, rows named.
    recorded_totals
        Totals of the files by name: ``industry output`` or ``product output`` and their amounts.
    rounding
        Half a unit of the last digit.
    imported_use
        What each industry buys from abroad, products × industries, where ``use`` holds domestic
        products only; else None.
    taxes
        Taxes less subsidies on products that industries pay; None where ``value_added`` has them.
    names
        Name of each industry and of each product, by ``industries`` and ``products``.
    """

    industries: tuple[str, ...]
    products: tuple[str, ...]
    make: FloatArray
    use: FloatArray
    final_demand: pd.DataFrame
    value_added: pd.DataFrame
    recorded_totals: Mapping[str, FloatArray] = field(default_factory=dict)
    rounding: float = 0.0
    imported_use: FloatArray | None = None
    taxes: FloatArray | None = None
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_bea(
    make: Path, use: Path, *, limits: Limits | None = None
) -> tuple[SupplyUse | None, tuple[Fault, ...]]:
    """Read make and use tables in the layout of the US Bureau of Economic Analysis.

    Make: a row an industry, a column a product. Use: a row a product and, below, value added
    (``V00100`` …); a column an industry and, to the right, final uses (``F01000`` …). Codes that
    begin with ``T0`` are totals: those of output are kept to be checked. CSV, also compressed.

    Returns
    -------
    tuple
        The tables, or None; and every fault of both files.
    """
    limits = limits or Limits()
    tables, faults = [], list[Fault]()
    for path in (make, use):
        table, found = _read_matrix(path, limits)
        tables.append(table)
        faults += found
    if faults:
        return None, tuple(faults)
    made, used = tables
    industries = [r for r in made.index if not r.startswith("T0")]
    products = [c for c in made.columns if not c.startswith("T0")]
    buyers = [c for c in used.columns if not c.startswith(("T0", "F"))]
    bought = [r for r in used.index if not r.startswith(("T0", "V0"))]
    faults += _other_labels(use.name, make.name, (industries, buyers), (products, bought))
    if faults:
        return None, tuple(faults)

    def amounts(table: pd.DataFrame, rows: list[str], columns: list[str]) -> FloatArray:
        return table.loc[rows, columns].to_numpy(dtype=np.float64)

    uses = [c for c in used.columns if c.startswith("F")]
    items = [r for r in used.index if r.startswith("V0")]
    totals = {}
    if "T008" in made.columns:
        totals["industry output"] = amounts(made, industries, ["T008"])[:, 0]
    if "T007" in made.index:
        totals["product output"] = amounts(made, ["T007"], products)[0]
    whole = [value for table in tables for value in table.to_numpy().ravel().tolist()]
    return (
        SupplyUse(
            tuple(industries),
            tuple(products),
            amounts(made, industries, products),
            amounts(used, products, industries),
            used.loc[products, uses],
            used.loc[items, industries],
            totals,
            0.5 if all(float(v).is_integer() for v in whole) else 0.0,
        ),
        (),
    )


def _other_labels(
    file: str,
    other: str,
    industries: tuple[Sequence[str], Sequence[str]],
    products: tuple[Sequence[str], Sequence[str]],
) -> list[Fault]:
    """Return what industries and products only one of a make and a use table has."""
    remedy = "Take both tables of the same year and detail, before or after redefinitions."
    found = []
    for axis, what, (first, second) in (
        ("column", "industries", industries),
        ("row", "products", products),
    ):
        if sorted(first) != sorted(second):
            odd = sorted(set(first) ^ set(second))
            problem = f"the {what} of the use table are not those of {other}"
            column, value = odd[0] if odd else "", ", ".join(odd[:5])
            found.append(
                Fault(
                    file=file,
                    column=column,
                    code=f"missing-{axis}",
                    value=value,
                    problem=problem,
                    remedy=remedy,
                )
            )
    return found


def _read_matrix(path: Path, limits: Limits) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV with codes in the first row and column; faults name row and column."""
    faults: list[Fault] = []
    empty = pd.DataFrame()

    def fault(row: int, column: str, code: str, value: str, problem: str, remedy: str) -> None:
        faults.append(
            Fault(
                file=path.name,
                row=row,
                column=column,
                code=code,
                value=value,
                problem=problem,
                remedy=remedy,
            )
        )

    if not path.is_file():
        fault(0, "", "missing-file", str(path), "there is no such file", "Name the file.")
        return empty, faults
    if path.stat().st_size > limits.file_bytes:
        fault(0, "", "too-large", "", "the file is too large", "Take a smaller table.")
        return empty, faults
    try:
        raw = pd.read_csv(path, index_col=0, dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError, EOFError, OSError) as reason:
        fault(0, "", "unreadable-file", "", f"it is not CSV ({reason})", "Check the file.")
        return empty, faults
    raw.index, raw.columns = raw.index.map(str), raw.columns.map(str)
    for axis, labels in (("row", raw.index), ("column", raw.columns)):
        for label in sorted(set(labels[labels.duplicated()])):
            remedy = "Keep one, or add them up."
            fault(0, label, "duplicate-label", label, f"the {axis} was given before", remedy)
    if faults:
        return empty, faults
    cells = raw.to_numpy()
    flat = pd.Series(cells.ravel(), dtype=object)
    numbers = pd.to_numeric(flat, errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers)).tolist()
    for at in bad[:_LISTED]:
        i, j = divmod(at, cells.shape[1])
        text = str(cells[i, j]).strip()
        fault(
            i + 2,
            str(raw.columns[j]),
            "bad-number" if text else "missing-cell",
            text,
            f"the cell of row {raw.index[i]} is " + ("not a number" if text else "empty"),
            "Write the amount, 0 where nothing flows.",
        )
    if len(bad) > _LISTED:
        more = f"and {len(bad) - _LISTED} more such cells"
        fault(0, "", "bad-number", str(len(bad)), more, "Mend the file first.")
    table = pd.DataFrame(numbers.reshape(cells.shape), index=raw.index, columns=raw.columns)
    return table, faults


def symmetric_table(
    tables: SupplyUse,
    spec: TableSpec,
    *,
    model: Model = "industry-technology",
    negatives: Negatives = "refuse",
    file: str = "use",
) -> TableReading:
    """Turn make and use tables into a symmetric table by one of four models.

    With V the make matrix (industries × products), U use, Y final uses, W value added, g = V1 the
    output of industries, q = V'1 of products (letters of the Eurostat Manual in brackets):

    ======================  ==============  =====================  =====================  =====
    model                   table           T                      Z, final uses          x
    ======================  ==============  =====================  =====================  =====
    product-technology (A)  product         (V')⁻¹ q̂               U T, Y; W T            q
    industry-technology (B) product         ĝ⁻¹ V                  U T, Y; W T            q
    fixed-industry-sales(C) industry        ĝ (V')⁻¹               T U, T Y; W            g
    fixed-product-sales (D) industry        V q̂⁻¹                  T U, T Y; W            g
    ======================  ==============  =====================  =====================  =====

    B: each industry uses its inputs alike for all its products. D: each industry has the same share
    in the sales of a product to every buyer; Miller & Blair and the BEA call it the
    industry-by-industry table under industry-based technology. A and C need as many industries
    as products and bring negative flows, which are refused; B and D never do.

    Products that no industry makes (non-comparable imports, used goods) get no row: what industries
    spend on them stands in ``imports``, so the columns still add up. Imported uses, where they are
    apart, and taxes on products are turned by the same T: an imported product counts as that
    of the industries which make its like at home.

    Parameters
    ----------
    tables
        Make and use.
    spec
        What the table is (name, year, unit, source, …).
    model
        One of the four.
    negatives
        What to do with negative uses: ``refuse`` names them; ``aside`` moves them to a final use
        and a primary input ``NEGATIVE_USE``, with a note.
    file
        What to call the use table in faults.

    Raises
    ------
    UnknownNameError
        For another model or policy.

    References
    ----------
    Eurostat (2008). Eurostat Manual of Supply, Use and Input–Output Tables, chapter 11.
    Miller, R. E., Blair, P. D. (2009). Input–Output Analysis, 2nd ed., chapter 5.
    doi:10.1017/CBO9780511626982

    Examples
    --------
    >>> small = SupplyUse(("1", "2"), ("a", "b"), np.array([[90., 0], [10, 100]]),
    ...     np.array([[12., 8], [10, 7]]), pd.DataFrame({"FD": [80., 83]}, index=["a", "b"]),
    ...     pd.DataFrame([[68., 95]], index=["VA"], columns=["1", "2"]))
    >>> spec = TableSpec(name="small", year=2009, unit="million USD", source="worked by hand")
    >>> table = symmetric_table(small, spec, model="fixed-product-sales").table
    >>> (table.flows / table.output).round(4).tolist()
    [[0.12, 0.0655], [0.1244, 0.0709]]
    """
    for what, given, allowed in (
        ("model", model, get_args(Model)),
        ("policy for negative uses", negatives, get_args(Negatives)),
    ):
        if given not in allowed:
            raise UnknownNameError(what, given, allowed)
    faults: list[Fault] = []
    notes: list[str] = []
    V, U, abroad = tables.make, tables.use, tables.imported_use
    final, primary = tables.final_demand.copy(), tables.value_added.copy()
    for matrix, rows, columns, what in (
        (V, tables.industries, tables.products, "make"),
        (U, tables.products, tables.industries, file),
        (abroad, tables.products, tables.industries, "imported uses"),
    ):
        if matrix is None:
            continue
        negative = np.argwhere(matrix < 0).tolist()
        aside_by = "--negatives-aside" if spec.by_flags else "negatives='aside'"
        if matrix is U and negatives == "aside":
            continue
        for i, j in negative[:_LISTED]:
            faults.append(
                Fault(
                    file=what,
                    column=columns[j],
                    code="negative-flow",
                    value=f"{matrix[i, j]:.10g}",
                    problem=f"the cell of row {rows[i]} is negative",
                    remedy=(
                        "Correct it: an industry cannot make less than nothing."
                        if matrix is V
                        else "Correct it."
                        if matrix is abroad
                        else f"Correct it, or set negative uses aside: {aside_by}."
                    ),
                )
            )
    if negatives == "aside" and (U < 0).any():
        aside = np.where(U < 0, U, 0.0)
        cells = [f"{tables.products[i]} to {tables.industries[j]}" for i, j in np.argwhere(U < 0)]
        notes.append(
            f"{file}: {len(cells)} negative uses ({aside.sum():.10g} in all) were set aside as "
            f"{NEGATIVE_USE}: {', '.join(cells[:_LISTED])}"
        )
        U = U - aside
        final[NEGATIVE_USE] = aside.sum(axis=1)
        primary.loc[NEGATIVE_USE] = aside.sum(axis=0)
    q, g = V.sum(axis=0), V.sum(axis=1)
    idle = np.flatnonzero(g == 0).tolist()
    for k in idle:
        faults.append(
            Fault(
                file="make",
                column=tables.industries[k],
                code="zero-output",
                value="0",
                problem="the industry makes nothing",
                remedy="Leave it out of both tables.",
            )
        )
    made = q > 0
    inverse_needed = model in ("product-technology", "fixed-industry-sales")
    if inverse_needed and int(made.sum()) != len(g):
        faults.append(
            Fault(
                file="make",
                code="not-square",
                value=f"{len(g)} × {int(made.sum())}",
                problem=f"the model {model} needs as many industries as products that are made",
                remedy="Use industry-technology or fixed-product-sales.",
            )
        )
    if faults:
        return TableReading(None, tuple(faults), tuple(notes))
    outside = U[~made].sum(axis=0)
    if abroad is not None:
        outside = outside + abroad[~made].sum(axis=0)
        abroad = abroad[made]
    if outside.any():
        lost = [p for p, kept in zip(tables.products, made.tolist(), strict=True) if not kept]
        notes.append(
            f"{file}: no industry makes {', '.join(lost)}; what industries spend on them "
            f"({outside.sum():.10g}) stands in imports"
        )
    V, U, q = V[:, made], U[made], q[made]
    Y = final.to_numpy(dtype=np.float64)[made]
    W = primary.to_numpy(dtype=np.float64)
    by_product = model in ("product-technology", "industry-technology")
    try:
        if model == "industry-technology":
            T = V / g[:, None]
        elif model == "fixed-product-sales":
            T = V / q
        elif model == "product-technology":
            T = np.linalg.solve(V.T, np.diag(q))
        else:
            T = np.linalg.solve(V, np.diag(g)).T
    except np.linalg.LinAlgError:
        problem = f"the make matrix has no inverse, which the model {model} needs"
        remedy = "Use industry-technology or fixed-product-sales."
        fault = Fault(file="make", code="no-inverse", problem=problem, remedy=remedy)
        return TableReading(None, (fault,), tuple(notes))
    codes = (
        tuple(p for p, kept in zip(tables.products, made.tolist(), strict=True) if kept)
        if by_product
        else tables.industries
    )
    names = tables.names.get("products" if by_product else "industries", {})
    Z = U @ T if by_product else T @ U
    imports = outside @ T if by_product else outside
    imported = None
    if abroad is not None:
        imported = abroad @ T if by_product else T @ abroad
        imports = imports + imported.sum(axis=0)
    taxes = tables.taxes
    if taxes is not None and by_product:
        taxes = taxes @ T
    recorded: dict[str, tuple[str, FloatArray]] = {}
    total = tables.recorded_totals.get("product output" if by_product else "industry output")
    if total is not None:
        recorded["recorded output"] = ("output", total[made] if by_product else total)
    table = IOTable(
        **about_table(spec),
        codes=codes,
        labels=named(codes, names),
        flows=Z,
        output=q if by_product else g,
        final_demand=pd.DataFrame(
            Y if by_product else T @ Y, columns=final.columns, index=list(codes)
        ),
        value_added=pd.DataFrame(
            W @ T if by_product else W, index=primary.index, columns=list(codes)
        ),
        imported_flows=imported,
        taxes=taxes,
        imports=imports if outside.any() else None,
        recorded_totals=recorded,
        rounding=tables.rounding,
    )
    notes.append(f"make and use were turned symmetric by the model {model}")
    # The inverse brings specks of rounding below zero that are no negative flows.
    speck = 1e-12 * float(np.abs(Z).max(initial=0.0))
    negative_flows = [
        Fault(
            file=file,
            column=codes[j],
            code="negative-flow",
            value=f"{Z[i, j]:.10g}",
            problem=f"the model {model} makes the flow from {codes[i]} to {codes[j]} negative",
            remedy="Use industry-technology or fixed-product-sales.",
        )
        for i, j in np.argwhere(Z + speck < 0).tolist()[:_LISTED]
    ]
    if negative_flows:
        return TableReading(None, tuple(negative_flows), tuple(notes))
    table = replace(table, flows=np.maximum(Z, 0.0))
    return TableReading(table, (), tuple(notes), imports=imports)


# -- the Eurostat layout ---------------------------------------------------------------------------

_BLOCK = re.compile(r"([0-9]{4})\s*[-–]")
_EUROSTAT_FINAL = (
    ("P3_S14", "P3_S15", "P3_S13"),
    ("P51", "P52", "P53"),
    ("P6",),
)
_EUROSTAT_SUMS = (("P3",), ("P5",), ())
_EUROSTAT_VALUE_ADDED = ("D1", "D29_M_D39", "B2G_B3G")
_SUPPLY, _IMPORTED_USE = "1500", "1612"
_USES: Mapping[str, Origin] = {"1611": "domestic", "1610": "total"}
_NO_TABLE = {
    _SUPPLY: "the supply table",
    "1600": "the use table at purchasers' prices",
    "1610": "a use table",
    "1611": "a use table",
    _IMPORTED_USE: "the use table of imports",
}


def read_eurostat(
    path: Path,
    spec: TableSpec,
    *,
    block: str = "",
    file: str | None = None,
    labels: Mapping[str, str] | None = None,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """Read a symmetric table in the layout statistical offices send to Eurostat.

    Codes are ``CPA_A01``, ``P3_S14``, ``B1G`` and so on. A spreadsheet may hold several tables
    one below the other (1700 total, 1800 domestic, 1900 imported): ``block`` says which. Whether
    flows are domestic, imported or total is told by the rows below them. Compensation, other taxes
    and operating surplus are taken in place of their sum, value added.

    Of a total table (rows ``P7`` and ``SUPBP``) imports become a final use ``IMPORTS`` with a minus
    sign, so that x = Z·1 + f·1 with x the domestic output.

    Parameters
    ----------
    path
        XLSX or CSV.
    spec
        What the table is; ``origin`` is taken from the table.
    block
        Number the title of the table begins with; needed where there are several.
    file, labels, sheet, limits
        As for :func:`klaster.loaders.io.symmetric.read_symmetric`.
    """
    grid = read_grid(path, file=file, sheet=sheet, limits=limits)
    if not grid.complete or any(f.severity == "error" for f in grid.faults):
        return TableReading(None, grid.faults, grid.notes)
    titles = _titles(grid)
    offset = 0
    if block or titles:
        found = next((at for number, at in titles if number == block), None)
        if found is None or block in _NO_TABLE:
            return TableReading(None, (_unknown_block(grid.file, block, titles),), grid.notes)
        stop = min((at for _, at in titles if at > found), default=len(grid.rows))
        offset = found + 1
        grid = replace(grid, rows=grid.rows[offset:stop])
    return _shifted(_eurostat_table(_with_name_column(grid), spec, labels), offset)


def _unknown_block(file: str, block: str, titles: Sequence[tuple[str, int]]) -> Fault:
    numbers = [number for number, _ in titles]
    known = ", ".join(n for n in numbers if n not in _NO_TABLE) or "none"
    if {_SUPPLY, *_USES} & set(numbers) >= {_SUPPLY, "1611"}:
        known += "; or 1611 (domestic uses) or 1610 (all uses), turned symmetric with 1500"
    if block in numbers:
        problem = f"table {block} is {_NO_TABLE.get(block, 'no symmetric table')}"
    elif block:
        problem = "the file holds several tables, and none of this number"
    else:
        problem = "the file holds several tables and none was named"
    return Fault(
        file=file,
        code="unknown-block",
        value=block,
        problem=problem,
        remedy=f"Name one of them: {known}.",
    )


@dataclass(frozen=True)
class _Sheet:
    """One of several tables in a sheet: codes in its header and first column, names beside."""

    file: str
    header: tuple[str, ...]
    rows: Mapping[str, tuple[int, tuple[str, ...]]]
    names: Mapping[str, str]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, grid: Grid, number: str) -> _Sheet | None:
        titles = _titles(grid)
        start = next((at for found, at in titles if found == number), None)
        if start is None:
            return None
        stop = min((at for _, at in titles if at > start), default=len(grid.rows))
        at = next((k for k in range(start, stop) if grid.rows[k][0].casefold() == "code"), None)
        if at is None:
            return None
        header, above = grid.rows[at], grid.rows[at - 1]
        rows: dict[str, tuple[int, tuple[str, ...]]] = {}
        names: dict[str, str] = {}
        for k in range(at + 1, stop):
            row = grid.rows[k]
            # Publishers repeat codes below the products: the first of each stands.
            if row and row[0]:
                rows.setdefault(row[0], (k + 1, row))
                names.setdefault(row[0], row[1])
        titles_of = {code: above[k] for k, code in enumerate(header) if k < len(above)}
        return cls(grid.file, header, rows, names, titles_of)

    @property
    def industries(self) -> list[str]:
        """Codes of the header up to the total."""
        codes = list(self.header[2:])
        return codes[: codes.index("TOTAL")] if "TOTAL" in codes else codes

    @property
    def products(self) -> list[str]:
        """Codes of the rows of products."""
        return [row for row in self.rows if row.startswith("CPA_") and row != "CPA_TOTAL"]

    def row_named(self, name: str) -> str:
        """Return the code of the first row with a name that begins so; empty where none does."""
        found = (c for c, n in self.names.items() if normal_name(n).startswith(name))
        return next(found, "")

    def amounts(
        self, rows: Sequence[str], columns: Sequence[str], faults: list[Fault]
    ) -> FloatArray:
        """Return cells as numbers; what is missing or no number becomes a fault."""
        places = [(r, c) for r in rows for c in columns]
        texts = []
        for r, c in places:
            row, at = self.rows[r][1], self.header.index(c)
            texts.append(row[at] if at < len(row) else "")
        parsed = parse_numbers(texts)
        wrong = {fault.position: fault for fault in parsed.faults}
        for k, value in enumerate(parsed.values):
            if value is not None:
                continue
            (r, c), fault = places[k], wrong.get(k)
            code, problem, remedy = (
                (fault.code, fault.problem, fault.remedy)
                if fault is not None and not is_missing_mark(texts[k])
                else (fault.code, fault.problem, "Write 0 where nothing is, or the amount.")
                if fault is not None
                else ("missing-cell", f"the cell of row {r} is empty", "Write 0 where nothing is.")
            )
            faults.append(
                Fault(
                    file=self.file,
                    row=self.rows[r][0],
                    column=c,
                    code=code,
                    value=texts[k],
                    problem=problem,
                    remedy=remedy,
                )
            )
        values = [np.nan if value is None else value for value in parsed.values]
        return np.array(values, dtype=np.float64).reshape(len(rows), len(columns))


def read_eurostat_supply_use(
    path: Path,
    *,
    block: str = "1611",
    file: str | None = None,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> tuple[SupplyUse | None, tuple[Fault, ...]]:
    """Read supply and use tables in the layout statistical offices send to Eurostat.

    One sheet with the supply table 1500 and a use table at basic prices: 1611 of domestic
    products, with the imported ones of 1612 beside them; or 1610 of both together, where imports
    become a final use ``IMPORTS`` with a minus sign. For :func:`symmetric_table`.

    Parameters
    ----------
    path
        XLSX or CSV.
    block
        ``1611`` or ``1610``.
    file, sheet, limits
        As for :func:`klaster.loaders.io.symmetric.read_symmetric`.

    Returns
    -------
    tuple
        The tables, or None; and every fault.

    References
    ----------
    Eurostat (2008). Eurostat Manual of Supply, Use and Input–Output Tables, chapters 3 to 5.
    """
    grid = read_grid(path, file=file, sheet=sheet, limits=limits)
    if not grid.complete or any(f.severity == "error" for f in grid.faults):
        return None, grid.faults
    supply, used, abroad = (_Sheet.of(grid, n) for n in (_SUPPLY, block, _IMPORTED_USE))
    if supply is None or used is None or block not in _USES:
        missing = block if supply is not None else _SUPPLY
        return None, (_unknown_block(grid.file, missing, _titles(grid)),)
    industries, products = supply.industries, supply.products
    sheets = [used] if abroad is None else [used, abroad]
    faults = [
        fault
        for sheet in sheets
        for fault in _other_labels(
            grid.file,
            f"table {_SUPPLY}",
            (industries, sheet.industries),
            (products, sheet.products),
        )
    ]
    uses = _final_uses(used.header)
    items = [row for row in _EUROSTAT_VALUE_ADDED if row in used.rows]
    if len(items) < len(_EUROSTAT_VALUE_ADDED):
        items = [row for row in ("B1G",) if row in used.rows]
    if faults:
        return None, tuple(faults)
    make = supply.amounts(products, industries, faults).T
    use = used.amounts(products, industries, faults)
    final = pd.DataFrame(
        used.amounts(products, uses, faults),
        columns=uses,
        index=[p.removeprefix("CPA_") for p in products],
    )
    primary = pd.DataFrame(used.amounts(items, industries, faults), index=items, columns=industries)
    tax = "D21_M_D31" if "D21_M_D31" in used.rows else used.row_named("taxeslesssubsidies")
    taxes = used.amounts([tax], industries, faults)[0] if tax else None
    imported = None
    if _USES[block] == "total" and "P7" in supply.header:
        final["IMPORTS"] = -supply.amounts(products, ["P7"], faults)[:, 0]
    elif _USES[block] == "domestic" and abroad is not None:
        imported = abroad.amounts(products, industries, faults)
    totals = {}
    if "TOT_CA" in supply.rows:
        totals["industry output"] = supply.amounts(["TOT_CA"], industries, faults)[0]
    if "TOTAL" in supply.header:
        totals["product output"] = supply.amounts(products, ["TOTAL"], faults)[:, 0]
    if faults:
        return None, tuple(faults)
    codes = tuple(p.removeprefix("CPA_") for p in products)
    names = {
        "industries": {c: supply.titles.get(c, c) for c in industries},
        "products": {p.removeprefix("CPA_"): supply.names[p] for p in products},
    }
    return (
        SupplyUse(
            tuple(industries),
            codes,
            make,
            use,
            final,
            primary,
            totals,
            imported_use=imported,
            taxes=taxes,
            names=names,
        ),
        (),
    )


def _final_uses(header: Sequence[str]) -> list[str]:
    """Return the final uses of a table: the parts of each, or their sum where parts lack."""
    uses: list[str] = []
    for parts, sums in zip(_EUROSTAT_FINAL, _EUROSTAT_SUMS, strict=True):
        there = [c for c in parts if c in header]
        uses += there or [c for c in sums if c in header]
    return uses


def _titles(grid: Grid) -> list[tuple[str, int]]:
    """Return number and row (from 0) of each table title."""
    found = []
    for k, row in enumerate(grid.rows):
        match = _BLOCK.match(row[0]) if row and row[0] else None
        if match:
            found.append((match[1], k))
    return found


def _with_name_column(grid: Grid) -> Grid:
    """Call the column of product names beside the codes what the reader knows it as."""
    rows = [list(row) for row in grid.rows]
    for row in rows[:3]:
        if len(row) > 2 and row[0].casefold() in ("code", "codes") and " " in row[1]:
            row[1] = "name"
    return replace(grid, rows=tuple(map(tuple, rows)))


def _eurostat_table(grid: Grid, spec: TableSpec, labels: Mapping[str, str] | None) -> TableReading:
    below = {row[0] for row in grid.rows if row}
    header = next((row for row in grid.rows if "TU" in row or "TFINU" in row), ())
    total = {"P7", "SUPBP"} <= below
    origin = "total" if total else "domestic" if "P1" in below else "imported"
    uses = _final_uses(header)
    parts_there = set(_EUROSTAT_VALUE_ADDED) <= below
    value_added = _EUROSTAT_VALUE_ADDED if parts_there else tuple({"B1G"} & below)
    known_rows = {"P1", "SUPBP", "P7", "DP6A", "D21_M_D31", *value_added}
    products = {label.removeprefix("CPA_") for label in below if label.startswith("CPA_")}
    other_columns = [
        c
        for c in header[1:]
        if c and c not in uses and c not in ("TFINU", "TU", "name") and c not in products
    ]
    spec = replace(
        spec,
        origin=origin,
        output_row="SUPBP" if total else "P1" if origin == "domestic" else "",
        value_added_rows=value_added,
        tax_rows=tuple({"D21_M_D31"} & below),
        imports_rows=("P7",) if total else tuple({"DP6A"} & below),
        final_demand_columns=tuple(uses),
        total_use_columns=tuple(c for c in ("TFINU", "TU") if c in header),
        ignore_rows=tuple(
            sorted(
                label
                for label in below
                if label
                and label not in known_rows
                and (not label.startswith("CPA_") or label == "CPA_TOTAL")
                and label.casefold() not in ("code", "t_rows2")
            )
            + (["P1"] if total and "P1" in below else [])
        ),
        ignore_columns=tuple(sorted({*other_columns, "TOTAL"} & set(header))),
    )
    reading = table_of_grid(grid, spec, labels=labels)
    if reading.table is None or not total:
        return reading
    supply, imports = reading.table.output, reading.imports
    final = reading.table.final_demand.copy()
    final["IMPORTS"] = -imports
    table = replace(
        reading.table,
        output=supply - imports,
        final_demand=final,
        imports=None,
        recorded_totals={"TU": ("output", reading.totals["TU"][1] - imports)}
        if "TU" in reading.totals
        else {},
    )
    notes = tuple(note for note in reading.notes if "is taken for" not in note)
    return replace(
        reading,
        table=table,
        imports=np.zeros(len(table.codes)),
        totals=table.recorded_totals,
        notes=(*notes, f"{grid.file}: output is supply SUPBP less imports P7"),
    )


def _shifted(reading: TableReading, offset: int) -> TableReading:
    """Give faults and places the row numbers of the whole sheet."""
    if not offset:
        return reading
    faults = tuple(replace(f, row=f.row + offset) if f.row else f for f in reading.faults)
    row, name = reading.output_place
    return replace(
        reading,
        faults=faults,
        place=tuple(k + offset for k in reading.place),
        output_place=(row + offset if row else 0, name),
    )


# -- any of them -----------------------------------------------------------------------------------


def recognise(path: Path, *, sheet: str | None = None) -> Format:
    r"""Say which format a file or folder has, from its arrays, its first row or its file names.

    Of a spreadsheet the first sheet is looked at, or the one that is named.

    Raises
    ------
    InputError
        Where the path is not there, or a folder holds no make and use table.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "t.csv"
    ...     _ = path.write_text("V1,KAZ_C24,KAZ_HFCE\nKAZ_C24,1,2\n")
    ...     recognise(path)
    'oecd'
    """
    if path.is_dir():
        make_and_use(path)
        return "bea"
    _refuse_missing(path)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        arrays, _ = _arrays(path, Limits())
        return "wiod" if {"Z", "F", "X"} <= set(arrays) else "oecd"
    if suffix == ".xlsx":
        return "eurostat" if _titles(read_grid(path, sheet=sheet)) else "symmetric"
    with path.open("rb") as stream:
        head = stream.readline(200_000).decode("utf-8", errors="replace")
    cells = [cell.strip().strip("\"'") for cell in re.split(r"[,;\t]", head)]
    if {"TFINU", "P3_S14"} <= set(cells):
        return "eurostat"
    inter_country = [c for c in cells if re.fullmatch(r"[A-Z]{2}[A-Z0-9]_[A-Z][0-9A-Z_]*", c)]
    return "oecd" if len(inter_country) > 1 else "symmetric"


def _refuse_missing(path: Path) -> None:
    if not path.is_file():
        remedy = "Give a file, or a folder with a make and a use table."
        fault = Fault(
            file=path.name,
            code="missing-file",
            value=str(path),
            problem="there is no such file",
            remedy=remedy,
        )
        raise InputError([fault], str(path))


def blocks_of(path: Path, *, sheet: str | None = None) -> tuple[str, ...]:
    """Return the numbers of the tables in a spreadsheet of the Eurostat layout."""
    grid = read_grid(path, sheet=sheet)
    return tuple(number for number, _ in _titles(grid))


def make_and_use(folder: Path) -> tuple[Path, Path]:
    """Return the make and the use table of a folder, known by their names.

    Raises
    ------
    InputError
        Where there is not one of each.
    """
    files = sorted(p for p in folder.iterdir() if re.search(r"\.csv(\.gz)?$", p.name.lower()))
    found = []
    faults = []
    for word in ("make", "use"):
        fitting = [p for p in files if word in re.split(r"[\W_]+", p.name.lower())]
        if len(fitting) == 1:
            found.append(fitting[0])
            continue
        names = ", ".join(p.name for p in fitting) or "none"
        problem = f"the folder has not one {word} table (found: {names})"
        remedy = f"Keep one CSV with the word {word} in its name."
        faults.append(
            Fault(file=str(folder), code=f"no-{word}-table", problem=problem, remedy=remedy)
        )
    if faults:
        raise InputError(faults, str(folder))
    return found[0], found[1]


def read_table(
    path: Path,
    spec: TableSpec,
    *,
    format: Format = "auto",
    block: str = "",
    model: Model = "fixed-product-sales",
    negatives: Negatives = "refuse",
    labels: Mapping[str, str] | None = None,
    encoding: str = "auto",
    decimal: Decimal = "auto",
    sheet: str | None = None,
    limits: Limits | None = None,
) -> TableReading:
    """Read an input–output table of any known format.

    Parameters
    ----------
    path
        A file; for make and use tables the folder that holds both.
    spec
        What the table is; for an inter-country table with ``country``: one to cut out, or ``all``.
    format
        ``symmetric``, ``oecd``, ``wiod``, ``bea``, ``eurostat``; recognised by default.
    block
        Number of the table in a spreadsheet of the Eurostat layout. With 1800 (domestic) the
        imported flows of 1900 are taken along where the sheet has them. With 1611 or 1610 the
        supply and use tables are turned symmetric (:func:`read_eurostat_supply_use`).
    model, negatives
        For make (supply) and use tables, as in :func:`symmetric_table`.
    labels
        Name of each code.
    encoding, decimal
        Of a symmetric table in text (:func:`klaster.loaders.files.reading.read_grid`,
        :func:`klaster.loaders.files.cell_values.parse_numbers`); found out by default.
    sheet
        Sheet of a spreadsheet; the first by default.
    limits
        How large a file may be.

    Raises
    ------
    InputError
        Where the path is not there.
    UnknownNameError
        For another format.
    """
    if format not in get_args(Format):
        raise UnknownNameError("format", format, get_args(Format))
    kind = recognise(path, sheet=sheet) if format == "auto" else format
    if kind != "bea":
        _refuse_missing(path)
    if spec.country and kind not in INTER_COUNTRY:
        return TableReading(None, (_no_countries(path, spec.country, kind),))
    if kind == "oecd":
        names = labels or {code: name["en"] for code, name in sections().items()}
        return _country_needed(spec) or read_oecd(path, spec, labels=names, limits=limits)
    if kind == "wiod":
        refused = _country_needed(spec)
        if refused:
            return refused
        whole, faults = read_wiod_npz(path, year=spec.year or 2011, limits=limits)
        if whole is None or faults:
            return TableReading(None, faults)
        reading = cut_country(whole, spec)
        if reading.table is None:
            return reading
        wiod = labels or WIOD_INDUSTRIES
        titles = tuple(wiod.get(code, code) for code in reading.table.codes)
        return replace(reading, table=replace(reading.table, labels=titles))
    if kind == "bea":
        make, use = make_and_use(path) if path.is_dir() else make_and_use(path.parent)
        tables, faults = read_bea(make, use, limits=limits)
        if tables is None:
            return TableReading(None, faults)
        reading = symmetric_table(tables, spec, model=model, negatives=negatives, file=use.name)
    elif kind == "eurostat" and block in _USES:
        tables, faults = read_eurostat_supply_use(path, block=block, sheet=sheet, limits=limits)
        if tables is None:
            return TableReading(None, faults)
        reading = symmetric_table(
            tables,
            replace(spec, origin=_USES[block]),
            model=model,
            negatives=negatives,
            file=f"{path.name} {block}",
        )
        reading = _without_specks(reading)
    elif kind == "eurostat":
        reading = read_eurostat(path, spec, block=block, labels=labels, sheet=sheet, limits=limits)
        if reading.table is not None and block == "1800":
            imported = read_eurostat(
                path, spec, block="1900", labels=labels, sheet=sheet, limits=limits
            )
            if imported.table is not None:
                note = f"{path.name}: imported flows are those of table 1900"
                table = reading.table.with_imported(imported.table)
                reading = replace(reading, table=table, notes=(*reading.notes, note))
        reading = _without_specks(reading)
    else:
        reading = read_symmetric(
            path,
            spec,
            labels=labels,
            encoding=encoding,
            decimal=decimal,
            sheet=sheet,
            limits=limits,
        )
    if reading.table is None or not labels:
        return reading
    names_given = tuple(labels.get(code, code) for code in reading.table.codes)
    return replace(reading, table=replace(reading.table, labels=names_given))


SPECK = 1e-10
"""Output below this share of the largest is rounding, or a stand-in of the publisher's for zero."""


def _without_specks(reading: TableReading) -> TableReading:
    """Take an industry whose output is rounding only for inactive, and say so."""
    table = reading.table
    if table is None or not np.isfinite(table.output).all():
        return reading
    x = table.output
    specks = np.flatnonzero((x != 0) & (np.abs(x) < SPECK * np.abs(x).max(initial=0.0))).tolist()
    if not specks:
        return reading
    flows, output, final = table.flows.copy(), x.copy(), table.final_demand.copy()
    primary, imported = table.value_added.copy(), table.imported_flows
    flows[specks], flows[:, specks], output[specks] = 0.0, 0.0, 0.0
    final.iloc[specks] = 0.0
    primary.iloc[:, specks] = 0.0
    if imported is not None:
        imported = imported.copy()
        imported[:, specks] = 0.0

    def cleared(values: FloatArray | None) -> FloatArray | None:
        if values is None:
            return None
        values = values.copy()
        values[specks] = 0.0
        return values

    notes = [
        f"industry {table.names[k]}: its output {x[k]:.3g} is rounding or a stand-in; it is taken "
        "for inactive, its row and column for zero"
        for k in specks
    ]
    mended = replace(
        table,
        flows=flows,
        output=output,
        final_demand=final,
        value_added=primary,
        imported_flows=imported,
        taxes=cleared(table.taxes),
        imports=cleared(table.imports),
    )
    return replace(reading, table=mended, notes=(*reading.notes, *notes))


def _no_countries(path: Path, country: str, kind: str) -> Fault:
    return Fault(
        file=path.name,
        code="no-countries",
        value=country,
        problem=f"a country is cut out of an inter-country table ({', '.join(INTER_COUNTRY)}), and this "
        f"one is read as {kind}: it does not say which flows are domestic",
        remedy="Leave --country out; say --origin domestic where all its flows are domestic, or give the "
        "imported flows with --imported. If it is an inter-country table, say --format.",
    )


def _country_needed(spec: TableSpec) -> TableReading | None:
    if spec.country:
        return None
    remedy = "Name one, as KAZ, or all."
    if spec.by_flags:
        remedy = "Name one by --country, as KAZ; or all."
    problem = "the table holds several countries and none was named"
    return TableReading(
        None, (Fault(file=spec.name, code="missing-country", problem=problem, remedy=remedy),)
    )


_LABEL_HEADERS = frozenset({"code", "codes", "код", "коды", "кодоквэд", "кодокэд", "кодтар"})


def read_labels(path: Path, *, encoding: str = "auto") -> dict[str, str]:
    """Read names of industries: a table whose first column is the code, the second the name.

    A first row that says ``code`` or ``name`` is a header; without it the first row is an industry.

    Parameters
    ----------
    path
        CSV, TSV or XLSX.
    encoding
        As for :func:`klaster.loaders.files.reading.read_grid`.

    Raises
    ------
    InputError
        Where the file cannot be read, or a row has no name.
    """
    grid = in_flags(read_grid(path, encoding=encoding))
    rows = [(k, [*row, "", ""]) for k, row in enumerate(grid.rows, start=1) if any(row)]
    if rows and (
        normal_name(rows[0][1][0]) in _LABEL_HEADERS
        or normal_name(rows[0][1][1]) in COLUMN_NAMES["label"]
    ):
        rows = rows[1:]
    faults = [fault for fault in grid.faults if fault.severity == "error"]
    faults += [
        Fault(
            file=path.name,
            row=k,
            code="missing-cell",
            problem="the row has not a code and a name",
            remedy="Give the code in the first column and the name in the second.",
        )
        for k, row in rows
        if not row[0] or not row[1]
    ]
    if not rows and not faults:
        remedy = "Give code and name of each industry, a row each."
        faults = [
            Fault(file=path.name, code="empty-file", problem="the file has no rows", remedy=remedy)
        ]
    if faults:
        raise InputError(faults, path.name)
    return {row[0]: row[1] for _, row in rows}


def named(codes: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the name of each code, the code itself where there is none.

    Examples
    --------
    >>> named(["A", "Z9"], {"A": "Farming"})
    ('Farming', 'Z9')
    """
    return tuple(names.get(code, code) for code in codes)
