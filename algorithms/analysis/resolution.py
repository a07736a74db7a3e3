"""How far the clusters depend on the resolution of the modularity, the scale they are seen at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from klaster.algorithms.analysis.cluster_cores import one_network
from klaster.algorithms.analysis.communities import CommunityResult
from klaster.algorithms.community.search import Search
from klaster.algorithms.trust.resolution_scan import divisions, resolution_scan, scale_ranges
from klaster.graph.findings import Cluster, ScaleFinding
from klaster.graph.model import Layer
from klaster.graph.settings import Progress

TRIED = 21
"""Resolutions from a tenth to ten times that of the run, evenly on the logarithm."""
RUNS, RUNS_IF_LARGE, LARGE = 10, 2, 2_000
"""Runs of the engine at each resolution; fewer above so many nodes."""
DIVISION_RUNS, DIVISION_RUNS_IF_LARGE = 20, 5
"""Runs of the engine on each cluster that may have parts; fewer in such a network."""


def with_scales(
    clusters: Sequence[Cluster],
    results: Sequence[CommunityResult],
    layers: Sequence[Layer],
    search: Search,
    progress: Progress,
) -> tuple[tuple[Cluster, ...], tuple[ScaleFinding, ...]]:
    """Say over which resolutions each cluster is found again, and whether it has parts itself.

    Asked of the layers with significant communities, of the network without rules of experts.
    Not asked where the communities were found by another quality than modularity on one
    network (the map equation has no resolution; a multiplex run has one network a layer).
    """
    networks = {layer.name: layer for layer in layers}
    asked = [
        r
        for r in results
        if r.finding.significant and search.engine != "map-equation" and one_network(r)
    ]
    judged, findings = list(clusters), []
    for done, result in enumerate(asked):
        progress("scales", done, len(asked))
        own = [k for k, c in enumerate(judged) if c.layer == result.finding.layer]
        changed, finding = _of_one(
            [judged[k] for k in own], result, networks[result.finding.layer], search
        )
        findings.append(finding)
        for k, cluster in zip(own, changed, strict=True):
            judged[k] = cluster
    progress("scales", len(asked), len(asked))
    return tuple(judged), tuple(findings)


def _of_one(
    clusters: Sequence[Cluster], result: CommunityResult, layer: Layer, search: Search
) -> tuple[list[Cluster], ScaleFinding]:
    at = np.searchsorted(layer.node_ids, result.node_ids)
    matrix, large = layer.matrix[at][:, at], len(at) > LARGE
    scan = resolution_scan(
        matrix,
        search.resolution * np.logspace(-1, 1, TRIED),
        replace(search, runs=RUNS_IF_LARGE if large else RUNS),
    )
    members = [np.searchsorted(result.node_ids, sorted(c.member_ids)) for c in clusters]
    ranges = scale_ranges(scan, members, at=search.resolution)
    runs = DIVISION_RUNS_IF_LARGE if large else DIVISION_RUNS
    parts = divisions(matrix, members, replace(search, runs=runs))
    changed = [
        replace(
            cluster,
            scale=found,
            parts=tuple(
                tuple(result.node_ids[own[division == part]].tolist())
                for part in range(int(division.max(initial=0)) + 1)
            )
            if division.max(initial=0)
            else (),
        )
        for cluster, own, found, division in zip(clusters, members, ranges, parts, strict=True)
    ]
    return changed, ScaleFinding(
        layer=result.finding.layer,
        resolution=search.resolution,
        resolutions=tuple(scan.resolutions.tolist()),
        community_counts=tuple(scan.community_count.tolist()),
        plateaus=tuple((p.low, p.high, p.community_count) for p in scan.plateaus),
    )
