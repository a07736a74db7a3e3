"""The command line: each command is a thin skin over a library call named in its help."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from klaster.cli.io_command import io_table
from klaster.cli.options import (
    CaseFolder,
    CaseOrTies,
    Earlier,
    Include,
    Method,
    OutFolder,
    Resolution,
    Seed,
    Server,
    SetAside,
    Store,
    Strict,
    Workers,
    takes_tie_options,
)
from klaster.graph.errors import InputError, KlasterError, StoreError
from klaster.graph.safe_text import terminal_safe

EXIT_INPUT = 2
"""Exit code where an input has faults."""
EXIT_STORE = 3
"""Exit code where a store cannot be opened, or a query cannot be run."""

SECONDS_BETWEEN_LINES = 10.0
"""Where no terminal shows a bar, a line of progress is printed so often at most."""

MOST_READABLE_WIDTH = 160
"""Wider answers are printed a line a value, where no terminal sets the width."""

app = typer.Typer(
    name="klaster",
    help="Find the industrial clusters of an economy and their cores, and say why and how sure.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console()
err = Console(stderr=True)


if TYPE_CHECKING:
    from klaster.graph.stores.neo4j_store import Neo4jStore


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def _version(asked: bool) -> None:
    if asked:
        from klaster import __version__

        out.print(f"klaster {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Find the industrial clusters of an economy and their cores, and say why and how sure."""


@app.command()
def demo(
    out_folder: OutFolder = None,
    method: Method = None,
    resolution: Resolution = None,
    seed: Seed = None,
    include: Include = None,
) -> None:
    """Analyze the Kazakhstan case that ships with klaster (`klaster.analyze`).

    Example: `klaster demo --out out/kazakhstan`
    """
    from klaster.cases import case_path

    case = case_path("kazakhstan")
    _analyze(
        case,
        out_folder,
        include,
        settings={"method": method, "resolution": resolution, "seed": seed},
    )


@app.command()
@takes_tie_options
def analyze(
    case: CaseOrTies,
    out_folder: OutFolder = None,
    method: Method = None,
    resolution: Resolution = None,
    seed: Seed = None,
    include: Include = None,
    strict: Strict = False,
    set_aside: SetAside = False,
    store: Server = None,
    earlier: Earlier = None,
    workers: Workers = 1,
    *,
    ties: dict[str, Any],
) -> None:
    """Find the clusters of a case, or of a file of ties, and their cores (`klaster.analyze`).

    Example: `klaster analyze ties.xlsx --source Поставщик --target Покупатель --amount Сумма`
    """
    settings = {
        "method": method,
        "resolution": resolution,
        "seed": seed,
        "earlier": earlier,
        "workers": workers,
    }
    reading = {"strict": strict, "set_aside": set_aside}
    _analyze(
        case, out_folder, include, settings=settings, reading=reading, address=store, ties=ties
    )


def _analyze(
    given: Path,
    out_folder: Path | None,
    include: list[str] | None,
    *,
    settings: dict[str, Any],
    reading: dict[str, Any] | None = None,
    address: str | None = None,
    ties: dict[str, Any] | None = None,
) -> None:
    from klaster.cli.summary import summary_lines
    from klaster.cli.ties_command import case_of_ties, is_tie_file
    from klaster.graph.dictionary import load_dictionary
    from klaster.graph.errors import UnknownNameError
    from klaster.loaders.case.case_folder import load_case
    from klaster.pipeline import find_clusters
    from klaster.results.folder import check_target

    server = _server(address)  # a wrong password is told before minutes of work
    how: dict[str, Any] = reading or {"strict": False, "set_aside": False}
    with _progress() as told:
        if is_tie_file(given, ties or {}):
            case = case_of_ties(given, ties or {}, **how)
        else:
            case = load_case(given, progress=told, **how)
        known = load_dictionary().terms("status")
        for term in include or []:
            if term not in known:
                raise UnknownNameError("status", term, known)
        status = tuple(t for t in known if t in {*case.settings.status, *(include or [])})
        target = out_folder or Path("out") / case.name
        actors = (ties or {}).get("actors")
        check_target(target, [given, actors] if actors else [given])  # told before minutes of work
        analysis = find_clusters(case, status=status, progress=told, **settings)
        written = analysis.write(target, progress=told)
        if server is not None:
            from klaster.servers import write_run

            with server:
                write_run(server, analysis.graph, progress=told)
    _print_lines([*summary_lines(analysis), ""])
    for name in ("index.html", "network.html", "graph.kgl"):
        what = {"index.html": "report", "network.html": "network", "graph.kgl": "store"}[name]
        _print_lines([f"{what:8} {written[name]}"])
    if address is not None:
        _print_lines([f"server   {address}"])


def _server(address: str | None) -> Neo4jStore | None:
    """Open the store on a server where one is asked for."""
    from klaster.servers import connect, is_address

    if address is None:
        return None
    if not is_address(address):
        raise StoreError(
            f"--store {address!r} is not the address of a server. Give one such as "
            "neo4j://localhost:7687; the store file graph.kgl is always written."
        )
    return connect(address)


@app.command()
def load(
    case: CaseFolder,
    store: Annotated[
        str,
        typer.Option(
            "--store",
            help="Address of a Neo4j server, as neo4j://localhost:7687. The password is taken "
            "from NEO4J_PASSWORD, or asked for; the user from NEO4J_USERNAME.",
            show_default=False,
        ),
    ],
    strict: Strict = False,
    set_aside: SetAside = False,
) -> None:
    """Write a case into a Neo4j server, without analyzing it (`Neo4jStore.write`).

    Example: `klaster load cases/kazakhstan --store neo4j://localhost:7687`
    """
    from klaster.loaders.case.case_folder import load_case

    server = _server(store)
    assert server is not None
    with server, _progress() as told:
        graph = load_case(case, strict=strict, set_aside=set_aside, progress=told).graph
        report = server.write(graph, progress=told)
    counts = {**report.nodes, **report.ties}
    _print_lines(f"{name:26} {count:>9}" for name, count in counts.items())


@app.command()
def runs(
    store: Store,
    remove: Annotated[
        str | None, typer.Option("--remove", help="Take this run out of the store.")
    ] = None,
) -> None:
    """List the runs a store holds, or remove one (`klaster.graph.stores.runs`).

    Example: `klaster runs out/kazakhstan`
    """
    from klaster.cli.query import run_lines

    _print_lines(run_lines(store, remove))


@app.command()
def export(
    case: Annotated[
        Path,
        typer.Argument(
            help="Folder of a finished run, or of a case (then without clusters).",
            show_default=False,
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help="What to write: x.gexf (Gephi), x.graphml, x.xlsx, x.parquet (a folder), or a "
            "folder without a suffix for `neo4j-admin database import full`.",
            show_default=False,
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option("--layer", help="Whose clusters; by default all layers together."),
    ] = None,
    admin: Annotated[
        Path | None,
        typer.Option("--neo4j-admin", help="The same as --to with a folder.", show_default=False),
    ] = None,
) -> None:
    """Write a run, or a case, for another program (`Analysis.export`).

    Example: `klaster export out/kazakhstan --to clusters.gexf`
    """
    from klaster.graph.model import ClusterGraph
    from klaster.loaders.case.case_folder import load_case
    from klaster.results.analysis_object import load_results
    from klaster.results.exports import FORMS
    from klaster.results.exports import export as write_graph
    from klaster.results.folder import FINDINGS_FILE, GRAPH_FOLDER

    target = to or admin
    if target is None or (to and admin) or (admin and admin.suffix):
        raise KlasterError(f"give --to with one of: {FORMS}.")
    if (case / FINDINGS_FILE).is_file():
        load_results(case).export(target, layer=layer)
    else:
        whole = (case / GRAPH_FOLDER).is_dir() and not (case / "case.toml").is_file()
        graph = ClusterGraph.from_parquet(case / GRAPH_FOLDER) if whole else load_case(case).graph
        sheets = {"nodes": graph.nodes, "ties": graph.ties}
        write_graph(target, graph, graph.to_networkx(), sheets, graph.notes)
    said = ": README.txt there says how to import it" if not target.suffix else ""
    _print_lines([f"{target}{said}"])


@app.command()
@takes_tie_options
def new(
    folder: Annotated[
        Path, typer.Argument(help="Folder to make; it must not hold anything.", show_default=False)
    ],
    source_file: Annotated[
        Path | None, typer.Option("--from", help="File of ties to write the case for.")
    ] = None,
    *,
    ties: dict[str, Any],
) -> None:
    """Write a commented case folder to start from, or for a file of ties (`klaster.new_case`).

    Example: `klaster new steel --from ties.xlsx --source Поставщик --target Покупатель`
    """
    if source_file is not None:
        from klaster.cli.ties_command import write_case_of_ties

        _print_lines(write_case_of_ties(folder, source_file, ties))
        return
    from klaster.loaders.case.new_case import new_case

    new_case(folder)
    _print_lines(
        [
            f"A case to start from is in {folder}: edit its case.toml and tables, then",
            f"  klaster check {folder}",
            f"  klaster analyze {folder}",
        ]
    )


@app.command()
@takes_tie_options
def check(
    case: CaseOrTies,
    strict: Strict = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole report as JSON.")
    ] = False,
    *,
    ties: dict[str, Any],
) -> None:
    """Report how a case, or a file of ties, is read, and stop there (`klaster.check_case`).

    Example: `klaster check ties.xlsx --source Поставщик --target Покупатель`
    """
    from klaster.cli.summary import quality_lines
    from klaster.cli.ties_command import is_tie_file, read_tie_file
    from klaster.loaders.case.case_folder import check_case

    if is_tie_file(case, ties):
        reading = read_tie_file(case, ties)
        loaded, report = reading.graph is not None, reading.report()
    else:
        found, report = check_case(case)
        loaded = found is not None
    if as_json:
        import json

        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2, sort_keys=True))  # noqa: T201
    else:
        _print_lines(quality_lines(report))
    warned = any(fault.severity == "warning" for fault in report.faults)
    if not loaded or (strict and warned):
        raise typer.Exit(EXIT_INPUT)


@app.command()
def query(
    store: Store,
    name: Annotated[
        str | None, typer.Argument(help="A query of the catalog (see `klaster queries`).")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", help="A parameter, as `actor=Qarmet`; several times."),
    ] = None,
    cypher: Annotated[
        str | None,
        typer.Option(
            "--cypher", help="A query of one's own instead: read-only, one statement, bounded."
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.table,
    limit: Annotated[int, typer.Option("--limit", help="Rows at most.", min=1)] = 1000,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds at most.", min=0.1)] = 30.0,
    memory: Annotated[
        int, typer.Option("--memory", help="MiB at most, for a query of one's own.", min=256)
    ] = 2048,
) -> None:
    """Ask a store in Cypher: by name (`klaster.run_named`) or freely.

    Example: `klaster query out/kazakhstan suppliers --param actor=Qarmet --param tiers=2`
    """
    from klaster.cli.query import ask

    result = ask(
        store, name, param or [], cypher, row_limit=limit, timeout_s=timeout, memory_mb=memory
    )
    _print_rows(result, output)
    if result.truncated:
        err.print(f"Only the first {limit} rows are shown: raise --limit for more.", markup=False)


def _print_rows(result: Any, output: Format) -> None:
    from klaster.queries.answer_text import natural_width, to_csv, to_json, to_records, to_table

    if output is Format.table:
        width = natural_width(result)
        room = out.width if out.is_terminal else MOST_READABLE_WIDTH
        if width <= room:
            out.print(to_table(result), width=room)
        else:
            _print_lines(to_records(result).splitlines())
    else:
        text = to_csv(result) if output is Format.csv else to_json(result)
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


@app.command()
def queries(
    name: Annotated[
        str | None, typer.Argument(help="Show this query whole, with its parameters.")
    ] = None,
) -> None:
    """List the named queries (`klaster.load_catalog`).

    Example: `klaster queries suppliers`
    """
    from klaster.cli.query import catalog_lines

    _print_lines(catalog_lines(name))


@app.command()
def show(
    store: Store,
    what: Annotated[
        str | None,
        typer.Argument(
            help="An actor (key, or name in any language) or a cluster (its id, as joint-1)."
        ),
    ] = None,
) -> None:
    """Show the clusters of a run; one cluster with its members; or one actor with its ties.

    Example: `klaster show out/kazakhstan Qarmet`
    """
    from klaster.cli.query import show_lines

    _print_lines(show_lines(store, what))


def _print_lines(lines: Iterable[str]) -> None:
    """Print lines as they are: data is neither markup nor a command to the terminal."""
    for line in lines:
        out.print(terminal_safe(line), highlight=False, markup=False, soft_wrap=True)


app.command("io")(io_table)


@contextmanager
def _progress() -> Iterator[Any]:
    """Give a callback that draws a bar on a terminal, and elsewhere prints a line now and then."""
    if not err.is_terminal:
        last = monotonic()

        def line(what: str, done: int, total: int) -> None:
            nonlocal last
            if monotonic() - last >= SECONDS_BETWEEN_LINES:
                last = monotonic()
                text = terminal_safe(f"klaster: {what} ({done} of {total})")
                err.print(text, highlight=False, markup=False, soft_wrap=True)

        yield line
        return
    columns = (TextColumn("{task.description:32}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        task = bars.add_task("", total=1)

        def told(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=max(total, 1))

        yield told


def main() -> int:
    """Run the command line; errors meant for the user end it with one clear text."""
    try:
        app(standalone_mode=True)
    except KlasterError as error:
        text = terminal_safe(f"klaster: {error}")
        err.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
        if isinstance(error, InputError):
            return EXIT_INPUT
        return EXIT_STORE if isinstance(error, StoreError) else 1
    except BrokenPipeError:
        return 0
    return 0
