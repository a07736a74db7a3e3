"""Neo4j's Graph Data Science library against ours: PageRank, betweenness, Louvain's modularity.

The demo case is loaded into a server that has the library, projected as klaster makes its joint
network of actors, and asked. What GDS normalises otherwise is converted by the exact relation,
written at each test; where the two differ for a reason, the reason is a test too. GDS runs on one
thread (``concurrency: 1``): on several its sums are taken in another order each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from example_graphs import random_case
from neo4j_fixtures import Access, wipe
from scipy import sparse

import klaster
from klaster.algorithms.centrality import betweenness, pagerank
from klaster.algorithms.clusters import find_communities
from klaster.algorithms.community.objective import modularity
from klaster.graph.dictionary import load_dictionary
from klaster.graph.model import ACTIVE_STATUS, CSR, ClusterGraph
from klaster.pipeline import Analysis

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j-gds")]

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


@pytest.fixture(scope="module")
def library(neo4j_gds: Access) -> Iterator[Library]:
    with neo4j_gds.driver() as driver:
        yield Library(neo4j_gds, driver)


@pytest.fixture(scope="module")
def analysis(neo4j_gds: Access) -> Analysis:
    """The demo case with fewer draws: what is compared here does not hang on their number."""
    case = klaster.load_case(klaster.case_path("kazakhstan"))
    few = replace(case.settings, ensemble=20, null_draws=39, evidence_draws=10)
    return klaster.analyze(replace(case, settings=few))


@pytest.fixture
def demo(library: Library, analysis: Analysis) -> Library:
    """The library with the demo case and its findings in the database."""
    library.hold(analysis.graph)
    return library


@pytest.fixture
def multigraph(library: Library) -> tuple[Library, ClusterGraph]:
    """The library with a made-up case of many parallel ties and self-ties."""
    library.hold(MULTIGRAPH)
    return library, MULTIGRAPH


MULTIGRAPH = random_case(7)


# -- the projection ------------------------------------------------------------------------------


def test_the_projection_is_klasters_joint_network(demo: Library, analysis: Analysis) -> None:
    ids, matrix = matrix_of(analysis.graph)
    size = demo.project("joint")
    rows = demo.ask(
        "CALL gds.graph.relationshipProperty.stream('joint', 'weight') "
        "YIELD sourceNodeId, targetNodeId, propertyValue "
        "RETURN gds.util.asNode(sourceNodeId).id AS a, gds.util.asNode(targetNodeId).id AS b, "
        "propertyValue AS w"
    )
    assert size["nodeCount"] == len(ids) == len(analysis.centralities)
    assert size["relationshipCount"] == len(rows) == matrix.nnz > 150
    at = {key: k for k, key in enumerate(ids)}
    assert all(matrix[at[row["a"]], at[row["b"]]] == row["w"] for row in rows)  # halves: exact
    # The same matrix is behind klaster's own numbers.
    table = analysis.centralities.set_index("node_id").loc[ids]
    assert table["strength_out"].tolist() == matrix.sum(axis=1).tolist()
    assert table["strength_in"].tolist() == matrix.sum(axis=0).tolist()


# -- PageRank ------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["downstream", "upstream"])
def test_pagerank(demo: Library, analysis: Analysis, direction: str) -> None:
    """GDS lets the rank of an actor that gives nothing on vanish; klaster spreads it over all.

    GDS solves x = (1 - d) 1 + d Pᵀ x, klaster r = ((1 - d) / n + d D / n) 1 + d Pᵀ r with D the
    rank of those actors. Both right sides are multiples of 1, so r = x / sum(x), and
    x = r n (1 - d) / (1 - d + d D).
    """
    ids, matrix = matrix_of(analysis.graph)
    demo.project("joint", upstream=direction == "upstream")
    raw = demo.scores("pageRank", "joint", ids, **CONVERGED)
    ours = analysis.centralities.set_index("node_id").loc[ids, f"pagerank_{direction}"].to_numpy()
    np.testing.assert_allclose(raw / raw.sum(), ours, rtol=1e-10, atol=0)
    stuck = np.asarray(matrix.sum(axis=1 if direction == "downstream" else 0)) == 0
    lost = ours[stuck].sum()
    assert 0.1 < lost < 0.9  # the relation is put to the test
    n, d = len(ids), 0.85
    np.testing.assert_allclose(raw, ours * n * (1 - d) / (1 - d + d * lost), rtol=1e-10, atol=0)
    assert raw.sum() < 0.9 * n  # and not n, as it would be if nothing were lost


def test_pagerank_as_gds_runs_by_default_is_not_converged(
    demo: Library, analysis: Analysis
) -> None:
    """Twenty iterations, the first of which only hands out 1 - d: nineteen steps of Jacobi."""
    ids, matrix = matrix_of(analysis.graph)
    demo.project("joint")
    raw = demo.scores("pageRank", "joint", ids, relationshipWeightProperty="weight")
    out = np.asarray(matrix.sum(axis=1))
    chance = matrix.toarray() / np.where(out > 0, out, 1)[:, None]
    score = np.full(len(ids), 0.15)
    for _ in range(19):
        score = 0.15 + 0.85 * chance.T @ score
    # GDS does not pass on what is below its tolerance, 1e-7.
    np.testing.assert_allclose(raw, score, rtol=0, atol=1e-5)
    exact = demo.scores("pageRank", "joint", ids, **CONVERGED)
    assert np.abs(raw / exact - 1).max() > 1e-4


def test_pagerank_of_parallel_and_self_ties(multigraph: tuple[Library, ClusterGraph]) -> None:
    """Parallel ties add up, apart or not; a self-tie keeps rank at home, in both libraries."""
    library, graph = multigraph
    ids, matrix = matrix_of(graph, self_ties=True)
    assert library.project("apart", apart=True, self_ties=True)["relationshipCount"] > matrix.nnz
    assert library.project("added", self_ties=True)["relationshipCount"] == matrix.nnz
    ours = pagerank(matrix)
    for name in ("apart", "added"):
        raw = library.scores("pageRank", name, ids, **CONVERGED)
        np.testing.assert_allclose(raw / raw.sum(), ours, rtol=1e-10, atol=0)
    assert matrix.diagonal().sum() > 0
    assert np.abs(pagerank(matrix, self_ties="drop") / ours - 1).max() > 0.01


# -- betweenness ---------------------------------------------------------------------------------


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("distance", ["reciprocal", "hops"])
def test_betweenness(demo: Library, analysis: Analysis, distance: Any, directed: bool) -> None:
    """GDS counts pairs, ordered ones where ties have a direction: klaster's ``normalized=False``.

    Its weights are lengths, so it is given 1 / strength. Divided by (n - 1)(n - 2), the directed
    counts on lengths are the column ``betweenness`` of klaster's table.
    """
    ids, matrix = matrix_of(analysis.graph)
    demo.project("joint", undirected=not directed)
    settings = {"relationshipWeightProperty": "length"} if distance == "reciprocal" else {}
    raw = demo.scores("betweenness", "joint", ids, **settings)
    ours = betweenness(matrix, distance=distance, directed=directed, normalized=False)
    assert ours.max() > 100
    np.testing.assert_allclose(raw, ours, rtol=1e-9, atol=1e-9)
    if distance == "reciprocal" and directed:
        n = len(ids)
        table = analysis.centralities.set_index("node_id").loc[ids, "betweenness"].to_numpy()
        np.testing.assert_allclose(raw / ((n - 1) * (n - 2)), table, rtol=1e-9, atol=1e-15)


def counted_with_parallels(ties: npt.NDArray[np.int64]) -> Array:
    """Return betweenness by hops where ``ties[i, j]`` parallel ties are as many paths (Brandes)."""
    n = len(ties)
    total = np.zeros(n)
    for source in range(n):
        level, paths = np.full(n, -1), np.zeros(n)
        level[source], paths[source] = 0, 1
        order = [np.array([source])]
        while len(order[-1]):
            front = order[-1]
            reached = np.flatnonzero((ties[front].sum(axis=0) > 0) & (level < 0))
            level[reached] = len(order)
            paths[reached] = paths[front] @ ties[np.ix_(front, reached)]
            order.append(reached)
        through = np.zeros(n)
        for near, far in reversed(list(pairwise(order))):
            share = (1 + through[far]) / paths[far]
            through[near] += paths[near] * (ties[np.ix_(near, far)] @ share)
        through[source] = 0
        total += through
    return total


def test_betweenness_of_parallel_ties(multigraph: tuple[Library, ClusterGraph]) -> None:
    """To GDS two parallel ties are two paths; to klaster one stronger tie: project them added up."""
    library, graph = multigraph
    ids, matrix = matrix_of(graph)
    library.project("added")
    ours = betweenness(matrix, distance="hops", normalized=False)
    added = library.scores("betweenness", "added", ids)
    np.testing.assert_allclose(added, ours, rtol=1e-9, atol=1e-9)

    library.project("apart", apart=True)
    apart = library.scores("betweenness", "apart", ids)
    assert np.abs(apart - ours).max() > 1
    rows = library.ask(
        "CALL gds.graph.relationships.stream('apart') YIELD sourceNodeId, targetNodeId "
        "RETURN gds.util.asNode(sourceNodeId).id AS a, gds.util.asNode(targetNodeId).id AS b"
    )
    ties = np.zeros(matrix.shape, dtype=np.int64)
    at = {key: k for k, key in enumerate(ids)}
    for row in rows:
        ties[at[row["a"]], at[row["b"]]] += 1
    np.testing.assert_allclose(apart, counted_with_parallels(ties), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours, counted_with_parallels(np.minimum(ties, 1)), atol=1e-9)


def test_betweenness_ignores_self_ties(multigraph: tuple[Library, ClusterGraph]) -> None:
    library, graph = multigraph
    ids, matrix = matrix_of(graph, self_ties=True)
    library.project("loops", self_ties=True)
    raw = library.scores("betweenness", "loops", ids, relationshipWeightProperty="length")
    ours = betweenness(matrix, distance="reciprocal", normalized=False)
    assert matrix.diagonal().sum() > 0
    np.testing.assert_allclose(raw, ours, rtol=1e-9, atol=1e-9)


# -- Louvain -------------------------------------------------------------------------------------


def test_louvain(demo: Library, analysis: Analysis) -> None:
    """The quality, and not the labels: communities have no numbers that two programs share.

    The modularity GDS states for its partition is that of klaster's function on W + Wᵀ, and
    klaster's partition is at least as good.
    """
    ids, matrix = matrix_of(analysis.graph)
    demo.project("joint", undirected=True)
    weighted = {"relationshipWeightProperty": "weight"}
    labels = demo.communities("joint", ids, **weighted)
    assert (labels == demo.communities("joint", ids, **weighted)).all()  # on one thread
    stated = demo.ask(
        "CALL gds.louvain.stats('joint', {relationshipWeightProperty: 'weight', concurrency: 1}) "
        "YIELD modularity RETURN modularity"
    )[0]["modularity"]
    found = modularity(matrix, labels)
    assert found == pytest.approx(stated, abs=1e-12)
    assert found > 0.75
    ours = analysis.findings.layer("joint").modularity
    assert found <= ours + 1e-12
    assert found > ours - 0.02


def test_modularity_of_klasters_partition(demo: Library, analysis: Analysis) -> None:
    """GDS, given klaster's communities, finds the modularity klaster states for them."""
    result = find_communities(analysis.case.graph.active().joint(), ensemble_runs=5, null_draws=19)
    numbers = (result.labels + 1).tolist()
    demo.project(
        "joint", undirected=True, clusters=dict(zip(result.node_ids.tolist(), numbers, strict=True))
    )
    stated = demo.ask(
        "CALL gds.modularity.stats('joint', {communityProperty: 'cluster', "
        "relationshipWeightProperty: 'weight', concurrency: 1}) YIELD modularity RETURN modularity"
    )[0]["modularity"]
    assert len(set(numbers)) > 5
    assert stated == pytest.approx(result.finding.modularity, abs=1e-12)


def test_louvain_of_parallel_and_self_ties(multigraph: tuple[Library, ClusterGraph]) -> None:
    library, graph = multigraph
    ids, matrix = matrix_of(graph, self_ties=True)
    weighted = {"relationshipWeightProperty": "weight", "concurrency": 1}
    for apart in (False, True):
        name = f"apart-{apart}"
        library.project(name, undirected=True, apart=apart)
        labels = library.communities(name, ids, **weighted)
        stated = library.ask(
            "CALL gds.louvain.stats($name, $settings) YIELD modularity RETURN modularity",
            name=name,
            settings=weighted,
        )[0]["modularity"]
        assert modularity(matrix, labels, self_ties="drop") == pytest.approx(stated, abs=1e-12)
