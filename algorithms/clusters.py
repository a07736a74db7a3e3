"""The communities of one layer, with all that says how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from klaster.algorithms.community.detect import (
    Progress,
    best_row,
    partitions_of,
    plan_search,
    qualities_of,
    seeds_from,
)
from klaster.algorithms.community.exact import TIE_TOLERANCE
from klaster.algorithms.community.objective import modularity_of_checked
from klaster.algorithms.community.projection import SelfTies, checked, dyad_count, tied_nodes
from klaster.algorithms.trust import (
    NullModel,
    consensus,
    ensemble_summary,
    member_stability,
    null_effort,
)
from klaster.algorithms.trust import significance as significance_of
from klaster.graph.findings import LayerFinding
from klaster.graph.model import FloatArray, IntArray, Layer, StrArray


@dataclass(frozen=True, eq=False)
class CommunityResult:
    """Communities of the nodes of a layer that have a tie to another node.

    Attributes
    ----------
    finding
        The partition as a whole: quality, stability, significance.
    node_ids
        The nodes that have a tie to another node, sorted.
    labels
        Community of each: 0 the largest, equal ones by their first member.
    stability
        How surely each belongs to its community, 0–1.
    ensemble
        The partitions of all runs, as rows of canonical labels.
    """

    finding: LayerFinding
    node_ids: StrArray
    labels: IntArray
    stability: FloatArray
    ensemble: IntArray


def find_communities(
    layer: Layer,
    *,
    kind: str = "",
    engine: str = "leiden",
    resolution: float = 1.0,
    seed: int = 1,
    self_ties: SelfTies = "drop",
    ensemble_runs: int = 100,
    null_draws: int = 200,
    significance: float = 0.05,
    null_model: NullModel = "auto",
    progress: Progress | None = None,
) -> CommunityResult:
    """Find the communities of a layer: which, how stable, and whether more than chance.

    An ensemble of runs gives partitions; their consensus and the best of them by modularity are
    compared. The consensus is taken where it is as good as the best (then it is both the best
    found and what the runs agree on), else the best: modularity is the stated objective, and a
    consensus of runs that disagree can fall between good partitions. Where the runs disagree the
    stability of the members shows it, whichever partition is taken: it is always measured
    against the whole ensemble.

    Parameters
    ----------
    layer
        Ties from seller to buyer; nodes without a tie to another node take no part.
    kind
        Kind of the nodes, for the finding; by default ``Industry`` for the layer ``flows``, else
        ``Actor``.
    engine
        ``leiden``, or a name in :data:`~klaster.algorithms.community.engines.ENGINES`. With at
        most 10 tied nodes ``leiden`` looks at every partition, for the directed modularity if the
        layer is not symmetric; the finding then names the engine ``exact``.
    resolution
        Weight of the expectation in the modularity; above 1 for smaller communities.
    seed
        Of everything random here.
    self_ties
        ``drop`` (default) or ``keep``: on tables with a heavy diagonal it decides the answer.
    ensemble_runs
        Number of runs, at least 1.
    null_draws
        Number of random networks, at least 1; fewer on large networks, see
        :func:`~klaster.algorithms.trust.null_effort`. The finding says how many.
    significance
        The p-value at which communities count as significant.
    null_model
        ``auto``, ``degree-preserving`` or ``weight-shuffle``.
    progress
        Called with steps done and steps in all: runs and draws.

    Returns
    -------
    CommunityResult
        Also where there is nothing significant: ``finding.reason`` then says why (``no-ties``,
        ``too-small``, ``one-community``, ``not-above-chance``). ``null_mean`` and ``null_sd`` are
        NaN where nothing was drawn.

    Raises
    ------
    UnknownNameError
        For an engine, null model or policy of self-ties there is not.
    InputError
        For negative or non-finite weights.

    Examples
    --------
    >>> ties = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> rings = Layer("supply", np.array(list("abcdef")), ties, "ties", 7, 0)
    >>> found = find_communities(rings, ensemble_runs=5, null_draws=19)
    >>> found.labels.tolist(), round(found.finding.modularity_directed, 6)
    ([0, 0, 0, 1, 1, 1], 0.367347)
    >>> found.finding.engine, found.finding.significant, found.finding.reason
    ('exact', False, 'not-above-chance')
    """
    if ensemble_runs < 1 or null_draws < 1:
        raise ValueError(
            f"ensemble_runs is {ensemble_runs}, null_draws is {null_draws}; each must be at least 1"
        )
    ties = checked(layer.matrix, self_ties)
    nodes = tied_nodes(ties)
    ties = sparse.csr_array(ties[nodes][:, nodes])
    plan = plan_search(ties, engine, "keep")
    run_seed, consensus_seed, null_seed = seeds_from(seed, 3)
    draws, _ = null_effort(dyad_count(ties), null_draws)
    steps = ensemble_runs + draws

    rows = partitions_of(
        ties,
        plan,
        resolution=resolution,
        seeds=seeds_from(run_seed, ensemble_runs),
        progress=None if progress is None else lambda done, _: progress(done, steps),
    )
    qualities = qualities_of(ties, plan, rows, resolution)
    labels: IntArray = rows[best_row(rows, qualities)].copy()
    agreed = consensus(rows, matrix=ties, engine=engine, seed=consensus_seed)
    agreed_quality = qualities_of(ties, plan, agreed[None, :], resolution)[0]
    if agreed_quality >= qualities.max() - TIE_TOLERANCE:
        labels = agreed

    chance = significance_of(
        ties,
        labels,
        engine=engine,
        resolution=resolution,
        seed=null_seed,
        draws=null_draws,
        level=significance,
        null_model=null_model,
        self_ties="keep",
        progress=(
            None if progress is None else lambda done, _: progress(ensemble_runs + done, steps)
        ),
    )
    if progress:
        progress(steps, steps)
    summary = ensemble_summary(rows)
    finding = LayerFinding(
        layer=layer.name,
        kind=kind or ("Industry" if layer.name == "flows" else "Actor"),
        engine=plan.engine,
        seed=seed,
        resolution=resolution,
        node_count=len(nodes),
        tie_count=layer.tie_count,
        self_tie_count=layer.self_ties,
        self_ties="dropped" if self_ties == "drop" else "kept",
        cluster_count=len(np.unique(labels)),
        modularity=modularity_of_checked(ties, labels, resolution, directed=False),
        modularity_directed=modularity_of_checked(ties, labels, resolution, directed=True),
        null_model=chance.null_model,
        null_draws=chance.draws,
        null_mean=chance.null_mean,
        null_sd=chance.null_sd,
        p_value=chance.p_value,
        significant=chance.significant,
        reason=chance.reason,
        ensemble_size=summary.size,
        distinct_partitions=summary.distinct,
        mean_ari=summary.mean_ari,
    )
    return CommunityResult(
        finding, layer.node_ids[nodes], labels, member_stability(rows, labels), rows
    )
