"""The communities of one layer, with all that says how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
    partitions_of_form,
)
from klaster.algorithms.community.objective import modularity_of_checked
from klaster.algorithms.community.search import Search
from klaster.algorithms.community.work import StepProgress, do_all
from klaster.algorithms.square_matrix import checked, dyad_count, part_of, tied_nodes
from klaster.algorithms.trust.ensembles import (
    ENSEMBLE,
    consensus,
    ensemble_summary,
    member_stability,
)
from klaster.algorithms.trust.nulls import NullModel, chosen_null_model, draw_named
from klaster.algorithms.trust.significance import (
    FEWEST_DRAWS,
    USUAL_TEST,
    NullTest,
    Significance,
    compared,
    no_communities,
    not_tested,
    null_effort,
    significance,
    stream,
)
from klaster.graph.errors import Fault, InputError
from klaster.graph.findings import LayerFinding
from klaster.graph.layers import FLOWS, JOINT, Layer
from klaster.graph.model import CSR, FloatArray, IntArray, StrArray

MULTIPLEX = "multiplex"
"""Objective of communities that are sought in several layers, each with its own expectation."""


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
    search: Search = ENSEMBLE,
    test: NullTest = USUAL_TEST,
    *,
    kind: str = "",
    progress: StepProgress | None = None,
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
    search
        How the communities are searched for; its runs are the ensemble. With at most 10 tied nodes
        ``leiden`` looks at every partition, for the directed modularity if the layer is not
        symmetric; the finding then names the engine ``exact``. Of a time box the runs get half, the
        draws the other half; the consensus, one run and 19 draws are made whatever it says. The
        finding says how many were made.
    test
        How the communities are compared with chance.
    kind
        Kind of the nodes, for the finding; by default ``Industry`` for the layer ``flows``, else
        ``Actor``.
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
        For an engine, null model or policy of self-loops there is not.
    InputError
        For negative or non-finite weights.

    Examples
    --------
    >>> ties = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> rings = Layer("supply", np.array(list("abcdef")), ties, "ties", 7, 0)
    >>> found = find_communities(rings, Search(runs=5), NullTest(draws=19))
    >>> found.labels.tolist(), round(found.finding.modularity_directed, 6)
    ([0, 0, 0, 1, 1, 1], 0.367347)
    >>> found.finding.engine, found.finding.significant, found.finding.reason
    ('exact', False, 'not-above-chance')
    """
    ties = checked(layer.matrix, self_loops=search.self_loops)
    nodes = tied_nodes(ties)
    ties = part_of(ties, nodes)
    plan = plan_search(ties, search)
    stages = _Stages.of(search, test, dyad_count(ties), progress)
    rows = partitions_of(
        ties,
        plan,
        seeds_from(stages.run_seed, search.runs),
        workers=search.workers,
        seconds=stages.seconds,
        progress=stages.runs_done,
    )
    agreed = consensus(rows, stages.consensus_search(_consensus_engine(search.engine)), matrix=ties)
    labels = _chosen(
        rows, qualities_of(ties, plan, rows), agreed, qualities_of(ties, plan, agreed[None, :])[0]
    )
    chance = significance(
        ties,
        labels,
        replace(search, seed=stages.null_seed, seconds=stages.seconds, self_loops="keep"),
        test,
        progress=stages.draws_done,
    )
    stages.all_done()
    finding = _finding(
        layer.name,
        kind or ("Industry" if layer.name == FLOWS else "Actor"),
        [layer],
        search,
        rows,
        labels,
        chance,
        engine=plan.engine,
        objective=plan.objective,
        modularity=modularity_of_checked(ties, labels, search.resolution, directed=False),
        modularity_directed=modularity_of_checked(ties, labels, search.resolution, directed=True),
    )
    stability = member_stability(rows, labels)
    return CommunityResult(finding, layer.node_ids[nodes], labels, stability, rows)


def find_multiplex_communities(
    layers: Sequence[Layer],
    search: Search = ENSEMBLE,
    test: NullTest = USUAL_TEST,
    *,
    weights: Mapping[str, float] | None = None,
    balance: Balance = "ties",
    name: str = JOINT,
    kind: str = "Actor",
    progress: StepProgress | None = None,
) -> CommunityResult:
    """Find communities that hold in several layers together, each with its own expectation.

    As :func:`find_communities`, for the multiplex modularity: the mean of the modularities that
    one partition has in each layer, a tie counting the same in each, times the layer's weight.
    Adding the layers up first (the aggregated network) and taking the modularity of the sum expects
    a tie between any two actors that have many ties, whatever these are: where the hubs of one layer
    (a steelworks among suppliers) are not those of another (a university among research partners)
    that hides the groups. On planted groups the multiplex modularity finds them better there and as
    well elsewhere (``docs/benchmarks.md``), so it is what to use for all layers together.

    Parameters
    ----------
    layers
        Of the same nodes, names distinct. Nodes without a tie in any of them take no part, nor
        do layers of weight 0.
    search, test, progress
        As for :func:`find_communities`; the search is always by Leiden, and the null model drawn for
        each layer by itself, ``auto`` chosen by the layer's density.
    weights
        Weight of each layer by its name; by default 1.
    balance
        ``ties`` or ``layers``: what the weights are weights of, see
        :func:`~klaster.algorithms.community.multiplex.layer_shares`.
    name, kind
        For the finding.

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
    >>> found = find_multiplex_communities(layers, Search(runs=5), NullTest(draws=19))
    >>> found.labels.tolist(), found.finding.modularity
    ([0, 0, 0, 1, 1, 1], 0.5)
    """
    network = _MultiplexNetwork.of(layers, weights, balance, search, test.model)
    nodes, form = network.nodes, network.form()
    aggregated = checked(
        sum(network.ties.values(), start=sparse.csr_array((len(nodes), len(nodes)))),
        self_loops="drop",
    )
    stages = _Stages.of(search, test, dyad_count(aggregated), progress)
    runs = replace(search, seed=stages.run_seed, seconds=stages.seconds)
    rows = partitions_of_form(form, runs, progress=stages.runs_done)
    agreed = consensus(rows, stages.consensus_search("leiden"), matrix=aggregated)
    labels = _chosen(rows, form_qualities(form, rows), agreed, form.quality(agreed))
    reason = no_communities(len(nodes), len(np.unique(labels)))
    chance = not_tested(test.level, reason)
    if not reason:
        null = do_all(
            _multiplex_draw,
            (network, stages.null_seed),
            stages.draws,
            workers=search.workers,
            seconds=stages.seconds,
            least=FEWEST_DRAWS,
            progress=stages.draws_done,
        )
        # One run on the network as on each draw: equal effort keeps the p-value honest.
        observed = form.quality(best_labels(form, seed=stages.null_seed))
        chance = compared(observed, np.array(null), network.null_names(), 1, test.level)
    stages.all_done()
    finding = _finding(
        name,
        kind,
        network.layers,
        search,
        rows,
        labels,
        chance,
        engine="leiden-multiplex",
        objective=MULTIPLEX,
        modularity=form.quality(labels),
        modularity_directed=network.form(directed=True).quality(labels),
    )
    stability = member_stability(rows, labels)
    return CommunityResult(finding, network.layers[0].node_ids[nodes], labels, stability, rows)


def _chosen(
    rows: IntArray, qualities: FloatArray, agreed: IntArray, agreed_quality: float
) -> IntArray:
    """Return the consensus where it is as good as the best run, else the best run."""
    if agreed_quality >= qualities.max() - TIE_TOLERANCE:
        return agreed
    best: IntArray = rows[best_row(rows, qualities)].copy()
    return best


def _finding(
    name: str,
    kind: str,
    layers: Sequence[Layer],
    search: Search,
    rows: IntArray,
    labels: IntArray,
    chance: Significance,
    *,
    engine: str,
    objective: str,
    modularity: float,
    modularity_directed: float,
) -> LayerFinding:
    summary = ensemble_summary(rows)
    return LayerFinding(
        layer=name,
        kind=kind,
        engine=engine,
        seed=search.seed,
        resolution=search.resolution,
        node_count=len(labels),
        tie_count=sum(layer.tie_count for layer in layers),
        self_tie_count=sum(layer.self_ties for layer in layers),
        self_ties="dropped" if search.self_loops == "drop" else "kept",
        cluster_count=len(np.unique(labels)),
        modularity=modularity,
        modularity_directed=modularity_directed,
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
        objective=objective,
        observed=chance.observed,
    )


def _consensus_engine(engine: str) -> str:
    """Return the engine for the network of shares: it has no direction and no map of its own."""
    return "leiden" if objective_of(engine) != "undirected" else engine


@dataclass(frozen=True)
class _Stages:
    """Seeds, time and progress of the two stages, runs and draws.

    Attributes
    ----------
    search
        As asked for.
    run_seed, consensus_seed, null_seed
        Seeds of the parts.
    draws
        Networks to be drawn.
    seconds
        Time box of each stage.
    progress
        Called with steps done and steps in all.
    """

    search: Search
    run_seed: int
    consensus_seed: int
    null_seed: int
    draws: int
    seconds: float | None
    progress: StepProgress | None

    @classmethod
    def of(
        cls, search: Search, test: NullTest, dyads: int, progress: StepProgress | None
    ) -> _Stages:
        run_seed, consensus_seed, null_seed = seeds_from(search.seed, 3)
        return cls(
            search=search,
            run_seed=run_seed,
            consensus_seed=consensus_seed,
            null_seed=null_seed,
            draws=null_effort(dyads, test.draws)[0],
            seconds=None if search.seconds is None else search.seconds / 2,
            progress=progress,
        )

    def consensus_search(self, engine: str) -> Search:
        """Return how the consensus is searched for."""
        return Search(engine=engine, seed=self.consensus_seed, workers=self.search.workers)

    def _told(self, done: int) -> None:
        if self.progress:
            self.progress(done, self.search.runs + self.draws)

    def runs_done(self, done: int, _: int) -> None:
        self._told(done)

    def draws_done(self, done: int, _: int) -> None:
        self._told(self.search.runs + done)

    def all_done(self) -> None:
        self._told(self.search.runs + self.draws)


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
        search: Search,
        null_model: NullModel,
    ) -> _MultiplexNetwork:
        names = [layer.name for layer in layers]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"give one layer or more, each with its own name, not {names}")
        _check_same_nodes(layers)
        given = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
        ties = {layer.name: checked(layer.matrix, self_loops=search.self_loops) for layer in layers}
        layer_shares(ties, given, balance)  # says what is wrong with the weights
        used = tuple(layer for layer in layers if given[layer.name] > 0) or tuple(layers)
        tied = [tied_nodes(ties[layer.name]) for layer in used]
        nodes = np.unique(np.concatenate(tied)).astype(np.int64)
        part = {layer.name: part_of(ties[layer.name], nodes) for layer in used}
        return cls(
            layers=used,
            ties=part,
            weights={name: given[name] for name in part},
            balance=balance,
            resolution=search.resolution,
            nulls={name: chosen_null_model(matrix, null_model) for name, matrix in part.items()},
            nodes=nodes,
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
            file="layers",
            column=layer.name,
            code="other-nodes",
            value=f"{len(layer.node_ids)} nodes",
            problem=f"the nodes are not those of layer {layers[0].name}",
            remedy="Give layers of one graph and one kind of node.",
        )
        for layer in layers
        if not np.array_equal(layer.node_ids, layers[0].node_ids)
    ]
    if faults:
        raise InputError(faults, "the layers")


def _multiplex_draw(shared: tuple[_MultiplexNetwork, int], number: int) -> float:
    network, seed = shared
    rng = stream(seed, number)
    drawn = {
        name: draw_named(network.nulls[name])(ties, rng)
        for name, ties in sorted(network.ties.items())
    }
    form = network.form(drawn)
    return form.quality(best_labels(form, seed=int(rng.integers(0, 2**32))))
