"""How fast a graph gets into Neo4j: the store, plain Cypher beside it, and the bulk path.

Starts a server of its own (tools/neo4j), or takes NEO4J_TEST_URI; that one is emptied. All rates
are of one run on one server, in ties a second, with every attribute of a supply tie.

    python benchmarks/bench_neo4j.py [--ties N] [--actors N] [--plain N] [--skip-bulk]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools" / "neo4j"), str(ROOT / "tests" / "support")]

import neo4j
import neo4j_server
from neo4j_graphs import supply_network

from klaster.graph.canonical_tables import records
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.neo4j_import import export_admin_csv
from klaster.graph.stores.neo4j_loading import BATCH_ROWS, LANES
from klaster.graph.stores.neo4j_store import Neo4jStore

SINGLE = """UNWIND $rows AS row
MATCH (a:Actor {id: row.source_id}) MATCH (b:Actor {id: row.target_id})
MERGE (a)-[r:SUPPLIES {tie_id: row.tie_id}]->(b) SET r += row.p"""


def plain_rows(graph: ClusterGraph, count: int) -> list[dict[str, Any]]:
    rows = []
    for tie in records(graph.ties.head(count)):
        ends = {name: tie.pop(name) for name in ("source_id", "target_id")}
        tie.pop("tie_type")
        rows.append(ends | {"tie_id": tie["tie_id"], "p": tie})
    return rows


def wipe(driver: Any, what: str) -> None:
    with driver.session(database="neo4j") as session:
        session.run(f"MATCH {what} CALL (x) {{ DELETE x }} IN TRANSACTIONS OF 10000 ROWS").consume()


def report(name: str, ties: int, seconds: float, remark: str = "") -> None:
    rate = f"{ties / seconds:>9,.0f}"
    print(f"{name:<46}{ties:>10,}{seconds:>9.1f} s{rate} ties/s  {remark}", flush=True)


@contextmanager
def server() -> Iterator[tuple[str, str, Callable[[], float] | None]]:
    uri = os.environ.get("NEO4J_TEST_URI")
    if uri:
        yield uri, os.environ.get("NEO4J_TEST_PASSWORD", ""), None
        return
    with neo4j_server.Server(neo4j_server.assemble()) as own:
        own.start()
        yield own.uri, own.password, lambda: cpu_seconds(own.pid)


def cpu_seconds(pid: int | None) -> float:
    """Return processor time a process took: tells the server's work from a busy machine."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bench_store(
    store: Neo4jStore, graph: ClusterGraph, server_cpu: Callable[[], float] | None
) -> None:
    marks: list[tuple[int, float, float, float]] = []

    def progress(what: str, done: int, total: int) -> None:
        if what == "ties":
            cpu = server_cpu() if server_cpu else float("nan")
            marks.append((done, time.perf_counter(), time.process_time(), cpu))

    begin = time.perf_counter()
    store.write(graph, progress=progress)
    end = time.perf_counter()
    report("Neo4jStore.write, whole call", len(graph.ties), end - begin, "nodes, check, count too")
    for name, part in (
        ("  its ties", marks),
        ("  its ties, second half (warm)", marks[len(marks) // 2 :]),
    ):
        (first, t0, client0, server0), (last, t1, client1, server1) = part[0], part[-1]
        each = 1e6 / max(1, last - first)
        remark = f"client {(client1 - client0) * each:.0f} µs, server {(server1 - server0) * each:.0f} µs of processor a tie"
        report(name, last - first, t1 - t0, remark)


def bench_plain(driver: Any, graph: ClusterGraph, sample: int) -> None:
    rows = plain_rows(graph, sample)
    for name, size in (("single statement, UNWIND of all rows", sample), ("one MERGE a row", 1)):
        wipe(driver, "()-[x]->()")
        part = rows if size > 1 else rows[: max(1, sample // 20)]
        begin = time.perf_counter()
        for start in range(0, len(part), size):
            driver.execute_query(SINGLE, rows=part[start : start + size], database_="neo4j")
        report(f"plain: {name}", len(part), time.perf_counter() - begin, "a sample")


def bench_bulk(graph: ClusterGraph) -> None:
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        done = export_admin_csv(graph, Path(folder) / "bulk")
        wrote = time.perf_counter()
        size = sum(path.stat().st_size for path in done.folder.iterdir()) / 1e6
        with neo4j_server.Server(neo4j_server.assemble()) as own:
            output = own.admin(*done.arguments, cwd=done.folder)
            imported = time.perf_counter()
            own.start()
            started = time.perf_counter()
            with (
                neo4j.GraphDatabase.driver(own.uri, auth=("neo4j", own.password)) as driver,
                driver.session(database="neo4j") as session,
            ):
                for statement in done.statements:
                    session.run(statement).consume()
            indexed = time.perf_counter()
    took = next((line for line in output.splitlines() if "IMPORT DONE" in line), "")
    report("bulk: CSV", len(graph.ties), wrote - begin, f"{size:.0f} MB")
    report("bulk: neo4j-admin import", len(graph.ties), imported - wrote, took)
    report("bulk: both", len(graph.ties), imported - begin)
    report("bulk: constraints afterwards", len(graph.ties), indexed - started)


def packing() -> str:
    """Say who packs the rows for the wire: the extra neo4j-fast, or the driver's own Python."""
    found = importlib.util.find_spec("neo4j._rust")
    return "neo4j-rust-ext" if found else "pure Python (the extra neo4j-fast is not installed)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ties", type=int, default=1_000_000)
    parser.add_argument("--actors", type=int, default=50_000)
    parser.add_argument("--plain", type=int, default=20_000, help="ties of the plain ways")
    parser.add_argument("--skip-bulk", action="store_true")
    parser.add_argument("--batch-rows", type=int, default=BATCH_ROWS)
    arguments = parser.parse_args()
    graph = supply_network(arguments.actors, arguments.ties)
    print(
        f"{graph}, {graph.ties.shape[1]} columns a tie; Python {platform.python_version()}, driver "
        f"{neo4j.__version__}, packing by {packing()}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"batches of {arguments.batch_rows:,} rows on {LANES} connections"
    )
    with (
        server() as (uri, password, server_cpu),
        neo4j.GraphDatabase.driver(uri, auth=("neo4j", password)) as driver,
    ):
        wipe(driver, "()-[x]->()")
        wipe(driver, "(x)")
        with Neo4jStore.connect(uri, password=password, batch_rows=arguments.batch_rows) as store:
            print(f"Neo4j {store.server_version}")
            bench_store(store, graph, server_cpu)
        bench_plain(driver, graph, arguments.plain)
    if not arguments.skip_bulk:
        bench_bulk(graph)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
