"""Data classes pass through JSON and come back equal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from klaster.graph.content import same_content
from klaster.results.json_coder import from_json_data, to_json_data

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Inner:
    value: float
    name: str = "x"


@dataclass(frozen=True, eq=False)
class Outer:
    parts: tuple[Inner, ...] = ()
    pair: tuple[float, int] = (0.0, 1)
    by_number: Mapping[int, Inner] = field(default_factory=dict)
    maybe: Inner | None = None
    either: str | int | float = 0
    region: str | tuple[str, ...] = ""
    matrix: npt.NDArray[np.float64] | None = None
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    free: Mapping[str, Any] = field(default_factory=dict)


@pytest.mark.parametrize(
    "value",
    [
        Outer(),
        Outer(parts=(Inner(NAN), Inner(float("-inf"), "=1")), pair=(NAN, 3)),
        Outer(by_number={2: Inner(1.0), 10: Inner(NAN)}, maybe=Inner(2.0)),
        Outer(either=NAN, region=("a", "b")),
        Outer(either="NaN", region="a"),
        Outer(matrix=np.array([[1.0, NAN], [0.0, 2.0]])),
        Outer(matrix=np.zeros((0, 0)).reshape(0)),
        Outer(table=pd.DataFrame({"a": [1.5, NAN], "b": ["x", None], "c": [1, 2]})),
        Outer(table=pd.DataFrame({"w": [1.0]}, index=["wages"])),
        Outer(free={"when": dt.date(2026, 1, 2), "list": [1, {"deep": NAN}], "none": None}),
    ],
)
def test_what_goes_out_comes_back(value: Outer) -> None:
    text = json.dumps(to_json_data(value), allow_nan=False)
    back = from_json_data(json.loads(text), Outer)
    assert same_content(back, value), (back, value)
    assert list(back.by_number) == list(value.by_number)  # in order


def test_a_mapping_keeps_its_order() -> None:
    assert list(to_json_data({"b": 1, "a": 2})) == ["b", "a"]
