"""Results for other programs: Gephi, NetworkX, Excel, Arrow, Neo4j's bulk import."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import networkx as nx
import pandas as pd

from klaster.graph.canonical_tables import is_missing, plain
from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Cluster
from klaster.graph.layers import JOINT
from klaster.graph.model import ClusterGraph
from klaster.graph.safe_text import spreadsheet_safe
from klaster.graph.stores.neo4j_import import export_admin_csv
from klaster.results.folder import OutputError
from klaster.results.run import Run, only_layer

if TYPE_CHECKING:
    Network = nx.MultiDiGraph[str]

FORMS = ".gexf, .graphml, .xlsx, .parquet (a folder), or a folder without a suffix (neo4j-admin)"
"""What can be exported, as error messages and helps say it."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CELL_LIMIT = 32_767
"""Characters that a cell of a workbook can hold."""
_ROW_LIMIT = 1_048_576
"""Rows that a sheet of a workbook can hold."""


def clusters_of(run: Run, layer: str | None) -> tuple[Cluster, ...]:
    """Return the clusters of one layer, by default of the first in which they were sought.

    Raises
    ------
    UnknownNameError
        For a layer in which no clusters were sought.
    """
    known = [finding.layer for finding in run.findings.layers]
    if layer and layer == only_layer(run):
        layer = JOINT
    known += sorted({c.layer for c in run.findings.clusters} - set(known))
    if layer is not None and layer not in known:
        raise UnknownNameError("layer", layer, known)
    return run.findings.clusters_of(layer or next(iter(known), ""))


def with_findings(run: Run, layer: str | None = None) -> Network:
    """Return the case's graph for NetworkX, each node with its cluster in one layer.

    By default it is all layers together (``joint``), or the flows of a table where there is
    nothing else; ``declared`` are the networks that the case names.
    """
    network: Network = run.case.graph.to_networkx()
    for cluster in clusters_of(run, layer):
        for member in cluster.members:
            values = {
                "cluster": cluster.id,
                "stability": member.stability,
                "kept_share": member.kept_share,
                "core_rank": member.core_rank,
                "core_rank_low": member.core_rank_low,
                "core_rank_high": member.core_rank_high,
                "core_share": member.core_share,
                "is_core": member.is_core,
                "is_candidate": member.is_candidate,
                "role": member.role,
                "chain_role": member.chain.role,
            }
            network.nodes[member.node_id].update(
                {name: v for name, v in values.items() if not (is_missing(v) or v == "")}
            )
    return network


def export(
    target: Path,
    graph: ClusterGraph,
    network: Network,
    sheets: Mapping[str, pd.DataFrame],
    notes: Iterable[str] = (),
) -> Path:
    """Write in the form that the target's suffix asks for, whole or not at all; return the target.

    Parameters
    ----------
    target
        ``x.gexf`` and ``x.graphml`` (the network), ``x.xlsx`` (the sheets), ``x.parquet`` (a folder
        with the nodes and ties of the graph), or a folder for ``neo4j-admin`` (the graph).
    graph, network, sheets, notes
        What is written.

    Raises
    ------
    OutputError
        For another suffix, or where the target cannot be written.
    """
    forms: dict[str, Callable[[Path], object]] = {
        ".gexf": lambda path: write_network(network, path, notes),
        ".graphml": lambda path: write_network(network, path, notes),
        ".xlsx": lambda path: write_workbook(sheets, path),
        ".parquet": graph.to_parquet,
    }
    suffix = target.suffix.lower()
    if not suffix:
        export_admin_csv(graph, target)
        return target
    if suffix not in forms:
        hint = " A store is written with save()." if suffix == ".kgl" else ""
        raise OutputError(f"cannot export as {suffix!r} ({target}): give {FORMS}.{hint}")
    if target.is_dir() and suffix != ".parquet":
        raise OutputError(f"{target} is a folder: give the name of a file.")
    if suffix == ".parquet" and target.exists():
        raise OutputError(f"{target} is there already: remove it, or give another name.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".klaster-", dir=target.parent) as fresh:
            forms[suffix](Path(fresh) / target.name)
            os.replace(Path(fresh) / target.name, target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}.") from error
    return target


def write_network(network: Network, path: Path, notes: Iterable[str] = ()) -> None:
    """Write a network as GEXF or GraphML with every attribute; lists become one text, by "; ".

    Nodes are labelled with their names, the id of an edge is its ``tie_id``. Characters that XML
    cannot hold become U+FFFD. Notes are an attribute ``notes`` of the graph in GraphML, the
    description of the file in GEXF.
    """
    plain_network: Network = nx.MultiDiGraph()
    told = _in_xml("; ".join(notes))
    for node, attributes in network.nodes(data=True):
        label = {"label": attributes["name"]} if "name" in attributes else {}
        plain_network.add_node(_in_xml(node), **_values({**attributes, **label}))
    for source, target, key, attributes in network.edges(keys=True, data=True):
        ends = _in_xml(source), _in_xml(target)
        named = {**attributes, "id": key} if path.suffix.lower() == ".gexf" else attributes
        plain_network.add_edge(*ends, key=_in_xml(key), **_values(named))
    if path.suffix.lower() == ".graphml":
        plain_network.graph |= {"notes": told} if told else {}
        nx.write_graphml_xml(plain_network, path)
        return
    buffer = io.BytesIO()
    nx.write_gexf(plain_network, buffer)
    text = re.sub(r' lastmodifieddate="[^"]*"', "", buffer.getvalue().decode(), count=1)
    described = f"<description>{escape(told)}</description>\n  </meta>"
    text = text.replace("</meta>", described, 1) if told else text
    path.write_bytes(text.encode())


def _values(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _in_xml(value) for name, value in attributes.items()}


def _in_xml(value: Any) -> Any:
    """Return a value as GEXF and GraphML hold it: a number, a truth value or a text."""
    if isinstance(value, bool | int | float):
        return value
    return _NOT_IN_XML.sub("\ufffd", _text(value))


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def write_workbook(sheets: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write tables as the sheets of a workbook; no text in it is a formula."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, table in sheets.items():
        if len(table) >= _ROW_LIMIT:
            raise OutputError(
                f"{name} has {len(table):,} rows, more than a sheet holds: export .parquet instead."
            )
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        sheet.append([_cell(str(column), sheet) for column in table.columns])
        columns = [
            [_cell(plain(value), sheet) for value in table[c].tolist()] for c in table.columns
        ]
        for row in zip(*columns, strict=True):
            sheet.append(row)
    book.save(path)


def _cell(value: Any, sheet: Any) -> Any:
    """Return a value for a sheet; a text that looks like a formula as a cell of the type text."""
    from openpyxl.cell import WriteOnlyCell

    if value is None or isinstance(value, bool | int | float):
        return value
    text = _in_xml(value)
    text = text if len(text) <= _CELL_LIMIT else text[: _CELL_LIMIT - 1] + "…"
    if spreadsheet_safe(text) == text:
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type, cell.quotePrefix = "s", True
    return cell
