"""Which clusters there are to judge, and the judgement of their members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import nan

import numpy as np
import pandas as pd

from klaster.algorithms.analysis.communities import MULTIPLEX, CommunityResult
from klaster.algorithms.analysis.expert_rules import named_clusters
from klaster.algorithms.cores.assess import Assessment, Scrutiny, assess_clusters
from klaster.algorithms.cores.tie_table import TieTable
from klaster.graph.dictionary import load_dictionary
from klaster.graph.findings import Cluster, Member
from klaster.graph.layers import DECLARED, FLOWS, JOINT
from klaster.graph.model import ClusterGraph, FloatArray, StrArray
from klaster.graph.settings import AnalysisSettings, Network, Progress, Statement

SMALLEST_CLUSTER = 3
"""Pairs and lone actors are listed in no report: two actors are a tie, not a cluster."""
CARDS_FOR = (DECLARED, JOINT)
"""Layers whose clusters get why cards: those the report tells of one by one."""
BLOCK_DRAWS = 49
"""Random networks that the division into core and periphery is compared with."""


@dataclass(frozen=True)
class Candidate:
    """Members that are to be judged as one cluster.

    Attributes
    ----------
    layer, name, number
        Where it comes from: its id is ``layer-name``.
    members
        Keys of the members, sorted.
    stability
        Of each member, in that order; NaN where the cluster is declared.
    labels
        Community of other nodes: whom a member's ties out of the cluster lead to.
    titles
        The name experts gave it, by language.
    """

    layer: str
    name: str
    number: int
    members: tuple[str, ...]
    stability: FloatArray
    labels: Mapping[str, int]
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Key of the cluster in the run."""
        return f"{self.layer}-{self.name}"


@dataclass(frozen=True, eq=False)
class ActorTies:
    """Active ties among actors: what the lenses look at."""

    node_ids: StrArray
    table: TieTable
    spheres: StrArray


def judge_clusters(
    graph: ClusterGraph,
    active: ClusterGraph,
    results: Sequence[CommunityResult],
    settings: AnalysisSettings,
    numbers: Mapping[str, Mapping[int, int]],
    *,
    networks: Sequence[Network] = (),
    statements: Sequence[Statement] = (),
    workers: int,
    progress: Progress,
) -> tuple[Cluster, ...]:
    """Judge the declared clusters, then those found in each layer that has significant ones.

    ``numbers`` has, by layer, the number of each community that is a cluster. Declared clusters
    and those of all layers together get why cards and the test of their division into core and
    periphery. Members of industry clusters are listed without a rank: what makes an industry
    core is read from the table's algebra, not from the lenses for organisations. So are those of
    declared networks of which fewer than three have ties: a pair has no core. ``workers`` is the
    number of processes; any number gives the same result.
    """
    filed = networks_of(graph)
    named = named_clusters(statements)
    candidates = [*_declared(networks, filed, results), *_found(results, numbers, named)]
    found = [Assessment(_unranked(candidate)) for candidate in candidates]
    ties: dict[str, ActorTies] = {}
    done = 0
    for layer, own in _to_rank(candidates).items():
        key = JOINT if layer == DECLARED else layer
        if key not in ties:
            ties[key] = actor_ties(active, key, settings)
        told = partial(_told, progress, done, len(candidates))
        ranked = _judged([candidates[k] for k in own], ties[key], settings, workers, told)
        for k, assessment in zip(own, ranked, strict=True):
            found[k] = assessment
        done += len(own)
    progress("cores", len(candidates), len(candidates))
    return tuple(
        _cluster(candidate, assessment, active, filed)
        for candidate, assessment in zip(candidates, found, strict=True)
    )


def _told(progress: Progress, before: int, steps: int, done: int, _: int) -> None:
    progress("cores", before + done, steps)


def _to_rank(candidates: Sequence[Candidate]) -> dict[str, list[int]]:
    """Return by layer which candidates have members that can be ranked."""
    by_layer: dict[str, list[int]] = {}
    for k, candidate in enumerate(candidates):
        if candidate.layer != FLOWS and len(candidate.members) >= SMALLEST_CLUSTER:
            by_layer.setdefault(candidate.layer, []).append(k)
    return by_layer


def one_network(result: CommunityResult) -> bool:
    """Whether the communities are of one network, not of several layers with each its own.

    The joint communities of a multiplex run cannot be asked what is asked of a single network.
    """
    return result.finding.objective != MULTIPLEX


def networks_of(graph: ClusterGraph) -> dict[str, str]:
    """Return the network each node was filed under by the compiler of the case."""
    nodes = graph.nodes
    if "network" not in nodes.columns:
        return {}
    pairs = zip(nodes["id"].tolist(), nodes["network"].tolist(), strict=True)
    return {node: str(network) for node, network in pairs if network is not pd.NA}


def _declared(
    networks: Sequence[Network], filed: Mapping[str, str], results: Sequence[CommunityResult]
) -> Iterator[Candidate]:
    """Yield the declared networks: their members that have an active tie to another actor."""
    joint = next((r for r in results if r.finding.layer == JOINT), None)
    labels = joint.label_of if joint else {}
    for number, network in enumerate(networks, start=1):
        members = tuple(sorted(n for n in labels if filed.get(n) == network.id))
        stability = np.full(len(members), nan)
        yield Candidate(DECLARED, network.id, number, members, stability, labels)


def _found(
    results: Sequence[CommunityResult],
    numbers: Mapping[str, Mapping[int, int]],
    named: Mapping[str, tuple[str, Mapping[str, str]]],
) -> Iterator[Candidate]:
    for result in results:
        if not result.finding.significant:
            continue
        layer = result.finding.layer
        labels = result.label_of
        titles = {labels[node]: said for node, said in named.values() if node in labels}
        own = numbers[layer]
        for label in sorted(own, key=lambda label: own[label]):
            at = np.flatnonzero(result.labels == label)
            yield Candidate(
                layer=layer,
                name=str(own[label]),
                number=own[label],
                members=tuple(result.node_ids[at].tolist()),
                stability=result.stability[at],
                labels=labels,
                titles=titles.get(label, {}) if layer == JOINT else {},
            )


def actor_ties(active: ClusterGraph, layer: str, settings: AnalysisSettings) -> ActorTies:
    """Return the ties of one layer, or of all together for ``joint``."""
    dictionary = load_dictionary()
    layers = dictionary.actor_layers() if layer == JOINT else (layer,)
    part = active.select(kinds=["Actor"], layers=layers)
    nodes, ties = part.to_pandas()
    position = {node: k for k, node in enumerate(part.node_ids.tolist())}
    # A tie that says nothing of its confidence is taken for one of medium confidence.
    unsaid = settings.keep["medium"]
    confidence = _texts(ties, "confidence")
    table = TieTable.build(
        ties["tie_id"].tolist(),
        [position[n] for n in ties["source_id"].tolist()],
        [position[n] for n in ties["target_id"].tolist()],
        part.tie_layers,
        weight=[settings.layers[name] for name in part.tie_layers.tolist()],
        keep=[settings.keep.get(c, unsaid) for c in confidence],
        both_ways=np.isin(ties["tie_type"].tolist(), sorted(dictionary.symmetric_types())),
        evidence=_texts(ties, "evidence"),
        origin=_texts(ties, "source"),
        confidence_stated=[c != "" for c in confidence],
    )
    return ActorTies(part.node_ids, table, np.array(_texts(nodes, "sphere"), dtype=np.str_))


def _texts(table: pd.DataFrame, column: str) -> list[str]:
    if column not in table.columns:
        return [""] * len(table)
    return [str(v) for v in table[column].fillna("").tolist()]


def _judged(
    candidates: Sequence[Candidate],
    ties: ActorTies,
    settings: AnalysisSettings,
    workers: int,
    told: Callable[[int, int], None],
) -> tuple[Assessment, ...]:
    """Judge the candidates of one layer: all have the labels of its communities."""
    position = {node: k for k, node in enumerate(ties.node_ids.tolist())}
    labels = np.full(len(ties.node_ids), -1, dtype=np.int64)
    for node, label in candidates[0].labels.items():
        labels[position[node]] = label
    in_full = candidates[0].layer in CARDS_FOR
    return assess_clusters(
        ties.node_ids,
        [np.array([position[n] for n in c.members], dtype=np.int64) for c in candidates],
        ties.table,
        spheres=ties.spheres,
        labels=labels,
        stabilities=[candidate.stability for candidate in candidates],
        scrutiny=Scrutiny(
            settings.evidence_draws,
            settings.seed,
            cards=in_full,
            null_draws=BLOCK_DRAWS if in_full else 0,
        ),
        workers=workers,
        progress=told,
    )


def _unranked(candidate: Candidate) -> tuple[Member, ...]:
    return tuple(
        Member(node, stability, nan, nan, nan, is_core=False, is_candidate=False, role="")
        for node, stability in zip(candidate.members, candidate.stability.tolist(), strict=True)
    )


def _cluster(
    candidate: Candidate,
    judged: Assessment,
    active: ClusterGraph,
    filed: Mapping[str, str],
) -> Cluster:
    n = len(judged.members)
    counts = Counter(filed[node] for node in candidate.members if node in filed)
    network, count = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    declared = candidate.layer == DECLARED
    stability = float(candidate.stability.mean()) if n and not declared else nan
    return Cluster(
        id=candidate.id,
        layer=candidate.layer,
        number=candidate.number,
        members=judged.members,
        stability=stability,
        network=network,
        network_share=count / n if n else 0.0,
        density=_density(candidate, active),
        significant=not declared,
        cards=judged.cards,
        blocks=judged.blocks,
        titles=candidate.titles,
    )


def _density(candidate: Candidate, active: ClusterGraph) -> float:
    """Return the share of ordered pairs of members with a tie of the cluster's layer."""
    dictionary = load_dictionary()
    one = candidate.layer not in (JOINT, DECLARED)
    layers = [candidate.layer] if one else list(dictionary.actor_layers())
    ties = active.select(node_ids=candidate.members, layers=layers).ties
    ends = zip(ties["source_id"].tolist(), ties["target_id"].tolist(), strict=True)
    pairs = {(a, b) for a, b in ends if a != b}
    n = len(candidate.members)
    return len(pairs) / (n * (n - 1)) if n > 1 else 0.0
