"""How far the clusters would move if the data were a little different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from klaster.algorithms.analysis.cluster_cores import actor_ties, one_network
from klaster.algorithms.analysis.communities import CommunityResult
from klaster.algorithms.analysis.resolution import LARGE
from klaster.algorithms.community.search import search_of
from klaster.algorithms.trust.uncertainty import UncertainTies, uncertain_partition
from klaster.graph.findings import Cluster
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings, Progress

RUNS_A_DRAW, RUNS_A_DRAW_IF_LARGE = 2, 1
"""Runs of the engine on each drawn network; the better counts."""
DRAWS_IF_LARGE = 40
"""Draws at most in networks of more than :data:`~klaster.algorithms.analysis.resolution.LARGE`
nodes: the standard error of a share of them is .08 or less."""


def with_kept_shares(
    clusters: Sequence[Cluster],
    results: Sequence[CommunityResult],
    active: ClusterGraph,
    settings: AnalysisSettings,
    progress: Progress,
) -> tuple[Cluster, ...]:
    """Give each member the share of draws of the evidence in which it stays in its cluster.

    In each draw every tie is kept with the probability of its confidence, and the communities
    are found anew, without rules of experts. Asked of the layers of actors that have significant
    communities; members of declared clusters and industries have no share, nor have those of the
    joint clusters of a multiplex run.
    """
    asked = [
        r
        for r in results
        if r.finding.significant
        and r.finding.kind == "Actor"
        and one_network(r)  # the draws are added up and partitioned as one
    ]
    shares: dict[str, Mapping[str, float]] = {}
    for done, result in enumerate(asked):
        progress("resampling the evidence", done, len(asked))
        shares[result.finding.layer] = _shares(result, active, settings)
    progress("resampling the evidence", len(asked), len(asked))
    return tuple(
        replace(
            cluster,
            members=tuple(
                replace(m, kept_share=shares[cluster.layer].get(m.node_id, m.kept_share))
                for m in cluster.members
            ),
        )
        if cluster.layer in shares
        else cluster
        for cluster in clusters
    )


def _shares(
    result: CommunityResult, active: ClusterGraph, settings: AnalysisSettings
) -> dict[str, float]:
    actors = actor_ties(active, result.finding.layer, settings)
    ties = actors.table
    place = np.full(len(actors.node_ids), -1, dtype=np.int64)
    at = np.searchsorted(actors.node_ids, result.node_ids)
    place[at] = np.arange(len(result.node_ids))
    large = len(result.node_ids) > LARGE
    source, target = place[ties.source], place[ties.target]
    inside = (source >= 0) & (target >= 0)
    found = uncertain_partition(
        UncertainTies.of(
            source[inside],
            target[inside],
            len(result.node_ids),
            weight=ties.weight[inside],
            keep=ties.keep[inside],
            spread=0.0,  # a tie counts 1: there is no amount to scatter
            both_ways=ties.both_ways[inside],
        ),
        result.labels,
        replace(search_of(settings), runs=RUNS_A_DRAW_IF_LARGE if large else RUNS_A_DRAW),
        draws=min(settings.evidence_draws, DRAWS_IF_LARGE) if large else settings.evidence_draws,
    )
    return dict(zip(result.node_ids.tolist(), found.own.tolist(), strict=True))
