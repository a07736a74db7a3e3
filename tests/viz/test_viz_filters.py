"""What the filters by region and by strength offer."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from viz_case import HOSTILE, TITLE, graph_of_places_and_amounts, made_up_findings, made_up_graph

from klaster.graph.findings import Findings
from klaster.graph.model import ClusterGraph
from klaster.viz.network.filters import amount_steps, count_steps, region_choices, steps_between
from klaster.viz.network.network_page import network_page


def _tie(seller: str, buyer: str, layer: str = "supply", **more: Any) -> dict[str, Any]:
    return {"source_id": seller, "target_id": buyer, "layer": layer, **more}


def _amounts(*values: float | None, **more: Any) -> list[dict[str, Any]]:
    measure = {"unit": "million KZT", "currency": "KZT", **more}
    return [_tie("a", f"b{k}", value=value, **measure) for k, value in enumerate(values)]


def _page(graph: ClusterGraph) -> str:
    return network_page(graph, Findings((), ()), title=TITLE)


def _data(page: str) -> dict[str, Any]:
    block = re.search(r'id="klaster-data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    found: dict[str, Any] = json.loads(block[1])
    return found


def test_regions_are_those_that_occur_in_the_languages_of_the_page() -> None:
    data = _data(_page(graph_of_places_and_amounts()))
    names = {entry["id"]: entry["name"] for entry in data["regions"]}
    assert list(names) == ["code:AKT", "code:KRG", "code:no node for this", f"words:{HOSTILE}",
                           "abroad", "unsaid"]  # fmt: skip
    assert names["code:KRG"] == {
        "en": "Karaganda region", "ru": "Карагандинская область", "kk": "Қарағанды облысы",
    }  # fmt: skip
    assert set(names["code:no node for this"].values()) == {"no node for this"}
    assert set(names[f"words:{HOSTILE}"].values()) == {HOSTILE}
    assert names["abroad"] is names["unsaid"] is None
    places = {node["id"]: node["place"] for node in data["nodes"]}
    assert places["bank"] == "abroad"
    assert places["nobody"] == "unsaid"
    assert places["steel"] is places["region:KRG"] is None


def test_a_region_called_as_the_page_calls_the_unknown_stays_apart() -> None:
    nodes = [{"kind": "Actor", "region": "unsaid"}, {"kind": "Actor", "region_published": "unsaid"},
             {"kind": "Actor", "region": "abroad"}, {"kind": "Actor"},
             {"kind": "Actor", "country": "X"}]  # fmt: skip
    assert [entry["id"] for entry in region_choices(nodes, {}, ["en"])] == [
        "code:abroad", "code:unsaid", "words:unsaid", "abroad", "unsaid",
    ]  # fmt: skip


def test_one_region_or_none_is_no_choice() -> None:
    assert region_choices([{"kind": "Actor"}] * 3, {}, ["en"]) == []
    assert region_choices([{"kind": "Product"}, {"kind": "Actor", "region": "A"}], {}, ["en"]) == []
    assert region_choices([], {}, ["en"]) == []


def test_industries_stand_in_their_region_too() -> None:
    nodes = [{"kind": "Industry", "region": "KZ"}, {"kind": "Industry", "region": "RU"}]
    assert [e["id"] for e in region_choices(nodes, {}, ["en"])] == ["code:KZ", "code:RU"]


def test_ties_are_counted_either_way_and_over_layers() -> None:
    pair = [_tie("a", "b"), _tie("b", "a", "ownership"), _tie("a", "b", "finance")]
    assert count_steps([*pair, _tie("b", "c")]) == [2, 3]


def test_where_all_are_tied_equally_often_there_is_nothing_to_ask_for() -> None:
    assert count_steps([]) == []
    assert count_steps([_tie("a", "b"), _tie("b", "c"), _tie("c", "c")]) == []
    assert count_steps([_tie("a", "b"), _tie("a", "b"), _tie("c", "b"), _tie("b", "c")]) == []


def test_many_parallel_ties_are_asked_for_in_round_numbers() -> None:
    ties = [_tie("a", "b") for _ in range(64)]
    assert count_steps([*ties, _tie("b", "c")]) == [2, 3, 4, 5, 10, 20, 50]


def test_cells_of_a_table_are_not_counted() -> None:
    assert count_steps([_tie("a", "b", "flows"), _tie("b", "a", "flows"), _tie("a", "c")]) == []


def test_amounts_are_offered_in_round_numbers_that_tell_ties_apart() -> None:
    found = amount_steps(_amounts(3.0, 40.0, 41.0, 60.0, 900.0, 30000.0, period="2024"))
    assert found == [
        {"layer": "supply", "unit": "million KZT", "currency": "KZT", "period": "2024",
         "steps": [5.0, 50.0, 100.0, 1000.0]}
    ]  # fmt: skip
    values = [float(2**k) for k in range(12)]
    steps = amount_steps(_amounts(*values))[0]["steps"]
    assert steps == [2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0]
    left = [sum(value >= step for value in values) for step in steps]
    assert left == sorted(set(left), reverse=True)
    assert 0 < left[-1] < left[0] < len(values)


def test_amounts_near_each_other_are_offered_as_they_occur() -> None:
    assert amount_steps(_amounts(30.5, 31.0, 45.25))[0]["steps"] == [31.0, 45.25]
    many = amount_steps(_amounts(*(100.0 + k / 8 for k in range(60))))[0]["steps"]
    assert len(many) <= 8
    assert many[0] == 100.125


@pytest.mark.parametrize(
    "ties",
    [
        _amounts(1.0, 2.0) + _amounts(3.0, unit="billion KZT"),
        _amounts(1.0, 2.0) + _amounts(3.0, currency="USD"),
        _amounts(1.0, 2.0) + _amounts(3.0, period="month"),
        _amounts(1.0, 2.0) + _amounts(3.0, price_basis="basic"),
        _amounts(1.0, None, 2.0),
        _amounts(1.0, float("inf")),
        _amounts(1.0, float("nan")),
        _amounts(1.0, 2.0, unit=None, currency=None),
        _amounts(5.0, 5.0),
        _amounts(0.0, 0.0),
        [],
    ],
    ids=["unit", "currency", "period", "prices", "missing", "infinite", "nan", "no-unit", "equal",
         "nothing", "empty"],
)  # fmt: skip
def test_amounts_that_cannot_be_compared_are_not_offered(ties: list[dict[str, Any]]) -> None:
    assert amount_steps(ties) == []


def test_ties_of_no_amount_can_be_left_out() -> None:
    assert amount_steps(_amounts(0.0, 3.0, 30.0))[0]["steps"] == [3.0, 30.0]


@pytest.mark.parametrize(("low", "high"), [(0.0, 5.0), (-1.0, 5.0), (5.0, 5.0), (6.0, 5.0)])
def test_between_such_numbers_lie_no_steps(low: float, high: float) -> None:
    assert steps_between(low, high) == []


@pytest.mark.parametrize("power", range(-12, 16))
def test_steps_reach_a_power_of_ten_and_do_not_pass_it(power: int) -> None:
    top = float(f"1e{power}")
    steps = steps_between(top / 7, top)
    assert steps[-1] == top
    assert steps[0] > top / 7


def test_only_the_layer_with_one_measure_is_offered_on_the_page() -> None:
    strength = _data(_page(graph_of_places_and_amounts()))["strength"]
    assert strength["counts"] == [2, 3]
    assert [offer["layer"] for offer in strength["amounts"]] == ["supply"]
    assert strength["amounts"][0]["steps"] == [50.0, 500.0, 20000.0]
    assert strength["amounts"][0]["unit"] == HOSTILE


def test_a_page_without_a_choice_offers_none() -> None:
    data = _data(_page(ClusterGraph.build([], [])))
    assert data["regions"] == []
    assert data["strength"]["counts"] == data["strength"]["amounts"] == []


def test_hostile_places_and_units_stay_text() -> None:
    assert HOSTILE not in _page(graph_of_places_and_amounts())


def test_the_page_does_not_depend_on_the_order_of_rows() -> None:
    first = graph_of_places_and_amounts()
    page = _page(first)
    nodes, ties = first.nodes, first.ties
    rows = random.Random(3)
    for _ in range(3):
        mixed = ClusterGraph(
            nodes.iloc[rows.sample(range(len(nodes)), len(nodes))],
            ties.iloc[rows.sample(range(len(ties)), len(ties))],
        )
        assert _page(mixed) == page


def test_amounts_without_a_unit_are_not_held_against_each_other() -> None:
    """The flows of the made-up case state none."""
    page = network_page(made_up_graph(), made_up_findings(), title=TITLE)
    strength = _data(page)["strength"]
    assert strength == {"amounts": [], "counts": [2, 3], "uncounted": ["flows"]}
