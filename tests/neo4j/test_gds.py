"""Neo4j's Graph Data Science library against ours: PageRank, betweenness, Louvain's modularity.

The demo case is loaded into a server that has the library, projected as klaster makes its joint
network of actors, and asked. What GDS normalises otherwise is converted by the exact relation,
written at each test; where the two differ for a reason, the reason is a test too. GDS runs on one
thread (``concurrency: 1``): on several its sums are taken in another order each time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from example_graphs import random_case
from gds_library import CONVERGED, Array, Library, matrix_of

from klaster.algorithms.analysis.communities import find_communities
from klaster.algorithms.centrality import betweenness, pagerank
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.community.search import Search
from klaster.algorithms.trust.significance import NullTest
from klaster.graph.model import ClusterGraph
from klaster.pipeline import Analysis

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j-gds")]

WEIGHTED = {"relationshipWeightProperty": "weight", "concurrency": 1}
MULTIGRAPH = random_case(7)


@pytest.fixture
def analysis(gds_analysis: Analysis) -> Analysis:
    return gds_analysis


@pytest.fixture
def demo(gds_library: Library, gds_analysis: Analysis) -> Library:
    """The library with the demo case and its findings in the database."""
    gds_library.hold(gds_analysis.graph)
    return gds_library


@pytest.fixture
def multigraph(gds_library: Library) -> tuple[Library, ClusterGraph]:
    """The library with a made-up case of many parallel ties and self-ties."""
    gds_library.hold(MULTIGRAPH)
    return gds_library, MULTIGRAPH


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
    assert np.abs(pagerank(matrix, self_loops="drop") / ours - 1).max() > 0.01


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


def test_betweenness_of_paths_equally_long(gds_library: Library) -> None:
    """1 + 1 + 1/3 and 1/3 + 1 + 1 are two floating-point numbers, and one length.

    From s to t there are two ways with these lengths. klaster credits both with half; GDS compares
    the sums as they come out and credits one.
    """
    actor = {"kind": "Actor", "actor_type": "Firm", "sphere": "business"}
    nodes = [actor | {"id": key, "name": key} for key in "sabcdt"]
    strengths = {"sa": 1, "ab": 1, "bt": 3, "sc": 3, "cd": 1, "dt": 1}
    rest = {"tie_type": "SUPPLIES", "evidence": "synthetic", "source": "test"}
    ties = [
        rest | {"tie_id": f"{ends}{k}", "source_id": ends[0], "target_id": ends[1]}
        for ends, strength in strengths.items()
        for k in range(strength)
    ]
    graph = ClusterGraph.build(nodes, ties)
    gds_library.hold(graph)
    ids, matrix = matrix_of(graph)
    assert ids == list("abcdst")
    gds_library.project("ways")
    raw = gds_library.scores("betweenness", "ways", ids, relationshipWeightProperty="length")
    ours = betweenness(matrix, distance="reciprocal", normalized=False)
    # Each inner node is on the way between its own neighbours as well, half of t's or s's.
    assert (1 + 1) + 1 / 3 != (1 / 3 + 1) + 1
    assert ours.tolist() == [1.5, 1.5, 1.5, 1.5, 0, 0]
    assert sorted(raw.tolist()) == [0, 0, 1, 1, 2, 2]


# -- Louvain -------------------------------------------------------------------------------------


def test_louvain(demo: Library, analysis: Analysis) -> None:
    """The quality, and not the labels: communities have no numbers that two programs share.

    The modularity GDS states for its partition is that of klaster's function on W + Wᵀ, and
    klaster's partition is at least as good.
    """
    ids, matrix = matrix_of(analysis.graph)
    demo.project("joint", undirected=True)
    labels = demo.communities("joint", ids, **WEIGHTED)
    assert (labels == demo.communities("joint", ids, **WEIGHTED)).all()  # on one thread
    found = modularity(matrix, labels)
    assert found == pytest.approx(demo.modularity("joint"), abs=1e-12)
    assert found > 0.75
    ours = find_communities(
        analysis.case.graph.active().joint(), test=NullTest(draws=19)
    ).finding.modularity
    assert found <= ours + 1e-12
    assert found > ours - 0.02


def test_modularity_of_klasters_partition(demo: Library, analysis: Analysis) -> None:
    """GDS, given klaster's communities, finds the modularity klaster states for them."""
    result = find_communities(
        analysis.case.graph.active().joint(), Search(runs=5), NullTest(draws=19)
    )
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


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("self_ties", ["keep", "drop"])
def test_louvain_of_parallel_and_self_ties(
    multigraph: tuple[Library, ClusterGraph], apart: bool, self_ties: Any
) -> None:
    """Parallel ties add up; a tie to oneself counts at both its ends, as in klaster."""
    library, graph = multigraph
    ids, matrix = matrix_of(graph, self_ties=True)
    library.project("ties", undirected=True, apart=apart, self_ties=self_ties == "keep")
    labels = library.communities("ties", ids, **WEIGHTED)
    stated = library.modularity("ties")
    assert modularity(matrix, labels, self_loops=self_ties) == pytest.approx(stated, abs=1e-12)
    other = "drop" if self_ties == "keep" else "keep"
    assert abs(modularity(matrix, labels, self_loops=other) - stated) > 1e-3


def test_louvain_with_direction_is_another_quality(demo: Library, analysis: Analysis) -> None:
    """GDS expects ties by the out-strengths of both ends; Leicht and Newman by out times in."""
    ids, matrix = matrix_of(analysis.graph)
    demo.project("joint")
    labels = demo.communities("joint", ids, **WEIGHTED)
    stated = demo.modularity("joint")
    ties, given = matrix.toarray(), matrix.sum(axis=1)
    inside = labels[:, None] == labels[None, :]
    total = ties.sum()
    outs = ties[inside].sum() / total - np.outer(given, given)[inside].sum() / total**2
    assert outs == pytest.approx(stated, abs=1e-12)
    assert abs(modularity(matrix, labels, directed=True) - stated) > 1e-4
    assert abs(modularity(matrix, labels) - stated) > 1e-4
