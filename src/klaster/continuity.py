"""Numbers of clusters carried on from an earlier run, so that they do not jump between runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from klaster.algorithms.agreement import match_labels
from klaster.algorithms.clusters import CommunityResult
from klaster.graph.errors import Fault, InputError, KlasterError
from klaster.graph.findings import LayerContinuity
from klaster.graph.model import ClusterGraph
from klaster.graph.tables import records
from klaster.output import MARK

GRAPH_FOLDER = "graph"


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


def read_earlier_run(folder: Path, case_name: str) -> EarlierRun:
    """Read the memberships of an earlier run of a case from its folder of results.

    Raises
    ------
    InputError
        Where the folder holds no results of ``klaster analyze``, or they were changed, or are
        those of another case: who is in two cases does not make their clusters the same.
    """
    try:
        record = json.loads((folder / MARK).read_text(encoding="utf-8"))
        run, case = str(record["run"]), str(record["case"])
        told = {layer: told["used"] for layer, told in record.get("continuity", {}).items()}
        graph = ClusterGraph.from_parquet(folder / GRAPH_FOLDER)
        numbers: dict[str, dict[str, int]] = {}
        for node, cluster in _memberships(graph, run):
            numbers.setdefault(cluster["layer"], {})[node] = int(cluster["cluster_no"])
        for layer, placed in record.get("unlisted", {}).items():
            if placed:
                numbers[layer] = {str(node): int(number) for node, number in placed.items()}
        used = {
            layer: tuple(sorted({*numbers.get(layer, {}).values(), *map(int, told.get(layer, ()))}))
            for layer in sorted({*numbers, *told})
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, KlasterError) as reason:
        raise InputError(
            [
                Fault(
                    file=folder.name or str(folder),
                    row=0,
                    column="",
                    code="no-earlier-run",
                    value="",
                    problem=f"it holds no readable results of a run ({reason})",
                    remedy=f"Name the folder that klaster analyze wrote, with {MARK} and "
                    f"{GRAPH_FOLDER}/ in it.",
                )
            ],
            "the earlier run",
        ) from None
    if case != case_name:
        raise InputError(
            [
                Fault(
                    file=folder.name or str(folder),
                    row=0,
                    column="case",
                    code="other-case",
                    value=case,
                    problem=f"these are results of another case than {case_name}",
                    remedy="Name results of this case, or leave the earlier run out. If it is "
                    "the same case under a new name, give it the old one in case.toml: "
                    f'name = "{case}".',
                )
            ],
            "the earlier run",
        )
    content = json.dumps([run, numbers, used], sort_keys=True)
    return EarlierRun(run, numbers, used, sha256(content.encode()).hexdigest())


def _memberships(graph: ClusterGraph, run: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each member of a run's clusters with its cluster."""
    clusters = {
        str(node["id"]): node
        for node in records(graph.nodes)
        if node["kind"] == "Cluster" and node["run_id"] == run
    }
    for tie in records(graph.ties):
        if tie["tie_type"] == "IN_CLUSTER" and tie["target_id"] in clusters:
            yield str(tie["source_id"]), clusters[str(tie["target_id"])]


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
