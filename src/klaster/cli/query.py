"""Asking a store from the command line: by name, freely, or for one actor or cluster."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from klaster.answers import Answer
from klaster.graph.errors import KlasterError
from klaster.graph.model import ClusterGraph
from klaster.graph.ties_in_use import ties_in_use
from klaster.opened_store import open_store
from klaster.results.run import AMOUNTS, notes_on_ties


def ask(
    given: str | Path,
    name: str | None,
    parameters: Iterable[str],
    cypher: str | None,
    *,
    row_limit: int,
    timeout_s: float,
    memory_mb: int,
) -> Answer:
    """Run a named query of the catalog (`OpenedStore.ask`), or a free one (`OpenedStore.query`)."""
    from klaster.queries.values import value_of_text

    if (name is None) == (cypher is None):
        raise KlasterError(
            "give either the name of a query (klaster queries lists them) or --cypher TEXT."
        )
    texts = dict(_pair(text) for text in parameters)
    with open_store(given) as store:
        if name is not None:
            return store.ask(name, texts, row_limit=row_limit, timeout_s=timeout_s)
        return store.query(
            cypher or "",
            {key: value_of_text(value) for key, value in texts.items()},
            timeout_s=timeout_s,
            memory_mb=memory_mb,
            row_limit=row_limit,
        )


def run_lines(given: str | Path, remove: str | None = None) -> list[str]:
    """Return the runs a store holds; with ``remove`` take one out first."""
    from klaster.graph.stores.embedded import EmbeddedStore
    from klaster.graph.stores.runs import run_ids, without_run

    with open_store(given) as opened:
        graph = opened.read()
        if remove is not None:
            graph = without_run(graph, remove)
            opened.store.write(graph)
            if isinstance(opened.store, EmbeddedStore) and opened.path is not None:
                opened.store.save(opened.path)
    names = {node["id"]: node["name"] for node in _nodes(graph)}
    return [f"{run}  {names.get(run, '')}" for run in run_ids(graph)] or ["no runs"]


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise KlasterError(f"--param {text!r}: give it as name=value, for example actor=qarmet.")
    return key.strip(), value


def catalog_lines(name: str | None = None) -> list[str]:
    """Return the list of the named queries, or one of them whole."""
    from klaster.graph.errors import UnknownNameError
    from klaster.queries.catalog import load_catalog

    catalog = load_catalog()
    if name is None:
        width = max(len(n) for n in catalog)
        return [f"{n:{width}}  {query.question}" for n, query in sorted(catalog.items())]
    if name not in catalog:
        raise UnknownNameError("query", name, catalog)
    query = catalog[name]
    lines = [f"{name}: {query.title}", query.question, "", "Parameters:"]
    for p in query.parameters:
        default = "needed" if p.required else f"default {p.default}"
        lines.append(f"  {p.name} ({p.type}, {default}): {p.meaning}")
    lines += ["", "Columns:"]
    lines += [f"  {c.name} ({c.type}): {c.meaning}" for c in query.columns]
    return [*lines, "", query.cypher]


def show_lines(given: str | Path, what: str | None) -> list[str]:
    """Return what the runs found; one cluster with its members; or one actor with its ties."""
    from klaster.queries.catalog import resolve_actor

    with open_store(given) as store:
        graph = store.read()
    nodes = {node["id"]: node for node in _nodes(graph)}
    runs = sorted(key for key, node in nodes.items() if node["kind"] == "Run")
    if what is None:
        lists = [_run_lines(graph, nodes, run, several=len(runs) > 1) for run in runs]
        return [line for lines in lists for line in lines] or ["no runs"]
    clusters = [key for key, node in nodes.items() if node["kind"] == "Cluster"]
    meant = [key for key in clusters if what in (key, _short(key))]
    if len(meant) > 1:
        raise KlasterError(f"several runs have a cluster {what!r}: {', '.join(meant)}. Give one.")
    if meant:
        return _cluster_lines(graph, nodes, meant[0])
    layer, dash, number = what.rpartition("-")
    found = [text for run in runs for text in nodes[run].get("layers_tested", [])]
    told = [text for text in found if text.startswith(f"{layer}: ")]
    if dash and number.isdigit() and told:
        return [f"{what} is not listed as a cluster. {text}" for text in told] + [
            "Listed are the communities of a significant layer that have three or more members."
        ]
    return _actor_lines(graph, nodes, resolve_actor(graph, what))


def _short(key: str) -> str:
    """Return the id of a cluster in its run, as ``joint-1``."""
    return key.rpartition(":")[2]


def _nodes(graph: ClusterGraph) -> list[dict[str, Any]]:
    from klaster.graph.canonical_tables import records

    return records(graph.nodes)


def _ties(graph: ClusterGraph) -> list[dict[str, Any]]:
    from klaster.graph.canonical_tables import records

    return records(graph.ties)


def _memberships(graph: ClusterGraph) -> list[dict[str, Any]]:
    rows = [t for t in _ties(graph) if t["tie_type"] == "IN_CLUSTER"]
    return sorted(rows, key=lambda t: (t["target_id"], t.get("core_rank", 1e9), t["source_id"]))


def amounts_note(graph: ClusterGraph) -> list[str]:
    """Say where ties between organisations have amounts that the analysis does not use."""
    return [note for note in notes_on_ties(ties_in_use(graph)) if note.startswith(AMOUNTS)]


def _rank(tie: dict[str, Any]) -> str:
    if "core_rank" not in tie:
        return "rank not computed"
    low, high = tie.get("core_rank_low"), tie.get("core_rank_high")
    interval = "" if low is None or high is None else f" [{low:g}–{high:g}]"
    return f"rank {tie['core_rank']:g}{interval}"


def _run_lines(graph: ClusterGraph, nodes: dict[str, Any], run: str, *, several: bool) -> list[str]:
    """Return the clusters of a run, then what was found in each layer, clusters or not."""
    lines = [f"run {run}: {nodes[run]['name']}"] if several else []
    rows = _memberships(graph)
    for key in sorted(k for k, n in nodes.items() if n.get("run_id") == run):
        cores = [
            nodes[t["source_id"]]["name"] for t in rows if t["target_id"] == key and t["is_core"]
        ]
        node = nodes[key]
        lines.append(
            f"{_short(key):24} {node['member_count']:>4} members  {node['name']}"
            f" — core: {', '.join(cores) or 'none for sure'}"
        )
    tested = nodes[run].get("layers_tested", [])
    told = [f"  {text}" for text in tested]
    return [*lines, "", "Communities by layer:", *told, *amounts_note(graph)]


def _cluster_lines(graph: ClusterGraph, nodes: dict[str, Any], key: str) -> list[str]:
    node = nodes[key]
    lines = [f"{node['name']} ({_short(key)}), {node['member_count']} members"]
    if "p_value" in node:
        lines.append(
            f"found in layer {node['layer']}, modularity {node['modularity']:.4f}, "
            f"p = {node['p_value']:.4g}, stability {node['stability']:.2f}"
        )
    else:
        lines.append("declared by the case; its membership was not found, its cores were")
    for tie in _memberships(graph):
        if tie["target_id"] == key:
            mark = "core" if tie["is_core"] else ""
            lines.append(f"  {mark:5} {_rank(tie):24} {nodes[tie['source_id']]['name']}")
    return lines


def _actor_lines(graph: ClusterGraph, nodes: dict[str, Any], key: str) -> list[str]:
    node = nodes[key]
    names = [node[k] for k in ("name_ru", "name_kk") if k in node] + node.get("aliases", [])
    lines = [node["name"], *([f"  also: {'; '.join(names)}"] if names else [])]
    lines.append(
        "  " + ", ".join(str(node[k]) for k in ("actor_type", "sphere", "region") if k in node)
    )
    for tie in _memberships(graph):
        if tie["source_id"] == key:
            cluster = nodes[tie["target_id"]]
            core = ", core" if tie["is_core"] else ""
            lines.append(f"in {cluster['name']} ({cluster['layer']}): {_rank(tie)}{core}")
            if "why" in tie:
                lines.append(f"  {tie['why']}")
    lines.append("ties:")
    for tie in _ties(graph):
        if key not in (tie["source_id"], tie["target_id"]) or tie["tie_type"] == "IN_CLUSTER":
            continue
        ends = (
            f"{nodes[tie['source_id']]['name']} {tie['tie_type']} {nodes[tie['target_id']]['name']}"
        )
        facts = [str(tie[k]) for k in ("evidence", "status", "year", "confidence") if k in tie]
        place = ", ".join(str(tie[k]) for k in ("source", "locator") if k in tie)
        lines += [f"  {ends} ({', '.join(facts)})", f"    {place}"]
    return lines
