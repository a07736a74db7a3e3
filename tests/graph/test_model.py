"""ClusterGraph: validation, canonical order, slices, layers, conversions."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.graph import layers
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.io_table import IOTable
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.embedded import EmbeddedStore


def actor(node_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": node_id,
        "kind": "Actor",
        "name": node_id.title(),
        "actor_type": "Firm",
        "sphere": "business",
        **more,
    }


def tie(tie_id: str, source: str, target: str, tie_type: str, **more: Any) -> dict[str, Any]:
    return {
        "tie_id": tie_id,
        "source_id": source,
        "target_id": target,
        "tie_type": tie_type,
        "evidence": "synthetic",
        "source": "test",
        **more,
    }


NODES = [
    actor("mine", region="KRG", aliases=["Кен", "«Шахта»"], network="karaganda"),
    actor("mill", region="KRG", name_kk="Қарметкомбинат", x_score=1.5, network="karaganda"),
    actor("shop", region="ALA", x_checked=True, x_seen=dt.date(2024, 2, 29)),
    {"id": "region:KRG", "kind": "Region", "name": "Karaganda", "code": "KRG",
     "region_type": "oblast", "valid_from": 1936},
]  # fmt: skip
TIES = [
    tie("a", "mine", "mill", "SUPPLIES", year=2010, value=5.5, unit="million KZT"),
    tie("b", "mine", "mill", "SUPPLIES", year=2015, status="planned"),
    tie("c", "mill", "shop", "SUPPLIES", year=2001, year_to=2012, evidence="reported"),
    tie("d", "shop", "mine", "OWNS", status="ended"),
    tie("e", "mine", "region:KRG", "LOCATED_IN"),
    tie("f", "mill", "mill", "COOPERATES_WITH", status="current"),
]


@pytest.fixture
def graph() -> ClusterGraph:
    return ClusterGraph.build(NODES, TIES)


def test_row_order_does_not_matter(graph: ClusterGraph) -> None:
    for seed in range(5):
        nodes, ties = list(NODES), list(TIES)
        random.Random(seed).shuffle(nodes)
        random.Random(seed + 1).shuffle(ties)
        other = ClusterGraph.build(nodes, ties)
        assert other == graph
        assert other.digest() == graph.digest()


def test_digest_sees_every_cell(graph: ClusterGraph) -> None:
    changed = [{**row} for row in TIES]
    changed[0]["value"] = 5.500000000000001
    assert ClusterGraph.build(NODES, changed).digest() != graph.digest()


def test_networkx_round_trip_is_exact(graph: ClusterGraph) -> None:
    other = graph.to_networkx()
    assert isinstance(other, nx.MultiDiGraph)
    assert other.number_of_edges("mine", "mill") == 2
    assert other.nodes["mine"]["aliases"] == ["Кен", "«Шахта»"]
    assert other.nodes["shop"]["x_seen"] == dt.date(2024, 2, 29)
    assert "weight" not in other["mine"]["mill"]["a"]
    assert ClusterGraph.from_networkx(other) == graph


def test_pandas_and_parquet_round_trips_are_exact(graph: ClusterGraph, tmp_path: Path) -> None:
    assert ClusterGraph(*graph.to_pandas()) == graph
    graph.to_parquet(tmp_path)
    assert ClusterGraph.from_parquet(tmp_path) == graph


def test_a_plain_numpy_table_gives_the_same_graph(graph: ClusterGraph) -> None:
    nodes = pd.DataFrame(NODES)
    ties = pd.DataFrame(TIES)
    assert ClusterGraph(nodes, ties) == graph


def test_changing_a_table_leaves_the_graph_as_it_is(graph: ClusterGraph) -> None:
    nodes = graph.nodes
    nodes.loc[0, "name"] = "changed"
    assert "changed" not in graph.nodes["name"].tolist()


def test_layer_adds_parallel_ties_and_keeps_self_ties(graph: ClusterGraph) -> None:
    supply = graph.layer("supply")
    assert supply.node_ids.tolist() == ["mill", "mine", "shop"]
    assert supply.matrix.toarray().tolist() == [[0, 0, 1], [2, 0, 0], [0, 0, 0]]
    assert supply.tie_count == 3
    cooperation = graph.layer("cooperation")
    assert cooperation.self_ties == 1
    assert cooperation.matrix.diagonal().tolist() == [1, 0, 0]
    assert cooperation.connected_part().node_ids.tolist() == []


def test_a_layer_is_built_once(graph: ClusterGraph) -> None:
    assert graph.layer("supply") is graph.layer("supply")


def test_joint_weighs_layers(graph: ClusterGraph) -> None:
    joint = graph.joint({"supply": 1.0, "ownership": 3.0})
    assert joint.matrix.toarray().tolist() == [[0, 0, 1], [2, 0, 0], [0, 3, 0]]


def test_amounts_are_never_added_over_units_or_gaps(graph: ClusterGraph) -> None:
    with pytest.raises(InputError, match="no amount"):
        graph.layer("supply", weight="value")
    ties = [{**t, "value": 1.0, "unit": u} for t, u in zip(TIES[:3], "xyx", strict=True)]
    with pytest.raises(InputError, match="several units: x, y"):
        ClusterGraph.build(NODES, ties).layer("supply", weight="value")
    ties = [{**t, "value": 2.0, "unit": "x"} for t in TIES[:3]]
    matrix = ClusterGraph.build(NODES, ties).layer("supply", weight="value").matrix
    assert matrix.sum() == 6.0


def test_slices(graph: ClusterGraph) -> None:
    assert graph.region("KRG").node_ids.tolist() == ["mill", "mine", "region:KRG"]
    assert graph.select(regions=["ALA"]).ties.empty
    assert set(graph.at(2011).ties["tie_id"]) == {"a", "c", "d", "e", "f"}
    assert set(graph.at(2013).ties["tie_id"]) == {"a", "d", "e", "f"}
    assert set(graph.active().ties["tie_id"]) == {"a", "c", "e", "f"}
    assert set(graph.select(evidence=["reported"]).ties["tie_id"]) == {"c"}
    assert set(graph.select(layers=["supply"]).ties["tie_id"]) == {"a", "b", "c"}
    assert graph.select(networks=["karaganda"]).node_ids.tolist() == ["mill", "mine"]
    assert graph.select(node_ids=["mine", "mill"], layers=["supply"]).layers == ("supply",)
    assert graph.select(kinds=["Region"]).node_ids.tolist() == ["region:KRG"]


def test_a_slice_of_a_slice_is_a_valid_graph(graph: ClusterGraph) -> None:
    part = graph.active().region("KRG")
    assert ClusterGraph(*part.to_pandas()) == part


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: g.layer("suply"), "no layer 'suply'; did you mean 'supply'"),
        (lambda g: g.select(evidence=["report"]), "did you mean 'reported'"),
        (lambda g: g.select(status=["finished"]), "no status 'finished'"),
        (lambda g: g.node("miine"), "did you mean 'mine'"),
        (lambda g: g.select(node_ids=["nobody"]), "no node 'nobody'"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(
    graph: ClusterGraph, call: Any, message: str
) -> None:
    with pytest.raises(UnknownNameError, match=message):
        call(graph)


def test_all_faults_are_reported_together() -> None:
    nodes = [
        actor("a", sphere="busines"),
        actor("a"),
        actor("b", year=2010),
        {"id": "c", "kind": "Actr", "name": "C"},
        actor(""),
        actor("d", actor_type=7),
    ]
    ties = [
        tie("t", "a", "nobody", "SUPPLIES"),
        tie("t", "a", "b", "SELLS"),
        tie("u", "a", "b", "FLOWS_TO", value=float("inf")),
        tie("v", "a", "b", "SUPPLIES", value=-1.0, evidence="rumour", colour="red"),
    ]
    with pytest.raises(InputError) as caught:
        ClusterGraph.build(nodes, ties)
    assert sorted({fault.code for fault in caught.value.faults}) == [
        "duplicate-key",
        "foreign-attribute",
        "missing-key",
        "missing-value",
        "negative-flow",
        "unknown-column",
        "unknown-evidence",
        "unknown-kind",
        "unknown-node",
        "unknown-sphere",
        "wrong-ends",
        "wrong-type",
    ]


@pytest.mark.parametrize("key", ["mine\0", "\0mine", "mi\0ne", "\0"])
def test_a_key_with_a_nul_is_refused(key: str) -> None:
    """At the end of a text NumPy drops it: "mine" and "mine" + NUL would be one node."""
    assert np.array([key.rstrip("\0") + "\0"], dtype=np.str_)[0] == key.rstrip("\0")
    with pytest.raises(InputError) as caught:
        ClusterGraph.build(
            [actor("mine"), actor(key, name="Mine")], [tie("t", "mine", key, "SUPPLIES")]
        )
    (fault,) = caught.value.faults
    assert (fault.file, fault.row, fault.column, fault.code) == ("nodes", 3, "id", "nul-in-key")
    assert "\\x00" in fault.value
    assert "NUL" in str(caught.value)

    with pytest.raises(InputError) as caught:
        ClusterGraph.build(
            [actor("mine")],
            [tie("t", "mine", "mine", "SUPPLIES")] * 2 + [tie(key, "mine", "mine", "SUPPLIES")],
        )
    named = [(f.file, f.row, f.column) for f in caught.value.faults if f.code == "nul-in-key"]
    assert named == [("ties", 4, "tie_id")]


def test_a_table_becomes_industries_and_flows() -> None:
    """Miller & Blair (2009), Table 2.3: rows sell, columns buy."""
    table = IOTable(
        name="mb",
        codes=("1", "2"),
        labels=("Agriculture", "Manufacturing"),
        flows=np.array([[150.0, 500.0], [200.0, 0.0]]),
        output=np.array([1000.0, 2000.0]),
        year=2009,
        currency="USD",
        unit="USD",
        evidence="paper",
        source="Miller & Blair 2009, Table 2.3",
    )
    graph = table.to_graph()
    assert graph.node_ids.tolist() == ["mb::1", "mb::2"]
    assert len(graph.ties) == 3
    layer = graph.layer("flows", weight="value")
    assert layer.matrix.toarray().tolist() == [[150, 500], [200, 0]]
    assert graph.node("mb::2")["output"] == 2000.0


def test_a_table_whose_parts_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit together"):
        IOTable("t", ("1",), ("a",), np.zeros((2, 2)), np.zeros(1), 2000, "USD", "USD", "paper", "")


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=30)
def test_from_which_end_a_cooperation_is_written_does_not_matter(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    nodes = [actor(f"a{k}") for k in range(8)]
    ends = [rng.choice(8, 2, replace=False).tolist() for _ in range(15)]
    types = rng.choice(["COOPERATES_WITH", "SUPPLIES"], 15).tolist()

    def built(turned: list[bool]) -> ClusterGraph:
        rows = []
        for k, ((a, b), kind, turn) in enumerate(zip(ends, types, turned, strict=True)):
            first, second = (b, a) if turn and kind == "COOPERATES_WITH" else (a, b)
            rows.append(tie(f"t{k:02}", f"a{first}", f"a{second}", kind))
        return ClusterGraph.build(nodes, rows)

    one, other = built([False] * 15), built((rng.random(15) < 0.5).tolist())
    for layer in (one.joint(), one.layer("cooperation")):
        same = other.joint() if layer.name == "joint" else other.layer("cooperation")
        assert (layer.matrix != same.matrix).nnz == 0
        assert layer.matrix.sum() == pytest.approx(layer.tie_count)
    cooperation = one.layer("cooperation").matrix
    assert (cooperation != cooperation.T).nnz == 0


def test_a_programme_that_acts_is_no_node_of_the_kind_programme() -> None:
    """The label of the kind means nodes of the kind: a query for it finds no actor."""
    policy = {"id": "spiid", "kind": "Programme", "name": "SPIID", "valid_from": 2015}
    office = actor("office", actor_type="Programme", sphere="government")
    with EmbeddedStore() as store:
        store.write(ClusterGraph.build([policy, office], []))
        found = store.run("MATCH (p:Programme) RETURN p.id ORDER BY p.id").rows
        assert found == (("spiid",),)
        assert store.run("MATCH (a:Actor) RETURN a.id, a.actor_type").rows == (
            ("office", "Programme"),
        )


def test_every_layer_of_the_dictionary_has_a_constant() -> None:
    constants = {
        value for name, value in vars(layers).items() if name.isupper() and isinstance(value, str)
    }
    assert constants == {*load_dictionary().layers(), "joint", "firms", "helix", "declared"}
