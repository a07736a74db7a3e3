"""Rows of ties become a cluster graph: columns are read, ends become actors, faults are collected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.graph.content import counted
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import REJECTED_COLUMNS, Book, QualityReport
from klaster.loaders.case.input_ties import tie_keys
from klaster.loaders.case.quality import actor_statistics, tie_statistics
from klaster.loaders.files.amounts import NO_SOURCE, Amounts
from klaster.loaders.files.cell_values import Decimal, ParsedColumn, is_missing_mark
from klaster.loaders.names.actor_names import NOT_STATED, look_alikes, plain_name
from klaster.loaders.ties.cell_table import CellTable
from klaster.loaders.ties.tie_actors import Actors, read_column, with_made
from klaster.loaders.ties.tie_columns import CONSTANTS, ROLES, Assignment, assign

Direction = Literal["goods", "payments"]
DIRECTIONS = ("goods", "payments")

AMOUNTS_NOT_USED = "amounts not used: each tie counts 1, whatever its amount"

_TOTAL = re.compile(r"(итого|всего|total|жиыны|барлығы)\b", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_GROUPS_NAMED = 5


@dataclass(frozen=True)
class TieOptions:
    """What a caller says of ties; the parameters of ``klaster.read_ties``."""

    source: str | None = None
    target: str | None = None
    amount: str | None = None
    tie_type: str | None = None
    year: int | str | None = None
    unit: str | None = None
    currency: str | None = None
    evidence: str | None = None
    stated_by: str | None = None
    actors: Any = None
    direction: Direction = "goods"
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    actor_columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    encoding: str = "auto"
    separator: str = "auto"
    decimal: Decimal = "auto"
    header: bool | int | None = None
    set_aside: bool = False


@dataclass(frozen=True)
class TieReading:
    """What was read: the graph (None where faults forbid it), and how.

    ``columns`` and ``actor_columns`` are the column of each attribute, of ties and of actors;
    ``constants`` what is the same for all ties; ``rows`` the number of rows, and ``rejected`` those
    left out, each with its fault.
    """

    graph: ClusterGraph | None
    file: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    rows: int = 0
    rejected: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(REJECTED_COLUMNS))
    )
    actor_columns: Mapping[str, str] = field(default_factory=dict)

    def report(self) -> QualityReport:
        """Return how it was read as the quality report of a case."""
        aside = len(self.rejected.drop_duplicates(["file", "row"]))
        placed = 0 if self.graph is None else self.rows - aside
        measured = {}
        if self.graph is not None:
            measured["actors"] = actor_statistics(self.graph)
            measured["ties"] = tie_statistics(self.graph)
        book = Book(self.file, "ties", self.rows, placed, aside)
        return QualityReport(
            loaded=self.graph is not None,
            books=(book,),
            rejected=self.rejected,
            notes=self.notes,
            faults=() if self.graph is not None else self.faults,
            statistics=measured,
        )


class _Faults:
    """Faults of a table as a whole, and faults of its rows with which rows these are."""

    def __init__(self, table: CellTable) -> None:
        self.table = table
        self.bad = np.zeros(len(table.rows), dtype=bool)
        self.bad[sorted(table.bad)] = True
        numbers = {table.rows[k] for k in table.bad}
        self.rejected: list[tuple[Any, ...]] = []
        self.of_rows = [fault for fault in table.faults if fault.row in numbers]
        self.whole = [fault for fault in table.faults if fault.row not in numbers]

    def rows(self, found: Iterable[tuple[Sequence[int], Fault]]) -> None:
        for at, fault in found:
            self.of_rows.append(fault)
            self.bad[list(at)] = True
            cells = self.table.columns.get(fault.column)
            why = (fault.problem.partition(" (")[0], fault.remedy)
            self.rejected += [
                (fault.file, self.table.rows[k], fault.column, cells[k] if cells else "", *why)
                for k in at
            ]

    def row(self, at: Any, column: str, code: str, problem: str, remedy: str) -> None:
        """Write one fault down for the rows ``at`` (a mask or positions) that have no other."""
        at = np.flatnonzero(at) if getattr(at, "dtype", None) == bool else np.asarray(at, dtype=int)
        at = at[~self.bad[at]].tolist()
        if at:
            value = self.table.columns[column][at[0]] if column in self.table.columns else ""
            self.rows([(at, self.table.fault(at, column, code, problem, remedy, value))])


def read_rows(table: CellTable, actors: Actors, options: TieOptions) -> TieReading:
    """Read rows of ties whose ends name actors; actors that are not known are made."""
    given = {"source_id": options.source, "target_id": options.target, "value": options.amount}
    constants = {name: getattr(options, name) for name in CONSTANTS}
    payments = options.direction == "payments"
    found = assign(
        table, {**given, **options.columns}, constants, "tie",
        money=payments or options.tie_type == "FUNDS",
    )  # fmt: skip
    if options.stated_by is not None:
        found.constants["source"] = options.stated_by
        column = found.columns.pop("source", None)
        found.left_out += [column] if column else []
    if not actors.faults:
        for name in sorted(options.values.keys() - {*found.columns, *actors.columns}):
            found.refuse(name, "values-of-no-column",
                         f"values= says what words of {name} mean, but no column is read as {name}",
                         f"Leave it out, or say which column: columns={{{name!r}: …}}.")  # fmt: skip
    faults = _Faults(table)
    notes = [*table.notes, *actors.notes, *found.notes]
    faults.whole += [*actors.faults, *found.faults]
    ends = {}
    for name in ("source_id", "target_id"):
        if name in found.columns:
            ends[name] = _read_end(table, name, found.columns[name], actors, faults)
    named = _names_by_key(table, found, ends)
    columns: dict[str, Any] = {}
    amounts: Amounts | None = None
    for name, column in sorted(found.columns.items()):
        if name in ("source_id", "target_id"):
            continue
        read, wrong = read_column(
            table, name, column, options.values.get(name, {}), options.decimal
        )
        faults.rows(wrong)
        notes += [f"{table.file}: column {column}: {note}" for note in read.notes]
        columns[name] = read.values
        if isinstance(read, Amounts):
            amounts = read
    if amounts is not None:
        column = found.columns["value"]
        _check_amounts(table, column, amounts, faults, notes)
        columns |= amounts.measured(column, columns, found.constants)
    elif unused := [name for name in ("unit", "currency") if name in found.constants]:
        notes.append(f"{' and '.join(unused)} not used: no column of amounts was read")
    default = "SUPPLIES" if table.directed else "COOPERATES_WITH"
    if payments:
        _check_payments(table, found, columns, default, faults)
    _check_totals(table, found, ends, faults, notes)
    taken = np.flatnonzero(~faults.bad)
    stopping = faults.whole or (faults.of_rows and not options.set_aside)
    if not stopping and not len(taken):
        faults.whole.append(
            table.fault((), "", "no-ties", "it has no row with a tie", "Give it one row a tie.")
        )
        stopping = True
    about: dict[str, Any] = {
        "file": table.file,
        "columns": found.columns,
        "constants": found.constants,
        "faults": tuple(sorted({*faults.whole, *faults.of_rows})),
        "rows": len(table.rows),
        "actor_columns": actors.columns,
    }
    if stopping:
        return TieReading(None, notes=tuple(notes), **about)
    if payments:
        ends = {"source_id": ends["target_id"], "target_id": ends["source_id"]}
        notes.append("payments were turned round: goods run from the payee to the payer")
    texts = {name: ends[name][taken] for name in ("source_id", "target_id")}
    known = {*actors.nodes}
    keys = with_made(actors, pd.unique(np.concatenate(list(texts.values()))), table.file, notes)
    for key in named.keys() & actors.nodes.keys() - known:
        first, *others = named[key]
        actors.nodes[key] |= {"name": first, **({"aliases": others} if others else {})}
    blank = {"tie_type": default, "evidence": NOT_STATED, "source": NO_SOURCE}
    ties = pd.DataFrame({name: [keys[text] for text in cells] for name, cells in texts.items()})
    blanks: dict[str, int] = {}
    for name in dict.fromkeys([*blank, *found.constants, *columns]):
        if name in columns:
            cells = [columns[name][k] for k in taken]
            ties[name] = [blank.get(name) if cell is None else cell for cell in cells]
            blanks[name] = cells.count(None) if name in blank else 0
        elif name not in ("unit", "currency"):  # those are with the amounts
            ties[name] = found.constants.get(name, blank.get(name))
            blanks[name] = 0 if name in found.constants else len(ties)
    turned = ties["tie_type"].isin(load_dictionary().symmetric_types())
    turned &= ties["source_id"] > ties["target_id"]
    sides = ["source_id", "target_id"]
    ties.loc[turned, sides] = ties.loc[turned, sides[::-1]].to_numpy()
    blanks["unit"] = int((ties.get("unit", pd.Series(dtype=object)) == NO_SOURCE).sum())
    notes += [*_assumptions(found, blank, blanks, len(ties)), *_counts(table, found, ties, actors)]
    if "value" in columns and ties["value"].notna().any():
        notes.append(AMOUNTS_NOT_USED)
    if len(taken) < len(table.rows):
        about["rejected"] = pd.DataFrame(faults.rejected, columns=list(REJECTED_COLUMNS))
        left = np.flatnonzero(faults.bad).tolist()
        notes.append(f"{table.file}: left out: {table.called(left, most=200)}")
        notes += [f"left out: {fault}" for fault in sorted(set(faults.of_rows))]
    try:
        ties["tie_id"] = tie_keys(ties.astype(object).where(ties.notna(), None).to_dict("records"))
        nodes = pd.DataFrame(list(actors.nodes.values()), dtype=object)
        graph = ClusterGraph(nodes, ties, notes)
    except InputError as error:
        placed = {_placed(fault, table, taken) for fault in error.faults}
        return TieReading(None, notes=tuple(notes), **{**about, "faults": tuple(sorted(placed))})
    return TieReading(graph, notes=tuple(notes), **about)


def _read_end(
    table: CellTable, name: str, column: str, actors: Actors, faults: _Faults
) -> npt.NDArray[Any]:
    """Return the texts of one end in their plain form; empty and ambiguous ones are faults."""
    codes, cells = pd.factorize(np.array(table.columns[column], dtype=object))
    nodes = table.nodes if table.ends else {}
    plain = [
        "" if is_missing_mark(cell) and cell not in nodes else plain_name(cell) for cell in cells
    ]
    texts = np.array([*plain, ""], dtype=object)[codes]
    empty = texts == ""
    sums = np.zeros(len(texts), dtype=bool)
    for k in np.flatnonzero(empty).tolist():
        sums[k] = any(_TOTAL.match(cells[k]) for cells in table.columns.values())
    word = ROLES[name]
    or_aside = "or leave such rows out (set_aside=True)."
    what = f"the {word} is empty: it looks like a row of totals"
    faults.row(sums, column, "row-of-totals", what, f"Delete it, {or_aside}")
    faults.row(empty, column, "empty-end", f"the {word} is empty", f"Name it, {or_aside}")
    unseen = np.array([bool(_UNSEEN.search(text)) for text in (*plain, "")])[codes]
    what = "the name has a character that cannot be seen"
    faults.row(unseen, column, "control-character", what, "Type it anew.")
    for text in sorted(set(plain)):
        named = actors.by_name.get(text, set()) if text not in actors.nodes else set()
        if len(named) > 1:
            what = f"{len(named)} actors have this name: {', '.join(sorted(named))}"
            remedy = "Give the key of the one that is meant."
            faults.row(texts == text, column, "ambiguous-name", what, remedy)
    return texts


def _names_by_key(
    table: CellTable, found: Assignment, ends: Mapping[str, npt.NDArray[Any]]
) -> dict[str, list[str]]:
    """Return the names that stand beside keys of ends, the most frequent first."""
    counts: dict[str, Counter[str]] = {}
    for role, column in found.names.items():
        for key, cell in zip(ends.get(role, ()), table.columns[column], strict=False):
            if cell and not is_missing_mark(cell):
                counts.setdefault(key, Counter())[plain_name(cell)] += 1
    return {
        key: sorted(names, key=lambda name: (-names[name], name)) for key, names in counts.items()
    }


def _check_totals(
    table: CellTable,
    found: Assignment,
    ends: Mapping[str, npt.NDArray[Any]],
    faults: _Faults,
    notes: list[str],
) -> None:
    """Write down rows whose ends are both called a total; say where one is."""
    if len(ends) < 2:
        return
    sums = {
        name: np.array([bool(_TOTAL.fullmatch(text.rstrip(":. "))) for text in texts], dtype=bool)
        for name, texts in ends.items()
    }
    both = sums["source_id"] & sums["target_id"]
    faults.row(both, found.columns["source_id"], "row-of-totals", "both ends are called a total",
               "Delete it, or leave such rows out (set_aside=True).")  # fmt: skip
    one = np.flatnonzero((sums["source_id"] | sums["target_id"]) & ~both).tolist()
    if one:
        notes.append(f"{table.file}: perhaps sums, read as ties: {table.called(one)}")


def _check_amounts(
    table: CellTable, column: str, amounts: ParsedColumn, faults: _Faults, notes: list[str]
) -> None:
    """Write down amounts that are negative; say how many are zero or missing."""
    numbers = np.array([np.nan if v is None else v for v in amounts.values], dtype=float)
    faults.row(numbers < 0, column, "negative-amount", "an amount cannot be negative",
               "A return: exchange the ends; a correction: leave it out (set_aside=True).")  # fmt: skip
    odd = {"amount 0": numbers == 0, "no amount": np.isnan(numbers) & ~faults.bad}
    notes += [
        f"{table.file}: {counted(int(rows.sum()), 'tie')} with {what}"
        for what, rows in odd.items()
        if rows.any()
    ]


def _check_payments(
    table: CellTable, found: Assignment, columns: Mapping[str, Any], default: str, faults: _Faults
) -> None:
    """Refuse to turn round what is no payment for goods."""
    types = {found.constants.get("tie_type", default)}
    if "tie_type" in columns:
        types = {cell or default for k, cell in enumerate(columns["tie_type"]) if not faults.bad[k]}
    if other := sorted(types - {"SUPPLIES"}):
        faults.whole.append(table.fault(
            (), found.columns.get("tie_type", ""), "payments-of-no-goods",
            f"direction='payments' turns payments for goods round; {', '.join(other)} is no supply "
            "of goods and runs from source to target",
            "Leave direction out (source= is then who funds, owns, regulates …); or read the "
            "payments for goods apart.", ", ".join(other),
        ))  # fmt: skip


def _assumptions(
    found: Assignment, blank: Mapping[str, str], blanks: Mapping[str, int], size: int
) -> list[str]:
    """Say what was said once, and what nobody said and so was assumed."""
    constants = [f"{name} {value!r}" for name, value in found.constants.items()]
    assumed = [
        f"{name} {value!r}" + f" for {blanks[name]} of {size} ties" * (blanks[name] < size)
        for name, value in {**blank, "unit": NO_SOURCE}.items()
        if blanks[name]
    ]
    told = {"for all ties": constants, "assumed": assumed}
    return [f"{words}: {', '.join(values)}" for words, values in told.items() if values]


def _counts(table: CellTable, found: Assignment, ties: pd.DataFrame, actors: Actors) -> list[str]:
    """Say what was read as what, and how much of it."""
    read = [
        f"{column!r} as {ROLES.get(name, name)}"
        + (f" ({found.recognised[name]})" if name in found.recognised else "")
        for name, column in found.columns.items()
    ]
    read += [f"{column!r} as name of the {ROLES[name]}" for name, column in found.names.items()]
    pairs = len(ties[["source_id", "target_id", "tie_type"]].drop_duplicates())
    left, personal = (", ".join(map(repr, names)) for names in (found.left_out, found.personal))
    rows, kept = counted(len(table.rows), "row"), counted(len(ties), "tie")
    loops = int((ties["source_id"] == ties["target_id"]).sum())
    again = int(ties.astype(str).duplicated().sum())
    told = {
        f"{table.file}: columns read: {', '.join(read)}": True,
        f"{table.file}: columns left out: {left}": left,
        f"{table.file}: columns of personal data, not read: {personal}": personal,
        f"{table.file}: {rows} read: {kept} of {counted(pairs, 'pair')}, "
        f"{counted(len(actors.nodes), 'actor')}": True,
        "pairs with several ties: each row counts as a tie, amounts of a pair are not added up": len(
            ties
        )
        > pairs,
        f"{counted(loops, 'tie')} from an actor to itself (kept)": loops,
        f"{counted(again, 'row')} that repeat another one whole (kept: each row is a tie)": again,
    }
    said = [note for note, holds in told.items() if holds]
    alike = look_alikes(actors.nodes)
    for group in alike[:_GROUPS_NAMED]:
        said.append(f"perhaps one actor, kept apart: {', '.join(map(repr, group))}")
    if len(alike) > _GROUPS_NAMED:
        said.append(f"and {len(alike) - _GROUPS_NAMED} more groups of names that differ as little")
    return said


def _placed(fault: Fault, table: CellTable, taken: npt.NDArray[Any]) -> Fault:
    """Say a fault of the graph as one of the table it was read from."""
    if fault.file != "ties" or not fault.row:
        return fault
    place = table.rows[int(taken[fault.row - 2])]
    if table.row_word == "row":
        return replace(fault, file=table.file, row=int(place))
    return replace(fault, file=f"{table.file}, {table.row_word} {place}", row=0)
