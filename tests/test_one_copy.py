"""The root folders are not imported as top-level packages."""

import sys


def test_no_bare_import() -> None:
    bare = {"algorithms", "cases", "graph", "loaders", "queries", "viz"} & set(sys.modules)
    assert not bare, f"imported without 'klaster.': {sorted(bare)}"
