"""What was found about one actor, industry or cluster, in words with numbers and sources."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, isnan, sqrt
from typing import Any

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import KlasterError, UnknownNameError
from klaster.graph.findings import Cluster, Member
from klaster.graph.layers import DECLARED
from klaster.graph.spelling import transliterated
from klaster.graph.ties_in_use import SELF_LOOP, TiesInUse, counted_ties
from klaster.results.run import Run, cluster_name, network_titles, test_of, used_in
from klaster.viz.texts.card_words import card_in_words
from klaster.viz.texts.store import (
    fill,
    name_of,
    number,
    percent,
    quoted,
    word,
)
from klaster.viz.texts.words import explain, tie_in_words, verdict

MOST_TIES = 20
"""Ties that are told of one member in one cluster."""
_NAMES = ("id", "name", "name_en", "name_ru", "name_kk", "code", "aliases")


def explanation(run: Run, name: str, lang: str) -> str:
    """Return what was found about an actor or industry (key, name or alias) or a cluster (id).

    Raises
    ------
    UnknownNameError
        Where nothing is called so; with the nearest names.
    KlasterError
        Where several are; with their keys.
    """
    for cluster in run.findings.clusters:
        if cluster.id == name:
            return "\n".join([*_cluster_lines(run, cluster, lang), *_use_lines(run, lang)])
    nodes = {str(node["id"]): node for node in records(run.case.graph.nodes)}
    key = _key(run, nodes, name)
    ties = {str(tie["tie_id"]): tie for tie in records(run.case.graph.ties)}
    called = name_of(nodes[key], lang)
    lines = [called if called == key else f"{called} ({key})"]
    found = [
        (cluster, member)
        for cluster in run.findings.clusters
        for member in cluster.members
        if member.node_id == key
    ]
    if not found:
        text = word("text", "in_no_cluster", lang)
        lines += ["", fill(text, lang, name=quoted(called, lang))]
        for finding in run.findings.layers[:1]:
            lines.append(f"{word('layer', finding.layer, lang)}: {verdict(finding, lang)}")
        lines += _tie_lines(run, list(ties), {key}, ties, lang)
    lines += _left_out_lines(run, [t for t in ties.values() if key in _ends(t)], bool(found), lang)
    shown: dict[frozenset[str], str] = {}
    for cluster, member in found:
        same = shown.setdefault(frozenset(cluster.member_ids), cluster.id)
        if same != cluster.id:
            lines += ["", f"{cluster.id} = {same}"]
            continue
        lines += ["", f"{cluster.id}: {cluster_name(cluster, run.case, lang)}"]
        lines += _member_lines(run, cluster, member, nodes, ties, lang)
    if told := list(_use_lines(run, lang)):
        lines += ["", *told]
    return "\n".join(lines)


def _ends(tie: dict[str, Any]) -> tuple[str, str]:
    return str(tie["source_id"]), str(tie["target_id"])


def _left_out_lines(
    run: Run, own: list[dict[str, Any]], in_cluster: bool, lang: str
) -> Iterator[str]:
    """Say which ties of one actor take no part in the analysis."""
    inner = load_dictionary().actor_layers()
    layers = dict(zip(run.case.graph.ties["tie_id"], run.case.graph.tie_layers, strict=True))
    between = [tie for tie in own if layers[tie["tie_id"]] in inner]
    ties = counted_ties(between, run.settings.status, run.settings.self_ties)
    if ties.left_out:
        key = "left_out_own" if ties.used or in_cluster else "left_out_all"
        yield fill(word("text", key, lang), lang, reasons=_reasons(ties, lang))


def _reasons(ties: TiesInUse, lang: str) -> str:
    named = {
        word("text", "self_loop", lang) if reason == SELF_LOOP else word("status", reason, lang): n
        for reason, n in ties.left_out.items()
    }
    return ", ".join(f"{name}: {number(n, lang)}" for name, n in named.items())


def _use_lines(run: Run, lang: str) -> Iterator[str]:
    """Say what of the whole network takes no part in the analysis or is not used."""
    ties = used_in(run)
    if ties.left_out:
        values = {"n": ties.total - ties.used, "ties": ties.total, "reasons": _reasons(ties, lang)}
        yield fill(word("text", "left_out", lang), lang, **values)
    if ties.with_amount:
        text = word("report", "amounts_unused", lang)
        yield fill(text, lang, stated=ties.with_amount, ties=ties.used)


def _key(run: Run, nodes: dict[str, dict[str, Any]], name: str) -> str:
    """Return the key that is meant by a key, or by a name in whatever spelling."""
    kinds = ("Actor", "Industry")
    if not isinstance(name, str):
        raise UnknownNameError("actor, industry or cluster", name, nodes)
    if name in nodes:
        return name
    called: dict[str, set[str]] = {}
    shown = [cluster.id for cluster in run.findings.clusters]
    for key, node in nodes.items():
        if node["kind"] in kinds:
            given = [node[column] for column in _NAMES if column in node]
            for text in (t for g in given for t in (g if isinstance(g, list) else [g])):
                called.setdefault(transliterated(text), set()).add(key)
            shown.append(str(node["name"]))
    keys = sorted(called.get(transliterated(name), ()))
    if not keys:
        raise UnknownNameError("actor, industry or cluster", name, dict.fromkeys(shown))
    if len(keys) > 1:
        raise KlasterError(f"several are called {name!r}: {', '.join(keys)}. Give the key.")
    return keys[0]


def _member_lines(
    run: Run,
    cluster: Cluster,
    member: Member,
    nodes: dict[str, dict[str, Any]],
    ties: dict[str, dict[str, Any]],
    lang: str,
) -> Iterator[str]:
    yield explain(member, cluster, nodes, lang, network_titles(run.case))
    n = len(cluster.members)
    if isnan(member.core_rank):
        yield word("report", "too_few", lang)
    elif not (member.is_core or member.is_candidate):
        ranks = {
            "rank": member.core_rank,
            "low": member.core_rank_low,
            "high": member.core_rank_high,
        }
        text = word("text", "member_rank", lang)
        yield fill(text, lang, n=n, places=ceil(sqrt(n)), **ranks)
    if not isnan(member.stability):
        yield (
            fill(word("page", "stability", lang), lang, share=percent(member.stability, lang)) + "."
        )
    for card in cluster.cards:
        if card.node_id == member.node_id:
            yield from card_in_words(card, lang, nodes, ties)
    told = sorted({tie for reason in member.reasons for tie in reason.tie_ids})
    if not told:
        told = _inner_ties(run, cluster)
    yield from _tie_lines(run, told, {member.node_id}, ties, lang)


def _inner_ties(run: Run, cluster: Cluster) -> list[str]:
    active = run.case.graph.select(node_ids=cluster.member_ids, status=run.settings.status)
    return [str(tie) for tie in active.ties["tie_id"]]


def _tie_lines(
    run: Run, told: list[str], of: set[str], ties: dict[str, dict[str, Any]], lang: str
) -> Iterator[str]:
    """Yield the ties of some nodes as sentences, each with its source."""
    mine = [t for t in told if of & {ties[t]["source_id"], ties[t]["target_id"]}]
    yield f"{word('page', 'ties', lang)}: {len(mine)}"
    for tie in mine[:MOST_TIES]:
        yield f"  {tie_in_words(ties[tie], run.case.graph, lang)}"
    if len(mine) > MOST_TIES:
        yield "  …"


def _cluster_lines(run: Run, cluster: Cluster, lang: str) -> Iterator[str]:
    yield f"{cluster_name(cluster, run.case, lang)} ({cluster.id})"
    yield fill(word("page", "members", lang), lang, n=len(cluster.members))
    finding = test_of(cluster, run.findings)
    if finding is not None:
        yield f"{word('layer', cluster.layer, lang)}: {verdict(finding, lang)}"
        yield fill(
            word("report", "sure_found", lang),
            lang,
            stability=cluster.stability,
            p=finding.p_value,
            density=cluster.density,
        )
    elif cluster.layer == DECLARED:
        yield fill(word("report", "sure_declared", lang), lang, density=cluster.density)
    graph, titles = run.case.graph, network_titles(run.case)
    if not cluster.cores:
        yield word("report", "no_core", lang)
    for member in cluster.cores:
        yield ""
        yield explain(member, cluster, graph, lang, titles)
    yield ""
    yield ", ".join(name_of(graph.node(member), lang) for member in cluster.member_ids)
