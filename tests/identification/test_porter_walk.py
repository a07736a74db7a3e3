"""Porter's walk on made-up networks counted by hand, and on the shipped case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from published_numbers import GERMANY_SECTORS, GERMANY_X, GERMANY_Z

from klaster.algorithms.identification.porter import porter_walk
from klaster.graph.errors import UnknownNameError
from klaster.graph.io_table import IOTable
from klaster.graph.model import ClusterGraph
from klaster.loaders.case.case_folder import load_case


def actor(key: str, sphere: str = "business", actor_type: str = "Firm") -> dict[str, Any]:
    return {"id": key, "kind": "Actor", "name": key, "actor_type": actor_type, "sphere": sphere}


def tie(source: str, tie_type: str, target: str, **more: Any) -> dict[str, Any]:
    return {
        "tie_id": f"{source}>{tie_type}>{target}",
        "source_id": source,
        "target_id": target,
        "tie_type": tie_type,
        "evidence": "synthetic",
        "source": "made up",
        **more,
    }


def metals() -> ClusterGraph:
    """ore → smelter → mill → car; scrap → mill; rival → car; ore → battery; mill ↔ smelter."""
    return ClusterGraph.build(
        [
            *(actor(key) for key in ("ore", "smelter", "mill", "car", "scrap", "rival", "battery")),
            actor("stranger"),
            actor("university", "academia", "University"),
            actor("far institute", "academia", "ResearchInstitute"),
            actor("bank", "finance", "Finance"),
            actor("union", "intermediary", "Association"),
            actor("ministry", "government", "Authority"),
            actor("akimat", "government", "Authority"),
            actor("other ministry", "government", "Authority"),
        ],
        [
            tie("ore", "SUPPLIES", "smelter"),
            tie("smelter", "SUPPLIES", "mill"),
            tie("mill", "SUPPLIES", "smelter"),
            tie("mill", "SUPPLIES", "mill"),
            tie("scrap", "SUPPLIES", "mill"),
            tie("mill", "SUPPLIES", "car"),
            tie("rival", "SUPPLIES", "car"),
            tie("smelter", "SUPPLIES", "battery"),
            tie("university", "TRAINS_STAFF_FOR", "mill"),
            tie("stranger", "RD_COOPERATION", "far institute"),
            tie("bank", "FUNDS", "scrap"),
            tie("mill", "MEMBER_OF", "union"),
            tie("ministry", "FUNDS", "university"),
            tie("akimat", "REGULATES", "car"),
            tie("other ministry", "REGULATES", "stranger"),
        ],
    )


def test_walk_from_a_firm() -> None:
    walk = porter_walk(metals(), "mill")
    found = [(row.node_id, row.step, row.via) for row in walk.steps.itertuples(index=False)]
    assert found == [
        ("mill", "core", ()),
        ("scrap", "upstream", ("mill",)),
        ("smelter", "upstream", ("mill",)),
        ("car", "downstream", ("mill",)),
        ("smelter", "downstream", ("mill",)),
        ("ore", "shared channel", ("smelter",)),
        ("rival", "shared channel", ("car",)),
        ("battery", "shared input", ("smelter",)),
        ("university", "knowledge", ("mill",)),
        ("bank", "finance", ("scrap",)),
        ("union", "intermediary", ("mill",)),
        ("akimat", "authority", ("car",)),
        ("ministry", "authority", ("university",)),
    ]
    assert "stranger" not in walk.members
    assert walk.of_step("upstream") == ("scrap", "smelter")
    assert walk.steps.loc[1, "tie_ids"] == ("scrap>SUPPLIES>mill",)


def test_second_tier_up() -> None:
    walk = porter_walk(metals(), "car", tiers=2)
    up = walk.steps[walk.steps["step"] == "upstream"]
    assert dict(zip(up["node_id"], up["tier"], strict=True)) == {
        "mill": 1,
        "rival": 1,
        "scrap": 2,
        "smelter": 2,
    }


def test_sideways_may_ask_for_more_than_one_shared_partner() -> None:
    assert porter_walk(metals(), "mill", min_shared=2).of_step("shared channel") == ()


def test_several_cores_are_no_steps_of_each_other() -> None:
    walk = porter_walk(metals(), ["mill", "smelter"])
    assert walk.core == ("mill", "smelter")
    assert set(walk.of_step("upstream")) == {"ore", "scrap"}


def german_graph() -> tuple[ClusterGraph, IOTable]:
    table = IOTable(
        "de",
        tuple("ABCDEF"),
        GERMANY_SECTORS,
        GERMANY_Z,
        GERMANY_X,
        1995,
        "EUR",
        "million EUR",
        "measured",
        "Eurostat manual 2008",
    )
    industries = table.to_graph()
    node_rows, tie_rows = (
        [
            {name: value for name, value in row.items() if not pd.isna(value)}
            for row in part.to_dict("records")
        ]
        for part in industries.to_pandas()
    )
    return (
        ClusterGraph.build(
            [
                *node_rows,
                actor("builder"),
                actor("farm"),
                actor("school", "academia", "University"),
                actor("town", "government", "Authority"),
            ],
            [
                *tie_rows,
                tie("builder", "OPERATES_IN", "de::C"),
                tie("farm", "OPERATES_IN", "de::A"),
                tie("school", "TRAINS_STAFF_FOR", "builder"),
                tie("town", "FUNDS", "farm"),
            ],
        ),
        table,
    )


def test_walk_from_an_industry_by_shares() -> None:
    graph, table = german_graph()
    walk = porter_walk(graph, "de::C", threshold=0.15)
    bought, sold = GERMANY_Z / GERMANY_Z.sum(axis=0), (GERMANY_Z.T / GERMANY_Z.sum(axis=1)).T
    sellers = {table.node_ids[i] for i in np.flatnonzero(bought[:, 2] >= 0.15) if i != 2}
    buyers = {table.node_ids[j] for j in np.flatnonzero(sold[2] >= 0.15) if j != 2}
    assert set(walk.of_step("upstream")) == sellers == {"de::B", "de::E"}
    assert set(walk.of_step("downstream")) == buyers
    assert "builder" in walk.of_step("member firm")
    assert walk.of_step("knowledge") == ("school",)


def test_walk_does_not_depend_on_row_order() -> None:
    graph = metals()
    nodes, ties = graph.to_pandas()
    mixed = ClusterGraph(nodes.sample(frac=1, random_state=3), ties.sample(frac=1, random_state=4))
    assert porter_walk(mixed, "mill").steps.equals(porter_walk(graph, "mill").steps)


@pytest.mark.parametrize("core", ["qarmet", "kazzinc"])
def test_walk_from_a_core_of_the_shipped_case(core: str) -> None:
    """Every step rests on ties of the case that join the node to what it was reached from."""
    folder = Path(__file__).parents[2] / "cases" / "kazakhstan"
    graph = load_case(folder).graph.active()
    ends = {
        tie: {source, target}
        for tie, source, target in graph.ties[["tie_id", "source_id", "target_id"]].itertuples(
            index=False
        )
    }
    walk = porter_walk(graph, core)
    assert walk.of_step("upstream")
    assert walk.of_step("authority")
    for row in walk.steps.itertuples(index=False):
        assert (row.step == "core") == (not row.tie_ids)
        for tie_id in row.tie_ids:
            assert row.node_id in ends[tie_id]
            assert ends[tie_id] & set(row.via)


def test_refusals() -> None:
    graph, _ = german_graph()
    with pytest.raises(UnknownNameError, match="did you mean 'builder'"):
        porter_walk(graph, "bulider")
    with pytest.raises(ValueError, match="actors only, or industries only"):
        porter_walk(graph, ["builder", "de::A"])
    with pytest.raises(ValueError, match="name at least one"):
        porter_walk(graph, [])
    with pytest.raises(ValueError, match="threshold"):
        porter_walk(graph, "builder", threshold=0)
