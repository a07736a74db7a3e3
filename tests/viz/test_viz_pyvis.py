"""Any graph as a pyvis network: escaped, offline, the same every time, still pyvis's own."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from viz_case import HOSTILE, made_up_graph, six_firms

from klaster.graph.canonical_tables import records
from klaster.graph.model import ClusterGraph
from klaster.viz.network.pyvis_network import pyvis_network


def test_the_page_loads_nothing_and_escapes_names(tmp_path: Path) -> None:
    network = pyvis_network(made_up_graph(), title=HOSTILE)
    page = network.generate_html()
    assert HOSTILE not in page
    head, _, rest = page.partition("<body>")
    assert "default-src 'none'" in html.unescape(head)
    # Nothing is asked of another host: neither a script, a style nor a font.
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(?!data:)", head + rest)
    network.write_html(str(tmp_path / "page.html"))
    network.show(str(tmp_path / "shown.html"))
    assert (tmp_path / "shown.html").read_bytes() == (tmp_path / "page.html").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"page.html", "shown.html"}


def test_every_tie_is_an_edge_and_the_same_graph_gives_the_same_page() -> None:
    graph = made_up_graph()
    network = pyvis_network(graph)
    assert network.num_nodes() == len(graph)
    assert {edge["id"] for edge in network.edges} == set(graph.ties["tie_id"])
    turned = ClusterGraph.build(records(graph.nodes)[::-1], records(graph.ties)[::-1])
    assert pyvis_network(turned).generate_html() == network.generate_html()


def test_clusters_colour_and_cores_ring() -> None:
    clusters = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2}
    network = pyvis_network(six_firms(), clusters=clusters, cores={"a"})
    of = {node["id"]: node for node in network.nodes}
    assert of["a"]["color"]["background"] == of["b"]["color"]["background"]
    assert of["a"]["color"]["background"] != of["d"]["color"]["background"]
    assert of["a"]["size"] > max(of[key]["size"] for key in "bcdef")
    assert of["a"]["borderWidth"] > of["b"]["borderWidth"]
    # Ties whose evidence nobody states have a line of their own.
    assert {tuple(edge["dashes"]) for edge in network.edges} == {(1, 4, 7, 4)}


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_names_are_in_the_language_asked_for(lang: str) -> None:
    label = pyvis_network(made_up_graph(), lang=lang).get_node("qarmet")["label"]
    assert label == {"en": "Qarmet", "ru": "Кармет"}.get(lang, label)


def test_it_stays_a_network_of_pyvis() -> None:
    network = pyvis_network(six_firms())
    network.add_node("new", label="New")
    network.add_edge("new", "a")
    network.toggle_physics(True)
    assert '"New"' in network.generate_html()


def test_nothing_is_a_network_too() -> None:
    assert pyvis_network(ClusterGraph.build([], [])).num_nodes() == 0
