"""Two groups of six firms that supply each other, one tie between them; few draws, so quick."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings

QUICK = AnalysisSettings(ensemble=10, null_draws=40, evidence_draws=20)
"""Enough draws for p ≤ 0.05, few enough for a test."""

FEW = AnalysisSettings(ensemble=3, null_draws=20, evidence_draws=1)
"""As few draws as still give clusters, where a test looks at something else."""

MILLS = ("mill0", "mill1", "mill2", "mill3", "mill4", "mill5")
FARMS = ("farm0", "farm1", "farm2", "farm3", "farm4", "farm5")


def firm(key: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key, "kind": "Actor", "name": key.title(), "actor_type": "Firm", "sphere": "business",
    } | more  # fmt: skip


def supply(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {
        "tie_id": f"{source}>{target}", "source_id": source, "target_id": target,
        "tie_type": "SUPPLIES", "evidence": "reported", "source": f"report of {source}",
        "confidence": "high",
    } | more  # fmt: skip


def two_valleys() -> ClusterGraph:
    """mill0 has ties to every mill in both directions, the other mills pass goods down a line."""
    ties = [supply(a, b) for a, b in permutations(MILLS, 2) if "mill0" in (a, b)]
    ties += [supply(MILLS[k], MILLS[k + 1]) for k in range(1, 5)]
    ties += [supply(a, b) for a, b in permutations(FARMS, 2) if int(a[-1]) < int(b[-1])]
    ties += [supply("farm0", "mill0", value=3.0, unit="million", currency="KZT")]
    nodes = [firm(key) for key in (*MILLS, *FARMS, "lonely")]
    nodes[0] |= {"aliases": ["АО «Мельница», №1", "Zero & Co"], "name_ru": "Мельница"}
    return ClusterGraph.build(nodes, ties)
