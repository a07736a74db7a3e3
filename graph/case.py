"""A case: what is to be analysed, from a folder or put together in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from klaster.graph.content import ByContent, counted, short_repr
from klaster.graph.io_table import IOTable
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import QualityReport
from klaster.graph.settings import AnalysisSettings, Network, Statement

INDICATOR_TYPES = {
    "region": "str",
    "year": "int64",
    "indicator": "str",
    "value": "float64",
    "unit": "str",
    "source": "str",
    "evidence": "str",
}
"""Columns of a table of indicators, and how each is held."""


def _no_indicators() -> pd.DataFrame:
    return pd.DataFrame(columns=list(INDICATOR_TYPES)).astype(INDICATOR_TYPES)


@dataclass(frozen=True, eq=False, repr=False)
class Case(ByContent):
    """What is to be analysed. Only the graph is needed; cases are equal by content.

    Attributes
    ----------
    graph
        Actors, regions, products and all ties, whatever their status; and the industries and
        flows of the table.
    name, titles, year, currency, note
        What it is called (``titles`` by language: en, ru, kk; the name where none is given), its
        reference year and currency.
    table
        The input–output table; None without one.
    indicators
        region, year, indicator, value, unit, source, evidence; sorted.
    boundaries
        GeoJSON whose features have a property ``code``; None without any.
    classification
        code, name and what else is known of the industries, sorted by code; None without any.
    sources
        What is known of each source by its short name, as its full ``reference``.
    networks
        The networks the case declares.
    settings
        How it is to be analysed.
    experts
        What experts say of its clusters; the ties they state are in the graph.
    report
        What was set aside, what was handled, and what the data are like.
    input_digests
        SHA-256 of each input. Of tables of rows it is taken of the content and does not depend
        on the order of the rows, of the other files of the bytes.
    file_digests
        SHA-256 of the bytes of each file.
    folder
        The folder it was read from; None where there is none.
    notes
        What whoever reads results must know: how the inputs were read, what was not used.

    Examples
    --------
    >>> case = Case(ClusterGraph.build(nodes=[], ties=[]), name="empty")
    >>> case
    Case('empty', 0 nodes, 0 ties)
    >>> case == Case(ClusterGraph.build(nodes=[], ties=[]), name="empty")
    True
    """

    graph: ClusterGraph
    name: str = "ties"
    titles: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None
    currency: str = ""
    note: str = ""
    table: IOTable | None = None
    indicators: pd.DataFrame = field(default_factory=_no_indicators)
    boundaries: dict[str, Any] | None = None
    classification: pd.DataFrame | None = None
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    networks: tuple[Network, ...] = ()
    settings: AnalysisSettings = field(default_factory=AnalysisSettings)
    experts: tuple[Statement, ...] = ()
    report: QualityReport = field(default_factory=QualityReport)
    input_digests: Mapping[str, str] = field(default_factory=dict)
    file_digests: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.titles:
            object.__setattr__(self, "titles", {"en": self.name})

    def __repr__(self) -> str:
        return short_repr(self, repr(self.name), *self._contents())

    def _repr_html_(self) -> str:
        return f"<b>{escape(self.name)}</b>: {escape(', '.join(self._contents()))}"

    def _contents(self) -> list[str]:
        found = [counted(len(self.graph), "node"), counted(len(self.graph.ties), "tie")]
        if self.table is not None:
            found.append(f"a table of {counted(len(self.table.codes), 'industry', 'industries')}")
        return found
