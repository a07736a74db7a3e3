"""Leiden with randomised refinement, written for reading: what the kernel is held to.

Dictionaries and lists in place of arrays, sums written out as the formulas have them, and totals
taken anew wherever that is simpler. Only the order in which nodes are visited and random numbers are
drawn is that of the kernel, for that is what equal seeds promise.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from scipy import sparse

MASK = 2**64 - 1
NO_GAIN = 1e-12


class SplitMix:
    """SplitMix64 on Python's whole numbers."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def word(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def uniform(self) -> float:
        return (self.word() >> 11) * 2.0**-53

    def shuffled(self, count: int) -> list[int]:
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = int(self.uniform() * (last + 1))
            order[last], order[other] = order[other], order[last]
        return order


class Level:
    """A network and what is expected between its nodes; twice that is give[a] · take[b]."""

    def __init__(self, rows: list[dict[int, float]], give: np.ndarray, take: np.ndarray) -> None:
        self.rows, self.give, self.take = rows, give, take
        self.count = len(rows)

    def expected(self, give: np.ndarray, take: np.ndarray) -> float:
        total = 0.0
        for g, t in zip(give.tolist(), take.tolist(), strict=True):
            total += g * t
        return total / 2

    def moved(self, labels: list[int], order: list[int], tolerance: float) -> list[int]:
        labels = list(labels)
        totals = np.zeros_like(self.take)
        for node, label in enumerate(labels):
            totals[label] += self.take[node]
        size = [labels.count(c) for c in range(self.count)]
        empty = [c for c in range(self.count - 1, -1, -1) if size[c] == 0]
        waiting = deque(order)
        while waiting:
            node = waiting.popleft()
            own = labels[node]
            tied: dict[int, float] = {}
            for other, weight in self.rows[node].items():
                if other != node:
                    tied[labels[other]] = tied.get(labels[other], 0.0) + weight
            size[own] -= 1
            totals[own] = totals[own] - self.take[node] if size[own] else 0.0
            give = self.give[node]
            best = own
            best_gain = tied.get(own, 0.0) - self.expected(give, totals[own]) + tolerance
            if best_gain < 0 and size[own] > 0:
                best, best_gain = empty[-1], 0.0
            for community, weight in tied.items():
                gain = weight - self.expected(give, totals[community])
                if community != own and gain > best_gain:
                    best, best_gain = community, gain
            if best != own and size[best] == 0:
                empty.pop()
            size[best] += 1
            totals[best] += self.take[node]
            if best == own:
                continue
            if size[own] == 0:
                empty.append(own)
            labels[node] = best
            waiting.extend(
                other
                for other in self.rows[node]
                if other != node and labels[other] != best and other not in waiting
            )
        return labels

    def refined(
        self, labels: list[int], order: list[int], temperature: float, tolerance: float,
        random: SplitMix,
    ) -> list[int]:  # fmt: skip
        parts = {node: [node] for node in range(self.count)}
        part = list(range(self.count))
        outward = [
            sum(w for other, w in self.rows[node].items()
                if other != node and labels[other] == labels[node])
            for node in range(self.count)
        ]  # fmt: skip
        whole = np.zeros_like(self.take)
        for node, label in enumerate(labels):
            whole[label] += self.take[node]
        give, take = self.give.copy(), self.take.copy()

        def well_tied(group: int, home: int) -> bool:
            return (
                outward[group] >= self.expected(give[group], whole[home] - take[group]) - tolerance
            )

        for node in order:
            home = labels[node]
            if part[node] != node or len(parts[node]) > 1 or not well_tied(node, home):
                continue
            tied: dict[int, float] = {}
            for other, weight in self.rows[node].items():
                if other != node and labels[other] == home:
                    tied[part[other]] = tied.get(part[other], 0.0) + weight
            gains = {
                group: weight - self.expected(self.give[node], take[group])
                for group, weight in tied.items()
                if weight > 0 and well_tied(group, home)
            }
            best = max(gains, key=lambda g: gains[g], default=node)
            if best == node or gains[best] <= 0:
                continue
            if temperature > 0:
                top = gains[best]
                likely = [(node, math.exp(-top / temperature))]
                likely += [
                    (group, math.exp((gain - top) / temperature))
                    for group, gain in gains.items()
                    if gain >= 0
                ]
                drawn = random.uniform() * sum(weight for _, weight in likely)
                for group, weight in likely:
                    drawn -= weight
                    if drawn < 0:
                        best = group
                        break
            if best == node:
                continue
            part[node] = best
            parts[best] += parts.pop(node)
            outward[best] += outward[node] - 2 * tied[best]
            take[best] += self.take[node]
            give[best] += self.give[node]
        return part

    def merged(self, part: list[int], count: int) -> Level:
        rows: list[dict[int, float]] = [{} for _ in range(count)]
        give, take = np.zeros((count, self.give.shape[1])), np.zeros((count, self.take.shape[1]))
        for node in range(self.count):
            give[part[node]] += self.give[node]
            take[part[node]] += self.take[node]
            row = rows[part[node]]
            for other, weight in self.rows[node].items():
                if part[other] != part[node]:
                    row[part[other]] = row.get(part[other], 0.0) + weight
        return Level(rows, give, take)


def numbered(labels: list[int]) -> list[int]:
    number: dict[int, int] = {}
    return [number.setdefault(label, len(number)) for label in labels]


def quality(
    inside: sparse.csr_array, give: np.ndarray, take: np.ndarray, labels: list[int]
) -> float:
    same = np.equal.outer(labels, labels)
    return float((inside.toarray() * same).sum() - ((give @ take.T) / 2 * same).sum())


def plain_leiden(
    inside: sparse.csr_array, give: np.ndarray, take: np.ndarray, *,
    rounds: int, temperature: float, seed: int,
) -> list[int]:  # fmt: skip
    """Return the best partition of all rounds, begun from each node alone."""
    count = inside.shape[0]
    random = SplitMix(seed)
    rows = [
        dict(zip(inside.indices[a:b].tolist(), inside.data[a:b].tolist(), strict=True))
        for a, b in zip(inside.indptr[:-1], inside.indptr[1:], strict=True)
    ]
    mean = float(inside.data.mean()) if inside.nnz else 0.0
    tolerance = NO_GAIN * mean
    labels = best = list(range(count))
    best_quality = quality(inside, give, take, best)
    without_gain = 0
    for _ in range(rounds):
        level, place, of_level = Level(rows, give, take), list(range(count)), labels
        while True:
            of_level = level.moved(of_level, random.shuffled(level.count), tolerance)
            part = numbered(
                level.refined(
                    of_level, random.shuffled(level.count), temperature * mean, tolerance, random
                )
            )
            if max(part) + 1 == level.count:
                break
            merged = {p: of_level[node] for node, p in enumerate(part)}
            place = [part[p] for p in place]
            level = level.merged(part, max(part) + 1)
            of_level = numbered([merged[p] for p in range(level.count)])
        labels = [of_level[p] for p in place]
        found = quality(inside, give, take, labels)
        if found > best_quality + tolerance:
            best, best_quality, without_gain = labels, found, 0
        else:
            without_gain += 1
        if without_gain == 3:
            break
    return best
