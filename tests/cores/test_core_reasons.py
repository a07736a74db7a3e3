"""Why a member is core: codes, values and the ties they rest on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from judged import members_judged

from klaster.algorithms.cores import reasons
from klaster.algorithms.cores.reasons import REASON_CODES
from klaster.graph.core_cards import Reason
from klaster.graph.findings import Member

NODES = ["bank", "institute", "ministry", "mill", "mine", "pit", "plant", "quarry", "shop", "yard"]
SPHERES = ["finance", "academia", "government", *["business"] * 7]
TIES = [
    ("t1", "mine", "mill", "supply", 2.0, 0.95),
    ("t2", "pit", "mill", "supply", 1.0, 0.95),
    ("t3", "quarry", "mill", "supply", 1.0, 0.5),
    ("t4", "mill", "plant", "supply", 3.0, 0.95),
    ("t5", "plant", "yard", "supply", 1.0, 0.5),
    ("t6", "institute", "mill", "knowledge", 1.0, 0.95),
    ("t7", "bank", "mill", "finance", 1.0, 0.95),
    ("t8", "shop", "yard", "supply", 1.0, 0.5),
    ("t9", "mine", "pit", "ownership", 1.0, 0.95),
]
OUTSIDE = {"bank", "ministry"}


def _found(**more: Any) -> dict[str, Member]:
    ids, source, target, layer, weight, keep = zip(*TIES, strict=True)
    members = [k for k, node in enumerate(NODES) if node not in OUTSIDE]
    found = members_judged(
        node_ids=np.array(NODES),
        members=np.array(members),
        tie_source=np.array([NODES.index(node) for node in source]),
        tie_target=np.array([NODES.index(node) for node in target]),
        tie_layer=np.array(layer),
        tie_weight=np.array(weight),
        tie_keep=np.array(keep),
        tie_ids=np.array(ids),
        spheres=np.array(SPHERES),
        labels=np.array([0 if node not in OUTSIDE else -1 for node in NODES]),
        stability=np.full(len(members), np.nan),
        **more,
    )
    return {member.node_id: member for member in found}


def _reasons(member: Member) -> dict[str, Reason]:
    assert len({reason.code for reason in member.reasons}) == len(member.reasons)
    return {reason.code: reason for reason in member.reasons}


def test_the_reasons_for_the_core() -> None:
    mill = _found()["mill"]
    assert mill.is_core
    why = _reasons(mill)
    share = why["largest-share"]
    assert share.values["share"] == pytest.approx(8 / 22)  # of 2 x 11, ties to the bank left out
    assert share.values["ties"] == 5
    assert share.values["tied"] == 1
    assert share.tie_ids == ("t4", "t1", "t2", "t3", "t6")
    converge = why["suppliers-converge"]
    assert converge.values["sources"] == 4
    assert converge.values["layers"] == "knowledge, supply"
    assert converge.tie_ids == ("t1", "t2", "t3", "t6")
    assert why["broker"].values["rank"] == 1
    assert why["embedded"].values == {"k": 2, "members": 3, "n": 8}
    assert why["embedded"].tie_ids == ("t1", "t2")
    helix = why["helix-reach"]
    assert helix.values == {
        "spheres": "academia, finance",
        "sphere_count": 2,
        "layers": "finance, knowledge, supply",
        "layer_count": 3,
    }
    assert helix.tie_ids == ("t6", "t7")
    assert why["sure-rank"].values["places"] == 3
    assert why["sure-rank"].tie_ids == ()
    key = why["key-ties"]
    assert key.values == {"ties": 5, "of": 5, "share": 1.0}
    assert key.tie_ids == ("t4", "t1", "t2", "t6", "t3")  # of equal ones the surer first
    assert "held-by-few-ties" not in why
    assert "held-by-doubtful-ties" not in why


def test_a_source_for_others() -> None:
    why = _reasons(_found()["mine"])
    assert why["source-for-others"].values["receivers"] == 2
    assert why["source-for-others"].tie_ids == ("t1", "t9")
    assert why["held-by-few-ties"].tie_ids == ("t1", "t9")


def test_cautions() -> None:
    found = _found(doubtful_below=0.96)
    plant = _reasons(found["plant"])
    assert plant["held-by-few-ties"].values == {"ties": 2}
    assert plant["held-by-doubtful-ties"].values == {"doubtful": 2, "ties": 2}
    unsaid = np.zeros(len(TIES), dtype=bool)
    plant = _reasons(_found(doubtful_below=0.96, tie_confidence_stated=unsaid)["plant"])
    assert "held-by-doubtful-ties" not in plant  # nobody says that it is less than sure
    plant = _reasons(_found(tie_evidence=np.array(["not-stated"] * len(TIES)))["plant"])
    assert plant["held-by-unstated-ties"].values == {"unstated": 2, "ties": 2}
    usual = _reasons(_found()["plant"])
    assert "held-by-doubtful-ties" not in usual  # one of two is not more than half


def test_certainty_follows_the_interval() -> None:
    places = 3
    for member in _found().values():
        if not member.reasons:
            continue
        why = _reasons(member)
        unsure = member.core_rank_low <= places < member.core_rank_high
        assert ("unsure-rank" in why) == unsure
        assert ("sure-rank" in why) == (not unsure)
        told = why["unsure-rank" if unsure else "sure-rank"].values
        assert told["low"] == member.core_rank_low
        assert told["high"] == member.core_rank_high
        assert told["n"] == 8


def test_who_is_explained() -> None:
    found = _found()
    for member in found.values():
        wanted = member.is_core or member.is_candidate or member.core_rank <= 3
        assert bool(member.reasons) == wanted
    assert not all(member.reasons for member in found.values())


def test_every_reason_rests_on_ties_of_the_member() -> None:
    ends = {tie[0]: set(tie[1:3]) for tie in TIES}
    for member in _found().values():
        for reason in member.reasons:
            assert all(member.node_id in ends[tie] for tie in reason.tie_ids)
            assert len(set(reason.tie_ids)) == len(reason.tie_ids)
            assert all(isinstance(v, (str, int, float)) for v in reason.values.values())
            assert not any(isinstance(v, np.generic) for v in reason.values.values())


def test_equals_are_told_that_they_are() -> None:
    n = 5
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    found = members_judged(
        node_ids=np.array([f"n{k}" for k in range(n)]),
        members=np.arange(n),
        tie_source=np.array([i for i, _ in pairs]),
        tie_target=np.array([j for _, j in pairs]),
        tie_layer=np.array(["supply"] * len(pairs)),
        tie_weight=np.ones(len(pairs)),
        tie_keep=np.ones(len(pairs)),
        tie_ids=np.array([f"t{k:02d}" for k in range(len(pairs))]),
        spheres=np.array(["business"] * n),
        labels=np.zeros(n, dtype=np.int64),
        stability=np.ones(n),
    )
    why = _reasons(found[0])
    assert why["shared-rank"].values == {"rank": 3.0, "members": 5, "n": 5}
    assert "largest-share" not in why
    assert "all-round" not in why  # above the middle by none is no reason


def test_the_table_of_codes_names_every_code() -> None:
    table = (reasons.__doc__ or "").split("====\n", 2)[2]  # below the head
    assert tuple(re.findall(r"^``([a-z-]+)``", table, flags=re.MULTILINE)) == REASON_CODES
    seen = {reason.code for member in _found().values() for reason in member.reasons}
    assert seen <= set(REASON_CODES)
    assert len(seen) >= 9
