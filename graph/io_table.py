"""A symmetric input–output table: who sells how much to whom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from klaster.graph.content import ByContent, counted, short_repr
from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.industry_groups import imports_beside, industry_groups
from klaster.graph.io_balance import (
    BalanceReport,
    algebra_faults,
    balance,
    below_zero,
    input_sums,
    per_output,
    spectral_radius,
)
from klaster.graph.model import ClusterGraph, FloatArray
from klaster.graph.table_frames import parts_of_frame

Origin = Literal["domestic", "imported", "total"]
OwnUse = Literal["net", "final_use"]

IMPORTED_INPUTS = "IMPORTED_INPUTS"
OWN_USE = "OWN_USE"
"""Columns and rows that a change of view adds, so that the accounts still balance."""


@dataclass(frozen=True, eq=False, repr=False)
class IOTable(ByContent):
    """A symmetric industry-by-industry table of one year.

    Row sells, column buys: ``flows[i, j]`` is the value of deliveries from industry ``i`` to
    industry ``j`` (Z in the literature). Money flow is the transpose and is never stored.

    Attributes
    ----------
    name
        Short ASCII name of the table; becomes ``table_id``.
    codes, labels
        Code and name of each industry, in row order.
    region
        Code of the region or country of each industry; one text where it is the same for all.
    flows
        Intermediate flows Z, n × n, in ``unit``. A zero is a zero; a missing cell is refused
        by the loader.
    output
        Total output x of each industry, n; NaN where the table does not give it.
    final_demand
        Final uses, n rows × one column a use (columns named); may be empty. Rows stand in the
        order of ``codes``: labels that say otherwise are refused.
    value_added
        Primary inputs, one row an item × n columns (rows named); may be empty. Columns stand in
        the order of ``codes``.
    year, currency, unit, price_basis, origin
        What the amounts are: ``unit`` as "million KZT", ``origin`` one of ``domestic``,
        ``imported``, ``total``.
    evidence, source, locator
        How the amounts are known.
    imported_flows
        Inputs from abroad by product and using industry, n × n; None where not known. Beside
        domestic flows they are apart from them, beside total flows they are part of them.
    imported_final
        Final uses of products from abroad, columns named as in ``final_demand``; those it lacks are
        not known. None where no column is. As ``imported_flows``: apart from ``final_demand``
        beside domestic flows, part of it beside total ones.
    taxes
        Taxes less subsidies on products that industries pay for inputs, n; None where not known.
    imports
        Inputs from abroad that stand outside ``flows``, by using industry, n; None where
        ``imported_flows`` says it, or there are none. Given beside ``imported_flows`` it is more
        than their sum: some inputs have no row among the industries.
    recorded_totals
        Totals the source records beside the flows, by their name there: what it was taken for
        (``intermediate use``, ``final use``, ``total use``, ``output``, or of a row of totals one
        of :data:`klaster.graph.io_balance.INPUT_SUMS`) and n amounts. They are
        checked by :meth:`balance` and used for nothing else.
    rounding
        Half a unit of the last printed digit: the rounding error of one cell.
    by_definition
        Identities (``row``, ``column``) of which one side was computed from the other, and how:
        they hold whatever the data, so :meth:`balance` does not check them.

    Examples
    --------
    >>> flows = pd.DataFrame([[150.0, 500.0], [200.0, 100.0]], index=["farm", "mill"],
    ...     columns=["farm", "mill"])
    >>> IOTable.from_frame(flows, output=[1000.0, 2000.0]).codes
    ('farm', 'mill')
    """

    name: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    flows: FloatArray
    output: FloatArray
    year: int
    currency: str
    unit: str
    evidence: str
    source: str
    region: str | tuple[str, ...] = ""
    price_basis: str = "basic"
    origin: str = "total"
    locator: str = ""
    final_demand: pd.DataFrame = field(default_factory=pd.DataFrame)
    value_added: pd.DataFrame = field(default_factory=pd.DataFrame)
    imported_flows: FloatArray | None = None
    taxes: FloatArray | None = None
    imports: FloatArray | None = None
    recorded_totals: Mapping[str, tuple[str, FloatArray]] = field(default_factory=dict)
    rounding: float = 0.0
    imported_final: pd.DataFrame | None = None
    by_definition: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.codes)
        if self.flows.shape != (n, n) or self.output.shape != (n,) or len(self.labels) != n:
            raise ValueError(
                f"table {self.name!r}: {n} codes, {len(self.labels)} labels, flows of shape "
                f"{self.flows.shape} and {self.output.shape[0]} outputs do not fit together"
            )
        wrong = [
            f"{what} of shape {values.shape}"
            for what, values, shape in (
                ("imported flows", self.imported_flows, (n, n)),
                ("taxes", self.taxes, (n,)),
                ("imports", self.imports, (n,)),
            )
            if values is not None and values.shape != shape
        ]
        if self.imported_final is not None and len(self.imported_final) != n:
            wrong.append(f"imported final uses of {len(self.imported_final)} industries")
        if wrong:
            raise ValueError(f"table {self.name!r}: {n} industries, but {', '.join(wrong)}")
        if self.final_demand.shape[1]:
            self._check_industries("rows of final_demand", self.final_demand.index)
        if len(self.value_added):
            self._check_industries("columns of value_added", self.value_added.columns)

    def _check_industries(self, what: str, labels: pd.Index[Any]) -> None:
        """Refuse a frame whose industries are others than the table's, or in another order."""
        given, wanted = [str(label) for label in labels], list(self.codes)
        if len(given) != len(wanted):
            raise ValueError(
                f"table {self.name!r} has {len(wanted)} industries, but {len(given)} {what}: "
                "give one for each industry, in the order of its codes"
            )
        if isinstance(labels, pd.RangeIndex) or given in (wanted, list(self.names)):
            return
        k = next(k for k, pair in enumerate(zip(given, wanted, strict=True)) if pair[0] != pair[1])
        raise ValueError(
            f"table {self.name!r}: the {what} are not its industries in the same order: number "
            f"{k + 1} is {given[k]!r}, the code there is {wanted[k]!r}. Sort them as the codes are "
            "(reindex), or give no labels"
        )

    def _contents(self) -> list[str]:
        found = [repr(self.name), counted(len(self.codes), "industry", "industries")]
        return found + [str(part) for part in (self.year, self.unit or self.currency) if part]

    def __repr__(self) -> str:
        return short_repr(self, *self._contents())

    def _repr_html_(self) -> str:
        name, *contents = self._contents()
        return f"<b>{escape(name)}</b>: {escape(', '.join(contents))}"

    @classmethod
    def from_frame(
        cls,
        flows: pd.DataFrame,
        *,
        final_demand: object = None,
        value_added: object = None,
        output: object = None,
        name: str = "table",
        year: int | None = None,
        currency: str = "",
        unit: str = "",
        region: str = "",
        origin: str = "total",
        price_basis: str = "basic",
        evidence: str = "not-stated",
        source: str = "not stated",
        labels: Mapping[str, str] | None = None,
    ) -> IOTable:
        """Make a table of a square DataFrame: row sells, column buys.

        Parameters
        ----------
        flows
            Z, the same industries on both axes, in any order. Two levels of labels are region and
            industry.
        final_demand, value_added, output
            Final uses, a column a use; primary inputs, an item a row or a column; total output.
            Each is a DataFrame or a Series labelled by industry, in any order, or an array in the
            order of the rows of ``flows``. Output that is not given is computed: flows and final
            uses of the row, else flows and value added of the column; that identity then holds by
            definition, and :meth:`balance` lists it as not checked.
        name, year, currency, unit, region, origin, price_basis, evidence, source
            As in :class:`IOTable`.
        labels
            Name of each industry by code; the code itself where there is none.

        Raises
        ------
        InputError
            With each label that differs, and each cell that is missing or no number; where output
            is neither given nor follows.

        Examples
        --------
        >>> Z = pd.DataFrame([[150, 500], [200, 100]], index=["farm", "mill"],
        ...                  columns=["farm", "mill"])
        >>> table = IOTable.from_frame(Z, final_demand=[350, 1700], name="mb", year=2009)
        >>> table, table.output.tolist()
        (IOTable('mb', 2 industries, 2009), [1000.0, 2000.0])
        """
        parts = parts_of_frame(
            flows, final_demand=final_demand, value_added=value_added, output=output, region=region
        )
        return cls(
            **parts,
            name=name,
            labels=tuple((labels or {}).get(code, code) for code in parts["codes"]),
            year=year or 0,
            currency=currency,
            unit=unit,
            evidence=evidence,
            source=source,
            price_basis=price_basis,
            origin=origin,
        )

    @property
    def regions(self) -> tuple[str, ...]:
        """Region or country code of each industry."""
        return (self.region,) * len(self.codes) if isinstance(self.region, str) else self.region

    @property
    def node_ids(self) -> tuple[str, ...]:
        """Key of each industry: ``table:region:code``."""
        pairs = zip(self.regions, self.codes, strict=True)
        return tuple(f"{self.name}:{region}:{code}" for region, code in pairs)

    @property
    def names(self) -> tuple[str, ...]:
        """Code of each industry, with its region where there are several."""
        if len(set(self.regions)) < 2:
            return self.codes
        return tuple(f"{r}:{c}" for r, c in zip(self.regions, self.codes, strict=True))

    def flows_of(self, origin: Origin) -> FloatArray:
        """Return the flows of one origin, n × n.

        Multipliers, linkages and extraction want ``domestic`` flows (what is bought abroad pulls
        no industry at home); the similarity of technologies wants ``total``.

        Raises
        ------
        InputError
            Where the table does not tell domestic from imported flows.

        Examples
        --------
        >>> table = IOTable("t", ("a", "b"), ("a", "b"), np.array([[1., 2], [3, 4]]),
        ...     np.array([10., 10]), 2020, "USD", "USD", "measured", "made up", origin="domestic",
        ...     imported_flows=np.array([[0., 1], [1, 0]]))
        >>> table.flows_of("total").tolist()
        [[1.0, 3.0], [4.0, 4.0]]
        """
        if origin not in get_args(Origin):
            raise UnknownNameError("origin", origin, get_args(Origin))
        if origin == self.origin:
            return self.flows
        if self.imported_flows is None or self.origin == "imported":
            fault = Fault(
                file=self.name,
                code="unknown-origin",
                value=origin,
                problem=f"the table holds {self.origin} flows and does not say which are imported",
                remedy="Give the table of imported flows too: with_imported().",
            )
            raise InputError([fault], f"table {self.name}")
        if origin == "imported":
            return self.imported_flows
        sign = 1.0 if self.origin == "domestic" else -1.0
        return np.asarray(self.flows + sign * self.imported_flows)

    def view(self, origin: Origin) -> IOTable:
        """Return the table with flows of another origin, its accounts still balanced.

        From domestic to total flows a final use ``IMPORTED_INPUTS`` with a minus sign is added
        (the way back: with a plus), so that Z·1 + f·1 stays output; ``imports`` changes with it.
        Final uses change too where ``imported_final`` says what of them is imported, and
        their sum stands in ``IMPORTED_INPUTS`` as well; other columns stay as they are.

        Raises
        ------
        InputError
            As :meth:`flows_of`.

        Examples
        --------
        >>> table = IOTable("t", ("a",), ("a",), np.array([[1.]]), np.array([10.]), 2020, "USD",
        ...     "USD", "measured", "made up", origin="domestic", imported_flows=np.array([[2.]]),
        ...     final_demand=pd.DataFrame({"C": [9.]}, index=["a"]))
        >>> total = table.view("total")
        >>> total.flows.tolist(), total.final_demand.sum(axis=1).tolist()
        ([[3.0]], [7.0])
        """
        flows = self.flows_of(origin)
        if origin == self.origin:
            return self
        imported = self.flows_of("imported")
        if origin == "imported":
            empty = pd.DataFrame(index=list(self.codes))
            return replace(
                self,
                flows=flows,
                origin=origin,
                imported_flows=None,
                imported_final=None,
                final_demand=empty,
                imports=None,
                recorded_totals={},
            )
        final = self.final_demand.copy()
        if final.shape[1]:
            sign = 1.0 if origin == "domestic" else -1.0
            shift = imported.sum(axis=1) * sign
            abroad = pd.DataFrame() if self.imported_final is None else self.imported_final
            for use in abroad.columns:
                bought = sign * abroad[use].to_numpy(dtype=np.float64)
                final[use] = final[use].to_numpy(dtype=np.float64) - bought
                shift = shift + bought
            if IMPORTED_INPUTS in final:
                shift = shift + final[IMPORTED_INPUTS].to_numpy(dtype=np.float64)
            final[IMPORTED_INPUTS] = shift
            # There and back again leaves rounding, not an amount.
            if not (np.abs(shift) > 1e-12 * np.nanmax(np.abs(self.output), initial=0.0)).any():
                final = final.drop(columns=IMPORTED_INPUTS)
        return replace(
            self,
            flows=flows,
            origin=origin,
            final_demand=final,
            imports=imports_beside(self.imports, imported.sum(axis=0), origin),
            recorded_totals={},
        )

    def with_imported(self, imported: IOTable) -> IOTable:
        """Return the table with the imported flows of another one, of the same industries.

        Its final uses are taken along where both tables have a column of that name, so that a
        total table can tell what households spend at home.

        Raises
        ------
        InputError
            Where the industries are not the same or not in the same order, and where year, currency,
            unit, price basis or origin do not fit together; what one of them leaves empty fits.

        Examples
        --------
        >>> total = IOTable("t", ("a",), ("a",), np.array([[3.]]), np.array([10.]), 2020, "USD",
        ...     "USD", "measured", "made up", final_demand=pd.DataFrame({"C": [7.]}, index=["a"]))
        >>> abroad = replace(total, name="m", flows=np.array([[2.]]), origin="imported",
        ...     final_demand=pd.DataFrame({"C": [1.]}, index=["a"]))
        >>> total.with_imported(abroad).view("domestic").final_demand.loc["a"].to_dict()
        {'C': 6.0, 'IMPORTED_INPUTS': 3.0}
        """
        if (imported.codes, imported.regions) != (self.codes, self.regions):
            other = zip(imported.names, self.names, strict=False)
            k = next((k for k, (a, b) in enumerate(other) if a != b), len(imported.names))
            fault = Fault(
                file=imported.name,
                code="unequal-order",
                value=str(imported.names[k]) if k < len(imported.names) else "",
                problem=f"industry {k + 1} is not that of table {self.name}: the imported flows must have "
                f"its {len(self.codes)} industries in the same order",
                remedy="Sort and complete the table of imported flows.",
            )
            raise InputError([fault], f"table {imported.name}")
        if faults := self._unlike(imported):
            raise InputError(faults, f"table {imported.name}")
        uses = [use for use in self.final_demand.columns if use in imported.final_demand.columns]
        return replace(
            self,
            imported_flows=imported.flows,
            imported_final=imported.final_demand[uses] if uses else None,
            imports=None,
        )

    def _unlike(self, imported: IOTable) -> list[Fault]:
        """Return in what a table of imported flows is no counterpart of this one."""
        faults = [
            Fault(
                file=imported.name,
                column=what,
                code="unlike-tables",
                value=str(theirs),
                problem=f"{what.replace('_', ' ')} is {theirs} in table {imported.name} but {ours} in "
                f"table {self.name}",
                remedy="Give tables of the same year, currency, unit and price basis, or convert one.",
            )
            for what in ("year", "currency", "unit", "price_basis")
            for ours, theirs in [(getattr(self, what), getattr(imported, what))]
            if ours and theirs and ours != theirs
        ]
        if imported.origin != "imported" or self.origin not in ("domestic", "total"):
            faults.append(
                Fault(
                    file=imported.name,
                    column="origin",
                    code="unlike-tables",
                    value=imported.origin,
                    problem=f"table {imported.name} holds {imported.origin} flows and is to stand "
                    f"beside table {self.name} with {self.origin} flows",
                    remedy="Put a table of imported flows beside one of domestic or total flows.",
                )
            )
        return faults

    @property
    def inactive(self) -> tuple[str, ...]:
        """Industries whose output is zero."""
        return tuple(self.names[k] for k in np.flatnonzero(self.output == 0).tolist())

    @property
    def sales_shares(self) -> FloatArray:
        """Σ_j b_ij of each industry: sales to industries over output; 0 where it has none."""
        return per_output(self.flows.sum(axis=1), self.output)

    @property
    def negative_demand(self) -> dict[str, float]:
        """Industries with x_i − Σ_j z_ij below zero by more than rounding, with the amount."""
        left = self.output - self.flows.sum(axis=1)
        below = np.flatnonzero(below_zero(left, self.output, self.rounding)).tolist()
        return {self.names[k]: float(left[k]) for k in below}

    def spectral_radius(self) -> float:
        """Return ρ(A), as :func:`klaster.graph.io_balance.spectral_radius` has it."""
        return spectral_radius(self.flows, self.output)

    def balance(self) -> BalanceReport:
        """Say which accounting identity is off (:func:`klaster.graph.io_balance.balance`).

        Examples
        --------
        >>> table = IOTable("t", ("a", "b"), ("farm", "mill"), np.array([[150., 500], [200, 100]]),
        ...     np.array([1000., 2046]), 2009, "USD", "USD", "paper", "made up",
        ...     final_demand=pd.DataFrame({"FD": [350., 1700]}, index=["a", "b"]))
        >>> [(r.identity, r.industry, r.residual) for r in table.balance().residuals]
        [('row', 'b', 46.0)]
        """
        n, zero = len(self.codes), np.zeros(len(self.codes))
        taxes = zero if self.taxes is None else self.taxes
        imports = zero if self.imports is None else self.imports
        outside = taxes + imports
        if self.imports is None and self.origin == "domestic" and self.imported_flows is not None:
            outside = taxes + self.imported_flows.sum(axis=0)
        final = self.final_demand.to_numpy(dtype=np.float64)
        return balance(
            self.flows,
            self.output,
            final_uses=final if final.size else np.zeros((n, 0)),
            primary_inputs=self.value_added.to_numpy(dtype=np.float64),
            outside_inputs=outside,
            input_totals=input_sums(self.flows, taxes, imports, self.output),
            recorded_totals=self.recorded_totals,
            by_definition=self.by_definition,
            origin=self.origin,
            rounding=self.rounding,
            names=self.names,
            labels=self.labels,
        )

    def faults(self) -> tuple[Fault, ...]:
        """Return what forbids the algebra (:func:`klaster.graph.io_balance.algebra_faults`)."""
        return algebra_faults(self.name, self.flows, self.output, self.names)

    def aggregate(
        self,
        mapping: Mapping[str, str],
        *,
        labels: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> IOTable:
        """Return the table with industries added up into fewer ones.

        Everything is added up, so the identities hold as they did; flows among industries that
        fall together become intra-industry use. For sections or divisions of ISIC 4, NACE 2 and OKED the
        mapping is :func:`klaster.graph.industry_codes.code_mapping`.

        Parameters
        ----------
        mapping
            New code of each code; regions stay apart.
        labels
            Name of each new code; the code itself where not given.
        name
            Name of the new table; the old one by default.

        Returns
        -------
        IOTable
            Regions in their order, the new codes of each sorted.

        Raises
        ------
        InputError
            Naming every code the mapping lacks.

        Examples
        --------
        >>> table = IOTable("t", ("A01", "A02", "B"), ("crops", "wood", "ore"), np.ones((3, 3)),
        ...     np.array([10., 10, 10]), 2020, "USD", "USD", "measured", "made up")
        >>> table.aggregate({"A01": "A", "A02": "A", "B": "B"}).flows.tolist()
        [[4.0, 2.0], [2.0, 1.0]]
        """
        groups, G = industry_groups(self.name, self.regions, self.codes, mapping)
        codes = tuple(code for _, code in groups)

        def added(values: FloatArray | None) -> FloatArray | None:
            return None if values is None else np.asarray(G @ values)

        def added_uses(frame: pd.DataFrame) -> pd.DataFrame:
            amounts = G @ frame.to_numpy(dtype=np.float64)
            return pd.DataFrame(amounts, columns=frame.columns, index=list(codes))

        primary, imported = self.value_added, self.imported_flows
        if len(primary):
            amounts = primary.to_numpy(dtype=np.float64) @ G.T
            primary = pd.DataFrame(amounts, index=primary.index, columns=list(codes))
        largest = int(G.sum(axis=1).max(initial=1.0))
        return replace(
            self,
            name=name or self.name,
            codes=codes,
            labels=tuple((labels or {}).get(code, code) for code in codes),
            region=self.region if isinstance(self.region, str) else tuple(r for r, _ in groups),
            flows=G @ self.flows @ G.T,
            output=G @ self.output,
            final_demand=added_uses(self.final_demand)
            if self.final_demand.shape[1]
            else self.final_demand,
            value_added=primary,
            imported_flows=None if imported is None else np.asarray(G @ imported @ G.T),
            imported_final=None if self.imported_final is None else added_uses(self.imported_final),
            taxes=added(self.taxes),
            imports=added(self.imports),
            recorded_totals={
                total: (what, np.asarray(G @ amounts))
                for total, (what, amounts) in self.recorded_totals.items()
            },
            rounding=self.rounding * largest * largest,
        )

    def without_diagonal(self, own_use: OwnUse) -> IOTable:
        """Return the table without flows of an industry to itself.

        There is no default: on dense tables the diagonal decides about communities and enters
        every multiplier.

        Parameters
        ----------
        own_use
            ``net``: output is reduced by intra-industry use (the net table; L keeps the multipliers of final
            demand in value added). ``final_use``: output stays, that use becomes a final use
            and a primary input ``OWN_USE``.

        Examples
        --------
        >>> table = IOTable("t", ("a", "b"), ("a", "b"), np.array([[150., 500], [200, 100]]),
        ...     np.array([1000., 2000]), 2009, "USD", "USD", "paper", "made up")
        >>> table.without_diagonal("net").output.tolist()
        [850.0, 1900.0]
        """
        if own_use not in get_args(OwnUse):
            raise UnknownNameError("policy for intra-industry use", own_use, get_args(OwnUse))
        own = np.diagonal(self.flows).copy()
        flows = self.flows.copy()
        np.fill_diagonal(flows, 0.0)
        imported = self.imported_flows
        if imported is not None and self.origin == "total":
            imported = imported.copy()
            np.fill_diagonal(imported, 0.0)
        changed = replace(self, flows=flows, imported_flows=imported, recorded_totals={})
        if own_use == "net":
            return replace(changed, output=self.output - own)
        final, primary = self.final_demand.copy(), self.value_added.copy()
        if final.shape[1]:
            final[OWN_USE] = own
        if len(primary):
            primary.loc[OWN_USE] = own
        return replace(changed, final_demand=final, value_added=primary)

    def digest(self) -> str:
        """Return a SHA-256 of what the table holds; the order of the industries does not matter.

        Examples
        --------
        >>> table = IOTable("t", ("a",), ("a",), np.ones((1, 1)), np.array([2.]), 2009, "USD",
        ...     "USD", "paper", "made up")
        >>> table.digest() == replace(table, flows=np.full((1, 1), 1.5)).digest()
        False
        """
        order = sorted(range(len(self.codes)), key=lambda k: (self.regions[k], self.codes[k]))
        about = {
            "name": self.name,
            "industries": [[self.regions[k], self.codes[k], self.labels[k]] for k in order],
            "final_uses": [str(c) for c in self.final_demand.columns],
            "primary_inputs": [str(r) for r in self.value_added.index],
            "year": self.year,
            "amounts": [self.currency, self.unit, self.price_basis, self.origin],
            "known": [self.evidence, self.source, self.locator],
        }
        state = hashlib.sha256(json.dumps(about, ensure_ascii=False, sort_keys=True).encode())
        n = len(order)
        final = self.final_demand.to_numpy(dtype=np.float64)
        primary = self.value_added.to_numpy(dtype=np.float64)
        parts: list[FloatArray | None] = [
            self.flows[np.ix_(order, order)],
            self.output[order],
            final[order] if final.size else None,
            primary[:, order] if primary.size else None,
            None if self.imported_flows is None else self.imported_flows[np.ix_(order, order)],
            None if self.taxes is None else self.taxes[order],
            None if self.imports is None else self.imports[order],
        ]
        for part in parts:
            state.update(b"\x1e" if part is None else np.asarray(part, dtype="<f8").tobytes())
        state.update(str(n).encode())
        if self.imported_final is not None:
            abroad = self.imported_final.to_numpy(dtype=np.float64)[order]
            state.update("\x1f".join(map(str, self.imported_final.columns)).encode())
            state.update(np.asarray(abroad, dtype="<f8").tobytes())
        return state.hexdigest()

    def to_graph(self) -> ClusterGraph:
        """Return the table as ``Industry`` nodes and ``FLOWS_TO`` ties, zero flows left out."""
        primary, final = self.value_added, self.final_demand
        unknown = [float("nan")] * len(self.codes)
        value_added = primary.sum(axis=0).tolist() if len(primary) else unknown
        final_demand = final.sum(axis=1).tolist() if final.shape[1] else unknown
        known: dict[str, Any] = {
            "evidence": self.evidence,
            "source": self.source,
            "locator": self.locator or None,
        }
        nodes = [
            {
                "id": node_id,
                "kind": "Industry",
                "name": self.labels[k],
                "table_id": self.name,
                "code": self.codes[k],
                "region": self.regions[k] or None,
                "year": self.year or None,
                "currency": self.currency,
                "unit": self.unit,
                "output": float(self.output[k]),
                "value_added": float(value_added[k]),
                "final_demand": float(final_demand[k]),
                **known,
            }
            for k, node_id in enumerate(self.node_ids)
        ]
        sellers, buyers = np.nonzero(self.flows)
        ties = [
            {
                "tie_id": f"{self.node_ids[i]}>FLOWS_TO>{self.node_ids[j]}",
                "source_id": self.node_ids[i],
                "target_id": self.node_ids[j],
                "tie_type": "FLOWS_TO",
                "value": float(self.flows[i, j]),
                "unit": self.unit,
                "currency": self.currency,
                "origin": self.origin,
                "price_basis": self.price_basis,
                "year": self.year or None,
                **known,
            }
            for i, j in zip(sellers.tolist(), buyers.tolist(), strict=True)
        ]
        return ClusterGraph.build(nodes, ties)
