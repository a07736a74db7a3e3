"""Groups of options that several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

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
Method = Annotated[
    str | None,
    typer.Option(
        "--method",
        "--engine",
        help="Method of community detection instead of the case's: leiden, louvain, infomap, ...",
    ),
]
Resolution = Annotated[
    float | None,
    typer.Option(
        "--resolution",
        help="Resolution instead of the case's: below 1 fewer and larger communities.",
        min=0.0001,
    ),
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

_PANEL = "A file of ties instead of a case"


def _tie_option(name: str, help_text: str, kind: Any = str) -> Any:
    return Annotated[kind | None, typer.Option(name, help=help_text, rich_help_panel=_PANEL)]


TIE_OPTIONS: dict[str, Any] = {
    "source": _tie_option("--source", "Column of the seller."),
    "target": _tie_option("--target", "Column of the buyer."),
    "amount": _tie_option("--amount", "Column of the amount."),
    "actors": _tie_option("--actors", "File with attributes of the actors.", Path),
    "direction": _tie_option("--direction", "goods, or payments: from payer to payee."),
    "tie_type": _tie_option("--tie-type", "Type of all ties, or a column; by default SUPPLIES."),
    "year": _tie_option("--year", "Year of all ties, or a column."),
    "unit": _tie_option("--unit", "Unit of all amounts, or a column."),
    "currency": _tie_option("--currency", "Currency of all amounts, or a column."),
    "evidence": _tie_option("--evidence", "How all ties are known, as reported, or a column."),
    "stated_by": _tie_option("--stated-by", "Who or what states the ties, in words."),
    "sheet": _tie_option("--sheet", "Sheet of a workbook; by default the first."),
    "encoding": _tie_option("--encoding", "Encoding of a text file, as cp1251."),
    "decimal": _tie_option("--decimal", "Decimal sign of the amounts: . or ,"),
    "header": _tie_option("--header/--no-header", "Whether the first row names columns.", bool),
    "header_row": _tie_option("--header-row", "Number of the row that names the columns.", int),
}
"""How a file of ties is read: parameter of ``klaster.read_ties`` to option."""


def takes_tie_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of :data:`TIE_OPTIONS`; it gets those given as ``ties``."""

    @wraps(command)
    def run(**given: Any) -> None:
        ties = {name: given.pop(name) for name in TIE_OPTIONS}
        header_row, year = ties.pop("header_row"), ties["year"]
        if header_row is not None:
            ties["header"] = header_row
        ties["year"] = int(year) if year is not None and year.isdecimal() else year
        command(**given, ties={name: value for name, value in ties.items() if value is not None})

    hints = get_type_hints(command, include_extras=True)
    own = [p for p in inspect.signature(command).parameters.values() if p.name != "ties"]
    keyword = inspect.Parameter.KEYWORD_ONLY
    added = [
        inspect.Parameter(n, keyword, default=None, annotation=t) for n, t in TIE_OPTIONS.items()
    ]
    own = [p.replace(annotation=hints[p.name], kind=keyword) for p in own]
    run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *added)} | {"return": None}
    return run
