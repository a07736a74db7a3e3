"""Graphs that several tests ask: a small made-up case whose answers are counted by hand."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from klaster.graph.dictionary import Element, load_dictionary
from klaster.graph.model import ClusterGraph


def _actor(key: str, name: str, actor_type: str, sphere: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "kind": "Actor",
        "name": name,
        "actor_type": actor_type,
        "sphere": sphere,
        **more,
    }


def _tie(key: str, source: str, tie_type: str, target: str, **more: Any) -> dict[str, Any]:
    return {
        "tie_id": key,
        "source_id": source,
        "target_id": target,
        "tie_type": tie_type,
        "evidence": "reported",
        "source": f"source of {key}",
        **more,
    }


def steel_case() -> ClusterGraph:
    """Return a steel cluster in two regions, with results of one run.

    Supply: ore -> coke -> steel -> pipe, ore -> steel twice (parallel), power -> steel,
    scrap -> steel (ended), steel -> steel (its own rolling shop).
    """
    nodes = [
        _actor("ore", "Ore mine", "Firm", "business", region="KRG", name_kk="Кен"),
        _actor("coke", "Coke plant", "Firm", "business", region="KRG"),
        _actor(
            "steel",
            "Steelworks",
            "Firm",
            "business",
            region="KRG",
            name_ru="Қарметкомбинат",
            aliases=["Qarmet", "ArcelorMittal Temirtau"],
        ),
        _actor("pipe", "Pipe mill", "Firm", "business", region="PAV"),
        _actor("power", "Power plant", "Firm", "business", region="PAV"),
        _actor("scrap", "Scrap yard", "Firm", "business", region="PAV"),
        _actor("holding", "Holding", "Firm", "business"),
        _actor("fund", "State fund", "DevelopmentInstitution", "finance", region="AST"),
        _actor("tech", "Technical university", "University", "academia", region="KRG"),
        _actor("akimat", "Regional administration", "Authority", "government", region="KRG"),
        _actor("assoc", "Steel association", "Association", "intermediary"),
        {"id": "reg_krg", "kind": "Region", "name": "Karaganda", "code": "KRG"}
        | {"region_type": "oblast"},
        {"id": "reg_pav", "kind": "Region", "name": "Pavlodar", "code": "PAV"}
        | {"region_type": "oblast"},
        *(
            {"id": f"io:KAZ:{code}", "kind": "Industry", "name": name, "table_id": "io"}
            | {"code": code, "currency": "KZT", "region": "KAZ"}
            for code, name in (("B", "Mining"), ("C", "Manufacturing"), ("D", "Power"))
        ),
        {"id": "run1", "kind": "Run", "name": "run 1", "case_name": "steel", "seed": 1},
        {"id": "run1:joint:1", "kind": "Cluster", "name": "Steel", "run_id": "run1"}
        | {"layer": "joint", "cluster_no": 1, "member_count": 3, "significant": True},
    ]
    ties = [
        _tie("s1", "ore", "SUPPLIES", "coke", year=2020),
        _tie("s2", "coke", "SUPPLIES", "steel", status="current"),
        _tie("s3", "ore", "SUPPLIES", "steel", product="ore", value=5.0, unit="t"),
        _tie("s4", "ore", "SUPPLIES", "steel", product="pellets", evidence="paper"),
        _tie("s5", "power", "SUPPLIES", "steel"),
        _tie("s6", "scrap", "SUPPLIES", "steel", status="ended"),
        _tie("s7", "steel", "SUPPLIES", "pipe", locator="p. 7", confidence="high"),
        _tie("s8", "steel", "SUPPLIES", "steel", note="own rolling shop"),
        _tie("o1", "holding", "OWNS", "steel"),
        _tie("o2", "fund", "OWNS", "holding", value=51.0, unit="percent"),
        _tie("o3", "holding", "OWNS", "ore", status="ended"),
        _tie("h1", "tech", "TRAINS_STAFF_FOR", "steel", status="as_published"),
        _tie("h2", "tech", "RD_COOPERATION", "coke", status="planned"),
        _tie("h3", "akimat", "REGULATES", "steel"),
        _tie("h4", "fund", "FUNDS", "pipe"),
        _tie("h5", "pipe", "MEMBER_OF", "assoc"),
        _tie("l1", "steel", "LOCATED_IN", "reg_krg"),
        *(
            _tie(f"f{k}", f"io:KAZ:{a}", "FLOWS_TO", f"io:KAZ:{b}", value=v, origin="domestic")
            | {"unit": "million KZT", "currency": "KZT", "year": 2019, "evidence": "estimated"}
            for k, (a, b, v) in enumerate(
                (("B", "C", 70.0), ("C", "C", 90.0), ("D", "C", 70.0), ("C", "B", 10.0))
            )
        ),
        *(
            _tie(f"c{rank}", member, "IN_CLUSTER", "run1:joint:1", evidence="estimated")
            | {"core_rank": float(rank), "is_core": rank == 1, "role": role, "stability": 0.9}
            for rank, member, role in (
                (1, "steel", "core"),
                (2, "ore", "upstream"),
                (3, "pipe", "downstream"),
            )
        ),
        _tie("r1", "run1:joint:1", "FOUND_IN", "run1", evidence="estimated"),
    ]
    return ClusterGraph.build(nodes, ties)


def kazakhstan_case() -> ClusterGraph:
    """Return the actors, regions, products and ties that ship with klaster, read as they stand."""
    folder = Path(__file__).parents[2] / "cases" / "kazakhstan"
    nodes = [
        _typed(row, "node", kind)
        for name, kind in (("actors", "Actor"), ("regions", "Region"), ("products", "Product"))
        for row in _rows(folder / f"{name}.csv")
    ]
    for node in nodes:
        node.setdefault("id", f"region:{node.get('code')}")
    ids = {node["id"] for node in nodes}
    rows = enumerate(_rows(folder / "ties.csv"), start=2)
    ties = [_typed(row, "tie", "") | {"tie_id": f"row{at:03d}"} for at, row in rows]
    return ClusterGraph.build(
        nodes, [t for t in ties if t["source_id"] in ids and t["target_id"] in ids]
    )


def random_case(seed: int, actors: int = 40, ties: int = 140) -> ClusterGraph:
    """Return a random multigraph of actors: parallel ties, self-ties, ended ties, missing values."""
    draw = random.Random(seed)
    kinds = [("Firm", "business")] * 4 + [("University", "academia"), ("Authority", "government")]
    nodes = []
    for at in range(actors):
        actor_type, sphere = draw.choice(kinds)
        region = draw.choice([None, "KRG", "PAV", "AST", "VKO"])
        more = {"region": region} if region else {}
        if draw.random() < 0.1:
            more["status"] = "planned"
        nodes.append(_actor(f"n{at:02d}", f"Қала {at}", actor_type, sphere, **more))
    types = ["SUPPLIES"] * 3 + ["OWNS", "FUNDS", "RD_COOPERATION", "MEMBER_OF"]
    rows = []
    for at in range(ties):
        ends = draw.choice(nodes)["id"], draw.choice(nodes)["id"]
        if at % 9 == 1:
            ends = rows[-1]["source_id"], rows[-1]["target_id"]
        status = draw.choice([None, "current", "as_published", "ended", "planned"])
        more = {"status": status} if status else {}
        rows.append(_tie(f"t{at:03d}", ends[0], draw.choice(types), ends[1], **more))
    return ClusterGraph.build(nodes, rows)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _typed(row: dict[str, str], element: Element, kind: str) -> dict[str, Any]:
    read: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "list": lambda text: [part.strip() for part in text.split(";") if part.strip()],
    }
    types = load_dictionary().value_types(element)
    held = {
        name: read.get(types.get(name, "text"), str)(text) for name, text in row.items() if text
    }
    return held | ({"kind": kind} if kind else {})
