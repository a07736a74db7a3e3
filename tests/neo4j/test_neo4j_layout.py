"""Groups, statements and fingerprints, without a server."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import neo4j_server
import pytest
from example_graphs import steel_case
from graph_strategies import cluster_graphs
from hypothesis import given, settings
from neo4j_graphs import supply_network

from klaster.graph.model import ClusterGraph
from klaster.graph.stores import neo4j_layout as layout
from klaster.graph.stores.neo4j_loading import BATCH_BYTES, batches_of


@settings(max_examples=40, deadline=None)
@given(graph=cluster_graphs())
def test_groups_hold_every_row_once(graph: ClusterGraph) -> None:
    nodes, ties = layout.node_groups(graph), layout.tie_groups(graph)
    assert sum(group.table.num_rows for group in nodes) == len(graph)
    assert sum(group.table.num_rows for group in ties) == len(graph.ties)
    for group in (*nodes, *ties):
        rows = group.rows(0, group.table.num_rows)
        names = [*group.fixed, *group.varying]
        merged = [dict(zip(names, row, strict=True)) | group.shared for row in rows]
        assert merged == [
            {name: row[name] for name in merged[0]} for row in group.table.to_pylist()
        ]


@settings(max_examples=40, deadline=None)
@given(graph=cluster_graphs(), other=cluster_graphs())
def test_fingerprints_tell_graphs_apart(graph: ClusterGraph, other: ClusterGraph) -> None:
    again = ClusterGraph(graph.nodes.iloc[::-1], graph.ties.iloc[::-1])
    assert layout.fingerprint(graph) == layout.fingerprint(again)
    assert layout.fingerprint(graph) != layout.fingerprint(graph, 2)
    assert (layout.fingerprint(graph) == layout.fingerprint(other)) == (graph == other)


def test_a_fingerprint_tells_missing_from_empty() -> None:
    region = {"id": "r", "kind": "Region", "name": "R", "code": "R", "region_type": "group"}
    variants = [
        region,
        region | {"note": ""},
        region | {"country": ""},
        region | {"aliases": []},
        region | {"aliases": [""]},
        region | {"aliases": ["", ""]},
        region | {"valid_from": 0},
    ]
    prints = {layout.fingerprint(ClusterGraph.build([variant], [])) for variant in variants}
    assert len(prints) == len(variants)


def test_statements_hold_no_value_of_the_data() -> None:
    evil = "x'}) DETACH DELETE n //"
    region = {"id": evil, "kind": "Region", "name": evil, "code": evil, "region_type": "group"}
    graph = ClusterGraph.build([region], [])
    (group,) = layout.node_groups(graph)
    assert evil not in group.write_statement()
    with pytest.raises(ValueError, match="identifier"):
        layout.identifier(evil)


def test_equal_columns_are_sent_once() -> None:
    (group,) = layout.tie_groups(supply_network(50, 400))
    assert {"unit", "evidence", "currency", "period"} <= set(group.shared)
    assert "value" not in group.shared
    assert "note" not in group.shared


def test_batches_cover_a_group_and_stay_small() -> None:
    (group,) = layout.tie_groups(supply_network(50, 1000))
    batches = list(batches_of(group, 300))
    assert [(batch.start, batch.length) for batch in batches] == [
        (0, 300),
        (300, 300),
        (600, 300),
        (900, 100),
    ]
    text = "x" * 1_000_000
    region = {"kind": "Region", "name": "R", "code": "R", "region_type": "group", "note": text}
    (long,) = layout.node_groups(
        ClusterGraph.build([region | {"id": f"r{k}"} for k in range(40)], [])
    )
    assert all(batch.length * len(text) <= BATCH_BYTES for batch in batches_of(long, 10_000))


def test_every_group_of_a_case_has_a_statement_of_its_own() -> None:
    graph = steel_case()
    groups = [*layout.node_groups(graph), *layout.tie_groups(graph)]
    statements = [group.write_statement() for group in groups]
    assert len(set(statements)) == len(groups)
    assert all("$rows" in statement for statement in statements)


def test_importing_the_store_loads_no_driver() -> None:
    code = (
        "import sys, klaster.graph.stores.neo4j_store, klaster.graph.stores.neo4j_import; "
        "sys.exit('neo4j' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- the server for tests ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "majors"),
    [("5.26.29", (17, 21)), ("2025.06.2", (21,)), ("2025.10.1", (25, 21)), ("2026.09.0", (25, 21))],
)
def test_java_for_a_version(version: str, majors: tuple[int, ...]) -> None:
    assert neo4j_server.java_majors(version) == majors


def test_a_java_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(neo4j_server, "_java_candidates", lambda: iter([tmp_path]))
    (tmp_path / "release").write_text('JAVA_VERSION="11.0.2"\n')
    with pytest.raises(neo4j_server.ServerError, match=r"needs Java 17 or 21; installed: 11"):
        neo4j_server.find_java("5.26.29")


def test_the_drivers_chatter_stays_off() -> None:
    assert logging.getLogger("neo4j.io").level == logging.CRITICAL
