"""Data that ships with klaster: cases to analyze, and studies whose printed results can be checked."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

from klaster.graph.errors import UnknownNameError

CaseKind = Literal["case", "study"]

_FILES: dict[CaseKind, str] = {"case": "case.toml", "study": "study.toml"}


def case_names() -> tuple[str, ...]:
    """Return the names of the cases and studies that ship with klaster, sorted.

    Examples
    --------
    >>> case_names()
    ('east_kazakhstan', 'kazakhstan')
    """
    folders = Path(str(files("klaster.cases"))).iterdir()
    return tuple(
        sorted(
            folder.name
            for folder in folders
            if any((folder / name).is_file() for name in _FILES.values())
        )
    )


def case_kind(name: str) -> CaseKind:
    """Say whether a name is a case or a study.

    A ``case`` has actors, ties and tables and is read by :func:`klaster.load_case`. A ``study`` is
    the printed result of a publication, read by :func:`klaster.studies.load_study`.

    Raises
    ------
    UnknownNameError
        As :func:`case_path`.

    Examples
    --------
    >>> case_kind("kazakhstan"), case_kind("east_kazakhstan")
    ('case', 'study')
    """
    return "case" if (case_path(name) / _FILES["case"]).is_file() else "study"


def case_path(name: str = "kazakhstan") -> Path:
    """Return the folder of a case or study that ships with klaster.

    Parameters
    ----------
    name
        One of :func:`case_names`.

    Raises
    ------
    UnknownNameError
        Where none of that name ships.

    Examples
    --------
    >>> (case_path() / "case.toml").is_file()
    True
    >>> case_path("kazakstan")
    Traceback (most recent call last):
    ...
    klaster.graph.errors.UnknownNameError: no case 'kazakstan'; did you mean 'kazakhstan'? \
There are: east_kazakhstan, kazakhstan.
    """
    names = case_names()
    if name not in names:
        raise UnknownNameError("case", name, names)
    return Path(str(files("klaster.cases"))) / name
