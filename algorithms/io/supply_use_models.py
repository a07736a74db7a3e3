"""Four models that make a symmetric table of a make and a use table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray
from klaster.graph.supply_use import SupplyUse

Model = Literal[
    "product-technology", "industry-technology", "fixed-industry-sales", "fixed-product-sales"
]
Negatives = Literal["refuse", "aside"]

NEGATIVE_USE = "NEGATIVE_USE"
"""Final use and primary input that negative uses become when they are set aside."""

_LISTED = 20


def symmetric_table(
    tables: SupplyUse,
    *,
    model: Model = "industry-technology",
    negatives: Negatives = "refuse",
    file: str = "use",
    **about: Any,
) -> tuple[IOTable, tuple[str, ...]]:
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
    model
        One of the four.
    negatives
        What to do with negative uses: ``refuse`` names them; ``aside`` moves them to a final use
        and a primary input ``NEGATIVE_USE``, with a note.
    file
        What to call the use table in faults.
    about
        What the table is, as :class:`~klaster.graph.io_table.IOTable` takes it: name, year, unit,
        currency, evidence, source, …

    Returns
    -------
    tuple
        The table, and notes on what was set aside or left out.

    Raises
    ------
    InputError
        Where a use or a flow is negative, an industry makes nothing, or the model needs an inverse
        that there is not.
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
    >>> table, notes = symmetric_table(small, model="fixed-product-sales", name="small", year=2009,
    ...     currency="USD", unit="million USD", evidence="synthetic", source="worked by hand")
    >>> (table.flows / table.output).round(4).tolist()
    [[0.12, 0.0655], [0.1244, 0.0709]]
    """
    for what, given, allowed in (
        ("model", model, get_args(Model)),
        ("policy for negative uses", negatives, get_args(Negatives)),
    ):
        if given not in allowed:
            raise UnknownNameError(what, given, allowed)
    notes: list[str] = []
    U, abroad = tables.use, tables.imported_use
    final, primary = tables.final_demand.copy(), tables.value_added.copy()
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
    V = tables.make
    q, g = V.sum(axis=0), V.sum(axis=1)
    made = q > 0
    faults = _faults(tables, negatives, model, file)
    if faults:
        raise InputError(faults, "the make and use tables")
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
        fault = Fault(file="make", code="no-inverse", problem=problem, remedy=_OTHER_MODELS)
        raise InputError([fault], "the make and use tables") from None
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
        **about,
        codes=codes,
        labels=tuple(names.get(code, code) for code in codes),
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
    notes.append(f"make and use were made a symmetric table by the model {model}")
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
        raise InputError(negative_flows, "the symmetric table")
    return replace(table, flows=np.maximum(Z, 0.0)), tuple(notes)


_OTHER_MODELS = "Use industry-technology or fixed-product-sales."


def _faults(tables: SupplyUse, negatives: str, model: str, file: str) -> list[Fault]:
    """Return negative cells, industries that make nothing, and a make table that is not square."""
    V, inverse_needed = tables.make, model in ("product-technology", "fixed-industry-sales")
    industries, products = tables.industries, tables.products
    nothing_negative = "Correct it: an industry cannot make less than nothing."
    sides = [("make", V, industries, products, nothing_negative)]
    if negatives != "aside":
        remedy = "Correct it, or set negative uses aside: --negatives-aside, in Python negatives='aside'."
        sides.append((file, tables.use, products, industries, remedy))
    if tables.imported_use is not None:
        sides.append(("imported uses", tables.imported_use, products, industries, "Correct it."))
    faults = [
        Fault(
            file=what,
            column=columns[j],
            code="negative-flow",
            value=f"{matrix[i, j]:.10g}",
            problem=f"the cell of row {rows[i]} is negative",
            remedy=remedy,
        )
        for what, matrix, rows, columns, remedy in sides
        for i, j in np.argwhere(matrix < 0).tolist()[:_LISTED]
    ]
    faults += [
        Fault(
            file="make",
            column=industries[k],
            code="zero-output",
            value="0",
            problem="the industry makes nothing",
            remedy="Leave it out of both tables.",
        )
        for k in np.flatnonzero(V.sum(axis=1) == 0).tolist()
    ]
    made = int((V.sum(axis=0) > 0).sum())
    if inverse_needed and made != len(V):
        problem = f"the model {model} needs as many industries as products that are made"
        value = f"{len(V)} × {made}"
        faults.append(
            Fault(
                file="make", code="not-square", value=value, problem=problem, remedy=_OTHER_MODELS
            )
        )
    return faults
