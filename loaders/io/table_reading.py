"""A table that was read, and where its cells stand in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from klaster.graph.errors import Fault
from klaster.graph.io_table import IOTable
from klaster.loaders.files.grid import Grid


@dataclass(frozen=True)
class TableReading:
    """A table that was read (None where a fault forbids it), and where it stands in the file.

    ``place`` is the row of the file of each industry, empty where the file is not a grid;
    ``output_place`` row and column in which output stands, one of them 0 or empty.
    """

    table: IOTable | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    place: tuple[int, ...] = ()
    output_place: tuple[int, str] = (0, "")

    def labelled(self, labels: Mapping[str, str] | None) -> TableReading:
        """Return the reading with the names of industries that are given, by code."""
        if self.table is None or not labels:
            return self
        names = tuple(labels.get(code, code) for code in self.table.codes)
        return replace(self, table=replace(self.table, labels=names))


_AS_FLAGS = (
    ("or declare its encoding in case.toml", "or give --encoding"),
    ("or declare the encoding it has in case.toml (encoding = …)", "or give --encoding"),
    ("(sheet = … in case.toml names another)", "(--sheet names another)"),
)
"""What is said of files of a case, and what to say on the command line, where there is no case."""


def in_flags(grid: Grid) -> Grid:
    """Return a grid whose faults and notes name options of the command line, not keys of a case."""

    def said(text: str) -> str:
        for key, flag in _AS_FLAGS:
            text = text.replace(key, flag)
        return text

    faults = tuple(replace(fault, remedy=said(fault.remedy)) for fault in grid.faults)
    return replace(grid, faults=faults, notes=tuple(map(said, grid.notes)))
