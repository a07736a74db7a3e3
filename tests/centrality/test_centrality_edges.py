"""Networks at the edge: without nodes, with one, without ties; and inputs that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from klaster.algorithms.centrality import (
    betweenness,
    core_numbers,
    hits,
    pagerank,
    participation,
    strengths,
    tie_lengths,
    within_module_z,
)
from klaster.graph.errors import InputError, UnknownNameError

Matrix = sparse.csr_array[Any, tuple[int, int]]


def _all(matrix: Matrix) -> dict[str, Any]:
    labels = np.zeros(matrix.shape[0], dtype=np.int64)
    return {
        "total": strengths(matrix).total,
        "pagerank": pagerank(matrix),
        "upstream": pagerank(matrix, direction="upstream"),
        "hubs": hits(matrix).hubs,
        "authorities": hits(matrix).authorities,
        "reciprocal": betweenness(matrix, distance="reciprocal"),
        "hops": betweenness(matrix, distance="hops", directed=False),
        "shares": betweenness(matrix, distance="neg-log-share"),
        "core": core_numbers(matrix),
        "participation": participation(matrix, labels),
        "z": within_module_z(matrix, labels),
    }


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_without_ties(n: int) -> None:
    for name, values in _all(sparse.csr_array((n, n))).items():
        assert values.shape == (n,)
        expected = 1 / max(n, 1) if name in ("pagerank", "upstream") else 0.0
        assert values.tolist() == pytest.approx([expected] * n)


def test_a_stored_zero_is_no_tie() -> None:
    stored = sparse.csr_array((np.array([0.0, 2.0]), ([0, 1], [1, 2])), shape=(3, 3))
    plain = sparse.csr_array((np.array([2.0]), ([1], [2])), shape=(3, 3))
    assert stored.nnz == 2
    for name, values in _all(stored).items():
        assert values.tolist() == _all(plain)[name].tolist()


def test_the_matrix_given_is_left_as_it_was() -> None:
    rows = np.array([0, 0, 1, 1])
    matrix = sparse.csr_array((np.array([0.0, 2.0, 3.0, 1.0]), (rows, [0, 1, 0, 1])), shape=(2, 2))
    before = matrix.copy()
    _all(matrix)
    assert matrix.nnz == before.nnz
    assert (matrix.data == before.data).all()
    assert (matrix.indices == before.indices).all()


def test_a_tie_to_oneself() -> None:
    matrix = sparse.csr_array([[5.0, 1.0, 0], [0, 0, 1.0], [0, 0, 0]])
    without = sparse.csr_array([[0, 1.0, 0], [0, 0, 1.0], [0, 0, 0]])
    kept, dropped = _all(matrix), _all(without)
    for name in ("reciprocal", "hops", "core", "participation", "z"):
        assert kept[name].tolist() == dropped[name].tolist()
    assert kept["pagerank"][0] > dropped["pagerank"][0]
    assert pagerank(matrix, self_loops="drop").tolist() == dropped["pagerank"].tolist()
    assert kept["total"].tolist() == [11.0, 2.0, 1.0]


def test_strong_ties_make_a_broker_where_hops_do_not() -> None:
    """The trap of taking strengths for lengths: the strong detour must win, not the weak tie."""
    matrix = sparse.csr_array([[0, 10.0, 1.0], [0, 0, 10.0], [0, 0, 0]])
    assert betweenness(matrix, distance="reciprocal").tolist() == [0, 0.5, 0]
    assert betweenness(matrix, distance="hops").tolist() == [0, 0, 0]


def test_a_whole_share_has_a_positive_length() -> None:
    chain = sparse.csr_array([[0, 7.0, 0], [0, 0, 7.0], [7.0, 0, 0]])
    assert (tie_lengths(chain, "neg-log-share").data > 0).all()
    found = betweenness(chain, distance="neg-log-share", normalized=False)
    assert found.tolist() == [1.0, 1.0, 1.0]


def test_all_bad_strengths_are_named_together() -> None:
    matrix = sparse.csr_array([[0, -1.0, 2.0], [np.nan, 0, 0], [0, np.inf, 0]])
    with pytest.raises(InputError) as refused:
        pagerank(matrix)
    assert sorted(fault.value for fault in refused.value.faults) == [
        "[0, 1] = -1.0",
        "[1, 0] = nan",
        "[2, 1] = inf",
    ]


def test_other_faults_of_input() -> None:
    square = sparse.csr_array((3, 3))
    with pytest.raises(InputError, match="2 x 3"):
        strengths(sparse.csr_array((2, 3)))
    with pytest.raises(InputError, match="one per node"):
        participation(square, np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError, match=r"damping must be .* not 1"):
        pagerank(square, damping=1)
    with pytest.raises(UnknownNameError, match="did you mean 'upstream'"):
        pagerank(square, direction="upstram")
    with pytest.raises(UnknownNameError, match="reciprocal"):
        betweenness(square, distance="weight")
    with pytest.raises(ValueError, match="directed=True"):
        betweenness(square, distance="neg-log-share", directed=False)
    with pytest.raises(UnknownNameError, match="keep"):
        strengths(square, self_loops="maybe")


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_the_unit_of_strengths_does_not_change_a_standing(factor: float) -> None:
    matrix = sparse.csr_array(
        [[0, 5.0, 1.0, 0], [2.0, 0, 0, 1.0], [0, 1.0, 0, 4.0], [1.0, 0, 0, 0]]
    )
    labels = np.array([0, 0, 0, 1])
    found = within_module_z(matrix * factor, labels)
    assert np.abs(found).max() > 0.5
    np.testing.assert_allclose(found, within_module_z(matrix, labels), rtol=1e-9)
