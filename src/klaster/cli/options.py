"""Groups of options that several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

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
}
"""How a file of ties is read: parameter of ``klaster.read_ties`` to option."""


def takes_tie_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of :data:`TIE_OPTIONS`; it gets those given as ``ties``."""

    @wraps(command)
    def run(**given: Any) -> None:
        ties = {name: given.pop(name) for name in TIE_OPTIONS}
        year = ties["year"]
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
