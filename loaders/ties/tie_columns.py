"""Which column of a table of ties is what: as the caller says, else by well known headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from klaster.graph.canonical_tables import EXTRA_NAME
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, UnknownNameError, did_you_mean
from klaster.loaders.case.input_rows import PERSONAL_COLUMNS
from klaster.loaders.files.cell_values import YEARS
from klaster.loaders.ties.cell_table import CellTable

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "source_id": (
        *("source_id", "source", "supplier", "seller", "vendor", "from", "supplier_name", "sender"),
        *("поставщик", "продавец", "отправитель", "исполнитель", "откуда", "от кого"),
        *("жеткізуші", "сатушы", "өнім беруші"),
    ),
    "target_id": (
        *("target_id", "target", "buyer", "customer", "purchaser", "to", "buyer_name", "receiver"),
        *("покупатель", "заказчик", "получатель", "клиент", "потребитель", "куда", "кому"),
        *("сатып алушы", "тапсырыс беруші", "тұтынушы"),
    ),
    "value": (
        *("value", "amount", "sum", "weight", "total amount", "contract value"),
        *("сумма", "стоимость", "объем", "объём", "вес", "сомасы", "сома", "құны"),
    ),
    "id": ("id", "key", "код", "ключ", "node", "коды"),
    "name": (
        *("name", "label", "title", "company", "firm", "organisation", "organization", "actor"),
        *("название", "наименование", "компания", "фирма", "организация", "предприятие"),
        *("атауы", "ұйым", "кәсіпорын"),
    ),
    "region": ("region", "oblast", "регион", "область", "өңір", "облыс"),
    "industry_code": ("industry_code", "oked", "nace", "isic", "оквэд", "окэд", "эқжж"),
    "industry": ("industry", "sector", "отрасль", "вид деятельности", "сала"),
    "actor_type": ("actor_type", "type", "kind of actor", "тип", "түрі"),
    "bin": ("bin", "бин", "бсн"),
}
"""Well known headings, by what they hold."""

ROLES = {"source_id": "source", "target_id": "target", "value": "amount"}
"""What the ends and the amount of a tie are called where a caller names them."""

CONSTANTS = ("tie_type", "year", "unit", "currency", "evidence")
"""What may be said once for all ties instead of in a column."""

TERMS = {"tie_type": "tie type", "evidence": "evidence class"}
_NAMES_TOLD = 30


def _head(heading: str) -> str:
    """Return what a heading says before a comma or a bracket, in small letters."""
    return " ".join(re.split(r"[,(\[:]", heading.casefold().replace("ё", "е"))[0].split())


_KNOWN = {role: frozenset(_head(name) for name in names) for role, names in HEADINGS.items()}

_LONG = {role: {name for name in names if len(name) > 4} for role, names in _KNOWN.items()}
"""Headings that are recognised as the first word of a longer one too."""


def is_known_heading(text: str) -> bool:
    """Return whether a text is a well known heading of an end or an amount.

    Examples
    --------
    >>> is_known_heading("Сумма, тыс. тг"), is_known_heading("Qarmet")
    (True, False)
    """
    return any(_head(text) in _KNOWN[role] for role in ROLES)


def actor_tie_types(*, symmetric: bool = False) -> list[str]:
    """Return the types of tie that go from actor to actor; only those of no direction if asked."""
    types = load_dictionary().tie_types
    pairs = [t for t in types if (t.source_kind, t.target_kind) == ("Actor", "Actor")]
    return sorted({t.name for t in pairs if t.symmetric or not symmetric})


@dataclass
class Assignment:
    """Which attribute is read from which column, and what is the same for all rows."""

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    recognised: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    personal: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def assign(
    table: CellTable,
    given: Mapping[str, str | None],
    constants: Mapping[str, Any],
    element: Literal["tie", "node"],
) -> Assignment:
    """Say which column is which attribute.

    Parameters
    ----------
    table
        The cells.
    given
        Attribute to the column the caller named; None where no column was named.
    constants
        Of :data:`CONSTANTS` what the caller gave: a column or a constant.
    element
        Ties, or nodes (then columns are those of an actor).
    """
    found = Assignment()
    found.personal = [
        c for c in table.columns if re.sub(r"[\W_]+", "", c.casefold()) in PERSONAL_COLUMNS
    ]
    said = {role: str(name) for role, name in given.items() if name is not None}
    known = _attributes(element)
    for role in [role for role in said if role not in known and not EXTRA_NAME.fullmatch(role)]:
        raise UnknownNameError("attribute", role, known)
    for role, name in said.items():
        shown = ROLES.get(role, role)
        if table.ends and role in ("source_id", "target_id") and name not in table.ends:
            _refuse(found, table, name, "ends-known", f"{table.file} has its ends without {shown}=",
                    f"Leave {shown} out.")  # fmt: skip
        elif name in found.personal:
            _refuse(found, table, name, "personal-data", f"the column named as {shown} holds personal data",
                    "It is never read: name another column.")  # fmt: skip
        elif name not in table.columns:
            near = did_you_mean(name, list(table.columns)).rstrip(".")
            _refuse(found, table, name, "missing-column", f"there is no column of this name, given as {shown}{near}",
                    f"Its columns: {_listed(table.columns)}.")  # fmt: skip
        elif name in found.columns.values():
            other = next(r for r, c in found.columns.items() if c == name)
            _refuse(found, table, name, "column-twice", f"it is named as {ROLES.get(other, other)} and as {shown}",
                    "Name another column for one of them.")  # fmt: skip
        else:
            found.columns[role] = name
    if table.ends:
        found.columns |= dict(zip(("source_id", "target_id"), table.ends, strict=True))
    roles = (
        ROLES
        if element == "tie"
        else ("id", "name", "region", "industry", "industry_code", "actor_type", "bin")
    )
    for role in roles:
        if role not in said and role not in found.columns:
            _recognise(found, table, role, certain=element == "tie" and role != "value")
    if element == "tie":
        _ends_of_two(found, table)
        for name, value in constants.items():
            if value is not None:
                _constant_or_column(found, table, name, value)
    _own_names(found, table, element)
    used = {*found.columns.values(), *found.personal}
    found.left_out = [name for name in table.columns if name not in used]
    return found


def _refuse(
    found: Assignment, table: CellTable, value: str, code: str, problem: str, remedy: str
) -> None:
    found.faults.append(
        Fault(
            file=table.file, row=table.header_row, column="", code=code, value=value, problem=problem,
            remedy=remedy,
        )
    )  # fmt: skip


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    shown = [repr(name) for name in list(names)[:_NAMES_TOLD]]
    return (
        ", ".join(shown)
        + (f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else "")
        or "none"
    )


def _free(found: Assignment, table: CellTable) -> list[str]:
    used = {*found.columns.values(), *found.personal}
    return [name for name in table.columns if name not in used]


def _recognise(found: Assignment, table: CellTable, role: str, *, certain: bool) -> None:
    """Find the one column with a well known heading: the whole heading, else its first word."""
    free = _free(found, table)
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name.casefold() == role,
        lambda name: _head(name) in _KNOWN[role],
        lambda name: role in ROLES and re.split(r"[\s_]", _head(name))[0] in _LONG[role],
    )
    for test in tests:
        fitting = [name for name in free if test(name)]
        if len(fitting) == 1:
            found.columns[role] = fitting[0]
            found.recognised.append(role)
        elif fitting and certain:
            shown = ROLES[role]
            _refuse(found, table, "", f"several-{shown}s", f"{_listed(fitting)} may each be the {shown}",
                    f"Say which: {shown}={fitting[0]!r}.")  # fmt: skip
            found.columns[role] = ""
        if fitting:
            return


def _ends_of_two(found: Assignment, table: CellTable) -> None:
    """Take a table of two columns as source and target; else say which end is not known."""
    missing = [role for role in ("source_id", "target_id") if role not in found.columns]
    free = _free(found, table)
    refused = any(f.code in ("missing-column", "personal-data") for f in found.faults)
    ends_by_place = (
        len(missing) == 2 and not refused and all(n.startswith("column ") for n in table.columns)
    )
    if (missing and len(free) == len(missing) and len(table.columns) == 2) or ends_by_place:
        for role, name in zip(missing, free, strict=False):
            found.columns[role] = name
            found.recognised.append(role)
        third = free[2] if ends_by_place and len(free) == 3 and "value" not in found.columns else ""
        if third:
            found.columns["value"] = third
            found.recognised.append("value")
    elif missing and not refused:
        words = " and ".join(ROLES[role] for role in missing)
        call = ", ".join(
            f"{ROLES[role]}={name!r}" for role, name in zip(missing, free, strict=False)
        )
        _refuse(found, table, "", "ends-unknown", f"no heading tells which column is the {words}",
                f"Say so, as {call or 'source=…, target=…'}. Its columns: {_listed(table.columns)}.")  # fmt: skip
    found.columns = {role: name for role, name in found.columns.items() if name}


def _constant_or_column(found: Assignment, table: CellTable, name: str, given: Any) -> None:
    """Take what was given as a constant or as a column; refuse what may be both or is neither.

    A year is a constant if it is a number; a type and an evidence class if it is a term of the
    dictionary; a unit and a currency if no column has the name or one that is nearly the same.
    """
    free = _free(found, table)
    column = str(given) if str(given) in free else ""
    terms = {
        "tie_type": actor_tie_types(symmetric=not table.directed),
        "evidence": list(load_dictionary().terms("evidence")),
    }.get(name, [])
    near = did_you_mean(str(given), [*free, *terms]).rstrip(".")
    if name == "year":
        if isinstance(given, int) and not isinstance(given, bool):
            if YEARS[0] <= given <= YEARS[1]:
                found.constants[name] = given
            else:
                _refuse(
                    found,
                    table,
                    str(given),
                    "bad-year",
                    "year is no year",
                    "Give four digits, as 2023.",
                )
        elif column:
            found.columns[name] = column
        else:
            _refuse(found, table, str(given), "missing-column", f"year is neither a number nor a column{near}",
                    f"Give a number, as year=2023, or one of the columns: {_listed(free)}.")  # fmt: skip
    elif name in TERMS:
        if column and str(given) in terms:
            _refuse(found, table, str(given), "constant-or-column", f"it is a column and a {TERMS[name]}",
                    "Rename the column.")  # fmt: skip
        elif column:
            found.columns[name] = column
        elif str(given) in terms:
            found.constants[name] = str(given)
        elif name == "tie_type" and str(given) in load_dictionary().tie_type_names():
            why = (
                "it has a direction, and the graph has none"
                if not table.directed
                else "it does not tie actor to actor"
            )
            _refuse(
                found, table, str(given), "wrong-tie-type", why, f"Give one of: {', '.join(terms)}."
            )
        else:
            _refuse(found, table, str(given), f"unknown-{name.replace('_', '-')}", f"{name} is neither a {TERMS[name]} nor a column{near}",
                    f"Give one of: {', '.join(terms)}; or one of the columns: {_listed(free)}.")  # fmt: skip
    elif column:
        found.columns[name] = column
    elif close := get_close_matches(
        str(given).casefold(), [n.casefold() for n in free], n=1, cutoff=0.8
    ):
        like = next(n for n in free if n.casefold() == close[0])
        _refuse(found, table, str(given), "constant-or-column", f"{name} may be this text or the column {like!r}",
                f"Give the column's exact name; or rename the column, if {given!r} is the {name} of all ties.")  # fmt: skip
    else:
        found.constants[name] = str(given)


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
    for name in _free(found, table):
        taken = name in found.columns or name in found.constants
        if not taken and (name in known or EXTRA_NAME.fullmatch(name)):
            found.columns[name] = name
