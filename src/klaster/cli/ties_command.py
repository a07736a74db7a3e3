"""What commands do with a file of ties where others have a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from klaster.graph.case import Case
from klaster.graph.errors import InputError, refusal
from klaster.loaders.case.new_case import NewInput, case_name, write_case
from klaster.loaders.files.amounts import NO_SOURCE
from klaster.loaders.files.reading import SPREADSHEET_SUFFIXES, TEXT_SUFFIXES, file_digest
from klaster.loaders.names.actor_names import NOT_STATED
from klaster.loaders.ties.tie_actors import SPHERE_OF
from klaster.loaders.ties.tie_rows import TieOptions, TieReading
from klaster.loaders.ties.tie_sources import read

_AS_READ = ("sheet", "encoding", "decimal")


def is_tie_file(path: Path, ties: Mapping[str, Any]) -> bool:
    """Return whether a file of ties is meant, not the folder of a case.

    Examples
    --------
    >>> is_tie_file(Path("ties.xlsx"), {}), is_tie_file(Path("valley"), {})
    (True, False)
    """
    if path.is_dir() and ties:
        given = ", ".join(sorted(ties))
        raise refusal(
            "options-of-ties", given, "it is a folder, but options say how a file of ties is read",
            "Name the file; in a case such things stand in case.toml.", str(path),
        )  # fmt: skip
    return not path.is_dir() and path.suffix != "" and path.name != "case.toml"


def read_tie_file(path: Path, ties: Mapping[str, Any], *, set_aside: bool = False) -> TieReading:
    """Read a file of ties; faults are in the reading."""
    return read(path, TieOptions(**ties, set_aside=set_aside))


def case_of_ties(path: Path, ties: Mapping[str, Any], *, strict: bool, set_aside: bool) -> Case:
    """Return a file of ties as a case of its own."""
    reading = read_tie_file(path, ties, set_aside=set_aside)
    if reading.graph is None or (strict and reading.faults):
        raise InputError(reading.faults, reading.file)
    digests = {file.name: file_digest(file) for file in (path, ties.get("actors")) if file}
    year = ties.get("year")
    return Case(
        reading.graph,
        case_name(path.stem),
        titles={"en": path.stem},
        year=year if isinstance(year, int) else None,
        report=reading.report(),
        input_digests=digests,
        file_digests=digests,
        notes=reading.notes,
    )


def write_case_of_ties(folder: Path, path: Path, ties: Mapping[str, Any]) -> Iterator[str]:
    """Write the case for a file of ties; yield what was guessed, and what to do next."""
    reading = read_tie_file(path, ties)
    if reading.graph is None:
        raise InputError(reading.faults, reading.file)
    in_rows = path.suffix.lower() in (*TEXT_SUFFIXES, *SPREADSHEET_SUFFIXES)
    if not in_rows or "column 1" in reading.columns.values():
        raise refusal(
            "not-a-table", "", "a case needs a table whose columns have names",
            "Save it as CSV or XLSX with a header; or analyze it as it is: "
            f"klaster analyze {path}.", path.name,
        )  # fmt: skip
    if any(" above the header (row" in note for note in reading.notes):
        raise refusal(
            "title-rows", "", "a case needs the names of the columns in the first row",
            f"Delete the rows above them; or analyze it as it is: klaster analyze {path}.",
            path.name,
        )  # fmt: skip
    graph = reading.graph
    columns = dict(reading.columns)
    if ties.get("direction") == "payments":
        columns |= {"source_id": columns["target_id"], "target_id": columns["source_id"]}
    settings: dict[str, Any] = {name: ties[name] for name in _AS_READ if name in ties}
    settings["make_actors"] = True
    blank = {"tie_type": "SUPPLIES", "evidence": NOT_STATED, "source": NO_SOURCE}
    for name in (*blank, "year", *(("unit", "currency") if "value" in columns else ())):
        if name not in graph.ties:
            continue
        cells = graph.ties[name]
        if name in ("unit", "currency"):
            cells = cells[graph.ties["value"].notna()]
        if name in columns and (cells == blank.get(name)).any():
            settings[name] = blank[name]  # what rows without it are
        elif name not in columns and cells.nunique(dropna=False) == 1 and cells.notna().all():
            settings[name] = cells.iloc[0]
    remark = "\n".join(["Read so; look it over:", *reading.notes])
    inputs = [NewInput("ties", path, columns, settings=settings, remark=remark)]
    if ties.get("actors") is not None:
        known = dict(reading.actor_columns)
        key = known.get("id") or next(known[n] for n in known if n.startswith("name"))
        firm = {"actor_type": "Firm", "sphere": "business"}
        columns, values = {"id": key, "name": key} | known, {}
        if "actor_type" in known and "sphere" not in known:
            columns["sphere"] = known["actor_type"]
            types = sorted(set(graph.nodes["actor_type"].dropna()))
            values = {"sphere": {kind: SPHERE_OF.get(kind, "intermediary") for kind in types}}
        inputs.append(NewInput("actors", ties["actors"], columns, values, settings=firm))
    years = [*graph.ties["year"].dropna().tolist()] if "year" in graph.ties else []
    year = int(max(years, default=dt.datetime.now(tz=dt.UTC).year))
    write_case(folder, inputs, year=year, currency=str(settings.get("currency", NO_SOURCE)))
    yield f"A case of {path} is in {folder}. Guessed, and to be looked over in its case.toml:"
    yield f"  year of the case: {year}" + " (this year: no tie states one)" * (not years)
    yield from (f"  {note}" for note in reading.notes)
    yield from ("then", f"  klaster check {folder}", f"  klaster analyze {folder}")
