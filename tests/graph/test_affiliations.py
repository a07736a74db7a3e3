"""LOCATED_IN and OPERATES_IN made of what actors say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.cases import case_path
from klaster.graph.affiliations import with_affiliations
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.loaders.case.case_folder import load_case


def firm(key: str, **more: Any) -> dict[str, Any]:
    attributes = {"kind": "Actor", "name": key, "actor_type": "Firm", "sphere": "business"}
    return {"id": key, **attributes, **more}


def region(code: str) -> dict[str, Any]:
    return {"id": f"region:{code}", "kind": "Region", "name": code, "code": code,
            "region_type": "oblast"}  # fmt: skip


def industry(code: str, table: str = "t", region: str | None = None) -> dict[str, Any]:
    return {"id": f"{table}:{region or ''}:{code}", "kind": "Industry", "name": code, "code": code,
            "table_id": table, "region": region}  # fmt: skip


def made(graph: ClusterGraph) -> list[tuple[str, str, str]]:
    ties = with_affiliations(graph).ties
    return list(zip(ties["source_id"], ties["tie_type"], ties["target_id"], strict=True))


def test_ties_carry_the_evidence_and_source_of_the_actor() -> None:
    mill = firm("mill", region="KRG", evidence="reported", source="registry", locator="row 7")
    found = with_affiliations(ClusterGraph.build([mill, region("KRG")], [])).to_networkx()
    assert found["mill"]["region:KRG"] == {
        "mill>LOCATED_IN>region:KRG": {
            "tie_type": "LOCATED_IN",
            "evidence": "reported",
            "source": "registry",
            "locator": "row 7",
        }
    }


def test_a_code_finds_its_industry_by_division_and_section() -> None:
    nodes = [firm("a", industry_code="24.10"), firm("b", industry_code="10"),
             firm("c", industry_code="99"), industry("C24"), industry("C10-C12")]  # fmt: skip
    graph = with_affiliations(ClusterGraph.build(nodes, []))
    assert made(graph) == [("a", "OPERATES_IN", "t::C24")]
    assert graph.notes == (
        "OPERATES_IN is made of the industry of 1 actor",
        "2 actors without OPERATES_IN: the graph has no one industry for 10, 99",
    )


def test_in_a_table_of_regions_the_actors_own_is_meant() -> None:
    industries = [industry("C", "icio", code) for code in ("KAZ", "RUS")]
    nodes = [firm("a", industry_code="24", country="RUS"), firm("b", industry_code="24"),
             *industries]  # fmt: skip
    assert made(ClusterGraph.build(nodes, [])) == [("a", "OPERATES_IN", "icio:RUS:C")]


def test_each_table_is_tied_to() -> None:
    nodes = [firm("a", industry_code="24"), industry("C", "one"), industry("24", "two")]
    targets = [target for _, _, target in made(ClusterGraph.build(nodes, []))]
    assert targets == ["one::C", "two::24"]


def test_what_is_stated_is_not_made_again_and_its_id_is_not_taken() -> None:
    nodes = [firm("mill", region="KRG"), firm("mine", region="KRG"), region("KRG"), region("ALA")]
    stated = {"source_id": "mill", "tie_type": "LOCATED_IN", "evidence": "paper", "source": "s"}
    ties = [
        {**stated, "tie_id": "own", "target_id": "region:KRG", "status": "ended"},
        {**stated, "tie_id": "mine>LOCATED_IN>region:KRG", "target_id": "region:ALA"},
    ]
    found = with_affiliations(ClusterGraph.build(nodes, ties)).ties
    assert found["tie_id"].tolist() == [
        "mine>LOCATED_IN>region:KRG",
        "own",
        "mine>LOCATED_IN>region:KRG#2",
    ]


def test_without_the_node_nothing_is_made_and_that_is_said() -> None:
    nodes = [firm(f"f{k}", region=f"R{k}") for k in range(7)]
    graph = with_affiliations(ClusterGraph.build(nodes, [], ["read from a file"]))
    assert graph.ties.empty
    shown = "R0, R1, R2, R3, R4"
    assert graph.notes == (
        "read from a file",
        f"7 actors without LOCATED_IN: the graph has no one region for {shown} and 2 more",
    )


CODES = st.sampled_from(["A", "B", "C"])


@given(
    st.lists(st.tuples(st.none() | CODES, st.none() | CODES), max_size=6),
    st.sets(CODES),
    st.sets(CODES),
    st.lists(st.tuples(st.integers(0, 5), CODES), max_size=3),
)
@settings(deadline=None, max_examples=60)
def test_every_actor_gets_exactly_what_it_says(
    firms: list[tuple[str | None, str | None]],
    regions: set[str],
    industries: set[str],
    stated: list[tuple[int, str]],
) -> None:
    nodes = [firm(f"f{k}", region=r, industry_code=i) for k, (r, i) in enumerate(firms)]
    nodes += [region(code) for code in regions] + [industry(code) for code in industries]
    ties = [
        {"tie_id": f"s{n}", "source_id": f"f{k}", "target_id": f"region:{code}",
         "tie_type": "LOCATED_IN", "evidence": "paper", "source": "s"}
        for n, (k, code) in enumerate(stated) if k < len(firms) and code in regions
    ]  # fmt: skip
    graph = ClusterGraph.build(nodes, ties)
    expected = {(f"f{k}", f"region:{r}") for k, (r, _) in enumerate(firms) if r in regions}
    expected |= {(f"f{k}", f"t::{i}") for k, (_, i) in enumerate(firms) if i in industries}
    expected |= {(tie["source_id"], tie["target_id"]) for tie in ties}
    found = with_affiliations(graph)
    assert {(source, target) for source, _, target in made(graph)} == expected
    assert with_affiliations(found) == found
    assert all((found.layer(x).matrix != graph.layer(x).matrix).nnz == 0 for x in ("supply",))


@pytest.mark.parametrize("how", ["(f:Firm {region: 'KRG'})", "(f:Firm)-[:LOCATED_IN]->(:Region {code: 'KRG'})"])  # fmt: skip
def test_stores_02_attribute_and_tie_tell_the_same(how: str) -> None:
    with EmbeddedStore() as store:
        store.write(load_case(case_path("kazakhstan")).graph)
        assert store.run(f"MATCH {how} RETURN count(DISTINCT f)").rows == ((20,),)
