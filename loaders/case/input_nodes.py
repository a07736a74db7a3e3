"""Rows of regions, actors and products: their rules, and the nodes they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from klaster.graph.errors import Fault
from klaster.loaders.case.input_keys import (
    Keys,
    keys_of,
    repeated_keys,
    unknown_key,
    years_reversed,
)
from klaster.loaders.case.input_rows import ReadInput, Row, missing_value, name_of
from klaster.loaders.case.input_specs import NODE_KINDS


def check_regions(read: ReadInput, *, good_only: bool) -> ReadInput:
    """Return regions with their faults; with ``good_only``, those of a group set aside follow it."""
    read = read.with_faults(
        [*repeated_keys(read, "code"), *years_reversed(read, "valid_from", "valid_to")]
    )
    while True:
        keys, before = keys_of(read, "code", good_only=good_only), read.bad
        rows = [row for row in read.checkable if not (good_only and row.number in before)]
        read = read.with_faults(
            [
                fault
                for row in rows
                if "part_of" in row.values
                for fault in (*_groups(read, row, keys), *_group_without_evidence(read, row))
            ]
        )
        if not good_only or read.bad == before:
            return read


def _groups(read: ReadInput, row: Row, keys: Keys) -> Iterator[Fault]:
    """ERR: the group a region is part of is unknown, or the region itself."""
    for code in row.values["part_of"]:
        if keys.lack(code):
            yield unknown_key(read, row, "part_of", keys, "region", code)
        elif code == row.values.get("code"):
            yield read.fault(
                row, "part_of", code="self-tie", value=code,
                problem="a region cannot be part of itself",
                remedy="Name the group or country it belongs to, or leave the cell empty.",
            )  # fmt: skip


def _group_without_evidence(read: ReadInput, row: Row) -> Iterator[Fault]:
    """ERR: a region is part of another, but evidence or source is missing."""
    for name in ("evidence", "source"):
        if name not in row.values:
            problem = f"a region that is part of another needs {name}"
            yield missing_value(read, row, name, problem, "Say how and where this is known.")


def nodes_of(read: ReadInput) -> list[dict[str, Any]]:
    """Return the nodes of the rows that are placed, in their order."""
    nodes = []
    for row in read.good_rows:
        values: dict[str, Any] = {**row.values, "kind": NODE_KINDS[read.spec.name]}
        values["name"] = name_of(values)
        if read.spec.name == "regions":
            values["id"] = region_id(values["code"])
            values.pop("part_of", None)
        nodes.append(values)
    return nodes


def region_id(code: str) -> str:
    """Return the key of the node of a region."""
    return f"region:{code}"


def part_of_ties(read: ReadInput) -> list[tuple[int, dict[str, Any]]]:
    """Return the ties of regions to the groups they are part of, each with its row."""
    return [(row.number, tie) for row in read.good_rows for tie in _part_of(row.values)]


def _part_of(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    source = region_id(values["code"])
    known = {name: values[name] for name in ("evidence", "source", "locator") if name in values}
    for group in values.get("part_of", ()):
        target = region_id(group)
        yield {
            "tie_id": f"{source}>PART_OF>{target}",
            "source_id": source,
            "target_id": target,
            "tie_type": "PART_OF",
            **known,
        }
