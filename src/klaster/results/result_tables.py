"""What a run found, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, fields
from math import isnan
from typing import Any

import pandas as pd

from klaster.algorithms.analysis.cluster_cores import actor_ties
from klaster.algorithms.centrality import betweenness, core_numbers, hits, pagerank, strengths
from klaster.graph.agreement_findings import PairAgreement
from klaster.graph.canonical_tables import records
from klaster.graph.findings import Cluster, Member
from klaster.graph.ties_in_use import left_out_because
from klaster.results.run import Run, cluster_name, modularity_of, network_titles, test_of
from klaster.viz.texts.card_words import card_in_words
from klaster.viz.texts.store import LANGUAGES
from klaster.viz.texts.words import explain

CLUSTER_COLUMNS = (
    "cluster_id", "name", "layer", "members", "stability", "density", "modularity", "p_value",
    "network", "network_share", "scale_low", "scale_high", "parts", "cores",
)  # fmt: skip
MEMBER_COLUMNS = (
    "cluster_id", "node_id", "name", "sphere", "region", "stability", "core_rank",
    "core_rank_low", "core_rank_high", "is_core", "is_candidate", "core_share", "kept_share",
    "role", "chain_role", "chain_steps",
)  # fmt: skip
CORE_COLUMNS = (*MEMBER_COLUMNS, "why", "evidence", "ties", "sources")


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Return rows as a table; the columns named come first, and are there without any row."""
    return pd.DataFrame(
        rows, columns=list(dict.fromkeys([*columns, *(k for r in rows for k in r)]))
    )


def cluster_table(run: Run) -> pd.DataFrame:
    """Return one row a cluster: size, stability, significance, cores."""
    rows = []
    for cluster in run.findings.clusters:
        finding = test_of(cluster, run.findings)
        rows.append(
            {
                "cluster_id": cluster.id,
                "name": cluster_name(cluster, run.case),
                "layer": cluster.layer,
                "members": len(cluster.members),
                "stability": cluster.stability,
                "density": cluster.density,
                "modularity": modularity_of(cluster, run.findings),
                "p_value": finding.p_value if finding else float("nan"),
                "network": cluster.network,
                "network_share": cluster.network_share,
                "scale_low": cluster.scale.low if cluster.scale else float("nan"),
                "scale_high": cluster.scale.high if cluster.scale else float("nan"),
                "parts": "; ".join(" ".join(part) for part in cluster.parts),
                "cores": "; ".join(m.node_id for m in cluster.cores),
            }
        )
    return _table(rows, CLUSTER_COLUMNS)


def scale_table(run: Run) -> pd.DataFrame:
    """Return how many communities, pairs too, each layer has at each resolution tried."""
    rows = [
        {"layer": scale.layer, "resolution": resolution, "communities": count}
        for scale in run.findings.scales
        for resolution, count in zip(scale.resolutions, scale.community_counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["layer", "resolution", "communities"])


def _member_row(run: Run, cluster: Cluster, member: Member) -> dict[str, Any]:
    node = run.case.graph.node(member.node_id)
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


def member_table(run: Run) -> pd.DataFrame:
    """Return one row a member of a cluster: stability, rank with interval, role, lenses."""
    rows = []
    for cluster in run.findings.clusters:
        for member in cluster.members:
            row = _member_row(run, cluster, member)
            for name, reading in member.lenses.items():
                row[f"lens_{name}"] = reading.value
                row[f"lens_{name}_percentile"] = reading.percentile
            rows.append(row)
    return _table(rows, MEMBER_COLUMNS)


def core_table(run: Run) -> pd.DataFrame:
    """Return one row a core or candidate: rank, why, and the ties and sources behind it."""
    known = {
        str(tie["tie_id"]): (str(tie["source"]), str(tie["evidence"]))
        for tie in records(run.case.graph.ties)
    }
    titles = network_titles(run.case)
    rows = []
    for cluster in run.findings.clusters:
        for member in cluster.members:
            if not (member.is_core or member.is_candidate):
                continue
            used = sorted({t for reason in member.reasons for t in reason.tie_ids})
            sources = sorted({known[tie][0] for tie in used})
            classes = Counter(known[tie][1] for tie in used)
            row = _member_row(run, cluster, member)
            row["why"] = explain(member, cluster, run.case.graph, "en", titles)
            row["evidence"] = "; ".join(f"{k} {n}" for k, n in sorted(classes.items()))
            row["ties"] = "; ".join(used)
            row["sources"] = "; ".join(sources)
            rows.append(row)
    return _table(rows, CORE_COLUMNS)


def why_cards(run: Run) -> list[dict[str, Any]]:
    """Return every why card as plain data, with its sentences in each language."""
    graph = run.case.graph
    nodes = {str(node["id"]): node for node in records(graph.nodes)}
    ties = {str(tie["tie_id"]): tie for tie in records(graph.ties)}
    return [
        {
            "cluster_id": cluster.id,
            **_plain(asdict(card)),
            "in_words": {lang: card_in_words(card, lang, nodes, ties) for lang in LANGUAGES},
        }
        for cluster in run.findings.clusters
        for card in cluster.cards
    ]


def _plain(value: Any) -> Any:
    """Return nested data with None for what is not a number, as JSON wants it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and isnan(value) else value


def agreement_table(run: Run) -> pd.DataFrame:
    """Return one row a pair of ways of finding clusters: how far the two agree."""
    agreement = run.findings.agreement
    columns = [field.name for field in fields(PairAgreement)]
    return pd.DataFrame([asdict(p) for p in agreement.pairs] if agreement else [], columns=columns)


def grouping_table(run: Run) -> pd.DataFrame:
    """Return one row an actor: where each way of finding clusters puts it, and the agreement.

    ``support`` is the share of pairs of ways that agree about it: 1 where all do, empty where
    fewer than two ways place it.
    """
    agreement = run.findings.agreement
    ways = list(agreement.placed) if agreement else []
    rows = []
    for node_id, placed in sorted((agreement.clusters if agreement else {}).items()):
        rows.append(
            {
                "node_id": node_id,
                "name": run.case.graph.node(node_id)["name"],
                "support": agreement.support.get(node_id, float("nan")) if agreement else None,
                **{way: placed.get(way, "") for way in ways},
            }
        )
    return pd.DataFrame(rows, columns=["node_id", "name", "support", *ways])


def centrality_table(run: Run) -> pd.DataFrame:
    """Return the centralities of every actor in the joint network, in both directions of a tie.

    Each active tie counts its layer's weight; a tie that means the same either way counts half
    in each direction. Betweenness is directed, on lengths 1 / weight.
    """
    active = run.case.graph.select(status=run.settings.status)
    ties = actor_ties(active, "joint", run.settings)
    matrix = ties.table.matrix(len(ties.node_ids))
    strength, scores = strengths(matrix, self_loops="drop"), hits(matrix, self_loops="drop")
    names = [run.case.graph.node(node)["name"] for node in ties.node_ids.tolist()]
    return pd.DataFrame(
        {
            "node_id": ties.node_ids.astype(object),
            "name": names,
            "strength_in": strength.incoming,
            "strength_out": strength.outgoing,
            "pagerank_downstream": pagerank(matrix, direction="downstream", self_loops="drop"),
            "pagerank_upstream": pagerank(matrix, direction="upstream", self_loops="drop"),
            "betweenness": betweenness(matrix, distance="reciprocal", directed=True),
            "core_number": core_numbers(matrix),
            "hub": scores.hubs,
            "authority": scores.authorities,
        }
    )


def tie_table(run: Run) -> pd.DataFrame:
    """Return every tie of the case with the names of its ends, and whether it was analyzed."""
    graph = run.case.graph
    ties = graph.ties
    names = dict(zip(graph.nodes["id"].tolist(), graph.nodes["name"].tolist(), strict=True))
    status, self_ties = run.settings.status, run.settings.self_ties
    ties.insert(1, "source_name", [names[n] for n in ties["source_id"].tolist()])
    ties.insert(2, "target_name", [names[n] for n in ties["target_id"].tolist()])
    ties["layer"] = graph.tie_layers
    ties["in_analysis"] = [
        not left_out_because(tie, status, self_ties) for tie in records(graph.ties)
    ]
    return ties
