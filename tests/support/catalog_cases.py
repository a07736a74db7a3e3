"""Graphs and parameters to ask every query of the catalog with, on more than one store."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Any

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.runs import merge_run, run_ids
from klaster.queries.catalog import NamedQuery, Parameter

TEXTS = {
    "cluster": ("joint-1", "declared-karaganda"),
    "industry": ("C",),
    "country": ("Китай", "China", "abroad"),
    "source": ("Yespayev", "ИСТОЧНИК", "source", "a"),
    "text": ("қар", "КОМБИНАТ", "steel", "1"),
}
"""What to give a parameter of type text, by its name; what the graph holds comes first."""

_HELD = {
    "cluster": ("Cluster", "id"),
    "industry": ("Industry", "code"),
    "country": ("Actor", "country"),
    "region": ("Actor", "region"),
    "network": ("Actor", "network"),
}


def parameter_sets(query: NamedQuery, graph: ClusterGraph, most: int = 6) -> list[dict[str, Any]]:
    """Return sets of parameters: the needed ones alone, then each parameter's values in turn."""
    offered = {p.name: _offered(p, graph) for p in query.parameters}
    needed = [p.name for p in query.parameters if p.required]
    if not all(offered[name] for name in needed):
        return []
    sets = []
    for at in range(most):
        # Neighbouring parameters of one type get neighbouring values: from here to there.
        given = {
            name: offered[name][(at + k) % len(offered[name])] for k, name in enumerate(needed)
        }
        if at:
            given |= {
                p.name: values[(at - 1) % len(values)]
                for p in query.parameters
                if not p.required and (values := offered[p.name])
                # The second set gives every parameter, later ones leave some at the default.
                if at == 1 or (at + len(p.name)) % 2
            }
        if given not in sets:
            sets.append(given)
    return sets


def _offered(parameter: Parameter, graph: ClusterGraph) -> list[Any]:
    if parameter.type == "actor":
        ends = [*graph.ties["source_id"].tolist(), *graph.ties["target_id"].tolist()]
        actors = [n["id"] for n in records(graph.nodes) if n["kind"] == "Actor"]
        by_ties = sorted(actors, key=lambda key: (-ends.count(key), key))
        return [key for key in by_ties if key.strip() == key and key][:4]
    if parameter.type == "run":
        # A cluster may name a run that has no node, or have that key itself.
        runs = [run for run in run_ids(graph) if run in graph and graph.kind_of(run) == "Run"]
        return [run for run in runs if run and run.strip() == run]
    if parameter.type == "boolean":
        return [not parameter.default]
    if parameter.type in ("integer", "number"):
        return _numbers(parameter)
    if parameter.type == "layer":
        return [name for name in graph.layers if name != "result"]
    if parameter.type == "tie_type":
        results = {t.name for t in load_dictionary().tie_types if t.layer == "result"}
        types = sorted(set(graph.ties["tie_type"].tolist()) - results)
        return types[::-1]
    if parameter.type == "sphere":
        return list(load_dictionary().terms("sphere"))
    kind, attribute = _HELD.get(parameter.name, _HELD.get(parameter.type, ("", "")))
    held = sorted(
        {n[attribute] for n in records(graph.nodes) if n["kind"] == kind and attribute in n}
    )
    fitting = [text for text in held if text.strip() == text and text][:3]
    return [*fitting, *TEXTS.get(parameter.name, ())]


def _numbers(parameter: Parameter) -> list[Any]:
    if parameter.least is None or parameter.most is None:
        return [2015]
    values = [parameter.least, min(parameter.most, parameter.least + 2), min(parameter.most, 2020)]
    return [int(v) if parameter.type == "integer" else float(v) for v in values]


def same_rows(a: tuple[tuple[Any, ...], ...], b: tuple[tuple[Any, ...], ...]) -> bool:
    """Return whether the rows are the same in the same order, fractions to nine digits."""
    return len(a) == len(b) and all(
        len(x) == len(y) and all(map(_same, x, y)) for x, y in zip(a, b, strict=True)
    )


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return type(a) is type(b) and bool(a == b)


# -- the demo case ---------------------------------------------------------------------------


@cache
def demo_with_two_runs() -> ClusterGraph:
    """Return the case that ships, analyzed under two seeds with few draws, both runs in it."""
    from dataclasses import replace

    import klaster

    case = klaster.load_case(klaster.case_path("kazakhstan"))
    quick = replace(case.settings, ensemble=10, null_draws=19, evidence_draws=10)
    case = replace(case, settings=quick)
    first, second = klaster.analyze(case, seed=1), klaster.analyze(case, seed=2)
    return merge_run(first.graph, second.graph)


# -- random multigraphs with everything a query asks for --------------------------------------


def rich_case(seed: int, actors: int = 24, ties: int = 90) -> ClusterGraph:
    """Return a random case: every kind of node and tie, results of two runs, gaps everywhere.

    Parallel ties, ties to oneself, flows of an industry to itself, missing values, outputs of
    zero, Cyrillic names, dates and lists as attributes of one's own.
    """
    draw = random.Random(seed)
    nodes = [*_actors(draw, actors), *_places(), *_industries(draw), *_results(draw)]
    for node in nodes:
        for name, value in (
            ("x_day", dt.date(2000 + draw.randrange(25), 3, 19)),
            ("note", "«Ескерту»"),
        ):
            if draw.random() < 0.3:
                node[name] = value
    kind_of = {node["id"]: node["kind"] for node in nodes}
    rows: list[dict[str, Any]] = []
    for at in range(ties):
        rows.append(_tie(draw, f"t{at:03d}", kind_of, rows[-1] if rows and at % 8 == 1 else None))
    rows += _memberships(draw, kind_of, nodes)
    return ClusterGraph.build(nodes, rows)


def _maybe(draw: random.Random, values: Mapping[str, Any], share: float = 0.6) -> dict[str, Any]:
    return {name: value for name, value in values.items() if draw.random() < share}


_KINDS = (
    *(("Firm", "business"),) * 4,
    ("Group", "business"),
    ("University", "academia"),
    ("ResearchInstitute", "academia"),
    ("Authority", "government"),
    ("Finance", "finance"),
    ("Technopark", "intermediary"),
)


def _actors(draw: random.Random, number: int) -> list[dict[str, Any]]:
    nodes = []
    for at in range(number):
        actor_type, sphere = draw.choice(_KINDS)
        more = {
            "region": draw.choice(["KRG", "PAV", "AST", "ШЫМ"]),
            "network": draw.choice(["karaganda", "алматы"]),
            "status": draw.choice(["as_published", "planned", "ended"]),
            "industry": draw.choice(["металлургия", "mining"]),
            "city": draw.choice(["Теміртау", "Almaty"]),
            "name_ru": f"Комбинат {at}",
            "name_kk": f"Қарағанды {at}",
            "aliases": [f"АО «{at}»", "", "О'Нил"],
            "evidence": draw.choice(["reported", "paper"]),
            "source": draw.choice(["Источник А", "source b"]),
        }
        node = {"id": f"n{at:02d}", "kind": "Actor", "name": f"Өндіріс {at % 20}"}
        node |= {"actor_type": actor_type, "sphere": sphere} | _maybe(draw, more)
        if draw.random() < 0.2:
            node["country"] = draw.choice(["Китай", "abroad"])
        nodes.append(node)
    return nodes


def _places() -> list[dict[str, Any]]:
    regions = [
        ("KRG", "Қарағанды", "oblast"),
        ("PAV", "Павлодар", "oblast"),
        ("CHN", "Китай", "country"),
    ]
    nodes: list[dict[str, Any]] = [
        {"id": f"region:{code}", "kind": "Region", "name": name, "code": code, "region_type": kind}
        for code, name, kind in regions
    ]
    nodes[-1]["country"] = "Китай"
    return [*nodes, {"id": "product:1", "kind": "Product", "name": "сталь"}]


def _industries(draw: random.Random) -> list[dict[str, Any]]:
    nodes = []
    for code in ("A", "B", "C", "D", "E"):
        node = {"id": f"io:KAZ:{code}", "kind": "Industry", "name": f"Отрасль {code}"}
        node |= {"table_id": "io", "code": code}
        nodes.append(node | _maybe(draw, {"output": draw.choice([0.0, 350.5, 1e6])}, 0.8))
    return nodes


def _results(draw: random.Random) -> list[dict[str, Any]]:
    nodes = []
    for run in ("run:1", "run:2"):
        node = {"id": run, "kind": "Run", "name": f"Запуск {run[-1]}"}
        nodes.append(node | _maybe(draw, {"seed": draw.randrange(9), "engine": "leiden"}))
        for layer, number in product(("joint", "supply", "declared"), (1, 2, 3)):
            more = {
                "member_count": draw.randrange(9),
                "significant": draw.random() < 0.5,
                "p_value": draw.random(),
                "stability": draw.random(),
                "network": draw.choice(["karaganda", "алматы"]),
            }
            cluster = {
                "id": f"{run}:{layer}-{number}",
                "kind": "Cluster",
                "name": f"Кластер {number}",
            }
            cluster |= {"run_id": run, "layer": layer, "cluster_no": number}
            nodes.append(cluster | _maybe(draw, more))
    return nodes


def _tie(
    draw: random.Random, key: str, kind_of: Mapping[str, str], parallel_to: dict[str, Any] | None
) -> dict[str, Any]:
    kinds = set(kind_of.values())  # kinds of node that no catalog query asks of are not drawn
    pairs = [
        t
        for t in load_dictionary().tie_types
        if t.layer != "result" and {t.source_kind, t.target_kind} <= kinds
    ]
    kind = draw.choice([*pairs, *(t for t in pairs if t.name in ("SUPPLIES", "FLOWS_TO"))] * 2)
    ends = [
        draw.choice(sorted(n for n, k in kind_of.items() if k == wanted))
        for wanted in (kind.source_kind, kind.target_kind)
    ]
    if kind.source_kind == kind.target_kind and draw.random() < 0.1:
        ends[1] = ends[0]
    name = kind.name
    if parallel_to is not None:
        name, ends = parallel_to["tie_type"], [parallel_to["source_id"], parallel_to["target_id"]]
        if name in ("SUPPLIES", "OWNS") and draw.random() < 0.5:
            name = "FUNDS"
    more = {
        "status": draw.choice(["current", "as_published", "ended", "planned", "unverified"]),
        "year": draw.randrange(2000, 2025),
        "year_to": draw.randrange(2005, 2025),
        "value": draw.choice([0.0, 1.5, 70.0, 1e7 / 3]),
        "unit": "млн тенге",
        "locator": f"с. {draw.randrange(9)}",
        "confidence": draw.choice(["high", "medium", "low"]),
        "network": draw.choice(["karaganda", "алматы"]),
        "x_signed": dt.date(2014, 3, 1 + draw.randrange(28)),
    }
    tie = {"tie_id": key, "source_id": ends[0], "target_id": ends[1], "tie_type": name}
    tie |= {
        "evidence": draw.choice(load_dictionary().terms("evidence")),
        "source": draw.choice(["Источник А", "source b", "Есқұлов 2014; source b"]),
    }
    return tie | _maybe(draw, more, 0.5)


def _memberships(
    draw: random.Random, kind_of: Mapping[str, str], nodes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = []
    able = sorted(n for n, kind in kind_of.items() if kind in ("Actor", "Industry"))
    for cluster in (n for n in nodes if n["kind"] == "Cluster"):
        known = {"evidence": "estimated", "source": cluster["run_id"]}
        rows.append(
            {"tie_id": f"{cluster['id']}>", "source_id": cluster["id"], "tie_type": "FOUND_IN"}
            | {"target_id": cluster["run_id"], **known}
        )
        members = draw.choices(able, k=draw.randrange(9))  # now and then somebody twice
        for at, member in enumerate(members):
            more = {
                "core_rank": float(draw.randrange(1, 4)),
                "is_core": draw.random() < 0.5,
                "stability": draw.random(),
                "role": "R6 connector hub",
                "chain_role": draw.choice(["core", "upstream", "knowledge"]),
                "chain_steps": draw.randrange(1, 3),
                "why": "Потому что: «ядро»",
            }
            rows.append(
                {"tie_id": f"{cluster['id']}<{at}", "source_id": member, "tie_type": "IN_CLUSTER"}
                | {"target_id": cluster["id"], **known, **_maybe(draw, more)}
            )
    return rows
