"""Keys that rows of other files may name, and rules on keys, years, regions and networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from klaster.graph.errors import Fault, did_you_mean
from klaster.loaders.case.input_rows import DAMAGED, NAMES, ReadInput, Row


@dataclass(frozen=True)
class Keys:
    """Keys that rows of other files may name.

    ``known`` is None where a file was not read as a whole; ``aside`` are keys of rows that were set
    aside, and where they stand; ``names`` are names and aliases without regard to case, with their key,
    empty where several have it; ``kinds`` the kind of node of each; keys that begin with one of
    ``unjudged`` cannot be judged, because their file was not read as a whole.
    """

    known: frozenset[str] | None = frozenset()
    aside: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    unjudged: tuple[str, ...] = ()

    def lack(self, key: str) -> bool:
        """Return whether it is sure that there is no such key."""
        return (
            self.known is not None and key not in self.known and not key.startswith(self.unjudged)
        )

    def named(self, text: str) -> str | None:
        """Return the key of the one node that has this name or alias; None where there is none."""
        return self.names.get(text.casefold()) or None


def unique_names(pairs: Mapping[str, set[str]]) -> dict[str, str]:
    """Return the key of each name; an empty one where several have it."""
    return {name: min(keys) if len(keys) == 1 else "" for name, keys in pairs.items()}


def numbered(base: str, used: set[str]) -> str:
    """Return ``base``, or ``base#2``, ``base#3`` … where it is used, and note it as used.

    Examples
    --------
    >>> used = {"a"}
    >>> numbered("a", used), numbered("a", used)
    ('a#2', 'a#3')
    """
    key, count = base, 1
    while key in used:
        count += 1
        key = f"{base}#{count}"
    used.add(key)
    return key


def keys_of(read: ReadInput, attribute: str, *, good_only: bool) -> Keys:
    """Return the keys a file gives; those of rows at fault too, unless only good ones count."""
    given = {str(r.values[attribute]): r for r in reversed(read.rows) if attribute in r.values}
    unread = read.table.rows and not given  # the column is missing: that is said already
    if not read.table.complete or unread or any(DAMAGED in key for key in given):
        return Keys(None)
    named: dict[str, set[str]] = {}
    for key, row in given.items():
        for name in (*(row.values.get(n) for n in NAMES), *row.values.get("aliases", ())):
            if name:
                named.setdefault(str(name).casefold(), set()).add(key)
    names = unique_names(named)
    if not good_only:
        return Keys(frozenset(given), {}, names)
    good = {str(row.values[attribute]) for row in read.good_rows if attribute in row.values}
    aside = {key: f"{read.file}, row {row.number}" for key, row in given.items() if key not in good}
    return Keys(frozenset(good), aside, names)


def repeated_keys(
    read: ReadInput, attribute: str, elsewhere: Mapping[str, str] | None = None
) -> Iterator[Fault]:
    """ERR: a key is given twice in a file, or was given in another one (there: its place)."""
    first: dict[str, str] = dict(elsewhere or {})
    for row in read.rows:
        key = row.values.get(attribute)
        if key is None or row.number in read.duplicates or DAMAGED in str(key):
            continue
        if key in first and row.number not in read.table.bad_rows:
            yield read.fault(
                row, attribute, code="duplicate-id",
                problem=f"this key was given before ({first[key]})",
                remedy="Keep one of the rows, or give the other a key of its own.",
            )  # fmt: skip
        first.setdefault(key, f"row {row.number}")


def unknown_key(
    read: ReadInput, row: Row, attribute: str, keys: Keys, what: str, key: str
) -> Fault:
    """Return the fault of a key there is not: an actor, a region, a code."""
    known, named = keys.known or frozenset(), keys.named(key)
    place = keys.aside.get(key) or keys.aside.get(named or "")
    if place:
        return read.fault(
            row, attribute, code=f"{what}-set-aside", value=key,
            problem=f"the {what} it names was set aside ({place})",
            remedy="Correct that row first.",
        )  # fmt: skip
    hint = did_you_mean(key, sorted(known)).rstrip(".")
    if named:
        hint = f"; did you mean {named!r}, whose name this is?"
    elif f"region:{key}" in known:
        hint = f"; did you mean 'region:{key}'?"
    return read.fault(
        row, attribute, code=f"unknown-{what}", value=key, problem=f"there is no such {what}{hint}",
        remedy=f"Correct it, or add the {what}.",
    )  # fmt: skip


def unknown_regions(read: ReadInput, regions: Keys | None) -> Iterator[Fault]:
    """ERR: a row names a region there is not; nothing is said where the case has no regions."""
    for row, region in read.cells("region"):
        if regions is not None and regions.lack(region):
            yield unknown_key(read, row, "region", regions, "region", region)


def years_to_come(
    read: ReadInput, case_year: int, *, untimely: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """ERR: a year is later than the case's, and the row's status does not allow it."""
    allowed = f"set status to {' or '.join(untimely)}, " if untimely else ""
    for row, year in read.cells("year"):
        if year > case_year and row.values.get("status") not in untimely:
            yield read.fault(
                row, "year", code="future-year",
                problem=f"it is later than the year of the case, {case_year}",
                remedy=f"Correct the year, {allowed}or raise year in [case].",
            )  # fmt: skip


def years_reversed(read: ReadInput, first: str, last: str) -> Iterator[Fault]:
    """ERR: a span of years ends before it begins."""
    for row, end in read.cells(last):
        if end < row.values.get(first, end):
            yield read.fault(
                row, last, code="years-reversed",
                problem=f"it is before {first}, {row.values[first]}",
                remedy="Exchange or correct the years.",
            )  # fmt: skip


def unknown_networks(read: ReadInput, networks: tuple[str, ...]) -> Iterator[Fault]:
    """WARN: a row belongs to a network that the case does not declare."""
    for row, network in read.cells("network"):
        if network not in networks:
            yield read.fault(
                row, "network", code="unknown-network", problem="the case declares no such network"
                + did_you_mean(network, networks).rstrip("."),
                remedy="Declare it under [[networks]], or correct it.", severity="warning",
            )  # fmt: skip
