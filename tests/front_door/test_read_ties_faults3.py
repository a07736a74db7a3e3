"""What a hostile reader found: ties that were read as something else than what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from klaster.graph.errors import InputError
from klaster.graph.model import ClusterGraph
from klaster.pipeline import as_case, find_clusters
from klaster.tie_reading import read_ties


def ties(graph: ClusterGraph) -> list[tuple[Any, ...]]:
    """Return ends of ties, and amounts where there are any."""
    names = [n for n in ("source_id", "target_id", "value") if n in graph.ties]
    return list(graph.ties[names].itertuples(index=False, name=None))


def refused(given: Any, *words: str, **options: Any) -> None:
    with pytest.raises(InputError) as error:
        read_ties(given, **options)
    for word in words:
        assert word in str(error.value), str(error.value)


def test_insertion_order_of_an_undirected_graph_changes_nothing() -> None:
    karate = nx.karate_club_graph()
    other = nx.Graph()
    other.add_nodes_from(reversed(list(karate.nodes(data=True))))
    other.add_edges_from((b, a, d) for a, b, d in reversed(list(karate.edges(data=True))))
    one, two = read_ties(karate), read_ties(other)
    assert one == two
    assert find_clusters(one, seed=1).members.equals(find_clusters(two, seed=1).members)


def test_ends_of_symmetric_ties_are_sorted_and_of_others_kept() -> None:
    rows = [("b", "a"), ("a", "c")]
    assert ties(read_ties(rows, tie_type="COOPERATES_WITH")) == [("a", "b"), ("a", "c")]
    assert ties(read_ties(rows)) == [("a", "c"), ("b", "a")]


def test_square_lists_of_numbers_are_a_matrix() -> None:
    rows = [[0, 5, 0], [0, 0, 3], [1, 0, 0]]
    expected = [("0", "1", 5.0), ("1", "2", 3.0), ("2", "0", 1.0)]
    assert ties(read_ties(rows)) == expected
    refused(list(map(tuple, rows)), "may be a matrix", "numpy.array", "source, target and amount")
    refused([[0, 5], [3, 0]], "may be a matrix")
    assert ties(read_ties([(1, 2), (2, 3)])) == [("1", "2"), ("2", "3")]
    assert ties(read_ties([("a", "b", 1), ("b", "c", 2), ("c", "a", 3)]))[0] == ("a", "b", 1.0)


def test_a_matrix_is_aligned_by_its_labels() -> None:
    square = pd.DataFrame([[0, 1, 2], [3, 0, 4], [5, 6, 0]], index=list("abc"), columns=list("abc"))
    assert ties(read_ties(square.loc[["c", "a", "b"]])) == ties(read_ties(square))
    numbers = pd.DataFrame([[0, 1], [2, 0]], index=[1.0, 2.0], columns=[1, 2])
    assert ties(read_ties(numbers)) == [("1", "2", 1.0), ("2", "1", 2.0)]


def test_cells_of_a_cross_table_are_no_actors() -> None:
    raw = pd.DataFrame({"s": ["m", "m", "n"], "b": ["x", "y", "x"]})
    refused(pd.crosstab(raw["s"], raw["b"]), "no heading tells", "stack()")
    refused(pd.DataFrame({"u": [1, 2], "v": [3, 4]}, index=["m", "n"]), "reset_index()")
    named = raw.rename(columns={"s": "supplier", "b": "buyer"}).set_index("supplier")
    refused(named, "which column is the source", "reset_index()")
    refused(raw.set_index(["s", "b"]), "several levels", "reset_index()")


def test_numbers_under_headings_are_no_firms() -> None:
    refused(
        pd.DataFrame({"price": [10.5, 20, 30], "qty": [1, 2, 3]}),
        "no heading tells",
        "source='price'",
    )
    refused(pd.DataFrame({"firm": ["a", "b", "c"], "revenue": [1, 2, 3]}), "no heading tells")
    assert len(read_ties(pd.DataFrame({"id_1": [1, 2], "id_2": [7, 8]})).ties) == 2
    assert len(read_ties(pd.DataFrame({"u": [1, 2, 3], "v": [2, 3, 1]})).ties) == 3
    assert (
        len(read_ties(pd.DataFrame({"u": [1, 2], "v": [5, 6]}), source="u", target="v").ties) == 2
    )
    chosen = pd.DataFrame({"u": ["a", "b", "c"], "v": ["b", "c", "a"]}).iloc[[0, 2]]
    assert ties(read_ties(chosen)) == [("a", "b"), ("c", "a")]


def test_two_rows_of_two_numbers_are_asked_about() -> None:
    frame = pd.DataFrame({0: [101, 102], 1: [102, 103]})
    refused(frame, "may be a matrix", "columns called source")
    assert ties(read_ties(frame, source="0", target="1")) == [("101", "102"), ("102", "103")]
    assert ties(read_ties(frame.to_numpy())) == [
        ("0", "0", 101.0), ("0", "1", 102.0), ("1", "0", 102.0), ("1", "1", 103.0)
    ]  # fmt: skip
    assert len(read_ties(pd.DataFrame({0: [101, 102, 103], 1: [102, 103, 104]})).ties) == 3


def written(folder: Path, what: Any, name: str = "t.json") -> Path:
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_nodes_and_links_are_a_graph(tmp_path: Path) -> None:
    plain = {
        "nodes": [{"id": "mine", "region": "KZ-35"}, {"id": "mill"}],
        "links": [{"source": "mine", "target": "mill", "value": 3}],
    }
    graph = read_ties(written(tmp_path, plain))
    assert ties(graph) == [("mine", "mill", 3.0)]
    assert ties(read_ties(plain)) == [("mine", "mill", 3.0)]
    given = nx.DiGraph([("a", "b", {"weight": 2}), ("b", "c", {"weight": 1})])
    for links in ("edges", "links"):
        file = written(tmp_path, nx.node_link_data(given, edges=links))
        assert read_ties(file) == read_ties(given)
    other = nx.Graph([("b", "a")])
    assert read_ties(written(tmp_path, nx.node_link_data(other, edges="edges"))) == read_ties(other)
    numbers = {"nodes": [{"name": "x"}, {"name": "y"}], "links": [{"source": 1, "target": 0}]}
    assert ties(read_ties(written(tmp_path, numbers))) == [("y", "x")]
    after = {
        "nodes": [{"id": "x"}, {"id": "y"}],
        "links": [{"source": {"id": "x", "vx": 0.1}, "target": {"id": "y"}}],
    }
    assert ties(read_ties(written(tmp_path, after))) == [("x", "y")]


def test_nested_json_is_refused_by_name(tmp_path: Path) -> None:
    refused(written(tmp_path, {"elements": {"nodes": []}}), "'elements'", "plain objects")
    refused(
        written(tmp_path, [{"source": {"id": 1}, "target": "b"}]),
        "'source' of tie 1",
        "not a plain value",
    )
    refused(written(tmp_path, "5"), "it holds 5")
    refused({"a": {"b": 5}}, "dictionary of dictionaries", "networkx.DiGraph")


def test_whole_numbers_of_json_stay_whole(tmp_path: Path) -> None:
    rows = [
        {"source": 12345678901234567, "target": "b", "amount": None},
        {"source": "a", "target": 7, "amount": 1},
    ]
    file = written(tmp_path, rows)
    assert [t[:2] for t in ties(read_ties(file))] == [("12345678901234567", "b"), ("a", "7")]
    assert ties(read_ties(written(tmp_path, "\n".join(map(json.dumps, rows)), "t.jsonl"))) == ties(
        read_ties(file)
    )
    table = pd.DataFrame(rows)
    table.to_json(tmp_path / "p.json")
    assert len(read_ties(tmp_path / "p.json").ties) == 2
    table.astype(object).to_json(tmp_path / "r.json", orient="records")
    assert len(read_ties(tmp_path / "r.json").ties) == 2


def test_quoted_names_of_an_edge_list_keep_their_blanks(tmp_path: Path) -> None:
    text = '"Steel Mill" "Coal Mine"\nPort   "Steel Mill" 5\n'
    assert [t[:2] for t in ties(read_ties(written(tmp_path, text, "t.edgelist")))] == [
        ("Port", "Steel Mill"), ("Steel Mill", "Coal Mine")
    ]  # fmt: skip
    text = '"Mill, big" Port\nPort Mine\n'
    assert ("Mill, big", "Port") in ties(read_ties(written(tmp_path, text, "t.edges")))
    for line in ("Steel Mill Coal Mine", "Steel Mill Port"):
        refused(written(tmp_path, f"a b\n{line}\n", "t.edgelist"), "line 2", "quotation marks")


def test_a_first_row_of_a_file_is_a_tie_or_said_to_be_headings(tmp_path: Path) -> None:
    for first in ("Mine,mill\nmine,port", "ТОО Шахта,Завод\nПорт,Мельница", "m,«Завод»\nx,y"):
        assert len(read_ties(written(tmp_path, first + "\n", "t.csv")).ties) == 2
    graph = read_ties(written(tmp_path, "mine,mill\nport,plant\n", "t.csv"))
    assert any(
        "('mine', 'mill') was taken as headings" in n and "header=False" in n for n in graph.notes
    )
    graph = read_ties(written(tmp_path, "source,target\nport,plant\n", "t.csv"))
    assert not any("headings" in note for note in graph.notes)


@pytest.mark.parametrize(
    "heads",
    [
        ["supplier_id", "supplier_name", "buyer_id", "buyer_name"],
        ["БИН поставщика", "Наименование поставщика", "БИН покупателя", "Наименование покупателя"],
        ["source_id", "source_name", "target_id", "target_name"],
    ],
)
def test_a_key_beside_a_name_is_the_key(heads: list[str]) -> None:
    rows = [["7", "Mill", "9", "Port"], ["8", "Mill", "9", "Port"], ["9", "Port JSC", "7", "Mill"]]
    graph = read_ties(pd.DataFrame(rows, columns=heads))
    assert [t[:2] for t in ties(graph)] == [("7", "9"), ("8", "9"), ("9", "7")]
    assert [graph.node(key)["name"] for key in "789"] == ["Mill", "Mill", "Port"]
    assert graph.node("9")["aliases"] == ["Port JSC"]
    assert "as name of the source" in "\n".join(graph.notes)


def test_a_node_called_na_is_a_node_and_find_clusters_reads_as_read_ties() -> None:
    graph = nx.DiGraph(
        [("NA", "b", {"year": "2020", "weight": "1,5", "type": "x"}), ("None", "b"), ("b ", "NA")]
    )
    graph = nx.relabel_nodes(graph, {"b ": "c "})
    nx.set_node_attributes(graph, "Firm", "kind")
    read = read_ties(graph)
    assert [t[:2] for t in ties(read)] == [("NA", "b"), ("None", "b"), ("c", "NA")]
    assert as_case(graph).graph == read
    assert as_case(nx.DiGraph([("NA", "b")])).graph == read_ties(nx.DiGraph([("NA", "b")]))


def test_a_kind_of_ones_own_does_not_lock_a_graph_out() -> None:
    graph = nx.DiGraph([("a", "b")])
    nx.set_node_attributes(graph, "Firm", "kind")
    found = ClusterGraph.from_networkx(graph)
    assert (found.node("a")["kind"], found.node("a")["x_kind"]) == ("Actor", "Firm")
    assert any("x_kind: Firm" in note for note in found.notes)


def test_types_of_gephi(tmp_path: Path) -> None:
    head = "Source,Target,Type,Id,Label,Weight\n"
    graph = read_ties(written(tmp_path, f"{head}b,a,Undirected,0,,1.0\n", "g.csv"))
    assert ties(graph)[0][:2] == ("a", "b")
    assert graph.ties["tie_type"].tolist() == ["COOPERATES_WITH"]
    assert any("1 of 1 ties without direction" in note for note in graph.notes)
    graph = read_ties(
        written(tmp_path, f"{head}b,a,Undirected,0,,1.0\nb,a,Directed,1,,1.0\n", "g.csv")
    )
    assert sorted(graph.ties["tie_type"]) == ["COOPERATES_WITH", "SUPPLIES"]


def test_totals_are_no_firms() -> None:
    table = pd.DataFrame({"source": ["a", "Итого:"], "target": ["b", "Total"], "amount": [1, 1]})
    refused(table, "both ends are called a total", "set_aside=True")
    assert len(read_ties(table, set_aside=True).ties) == 1
    table.loc[1, "target"] = "b"
    assert any("perhaps sums" in note for note in read_ties(table).notes)
    table = pd.DataFrame({"source": ["a", "a"], "target": ["b", "b"], "amount": [1, 2]})
    assert any("each row counts as a tie" in note for note in read_ties(table).notes)


def test_what_of_a_graph_is_not_read_is_said() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="contract 5", source_id="x", id="7")
    graph.nodes["a"]["id"] = "q"
    notes = "\n".join(read_ties(graph).notes)
    assert "attributes of edges not read: id, source_id" in notes
    assert "attributes of nodes not read: id" in notes
    assert "keys of its edges are not read" in notes


def test_other_things_that_hold_ties() -> None:
    expected = [("a", "b"), ("b", "c"), ("c", "d")]
    assert ties(read_ties(nx.DiGraph(expected).edges)) == expected
    assert read_ties(nx.Graph([("b", "a")]).edges).ties["tie_type"].tolist() == ["COOPERATES_WITH"]
    assert ties(read_ties(np.array(expected))) == expected
    assert len(read_ties(np.array([[1, 2], [2, 3], [3, 4]])).ties) == 3
    frame = pd.DataFrame(expected, columns=["source", "target"])
    assert ties(read_ties(pa.Table.from_pandas(frame, preserve_index=False))) == expected
    frame.insert(0, "Unnamed: 0", range(3))
    graph = read_ties(frame.rename(columns={"source": "u", "target": "v"}))
    assert ties(graph) == expected
    assert any("index of pandas" in note for note in graph.notes)
    refused("-", "standard input", "pandas.read_csv(sys.stdin)")
    refused("ties.csv.gz", "packed", "Unpack it")
