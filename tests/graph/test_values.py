"""Values a table takes, takes as something else without loss, or refuses with advice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from klaster.graph.errors import InputError
from klaster.graph.model import ClusterGraph

DAY = dt.date(2024, 1, 31)
KEY = UUID(int=7)


def graph_with(**attributes: Any) -> ClusterGraph:
    mine = {"id": "mine", "kind": "Actor", "name": "Mine", "actor_type": "Firm",
            "sphere": "business"}  # fmt: skip
    return ClusterGraph.build([{**mine, **attributes}], [])


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (DAY, DAY),
        (dt.datetime(2024, 1, 31), DAY),
        (pd.Timestamp("2024-01-31"), DAY),
        (np.datetime64("2024-01-31", "ns"), DAY),
        (Decimal("1.1"), 1.1),
        (np.int32(6), 6),
        (KEY, str(KEY)),
        (np.array(["a", "b"]), ["a", "b"]),
        (("a", "b"), ["a", "b"]),
    ],
)
def test_what_another_type_holds_without_loss_is_taken(given: Any, held: Any) -> None:
    assert graph_with(x_given=given).node("mine")["x_given"] == held


@pytest.mark.parametrize(
    ("column", "given", "told"),
    [
        ("note", "a\ud800b", "it holds half a character (U+D800)"),
        ("note", "a\0b", "it holds a NUL character (U+0000)"),
        ("aliases", ["a", "b\0"], "it holds a NUL character (U+0000)"),
        ("id", "mine\udfff", "it holds half a character (U+DFFF)"),
        ("x_day", dt.datetime(2024, 1, 1, 3, 4), "Give a date without a time: value.date()"),
        ("x_day", pd.Timestamp("2024-01-01 03:04"), "Give a date without a time: value.date()"),
        ("x_sum", Decimal("0.1234567890123456789"), "Give a number: float(value)"),
        ("x_sum", float("inf"), "not a finite number"),
        ("note", 7, "Give a text; str(value) makes one"),
        ("note", b"mine", "not a text"),
        ("aliases", "x; y", "not a list of texts"),
        ("x_Выручка", 1, "one of your own: x_ and small Latin letters"),
    ],
)
def test_public_17_what_cannot_be_held_is_an_input_error(
    column: str, given: Any, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        graph_with(**{column: given})
    assert len(caught.value.faults) == 1
    assert told in str(caught.value)
    str(caught.value).encode("utf-8")


def test_a_number_beyond_floats_is_refused() -> None:
    ends = {"source_id": "mine", "target_id": "mine", "tie_type": "SUPPLIES"}
    mine = graph_with().node("mine")
    for amount in (10**400, 2**1023):
        with pytest.raises(InputError, match="not a finite number"):
            ClusterGraph.build([mine], [{"tie_id": "t", **ends, "evidence": "paper", "source": "s",
                                         "value": amount}])  # fmt: skip
