"""What a stranger may get wrong with ties: each message names what was given, what is allowed, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from klaster.graph.errors import InputError, KlasterError
from klaster.graph.model import ClusterGraph
from klaster.tie_reading import read_ties


def frame(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "c", "a"], **columns})


WRONG: dict[str, tuple[Any, dict[str, Any], list[str]]] = {
    "a column that is not there": (
        frame(), {"source": "sorce"}, ["no column of this name", "given as source", "did you mean 'source'", "'target'"],
    ),
    "ends nobody could guess": (
        pd.DataFrame({"x": ["a"], "y": ["b"], "z": ["c"]}), {}, ["source and target", "source='x', target='y'", "'z'"],
    ),
    "two columns that may be the supplier": (
        pd.DataFrame({"supplier": ["a"], "seller": ["b"], "buyer": ["c"]}), {}, ["'supplier', 'seller'", "source='supplier'"],
    ),
    "one column for both ends": (frame(), {"source": "target", "target": "target"}, ["it is source and target"]),
    "a year that is no column": (frame(), {"year": "2023"}, ["neither a year nor a column", "year=2023"]),
    "a year out of this world": (frame(), {"year": 23}, ["neither a year nor a column", "four digits"]),
    "a type that is none": (frame(), {"tie_type": "SUPLIES"}, ["did you mean 'SUPPLIES'", "FUNDS"]),
    "a type between other things": (frame(), {"tie_type": "LOCATED_IN"}, ["does not tie actor to actor", "SUPPLIES"]),
    "a direction for an undirected graph": (
        nx.Graph([("a", "b")]), {"tie_type": "SUPPLIES"}, ["the graph has none", "COOPERATES_WITH"],
    ),
    "evidence that is none": (frame(), {"evidence": "certain"}, ["neither a term nor a column", "measured"]),
    "a unit or a column, who knows": (
        frame(Единица=["т", "т", "т"]), {"unit": "единица"}, ["this text or the column 'Единица'", "exact name"],
    ),
    "a term that is a column too": (frame(reported=["", "", ""]), {"evidence": "reported"}, ["a column and a term of evidence"]),
    "a direction of one's own": (frame(), {"direction": "money"}, ["no direction 'money'", "payments"]),
    "an empty end": (
        pd.DataFrame({"source": ["a", "", None, "-"], "target": ["b", "c", "d", "e"]}), {},
        ["the source is empty", "3 rows, by index: 1, 2, 3", "set_aside=True"],
    ),
    "a row of totals": (
        pd.DataFrame({"source": ["a", ""], "target": ["b", "c"], "n": ["", "Итого"]}), {}, ["a row of totals", "set_aside"],
    ),
    "an amount that is none": (frame(amount=["5", "many", "x"]), {}, ["not a number", "2 rows, by index: 1, 2", "'many'"]),
    "amounts in two ways": (frame(amount=["1.5", "2.5", "3,7"]), {}, ["decimal comma", "index 2"]),
    "amounts that may be thousands": (frame(amount=["12,500", "3,700", ""]), {}, ["may be a decimal comma", 'decimal = ","']),
    "a negative amount": (frame(amount=[1, -2, 3]), {}, ["cannot be negative", "index 1", "exchange the ends"]),
    "an infinite amount": (frame(amount=[1, float("inf"), 3]), {}, ["finite"]),
    "terms of one's own in a column": (
        frame(tie_type=["поставка"] * 3), {}, ["no such type of tie", "values={'tie_type': {'поставка': 'SUPPLIES'}}"],
    ),
    "words of no column": (frame(), {"values": {"status": {"x": "planned"}}}, ["no column is read as status", "columns={'status'"]),
    "years that are none": (frame(year=["2023", "last", "23"]), {}, ["not a year", "2 rows"]),
    "a file that is not there": ("nothing.csv", {}, ["no such file", "Check the name"]),
    "a file of another kind": ("@ties.docx", {}, ["files of this kind are not read", ".xlsx", ".graphml"]),
    "a workbook that is none": ("@ties.xlsx", {}, ["not an XLSX spreadsheet"]),
    "a graph file that is broken": ("@ties.graphml", {}, ["cannot be read as GRAPHML"]),
    "an empty file": ("@empty.csv", {}, ["no header"]),
    "a header and nothing": (pd.DataFrame({"source": [], "target": []}), {}, ["no row with a tie"]),
    "a folder": (".", {}, ["it is a folder"]),
    "a text of rows": ("source,target\na,b\n", {}, ["a text was given, not a path"]),
    "an address without a question": ("neo4j://localhost:7687", {}, ["what to ask the server", "query='MATCH"]),
    "an address in the web": ("https://data.kz/ties.csv", {}, ["nothing is fetched", "Download it"]),
    "a question without an address": (frame(), {"query": "MATCH (n) RETURN n"}, ["a query is for a server"]),
    "a table without columns": (pd.DataFrame(index=[1, 2]), {}, ["no heading tells", "none"]),
    "a name that cannot be seen": ([("a\0", "b"), ("c\udc80", "b")], {}, ["cannot be seen", "2 ties: 1, 2"]),
    "a unit that is no text": (frame(amount=[1, 2, 3]), {"unit": 5}, ["unit is no text", "'5'"]),
    "nobody who states it": (frame(), {"stated_by": " "}, ["stated_by is no text"]),
    "a key given twice": (frame(tie_id=["x", "x", "y"]), {}, ["given before", "'x'"]),
    "a number": (5, {}, ["cannot be read from this", "'int'", "DataFrame"]),
    "a graph that is one already": (
        ClusterGraph.build(nodes=[], ties=[]), {}, ["ClusterGraph already", "find_clusters(graph)"],
    ),
    "a list of texts": (["ab", "cd"], {}, ["no ties", "element 1 is 'ab'", "(source, target)"]),
    "a matrix that is not square": (np.ones((2, 3)), {}, ["must be square", "2 x 3"]),
    "two columns of one name": (
        pd.DataFrame([["a", "b", "c"]], columns=["source", "source", "target"]), {}, ["2 columns have this name"],
    ),
    "nodes that are the same as texts": (nx.Graph([(1, "1")]), {}, ["same as texts", "1, '1'", "relabel_nodes"]),
    "an actor of two": (
        [("Qarmet", "b")], {"actors": pd.DataFrame({"id": ["q1", "q2"], "name": ["Qarmet", "Qarmet"]})},
        ["2 actors have this name", "q1, q2"],
    ),
    "actors without a key": ([("a", "b")], {"actors": pd.DataFrame({"x": [1], "z": [2]})}, ["key or the name of the actors"]),
    "an actor given twice": ([("a", "b")], {"actors": pd.DataFrame({"id": ["a", "a"]})}, ["given before", "index 1"]),
    "an actor of no kind": (
        [("a", "b")], {"actors": pd.DataFrame({"id": ["a"], "actor_type": ["Company"]})}, ["no such actor type", "Firm"],
    ),
    "an attribute nobody knows": (frame(), {"columns": {"colour": "source"}}, ["no attribute 'colour'", "product"]),
    "a personal column": (frame(ФИО=["x", "y", "z"]), {"columns": {"note": "ФИО"}}, ["personal data", "never read"]),
    "an encoding nobody knows": ("@ties.csv", {"encoding": "latin-99"}, ["no encoding 'latin-99'", "cp1251"]),
    "a decimal sign nobody knows": (frame(amount=[1, 2, 3]), {"decimal": "point"}, ["no decimal", "auto"]),
    "a sheet that is not there": ("@book.xlsx", {"sheet": "Ties"}, ["no such sheet", "did you mean 'ties'"]),
    "other ends than the graph's": (nx.DiGraph([("a", "b")]), {"source": "x"}, ["ends without source="]),
    "a product of what is not supplied": (
        frame(product=["steel"] * 3), {"tie_type": "OWNS"}, ["OWNS has no attribute product", "index"],
    ),
    "a graph of klaster with options": (
        nx.MultiDiGraph(
            ClusterGraph.build(
                nodes=[{"id": "r", "kind": "Region", "name": "R", "code": "R", "region_type": "oblast"}], ties=[]
            ).to_networkx()
        ),
        {"year": 2020}, ["graph of klaster", "without options"],
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("ties.docx", "ties.xlsx", "ties.graphml"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "ties.csv").write_text("source,target\na,b\n", encoding="utf-8")
    frame().to_excel(tmp_path / "book.xlsx", index=False, sheet_name="ties")
    return tmp_path


@pytest.mark.parametrize("case", WRONG, ids=lambda name: name.replace(" ", "-"))
def test_a_wrong_use_is_told_what_is_allowed_and_what_to_do(case: str, folder: Path) -> None:
    given, options, words = WRONG[case]
    if isinstance(given, str) and given.startswith("@"):
        given = folder / given[1:]
    with pytest.raises(KlasterError) as error:
        read_ties(given, **options)
    for word in words:
        assert word in str(error.value), str(error.value)
    assert "case.toml" not in str(error.value)


def test_all_faults_are_told_at_once() -> None:
    table = frame(amount=["x", "-1", "3"], year=["2023", "2023", "then"])
    table.loc[0, "target"] = ""
    with pytest.raises(InputError) as error:
        read_ties(table)
    assert {fault.code for fault in error.value.faults} == {
        "bad-number",
        "negative-amount",
        "bad-year",
        "empty-end",
    }


def test_a_fault_of_a_file_names_its_row_and_equal_ones_are_one(tmp_path: Path) -> None:
    rows = ["source,target,amount", "a,b,5", "a,,5", "b,c,5", ",c,5", "c,,1"]
    (tmp_path / "ties.csv").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_ties(tmp_path / "ties.csv")
    first, second = error.value.faults
    assert (first.file, first.row, first.column) == ("ties.csv", 3, "target")
    assert "2 rows: 3, 6" in first.problem
    assert (second.row, second.column) == (5, "source")
    graph = read_ties(tmp_path / "ties.csv", set_aside=True)
    assert len(graph.ties) == 2
    assert any("left out: 3 rows: 3, 5, 6" in note for note in graph.notes)


def test_a_file_of_a_thousand_faults_has_a_short_message() -> None:
    table = pd.DataFrame({"source": ["a"] * 5000, "target": [""] * 5000})
    with pytest.raises(InputError) as error:
        read_ties(table)
    assert len(str(error.value)) < 600
    assert "5000 rows" in str(error.value)
