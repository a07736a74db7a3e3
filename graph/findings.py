"""What a run found: plain types that algorithms fill and pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LayerFinding:
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
        The null model and the best modularity found on its draws.
    p_value
        (1 + number of draws as good or better) / (1 + draws); 1 where there is one community.
    significant
        Whether the p-value is at most the level of the run.
    reason
        Why there is no significant community, in a code the pages put in words; else empty.
    ensemble_size, distinct_partitions, mean_ari
        Runs over seeds, how many different partitions they gave, mean adjusted Rand index.
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


@dataclass(frozen=True)
class Reason:
    """One statement why an actor is or is not core; pages put it in words per language.

    Attributes
    ----------
    code
        Which sentence: a key of the message tables.
    values
        What the sentence says: numbers, names.
    tie_ids
        The ties the statement rests on.
    """

    code: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    tie_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class LensReading:
    """What one lens shows of one member.

    Attributes
    ----------
    value
        The measure itself.
    percentile
        Share of the cluster's members whose value is at most this one, ties counted half; 0–1.
    """

    value: float
    percentile: float


@dataclass(frozen=True)
class Member:
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
        Reading of each lens by its name.
    reasons
        Why, most telling first.
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


@dataclass(frozen=True)
class Cluster:
    """A cluster found in a layer, or declared by the case.

    Attributes
    ----------
    id
        ``joint-1``, ``supply-2``, ``declared-karaganda``: unique in the run.
    layer
        Layer it was found in, or ``declared``.
    number
        1 is the largest of its layer.
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
        Whether the partition it belongs to is; False where declared: nothing was tested.
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

    @property
    def member_ids(self) -> tuple[str, ...]:
        """Keys of the members, in rank order."""
        return tuple(member.node_id for member in self.members)

    @property
    def cores(self) -> tuple[Member, ...]:
        """The members that are core, in rank order."""
        return tuple(member for member in self.members if member.is_core)


@dataclass(frozen=True)
class Findings:
    """Everything a run found."""

    layers: tuple[LayerFinding, ...]
    clusters: tuple[Cluster, ...]

    def layer(self, name: str) -> LayerFinding:
        """Return the finding of one layer."""
        for finding in self.layers:
            if finding.layer == name:
                return finding
        raise KeyError(name)

    def clusters_of(self, layer: str) -> tuple[Cluster, ...]:
        """Return the clusters of one layer (or ``declared``), largest first."""
        return tuple(c for c in self.clusters if c.layer == layer)
