"""Data that ships with klaster."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from klaster.graph.errors import UnknownNameError


def case_names() -> tuple[str, ...]:
    """Return the names of the cases that ship with klaster, sorted.

    Examples
    --------
    >>> case_names()
    ('kazakhstan',)
    """
    folders = Path(str(files("klaster.cases"))).iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / "case.toml").is_file()))


def case_path(name: str = "kazakhstan") -> Path:
    """Return the folder of a case that ships with klaster.

    Parameters
    ----------
    name
        One of :func:`case_names`.

    Raises
    ------
    UnknownNameError
        Where no case of that name ships.

    Examples
    --------
    >>> (case_path() / "case.toml").is_file()
    True
    >>> case_path("kazakstan")
    Traceback (most recent call last):
    ...
    klaster.graph.errors.UnknownNameError: no case 'kazakstan'; did you mean 'kazakhstan'? \
There are: kazakhstan.
    """
    names = case_names()
    if name not in names:
        raise UnknownNameError("case", name, names)
    return Path(str(files("klaster.cases"))) / name
