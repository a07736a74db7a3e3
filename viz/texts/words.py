"""Findings and ties as sentences, in English, Russian and Kazakh.

Sentences avoid forms that change with a name, so any name fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from klaster.graph.core_cards import Reason
from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Cluster, LayerFinding, Member
from klaster.graph.layers import DECLARED
from klaster.viz.texts.store import (
    Nodes,
    Titles,
    fill,
    load,
    name_of,
    node_of,
    quoted,
    title_in,
    word,
)


def sentence(reason: Reason, lang: str, graph: Nodes) -> str:
    """Return one reason in words: its code names the sentence, its values fill it.

    Raises
    ------
    UnknownNameError
        For a code without a sentence, or a value the sentence needs and the reason lacks.

    Examples
    --------
    >>> sentence(Reason("embedded", {"k": 3, "members": 5, "n": 9}), "en", {})[:22]
    'It stands in a densely'
    """
    table, code = load(lang)["reason"], reason.code
    shared = reason.values.get("tied", 1)
    if f"{code}.tied" in table and isinstance(shared, int) and shared > 1:
        code = f"{code}.tied"
    return fill(word("reason", code, lang), lang, graph, **dict(reason.values))


def cluster_title(
    cluster: Cluster,
    graph: Nodes,
    lang: str,
    networks: Mapping[str, Titles] | None = None,
) -> str:
    """Return what a cluster is called.

    The title of its network, or the one experts gave it, or its number and first core: where none
    is sure, its first member.

    Examples
    --------
    >>> cluster = Cluster("joint-1", "joint", 1, (), 1.0, "", 0.0, 0.0, True)
    >>> cluster_title(cluster, {}, "en")
    'Cluster 1 (All layers together)'
    """
    if cluster.layer == DECLARED:
        titles = (networks or {}).get(cluster.network, {})
        shown = title_in(titles, lang) if titles else cluster.network or str(cluster.number)
        return shown if titles else fill(word("text", "cluster_declared", lang), lang, number=shown)
    if cluster.titles:
        return title_in(cluster.titles, lang)
    named = next(iter((*cluster.cores, *cluster.members)), None)
    if named is None or named.node_id not in graph:
        layer = word("layer", cluster.layer, lang)
        template = word("text", "cluster_found", lang)
        return fill(template, lang, number=cluster.number, layer=layer)
    core = name_of(node_of(graph, named.node_id), lang)
    return fill(word("text", "cluster_found_core", lang), lang, number=cluster.number, core=core)


def explain(
    member: Member,
    cluster: Cluster,
    graph: Nodes,
    lang: str,
    networks: Mapping[str, Titles] | None = None,
) -> str:
    """Return a short paragraph: is the member core, and why.

    Examples
    --------
    >>> nodes = {"m": {"name": "Mill"}}
    >>> member = Member("m", 1.0, 1.0, 1.0, 1.0, True, False, "")
    >>> cluster = Cluster("joint-1", "joint", 1, (member,), 1.0, "", 0.0, 0.0, True)
    >>> explain(member, cluster, nodes, "en")
    'Mill is core of the cluster “Cluster 1: Mill”.'
    """
    key = "core_of" if member.is_core else "candidate_of" if member.is_candidate else "member_of"
    head = fill(
        word("text", key, lang),
        lang,
        name=quoted(name_of(node_of(graph, member.node_id), lang), lang),
        cluster=cluster_title(cluster, graph, lang, networks),
    )
    return " ".join([head, *(sentence(reason, lang, graph) for reason in member.reasons)])


def role_in_words(role: str, lang: str) -> str:
    """Return a Guimerà–Amaral role in words; empty where there is none.

    Examples
    --------
    >>> role_in_words("R6 connector hub", "en")
    'hub that connects clusters'
    """
    return word("role", role.split()[0], lang) if role.strip() else ""


def years(tie: Mapping[str, Any]) -> str:
    """Return the year or years of a tie; empty where none is stated.

    Examples
    --------
    >>> years({"year": 2003, "year_to": 2023}), years({"year_to": 2023}), years({})
    ('2003–2023', '–2023', '')
    """
    begin, end = tie.get("year"), tie.get("year_to")
    if begin is not None and end is not None and begin != end:
        return f"{begin}–{end}"
    if begin is None and end is not None:
        return f"–{end}"
    return "" if begin is None else str(begin)


def tie_in_words(
    tie: Mapping[str, Any], graph: Nodes, lang: str, *, with_source: bool = True
) -> str:
    """Return a tie (a row as a dictionary) as a sentence with what is known of it and from where.

    Examples
    --------
    >>> nodes = {"a": {"name": "Air Works"}, "b": {"name": "Mill"}}
    >>> tie_in_words({"source_id": "a", "target_id": "b", "tie_type": "SUPPLIES", "year": 2010,
    ...     "product": "oxygen", "evidence": "reported", "source": "annual report"}, nodes, "en")
    'Air Works supplies Mill (oxygen; 2010; reported; source: annual report)'
    """
    ends = {
        end: quoted(name_of(node_of(graph, str(tie[f"{end}_id"])), lang), lang)
        for end in ("source", "target")
    }
    text = load(lang)["tie"].get(str(tie["tie_type"]))
    if text is None:
        raise UnknownNameError("tie type", str(tie["tie_type"]), load(lang)["tie"])
    stated = str(text["sentence"]).format(**ends)
    details = [str(tie[key]) for key in ("product", "meaning") if tie.get(key)][:1]
    if years(tie):
        details.append(years(tie))
    if tie.get("evidence") == "not-stated":
        details.append(word("text", "evidence_unstated", lang))
    elif tie.get("evidence"):
        details.append(word("evidence", str(tie["evidence"]), lang))
    if tie.get("status") and tie["status"] != "current":
        details.append(word("status", str(tie["status"]), lang))
    if tie.get("source", "not stated") != "not stated" and with_source:
        details.append(fill(word("text", "source", lang), lang, source=str(tie["source"])))
    if not details:
        return stated
    return fill(
        word("text", "tie_details", lang), lang, sentence=stated, details="; ".join(details)
    )


def verdict(finding: LayerFinding, lang: str) -> str:
    """Return in words whether a layer shows clusters, and how sure that is.

    Examples
    --------
    >>> finding = LayerFinding("supply", "Actor", "leiden", 1, 1.0, 9, 12, 0, "dropped", 1, 0.0,
    ...     0.0, "swap", 99, 0.2, 0.1, 1.0, False, "one-community", 100, 1, 1.0)
    >>> verdict(finding, "en")
    'No significant clusters: the best partition is one single community.'
    """
    if finding.significant:
        key = "found" if finding.mean_ari >= 0.75 else "found-unstable"
        template = word("no_community", key, lang)
        return fill(template, lang, p=finding.p_value, ari=finding.mean_ari)
    reason = word("no_community", finding.reason or "not-above-chance", lang)
    return fill(word("no_community", "none", lang), lang, reason=reason)
