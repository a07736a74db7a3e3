"""Objects compare by content, print in a line, and pass through pickle."""

from __future__ import annotations

import copy
import pickle
from math import nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from graph_strategies import cluster_graphs
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from klaster.algorithms.io.balancing import NotConvergedError
from klaster.graph.case import Case
from klaster.graph.content import same_content
from klaster.graph.core_cards import LensReading, Reason
from klaster.graph.errors import (
    Fault,
    InputError,
    KlasterError,
    StoreError,
    UnknownNameError,
    fault_lines,
)
from klaster.graph.findings import Cluster, Findings, Member
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import QualityReport


def findings(stability: float = nan) -> Findings:
    reason = Reason("hub", {"count": 3, "share": nan})
    members = tuple(
        Member(f"m{k}", stability, 1.0, 1.0, 2.0, True, False, "", {"degree": LensReading(nan, 1)},
               (reason,))
        for k in range(40)
    )  # fmt: skip
    return Findings((), (Cluster("joint-1", "joint", 1, members, nan, "", 0.0, 0.5, True),))


def case(value: float = 1.0) -> Case:
    graph = ClusterGraph.build([], [])
    indicators = pd.DataFrame({"region": ["KRG"], "value": [value]})
    return Case(graph, "valley", indicators=indicators, boundaries={"features": []})


@pytest.mark.parametrize(
    ("make", "other"), [(findings, findings(1.0)), (case, case(2.0)), (QualityReport, None)]
)
def test_code_02_what_is_equal_is_equal(make: Any, other: object) -> None:
    assert make() == make()
    assert make() != other
    with pytest.raises(TypeError, match=f"unhashable type: '{make().__class__.__name__}'"):
        hash(make())


def test_a_layer_is_equal_to_one_like_it() -> None:
    nodes = [{"id": k, "kind": "Actor", "name": k, "actor_type": "Firm", "sphere": "business"}
             for k in "abc"]  # fmt: skip
    tie = {"tie_id": "t", "source_id": "a", "target_id": "b", "tie_type": "SUPPLIES",
           "evidence": "paper", "source": "s"}  # fmt: skip
    one, other = (ClusterGraph.build(nodes, [tie]) for _ in range(2))
    assert one.layer("supply") == other.layer("supply")
    assert one.layer("supply") != one.layer("ownership")


@pytest.mark.parametrize("shown", [findings(), findings().clusters[0], case(), QualityReport()])
def test_code_03_a_repr_is_a_line(shown: object) -> None:
    assert len(repr(shown)) < 100


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=2),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=1), parts),
    max_leaves=8,
)


@given(VALUES, VALUES)
@settings(deadline=None)
def test_the_same_is_the_same_and_only_that(first: Any, second: Any) -> None:
    assert same_content(first, copy.deepcopy(first))
    assert same_content(first, second) == same_content(second, first)
    if first == second:
        assert same_content(first, second)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (np.array([1.0, nan]), np.array([1.0, nan]), True),
        (np.array([1.0]), [1.0], False),
        ([1.0], np.array([1.0]), False),
        (pd.DataFrame({"a": [1.0, None]}), pd.DataFrame({"a": [1.0, None]}), True),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), False),
        (pd.Series([1, 2]), pd.Series([1, 2], index=[1, 2]), False),
        (pd.NA, pd.NA, True),
        (pd.NA, 1, False),
        (1, pd.NA, False),
        (sparse.csr_array(np.eye(2)), sparse.csr_array(np.eye(2)), True),
        (sparse.csr_array(np.eye(2)), np.eye(2), False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ((1, 2), (1, 2, 3), False),
    ],
)
def test_values_side_by_side(first: Any, second: Any, same: bool) -> None:
    assert same_content(first, second) is same
    assert same_content(second, first) is same


@given(cluster_graphs())
@settings(deadline=None, max_examples=25)
def test_graphs_compare_by_content_and_pass_through_pickle(graph: ClusterGraph) -> None:
    again = pickle.loads(pickle.dumps(graph))
    assert again == graph
    assert Case(again) == Case(graph)
    assert ClusterGraph(*graph.to_pandas(), notes=["read from a file"]) == graph


# -- errors


def fault(row: int, value: str = "x") -> Fault:
    return Fault(
        file="t.csv",
        row=row,
        column="value",
        code="bad-number",
        value=value,
        problem="it is no number",
        remedy="Correct it.",
    )


@pytest.mark.parametrize(
    "error",
    [
        InputError([fault(2), fault(5)], "the ties"),
        UnknownNameError("layer", "suply", ["supply", "flows"]),
        NotConvergedError("no result"),
        StoreError("closed"),
    ],
)
def test_errors_pass_through_pickle(error: KlasterError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))
    assert str(copy.copy(error)) == str(error)


def test_an_input_error_is_a_value_error() -> None:
    assert issubclass(InputError, ValueError)


def test_equal_faults_are_told_once_with_their_rows() -> None:
    rows = [2, 5, 9, *range(11, 48)]
    assert fault_lines([fault(row) for row in rows]) == [
        "t.csv, rows 2, 5, 9 and 37 more, column value: it is no number (given: 'x'). Correct it."
    ]
    assert fault_lines([fault(2), fault(4)])[0].startswith("t.csv, rows 2, 4, column")


def test_code_03_the_text_of_an_error_is_capped() -> None:
    error = InputError([fault(row, f"v{row}") for row in range(2, 5002)], "the ties")
    first, *lines, last = str(error).splitlines()
    assert (first, len(lines)) == ("the ties has 5,000 faults:", 20)
    assert last == "  and 4,980 more (error.faults has all)"
    assert len(error.faults) == 5000
    assert len(fault_lines(error.faults, limit=None)) == 5000
