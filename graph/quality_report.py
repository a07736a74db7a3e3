"""The quality report as data: books of rows and amounts, what was set aside, and the faults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from klaster.graph.content import ByContent, counted, short_repr
from klaster.graph.errors import Fault
from klaster.graph.safe_text import csv_text

REJECTED_COLUMNS = ("file", "row", "column", "value", "reason", "remedy")


@dataclass(frozen=True, slots=True)
class MoneyBook:
    """Amounts of one unit in a file: what came in was placed or set aside.

    Attributes
    ----------
    unit
        Unit and currency, as the file gives them.
    amount_in, placed, set_aside
        Sums of the amounts, counted independently of each other.
    """

    unit: str
    amount_in: float
    placed: float
    set_aside: float

    @property
    def balanced(self) -> bool:
        """Whether what came in is what was placed and set aside."""
        return math.isclose(
            self.amount_in, self.placed + self.set_aside, rel_tol=1e-12, abs_tol=1e-12
        )


@dataclass(frozen=True, slots=True)
class Book:
    """Rows and amounts of one file.

    Attributes
    ----------
    file, input
        The file, and which input it is: ``ties``.
    rows_in
        Rows that are not blank, without the header.
    placed
        Rows that are in the graph or in a table of the case.
    set_aside
        Rows that are in ``rejected``.
    money
        Amounts by unit; cells that are no number are in no sum.
    """

    file: str
    input: str
    rows_in: int
    placed: int
    set_aside: int
    money: tuple[MoneyBook, ...] = ()

    @property
    def balanced(self) -> bool:
        """Whether rows and amounts that came in were placed or set aside."""
        return self.rows_in == self.placed + self.set_aside and all(
            book.balanced for book in self.money
        )


@dataclass(frozen=True, eq=False, repr=False)
class QualityReport(ByContent):
    """What was read, what was set aside and what the data are like.

    Attributes
    ----------
    loaded
        Whether a case came of it.
    books
        Rows and amounts of each file.
    rejected
        A row for each fault that set a row aside: file, row, column, value, reason, remedy.
    notes
        What was handled (encodings, decimal commas, currency signs, columns left out).
    faults
        Errors and warnings, sorted by place.
    statistics
        Measures by subject: ``actors``, ``ties``, ``table``; numbers, texts, lists and mappings.
    dropped_columns
        Columns of personal data that were not read, as ``file: column``.
    """

    loaded: bool = True
    books: tuple[Book, ...] = ()
    rejected: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(REJECTED_COLUMNS))
    )
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    statistics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dropped_columns: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return short_repr(
            self,
            counted(len(self.errors), "error"),
            counted(len(self.warnings), "warning"),
            f"{counted(len(self.rejected), 'row')} set aside",
        )

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that stop a run."""
        return tuple(fault for fault in self.faults if fault.severity == "error")

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """The faults that do not, unless the caller is strict."""
        return tuple(fault for fault in self.faults if fault.severity == "warning")

    @property
    def balanced(self) -> bool:
        """Whether all books balance."""
        return all(book.balanced for book in self.books)

    def rejected_csv(self) -> str:
        """Return ``rejected`` as CSV that a spreadsheet opens without running anything in it.

        A cell that a spreadsheet would take for a formula begins with an apostrophe.
        """
        return csv_text(self.rejected)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON; what is not a number becomes None."""
        plain: dict[str, Any] = _plain(
            {
                "loaded": self.loaded,
                "balanced": self.balanced,
                "books": [{**asdict(b), "balanced": b.balanced} for b in self.books],
                "rejected": self.rejected.to_dict("records"),
                "notes": self.notes,
                "faults": [{**asdict(f), "text": str(f)} for f in self.faults],
                "statistics": self.statistics,
                "dropped_columns": self.dropped_columns,
            }
        )
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
