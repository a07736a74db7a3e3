"""Porter's walk: from a core up and down its chain, sideways, then to institutions and the state.

The third approach to identifying a cluster starts from what everybody agrees on, a large firm or
a concentration of similar firms, and asks in turn who supplies it and whom it supplies, who
passes through the same channels or uses the same inputs, which institutions give it knowledge
and capital, and which authorities shape it (Porter 1998).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError
from klaster.graph.layers import AFFILIATION, FLOWS, SUPPLY
from klaster.graph.model import CSR, ClusterGraph

Step = Literal[
    "core",
    "upstream",
    "downstream",
    "shared channel",
    "shared input",
    "member firm",
    "knowledge",
    "finance",
    "intermediary",
    "authority",
]
INSTITUTIONS: dict[str, Step] = {
    "academia": "knowledge",
    "finance": "finance",
    "intermediary": "intermediary",
}
_Ties = dict[str, dict[str, list[str]]]


@dataclass(frozen=True, eq=False)
class PorterWalk:
    """Who was found on a walk from the core.

    Attributes
    ----------
    core
        Keys of the nodes the walk started from.
    steps
        One row for each node and step it was found in, in the order of the walk: ``node_id``,
        ``step``, ``tier`` (distance along the chain; 0 for the core), ``via`` (tuple of the
        nodes it was reached from or, sideways, of what is shared), ``tie_ids`` (tuple of the
        ties that led to it).
    """

    core: tuple[str, ...]
    steps: pd.DataFrame

    @property
    def members(self) -> tuple[str, ...]:
        """Keys of all nodes found, in the order of the walk, each once."""
        return tuple(dict.fromkeys(self.steps["node_id"].tolist()))

    def of_step(self, step: Step) -> tuple[str, ...]:
        """Return the keys of the nodes found in one step."""
        return tuple(self.steps.loc[self.steps["step"] == step, "node_id"].tolist())


def porter_walk(
    graph: ClusterGraph,
    core: str | Iterable[str],
    *,
    tiers: int = 1,
    threshold: float = 0.1,
    min_shared: int = 1,
) -> PorterWalk:
    """Walk from a core industry or actor through its cluster.

    1. up: suppliers, to the given tier; down: customers. Between actors along ``SUPPLIES``
       (every tie counts, whatever its amount: amounts come in mixed units); between industries
       along ``FLOWS_TO``, where the seller has at least the threshold in the buyer's
       intermediate purchases (up) or the buyer in the seller's sales (down).
    2. sideways: others that sell to the core's customers (shared channel) or buy from the
       core's suppliers (shared input), by the same ties.
    3. member firms: where the core is an industry, actors that operate in an industry found.
    4. knowledge, finance, intermediaries: actors of those spheres with a tie of any layer to an
       actor found.
    5. authorities: actors of the government with a tie to an actor found, institutions
       included.

    A node that sells to the core and buys from it is found in both steps. Ties to oneself are
    no step. The walk uses the ties the graph holds: pass ``graph.active()`` to leave out what
    has ended or is planned.

    Parameters
    ----------
    graph
        The graph.
    core
        Key of a node, or several of one kind, ``Actor`` or ``Industry``.
    tiers
        How far up and down the chain, at least 1.
    threshold
        Smallest share that links two industries, above 0, at most 1; of no effect between
        actors.
    min_shared
        Channels or inputs that must be shared to be found sideways.

    Raises
    ------
    UnknownNameError
        For a key the graph does not have.
    ValueError
        For core nodes of different kinds or another kind, and numbers out of range.
    InputError
        For industries whose flows have no amount, or amounts of several units.

    References
    ----------
    Porter, M. E. (1998). Clusters and the new economics of competition. Harvard Business
    Review 76(6), 77–90.

    Examples
    --------
    >>> def actor(key, sphere="business", kind="Firm"):
    ...     return {"id": key, "kind": "Actor", "name": key, "actor_type": kind, "sphere": sphere}
    >>> def tie(key, source, target, tie_type):
    ...     return {"tie_id": key, "source_id": source, "target_id": target,
    ...             "tie_type": tie_type, "evidence": "synthetic", "source": "example"}
    >>> graph = ClusterGraph.build(
    ...     [actor("mine"), actor("mill"), actor("plant"), actor("rival"),
    ...      actor("institute", "academia", "ResearchInstitute"),
    ...      actor("akimat", "government", "Authority")],
    ...     [tie("1", "mine", "mill", "SUPPLIES"), tie("2", "mill", "plant", "SUPPLIES"),
    ...      tie("3", "mine", "rival", "SUPPLIES"), tie("4", "akimat", "institute", "FUNDS"),
    ...      tie("5", "institute", "mill", "TRANSFERS_TECHNOLOGY_TO")])
    >>> porter_walk(graph, "mill").steps[["node_id", "step", "tier", "via"]]
         node_id          step  tier           via
    0       mill          core     0            ()
    1       mine      upstream     1       (mill,)
    2      plant    downstream     1       (mill,)
    3      rival  shared input     1       (mine,)
    4  institute     knowledge     1       (mill,)
    5     akimat     authority     1  (institute,)
    """
    start = tuple(sorted({core} if isinstance(core, str) else set(core)))
    kind = _kind_of_core(graph, start)
    if tiers < 1 or min_shared < 1 or not 0 < threshold <= 1:
        raise ValueError(
            f"tiers={tiers}, min_shared={min_shared}, threshold={threshold:g}: give tiers and "
            "min_shared of at least 1, a threshold above 0 and at most 1"
        )
    up, down = _supply(graph) if kind == "Actor" else _flows(graph, threshold)
    rows: list[_Row] = [_Row(node, "core", 0, (), ()) for node in start]
    upstream = _chain(start, up, tiers, "upstream")
    downstream = _chain(start, down, tiers, "downstream")
    rows += upstream + downstream
    known = {row.node_id for row in rows}
    suppliers = [row.node_id for row in upstream if row.tier == 1]
    customers = [row.node_id for row in downstream if row.tier == 1]
    rows += _sideways(customers, up, known, min_shared, "shared channel")
    rows += _sideways(suppliers, down, known, min_shared, "shared input")
    rows += _institutions(graph, rows, kind)
    columns = ["node_id", "step", "tier", "via", "tie_ids"]
    data = [(r.node_id, r.step, r.tier, r.via, r.tie_ids) for r in rows]
    return PorterWalk(start, pd.DataFrame(data, columns=columns))


@dataclass(frozen=True)
class _Row:
    node_id: str
    step: Step
    tier: int
    via: tuple[str, ...]
    tie_ids: tuple[str, ...]


def _kind_of_core(graph: ClusterGraph, core: tuple[str, ...]) -> str:
    if not core:
        raise ValueError("no core was given: name at least one industry or actor")
    for node in core:
        if node not in graph:
            raise UnknownNameError("node", node, graph.node_ids.tolist())
    kinds = sorted({graph.kind_of(node) for node in core})
    if kinds not in (["Actor"], ["Industry"]):
        raise ValueError(
            f"the core is of kind {' and '.join(kinds)}: give actors only, or industries only"
        )
    return kinds[0]


def _add(ties: _Ties, start: str, end: str, tie_id: str) -> None:
    if start != end:
        ties.setdefault(start, {}).setdefault(end, []).append(tie_id)


def _columns(
    graph: ClusterGraph, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> list[tuple[str, str, str]]:
    table = graph.ties.loc[mask, ["source_id", "target_id", "tie_id"]]
    return [
        (str(source), str(target), str(tie))
        for source, target, tie in zip(
            table["source_id"].tolist(),
            table["target_id"].tolist(),
            table["tie_id"].tolist(),
            strict=True,
        )
    ]


def _supply(graph: ClusterGraph) -> tuple[_Ties, _Ties]:
    """Suppliers of each buyer and buyers of each supplier, with the ties between them."""
    up: _Ties = {}
    down: _Ties = {}
    for source, target, tie in _columns(graph, graph.tie_layers == SUPPLY):
        _add(up, target, source, tie)
        _add(down, source, target, tie)
    return up, down


def _flows(graph: ClusterGraph, threshold: float) -> tuple[_Ties, _Ties]:
    """Sellers and buyers of each industry that carry at least a threshold share of its trade."""
    layer = graph.layer(FLOWS, weight="value", kind="Industry")
    names = layer.node_ids.tolist()
    at = {name: k for k, name in enumerate(names)}
    bought = _share_lookup(layer.matrix, axis=0)
    sold = _share_lookup(layer.matrix, axis=1)
    up: _Ties = {}
    down: _Ties = {}
    for source, target, tie in _columns(graph, graph.tie_layers == FLOWS):
        pair = (at[source], at[target])
        # A hair below, so that a share equal to the threshold is not lost to rounding.
        if bought.get(pair, 0.0) >= threshold * (1 - 1e-12):
            _add(up, target, source, tie)
        if sold.get(pair, 0.0) >= threshold * (1 - 1e-12):
            _add(down, source, target, tie)
    return up, down


def _share_lookup(matrix: CSR, axis: int) -> dict[tuple[int, int], float]:
    cells = matrix.tocoo()
    total = np.asarray(matrix.sum(axis=axis)).ravel()
    side = cells.col if axis == 0 else cells.row
    share = np.divide(cells.data, total[side], out=np.zeros(len(cells.data)), where=total[side] > 0)
    return dict(
        zip(zip(cells.row.tolist(), cells.col.tolist(), strict=True), share.tolist(), strict=True)
    )


def _chain(start: tuple[str, ...], ties: _Ties, tiers: int, step: Step) -> list[_Row]:
    """Follow ties from the core, tier by tier; each node in the first tier that reaches it."""
    rows: list[_Row] = []
    seen, front = set(start), list(start)
    for tier in range(1, tiers + 1):
        reached: _Ties = {}
        for node in front:
            for other, tie_ids in ties.get(node, {}).items():
                if other not in seen:
                    reached.setdefault(other, {}).setdefault(node, []).extend(tie_ids)
        front = sorted(reached)
        rows += [_row(node, step, tier, reached[node]) for node in front]
        seen |= set(front)
    return rows


def _row(node: str, step: Step, tier: int, reached_by: dict[str, list[str]]) -> _Row:
    via = tuple(sorted(reached_by))
    return _Row(node, step, tier, via, tuple(tie for v in via for tie in sorted(reached_by[v])))


def _sideways(
    shared: list[str], ties: _Ties, known: set[str], min_shared: int, step: Step
) -> list[_Row]:
    """Others that trade with the core's partners the way the core does."""
    reached: _Ties = {}
    for partner in shared:
        for other, tie_ids in ties.get(partner, {}).items():
            if other not in known:
                reached.setdefault(other, {}).setdefault(partner, []).extend(tie_ids)
    return [
        _row(node, step, 1, reached[node])
        for node in sorted(reached)
        if len(reached[node]) >= min_shared
    ]


def _institutions(graph: ClusterGraph, rows: list[_Row], kind: str) -> list[_Row]:
    """Firms of the industries found, then institutions, then authorities."""
    found: list[_Row] = []
    members = {row.node_id for row in rows}
    if kind == "Industry":
        operates: _Ties = {}
        for source, target, tie in _columns(graph, graph.tie_layers == AFFILIATION):
            if target in members:
                operates.setdefault(source, {}).setdefault(target, []).append(tie)
        found += [_row(node, "member firm", 1, operates[node]) for node in sorted(operates)]
        members = set(operates)
    neighbours: _Ties = {}
    actor_layers = sorted(load_dictionary().actor_layers())
    for source, target, tie in _columns(graph, np.isin(graph.tie_layers, actor_layers)):
        _add(neighbours, source, target, tie)
        _add(neighbours, target, source, tie)
    sphere = _spheres(graph)
    institutions: list[_Row] = []
    for name, step in INSTITUTIONS.items():
        institutions += _touching(members, neighbours, sphere, name, step)
    members = members | {row.node_id for row in institutions}
    authorities = _touching(members, neighbours, sphere, "government", "authority")
    core = {row.node_id for row in rows if row.step == "core"}
    return [row for row in [*found, *institutions, *authorities] if row.node_id not in core]


def _touching(
    members: set[str], neighbours: _Ties, sphere: dict[str, str], wanted: str, step: Step
) -> list[_Row]:
    rows = []
    for node in sorted(name for name, value in sphere.items() if value == wanted):
        by = {other: ties for other, ties in neighbours.get(node, {}).items() if other in members}
        if by:
            rows.append(_row(node, step, 1, by))
    return rows


def _spheres(graph: ClusterGraph) -> dict[str, str]:
    nodes = graph.nodes
    if "sphere" not in nodes.columns:
        return {}
    known = nodes[nodes["sphere"].notna()]
    return dict(zip(known["id"].tolist(), known["sphere"].tolist(), strict=True))
