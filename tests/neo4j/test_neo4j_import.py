"""The bulk path: files that neo4j-admin takes without a bad row, and the same graph afterwards."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import neo4j_server
import pytest
from example_graphs import steel_case
from graph_strategies import AWKWARD_TEXTS, cluster_graphs
from hypothesis import HealthCheck, given, settings
from neo4j_graphs import supply_network

from klaster.graph.errors import InputError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.neo4j_import import AFTER, AdminImport, export_admin_csv
from klaster.graph.stores.neo4j_store import Neo4jStore

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]


def awkward_graph() -> ClusterGraph:
    """Every awkward text as key, value and list element; every type; missing values."""
    nodes = [
        {
            "id": f"n{k} {text}".replace("\0", ""),
            "kind": "Actor",
            "name": text,
            "actor_type": "Firm" if k % 2 else "Group",
            "sphere": "business",
            "note": f" {text} ",
            "aliases": [text, "b;c", '"'] if k % 3 else [],
            "x_day": dt.date(1, 1, 1) if k % 2 else None,
            "x_said": bool(k % 2),
            "x_whole": k * 2**58 - 2**63,
            "x_share": 1e-310 * k,
        }
        for k, text in enumerate(AWKWARD_TEXTS)
    ]
    ties = [
        {
            "tie_id": f"t{k}",
            "source_id": nodes[k]["id"],
            "target_id": nodes[k * 7 % len(nodes)]["id"],
            "tie_type": "SUPPLIES",
            "evidence": "synthetic",
            "source": text,
            "value": k / 3,
            "note": text if k % 4 else None,
        }
        for k, text in enumerate(AWKWARD_TEXTS)
    ]
    return ClusterGraph.build(nodes, ties)


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    header = (folder / f"{name}-header.csv").read_text(encoding="utf-8").strip().split(",")
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [dict(zip(header, row, strict=True)) for row in csv.reader(file)]


def test_files_and_command(tmp_path: Path) -> None:
    done = export_admin_csv(steel_case(), tmp_path / "bulk")
    assert done.arguments[:4] == ("database", "import", "full", "neo4j")
    assert "--bad-tolerance=0" in done.arguments
    named = [a.split("=", 2)[-1].split(",") for a in done.arguments if a.startswith(("--n", "--r"))]
    files = {name.removeprefix("./") for pair in named for name in pair}
    assert {path.name for path in done.folder.iterdir()} == files | {"README.txt", AFTER}
    readme = (done.folder / "README.txt").read_text(encoding="utf-8")
    assert all(argument in readme for argument in done.arguments)
    rows = rows_of(done.folder, "ties-SUPPLIES-Actor-Actor")
    assert len(rows) == 8
    assert {row["tie_id:string"] for row in rows} == set(
        steel_case().ties.query("tie_type == 'SUPPLIES'")["tie_id"]
    )
    nodes = [a.removeprefix("--nodes=").split("=")[0] for a in done.arguments if "--nodes" in a]
    assert "Actor:Firm:Klaster" in nodes
    assert "Region:Klaster" in nodes


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(graph=cluster_graphs())
def test_every_row_is_there_once(
    tmp_path_factory: pytest.TempPathFactory, graph: ClusterGraph
) -> None:
    done = export_admin_csv(graph, tmp_path_factory.mktemp("export") / "bulk")
    folder = done.folder
    names = [path.name.removesuffix("-header.csv") for path in folder.glob("*-header.csv")]
    nodes = [row for name in names if name.startswith("nodes-") for row in rows_of(folder, name)]
    ties = [row for name in names if name.startswith("ties-") for row in rows_of(folder, name)]
    assert sorted(row["id:ID(klaster)"] for row in nodes) == sorted(graph.node_ids.tolist())
    assert sorted(row["tie_id:string"] for row in ties) == sorted(graph.ties["tie_id"].tolist())
    assert not any("\n" in statement for statement in done.statements)


def test_the_same_graph_gives_the_same_bytes(tmp_path: Path) -> None:
    first = export_admin_csv(awkward_graph(), tmp_path / "one")
    second = export_admin_csv(awkward_graph(), tmp_path / "two")
    for path in sorted(first.folder.iterdir()):
        assert path.read_bytes() == (second.folder / path.name).read_bytes()


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(StoreError, match="not an empty folder"):
        export_admin_csv(steel_case(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_lists_that_use_every_separator_are_refused(tmp_path: Path) -> None:
    region = {"id": "r", "kind": "Region", "name": "R", "code": "R", "region_type": "group"}
    graph = ClusterGraph.build([region | {"aliases": ["\x1c\x1d\x1e\x1f"]}], [])
    with pytest.raises(InputError, match="control characters"):
        export_admin_csv(graph, tmp_path / "bulk")
    assert not (tmp_path / "bulk").exists()


def imported(done: AdminImport, home: neo4j_server.Home) -> tuple[str, ClusterGraph]:
    """Import into a new server; return what the import said, and the graph read back."""
    from neo4j import GraphDatabase

    with neo4j_server.Server(home) as server:
        output = server.admin(*done.arguments, cwd=done.folder)
        server.start()
        with (
            GraphDatabase.driver(server.uri, auth=("neo4j", server.password)) as driver,
            driver.session(database="neo4j") as session,
        ):
            for statement in done.statements:
                session.run(statement).consume()
        with Neo4jStore.connect(server.uri, password=server.password) as store:
            graph = store.read()
            store.write(steel_case())  # what the import left can be replaced over the network
            assert store.read() == steel_case()
    return output, graph


OWN_SERVER = pytest.mark.xdist_group("neo4j-own")  # may run beside the tests on the shared one


@OWN_SERVER
@pytest.mark.timeout(300)
def test_a_real_import_reads_back_equal(tmp_path: Path, neo4j_home: neo4j_server.Home) -> None:
    graph = awkward_graph()
    output, back = imported(export_admin_csv(graph, tmp_path / "bulk"), neo4j_home)
    assert f"{len(graph)} nodes" in output
    assert f"{len(graph.ties)} relationships" in output
    assert back == graph


@OWN_SERVER
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_large_import_reads_back_equal(tmp_path: Path, neo4j_home: neo4j_server.Home) -> None:
    graph = supply_network(5_000, 100_000)
    _, back = imported(export_admin_csv(graph, tmp_path / "bulk"), neo4j_home)
    assert back == graph
