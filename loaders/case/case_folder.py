"""A case folder becomes one checked case: graph, table, indicators, boundaries, quality report.

All files are read and checked before anything is said, so that one run names every fault of every
file. Nothing is written.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from klaster.graph.affiliations import with_affiliations
from klaster.graph.case import Case
from klaster.graph.errors import InputError
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import QualityReport
from klaster.graph.settings import Progress
from klaster.loaders.case.books import report_of
from klaster.loaders.case.case_file import read_settings
from klaster.loaders.case.checker import CASE_FILE
from klaster.loaders.case.graph_of_rows import GraphRows, build_graph, rows_of_graph
from klaster.loaders.case.input_indicators import (
    classification_table,
    indicator_table,
    source_table,
)
from klaster.loaders.case.inputs import ORDER, CaseInputs, read_inputs
from klaster.loaders.files.grid import Limits

_STEPS = (CASE_FILE, *ORDER, "graph", "statistics")


def load_case(
    folder: Path,
    *,
    strict: bool = False,
    set_aside: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Case:
    """Read a case folder, check all of it, and return the case.

    Parameters
    ----------
    folder
        A folder with ``case.toml`` and the files it names.
    strict
        Treat warnings as errors.
    set_aside
        Leave rows at fault out (they are in ``report.rejected``) and go on with the others. What is
        wrong with a file as a whole (a missing column, an encoding) still stops.
    progress
        Called as ``progress(what, done, total)``.
    limits
        How large a file may be.

    Raises
    ------
    InputError
        With all faults of all files.

    Examples
    --------
    >>> import tempfile
    >>> from klaster.loaders.case.new_case import new_case
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = new_case(Path(folder) / "steel_valley")
    ...     case = load_case(Path(folder) / "steel_valley")
    >>> case.name, case.report.balanced
    ('steel_valley', True)
    """
    folder = Path(folder)
    case, report = _read(
        folder, strict=strict, set_aside=set_aside, progress=progress, limits=limits or Limits()
    )
    if case is None:
        faults = report.faults
        if strict:
            faults = tuple(replace(fault, severity="error") for fault in faults)
        raise InputError(faults, f"the case in {folder.name or folder}")
    return case


def check_case(
    folder: Path,
    *,
    set_aside: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> tuple[Case | None, QualityReport]:
    """Read a case folder and return the case, or None where faults forbid it, and the report.

    Faults are in the report and never raised. Parameters are those of :func:`load_case`.

    Examples
    --------
    >>> case, report = check_case(Path("nowhere"))
    >>> case is None, report.faults[0].code
    (True, 'missing-file')
    """
    return _read(
        Path(folder), strict=False, set_aside=set_aside, progress=progress,
        limits=limits or Limits(),
    )  # fmt: skip


def _read(
    folder: Path, *, strict: bool, set_aside: bool, progress: Progress | None, limits: Limits
) -> tuple[Case | None, QualityReport]:
    """Read → check → place → account: each step takes what the one before returned."""

    def step(name: str) -> None:
        if progress is not None:
            progress(name, _STEPS.index(name), len(_STEPS))

    step(CASE_FILE)
    settings, faults = read_settings(folder)
    if settings is None:
        return None, QualityReport(False, faults=faults)
    inputs = read_inputs(settings, faults, set_aside=set_aside, limits=limits, step=step)
    step("graph")
    inputs, rows, graph = _place(inputs, strict=strict)
    step("statistics")
    report = report_of(inputs, rows, graph)
    if graph is None:
        return None, report
    graph = with_affiliations(graph)
    report = replace(report, notes=(*report.notes, *graph.notes))
    if progress is not None:
        progress("done", len(_STEPS), len(_STEPS))
    return _case(inputs, graph, report), report


def _place(
    inputs: CaseInputs, *, strict: bool
) -> tuple[CaseInputs, GraphRows | None, ClusterGraph | None]:
    """Build the graph; rows it refuses are at fault, and are set aside where that is asked for."""
    rows = graph = None
    while graph is None and not inputs.obstacles(strict=strict):
        rows = rows_of_graph(inputs)
        graph, refused = build_graph(rows, inputs.table.table if inputs.table is not None else None)
        before = inputs.all_faults
        inputs = inputs.with_faults(refused)
        if inputs.all_faults == before:
            break
    return inputs, rows, graph


def _case(inputs: CaseInputs, graph: ClusterGraph, report: QualityReport) -> Case:
    settings, rows = inputs.settings, inputs.rows
    digests = sorted(inputs.digests, key=lambda digest: digest.file)
    return Case(
        graph=graph,
        name=settings.name,
        titles=settings.titles,
        year=settings.year,
        currency=settings.currency,
        note=settings.note,
        table=inputs.table.table if inputs.table is not None else None,
        indicators=indicator_table(rows.get("indicators")),
        boundaries=inputs.boundaries,
        classification=classification_table(rows.get("classification")),
        sources=source_table(rows.get("sources")),
        networks=settings.networks,
        settings=settings.analysis,
        experts=settings.experts,
        report=report,
        input_digests={digest.file: digest.content for digest in digests},
        file_digests={digest.file: digest.bytes for digest in digests},
        folder=settings.folder,
        notes=graph.notes,
    )
