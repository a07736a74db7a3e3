"""The communities of one layer, with all that says how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from klaster.algorithms.community.detect import (
    best_row,
    partitions_of,
    plan_search,
    qualities_of,
    seeds_from,
)
from klaster.algorithms.community.engines import objective_of
from klaster.algorithms.community.exact import TIE_TOLERANCE
from klaster.algorithms.community.leiden import QualityForm, best_labels
from klaster.algorithms.community.multiplex import (
    Balance,
    form_qualities,
    layer_shares,
    multiplex_form,
    multiplex_partitions,
)
from klaster.algorithms.community.objective import modularity_of_checked
from klaster.algorithms.community.work import Progress, do_all
from klaster.algorithms.square_matrix import SelfLoops, checked, dyad_count, tied_nodes
from klaster.algorithms.trust.ensembles import consensus, ensemble_summary, member_stability
from klaster.algorithms.trust.nulls import NullModel, chosen_null_model, draw_named
from klaster.algorithms.trust.significance import FEWEST_DRAWS, no_communities, null_effort, p_value
from klaster.algorithms.trust.significance import significance as significance_of
from klaster.graph.errors import Fault, InputError
from klaster.graph.findings import LayerFinding
from klaster.graph.model import CSR, FloatArray, IntArray, Layer, StrArray


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

    @property
    def label_of(self) -> dict[str, int]:
        """Community of each node, by its key."""
        return dict(zip(self.node_ids.tolist(), self.labels.tolist(), strict=True))


def find_communities(
    layer: Layer,
    *,
    kind: str = "",
    engine: str = "leiden",
    resolution: float = 1.0,
    seed: int = 1,
    self_ties: SelfLoops = "drop",
    ensemble_runs: int = 100,
    null_draws: int = 200,
    significance: float = 0.05,
    null_model: NullModel = "auto",
    workers: int = 1,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> CommunityResult:
    """Find the communities of a layer: which, how stable, and whether more than chance.

    An ensemble of runs gives partitions; their consensus and the best of them by quality are
    compared. The consensus is taken where it is as good as the best (then it is both the best
    found and what the runs agree on), else the best: quality is the stated objective, and a
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
        ``auto``, ``degree-preserving``, ``weight-shuffle`` or ``equal-strength``.
    workers
        Number of processes; any number gives the same result. With more than one, a script needs
        ``if __name__ == "__main__":`` (processes are spawned).
    seconds
        Time box, none by default: the runs get half of it, the draws the other half; the
        consensus, at least one run and 19 draws are done whatever it says. The finding's
        ``ensemble_size`` and ``null_draws`` say how many were made.
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
    _check_efforts(ensemble_runs, null_draws)
    ties = checked(layer.matrix, self_loops=self_ties)
    nodes = tied_nodes(ties)
    ties = sparse.csr_array(ties[nodes][:, nodes])
    plan = plan_search(ties, engine, "keep")
    run_seed, consensus_seed, null_seed = seeds_from(seed, 3)
    draws, _ = null_effort(dyad_count(ties), null_draws)
    told = _Told(progress, ensemble_runs, ensemble_runs + draws)
    box = None if seconds is None else seconds / 2

    rows = partitions_of(
        ties,
        plan,
        resolution=resolution,
        seeds=seeds_from(run_seed, ensemble_runs),
        workers=workers,
        seconds=box,
        progress=told.of_runs,
    )
    qualities = qualities_of(ties, plan, rows, resolution)
    labels: IntArray = rows[best_row(rows, qualities)].copy()
    agreed = consensus(
        rows, matrix=ties, engine=_consensus_engine(engine), seed=consensus_seed, workers=workers
    )
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
        self_loops="keep",
        workers=workers,
        seconds=box,
        progress=told.of_draws,
    )
    told.all_done()
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
        objective=plan.objective,
        observed=chance.observed,
    )
    return CommunityResult(
        finding, layer.node_ids[nodes], labels, member_stability(rows, labels), rows
    )


def find_multiplex_communities(
    layers: Sequence[Layer],
    *,
    weights: Mapping[str, float] | None = None,
    balance: Balance = "ties",
    name: str = "joint",
    kind: str = "Actor",
    resolution: float = 1.0,
    seed: int = 1,
    self_ties: SelfLoops = "drop",
    ensemble_runs: int = 100,
    null_draws: int = 200,
    significance: float = 0.05,
    null_model: NullModel = "auto",
    workers: int = 1,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> CommunityResult:
    """Find communities that hold in several layers together, each with its own expectation.

    As :func:`find_communities`, for the multiplex modularity: the mean of the modularities that
    one partition has in each layer, a tie counting the same in each, times the layer's weight.
    Adding the layers up first and taking the modularity of the sum expects a tie between any two
    actors that have many ties, whatever these are: where the hubs of one layer (a steelworks
    among suppliers) are not those of another (a university among research partners) that hides
    the groups. On planted groups the multiplex modularity finds them better there and as well
    elsewhere (``docs/benchmarks.md``), so it is what to use for the joint layer.

    Parameters
    ----------
    layers
        Of the same nodes, names distinct. Nodes without a tie in any of them take no part, nor
        do layers of weight 0.
    weights
        Weight of each layer by its name; by default 1.
    balance
        ``ties`` or ``layers``: what the weights are weights of, see
        :func:`~klaster.algorithms.community.multiplex.layer_shares`.
    name, kind
        For the finding.
    null_model
        Drawn for each layer by itself, ``auto`` chosen by the layer's density.
    resolution, seed, self_ties, ensemble_runs, null_draws, significance, workers, seconds, progress
        As for :func:`find_communities`.

    Returns
    -------
    CommunityResult
        The finding's engine is ``leiden-multiplex``; its modularities are the multiplex ones, of
        W + Wᵀ and of W in each layer.

    Raises
    ------
    InputError
        For layers of different nodes, faulty weights or faulty matrices.
    ValueError
        Without a layer, or for layers of the same name.

    Examples
    --------
    >>> one = sparse.csr_array(np.kron(np.eye(2), np.ones((3, 3)) - np.eye(3)))
    >>> ids = np.array(list("abcdef"))
    >>> layers = [Layer(name, ids, one, "ties", 12, 0) for name in ("supply", "training")]
    >>> found = find_multiplex_communities(layers, ensemble_runs=5, null_draws=19)
    >>> found.labels.tolist(), found.finding.modularity
    ([0, 0, 0, 1, 1, 1], 0.5)
    """
    _check_efforts(ensemble_runs, null_draws)
    network = _MultiplexNetwork.of(layers, weights, balance, resolution, self_ties, null_model)
    nodes, form = network.nodes, network.form()
    run_seed, consensus_seed, null_seed = seeds_from(seed, 3)
    sum_of_ties = sum(network.ties.values(), start=sparse.csr_array((len(nodes), len(nodes))))
    both = checked(sparse.csr_array(sum_of_ties), self_loops="drop")
    draws, _ = null_effort(dyad_count(both), null_draws)
    told = _Told(progress, ensemble_runs, ensemble_runs + draws)
    box = None if seconds is None else seconds / 2

    rows = multiplex_partitions(
        form,
        seeds_from(run_seed, ensemble_runs),
        workers=workers,
        seconds=box,
        progress=told.of_runs,
    )
    qualities = form_qualities(form, rows)
    labels: IntArray = rows[best_row(rows, qualities)].copy()
    agreed = consensus(rows, matrix=both, seed=consensus_seed, workers=workers)
    if form.quality(agreed) >= qualities.max() - TIE_TOLERANCE:
        labels = agreed

    reason = no_communities(len(nodes), len(np.unique(labels)))
    null = np.zeros(0)
    if not reason:
        null = np.array(
            do_all(
                _multiplex_draw,
                (network, null_seed),
                draws,
                workers=workers,
                seconds=box,
                least=FEWEST_DRAWS,
                progress=told.of_draws,
            )
        )
    # One run on the network as on each draw: equal effort keeps the p-value honest.
    observed = form.quality(best_labels(form, seed=null_seed)) if len(null) else float("nan")
    p = p_value(observed, null) if len(null) else 1.0
    told.all_done()
    summary = ensemble_summary(rows)
    finding = LayerFinding(
        layer=name,
        kind=kind,
        engine="leiden-multiplex",
        seed=seed,
        resolution=resolution,
        node_count=len(nodes),
        tie_count=sum(layer.tie_count for layer in network.layers),
        self_tie_count=sum(layer.self_ties for layer in network.layers),
        self_ties="dropped" if self_ties == "drop" else "kept",
        cluster_count=len(np.unique(labels)),
        modularity=form.quality(labels),
        modularity_directed=network.form(directed=True).quality(labels),
        null_model=network.null_names() if len(null) else "none",
        null_draws=len(null),
        null_mean=float(null.mean()) if len(null) else float("nan"),
        null_sd=float(null.std(ddof=1)) if len(null) > 1 else float("nan"),
        p_value=p,
        significant=not reason and p <= significance,
        reason=reason or ("" if p <= significance else "not-above-chance"),
        ensemble_size=summary.size,
        distinct_partitions=summary.distinct,
        mean_ari=summary.mean_ari,
        objective="multiplex",
        observed=observed,
    )
    return CommunityResult(
        finding, network.layers[0].node_ids[nodes], labels, member_stability(rows, labels), rows
    )


def _check_efforts(ensemble_runs: int, null_draws: int) -> None:
    if ensemble_runs < 1 or null_draws < 1:
        raise ValueError(
            f"ensemble_runs is {ensemble_runs}, null_draws is {null_draws}; each must be at least 1"
        )


def _consensus_engine(engine: str) -> str:
    """Return the engine for the network of shares: it has no direction and no map of its own."""
    return "leiden" if objective_of(engine) != "undirected" else engine


@dataclass(frozen=True)
class _Told:
    """Progress over two stages as one."""

    progress: Progress | None
    runs: int
    steps: int

    def of_runs(self, done: int, _: int) -> None:
        if self.progress:
            self.progress(done, self.steps)

    def of_draws(self, done: int, _: int) -> None:
        if self.progress:
            self.progress(self.runs + done, self.steps)

    def all_done(self) -> None:
        if self.progress:
            self.progress(self.steps, self.steps)


@dataclass(frozen=True, eq=False)
class _MultiplexNetwork:
    """Layers over the nodes that have a tie in one of them."""

    layers: tuple[Layer, ...]
    ties: dict[str, CSR]
    weights: dict[str, float]
    balance: Balance
    resolution: float
    nulls: dict[str, str]
    nodes: IntArray

    @classmethod
    def of(
        cls,
        layers: Sequence[Layer],
        weights: Mapping[str, float] | None,
        balance: Balance,
        resolution: float,
        self_ties: SelfLoops,
        null_model: NullModel,
    ) -> _MultiplexNetwork:
        names = [layer.name for layer in layers]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"give one layer or more, each with its own name, not {names}")
        _check_same_nodes(layers)
        given = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
        ties = {layer.name: checked(layer.matrix, self_loops=self_ties) for layer in layers}
        layer_shares(ties, given, balance)  # says what is wrong with the weights
        used = tuple(layer for layer in layers if given[layer.name] > 0) or tuple(layers)
        tied = [tied_nodes(ties[layer.name]) for layer in used]
        nodes = np.unique(np.concatenate(tied)).astype(np.int64)
        part = {layer.name: sparse.csr_array(ties[layer.name][nodes][:, nodes]) for layer in used}
        return cls(
            used,
            part,
            {name: given[name] for name in part},
            balance,
            resolution,
            {name: chosen_null_model(matrix, null_model) for name, matrix in part.items()},
            nodes,
        )

    def form(self, ties: Mapping[str, CSR] | None = None, *, directed: bool = False) -> QualityForm:
        return multiplex_form(
            self.ties if ties is None else ties,
            self.weights,
            balance=self.balance,
            directed=directed,
            resolution=self.resolution,
        )

    def null_names(self) -> str:
        return " + ".join(sorted(set(self.nulls.values())))


def _check_same_nodes(layers: Sequence[Layer]) -> None:
    faults = [
        Fault(
            "layers",
            0,
            layer.name,
            "other-nodes",
            f"{len(layer.node_ids)} nodes",
            f"the nodes are not those of layer {layers[0].name}",
            "Give layers of one graph and one kind of node.",
        )
        for layer in layers
        if not np.array_equal(layer.node_ids, layers[0].node_ids)
    ]
    if faults:
        raise InputError(faults, "the layers")


def _multiplex_draw(shared: tuple[_MultiplexNetwork, int], number: int) -> float:
    network, seed = shared
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))
    drawn = {
        name: draw_named(network.nulls[name])(ties, rng)
        for name, ties in sorted(network.ties.items())
    }
    form = network.form(drawn)
    return form.quality(best_labels(form, seed=int(rng.integers(0, 2**32))))
