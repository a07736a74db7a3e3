"""How well communities are recovered, how honest the p-values are, and what large networks cost.

``python benchmarks/bench_trust.py recovery`` (or ``p-values``, ``dense``, ``multiplex``,
``organisations``, ``organisation-cores``) runs one part in full, prints its table and writes its chart and its numbers to
``docs/img``. ``run()`` is the short form for ``make bench``.
"""

from __future__ import annotations

import contextlib
import csv
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from scipy import sparse

from klaster.algorithms.analysis.communities import find_communities
from klaster.algorithms.community.affiliation import one_mode_projection
from klaster.algorithms.community.detect import best_partition, partitions_of, plan_search
from klaster.algorithms.community.engines import ENGINES
from klaster.algorithms.community.multiplex import Balance, best_multiplex_partition
from klaster.algorithms.community.objective import modularity
from klaster.algorithms.community.search import Search
from klaster.algorithms.community.work import do_all
from klaster.algorithms.cores.assess import Scrutiny, assess_clusters
from klaster.algorithms.cores.tie_table import TieTable
from klaster.algorithms.partitions.comparison import adjusted_mutual_information
from klaster.algorithms.trust.ensembles import (
    consensus,
    ensemble,
    ensemble_summary,
    member_stability,
)
from klaster.algorithms.trust.nulls import degree_preserving_draw
from klaster.algorithms.trust.significance import NullTest, significance
from klaster.graph.model import CSR, IntArray, Layer

Row = dict[str, str | float]

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parent / "docs" / "img"
SHARED = HERE.parent.parent / "shared" / "data"
WORKERS = min(2, os.cpu_count() or 1)

MIXINGS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
DRAWS = 20
DEFAULT = "klaster default"
CONSENSUS = "klaster consensus"
RIVALS = ("python-louvain", "NetworkX Louvain", "igraph Leiden")


# -- networks with known communities -----------------------------------------------------------


def lfr(mixing: float, seed: int, nodes: int = 500) -> tuple[CSR, IntArray]:
    """Draw a network of Lancichinetti, Fortunato and Radicchi: uneven degrees and groups."""
    attempt = 1000 * seed
    while True:
        try:
            graph = nx.LFR_benchmark_graph(
                nodes,
                2.5,
                1.5,
                mixing,
                average_degree=12,
                max_degree=50,
                min_community=15,
                max_community=60,
                seed=attempt,
                max_iters=500,
            )
            break
        except nx.ExceededMaxIterations:
            attempt += 1
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    labels = np.zeros(nodes, dtype=np.int64)
    groups = sorted({tuple(sorted(graph.nodes[node]["community"])) for node in graph})
    for number, members in enumerate(groups):
        labels[list(members)] = number
    return _matrix(graph), labels


def planted(mixing: float, seed: int, groups: int = 10, size: int = 30) -> tuple[CSR, IntArray]:
    """Draw a planted partition: equal groups, each node with 12 ties expected."""
    inside, outside = 12 * (1 - mixing) / (size - 1), 12 * mixing / (size * (groups - 1))
    graph = nx.planted_partition_graph(groups, size, inside, outside, seed=seed)
    return _matrix(graph), np.repeat(np.arange(groups, dtype=np.int64), size)


def _matrix(graph: Any) -> CSR:
    return sparse.csr_array(
        nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), dtype=np.dtype(float))
    )


GENERATORS: dict[str, Callable[[float, int], tuple[CSR, IntArray]]] = {
    "LFR, 500 nodes": lfr,
    "planted partition, 10 x 30 nodes": planted,
}


# -- recovery ----------------------------------------------------------------------------------


def recoveries(shared: tuple[str, float, int], draw: int) -> dict[str, tuple[float, float]]:
    """Return adjusted mutual information and modularity of each method on one network."""
    generator, mixing, runs = shared
    matrix, truth = GENERATORS[generator](mixing, draw)
    ids = np.array([f"n{k:04d}" for k in range(len(truth))])
    layer = Layer("supply", ids, matrix, "ties", matrix.nnz, 0)
    found = find_communities(layer, Search(seed=draw, runs=runs), NullTest(draws=1))
    tied = np.flatnonzero(np.isin(ids, found.node_ids))
    part = matrix[tied][:, tied]
    labels = {
        DEFAULT: found.labels,
        CONSENSUS: consensus(found.ensemble, Search(seed=draw)),
        "python-louvain": ENGINES["louvain-python"](part, resolution=1.0, seed=draw),
        "NetworkX Louvain": ENGINES["louvain-networkx"](part, resolution=1.0, seed=draw),
    }
    with contextlib.suppress(ImportError):
        labels["igraph Leiden"] = _igraph_leiden(part, draw)
    return {
        name: (adjusted_mutual_information(own, truth[tied]), modularity(part, own))
        for name, own in labels.items()
    }


def _igraph_leiden(matrix: CSR, seed: int) -> IntArray:
    """Return igraph's Leiden for modularity, run until nothing changes."""
    import igraph

    igraph.set_random_number_generator(random.Random(seed))
    upper = sparse.triu(matrix, 1).tocoo()
    graph = igraph.Graph(matrix.shape[0], list(zip(upper.row, upper.col, strict=True)))
    found = graph.community_leiden("modularity", n_iterations=-1)
    return np.array(found.membership, dtype=np.int64)


def recovery(draws: int = DRAWS, runs: int = 50) -> list[Row]:
    """Return mean recovery per generator, mixing and method, and the paired difference to ours."""
    rows: list[Row] = []
    for generator in GENERATORS:
        for mixing in MIXINGS:
            found = do_all(recoveries, (generator, mixing, runs), draws, workers=WORKERS)
            for name in found[0]:
                score = np.array([one[name][0] for one in found])
                gap = np.array([one[DEFAULT][0] - one[name][0] for one in found])
                rows.append(
                    {
                        "generator": generator,
                        "mixing": mixing,
                        "method": name,
                        "draws": draws,
                        "ami": round(float(score.mean()), 4),
                        "ami_error": round(_error(score), 4),
                        "ours_minus_it": round(float(gap.mean()), 4),
                        "error_of_difference": round(_error(gap), 4),
                        "modularity": round(float(np.mean([one[name][1] for one in found])), 4),
                    }
                )
            print(rows[-1]["generator"], mixing, "done", flush=True)
    return rows


def _error(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Return the standard error of a mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def recovery_chart(rows: Sequence[Row]) -> str:
    """Return the chart: recovery over mixing, error bars of two standard errors."""
    charts = _charts()
    panels = []
    for generator in GENERATORS:
        lines: dict[str, list[tuple[float, float, float]]] = {}
        for row in rows:
            if row["generator"] == generator:
                point = (float(row["mixing"]), float(row["ami"]), 2 * float(row["ami_error"]))
                lines.setdefault(str(row["method"]), []).append(point)
        panels.append(
            charts.Panel(
                generator,
                lines,
                "mixing: share of ties that leave the group",
                "adjusted mutual information",
                (0.1, 0.6),
            )
        )
    title = f"Recovery of known communities, {rows[0]['draws']} networks a point, the same for all"
    return str(charts.svg(title, panels))


def _charts() -> Any:
    sys.path.insert(0, str(HERE))
    import charts

    return charts


# -- p-values ----------------------------------------------------------------------------------


def random_network(seed: int, nodes: int = 120, ties: int = 360) -> CSR:
    """Draw an Erdős–Rényi network."""
    return _matrix(nx.gnm_random_graph(nodes, ties, seed=seed))


def rewired_network(seed: int) -> CSR:
    """Draw a network of uneven degrees and strong groups, and rewire it."""
    matrix, _ = lfr(0.1, seed, nodes=150)
    rng = np.random.Generator(np.random.PCG64(seed))
    return degree_preserving_draw(matrix, rng, swaps_per_tie=20)


def small_planted(mixing: float, seed: int) -> CSR:
    """Draw four groups of 30 with 8 ties a node."""
    inside, outside = 8 * (1 - mixing) / 29, 8 * mixing / 90
    return _matrix(nx.planted_partition_graph(4, 30, inside, outside, seed=seed))


CASES: dict[str, Callable[[int], CSR]] = {
    "Erdős–Rényi": random_network,
    "rewired, uneven degrees": rewired_network,
    "planted, mixing 0.4": lambda seed: small_planted(0.4, seed),
    "planted, mixing 0.2": lambda seed: small_planted(0.2, seed),
}


def p_value_of(shared: tuple[str, int], seed: int) -> float:
    """Return the p-value of one network."""
    case, draws = shared
    matrix = CASES[case](seed)
    labels = best_partition(matrix, Search(runs=1, seed=seed))
    return significance(matrix, labels, Search(seed=seed), NullTest(draws=draws)).p_value


def p_values(networks: int = 100, draws: int = 99) -> list[Row]:
    """Return every p-value, by case."""
    rows: list[Row] = []
    for case in CASES:
        found = do_all(p_value_of, (case, draws), networks, workers=WORKERS)
        rows += [
            {"case": case, "network": number, "p": round(p, 4)} for number, p in enumerate(found)
        ]
        held = np.array(found)
        shares = {level: float(np.mean(held <= level)) for level in (0.01, 0.05, 0.1, 0.5)}
        print(case, {level: round(share, 3) for level, share in shares.items()}, flush=True)
    return rows


def p_value_chart(rows: Sequence[Row]) -> str:
    """Return the chart: share of networks whose p-value is at most p."""
    charts = _charts()
    lines: dict[str, list[tuple[float, float, float]]] = {}
    for case in CASES:
        values = sorted(float(row["p"]) for row in rows if row["case"] == case)
        points = [(0.0, 0.0, 0.0)]
        for k, p in enumerate(values):
            points += [(p, k / len(values), 0.0), (p, (k + 1) / len(values), 0.0)]
        lines[case] = [*points, (1.0, 1.0, 0.0)]
    lines["uniform"] = [(0.0, 0.0, 0.0), (1.0, 1.0, 0.0)]
    panel = charts.Panel("", lines, "p", "share of networks with a p-value up to p", (0.0, 1.0))
    zoom = charts.Panel(
        "up to 0.1",
        {name: _up_to(points, 0.1) for name, points in lines.items()},
        "p",
        "",
        (0.0, 0.1),
    )
    return str(charts.svg("p-values without and with communities", [panel, zoom], dots=False))


def _up_to(
    points: Sequence[tuple[float, float, float]], end: float
) -> list[tuple[float, float, float]]:
    inside = [point for point in points if point[0] <= end]
    if inside[-1][1] == 0.0 or (points[-1][1] == 1.0 and len(points) == 2):
        return [*inside[:1], (end, end if len(points) == 2 else 0.0, 0.0)]
    return [*inside, (end, inside[-1][1], 0.0)]


# -- dense tables ------------------------------------------------------------------------------


def gravity_table(
    seed: int, *, industries: int = 20, sizes: float = 1.2, noise: float = 0.8, boost: float = 1.0
) -> CSR:
    """Draw a table w = a b e of lognormal sizes and noise; amounts in three groups boosted."""
    rng = np.random.Generator(np.random.PCG64(seed))
    sells, buys = rng.lognormal(0, sizes, (2, industries))
    table = np.outer(sells, buys) * rng.lognormal(0, noise, (industries, industries))
    group = np.arange(industries) % 3
    table *= np.where(group[:, None] == group[None, :], boost, 1.0)
    np.fill_diagonal(table, 0.0)
    return sparse.csr_array(table)


TABLES: dict[str, dict[str, float]] = {
    "sizes 1.2, noise 0.8": {},
    "sizes 1.2, noise 0.3": {"noise": 0.3},
    "sizes 0.1, noise 0.8": {"sizes": 0.1},
    "three groups x 3, sizes 1.2": {"boost": 3.0},
    "three groups x 5, sizes 1.2": {"boost": 5.0},
    "three groups x 3, sizes 0.1": {"boost": 3.0, "sizes": 0.1},
}


def table_p_value(shared: tuple[str, str, int], seed: int) -> float:
    """Return the p-value of one table against one null model."""
    case, null_model, draws = shared
    table = gravity_table(seed, **TABLES[case])  # type: ignore[arg-type]
    labels = np.arange(table.shape[0]) % 2
    return significance(
        table, labels, Search(seed=seed), NullTest(draws=draws, model=null_model)
    ).p_value


def dense(tables: int = 60, draws: int = 59) -> list[Row]:
    """Return the share of dense tables that are significant, by null model."""
    rows: list[Row] = []
    for case in TABLES:
        for null_model in ("equal-strength", "weight-shuffle"):
            found = np.array(
                do_all(table_p_value, (case, null_model, draws), tables, workers=WORKERS)
            )
            row: Row = {"case": case, "null_model": null_model}
            row |= {
                f"p<={level}": round(float(np.mean(found <= level)), 3)
                for level in (0.05, 0.2, 0.5)
            }
            rows.append(row)
            print(row, flush=True)
    return rows


# -- layers ------------------------------------------------------------------------------------

LAYERS: dict[str, list[tuple[int, float, float]]] = {
    "three alike, no hubs": [(150, 0.3, 0.0)] * 3,
    "three alike, hubs differ": [(150, 0.3, 1.5)] * 3,
    "three alike, strong hubs differ": [(200, 0.35, 1.1)] * 3,
    "dense layer without groups": [(500, 5 / 6, 0.0), (150, 0.2, 0.0), (150, 0.2, 0.0)],
    "the same, with hubs": [(500, 5 / 6, 1.3), (150, 0.2, 1.3), (150, 0.2, 1.3)],
    "uneven sizes": [(400, 0.4, 1.5), (40, 0.1, 1.5), (15, 0.1, 1.5)],
    "uneven sizes, small without groups": [(400, 0.35, 1.5), (20, 5 / 6, 1.5), (10, 5 / 6, 1.5)],
    "five small, as in a case": [
        (60, 0.25, 1.5),
        (50, 0.25, 1.3),
        (40, 0.3, 1.3),
        (20, 0.3, 1.3),
        (10, 0.3, 1.3),
    ],
}
GROUP = np.repeat(np.arange(6, dtype=np.int64), 20)


def planted_layer(rng: np.random.Generator, ties: int, mixing: float, hubs: float) -> CSR:
    """Draw a layer of six groups; with ``hubs``, fitness is Pareto of that exponent."""
    count = len(GROUP)
    fitness = rng.pareto(hubs, count) + 0.2 if hubs else np.ones(count)
    chance = np.outer(fitness, fitness)
    same = GROUP[:, None] == GROUP[None, :]
    inside, outside = (chance * same).sum(), (chance * ~same).sum()
    chance = np.where(same, chance * (1 - mixing) / inside, chance * mixing / outside)
    np.fill_diagonal(chance, 0.0)
    cell = rng.choice(count * count, ties, p=(chance / chance.sum()).ravel())
    drawn = sparse.coo_array((np.ones(ties), (cell // count, cell % count)), shape=(count, count))
    return drawn.tocsr()


def layer_recoveries(case: str, draw: int) -> tuple[float, float, float]:
    """Return recovery by the sum of layers, and by multiplex modularity of either balance."""
    rng = np.random.Generator(np.random.PCG64(draw))
    layers = {f"l{k}": planted_layer(rng, *given) for k, given in enumerate(LAYERS[case])}
    total = sparse.csr_array(sum(layers.values(), start=sparse.csr_array((120, 120))))
    tied = np.flatnonzero(np.asarray((total + total.T).sum(axis=0)).ravel() > 0)

    def score(labels: IntArray) -> float:
        return adjusted_mutual_information(labels[tied], GROUP[tied])

    def multiplex(balance: Balance) -> float:
        return score(
            best_multiplex_partition(layers, search=Search(runs=10, seed=draw), balance=balance)
        )

    return (
        score(best_partition(total, Search(runs=10, seed=draw))),
        multiplex("ties"),
        multiplex("layers"),
    )


def multiplex(draws: int = 20) -> list[Row]:
    """Return recovery of groups planted in several layers, three ways."""
    rows: list[Row] = []
    for case in LAYERS:
        found = np.array(do_all(layer_recoveries, case, draws, workers=WORKERS))
        mean = found.mean(axis=0)
        gaps = found[:, 1:] - found[:, :1]
        rows.append(
            {
                "case": case,
                "sum_of_layers": round(float(mean[0]), 3),
                "multiplex_ties": round(float(mean[1]), 3),
                "multiplex_layers": round(float(mean[2]), 3),
                "ties_minus_sum": round(float(gaps[:, 0].mean()), 3),
                "its_error": round(_error(gaps[:, 0]), 3),
                "layers_minus_sum": round(float(gaps[:, 1].mean()), 3),
                "their_error": round(_error(gaps[:, 1]), 3),
            }
        )
        print(rows[-1], flush=True)
    return rows


# -- Horizon 2020 ------------------------------------------------------------------------------


def organisations(source: Path = SHARED / "cordis-h2020" / "h2020.csv.gz") -> CSR:
    """Return the organisations of Horizon 2020, tied by common projects with 1/(k − 1)."""
    import pandas as pd

    parts = pd.read_csv(source, usecols=["rcn", "pic"]).drop_duplicates()
    parts = parts[parts.groupby("rcn")["pic"].transform("size") > 1]
    _, actor = np.unique(parts["pic"].to_numpy(), return_inverse=True)
    _, project = np.unique(parts["rcn"].to_numpy(), return_inverse=True)
    return one_mode_projection(
        sparse.csr_array(
            (np.ones(len(actor)), (actor, project)), shape=(actor.max() + 1, project.max() + 1)
        )
    )


def organisations_timed(workers: int = WORKERS) -> list[Row]:
    """Return seconds and memory of an ensemble of 20, its consensus and stability."""
    matrix = organisations()
    begin = time.perf_counter()
    rows = ensemble(matrix, Search(runs=20, workers=workers))
    ensemble_seconds = time.perf_counter() - begin
    labels = consensus(rows, Search(workers=workers), matrix=matrix)
    consensus_seconds = time.perf_counter() - begin - ensemble_seconds
    stability = member_stability(rows, labels)
    summary = ensemble_summary(rows)
    total = time.perf_counter() - begin
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    memory = max(one.ru_maxrss for one in usage)
    processor = sum(one.ru_utime + one.ru_stime for one in usage)
    row: Row = {
        "nodes": matrix.shape[0],
        "ties": matrix.nnz // 2,
        "workers": workers,
        "ensemble_s": round(ensemble_seconds, 1),
        "consensus_s": round(consensus_seconds, 1),
        "all_s": round(total, 1),
        "processor_s": round(processor, 1),
        "largest_process_gb": round(memory / 1e6, 2),
        "mean_ari": round(summary.mean_ari, 3),
        "communities": int(labels.max()) + 1,
        "modularity": round(modularity(matrix, labels), 4),
        "mean_stability": round(float(stability.mean()), 3),
    }
    print(row, flush=True)
    return [row]


SPHERE = {"PRC": "business", "HES": "academia", "REC": "academia", "PUB": "government", "OTH": ""}
"""Sphere by the activity type of CORDIS."""


def organisation_spheres(source: Path = SHARED / "cordis-h2020" / "h2020.csv.gz") -> Any:
    """Return the sphere of each organisation, in the order of :func:`organisations`."""
    import pandas as pd

    parts = pd.read_csv(source, usecols=["rcn", "pic", "type"])
    parts = parts.drop_duplicates(["rcn", "pic"])
    parts = parts[parts.groupby("rcn")["pic"].transform("size") > 1]
    kind = parts.sort_values("rcn").groupby("pic")["type"].first().fillna("OTH")
    return np.array([SPHERE.get(str(k), "") for k in kind.tolist()], dtype=np.str_)


def organisations_with_cores_timed(workers: int = WORKERS, draws: int = 100) -> list[Row]:
    """Return seconds of an ensemble of 20, its consensus, and the cores of every community.

    Every participation is in the register: each tie is kept with .95. Communities of three
    organisations or more are judged.
    """
    matrix, spheres = organisations(), organisation_spheres()
    begin = time.perf_counter()
    rows = ensemble(matrix, Search(runs=20, workers=workers))
    labels = consensus(rows, Search(workers=workers), matrix=matrix)
    stability = member_stability(rows, labels)
    communities_seconds = time.perf_counter() - begin
    cells = sparse.triu(matrix, 1).tocoo()
    count = len(cells.data)
    ties = TieTable.build(
        np.char.mod("t%07d", np.arange(count)),
        cells.row.astype(np.int64),
        cells.col.astype(np.int64),
        np.full(count, "cooperation"),
        weight=cells.data,
        keep=np.full(count, 0.95),
        both_ways=np.ones(count, dtype=bool),
    )
    sizes = np.bincount(labels)
    clusters = [np.flatnonzero(labels == k) for k in np.flatnonzero(sizes >= 3)]
    judged = assess_clusters(
        np.char.mod("o%05d", np.arange(matrix.shape[0])),
        clusters,
        ties,
        spheres=spheres,
        labels=labels,
        stabilities=[stability[members] for members in clusters],
        scrutiny=Scrutiny(draws, cards=False, null_draws=0),
        workers=workers,
    )
    total = time.perf_counter() - begin
    row: Row = {
        "nodes": matrix.shape[0],
        "ties": count,
        "workers": workers,
        "communities": len(clusters),
        "largest": int(sizes.max()),
        "communities_s": round(communities_seconds, 1),
        "cores_s": round(total - communities_seconds, 1),
        "all_s": round(total, 1),
        "core_members": sum(m.is_core for found in judged for m in found.members),
        "candidates": sum(m.is_candidate for found in judged for m in found.members),
    }
    print(row, flush=True)
    return [row]


# -- the short form ----------------------------------------------------------------------------


def run(runs: int = 5) -> list[Row]:
    """Return one row: an ensemble on 300 nodes, our default engine against python-louvain."""
    matrix, truth = planted(0.4, 1)
    found = {}
    for engine in ("leiden", "louvain-python"):
        plan = plan_search(matrix, Search(engine=engine))
        partitions_of(matrix, plan, [0])  # imports are not timed
        begin = time.perf_counter()
        rows = ensemble(matrix, Search(engine=engine, runs=runs))
        seconds = time.perf_counter() - begin
        agreement = np.mean([adjusted_mutual_information(row, truth) for row in rows])
        found[engine] = (seconds, float(agreement), float(modularity(matrix, rows[0])))
    ours, peer = found["leiden"], found["louvain-python"]
    return [
        {
            "task": f"ensemble of {runs} on a planted partition of 300 nodes",
            "ours_s": round(ours[0], 3),
            "peer": "louvain-python",
            "peer_s": round(peer[0], 3),
            "ratio": round(peer[0] / ours[0], 1),
            "ours_quality": round(ours[2], 4),
            "peer_quality": round(peer[2], 4),
            "ours_recovery": round(ours[1], 3),
            "peer_recovery": round(peer[1], 3),
        }
    ]


def _write(name: str, rows: Sequence[Row], chart: str = "") -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (IMAGES / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    if chart:
        (IMAGES / f"{name}.svg").write_text(chart, encoding="utf-8")


def main(part: str) -> None:
    if part == "recovery":
        rows = recovery()
        _write("recovery", rows, recovery_chart(rows))
    elif part == "p-values":
        rows = p_values()
        _write("p-values", rows, p_value_chart(rows))
    elif part == "dense":
        _write("dense-tables", dense())
    elif part == "multiplex":
        _write("multiplex", multiplex())
    elif part == "organisation-cores":
        rows = organisations_with_cores_timed()
    elif part == "organisations":
        rows = organisations_timed()
        _write("organisations", rows)
    else:
        rows = run()
    for row in rows if part in ("recovery", "") else ():
        print(row)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
