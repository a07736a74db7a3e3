"""Where nodes stand: no overlap, groups together, the same on every run."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.viz.network.layout import NODE_BOX, place_nodes

Pairs = list[tuple[str, str]]


def _overlaps(places: dict[str, tuple[int, int]]) -> list[tuple[str, str]]:
    """Pairs of nodes whose boxes share more than the two units that rounding may take."""
    names = sorted(places)
    wide, high = NODE_BOX[0] - 2, NODE_BOX[1] - 2
    return [
        (a, b)
        for k, a in enumerate(names)
        for b in names[k + 1 :]
        if abs(places[a][0] - places[b][0]) < wide and abs(places[a][1] - places[b][1]) < high
    ]


def _supply_like(nodes: int, clusters: int) -> tuple[list[str], Pairs, dict[str, str]]:
    """Hubs with many leaves, a few ties between hubs: what supply networks look like."""
    ids = [f"n{k:03d}" for k in range(nodes)]
    groups = {node: f"g{k % clusters}" for k, node in enumerate(ids)}
    hubs = {f"g{k}": ids[k] for k in range(clusters)}
    ties = [(node, hubs[groups[node]]) for node in ids if node != hubs[groups[node]]]
    ties += [(hubs["g0"], hub) for hub in hubs.values() if hub != hubs["g0"]]
    return ids, ties, groups


@st.composite
def _graphs(draw: st.DrawFn) -> tuple[list[str], Pairs, dict[str, str]]:
    ids = [f"n{k}" for k in range(draw(st.integers(0, 14)))]
    if not ids:
        return [], [], {}
    node = st.sampled_from(ids)
    ties = draw(st.lists(st.tuples(node, node), max_size=25))
    groups = draw(st.dictionaries(node, st.sampled_from(["a", "b", "c"])))
    return ids, ties, groups


@given(_graphs(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_every_node_has_its_own_room_whatever_the_order(
    graph: tuple[list[str], Pairs, dict[str, str]], shuffler: object
) -> None:
    ids, ties, groups = graph
    places = place_nodes(ids, ties, groups)
    assert sorted(places) == sorted(ids)
    assert not _overlaps(places)
    turned = [(b, a) for a, b in reversed(ties)]
    assert place_nodes(reversed(ids), turned, dict(reversed(groups.items()))) == places


def test_180_nodes_do_not_overlap_and_their_groups_stay_apart() -> None:
    ids, ties, groups = _supply_like(180, 9)
    places = place_nodes(ids, ties, groups)
    assert not _overlaps(places)
    boxes = {}
    for group in sorted(set(groups.values())):
        spots = [places[node] for node in ids if groups[node] == group]
        boxes[group] = (
            min(x for x, _ in spots),
            max(x for x, _ in spots),
            min(y for _, y in spots),
            max(y for _, y in spots),
        )
    names = sorted(boxes)
    for k, a in enumerate(names):
        for b in names[k + 1 :]:
            apart_x = boxes[a][1] < boxes[b][0] or boxes[b][1] < boxes[a][0]
            apart_y = boxes[a][3] < boxes[b][2] or boxes[b][3] < boxes[a][2]
            assert apart_x or apart_y, (a, b)


def test_neighbours_stand_nearer_than_strangers() -> None:
    """On a path the distance on the drawing grows with the distance on the path."""
    path = nx.path_graph(9)
    names = {k: f"n{k}" for k in path}
    places = place_nodes(names.values(), [(names[a], names[b]) for a, b in path.edges])
    steps = [math.dist(places[f"n{k}"], places[f"n{k + 1}"]) for k in range(8)]
    assert math.dist(places["n0"], places["n8"]) > 3 * max(steps)


def test_another_seed_gives_another_picture_and_the_same_seed_the_same() -> None:
    ids, ties, groups = _supply_like(30, 2)
    assert place_nodes(ids, ties, groups, seed=1) == place_nodes(ids, ties, groups, seed=1)
    assert place_nodes(ids, ties, groups, seed=1) != place_nodes(ids, ties, groups, seed=2)


def test_ties_to_oneself_and_to_strangers_are_passed_over() -> None:
    plain = place_nodes(["a", "b"], [("a", "b")])
    assert place_nodes(["a", "b"], [("a", "b"), ("a", "a"), ("a", "stranger")]) == plain


def test_same_bytes_under_any_hash_seed() -> None:
    program = (
        "import hashlib, json\n"
        "from viz_case import made_up_findings, made_up_graph, TITLE, NETWORKS\n"
        "from klaster.viz.network.network_page import network_page\n"
        "from klaster.viz.report.report_page import ReportInput, report_page\n"
        "g, f = made_up_graph(), made_up_findings()\n"
        "text = network_page(g, f, title=TITLE, networks=NETWORKS)\n"
        "text += report_page(ReportInput(g, f, TITLE, NETWORKS))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    digests = set()
    for seed in ("0", "4242"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        digests.add(done.stdout.strip())
    assert len(digests) == 1
