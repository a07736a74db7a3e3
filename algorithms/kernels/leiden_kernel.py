r"""Leiden with randomised refinement, for any quality whose null model has low rank.

The quality is :math:`\sum_{ij} (S_{ij} - \sum_r u_{ir} v_{jr}) \delta(c_i, c_j)`, as in
:mod:`klaster.algorithms.community.leiden`, which prepares the arrays. Ties come as the rows of
:math:`S` (symmetric, sorted, no entry twice); twice the weight expected between ``a`` and ``b`` is
``give[a] · take[b]``. The diagonal of :math:`S` is inside whatever the partition, so it is passed
over.

References
----------
V. A. Traag, L. Waltman, N. J. van Eck (2019), From Louvain to Leiden: guaranteeing well-connected
communities, doi:10.1038/s41598-019-41695-z.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klaster.algorithms.kernels.compilation import compiled
from klaster.algorithms.kernels.random_numbers import State, shuffled, uniform

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]

_NO_GAIN = 1e-12
_ROUNDS_WITHOUT_GAIN = 3


@compiled
def _sums(columns: Floats, part: Ints, part_count: int) -> Floats:
    """Return the columns added up over the nodes of each part."""
    sums = np.zeros((part_count, columns.shape[1]))
    for node in range(part.shape[0]):
        for column in range(columns.shape[1]):
            sums[part[node], column] += columns[node, column]
    return sums


@compiled
def _expected(give: Floats, node: int, totals: Floats, community: int) -> float:
    """Return the weight expected between a node and a community it is not part of."""
    total = 0.0
    for column in range(give.shape[1]):
        total += give[node, column] * totals[community, column]
    return total / 2


@compiled
def _move_nodes(
    offsets: Offsets,
    partners: Ints,
    weights: Floats,
    give: Floats,
    take: Floats,
    labels: Ints,
    order: Ints,
    tolerance: float,
    visits_left: int,
) -> int:
    """Let nodes move to where they add most until none gains; labels change in place.

    Returns the visits left: the search ends where they are used up, with what it has.
    """
    count = labels.shape[0]
    totals, size = _sums(take, labels, count), np.zeros(count, np.int32)
    for node in range(count):
        size[labels[node]] += 1
    empty, empty_count = np.empty(count, np.int32), 0
    for community in range(count - 1, -1, -1):
        if size[community] == 0:
            empty[empty_count] = community
            empty_count += 1
    # A ring buffer of the nodes that have to look again.
    waiting, is_waiting = order.copy(), np.ones(count, np.bool_)
    head, waiting_count = 0, count
    # Weight of the ties from a node to each community; only those in `touched` are valid.
    tied = np.zeros(count)
    touched, seen_by = np.empty(count, np.int32), np.full(count, -1, np.int32)
    while waiting_count > 0 and visits_left > 0:
        visits_left -= 1
        node = waiting[head]
        head = head + 1 if head + 1 < count else 0
        waiting_count -= 1
        is_waiting[node] = False
        own = labels[node]
        tied[own], seen_by[own] = 0.0, node
        touched_count = 0
        for at in range(offsets[node], offsets[node + 1]):
            other = partners[at]
            if other == node:
                continue
            community = labels[other]
            if seen_by[community] != node:
                seen_by[community], tied[community] = node, 0.0
                touched[touched_count] = community
                touched_count += 1
            tied[community] += weights[at]
        # Take the node out, so that every community, its own too, is judged without it.
        size[own] -= 1
        for column in range(take.shape[1]):
            totals[own, column] = totals[own, column] - take[node, column] if size[own] else 0.0
        best, best_gain = own, tied[own] - _expected(give, node, totals, own) + tolerance
        alone_is_better = best_gain < 0 and size[own] > 0
        if alone_is_better:
            best, best_gain = empty[empty_count - 1], 0.0
        for k in range(touched_count):
            community = touched[k]
            gain = tied[community] - _expected(give, node, totals, community)
            if gain > best_gain and community != own:
                best, best_gain = community, gain
        # A mark left here could be taken for one of a later visit of the same node.
        seen_by[own] = -1
        for k in range(touched_count):
            seen_by[touched[k]] = -1
        if size[best] == 0 and best != own:
            empty_count -= 1
        size[best] += 1
        for column in range(take.shape[1]):
            totals[best, column] += take[node, column]
        if best == own:
            continue
        if size[own] == 0:
            empty[empty_count] = own
            empty_count += 1
        labels[node] = best
        for at in range(offsets[node], offsets[node + 1]):
            other = partners[at]
            if not is_waiting[other] and labels[other] != best:
                is_waiting[other] = True
                tail = head + waiting_count
                waiting[tail if tail < count else tail - count] = other
                waiting_count += 1
    return visits_left


@compiled
def _refine(
    offsets: Offsets,
    partners: Ints,
    weights: Floats,
    give: Floats,
    take: Floats,
    labels: Ints,
    order: Ints,
    temperature: float,
    tolerance: float,
    state: State,
) -> Ints:
    """Take each community apart and put its nodes together again from inside.

    A node that is still alone joins a part of its community with a probability that grows with
    what it would add, ``exp(gain / temperature)``; staying alone counts as a gain of 0, and parts
    where it would lose are left out. Only nodes and parts that are tied to the rest of the
    community at least as expected take part, so no part falls into pieces. At temperature 0 the
    best part is taken.
    """
    count = labels.shape[0]
    community_totals = _sums(take, labels, count)
    part, alone = np.arange(count).astype(np.int32), np.ones(count, np.bool_)
    part_give, part_take = give.copy(), take.copy()
    # Weight of the ties from each part to the rest of its community.
    outward = np.zeros(count)
    for node in range(count):
        for at in range(offsets[node], offsets[node + 1]):
            if partners[at] != node and labels[partners[at]] == labels[node]:
                outward[node] += weights[at]
    tied, gains = np.zeros(count), np.empty(count)
    touched, seen_by = np.empty(count, np.int32), np.full(count, -1, np.int32)
    for node in order:
        home = labels[node]
        if not alone[node] or not _well_tied(
            outward, part_give, part_take, community_totals, node, home, tolerance
        ):
            continue
        touched_count = 0
        for at in range(offsets[node], offsets[node + 1]):
            other = partners[at]
            if other == node or labels[other] != home:
                continue
            group = part[other]
            if seen_by[group] != node:
                seen_by[group], tied[group] = node, 0.0
                touched[touched_count] = group
                touched_count += 1
            tied[group] += weights[at]
        best, best_gain = node, 0.0
        for k in range(touched_count):
            group = touched[k]
            gains[k] = -1.0
            if tied[group] > 0 and _well_tied(
                outward, part_give, part_take, community_totals, group, home, tolerance
            ):
                gains[k] = tied[group] - _expected(give, node, part_take, group)
                if gains[k] > best_gain:
                    best, best_gain = group, gains[k]
        if temperature > 0 and best != node:
            # exp(gain / temperature), all divided by the largest so that none overflows.
            whole = np.exp(-best_gain / temperature)
            for k in range(touched_count):
                if gains[k] >= 0:
                    whole += np.exp((gains[k] - best_gain) / temperature)
            drawn = uniform(state) * whole - np.exp(-best_gain / temperature)
            if drawn < 0:
                best = node
            else:
                for k in range(touched_count):
                    if gains[k] >= 0:
                        drawn -= np.exp((gains[k] - best_gain) / temperature)
                        if drawn < 0:
                            best = touched[k]
                            break
        if best == node:
            continue
        part[node] = best
        alone[node] = alone[best] = False
        outward[best] += outward[node] - 2 * tied[best]
        for column in range(take.shape[1]):
            part_take[best, column] += take[node, column]
            part_give[best, column] += give[node, column]
    return part


@compiled
def _well_tied(
    outward: Floats,
    part_give: Floats,
    part_take: Floats,
    community_totals: Floats,
    group: int,
    home: int,
    tolerance: float,
) -> bool:
    """Whether a part is tied to the rest of its community at least as expected."""
    expected = 0.0
    for column in range(part_take.shape[1]):
        rest = community_totals[home, column] - part_take[group, column]
        expected += part_give[group, column] * rest
    return bool(outward[group] >= expected / 2 - tolerance)


@compiled
def _numbered(labels: Ints) -> tuple[Ints, int]:
    """Return labels numbered in the order in which they first come, and how many there are."""
    number, found = np.full(labels.shape[0], -1, np.int32), 0
    result = np.empty_like(labels)
    for node in range(labels.shape[0]):
        if number[labels[node]] < 0:
            number[labels[node]] = found
            found += 1
        result[node] = number[labels[node]]
    return result, found


@compiled
def _merged(
    offsets: Offsets, partners: Ints, weights: Floats, part: Ints, part_count: int
) -> tuple[Offsets, Ints, Floats]:
    """Return the ties between parts, each part a node; ties inside a part are left out."""
    count = part.shape[0]
    # Nodes sorted by part (a counting sort).
    begin = np.zeros(part_count + 1, np.int64)
    for node in range(count):
        begin[part[node] + 1] += 1
    for k in range(part_count):
        begin[k + 1] += begin[k]
    nodes, place = np.empty(count, np.int32), begin[:-1].copy()
    for node in range(count):
        nodes[place[part[node]]] = node
        place[part[node]] += 1
    tied, touched = np.zeros(part_count), np.empty(part_count, np.int32)
    seen_by = np.full(part_count, -1, np.int32)
    new_offsets = np.zeros(part_count + 1, np.int64)
    new_partners, new_weights = np.empty_like(partners), np.empty_like(weights)
    filled = 0
    for group in range(part_count):
        touched_count = 0
        for k in range(begin[group], begin[group + 1]):
            node = nodes[k]
            for at in range(offsets[node], offsets[node + 1]):
                other = part[partners[at]]
                if other == group:
                    continue
                if seen_by[other] != group:
                    seen_by[other], tied[other] = group, 0.0
                    touched[touched_count] = other
                    touched_count += 1
                tied[other] += weights[at]
        for k in range(touched_count):
            new_partners[filled], new_weights[filled] = touched[k], tied[touched[k]]
            filled += 1
        new_offsets[group + 1] = filled
    return new_offsets, new_partners[:filled].copy(), new_weights[:filled].copy()


@compiled
def _quality(
    offsets: Offsets, partners: Ints, weights: Floats, give: Floats, take: Floats, labels: Ints
) -> float:
    count = labels.shape[0]
    inside = 0.0
    for node in range(count):
        for at in range(offsets[node], offsets[node + 1]):
            if labels[partners[at]] == labels[node]:
                inside += weights[at]
    given, taken = _sums(give, labels, count), _sums(take, labels, count)
    for community in range(count):
        for column in range(give.shape[1]):
            inside -= given[community, column] * taken[community, column] / 2
    return inside


@compiled
def leiden(
    offsets: Offsets,
    partners: Ints,
    weights: Floats,
    give: Floats,
    take: Floats,
    start: Ints,
    rounds: int,
    temperature: float,
    visit_limit: int,
    state: State,
) -> tuple[Ints, float]:
    """Search for the partition of highest quality; return the best of all rounds, and its quality.

    Parameters
    ----------
    offsets, partners, weights
        Rows of the symmetric matrix S: the partners of node ``i`` are
        ``partners[offsets[i]:offsets[i + 1]]``, none of them twice.
    give, take
        n × r: twice the weight expected between ``a`` and ``b`` is ``give[a] · take[b]``.
    start
        Labels below n to begin with.
    rounds
        Rounds at most; three without a better partition end the search.
    temperature
        Of the refinement, in mean weights of a tie; 0 is greedy, 1 was found best.
    visit_limit
        Visits of nodes at most: the bound on the work. What was found by then is returned.
    state
        Random numbers; changed in place.
    """
    count = start.shape[0]
    best = start.copy()
    if count == 0 or partners.shape[0] == 0:
        return best, 0.0
    mean = 0.0
    for at in range(weights.shape[0]):
        mean += weights[at]
    mean /= weights.shape[0]
    tolerance = _NO_GAIN * mean
    best_quality = _quality(offsets, partners, weights, give, take, best)
    labels, without_gain = best.copy(), 0
    for _ in range(rounds):
        level_offsets, level_partners, level_weights = offsets, partners, weights
        level_give, level_take, level_labels = give, take, labels.copy()
        place = np.arange(count).astype(np.int32)  # the level's node of each node
        while visit_limit > 0:
            level_count = level_labels.shape[0]
            visit_limit = _move_nodes(
                level_offsets,
                level_partners,
                level_weights,
                level_give,
                level_take,
                level_labels,
                shuffled(level_count, state),
                tolerance,
                visit_limit,
            )
            part = _refine(
                level_offsets,
                level_partners,
                level_weights,
                level_give,
                level_take,
                level_labels,
                shuffled(level_count, state),
                temperature * mean,
                tolerance,
                state,
            )
            part, part_count = _numbered(part)
            if part_count == level_count:
                break
            merged_labels = np.empty(part_count, np.int32)
            for node in range(level_count):
                merged_labels[part[node]] = level_labels[node]
            for node in range(count):
                place[node] = part[place[node]]
            level_offsets, level_partners, level_weights = _merged(
                level_offsets, level_partners, level_weights, part, part_count
            )
            level_give = _sums(level_give, part, part_count)
            level_take = _sums(level_take, part, part_count)
            # Labels of a level are below the number of its nodes.
            sparse_labels = np.empty(level_count, np.int32)
            sparse_labels[:part_count] = merged_labels
            sparse_labels[part_count:] = merged_labels[0]
            level_labels = _numbered(sparse_labels)[0][:part_count].copy()
        for node in range(count):
            labels[node] = level_labels[place[node]]
        quality = _quality(offsets, partners, weights, give, take, labels)
        if quality > best_quality + tolerance:
            best, best_quality, without_gain = labels.copy(), quality, 0
        else:
            without_gain += 1
        if without_gain == _ROUNDS_WITHOUT_GAIN or visit_limit <= 0:
            break
    return best, best_quality
