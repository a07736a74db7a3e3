"""Link the root folders into ``src/klaster`` so that editors and type checkers see one tree.

The links are for tools only: they are git-ignored, and the build does not use them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("algorithms", "cases", "graph", "loaders", "queries", "viz")


def link(folder: str) -> None:
    """Link ``src/klaster/<folder>`` to ``<folder>``: a junction on Windows, else a symlink."""
    at, target = ROOT / "src" / "klaster" / folder, ROOT / folder
    if at.exists():
        return
    if sys.platform == "win32":
        import _winapi

        _winapi.CreateJunction(str(target), str(at))  # needs no privilege
    else:
        at.symlink_to(os.path.relpath(target, at.parent), target_is_directory=True)


for name in FOLDERS:
    link(name)
