"""Fault own-data-11: ``show`` answers also where nothing was found, and by a cluster's id."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_graphs import steel_case

import klaster
from klaster.cli.query import show_lines
from klaster.cli.summary import summary_lines
from klaster.graph.case import Case
from klaster.graph.errors import KlasterError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.graph.stores.runs import merge_run
from klaster.results.run import Run

FEW = AnalysisSettings(ensemble=5, null_draws=19, evidence_draws=5)


def ring_of_cliques(cliques: int, size: int) -> ClusterGraph:
    """Return groups in which everybody supplies everybody, each tied once to the next, and a pair."""
    names = [f"f{k:02}" for k in range(cliques * size)] + ["pair-a", "pair-b"]
    pairs = [
        (names[group * size + i], names[group * size + j])
        for group in range(cliques)
        for i in range(size)
        for j in range(i + 1, size)
    ]
    pairs += [(names[g * size], names[(g + 1) * size % (cliques * size)]) for g in range(cliques)]
    pairs.append(("pair-a", "pair-b"))
    return ClusterGraph.build(
        [
            {"id": n, "kind": "Actor", "name": n, "actor_type": "Firm", "sphere": "business"}
            for n in names
        ],
        [
            {
                "tie_id": f"{a}>{b}",
                "source_id": a,
                "target_id": b,
                "tie_type": "SUPPLIES",
                "evidence": "synthetic",
                "source": "test",
            }
            for a, b in pairs
        ],
    )


def stored(analysis: Run, path: Path) -> Path:
    with EmbeddedStore() as store:
        store.write(analysis.graph)
        return store.save(path)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    analysis = klaster.analyze(Case(graph=steel_case(), settings=FEW))
    return analysis, stored(analysis, tmp_path_factory.mktemp("nothing") / "graph.kgl")


@pytest.fixture(scope="module")
def something(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    analysis = klaster.analyze(Case(graph=ring_of_cliques(5, 5), settings=FEW))
    return analysis, stored(analysis, tmp_path_factory.mktemp("some") / "graph.kgl")


def test_a_run_without_clusters_says_so(nothing: tuple[Run, Path]) -> None:
    analysis, path = nothing
    p = analysis.findings.layer("joint").p_value
    shown = show_lines(path, None)
    assert any(f"joint: no significant communities (p = {p:.2g}" in line for line in shown)


def test_a_cluster_that_is_not_significant_is_answered(nothing: tuple[Run, Path]) -> None:
    first, *_ = show_lines(nothing[1], "joint-1")
    assert "joint-1 is not listed" in first
    assert "no significant communities (p = " in first


def test_counts_agree_with_what_analyze_printed(something: tuple[Run, Path]) -> None:
    analysis, path = something
    shown = show_lines(path, None)
    told = "6 communities, 5 with three or more members"
    assert any(told in line and "joint" in line for line in shown)
    assert any(told in line and "joint" in line for line in summary_lines(analysis))
    assert sum(line.startswith("joint-") for line in shown) == 5


def test_a_cluster_of_two_is_answered(something: tuple[Run, Path]) -> None:
    lines = show_lines(something[1], "joint-6")
    assert "joint-6 is not listed" in lines[0]
    assert "three or more members" in lines[-1]
    assert show_lines(something[1], "joint-1")[0].endswith("(joint-1), 5 members")


def test_what_nobody_is_called_is_still_an_error(something: tuple[Run, Path]) -> None:
    with pytest.raises(StoreError, match="no organisation 'f0-1'"):
        show_lines(something[1], "f0-1")


def test_a_cluster_of_several_runs_is_asked_for_by_its_key(
    something: tuple[Run, Path], tmp_path: Path
) -> None:
    analysis, _ = something
    other = klaster.analyze(replace(analysis.case, settings=replace(FEW, seed=2)))
    both = replace(analysis, graph=merge_run(analysis.graph, other.graph))
    path = stored(both, tmp_path / "both.kgl")
    with pytest.raises(KlasterError, match="several runs have a cluster 'joint-1'"):
        show_lines(path, "joint-1")
    runs = [line for line in show_lines(path, None) if line.startswith("run ")]
    assert len(runs) == 2
    key = runs[0].split()[1].rstrip(":") + ":joint-1"
    assert "joint-1" in show_lines(path, key)[0]
