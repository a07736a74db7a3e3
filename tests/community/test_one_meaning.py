"""One check of a matrix of ties and one numbering of communities, with one meaning each."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from scipy import sparse

from klaster.algorithms import square_matrix
from klaster.algorithms.identification.industry_clusters import cluster_numbers
from klaster.algorithms.partitions.labels import canonical_labels, overlap
from klaster.algorithms.square_matrix import checked
from klaster.graph.errors import InputError

HEAVY = sparse.csr_array([[2.0, 1.0], [0.0, 0.0]])


def test_self_loops_are_named_by_keyword_and_have_no_default() -> None:
    parameter = inspect.signature(square_matrix.checked).parameters["self_loops"]
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
    assert parameter.default is inspect.Parameter.empty
    assert checked(HEAVY, self_loops="drop").toarray().tolist() == [[0.0, 1.0], [0.0, 0.0]]
    assert checked(HEAVY, self_loops="keep").toarray().tolist() == [[2.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    "module", ["klaster.algorithms.centrality.matrices", "klaster.algorithms.community.projection"]
)
def test_there_is_no_second_check(module: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        __import__(module)


def test_the_first_twenty_faulty_cells_are_named_also_on_the_diagonal() -> None:
    cells = np.ones((6, 6))
    cells[0, 0], cells[1:] = np.nan, -1.0
    with pytest.raises(InputError) as caught:
        checked(sparse.csr_array(cells), self_loops="drop")
    faults = caught.value.faults
    assert len(faults) == 20
    named = [fault.value for fault in faults if fault.code == "not-a-number"]
    assert named == ["[0, 0] = nan"]
    assert sum(fault.code == "negative-weight" for fault in faults) == 19
    assert "31 cells" in faults[0].problem


def test_clusters_of_industries_are_canonical_labels_from_one() -> None:
    labels = [7, 3, 3, 9, 9, 9]
    assert canonical_labels(labels).tolist() == [2, 1, 1, 0, 0, 0]
    assert cluster_numbers(labels).tolist() == (canonical_labels(labels) + 1).tolist()
    assert cluster_numbers(labels, smallest=2, unassigned=[9]).tolist() == [0, 1, 1, 0, 0, 0]


def test_overlap_counts_members_in_both_and_in_either() -> None:
    found = overlap(np.array([0, 0, 0, 1]), np.array([4, 4, 8, 8]))
    assert found.tolist() == [[2 / 3, 1 / 4], [0.0, 1 / 2]]
