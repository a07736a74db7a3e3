"""The main job on the Kazakhstan case: who is core, why, how sure; the same bytes every time."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import klaster
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError
from klaster.pipeline import Analysis
from klaster.results.folder import MARK

CASE = klaster.case_path("kazakhstan")
pytestmark = pytest.mark.xdist_group("main-job")  # one process runs the analysis once


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return klaster.analyze(CASE)


def core_ids(analysis: Analysis, cluster_id: str) -> set[str]:
    return {member.node_id for member in analysis.cluster(cluster_id).cores}


def test_the_cores_of_the_declared_networks(analysis: Analysis) -> None:
    assert "qarmet" in core_ids(analysis, "declared-karaganda")
    assert {"kazzinc", "ump"} <= core_ids(analysis, "declared-east_kazakhstan")
    assert "aztm" in core_ids(analysis, "declared-almaty")


def test_the_cores_of_the_communities_found(analysis: Analysis) -> None:
    """Each of the plants is core of the community of all layers that it was found in."""
    for plant in ("qarmet", "kazzinc", "ump", "aztm"):
        found = [c for c in analysis.findings.clusters_of("joint") if plant in c.member_ids]
        assert len(found) == 1
        assert plant in {m.node_id for m in found[0].cores}


def test_the_scales_that_the_docs_tell_of(analysis: Analysis) -> None:
    """docs/cores.md, "Scale": which resolutions three clusters of the case are found at."""

    def found_at(member: str) -> tuple[float, float]:
        cluster = next(c for c in analysis.findings.clusters_of("joint") if member in c.member_ids)
        assert cluster.scale is not None
        return round(cluster.scale.low, 2), round(cluster.scale.high, 1)

    assert found_at("aztm") == (0.1, 10.0)
    assert found_at("qarmet") == (0.63, 1.0)
    assert found_at("kazakhmys") == (0.63, 1.6)


def test_the_plant_is_core_by_paper_evidence(analysis: Analysis) -> None:
    evidence = analysis.case.graph.ties.set_index("tie_id")["evidence"]
    community = next(c for c in analysis.findings.clusters_of("joint") if "aztm" in c.member_ids)
    plant = community.members[0]
    assert plant.node_id == "aztm"
    used = {t for reason in plant.reasons for t in reason.tie_ids}
    assert used
    assert {str(evidence[t]) for t in used} == {"paper"}


def test_every_core_says_why_and_every_tie_its_source(analysis: Analysis) -> None:
    ties = analysis.case.graph.ties.set_index("tie_id")
    for cluster in analysis.findings.clusters:
        for member in cluster.cores:
            assert member.reasons
            used = {t for reason in member.reasons for t in reason.tie_ids}
            assert used
            for tie in used:
                assert str(ties.loc[tie, "source"]).strip()
                assert ties.loc[tie, "status"] in {"current", "as_published"}


def test_nothing_ended_planned_or_proposed_takes_part(analysis: Analysis) -> None:
    """ArcelorMittal owned the steelworks until December 2023: kept, shown, not analyzed."""
    graph = analysis.case.graph
    assert "arcelormittal>OWNS>qarmet" in graph.ties["tie_id"].tolist()
    members = {n for c in analysis.findings.clusters for n in c.member_ids}
    assert "arcelormittal" not in members
    with_ended = klaster.analyze(analysis.case, status=("current", "as_published", "ended"))
    assert "arcelormittal" in {
        n for c in with_ended.findings.clusters_of("joint") for n in c.member_ids
    }


def test_intervals_hold_the_rank(analysis: Analysis) -> None:
    ranked = 0
    for cluster in analysis.findings.clusters:
        for m in cluster.members:
            if not np.isnan(m.core_rank):
                ranked += 1
                assert 1 <= m.core_rank_low <= m.core_rank <= m.core_rank_high
                assert m.core_rank_high <= len(cluster.members)
    assert ranked >= 50


def test_no_significant_communities_is_an_answer(analysis: Analysis) -> None:
    quiet = [f for f in analysis.findings.layers if not f.significant]
    assert quiet
    for finding in quiet:
        assert finding.reason
        assert not analysis.findings.clusters_of(finding.layer)


def test_results_are_in_the_graph(analysis: Analysis) -> None:
    nodes, ties = analysis.graph.to_pandas()
    assert (nodes["kind"] == "Run").sum() == 1
    assert (nodes["kind"] == "Cluster").sum() == len(analysis.findings.clusters)
    memberships = ties[ties["tie_type"] == "IN_CLUSTER"]
    assert len(memberships) == sum(len(c.members) for c in analysis.findings.clusters)
    assert set(memberships["evidence"]) == {"estimated"}
    core = memberships[memberships["tie_id"].str.startswith("qarmet>")]
    assert core["is_core"].any()
    assert core["why"].str.contains("Qarmet").all()
    base = analysis.graph.select(kinds=["Actor", "Industry", "Product", "Region"])
    assert base == analysis.case.graph


def test_tables(analysis: Analysis) -> None:
    clusters, members, cores = analysis.clusters, analysis.members, analysis.cores
    assert clusters["cluster_id"].is_unique
    assert clusters["members"].sum() == len(members)
    assert len(cores) == (members["is_core"] | members["is_candidate"]).sum()
    assert not (cores["why"] == "").any()
    assert not (cores["sources"] == "").any()


def test_centralities_of_all_actors_in_both_directions(analysis: Analysis) -> None:
    """Against NetworkX on the same ties: symmetric ones count half in each direction."""
    table = analysis.centralities.set_index("node_id")
    graph = nx.DiGraph()
    graph.add_nodes_from(table.index)
    symmetric = load_dictionary().symmetric_types()
    active = analysis.case.graph.active().select(kinds=["Actor"]).ties
    for source, target, tie_type in zip(
        active["source_id"], active["target_id"], active["tie_type"], strict=True
    ):
        both = tie_type in symmetric
        for a, b in [(source, target), (target, source)][: 1 + both]:
            before = graph.get_edge_data(a, b, {"weight": 0.0})["weight"]
            graph.add_edge(a, b, weight=before + (0.5 if both else 1.0))
    for direction, seen in (("downstream", graph), ("upstream", graph.reverse())):
        expected = nx.pagerank(seen, tol=1e-14, max_iter=10_000)
        for node, value in expected.items():
            assert table.loc[node, f"pagerank_{direction}"] == pytest.approx(value, abs=1e-9)
    for _, _, data in graph.edges(data=True):
        data["length"] = 1 / data["weight"]
    expected = nx.betweenness_centrality(graph, weight="length")
    for node, value in expected.items():
        assert table.loc[node, "betweenness"] == pytest.approx(value, abs=1e-9)
    assert table["strength_in"].sum() == table["strength_out"].sum()


def test_an_unknown_cluster_is_answered_with_the_known_ones(analysis: Analysis) -> None:
    with pytest.raises(UnknownNameError, match="declared-karaganda"):
        analysis.cluster("declared-karagada")


def test_everything_is_written(analysis: Analysis, tmp_path: Path) -> None:
    written = analysis.write(tmp_path / "out")
    names = {
        "centralities.csv", "clusters.csv", "cores.csv", "graph.kgl", "index.html", "members.csv", "network.html",
        "quality.html", "rejected.csv", "run.json", "ties.csv",
    }  # fmt: skip
    assert names <= set(written)
    assert all(path.is_file() for path in written.values())
    record = json.loads(written[MARK].read_text(encoding="utf-8"))
    assert record["seed"] == 1
    assert record["inputs"]
    assert set(record["files"]) == set(written) - {MARK}
    table = pd.read_csv(written["cores.csv"], encoding="utf-8-sig")
    assert table["why"].str.len().min() > 40
    ties = pd.read_csv(written["ties.csv"], encoding="utf-8-sig")
    assert len(ties) == len(analysis.case.graph.ties)
    active = analysis.case.graph.active().ties
    self_loops = (active["source_id"] == active["target_id"]).sum()  # they take no part either
    assert (~ties["in_analysis"]).sum() == len(ties) - len(active) + self_loops


def test_the_store_is_reopened_later(analysis: Analysis, tmp_path: Path) -> None:
    written = analysis.write(tmp_path / "out")
    with klaster.EmbeddedStore.open(written["graph.kgl"]) as store:
        assert store.read() == analysis.graph
        rows = klaster.run_named(store, "suppliers", {"actor": "qarmet"}).to_frame()
    assert "linde_gas_kz" in rows["supplier_id"].tolist()


def test_a_failure_while_writing_leaves_nothing(
    analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klaster.results import result_files as report

    def broken(analysis: Analysis, folder: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(report, "_write_store", broken)
    with pytest.raises(OSError, match="disk full"):
        analysis.write(tmp_path / "out")
    assert not list(tmp_path.iterdir())


def shuffled_copy(target: Path, seed: int) -> Path:
    shutil.copytree(CASE, target)
    for name in ("actors.csv", "ties.csv", "regions.csv", "products.csv", "indicators.csv"):
        path = target / name
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        random.Random(seed).shuffle(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return target


def run_in_a_new_process(case: Path, out: Path, hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-m", "klaster", "analyze", str(case), "--out", str(out)]
    subprocess.run(command, check=True, env=environment, capture_output=True)


def test_same_bytes_with_shuffled_rows_and_another_hash_seed(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    run_in_a_new_process(CASE, first, "1")
    run_in_a_new_process(shuffled_copy(tmp_path / "case", 7), second, "4242")
    names = sorted(str(p.relative_to(first)) for p in first.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(second)) for p in second.rglob("*") if p.is_file())
    different = [
        n for n in names if n != MARK and (first / n).read_bytes() != (second / n).read_bytes()
    ]
    assert different == []
    records = [
        json.loads((folder / MARK).read_text(encoding="utf-8")) for folder in (first, second)
    ]
    for record in records:
        record.pop("times")
    assert records[0] == records[1]
