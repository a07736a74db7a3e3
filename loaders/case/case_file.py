"""The case file ``case.toml``: what a case is called, which files it reads and how it is analysed.

The whole file is checked before anything is read, and every fault is collected: unknown keys,
wrong types, names that are not in the dictionary, files that are missing or lie outside the folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from klaster.graph.dictionary import Attribute, load_dictionary
from klaster.graph.errors import Fault, did_you_mean
from klaster.graph.settings import OBJECTIVES, AnalysisSettings, Network, Statement, rule_obstacles
from klaster.loaders.case.expert_statements import read_statements
from klaster.loaders.files.cell_values import YEARS, Decimal
from klaster.loaders.files.text_files import ENCODINGS, SEPARATORS
from klaster.loaders.io.table_spec import TableSpec

CASE_FILE = "case.toml"

InputName = Literal[
    "actors",
    "ties",
    "regions",
    "products",
    "indicators",
    "table",
    "boundaries",
    "classification",
    "sources",
]
INPUTS: tuple[InputName, ...] = (
    "actors",
    "ties",
    "regions",
    "products",
    "indicators",
    "table",
    "boundaries",
    "classification",
    "sources",
)
"""The inputs a case may have, each with a section ``[inputs.…]``."""

LEAST_WEIGHT = 1e-12
"""A layer that weighs less than this part of the heaviest (or of 1) is lost in rounding."""
_ASCII_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_TABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of a case: the file and how it is read.

    Attributes
    ----------
    name
        Which input it is: ``actors``, ``ties`` …
    file
        Its path inside the folder, as the case file gives it.
    path
        The file itself.
    encoding, separator, decimal, sheet
        As declared; ``auto`` (None for the sheet) where it is to be found out.
    layout
        ``long``, or ``wide`` (indicators only).
    columns
        Attribute of the dictionary to column of the file, where the names differ.
    values
        For an attribute: value in the file to term of the dictionary.
    constants
        ``unit``, ``source`` and ``evidence`` of all indicators of a file without such columns.
    """

    name: InputName
    file: str
    path: Path
    encoding: str = "auto"
    separator: str = "auto"
    decimal: Decimal = "auto"
    sheet: str | None = None
    layout: str = "long"
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


IDENTITIES = ("row", "column")
"""Identities of a table that a case may call true by definition."""


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """A case file that was read and checked.

    Attributes
    ----------
    folder
        Folder of the case.
    name, titles, year, currency, note
        The section ``[case]``; ``titles`` by language (en, ru, kk).
    inputs
        The inputs by name, in the order of :data:`INPUTS`.
    table
        What the input–output table is; None without one.
    analysis, networks, experts
        The sections ``[analysis]``, ``[[networks]]`` and ``[[experts]]``.
    """

    folder: Path
    name: str
    titles: Mapping[str, str]
    year: int
    currency: str
    note: str
    inputs: Mapping[str, InputSpec]
    table: TableSpec | None
    analysis: AnalysisSettings
    networks: tuple[Network, ...]
    experts: tuple[Statement, ...] = ()


_KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "text": ("a text in quotation marks", lambda v: isinstance(v, str)),
    "integer": (
        "a whole number without quotation marks",
        lambda v: isinstance(v, int) and not isinstance(v, bool),
    ),
    "number": (
        "a number without quotation marks",
        lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    ),
    "texts": (
        "a list of texts in square brackets",
        lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
    ),
    "section": ("a section", lambda v: isinstance(v, dict)),
}


class Checker:
    """Reads values of a parsed case file and collects what is wrong with them."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.faults: list[Fault] = []

    def line_of(self, key: str) -> int:
        """Return the line of a dotted key, 0 where it stands in no line of its own."""
        listed = re.match(r"(\w+)\[(\d+)\](?:\.(\w+))?", key)
        if listed:
            return self._line_in_list(listed[1], int(listed[2]), listed[3] or "")
        section = ""
        wanted_section, _, wanted = key.rpartition(".")
        nearest = 0
        for number, line in enumerate(self.lines, start=1):
            header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
            if header:
                section = header[1].replace('"', "").replace(" ", "")
                if section in (key, wanted_section):
                    nearest = nearest or number
                if section == key:
                    return number
                continue
            name = re.match(r'\s*"?([^="]+?)"?\s*=', line)
            if name and section == wanted_section and name[1].strip() == wanted:
                return number
        return nearest

    def _line_in_list(self, section: str, number: int, wanted: str) -> int:
        """Return the line of a key in the section of this number that begins ``[[section]]``."""
        seen = start = 0
        for row, line in enumerate(self.lines, start=1):
            header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
            if header:
                seen += header[1].replace('"', "") == section
                if seen == number and not start:
                    start = row
                elif start:
                    break
            elif start and re.match(rf'\s*"?{re.escape(wanted)}"?\s*=', line):
                return row
        return start

    def fault(self, key: str, code: str, value: object, problem: str, remedy: str) -> None:
        """Write down a fault of a dotted key."""
        shown = "" if value is None else str(value)
        row = self.line_of(key)
        self.faults.append(Fault(CASE_FILE, row, key, code, shown, problem, remedy))

    def unknown_keys(self, section: Mapping[str, Any], where: str, allowed: Iterable[str]) -> None:
        """Write down the keys of a section that are not allowed there."""
        names = list(allowed)
        for key in section:
            if key not in names:
                self.fault(
                    f"{where}.{key}" if where else key,
                    "unknown-key",
                    key,
                    f"there is no such key{did_you_mean(key, names).rstrip('.')}",
                    f"Use one of: {', '.join(names)}.",
                )

    def take(
        self,
        section: Mapping[str, Any],
        where: str,
        key: str,
        kind: str,
        default: Any = None,
        *,
        required: bool = False,
    ) -> Any:
        """Return a value of the kind, or the default where it is missing or at fault."""
        dotted = f"{where}.{key}" if where else key
        words, fits = _KINDS[kind]
        if key not in section:
            if required:
                self.fault(dotted, "missing-key", None, "it is needed", f"Give {words}.")
            return default
        value = section[key]
        if not fits(value):
            self.fault(dotted, "wrong-type", value, f"it must be {words}", f"Give {words}.")
            return default
        if required and value == "":
            self.fault(dotted, "missing-key", None, "it is empty", f"Give {words}.")
        return value

    def section(self, parent: Mapping[str, Any], where: str, key: str) -> Mapping[str, Any]:
        """Return a section inside another; empty where it is missing or at fault."""
        found = self.take(parent, where, key, "section", _NOTHING)
        return found if isinstance(found, Mapping) else _NOTHING

    def number(
        self,
        section: Mapping[str, Any],
        where: str,
        key: str,
        kind: str,
        default: Any,
        low: float,
        high: float,
        *,
        required: bool = False,
    ) -> Any:
        """Return a number in a range, or the default where it is missing or at fault."""
        value = self.take(section, where, key, kind, default, required=required)
        if value is not default and not low <= value <= high:
            self.fault(
                f"{where}.{key}",
                "out-of-range",
                value,
                f"it must lie between {low:g} and {high:g}",
                "Give a number in this range.",
            )
            return default
        return value

    def term(
        self,
        section: Mapping[str, Any],
        where: str,
        key: str,
        default: str,
        allowed: Sequence[str],
        *,
        required: bool = False,
    ) -> str:
        """Return one of the allowed terms, or the default where it is missing or at fault."""
        value = str(self.take(section, where, key, "text", default, required=required))
        if key in section and value not in allowed:
            self.not_allowed(f"{where}.{key}", value, allowed)
            return default
        return value

    def not_allowed(self, key: str, value: str, allowed: Sequence[str]) -> None:
        """Write down a value that is none of those allowed."""
        names = [repr(name) if name in ("\t", " ") else name for name in allowed]
        self.fault(
            key,
            "unknown-value",
            value,
            f"it is not allowed here{did_you_mean(value, names).rstrip('.')}",
            f"Use one of: {', '.join(names)}.",
        )

    def path(self, section: Mapping[str, Any], where: str, key: str, folder: Path) -> Path | None:
        """Return the path of a file that lies in the folder and exists."""
        given = self.take(section, where, key, "text", "", required=key == "file")
        if not given:
            return None
        dotted = f"{where}.{key}"
        path = folder / str(given)
        try:
            inside = path.resolve().is_relative_to(folder.resolve())
            there = path.is_file()
        except (OSError, ValueError):
            inside, there = True, False
        if Path(given).is_absolute() or not inside:
            self.fault(
                dotted,
                "path-outside",
                given,
                "the path leaves the folder of the case",
                "Copy the file into the folder and give its path from there.",
            )
            return None
        if not there:
            near = sorted(
                p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()
            )
            self.fault(
                dotted,
                "missing-file",
                given,
                f"there is no such file in the folder{did_you_mean(given, near).rstrip('.')}",
                "Put it there, or correct its name.",
            )
            return None
        return path


def attributes_of(name: str) -> dict[str, Attribute]:
    """Return the attributes a tabular input may give, by name, in the order of the dictionary."""
    dictionary = load_dictionary()
    if name == "ties":
        extra = [Attribute("tie", "*", n, "text", "", r, "", m) for n, r, m in _TIE_KEYS]
        free = [a for a in dictionary.attributes if a.element == "tie" and a.kind != "IN_CLUSTER"]
        found = {a.name: a for a in [*extra, *free]}
        found["tie_id"] = Attribute("tie", "*", "tie_id", "text", "", False, "", "key of the tie")
        return found
    if name in ("actors", "regions", "products"):
        kind = {"actors": "Actor", "regions": "Region", "products": "Product"}[name]
        found = {a.name: a for a in dictionary.attributes_of("node", kind)}
        if name == "regions":
            del found["id"]
            meaning = "code of the group or country it belongs to"
            found["part_of"] = Attribute(
                "node", "Region", "part_of", "list", "", False, "", meaning
            )
        return found
    listed = {
        "indicators": _INDICATOR_COLUMNS,
        "classification": _CLASSIFICATION_COLUMNS,
        "sources": _SOURCE_COLUMNS,
    }[name]
    return {
        n: Attribute("node", "", n, t, "", required, vocabulary, "")  # type: ignore[arg-type]
        for n, t, required, vocabulary in listed
    }


_TIE_KEYS = (
    ("tie_id", False, "key of the tie"),
    ("source_id", True, "key of the node the tie goes out from"),
    ("target_id", True, "key of the node the tie goes to"),
    ("tie_type", True, "type of the tie"),
)
_INDICATOR_COLUMNS = (
    ("region", "text", True, ""),
    ("year", "integer", True, ""),
    ("indicator", "text", True, ""),
    ("value", "number", True, ""),
    ("unit", "text", False, ""),
    ("source", "text", True, ""),
    ("evidence", "text", True, "evidence"),
)
_CLASSIFICATION_COLUMNS = (
    ("code", "text", True, ""),
    ("name", "text", True, ""),
    ("parent", "text", False, ""),
    ("level", "text", False, ""),
    ("name_ru", "text", False, ""),
    ("name_kk", "text", False, ""),
)

_SOURCE_COLUMNS = (
    ("source", "text", True, ""),
    ("reference", "text", False, ""),
    ("site", "text", False, ""),
    ("kind", "text", False, ""),
    ("evidence", "text", False, "evidence"),
    ("uses", "integer", False, ""),
)

_TABULAR = ("actors", "ties", "regions", "products", "indicators", "classification", "sources")
_READING_KEYS = ("file", "encoding", "separator", "decimal", "sheet")


def _read_input(check: Checker, section: Mapping[str, Any], name: InputName, folder: Path) -> Any:
    where = f"inputs.{name}"
    allowed = [*_READING_KEYS]
    if name in _TABULAR:
        allowed += ["columns", "values"]
    if name == "indicators":
        allowed += ["layout", "unit", "source", "evidence"]
    if name == "table":
        allowed += [f.name for f in fields(TableSpec)]
    if name == "boundaries":
        allowed = ["file"]
    check.unknown_keys(section, where, allowed)
    path = check.path(section, where, "file", folder)
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    if name in _TABULAR:
        known = attributes_of(name)
        for attribute, column in check.section(section, where, "columns").items():
            _check_attribute(check, f"{where}.columns.{attribute}", attribute, known, name)
            if isinstance(column, str) and column.strip():
                columns[attribute] = column.strip()
            else:
                check.fault(
                    f"{where}.columns.{attribute}",
                    "wrong-type",
                    column,
                    "it must be the name of a column",
                    "Give the name as it stands in the header of the file.",
                )
        for attribute, mapping in check.section(section, where, "values").items():
            _check_attribute(check, f"{where}.values.{attribute}", attribute, known, name)
            values[attribute] = _value_mapping(check, f"{where}.values.{attribute}", mapping, known)
    constants = {}
    if name == "indicators":
        for key in ("unit", "source", "evidence"):
            if key in section:
                constants[key] = str(check.take(section, where, key, "text", ""))
        if "evidence" in constants:
            check.term(section, where, "evidence", "", load_dictionary().terms("evidence"))
    separator = check.term(section, where, "separator", "auto", tuple(SEPARATORS))
    decimal = check.term(section, where, "decimal", "auto", ("auto", ".", ","))
    spec = InputSpec(
        name=name,
        file=str(section.get("file", "")),
        path=path or folder,
        encoding=check.term(section, where, "encoding", "auto", ENCODINGS),
        separator=SEPARATORS[separator],
        decimal="." if decimal == "." else "," if decimal == "," else "auto",
        sheet=check.take(section, where, "sheet", "text", None),
        layout=check.term(section, where, "layout", "long", ("long", "wide")),
        columns=columns,
        values=values,
        constants=constants,
    )
    return spec if path is not None else None


def _check_attribute(
    check: Checker, key: str, attribute: str, known: Mapping[str, Attribute], name: str
) -> None:
    extra = name in ("actors", "ties", "regions", "products") and attribute.startswith("x_")
    if attribute not in known and not extra:
        check.fault(
            key,
            "unknown-attribute",
            attribute,
            f"{name} have no such attribute{did_you_mean(attribute, list(known)).rstrip('.')}",
            f"Use one of: {', '.join(known)}"
            + (", or a name of your own that begins with x_." if name != "indicators" else "."),
        )


def _value_mapping(
    check: Checker, where: str, mapping: object, known: Mapping[str, Attribute]
) -> dict[str, str]:
    if not isinstance(mapping, Mapping):
        check.fault(where, "wrong-type", mapping, "it must be a section", "Give value = 'term'.")
        return {}
    attribute = known.get(where.rpartition(".")[2])
    dictionary = load_dictionary()
    terms: tuple[str, ...] = ()
    if attribute is not None and attribute.vocabulary:
        terms = dictionary.terms(attribute.vocabulary)
    if attribute is not None and attribute.name == "tie_type":
        terms = dictionary.tie_type_names()
    result = {}
    for value, term in mapping.items():
        if not isinstance(term, str):
            check.fault(f"{where}.{value}", "wrong-type", term, "it must be a text", "Give a term.")
        elif terms and term not in terms:
            check.not_allowed(f"{where}.{value}", term, terms)
        else:
            result[value.strip()] = term
    return result


def _read_table_spec(
    check: Checker, section: Mapping[str, Any], folder: Path, case_currency: str
) -> TableSpec:
    where = "inputs.table"
    dictionary = load_dictionary()
    kind = check.term(section, where, "format", "symmetric", ("symmetric", "oecd-icio"))
    symmetric = kind == "symmetric"
    name = str(check.take(section, where, "name", "text", "table", required=True))
    if not _TABLE_NAME.fullmatch(name):
        check.fault(
            f"{where}.name",
            "bad-name",
            name,
            "it must be ASCII letters, digits and _, and begin with a letter",
            "Give a short name, as kz_2019: it becomes part of the keys of industries.",
        )
    if not symmetric:
        check.take(section, where, "country", "text", "", required=True)

    def texts(key: str) -> tuple[str, ...]:
        return tuple(text.strip() for text in check.take(section, where, key, "texts", []))

    by_definition = texts("by_definition")
    for term in by_definition:
        if term not in IDENTITIES:
            check.not_allowed(f"{where}.by_definition", term, IDENTITIES)
    return TableSpec(
        name=name,
        format=kind,
        year=check.number(section, where, "year", "integer", 0, *YEARS, required=symmetric),
        currency=check.take(
            section, where, "currency", "text", case_currency if symmetric else "USD"
        ),
        unit=check.take(
            section, where, "unit", "text", "" if symmetric else "million USD", required=symmetric
        ),
        evidence=check.term(
            section, where, "evidence", "measured", dictionary.terms("evidence"), required=True
        ),
        source=check.take(section, where, "source", "text", "", required=True),
        price_basis=check.term(
            section, where, "price_basis", "basic", dictionary.terms("price_basis")
        ),
        origin=check.term(section, where, "origin", "total", dictionary.terms("origin")),
        region=check.take(section, where, "region", "text", ""),
        locator=check.take(section, where, "locator", "text", ""),
        country=check.take(section, where, "country", "text", ""),
        labels=check.path(section, where, "labels", folder),
        output_row=check.take(section, where, "output_row", "text", ""),
        output_column=check.take(section, where, "output_column", "text", ""),
        value_added_rows=texts("value_added_rows"),
        tax_rows=texts("tax_rows"),
        imports_rows=texts("imports_rows"),
        final_demand_columns=texts("final_demand_columns"),
        imports_columns=texts("imports_columns"),
        total_use_columns=texts("total_use_columns"),
        ignore_rows=texts("ignore_rows"),
        ignore_columns=texts("ignore_columns"),
        by_definition=by_definition,
    )


def _read_analysis(check: Checker, section: Mapping[str, Any]) -> AnalysisSettings:
    where = "analysis"
    usual = AnalysisSettings()
    dictionary = load_dictionary()
    check.unknown_keys(section, where, [f.name for f in fields(AnalysisSettings)])
    status = tuple(check.take(section, where, "status", "texts", list(usual.status)))
    for term in status:
        if term not in dictionary.terms("status"):
            check.not_allowed(f"{where}.status", term, dictionary.terms("status"))
    if not status:
        check.fault(
            f"{where}.status", "missing-key", None, "no status is named", "Name one at least."
        )

    def shares(key: str, usual: Mapping[str, float], high: float) -> Mapping[str, float]:
        given = check.section(section, where, key)
        check.unknown_keys(given, f"{where}.{key}", usual)
        return {
            name: float(check.number(given, f"{where}.{key}", name, "number", value, 0, high))
            for name, value in usual.items()
        }

    layers = shares("layers", usual.layers, 1e9)
    if not any(layers.values()):
        check.fault(
            f"{where}.layers", "out-of-range", None, "every layer has weight 0", "Leave one above."
        )
    _check_weights(check, f"{where}.layers", layers)
    return AnalysisSettings(
        seed=check.number(section, where, "seed", "integer", usual.seed, 0, 2**32 - 1),
        status=status,
        self_ties=cast(
            Literal["drop", "keep"],
            check.term(section, where, "self_ties", usual.self_ties, ("drop", "keep")),
        ),
        engine=check.term(section, where, "engine", usual.engine, tuple(OBJECTIVES)),
        resolution=float(
            check.number(section, where, "resolution", "number", usual.resolution, 1e-6, 1e6)
        ),
        ensemble=check.number(section, where, "ensemble", "integer", usual.ensemble, 1, 100_000),
        null_draws=check.number(
            section, where, "null_draws", "integer", usual.null_draws, 1, 1_000_000
        ),
        significance=float(
            check.number(section, where, "significance", "number", usual.significance, 0, 1)
        ),
        evidence_draws=check.number(
            section, where, "evidence_draws", "integer", usual.evidence_draws, 1, 1_000_000
        ),
        joint=cast(
            Literal["sum", "multiplex"],
            check.term(section, where, "joint", usual.joint, ("sum", "multiplex")),
        ),
        layers=layers,
        keep=shares("keep", usual.keep, 1),
    )


def _check_weights(check: Checker, where: str, layers: Mapping[str, float]) -> None:
    """Find layers that weigh so little that their ties are lost in rounding."""
    most = max(layers.values())
    for name, weight in layers.items():
        if 0 < weight < LEAST_WEIGHT * max(1.0, most):
            problem = (
                f"beside the layer with weight {most:g} its ties are lost in rounding"
                if most > 1
                else "so small a weight is lost in rounding"
            )
            check.fault(
                f"{where}.{name}",
                "lost-weight",
                weight,
                problem,
                "Give 0 to leave the layer out of all layers together, or a weight of at least "
                f"{LEAST_WEIGHT * max(1.0, most):g}.",
            )


def _titles(check: Checker, section: Mapping[str, Any], where: str) -> dict[str, str]:
    english = check.take(section, where, "title", "text", "", required=True)
    return {
        "en": english,
        "ru": check.take(section, where, "title_ru", "text", "") or english,
        "kk": check.take(section, where, "title_kk", "text", "") or english,
    }


def _read_networks(check: Checker, given: object) -> tuple[Network, ...]:
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        check.fault(
            "networks", "wrong-type", None, "it must be a list of sections", "Write [[networks]]."
        )
        return ()
    networks: list[Network] = []
    for k, item in enumerate(given):
        where = f"networks[{k + 1}]"
        check.unknown_keys(item, where, ("id", "title", "title_ru", "title_kk"))
        key = check.take(item, where, "id", "text", "", required=True)
        if key and not _ASCII_NAME.fullmatch(key):
            check.fault(
                f"{where}.id", "bad-name", key, "it must be ASCII", "Use letters, digits, - and _."
            )
        if key in {network.id for network in networks}:
            check.fault(
                f"{where}.id", "duplicate-id", key, "this id was given before", "Give another."
            )
        networks.append(Network(key, _titles(check, item, where)))
    return tuple(networks)


def read_settings(folder: Path) -> tuple[CaseSettings | None, tuple[Fault, ...]]:
    """Read and check ``case.toml`` of a folder.

    Returns
    -------
    tuple
        The settings (None where the file cannot be read at all), and every fault found. With
        faults, what is at fault has its default value, and an input whose file is missing is
        left out, so that the other files can still be checked.
    """
    path = folder / CASE_FILE

    def refused(row: int, code: str, problem: str, remedy: str) -> tuple[None, tuple[Fault, ...]]:
        return None, (Fault(CASE_FILE, row, "", code, "", problem, remedy),)

    try:
        data = path.read_bytes()
    except OSError:
        return refused(
            0,
            "missing-file",
            f"there is no {CASE_FILE} in {folder}",
            "Name the folder of a case, or make one with: klaster new DIR.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        row = data[: reason.start].count(b"\n") + 1
        return refused(row, "wrong-encoding", "it is not utf-8", "Save it as utf-8.")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        at = re.search(r"at line (\d+)", str(reason))
        row = int(at[1]) if at else len(text.splitlines())
        return refused(
            row,
            "bad-toml",
            f"it is not TOML: {reason}",
            "Put texts in quotation marks and lists in square brackets.",
        )
    check = Checker(text)
    check.unknown_keys(content, "", ("case", "inputs", "analysis", "networks", "experts"))
    case = check.section(content, "", "case")
    if "case" not in content:
        check.fault("case", "missing-key", None, "there is no section [case]", "Add it.")
    check.unknown_keys(
        case, "case", ("name", "title", "title_ru", "title_kk", "year", "currency", "note")
    )
    name = str(check.take(case, "case", "name", "text", "", required=True))
    if name and not _ASCII_NAME.fullmatch(name):
        check.fault(
            "case.name",
            "bad-name",
            name,
            "it must be ASCII: it becomes part of file names",
            "Use letters, digits, - and _.",
        )
    currency = check.take(case, "case", "currency", "text", "", required=True)
    inputs = check.section(content, "", "inputs")
    check.unknown_keys(inputs, "inputs", INPUTS)
    if not {"actors", "table"} & set(inputs):
        check.fault(
            "inputs", "missing-key", None, "there are neither actors nor a table", "Name a file."
        )
    if "ties" in inputs and "actors" not in inputs:
        check.fault(
            "inputs.ties", "missing-key", None, "there are ties but no actors", "Name their file."
        )
    specs: dict[str, InputSpec] = {}
    table = None
    for input_name in INPUTS:
        if input_name in inputs:
            section = check.section(inputs, "inputs", input_name)
            spec = _read_input(check, section, input_name, folder)
            if spec is not None:
                specs[input_name] = spec
            if input_name == "table":
                table = _read_table_spec(check, section, folder, currency)
    statements = read_statements(check, content.get("experts", []))
    analysis = _read_analysis(check, check.section(content, "", "analysis"))
    if any(s.has_rules for s in statements):
        for key, fault in rule_obstacles(analysis).items():
            check.fault(f"analysis.{key}", *fault)
    settings = CaseSettings(
        folder=folder,
        name=name,
        titles=_titles(check, case, "case"),
        year=check.number(case, "case", "year", "integer", YEARS[1], *YEARS, required=True),
        currency=currency,
        note=check.take(case, "case", "note", "text", ""),
        inputs=specs,
        table=table,
        analysis=analysis,
        networks=_read_networks(check, content.get("networks", [])),
        experts=statements,
    )
    return settings, tuple(check.faults)
