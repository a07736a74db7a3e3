"""What users of other programs found: a graph, a table or a file of a graph could not get in at all."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from klaster.graph.errors import InputError
from klaster.pipeline import find_clusters
from klaster.tie_reading import read_ties

D = nx.DiGraph([("mine", "mill", {"weight": 3.0}), ("mill", "plant", {"weight": 1.0})])


def test_own_data_07_a_graph_its_files_and_a_list_get_in(tmp_path: Path) -> None:
    nx.write_graphml(D, tmp_path / "d.graphml")
    nx.write_gexf(D, tmp_path / "d.gexf")
    nx.write_edgelist(D, tmp_path / "d.csv", delimiter=",", data=["weight"])
    nx.write_edgelist(D, tmp_path / "d.edgelist")
    first = read_ties(D)
    for given in ("d.graphml", "d.gexf", "d.csv", "d.edgelist"):
        read = read_ties(tmp_path / given)
        assert read.ties.drop(columns="tie_id").equals(first.ties.drop(columns="tie_id")), given
    assert first.ties["value"].tolist() == [1.0, 3.0]


def test_code_04_a_plain_graph_needs_no_kind_and_no_type() -> None:
    graph = read_ties(nx.DiGraph([("A", "B")]))
    assert graph.ties[["source_id", "target_id", "tie_type"]].values.tolist() == [
        ["A", "B", "SUPPLIES"]
    ]


def test_code_04_a_fault_of_a_graph_names_the_edge_not_a_row_of_no_file() -> None:
    graph = nx.DiGraph([("A", "B", {"tie_type": "SUPPLIES"}), ("B", "C", {"tie_type": "SELLS"})])
    with pytest.raises(InputError) as error:
        read_ties(graph)
    assert "'SELLS' in edge 2" in str(error.value)
    assert "row" not in str(error.value)
    assert error.value.faults[0].row == 0


def test_code_05_from_a_data_frame_to_clusters_in_two_lines() -> None:
    rings = [(a, b) for group in ("ABCDEFGH", "STUVWXYZ") for a in group for b in group if a < b]
    raw = pd.DataFrame(rings, columns=["supplier", "buyer"])
    found = find_clusters(read_ties(raw), seed=1)
    joint = found.members[found.members["cluster_id"].str.startswith("joint")]
    assert {"".join(part["node_id"]) for _, part in joint.groupby("cluster_id")} == {
        "ABCDEFGH",
        "STUVWXYZ",
    }
