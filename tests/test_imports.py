"""``import klaster`` is quick and brings in no engine."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("duckdb", "kglite", "matplotlib", "neo4j", "networkit", "pandas", "pyvis", "sklearn")


def test_import_is_lazy() -> None:
    code = "import sys, klaster; print(*sorted(m for m in sys.modules if '.' not in m))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(run.stdout.split())


def test_every_public_name_exists() -> None:
    import klaster

    for name in klaster.__all__:
        assert getattr(klaster, name) is not None
