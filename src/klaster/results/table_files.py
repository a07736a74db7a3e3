"""What was computed of an input–output table, as files and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from klaster.algorithms.io.table_measures import (
    all_one,
    evidence_notes,
    head_of,
    side_by_side,
)
from klaster.graph.content import ByContent, counted, short_repr
from klaster.graph.industry_codes import sections
from klaster.graph.io_balance import BalanceReport
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray
from klaster.loaders.table_source import TableSource
from klaster.results.folder import MARK, whole_folder, write_csv, write_json

if TYPE_CHECKING:
    from klaster.algorithms.identification.methods import Identification


ORDERING = ("Feser–Bergman", "principal components", "Czamanski–Ablas", "direct links")
"""Method whose clusters order the drawings: the first of these that was applied."""


@dataclass(frozen=True, eq=False, repr=False)
class TableAnalysis(ByContent):
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
        One row an industry: code, name, output and every structural measure of the parts that were
        asked for.
    linkages, linkage_definition
        Linkages by industry, and which definition; None and empty where not asked for.
    multipliers
        By quantity, one row an industry, one column a form; None where not asked for.
    households
        In words, what was taken for income and spending of households.
    extraction
        Losses by extraction of each industry; None where not asked for.
    identification
        Clusters by every method; None where not computed.
    notes
        How the table is known where it was not observed, totals that are off; what was handled and
        what was left out, and why.
    settings
        What the results depend on.
    """

    source: TableSource
    table: IOTable
    balance: BalanceReport
    industries: pd.DataFrame
    linkages: pd.DataFrame | None
    linkage_definition: str
    multipliers: Mapping[str, pd.DataFrame] | None
    households: str
    extraction: pd.DataFrame | None
    identification: Identification | None
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def __repr__(self) -> str:
        table, off = self.source.table, len(self.balance.residuals)
        marks = [f"evidence {table.evidence.replace('-', ' ')}"] if evidence_notes(table) else []
        marks += [f"{counted(off, 'total')} off"] if off else []
        return short_repr(self, repr(table), *marks, *self.settings["parts"])

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes but for those on evidence and balance, which pages show in their own place."""
        shown = {*evidence_notes(self.source.table), *self.balance.gaps()}
        return tuple(note for note in self.notes if note not in shown)

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
    from klaster.viz.tables.table_page import table_page

    with whole_folder(out) as folder:
        for name, table in _result_tables(analysis).items():
            write_csv(table, folder / f"{name}.csv")
        (folder / "io.html").write_text(table_page(page_of(analysis)), encoding="utf-8")
        return finish(
            folder,
            out,
            {
                "table": analysis.source.table.name,
                "table_digest": analysis.source.table.digest(),
                "settings": dict(analysis.settings),
                "notes": list(analysis.notes),
            },
        )


def finish(folder: Path, out: Path, record: dict[str, Any]) -> dict[str, Path]:
    """Write the record of a run beside its files; return the paths they will have."""
    names = sorted(path.name for path in folder.iterdir())
    record["versions"] = {p: version(p) for p in ("klaster", "numpy", "scipy", "pandas")}
    record["files"] = {n: sha256((folder / n).read_bytes()).hexdigest() for n in names}
    write_json(record, folder / MARK)
    return {name: out / name for name in [*names, MARK]}


def _result_tables(analysis: TableAnalysis) -> dict[str, pd.DataFrame]:
    head = head_of(analysis.table)
    found = {"balance": _balance_table(analysis.balance), "industries": analysis.industries}
    if analysis.linkages is not None:
        found["linkages"] = pd.concat([head, analysis.linkages], axis=1)
    if analysis.multipliers is not None:
        found["multipliers"] = pd.concat([head, side_by_side(analysis.multipliers)], axis=1)
    if analysis.extraction is not None:
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
    """Return what the page on a table is made of (:class:`klaster.viz.tables.table_page.TablePage`)."""
    from klaster.viz.tables.table_page import TablePage

    table, found = analysis.table, analysis.identification
    known = sections()
    named = {
        code: known[code]
        for code, label in zip(table.codes, table.labels, strict=True)
        if code in known and label in (code, known[code]["en"])
    }
    read, balance = analysis.source.table, analysis.balance
    same = np.array_equal(read.flows, table.flows) and read.origin == table.origin
    multipliers = analysis.multipliers or {}
    values = multipliers.get("value added")
    page = TablePage(
        table=table,
        balance=balance,
        titles=analysis.source.titles or {"en": table.name},
        names=named,
        linkages=analysis.linkages,
        multipliers=multipliers,
        extraction=analysis.extraction,
        households=analysis.households,
        read_as=None if same else (read.origin, balance.spectral_radius, balance.own_use_share),
        value_added_is_one=values is not None and all_one(values),
        digest=analysis.source.table.digest(),
        notes=analysis.remarks,
        version=version("klaster"),
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
