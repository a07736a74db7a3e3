"""Experts in the loop: memberships that are locked or forbidden, and what that costs.

An expert may know that two firms belong together, that two do not, that a firm belongs to a
certain cluster, or does not. Rules are conditions on the partition, not evidence: they are kept
whatever the ties say, and the modularity they cost is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.community.detect import best_partition
from klaster.algorithms.community.objective import modularity_of_checked
from klaster.algorithms.community.search import Search
from klaster.algorithms.partitions.labels import canonical_labels, checked_labels
from klaster.algorithms.square_matrix import checked, undirected
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import CSR, IntArray, StrArray

RuleKind = Literal["together", "apart"]

RULED = Search(runs=10)
_GAIN = 1e-12


@dataclass(frozen=True, order=True)
class Rule:
    """Two nodes that must be in one cluster (``together``) or must not be (``apart``).

    Attributes
    ----------
    kind
        ``together`` or ``apart``.
    first, second
        Keys of the nodes.
    why
        What the expert said; for the report.
    """

    kind: RuleKind
    first: str
    second: str
    why: str = ""

    @property
    def said(self) -> tuple[str, str, str]:
        """What it says, whoever says it: the kind, and the two nodes in order."""
        first, second = sorted((self.first, self.second))
        return self.kind, first, second


@dataclass(frozen=True)
class RulePrice:
    """What one rule costs: the modularity gained where it alone is lifted; 0 if it costs none."""

    rule: Rule
    price: float


@dataclass(frozen=True, eq=False)
class ConstrainedPartition:
    """The best partition found that keeps to the rules.

    Attributes
    ----------
    labels
        Community of each node: 0 the largest.
    modularity
        Of this partition, on W + Wᵀ.
    free_modularity
        Of the best partition found without rules; at least that with them.
    price
        The difference: what the rules cost, 0 or more.
    rule_prices
        What each rule costs by itself; empty where not asked for.
    """

    labels: IntArray
    modularity: float
    free_modularity: float
    price: float
    rule_prices: tuple[RulePrice, ...] = ()


def constrained_partition(
    matrix: CSR,
    node_ids: StrArray,
    rules: Sequence[Rule],
    search: Search = RULED,
    *,
    price_of_each: bool = False,
    start: npt.ArrayLike | None = None,
) -> ConstrainedPartition:
    """Find communities that keep to what experts say, and tell what this costs.

    Nodes that belong together are contracted to one; on the contracted network the nodes are
    moved one by one, then community by community, to where the modularity grows most (Louvain),
    never into a community that holds a node they must be apart from. The moves begin with
    ``start``, then with the partition of the default engine, in both of which the rules are kept
    first, and again with every node by itself.

    Parameters
    ----------
    matrix
        ``matrix[i, j]``: weight of the ties from ``i`` to ``j``.
    node_ids
        Key of each row, sorted.
    rules
        What they say of pairs.
    search
        Resolution, seed and self-loops are used. ``runs``: how many orders of moves are tried from
        single nodes, besides the partition of the default engine; the first of equally good results
        is taken.
    price_of_each
        Whether the price of each rule is computed: one more search a rule. Rules that say the
        same of the same two nodes are lifted together, and have the same price.
    start
        Labels of the partition found without rules. It is the first that moves begin with, also
        where rules are lifted, so that only what the rules ask for changes unless another
        beginning gives more modularity.

    Returns
    -------
    ConstrainedPartition
        Rules may tie nodes without any tie between them; nodes without ties and rules are
        communities of one.

    Raises
    ------
    InputError
        With every fault: unknown nodes, a node apart from itself, rules that contradict each
        other, faulty weights.

    Notes
    -----
    ``free_modularity`` is the best of the same search without rules and of the constrained
    partition itself, so a price is never negative; it is an estimate, as both searches are.

    References
    ----------
    V. D. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre (2008), Fast unfolding of
    communities in large networks, Journal of Statistical Mechanics P10008,
    doi:10.1088/1742-5468/2008/10/P10008.

    Examples
    --------
    Two rings of three, one tie between them; the expert wants its ends in one cluster.

    >>> rings = sparse.csr_array((np.ones(7), ([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3])))
    >>> found = constrained_partition(rings, np.array(list("abcdef")), [Rule("together", "c", "d")])
    >>> found.labels.tolist()
    [0, 0, 0, 0, 1, 1]
    >>> round(found.free_modularity, 6), round(found.price, 6)
    (0.357143, 0.234694)
    """
    ties = checked(matrix, self_loops=search.self_loops)
    groups, apart = _settled(rules, node_ids)
    begin = None if start is None else checked_labels(start, ties.shape[0])
    best_under = partial(_best_under, ties, search=search, start=begin)
    labels, quality = best_under(groups, apart)
    free = quality
    if rules:
        nobody = np.arange(ties.shape[0], dtype=np.int64)
        free = max(best_under(nobody, set())[1], quality)
    price: dict[tuple[str, str, str], float] = {}
    if price_of_each:
        for said in dict.fromkeys(rule.said for rule in rules):
            others = [rule for rule in rules if rule.said != said]
            price[said] = max(best_under(*_settled(others, node_ids))[1] - quality, 0.0)
    prices = [RulePrice(rule, price[rule.said]) for rule in rules if price]
    return ConstrainedPartition(
        labels=labels,
        modularity=quality,
        free_modularity=free,
        price=free - quality,
        rule_prices=tuple(prices),
    )


def check_rules(node_ids: StrArray, rules: Sequence[Rule]) -> None:
    """Say what is wrong with rules, before anything is computed.

    Raises
    ------
    InputError
        With every fault: unknown nodes, a node apart from itself, rules that contradict each
        other.

    Examples
    --------
    >>> check_rules(np.array(["a", "b"]), [Rule("together", "a", "b"), Rule("apart", "a", "b")])
    Traceback (most recent call last):
    ...
    klaster.graph.errors.InputError: the set of experts' rules has 1 fault:
      experts: to be kept apart, but other rules put them together (given: 'a, b'). Correct or \
drop one of the rules.
    """
    _settled(rules, node_ids)


def broken_rules(labels: Mapping[str, int], rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules that a partition does not keep; those about unplaced nodes count as kept.

    Examples
    --------
    >>> [r.kind for r in broken_rules({"a": 1, "b": 2}, [Rule("together", "a", "b")])]
    ['together']
    """
    return tuple(
        rule
        for rule in rules
        if rule.first in labels
        and rule.second in labels
        and (labels[rule.first] == labels[rule.second]) != (rule.kind == "together")
    )


def joined_by_rules(labels: Mapping[str, int], rules: Sequence[Rule]) -> dict[str, int]:
    """Return a partition with the nodes that only rules name in it.

    Each is put to the first node, by key, that rules put it together with; else it is alone.
    Rules among nodes that had a place already may still be broken, see :func:`broken_rules`.

    Examples
    --------
    >>> joined_by_rules({"a": 0, "b": 1}, [Rule("together", "x", "b"), Rule("apart", "a", "y")])
    {'a': 0, 'b': 1, 'x': 1, 'y': 2}
    """
    named = {node for rule in rules for node in (rule.first, rule.second)}
    nodes = np.array(sorted({*labels, *named}), dtype=np.str_)
    group = dict(zip(nodes.tolist(), _settled(rules, nodes)[0].tolist(), strict=True))
    home: dict[int, int] = {}
    for node in sorted(labels):
        home.setdefault(group[node], labels[node])
    placed, following = dict(labels), max(labels.values(), default=-1) + 1
    for node in sorted(named - set(labels)):
        if group[node] not in home:
            home[group[node]], following = following, following + 1
        placed[node] = home[group[node]]
    return placed


def _settled(rules: Sequence[Rule], node_ids: StrArray) -> tuple[IntArray, set[tuple[int, int]]]:
    """Return the group of each node after contraction, and the pairs of groups to keep apart."""
    place = {str(node): k for k, node in enumerate(node_ids.tolist())}
    faults = [
        _fault("unknown-node", f"{rule.kind}: {node}", "there is no such node in the network")
        for rule in rules
        for node in (rule.first, rule.second)
        if node not in place
    ]
    known = [r for r in rules if r.first in place and r.second in place]
    parent = list(range(len(node_ids)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for rule in known:
        if rule.kind == "together":
            one, other = sorted((root(place[rule.first]), root(place[rule.second])))
            parent[other] = one
    roots = np.array([root(node) for node in range(len(node_ids))], dtype=np.int64)
    groups = np.unique(roots, return_inverse=True)[1].astype(np.int64)
    apart = set()
    for rule in known:
        if rule.kind == "apart":
            one, other = sorted((int(groups[place[rule.first]]), int(groups[place[rule.second]])))
            if one == other:
                faults.append(
                    _fault(
                        "contradiction",
                        f"{rule.first}, {rule.second}",
                        "to be kept apart, but other rules put them together",
                    )
                )
            apart.add((one, other))
    if faults:
        raise InputError(faults, "the set of experts' rules")
    return groups, apart


def _fault(code: str, value: str, problem: str) -> Fault:
    return Fault(
        file="experts",
        code=code,
        value=value,
        problem=problem,
        remedy="Correct or drop one of the rules.",
    )


def _best_under(
    ties: CSR,
    groups: IntArray,
    apart: set[tuple[int, int]],
    *,
    search: Search,
    start: IntArray | None,
) -> tuple[IntArray, float]:
    """Return the best of several runs of constrained moving, and its modularity."""
    network = _contracted(undirected(ties), groups)
    free = Search(resolution=search.resolution, seed=search.seed, self_loops="keep")
    engine = best_partition(_contracted(ties, groups), free)
    alone = np.arange(network.shape[0], dtype=np.int64)
    # The number of a start is part of its seed: a start more changes none of the others.
    starts = [(0, _parted(engine, apart)), *((run, alone) for run in range(1, search.runs + 1))]
    if start is not None:
        starts.insert(0, (search.runs + 1, _parted(_most_common(start, groups), apart)))
    best, best_quality = canonical_labels(groups), -np.inf
    for number, labels in starts:
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([search.seed, number])))
        moved = _moved_in_levels(network, apart, search.resolution, rng, labels)
        found = canonical_labels(moved[groups])
        quality = modularity_of_checked(ties, found, search.resolution, directed=False)
        if quality > best_quality + _GAIN:
            best, best_quality = found, quality
    return best, best_quality


def _most_common(labels: IntArray, groups: IntArray) -> IntArray:
    """Return the label that most nodes of each group have; the smallest of equals."""
    pairs, counts = np.unique(np.column_stack([groups, labels]), axis=0, return_counts=True)
    order = np.lexsort((pairs[:, 1], -counts, pairs[:, 0]))
    first = np.unique(pairs[order, 0], return_index=True)[1]
    return np.asarray(pairs[order[first], 1], dtype=np.int64)


def _parted(labels: IntArray, apart: set[tuple[int, int]]) -> IntArray:
    """Return the partition with nodes that must be apart put into communities of their own."""
    parted = np.array(labels, dtype=np.int64)
    for one, other in sorted(apart):
        if parted[one] == parted[other]:
            parted[other] = parted.max() + 1
    return np.unique(parted, return_inverse=True)[1].astype(np.int64)


def _contracted(network: CSR, groups: IntArray) -> CSR:
    cells = network.tocoo()
    size = int(groups.max(initial=-1)) + 1
    merged = sparse.coo_array(
        (cells.data, (groups[cells.row], groups[cells.col])), shape=(size, size)
    ).tocsr()
    merged.sort_indices()
    return merged


def _moved_in_levels(
    network: CSR,
    apart: set[tuple[int, int]],
    resolution: float,
    rng: np.random.Generator,
    begin: IntArray,
) -> IntArray:
    """Louvain with nodes, then communities as nodes; apart pairs are handed up the levels."""
    labels = np.arange(network.shape[0], dtype=np.int64)
    while True:
        moved = _moved(network, apart, resolution, rng, begin)
        count = int(moved.max(initial=-1)) + 1
        labels = moved[labels]
        if count == network.shape[0]:
            return labels
        apart = {_in_order(int(moved[a]), int(moved[b])) for a, b in apart}
        network = _contracted(network, moved)
        begin = np.arange(count, dtype=np.int64)


def _in_order(a: int, b: int) -> tuple[int, int]:
    """Return a pair in order."""
    return (a, b) if a <= b else (b, a)


def _moved(
    network: CSR,
    apart: set[tuple[int, int]],
    resolution: float,
    rng: np.random.Generator,
    begin: IntArray,
) -> IntArray:
    """Move single nodes until no move gains; return labels 0, 1, ... without gaps."""
    n = network.shape[0]
    total = float(network.data.sum())
    if total == 0:
        return begin
    first_tie, partner, weight = (
        a.tolist() for a in (network.indptr, network.indices, network.data)
    )
    strength = np.asarray(network.sum(axis=1), dtype=np.float64).ravel().tolist()
    kept_from: dict[int, list[int]] = {}
    for a, b in sorted(apart):
        kept_from.setdefault(a, []).append(b)
        kept_from.setdefault(b, []).append(a)
    community = begin.tolist()
    community_total = np.bincount(begin, weights=strength, minlength=n).tolist()
    scale = resolution / total
    improved = True
    while improved:
        improved = False
        for node in rng.permutation(n).tolist():
            own = community[node]
            weight_to: dict[int, float] = {own: 0.0}  # weight of the node's ties, by community
            for tie in range(first_tie[node], first_tie[node + 1]):
                if partner[tie] != node:
                    other = community[partner[tie]]
                    weight_to[other] = weight_to.get(other, 0.0) + weight[tie]
            closed = {community[other] for other in kept_from.get(node, ())}
            # Gains are compared as if the node had left its community first.
            community_total[own] -= strength[node]
            stay = weight_to[own] - scale * strength[node] * community_total[own]
            best, best_gain = own, stay + _GAIN * total
            for other in sorted(weight_to):
                if other in closed:
                    continue
                gain = weight_to[other] - scale * strength[node] * community_total[other]
                if gain > best_gain:
                    best, best_gain = other, gain
            community_total[best] += strength[node]
            if best != own:
                community[node] = best
                improved = True
    return np.unique(np.array(community), return_inverse=True)[1].astype(np.int64)
