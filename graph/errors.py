"""Faults and errors: each names what was given, what is allowed and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """One thing wrong with an input.

    Attributes
    ----------
    file
        Name of the file, or of the table where there is no file.
    row
        Row number as a spreadsheet shows it (the header is row 1); 0 where no row is meant.
    column
        Column name; empty where no column is meant.
    code
        Short name of the rule, for machines: ``unknown-actor``, ``bad-number``.
    value
        What was given.
    problem
        What is wrong with it, in one sentence.
    remedy
        What to do next.
    severity
        ``error`` stops the run; ``warning`` does not, unless the caller is strict.
    """

    file: str
    row: int = 0
    column: str = ""
    code: str = ""
    value: str = ""
    problem: str = ""
    remedy: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        given = f" (given: {self.value!r})" if self.value else ""
        return f"{place}: {self.problem}{given}. {self.remedy}"


def file_row(position: int) -> int:
    """Return the row of a file, as a spreadsheet counts, of a position in a table read from it.

    Examples
    --------
    >>> file_row(0)  # the header is row 1
    2
    """
    return position + 2


class KlasterError(Exception):
    """Base of all errors klaster raises on purpose; its text is meant for the user."""


class InputError(KlasterError):
    """An input cannot be used; :attr:`faults` holds everything found, in order.

    Parameters
    ----------
    faults
        All faults of the input; warnings may be among them.
    what
        The input, as the first words of the message.
    """

    def __init__(self, faults: Iterable[Fault], what: str = "the input") -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        errors = sum(fault.severity == "error" for fault in self.faults)
        count = f"{errors} fault" + ("" if errors == 1 else "s")
        lines = [f"{what} has {count}:", *(f"  {fault}" for fault in self.faults)]
        super().__init__("\n".join(lines))


class UnknownNameError(KlasterError, ValueError):
    """A name that was given is not one of those allowed.

    Examples
    --------
    >>> raise UnknownNameError("layer", "suply", ["supply", "ownership"])
    Traceback (most recent call last):
    ...
    klaster.graph.errors.UnknownNameError: no layer 'suply'; did you mean 'supply'? \
There are: ownership, supply.
    """

    def __init__(self, what: str, given: str, allowed: Iterable[str]) -> None:
        self.what, self.given, self.allowed = what, given, tuple(sorted(allowed))
        super().__init__(
            f"no {what} {given!r}{did_you_mean(given, self.allowed)} "
            f"There are: {', '.join(self.allowed) or 'none'}."
        )


class StoreError(KlasterError):
    """A store cannot be opened, written or asked."""


class QueryRefusedError(StoreError):
    """A query was refused before it ran, or was stopped: it is not read-only or asks too much."""


def did_you_mean(given: str, allowed: Sequence[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest allowed name, else a full stop.

    Examples
    --------
    >>> did_you_mean("louvian", ["leiden", "louvain-networkx"])
    "; did you mean 'louvain-networkx'?"
    """
    near = get_close_matches(given, allowed, n=1)
    if not near:
        first_of = {name.partition("-")[0]: name for name in reversed(allowed) if "-" in name}
        near = [first_of[head] for head in get_close_matches(given, list(first_of), n=1)]
    return f"; did you mean {near[0]!r}?" if near else "."
