"""A new case folder: an example to start from, or a case written for tables there are already."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from klaster.graph.errors import refusal
from klaster.loaders.case.checker import CASE_FILE
from klaster.loaders.case.input_specs import InputName

TEMPLATES = (CASE_FILE, "actors.csv", "ties.csv", "regions.csv", "indicators.csv", "table.csv")
"""Files of the example."""


@dataclass(frozen=True)
class NewInput:
    """A file that becomes an input of a new case; it is copied into the folder.

    ``columns`` and ``values`` are as in a case file; ``settings`` are other keys of the section:
    ``sheet``, ``decimal``, ``make_actors``, and what holds for all rows (``tie_type``, ``evidence``,
    ``year`` …); ``remark`` is a comment above it, as what was guessed.
    """

    name: InputName
    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, str | int | bool] = field(default_factory=dict)
    remark: str = ""

    def toml(self) -> str:
        """Return the section ``[inputs.…]``."""
        where = f"inputs.{self.name}"
        lines = [f"# {line}" for line in self.remark.splitlines()]
        lines += _section(where, {"file": self.path.name, **self.settings})
        lines += _section(f"{where}.columns", self.columns) if self.columns else []
        for attribute, terms in self.values.items():
            lines += _section(f"{where}.values.{attribute}", terms)
        return "\n".join(lines) + "\n"


def _section(name: str, content: Mapping[str, str | int | bool]) -> list[str]:
    """Return lines of TOML: of texts, numbers and truth values JSON is the same."""
    keys = (
        k if re.fullmatch(r"[A-Za-z0-9_-]+", k) else json.dumps(k, ensure_ascii=False)
        for k in content
    )
    values = (json.dumps(value, ensure_ascii=False) for value in content.values())
    return [f"[{name}]", *(f"{key} = {value}" for key, value in zip(keys, values, strict=True))]


def case_name(text: str) -> str:
    """Return an ASCII name for a case, made of the name of its folder.

    Examples
    --------
    >>> case_name("Steel valley (2024)"), case_name("Қарағанды")
    ('Steel_valley_2024', 'my_case')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9-]+", "_", plain).strip("_-") or "my_case"


def new_case(folder: Path) -> tuple[Path, ...]:
    """Write a commented ``case.toml`` and small example files into a new or an empty folder.

    The example is made up and says so (evidence ``synthetic``); it loads and can be analysed as
    it stands. The files appear all or not at all; their paths are returned.

    Raises
    ------
    InputError
        Where the folder holds anything, or is a file: nothing is overwritten.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as home:
    ...     [path.name for path in new_case(Path(home) / "valley")][:2]
    ['case.toml', 'actors.csv']
    """
    folder = Path(folder)
    name = case_name(folder.resolve().name)
    with _new_folder(folder) as beside:
        for template in TEMPLATES:
            _write(beside / template, _template(template, name, name.replace("_", " ")))
    return tuple(folder / template for template in TEMPLATES)


def write_case(
    folder: Path,
    inputs: Sequence[NewInput],
    *,
    year: int,
    name: str = "",
    title: str = "",
    currency: str = "KZT",
    note: str = "",
) -> tuple[Path, ...]:
    r"""Write a commented ``case.toml`` for tables there are, and copy them beside it.

    The paths of the files are returned, ``case.toml`` first.

    Parameters
    ----------
    folder
        The folder, as for :func:`new_case`.
    inputs
        The files, and how they are read.
    year, name, title, currency, note
        As in ``[case]``; name and title are by default those of the folder.

    Raises
    ------
    InputError
        As :func:`new_case`; and where two inputs have files of one name.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as home:
    ...     ties = Path(home) / "ties.csv"
    ...     _ = ties.write_text("seller,buyer\nMine,Mill\n", encoding="utf-8")
    ...     columns = {"source_id": "seller", "target_id": "buyer"}
    ...     given = {"tie_type": "SUPPLIES", "evidence": "reported", "source": "survey"}
    ...     new = NewInput("ties", ties, columns, settings={"make_actors": True, **given})
    ...     [path.name for path in write_case(Path(home) / "valley", [new], year=2024)]
    ['case.toml', 'ties.csv']
    """
    folder = Path(folder)
    by_file = {new.path.name: new.path for new in inputs}
    for new in inputs:
        if by_file[new.path.name] != new.path or new.path.name == CASE_FILE:
            problem, remedy = "two files of the case would have this name", "Rename one of them."
            raise refusal("file-name-in-use", "", problem, remedy, str(new.path))
    name = name or case_name(folder.resolve().name)
    title = title or name.replace("_", " ")
    template = _template(CASE_FILE, name, title)
    start, sections = template.index("[case]"), template.index("# Every input")
    first, analysis = template.index("[inputs.actors]"), template.index("[analysis]")
    networks, experts = template.index("[[networks]]"), template.index("# What experts say")
    about: dict[str, str | int] = {"name": name, "title": title, "year": year}
    about |= {"currency": currency, "note": note}
    text = "".join(
        [
            template[:start],
            "\n".join(_section("case", about)) + "\n\n",
            template[sections:first],
            "\n".join(new.toml() for new in inputs),
            "\n" + template[analysis:networks],
            template[experts:],
        ]
    )
    with _new_folder(folder) as beside:
        _write(beside / CASE_FILE, text)
        for file, path in by_file.items():
            shutil.copyfile(path, beside / file)
    return tuple(folder / file for file in (CASE_FILE, *by_file))


def _template(file: str, name: str, title: str) -> str:
    text = (files("klaster.loaders") / "templates" / file).read_text(encoding="utf-8")
    return text.replace("@NAME@", name).replace("@TITLE@", title)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into, which is renamed at the end; a folder in use is refused."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = "it is not empty" if folder.is_dir() else "it is a file"
        remedy = "Name a folder that does not exist yet, or an empty one."
        raise refusal("folder-in-use", "", problem, remedy, str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".klaster-new-", dir=folder.parent))
    try:
        yield beside
        beside.chmod(0o755)
        if folder.exists():
            folder.rmdir()  # it is empty; renaming over it fails on some systems
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
