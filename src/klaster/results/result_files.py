"""The result files of a run: pages, tables, store, record; whole or not at all."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from klaster.graph.settings import Progress
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.results import result_tables as tables
from klaster.results.exports import write_network
from klaster.results.folder import (
    GRAPH_FOLDER,
    MARK,
    NETWORK_FILE,
    STORE_FILE,
    whole_folder,
    write_csv,
    write_json,
)
from klaster.results.run import Run, network_titles, notes_of
from klaster.results.run_record import run_record
from klaster.results.saved_run import write_findings
from klaster.viz.network.network_page import network_page
from klaster.viz.report.report_page import ReportInput, quality_page, report_page


def write_results(run: Run, out: Path, *, progress: Progress | None = None) -> dict[str, Path]:
    """Write every result of a run into a folder that appears whole, or not at all.

    Parameters
    ----------
    run
        What was found.
    out
        The folder; the files of an earlier run in it are replaced, other files stay where they
        are, and a folder without such a run is refused unless it is empty.
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
    inputs = [run.case.folder / name for name in run.case.input_digests] if run.case.folder else []
    with whole_folder(out, inputs=inputs) as folder:
        for done, (what, write) in enumerate(writers.items()):
            told(f"writing {what}", done, len(writers))
            write(run, folder)
        names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
        record = run_record(run)
        record["files"] = {n: sha256((folder / n).read_bytes()).hexdigest() for n in names}
        record["times"] = {"seconds": run.seconds}
        write_json(record, folder / MARK)
        told("writing", len(writers), len(writers))
    return {name: out / name for name in [*names, MARK]}


def _write_tables(run: Run, folder: Path) -> None:
    for name, table in (
        ("clusters", tables.cluster_table),
        ("members", tables.member_table),
        ("cores", tables.core_table),
        ("centralities", tables.centrality_table),
        ("ties", tables.tie_table),
        ("agreement", tables.agreement_table),
        ("groupings", tables.grouping_table),
        ("scales", tables.scale_table),
    ):
        write_csv(table(run), folder / f"{name}.csv")
    write_json(tables.why_cards(run), folder / "cards.json")
    rejected = run.case.report.rejected_csv()
    (folder / "rejected.csv").write_text(rejected, encoding="utf-8-sig", newline="")


def _write_store(run: Run, folder: Path) -> None:
    """Write findings and Parquet, the source of truth, and what is derived from it."""
    write_findings(run, folder)
    run.graph.to_parquet(folder / GRAPH_FOLDER)
    write_network(run.graph.to_networkx(), folder / NETWORK_FILE, notes_of(run))
    with EmbeddedStore() as store:
        store.write(run.graph)
        store.save(folder / STORE_FILE)


def report_input(run: Run) -> ReportInput:
    """Return what the report and the quality page are made of."""
    case = run.case
    return ReportInput(
        graph=case.graph,
        findings=run.findings,
        titles=case.titles,
        networks=network_titles(case),
        settings=asdict(run.settings),
        quality=case.report.to_dict(),
        inputs=case.input_digests,
        sources=case.sources,
        boundaries=case.boundaries,
        year=case.year,
        note=case.note,
        version=version("klaster"),
    )


def drawn_network(run: Run) -> str:
    """Return the network page of a run."""
    case = run.case
    return network_page(
        case.graph,
        run.findings,
        title=case.titles,
        networks=network_titles(case),
        sources=case.sources,
        settings=run.settings,
    )


def _write_pages(run: Run, folder: Path) -> None:
    content = report_input(run)
    pages = {
        "network.html": drawn_network(run),
        "index.html": report_page(content),
        "quality.html": quality_page(content),
    }
    for name, page in pages.items():
        (folder / name).write_text(page, encoding="utf-8")
