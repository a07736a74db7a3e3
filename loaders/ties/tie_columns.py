"""Which column of a table of ties is what: as the caller says, else by well known headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from numbers import Integral
from typing import Any, Literal

from klaster.graph.canonical_tables import EXTRA_NAME
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, UnknownNameError, did_you_mean
from klaster.loaders.case.input_rows import is_personal
from klaster.loaders.case.input_specs import actor_tie_types
from klaster.loaders.files.amounts import read_amounts
from klaster.loaders.files.cell_values import YEARS
from klaster.loaders.heading_words import WORDS
from klaster.loaders.ties.cell_table import CellTable


def _listed_words(section: str) -> dict[str, tuple[str, ...]]:
    return {
        role: tuple(" ".join(name.split()) for name in text.split(";"))
        for role, text in WORDS[section].items()
    }


HEADINGS: Mapping[str, tuple[str, ...]] = _listed_words("ties")
"""Well known headings, by what they hold."""

ROLES = {"source_id": "source", "target_id": "target", "value": "amount"}
"""What the ends and the amount of a tie are called where a caller names them."""

CONSTANTS = ("tie_type", "year", "unit", "currency", "evidence")
"""What may be said once for all ties instead of in a column."""

_NAMES_TOLD = 30

_KEY_PART = "id|key|code|bin|inn|код|бин|иин|инн|бсн"
_NAME_PART = "name|title|label|наименование|название|атауы"

_KEY_WORD = re.compile(
    r"(?<![^\W_])(id|key|code|node|bin|inn|ключ|код|бин|иин|инн|бсн)(?![^\W\d_])"
)


def _head(heading: str) -> str:
    """Return what a heading says before a comma or a bracket, in small letters."""
    return " ".join(re.split(r"[,(\[:]", heading.casefold().replace("ё", "е"))[0].split())


_KNOWN = {role: frozenset(_head(name) for name in names) for role, names in HEADINGS.items()}

_LONG = {role: {name for name in names if len(name) > 4} for role, names in _KNOWN.items()}
"""Headings that are recognised as the first word of a longer one too."""


_PAID = {role: frozenset(map(_head, names)) for role, names in _listed_words("payments").items()}
_SOLD = {role: frozenset(map(_head, names)) for role, names in _listed_words("sales").items()}
"""Headings of the ends of a payment, and of a sale, whose target pays."""

_OTHER = {"source_id": "target_id", "target_id": "source_id"}


def is_known_heading(text: str) -> bool:
    """Return whether a text is a well known heading of an end or an amount.

    Examples
    --------
    >>> is_known_heading("Сумма, тыс. тг"), is_known_heading("Qarmet")
    (True, False)
    """
    return any(_head(text) in {*_KNOWN[role], *_PAID.get(role, ())} for role in ROLES)


def _begins(name: str, headings: frozenset[str]) -> bool:
    """Return whether a heading is one of these, or begins with one as ``Supplier name`` does."""
    head = _head(name).replace("_", " ")
    return any(head == one or head.startswith(f"{one} ") for one in headings)


def _headings_of(role: str, *, money: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Return the headings of an end, and those of which a longer one may begin with.

    Of payments, the end that pays is the one that buys.
    """
    if not money or role not in _OTHER:
        return _KNOWN[role], frozenset(_LONG[role])
    own = (_KNOWN[role] - _SOLD[role]) | _PAID[role] | _SOLD[_OTHER[role]]
    return own, frozenset(name for name in own if len(name) > 4)


@dataclass
class Assignment:
    """Which attribute is read from which column, and what is the same for all rows."""

    table: CellTable
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    recognised: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    personal: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    money: bool = False

    def refuse(self, value: object, code: str, problem: str, remedy: str) -> None:
        """Write down what is wrong with what the caller said, or with the headings."""
        self.faults.append(self.table.fault((), "", code, problem, remedy, value))

    def free(self) -> list[str]:
        """Return the columns that are nothing yet."""
        used = {*self.columns.values(), *self.names.values(), *self.personal}
        return [name for name in self.table.columns if name not in used]


def assign(
    table: CellTable,
    given: Mapping[str, str | None],
    constants: Mapping[str, Any],
    element: Literal["tie", "node"],
    *,
    money: bool = False,
) -> Assignment:
    """Say which column is which attribute.

    ``given`` are the columns a caller named, by attribute; ``constants`` what was given of
    :data:`CONSTANTS`, each a column or a constant. Columns of a ``node`` are those of an actor.
    With ``money`` ties are read from who pays to who is paid.
    """
    found = Assignment(table, money=money)
    found.personal = [name for name in table.columns if is_personal(name)]
    said = {role: str(name) for role, name in given.items() if name is not None}
    known = _attributes(element)
    for role in [role for role in said if role not in known and not EXTRA_NAME.fullmatch(role)]:
        raise UnknownNameError("attribute", role, known)
    for role, name in said.items():
        shown = ROLES.get(role, role)
        if table.ends and role in ("source_id", "target_id") and name not in table.ends:
            found.refuse(name, "ends-known", f"{table.file} has its ends without {shown}=",
                         f"Leave {shown} out.")  # fmt: skip
        elif name in found.personal:
            found.refuse(name, "personal-data", f"the column of {shown} holds personal data",
                         "It is never read: name another column.")  # fmt: skip
        elif name not in table.columns:
            near = did_you_mean(name, list(table.columns)).rstrip(".")
            found.refuse(name, "missing-column",
                         f"there is no column of this name, given as {shown}{near}",
                         f"Its columns: {_listed(table.columns)}.")  # fmt: skip
        elif name in found.columns.values():
            other = next(r for r, c in found.columns.items() if c == name)
            found.refuse(name, "column-twice", f"it is {ROLES.get(other, other)} and {shown}",
                         "Name another column for one of them.")  # fmt: skip
        else:
            found.columns[role] = name
            _other_end(found, role, name)
    if table.ends:
        found.columns |= dict(zip(("source_id", "target_id"), table.ends, strict=True))
    if element == "tie" and not table.ends:
        _keys_with_names(found)
    for role in ROLES if element == "tie" else [role for role in HEADINGS if role not in ROLES]:
        if role not in said and role not in found.columns:
            _recognise(found, role, certain=element == "tie" and role != "value")
    if element == "tie":
        _ends_of_two(found, table)
        for name, value in constants.items():
            if value is not None:
                _constant_or_column(found, name, value)
    _own_names(found, table, element)
    found.left_out = found.free()
    return found


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    shown = ", ".join(repr(name) for name in list(names)[:_NAMES_TOLD]) or "none"
    return shown + (f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else "")


def _stem(heading: str, words: str) -> str:
    """Return a heading without the word before or after it: ``buyer`` of ``buyer_id``."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    text = " ".join(re.split(r"[\s_.-]+", text.casefold()))
    match = re.fullmatch(rf"(.+) (?:{words})|(?:{words}) (.+)", text)
    return (match[1] or match[2]) if match else ""


def _keys_with_names(found: Assignment) -> None:
    """Take ``supplier_id`` and ``supplier_name`` as the key of an end and the name of the actor."""
    free = found.free()
    names = {_stem(name, _NAME_PART): name for name in free}
    keys = {_stem(name, _KEY_PART): name for name in [*found.columns.values(), *free]}
    for role in ("source_id", "target_id"):
        roots = tuple(name[:-1] for name in _LONG[role])
        stems = [
            stem for stem, key in keys.items()
            if stem and stem in names and names[stem] not in found.names.values()
            and (found.columns[role] == key if role in found.columns
                 else stem in _KNOWN[role] or stem.startswith(roots))
        ]  # fmt: skip
        if len(stems) == 1:
            if role not in found.columns:
                found.columns[role] = keys[stems[0]]
                found.recognised[role] = "by its heading"
            found.names[role] = names[stems[0]]


def _recognise(found: Assignment, role: str, *, certain: bool) -> None:
    """Find the one column with a well known heading: the whole heading, else its first word."""
    free = found.free()
    if role in _OTHER and not found.money:
        free = [name for name in free if not any(_begins(name, paid) for paid in _PAID.values())]
    whole, start = _headings_of(role, money=found.money)
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name.casefold() == role,
        lambda name: _head(name) in whole,
        lambda name: role in ROLES and re.split(r"[\s_]", _head(name))[0] in start,
    )
    for test in tests:
        fitting = [name for name in free if test(name)]
        if len(fitting) == 1:
            found.columns[role] = fitting[0]
            found.recognised[role] = "by its heading"
        elif fitting and certain:
            shown = ROLES[role]
            found.refuse("", f"several-{shown}s", f"{_listed(fitting)} may each be the {shown}",
                         f"Say which: {shown}={fitting[0]!r}.")  # fmt: skip
            found.columns[role] = ""
        if fitting:
            return


def _other_end(found: Assignment, role: str, name: str) -> None:
    """Say where a column is named as one end whose heading is that of the other."""
    if role not in _OTHER:
        return
    own, _ = _headings_of(role, money=found.money)
    other, _ = _headings_of(_OTHER[role], money=found.money)
    if not found.money and _begins(name, _PAID[role]):
        found.notes.append(
            f"look again: {name!r} was named as {ROLES[role]}, as of goods, but its heading is of "
            "payments, which run the other way: turn them round by direction='payments'"
        )
    elif _begins(name, other - own):
        found.notes.append(
            f"look again: {name!r} was named as {ROLES[role]}, but its heading is that of a "
            f"{ROLES[_OTHER[role]]}"
        )


def _ends_of_two(found: Assignment, table: CellTable) -> None:
    """Take a table of two columns as source and target; else say which end is not known."""
    missing = [role for role in ("source_id", "target_id") if role not in found.columns]
    free = found.free()
    paid = [n for n in free if not found.money and any(_begins(n, p) for p in _PAID.values())]
    if missing and paid:
        named = [*paid, *(found.columns[r] for r in _OTHER if r in found.columns)]
        found.refuse("", "headings-of-payments",
                     f"{_listed(named)} are headings of payments, and goods run the other way",
                     "Turn them round by direction='payments'; or, where money is given and "
                     "nothing is bought, say tie_type='FUNDS'.")  # fmt: skip
        return
    refused = any(f.code in ("missing-column", "personal-data") for f in found.faults)
    ends_by_place = (
        len(missing) == 2 <= len(free)
        and not refused
        and all(n.startswith("column ") for n in table.columns)
    )
    two = bool(missing) and len(free) == len(missing) and len(table.columns) == 2
    two = two and not table.sided and _hold_names(table, free)
    if two or ends_by_place:
        for role, name in zip(missing, free, strict=False):
            found.columns[role] = name
            found.recognised[role] = "by its place"
        third = (
            free[2:] if ends_by_place and len(free) == 3 and "value" not in found.columns else ()
        )
        if third and not read_amounts(table.columns[third[0]]).faults:
            found.columns["value"] = third[0]
            found.recognised["value"] = "by its place"
    elif missing and not refused:
        words = " and ".join(ROLES[role] for role in missing)
        call = ", ".join(
            f"{ROLES[role]}={name!r}" for role, name in zip(missing, free, strict=False)
        )
        found.refuse("", "ends-unknown", f"no heading tells which column is the {words}",
                     f"Say so, as {call or 'source=…, target=…'}. Its columns: "
                     f"{_listed(table.columns)}.{table.sided and ' '}{table.sided}")  # fmt: skip
    found.columns = {role: name for role, name in found.columns.items() if name}


def _hold_names(table: CellTable, columns: Sequence[str]) -> bool:
    """Say whether columns hold names or keys of actors, not amounts of something.

    Numbers are keys where a heading says so or is none, where they are as long as registration
    numbers, or where most of one end are the other end too.
    """
    ends = [{cell for cell in table.columns[name] if cell} for name in table.columns]
    small = min(ends, key=len)
    shared = 2 * len(set.intersection(*ends)) > len(small)
    for name in columns:
        cells = [cell for cell in table.columns[name] if cell]
        if not cells or read_amounts(cells).faults:
            continue
        whole = all(cell.isdecimal() for cell in cells)
        said = name.isdecimal() or name.startswith("column ") or _KEY_WORD.search(name.casefold())
        if not whole or not (said or shared or min(map(len, cells)) > 8):
            return False
    return True


def _constant_or_column(found: Assignment, name: str, given: Any) -> None:
    """Take what was given as a constant or as a column; refuse what may be both or is neither.

    A year is a constant if it is a number; a type and an evidence class if it is a term of the
    dictionary; a unit and a currency if no column has the name or one that is nearly the same.
    """
    free, text, dictionary = found.free(), str(given), load_dictionary()
    terms: Sequence[str] = ()
    if name == "tie_type":
        terms = actor_tie_types(symmetric=not found.table.directed)
    elif name == "evidence":
        terms = dictionary.terms("evidence")
    is_year = (
        name == "year"
        and isinstance(given, Integral)
        and int(given) in range(YEARS[0], YEARS[1] + 1)
    )
    near = did_you_mean(text, [*free, *terms]).rstrip(".")
    small = {column.casefold(): column for column in free}
    alike = get_close_matches(text.casefold(), list(small), n=1, cutoff=0.8)
    allowed = f"Give one of: {', '.join(terms)}"
    columns = f"or one of the columns: {_listed(free)}."
    if text in free and text in terms:
        found.refuse(given, "constant-or-column", f"it is a column and a term of {name}",
                     "Rename the column.")  # fmt: skip
    elif text in free and not is_year:
        found.columns[name] = text
    elif text in terms or is_year or (name in ("unit", "currency") and not alike):
        found.constants[name] = int(given) if is_year else given
    elif name in ("unit", "currency"):
        found.refuse(given, "constant-or-column",
                     f"{name} may be this text or the column {small[alike[0]]!r}",
                     "Give the exact name of the column; or rename it, if the text holds for all "
                     "ties.")  # fmt: skip
    elif name == "year":
        found.refuse(given, "bad-year", f"year is neither a year nor a column{near}",
                     f"Give a number of four digits, as year=2023; {columns}")  # fmt: skip
    elif name == "tie_type" and text in dictionary.tie_type_names():
        why = "does not tie actor to actor" if found.table.directed else "has a direction"
        why += "" if found.table.directed else ", and the graph has none"
        found.refuse(given, "wrong-tie-type", f"it {why}", f"{allowed}.")
    else:
        found.refuse(given, f"unknown-{name.replace('_', '-')}",
                     f"{name} is neither a term nor a column{near}",
                     f"{allowed}; {columns}")  # fmt: skip


def _attributes(element: Literal["tie", "node"]) -> set[str]:
    """Return the attributes that ties between actors, or actors, may have; and their keys."""
    kinds = ("Actor",) if element == "node" else tuple(actor_tie_types())
    own = {"id"} if element == "node" else {"source_id", "target_id", "tie_type"}
    return own.union(
        *({a.name for a in load_dictionary().attributes_of(element, k)} for k in kinds)
    )


def _own_names(found: Assignment, table: CellTable, element: Literal["tie", "node"]) -> None:
    """Take the columns that bear the name of an attribute of the dictionary, or begin with x_."""
    known = _attributes(element)
    for name in found.free():
        taken = name in found.columns or name in found.constants
        if not taken and (name in known or EXTRA_NAME.fullmatch(name)):
            found.columns[name] = name
