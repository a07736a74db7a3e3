"""What a run found: plain types that algorithms fill and pages show."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import isnan, nan

from klaster.graph.agreement_findings import AgreementFinding
from klaster.graph.content import ByContent, counted, short_repr
from klaster.graph.core_cards import LensReading, Reason, WhyCard
from klaster.graph.layers import JOINT


@dataclass(frozen=True, eq=False)
class LayerFinding(ByContent):
    """Communities of one layer as a whole: how good, how stable, how far from chance.

    Attributes
    ----------
    layer
        Layer of the dictionary; ``joint`` for all actor layers together.
    kind
        Kind of node partitioned: ``Actor`` or ``Industry``.
    engine, seed, resolution
        How the partition was found.
    node_count, tie_count, self_tie_count
        Size of the network: nodes with a tie to another node, ties, ties to oneself.
    self_ties
        ``dropped`` or ``kept``: what was done with ties to oneself.
    cluster_count
        Number of communities.
    modularity, modularity_directed
        Of the partition, on W + Wᵀ and on W.
    null_model, null_draws, null_mean, null_sd
        The null model and the best quality found on its draws, of the kind ``objective`` says.
    p_value
        (1 + number of draws as good or better) / (1 + draws); 1 where there is one community.
    significant
        Whether the p-value is at most the level of the run.
    reason
        Why there is no significant community, in a code the pages put in words; else empty.
    ensemble_size, distinct_partitions, mean_ari
        Runs over seeds, how many different partitions they gave, mean adjusted Rand index.
    objective
        The quality that was sought and tested: the modularity ``undirected`` (of W + Wᵀ),
        ``directed`` (of W) or ``multiplex`` (over several layers), ``potts`` for the constant Potts
        model, or ``map-equation`` for its code length with a minus sign.
    observed
        The best of that quality in as few runs as were made on each draw: what ``null_mean`` is
        held against. NaN where nothing was drawn.
    """

    layer: str
    kind: str
    engine: str
    seed: int
    resolution: float
    node_count: int
    tie_count: int
    self_tie_count: int
    self_ties: str
    cluster_count: int
    modularity: float
    modularity_directed: float
    null_model: str
    null_draws: int
    null_mean: float
    null_sd: float
    p_value: float
    significant: bool
    reason: str
    ensemble_size: int
    distinct_partitions: int
    mean_ari: float
    objective: str = "undirected"
    observed: float = nan


@dataclass(frozen=True)
class ChainPlace:
    """Where a member stands to the core of its cluster.

    Attributes
    ----------
    role
        ``core``, ``upstream``, ``downstream``, ``same-level``, ``knowledge``, ``authority``,
        ``finance`` or ``intermediary``; empty where no tie says it.
    steps
        Number of ties on the shortest chain to or from the core, for ``upstream`` and
        ``downstream``; else 0.
    tie_ids
        The member's ties that say so.
    """

    role: str = ""
    steps: int = 0
    tie_ids: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Member(ByContent):
    """A member of a cluster: how surely, in what rank, why.

    Attributes
    ----------
    node_id
        Key of the actor or industry.
    stability
        Share of the ensemble that puts it with the rest of the cluster, 0–1; NaN in a cluster
        that was declared, not found.
    core_rank, core_rank_low, core_rank_high
        Borda rank over the lenses (1 is the core; ties share the mean) and its interval over
        draws of the evidence, the rank itself included; NaN where cores were not computed.
    is_core
        The whole interval lies within the first ⌈√n⌉ ranks of n members; members that share a
        rank are core together or not at all.
    is_candidate
        The interval reaches into the first ⌈√n⌉ ranks but not the whole of it.
    role
        Guimerà–Amaral role by strength, as ``R6 connector hub``; empty where not computed.
    lenses
        Reading of each lens by its name; a lens that is not defined for the member is left out.
    reasons
        Why, most telling first.
    core_share
        Share of the draws of the evidence in which it is within the first ⌈√n⌉ ranks; NaN where
        cores were not computed.
    chain
        Where it stands to the core: upstream, downstream, knowledge, authority, ...
    kept_share
        Share of the draws of the evidence in which the communities, found anew, still put it
        into this cluster, 0–1; NaN where that was not drawn.

    Examples
    --------
    >>> Member("mill", 1.0, 1.0, 1.0, 2.0, is_core=True, is_candidate=False, role="")
    Member('mill', rank 1 [1–2], core)
    """

    node_id: str
    stability: float
    core_rank: float
    core_rank_low: float
    core_rank_high: float
    is_core: bool
    is_candidate: bool
    role: str
    lenses: Mapping[str, LensReading] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    core_share: float = nan
    chain: ChainPlace = ChainPlace()
    kept_share: float = nan

    def __repr__(self) -> str:
        rank = f"rank {self.core_rank:g} [{self.core_rank_low:g}–{self.core_rank_high:g}]"
        core = ["core"] if self.is_core else ["perhaps core"] if self.is_candidate else []
        return short_repr(self, repr(self.node_id), rank, *core)


@dataclass(frozen=True, eq=False)
class BlockFinding(ByContent):
    """How well a cluster divides into a core and a periphery (Borgatti and Everett 1999).

    Attributes
    ----------
    variant
        ``A``: in the ideal pattern all pairs with one end in the core are tied, others are not.
    correlation
        Of the ties (tied or not, direction left out) with the ideal pattern; NaN where all
        pairs are alike.
    core_ids
        The core of the best pattern found, sorted.
    null_draws, null_mean, null_sd
        Best correlations on networks in which every member keeps its numbers of ties.
    p_value
        (1 + number of draws as good or better) / (1 + draws); NaN where nothing was drawn.
    """

    variant: str
    correlation: float
    core_ids: tuple[str, ...]
    null_draws: int
    null_mean: float
    null_sd: float
    p_value: float


LIKENESS = 0.8
"""Overlap (members in both / members in either) from which a cluster counts as found again."""


@dataclass(frozen=True, eq=False)
class ScaleRange(ByContent):
    """The resolutions over which a cluster is found again, nearly unchanged.

    Attributes
    ----------
    low, high
        Lowest and highest resolution of the unbroken range; NaN where the cluster is not found
        again even at the resolution of the run (experts' rules may have made it).
    open_low, open_high
        Whether the range reaches the end of the scan: it may go on beyond.
    """

    low: float
    high: float
    open_low: bool
    open_high: bool


@dataclass(frozen=True, eq=False)
class ScaleFinding(ByContent):
    """How the clusters of a layer depend on the resolution.

    Attributes
    ----------
    layer
        The layer.
    resolution
        The resolution of the run.
    resolutions
        Those tried, rising.
    community_counts
        Communities found at each.
    plateaus
        Lowest and highest resolution, and number of communities, of each range over which the
        partition as a whole hardly changes; the widest first.
    """

    layer: str
    resolution: float
    resolutions: tuple[float, ...]
    community_counts: tuple[int, ...]
    plateaus: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, eq=False)
class Cluster(ByContent):
    """A cluster found in a layer, or declared by the case.

    Attributes
    ----------
    id
        ``joint-1``, ``supply-2``, ``declared-karaganda``: unique in the run.
    layer
        Layer it was found in, or ``declared``.
    number
        1 is the largest of its layer, unless the run continues the numbers of an earlier one.
    members
        Sorted by rank, then key.
    stability
        Mean stability of the members; NaN where declared.
    network
        Declared network that most members were filed under, or empty.
    network_share
        Share of the members filed under it.
    density
        Ties among the members / (n (n − 1)), parallel ties counted once.
    significant
        Whether the communities found in its layer are, where experts set rules those without
        them; False where declared: nothing was tested.
    cards
        For each core and candidate, in large clusters for the first, all that is known about its
        place.
    blocks
        How well it divides into core and periphery; None where not computed.
    titles
        The name experts gave it, by language; empty where they gave none.
    scale
        The resolutions over which it is found again; None where that was not asked.
    parts
        Keys of the members of each part it divides into beyond chance; empty where it has none,
        or that was not asked (``scale`` is then None).

    Examples
    --------
    >>> Cluster("joint-1", "joint", 1, (), 1.0, "", 0.0, 0.5, significant=True)
    Cluster('joint-1', 0 members, 0 cores)
    """

    id: str
    layer: str
    number: int
    members: tuple[Member, ...]
    stability: float
    network: str
    network_share: float
    density: float
    significant: bool
    cards: tuple[WhyCard, ...] = ()
    blocks: BlockFinding | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    scale: ScaleRange | None = None
    parts: tuple[tuple[str, ...], ...] = ()

    def __repr__(self) -> str:
        counts = counted(len(self.members), "member"), counted(len(self.cores), "core")
        return short_repr(self, repr(self.id), *counts)

    @property
    def member_ids(self) -> tuple[str, ...]:
        """Keys of the members, in rank order."""
        return tuple(member.node_id for member in self.members)

    @property
    def cores(self) -> tuple[Member, ...]:
        """The members that are core, in rank order."""
        return tuple(member for member in self.members if member.is_core)

    @property
    def cores_without_card(self) -> tuple[Member, ...]:
        """Cores beyond those that have a card in a large cluster; none where none were made."""
        explained = {card.node_id for card in self.cards}
        return tuple(m for m in self.cores if explained and m.node_id not in explained)


@dataclass(frozen=True, eq=False)
class ExpertRule(ByContent):
    """A condition that experts set on two actors, and what it cost.

    Attributes
    ----------
    kind
        ``together`` or ``apart``.
    first, second
        Keys of the actors.
    by
        Who said so.
    was_broken
        Whether the communities found without rules break it.
    price
        Modularity gained where this rule alone is lifted; NaN where it was not computed.
    """

    kind: str
    first: str
    second: str
    by: str
    was_broken: bool
    price: float = nan


@dataclass(frozen=True, eq=False)
class ExpertFinding(ByContent):
    """What the rules of experts did to the clusters of all layers together.

    Attributes
    ----------
    modularity, free_modularity
        Of the partition that keeps to the rules, and of the best one found without them; NaN
        where there are no ties to find communities in, so that the rules hold nothing.
    rules
        Every rule, with its price.
    cluster_count
        Number of communities of the partition that keeps to the rules, those of actors without
        a tie not counted.
    changed
        Whether it is another partition than the one found without rules, which alone was tested
        against chance. Actors without a tie that join in change nothing.
    """

    modularity: float
    free_modularity: float
    rules: tuple[ExpertRule, ...]
    cluster_count: int = 0
    changed: bool = False

    @property
    def applied(self) -> bool:
        """Whether there were communities for the rules to hold."""
        return not isnan(self.modularity)

    @property
    def price(self) -> float:
        """The modularity that the rules cost, 0 or more; NaN where they were not applied."""
        if not self.applied:
            return nan
        return max(self.free_modularity - self.modularity, 0.0)


@dataclass(frozen=True, eq=False)
class LayerContinuity(ByContent):
    """How the clusters of one layer continue those of an earlier run.

    Attributes
    ----------
    layer
        The layer.
    continued
        Jaccard overlap with the earlier cluster, by number, of each cluster that continues one.
    born, ended
        Numbers of new clusters, and of earlier ones that none continues.
    used
        Every number given so far, in this run or before; none is given twice.
    """

    layer: str
    continued: Mapping[int, float]
    born: tuple[int, ...]
    ended: tuple[int, ...]
    used: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Findings(ByContent):
    """Everything a run found.

    Attributes
    ----------
    layers
        The communities of each layer as a whole.
    clusters
        Clusters with their members and cores.
    agreement
        What clusters found in different ways have in common; None where they were not compared.
    experts
        What the rules of experts cost; None without rules.
    continuity
        How the clusters continue an earlier run's; empty where none was named.
    scales
        How the clusters of each layer depend on the resolution; empty where not computed.

    Examples
    --------
    >>> Findings(layers=(), clusters=())
    Findings(0 clusters, 0 layers)
    >>> Findings((), ()).clusters_of("joint")
    ()
    """

    layers: tuple[LayerFinding, ...]
    clusters: tuple[Cluster, ...]
    agreement: AgreementFinding | None = None
    experts: ExpertFinding | None = None
    continuity: tuple[LayerContinuity, ...] = ()
    scales: tuple[ScaleFinding, ...] = ()

    def __repr__(self) -> str:
        counts = counted(len(self.clusters), "cluster"), counted(len(self.layers), "layer")
        return short_repr(self, *counts)

    def layer(self, name: str) -> LayerFinding:
        """Return the finding of one layer."""
        for finding in self.layers:
            if finding.layer == name:
                return finding
        raise KeyError(name)

    def only_layer(self, layers: Collection[str]) -> str:
        """Return the layer that was looked at as ``joint``, for no other of these has ties; or ''.

        ``layers`` are the layers of actors that have ties.
        """
        told = {finding.layer for finding in self.layers}
        alone = len(layers) == 1 and JOINT in told and told.isdisjoint(layers)
        return next(iter(layers)) if alone else ""

    def is_held(self, layer: str) -> bool:
        """Whether rules of experts made the clusters of a layer: these were not tested."""
        return layer == JOINT and self.experts is not None and self.experts.changed

    def clusters_of(self, layer: str) -> tuple[Cluster, ...]:
        """Return the clusters of one layer (or ``declared``), largest first."""
        return tuple(c for c in self.clusters if c.layer == layer)
