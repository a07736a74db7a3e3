"""The command line: each command is a thin skin over a library call named in its help."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from klaster.cli.io_command import io_table
from klaster.cli.options import takes_tie_options
from klaster.graph.errors import InputError, KlasterError, StoreError
from klaster.graph.safe_text import terminal_safe

EXIT_INPUT = 2
"""Exit code where an input has faults."""
EXIT_STORE = 3
"""Exit code where a store cannot be opened, or a query cannot be run."""

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


CaseFolder = Annotated[
    Path, typer.Argument(help="Folder of the case, with its case.toml.", show_default=False)
]
CaseOrTies = Annotated[
    Path,
    typer.Argument(
        help="Folder of the case, with its case.toml; or a file of ties: CSV, XLSX, Parquet, "
        "JSON lines, GraphML, GEXF, an edge list.",
        show_default=False,
    ),
]
Store = Annotated[
    str,
    typer.Argument(
        help="Store of a finished run: its graph.kgl, the folder it lies in, or the address of a "
        "Neo4j server, as neo4j://localhost:7687 (password in NEO4J_PASSWORD, or asked for).",
        show_default=False,
    ),
]
Server = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="Address of a Neo4j server, as neo4j://localhost:7687. The password is taken from "
        "NEO4J_PASSWORD, or asked for; the user from NEO4J_USERNAME.",
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the results; by default out/ and the name of the case."),
]
Seed = Annotated[
    int | None, typer.Option("--seed", help="Seed instead of the one in case.toml.", min=0)
]
Engine = Annotated[
    str | None,
    typer.Option("--engine", help="Community detection engine instead of the case's."),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        "--include",
        help="Let ties of this status take part too: planned, proposed, ended, unverified. "
        "May be given several times.",
    ),
]
Earlier = Annotated[
    Path | None,
    typer.Option(
        "--earlier",
        help="Results of an earlier run: clusters that continue one of its clusters keep the "
        "number it had there.",
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        help="Number of processes that look for communities and judge clusters; the results are "
        "the same with any number.",
        min=1,
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
SetAside = Annotated[
    bool,
    typer.Option(
        "--set-aside", help="Set rows at fault aside into rejected.csv and go on with the rest."
    ),
]


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
    seed: Seed = None,
    engine: Engine = None,
    include: Include = None,
) -> None:
    """Analyze the Kazakhstan case that ships with klaster (`klaster.analyze`)."""
    from klaster.cases import case_path

    _analyze(case_path("kazakhstan"), out_folder, seed, engine, include, False, False)


@app.command()
@takes_tie_options
def analyze(
    case: CaseOrTies,
    out_folder: OutFolder = None,
    seed: Seed = None,
    engine: Engine = None,
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

    For example: `klaster analyze ties.xlsx --source Поставщик --target Покупатель --amount Сумма`
    """
    _analyze(
        case, out_folder, seed, engine, include, strict, set_aside, store, earlier, workers, ties
    )


def _analyze(
    folder: Path,
    out_folder: Path | None,
    seed: int | None,
    engine: str | None,
    include: list[str] | None,
    strict: bool,
    set_aside: bool,
    address: str | None = None,
    earlier: Path | None = None,
    workers: int = 1,
    ties: dict[str, Any] | None = None,
) -> None:
    from klaster.cli.summary import summary_lines
    from klaster.cli.ties_command import case_of_ties, is_tie_file
    from klaster.graph.dictionary import load_dictionary
    from klaster.graph.errors import UnknownNameError
    from klaster.loaders.case.case_folder import load_case
    from klaster.pipeline import analyze as run

    server = _server(address)  # a wrong password is told before minutes of work
    with _progress() as told:
        if is_tie_file(folder, ties or {}):
            case = case_of_ties(folder, ties or {}, strict=strict, set_aside=set_aside)
        else:
            case = load_case(folder, strict=strict, set_aside=set_aside, progress=told)
        known = load_dictionary().terms("status")
        for term in include or []:
            if term not in known:
                raise UnknownNameError("status", term, known)
        status = tuple(t for t in known if t in {*case.settings.status, *(include or [])})
        analysis = run(
            case,
            seed=seed,
            method=engine,
            status=status,
            earlier=earlier,
            workers=workers,
            progress=told,
        )
        written = analysis.write(out_folder or Path("out") / case.name, progress=told)
        if server is not None:
            from klaster.servers import write_run

            with server:
                write_run(server, analysis.graph, progress=told)
    _print_lines([*summary_lines(analysis), "", *(f"read: {note}" for note in case.notes)])
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
    """Write a case into a Neo4j server, without analyzing it (`Neo4jStore.write`)."""
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
    """List the runs a store holds, or remove one (`klaster.graph.stores.runs`)."""
    from klaster.cli.query import run_lines

    _print_lines(run_lines(store, remove))


@app.command()
def export(
    case: CaseFolder,
    admin: Annotated[
        Path,
        typer.Option(
            "--neo4j-admin",
            help="Folder for CSVs that `neo4j-admin database import full` takes.",
            show_default=False,
        ),
    ],
) -> None:
    """Write a case, or the graph of a finished run, for a bulk import (`export_admin_csv`)."""
    from klaster.cli.query import graph_of
    from klaster.graph.stores.neo4j_import import export_admin_csv

    export_admin_csv(graph_of(case), admin)
    _print_lines([f"{admin}: README.md there says how to import it."])


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

    For example: `klaster new steel --from ties.xlsx --source Поставщик --target Покупатель`
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

    For example: `klaster check ties.xlsx --source Поставщик --target Покупатель`
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
    """Ask a store in Cypher: by name (`klaster.run_named`) or freely."""
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
    """List the named queries (`klaster.load_catalog`)."""
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
    """Show the clusters of a run; one cluster with its members; or one actor with its ties."""
    from klaster.cli.query import show_lines

    _print_lines(show_lines(store, what))


def _print_lines(lines: Iterable[str]) -> None:
    """Print lines as they are: data is neither markup nor a command to the terminal."""
    for line in lines:
        out.print(terminal_safe(line), highlight=False, markup=False, soft_wrap=True)


app.command("io")(io_table)


@contextmanager
def _progress() -> Iterator[Any]:
    """Give a callback that draws a bar on the error stream where that is a terminal."""
    if not err.is_terminal:
        yield lambda what, done, total: None
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
