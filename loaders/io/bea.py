"""Make and use tables of the US Bureau of Economic Analysis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError
from klaster.graph.model import FloatArray
from klaster.graph.supply_use import SupplyUse
from klaster.loaders.files.grid import Limits
from klaster.loaders.io.code_matrix import read_code_matrix


def read_bea(make: Path, use: Path, *, limits: Limits | None = None) -> SupplyUse:
    """Read make and use tables in the layout of the US Bureau of Economic Analysis.

    Make: a row an industry, a column a product. Use: a row a product and, below, value added
    (``V00100`` …); a column an industry and, to the right, final uses (``F01000`` …). Codes that
    begin with ``T0`` are totals: those of output are kept to be checked. CSV, also compressed.

    Raises
    ------
    InputError
        With every fault of both files.
    """
    tables, faults = [], list[Fault]()
    for path in (make, use):
        try:
            tables.append(read_code_matrix(path, file=path.name, limits=limits or Limits()))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults, make.parent.name)
    made, used = tables
    industries = [r for r in made.index if not r.startswith("T0")]
    products = [c for c in made.columns if not c.startswith("T0")]
    buyers = [c for c in used.columns if not c.startswith(("T0", "F"))]
    bought = [r for r in used.index if not r.startswith(("T0", "V0"))]
    if faults := other_labels(use.name, make.name, (industries, buyers), (products, bought)):
        raise InputError(faults, use.name)

    def amounts(table: pd.DataFrame, rows: list[str], columns: list[str]) -> FloatArray:
        return table.loc[rows, columns].to_numpy(dtype=np.float64)

    totals = {}
    if "T008" in made.columns:
        totals["industry output"] = amounts(made, industries, ["T008"])[:, 0]
    if "T007" in made.index:
        totals["product output"] = amounts(made, ["T007"], products)[0]
    whole_numbers = all((table.to_numpy() % 1 == 0).all() for table in tables)
    return SupplyUse(
        industries=tuple(industries),
        products=tuple(products),
        make=amounts(made, industries, products),
        use=amounts(used, products, industries),
        final_demand=used.loc[products, [c for c in used.columns if c.startswith("F")]],
        value_added=used.loc[[r for r in used.index if r.startswith("V0")], industries],
        recorded_totals=totals,
        rounding=0.5 if whole_numbers else 0.0,
    )


def other_labels(
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
            found.append(Fault(
                file=file, column=column, code=f"missing-{axis}", value=value, problem=problem,
                remedy=remedy,
            ))  # fmt: skip
    return found


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
