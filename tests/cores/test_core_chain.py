"""Places in the value chain: up, down, beside, and the other spheres."""

from __future__ import annotations

import numpy as np
import pytest

from klaster.algorithms.cores.chain import CHAIN_ROLES, chain_places
from klaster.algorithms.cores.tie_table import TieTable
from klaster.graph.findings import ChainPlace

NODES = [
    "mill",
    "mine",
    "pit",
    "plant",
    "shop",
    "rival",
    "partner",
    "bank",
    "akimat",
    "park",
    "lab",
]
SPHERES = [*["business"] * 7, "finance", "government", "intermediary", "academia"]


def _places(
    ties: list[tuple[str, str, str]], core: list[str], both_ways: tuple[str, ...] = ()
) -> dict[str, ChainPlace]:
    table = TieTable.build(
        [f"{source}>{target}" for source, target, _ in ties],
        [NODES.index(source) for source, _, _ in ties],
        [NODES.index(target) for _, target, _ in ties],
        [layer for _, _, layer in ties],
        both_ways=[layer in both_ways for _, _, layer in ties],
    )
    core_places = np.array([NODES.index(node) for node in core], dtype=np.int64)
    found = chain_places(table, len(NODES), np.array(SPHERES), core_places)
    return dict(zip(NODES, found, strict=True))


CHAIN = [
    ("pit", "mine", "supply"),
    ("mine", "mill", "supply"),
    ("mill", "plant", "supply"),
    ("plant", "shop", "supply"),
]


def test_goods_decide_who_is_up_and_who_is_down() -> None:
    found = _places([*CHAIN, ("rival", "plant", "supply")], ["mill"])
    assert (found["mill"].role, found["mill"].tie_ids) == ("core", ())
    assert found["mine"] == ChainPlace("upstream", 1, ("mine>mill",))
    assert found["pit"] == ChainPlace("upstream", 2, ("pit>mine",))
    assert found["plant"] == ChainPlace("downstream", 1, ("mill>plant",))
    assert found["shop"] == ChainPlace("downstream", 2, ("plant>shop",))
    assert found["rival"] == ChainPlace("same-level", 0, ("rival>plant",))
    assert found["partner"] == ChainPlace()


def test_the_shorter_way_counts_and_equal_ways_are_the_same_level() -> None:
    found = _places([*CHAIN, ("shop", "mill", "supply")], ["mill"])
    assert (found["shop"].role, found["shop"].steps) == ("upstream", 1)
    back = _places([("mine", "mill", "supply"), ("mill", "mine", "supply")], ["mill"])
    assert back["mine"] == ChainPlace("same-level", 0, ("mill>mine", "mine>mill"))


def test_the_nearest_of_several_cores_counts() -> None:
    found = _places(CHAIN, ["mill", "pit"])
    assert (found["mine"].role, found["mine"].steps) == ("same-level", 0)
    assert found["pit"].role == "core"


@pytest.mark.parametrize(
    ("node", "role"),
    [
        ("bank", "finance"),
        ("akimat", "authority"),
        ("park", "intermediary"),
        ("lab", "knowledge"),
    ],
)
def test_other_spheres_have_their_own_place(node: str, role: str) -> None:
    found = _places([*CHAIN, (node, "mill", "supply"), (node, "pit", "finance")], ["mill"])
    assert found[node] == ChainPlace(role, 0, (f"{node}>mill",))


def test_firms_without_goods_are_placed_by_what_they_give_or_share() -> None:
    ties = [
        *CHAIN,
        ("partner", "mill", "cooperation"),
        ("rival", "mill", "finance"),
    ]
    found = _places(ties, ["mill"], both_ways=("cooperation",))
    assert found["partner"] == ChainPlace("same-level", 0, ("partner>mill",))
    assert found["rival"] == ChainPlace("finance", 0, ("rival>mill",))


def test_round_a_core_without_goods_the_chain_is_knowledge() -> None:
    found = _places([("lab", "mill", "knowledge"), ("mine", "pit", "supply")], ["lab"])
    assert found["mill"] == ChainPlace("downstream", 1, ("lab>mill",))
    assert found["mine"] == ChainPlace()


def test_without_a_core_nobody_has_a_place() -> None:
    assert set(_places(CHAIN, []).values()) == {ChainPlace()}
    assert {place.role for place in _places(CHAIN, ["mill"]).values()} <= {"", *CHAIN_ROLES}
