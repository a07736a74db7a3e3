"""The network page: one file, drawn by vis-network through pyvis, that loads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Findings, Member
from klaster.graph.layers import FLOWS
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.graph.spelling import search_key, search_tables
from klaster.viz.network.drawing import (
    MAX_NODES,
    QUIET_LAYERS,
    Drawn,
    build_network,
    choose,
    groups_of,
    is_active,
    look_name,
    partitions,
    places_of,
    standing_of,
    told_clusters,
)
from klaster.viz.network.filters import (
    CELL_LAYERS,
    amount_steps,
    count_steps,
    region_choices,
    region_key,
)
from klaster.viz.texts.store import LANGUAGES, Nodes, Titles, load, name_of, title_in
from klaster.viz.texts.words import cluster_title, role_in_words, sentence
from klaster.viz.theme.page import (
    asset,
    environment,
    json_for_script,
    policy,
    source_parts,
    style,
    tokens,
    vis_network,
)

_OPTIONS = {
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
    "edges": {"arrows": {"to": {"scaleFactor": 0.6}}, "selectionWidth": 0, "chosen": False},
}


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
    keys = list(dict.fromkeys(search_key(text) for text in [*spellings, str(node["id"])]))
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
        "look": look_name(node),
        "place": region_key(node),
        "degree": degree,
        "region": {lang: name_of(region, lang) for lang in languages}
        if region
        else {lang: str(node.get("region_published") or "") for lang in languages},
        "sources": source_parts(node.get("source"), sources),
    }


_TABLES_USED = (
    "language", "page", "layer", "evidence", "sphere", "kind", "status", "confidence",
    "actor_type", "region_type", "tie", "lens",
)  # fmt: skip

_NAMES = ("name", "name_en", "name_ru", "name_kk")

_TIE_FIELDS = (
    "confidence", "currency", "evidence", "layer", "locator", "meaning", "note", "period",
    "product", "status_note", "tie_type", "unit", "value", "year", "year_to",
)  # fmt: skip


def _tie_data(
    tie: Mapping[str, Any],
    sources: Mapping[str, Any] | None,
    symmetric: Iterable[str],
    active: Collection[str],
) -> dict[str, Any]:
    return {
        **{key: tie[key] for key in _TIE_FIELDS if tie.get(key) is not None},
        "id": tie["tie_id"],
        "from": tie["source_id"],
        "to": tie["target_id"],
        "status": tie.get("status") or "current",
        "active": is_active(tie, active),
        "symmetric": tie["tie_type"] in symmetric,
        "sources": source_parts(tie.get("source"), sources),
    }


def _page_data(
    graph: ClusterGraph,
    findings: Findings,
    drawn: Drawn,
    title: Titles | str,
    networks: Mapping[str, Titles],
    languages: Sequence[str],
    sources: Mapping[str, Any] | None,
    active: Collection[str],
) -> dict[str, Any]:
    """Collect what the page's script shows, all texts in all languages."""
    dictionary = load_dictionary()
    symmetric = dictionary.symmetric_types()
    nodes = {str(node["id"]): node for node in records(graph.nodes)}
    regions = {str(node["code"]): node for node in nodes.values() if node["kind"] == "Region"}
    degree = Counter(tie[end] for tie in drawn.ties for end in ("source_id", "target_id"))
    actors = any(node["kind"] == "Actor" for node in drawn.nodes)
    present = {tie["layer"] for tie in drawn.ties}
    p_values = {f.layer: f.p_value for f in findings.layers if not findings.is_held(f.layer)}
    return {
        "languages": list(languages),
        "title": {lang: title_in(title, lang) for lang in languages},
        "messages": {
            lang: {table: load(lang)[table] for table in _TABLES_USED} for lang in languages
        },
        "palette": {key: tokens()[key] for key in ("nodes", "layers", "dashes")},
        "fold": search_tables(),
        "layers": [
            {"id": name, "on": name not in QUIET_LAYERS and not (name == FLOWS and actors)}
            for name in dictionary.layers()
            if name in present
        ],
        "evidence": [
            term
            for term in dictionary.terms("evidence")
            if any(tie["evidence"] == term for tie in drawn.ties)
        ],
        "status": [
            {"id": term, "on": term in active}
            for term in dictionary.terms("status")
            if any((tie.get("status") or "current") == term for tie in drawn.ties)
        ],
        "looks": [
            look for look in tokens()["nodes"] if any(look_name(n) == look for n in drawn.nodes)
        ],
        "regions": region_choices(drawn.nodes, regions, languages),
        "strength": {
            "counts": count_steps(drawn.ties),
            "uncounted": list(CELL_LAYERS),
            "amounts": amount_steps(drawn.ties),
        },
        "nodes": [
            _node_data(node, regions, sources, languages, degree[node["id"]])
            for node in drawn.nodes
        ],
        "ties": [_tie_data(tie, sources, symmetric, active) for tie in drawn.ties],
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
        "partitions": partitions(findings),
        "amounts": {"stated": drawn.with_amount, "ties": drawn.analysed},
        "limited": len(drawn.nodes) < drawn.all_nodes,
        "all_nodes": drawn.all_nodes,
        "flows_limited": drawn.flows_limited,
    }


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
    settings: AnalysisSettings | None = None,
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
    settings
        Of the analysis: which ties take part. By default the usual ones.

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
    cores = {member.node_id for cluster in findings.clusters for member in cluster.cores}
    settings = settings or AnalysisSettings()
    drawn = choose(graph, cores, max_nodes, settings=settings)
    groups = groups_of(findings, next(iter(partitions(findings)), ""))
    places = places_of(drawn, groups, seed)
    heading, standing = title_in(title, languages[0]), standing_of(findings)
    network = build_network(drawn.nodes, drawn.ties, places, standing, heading, settings.status)
    network.options = _OPTIONS
    data = _page_data(
        graph, findings, drawn, title, networks or {}, languages, sources, settings.status
    )
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
        style=style("base.css", "network.css", themes=("light", "print")),
        data=data,
        language=languages[0],
        words=load(languages[0])["page"],
        report=report,
    )
    page: str = network.generate_html(name="network.html")
    return page
