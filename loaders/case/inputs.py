"""Every input of a case is read and checked once; what comes of it is not changed afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from klaster.graph.errors import Fault
from klaster.graph.io_table import IOTable
from klaster.loaders.case.case_file import CaseSettings
from klaster.loaders.case.checker import CASE_FILE
from klaster.loaders.case.expert_statements import unknown_actors
from klaster.loaders.case.input_indicators import check_classification, check_indicators, lengthen
from klaster.loaders.case.input_keys import (
    Keys,
    keys_of,
    repeated_keys,
    unique_names,
    unknown_networks,
    unknown_regions,
)
from klaster.loaders.case.input_nodes import check_regions, region_id
from klaster.loaders.case.input_rows import ReadInput, read_rows
from klaster.loaders.case.input_specs import NODE_KINDS, InputName, InputSpec
from klaster.loaders.case.input_ties import check_ties, ends_by_name, with_made_actors
from klaster.loaders.files.grid import Limits
from klaster.loaders.files.reading import as_table, content_digest, file_digest, read_grid
from klaster.loaders.io.oecd import read_oecd
from klaster.loaders.io.symmetric import read_symmetric
from klaster.loaders.io.table_checks import TableCheck, check_table
from klaster.loaders.io.table_reading import TableReading

ORDER = (
    "regions", "products", "table", "actors", "classification", "sources", "boundaries", "ties",
    "indicators",
)  # fmt: skip
"""The inputs in the order in which they are read: what others name comes first."""


@dataclass(frozen=True)
class Digests:
    """SHA-256 of a file: of its content whatever the order of its rows, and of its bytes."""

    file: str
    content: str
    bytes: str


@dataclass(frozen=True)
class ReadTable:
    """The input–output table of a case as it was read and checked."""

    file: str
    reading: TableReading
    check: TableCheck | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    digests: tuple[Digests, ...] = ()

    @property
    def table(self) -> IOTable | None:
        """The table; None where it cannot be used."""
        return self.reading.table


@dataclass(frozen=True)
class CaseInputs:
    """All that was read of a case folder.

    ``rows`` are the tabular inputs by name; ``made_actors`` are ends of ties that no file has;
    ``faults`` is what is wrong besides the faults of ``rows``; ``set_aside`` says whether rows at
    fault are left out.
    """

    settings: CaseSettings
    rows: Mapping[str, ReadInput] = field(default_factory=dict)
    table: ReadTable | None = None
    boundaries: dict[str, Any] | None = None
    made_actors: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    digests: tuple[Digests, ...] = ()
    set_aside: bool = False

    @property
    def all_faults(self) -> tuple[Fault, ...]:
        """The faults of all files, sorted."""
        of_rows = (fault for read in self.rows.values() for fault in read.faults)
        return tuple(sorted({*self.faults, *of_rows}))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was handled, each note once: the table's, then the inputs' by name."""
        found = [*(self.table.notes if self.table is not None else ())]
        found += [note for _, read in sorted(self.rows.items()) for note in read.notes]
        if self.made_actors:
            count = len(self.made_actors)
            made = f"{count} actor was" if count == 1 else f"{count} actors were"
            found.append(
                f"{self.rows['ties'].file}: {made} made from ends of ties that no file of actors "
                "has (Firm, sphere business)"
            )
        return tuple(dict.fromkeys(found))

    @property
    def rows_aside(self) -> dict[str, frozenset[int]]:
        """Rows that are left out, by file."""
        return {read.file: read.set_aside for read in self.rows.values()}

    def obstacles(self, *, strict: bool) -> list[Fault]:
        """Return the faults that forbid a case."""
        errors = [f for f in self.all_faults if strict or f.severity == "error"]
        if not self.set_aside:
            return errors
        aside = {read.file: read.set_aside for read in self.rows.values() if read.usable}
        return [f for f in errors if f.row not in aside.get(f.file, ())]

    def with_faults(self, found: Iterable[tuple[str, int, Fault]]) -> CaseInputs:
        """Return the inputs with more faults: of a row of an input, or (no input) of the case."""
        rows, others = dict(self.rows), list(self.faults)
        for name, row, fault in found:
            if name in rows:
                read = rows[name]
                column = read.columns.get(fault.column, fault.column)
                rows[name] = read.with_faults(
                    [replace(fault, file=read.file, row=row, column=column)]
                )
            else:
                others.append(fault)
        return replace(self, rows=rows, faults=tuple(others))


def digests_of(file: str, path: Path, content: str | None = None) -> tuple[Digests, ...]:
    """Return the digests of a file; none where it cannot be read (reading it has told why)."""
    try:
        digest = file_digest(path)
    except OSError:
        return ()
    return (Digests(file, content or digest, digest),)


def _read_tabular(spec: InputSpec, limits: Limits) -> tuple[ReadInput, tuple[Digests, ...]]:
    """Read a table of rows."""
    table = as_table(
        read_grid(
            spec.path, file=spec.file, encoding=spec.encoding, separator=spec.separator,
            sheet=spec.sheet, limits=limits,
        )
    )  # fmt: skip
    digests = digests_of(spec.file, spec.path, content_digest(table))
    if spec.name == "indicators" and spec.layout == "wide" and table.columns:
        table, spec = lengthen(spec, table), replace(spec, columns={})
    return read_rows(spec, table), digests


def _read_table(settings: CaseSettings, limits: Limits) -> ReadTable | None:
    """Read and check the input–output table."""
    spec, about = settings.inputs.get("table"), settings.table
    if spec is None or about is None:
        return None
    faults: list[Fault] = []
    digests = digests_of(spec.file, spec.path)
    notes: tuple[str, ...] = ()
    labels: dict[str, str] | None = None
    if about.labels is not None:
        file = about.labels.relative_to(settings.folder).as_posix()
        names, more = _read_tabular(InputSpec("classification", file, about.labels), limits)
        digests, notes = digests + more, names.notes
        faults += [fault for fault in names.faults if fault.severity == "error"]
        labels = {
            str(row.values["code"]): str(row.values["name"])
            for row in names.good_rows
            if {"code", "name"} <= set(row.values)
        }
    if about.format == "oecd-icio":
        reading = read_oecd(spec.path, about, file=spec.file, labels=labels)
    else:
        reading = read_symmetric(
            spec.path, about, file=spec.file, encoding=spec.encoding, separator=spec.separator,
            decimal=spec.decimal, sheet=spec.sheet, labels=labels, limits=limits,
        )  # fmt: skip
    check = None if reading.table is None else check_table(reading, spec.file)
    faults += [*reading.faults, *(check.warnings if check else ())]
    if about.year > settings.year:
        faults.append(Fault(
            file=CASE_FILE, column="inputs.table.year", code="future-year", value=str(about.year),
            problem=f"it is later than the year of the case, {settings.year}",
            remedy="Correct the year, or raise year in [case].",
        ))  # fmt: skip
    notes = (*notes, *reading.notes, *(check.notes if check else ()))
    return ReadTable(spec.file, reading, check, tuple(faults), notes, digests)


def _read_boundaries(
    spec: InputSpec, regions: Keys | None, limits: Limits
) -> tuple[dict[str, Any] | None, list[Fault]]:
    """Read GeoJSON; its features must have the codes of regions."""
    faults: list[Fault] = []

    def fault(column: str, code: str, value: str, problem: str, remedy: str) -> None:
        faults.append(Fault(
            file=spec.file, column=column, code=code, value=value, problem=problem, remedy=remedy,
            severity="warning" if code == "unknown-region" else "error",
        ))  # fmt: skip

    def refuse(word: str) -> float:
        raise ValueError(f"{word} is not a number")

    try:
        if spec.path.stat().st_size > limits.file_bytes:
            raise ValueError("it is too large")
        content = json.loads(spec.path.read_text(encoding="utf-8-sig"), parse_constant=refuse)
    except (OSError, ValueError, RecursionError) as reason:
        fault("", "unreadable-file", "", f"it is not GeoJSON ({reason})", "Export it again.")
        return None, faults
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        fault("", "bad-geojson", "", "it is not a FeatureCollection", "Export it as GeoJSON.")
        return None, faults
    seen: set[str] = set()
    for k, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        code = properties.get("code") if isinstance(properties, dict) else None
        where = f"features[{k}].properties.code"
        if not isinstance(code, str) or not code:
            remedy = "Give each feature the code of its region as a text."
            fault(where, "missing-value", "", "the feature has no code", remedy)
            continue
        if not isinstance(feature.get("geometry"), dict):
            fault(f"features[{k}].geometry", "missing-value", code, "it has no shape", "Draw it.")
        if code in seen:
            fault(where, "duplicate-id", code, "the code was given before", "Join the shapes.")
        seen.add(code)
        if regions is not None and regions.lack(code):
            problem, remedy = "there is no such region", "Correct the code, or add the region."
            fault(where, "unknown-region", code, problem, remedy)
    return content, faults


def _places(read: ReadInput | None, attribute: str) -> dict[str, str]:
    """Return the keys an input gives to nodes, and where each stands."""
    if read is None:
        return {}
    front = region_id("") if read.spec.name == "regions" else ""
    return {
        f"{front}{row.values[attribute]}": f"{read.file}, row {row.number}"
        for row in read.rows
        if attribute in row.values
    }


def _node_keys(keys: Mapping[str, Keys | None], table_name: str, table: IOTable | None) -> Keys:
    """Return the keys a tie may name, with the kind of node each is."""
    known: set[str] = set()
    aside: dict[str, str] = {}
    names: dict[str, set[str]] = {}
    kinds: dict[str, str] = {}
    unjudged: list[str] = []
    for name, kind in NODE_KINDS.items():
        given, front = keys.get(name), region_id("") if kind == "Region" else ""
        if given is None:
            continue
        if given.known is None:
            unjudged.append(front)  # of actors and products: any key
            continue
        known |= {front + key for key in given.known}
        kinds |= {front + key: kind for key in sorted(given.known)}
        aside |= {front + key: place for key, place in given.aside.items()}
        for text, key in given.names.items():
            names.setdefault(text, set()).add(key and front + key)
    if table is not None:
        known |= set(table.node_ids)
        kinds |= dict.fromkeys(table.node_ids, "Industry")
    elif table_name:
        unjudged.append(f"{table_name}:")
    return Keys(frozenset(known), aside, unique_names(names), kinds, tuple(unjudged))


def read_inputs(
    settings: CaseSettings,
    faults: Sequence[Fault],
    *,
    set_aside: bool,
    limits: Limits,
    step: Callable[[str], None],
) -> CaseInputs:
    """Read and check all inputs of a case, each once.

    ``faults`` is what is wrong with the case file; with ``set_aside`` keys of rows at fault count as
    not given; ``step`` is called with the name of each input before it is read.
    """
    digests = [*digests_of(CASE_FILE, settings.folder / CASE_FILE)]
    found, specs = list(faults), settings.inputs
    unread = {f.column.split(".")[1] for f in faults if f.column.startswith("inputs.")} - set(specs)
    networks = tuple(network.id for network in settings.networks)
    rows: dict[str, ReadInput] = {}

    def read(name: InputName) -> ReadInput | None:
        step(name)
        if name not in specs:
            return None
        rows[name], more = _read_tabular(specs[name], limits)
        digests.extend(more)
        return rows[name]

    def keys(name: str, attribute: str) -> Keys | None:
        """Return the keys of an input; None where the case has no such input."""
        if name not in rows:
            return Keys(None) if name in unread else None
        return keys_of(rows[name], attribute, good_only=set_aside)

    if regions := read("regions"):
        rows["regions"] = check_regions(regions, good_only=set_aside)
    elsewhere = _places(regions, "code")
    if products := read("products"):
        rows["products"] = products.with_faults(repeated_keys(products, "id", elsewhere))
    elsewhere |= _places(products, "id")
    step("table")
    table = _read_table(settings, limits)
    io_table = table.table if table is not None else None
    if table is not None:
        found += table.faults
        digests += table.digests
    if io_table is not None:
        elsewhere |= dict.fromkeys(io_table.node_ids, "an industry of the table")
    region_keys = keys("regions", "code")
    if actors := read("actors"):
        rows["actors"] = actors.with_faults(
            [
                *repeated_keys(actors, "id", elsewhere),
                *unknown_regions(actors, region_keys),
                *unknown_networks(actors, networks),
            ]
        )
    if classification := read("classification"):
        rows["classification"] = check_classification(classification)
    if sources := read("sources"):
        rows["sources"] = sources.with_faults(repeated_keys(sources, "source"))
    step("boundaries")
    boundaries = None
    if (outlines := specs.get("boundaries")) is not None:
        digests += digests_of(outlines.file, outlines.path)
        boundaries, wrong = _read_boundaries(outlines, region_keys, limits)
        found += wrong
    table_name = settings.table.name if settings.table is not None else ""
    of_nodes = {name: keys(name, "code" if name == "regions" else "id") for name in NODE_KINDS}
    node_keys = _node_keys(of_nodes, table_name, io_table)
    made: tuple[str, ...] = ()
    if ties := read("ties"):
        ties = ends_by_name(ties, node_keys)
        if ties.spec.make_actors:
            made, node_keys = with_made_actors(ties, node_keys)
        rows["ties"] = check_ties(ties, node_keys, settings.year, networks)
    found += unknown_actors(settings.experts, node_keys, CASE_FILE)
    if indicators := read("indicators"):
        rows["indicators"] = check_indicators(indicators, region_keys, settings.year)
    return CaseInputs(
        settings=settings, rows=rows, table=table, boundaries=boundaries, made_actors=made,
        faults=tuple(found), digests=tuple(digests), set_aside=set_aside,
    )  # fmt: skip
