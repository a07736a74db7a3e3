"""Numbers of clusters carried on from an earlier run, so that they do not jump between runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from klaster.algorithms.analysis.communities import CommunityResult
from klaster.algorithms.partitions.matching import match_labels
from klaster.graph.findings import LayerContinuity


@dataclass(frozen=True)
class EarlierRun:
    """What a later run needs to know of an earlier one.

    Attributes
    ----------
    run
        Key of the run.
    numbers
        By layer: the cluster's number of each member.
    used
        By layer: every number given so far.
    digest
        SHA-256 of all this.
    """

    run: str
    numbers: Mapping[str, Mapping[str, int]]
    used: Mapping[str, tuple[int, ...]]
    digest: str


def plain_numbers(result: CommunityResult, smallest: int) -> dict[int, int]:
    """Return a number for each community of so many members or more: 1 is the largest."""
    sizes = np.bincount(result.labels)
    return {label: label + 1 for label in np.flatnonzero(sizes >= smallest).tolist()}


def carried_numbers(
    results: Sequence[CommunityResult], earlier: EarlierRun | None, smallest: int
) -> tuple[dict[str, dict[int, int]], tuple[LayerContinuity, ...]]:
    """Return the number of each community by layer and label, and how they continue earlier ones.

    A community that shares most with an earlier cluster (Jaccard overlap of 0.3 or more of all
    their members, matched one to one) takes its number; a new one takes a number never used
    before. Layers of which the earlier run has no clusters count from 1. Numbers used are told
    also of layers that show no significant clusters now, so that no later run gives them again.
    """
    numbers: dict[str, dict[int, int]] = {}
    told = []
    for result in results:
        layer = result.finding.layer
        numbers[layer] = plain_numbers(result, smallest)
        before = earlier.numbers.get(layer, {}) if earlier else {}
        used = earlier.used.get(layer, ()) if earlier else ()
        if not result.finding.significant or not (before or used):
            continue
        own = numbers[layer]
        now = {node: own[label] for node, label in result.label_of.items() if label in own}
        match = match_labels(before, now, used=used)
        renamed = {now[node]: number for node, number in match.labels.items()}
        numbers[layer] = {label: renamed[number] for label, number in numbers[layer].items()}
        told.append(
            LayerContinuity(
                layer,
                match.continued,
                match.born,
                match.ended,
                tuple(sorted({*used, *match.labels.values()})),
            )
        )
    return numbers, (*told, *_all_ended(earlier, {continuity.layer for continuity in told}))


def _all_ended(earlier: EarlierRun | None, told: Collection[str]) -> Iterator[LayerContinuity]:
    """Yield the layers that had clusters in the earlier run and are not told of in this one."""
    if earlier is None:
        return
    for layer, used in sorted(earlier.used.items()):
        if used and layer not in told:
            ended = tuple(sorted(set(earlier.numbers.get(layer, {}).values())))
            yield LayerContinuity(layer, {}, (), ended, used)
