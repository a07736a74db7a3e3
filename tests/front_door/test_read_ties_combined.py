"""Ties of firms, ties of the helix and a table become one case, without a folder."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from klaster.combining import combine
from klaster.graph.errors import InputError
from klaster.graph.io_table import IOTable
from klaster.pipeline import find_clusters
from klaster.tie_reading import read_ties

ABOUT = {
    "KarTU": {"actor_type": "University", "name_ru": "КарТУ", "region": "KRG"},
    "q": {
        "name": "Qarmet",
        "aliases": "Испат-Кармет; Кармет",
        "actor_type": "Firm",
        "industry_code": "C24",
    },
}


def table() -> IOTable:
    return IOTable(
        "t", ("B", "C"), ("mining", "manufacturing"), np.array([[1.0, 5.0], [2.0, 1.0]]),
        np.array([10.0, 20.0]), 2020, "KZT", "million KZT", "synthetic", "example",
    )  # fmt: skip


def test_an_actor_of_both_is_one_by_key_by_name_and_by_alias() -> None:
    supply = read_ties([("Mine", "Испат-Кармет"), ("Mine", "Port")])
    helix = read_ties([("KarTU", "q"), ("KarTU", "Mine")], tie_type="RD_COOPERATION", actors=ABOUT)
    case = combine(supply=supply, helix=helix)
    actors = case.graph.select(kinds=["Actor"])
    assert actors.nodes["id"].tolist() == ["KarTU", "Mine", "Port", "Испат-Кармет"]
    firm = case.graph.node("Испат-Кармет")
    assert firm["name"] == "Qarmet"
    assert firm["industry_code"] == "C24"
    assert "Кармет" in firm["aliases"]
    assert len(case.graph.ties) == 4
    assert "2 nodes of helix were there before" in case.notes
    assert any("the same by name: 'q' is 'Испат-Кармет'" in note for note in case.notes)


def test_what_was_assumed_gives_way_whichever_comes_first() -> None:
    bare = read_ties([("KarTU", "Mine")], tie_type="RD_COOPERATION")
    full = read_ties([("Mine", "KarTU")], actors=ABOUT)
    for case in (combine(bare, full), combine(full, bare)):
        assert case.graph.node("KarTU")["actor_type"] == "University"
        assert case.graph.node("KarTU")["sphere"] == "academia"


def test_contradictions_are_all_told_with_both_sides() -> None:
    one = read_ties([("a", "b")], actors={"a": {"region": "KRG", "actor_type": "Firm"}})
    two = read_ties([("a", "b")], actors={"a": {"region": "ALM", "actor_type": "University"}})
    with pytest.raises(InputError) as error:
        combine(one, two)
    text = str(error.value)
    assert "region of 'a' is 'KRG' in supply and 'ALM' in helix" in text
    assert "actor_type of 'a' is 'Firm' in supply and 'University' in helix" in text


def test_the_same_tie_of_both_is_kept_twice_and_said() -> None:
    graph = read_ties([("a", "b")])
    case = combine(graph, graph)
    assert len(case.graph.ties) == 2
    assert any("stated before too" in note for note in case.notes)


def test_a_table_brings_industries_flows_year_and_currency() -> None:
    case = combine(
        supply=read_ties([("a", "b")], actors={"a": {"industry_code": "C"}}), table=table()
    )
    assert set(case.graph.layers) == {"supply", "flows", "affiliation"}
    assert (case.year, case.currency) == (2020, "KZT")
    assert case.table is not None


def test_nothing_and_other_things_are_refused() -> None:
    with pytest.raises(InputError, match="neither ties nor a table"):
        combine()
    with pytest.raises(InputError, match=r"klaster\.read_ties"):
        combine(supply=pd.DataFrame())  # type: ignore[arg-type]


def test_clusters_are_found_in_it() -> None:
    groups = [[f"{g}{k}" for k in range(8)] for g in "abc"]
    ring = [
        (group[k], group[(k + step) % 8])
        for group in groups
        for k in range(8)
        for step in (1, 2, 3)
    ]
    helix = [(f"u{g}", group[k]) for g, group in enumerate(groups) for k in range(3)]
    about = {f"u{g}": {"actor_type": "University"} for g in range(3)}
    case = combine(
        read_ties(ring), read_ties(helix, tie_type="RD_COOPERATION", actors=about), table()
    )
    found = find_clusters(case, seed=1)
    joint = found.clusters[found.clusters["layer"] == "joint"]
    assert joint["members"].tolist() == [9, 9, 9]
