"""Writing results: whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from klaster.graph.errors import Fault, InputError, KlasterError
from klaster.graph.safe_text import csv_text

MARK = "run.json"
"""The record of a run: it lists the files klaster wrote, which a later run may replace."""
GRAPH_FOLDER = "graph"
"""Where a run leaves its graph as Parquet."""
FINDINGS_FILE = "findings.json"
"""Where a run leaves what was found, to be read back."""
NETWORK_FILE = "graph.graphml"
"""Where a run leaves its graph for other programs."""
STORE_FILE = "graph.kgl"
"""Where a run leaves its graph as a store."""


class OutputError(KlasterError):
    """The results cannot be written where they were asked for."""


def refused_results(
    folder: Path,
    what: str,
    *,
    code: str,
    problem: str,
    remedy: str,
    column: str = "",
    value: str = "",
) -> InputError:
    """Return the error of a folder whose results cannot be taken as ``what`` they are named for."""
    fault = Fault(
        file=folder.name or str(folder), column=column, code=code, value=value,
        problem=problem, remedy=remedy,
    )  # fmt: skip
    return InputError([fault], what)


def page_file(path: Path | str) -> Path:
    """Return the path of a page to be written.

    Raises
    ------
    OutputError
        For a name that does not end in ``.html`` or ``.htm``.
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise OutputError(
            f"draw() writes a page for a browser, not {path.name!r}: give a name as network.html. "
            "For a picture open the page and choose Save PNG or Save SVG; for another program "
            "take export(), as export('network.gexf')."
        )
    return path


@contextmanager
def whole_folder(target: Path, *, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """Give a folder to write into that becomes ``target`` only when the block ends well.

    Of results that klaster wrote before, the files their ``run.json`` lists are replaced; every
    other file in the folder stays where it is. A folder without such results is refused before
    anything is written, unless it is empty. Where ``target`` is a link, the folder it leads to is
    written. Whatever goes wrong inside the block, ``target`` stays as it was.

    Parameters
    ----------
    target
        The folder the results should appear in.
    inputs
        Files that were read; a result that would replace one of them is refused.

    Raises
    ------
    OutputError
        Where ``target`` is a file, or a folder with something in it and no results of klaster, or
        a result would replace a file that klaster did not write, or an input; or where it cannot
        be written.
    """
    target = Path(os.path.realpath(target))
    check_target(target, inputs)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    except OSError as error:
        raise OutputError(
            f"cannot write into {target.parent}: {error.strerror}. Choose another --out."
        ) from error
    try:
        fresh.chmod(0o755)
        yield fresh
        _replace(fresh, target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def check_target(target: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse a folder that results cannot be written into; see :func:`whole_folder`."""
    target = Path(os.path.realpath(target))
    if target.is_file():
        raise OutputError(f"{target} is a file; --out needs a folder.")
    if not target.is_dir() or not any(target.iterdir()):
        return
    written = _written_files(target)
    if not written:
        raise OutputError(
            f"{target} holds files that klaster did not write ({_some(_foreign(target))}); "
            "nothing was touched. Choose another --out, or empty it."
        )
    lost = [
        path for path in inputs if Path(os.path.realpath(path)) in {target / n for n in written}
    ]
    if lost:
        raise OutputError(
            f"{_some(lost)}: this was read, and the results would replace it; nothing was "
            "touched. Choose another --out."
        )


def _written_files(folder: Path) -> frozenset[str]:
    """Return the files in a folder that klaster wrote; none where its record is not klaster's."""
    try:
        record = json.loads((folder / MARK).read_text(encoding="utf-8-sig"))
        if not ("klaster" in record["versions"] and isinstance(record["files"], dict)):
            return frozenset()
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset({MARK, *record["files"]})


def _foreign(folder: Path) -> list[Path]:
    """Return, relative to a folder, what in it klaster did not write; folders only if empty."""
    written = _written_files(folder)
    found = []
    for where, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(where, name))]
        names = [Path(where, name).relative_to(folder) for name in (*files, *links)]
        if not (files or folders) and where != str(folder):
            names.append(Path(where).relative_to(folder))
        found += [name for name in names if name.as_posix() not in written]
    return sorted(found)


def _replace(fresh: Path, target: Path) -> None:
    """Put a finished folder in the place of another, and carry over what klaster did not write."""
    if not target.exists():
        os.replace(fresh, target)
        return
    foreign = _foreign(target)
    names = {path.relative_to(fresh): path.is_dir() for path in fresh.rglob("*")}
    in_the_way = [
        name
        for name in foreign
        if name in names or any(not names.get(above, True) for above in name.parents)
    ]
    if in_the_way:
        raise OutputError(
            f"{target} holds files that klaster did not write where results should stand "
            f"({_some(in_the_way)}); nothing was touched. Move them, or choose another --out."
        )
    try:
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old-", dir=target.parent))
        try:
            _exchange(fresh, target, old / "was")
        except BaseException:
            old.rmdir()
            raise
    except OSError as error:
        raise OutputError(f"cannot replace {target}: {error.strerror}.") from error
    shutil.rmtree(old, ignore_errors=True)


def _exchange(fresh: Path, target: Path, was: Path) -> None:
    """Move ``target`` to ``was`` and ``fresh`` to ``target``, with the foreign files; or undo it."""
    os.replace(target, was)
    moved: list[Path] = []
    try:
        os.replace(fresh, target)
        for name in _foreign(was):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(was / name, target / name)
            moved.append(name)
    except BaseException:
        for name in moved:
            os.replace(target / name, was / name)
        if target.exists():
            os.replace(target, fresh)
        os.replace(was, target)
        raise


def _some(names: Iterable[Path]) -> str:
    """Name the first few of several files."""
    listed = [str(name) for name in names]
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with a byte order mark, so that Excel reads Cyrillic."""
    path.write_text(csv_text(table), encoding="utf-8-sig", newline="")


def write_json(content: Any, path: Path) -> None:
    """Write JSON with sorted keys, UTF-8."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
