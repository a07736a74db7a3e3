"""Graphs and a table become one case, without a folder: the multiplex of firms, helix and industries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from klaster.graph.affiliations import with_affiliations
from klaster.graph.canonical_tables import records
from klaster.graph.case import Case
from klaster.graph.content import counted
from klaster.graph.errors import Fault, InputError, refusal
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import QualityReport
from klaster.graph.settings import AnalysisSettings
from klaster.loaders.case.input_keys import numbered
from klaster.loaders.case.input_rows import NAMES
from klaster.loaders.names.actor_names import ASSUMED, NOT_STATED, plain_name

if TYPE_CHECKING:
    import pandas as pd

    from klaster.graph.io_table import IOTable

_JOINED = ("source", "locator", "note")
"""What is said of an actor in words: both are kept, one after the other."""


def combine(
    supply: ClusterGraph | None = None,
    helix: ClusterGraph | None = None,
    table: IOTable | None = None,
    *,
    name: str = "combined",
    title: str = "",
    year: int | None = None,
    currency: str = "",
    indicators: pd.DataFrame | None = None,
    settings: AnalysisSettings | None = None,
) -> Case:
    """Put ties of firms, ties of the helix and an input–output table together as one case.

    An actor of one graph is an actor of the other where both have its key, or where exactly one
    actor has its name or an alias of it. What is known of it is united: another name becomes an
    alias, sources are named both, the evidence of the first stays, and what was assumed gives way
    to what is stated; other contradictions are faults. All ties are kept. Actors with a region or an industry code are tied
    to it where the graphs and the table have it.

    Parameters
    ----------
    supply, helix
        Graphs, as of ``klaster.read_ties``.
    table
        An input–output table: its industries and flows.
    name, title, year, currency
        What the case is called, its reference year and currency; by default those of the table.
    indicators
        Columns region, year, indicator, value, unit, source, evidence.
    settings
        How it is to be analysed.

    Returns
    -------
    Case
        What ``klaster.find_clusters`` takes; ``notes`` say what was united.

    Raises
    ------
    InputError
        With all contradictions, and where nothing is given.

    Examples
    --------
    >>> import klaster
    >>> firms = klaster.read_ties([("Mine", "Mill"), ("Mill", "Plant")])
    >>> about = {"KarTU": {"actor_type": "University", "region": "KRG"}}
    >>> helix = klaster.read_ties([("KarTU", "Mill")], tie_type="TRAINS_STAFF_FOR", actors=about)
    >>> case = klaster.combine(supply=firms, helix=helix, name="steel")
    >>> case
    Case('steel', 4 nodes, 3 ties)
    """
    given = {"supply": supply, "helix": helix, "table": None if table is None else table.to_graph()}
    graphs = {part: graph for part, graph in given.items() if graph is not None}
    if not graphs:
        raise refusal(
            "nothing-given", "", "neither ties nor a table were given", "Give one.", "combine"
        )
    for part, graph in graphs.items():
        if not isinstance(graph, ClusterGraph):
            kind = type(graph).__name__
            raise refusal(
                "no-graph", "", f"{part} is a {kind}", "Read it by klaster.read_ties.", "combine"
            )
    joining = _Joining()
    for part, graph in graphs.items():
        joining.add(part, graph)
    if joining.faults:
        raise InputError(joining.faults, "the combined case")
    notes = [
        *joining.notes,
        *(f"{part}: {n}" for part, graph in graphs.items() for n in graph.notes),
    ]
    graph = with_affiliations(
        ClusterGraph.build(joining.nodes.values(), joining.ties.values(), notes)
    )
    about: dict[str, Any] = {
        "titles": {"en": title} if title else None,
        "indicators": indicators,
        "settings": settings,
    }
    return Case(
        graph,
        name,
        table=table,
        year=table.year if year is None and table is not None else year,
        currency=currency or (table.currency if table is not None else ""),
        notes=graph.notes,
        report=QualityReport(notes=graph.notes),
        **{key: value for key, value in about.items() if value is not None},
    )


class _Joining:
    """Nodes and ties of several graphs as they come together."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.ties: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self._part_of: dict[str, str] = {}

    def add(self, part: str, graph: ClusterGraph) -> None:
        """Add a graph: its nodes to those they are the same as, its ties to the ties."""
        before = set(self.nodes)
        by_name: dict[str, set[str]] = defaultdict(set)
        for key, node in self.nodes.items():
            for text in _names(node) if node["kind"] == "Actor" else ():
                by_name[text].add(key)
        key_of: dict[str, str] = {}
        named = []
        for node in records(graph.nodes):
            key = str(node["id"])
            if key not in self.nodes and node["kind"] == "Actor":
                fitting = {k for text in _names(node) for k in by_name.get(text, ())}
                if len(fitting) == 1:
                    key = next(iter(fitting))
                    named.append(f"{node['id']!r} is {key!r}")
                elif fitting:
                    keys = ", ".join(map(repr, sorted(fitting)))
                    self.notes.append(f"{node['id']!r} kept apart: its names are those of {keys}")
            key_of[str(node["id"])] = key
            self.nodes[key] = self._united(part, key, {**node, "id": key})
            self._part_of[key] = part
        both = len(before.intersection(key_of.values()))
        if both:
            self.notes.append(f"{counted(both, 'node')} of {part} were there before")
        if named:
            self.notes.append(f"the same by name: {', '.join(named)}")
        self._add_ties(part, graph, key_of)

    def _add_ties(self, part: str, graph: ClusterGraph, key_of: Mapping[str, str]) -> None:
        again, used = 0, set(self.ties)
        for tie in records(graph.ties):
            tie |= {"source_id": key_of[tie["source_id"]], "target_id": key_of[tie["target_id"]]}
            again += self.ties.get(tie["tie_id"]) == tie
            tie["tie_id"] = numbered(tie["tie_id"], used)
            self.ties[tie["tie_id"]] = tie
        if again:
            self.notes.append(f"{counted(again, 'tie')} of {part} were stated before too (kept)")

    def _united(self, part: str, key: str, new: dict[str, Any]) -> dict[str, Any]:
        """Return what both say of a node; what they contradict each other in is a fault."""
        old = self.nodes.get(key)
        if old is None:
            return new
        new, old = _stated(new, old), _stated(old, new)
        united = {**new, **old}
        aliases = {*old.get("aliases", ()), *new.get("aliases", ())}
        for name in sorted(new.keys() & old.keys()):
            if name == "aliases" or new[name] == old[name]:
                continue
            if name in NAMES:
                own = old[name] if old[name] != key else new[name]
                united[name] = own
                aliases |= {old[name], new[name]} - {own, key}
            elif name in _JOINED:
                united[name] = "; ".join(dict.fromkeys([old[name], new[name]]))
            elif name != "evidence":
                before = self._part_of[key]
                fault = Fault(
                    file=part, column=name, code="contradiction", value=str(new[name]),
                    problem=f"{name} of {key!r} is {old[name]!r} in {before} and "
                    f"{new[name]!r} in {part}",
                    remedy="Correct one of them, or leave it out of one.",
                )  # fmt: skip
                self.faults.append(fault)
        return {**united, "aliases": sorted(aliases)} if aliases else united


def _stated(node: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node without what was only assumed of it, where the other states it."""
    drop = {"evidence"} if node.get("evidence") == NOT_STATED and "evidence" in other else set()
    if node.get("note") == ASSUMED and other.get("note") != ASSUMED:
        drop |= {"actor_type", "sphere", "note", "evidence"}
    return {name: value for name, value in node.items() if name not in drop}


def _names(node: Mapping[str, Any]) -> set[str]:
    own = (node.get(name) for name in ("id", *NAMES))
    return {plain_name(str(text)) for text in (*own, *node.get("aliases", ())) if text}
