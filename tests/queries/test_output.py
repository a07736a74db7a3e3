"""Answers as table, CSV and JSON."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
from rich.console import Console

from klaster.graph.stores.contract import QueryResult
from klaster.queries.answer_text import to_csv, to_json, to_table

RESULT = QueryResult(
    ("name", "value", "day", "tags", "ok"),
    (
        ("АО «Қарметкомбинат»", 1.5, dt.date(2014, 3, 19), ["a", "b"], True),
        ("[bold]not markup[/bold]", -3, None, [], False),
        ("=HYPERLINK(1)", None, dt.date(2024, 1, 1), [1, {"a": "ё"}], None),
    ),
    truncated=True,
    notes=("a remark",),
)


def shown(result: QueryResult) -> str:
    console = Console(width=160, file=io.StringIO(), force_terminal=False)
    console.print(to_table(result))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


def test_table() -> None:
    text = shown(RESULT)
    for part in ("Қарметкомбинат", "[bold]not markup[/bold]", "2014-03-19", "a; b", "true"):
        assert part in text
    assert "3 rows, and there are more" in text
    assert "a remark" in text


def test_table_of_nothing() -> None:
    assert "0 rows" in shown(QueryResult(("id",), ()))


def test_escape_sequences_do_not_reach_the_terminal() -> None:
    text = shown(QueryResult(("id",), (("\x1b[31mred\x07\x9b2J\u202eback",),)))
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_has_no_formula(start: str) -> None:
    ((cell,),) = list(csv.reader(io.StringIO(to_csv(QueryResult(("id",), ((f"{start}1",),))))))[1:]
    assert cell == f"'{start}1"


def test_csv_keeps_numbers_and_text() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(RESULT), newline="")))
    assert rows[0] == list(RESULT.columns)
    assert rows[1] == ["АО «Қарметкомбинат»", "1.5", "2014-03-19", "a; b", "true"]
    assert rows[2][1] == "-3"
    assert rows[3] == ["'=HYPERLINK(1)", "", "2024-01-01", '[1, {"a": "ё"}]', ""]


def test_csv_header_has_no_formula() -> None:
    assert to_csv(QueryResult(("=1+1",), ())).startswith("'=1+1")


def test_json() -> None:
    held = json.loads(to_json(RESULT))
    assert held["columns"] == list(RESULT.columns)
    assert held["rows"][0] == {
        "name": "АО «Қарметкомбинат»",
        "value": 1.5,
        "day": "2014-03-19",
        "tags": ["a", "b"],
        "ok": True,
    }
    assert (held["truncated"], held["notes"]) == (True, ["a remark"])
    assert "Қарметкомбинат" in to_json(RESULT)


def test_json_of_numbers_it_cannot_hold() -> None:
    result = QueryResult(("x",), ((float("nan"),), (float("inf"),)))
    assert json.loads(to_json(result))["rows"] == [{"x": None}, {"x": None}]


def test_json_of_nothing() -> None:
    assert json.loads(to_json(QueryResult(("x",), ())))["rows"] == []
