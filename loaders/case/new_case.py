"""A new case folder to start from: a commented ``case.toml`` and small made-up files."""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from importlib.resources import files
from pathlib import Path

from klaster.graph.errors import Fault, InputError
from klaster.loaders.case.checker import CASE_FILE

TEMPLATES = (CASE_FILE, "actors.csv", "ties.csv", "regions.csv", "indicators.csv", "table.csv")
"""Files a new case is made of."""


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
    it stands. The files appear all or not at all.

    Parameters
    ----------
    folder
        The folder; it is made where it does not exist.

    Returns
    -------
    tuple of Path
        The files written.

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
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = "it is not empty" if folder.is_dir() else "it is a file"
        remedy = "Name a folder that does not exist yet, or an empty one."
        raise InputError(
            [Fault(str(folder), 0, "", "folder-in-use", "", problem, remedy)], "the new case"
        )
    name = case_name(folder.resolve().name)
    title = name.replace("_", " ")
    templates = files("klaster.loaders") / "templates"
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".klaster-new-", dir=folder.parent))
    try:
        for template in TEMPLATES:
            text = (templates / template).read_text(encoding="utf-8")
            text = text.replace("@NAME@", name).replace("@TITLE@", title)
            (beside / template).write_text(text, encoding="utf-8", newline="\n")
        beside.chmod(0o755)
        if folder.exists():
            folder.rmdir()  # it is empty; renaming over it fails on some systems
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return tuple(folder / template for template in TEMPLATES)
