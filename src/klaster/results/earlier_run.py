"""An earlier run, read from its folder of results, so that a later one can carry its numbers on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from klaster.algorithms.analysis.numbering import EarlierRun
from klaster.graph.canonical_tables import records
from klaster.graph.errors import KlasterError
from klaster.graph.model import ClusterGraph
from klaster.results.folder import GRAPH_FOLDER, MARK, refused_results


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
        raise refused_results(
            folder,
            "the earlier run",
            code="no-earlier-run",
            problem=f"it holds no readable results of a run ({reason})",
            remedy=f"Name the folder that klaster analyze wrote, with {MARK} and "
            f"{GRAPH_FOLDER}/ in it.",
        ) from None
    if case != case_name:
        raise refused_results(
            folder,
            "the earlier run",
            column="case",
            code="other-case",
            value=case,
            problem=f"these are results of another case than {case_name}",
            remedy="Name results of this case, or leave the earlier run out. If it is the same "
            f'case under a new name, give it the old one in case.toml: name = "{case}".',
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
