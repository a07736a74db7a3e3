"""The bulk path into Neo4j: files for ``neo4j-admin database import full``.

For graphs of a few hundred thousand ties and more this is several times faster than a load over
the network. It fills a database that is empty or may be replaced, while the server is stopped;
what comes out is the same as :meth:`Neo4jStore.write` leaves.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from klaster.graph.dictionary import TIE_COLUMNS
from klaster.graph.errors import Fault, InputError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.neo4j_layout import (
    Group,
    check_storable,
    identifier,
    node_groups,
    schema,
    tie_groups,
)

AFTER = "after-import.cypher"
"""Statements to run once the server is up: constraints, and cells that CSV cannot carry."""

SEPARATORS = ("\x1f", "\x1e", "\x1d", "\x1c")
"""Control characters that may stand between the elements of a list."""

_ID_SPACE = "klaster"

_README = """A klaster graph for neo4j-admin: {nodes:,} nodes, {ties:,} ties.

1. Stop the server. The import replaces the whole database "neo4j".
2. In this folder, as the user the server runs as:

{command}

3. Start the server and run the statements of {after} (constraints, full-text index):

   cypher-shell -u neo4j -f {after}
"""


@dataclass(frozen=True)
class AdminImport:
    """What :func:`export_admin_csv` wrote.

    Attributes
    ----------
    folder
        Where the files are.
    arguments
        Arguments of ``neo4j-admin``, to be run in the folder.
    statements
        Cypher to run afterwards, one statement each, in this order.
    """

    folder: Path
    arguments: tuple[str, ...]
    statements: tuple[str, ...]


def export_admin_csv(
    graph: ClusterGraph, folder: Path | str, *, database: str = "neo4j"
) -> AdminImport:
    """Write a graph as files that ``neo4j-admin database import full`` takes without a bad row.

    One pair of files (header, rows) for each label set of nodes and each type of tie; a README
    with the command line; the statements to run afterwards. The folder appears whole or not at
    all.

    Parameters
    ----------
    graph
        The graph.
    folder
        A folder that does not exist yet, or is empty.
    database
        Database to import into.

    Returns
    -------
    AdminImport
        The command and the statements.

    Raises
    ------
    StoreError
        Where the folder cannot be written or is not empty.
    InputError
        Where a list uses all the characters that could separate its elements.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     nodes=[{"id": "KRG", "kind": "Region", "name": "Karaganda", "code": "KRG",
    ...             "region_type": "oblast"}],
    ...     ties=[],
    ... )
    >>> with tempfile.TemporaryDirectory() as place:
    ...     done = export_admin_csv(graph, Path(place) / "bulk")
    ...     print((done.folder / "nodes-Region-header.csv").read_text().strip())
    ...     print((done.folder / "nodes-Region.csv").read_text().strip())
    id:ID(klaster),name:string,code:string,region_type:string
    "KRG","Karaganda","KRG","oblast"
    """
    target = Path(folder)
    check_storable(graph)
    groups = [*node_groups(graph), *tie_groups(graph)]
    separator = _separator(groups)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(f"{target} exists and is not an empty folder. Name a new one.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise StoreError(f"cannot write beside {target}: {error}.") from None
    try:
        done = _write(graph, groups, building, separator, database)
        building.chmod(0o755)
        if target.exists():
            target.rmdir()
        building.rename(target)
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error}.") from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return AdminImport(target, done[0], done[1])


def _write(
    graph: ClusterGraph, groups: list[Group], folder: Path, separator: str, database: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    files: list[str] = []
    leftovers: list[str] = []
    multiline = False
    for group in groups:
        if group.element == "node":
            kind, *others = group.labels
            name = "-".join(["nodes", kind, *others[:-1]])
            option = f"--nodes={':'.join(group.labels)}"
        else:
            name = f"ties-{group.tie_type}-{group.source_kind}-{group.target_kind}"
            option = f"--relationships={group.tie_type}"
        table, left = _carried(group, separator)
        leftovers += left
        multiline |= _has_line_breaks(table)
        header = ",".join(_header(group, column) for column in table.column_names)
        (folder / f"{name}-header.csv").write_text(header + "\n", encoding="utf-8")
        arrow_csv.write_csv(
            table,
            folder / f"{name}.csv",
            # Everything quoted: so an empty text differs from a missing one, and spaces stay.
            arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid"),
        )
        # Newer versions look for a parent folder in each path, so a bare name will not do.
        files.append(f"{option}=./{name}-header.csv,./{name}.csv")
    arguments = (
        "database",
        "import",
        "full",
        database,
        "--overwrite-destination=true",
        "--bad-tolerance=0",
        "--id-type=string",
        f"--array-delimiter=U+{ord(separator):04X}",
        f"--multiline-fields={'true' if multiline else 'false'}",
        "--trim-strings=false",
        *files,
    )
    statements = (*schema().values(), "CALL db.awaitIndexes(300)", *leftovers)
    (folder / AFTER).write_text("".join(f"{s};\n" for s in statements), encoding="utf-8")
    command = " \\\n".join(
        f"     {word}" if k else f"   neo4j-admin {word}"
        for k, word in enumerate([" ".join(arguments[:4]), *arguments[4:]])
    )
    readme = _README.format(nodes=len(graph), ties=len(graph.ties), command=command, after=AFTER)
    (folder / "README.txt").write_text(readme, encoding="utf-8")
    return arguments, statements


def _header(group: Group, column: str) -> str:
    if column == "id":
        return f"id:ID({_ID_SPACE})"
    if column in TIE_COLUMNS[1:3]:
        end = "START" if column == "source_id" else "END"
        return f":{end}_ID({_ID_SPACE})"
    kind = group.table.schema.field(column).type
    if pa.types.is_list(kind):
        return f"{identifier(column)}:string[]"
    names = {pa.int64(): "long", pa.float64(): "double", pa.bool_(): "boolean"}
    names |= {pa.date32(): "date", pa.string(): "string"}
    return f"{identifier(column)}:{names[kind]}"


# -- what CSV cannot carry ----------------------------------------------------------------------


def _carried(group: Group, separator: str) -> tuple[pa.Table, list[str]]:
    """Return the table as CSV can carry it, and statements that set the cells it cannot.

    An empty list, or one with an empty element, comes back as something else; a NUL ends a text.
    """
    table, statements = group.table, []
    keys = group.table.column(group.fixed[0])
    for at, name in enumerate(table.column_names):
        column = table.column(name)
        if pa.types.is_list(column.type):
            flat = pc.binary_join(column, separator)
            rows = [
                row
                for row, cell in enumerate(column.to_pylist())
                if cell is not None and (not cell or "" in cell or any("\0" in e for e in cell))
            ]
            column = flat
        elif pa.types.is_string(column.type):
            rows = np.flatnonzero(_contains(column, "\0")).tolist()
        else:
            continue
        if rows:
            left = np.ones(table.num_rows, dtype=bool)
            left[rows] = False
            column = pc.if_else(pa.array(left), column, pa.scalar(None, pa.string()))
            original = group.table.column(name)
            for row in rows:
                value = _literal(original[row].as_py())
                statements.append(_set_statement(group, _literal(keys[row].as_py()), name, value))
        table = table.set_column(at, name, column)
    return table, statements


def _set_statement(group: Group, key: str, name: str, value: str) -> str:
    if group.element == "node":
        kind = identifier(group.labels[0])
        return f"MATCH (n:{kind} {{id: {key}}}) SET n.{identifier(name)} = {value}"
    tie_type = identifier(group.tie_type)
    return f"MATCH ()-[r:{tie_type} {{tie_id: {key}}}]->() SET r.{identifier(name)} = {value}"


def _literal(value: Any) -> str:
    r"""Return a text, or list of texts, as a Cypher literal on one line.

    >>> _literal(["it's", "a\nb"])
    '["it\'s", "a\\nb"]'
    """
    return json.dumps(value)  # Cypher knows JSON's escapes, surrogate pairs among them


def _contains(column: Any, text: str) -> Any:
    found = pc.fill_null(pc.match_substring(column, text), False)
    return found.to_numpy(zero_copy_only=False)


def _has_line_breaks(table: pa.Table) -> bool:
    columns = (c for c in table.columns if pa.types.is_string(c.type))
    return any(_contains(column, mark).any() for column in columns for mark in ("\n", "\r"))


def _separator(groups: list[Group]) -> str:
    """Return a character that no element of a list holds."""
    lists = [
        pc.list_flatten(group.table.column(field.name))
        for group in groups
        for field in group.table.schema
        if pa.types.is_list(field.type)
    ]
    for mark in SEPARATORS:
        if not any(_contains(elements, mark).any() for elements in lists):
            return mark
    fault = Fault(
        file="the graph",
        code="no-separator",
        problem="its lists use every character that could separate elements (U+001C to U+001F)",
        remedy="Remove the control characters.",
    )
    raise InputError([fault], "the export")
