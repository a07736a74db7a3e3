"""Findings in other forms: in the graph, as tables, as the record of the run."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from hashlib import sha256
from importlib.metadata import version
from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from klaster.algorithms.analysis.agreement import FIRMS, HELIX
from klaster.algorithms.analysis.cluster_cores import DECLARED, actor_ties
from klaster.algorithms.centrality import betweenness, core_numbers, hits, pagerank, strengths
from klaster.graph.canonical_tables import records
from klaster.graph.findings import (
    AgreementFinding,
    Cluster,
    ExpertFinding,
    Findings,
    LayerFinding,
    Member,
    PairAgreement,
)
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.loaders.case.loading import Case
from klaster.viz.texts.card_words import card_in_words
from klaster.viz.texts.words import LANGUAGES, cluster_title, explain

if TYPE_CHECKING:
    from klaster.algorithms.analysis.numbering import EarlierRun
    from klaster.pipeline import Analysis


def run_id(case: Case, settings: AnalysisSettings, earlier: EarlierRun | None = None) -> str:
    """Return the key of a run: the case and a digest of its inputs and settings."""
    return f"{case.name}:{settings_digest(case, settings, earlier)[:12]}"


def settings_digest(
    case: Case, settings: AnalysisSettings, earlier: EarlierRun | None = None
) -> str:
    """Return a SHA-256 of the case's content and the settings: same digest, same results."""
    from klaster import __version__

    content = f"{__version__}|{case.graph.digest()}|{sorted(asdict(settings).items())!r}"
    if case.experts:
        said = sorted(repr(replace(statement, row=0)) for statement in case.experts)
        content += f"|{said!r}"
    if earlier is not None:
        content += f"|{earlier.digest}"
    return sha256(content.encode()).hexdigest()


def network_titles(case: Case) -> dict[str, Mapping[str, str]]:
    """Return the titles of the networks a case declares, by their id."""
    return {network.id: network.titles for network in case.networks}


def cluster_name(cluster: Cluster, case: Case, lang: str = "en") -> str:
    """Return what a cluster is called: its network's title, or its number and first member."""
    return cluster_title(cluster, case.graph, lang, network_titles(case))


def with_results(
    case: Case,
    settings: AnalysisSettings,
    findings: Findings,
    earlier: EarlierRun | None = None,
) -> ClusterGraph:
    """Return the case's graph with the run, its clusters and the memberships in it."""
    from klaster import __version__

    run = run_id(case, settings, earlier)
    nodes: list[dict[str, Any]] = [
        {
            "id": run,
            "kind": "Run",
            "name": f"{case.titles['en']}, seed {settings.seed}",
            "case_name": case.name,
            "seed": settings.seed,
            "engine": settings.engine,
            "version": __version__,
            "settings_digest": settings_digest(case, settings, earlier),
        }
    ]
    ties: list[dict[str, Any]] = []
    known = {"evidence": "estimated", "source": run}
    titles = network_titles(case)
    for cluster in findings.clusters:
        key = f"{run}:{cluster.id}"
        finding = _tested(cluster, findings)
        nodes.append(
            {
                "id": key,
                "kind": "Cluster",
                "name": cluster_name(cluster, case),
                "run_id": run,
                "layer": cluster.layer,
                "cluster_no": cluster.number,
                "member_count": len(cluster.members),
                "stability": _or_none(cluster.stability),
                "p_value": finding.p_value if finding else None,
                "modularity": _or_none(_modularity(cluster, findings)),
                "significant": finding.significant if finding else None,
                "network": cluster.network or None,
                "scale_low": _or_none(cluster.scale.low) if cluster.scale else None,
                "scale_high": _or_none(cluster.scale.high) if cluster.scale else None,
                "part_count": max(1, len(cluster.parts)) if cluster.scale else None,
            }
        )
        ties.append(
            {
                "tie_id": f"{key}>FOUND_IN>{run}",
                "source_id": key,
                "target_id": run,
                "tie_type": "FOUND_IN",
                **known,
            }
        )
        for member in cluster.members:
            ties.append(
                {
                    "tie_id": f"{member.node_id}>IN_CLUSTER>{key}",
                    "source_id": member.node_id,
                    "target_id": key,
                    "tie_type": "IN_CLUSTER",
                    "stability": _or_none(member.stability),
                    "core_rank": _or_none(member.core_rank),
                    "core_rank_low": _or_none(member.core_rank_low),
                    "core_rank_high": _or_none(member.core_rank_high),
                    "is_core": member.is_core,
                    "role": member.role or None,
                    "core_share": _or_none(member.core_share),
                    "kept_share": _or_none(member.kept_share),
                    "chain_role": member.chain.role or None,
                    "chain_steps": member.chain.steps or None,
                    "why": explain(member, cluster, case.graph, "en", titles) or None,
                    **known,
                }
            )
    base_nodes, base_ties = case.graph.to_pandas()
    more = ClusterGraph.build(
        [*_ends(case.graph, {t["source_id"] for t in ties}), *nodes], ties
    ).to_pandas()
    new_nodes = more[0][more[0]["kind"].isin(["Run", "Cluster"])]
    return ClusterGraph(
        pd.concat([base_nodes, new_nodes], ignore_index=True),
        pd.concat([base_ties, more[1]], ignore_index=True),
    )


def _ends(graph: ClusterGraph, wanted: set[str]) -> list[dict[str, Any]]:
    """Return the nodes of the case that results point at, with the values a node must have."""
    required = {
        "id", "kind", "name", "actor_type", "sphere", "table_id", "code", "region_type"
    }  # fmt: skip
    found = [graph.node(n) for n in sorted(wanted) if n in graph]
    return [{k: v for k, v in node.items() if k in required} for node in found]


def _without_nan(record: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and isnan(v) else v for k, v in record.items()}


def _plain(value: Any) -> Any:
    """Return nested data with None for what is not a number, as JSON wants it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and isnan(value) else value


def _tested(cluster: Cluster, findings: Findings) -> LayerFinding | None:
    """Return the test of the partition a cluster belongs to; None where there was none."""
    if cluster.layer == DECLARED or findings.is_held(cluster.layer):
        return None
    return findings.layer(cluster.layer)


def _modularity(cluster: Cluster, findings: Findings) -> float:
    """Return the modularity of the partition a cluster belongs to; NaN where declared."""
    if cluster.layer == DECLARED:
        return float("nan")
    if findings.experts is not None and findings.is_held(cluster.layer):
        return findings.experts.modularity
    return findings.layer(cluster.layer).modularity


def _or_none(value: float) -> float | None:
    return None if isnan(value) else float(value)


def cluster_table(analysis: Analysis) -> pd.DataFrame:
    """Return one row a cluster: size, stability, significance, cores."""
    rows = []
    for cluster in analysis.findings.clusters:
        finding = _tested(cluster, analysis.findings)
        rows.append(
            {
                "cluster_id": cluster.id,
                "name": cluster_name(cluster, analysis.case),
                "layer": cluster.layer,
                "members": len(cluster.members),
                "stability": cluster.stability,
                "density": cluster.density,
                "modularity": _modularity(cluster, analysis.findings),
                "p_value": finding.p_value if finding else float("nan"),
                "network": cluster.network,
                "network_share": cluster.network_share,
                "scale_low": cluster.scale.low if cluster.scale else float("nan"),
                "scale_high": cluster.scale.high if cluster.scale else float("nan"),
                "parts": "; ".join(" ".join(part) for part in cluster.parts),
                "cores": "; ".join(m.node_id for m in cluster.cores),
            }
        )
    return pd.DataFrame(rows)


def scale_table(analysis: Analysis) -> pd.DataFrame:
    """Return how many communities, pairs too, each layer has at each resolution tried."""
    rows = [
        {"layer": scale.layer, "resolution": resolution, "communities": count}
        for scale in analysis.findings.scales
        for resolution, count in zip(scale.resolutions, scale.community_counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["layer", "resolution", "communities"])


def _member_row(analysis: Analysis, cluster: Cluster, member: Member) -> dict[str, Any]:
    node = analysis.case.graph.node(member.node_id)
    return {
        "cluster_id": cluster.id,
        "node_id": member.node_id,
        "name": node["name"],
        "sphere": node.get("sphere", ""),
        "region": node.get("region", ""),
        "stability": member.stability,
        "core_rank": member.core_rank,
        "core_rank_low": member.core_rank_low,
        "core_rank_high": member.core_rank_high,
        "is_core": member.is_core,
        "is_candidate": member.is_candidate,
        "core_share": member.core_share,
        "kept_share": member.kept_share,
        "role": member.role,
        "chain_role": member.chain.role,
        "chain_steps": member.chain.steps,
    }


def member_table(analysis: Analysis) -> pd.DataFrame:
    """Return one row a member of a cluster: stability, rank with interval, role, lenses."""
    rows = []
    for cluster in analysis.findings.clusters:
        for member in cluster.members:
            row = _member_row(analysis, cluster, member)
            for name, reading in member.lenses.items():
                row[f"lens_{name}"] = reading.value
                row[f"lens_{name}_percentile"] = reading.percentile
            rows.append(row)
    return pd.DataFrame(rows)


def core_table(analysis: Analysis) -> pd.DataFrame:
    """Return one row a core or candidate: rank, why, and the ties and sources behind it."""
    known = {
        str(tie["tie_id"]): (str(tie["source"]), str(tie["evidence"]))
        for tie in records(analysis.case.graph.ties)
    }
    titles = network_titles(analysis.case)
    rows = []
    for cluster in analysis.findings.clusters:
        for member in cluster.members:
            if not (member.is_core or member.is_candidate):
                continue
            used = sorted({t for reason in member.reasons for t in reason.tie_ids})
            sources = sorted({known[tie][0] for tie in used})
            classes = Counter(known[tie][1] for tie in used)
            row = _member_row(analysis, cluster, member)
            row["why"] = explain(member, cluster, analysis.case.graph, "en", titles)
            row["evidence"] = "; ".join(f"{k} {n}" for k, n in sorted(classes.items()))
            row["ties"] = "; ".join(used)
            row["sources"] = "; ".join(sources)
            rows.append(row)
    return pd.DataFrame(rows)


def why_cards(analysis: Analysis) -> list[dict[str, Any]]:
    """Return every why card as plain data, with its sentences in each language."""
    graph = analysis.case.graph
    nodes = {str(node["id"]): node for node in records(graph.nodes)}
    ties = {str(tie["tie_id"]): tie for tie in records(graph.ties)}
    return [
        {
            "cluster_id": cluster.id,
            **_plain(asdict(card)),
            "in_words": {lang: card_in_words(card, lang, nodes, ties) for lang in LANGUAGES},
        }
        for cluster in analysis.findings.clusters
        for card in cluster.cards
    ]


def agreement_table(analysis: Analysis) -> pd.DataFrame:
    """Return one row a pair of ways of finding clusters: how far the two agree."""
    agreement = analysis.findings.agreement
    columns = [field.name for field in fields(PairAgreement)]
    return pd.DataFrame([asdict(p) for p in agreement.pairs] if agreement else [], columns=columns)


def grouping_table(analysis: Analysis) -> pd.DataFrame:
    """Return one row an actor: where each way of finding clusters puts it, and the agreement.

    ``support`` is the share of pairs of ways that agree about it: 1 where all do, empty where
    fewer than two ways place it.
    """
    agreement = analysis.findings.agreement
    ways = list(agreement.placed) if agreement else []
    rows = []
    for node_id, placed in sorted((agreement.clusters if agreement else {}).items()):
        rows.append(
            {
                "node_id": node_id,
                "name": analysis.case.graph.node(node_id)["name"],
                "support": agreement.support.get(node_id, float("nan")) if agreement else None,
                **{way: placed.get(way, "") for way in ways},
            }
        )
    return pd.DataFrame(rows, columns=["node_id", "name", "support", *ways])


def centrality_table(analysis: Analysis) -> pd.DataFrame:
    """Return the centralities of every actor in the joint network, in both directions of a tie.

    Each active tie counts its layer's weight; a tie that means the same either way counts half
    in each direction. Betweenness is directed, on lengths 1 / weight.
    """
    active = analysis.case.graph.select(status=analysis.settings.status)
    ties = actor_ties(active, "joint", analysis.settings)
    matrix = ties.table.matrix(len(ties.node_ids))
    strength, scores = strengths(matrix, self_ties="drop"), hits(matrix, self_ties="drop")
    names = [analysis.case.graph.node(node)["name"] for node in ties.node_ids.tolist()]
    return pd.DataFrame(
        {
            "node_id": ties.node_ids.astype(object),
            "name": names,
            "strength_in": strength.incoming,
            "strength_out": strength.outgoing,
            "pagerank_downstream": pagerank(matrix, direction="downstream", self_ties="drop"),
            "pagerank_upstream": pagerank(matrix, direction="upstream", self_ties="drop"),
            "betweenness": betweenness(matrix, distance="reciprocal", directed=True),
            "core_number": core_numbers(matrix),
            "hub": scores.hubs,
            "authority": scores.authorities,
        }
    )


def tie_table(analysis: Analysis) -> pd.DataFrame:
    """Return every tie of the case with the names of its ends, and whether it was analyzed."""
    graph = analysis.case.graph
    ties = graph.ties
    names = dict(zip(graph.nodes["id"].tolist(), graph.nodes["name"].tolist(), strict=True))
    used = set(graph.select(status=analysis.settings.status).ties["tie_id"].tolist())
    ties.insert(1, "source_name", [names[n] for n in ties["source_id"].tolist()])
    ties.insert(2, "target_name", [names[n] for n in ties["target_id"].tolist()])
    ties["layer"] = graph.tie_layers
    ties["in_analysis"] = [t in used for t in ties["tie_id"].tolist()]
    return ties


def run_record(analysis: Analysis) -> dict[str, Any]:
    """Return what ``run.json`` holds but for the times: what was run, on what, with what."""
    packages = (
        "graspologic-native", "kglite", "networkit", "networkx", "numpy", "pandas",
        "python-louvain", "pyvis", "scikit-learn", "scipy",
    )  # fmt: skip
    return {
        "run": run_id(analysis.case, analysis.settings, analysis.earlier),
        "case": analysis.case.name,
        "seed": analysis.settings.seed,
        "settings": asdict(analysis.settings),
        "settings_digest": settings_digest(analysis.case, analysis.settings, analysis.earlier),
        "earlier_run": analysis.earlier.run if analysis.earlier else None,
        "inputs": dict(sorted(analysis.case.input_digests.items())),
        "graph_digest": analysis.case.graph.digest(),
        "versions": {
            "klaster": version("klaster"),
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
        "layers": [_without_nan(asdict(finding)) for finding in analysis.findings.layers],
        "experts": _expert_record(analysis.findings.experts),
        "continuity": {
            told.layer: {
                "continued": {str(n): share for n, share in told.continued.items()},
                "born": list(told.born),
                "ended": list(told.ended),
                "used": list(told.used),
            }
            for told in analysis.findings.continuity
        },
        "unlisted": _unlisted_numbers(analysis.findings.agreement),
    }


def _unlisted_numbers(agreement: AgreementFinding | None) -> dict[str, dict[str, int]]:
    """Return whom the ways that are only compared put where: the graph has no such clusters."""
    placed = agreement.clusters.items() if agreement else ()
    return {
        way: {
            node: int(clusters[way].removeprefix(f"{way}-"))
            for node, clusters in placed
            if clusters.get(way, "").startswith(f"{way}-")
        }
        for way in (FIRMS, HELIX)
    }


def _expert_record(experts: ExpertFinding | None) -> dict[str, Any] | None:
    if experts is None:
        return None
    return {
        "modularity": _or_none(experts.modularity),
        "free_modularity": _or_none(experts.free_modularity),
        "price": _or_none(experts.price),
        "cluster_count": experts.cluster_count,
        "changed": experts.changed,
        "rules": [_without_nan(asdict(rule)) for rule in experts.rules],
    }
