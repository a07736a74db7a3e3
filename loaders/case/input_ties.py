"""Rows of ties: their ends, their rules, the keys they are given, and actors made from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, Severity
from klaster.loaders.case.input_keys import (
    Keys,
    numbered,
    repeated_keys,
    unknown_key,
    unknown_networks,
    years_reversed,
    years_to_come,
)
from klaster.loaders.case.input_rows import ReadInput, Row, content_key
from klaster.loaders.names.actor_names import made_actor

UNTIMELY_STATUS = ("planned", "proposed")
"""Status of a tie that may lie in the future."""

ENDS = ("source_id", "target_id")


def ends_by_name(read: ReadInput, keys: Keys) -> ReadInput:
    """Return ties whose ends are keys: a name or alias that one node only has stands for its key.

    A file that gives more names than keys gets one note; in a file of keys a name is a slip, and
    each gets a warning.
    """
    rows, slips, by_key = [], [], 0
    for row in read.rows:
        values = dict(row.values)
        for end in ENDS:
            given = str(values.get(end, ""))
            by_key += given in keys.kinds
            key = keys.named(given) if given and keys.lack(given) else None
            if key is not None and not keys.lack(key):
                values[end] = key
                slips.append(_read_by_name(read, row, end, key))
        rows.append(Row(row.number, values))
    read = replace(read, rows=tuple(rows))
    if len(slips) <= by_key:
        return read.with_faults(slips)
    note = f"{read.file}: {len(slips)} ends of ties are names and were read as the keys of those"
    return replace(read, notes=(*read.notes, f"{note} who have them"))


def _read_by_name(read: ReadInput, row: Row, end: str, key: str) -> Fault:
    """WARN: a name is given where a key is asked for."""
    return read.fault(
        row, end, code="unknown-actor",
        problem=f"it is no key; did you mean {key!r}, whose name this is? It was read so",
        remedy="Give the key.", severity="warning",
    )  # fmt: skip


def check_ties(read: ReadInput, keys: Keys, case_year: int, networks: tuple[str, ...]) -> ReadInput:
    """Return ties with their faults: ends, types, years, amounts, networks."""
    return read.with_faults(
        [
            *repeated_keys(read, "tie_id"),
            *years_reversed(read, "year", "year_to"),
            *years_to_come(read, case_year, untimely=UNTIMELY_STATUS),
            *_unknown_ends(read, keys),
            *_ties_to_oneself(read, keys),
            *_wrong_ends(read, keys),
            *_negative_amounts(read),
            *_attributes_of_other_types(read),
            *unknown_networks(read, networks),
        ]
    )


def _unknown_ends(read: ReadInput, keys: Keys) -> Iterator[Fault]:
    """ERR: an end is no node."""
    for end in ENDS:
        for row, key in read.cells(end):
            if keys.lack(key):
                what = "region" if key.startswith("region:") else "actor"
                yield unknown_key(read, row, end, keys, what, key)


def _ties_to_oneself(read: ReadInput, keys: Keys) -> Iterator[Fault]:
    """ERR: a tie goes from a node to itself (an industry may use its own product); WARN in a bare table."""
    severity: Severity = "warning" if read.spec.make_actors else "error"
    for row, target in read.cells("target_id"):
        if row.values.get("source_id") == target and keys.kinds.get(target) != "Industry":
            yield read.fault(
                row, "target_id", code="self-tie", problem="the tie goes from a node to itself",
                remedy="Correct one of its ends, or delete the row.", severity=severity,
            )  # fmt: skip


def _wrong_ends(read: ReadInput, keys: Keys) -> Iterator[Fault]:
    """ERR: a type of tie does not go between these kinds of node."""
    dictionary = load_dictionary()
    for row, name in read.cells("tie_type"):
        source, target = (row.values.get(end) for end in ENDS)
        from_kind, to_kind = keys.kinds.get(str(source)), keys.kinds.get(str(target))
        pairs = [
            f"{t.source_kind} to {t.target_kind}" for t in dictionary.tie_types if t.name == name
        ]
        if not pairs or from_kind is None or to_kind is None:
            continue
        if dictionary.layer_of(name, from_kind, to_kind) is None:
            yield read.fault(
                row, "tie_type", code="wrong-ends",
                problem=f"it cannot tie {from_kind} {source!r} to {to_kind} {target!r}",
                remedy=f"{name} goes from {' or from '.join(pairs)}: turn the tie round, or use "
                "another type.",
            )  # fmt: skip


def _negative_amounts(read: ReadInput) -> Iterator[Fault]:
    """ERR: an amount is below zero."""
    for row, value in read.cells("value"):
        if value < 0:
            yield read.fault(
                row, "value", code="negative-flow", problem="an amount cannot be negative",
                remedy="Turn the tie round, or correct the amount.",
            )  # fmt: skip


def _attributes_of_other_types(read: ReadInput) -> Iterator[Fault]:
    """ERR: a type of tie does not have an attribute that the row gives."""
    dictionary = load_dictionary()
    allowed = {
        name: {
            "tie_id",
            *ENDS,
            "tie_type",
            *(a.name for a in dictionary.attributes_of("tie", name)),
        }
        for name in dictionary.tie_type_names()
    }
    for row, tie_type in read.cells("tie_type"):
        for name in sorted(set(row.values) - allowed.get(tie_type, set(row.values))):
            if not name.startswith("x_"):
                yield read.fault(
                    row, name, code="foreign-attribute",
                    problem=f"a tie {tie_type} has no attribute {name}",
                    remedy="Leave the cell empty, or say it in unit or note.",
                )  # fmt: skip


def with_made_actors(read: ReadInput, keys: Keys) -> tuple[tuple[str, ...], Keys]:
    """Return the ends of ties that become actors because no file has them, and all keys then.

    An end that begins as keys of regions or industries do is a slip, not an actor.
    """
    others = {
        k.partition(":")[0] for k, kind in keys.kinds.items() if kind in ("Region", "Industry")
    }
    beginnings = tuple(f"{name}:" for name in {"region", *others})
    ends = {key for end in ENDS for _, key in read.cells(end)}
    made = sorted(
        end
        for end in ends
        if keys.lack(end) and end not in keys.aside and not end.startswith(beginnings)
    )
    known = None if keys.known is None else keys.known | set(made)
    return tuple(made), replace(
        keys, known=known, kinds={**keys.kinds, **dict.fromkeys(made, "Actor")}
    )


def made_actors(made: Iterable[str], ties: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes of the ends that ties name."""
    named = {tie[end] for tie in ties for end in ENDS}
    return [made_actor(end) for end in made if end in named]


def ties_of(read: ReadInput, used_keys: Iterable[str]) -> list[dict[str, Any]]:
    """Return the ties of the rows that are placed, in their order, with their keys."""
    ties = [row.values for row in read.good_rows]
    keys = tie_keys(ties, used_keys)
    return [{**tie, "tie_id": key} for tie, key in zip(ties, keys, strict=True)]


def tie_keys(ties: Sequence[Mapping[Any, Any]], used_keys: Iterable[str] = ()) -> list[str]:
    """Return the keys of ties: those they have, else ``source>TYPE>target``.

    Parallel ones get ``#2``, ``#3`` … in the order of their content, so that keys do not depend on
    the order of the rows.
    """
    keys = [tie.get("tie_id") for tie in ties]
    used = {*used_keys, *filter(None, keys)}
    without = [k for k, key in enumerate(keys) if not key]
    for k in sorted(without, key=lambda k: content_key(ties[k])):
        keys[k] = numbered("{source_id}>{tie_type}>{target_id}".format_map(ties[k]), used)
    return list(map(str, keys))
