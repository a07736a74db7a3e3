"""The catalog: every query on a case counted by hand, and against programs written otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from example_graphs import kazakhstan_case, random_case, steel_case

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import InputError, QueryRefusedError, StoreError, UnknownNameError
from klaster.graph.model import ACTIVE_STATUS, ClusterGraph
from klaster.graph.stores.contract import GraphStore
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.queries.catalog import (
    load_catalog,
    parse_query,
    resolve_actor,
    resolve_region,
    run_named,
)

WANTED = (
    "suppliers",
    "customers",
    "cluster-members",
    "helix-partners",
    "firms-without-science",
    "single-source-buyers",
    "owners-chain",
    "brokers-between-regions",
    "shortest-path",
    "strongest-flows",
    "ties-by-source",
    "region-gaps",
)
NEEDED: dict[str, dict[str, Any]] = {
    "suppliers": {"actor": "steel"},
    "customers": {"actor": "ore"},
    "owners-chain": {"actor": "steel"},
    "helix-partners": {"actor": "steel"},
    "shortest-path": {"from": "ore", "to": "fund"},
    "ties-by-source": {"source": "of s"},
    "actor-ties": {"actor": "steel"},
    "find-actor": {"text": "сталь"},
    "region-gaps": {"region": "PAV"},
    "region-actors": {"region": "KRG"},
    "ties-between": {"one": "ore", "other": "steel"},
    "why": {"actor": "ore"},
    "clusters-between-runs": {"first": "run1", "second": "run1"},
}
ABOUT_INACTIVE_TIES = {"unconfirmed-ties", "ended-ties"}


def stored(graph: ClusterGraph) -> EmbeddedStore:
    store = EmbeddedStore()
    store.write(graph)
    return store


@pytest.fixture(scope="module")
def steel() -> Iterator[GraphStore]:
    with stored(steel_case()) as store:
        yield store


def ask(store: GraphStore, name: str, *columns: str, **params: Any) -> list[tuple[Any, ...]]:
    """Return these columns of the answer."""
    given = {key.rstrip("_"): value for key, value in params.items()}
    result = run_named(store, name, given)
    at = [result.columns.index(column) for column in columns]
    return [tuple(row[k] for k in at) for row in result.rows]


# -- what the files say ----------------------------------------------------------------------


def test_the_twelve_are_there() -> None:
    assert set(WANTED) <= set(load_catalog())


def test_there_are_enough() -> None:
    assert len(load_catalog()) >= 27


@pytest.mark.parametrize("name", sorted(load_catalog()))
class TestEveryQuery:
    def test_columns_and_types_are_as_described(self, steel: GraphStore, name: str) -> None:
        query = load_catalog()[name]
        result = run_named(steel, name, NEEDED.get(name, {}))
        assert result.columns == tuple(c.name for c in query.columns)
        python = {"text": str, "integer": int, "number": float, "boolean": bool, "list": list}
        for at, column in enumerate(query.columns):
            types = {type(row[at]) for row in result.rows} - {type(None)}
            assert types <= {python[column.type]}, column

    def test_ties_show_evidence_and_source(self, name: str) -> None:
        columns = {c.name for c in load_catalog()[name].columns}
        assert "tie_id" not in columns or {"evidence", "source"} <= columns

    def test_inactive_ties_are_left_out_by_default(self, name: str) -> None:
        query = load_catalog()[name]
        by_name = {p.name: p for p in query.parameters}
        if name in ABOUT_INACTIVE_TIES:
            assert "include_inactive" not in by_name
            return
        if "status IN" in query.cypher:
            assert by_name["include_inactive"].default is False
        assert "tie_id" not in {c.name for c in query.columns} or "include_inactive" in by_name

    def test_same_rows_from_shuffled_tables(self, steel: GraphStore, name: str) -> None:
        nodes, ties = steel_case().to_pandas()
        shuffled = ClusterGraph(nodes.sample(frac=1, random_state=5), ties.iloc[::-1])
        params = NEEDED.get(name, {})
        assert run_named(stored(shuffled), name, params) == run_named(steel, name, params)

    def test_nothing_on_an_empty_store(self, name: str) -> None:
        empty = stored(ClusterGraph.build([], []))
        needed = {k: v for k, v in NEEDED.get(name, {}).items() if k in ("source", "text")}
        if needed == NEEDED.get(name, {}):
            assert run_named(empty, name, needed).rows == ()
        else:
            with pytest.raises(StoreError, match=r"no (organisation|region|run)"):
                run_named(empty, name, NEEDED[name])


# -- counted by hand on the steel case ---------------------------------------------------------


class TestSteel:
    def test_suppliers(self, steel: GraphStore) -> None:
        columns = ("tier", "supplier_id", "buyer_id", "tie_id")
        first = [(1, "coke", "steel", "s2"), (1, "ore", "steel", "s3"), (1, "ore", "steel", "s4")]
        first += [(1, "power", "steel", "s5"), (1, "steel", "steel", "s8")]
        assert ask(steel, "suppliers", *columns, actor="steel", tiers=1) == first
        both = [*first, (2, "ore", "coke", "s1")]
        assert ask(steel, "suppliers", *columns, actor="Қарметкомбинат") == both
        ended = ask(steel, "suppliers", *columns, actor="steel", tiers="1", include_inactive="yes")
        assert set(ended) - set(first) == {(1, "scrap", "steel", "s6")}

    def test_evidence_and_source(self, steel: GraphStore) -> None:
        rows = ask(steel, "suppliers", "tie_id", "evidence", "source", actor="steel", tiers=1)
        assert ("s4", "paper", "source of s4") in rows

    def test_customers(self, steel: GraphStore) -> None:
        rows = ask(steel, "customers", "tier", "customer_id", "supplier_id", actor="ore", tiers=3)
        assert rows == [
            (1, "coke", "ore"),
            (1, "steel", "ore"),
            (1, "steel", "ore"),
            (2, "steel", "coke"),
            (2, "pipe", "steel"),
            (2, "steel", "steel"),
        ]

    def test_owners_chain(self, steel: GraphStore) -> None:
        rows = ask(steel, "owners-chain", "level", "owner_id", "value", "unit", actor="steel")
        assert rows == [(1, "holding", None, None), (2, "fund", 51.0, "percent")]
        assert ask(steel, "owners-chain", "owner_id", actor="ore") == []

    def test_cluster_members(self, steel: GraphStore) -> None:
        columns = ("member_id", "role", "is_core", "core_rank")
        whole = [
            ("steel", "core", True, 1.0),
            ("ore", "upstream", False, 2.0),
            ("pipe", "downstream", False, 3.0),
        ]
        for cluster in ("run1:joint:1", "Steel", "1"):
            assert ask(steel, "cluster-members", *columns, cluster=cluster) == whole
        assert ask(steel, "cluster-members", *columns, cores_only=True) == whole[:1]
        assert ask(steel, "cluster-members", *columns, cluster="2") == []

    def test_clusters(self, steel: GraphStore) -> None:
        rows = ask(steel, "clusters", "cluster_id", "members", "significant", significant_only=True)
        assert rows == [("run1:joint:1", 3, True)]

    def test_helix_partners(self, steel: GraphStore) -> None:
        columns = ("sphere", "partner_id", "tie_type", "from_id", "to_id")
        rows = [
            ("academia", "tech", "TRAINS_STAFF_FOR", "tech", "steel"),
            ("government", "akimat", "REGULATES", "akimat", "steel"),
        ]
        assert ask(steel, "helix-partners", *columns, actor="Qarmet") == rows
        assert ask(steel, "helix-partners", *columns, actor="coke") == []
        planned = ask(steel, "helix-partners", *columns, actor="coke", include_inactive=True)
        assert planned == [("academia", "tech", "RD_COOPERATION", "tech", "coke")]

    def test_firms_without_science(self, steel: GraphStore) -> None:
        rows = ask(steel, "firms-without-science", "firm_id", "ties")
        assert rows == [("ore", 3), ("pipe", 3), ("coke", 2), ("holding", 2), ("power", 1)]
        krg = ask(steel, "firms-without-science", "firm_id", region="Karaganda", least_ties=0)
        assert krg == [("ore",), ("coke",)]

    def test_single_source_buyers(self, steel: GraphStore) -> None:
        rows = ask(steel, "single-source-buyers", "buyer_id", "supplier_id", "tie_id")
        assert rows == [("coke", "ore", "s1"), ("pipe", "steel", "s7")]

    def test_brokers_between_regions(self, steel: GraphStore) -> None:
        rows = ask(steel, "brokers-between-regions", "broker_id", "region_a", "region_b", "pairs")
        # steel: coke, ore, tech, akimat of KRG by pipe and power of PAV.
        assert rows == [
            ("steel", "KRG", "PAV", 8),
            ("holding", "AST", "KRG", 1),
            ("pipe", "AST", "KRG", 1),
        ]

    def test_shortest_path(self, steel: GraphStore) -> None:
        columns = ("step", "from_id", "tie_type", "along", "to_id", "tie_id")
        assert ask(steel, "shortest-path", *columns, from_="ore", to="fund") == [
            (1, "ore", "SUPPLIES", True, "steel", "s3"),
            (2, "steel", "OWNS", False, "holding", "o1"),
            (3, "holding", "OWNS", False, "fund", "o2"),
        ]
        ended = ask(steel, "shortest-path", *columns, from_="ore", to="fund", include_inactive=True)
        assert [row[5] for row in ended] == ["o3", "o2"]
        assert ask(steel, "shortest-path", *columns, from_="ore", to="fund", most_steps=2) == []
        assert ask(steel, "shortest-path", *columns, from_="steel", to="steel") == []

    def test_strongest_flows(self, steel: GraphStore) -> None:
        columns = ("seller", "buyer", "value")
        assert ask(steel, "strongest-flows", *columns, top=2) == [
            ("Mining", "Manufacturing", 70.0),
            ("Power", "Manufacturing", 70.0),
        ]
        within = ask(steel, "strongest-flows", *columns, within=True, top=1)
        assert within == [("Manufacturing", "Manufacturing", 90.0)]
        mining = ask(steel, "strongest-flows", "value", industry="B")
        assert mining == [(70.0,), (10.0,)]

    def test_ties_by_source(self, steel: GraphStore) -> None:
        rows = ask(steel, "ties-by-source", "tie_id", source="SOURCE OF O")
        assert rows == [("o1",), ("o2",)]

    def test_actor_ties(self, steel: GraphStore) -> None:
        rows = ask(steel, "actor-ties", "tie_id", actor="steel")
        assert sorted(key for (key,) in rows) == [
            *("h1", "h3", "l1", "o1", "s2", "s3", "s4", "s5", "s7", "s8")
        ]

    def test_find_actor(self, steel: GraphStore) -> None:
        for part in ("қармет", "TEMIRTAU", "steelw"):
            assert ask(steel, "find-actor", "actor_id", text=part) == [("steel",)]
        assert ask(steel, "find-actor", "actor_id", text="кен") == [("ore",)]

    def test_region_gaps(self, steel: GraphStore) -> None:
        columns = ("lacks", "what", "regions_with", "example_region", "example_id")
        assert ask(steel, "region-gaps", *columns, region="Pavlodar") == [
            ("tie", "OWNS", 2, "AST", "fund")
        ]
        one = ask(steel, "region-gaps", "what", region="PAV", least_regions=1)
        assert one == [
            ("Authority",),
            ("DevelopmentInstitution",),
            ("University",),
            ("OWNS",),
            ("REGULATES",),
            ("TRAINS_STAFF_FOR",),
        ]


def mixed_case() -> ClusterGraph:
    """Return the steel case with more: a second run, declared networks, partners abroad, gaps."""
    nodes, ties = (records(table) for table in steel_case().to_pandas())
    at = {node["id"]: node for node in nodes}
    for key in ("ore", "coke", "steel", "scrap"):
        at[key]["network"] = "metal"
    at["scrap"]["country"] = "Russia"
    at["io:KAZ:C"]["output"], at["io:KAZ:B"]["output"] = 200.0, 0.0

    def cluster(run: str, layer: str, number: int, name: str) -> dict[str, Any]:
        more = {"network": "metal"} if layer == "declared" else {}
        return {"id": f"{run}:{layer}:{number}", "kind": "Cluster", "name": name, "run_id": run} | {
            "layer": layer, "cluster_no": number, **more}  # fmt: skip

    def tie(key: str, source: str, tie_type: str, target: str, **more: Any) -> dict[str, Any]:
        return {"tie_id": key, "source_id": source, "tie_type": tie_type, "target_id": target} | {
            "evidence": "reported", "source": f"source of {key}", **more}  # fmt: skip

    nodes += [
        {"id": "run2", "kind": "Run", "name": "second run", "seed": 2},
        {"id": "reg_chn", "kind": "Region", "name": "China", "code": "CHN"}
        | {"region_type": "country", "country": "China"},
        cluster("run1", "joint", 2, "Rest"),
        cluster("run1", "declared", 1, "Metal network"),
        cluster("run2", "joint", 1, "Ore"),
    ]
    members = {
        "run1:joint:2": ("coke", "power"),
        "run1:declared:1": ("ore", "coke", "steel"),
        "run2:joint:1": ("steel", "ore", "coke", "tech"),
    }
    ties += [
        tie(f"{target}<{member}", member, "IN_CLUSTER", target, evidence="estimated")
        for target, held in members.items()
        for member in held
    ]
    ties += [
        tie("g1", "run1:joint:2", "FOUND_IN", "run1", evidence="estimated"),
        tie("g2", "run1:declared:1", "FOUND_IN", "run1", evidence="estimated"),
        tie("g3", "run2:joint:1", "FOUND_IN", "run2", evidence="estimated"),
        tie("m1", "steel", "OWNS", "ore", year=2001, year_to=2010),
        tie("m2", "akimat", "COOPERATES_WITH", "tech"),
        tie("m3", "pipe", "EXPORTS_TO", "reg_chn", evidence="paper", confidence="low"),
        tie("m4", "fund", "FUNDS", "coke", value=9.0, unit="t", network="metal"),
        tie("m5", "reg_krg", "PART_OF", "reg_pav"),
        tie("m6", "coke", "PART_OF", "holding", status="proposed", status_note="seems"),
    ]
    return ClusterGraph.build(nodes, ties)


@pytest.fixture(scope="module")
def mixed() -> Iterator[GraphStore]:
    with stored(mixed_case()) as store:
        yield store


class TestMixed:
    """What an analyst asks next, counted by hand on the steel case with additions."""

    def test_runs(self, mixed: GraphStore) -> None:
        columns = ("run_id", "seed", "layers", "clusters", "significant", "memberships", "cores")
        assert ask(mixed, "runs", *columns) == [
            ("run1", 1, 2, 3, 1, 8, 1),
            ("run2", 2, 1, 1, 0, 4, 0),
        ]

    def test_cores(self, mixed: GraphStore) -> None:
        columns = ("cluster_id", "core_id", "core_rank", "significant")
        assert ask(mixed, "cores", *columns) == [("run1:joint:1", "steel", 1.0, True)]
        assert ask(mixed, "cores", *columns, run="second run") == []

    def test_why(self, mixed: GraphStore) -> None:
        columns = ("cluster_id", "members", "is_core", "core_rank")
        assert ask(mixed, "why", *columns, actor="ore", run="run1") == [
            ("run1:declared:1", None, None, None),
            ("run1:joint:1", 3, False, 2.0),
        ]
        assert len(ask(mixed, "why", *columns, actor="ore")) == 3

    def test_cluster_overlap(self, mixed: GraphStore) -> None:
        columns = ("found_id", "declared_members", "found_members", "shared", "jaccard")
        assert ask(mixed, "cluster-overlap", *columns) == [
            ("run1:joint:1", 3, 3, 2, 0.5),
            ("run1:joint:2", 3, 2, 1, 0.25),
        ]
        rows = ask(mixed, "cluster-overlap", "share_of_declared", "share_of_found", least_shared=2)
        assert rows == [(pytest.approx(2 / 3), pytest.approx(2 / 3))]

    def test_clusters_between_runs(self, mixed: GraphStore) -> None:
        columns = ("member_id", "first_id", "second_id", "kept", "lost", "gained", "agreement")
        whole = [
            ("pipe", "run1:joint:1", None, 0, 3, 0, 0.0),
            ("power", "run1:joint:2", None, 0, 2, 0, 0.0),
            ("tech", None, "run2:joint:1", 0, 0, 4, 0.0),
            ("coke", "run1:joint:2", "run2:joint:1", 1, 1, 3, 0.2),
            ("ore", "run1:joint:1", "run2:joint:1", 2, 1, 2, 0.4),
            ("steel", "run1:joint:1", "run2:joint:1", 2, 1, 2, 0.4),
        ]
        ends = {"first": "run1", "second": "run2"}
        assert ask(mixed, "clusters-between-runs", *columns, **ends) == whole
        assert (
            ask(mixed, "clusters-between-runs", *columns, **ends, most_agreement=0.3) == whole[:4]
        )
        same = ask(mixed, "clusters-between-runs", "member_id", first="run1", second="run1")
        assert same == []

    def test_region_actors(self, mixed: GraphStore) -> None:
        rows = ask(mixed, "region-actors", "actor_id", "ties", "tied_regions", region="Karaganda")
        assert rows == [
            ("tech", 2, 0),
            ("steel", 9, 1),
            ("ore", 4, 0),
            ("coke", 3, 1),
            ("akimat", 2, 0),
        ]
        science = ask(mixed, "region-actors", "actor_id", region="KRG", sphere="Academia")
        assert science == [("tech",)]

    def test_ties_between(self, mixed: GraphStore) -> None:
        columns = ("tie_type", "from_id", "tie_id")
        rows = [("OWNS", "steel", "m1"), ("SUPPLIES", "ore", "s3"), ("SUPPLIES", "ore", "s4")]
        assert ask(mixed, "ties-between", *columns, one="steel", other="ore") == rows
        assert ask(mixed, "ties-between", *columns, one="ore", other="steel") == rows
        self_tie = ask(mixed, "ties-between", *columns, one="steel", other="steel")
        assert self_tie == [("SUPPLIES", "steel", "s8")]

    def test_ties_of_layer(self, mixed: GraphStore) -> None:
        columns = ("layer", "tie_type", "tie_id")
        rows = ask(mixed, "ties-of-layer", *columns, layer="Geography")
        assert rows == [("geography", "LOCATED_IN", "l1"), ("geography", "PART_OF", "m5")]
        funds = ask(mixed, "ties-of-layer", *columns, tie_type="funds")
        assert funds == [("finance", "FUNDS", "m4"), ("finance", "FUNDS", "h4")]
        assert ask(mixed, "ties-of-layer", *columns, layer="supply", tie_type="OWNS") == []

    def test_evidence_mix(self, mixed: GraphStore) -> None:
        columns = ("layer", "evidence", "ties", "layer_ties", "low_confidence", "sources")
        rows = ask(mixed, "evidence-mix", *columns)
        assert ("supply", "reported", 6, 7, 0, 6) in rows
        assert ("supply", "paper", 1, 7, 0, 1) in rows
        assert ("trade", "paper", 1, 1, 1, 1) in rows
        assert ("flows", "estimated", 4, 4, 0, 4) in rows
        assert "result" not in {row[0] for row in rows}

    def test_ties_that_do_not_hold(self, mixed: GraphStore) -> None:
        columns = ("status", "tie_id")
        rows = ask(mixed, "unconfirmed-ties", *columns)
        assert rows == [("planned", "h2"), ("proposed", "m6")]
        assert ask(mixed, "unconfirmed-ties", *columns, network="Metal network") == rows
        assert ask(mixed, "ended-ties", "tie_id") == [("o3",), ("s6",)]
        assert ask(mixed, "ended-ties", "tie_id", before=2011) == [("o3",), ("m1",), ("s6",)]
        assert ask(mixed, "ended-ties", "tie_id", before=2010) == [("o3",), ("s6",)]

    def test_foreign_partners(self, mixed: GraphStore) -> None:
        columns = ("country", "partner_id", "actor_id", "tie_id")
        china = ("China", "reg_chn", "pipe", "m3")
        assert ask(mixed, "foreign-partners", *columns) == [china]
        both = [china, ("Russia", "scrap", "steel", "s6")]
        assert ask(mixed, "foreign-partners", *columns, include_inactive=True) == both
        assert ask(mixed, "foreign-partners", *columns, country="China") == [china]

    def test_of_a_network(self, mixed: GraphStore) -> None:
        assert ask(mixed, "funders", "funder_id", "receiver_id", "value", network="metal") == [
            ("fund", "coke", 9.0)
        ]
        assert len(ask(mixed, "funders", "tie_id")) == 2
        rows = ask(mixed, "authorities", "authority_id", "governed_id", "tie_type", network="metal")
        assert rows == [("akimat", "steel", "REGULATES")]
        partners = ask(mixed, "knowledge-partners", "partner_id", "actor_id", "tie_id")
        assert partners == [("tech", "akimat", "m2"), ("tech", "steel", "h1")]
        only = ask(mixed, "knowledge-partners", "tie_id", knowledge_only=True)
        assert only == [("h1",)]
        assert ask(mixed, "isolated-actors", "actor_id", "other_ties", network="metal") == [
            ("scrap", 1)
        ]

    def test_multiplex_pairs(self, mixed: GraphStore) -> None:
        columns = ("a_id", "b_id", "layers", "tie_ids", "evidence")
        assert ask(mixed, "multiplex-pairs", *columns) == [
            ("ore", "steel", ["ownership", "supply"], ["m1", "s3", "s4"], ["reported", "paper"])
        ]
        assert ask(mixed, "multiplex-pairs", *columns, least_layers=3) == []

    def test_helix_triads(self, mixed: GraphStore) -> None:
        columns = ("business_id", "academia_id", "government_id", "tie_id")
        triad = ("steel", "tech", "akimat")
        rows = [(*triad, "h1"), (*triad, "h3"), (*triad, "m2")]
        assert ask(mixed, "helix-triads", *columns) == rows
        assert ask(mixed, "helix-triads", *columns, region="PAV") == []

    def test_largest_inputs_and_buyers(self, mixed: GraphStore) -> None:
        columns = ("buyer", "seller", "value", "input_coefficient")
        assert ask(mixed, "largest-inputs", *columns, top=1) == [
            ("Mining", "Manufacturing", 10.0, None),
            ("Manufacturing", "Mining", 70.0, 0.35),
        ]
        within = ask(mixed, "largest-inputs", *columns, top=1, within=True, industry="C")
        assert within == [("Manufacturing", "Manufacturing", 90.0, 0.45)]
        columns = ("seller", "buyer", "value", "allocation_coefficient")
        assert ask(mixed, "largest-buyers", *columns) == [
            ("Mining", "Manufacturing", 70.0, None),
            ("Manufacturing", "Mining", 10.0, 0.05),
            ("Power", "Manufacturing", 70.0, None),
        ]


# -- against programs written otherwise --------------------------------------------------------


@pytest.fixture(scope="module", params=["kazakhstan", 1, 2, 3, 4], ids=lambda case: f"case-{case}")
def case(request: pytest.FixtureRequest) -> Iterator[tuple[ClusterGraph, GraphStore]]:
    graph = kazakhstan_case() if request.param == "kazakhstan" else random_case(request.param)
    with stored(graph) as store:
        yield graph, store


Case = tuple[ClusterGraph, GraphStore]


def active_ties(graph: ClusterGraph) -> list[dict[str, Any]]:
    return [t for t in records(graph.ties) if t.get("status", "current") in ACTIVE_STATUS]


def actors(graph: ClusterGraph) -> dict[str, dict[str, Any]]:
    return {n["id"]: n for n in records(graph.nodes) if n["kind"] == "Actor"}


def between_actors(graph: ClusterGraph) -> list[dict[str, Any]]:
    known = actors(graph)
    return [t for t in active_ties(graph) if t["source_id"] in known and t["target_id"] in known]


class TestAgainstOtherPrograms:
    def test_suppliers_and_customers(self, case: Case) -> None:
        graph, store = case
        ties = [t for t in active_ties(graph) if t["tie_type"] == "SUPPLIES"]
        supply = nx.MultiDiGraph((t["source_id"], t["target_id"]) for t in ties)
        for actor in list(actors(graph))[::7]:
            for name, chain, end in (
                ("suppliers", supply.reverse(), "target_id"),
                ("customers", supply, "source_id"),
            ):
                near = (
                    nx.single_source_shortest_path_length(chain, actor, cutoff=2)
                    if actor in chain
                    else {}
                )
                wanted = {t["tie_id"]: near[t[end]] + 1 for t in ties if t[end] in near}
                rows = ask(store, name, "tie_id", "tier", actor=actor, tiers=3)
                assert dict(rows) == wanted
                assert len(rows) == len(wanted)

    def test_shortest_path(self, case: Case) -> None:
        graph, store = case
        network = nx.Graph((t["source_id"], t["target_id"]) for t in between_actors(graph))
        ids = list(actors(graph))
        for a, b in zip(ids[::5], ids[3::5], strict=False):
            try:
                length = nx.shortest_path_length(network, a, b)
            except (nx.NetworkXNoPath, nx.NodeNotFound):
                length = 99
            rows = ask(store, "shortest-path", "from_id", "to_id", from_=a, to=b, most_steps=4)
            assert len(rows) == (length if length <= 4 else 0)
            if rows:
                assert (rows[0][0], rows[-1][1]) == (a, b)
                assert all(network.has_edge(*row) for row in rows)

    def test_single_source_buyers(self, case: Case) -> None:
        graph, store = case
        suppliers = defaultdict(set)
        for tie in active_ties(graph):
            if tie["tie_type"] == "SUPPLIES" and tie["source_id"] != tie["target_id"]:
                suppliers[tie["target_id"]].add(tie["source_id"])
        wanted = {b: s for b, s in suppliers.items() if len(s) == 1}
        rows = ask(store, "single-source-buyers", "buyer_id", "supplier_id")
        assert {b for b, _ in rows} == set(wanted)
        assert all({s} == wanted[b] for b, s in rows)

    def test_firms_without_science(self, case: Case) -> None:
        graph, store = case
        known = actors(graph)
        count: Counter[str] = Counter()
        tied = set()
        for tie in between_actors(graph):
            a, b = tie["source_id"], tie["target_id"]
            for one, other in ((a, b), (b, a)) if a != b else ():
                count[one] += 1
                if known[other]["sphere"] == "academia":
                    tied.add(one)
        firms = {k for k, n in known.items() if n["actor_type"] == "Firm"} - tied
        rows = ask(store, "firms-without-science", "firm_id", "ties", least_ties=0)
        assert dict(rows) == {firm: count[firm] for firm in firms}

    def test_brokers(self, case: Case) -> None:
        graph, store = case
        region = {k: n["region"] for k, n in actors(graph).items() if "region" in n}
        network = nx.Graph((t["source_id"], t["target_id"]) for t in between_actors(graph))
        network.remove_edges_from(list(nx.selfloop_edges(network)))
        wanted: Counter[tuple[str, str, str]] = Counter()
        for broker in network:
            for a in network[broker]:
                for b in network[broker]:
                    pair = region.get(a, ""), region.get(b, "")
                    if all(pair) and pair[0] < pair[1] and not network.has_edge(a, b):
                        wanted[broker, *pair] += 1
        rows = ask(store, "brokers-between-regions", "broker_id", "region_a", "region_b", "pairs")
        assert {row[:3]: row[3] for row in rows} == wanted

    def test_region_gaps(self, case: Case) -> None:
        graph, store = case
        known = actors(graph)
        having = defaultdict(set)
        for node in known.values():
            if "region" in node and node.get("status", "current") in ACTIVE_STATUS:
                having["organisation", node["actor_type"]].add(node["region"])
        for tie in between_actors(graph):
            for end in ("source_id", "target_id"):
                if "region" in (node := known[tie[end]]):
                    having["tie", tie["tie_type"]].add(node["region"])
        codes = sorted({n["region"] for n in known.values() if "region" in n})
        for region in codes[:4]:
            wanted = {k: len(r) for k, r in having.items() if region not in r and len(r) >= 2}
            rows = ask(store, "region-gaps", "lacks", "what", "regions_with", region=region)
            assert {row[:2]: row[2] for row in rows} == wanted

    def test_ties_of_each_actor(self, case: Case) -> None:
        graph, store = case
        wanted = defaultdict(set)
        for tie in active_ties(graph):
            wanted[tie["source_id"]].add(tie["tie_id"])
            wanted[tie["target_id"]].add(tie["tie_id"])
        for actor in list(actors(graph))[::5]:
            rows = ask(store, "actor-ties", "tie_id", actor=actor)
            assert {key for (key,) in rows} == wanted[actor]
            assert len(rows) == len(wanted[actor])

    def test_layers_are_those_of_the_dictionary(self, case: Case) -> None:
        graph, store = case
        layer = dict(zip(graph.ties["tie_id"].tolist(), graph.tie_layers.tolist(), strict=True))
        rows = ask(store, "ties-of-layer", "tie_id", "layer", include_inactive=True)
        assert dict(rows) == layer
        mix = ask(store, "evidence-mix", "layer", "layer_ties", include_inactive=True)
        assert dict(mix) == Counter(layer.values())

    def test_multiplex_pairs(self, case: Case) -> None:
        graph, store = case
        layer = dict(zip(graph.ties["tie_id"].tolist(), graph.tie_layers.tolist(), strict=True))
        layers = defaultdict(set)
        for tie in between_actors(graph):
            if tie["source_id"] != tie["target_id"]:
                pair = (
                    min(tie["source_id"], tie["target_id"]),
                    max(tie["source_id"], tie["target_id"]),
                )
                layers[pair].add(layer[tie["tie_id"]])
        wanted = {pair: sorted(held) for pair, held in layers.items() if len(held) > 1}
        rows = ask(store, "multiplex-pairs", "a_id", "b_id", "layers")
        assert {row[:2]: row[2] for row in rows} == wanted

    def test_helix_triads(self, case: Case) -> None:
        graph, store = case
        sphere = {k: n["sphere"] for k, n in actors(graph).items()}
        network = nx.Graph((t["source_id"], t["target_id"]) for t in between_actors(graph))
        wanted = {
            (b, u, g)
            for b in network
            for u in network[b]
            for g in network[b]
            if network.has_edge(u, g)
            and (sphere[b], sphere[u], sphere[g]) == ("business", "academia", "government")
        }
        rows = ask(store, "helix-triads", "business_id", "academia_id", "government_id")
        assert set(rows) == wanted

    def test_isolated_actors(self, case: Case) -> None:
        graph, store = case
        tied = {
            end
            for t in between_actors(graph)
            if t["source_id"] != t["target_id"]
            for end in (t["source_id"], t["target_id"])
        }
        rows = ask(store, "isolated-actors", "actor_id")
        assert {key for (key,) in rows} == set(actors(graph)) - tied


def test_every_type_of_tie_has_its_layer() -> None:
    """The queries that name a tie's layer know every type of the dictionary."""
    pairs = [t for t in load_dictionary().tie_types if t.layer != "result"]
    required = {
        "Actor": {"actor_type": "Firm", "sphere": "business"},
        "Region": {"code": "KRG", "region_type": "oblast"},
        "Industry": {"table_id": "t", "code": "C"},
        "Event": {"event_type": "Project"},
        "Cluster": {"run_id": "run", "layer": "supply", "cluster_no": 1},
    }
    kinds = {kind for t in pairs for kind in (t.source_kind, t.target_kind)}
    nodes = [
        {"id": kind, "kind": kind, "name": kind} | required.get(kind, {}) for kind in sorted(kinds)
    ]
    key = "{0.name} {0.source_kind} {0.target_kind}".format
    ties = [
        {"tie_id": key(t), "tie_type": t.name, "evidence": "synthetic"}
        | {"source_id": t.source_kind, "target_id": t.target_kind, "source": "test"}
        for t in pairs
    ]
    with stored(ClusterGraph.build(nodes, ties)) as store:
        rows = ask(store, "ties-of-layer", "tie_id", "layer")
        mix = ask(store, "evidence-mix", "layer", "ties")
    assert dict(rows) == {key(t): t.layer for t in pairs}
    assert dict(mix) == Counter(t.layer for t in pairs)


def test_shortest_path_through_many_parallel_ties() -> None:
    """Sixty contracts between each two on the way do not make sixty times sixty paths."""
    firms = [f"f{k}" for k in range(7)]
    nodes = [
        {"id": key, "kind": "Actor", "name": key, "actor_type": "Firm", "sphere": "business"}
        for key in firms
    ]
    ties = [
        {"tie_id": f"{a}-{b}-{k:02d}", "source_id": a, "target_id": b, "tie_type": "SUPPLIES"}
        | {"evidence": "synthetic", "source": "made up"}
        for a, b in pairwise(firms)
        for k in range(60)
    ]
    with stored(ClusterGraph.build(nodes, ties)) as store:
        rows = ask(store, "shortest-path", "tie_id", from_="f6", to="f0", most_steps=6)
    assert rows == [(f"f{k}-f{k + 1}-00",) for k in range(5, -1, -1)]


# -- parameters and names ------------------------------------------------------------------------


class TestParameters:
    def test_unknown_query(self, steel: GraphStore) -> None:
        with pytest.raises(UnknownNameError, match="did you mean 'suppliers'"):
            run_named(steel, "supliers", {})

    def test_unknown_parameter(self, steel: GraphStore) -> None:
        with pytest.raises(UnknownNameError, match="did you mean 'tiers'"):
            run_named(steel, "suppliers", {"actor": "ore", "tires": 3})

    def test_all_faults_together(self, steel: GraphStore) -> None:
        with pytest.raises(InputError) as caught:
            run_named(steel, "suppliers", {"tiers": "nine", "include_inactive": "perhaps"})
        assert [fault.column for fault in caught.value.faults] == [
            *("actor", "include_inactive", "tiers")
        ]
        assert "a whole number from 1 to 4" in str(caught.value)
        assert "true or false" in str(caught.value)

    @pytest.mark.parametrize("tiers", [0, 5, "0", "5", 1.5, "1.5", True, "", "1e0"])
    def test_bad_tiers(self, steel: GraphStore, tiers: Any) -> None:
        with pytest.raises(InputError, match="from 1 to 4"):
            run_named(steel, "suppliers", {"actor": "steel", "tiers": tiers})

    @pytest.mark.parametrize("tiers", [2, "2", " 2 ", 2.0])
    def test_good_tiers(self, steel: GraphStore, tiers: Any) -> None:
        assert len(run_named(steel, "suppliers", {"actor": "steel", "tiers": tiers}).rows) == 6

    def test_names_of_the_dictionary(self, steel: GraphStore) -> None:
        with pytest.raises(InputError, match=r"given: 'suply'.*one of flows, supply, "):
            run_named(steel, "ties-of-layer", {"layer": "suply"})
        with pytest.raises(InputError, match=r"one of .*SUPPLIES"):
            run_named(steel, "ties-of-layer", {"tie_type": "IN_CLUSTER"})
        with pytest.raises(InputError, match="one of business, academia"):
            run_named(steel, "region-actors", {"region": "KRG", "sphere": "science"})

    def test_names_of_the_store(self, mixed: GraphStore) -> None:
        with pytest.raises(StoreError, match=r"no network 'gold'\. There are: metal\."):
            run_named(mixed, "funders", {"network": "gold"})
        with pytest.raises(StoreError, match=r"no run 'run3'\. Nearest: run[12]"):
            run_named(mixed, "why", {"actor": "ore", "run": "run3"})

    def test_row_limit(self, steel: GraphStore) -> None:
        result = run_named(steel, "suppliers", {"actor": "steel"}, row_limit=2)
        assert len(result.rows) == 2
        assert result.truncated

    def test_names_this_case_does_not_use_are_no_remark(self, steel: GraphStore) -> None:
        assert run_named(steel, "shortest-path", {"from": "ore", "to": "fund"}).notes == ()


@pytest.mark.parametrize("where", ["graph", "store"])
class TestNames:
    @pytest.fixture
    def place(self, where: str, steel: GraphStore) -> ClusterGraph | GraphStore:
        return steel_case() if where == "graph" else steel

    @pytest.mark.parametrize(
        "text", ["steel", "STEELWORKS", "«Қарметкомбинат»", "qarmet", " arcelormittal  temirtau "]
    )
    def test_found(self, place: ClusterGraph | GraphStore, text: str) -> None:
        assert resolve_actor(place, text) == "steel"

    def test_not_found(self, place: ClusterGraph | GraphStore) -> None:
        with pytest.raises(StoreError, match=r"no organisation 'qarmett'.*Qarmet \(steel\)"):
            resolve_actor(place, "qarmett")

    def test_part_of_a_name_is_suggested(self, place: ClusterGraph | GraphStore) -> None:
        with pytest.raises(StoreError, match=r"Steel association \(assoc\).*find-actor"):
            resolve_actor(place, "association")

    def test_regions(self, place: ClusterGraph | GraphStore) -> None:
        assert resolve_region(place, "krg") == "KRG"
        assert resolve_region(place, "Pavlodar") == "PAV"
        assert resolve_region(place, "AST") == "AST"  # no region node, but an organisation's code
        with pytest.raises(StoreError, match="no region 'Mars'"):
            resolve_region(place, "Mars")


def test_ambiguous_name() -> None:
    twins = [
        {"id": key, "kind": "Actor", "name": "Kazgold", "actor_type": "Firm"}
        | {"sphere": "business"}
        for key in ("a", "b")
    ]
    with pytest.raises(StoreError, match=r"several organisations.*a, b.*Give the key"):
        resolve_actor(ClusterGraph.build(twins, []), "KazGold")


# -- files of the catalog ------------------------------------------------------------------------

HEAD = "// title: T\n// question: Q?\n// column: id (text) - key\n"


class TestFiles:
    def test_whole(self) -> None:
        text = HEAD + (
            "// parameter: a (number, default 0.5, from 0 to 1) - share\n"
            "// parameter: b (date) - day\n"
            "// column: v (number, million KZT, at basic prices) - value\n"
            "MATCH (n) RETURN n.id AS id, n.value AS v ORDER BY id // end\n"
        )
        query = parse_query("test", text)
        a, b = query.parameters
        assert (a.default, a.least, a.most, a.required, b.required) == (0.5, 0.0, 1.0, False, True)
        assert query.columns[1].unit == "million KZT, at basic prices"
        assert query.cypher.startswith("MATCH")

    @pytest.mark.parametrize(
        ("head", "problem"),
        [
            ("// title: T\n// column: id (text) - key\n", "one line 'question:'"),
            (HEAD + "// title: again\n", "one line 'title:'"),
            ("// title: T\n// question: Q?\n", "no column"),
            (HEAD + "// colour: red\n", "not a line"),
            (HEAD + "// parameter: a - b\n", "not a parameter"),
            (HEAD + "// parameter: a (colour) - b\n", "no type 'colour'"),
            (HEAD + "// parameter: a (text, maybe) - b\n", "neither"),
            (HEAD + "// parameter: a (integer, default x) - b\n", "not a parameter"),
            (HEAD + "// column: id (text) - key\n", "named twice"),
        ],
    )
    def test_bad_head(self, head: str, problem: str) -> None:
        with pytest.raises(InputError, match=problem):
            parse_query("test", head + "MATCH (n) RETURN n.id AS id ORDER BY id\n")

    def test_the_query_passes_the_gate_or_is_refused(self) -> None:
        with pytest.raises(QueryRefusedError):
            parse_query("test", HEAD + "MATCH (n) DELETE n\n")
