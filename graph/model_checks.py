"""The rules a node table and a tie table keep; each fault is an error (ERR), none a warning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from klaster.graph.canonical_tables import EXTRA_NAME, plain
from klaster.graph.dictionary import (
    NODE_COLUMNS,
    TIE_COLUMNS,
    Attribute,
    Element,
    load_dictionary,
)
from klaster.graph.errors import Fault, file_row


def check_nodes(nodes: pd.DataFrame) -> list[Fault]:
    """Return what is wrong with a canonical node table."""
    return [*_key_faults(nodes, "id", "nodes"), *_row_faults(nodes, "node", "kind", "nodes")]


def check_ties(nodes: pd.DataFrame, ties: pd.DataFrame) -> list[Fault]:
    """Return what is wrong with a canonical tie table, given the nodes."""
    return [
        *_key_faults(ties, "tie_id", "ties"),
        *_row_faults(ties, "tie", "tie_type", "ties"),
        *_end_faults(nodes, ties),
        *_amount_faults(ties),
    ]


def _where(condition: Any) -> list[int]:
    """Return the positions at which a column of truth values is true."""
    positions: list[int] = np.flatnonzero(np.asarray(condition, dtype=bool)).tolist()
    return positions


def _key_faults(table: pd.DataFrame, key: str, name: str) -> Iterator[Fault]:
    for position in _where(table[key].isna() | (table[key] == "")):  # ERR a row without a key
        yield Fault(
            file=name,
            row=file_row(position),
            column=key,
            code="missing-key",
            value="",
            problem="a key is missing",
            remedy="Give every row one.",
        )
    for position in _where(table[key].duplicated() & table[key].notna()):  # ERR a key given twice
        yield Fault(
            file=name,
            row=file_row(position),
            column=key,
            code="duplicate-key",
            value=str(table[key].iloc[position]),
            problem="this key was given before",
            remedy="Keep one of the rows, or give the other a key of its own.",
        )


def _row_faults(
    table: pd.DataFrame, element: Element, kind_column: str, name: str
) -> Iterator[Fault]:
    """Check each row against the attributes its kind has."""
    dictionary = load_dictionary()
    known = dictionary.node_kinds() if element == "node" else dictionary.tie_type_names()
    kinds = table[kind_column].to_numpy(dtype=object)
    for kind in sorted({str(k) for k in kinds.tolist() if k is not pd.NA}):
        positions = np.flatnonzero(kinds == kind)
        if kind not in known:  # ERR a kind the dictionary does not have
            for position in positions.tolist():
                yield Fault(
                    file=name,
                    row=file_row(position),
                    column=kind_column,
                    code="unknown-kind",
                    value=kind,
                    problem=f"no such {'kind of node' if element == 'node' else 'type of tie'}",
                    remedy=f"Use one of: {', '.join(known)}.",
                )
            continue
        rows, numbers = table.iloc[positions], [file_row(p) for p in positions.tolist()]
        fixed = NODE_COLUMNS if element == "node" else TIE_COLUMNS
        attributes = [a for a in dictionary.attributes_of(element, kind) if a.name not in fixed]
        for attribute in attributes:
            yield from _attribute_faults(rows, numbers, kind, attribute, name)
        allowed = sorted([*fixed, *(a.name for a in attributes)])
        yield from _foreign_faults(rows, numbers, kind, allowed, name)
    for position in _where(table[kind_column].isna()):  # ERR a row without a kind
        yield Fault(
            file=name,
            row=file_row(position),
            column=kind_column,
            code="missing-value",
            value="",
            problem=f"{kind_column} is missing",
            remedy=f"Use one of: {', '.join(known)}.",
        )


def _attribute_faults(
    rows: pd.DataFrame, numbers: list[int], kind: str, attribute: Attribute, name: str
) -> Iterator[Fault]:
    given = attribute.name in rows.columns
    if not (given and attribute.vocabulary) and not attribute.required:
        return
    cells = [plain(v) for v in rows[attribute.name].tolist()] if given else [None] * len(rows)
    terms = load_dictionary().terms(attribute.vocabulary) if attribute.vocabulary else ()
    for number, cell in zip(numbers, cells, strict=True):
        if cell is None and attribute.required:  # ERR a value that is needed is missing
            yield Fault(
                file=name,
                row=number,
                column=attribute.name,
                code="missing-value",
                value="",
                problem=f"{kind} needs {attribute.name}: {attribute.meaning}",
                remedy="Give a value.",
            )
        elif cell is not None and terms and cell not in terms:  # ERR no term of the vocabulary
            yield Fault(
                file=name,
                row=number,
                column=attribute.name,
                code=f"unknown-{attribute.vocabulary}",
                value=str(cell),
                problem=f"no such {attribute.vocabulary}",
                remedy=f"Use one of: {', '.join(terms)}.",
            )


def _foreign_faults(
    rows: pd.DataFrame, numbers: list[int], kind: str, allowed: list[str], name: str
) -> Iterator[Fault]:
    for column in map(str, rows.columns):
        if column in allowed or EXTRA_NAME.fullmatch(column):
            continue
        for k in _where(rows[column].notna()):  # ERR an attribute of another kind
            yield Fault(
                file=name,
                row=numbers[k],
                column=column,
                code="foreign-attribute",
                value=str(rows[column].iloc[k]),
                problem=f"{kind} has no attribute {column}",
                remedy=f"Leave it empty, or use one of: {', '.join(allowed)}.",
            )


def _end_faults(nodes: pd.DataFrame, ties: pd.DataFrame) -> Iterator[Fault]:
    dictionary = load_dictionary()
    kind_of = dict(zip(nodes["id"].tolist(), nodes["kind"].tolist(), strict=True))
    fits: dict[tuple[str, str, str], bool] = {}
    known_types = set(dictionary.tie_type_names())
    columns = (ties[c].tolist() for c in ("tie_type", "source_id", "target_id"))
    for position, (tie_type, source, target) in enumerate(zip(*columns, strict=True)):
        ends = {"source_id": source, "target_id": target}
        unknown = {column: node for column, node in ends.items() if node not in kind_of}
        for column, node in unknown.items():  # ERR an end that is no node
            yield Fault(
                file="ties",
                row=file_row(position),
                column=column,
                code="unknown-node",
                value="" if node is pd.NA else str(node),
                problem="no such node",
                remedy="Add the node, or correct the key.",
            )
        if unknown or tie_type not in known_types:
            continue
        triple = (tie_type, kind_of[source], kind_of[target])
        if triple not in fits:
            fits[triple] = dictionary.layer_of(*triple) is not None
        if not fits[triple]:  # ERR kinds of node that the type does not tie
            pairs = [
                f"{t.source_kind} -> {t.target_kind}"
                for t in dictionary.tie_types
                if t.name == tie_type
            ]
            yield Fault(
                file="ties",
                row=file_row(position),
                column="tie_type",
                code="wrong-ends",
                value=tie_type,
                problem=f"it cannot tie {triple[1]} to {triple[2]}",
                remedy=f"{tie_type} goes {' or '.join(pairs)}.",
            )


def _amount_faults(ties: pd.DataFrame) -> Iterator[Fault]:
    if "value" not in ties.columns:
        return
    amounts = ties["value"].to_numpy(dtype=np.float64, na_value=0.0)
    for position in _where(amounts < 0):  # ERR an amount below zero
        yield Fault(
            file="ties",
            row=file_row(position),
            column="value",
            code="negative-flow",
            value=str(amounts[position]),
            problem="an amount cannot be negative",
            remedy="Turn the tie round, or correct the amount.",
        )
