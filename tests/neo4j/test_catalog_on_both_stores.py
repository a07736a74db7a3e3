"""Every query of the catalog gives the same rows in the embedded store and in Neo4j."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from catalog_cases import demo_with_two_runs, parameter_sets, rich_case, same_rows
from graph_strategies import cluster_graphs
from hypothesis import HealthCheck, Phase, given, settings

from klaster.graph.model import ClusterGraph
from klaster.graph.stores.contract import GraphStore
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.graph.stores.neo4j_store import Neo4jStore
from klaster.queries.catalog import load_catalog, run_named

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]

RANDOM_GRAPHS = int(os.environ.get("KLASTER_CATALOG_GRAPHS", "3"))
"""How many random graphs of each kind are asked; more of them for a longer search."""


def differences(
    name: str, graph: ClusterGraph, one: GraphStore, other: GraphStore, most: int = 4
) -> tuple[list[str], int]:
    """Return where the stores answer differently, and how many rows were compared."""
    found, rows = [], 0
    for parameters in parameter_sets(load_catalog()[name], graph, most):
        a = run_named(one, name, parameters, timeout_s=60)
        b = run_named(other, name, parameters, timeout_s=60)
        rows += len(a.rows)
        if a.columns != b.columns or not same_rows(a.rows, b.rows):
            at = next(
                (k for k, (x, y) in enumerate(zip(a.rows, b.rows, strict=False)) if x != y),
                min(len(a.rows), len(b.rows)),
            )
            found.append(
                f"{name} {parameters}: {len(a.rows)} rows and {len(b.rows)}, the first that "
                f"differs is number {at}:\n  {a.rows[at : at + 1]}\n  {b.rows[at : at + 1]}"
            )
    return found, rows


@pytest.fixture(scope="module")
def demo(neo4j_access: object) -> ClusterGraph:
    """The demo case with two runs; made once, and only where there is a server to ask."""
    return demo_with_two_runs()


@pytest.fixture(scope="module")
def embedded(demo: ClusterGraph) -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.write(demo)
        yield store


class TestDemoCase:
    def test_every_query_gives_the_same_rows(
        self, demo: ClusterGraph, embedded: EmbeddedStore, neo4j_store: Neo4jStore
    ) -> None:
        neo4j_store.write(demo)
        found: list[str] = []
        silent = []
        for name in load_catalog():
            differing, rows = differences(name, demo, embedded, neo4j_store, most=6)
            found += differing
            if not rows:
                silent.append(name)
        assert not found, "\n".join(found)
        assert not silent, "no row was compared: the parameters say nothing about this case"


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(k, marks=pytest.mark.slow) for k in range(1, RANDOM_GRAPHS))]
)
def test_random_cases(seed: int, neo4j_store: Neo4jStore) -> None:
    graph = rich_case(seed)
    neo4j_store.write(graph)
    with EmbeddedStore() as embedded:
        embedded.write(graph)
        found = [
            line
            for name in load_catalog()
            for line in differences(name, graph, embedded, neo4j_store)[0]
        ]
    assert not found, "\n".join(found)


def test_random_multigraphs(neo4j_store: Neo4jStore) -> None:
    """Awkward text, any kind of node, any missing value."""

    @settings(
        max_examples=RANDOM_GRAPHS,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(graph=cluster_graphs(max_nodes=14, max_ties=30))
    def compare(graph: ClusterGraph) -> None:
        neo4j_store.write(graph)
        with EmbeddedStore() as embedded:
            embedded.write(graph)
            found = [
                line
                for name in load_catalog()
                for line in differences(name, graph, embedded, neo4j_store)[0]
            ]
        assert not found, "\n".join(found)

    compare()
