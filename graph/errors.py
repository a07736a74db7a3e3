"""Faults and errors: each names what was given, what is allowed and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

Severity = Literal["error", "warning"]

MOST_NAMES = 40
"""Allowed names that an error lists; it says how many more there are."""


@dataclass(frozen=True, order=True, slots=True, kw_only=True)
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
    problem: str
    remedy: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return self.told_for([self.row])

    def told_for(self, rows: Sequence[int]) -> str:
        """Return the fault as a sentence, once for all the rows it was found in."""
        place = self.file
        if any(rows):
            shown = rows if len(rows) <= ROWS_SHOWN + 1 else rows[:ROWS_SHOWN]
            rest = f" and {len(rows) - len(shown):,} more" if len(shown) < len(rows) else ""
            place += f", row{'s' if len(rows) > 1 else ''} {', '.join(map(str, shown))}{rest}"
        if self.column:
            place += f", column {self.column}"
        given = f" (given: {self.value!r})" if self.value else ""
        said = f"{place}: {self.problem}{given}. {self.remedy}"
        return said.encode("utf-8", "backslashreplace").decode()  # half a character is no text


LINES_SHOWN, ROWS_SHOWN = 20, 3
"""How many faults the text of an error tells, and how many rows each names."""


def fault_lines(faults: Iterable[Fault], limit: int | None = LINES_SHOWN) -> list[str]:
    """Return faults as sentences: those that differ only in their row are told once.

    Parameters
    ----------
    faults
        The faults, in the order in which they are to be told.
    limit
        Number of sentences; a last line says how many faults are not told. None: all.

    Examples
    --------
    >>> rows = [Fault(file="ties.csv", row=row, column="value", code="bad-number", value="n/a",
    ...               problem="not a number", remedy="Correct it.") for row in range(2, 9)]
    >>> print(*fault_lines(rows))
    ties.csv, rows 2, 3, 4 and 4 more, column value: not a number (given: 'n/a'). Correct it.
    """
    rows_of: dict[Fault, list[int]] = {}
    for fault in faults:
        rows_of.setdefault(replace(fault, row=0), []).append(fault.row)
    lines = [fault.told_for(rows) for fault, rows in rows_of.items()]
    if limit is None or len(lines) <= limit:
        return lines
    untold = sum(map(len, list(rows_of.values())[limit:]))
    return [*lines[:limit], f"and {untold:,} more (error.faults has all)"]


def file_row(position: int) -> int:
    """Return the row of a file, as a spreadsheet counts, of a position in a table read from it.

    Examples
    --------
    >>> file_row(0)  # the header is row 1
    2
    """
    return position + 2


class KlasterError(Exception):
    """Base of all errors klaster raises on purpose; its text is meant for the user.

    Examples
    --------
    >>> try:
    ...     raise StoreError("no store at out/graph.kgl.")
    ... except KlasterError as error:
    ...     print(error)
    no store at out/graph.kgl.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _revived, (type(self), self.args, self.__dict__)


def _revived(
    kind: type[KlasterError], arguments: tuple[Any, ...], state: dict[str, Any]
) -> KlasterError:
    """Make an error anew as it was, whatever its constructor takes (pickle, copy)."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class InputError(KlasterError, ValueError):
    """An input cannot be used; :attr:`faults` holds everything found, in order.

    The text tells the first :data:`LINES_SHOWN`, equal ones once with their rows.

    Parameters
    ----------
    faults
        All faults of the input; warnings may be among them.
    what
        The input, as the first words of the message.

    Examples
    --------
    >>> fault = Fault(file="ties.csv", row=3, column="year", code="bad-number", value="2O24",
    ...     problem="not a whole number", remedy="Give a year.")
    >>> InputError([fault]).faults[0].code
    'bad-number'
    """

    def __init__(self, faults: Iterable[Fault], what: str = "the input") -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        errors = sum(fault.severity == "error" for fault in self.faults)
        count = f"{errors:,} fault" + ("" if errors == 1 else "s")
        super().__init__("\n  ".join([f"{what} has {count}:", *fault_lines(self.faults)]))


def refusal(
    code: str, value: object, problem: str, remedy: str, file: str = "the input"
) -> InputError:
    """Return the error of an input that cannot be read at all, for one fault."""
    fault = Fault(file=file, code=code, value=str(value), problem=problem, remedy=remedy)
    return InputError([fault], file)


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

    def __init__(self, what: str, given: object, allowed: Iterable[str]) -> None:
        self.what, self.given, self.allowed = what, given, tuple(sorted(allowed))
        shown = ", ".join(self.allowed[:MOST_NAMES]) or "none"
        more = len(self.allowed) - MOST_NAMES
        super().__init__(
            f"no {what} {given!r}{did_you_mean(str(given), self.allowed) or '.'} "
            f"There are: {shown}{f' and {more:,} more' if more > 0 else ''}."
        )


class StoreError(KlasterError):
    """A store cannot be opened, written or asked.

    Examples
    --------
    >>> issubclass(StoreError, KlasterError)
    True
    """


class QueryRefusedError(StoreError):
    """A query was refused before it ran, or was stopped: it is not read-only or asks too much."""


def did_you_mean(given: str, allowed: Sequence[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest allowed name, nothing where none is near.

    Examples
    --------
    >>> did_you_mean("louvian", ["leiden", "louvain-networkx"])
    "; did you mean 'louvain-networkx'?"
    """
    near = get_close_matches(given, allowed, n=1)
    if not near:
        first_of = {name.partition("-")[0]: name for name in reversed(allowed) if "-" in name}
        near = [first_of[head] for head in get_close_matches(given, list(first_of), n=1)]
    return f"; did you mean {near[0]!r}?" if near else ""
