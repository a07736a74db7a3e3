"""Values of a case file are read one by one; what is wrong with them is collected, with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from klaster.graph.errors import Fault, did_you_mean

CASE_FILE = "case.toml"

ASCII_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
"""What names may look like that become part of file names and keys."""

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
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
    "yes or no": ("true or false without quotation marks", lambda v: isinstance(v, bool)),
    "texts": (
        "a list of texts in square brackets",
        lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
    ),
    "section": ("a section", lambda v: isinstance(v, dict)),
}


class Checker:
    """Collects the faults of a case file; knows the line of each key."""

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
            header = _HEADER.match(line)
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
            header = _HEADER.match(line)
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
        self.faults.append(Fault(
            file=CASE_FILE, row=self.line_of(key), column=key, code=code,
            value="" if value is None else str(value), problem=problem, remedy=remedy,
        ))  # fmt: skip


class Section:
    """A section of a case file by its dotted name; readers return the default where a value is at fault."""

    def __init__(self, checker: Checker, name: str, content: Mapping[str, Any]) -> None:
        self.checker, self.name, self.content = checker, name, content

    def __contains__(self, key: str) -> bool:
        return key in self.content

    def fault(self, key: str, code: str, value: object, problem: str, remedy: str) -> None:
        """Write down a fault of a key; of the section itself where the key is empty."""
        dotted = ".".join(filter(None, (self.name, key)))
        self.checker.fault(dotted, code, value, problem, remedy)

    def allow(self, allowed: Iterable[str]) -> None:
        """Write down the keys that are not among those allowed."""
        names = list(allowed)
        for key in self.content:
            if key not in names:
                problem = f"there is no such key{did_you_mean(key, names).rstrip('.')}"
                self.fault(key, "unknown-key", key, problem, f"Use one of: {', '.join(names)}.")

    def value(self, key: str, kind: str, default: Any, *, required: bool = False) -> Any:
        """Return a value of a kind (text, integer, number, yes or no, texts, section)."""
        words, fits = _KINDS[kind]
        if key not in self.content:
            if required:
                self.fault(key, "missing-key", None, "it is needed", f"Give {words}.")
            return default
        value = self.content[key]
        if not fits(value):
            self.fault(key, "wrong-type", value, f"it must be {words}", f"Give {words}.")
            return default
        if required and value == "":
            self.fault(key, "missing-key", None, "it is empty", f"Give {words}.")
        return value

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Return a text."""
        return str(self.value(key, "text", default, required=required))

    def texts(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Return a list of texts, without blanks at their ends."""
        return tuple(text.strip() for text in self.value(key, "texts", default))

    def section(self, key: str) -> Section:
        """Return a section inside this one; empty where it is missing."""
        name = f"{self.name}.{key}" if self.name else key
        return Section(self.checker, name, self.value(key, "section", {}))

    def integer(
        self, key: str, default: int, low: float, high: float, *, required: bool = False
    ) -> int:
        """Return a whole number in a range."""
        value = self.value(key, "integer", None, required=required)
        return default if value is None else int(self._in_range(key, value, default, low, high))

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """Return a number in a range."""
        value = self.value(key, "number", None)
        return default if value is None else float(self._in_range(key, value, default, low, high))

    def _in_range(self, key: str, value: float, default: float, low: float, high: float) -> float:
        if low <= value <= high:
            return value
        problem = f"it must lie between {low:g} and {high:g}"
        self.fault(key, "out-of-range", value, problem, "Give a number in this range.")
        return default

    def term(
        self, key: str, default: str, allowed: Sequence[str], *, required: bool = False
    ) -> str:
        """Return one of the allowed terms."""
        value = self.text(key, default, required=required)
        if key in self.content and value not in allowed:
            self.not_allowed(key, value, allowed)
            return default
        return value

    def terms(self, key: str, default: Sequence[str], allowed: Sequence[str]) -> tuple[str, ...]:
        """Return a list of allowed terms; those not allowed are in it, with a fault."""
        found = self.texts(key, default)
        for term in found:
            if term not in allowed:
                self.not_allowed(key, term, allowed)
        return found

    def not_allowed(self, key: str, value: str, allowed: Sequence[str]) -> None:
        """Write down a value that is none of those allowed."""
        names = [repr(name) if name in ("\t", " ") else name for name in allowed]
        problem = f"it is not allowed here{did_you_mean(value, names).rstrip('.')}"
        self.fault(key, "unknown-value", value, problem, f"Use one of: {', '.join(names)}.")

    def ascii_name(self, key: str, problem: str, *, required: bool = False) -> str:
        """Return a name of ASCII letters, digits, ``-`` and ``_``; it is kept where it is not."""
        name = self.text(key, required=required).strip()
        if name and not ASCII_NAME.fullmatch(name):
            self.fault(key, "bad-name", name, problem, "Use letters, digits, - and _.")
        return name

    def titles(self, *, required: bool = False) -> dict[str, str]:
        """Return a title by language; the English one where another is not given."""
        english = self.text("title", required=required).strip()
        others = {lang: self.text(f"title_{lang}").strip() or english for lang in ("ru", "kk")}
        return {"en": english, **others}

    def path(self, key: str, folder: Path, *, required: bool = False) -> Path | None:
        """Return the path of a file that lies in the folder and exists."""
        given = self.text(key, required=required)
        if not given:
            return None
        path = folder / given
        try:
            inside = path.resolve().is_relative_to(folder.resolve())
            exists = path.is_file()
        except (OSError, ValueError):
            inside, exists = True, False
        if Path(given).is_absolute() or not inside:
            remedy = "Copy the file into the folder and give its path from there."
            problem = "the path leaves the folder of the case"
            self.fault(key, "path-outside", given, problem, remedy)
            return None
        if not exists:
            near = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*"))
            problem = f"there is no such file in the folder{did_you_mean(given, near).rstrip('.')}"
            self.fault(key, "missing-file", given, problem, "Put it there, or correct its name.")
            return None
        return path


def listed_sections(checker: Checker, name: str, given: object) -> list[Section]:
    """Return the sections ``[[name]]`` of a case file."""
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        problem = "it must be a list of sections"
        checker.fault(name, "wrong-type", None, problem, f"Write [[{name}]].")
        return []
    return [Section(checker, f"{name}[{k}]", item) for k, item in enumerate(given, start=1)]
