"""What rows, columns and headings of other people's tables are called: ``headings/headings.toml``."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

_FILE = files("klaster.loaders") / "headings" / "headings.toml"
WORDS: dict[str, dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
"""Texts by section and name."""
