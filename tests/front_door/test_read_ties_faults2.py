"""What a hostile reader of tables found in ``read_ties``: each mended where the mechanism is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

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
