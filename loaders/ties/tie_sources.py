"""Where ties come from: a file, a table, a graph, a list or a matrix is opened and read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError, refusal
from klaster.graph.model import ClusterGraph
from klaster.loaders.files.text_files import ENCODINGS, SEPARATORS
from klaster.loaders.ties import cell_table
from klaster.loaders.ties.cell_table import CellTable
from klaster.loaders.ties.tie_actors import read_actors, table_of_nodes
from klaster.loaders.ties.tie_columns import is_known_heading
from klaster.loaders.ties.tie_rows import DIRECTIONS, TieOptions, TieReading, read_rows

_TEXTS = ("tie_type", "unit", "currency", "evidence", "stated_by", "sheet")
_ALLOWED = {
    "direction": DIRECTIONS,
    "decimal": ("auto", ".", ","),
    "encoding": ENCODINGS,
    "separator": tuple(SEPARATORS),
}


def read(source_of_ties: Any, options: TieOptions) -> TieReading:
    """Read ties as ``klaster.read_ties`` does, and return how; faults are in it, not raised.

    Only a source that cannot be opened at all raises
    :class:`~klaster.graph.errors.InputError`.
    """
    for name, allowed in _ALLOWED.items():
        if getattr(options, name) not in allowed:
            raise UnknownNameError(name, str(getattr(options, name)), allowed)
    for name in _TEXTS:
        given = getattr(options, name)
        if given is not None and not (isinstance(given, str) and given.strip()):
            raise refusal("not-a-text", given, f"{name} is no text", "Give one, or leave it out.")
    table = cell_table.without_index(open_table(source_of_ties, options))
    if options.tie_type is None and "tie_type" not in options.columns:
        table = cell_table.with_types_of_gephi(table)
    if not table.complete:
        return TieReading(None, table.file, faults=table.faults, notes=table.notes)
    if whole := _of_klaster(source_of_ties, table, options):
        return whole
    nodes = table_of_nodes(table.nodes, f"the nodes of {table.file}")
    if options.actors is not None:
        nodes = open_table(options.actors, options, what="actors")
    actors = read_actors(nodes, options.actor_columns, options.values, stated_by=options.stated_by)
    return read_rows(table, actors, options)


def _of_klaster(given: Any, table: CellTable, options: TieOptions) -> TieReading | None:
    """Read a graph that klaster wrote, with nodes of all kinds, as it is; None where it is none."""
    kinds = {str(data.get("kind", "")) for data in table.nodes.values()}
    if not kinds - {"Actor"} or kinds - {*load_dictionary().node_kinds()}:
        return None
    if options != TieOptions():
        raise refusal(
            "graph-of-klaster", "", f"it is a graph of klaster's, of {', '.join(sorted(kinds))}",
            "Read it without options, and change it then.", table.file,
        )  # fmt: skip
    graph = ClusterGraph.from_networkx(_keyed(cell_table.networkx_of(given), given))
    notes = (f"{table.file} is a graph of klaster's and was read as it is",)
    return TieReading(graph, table.file, notes=notes, rows=len(table.rows))


def _keyed(graph: Any, given: Any) -> Any:
    """Return a graph that klaster wrote into a file without what files add: labels, ids of edges."""
    import networkx as nx

    if graph is given:
        return graph
    whole: Any = nx.MultiDiGraph()
    for node, data in graph.nodes(data=True):
        same = data.get("label") == data.get("name")
        whole.add_node(node, **{k: v for k, v in data.items() if not (same and k == "label")})
    edges = graph.edges(data=True, **({"keys": True} if graph.is_multigraph() else {}))
    for source, target, *key, data in edges:
        rest = {name: value for name, value in data.items() if name != "id"}
        whole.add_edge(source, target, key=data.get("id", *key), **rest)
    return whole


# -- where they come from ----------------------------------------------------------------------


def open_table(given: Any, options: TieOptions, *, what: str = "ties") -> CellTable:
    """Return the cells of whatever was given; ``what`` are ties or actors."""
    import networkx as nx

    used: list[str | None] = [*options.actor_columns.values()]
    if what == "ties":
        used = [options.source, options.target, options.amount, *options.columns.values()]
    names = {str(name) for name in used if name is not None}
    named = what == "actors" or bool(names)
    if isinstance(given, (str, Path)):
        address = str(given)
        if re.match(r"(neo4j|bolt)(\+\w+)?://", address):
            raise refusal("no-query", address, "what to ask the server is not said",
                          "Give query='MATCH … RETURN … AS source, … AS target'.")  # fmt: skip
        if "://" in address:
            raise refusal("not-fetched", address, "nothing is fetched from the network",
                          "Download it, and give the path of the file.")  # fmt: skip
        if address == "-":
            raise refusal("standard-input", "", "the standard input is not read",
                          "Give a path; or pandas.read_csv(sys.stdin) in Python.")  # fmt: skip
        if packed := re.search(r"\.(gz|zip|bz2|xz|zst|7z|rar)$", address, re.IGNORECASE):
            raise refusal("packed", packed[0], "it is packed", "Unpack it, and give that.", address)
        if "\n" in address:
            raise refusal(
                "not-a-path", "", "a text was given, not a path", "Give the path of a file."
            )
        return cell_table.of_file(
            Path(address), encoding=options.encoding, separator=options.separator,
            header=options.header if what == "ties" else None,
            sheet=options.sheet if what == "ties" else None,
            names=names if named else None, known_heading=is_known_heading,
        )  # fmt: skip
    if isinstance(given, CellTable):
        return given
    if isinstance(given, pd.DataFrame):
        return cell_table.of_frame(given, named=named)
    if isinstance(given, nx.Graph):
        return cell_table.of_networkx(given)
    if isinstance(given, nx.classes.reportviews.OutEdgeView):
        return cell_table.of_edges(given)
    if isinstance(given, pa.Table):
        frame = given.to_pandas(types_mapper=pd.ArrowDtype)
        return cell_table.of_frame(frame, "the table", "row", named=named)
    if isinstance(given, Mapping):
        if what == "actors":
            return table_of_nodes(given, "the dictionary")
        if links := cell_table.is_node_link(given):
            return cell_table.of_node_link(given, links, "the dictionary")
        if any(isinstance(values, Mapping) for values in given.values()):
            raise refusal("nested", "", "it is a dictionary of dictionaries",
                          "Ties by seller and buyer: give networkx.DiGraph(…) of it. Columns: lists, "
                          "by name.", "the dictionary")  # fmt: skip
        return cell_table.of_frame(pd.DataFrame(dict(given), dtype=object), "the dictionary")
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.shape[0] != given.shape[1]:
        of_names = given.dtype.kind in "OUT" and given.shape[1] == 3
        if of_names or (given.dtype.kind in "OUTiu" and given.shape[1] == 2):
            return cell_table.of_pairs(given.tolist(), "the array")
    array = isinstance(given, np.ndarray) and given.ndim == 2 and given.dtype.kind in "iufb"
    if array or sparse.issparse(given):
        matrix = cast(Any, given)
        return cell_table.of_matrix(matrix, [str(k) for k in range(matrix.shape[0])])
    if isinstance(given, ClusterGraph):
        raise refusal(
            "cluster-graph", "", "it is a ClusterGraph already",
            "Use it as it is: klaster.find_clusters(graph).",
        )  # fmt: skip
    if hasattr(given, "__iter__") and not isinstance(given, (bytes, set, frozenset)):
        return cell_table.of_pairs(given)
    raise refusal(
        "unknown-kind", type(given).__name__, f"{what} cannot be read from this",
        "Give a path, a DataFrame, a graph of NetworkX, a list of (source, target[, amount]), a "
        "square matrix, or 'neo4j://…' with query=….",
    )  # fmt: skip
