"""What a drawing of the network shows, and where: nodes, ties, places, signs and lines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.findings import Cluster, Findings
from klaster.graph.layers import AFFILIATION, DECLARED, FLOWS, GEOGRAPHY, JOINT, SUPPLY
from klaster.graph.model import ACTIVE_STATUS, ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.graph.ties_in_use import ties_in_use
from klaster.viz.network.layout import NODE_BOX, place_nodes
from klaster.viz.theme.page import tokens

SHOWN_KINDS = ("Actor", "Industry", "Product", "Region")
"""Kinds of node a network page draws."""

QUIET_LAYERS = (GEOGRAPHY, AFFILIATION)
"""Layers that are drawn only when chosen: they would cover the ties between organisations."""

MAX_NODES = 400
"""More than this many signs cannot be told apart on one drawing."""

_LARGEST_FLOWS = 3
_SIZES = {"core": 25, "candidate": 18}


@dataclass(frozen=True)
class Drawn:
    """What is on the page, and of how much.

    Attributes
    ----------
    nodes, ties
        What is drawn, as dictionaries; ties with their ``layer``.
    all_nodes
        How many nodes there were to draw.
    flows_limited
        Whether flows between industries were left out.
    analysed, with_amount
        How many ties of the whole graph between actors take part in the analysis, and how many
        of them state an amount.
    """

    nodes: list[dict[str, Any]]
    ties: list[dict[str, Any]]
    all_nodes: int
    flows_limited: bool
    analysed: int
    with_amount: int


def is_active(tie: Mapping[str, Any], status: Collection[str] = ACTIVE_STATUS) -> bool:
    """Return whether a tie takes part in an analysis by its status."""
    return (tie.get("status") or "current") in status


def _largest_flows(ties: Sequence[dict[str, Any]]) -> set[str]:
    """Return the keys of each industry's largest sales and purchases, not to itself."""
    kept: set[str] = set()
    for end in ("source_id", "target_id"):
        by_end: dict[str, list[dict[str, Any]]] = {}
        for tie in ties:
            if tie["source_id"] != tie["target_id"]:
                by_end.setdefault(tie[end], []).append(tie)
        for flows in by_end.values():
            flows.sort(key=lambda tie: (-float(tie.get("value") or 0.0), tie["tie_id"]))
            kept |= {tie["tie_id"] for tie in flows[:_LARGEST_FLOWS]}
    return kept


def choose(
    graph: ClusterGraph,
    cores: Collection[str],
    max_nodes: int,
    kinds: Collection[str] = SHOWN_KINDS,
    settings: AnalysisSettings | None = None,
) -> Drawn:
    """Choose what is drawn: nodes of these kinds, within the limit, and the ties among them."""
    layers = graph.tie_layers.tolist()
    ties = [{**tie, "layer": layer} for tie, layer in zip(records(graph.ties), layers, strict=True)]
    settings = settings or AnalysisSettings()
    used = ties_in_use(graph, settings.status, settings.self_ties)
    flows = [tie for tie in ties if tie["layer"] == FLOWS]
    kept_flows = _largest_flows(flows)
    ties = [tie for tie in ties if tie["layer"] != FLOWS or tie["tie_id"] in kept_flows]
    nodes = [node for node in records(graph.nodes) if node["kind"] in kinds]
    total = len(nodes)
    if total > max_nodes:
        count: Counter[str] = Counter()
        for tie in ties:
            if tie["layer"] not in QUIET_LAYERS:
                for end in ("source_id", "target_id"):
                    count[tie[end]] += 1 + is_active(tie, settings.status)
        nodes.sort(key=lambda n: (n["id"] not in cores, -count[n["id"]], n["id"]))
        nodes = sorted(nodes[:max_nodes], key=lambda node: str(node["id"]))
    shown = {node["id"] for node in nodes}
    ties = [tie for tie in ties if tie["source_id"] in shown and tie["target_id"] in shown]
    limited = len(kept_flows) < len(flows)
    return Drawn(nodes, ties, total, limited, used.used, used.with_amount)


def told_clusters(findings: Findings) -> tuple[Cluster, ...]:
    """Return the clusters a page may name: declared ones, and found ones that are significant."""
    return tuple(c for c in findings.clusters if c.layer == DECLARED or c.significant)


def partitions(findings: Findings) -> list[str]:
    """Return the layers whose clusters can be shown as areas, the one to begin with first."""
    layers = dict.fromkeys(cluster.layer for cluster in told_clusters(findings))
    return sorted(layers, key=lambda name: (name != JOINT, name != DECLARED, name))


def standing_of(findings: Findings) -> dict[str, str]:
    """Return for each core or candidate of a cluster that may be named: ``core``, ``candidate``."""
    standing: dict[str, str] = {}
    for cluster in told_clusters(findings):
        for member in cluster.members:
            if member.is_core:
                standing[member.node_id] = "core"
            elif member.is_candidate:
                standing.setdefault(member.node_id, "candidate")
    return standing


def groups_of(findings: Findings, partition: str) -> dict[str, str]:
    """Return the cluster each node stands in, for the layout."""
    return {
        member.node_id: cluster.id
        for cluster in told_clusters(findings)
        if cluster.layer == partition and len(cluster.members) > 1
        for member in cluster.members
    }


def places_of(
    drawn: Drawn, groups: Mapping[str, str], seed: int, box: tuple[float, float] = NODE_BOX
) -> dict[str, tuple[int, int]]:
    """Place the nodes: first those with ties drawn at once, below them the others."""
    ids = {node["id"] for node in drawn.nodes}
    loud: list[tuple[str, str]] = []
    quiet: list[tuple[str, str]] = []
    for tie in drawn.ties:
        pairs = quiet if tie["layer"] in QUIET_LAYERS else loud
        pairs.append((str(tie["source_id"]), str(tie["target_id"])))
    first = {node for pair in loud for node in pair} & ids
    places = place_nodes(first, loud, groups, box=box, seed=seed)
    below = place_nodes(ids - first, quiet, box=box, seed=seed)
    if places and below:
        top = min(y for _, y in below.values())
        bottom = max(y for _, y in places.values())
        below = {node: (x, y - top + bottom + 260) for node, (x, y) in below.items()}
    return places | below


def look_name(node: Mapping[str, Any]) -> str:
    """Return under which entry of the tokens a node is drawn: its sphere, else its kind."""
    look = str(node.get("sphere") if node["kind"] == "Actor" else node["kind"])
    return look if look in tokens()["nodes"] else "other"


def _curves(ties: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return how far each tie bends to its right, so that parallel ties lie beside each other."""
    pairs: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for tie in ties:
        a, b = sorted((str(tie["source_id"]), str(tie["target_id"])))
        pairs.setdefault((a, b), []).append(tie)
    bend: dict[str, float] = {}
    for (first, _), group in pairs.items():
        for k, tie in enumerate(group):
            offset = (k - (len(group) - 1) / 2) * 0.22
            bend[tie["tie_id"]] = round(offset if tie["source_id"] == first else -offset, 3)
    return bend


def build_network(
    nodes: Sequence[Mapping[str, Any]],
    ties: Sequence[Mapping[str, Any]],
    places: Mapping[str, tuple[int, int]],
    standing: Mapping[str, str],
    title: str,
    status: Collection[str] = ACTIVE_STATUS,
) -> Any:
    """Build the pyvis network: fixed places, directed so that no parallel tie is lost.

    ``standing`` says of a core or candidate that it is one: its sign is larger.
    """
    from pyvis.network import Network

    look_of, dashes_of = tokens()["nodes"], tokens()["dashes"]
    symmetric = load_dictionary().symmetric_types()
    network = Network(
        height="100%", width="100%", directed=True, heading=title, cdn_resources="in_line"
    )
    degree = Counter(
        tie[end]
        for tie in ties
        if is_active(tie, status) and tie["layer"] not in QUIET_LAYERS
        for end in ("source_id", "target_id")
    )
    for node in nodes:
        look = look_of[look_name(node)]
        rank = standing.get(node["id"], "")
        size = _SIZES.get(rank, 10 + min(6.0, 1.8 * math.sqrt(degree[node["id"]])))
        x, y = places[node["id"]]
        gone = node.get("status") is not None and not is_active(node)
        network.add_node(
            str(node["id"]),
            label=str(node["name"]),
            shape=look["shape"],
            color={
                "background": "#ffffff" if gone else look["colour"],
                "border": look["colour"] if gone else "#ffffff",
            },
            size=round(size, 1),
            x=x,
            y=y,
            fixed=True,
            physics=False,
            borderWidth=2 if gone else 1,
            **({"shapeProperties": {"borderDashes": [4, 3]}} if gone else {}),
        )
    bends = _curves(ties)
    for tie in ties:
        bend = bends[tie["tie_id"]]
        network.add_edge(
            str(tie["source_id"]),
            str(tie["target_id"]),
            id=str(tie["tie_id"]),
            color={
                "color": tokens()["layers"].get(tie["layer"], "#999999"),
                "opacity": 0.8 if is_active(tie, status) else 0.4,
            },
            dashes=dashes_of.get(tie.get("evidence"), dashes_of["not-stated"]) or False,
            width=2.8 if tie["layer"] in (SUPPLY, FLOWS) else 2.0,
            arrows="" if tie["tie_type"] in symmetric else "to",
            smooth={
                "enabled": bend != 0,
                "type": "curvedCW" if bend >= 0 else "curvedCCW",
                "roundness": abs(bend),
            },
        )
    return network
