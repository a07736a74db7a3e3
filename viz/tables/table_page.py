"""The page on an input–output table: balance, linkages, multipliers, clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from klaster.graph.io_balance import BalanceReport
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray
from klaster.viz.charts.table_charts import (
    HEAT_CLASSES,
    MOST_CELLS,
    cluster_order,
    dendrogram,
    heat_map,
    loss_bars,
    quadrants,
    sankey,
)
from klaster.viz.texts.page_texts import Texts
from klaster.viz.texts.store import LANGUAGES, Titles, load, number, percent, title_in, word
from klaster.viz.theme.page import render

MOST_ROWS = 40
MOST_GAPS = 15
MOST_FLOW_CHARTS = 4
_STYLES = ("report.css", "tables.css")


@dataclass(frozen=True)
class TablePage:
    """Everything the page on a table is made of; parts that were not computed are None.

    Attributes
    ----------
    table, balance
        The table the measures were computed of, and whether it adds up.
    titles
        Title, one text or one a language.
    names
        Name by language of a code; the table's labels otherwise.
    linkages
        One row an industry: ``backward_index``, ``backward_spread``, ``forward_index``,
        ``forward_spread``, ``sector_class``.
    multipliers
        By quantity (``output``, ``value added``, ``income``) one row an industry, one column a
        form.
    extraction
        One row an industry: ``own``, ``knock_on``, ``share``.
    clusters
        One row an industry, one column a method; 0 is no cluster.
    method
        The method whose clusters order the drawings.
    methods
        One row a method: ``clusters``, ``industries``, ``wcr``, ``bcr``, ``settings``.
    agreement, shared, unknown
        Of each pair of methods the adjusted Rand index (NaN where it says nothing), the number of
        industries both put into a cluster, and why it has none: ``few``, ``one cluster``, ``all
        alone``.
    skipped
        Methods that were not applied, and why.
    tree, leaves
        Linkage matrix of the similarities and the industry of each leaf.
    technology
        Origin of the flows the similarities are of.
    households
        In words, what was taken for income and spending of households.
    read_as
        Origin, spectral radius and share of own use of the table as read, where the results are
        of other flows than it gives.
    value_added_is_one
        Whether all multipliers of value added are 1 because nothing leaks.
    digest, notes, version
        Of the table; what was handled in reading it; of klaster.
    languages
        Languages of the page, the first one shown at the start.
    """

    table: IOTable
    balance: BalanceReport
    titles: Titles | str
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    linkages: pd.DataFrame | None = None
    multipliers: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    extraction: pd.DataFrame | None = None
    clusters: pd.DataFrame | None = None
    method: str = ""
    methods: pd.DataFrame | None = None
    agreement: pd.DataFrame | None = None
    shared: pd.DataFrame | None = None
    unknown: pd.DataFrame | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)
    tree: FloatArray | None = None
    leaves: Sequence[int] = ()
    technology: str = ""
    households: str = ""
    read_as: tuple[str, float, float] | None = None
    value_added_is_one: bool = False
    digest: str = ""
    notes: Sequence[str] = ()
    version: str = ""
    languages: Sequence[str] = LANGUAGES


class _TableView:
    """What the template shows, computed once."""

    def __init__(self, given: TablePage) -> None:
        self.given, self.t = given, Texts(given.languages, "io")
        table = given.table
        self.codes = table.names
        self.names: list[Mapping[str, str] | str] = [
            given.names.get(code) or label
            for code, label in zip(table.codes, table.labels, strict=True)
        ]
        size = np.nan_to_num(table.output)
        self.largest = sorted(range(len(self.codes)), key=lambda k: (-float(size[k]), k))
        self.shown = sorted(self.largest[:MOST_ROWS])
        self.labels: list[int] = []
        if given.clusters is not None:
            self.labels = [int(c) for c in given.clusters[given.method].tolist()]
            x = np.where(table.output > 0, table.output, 1.0)
            A = np.where(table.output > 0, table.flows / x, 0.0)
            self.order = cluster_order(self.labels, size)
            self.heat, self.heat_cells_left_out = heat_map(
                A, self.labels, self.order, self.codes, self.names, self.t
            )
            self.heat_cells_drawn = MOST_CELLS

    def name(self, k: int) -> Markup:
        """Return code and name of an industry."""
        code, name = self.codes[k], self.names[k]
        return self.t.each(
            lambda lang: code if title_in(name, lang) == code else f"{code} {title_in(name, lang)}"
        )

    @property
    def method_name(self) -> Callable[[str], str]:
        """The method that orders the drawings, as a function of the language."""
        return partial(_known, f"method_{self.given.method}", self.given.method)

    @property
    def unit(self) -> str | Callable[[str], str]:
        """The unit of the amounts, or the words that none is stated."""
        table = self.given.table
        return table.unit or table.currency or partial(word, "io", "unit_not_stated")

    def _title(self, k: int, lang: str) -> str:
        return title_in(self.names[k], lang)

    def lead(self) -> list[Markup]:
        """Say in a few sentences what the table is and what was found."""
        given, t, table = self.given, self.t, self.given.table
        year, origin = str(table.year), partial(word, "io", f"origin_{table.origin}")
        said = [t.say("lead", n=len(table.codes), year=year, unit=self.unit, origin=origin)]
        if given.linkages is not None:
            classes = given.linkages["sector_class"].tolist()
            keys = [k for k in self.largest if classes[k] == "key"]

            def called(k: int, lang: str) -> str:
                doubtful = self.codes[k] in table.negative_demand
                mark = f" ({word('io', 'oversold_mark', lang)})" if doubtful else ""
                return f"{self._title(k, lang)}{mark}"

            names = partial(_listed, keys, called)
            said.append(t.say("lead_key", names=names) if keys else t.say("lead_no_key"))
        if given.clusters is not None and given.agreement is not None:
            values = given.agreement.to_numpy(dtype=np.float64)
            pairs = values[np.triu_indices(len(values), 1)]
            known = pairs[np.isfinite(pairs)]
            said.append(
                t.say(
                    "lead_clusters" if len(known) else "lead_clusters_unknown",
                    method=self.method_name,
                    n=max(self.labels, default=0),
                    ari=float(known.mean()) if len(known) else math.nan,
                    known=len(known),
                    pairs=len(pairs),
                )
            )
        return said

    def _identity(self, name: str) -> Markup:
        if name in ("row", "column"):
            return self.t.say(f"identity_{name}")
        return self.t.say("identity_other", name=name)

    def identities(self) -> list[tuple[Markup, Markup]]:
        """Return each identity with its largest gap, or why it was not checked."""
        found = [
            (self._identity(name), self.t.each(partial(_gap, worst)))
            for name, worst in self.given.balance.checked.items()
        ]
        return found + [
            (
                self._identity(name),
                self.t.say("not_checked", why=partial(_known, f"why_{why}", why)),
            )
            for name, why in self.given.balance.not_checked.items()
        ]

    def soundness(self) -> Markup:
        """Say spectral radius and own use; of both tables where results are of another view."""
        balance, table = self.given.balance, self.given.table
        if self.given.read_as is None:
            return self.t.say("radius", value=balance.spectral_radius, own=balance.own_use_share)
        read, radius, share = self.given.read_as
        total = float(table.flows.sum())
        return self.t.say(
            "radius_two",
            read=partial(word, "io", f"origin_{read}"),
            value=radius,
            own=share,
            used=partial(word, "io", f"origin_{table.origin}"),
            value_used=table.spectral_radius(),
            own_used=float(np.trace(table.flows)) / total if total else 0.0,
        )

    def oversold(self) -> Markup | None:
        """Warn of industries that sell to industries more than they make; None without any."""
        left, shares = self.given.table.negative_demand, self.given.table.sales_shares
        if not left:
            return None
        at = {code: k for k, code in enumerate(self.codes)}

        def called(code: str, lang: str) -> str:
            return f"{self._title(at[code], lang)} ({percent(float(shares[at[code]]), lang)})"

        key = "oversold_total" if self.given.table.origin == "total" else "oversold"
        order = sorted(left, key=lambda code: (left[code], code))
        return self.t.say(key, names=partial(_listed, order, called))

    def gaps(self) -> list[tuple[Markup, Markup, Markup, Markup, Markup]]:
        """Return the largest residuals: identity, industry, recorded, computed, gap."""
        at, t = {code: k for k, code in enumerate(self.codes)}, self.t
        return [
            (
                self._identity(found.identity),
                self.name(at[found.industry]),
                t.number(found.recorded),
                t.number(found.computed),
                t.each(partial(_small, found.residual)),
            )
            for found in self.given.balance.residuals[:MOST_GAPS]
        ]

    def rest(self) -> Markup:
        """Say that a table was cut, where it was."""
        n = len(self.codes)
        if n <= MOST_ROWS:
            return Markup("")
        return Markup('<p class="quiet">{}</p>').format(
            self.t.say("others_shown", n=n, k=MOST_ROWS)
        )

    def quadrants(self) -> Markup:
        """Draw the linkages."""
        table = self.given.linkages
        assert table is not None
        return quadrants(
            table["backward_index"].to_numpy(dtype=np.float64),
            table["forward_index"].to_numpy(dtype=np.float64),
            [str(c) for c in table["sector_class"].tolist()],
            self.given.table.output,
            self.codes,
            self.names,
            self.t,
        )

    def multipliers(self) -> dict[str, Any]:
        """Return all forms side by side."""
        heads, columns = [], []
        for quantity, table in self.given.multipliers.items():
            forms = [
                str(form)
                for form in table.columns
                # Of output the direct coefficient is 1 and the ratio is the effect.
                if quantity != "output" or form in ("type I", "type II")
            ]
            heads.append(
                (self.t.known("quantity", quantity), [self.t.known("form", f) for f in forms])
            )
            columns += [table[form].tolist() for form in forms]
        rows = [
            {"name": self.name(k), "cells": [self.t.number(c[k], 3) for c in columns]}
            for k in self.shown
        ]
        return {"heads": heads, "rows": rows}

    def bars(self) -> Markup:
        """Draw the losses by extraction."""
        table = self.given.extraction
        assert table is not None
        own, knock_on, share = (
            table[name].to_numpy(dtype=np.float64) for name in ("own", "knock_on", "share")
        )
        return loss_bars(own, knock_on, share, self.codes, self.names, self.t)

    def skipped(self) -> Markup:
        """Say which methods were not applied, and why."""
        left = self.given.table.negative_demand
        at = {code: k for k, code in enumerate(self.codes)}

        def called(method: str, lang: str) -> str:
            why = self.given.skipped[method]
            reason = _known(f"why_{why}", why, lang)
            if method == "minimal flow analysis" and left:
                lowest = min(left, key=lambda code: (left[code], code))
                name, amount = self._title(at[lowest], lang), left[lowest]
                reason = self.t.filled("why_negative_demand", lang, name=name, amount=amount)
            return f"{_known(f'method_{method}', method, lang)} ({reason})"

        names = partial(_listed, list(self.given.skipped), called, most=len(self.given.skipped))
        return self.t.say("skipped", names=names)

    def agreement(self) -> dict[str, Any]:
        """Return the matrix of agreement."""
        table = self.given.agreement
        assert table is not None
        heads = [self.t.known("method", str(name)) for name in table.columns]
        values = table.to_numpy(dtype=np.float64)
        k = len(values)
        shared = None if self.given.shared is None else self.given.shared.to_numpy().tolist()
        unknown = None if self.given.unknown is None else self.given.unknown.to_numpy().tolist()

        def cell(i: int, j: int) -> dict[str, Any]:
            value = float(values[i, j])
            if math.isfinite(value):
                n = "" if shared is None or i == j else f"({shared[i][j]})"
                return {"value": self.t.number(value, 2), "beside": n}
            why = "" if unknown is None else str(unknown[i][j])
            return {"value": "–", "beside": self.t.known("unknown", why) if why else ""}

        pairs = values[np.triu_indices(k, 1)]
        return {
            "heads": heads,
            "rows": [
                {"name": head, "cells": [cell(i, j) for j in range(k)]}
                for i, head in enumerate(heads)
            ],
            "known": int(np.isfinite(pairs).sum()),
            "pairs": len(pairs),
        }

    def cluster_rows(self) -> list[dict[str, Any]]:
        """Return clusters by industry, in the order of the heat map."""
        table = self.given.clusters
        assert table is not None
        values = table.to_numpy().tolist()
        shown = set(self.shown)
        return [
            {"name": self.name(k), "cells": [str(c) if c else "–" for c in values[k]]}
            for k in self.order
            if k in shown
        ]

    def heat_key(self) -> list[tuple[str, Markup]]:
        """Return the classes of the heat map."""

        def under(lang: str) -> str:
            return f"< {number(HEAT_CLASSES[0], lang)}"

        key = [("w0", self.t.each(under))]
        for shade, low in enumerate(HEAT_CLASSES, start=1):

            def span(lang: str, shade: int = shade, low: float = low) -> str:
                if shade == len(HEAT_CLASSES):
                    return f"≥ {number(low, lang)}"
                return f"{number(low, lang)} – {number(HEAT_CLASSES[shade], lang)}"

            key.append((f"w{shade}", self.t.each(span)))
        return [*key, ("wo", self.t.say("own_use"))]

    def tree(self) -> Markup:
        """Draw the dendrogram."""
        assert self.given.tree is not None
        return dendrogram(
            self.given.tree, self.given.leaves, self.labels, self.codes, self.names, self.t
        )

    def flows(self) -> list[dict[str, Any]]:
        """Draw the flows of the largest clusters that have any."""
        found: list[dict[str, Any]] = []
        for cluster in range(1, max(self.labels, default=0) + 1):
            members = [k for k in self.order if self.labels[k] == cluster]
            drawing = sankey(self.given.table.flows, members, self.codes, self.names, self.t)
            if drawing is None or len(found) == MOST_FLOW_CHARTS:
                continue
            named = partial(_listed, members, self._title, most=25)
            found.append({"number": cluster, "members": self.t.each(named), "drawing": drawing})
        return found

    def about(self) -> list[tuple[Markup, Markup | str]]:
        """Return where the table comes from and what was used."""
        given, t, table = self.given, self.t, self.given.table
        rows: list[tuple[Markup, Markup | str]] = [
            (t.say("source"), "; ".join(x for x in (table.source, table.locator) if x) or "–"),
            (t.say("evidence"), t.known("evidence", table.evidence)),
            (t.say("flows_used"), t.say(f"origin_{table.origin}")),
        ]
        if given.technology:
            rows.append((t.say("technology_used"), t.say(f"origin_{given.technology}")))
        if given.households:
            rows.append((t.say("households_used"), given.households))
        if given.digest:
            rows.append((t.say("digest"), given.digest))
        if given.version:
            rows.append((t.say("version"), given.version))
        return rows


def _known(key: str, otherwise: str, lang: str) -> str:
    return str(load(lang)["io"].get(key, otherwise))


def _listed(
    items: Sequence[Any], called: Callable[[Any, str], str], lang: str, *, most: int = 12
) -> str:
    """Name the first items, and say how many more there are."""
    more = f" (+{len(items) - most})" if len(items) > most else ""
    return "; ".join(called(item, lang) for item in items[:most]) + more


def _gap(share: float, lang: str) -> str:
    """Return a relative gap with the digits that tell something.

    Examples
    --------
    >>> _gap(0.0, "en"), _gap(4.37e-07, "ru")
    ('0', '4,4e-07')
    """
    text = f"{share:.1e}" if share else "0"
    return text if lang == "en" else text.replace(".", ",")


def _small(value: float, lang: str) -> str:
    """Return an amount; a small one is not shown as zero.

    Examples
    --------
    >>> _small(-46.0, "en"), _small(1.5e-7, "en")
    ('−46', '1.5e-07')
    """
    return number(value, lang) if abs(value) >= 0.001 else _gap(value, lang)


def table_page(given: TablePage) -> str:
    """Return the page on an input–output table as the text of one HTML file.

    Balance, linkages in their quadrants, multipliers in all forms, losses by extraction, clusters by
    every method with their agreement, a heat map ordered by cluster, a dendrogram and the largest
    flows inside each cluster. An estimated or synthetic table is marked at the top. All
    languages are in the page; it loads nothing.

    Parameters
    ----------
    given
        What was computed; parts that are None are left out.

    Raises
    ------
    UnknownNameError
        For a language there are no texts for.

    Examples
    --------
    >>> table = IOTable("t", ("a",), ("farm",), np.array([[1.0]]), np.array([10.0]), 2020, "USD",
    ...     "USD", "estimated", "made up")
    >>> page = table_page(TablePage(table, table.balance(), "One industry"))
    >>> "One industry" in page, "ESTIMATED" in page
    (True, True)
    """
    return render("table.html", _TableView(given), given.titles, given.languages, styles=_STYLES)
