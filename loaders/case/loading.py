"""A case folder becomes one checked case: graph, table, indicators, boundaries, quality report.

All files are read and checked before anything is said, so that one run names every fault of every
file. Nothing is written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from klaster.graph.canonical_tables import canonical_table, records
from klaster.graph.case import Case
from klaster.graph.dictionary import ARROW_TYPES, load_dictionary
from klaster.graph.errors import Fault, InputError
from klaster.graph.io_table import IOTable
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import Book, MoneyBook, QualityReport
from klaster.graph.settings import Progress
from klaster.loaders.case.case_file import CASE_FILE, CaseSettings, InputSpec, read_settings
from klaster.loaders.case.case_tables import (
    Intake,
    Keys,
    Row,
    amounts_by_unit,
    check_actors,
    check_classification,
    check_indicators,
    check_regions,
    check_ties,
    check_unique,
    classification_table,
    indicator_table,
    keys_of,
    lengthen,
    plain_nodes,
    read_rows,
    region_nodes,
    source_table,
    tie_rows,
)
from klaster.loaders.case.expert_statements import stated_ties, unknown_actors
from klaster.loaders.case.quality import (
    actor_statistics,
    money_books,
    rejected_table,
    tie_statistics,
)
from klaster.loaders.files.grid import Limits
from klaster.loaders.files.reading import as_table, content_digest, file_digest, read_grid
from klaster.loaders.io.symmetric import TableReading, read_oecd, read_symmetric
from klaster.loaders.io.table_checks import check_table

_STEPS = (
    CASE_FILE,
    "regions",
    "products",
    "actors",
    "table",
    "classification",
    "sources",
    "boundaries",
    "ties",
    "indicators",
    "graph",
    "statistics",
)


@dataclass
class _Loading:
    """What is known of a case while its files are read."""

    settings: CaseSettings
    set_aside: bool
    limits: Limits
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    intakes: dict[str, Intake] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    file_digests: dict[str, str] = field(default_factory=dict)
    table: TableReading | None = None
    boundaries: dict[str, Any] | None = None

    def spec(self, name: str) -> InputSpec | None:
        return self.settings.inputs.get(name)

    def note_digests(self, spec: InputSpec, content: str | None) -> None:
        try:
            self.file_digests[spec.file] = file_digest(spec.path)
        except OSError:
            return  # reading it has told why
        self.digests[spec.file] = content or self.file_digests[spec.file]

    def take(self, name: str) -> Intake | None:
        """Read one tabular input into rows; None where the case has none."""
        spec = self.spec(name)
        if spec is None:
            return None
        table = as_table(
            read_grid(
                spec.path,
                file=spec.file,
                encoding=spec.encoding,
                separator=spec.separator,
                sheet=spec.sheet,
                limits=self.limits,
            )
        )
        self.note_digests(spec, content_digest(table))
        if name == "indicators" and spec.layout == "wide" and table.columns:
            table, spec = lengthen(spec, table), replace(spec, columns={})
        intake = read_rows(spec, table)
        self.intakes[name] = intake
        return intake

    def keys(self, name: str, attribute: str) -> Keys | None:
        intake = self.intakes.get(name)
        if intake is None:
            return Keys(None) if self.missing_file(name) else None
        return keys_of(intake, attribute, good_only=self.set_aside)

    def missing_file(self, name: str) -> bool:
        """Return whether the case names a file for the input that cannot be read at all."""
        wanted = f"inputs.{name}"
        return any(f.file == CASE_FILE and f.column.startswith(wanted) for f in self.faults)

    def all_faults(self) -> list[Fault]:
        found = [*self.faults]
        for intake in self.intakes.values():
            found += intake.faults
        return sorted(set(found))

    def rows_aside(self) -> dict[str, frozenset[int]]:
        return {intake.file: intake.set_aside for intake in self.intakes.values()}

    def stopping(self, *, strict: bool) -> list[Fault]:
        """Return the faults that forbid a case."""
        errors = [f for f in self.all_faults() if strict or f.severity == "error"]
        if not self.set_aside:
            return errors
        aside = self.rows_aside()
        usable = {i.file: i.usable for i in self.intakes.values()}
        return [
            f
            for f in errors
            if f.row not in aside.get(f.file, frozenset()) or not usable.get(f.file, False)
        ]


def _node_keys(loading: _Loading) -> Keys:
    """Return the keys a tie may name, with the kind of node each is."""
    known: set[str] = set()
    aside: dict[str, str] = {}
    names: dict[str, str] = {}
    kinds: dict[str, str] = {}
    unjudged: list[str] = []
    for name, kind, attribute in (
        ("actors", "Actor", "id"),
        ("products", "Product", "id"),
        ("regions", "Region", "code"),
    ):
        keys = loading.keys(name, attribute)
        if keys is None:
            continue
        front = "region:" if kind == "Region" else ""
        if keys.known is None:
            unjudged.append(front)  # of actors and products: any key
            continue
        known |= {front + key for key in keys.known}
        kinds |= {front + key: kind for key in sorted(keys.known)}
        aside |= {front + key: place for key, place in keys.aside.items()}
        names |= {n: front + key for n, key in keys.names.items() if n not in names}
    if loading.settings.table is not None:
        table = loading.table.table if loading.table is not None else None
        if table is None:
            unjudged.append(f"{loading.settings.table.name}:")
        else:
            known |= set(table.node_ids)
            kinds |= dict.fromkeys(table.node_ids, "Industry")
    return Keys(frozenset(known), aside, names, kinds, tuple(unjudged))


def _read_table(loading: _Loading) -> None:
    spec, about = loading.spec("table"), loading.settings.table
    if spec is None or about is None:
        return
    loading.note_digests(spec, None)
    labels: dict[str, str] | None = None
    if about.labels is not None:
        name = about.labels.relative_to(loading.settings.folder).as_posix()
        label_spec = InputSpec("classification", name, about.labels)
        table = as_table(read_grid(about.labels, file=name, limits=loading.limits))
        intake = read_rows(label_spec, table)
        loading.note_digests(label_spec, content_digest(table))
        loading.faults += [f for f in intake.faults if f.severity == "error"]
        loading.notes += intake.notes
        labels = {
            str(row.values["code"]): str(row.values["name"])
            for row in intake.good_rows()
            if {"code", "name"} <= set(row.values)
        }
    if about.format == "oecd-icio":
        reading = read_oecd(spec.path, about, file=spec.file, labels=labels)
    else:
        reading = read_symmetric(
            spec.path,
            about,
            file=spec.file,
            encoding=spec.encoding,
            separator=spec.separator,
            decimal=spec.decimal,
            sheet=spec.sheet,
            labels=labels,
            limits=loading.limits,
        )
    loading.table = reading
    loading.faults += reading.faults
    loading.notes += reading.notes
    if about.year > loading.settings.year:
        loading.faults.append(
            Fault(
                CASE_FILE,
                0,
                "inputs.table.year",
                "future-year",
                str(about.year),
                f"it is later than the year of the case, {loading.settings.year}",
                "Correct the year, or raise year in [case].",
            )
        )


def _read_boundaries(loading: _Loading) -> None:
    spec = loading.spec("boundaries")
    if spec is None:
        return
    loading.note_digests(spec, None)

    def fault(column: str, code: str, value: str, problem: str, remedy: str, **more: Any) -> None:
        loading.faults.append(Fault(spec.file, 0, column, code, value, problem, remedy, **more))

    def refuse(word: str) -> float:
        raise ValueError(f"{word} is not a number")

    try:
        if spec.path.stat().st_size > loading.limits.file_bytes:
            raise ValueError("it is too large")
        content = json.loads(spec.path.read_text(encoding="utf-8-sig"), parse_constant=refuse)
    except (OSError, ValueError, RecursionError) as reason:
        fault("", "unreadable-file", "", f"it is not GeoJSON ({reason})", "Export it anew.")
        return
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        fault("", "bad-geojson", "", "it is not a FeatureCollection", "Export it as GeoJSON.")
        return
    regions = loading.keys("regions", "code")
    seen: set[str] = set()
    for k, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        code = properties.get("code") if isinstance(properties, dict) else None
        where = f"features[{k}].properties.code"
        if not isinstance(code, str) or not code:
            fault(
                where,
                "missing-value",
                "",
                "the feature has no code",
                "Give each feature the code of its region as a text.",
            )
            continue
        if not isinstance(feature.get("geometry"), dict):
            fault(f"features[{k}].geometry", "missing-value", code, "it has no shape", "Draw it.")
        if code in seen:
            fault(where, "duplicate-id", code, "the code was given before", "Join the shapes.")
        seen.add(code)
        if regions is not None and regions.lack(code):
            fault(
                where,
                "unknown-region",
                code,
                "there is no such region",
                "Correct the code, or add the region.",
                severity="warning",
            )
    loading.boundaries = content


def _read_all(
    folder: Path, *, set_aside: bool, progress: Progress | None, limits: Limits
) -> tuple[_Loading | None, tuple[Fault, ...]]:
    def step(name: str) -> None:
        if progress is not None:
            progress(name, _STEPS.index(name), len(_STEPS))

    step(CASE_FILE)
    settings, faults = read_settings(folder)
    if settings is None:
        return None, faults
    loading = _Loading(settings, set_aside, limits, faults=list(faults))
    path = folder / CASE_FILE
    loading.file_digests[CASE_FILE] = loading.digests[CASE_FILE] = file_digest(path)
    networks = [network.id for network in settings.networks]
    elsewhere: dict[str, str] = {}
    step("regions")
    if regions := loading.take("regions"):
        check_regions(regions, good_only=set_aside)
        elsewhere |= {
            f"region:{row.values['code']}": f"{regions.file}, row {row.number}"
            for row in regions.rows
            if "code" in row.values
        }
    step("products")
    if products := loading.take("products"):
        check_unique(products, "id", elsewhere)
        elsewhere |= {
            str(row.values["id"]): f"{products.file}, row {row.number}"
            for row in products.rows
            if "id" in row.values
        }
    step("table")
    _read_table(loading)
    if loading.table is not None and loading.table.table is not None:
        elsewhere |= dict.fromkeys(loading.table.table.node_ids, "an industry of the table")
    step("actors")
    region_keys = loading.keys("regions", "code")
    if actors := loading.take("actors"):
        check_unique(actors, "id", elsewhere)
        check_actors(actors, region_keys, networks)
    step("classification")
    if classification := loading.take("classification"):
        check_classification(classification)
    step("sources")
    if sources := loading.take("sources"):
        check_unique(sources, "source", {})
    step("boundaries")
    _read_boundaries(loading)
    step("ties")
    node_keys = _node_keys(loading)
    if ties := loading.take("ties"):
        check_ties(ties, node_keys, settings.year, networks)
    loading.faults += unknown_actors(settings.experts, node_keys, CASE_FILE)
    step("indicators")
    if indicators := loading.take("indicators"):
        check_indicators(indicators, region_keys, settings.year)
    step("graph")
    return loading, ()


# -- the graph ---------------------------------------------------------------------------------


@dataclass
class _Parts:
    """Nodes and ties of all files, and the file and row of each."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    node_origins: list[tuple[str, int]] = field(default_factory=list)
    ties: list[dict[str, Any]] = field(default_factory=list)
    tie_origins: list[tuple[str, int]] = field(default_factory=list)


def _collect(loading: _Loading) -> _Parts:
    parts = _Parts()

    def add_nodes(name: str, nodes: list[dict[str, Any]], rows: Sequence[int]) -> None:
        parts.nodes += nodes
        parts.node_origins += [(name, row) for row in rows]

    if regions := loading.intakes.get("regions"):
        nodes, part_of, rows = region_nodes(regions)
        add_nodes("regions", nodes, rows)
        row_of = {node["id"]: row for node, row in zip(nodes, rows, strict=True)}
        parts.ties += part_of
        parts.tie_origins += [("regions", row_of[tie["source_id"]]) for tie in part_of]
    for name, kind in (("products", "Product"), ("actors", "Actor")):
        if intake := loading.intakes.get(name):
            add_nodes(name, *plain_nodes(intake, kind))
    if intake := loading.intakes.get("ties"):
        ties, rows = tie_rows(intake, [tie["tie_id"] for tie in parts.ties])
        parts.ties += ties
        parts.tie_origins += [("ties", row) for row in rows]
    stated = stated_ties(loading.settings.experts, [tie["tie_id"] for tie in parts.ties])
    parts.ties += stated
    parts.tie_origins += [(CASE_FILE, 0)] * len(stated)
    return parts


def _joined(own: pd.DataFrame, other: pd.DataFrame, types: Mapping[str, Any]) -> pd.DataFrame:
    """Put two canonical tables below each other; a column one of them lacks is empty there."""

    def widened(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        filled = {
            name: table[name]
            if name in table.columns
            else pd.Series(
                pa.nulls(len(table), types[name]),
                dtype=pd.ArrowDtype(types[name]),
                index=table.index,
            )
            for name in columns
        }
        return pd.DataFrame(filled, index=table.index)

    columns = [str(c) for c in dict.fromkeys([*own.columns, *other.columns])]
    return pd.concat([widened(own, columns), widened(other, columns)], ignore_index=True)


def _frame(rows: list[dict[str, Any]], first: Sequence[str]) -> pd.DataFrame:
    columns = list(dict.fromkeys([*first, *sorted({name for row in rows for name in row})]))
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _build_graph(loading: _Loading, parts: _Parts) -> ClusterGraph | None:
    """Build the graph; what it refuses is written down as faults of files and rows."""
    nodes = _frame(parts.nodes, ("id", "kind"))
    ties = _frame(parts.ties, ("tie_id", "source_id", "target_id", "tie_type"))
    table = loading.table.table if loading.table is not None else None
    if table is not None:
        flows = table.to_graph()
        dictionary = load_dictionary()
        for element, own, other in (("node", nodes, flows.nodes), ("tie", ties, flows.ties)):
            typed, _ = canonical_table(own, element, element)  # type: ignore[arg-type]
            types = dict.fromkeys((*typed.columns, *other.columns), ARROW_TYPES["text"])
            for name, kind in dictionary.value_types(element).items():  # type: ignore[arg-type]
                types[name] = ARROW_TYPES[kind]
            if element == "node":
                nodes = _joined(typed, other, types)
            else:
                ties = _joined(typed, other, types)
    try:
        return ClusterGraph(nodes, ties)
    except InputError as error:
        for fault in error.faults:
            origins = parts.node_origins if fault.file == "nodes" else parts.tie_origins
            k = fault.row - 2
            if fault.row and k < len(origins) and origins[k][0] in loading.intakes:
                name, row = origins[k]
                intake = loading.intakes[name]
                intake.fault(
                    row, fault.column, fault.code, fault.value, fault.problem, fault.remedy
                )
            else:
                loading.faults.append(fault)
        return None


# -- books and report --------------------------------------------------------------------------


def _books(loading: _Loading, parts: _Parts | None, graph: ClusterGraph | None) -> list[Book]:
    books = []
    placed_ids: dict[str, set[str]] = {}
    placed_amounts: dict[str, list[float]] = {}
    if parts is not None and graph is not None:
        in_graph = set(graph.node_ids.tolist())
        for node, (name, _) in zip(parts.nodes, parts.node_origins, strict=True):
            if node["id"] in in_graph:
                placed_ids.setdefault(name, set()).add(node["id"])
        own = {
            t["tie_id"]
            for t, (n, _) in zip(parts.ties, parts.tie_origins, strict=True)
            if n == "ties"
        }
        ties = graph.ties
        mine = ties[np.array([t in own for t in ties["tie_id"].tolist()], dtype=bool)]
        placed_ids["ties"] = set(mine["tie_id"].tolist())
        placed_amounts = _graph_amounts(mine)
    for name, intake in sorted(loading.intakes.items()):
        numbers = set(intake.table.row_numbers)
        aside = intake.set_aside & numbers
        if graph is not None and name in ("actors", "regions", "products", "ties"):
            placed = len(placed_ids.get(name, ()))
        else:
            placed = len({row.number for row in intake.good_rows()} & numbers)
        money: tuple[MoneyBook, ...] = ()
        if name == "ties":
            rejected = [row for row in intake.rows if row.number in aside]
            kept = amounts_by_unit(intake.good_rows())
            money = money_books(
                amounts_by_unit(intake.rows),
                placed_amounts if graph is not None else kept,
                amounts_by_unit(rejected),
            )
        books.append(Book(intake.file, name, len(numbers), placed, len(aside), money))
    spec = loading.spec("table")
    if spec is not None and loading.table is not None:
        books.append(_table_book(spec, loading.table.table, graph))
    return books


def _graph_amounts(ties: pd.DataFrame) -> dict[str, list[float]]:
    columns = [name for name in ("value", "unit", "currency") if name in ties.columns]
    return amounts_by_unit(Row(0, values) for values in records(ties[columns]))


def _table_book(spec: InputSpec, table: IOTable | None, graph: ClusterGraph | None) -> Book:
    """Return the book of a table: its industries and its flows."""
    if table is None:
        return Book(spec.file, "table", 0, 0, 0)
    unit = f"{table.unit}, {table.currency}" if table.currency else table.unit
    amounts = {unit: table.flows.ravel().tolist()}
    placed, there = amounts, len(table.codes)
    if graph is not None:
        keys = set(table.node_ids)
        there = sum(node in keys for node in graph.node_ids.tolist())
        flows = graph.select(layers=["flows"]).ties
        flows = flows[[source in keys for source in flows["source_id"].tolist()]]
        placed = {unit: flows["value"].tolist() if len(flows) else []}
    return Book(spec.file, "table", len(table.codes), there, 0, money_books(amounts, placed, {}))


def _report(loading: _Loading, parts: _Parts | None, graph: ClusterGraph | None) -> QualityReport:
    statistics: dict[str, Mapping[str, Any]] = {}
    if graph is not None:
        statistics["actors"] = actor_statistics(graph)
        statistics["ties"] = tie_statistics(graph)
    spec = loading.spec("table")
    if spec is not None and loading.table is not None and loading.table.table is not None:
        measured = check_table(loading.table, spec.file).statistics
        statistics["table"] = {**measured, "coverage": _coverage(graph, loading.table.table)}
    faults = loading.all_faults()
    return QualityReport(
        loaded=graph is not None,
        books=tuple(_books(loading, parts, graph)),
        rejected=rejected_table(faults, loading.rows_aside()),
        notes=tuple(
            dict.fromkeys(
                [*loading.notes, *(n for _, i in sorted(loading.intakes.items()) for n in i.notes)]
            )
        ),
        faults=tuple(faults),
        statistics=statistics,
        dropped_columns=tuple(
            f"{i.file}: {name}" for _, i in sorted(loading.intakes.items()) for name in i.dropped
        ),
    )


def _coverage(graph: ClusterGraph | None, table: IOTable) -> float:
    """Return the sum of supply ties in the table's unit and currency over the table's flows."""
    if graph is None:
        return math.nan
    supply = graph.select(layers=["supply"]).ties
    total = float(table.flows.sum())
    if not {"value", "unit", "currency"} <= set(supply.columns) or not total:
        return math.nan
    same = (supply["unit"] == table.unit) & (supply["currency"] == table.currency)
    amounts = supply.loc[same.fillna(False).astype(bool), "value"].dropna()
    return float(amounts.sum()) / total if len(amounts) else math.nan


def _load(
    folder: Path, *, strict: bool, set_aside: bool, progress: Progress | None, limits: Limits
) -> tuple[Case | None, QualityReport]:
    loading, faults = _read_all(folder, set_aside=set_aside, progress=progress, limits=limits)
    if loading is None:
        return None, QualityReport(False, faults=faults)
    spec = loading.spec("table")
    if spec is not None and loading.table is not None:
        checked = check_table(loading.table, spec.file)
        loading.faults += checked.warnings
        loading.notes += checked.notes
    parts: _Parts | None = None
    graph: ClusterGraph | None = None
    while graph is None and not loading.stopping(strict=strict):
        before = len(loading.all_faults())
        parts = _collect(loading)
        graph = _build_graph(loading, parts)
        if graph is None and (not set_aside or len(loading.all_faults()) == before):
            break
    if progress is not None:
        progress("statistics", _STEPS.index("statistics"), len(_STEPS))
    report = _report(loading, parts, graph)
    if graph is None:
        return None, report
    settings = loading.settings
    classification = loading.intakes.get("classification")
    indicators = loading.intakes.get("indicators")
    sources = loading.intakes.get("sources")
    case = Case(
        folder=folder,
        name=settings.name,
        titles=settings.titles,
        year=settings.year,
        currency=settings.currency,
        note=settings.note,
        graph=graph,
        table=loading.table.table if loading.table is not None else None,
        indicators=indicator_table(indicators.good_rows() if indicators is not None else []),
        boundaries=loading.boundaries,
        classification=(
            None if classification is None else classification_table(classification.good_rows())
        ),
        sources=source_table(sources.good_rows() if sources is not None else []),
        networks=settings.networks,
        settings=settings.analysis,
        report=report,
        input_digests=dict(sorted(loading.digests.items())),
        file_digests=dict(sorted(loading.file_digests.items())),
        experts=settings.experts,
    )
    if progress is not None:
        progress("done", len(_STEPS), len(_STEPS))
    return case, report


def load_case(
    folder: Path,
    *,
    strict: bool = False,
    set_aside: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Case:
    """Read a case folder, check all of it, and return the case.

    Parameters
    ----------
    folder
        A folder with ``case.toml`` and the files it names.
    strict
        Take warnings for errors.
    set_aside
        Leave rows at fault out (they are in ``report.rejected``) and go on with the others. What is
        wrong with a file as a whole (a missing column, an encoding) still stops.
    progress
        Called as ``progress(what, done, total)``.
    limits
        How large a file may be.

    Raises
    ------
    InputError
        With all faults of all files.

    Examples
    --------
    >>> import tempfile
    >>> from klaster.loaders.case.new_case import new_case
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = new_case(Path(folder) / "steel_valley")
    ...     case = load_case(Path(folder) / "steel_valley")
    >>> case.name, case.report.balanced
    ('steel_valley', True)
    """
    folder = Path(folder)
    case, report = _load(
        folder,
        strict=strict,
        set_aside=set_aside,
        progress=progress,
        limits=limits or Limits(),
    )
    if case is None:
        faults = report.faults
        if strict:
            faults = tuple(replace(fault, severity="error") for fault in faults)
        raise InputError(faults, f"the case in {folder.name or folder}")
    return case


def check_case(
    folder: Path,
    *,
    set_aside: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> tuple[Case | None, QualityReport]:
    """Read a case folder and return the case, or None where faults forbid it, and the report.

    Faults are in the report and never raised. Parameters are those of :func:`load_case`.
    """
    return _load(
        Path(folder),
        strict=False,
        set_aside=set_aside,
        progress=progress,
        limits=limits or Limits(),
    )
