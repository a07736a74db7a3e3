"""Make (supply) and use tables: who makes which products, and who buys them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from klaster.graph.content import ByContent, counted, short_repr
from klaster.graph.model import FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class SupplyUse(ByContent):
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

    def __repr__(self) -> str:
        industries = counted(len(self.industries), "industry", "industries")
        return short_repr(self, industries, counted(len(self.products), "product"))
