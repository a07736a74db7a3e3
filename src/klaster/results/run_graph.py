"""The graph of a case with a run in it: the run, its clusters, who is in them and why."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pandas as pd

from klaster.algorithms.analysis.numbering import EarlierRun
from klaster.graph.case import Case
from klaster.graph.findings import Findings
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.results.run import (
    cluster_name,
    layer_in_words,
    modularity_of,
    network_titles,
    or_none,
    test_of,
)
from klaster.results.run_record import run_id, settings_digest
from klaster.viz.texts.words import explain


def with_results(
    case: Case,
    settings: AnalysisSettings,
    findings: Findings,
    earlier: EarlierRun | None = None,
) -> ClusterGraph:
    """Return the case's graph with the run, its clusters and the memberships in it."""
    run = run_id(case, settings, earlier)
    nodes: list[dict[str, Any]] = [
        {
            "id": run,
            "kind": "Run",
            "name": f"{case.titles['en']}, seed {settings.seed}",
            "case_name": case.name,
            "seed": settings.seed,
            "engine": settings.engine,
            "version": version("klaster"),
            "settings_digest": settings_digest(case, settings, earlier),
            "layers_tested": [
                f"{finding.layer}: {layer_in_words(finding, findings)}"
                for finding in findings.layers
            ]
            or ["none: there are no ties to find them in"],
        }
    ]
    ties: list[dict[str, Any]] = []
    known = {"evidence": "estimated", "source": run}
    titles = network_titles(case)
    for cluster in findings.clusters:
        key = f"{run}:{cluster.id}"
        finding = test_of(cluster, findings)
        nodes.append(
            {
                "id": key,
                "kind": "Cluster",
                "name": cluster_name(cluster, case),
                "run_id": run,
                "layer": cluster.layer,
                "cluster_no": cluster.number,
                "member_count": len(cluster.members),
                "stability": or_none(cluster.stability),
                "p_value": finding.p_value if finding else None,
                "modularity": or_none(modularity_of(cluster, findings)),
                "significant": finding.significant if finding else None,
                "network": cluster.network or None,
                "scale_low": or_none(cluster.scale.low) if cluster.scale else None,
                "scale_high": or_none(cluster.scale.high) if cluster.scale else None,
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
                    "stability": or_none(member.stability),
                    "core_rank": or_none(member.core_rank),
                    "core_rank_low": or_none(member.core_rank_low),
                    "core_rank_high": or_none(member.core_rank_high),
                    "is_core": member.is_core,
                    "role": member.role or None,
                    "core_share": or_none(member.core_share),
                    "kept_share": or_none(member.kept_share),
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
