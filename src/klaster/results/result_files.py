"""The result files of a run: pages, tables, store, record; whole or not at all."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from klaster.graph.settings import Progress
from klaster.results.folder import MARK, whole_folder, write_csv, write_json
from klaster.results.result_tables import (
    agreement_table,
    grouping_table,
    network_titles,
    run_record,
    scale_table,
    tie_table,
    why_cards,
)

if TYPE_CHECKING:
    from klaster.pipeline import Analysis
    from klaster.viz.report.report_page import ReportInput

STORE_FILE = "graph.kgl"


def write_results(
    analysis: Analysis, out: Path, *, progress: Progress | None = None
) -> dict[str, Path]:
    """Write every result of a run into a folder that appears whole, or not at all.

    Parameters
    ----------
    analysis
        What was found.
    out
        The folder; an earlier run in it is replaced, anything else refused.
    progress
        Called as ``progress(what, done, total)``.

    Returns
    -------
    dict
        Path of each file by its name.
    """
    told = progress or (lambda what, done, total: None)
    writers = {
        "tables": _write_tables,
        "pages": _write_pages,
        "store": _write_store,
    }
    with whole_folder(out) as folder:
        for done, (what, write) in enumerate(writers.items()):
            told(f"writing {what}", done, len(writers))
            write(analysis, folder)
        names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
        record = run_record(analysis)
        record["files"] = {n: sha256((folder / n).read_bytes()).hexdigest() for n in names}
        record["times"] = {"seconds": analysis.seconds}
        write_json(record, folder / MARK)
        told("writing", len(writers), len(writers))
    return {name: out / name for name in [*names, MARK]}


def _write_tables(analysis: Analysis, folder: Path) -> None:
    write_csv(analysis.clusters, folder / "clusters.csv")
    write_csv(analysis.members, folder / "members.csv")
    write_csv(analysis.cores, folder / "cores.csv")
    write_csv(analysis.centralities, folder / "centralities.csv")
    write_csv(tie_table(analysis), folder / "ties.csv")
    write_csv(agreement_table(analysis), folder / "agreement.csv")
    write_csv(grouping_table(analysis), folder / "groupings.csv")
    write_csv(scale_table(analysis), folder / "scales.csv")
    write_json(why_cards(analysis), folder / "cards.json")
    rejected = analysis.case.report.rejected_csv()
    (folder / "rejected.csv").write_text(rejected, encoding="utf-8-sig", newline="")


def _write_store(analysis: Analysis, folder: Path) -> None:
    """Write Parquet, the source of truth, and the store derived from it."""
    from klaster.graph.stores.embedded import EmbeddedStore

    analysis.graph.to_parquet(folder / "graph")
    with EmbeddedStore() as store:
        store.write(analysis.graph)
        store.save(folder / STORE_FILE)


def report_input(analysis: Analysis) -> ReportInput:
    """Return what the report and the quality page are made of."""
    from klaster import __version__
    from klaster.viz.report.report_page import ReportInput

    case = analysis.case
    return ReportInput(
        graph=case.graph,
        findings=analysis.findings,
        titles=case.titles,
        networks=network_titles(case),
        settings=asdict(analysis.settings),
        quality=case.report.to_dict(),
        inputs=case.input_digests,
        sources=case.sources,
        boundaries=case.boundaries,
        year=case.year,
        note=case.note,
        version=__version__,
    )


def _write_pages(analysis: Analysis, folder: Path) -> None:
    from klaster.viz.network.network_page import network_page
    from klaster.viz.report.report_page import quality_page, report_page

    content = report_input(analysis)
    pages = {
        "network.html": network_page(
            analysis.case.graph,
            analysis.findings,
            title=analysis.case.titles,
            networks=network_titles(analysis.case),
            sources=analysis.case.sources,
        ),
        "index.html": report_page(content),
        "quality.html": quality_page(content),
    }
    for name, page in pages.items():
        (folder / name).write_text(page, encoding="utf-8")
