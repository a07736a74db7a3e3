"""Writing results: whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from klaster.graph.errors import KlasterError
from klaster.graph.safe_text import csv_text

MARK = "run.json"
"""A folder with this file was written by klaster and may be replaced by it."""
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
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write into that becomes ``target`` only when the block ends well.

    A folder that klaster wrote before is replaced; any other folder that is not empty is
    refused before anything is written. Whatever goes wrong inside the block, ``target`` stays
    as it was.

    Parameters
    ----------
    target
        The folder the results should appear in.

    Raises
    ------
    OutputError
        Where ``target`` is a file, or a folder with something in it that klaster did not write,
        or cannot be written.
    """
    target = target.absolute()
    _refuse_foreign(target)
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


def _refuse_foreign(target: Path) -> None:
    if target.is_file():
        raise OutputError(f"{target} is a file; --out needs a folder.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise OutputError(
            f"{target} holds files that klaster did not write; nothing was touched. "
            "Choose another --out, or empty it."
        )


def _replace(fresh: Path, target: Path) -> None:
    if not target.exists():
        os.replace(fresh, target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old-", dir=target.parent))
    os.replace(target, old / "was")
    try:
        os.replace(fresh, target)
    except BaseException:
        os.replace(old / "was", target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with a byte order mark, so that Excel reads Cyrillic."""
    path.write_text(csv_text(table), encoding="utf-8-sig", newline="")


def write_json(content: Any, path: Path) -> None:
    """Write JSON with sorted keys, UTF-8."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
