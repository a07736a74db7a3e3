"""A drawing of any graph as a pyvis network: for one's own pages and notebooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from klaster.graph.model import ClusterGraph
from klaster.viz.network.drawing import MAX_NODES, build_network, choose, places_of
from klaster.viz.texts.store import name_of
from klaster.viz.theme.page import (
    environment,
    json_for_script,
    policy,
    style,
    tokens,
    vis_network,
)

if TYPE_CHECKING:
    from pyvis.network import Network

_LABELLED = (150.0, 72.0)
"""Room for a sign with its name below, on one line."""

_SCRIPT = """"use strict";
const drawing = JSON.parse(document.getElementById("drawing").textContent);
const box = document.getElementById("mynetwork");
window.network = new vis.Network(box, drawing, drawing.options);
window.network.once("afterDrawing", () => { window.network.fit(); document.body.dataset.ready = "1"; });
"""

_STYLE = """body { display: flex; flex-direction: column; height: 100vh; }
h1 { font-size: 1.1rem; padding: .6rem 1rem; overflow-wrap: anywhere; }
#mynetwork { flex: 1; min-height: 20rem; background: var(--paper); }
div.vis-tooltip { position: absolute; visibility: hidden; padding: .25rem .55rem; background: var(--ink); color: var(--paper); border-radius: 4px; max-width: 20rem; pointer-events: none; white-space: pre-line; }
"""


def pyvis_network(
    graph: ClusterGraph,
    *,
    clusters: Mapping[str, str | int] | None = None,
    cores: Collection[str] = (),
    title: str = "",
    lang: str = "en",
    max_nodes: int = MAX_NODES,
    seed: int = 1,
) -> Network:
    """Return a graph as a pyvis network, whose page loads nothing and escapes all it shows.

    Nodes stand where the network page of the report would put them: those of a cluster
    together. What is returned is pyvis's own: nodes, edges and options can still be changed, and
    ``write_html``, ``generate_html`` and ``show`` write it. Same graph, same bytes.

    Parameters
    ----------
    graph
        Any graph, or a part of one: an answer to a question, the members of a cluster.
    clusters
        Cluster of each node, by key; colours the nodes, which otherwise show their sphere.
    cores
        Keys of the nodes drawn larger and with a dark ring.
    title
        Heading of the page.
    lang
        Language of the names: ``en``, ``ru`` or ``kk``.
    max_nodes
        The most nodes drawn: cores and those with most ties.
    seed
        Of the layout.

    Returns
    -------
    pyvis.network.Network
        Directed, so that parallel ties stay apart; physics off.

    Examples
    --------
    >>> firms = [{"id": key, "kind": "Actor", "name": key.title(), "actor_type": "Firm",
    ...     "sphere": "business"} for key in ("mill", "mine")]
    >>> tie = {"tie_id": "1", "source_id": "mine", "target_id": "mill", "tie_type": "SUPPLIES",
    ...     "evidence": "reported", "source": "annual report"}
    >>> network = pyvis_network(ClusterGraph.build(firms, [tie]), cores={"mill"})
    >>> network.num_nodes(), network.num_edges(), network.get_node("mill")["label"]
    (2, 1, 'Mill')
    """
    kinds = {str(kind) for kind in graph.nodes["kind"].tolist()}
    drawn = choose(graph, cores, max_nodes, kinds)
    group = {node: str(cluster) for node, cluster in (clusters or {}).items()}
    places = places_of(drawn, group, seed, _LABELLED)
    standing = dict.fromkeys(cores, "core")
    network = build_network(drawn.nodes, drawn.ties, places, standing, title)
    series = sorted(set(group.values()), key=lambda name: (len(name), name))
    for node in drawn.nodes:
        sign = network.get_node(str(node["id"]))
        sign["label"] = sign["title"] = name_of(node, lang)
        sign["fixed"] = False
        if node["id"] in group:
            place = series.index(group[node["id"]]) % 8 + 1
            sign["color"]["background"] = tokens()["colours"]["light"][f"series-{place}"]
            sign["title"] += f"\n{group[node['id']]}"
        if node["id"] in cores:
            sign["color"]["border"], sign["borderWidth"] = tokens()["colours"]["light"]["ink"], 3
    network.toggle_physics(False)
    give_page(network)
    return network


def give_page(network: Any) -> None:
    """Have pyvis write our page: its own links to other hosts and puts names unescaped."""
    engine, templates = vis_network(), environment()
    templates.globals.update(
        json_for_script=json_for_script,
        policy=policy([engine, _SCRIPT]),
        engine=engine,
        script=_SCRIPT,
        style=style("base.css", themes=("light",)) + _STYLE,
    )
    network.templateEnv, network.path = templates, "pyvis.html"
    network.template = templates.get_template("pyvis.html")


__all__ = ["give_page", "pyvis_network"]
