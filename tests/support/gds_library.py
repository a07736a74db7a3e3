"""A server with Neo4j's Graph Data Science library, and klaster's network of actors in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from neo4j_fixtures import Access, wipe
from scipy import sparse

import klaster
from klaster.graph.dictionary import load_dictionary
from klaster.graph.model import ACTIVE_STATUS, CSR, ClusterGraph
from klaster.pipeline import Analysis

__all__ = ["gds_analysis", "gds_library"]

Array = npt.NDArray[np.float64]

# Every actor, tied or not; every active tie between two of them, halved to both sides where it
# means the same either way. Parallel ties are added up unless they are to stay apart.
PROJECT = """
CALL () {
  MATCH (a:Klaster:Actor)
  RETURN a AS source, null AS target, 1.0 AS weight, null AS tie, false AS turned
  UNION ALL
  MATCH (a:Klaster:Actor)-[r]->(b:Klaster:Actor)
  WHERE type(r) IN $types AND coalesce(r.status, 'current') IN $status AND ($self_ties OR a <> b)
  UNWIND CASE WHEN type(r) IN $either_way THEN [[a, b, 0.5], [b, a, 0.5]] ELSE [[a, b, 1.0]] END
    AS way
  WITH way[0] AS source, way[1] AS target, way[2] AS weight, r.tie_id AS tie
  RETURN source, target, weight, tie, $upstream OR $undirected AND source.id > target.id AS turned
}
WITH CASE WHEN turned THEN target ELSE source END AS source,
     CASE WHEN turned THEN source ELSE target END AS target,
     weight, CASE WHEN $apart THEN tie END AS tie
WITH source, target, tie, sum(weight) AS weight
RETURN gds.graph.project($name, source, target, {
  relationshipType: 'TIE', relationshipProperties: {weight: weight, length: 1.0 / weight},
  sourceNodeProperties: {cluster: coalesce($clusters[source.id], 0)},
  targetNodeProperties: {cluster: coalesce($clusters[target.id], 0)}
}, {undirectedRelationshipTypes: CASE WHEN $undirected THEN ['*'] ELSE [] END}) AS projected
"""

CONVERGED = {
    "relationshipWeightProperty": "weight",
    "dampingFactor": 0.85,
    "maxIterations": 5000,
    "tolerance": 1e-16,
}


class Library:
    """A server with GDS: a graph in its database, networks of it in the library's memory."""

    def __init__(self, access: Access, driver: Any) -> None:
        self.access, self.driver = access, driver
        self._held: ClusterGraph | None = None

    def ask(self, cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        records = self.driver.execute_query(cypher, parameters, database_="neo4j").records
        return [record.data() for record in records]

    def hold(self, graph: ClusterGraph) -> None:
        """Put the graph into the database, unless it is there."""
        for row in self.ask("CALL gds.graph.list() YIELD graphName"):
            self.ask("CALL gds.graph.drop($name) YIELD graphName", name=row["graphName"])
        if self._held is not graph:
            wipe(self.driver)
            with self.access.store() as store:
                store.write(graph)
            self._held = graph

    def forget(self) -> None:
        """Let the next test load its graph anew: this one was changed."""
        self._held = None

    def project(
        self,
        name: str,
        *,
        upstream: bool = False,
        undirected: bool = False,
        apart: bool = False,
        self_ties: bool = False,
        clusters: Mapping[str, int] | None = None,
    ) -> dict[str, Any]:
        """Make a network of the actors in the library's memory; say how large it is."""
        dictionary = load_dictionary()
        rows = self.ask(
            PROJECT,
            name=name,
            types=[
                t.name for t in dictionary.tie_types if t.source_kind == t.target_kind == "Actor"
            ],
            either_way=sorted(dictionary.symmetric_types()),
            status=list(ACTIVE_STATUS),
            upstream=upstream,
            undirected=undirected,
            apart=apart,
            self_ties=self_ties,
            clusters=dict(clusters or {}),
        )
        found: dict[str, Any] = rows[0]["projected"]
        return found

    def scores(self, algorithm: str, name: str, ids: list[str], **settings: Any) -> Array:
        """Return one number an actor, in the order of ``ids``."""
        rows = self.ask(
            f"CALL gds.{algorithm}.stream($name, $settings) YIELD nodeId, score "
            "RETURN gds.util.asNode(nodeId).id AS id, score",
            name=name,
            settings={"concurrency": 1} | settings,
        )
        by_id = {row["id"]: row["score"] for row in rows}
        assert sorted(by_id) == sorted(ids)
        return np.array([by_id[key] for key in ids])

    def communities(self, name: str, ids: list[str], **settings: Any) -> npt.NDArray[np.int64]:
        rows = self.ask(
            "CALL gds.louvain.stream($name, $settings) YIELD nodeId, communityId "
            "RETURN gds.util.asNode(nodeId).id AS id, communityId",
            name=name,
            settings={"concurrency": 1} | settings,
        )
        by_id = {row["id"]: row["communityId"] for row in rows}
        return np.array([by_id[key] for key in ids], dtype=np.int64)

    def modularity(self, name: str) -> float:
        """Return the modularity that Louvain states for its partition."""
        rows = self.ask(
            "CALL gds.louvain.stats($name, {relationshipWeightProperty: 'weight', concurrency: 1}) "
            "YIELD modularity RETURN modularity",
            name=name,
        )
        return float(rows[0]["modularity"])


def matrix_of(graph: ClusterGraph, *, self_ties: bool = False) -> tuple[list[str], CSR]:
    """Return the joint network of actors by its definition, cell by cell."""
    dictionary = load_dictionary()
    kinds = dict(zip(graph.nodes["id"].tolist(), graph.nodes["kind"].tolist(), strict=True))
    ids = sorted(key for key, kind in kinds.items() if kind == "Actor")
    at = {key: k for k, key in enumerate(ids)}
    cells = np.zeros((len(ids), len(ids)))
    columns = (graph.active().ties[c].tolist() for c in ("tie_type", "source_id", "target_id"))
    for tie_type, source, target in zip(*columns, strict=True):
        if source in at and target in at and (self_ties or source != target):
            if tie_type in dictionary.symmetric_types():
                cells[at[source], at[target]] += 0.5
                cells[at[target], at[source]] += 0.5
            else:
                cells[at[source], at[target]] += 1
    return ids, sparse.csr_array(cells)


@pytest.fixture(scope="session")
def gds_library(neo4j_gds: Access) -> Iterator[Library]:
    """The library, on a running server."""
    with neo4j_gds.driver() as driver:
        yield Library(neo4j_gds, driver)


@pytest.fixture(scope="session")
def gds_analysis(neo4j_gds: Access) -> Analysis:
    """The demo case with fewer draws: what is compared does not hang on their number."""
    case = klaster.load_case(klaster.case_path("kazakhstan"))
    few = replace(case.settings, ensemble=20, null_draws=39, evidence_draws=10)
    return klaster.analyze(replace(case, settings=few))
