"""Centralities against published numbers and numbers computed from the stated definitions."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from scipy import sparse

from klaster.algorithms.centrality import (
    betweenness,
    core_numbers,
    pagerank,
    participation,
    role,
    strengths,
    within_module_z,
)

# Germany 1995, Eurostat Manual of Supply, Use and Input-Output Tables (2008), six sectors:
# agriculture, industry, construction, trade, business services, other services.
GERMANY = np.array(
    [
        [1131, 25480, 1, 607, 710, 762],
        [7930, 304584, 64167, 41082, 11981, 30360],
        [426, 7334, 3875, 5296, 23457, 9155],
        [3559, 72717, 14190, 74399, 10835, 21008],
        [3637, 96115, 31027, 65755, 193176, 34223],
        [1552, 14986, 1747, 11225, 15058, 22070],
    ]
)

# Exact optimum of modularity of the karate club: 0.4197896.
KARATE_MODULES = (
    {0, 1, 2, 3, 7, 11, 12, 13, 17, 19, 21},
    {4, 5, 6, 10, 16},
    {8, 9, 14, 15, 18, 20, 22, 26, 29, 30, 32, 33},
    {23, 24, 25, 27, 28, 31},
)


def _matrix(rows: Any) -> sparse.csr_array[Any, tuple[int, int]]:
    return sparse.csr_array(np.asarray(rows, dtype=float))


def _karate() -> sparse.csr_array[Any, tuple[int, int]]:
    graph = nx.karate_club_graph()
    return sparse.csr_array(nx.to_numpy_array(graph, nodelist=range(34), weight=None))


def _karate_labels() -> npt.NDArray[np.int64]:
    labels = np.empty(34, dtype=np.int64)
    for module, nodes in enumerate(KARATE_MODULES):
        labels[sorted(nodes)] = module
    return labels


def test_pagerank_of_the_german_table_downstream() -> None:
    expected = [0.039107, 0.399549, 0.102544, 0.157048, 0.175515, 0.126236]
    np.testing.assert_allclose(pagerank(_matrix(GERMANY)), expected, atol=5e-7)


def test_strengths_of_the_german_table_are_its_margins() -> None:
    found = strengths(_matrix(GERMANY))
    assert found.outgoing.sum() == GERMANY.sum() == 1225617
    assert found.incoming[1] == 25480 + 304584 + 7334 + 72717 + 96115 + 14986
    dropped = strengths(_matrix(GERMANY), self_loops="drop")
    assert dropped.total.sum() == 2 * (1225617 - 599235)


# The web page example of the manual of Neo4j Graph Data Science (PageRank, 14 links).
GDS_PAGES = ("Home", "About", "Product", "Links", "A", "B", "C", "D")
GDS_LINKS = (
    ("Home", "About"),
    ("About", "Home"),
    ("Product", "Home"),
    ("Home", "Product"),
    ("Links", "Home"),
    ("Home", "Links"),
    *((one, two) for site in "ABCD" for one, two in (("Links", site), (site, "Home"))),
)


def _gds_matrix() -> sparse.csr_array[Any, tuple[int, int]]:
    dense = np.zeros((8, 8))
    for source, target in GDS_LINKS:
        dense[GDS_PAGES.index(source), GDS_PAGES.index(target)] = 1
    return sparse.csr_array(dense)


def test_pagerank_of_the_gds_example_at_convergence() -> None:
    scores = 8 * pagerank(_gds_matrix())
    expected = [3.352480, *[1.099869] * 3, *[0.336978] * 4]
    np.testing.assert_allclose(scores, expected, atol=5e-7)


def test_the_published_gds_scores_are_nineteen_steps_towards_ours() -> None:
    """GDS stops after 20 iterations by default: its printed scores are not yet converged."""
    matrix = _gds_matrix().toarray()
    step = 0.85 * (matrix / matrix.sum(axis=1, keepdims=True)).T
    score = np.full(8, 0.15)
    for _ in range(19):
        score = 0.15 + step @ score
    published = [3.215681999884452, *[1.0542700552146722] * 3, *[0.3278578964488539] * 4]
    np.testing.assert_allclose(score, published, rtol=1e-12)
    for _ in range(300):
        score = 0.15 + step @ score
    np.testing.assert_allclose(pagerank(_gds_matrix()), score / score.sum(), atol=1e-11)


def test_betweenness_of_the_gds_example() -> None:
    """Manual of Neo4j Graph Data Science, betweenness: Carol 8, Dan 3, Eve 3, Frank 5."""
    names = ["Alice", "Bob", "Carol", "Dan", "Eve", "Frank", "Gale"]
    follows = ["Alice Carol", "Bob Carol", "Carol Dan", "Carol Eve", "Dan Frank", "Eve Frank"]
    dense = np.zeros((7, 7))
    for pair in [*follows, "Frank Gale"]:
        source, target = pair.split()
        dense[names.index(source), names.index(target)] = 1
    for distance in ("hops", "reciprocal"):
        found = betweenness(
            sparse.csr_array(dense),
            distance=distance,
            normalized=False,
        )
        np.testing.assert_allclose(found, [0, 0, 8, 3, 3, 5, 0], atol=1e-12)


def test_core_of_the_karate_club() -> None:
    core = core_numbers(_karate())
    assert core.max() == 4
    assert set(np.flatnonzero(core == 4).tolist()) == {0, 1, 2, 3, 7, 8, 13, 30, 32, 33}


def test_roles_in_the_karate_club() -> None:
    z = within_module_z(_karate(), _karate_labels())
    spread = participation(_karate(), _karate_labels())
    expected = {
        0: (2.135708, 0.539062),
        1: (1.401558, 0.197531),
        2: (0.300334, 0.62),
        31: (0.894427, 0.611111),
        33: (2.511655, 0.512111),
    }
    for node, (z_expected, spread_expected) in expected.items():
        assert z[node] == pytest.approx(z_expected, abs=1e-6)
        assert spread[node] == pytest.approx(spread_expected, abs=1e-6)
    roles = [role(a, b) for a, b in zip(z.tolist(), spread.tolist(), strict=True)]
    assert [node for node in range(34) if "hub" in roles[node]] == [33]
    assert roles[33] == "R6 connector hub"
    assert roles[2] == "R2 peripheral"


@pytest.mark.parametrize(
    ("z", "spread", "expected"),
    [
        (0.0, 0.05, "R1 ultra-peripheral"),
        (0.0, 0.0500001, "R2 peripheral"),
        (2.49, 0.62, "R2 peripheral"),
        (-1.0, 0.63, "R3 connector"),
        (0.0, 0.81, "R4 kinless"),
        (2.5, 0.30, "R5 provincial hub"),
        (9.0, 0.75, "R6 connector hub"),
        (3.0, 0.76, "R7 kinless hub"),
    ],
)
def test_borders_of_the_roles(z: float, spread: float, expected: str) -> None:
    """Guimerà and Amaral (2005), doi:10.1038/nature03288."""
    assert role(z, spread) == expected
