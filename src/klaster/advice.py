"""The rules of experts applied to the clusters of all layers together, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import nan

import numpy as np
from scipy import sparse

from klaster.algorithms.clusters import CommunityResult
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.experts import Rule, broken_rules, constrained_partition
from klaster.algorithms.trust import member_stability
from klaster.graph.findings import ExpertFinding, ExpertRule
from klaster.graph.model import FloatArray, Layer
from klaster.loaders.case import AnalysisSettings, Statement

PRICED_UP_TO = 50
"""Rules up to which each is lifted by itself to see what it costs: one more search a rule."""


def rules_of(statements: Sequence[Statement]) -> tuple[Rule, ...]:
    """Return what experts say as rules on pairs of actors, each with who said so.

    Actors that belong together are chained to the first of them; of those to be kept apart, every
    pair is. Members of a cluster the experts name are chained to its first member by key, and the
    first members of different clusters kept apart.

    Examples
    --------
    >>> [(r.kind, r.first, r.second) for r in rules_of([
    ...     Statement("x", cluster="metals", members=("mine", "mill")),
    ...     Statement("y", cluster="food", members=("farm",)),
    ...     Statement("y", cluster="food", not_members=("bank",)),
    ... ])]
    [('together', 'mill', 'mine'), ('apart', 'farm', 'mill'), ('apart', 'bank', 'farm')]
    """
    rules: list[Rule] = []
    members: dict[str, dict[str, str]] = {}
    for said in statements:
        rules += [Rule("together", said.together[0], other, said.by) for other in said.together[1:]]
        rules += [Rule("apart", one, other, said.by) for one, other in combinations(said.apart, 2)]
        for actor in said.members:
            members.setdefault(said.cluster, {}).setdefault(actor, said.by)
    first = {name: min(members[name]) for name in sorted(members)}
    for name, anchor in first.items():
        rules += [
            Rule("together", anchor, other, members[name][other])
            for other in sorted(members[name])
            if other != anchor
        ]
    rules += [
        Rule("apart", first[one], first[other], members[other][first[other]])
        for one, other in combinations(first, 2)
    ]
    rules += [
        Rule("apart", actor, first[said.cluster], said.by)
        for said in statements
        for actor in said.not_members
    ]
    # What two experts say in the same words is one rule.
    return tuple(dict.fromkeys(rules))


def named_clusters(statements: Sequence[Statement]) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Return a member and the titles of each cluster that experts name, by its name."""
    titles: dict[str, Mapping[str, str]] = {}
    members: dict[str, set[str]] = {}
    for said in statements:
        if said.titles:
            titles.setdefault(said.cluster, said.titles)
        members.setdefault(said.cluster, set()).update(said.members)
    return {
        name: (min(members[name]), titles.get(name, dict.fromkeys(("en", "ru", "kk"), name)))
        for name in sorted(members)
        if members[name]
    }


def with_rules(
    result: CommunityResult,
    layer: Layer,
    rules: Sequence[Rule],
    settings: AnalysisSettings,
) -> tuple[CommunityResult, ExpertFinding]:
    """Return the communities that keep to the rules, and what that cost.

    Where the communities found keep to every rule already, they stay as they are. Stability stays
    measured against the runs without rules: it shows what the ties say of a member that was put
    somewhere. Actors without a tie that a rule names join in, with a stability of 0. Significance
    is that of the communities found without rules.
    """
    found = result.label_of
    named = {node for rule in rules for node in (rule.first, rule.second)}
    broken = set(broken_rules(found, rules))
    free = result.finding.modularity
    if not broken and named <= set(found):
        kept = tuple(_shown(rule, was_broken=False, price=0.0) for rule in rules)
        return result, ExpertFinding(free, free, kept)
    place = {node: k for k, node in enumerate(layer.node_ids.tolist())}
    nodes = np.array(sorted(place[node] for node in {*found, *named}), dtype=np.int64)
    ids = layer.node_ids[nodes]
    ties = sparse.csr_array(layer.matrix[nodes][:, nodes])
    held = constrained_partition(
        ties,
        ids,
        rules,
        resolution=settings.resolution,
        seed=settings.seed,
        self_ties=settings.self_ties,
        price_of_each=len(rules) <= PRICED_UP_TO,
    )
    best = max(free, held.free_modularity)
    prices = {price.rule: price.price for price in held.rule_prices}
    expert = ExpertFinding(
        held.modularity,
        best,
        tuple(
            _shown(rule, was_broken=rule in broken, price=prices.get(rule, nan)) for rule in rules
        ),
    )
    finding = replace(
        result.finding,
        node_count=len(nodes),
        cluster_count=len(np.unique(held.labels)),
        modularity=held.modularity,
        modularity_directed=modularity(
            ties,
            held.labels,
            resolution=settings.resolution,
            directed=True,
            self_ties=settings.self_ties,
        ),
    )
    constrained = CommunityResult(
        finding, ids, held.labels, _stability(result, ids.tolist(), held.labels), result.ensemble
    )
    return constrained, expert


def _shown(rule: Rule, *, was_broken: bool, price: float) -> ExpertRule:
    return ExpertRule(rule.kind, rule.first, rule.second, rule.why, was_broken, price)


def _stability(
    result: CommunityResult, ids: Sequence[str], labels: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> FloatArray:
    """Return the share of the runs without rules that puts each member with the others."""
    place = {node: k for k, node in enumerate(result.node_ids.tolist())}
    tied = [k for k, node in enumerate(ids) if node in place]
    stability = np.zeros(len(ids))
    stability[tied] = member_stability(result.ensemble, labels[tied])
    return stability
