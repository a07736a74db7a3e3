"""The report and the quality page: what was found, in words and tables, in every language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from klaster.viz.report.cluster_section import ClusterSection
from klaster.viz.report.contents import Contents, ReportInput
from klaster.viz.report.data_sections import DataSections
from klaster.viz.report.summary_section import SummarySection
from klaster.viz.theme.page import render

_QUALITY_LISTS = ("faults", "rejected", "notes", "dropped_columns")


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Return nested statistics as pairs of name and text."""
    if isinstance(value, Mapping):
        pairs: list[tuple[str, str]] = []
        for key, item in value.items():
            pairs += _flat(item, f"{name} · {key}" if name else str(key))
        return pairs
    if isinstance(value, (list, tuple)):
        return [(name, ", ".join("–" if item is None else str(item) for item in value) or "–")]
    if isinstance(value, float):
        return [(name, f"{value:.6g}")]
    return [(name, "–" if value is None else str(value))]


def report_page(given: ReportInput) -> str:
    """Return the report as the text of one HTML file; write it as UTF-8.

    It says for each declared network and each significant cluster found in all layers together
    who is core, why, on which ties and sources that rests and how sure it is; and for layers
    without significant clusters that there are none. All languages are in the page; it loads
    nothing.

    Parameters
    ----------
    given
        What was found and what it was found in.

    Raises
    ------
    UnknownNameError
        For a language there are no texts for, or a reason without a sentence.

    Examples
    --------
    >>> from klaster.graph.findings import Findings
    >>> from klaster.graph.model import ClusterGraph
    >>> graph = ClusterGraph.build([{"id": "m", "kind": "Actor", "name": "Mill",
    ...     "actor_type": "Firm", "sphere": "business"}], [])
    >>> page = report_page(ReportInput(graph, Findings((), ()), "One mill"))
    >>> page.startswith("<!doctype html>"), "One mill" in page
    (True, True)
    """
    view = Contents(given)
    return render(
        "report.html",
        view,
        given.titles,
        given.languages,
        summary=SummarySection(view),
        cards=ClusterSection(view),
        data=DataSections(view),
    )


def quality_page(given: ReportInput) -> str:
    """Return the page on the quality of the data as the text of one HTML file.

    Books (rows and amounts read, placed, set aside), faults with their next step, notes on what
    was handled, and the statistics, as :attr:`ReportInput.quality` has them.

    Examples
    --------
    >>> from klaster.graph.findings import Findings
    >>> from klaster.graph.model import ClusterGraph
    >>> graph = ClusterGraph.build([], [])
    >>> given = ReportInput(graph, Findings((), ()), "x", quality={"notes": ["ties.csv is cp1251"]})
    >>> "ties.csv is cp1251" in quality_page(given)
    True
    """
    statistics = given.quality.get("statistics", {})
    view = Contents(given, "quality")
    return render(
        "quality.html",
        view,
        given.titles,
        given.languages,
        quality={key: given.quality.get(key) or [] for key in _QUALITY_LISTS},
        statistics=[(str(subject), _flat(values)) for subject, values in statistics.items()],
    )


__all__ = ["ReportInput", "quality_page", "report_page"]
