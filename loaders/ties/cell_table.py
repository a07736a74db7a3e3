"""Ties from wherever they lie become one table of texts, column by column.

A file of rows, a DataFrame, a graph of NetworkX, a file of a graph, an edge list, a matrix: what
follows sees no difference, but for the words by which a row is called.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal as DecimalNumber
from functools import partial
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from klaster.graph.canonical_tables import plain
from klaster.graph.errors import Fault, InputError, did_you_mean, refusal
from klaster.graph.safe_text import without_guard
from klaster.loaders.files.cell_values import parse_numbers
from klaster.loaders.files.grid import Grid, Limits, SpreadsheetNumber, TextTable
from klaster.loaders.files.reading import SPREADSHEET_SUFFIXES, TEXT_SUFFIXES, as_table, read_grid
from klaster.loaders.files.text_files import clean, decode

GRAPH_SUFFIXES = (".graphml", ".gexf", ".gml", ".net")
EDGE_LIST_SUFFIXES = (".edges", ".edgelist", ".el", ".ncol")
MAY_BE_EDGE_LIST = (*EDGE_LIST_SUFFIXES, ".txt")
OBJECT_SUFFIXES = (".jsonl", ".ndjson", ".json")
SUFFIXES = (
    *(*TEXT_SUFFIXES, *SPREADSHEET_SUFFIXES, *OBJECT_SUFFIXES, ".parquet"),
    *(*GRAPH_SUFFIXES, *EDGE_LIST_SUFFIXES),
)
"""Files that can be read."""

SOURCE, TARGET = "source_id", "target_id"
_NOT_OF_EDGES = {SOURCE, TARGET, "id", "viz"}
"""What the columns with the ends of a tie are called where whoever made them gave no name."""

_ROWS_NAMED = 12
_MOST_TITLES = 50
_MOST_BY_PLACE = 3
_FIRM = re.compile(
    r"\b(тоо|ооо|ао|зао|оао|пао|ип|жшс|llp|llc|ltd|inc|jsc|plc|gmbh)\b|«.+»", re.IGNORECASE
)


@dataclass(frozen=True)
class CellTable:
    """Cells as texts, column by column; a number held as a number is a ``SpreadsheetNumber``.

    ``file`` is what to call it in faults; ``rows`` are what each row is called (the row a spreadsheet
    shows, the index of a DataFrame) and ``row_word`` the word for it (``row``, ``index``, ``tie``);
    ``header_row`` is 0 where columns have no names; ``ends`` are the columns of the ends where they are
    known, as of a graph; ``nodes`` are attributes of nodes by key; ``bad`` are positions of rows that
    are damaged or do not fit the header; ``sided`` is what to do with names beside the rows, of which
    nobody knows whether they are ends. The rest is as in :class:`~klaster.loaders.files.grid.Grid`.
    """

    file: str
    columns: Mapping[str, Sequence[str]]
    rows: Sequence[Any]
    row_word: str = "row"
    header_row: int = 0
    ends: tuple[str, str] | None = None
    directed: bool = True
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bad: frozenset[int] = frozenset()
    sided: str = ""
    separator: str = ""
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True

    def fault(
        self,
        at: Sequence[int],
        column: str,
        code: str,
        problem: str,
        remedy: str,
        value: object = "",
    ) -> Fault:
        """Return one fault for all rows that have it: the first with its value, and which others."""
        file_rows = self.row_word == "row"
        if len(at) > 1 or (at and not file_rows):
            cells = self.columns.get(column)
            same = value != "" and cells is not None and {cells[k] for k in at} == {value}
            problem += f" ({f'{value!r} ' if same else ''}in {self.called(at)})"
        row = 0 if not file_rows else int(self.rows[at[0]]) if at else self.header_row
        return Fault(
            file=self.file, row=row, column=column, code=code, value=str(value),
            problem=problem, remedy=remedy,
        )  # fmt: skip

    def called(self, at: Sequence[int], *, most: int = _ROWS_NAMED) -> str:
        """Return rows by what they are called, as ``3 rows: 2, 5, 9``; the first of many."""
        names = [str(self.rows[k]) for k in at[:most]]
        more = f" and {len(at) - most} more" if len(at) > most else ""
        if len(at) == 1:
            return f"{self.row_word} {names[0]}"
        plural = {"index": "rows, by index", "row": "rows"}.get(self.row_word, f"{self.row_word}s")
        return f"{len(at)} {plural}: {', '.join(names)}{more}"


def cell_text(value: object) -> str:
    """Return a value of Python as the text of a cell; a missing one is empty.

    Examples
    --------
    >>> cell_text(2.0), cell_text(None), cell_text(["a", "b"]), cell_text(" Mill ")
    ('2', '', 'a; b', 'Mill')
    """
    if type(value) is str:
        return clean(value)
    value = plain(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, (int, float, DecimalNumber)):
        return SpreadsheetNumber(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        texts = map(str, value)
        return "; ".join(texts if isinstance(value, (list, tuple)) else sorted(texts))
    return "" if value is None else clean(str(value))


def of_frame(
    frame: pd.DataFrame,
    file: str = "the DataFrame",
    row_word: str = "index",
    *,
    named: bool = False,
) -> CellTable:
    """Take a table of pandas; a square one with the same names on both sides is a matrix.

    ``named`` says that the caller names columns: then it is a table of rows.
    """
    if max(frame.index.nlevels, frame.columns.nlevels) > 1:
        side = "index" if frame.index.nlevels > 1 else "names of columns"
        remedy = "Give frame.reset_index()." if side == "index" else "Give each column one name."
        raise refusal("several-levels", "", f"its {side} has several levels", remedy, file)
    names = [clean(str(name)) for name in frame.columns]
    numeric = all(kind.kind in "iufb" for kind in map(_dtype, frame.dtypes))
    beside = row_word == "index" and not isinstance(frame.index, pd.RangeIndex)
    if len(names) > 1 and numeric and row_word == "index" and not named:
        above, left = (list(map(cell_text, axis)) for axis in (frame.columns, frame.index))
        if len(above) == len({*above}) and sorted(above) == sorted(left):
            plain_sides = (
                isinstance(frame.columns, pd.RangeIndex) or above == ["0", "1", "2"][: len(above)]
            )
            if len(above) < 4 and plain_sides and not beside:
                raise _ambiguous(f"{len(above)} rows of {len(above)} numbers", file)
            order = [left.index(name) for name in above]
            amounts = frame.iloc[order].fillna(0).to_numpy(dtype=float)
            return of_matrix(sparse.coo_array(amounts), above, file)
    faults = [
        Fault(
            file=file, column=name, code="duplicate-column", value=name,
            problem=f"{count} columns have this name", remedy="Rename or drop all but one.",
        )
        for name, count in Counter(names).items() if count > 1
    ]  # fmt: skip
    columns = {n: list(map(cell_text, frame.iloc[:, k].tolist())) for k, n in enumerate(names)}
    rows: Sequence[Any] = range(1, len(frame) + 1)
    if row_word == "index":
        rows = frame.index.tolist()
    heading = frame.index.name if row_word == "index" else None
    words = beside and (heading is not None or not pd.api.types.is_integer_dtype(frame.index.dtype))
    sided = (
        "Its index is not read: frame.reset_index() makes it a column. A cross table of sellers and "
        "buyers: give frame.rename_axis(index='source', columns='target').stack()"
        ".rename('amount').reset_index()."
    )
    notes = (f"{file}: the index {heading!r} is not read",) if heading is not None else ()
    return CellTable(
        file, columns, rows, row_word, faults=tuple(faults), complete=not faults,
        sided=sided if words else "", notes=notes,
    )  # fmt: skip


def without_index(table: CellTable) -> CellTable:
    """Leave out the first column where it is the numbers of rows that pandas writes."""
    first, *rest = table.columns or [""]
    count = [str(k) for k in range(len(table.rows))]
    if len(rest) < 2 or not first.startswith("Unnamed:") or list(table.columns[first]) != count:
        return table
    note = f"{table.file}: column {first!r} is an index of pandas, not read"
    columns = {name: table.columns[name] for name in rest}
    return replace(table, columns=columns, notes=(*table.notes, note))


def with_types_of_gephi(table: CellTable) -> CellTable:
    """Read a column ``Type`` of ``Directed`` and ``Undirected``, as Gephi writes it."""
    name = next((n for n in table.columns if n.casefold() == "type"), "")
    said = [cell.casefold() for cell in table.columns.get(name, ())]
    if table.ends or "tie_type" in table.columns or not {*said} & {"directed", "undirected"}:
        return table
    if {*said} - {"directed", "undirected"}:
        return table
    columns = {n: cells for n, cells in table.columns.items() if n != name}
    size, without = len(said), said.count("undirected")
    note = f"{table.file}: column {name!r}: {without} of {size} ties without direction"
    if 0 < without < size:
        types = {"directed": "SUPPLIES", "undirected": "COOPERATES_WITH"}
        columns["tie_type"] = [types[text] for text in said]
        note += ", read as COOPERATES_WITH, others as SUPPLIES"
    return replace(table, columns=columns, directed=without < size, notes=(*table.notes, note))


def _ambiguous(what: str, file: str) -> InputError:
    return refusal(
        "ties-or-matrix", "", f"{what} may be a matrix or as many ties",
        "A matrix: give it as numpy.array(…). Ties: give a DataFrame with columns called source, "
        "target and amount.", file,
    )  # fmt: skip


def _dtype(kind: Any) -> Any:
    return getattr(kind, "numpy_dtype", kind)


def of_matrix(matrix: Any, names: Sequence[str], file: str = "the matrix") -> CellTable:
    """Take a square matrix: row ``i``, column ``j`` is the amount from ``i`` to ``j``; 0 is no tie."""
    ties = sparse.coo_array(matrix)
    if ties.ndim != 2 or ties.shape[0] != ties.shape[1]:
        shape = " x ".join(map(str, ties.shape))
        raise refusal("not-square", shape, "a matrix of ties must be square", "Give one.", file)
    ties.sum_duplicates()
    keep = np.flatnonzero(ties.data != 0)
    row, column = (axis[keep].tolist() for axis in ties.coords)
    columns = {
        SOURCE: [names[k] for k in row],
        TARGET: [names[k] for k in column],
        "amount": [cell_text(value) for value in ties.data[keep].tolist()],
    }
    note = f"{file}: rows are sellers, columns buyers; {len(names)} of them; 0 is no tie"
    nodes: dict[str, dict[str, Any]] = {name: {} for name in names}
    return CellTable(
        *(file, columns, range(1, len(keep) + 1), "tie"), ends=(SOURCE, TARGET), nodes=nodes,
        notes=(note,),
    )  # fmt: skip


def of_networkx(graph: Any, file: str = "the graph") -> CellTable:
    """Take a graph of NetworkX of any kind, with the attributes of its nodes and edges."""
    keys = {node: clean(str(node)) for node in graph.nodes}
    by_key: dict[str, list[Any]] = defaultdict(list)
    for node, key in keys.items():
        by_key[key].append(node)
    faults = [
        Fault(
            file=file, code="same-as-text", value=key,
            problem=f"{len(nodes)} nodes are the same as texts: {', '.join(map(repr, nodes))}",
            remedy="Relabel them (networkx.relabel_nodes).",
        )
        for key, nodes in by_key.items() if len(nodes) > 1
    ]  # fmt: skip
    edges = [(keys[u], keys[v], data) for u, v, data in graph.edges(data=True)]
    columns = {SOURCE: [edge[0] for edge in edges], TARGET: [edge[1] for edge in edges]}
    columns |= _attribute_columns([data for *_, data in edges])
    directed = bool(graph.is_directed())
    notes = [f"{file} is {'directed' if directed else 'undirected'}"]
    inner = [data for *_, data in edges], [data for _, data in graph.nodes(data=True)]
    for what, rows, names in zip(
        ("edges", "nodes"), inner, (_NOT_OF_EDGES, {"id", "viz"}), strict=True
    ):
        unread = sorted(names & {str(name) for row in rows for name in row})
        notes += [f"{file}: attributes of {what} not read: {', '.join(unread)}"] * bool(unread)
    if graph.is_multigraph() and any(not isinstance(k, int) for *_, k in graph.edges(keys=True)):
        notes.append(f"{file}: the keys of its edges are not read")
    return CellTable(
        *(file, columns, range(1, len(edges) + 1), "edge"),
        ends=(SOURCE, TARGET),
        directed=directed,
        nodes={keys[node]: dict(data) for node, data in graph.nodes(data=True)},
        faults=tuple(faults),
        complete=not faults,
        notes=tuple(notes),
    )


def _attribute_columns(rows: Sequence[Mapping[Any, Any]]) -> dict[str, list[str]]:
    """Return a column for each attribute of edges but for ends, numbers and looks of a file."""
    data = [{str(name): value for name, value in row.items()} for row in rows]
    names = {name for row in data for name in row} - _NOT_OF_EDGES
    return {name: [cell_text(row.get(name)) for row in data] for name in sorted(names)}


def of_edges(edges: Any) -> CellTable:
    """Take the edges of a graph of NetworkX, with their attributes."""
    import networkx as nx

    views = nx.classes.reportviews
    table = of_pairs(list(edges.data()), "the edges")
    undirected = isinstance(edges, (views.EdgeView, views.MultiEdgeView))
    words = "without" if undirected else "with"
    return replace(table, directed=not undirected, notes=(f"the edges are {words} direction",))


def of_pairs(pairs: Iterable[Any], file: str = "the list") -> CellTable:
    """Take pairs, or triples with an amount or a dictionary of attributes; or dictionaries."""
    items = list(pairs)
    if items and all(isinstance(item, Mapping) for item in items):
        return of_frame(pd.DataFrame(items, dtype=object), file, "tie")
    if matrix := _as_matrix(items, file):
        return matrix
    fit = [isinstance(item, (tuple, list)) and len(item) in (2, 3) for item in items]
    if not all(fit):
        at = f"; element {fit.index(False) + 1} is {items[fit.index(False)]!r:.80}"
        raise refusal(
            "not-ties", "", f"its elements are no ties{at}", "Give (source, target) or "
            "(source, target, amount) for each, or dictionaries.", file,
        )  # fmt: skip
    thirds = [item[2] if len(item) == 3 else {} for item in items]
    data = [third if isinstance(third, Mapping) else {"amount": third} for third in thirds]
    columns = {SOURCE: [cell_text(i[0]) for i in items], TARGET: [cell_text(i[1]) for i in items]}
    columns |= _attribute_columns(data)
    return CellTable(file, columns, range(1, len(items) + 1), "tie", ends=(SOURCE, TARGET))


def _as_matrix(items: Sequence[Any], file: str) -> CellTable | None:
    """Take as many lists of numbers as each has; two pairs in round brackets are ties."""
    size = len(items)
    rows = [item for item in items if isinstance(item, (list, tuple)) and len(item) == size]
    square = 1 < size == len(rows) and all(isinstance(n, Real) for row in rows for n in row)
    pairs = size == 2 and all(isinstance(row, tuple) for row in rows)
    if not square or pairs:
        return None
    if size == 2 or (size == 3 and any(isinstance(row, tuple) for row in rows)):
        raise _ambiguous(f"{size} rows of {size} numbers", file)
    return of_matrix(np.array(rows, dtype=float), [str(k) for k in range(size)], file)


# -- files -------------------------------------------------------------------------------------


def of_file(
    path: Path,
    *,
    encoding: str,
    separator: str,
    sheet: str | None,
    header: bool | int | None,
    names: Collection[str] | None,
    known_heading: Callable[[str], bool],
) -> CellTable:
    """Read a file of ties, or of actors, by its suffix.

    ``header`` is whether the first row names the columns, or the number of the row that does;
    ``names`` are columns the caller names: then the file has names for them, also if none is known.
    ``known_heading`` says whether a text is a well known heading.
    """
    file, suffix = path.name, path.suffix.lower()
    if not path.is_file():
        raise _no_file(path)
    limit = Limits().file_bytes
    if path.stat().st_size > limit and suffix not in (*TEXT_SUFFIXES, *SPREADSHEET_SUFFIXES):
        raise refusal(
            "too-large", "", f"it has more than {limit:,} bytes", "Cut it into smaller files.", file
        )
    if suffix in GRAPH_SUFFIXES:
        return of_networkx(networkx_of(path), file)
    if suffix == ".parquet":
        return of_frame(_parsed(file, "Parquet", lambda: pd.read_parquet(path)), file, "row")
    if suffix in OBJECT_SUFFIXES:
        text = decode(path.read_bytes(), encoding).text
        return _of_json(_parsed(file, "JSON", lambda: _json(text, lines=suffix != ".json")), file)
    if suffix not in SUFFIXES:
        raise refusal(
            "unknown-format", suffix, "files of this kind are not read",
            f"Save it as one of: {', '.join(SUFFIXES)}.", file,
        )  # fmt: skip
    text = decode(path.read_bytes(), encoding).text if suffix in MAY_BE_EDGE_LIST else ""
    commented, separated = text[:1] in ("#", "%"), re.search(r"^[^#%{]*[,;\t|]", text, re.MULTILINE)
    if suffix in EDGE_LIST_SUFFIXES or (text and (commented or not separated)):
        header, grid = False, _edge_list(text, file, named=names is not None)
    else:
        grid = read_grid(path, encoding=encoding, separator=separator, sheet=sheet)
        if suffix in TEXT_SUFFIXES:
            grid = replace(grid, rows=tuple(tuple(map(without_guard, row)) for row in grid.rows))
    first = _header_row(grid, header, names, known_heading)
    if first and any(map(any, grid.rows[:first])):
        above = sum(map(any, grid.rows[:first]))
        rows = "row" if above == 1 else "rows"
        note = f"{file}: {above} {rows} above the header (row {first + 1}) passed over"
        grid = replace(
            grid, rows=(*[()] * first, *grid.rows[first:]), notes=(*grid.notes, note),
            faults=tuple(f for f in grid.faults if not 0 < f.row <= first),
        )  # fmt: skip
    if header is None and names is None and _is_square(grid.rows[first:]):
        raise refusal(
            "square-table", "", "it has the same names in its first row and its first column",
            f"An input–output table: klaster io {file}, or klaster.read_iotable. A matrix of ties: "
            "read it by pandas.read_csv or read_excel with index_col=0, and give that.", file,
        )  # fmt: skip
    if header is None and names is None and grid.rows[first : first + 1]:
        header = _has_header(grid.rows[first], grid.rows[first + 1 :], known_heading)
        if not header and max(map(len, grid.rows)) > _MOST_BY_PLACE:
            raise refusal(
                "no-header", "", "no row is known to name its columns, and more than "
                f"{_MOST_BY_PLACE} columns are not told apart by their place",
                "Say which columns are meant, as source=…, target=…; which row names the columns, "
                "as header=3; or that none does: header=False (then they are called 'column 1', "
                "'column 2' …).", file,
            )  # fmt: skip
        if header and not any(map(known_heading, grid.rows[first])):
            texts = ", ".join(map(repr, grid.rows[first][:6]))
            note = f"{file}: its first row ({texts}) was taken as headings, though none is known: "
            note += "if it is a tie, say header=False"
            grid = replace(grid, notes=(*grid.notes, note))
    if header is False and grid.rows:
        numbers = tuple(f"column {k + 1}" for k in range(max(map(len, grid.rows))))
        note = f"{file} has no names of columns: its first row was read as a tie"
        grid = replace(
            grid,
            rows=(numbers, *grid.rows),
            damaged=frozenset(row + 1 for row in grid.damaged),
            faults=tuple(replace(f, row=f.row + 1) if f.row else f for f in grid.faults),
            notes=(*grid.notes, note),
        )
    return _of_text_table(as_table(grid), 1 if header is False else 0)


def _json(text: str, *, lines: bool) -> Any:
    """Parse a JSON file, or one object a line; whole numbers stay whole."""
    if lines:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
        return found[0] if len(found) == 1 and "nodes" in found[0] else found
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        if len(text.splitlines()) < 2:
            raise
        return _json(text, lines=True)


def _of_json(found: Any, file: str) -> CellTable:
    """Take objects, one a tie; lists; columns, as pandas writes them; or nodes and links."""
    if isinstance(found, dict):
        if links := is_node_link(found):
            return of_node_link(found, links, file)
        sides = list(found.values())
        by_row = all(isinstance(v, dict) and all(map(str.isdecimal, v)) for v in sides)
        if sides and (by_row or all(isinstance(v, list) for v in sides)):
            columns = {n: list(v.values() if by_row else v) for n, v in found.items()}
            if len({*map(len, columns.values())}) == 1:
                size = len(next(iter(columns.values())))
                found = [{n: v[k] for n, v in columns.items()} for k in range(size)]
    if not isinstance(found, list):
        kind = "an object" if isinstance(found, dict) else f"{found!r:.40}"
        names = f" with {', '.join(map(repr, list(found)[:6]))}" if isinstance(found, dict) else ""
        raise _unread_json(f"it holds {kind}{names}", file)
    for k, item in enumerate(found, 1):
        parts = (
            item.items()
            if isinstance(item, dict)
            else enumerate(item if isinstance(item, list) else ())
        )
        for name, value in parts:
            inner = value if isinstance(value, list) else [value]
            if any(isinstance(part, (dict, list)) for part in inner):
                raise _unread_json(f"{name!r} of tie {k} is {value!r:.60}, not a plain value", file)
    return of_pairs(found, file)


def _unread_json(problem: str, file: str) -> InputError:
    return refusal(
        "nested-json", "", problem, "Give a list of plain objects, one a tie, as [{\"source\": …, "
        "\"target\": …}]; or {\"nodes\": […], \"links\": […]}.", file,
    )  # fmt: skip


def is_node_link(found: Mapping[Any, Any]) -> str:
    """Return the name of the links where this is a graph as D3 and NetworkX write it; else nothing."""
    lists = [n for n in ("links", "edges") if isinstance(found.get(n), list)]
    return lists[0] if lists and isinstance(found.get("nodes"), list) else ""


def of_node_link(found: Mapping[Any, Any], links: str, file: str) -> CellTable:
    """Take nodes and links: an end is the ``id`` of a node, its number where nodes have none."""
    import networkx as nx

    directed = found.get("directed", True) is not False
    graph: Any = nx.MultiDiGraph() if directed else nx.MultiGraph()
    keys: list[Any] = []
    for k, node in enumerate(found["nodes"], 1):
        given = node if isinstance(node, Mapping) else {"id": node}
        key = next(
            (given[n] for n in ("id", "key", "name", "label") if given.get(n) is not None), None
        )
        if key is None or isinstance(key, (Mapping, list)):
            raise _unread_json(f"node {k} has no id", file)
        keys.append(key)
        graph.add_node(key, **{str(n): v for n, v in given.items() if n not in ("id", "key")})
    numbered = not any(isinstance(node, Mapping) and "id" in node for node in found["nodes"])
    for k, link in enumerate(found[links], 1):
        if not isinstance(link, Mapping) or not {"source", "target"} <= {*link}:
            raise _unread_json(f"{links} {k} has no source and target", file)
        ends = [link["source"], link["target"]]
        for side, end in enumerate(ends):
            key = (
                next((end[n] for n in ("id", "key", "name") if n in end), None)
                if isinstance(end, Mapping)
                else end
            )
            if numbered and key not in graph and isinstance(key, int) and 0 <= key < len(keys):
                key = keys[key]
            if key is None or isinstance(key, (Mapping, list)):
                raise _unread_json(f"an end of {links} {k} is {end!r:.60}", file)
            ends[side] = key
        rest = {str(n): v for n, v in link.items() if n not in ("source", "target", "key")}
        graph.add_edge(*ends, **rest)
    told = (
        () if "directed" in found else (f"{file} does not say so; links run from source to target",)
    )
    table = of_networkx(graph, file)
    return replace(table, notes=(*table.notes, *told))


def _of_text_table(table: TextTable, shift: int) -> CellTable:
    """Take a table that was read; ``shift`` rows were put before it."""
    cells = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    return CellTable(
        file=table.file,
        columns=dict(zip(table.columns, cells, strict=True)),
        rows=[row - shift for row in table.row_numbers],
        header_row=max(table.header_row - shift, 0),
        bad=frozenset(k for k, row in enumerate(table.row_numbers) if row in table.bad_rows),
        separator=table.separator,
        faults=tuple(_here(f, shift) for f in table.faults),
        notes=tuple(note.replace(" in case.toml", "") for note in table.notes),
        complete=table.complete and not table.contradicted and bool(table.columns),
    )


def _here(fault: Fault, shift: int) -> Fault:
    """Say a fault of a file as it is for a caller without a case file."""
    remedy = fault.remedy.replace(" in case.toml", "")
    return replace(fault, row=fault.row - shift if fault.row else 0, remedy=remedy)


def _header_row(
    grid: Grid,
    header: bool | int | None,
    names: Collection[str] | None,
    known_heading: Callable[[str], bool],
) -> int:
    """Return the position of the row that names the columns; rows above it are titles.

    It is the row the caller gave; else, within the first rows, the one that has all names the
    caller uses; else the first row that is not blank, unless all rows from there to a row of
    texts, below which no row is wider, fill less than half as many cells.
    """
    rows = grid.rows
    first = next((k for k, row in enumerate(rows) if any(row)), 0)
    if isinstance(header, int) and not isinstance(header, bool):
        if not 1 <= header <= len(rows) or not any(rows[header - 1]):
            raise refusal(
                "no-header-row", header, "there is no such row, or it is empty",
                f"Give the number of the row that names the columns: 1 to {len(rows)}.", grid.file,
            )  # fmt: skip
        return header - 1
    if header is not None:
        return first
    filled = [sum(map(bool, row)) for row in rows]
    top = range(first, min(first + _MOST_TITLES, len(rows)))
    if names:
        return next((k for k in top if {*names} <= {*rows[k]}), first)
    widest = max(filled, default=0)
    for k in top:
        texts = all(not cell or parse_numbers([cell]).faults for cell in rows[k])
        below = max(filled[k + 1 :], default=0)
        if filled[k] > 1 and texts and below <= filled[k] == widest:
            known = any(map(known_heading, rows[k]))
            titles = all(2 * n < filled[k] or n <= 1 for n in filled[first:k])
            return k if titles or known else first
    return first


def _has_header(
    first: Sequence[str], body: Sequence[Sequence[str]], known_heading: Callable[[str], bool]
) -> bool:
    """Say whether the first row holds names of columns: no actor and no number stands in it.

    An actor stands in it where a text occurs again below, or names the form of a firm.
    """
    if any(map(known_heading, first)):
        return True
    if any(cell and not parse_numbers([cell]).faults for cell in first):
        return False
    width = min(len(first), 2)
    if any(_FIRM.search(cell) for cell in first[:width]):
        return False
    above = {_letters(cell) for cell in first[:width]} - {""}
    return not {_letters(cell) for row in body for cell in row[:width]} & above


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text.casefold())


def _is_square(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether a table looks like a matrix, as an input–output table does."""
    side = [row[0] for row in rows[1:] if row]
    return len({*rows[0][1:]} & set(side) - {""}) > 2 if rows else False


def _no_file(path: Path) -> InputError:
    file = path.name or str(path)
    if path.is_dir():
        remedy = "Name a file in it; a case is read by klaster.load_case or klaster.analyze."
        return refusal("not-a-file", "", "it is a folder", remedy, file)
    near = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    where = path.parent.resolve()
    hint = did_you_mean(path.name, sorted(near)).rstrip(".")
    return refusal("no-such-file", str(path), f"there is no such file in {where}{hint}",
                   "Check the name and the folder.", file)  # fmt: skip


def _parsed(file: str, kind: str, read: Callable[[], Any]) -> Any:
    """Read a file by a library; whatever it raises is told as one fault."""
    try:
        return read()
    except Exception as reason:  # readers of formats raise whatever they meet
        text = f"it cannot be read as {kind} ({type(reason).__name__}: {reason})"
        mixed = "mixed directed" in str(reason).casefold()
        remedy = (
            "Export its edges as CSV: Gephi's column Type is read." if mixed else "Write it anew."
        )
        raise refusal("unreadable-file", "", text, remedy, file) from reason


def networkx_of(given: Any) -> Any:
    """Return a graph of NetworkX: what was given, or what its file holds."""
    import networkx as nx

    if isinstance(given, nx.Graph):
        return given
    path = Path(given)
    if b"<!DOCTYPE" in path.read_bytes()[:4096]:
        raise refusal("unsafe-file", "", "it declares entities", "Export it anew.", path.name)
    readers: dict[str, Any] = {
        ".graphml": nx.read_graphml,
        ".gexf": nx.read_gexf,
        ".gml": partial(nx.read_gml, label="label" if b"label" in path.read_bytes() else "id"),
        ".net": nx.read_pajek,
    }
    suffix = path.suffix.lower()
    return _parsed(path.name, suffix[1:].upper(), lambda: readers[suffix](path))


def _edge_list(text: str, file: str, *, named: bool) -> Grid:
    """Cut lines of two ends, and an amount or the ``{'weight': …}`` that NetworkX writes.

    A name with blanks stands in quotation marks; without them nobody knows where it ends.
    """
    rows: list[tuple[str, ...]] = []
    braces = False
    for number, line in enumerate(text.splitlines(), 1):
        head, brace, attributes = line.strip().partition("{")
        between = re.search(r"[\t,;]", re.sub(r'"[^"]*"', "", head))
        cut = between[0] if between else " "
        weight = re.findall(r"'weight': ([^,}]+)", attributes)
        plain_head = head.strip() if between else " ".join(head.split())
        cut_up = csv.reader([plain_head], delimiter=cut, skipinitialspace=True)
        cells = [clean(cell) for cell in next(cut_up, [])]
        odd = len(cells) > 3 or (
            not between and len(cells) == 3 and parse_numbers(cells[2:]).faults
        )
        if odd and not named and line[:1] not in "#%":
            raise refusal(
                "too-many-columns", line.strip()[:80],
                f"line {number} is not two ends and an amount, but {len(cells)} texts",
                'Put names with blanks in quotation marks ("Steel Mill" Port), or save it as CSV with '
                "a header.", file,
            )  # fmt: skip
        rows.append(() if line[:1] in "#%" else (*cells, *weight))
        braces = braces or brace != ""
    width = max(map(len, rows), default=0)
    rows = [(*row, *[""] * (width - len(row))) if row else row for row in rows]
    notes = [f"{file} is an edge list"]
    notes += [f"{file}: of the attributes in braces only the weight was read"] * braces
    return Grid(file, tuple(rows), " ", notes=tuple(notes))
