"""What a hostile reader of tables found in ``read_ties``: each mended where the mechanism is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from klaster.cli.main import app
from klaster.graph.errors import InputError
from klaster.tie_reading import read_ties


def table(*names: str, **more: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({names[0]: ["a", "b"], names[1]: ["b", "c"], **more})


def pairs(graph: Any) -> list[tuple[str, str]]:
    return list(zip(graph.ties["source_id"], graph.ties["target_id"], strict=True))


def refusal(given: Any, **options: Any) -> str:
    with pytest.raises(InputError) as error:
        read_ties(given, **options)
    return str(error.value)


def said(graph: Any) -> str:
    return "\n".join(graph.notes)


# -- payments ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tie_type", ["FUNDS", "OWNS", "REGULATES", "COOPERATES_WITH"])
def test_only_ties_of_goods_are_turned_round(tie_type: str) -> None:
    given = table("source", "target")
    for options in ({"tie_type": tie_type}, {"tie_type": "kind"}):
        frame = given.assign(kind=["SUPPLIES", tie_type])
        words = refusal(frame, direction="payments", **options)
        assert f"{tie_type} is no supply of goods" in words
        assert "Leave direction out" in words


@pytest.mark.parametrize(
    ("payer", "payee"),
    [("Payer", "Payee"), ("Плательщик", "Получатель"), ("Төлеуші", "Төлем алушы"),
     ("Плательщик", "Получатель денег"), ("Payer name", "Payee name")],
)  # fmt: skip
def test_headings_of_payments_are_known_as_such(payer: str, payee: str) -> None:
    for more in ({}, {"x": ["1", "2"], "y": ["3", "4"]}):
        given = table(payer, payee, **more)
        words = refusal(given)
        assert "headings of payments" in words
        assert "direction='payments'" in words
        assert "source=" not in words
        assert pairs(read_ties(given, direction="payments")) == [("b", "a"), ("c", "b")]
        assert pairs(read_ties(given, tie_type="FUNDS")) == [("a", "b"), ("b", "c")]


def test_of_payments_the_buyer_is_who_pays() -> None:
    graph = read_ties(table("Покупатель", "Поставщик"), direction="payments")
    assert pairs(graph) == [("b", "a"), ("c", "b")]
    goods = table("Поставщик", "Покупатель", Плательщик=["x", "y"])
    assert pairs(read_ties(goods)) == [("a", "b"), ("b", "c")]


@pytest.mark.parametrize(
    ("source", "target", "options", "words"),
    [("Покупатель", "Поставщик", {}, "heading is that of a target"),
     ("buyer_name", "supplier_name", {}, "heading is that of a target"),
     ("Плательщик", "Получатель", {}, "direction='payments'"),
     ("Поставщик", "Покупатель", {"direction": "payments"}, "heading is that of a target"),
     ("Payee", "Payer", {"tie_type": "FUNDS"}, "heading is that of a target")],
)  # fmt: skip
def test_a_column_named_as_the_other_end_is_said(
    source: str, target: str, options: dict[str, Any], words: str
) -> None:
    graph = read_ties(table(source, target), source=source, target=target, **options)
    assert words in said(graph)


def test_columns_named_as_what_their_headings_say_need_no_second_look() -> None:
    for names, options in (
        (("Поставщик", "Покупатель"), {}), (("Плательщик", "Получатель"), {"direction": "payments"}),
        (("x", "y"), {}),
    ):  # fmt: skip
        graph = read_ties(table(*names), source=names[0], target=names[1], **options)
        assert "look again" not in said(graph)


# -- the row that names the columns ------------------------------------------------------------

ROWS: list[list[Any]] = [
    ["Реестр договоров за 2024 год"], [], ["Ед. изм.: тенге", "", "стр. 1"],
    ["Поставщик", "Покупатель", "Договор", "Сумма", "Примечание"],
    ["Шахта", "Завод", "7", 5, "x"], ["Завод", "Комбинат", "8", 6, ""],
]  # fmt: skip


def written(path: Path, rows: list[list[Any]]) -> Path:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        width = max(map(len, rows))
        lines = [";".join(map(str, [*row, *[""] * (width - len(row))])) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["register.xlsx", "register.csv"])
def test_titles_above_the_header_are_passed_over(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, ROWS)
    for options in ({}, {"source": "Поставщик", "target": "Покупатель"}, {"header": 4}):
        graph = read_ties(path, **options)
        assert pairs(graph) == [("Завод", "Комбинат"), ("Шахта", "Завод")]
        assert graph.ties["value"].tolist() == [6, 5]
        assert "2 rows above the header (row 4) passed over" in said(graph)


def test_the_row_of_a_fault_is_that_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "register.xlsx", [*ROWS, ["", "Завод", "9", 1, ""]])
    assert "row 7" in refusal(path)
    assert "no such row" in refusal(path, header=2)
    assert "no such row" in refusal(path, header=9)


@pytest.mark.parametrize("name", ["ties.xlsx", "ties.csv"])
def test_columns_are_not_told_by_their_place_where_a_header_failed(
    name: str, tmp_path: Path
) -> None:
    rows = [["1", "Шахта", "Завод", 5], ["2", "Завод", "Шахта", 6]]
    path = written(tmp_path / name, [["Отчёт"], ["№", "Кто", "С кем", "Сколько"], *rows])
    words = refusal(path)
    assert "'Кто'" in words
    assert "column 1" not in words
    path = written(tmp_path / name, rows)
    words = refusal(path)
    assert "no row is known to name its columns" in words
    assert "header=3" in words
    graph = read_ties(path, header=False, source="column 2", target="column 3")
    assert pairs(graph) == [("Завод", "Шахта"), ("Шахта", "Завод")]


def test_what_holds_the_separator_is_spoken_of_in_text_files_only(tmp_path: Path) -> None:
    rows = [["Поставщик", "Покупатель"], ["Шахта", "Завод", "x"]]
    assert "separator" not in refusal(written(tmp_path / "ties.xlsx", rows))
    (tmp_path / "ties.csv").write_text("Поставщик,Покупатель\nШахта,Завод,5\n", encoding="utf-8")
    assert "separator" in refusal(tmp_path / "ties.csv")


def test_the_command_names_the_row_too(tmp_path: Path) -> None:
    path = written(
        tmp_path / "ties.xlsx", [["Кто", "Кому"], ["Поставщик", "Покупатель"], ["a", "b"]]
    )
    told = CliRunner().invoke(app, ["check", str(path), "--header-row", "2"])
    assert told.exit_code == 0, told.output
    assert "1 row above the header (row 2) passed over" in told.output
    told = CliRunner().invoke(
        app, ["new", str(tmp_path / "x"), "--from", str(path), "--header-row", "2"]
    )
    assert "Delete the rows above them" in str(told.exception)


# -- words that are no terms -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "word", "proposed"),
    [("evidence", "оценка", "'estimated'"), ("evidence", "слухи", "…"), ("evidence", "mesured", "'measured'"),
     ("tie_type", "финансирование", "'FUNDS'"), ("tie_type", "дружба", "…"),
     ("status", "завершён", "'ended'"), ("status", "черновик", "…")],
)  # fmt: skip
def test_of_a_word_the_nearest_term_is_proposed_or_none(
    name: str, word: str, proposed: str
) -> None:
    words = refusal(table("source", "target", **{name: [word, word]}))
    assert f"values={{{name!r}: {{{word!r}: {proposed}}}}}" in words


def test_of_a_kind_of_actor_too() -> None:
    about = pd.DataFrame({"name": ["a", "b"], "actor_type": ["Университет", "артель"]})
    words = refusal(table("source", "target"), actors=about)
    assert "{'Университет': 'University'}" in words
    assert "{'артель': …}" in words
