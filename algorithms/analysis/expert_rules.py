"""The rules of experts applied to the clusters of all layers together, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import nan

import numpy as np
from scipy import sparse

from klaster.algorithms.analysis.communities import CommunityResult
from klaster.algorithms.community.constraints import (
    RULED,
    Rule,
    broken_rules,
    constrained_partition,
    joined_by_rules,
)
from klaster.algorithms.community.search import Search
from klaster.algorithms.partitions.labels import canonical_labels
from klaster.algorithms.trust.ensembles import member_stability
from klaster.graph.findings import ExpertFinding, ExpertRule
from klaster.graph.model import FloatArray, IntArray, Layer, StrArray
from klaster.graph.settings import Statement

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
    search: Search,
) -> tuple[CommunityResult, ExpertFinding]:
    """Return the communities that keep to the rules, and what that cost.

    Where the communities found keep to every rule already, they stay as they are. Actors without a
    tie that a rule names join in, alone or with whom a rule puts them together, with a stability
    of 0. Where a rule is broken, the search begins with the communities found. Stability stays
    measured against the runs without rules: it shows what the ties say of a member that was put
    somewhere. The finding stays that of the communities found without rules: only they are tested.
    """
    found = joined_by_rules(result.label_of, rules)
    broken = {rule.said for rule in broken_rules(found, rules)}
    free = result.finding.modularity
    ids = np.array(sorted(found), dtype=np.str_)
    labels = canonical_labels([found[node] for node in ids.tolist()])
    if not broken:
        kept = tuple(_shown(rule, was_broken=False, price=0.0) for rule in rules)
        expert = ExpertFinding(free, free, kept, result.finding.cluster_count)
        if len(ids) == len(result.node_ids):
            return result, expert
        return _placed(result, ids, labels), expert
    nodes = np.searchsorted(layer.node_ids, ids)
    held = constrained_partition(
        sparse.csr_array(layer.matrix[nodes][:, nodes]),
        ids,
        rules,
        replace(search, runs=RULED.runs),
        price_of_each=len(rules) <= PRICED_UP_TO,
        start=labels,
    )
    prices = {price.rule: price.price for price in held.rule_prices}
    expert = ExpertFinding(
        held.modularity,
        max(free, held.free_modularity),
        tuple(
            _shown(rule, was_broken=rule.said in broken, price=prices.get(rule, nan))
            for rule in rules
        ),
        len(np.unique(held.labels[np.isin(ids, result.node_ids)])),
        changed=True,
    )
    return _placed(result, ids, held.labels), expert


def idle_rules(rules: Sequence[Rule]) -> ExpertFinding:
    """Return what is to be said of rules where there are no ties, so that they hold nothing."""
    return ExpertFinding(
        nan, nan, tuple(_shown(rule, was_broken=False, price=nan) for rule in rules)
    )


def _placed(result: CommunityResult, ids: StrArray, labels: IntArray) -> CommunityResult:
    """Return the communities with other labels, and the finding and runs there were."""
    stability = _stability(result, ids.tolist(), labels)
    return CommunityResult(result.finding, ids, labels, stability, result.ensemble)


def _shown(rule: Rule, *, was_broken: bool, price: float) -> ExpertRule:
    return ExpertRule(rule.kind, rule.first, rule.second, rule.why, was_broken, price)


def _stability(result: CommunityResult, ids: Sequence[str], labels: IntArray) -> FloatArray:
    """Return the share of the runs without rules that puts each member with the others."""
    place = {node: k for k, node in enumerate(result.node_ids.tolist())}
    tied = [k for k, node in enumerate(ids) if node in place]
    stability = np.zeros(len(ids))
    stability[tied] = member_stability(result.ensemble, labels[tied])
    return stability
