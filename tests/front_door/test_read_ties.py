"""Whoever has ties, in whatever form, gets a cluster graph in one call, and is told how it was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy import sparse

from klaster.graph.model import ClusterGraph
from klaster.graph.stores.contract import QueryResult
from klaster.tie_reading import read_ties

SHARED = Path(__file__).resolve().parents[3] / "shared"


def ends(graph: ClusterGraph) -> list[tuple[str, str]]:
    return list(
        zip(graph.ties["source_id"].tolist(), graph.ties["target_id"].tolist(), strict=True)
    )


def told(graph: ClusterGraph) -> str:
    return "\n".join(graph.notes)


def values(graph: ClusterGraph, column: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in graph.ties[column].tolist()]


TWO = pd.DataFrame(
    {
        "Поставщик": ["Шахта", "Завод"],
        "Покупатель": ["Завод", "Порт"],
        "Сумма": ["1 234 567,89", "20,5"],
    }
)


def test_columns_are_named_once() -> None:
    graph = read_ties(TWO, source="Поставщик", target="Покупатель", amount="Сумма")
    assert ends(graph) == [("Завод", "Порт"), ("Шахта", "Завод")]
    assert values(graph, "value") == [20.5, 1234567.89]
    assert values(graph, "evidence") == ["not-stated"] * 2
    assert values(graph, "source") == ["not stated"] * 2
    assert values(graph, "unit") == ["not stated"] * 2
    assert set(graph.nodes["actor_type"]) == {"Firm"}
    assert set(graph.nodes["sphere"]) == {"business"}
    assert "3 actors named by the DataFrame made" in told(graph)
    assert "2 rows read: 2 ties of 2 pairs, 3 actors" in told(graph)


@pytest.mark.parametrize(
    "headings",
    [
        ("Supplier", "Buyer", "Amount"),
        ("seller", "customer", "sum"),
        ("FROM", "to", "value"),
        ("Поставщик", "Заказчик", "Сумма"),
        ("Продавец", "Покупатель", "Сумма договора, млн тг"),
        ("Жеткізуші", "Сатып алушы", "Сомасы"),
        ("source", "target", "weight"),
        ("Поставщик (наименование)", "Покупатель (наименование)", "Сумма"),
    ],
)
def test_well_known_headings_are_recognised_and_said(headings: tuple[str, str, str]) -> None:
    graph = read_ties(pd.DataFrame([["a", "b", 5]], columns=list(headings)))
    assert ends(graph) == [("a", "b")]
    assert values(graph, "value") == [5.0]
    for heading, role in zip(headings, ("source", "target", "amount"), strict=True):
        assert f"{heading!r} as {role} (by its heading)" in told(graph)


def test_two_columns_are_source_and_target() -> None:
    graph = read_ties(pd.DataFrame({"x": ["a"], "y": ["b"]}))
    assert ends(graph) == [("a", "b")]
    assert "'x' as source (by its place)" in told(graph)


def test_what_is_the_same_for_all_ties_is_said_once() -> None:
    graph = read_ties(
        TWO, tie_type="FUNDS", year=2023, unit="million KZT", currency="KZT", evidence="reported",
        stated_by="register of contracts 2023",
    )  # fmt: skip
    for column, value in {
        "tie_type": "FUNDS", "year": 2023, "unit": "million KZT", "currency": "KZT",
        "evidence": "reported", "source": "register of contracts 2023",
    }.items():  # fmt: skip
        assert values(graph, column) == [value, value]
    assert "assumed" not in "".join(note for note in graph.notes if "for all ties" in note)


def test_a_year_may_be_a_number_of_numpy() -> None:
    assert values(read_ties(TWO, year=np.int64(2020)), "year") == [2020, 2020]  # type: ignore[arg-type]


def test_or_stands_in_a_column() -> None:
    table = TWO.assign(
        вид=["SUPPLIES", "OWNS"], год=["2021", "05.03.2022"], ед=["т", ""], как=["measured", ""]
    )
    graph = read_ties(table, tie_type="вид", year="год", unit="ед", evidence="как")
    assert values(graph, "tie_type") == ["OWNS", "SUPPLIES"]
    assert values(graph, "year") == [2022, 2021]
    assert values(graph, "unit") == ["not stated", "т"]
    assert values(graph, "evidence") == ["not-stated", "measured"]
    assert "evidence 'not-stated' for 1 of 2 ties" in told(graph)


def test_a_unit_named_like_the_column_of_amounts_is_a_constant() -> None:
    table = TWO.rename(columns={"Сумма": "тенге"})
    assert values(read_ties(table, amount="тенге", unit="тенге"), "unit") == ["тенге"] * 2


def test_words_of_a_file_can_be_given_a_meaning() -> None:
    table = TWO.assign(вид=["поставка", "владеет"])
    graph = read_ties(
        table, tie_type="вид", values={"tie_type": {"поставка": "SUPPLIES", "владеет": "OWNS"}}
    )
    assert sorted(values(graph, "tie_type")) == ["OWNS", "SUPPLIES"]


def test_further_attributes_are_read_from_columns() -> None:
    graph = read_ties(TWO.assign(Товар=["руда", "сталь"]), columns={"product": "Товар"})
    assert values(graph, "product") == ["сталь", "руда"]


def test_payments_are_turned_round() -> None:
    table = pd.DataFrame({"from": ["buyer"], "to": ["seller"], "amount": [3]})
    graph = read_ties(table, direction="payments")
    assert ends(graph) == [("seller", "buyer")]
    assert "turned round" in told(graph)


@pytest.mark.parametrize(
    ("cells", "numbers", "unit", "currency"),
    [
        (["1 234 567,89", "5,5"], [1234567.89, 5.5], "not stated", None),
        (["1,234,567.89", "5.5"], [1234567.89, 5.5], "not stated", None),
        (["1.234.567,89", "5,5"], [1234567.89, 5.5], "not stated", None),
        (["1\u00a0234\u00a0567,89", "5"], [1234567.89, 5.0], "not stated", None),
        (["1 234,5 ₸", "5 тг."], [1234.5, 5.0], "KZT", "KZT"),
        (["KZT 12.5", "5 KZT"], [12.5, 5.0], "KZT", "KZT"),
        (["12,5 тыс. тенге", "5 тыс.тг"], [12.5, 5.0], "thousand", "KZT"),
        (["$1,234.50", "$5"], [1234.5, 5.0], "USD", "USD"),
        ([12.5, 5], [12.5, 5.0], "not stated", None),
    ],
)
def test_amounts_as_people_write_them(
    cells: list[Any], numbers: list[float], unit: str, currency: str | None
) -> None:
    table = pd.DataFrame(
        {"source": ["a", "b"], "target": ["b", "c"], "amount": pd.Series(cells, dtype=object)}
    )
    graph = read_ties(table)
    assert values(graph, "value") == numbers
    assert values(graph, "unit") == [unit, unit]
    if currency is not None:
        assert values(graph, "currency") == [currency, currency]


def test_the_unit_may_stand_in_the_heading() -> None:
    graph = read_ties(
        pd.DataFrame([["a", "b", "5"]], columns=["supplier", "buyer", "Сумма, млн тг"])
    )
    assert (values(graph, "unit"), values(graph, "currency")) == (["million"], ["KZT"])


def test_missing_and_zero_amounts_self_loops_and_repeated_rows_are_kept_and_counted() -> None:
    table = pd.DataFrame(
        [["a", "b", 5], ["a", "b", 5], ["a", "a", 0], ["b", "c", None]],
        columns=["source", "target", "amount"],
    )
    graph = read_ties(table)
    assert len(graph.ties) == 4
    for note in (
        "1 tie with amount 0", "1 tie with no amount", "1 tie from an actor to itself (kept)",
        "1 row that repeat another one whole (kept: each row is a tie)", "4 ties of 3 pairs",
    ):  # fmt: skip
        assert note in told(graph)


def test_one_name_typed_in_two_ways_is_one_actor_and_look_alikes_are_named() -> None:
    table = pd.DataFrame(
        {"source": ["Qarmet", " Qarmet\u00a0", "АО «Мельница»", "Каи\u0306нар"],
         "target": ["x", "x", 'АО "мельница"', "Кайнар"]}
    )  # fmt: skip
    graph = read_ties(table)
    assert graph.nodes["id"].tolist() == ["Qarmet", "x", 'АО "мельница"', "АО «Мельница»", "Кайнар"]
    assert "perhaps one actor, kept apart: 'АО \"мельница\"', 'АО «Мельница»'" in told(graph)


def test_names_that_end_like_numbers_of_parallel_ties_are_no_trouble() -> None:
    graph = read_ties([("a", "b"), ("a", "b"), ("a", "b#2")])
    assert len(set(graph.ties["tie_id"])) == 3


def test_results_do_not_depend_on_the_order_of_rows() -> None:
    table = pd.DataFrame(
        [["a", "b", 5], ["a", "b", 7], ["c", "a", 1], ["a", "b", 5]],
        columns=["source", "target", "amount"],
    )
    assert read_ties(table) == read_ties(table.iloc[::-1])
    assert read_ties(table).digest() == read_ties(table.sample(frac=1, random_state=3)).digest()


# -- actors ------------------------------------------------------------------------------------


def test_actors_are_taken_by_key_by_name_and_by_alias() -> None:
    actors = pd.DataFrame(
        {"id": ["q", "u"], "name": ["Qarmet", "KarTU"], "name_ru": ["Кармет", ""], "aliases": ["Испат-Кармет", ""],
         "actor_type": ["Firm", "University"], "region": ["KRG", "KRG"]}
    )  # fmt: skip
    ties = [("Кармет", "u"), ("Испат-Кармет", "KarTU"), ("q", "New firm")]
    graph = read_ties(ties, actors=actors)
    actors_of = graph.select(kinds=["Actor"])
    assert actors_of.nodes["id"].tolist() == ["New firm", "q", "u"]
    assert graph.node("u")["sphere"] == "academia"
    assert graph.node("q")["region"] == "KRG"
    assert "1 actor that the table of actors does not name made" in told(graph)


@pytest.mark.parametrize("how", ["dictionary", "file", "frame"])
def test_actors_from_a_dictionary_a_file_or_a_frame(how: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"Компания": ["a", "b"], "Отрасль": ["metal", "ore"], "ФИО руководителя": ["x", "y"]}
    )
    frame.to_csv(tmp_path / "actors.csv", index=False)
    given: Any = {"dictionary": {"a": {"industry": "metal"}, "b": {"industry": "ore"}},
                  "file": tmp_path / "actors.csv", "frame": frame}[how]  # fmt: skip
    graph = read_ties([("a", "b")], actors=given)
    assert graph.nodes["industry"].tolist() == ["metal", "ore"]
    assert "x" not in graph.nodes.to_string()
    if how != "dictionary":
        assert "personal data" in told(graph)


def test_columns_of_actors_may_be_named() -> None:
    actors = pd.DataFrame({"Код": ["a"], "Кто": ["Alpha"], "Где": ["KRG"]})
    graph = read_ties(
        [("Alpha", "b")], actors=actors, actor_columns={"id": "Код", "name": "Кто", "region": "Где"}
    )
    assert graph.node("a")["region"] == "KRG"


# -- files -------------------------------------------------------------------------------------


def write(path: Path, kind: str) -> Path:
    at = path / f"ties.{kind}"
    frame = TWO
    if kind == "csv":
        at.write_bytes(frame.to_csv(index=False, sep=";").encode("cp1251"))
    elif kind == "tsv":
        frame.to_csv(at, index=False, sep="\t")
    elif kind == "xlsx":
        frame.to_excel(at, index=False)
    elif kind == "parquet":
        frame.to_parquet(at)
    elif kind == "jsonl":
        frame.to_json(at, orient="records", lines=True, force_ascii=False)
    elif kind == "json":
        at.write_text(json.dumps(frame.to_dict("records"), ensure_ascii=False), encoding="utf-8")
    return at


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "parquet", "jsonl", "json"])
def test_files_of_rows(kind: str, tmp_path: Path) -> None:
    graph = read_ties(write(tmp_path, kind))
    assert ends(graph) == [("Завод", "Порт"), ("Шахта", "Завод")]
    assert values(graph, "value") == [20.5, 1234567.89]
    assert graph == read_ties(str(write(tmp_path, kind))) == read_ties(TWO)


EDGES = nx.DiGraph([("mine", "mill", {"weight": 3.0}), ("mill", "plant", {"weight": 1.0})])


@pytest.mark.parametrize("kind", ["graphml", "gexf", "gml", "net"])
def test_files_of_graphs(kind: str, tmp_path: Path) -> None:
    at = tmp_path / f"ties.{kind}"
    {
        "graphml": nx.write_graphml,
        "gexf": nx.write_gexf,
        "gml": nx.write_gml,
        "net": nx.write_pajek,
    }[kind](EDGES, at)
    graph = read_ties(at)
    assert ends(graph) == [("mill", "plant"), ("mine", "mill")]
    assert values(graph, "value") == [1.0, 3.0]
    assert values(graph, "tie_type") == ["SUPPLIES"] * 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.edgelist", "# made by hand\nmine mill {'weight': 3.0}\nmill plant {'weight': 1.0}\n"),
        ("a.edges", "% KONECT\nmine mill 3\nmill plant 1\n"),
        ("a.edges", "mine,mill,3\nmill,plant,1\n"),
        ("a.txt", "# SNAP\nmine\tmill\t3\nmill\tplant\t1\n"),
        ("a.txt", "mine mill 3\nmill plant 1\n"),
        ("a.csv", "mine,mill,3\nmill,plant,1\n"),
    ],
)
def test_edge_lists(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    graph = read_ties(tmp_path / name)
    assert ends(graph) == [("mill", "plant"), ("mine", "mill")]
    assert values(graph, "value") == [1.0, 3.0]


def test_a_gml_file_may_number_its_nodes(tmp_path: Path) -> None:
    text = "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] ]"
    (tmp_path / "ties.gml").write_text(text, encoding="utf-8")
    assert ends(read_ties(tmp_path / "ties.gml")) == [("1", "2")]


def test_a_file_without_a_header_loses_no_tie(tmp_path: Path) -> None:
    (tmp_path / "ties.csv").write_text("mine,mill\nmill,plant\n", encoding="utf-8")
    graph = read_ties(tmp_path / "ties.csv")
    assert ends(graph) == [("mill", "plant"), ("mine", "mill")]
    assert "its first row was read as a tie" in told(graph)
    (tmp_path / "ties.csv").write_text("mine,mill\nport,plant\n", encoding="utf-8")
    assert len(read_ties(tmp_path / "ties.csv", header=False).ties) == 2


def test_a_sheet_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    sheet = book.create_sheet("Договоры")
    for row in (["Поставщик", "Покупатель", "Сумма"], ["a", "b", "1 000,5"]):
        sheet.append(row)
    book.save(tmp_path / "ties.xlsx")
    assert values(read_ties(tmp_path / "ties.xlsx", sheet="Договоры"), "value") == [1000.5]


# -- objects -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_graphs_of_networkx_of_every_kind(kind: Any) -> None:
    graph = kind([("mine", "mill"), ("mill", "plant"), ("plant", "plant")])
    if graph.is_multigraph():
        graph.add_edge("mine", "mill")
    graph.add_node("alone", region="KRG")
    read = read_ties(graph)
    assert len(read.ties) == graph.number_of_edges()
    assert set(values(read, "tie_type")) == {
        "SUPPLIES" if graph.is_directed() else "COOPERATES_WITH"
    }
    assert read.node("alone")["region"] == "KRG"


@pytest.mark.parametrize(
    ("graph", "size"),
    [
        (nx.karate_club_graph(), (34, 78)),
        (nx.les_miserables_graph(), (77, 254)),
        (nx.florentine_families_graph(), (15, 20)),
        (nx.davis_southern_women_graph(), (32, 89)),
    ],
    ids=["karate", "les-miserables", "florentine", "davis"],
)
def test_graphs_everybody_knows(graph: Any, size: tuple[int, int]) -> None:
    read = read_ties(graph)
    assert (len(read), len(read.ties)) == size


def test_a_graph_of_klaster_comes_back_whole() -> None:
    first = ClusterGraph.build(
        nodes=[
            {"id": "KRG", "kind": "Region", "name": "Karaganda", "code": "KRG", "region_type": "oblast"},
            {"id": "a", "kind": "Actor", "name": "A", "actor_type": "Firm", "sphere": "business"},
        ],
        ties=[{"tie_id": "t", "source_id": "a", "target_id": "KRG", "tie_type": "LOCATED_IN",
               "evidence": "reported", "source": "s"}],
    )  # fmt: skip
    assert read_ties(first.to_networkx()) == first


def test_the_source_that_an_edge_names_is_where_it_is_stated(tmp_path: Path) -> None:
    about = {"source": "register", "evidence": "reported", "tie_type": "SUPPLIES"}
    nx.write_graphml(nx.DiGraph([("a", "b", about)]), tmp_path / "ties.graphml")
    for given in (tmp_path / "ties.graphml", [("a", "b", about)]):
        graph = read_ties(given)
        assert ends(graph) == [("a", "b")]
        assert (values(graph, "source"), values(graph, "evidence")) == (["register"], ["reported"])


def test_lists_and_matrices() -> None:
    rows = [("a", "b"), ("b", "c", 3)]
    assert ends(read_ties(rows)) == [("a", "b"), ("b", "c")]
    assert values(read_ties(rows), "value") == [None, 3.0]
    assert values(read_ties([("a", "b", {"weight": 2})]), "value") == [2.0]
    assert ends(read_ties([{"supplier": "a", "buyer": "b"}])) == [("a", "b")]
    square = pd.DataFrame([[0, 1.5], [2, 0]], index=["x", "y"], columns=["x", "y"])
    assert ends(read_ties(square)) == [("x", "y"), ("y", "x")]
    assert ends(read_ties(sparse.csr_array(np.array([[0, 1], [2, 0]])))) == [("0", "1"), ("1", "0")]


def test_a_hundred_thousand_rows_cost_no_python_for_each_fault(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {"source": rng.integers(0, 9000, 100_000).astype(str), "target": rng.integers(0, 9000, 100_000).astype(str),
         "amount": "12,5"}
    )  # fmt: skip
    table.loc[::3, "target"] = ""
    graph = read_ties(table, set_aside=True)
    assert len(graph.ties) == 66_666
    assert len(graph.notes) < 20


class Server:
    """A server that answers one query, and remembers what it was asked."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_ties_are_asked_of_a_server_past_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def run(store: Server, cypher: str, **limits: Any) -> QueryResult:
        asked.append((type(store), cypher))
        rows = (("mine", "mill", 3.0), ("mill", "plant", None))
        return QueryResult(("source", "target", "amount"), rows)

    monkeypatch.setattr("klaster.servers.connect", lambda address: Server())
    monkeypatch.setattr("klaster.queries.server_gate.run_free_on_server", run)
    query = "MATCH (a)-[t]->(b) RETURN a.name AS source, b.name AS target, t.value AS amount"
    graph = read_ties("neo4j://localhost:7687", query=query)
    assert asked == [(Server, query)]
    assert ends(graph) == [("mill", "plant"), ("mine", "mill")]
    assert "the answer of neo4j://localhost:7687" in told(graph)


# -- data nobody here made -----------------------------------------------------------------------


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def test_awards_of_eight_countries() -> None:
    graph = read_ties(
        shared("data/ocds-sample/ocds_buyer_supplier_awards.csv"),
        year=2017,
        stated_by="OCDS samples",
    )
    assert (len(graph), len(graph.ties)) == (173, 139)
    assert "left out: 'country'" in told(graph)


def test_ties_of_kazakhstan_with_their_actors() -> None:
    folder = shared("data/kazakhstan-case")
    status = {"as published": "as_published"}
    graph = read_ties(
        folder / "ties.csv", actors=folder / "actors.csv", set_aside=True, values={"status": status},
        actor_columns={"status_note": "status"},
    )  # fmt: skip
    assert "not stated" not in set(values(graph, "source"))
    assert "'bankrupt' in 2 rows: 241, 242" in told(graph)
    assert "columns left out: 'type'" in told(graph)
