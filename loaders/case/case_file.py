"""The case file ``case.toml``: what a case is called, which files it reads and how it is analysed.

The whole file is checked before anything is read, and every fault is collected: unknown keys,
wrong types, names that are not in the dictionary, files that are missing or lie outside the folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from klaster.graph.dictionary import Attribute, load_dictionary
from klaster.graph.errors import Fault, did_you_mean
from klaster.graph.settings import (
    COUNTS,
    NUMBERS,
    OBJECTIVES,
    SHARES,
    AnalysisSettings,
    Network,
    Statement,
    rule_obstacles,
)
from klaster.loaders.case.checker import CASE_FILE, Checker, Section, listed_sections
from klaster.loaders.case.expert_statements import read_statements
from klaster.loaders.case.input_specs import (
    CONSTANTS,
    INPUTS,
    OWN_ATTRIBUTES,
    TABULAR,
    InputName,
    InputSpec,
    attributes_of,
    vocabulary_of,
)
from klaster.loaders.files.cell_values import YEARS, Decimal
from klaster.loaders.files.text_files import ENCODINGS, SEPARATORS
from klaster.loaders.io.table_spec import TableSpec

LEAST_WEIGHT = 1e-12
"""A layer that weighs less than this part of the heaviest (or of 1) is lost in rounding."""

_TABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

IDENTITIES = ("row", "column")
"""Identities of a table that a case may call true by definition."""


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """A case file that was read and checked.

    ``titles`` are by language (en, ru, kk); ``inputs`` by name, in the order of
    :data:`~klaster.loaders.case.input_specs.INPUTS`; ``table`` is what the input–output table is,
    None without one.
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


_READING_KEYS = ("file", "encoding", "separator", "decimal", "sheet")


def _read_input(section: Section, name: InputName, folder: Path) -> InputSpec | None:
    """Read a section ``[inputs.…]``; None where its file cannot be read."""
    if name == "boundaries":
        section.allow(("file",))
    elif name == "table":
        section.allow((*_READING_KEYS, *(f.name for f in fields(TableSpec))))
    else:
        own = {"indicators": ("layout",), "ties": ("make_actors",)}.get(name, ())
        section.allow((*_READING_KEYS, "columns", "values", *own, *CONSTANTS.get(name, ())))
    path = section.path("file", folder, required=True)
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    known = attributes_of(name) if name in TABULAR else {}
    for attribute, column in section.section("columns").content.items() if known else ():
        _check_attribute(section, f"columns.{attribute}", attribute, known, name)
        if isinstance(column, str) and column.strip():
            columns[attribute] = column.strip()
        else:
            problem = "it must be the name of a column"
            remedy = "Give the name as it stands in the header of the file."
            section.fault(f"columns.{attribute}", "wrong-type", column, problem, remedy)
    for attribute, mapping in section.section("values").content.items() if known else ():
        _check_attribute(section, f"values.{attribute}", attribute, known, name)
        values[attribute] = _value_mapping(section, attribute, mapping, known.get(attribute))
    separator = section.term("separator", "auto", tuple(SEPARATORS))
    spec = InputSpec(
        name=name,
        file=section.text("file") if path else "",
        path=path or folder,
        encoding=section.term("encoding", "auto", ENCODINGS),
        separator=SEPARATORS[separator],
        decimal=cast(Decimal, section.term("decimal", "auto", ("auto", ".", ","))),
        sheet=section.value("sheet", "text", None),
        layout=section.term("layout", "long", ("long", "wide")),
        columns=columns,
        values=values,
        constants={
            key: _constant(section, known[key]) for key in CONSTANTS.get(name, ()) if key in section
        },
        make_actors=section.value("make_actors", "yes or no", default=False),
    )
    return spec if path is not None else None


def _constant(section: Section, attribute: Attribute) -> str | int:
    """Read what a case file says once for all rows."""
    if attribute.type == "integer":
        return section.integer(attribute.name, YEARS[1], *YEARS)
    _, terms = vocabulary_of(attribute)
    return section.term(attribute.name, "", terms) if terms else section.text(attribute.name)


def _check_attribute(
    section: Section, key: str, attribute: str, known: Mapping[str, Attribute], name: str
) -> None:
    own = name in OWN_ATTRIBUTES and attribute.startswith("x_")
    if attribute not in known and not own:
        problem = f"{name} have no such attribute{did_you_mean(attribute, list(known)).rstrip('.')}"
        x = ", or a name of your own that begins with x_" if name in OWN_ATTRIBUTES else ""
        remedy = f"Use one of: {', '.join(known)}{x}."
        section.fault(key, "unknown-attribute", attribute, problem, remedy)


def _value_mapping(
    section: Section, attribute: str, mapping: object, known: Attribute | None
) -> dict[str, str]:
    where = f"values.{attribute}"
    if not isinstance(mapping, Mapping):
        section.fault(where, "wrong-type", mapping, "it must be a section", "Give value = 'term'.")
        return {}
    _, terms = vocabulary_of(known) if known is not None else ("", ())
    result = {}
    for value, term in mapping.items():
        if not isinstance(term, str):
            problem = "it must be a text"
            section.fault(f"{where}.{value}", "wrong-type", term, problem, "Give a term.")
        elif terms and term not in terms:
            section.not_allowed(f"{where}.{value}", term, terms)
        else:
            result[value.strip()] = term
    return result


def _read_table_spec(section: Section, folder: Path, case_currency: str) -> TableSpec:
    dictionary = load_dictionary()
    kind = section.term("format", "symmetric", ("symmetric", "oecd-icio"))
    symmetric = kind == "symmetric"
    name = section.text("name", "table", required=True)
    if not _TABLE_NAME.fullmatch(name):
        problem = "it must be ASCII letters, digits and _, and begin with a letter"
        remedy = "Give a short name, as kz_2019: it becomes part of the keys of industries."
        section.fault("name", "bad-name", name, problem, remedy)
    own: dict[str, Any] = {
        "name": name,
        "format": kind,
        "year": section.integer("year", 0, *YEARS, required=symmetric),
        "currency": section.text("currency", case_currency if symmetric else "USD"),
        "unit": section.text("unit", "" if symmetric else "million USD", required=symmetric),
        "source": section.text("source", required=True),
        "evidence": section.term("evidence", "not-stated", dictionary.terms("evidence")),
        "price_basis": section.term("price_basis", "basic", dictionary.terms("price_basis")),
        "origin": section.term("origin", "total", dictionary.terms("origin")),
        "country": section.text("country", required=not symmetric),
        "labels": section.path("labels", folder),
        "by_definition": section.terms("by_definition", (), IDENTITIES),
    }
    others = [f for f in fields(TableSpec) if f.name not in (*own, "by_flags")]
    own |= {f.name: section.texts(f.name) for f in others if f.default == ()}
    own |= {f.name: section.text(f.name) for f in others if f.default == ""}
    return TableSpec(**own)


def _read_analysis(section: Section) -> AnalysisSettings:
    usual = AnalysisSettings()
    section.allow(f.name for f in fields(AnalysisSettings))
    known = load_dictionary().terms("status")
    status = section.terms("status", usual.status, known)
    if not status:
        section.fault("status", "missing-key", None, "no status is named", "Name one at least.")

    def shares(key: str, usual: Mapping[str, float]) -> Mapping[str, float]:
        given = section.section(key)
        given.allow(usual)
        return {name: given.number(name, value, *SHARES[key]) for name, value in usual.items()}

    layers = shares("layers", usual.layers)
    if not any(layers.values()):
        problem = "every layer has weight 0"
        section.fault("layers", "out-of-range", None, problem, "Leave one above.")
    _check_weights(section, layers)
    numbers: dict[str, Any] = {
        **{n: section.integer(n, getattr(usual, n), *COUNTS[n]) for n in COUNTS},
        **{n: section.number(n, getattr(usual, n), *NUMBERS[n]) for n in NUMBERS},
    }
    return AnalysisSettings(
        **numbers,
        status=tuple(term for term in status if term in known) or usual.status,
        self_ties=cast(Any, section.term("self_ties", usual.self_ties, ("drop", "keep"))),
        engine=section.term("engine", usual.engine, tuple(OBJECTIVES)),
        joint=cast(Any, section.term("joint", usual.joint, ("sum", "multiplex"))),
        layers=layers if any(layers.values()) else usual.layers,
        keep=shares("keep", usual.keep),
    )


def _check_weights(section: Section, layers: Mapping[str, float]) -> None:
    """Find layers that weigh so little that their ties are lost in rounding."""
    most = max(layers.values())
    least = LEAST_WEIGHT * max(1.0, most)
    for name, weight in layers.items():
        if 0 < weight < least:
            problem = (
                f"beside the layer with weight {most:g} its ties are lost in rounding"
                if most > 1
                else "so small a weight is lost in rounding"
            )
            remedy = f"Give 0 to leave the layer out, or a weight of at least {least:g}."
            section.fault(f"layers.{name}", "lost-weight", weight, problem, remedy)


def _read_networks(checker: Checker, given: object) -> tuple[Network, ...]:
    networks: dict[str, Network] = {}
    for section in listed_sections(checker, "networks", given):
        section.allow(("id", "title", "title_ru", "title_kk"))
        key = section.ascii_name("id", "it must be ASCII", required=True)
        if key in networks:
            section.fault("id", "duplicate-id", key, "this id was given before", "Give another.")
        networks.setdefault(key, Network(key, section.titles(required=True)))
    return tuple(networks.values())


def _parse(folder: Path) -> tuple[str, dict[str, Any]] | Fault:
    """Return the text and the content of ``case.toml``, or why it cannot be read."""

    def refused(row: int, code: str, problem: str, remedy: str) -> Fault:
        return Fault(file=CASE_FILE, row=row, code=code, problem=problem, remedy=remedy)

    try:
        data = (folder / CASE_FILE).read_bytes()
    except OSError:
        return refused(
            0, "missing-file", f"there is no {CASE_FILE} in {folder}",
            "Name the folder of a case, or make one with: klaster new DIR.",
        )  # fmt: skip
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        row = data[: reason.start].count(b"\n") + 1
        return refused(row, "wrong-encoding", "it is not utf-8", "Save it as utf-8.")
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        line = re.search(r"at line (\d+)", str(reason))
        return refused(
            int(line[1]) if line else len(text.splitlines()),
            "bad-toml",
            f"it is not TOML: {reason}",
            "Put texts in quotation marks and lists in square brackets.",
        )


def read_settings(folder: Path) -> tuple[CaseSettings | None, tuple[Fault, ...]]:
    """Read and check ``case.toml`` of a folder.

    Returns
    -------
    tuple
        The settings (None where the file cannot be read at all), and every fault found. With
        faults, what is at fault has its default value, and an input whose file is missing is
        left out, so that the other files can still be checked.
    """
    parsed = _parse(folder)
    if isinstance(parsed, Fault):
        return None, (parsed,)
    text, content = parsed
    checker = Checker(text)
    whole = Section(checker, "", content)
    whole.allow(("case", "inputs", "analysis", "networks", "experts"))
    if "case" not in whole:
        whole.fault("case", "missing-key", None, "there is no section [case]", "Add it.")
    case = whole.section("case")
    case.allow(("name", "title", "title_ru", "title_kk", "year", "currency", "note"))
    currency = case.text("currency", required=True)
    inputs = whole.section("inputs")
    inputs.allow(INPUTS)
    sections = {name: inputs.section(name) for name in INPUTS if name in inputs}
    specs = {name: _read_input(section, name, folder) for name, section in sections.items()}
    ties = specs.get("ties")
    without_actors = "actors" not in inputs and not (ties is not None and ties.make_actors)
    if without_actors and "table" not in inputs:
        problem = "there are neither actors nor a table"
        inputs.fault("", "missing-key", None, problem, "Name a file.")
    if without_actors and "ties" in inputs:
        remedy = "Name their file, or say make_actors = true to make them from the ties."
        inputs.fault("ties", "missing-key", None, "there are ties but no actors", remedy)
    statements = read_statements(checker, content.get("experts", []))
    analysis = _read_analysis(whole.section("analysis"))
    if any(s.has_rules for s in statements):
        for key, fault in rule_obstacles(analysis).items():
            checker.fault(f"analysis.{key}", *fault)
    settings = CaseSettings(
        folder=folder,
        name=case.ascii_name(
            "name", "it must be ASCII: it becomes part of file names", required=True
        ),
        titles=case.titles(required=True),
        year=case.integer("year", YEARS[1], *YEARS, required=True),
        currency=currency,
        note=case.text("note"),
        inputs={name: spec for name, spec in specs.items() if spec is not None},
        table=(
            _read_table_spec(sections["table"], folder, currency) if "table" in sections else None
        ),
        analysis=analysis,
        networks=_read_networks(checker, content.get("networks", [])),
        experts=statements,
    )
    return settings, tuple(checker.faults)
