"""The network page: one file, drawn by vis-network through pyvis, that loads nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Cluster, Findings, Member
from klaster.graph.model import ACTIVE_STATUS, ClusterGraph
from klaster.graph.spelling import fold, tables
from klaster.viz.network.filters import (
    CELL_LAYERS,
    amount_steps,
    count_steps,
    region_choices,
    region_key,
)
from klaster.viz.network.layout import place_nodes
from klaster.viz.texts.words import (
    LANGUAGES,
    Nodes,
    Titles,
    cluster_title,
    messages,
    name_of,
    role_in_words,
    sentence,
    title_in,
)
from klaster.viz.theme.page import (
    asset,
    environment,
    json_for_script,
    palette,
    policy,
    source_parts,
)

SHOWN_KINDS = ("Actor", "Industry", "Product", "Region")
"""Kinds of node a network page draws."""

QUIET_LAYERS = ("geography", "affiliation")
"""Layers that are drawn only when chosen: they would cover the ties between organisations."""

MAX_NODES = 400
"""More than this many signs cannot be told apart on one drawing."""

_LARGEST_FLOWS = 3
_SIZES = {"core": 25, "candidate": 18}


@dataclass(frozen=True)
class _Drawn:
    """What is on the page: nodes and ties as dictionaries, and how many nodes there were."""

    nodes: list[dict[str, Any]]
    ties: list[dict[str, Any]]
    all_nodes: int
    flows_limited: bool


def is_active(tie: Mapping[str, Any]) -> bool:
    """Return whether a tie takes part in an analysis by default."""
    return tie.get("status") is None or tie["status"] in ACTIVE_STATUS


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


def _select(graph: ClusterGraph, findings: Findings, max_nodes: int) -> _Drawn:
    """Choose what is drawn: organisations, products, regions and industries, within the limit."""
    layers = graph.tie_layers.tolist()
    ties = [{**tie, "layer": layer} for tie, layer in zip(records(graph.ties), layers, strict=True)]
    ties = [tie for tie in ties if tie["layer"] != "result"]
    flows = [tie for tie in ties if tie["layer"] == "flows"]
    kept_flows = _largest_flows(flows)
    ties = [tie for tie in ties if tie["layer"] != "flows" or tie["tie_id"] in kept_flows]
    nodes = [node for node in records(graph.nodes) if node["kind"] in SHOWN_KINDS]
    total = len(nodes)
    if total > max_nodes:
        count: dict[str, int] = {}
        for tie in ties:
            for end in ("source_id", "target_id"):
                count[tie[end]] = count.get(tie[end], 0) + 1 + is_active(tie)
        cores = {member.node_id for cluster in findings.clusters for member in cluster.cores}
        nodes.sort(key=lambda n: (n["id"] not in cores, -count.get(n["id"], 0), n["id"]))
        nodes = sorted(nodes[:max_nodes], key=lambda node: str(node["id"]))
    shown = {node["id"] for node in nodes}
    ties = [tie for tie in ties if tie["source_id"] in shown and tie["target_id"] in shown]
    return _Drawn(nodes, ties, total, len(kept_flows) < len(flows))


def told_clusters(findings: Findings) -> tuple[Cluster, ...]:
    """Return the clusters a page may name: declared ones, and found ones that are significant."""
    return tuple(c for c in findings.clusters if c.layer == "declared" or c.significant)


def _partitions(findings: Findings) -> list[str]:
    """Return the layers whose clusters can be shown as areas, the one to begin with first."""
    layers = dict.fromkeys(cluster.layer for cluster in told_clusters(findings))
    return sorted(layers, key=lambda name: (name != "joint", name != "declared", name))


def _standing(findings: Findings) -> dict[str, str]:
    """Return for each core or candidate of a cluster that may be named: ``core``, ``candidate``."""
    standing: dict[str, str] = {}
    for cluster in told_clusters(findings):
        for member in cluster.members:
            if member.is_core:
                standing[member.node_id] = "core"
            elif member.is_candidate:
                standing.setdefault(member.node_id, "candidate")
    return standing


def _groups(findings: Findings, partition: str) -> dict[str, str]:
    """Return the cluster each node stands in, for the layout."""
    return {
        member.node_id: cluster.id
        for cluster in told_clusters(findings)
        if cluster.layer == partition and len(cluster.members) > 1
        for member in cluster.members
    }


def _places(
    drawn: _Drawn, findings: Findings, partition: str, seed: int
) -> dict[str, tuple[int, int]]:
    """Place the nodes: first those with ties drawn at once, below them the others."""
    loud = [tie for tie in drawn.ties if tie["layer"] not in QUIET_LAYERS]
    first = {tie[end] for tie in loud for end in ("source_id", "target_id")}
    first &= {node["id"] for node in drawn.nodes}
    rest = {node["id"] for node in drawn.nodes} - first
    pairs = [(str(tie["source_id"]), str(tie["target_id"])) for tie in loud]
    quiet = [
        (str(tie["source_id"]), str(tie["target_id"]))
        for tie in drawn.ties
        if tie["layer"] in QUIET_LAYERS
    ]
    places = place_nodes(first, pairs, _groups(findings, partition), seed=seed)
    below = place_nodes(rest, quiet, seed=seed)
    if places and below:
        top = min(y for _, y in below.values())
        bottom = max(y for _, y in places.values())
        below = {node: (x, y - top + bottom + 260) for node, (x, y) in below.items()}
    return places | below


def _look(node: Mapping[str, Any]) -> str:
    """Return which entry of the palette a node has."""
    return str(node["sphere"]) if node["kind"] == "Actor" else str(node["kind"])


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


def _pyvis_network(
    drawn: _Drawn,
    places: Mapping[str, tuple[int, int]],
    standing: Mapping[str, str],
    title: str,
) -> Any:
    """Build the pyvis network: fixed places, directed so that no parallel tie is lost."""
    from pyvis.network import Network

    colours = palette()
    symmetric = load_dictionary().symmetric_types()
    network = Network(height="100%", width="100%", directed=True, heading=title)
    degree: dict[str, int] = {}
    for tie in drawn.ties:
        if is_active(tie) and tie["layer"] not in QUIET_LAYERS:
            for end in ("source_id", "target_id"):
                degree[tie[end]] = degree.get(tie[end], 0) + 1
    for node in drawn.nodes:
        look = colours["nodes"][_look(node)]
        rank = standing.get(node["id"], "")
        size = _SIZES.get(rank, 10 + min(6.0, 1.8 * math.sqrt(degree.get(node["id"], 0))))
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
    bends = _curves(drawn.ties)
    for tie in drawn.ties:
        bend = bends[tie["tie_id"]]
        dashes: list[int] = colours["dashes"][tie["evidence"]]
        network.add_edge(
            str(tie["source_id"]),
            str(tie["target_id"]),
            id=str(tie["tie_id"]),
            color={
                "color": colours["layers"].get(tie["layer"], "#999999"),
                "opacity": 0.8 if is_active(tie) else 0.4,
            },
            dashes=dashes or False,
            width=2.8 if tie["layer"] in ("supply", "flows") else 2.0,
            arrows="" if tie["tie_type"] in symmetric else "to",
            smooth={
                "enabled": bend != 0,
                "type": "curvedCW" if bend >= 0 else "curvedCCW",
                "roundness": abs(bend),
            },
        )
    network.options = {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "interaction": {
            "dragNodes": False,
            "hover": True,
            "keyboard": False,
            "multiselect": False,
            "navigationButtons": False,
            "tooltipDelay": 150,
            "zoomSpeed": 0.6,
        },
        "nodes": {"font": {"size": 0}, "chosen": False},
        "edges": {
            "arrows": {"to": {"scaleFactor": 0.6}},
            "selectionWidth": 0,
            "chosen": False,
        },
    }
    return network


def _member_data(member: Member, nodes: Nodes, languages: Sequence[str]) -> dict[str, Any]:
    return {
        "id": member.node_id,
        "stability": member.stability,
        "rank": member.core_rank,
        "low": member.core_rank_low,
        "high": member.core_rank_high,
        "core": member.is_core,
        "candidate": member.is_candidate,
        "lenses": {
            name: [reading.value, reading.percentile] for name, reading in member.lenses.items()
        },
        "role": {lang: role_in_words(member.role, lang) for lang in languages},
        "reasons": [
            {
                "text": {lang: sentence(reason, lang, nodes) for lang in languages},
                "ties": list(reason.tie_ids),
            }
            for reason in member.reasons
        ],
    }


def _node_data(
    node: Mapping[str, Any],
    regions: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, Any] | None,
    languages: Sequence[str],
    degree: int,
) -> dict[str, Any]:
    names = {lang: name_of(node, lang) for lang in languages}
    aliases = [str(alias) for alias in node.get("aliases", [])]
    spellings = [*names.values(), *(str(node[k]) for k in _NAMES if node.get(k)), *aliases]
    keys = list(dict.fromkeys(fold(text) for text in [*spellings, str(node["id"])]))
    region = regions.get(str(node.get("region", "")))
    shown = {
        key: node[key]
        for key in (
            "actor_type", "bin", "city", "code", "country", "evidence", "industry", "kind",
            "legal_form", "locator", "note", "region_type", "sphere", "status", "status_note",
        )
        if node.get(key) is not None
    }  # fmt: skip
    return {
        **shown,
        "id": node["id"],
        "names": names,
        "aliases": aliases,
        "keys": [key for key in keys if key],
        "look": _look(node),
        "place": region_key(node),
        "degree": degree,
        "region": {lang: name_of(region, lang) for lang in languages}
        if region
        else {lang: str(node.get("region_published") or "") for lang in languages},
        "sources": source_parts(node.get("source"), sources),
    }


_NAMES = ("name", "name_en", "name_ru", "name_kk")

_TIE_FIELDS = (
    "confidence", "currency", "evidence", "layer", "locator", "meaning", "note", "period",
    "product", "status_note", "tie_type", "unit", "value", "year", "year_to",
)  # fmt: skip


def _tie_data(
    tie: Mapping[str, Any], sources: Mapping[str, Any] | None, symmetric: Iterable[str]
) -> dict[str, Any]:
    return {
        **{key: tie[key] for key in _TIE_FIELDS if tie.get(key) is not None},
        "id": tie["tie_id"],
        "from": tie["source_id"],
        "to": tie["target_id"],
        "status": tie.get("status") or "current",
        "active": is_active(tie),
        "symmetric": tie["tie_type"] in symmetric,
        "sources": source_parts(tie.get("source"), sources),
    }


def _page_data(
    graph: ClusterGraph,
    findings: Findings,
    drawn: _Drawn,
    title: Titles | str,
    networks: Mapping[str, Titles],
    languages: Sequence[str],
    sources: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Collect what the page's script shows, all texts in all languages."""
    dictionary = load_dictionary()
    symmetric = dictionary.symmetric_types()
    nodes = {str(node["id"]): node for node in records(graph.nodes)}
    regions = {str(node["code"]): node for node in nodes.values() if node["kind"] == "Region"}
    degree: dict[str, int] = {}
    for tie in drawn.ties:
        for end in ("source_id", "target_id"):
            degree[tie[end]] = degree.get(tie[end], 0) + 1
    actors = any(node["kind"] == "Actor" for node in drawn.nodes)
    present = {tie["layer"] for tie in drawn.ties}
    p_values = {f.layer: f.p_value for f in findings.layers if not findings.is_held(f.layer)}
    return {
        "languages": list(languages),
        "title": {lang: title_in(title, lang) for lang in languages},
        "messages": {lang: _page_messages(lang) for lang in languages},
        "palette": palette(),
        "fold": tables(),
        "layers": [
            {
                "id": name,
                "on": name not in QUIET_LAYERS and not (name == "flows" and actors),
            }
            for name in dictionary.layers()
            if name in present
        ],
        "evidence": [
            term
            for term in dictionary.terms("evidence")
            if any(tie["evidence"] == term for tie in drawn.ties)
        ],
        "status": [
            {"id": term, "on": term in ACTIVE_STATUS}
            for term in dictionary.terms("status")
            if any((tie.get("status") or "current") == term for tie in drawn.ties)
        ],
        "looks": [
            look for look in palette()["nodes"] if any(_look(n) == look for n in drawn.nodes)
        ],
        "regions": region_choices(drawn.nodes, regions, languages),
        "strength": {
            "counts": count_steps(drawn.ties),
            "uncounted": list(CELL_LAYERS),
            "amounts": amount_steps(drawn.ties),
        },
        "nodes": [
            _node_data(node, regions, sources, languages, degree.get(node["id"], 0))
            for node in drawn.nodes
        ],
        "ties": [_tie_data(tie, sources, symmetric) for tie in drawn.ties],
        "clusters": [
            {
                "id": cluster.id,
                "layer": cluster.layer,
                "number": cluster.number,
                "title": {
                    lang: cluster_title(cluster, nodes, lang, networks) for lang in languages
                },
                "p": p_values.get(cluster.layer),
                "members": [_member_data(member, nodes, languages) for member in cluster.members],
            }
            for cluster in told_clusters(findings)
        ],
        "partitions": _partitions(findings),
        "limited": len(drawn.nodes) < drawn.all_nodes,
        "all_nodes": drawn.all_nodes,
        "flows_limited": drawn.flows_limited,
    }


def _page_messages(lang: str) -> dict[str, Any]:
    tables_used = (
        "language", "page", "layer", "evidence", "sphere", "kind", "status", "confidence",
        "actor_type", "region_type", "tie", "lens",
    )  # fmt: skip
    return {table: messages(lang)[table] for table in tables_used}


def network_page(
    graph: ClusterGraph,
    findings: Findings,
    *,
    title: Titles | str,
    networks: Mapping[str, Titles] | None = None,
    languages: Sequence[str] = LANGUAGES,
    sources: Mapping[str, Any] | None = None,
    report: str = "index.html",
    max_nodes: int = MAX_NODES,
    seed: int = 1,
) -> str:
    """Return the network page as the text of one HTML file.

    The file carries vis-network and its data inside; a content security policy lets nothing be
    fetched and no other script run. Write it as UTF-8.

    What is drawn can be narrowed on the page by cluster, layer, sphere, region, evidence, status
    of the tie and strength of the tie (:mod:`klaster.viz.network.filters` says which regions and which
    strengths are offered).

    Parameters
    ----------
    graph
        The whole graph, with the ties that do not take part in the analysis: they are drawn
        pale, and only when chosen.
    findings
        Clusters and cores. Clusters of a layer that is not significant are not shown.
    title
        Title of the case, one text or one a language.
    networks
        Title by language of each declared network.
    languages
        Languages of the page, the first one shown at the start.
    sources
        Full title of a short reference (see :func:`klaster.viz.theme.page.source_parts`).
    report
        Address of the report, beside this page; empty for none.
    max_nodes
        The most nodes drawn: cores and those with most ties. The page says how many there are.
    seed
        Of the layout.

    Raises
    ------
    UnknownNameError
        For a language there are no texts for, or a reason without a sentence.

    Examples
    --------
    >>> graph = ClusterGraph.build([{"id": "m", "kind": "Actor", "name": "Mill",
    ...     "actor_type": "Firm", "sphere": "business"}], [])
    >>> page = network_page(graph, Findings((), ()), title="One mill")
    >>> page.startswith("<!doctype html>"), "http://" in page.split("<main")[1].split("</main")[0]
    (True, False)
    """
    for lang in languages:
        if lang not in LANGUAGES:
            raise UnknownNameError("language", lang, LANGUAGES)
    drawn = _select(graph, findings, max_nodes)
    partition = next(iter(_partitions(findings)), "")
    places = _places(drawn, findings, partition, seed)
    network = _pyvis_network(drawn, places, _standing(findings), title_in(title, languages[0]))
    data = _page_data(graph, findings, drawn, title, networks or {}, languages, sources)
    engine, script = vis_network(), asset("network.js")
    templates = environment()
    # pyvis renders whatever template it is given: its own one links to other hosts, puts the
    # heading twice and data unescaped into a script, so the page is rendered from ours.
    network.templateEnv, network.path = templates, "network.html"
    templates.globals.update(
        json_for_script=json_for_script,
        policy=policy([engine, script]),
        engine=engine,
        script=script,
        style=asset("base.css") + asset("network.css"),
        data=data,
        language=languages[0],
        words=messages(languages[0])["page"],
        report=report,
    )
    page: str = network.generate_html(name="network.html")
    return page


def vis_network() -> str:
    """Return the vis-network script that pyvis carries, without its link to a source map."""
    from importlib.resources import files

    path = files("pyvis") / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if not line.startswith("//# sourceMappingURL")]
    return "\n".join(lines).replace("</script", "<\\/script")


__all__ = ["MAX_NODES", "network_page", "told_clusters"]
