"""Findings and ties in words: English, Russian and Kazakh.

All text lies in ``viz/messages/*.json``, one file a language with the same keys. Sentences avoid
forms that change with a number or a name, so any number and any name fits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Cluster, LayerFinding, Member, Reason
from klaster.graph.model import ClusterGraph

LANGUAGES = ("en", "ru", "kk")
"""The languages pages are written in; the first is shown when a page opens."""

Titles = Mapping[str, str]
"""A text by language."""

Nodes = ClusterGraph | Mapping[str, Mapping[str, Any]]
"""Where names are looked up: a graph, or its nodes as dictionaries by key (quicker)."""


def _node(nodes: Nodes, node_id: str) -> Mapping[str, Any]:
    return nodes.node(node_id) if isinstance(nodes, ClusterGraph) else nodes[node_id]


@cache
def messages(lang: str, prefix: str = "") -> dict[str, Any]:
    """Return all texts of one language, those of files whose names begin with a prefix.

    Raises
    ------
    UnknownNameError
        For a language there are no texts for.

    Examples
    --------
    >>> messages("kk")["language"]
    'Қазақша'
    """
    if lang not in LANGUAGES:
        raise UnknownNameError("language", lang, LANGUAGES)
    text = (files("klaster.viz") / "messages" / f"{prefix}{lang}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def word(table: str, key: str, lang: str) -> str:
    """Return one text: ``word("evidence", "paper", "en")``.

    Raises
    ------
    UnknownNameError
        For a table or key there is no text for.

    Examples
    --------
    >>> word("evidence", "measured", "ru")
    'измерено'
    """
    tables = messages(lang)
    if table not in tables:
        raise UnknownNameError("message table", table, tables)
    if key not in tables[table]:
        raise UnknownNameError(f"message of {table!r}", key, tables[table])
    return str(tables[table][key])


def name_of(node: Mapping[str, Any], lang: str) -> str:
    """Return a node's name in a language, else in the nearest language it has one in.

    Examples
    --------
    >>> name_of({"id": "x", "name": "Mine", "name_ru": "Рудник"}, "kk")
    'Рудник'
    """
    order = {"en": ("name_en", "name"), "ru": ("name_ru", "name"), "kk": ("name_kk", "name_ru")}
    for key in (*order.get(lang, ()), "name", "name_en", "id"):
        if node.get(key):
            return str(node[key])
    return ""


def title_in(titles: Titles | str, lang: str) -> str:
    """Return a title in a language, else in the first language it is given in.

    Examples
    --------
    >>> title_in({"en": "Mining", "ru": "Добыча"}, "kk")
    'Добыча'
    """
    if isinstance(titles, str):
        return titles
    order = {"kk": ("kk", "ru", "en"), "ru": ("ru", "en"), "en": ("en", "ru")}
    for key in (*order.get(lang, ()), *titles):
        if titles.get(key):
            return str(titles[key])
    return ""


def number(value: float, lang: str, digits: int | None = None) -> str:
    r"""Return a number as the language writes it: decimal comma and spaces in ru and kk.

    Parameters
    ----------
    value
        The number; NaN becomes an en dash.
    lang
        Language.
    digits
        Places after the decimal sign; by default as many as needed, at most three.

    Examples
    --------
    >>> number(12345.5, "en"), number(12345.5, "ru"), number(float("nan"), "en")
    ('12,345.5', '12\xa0345,5', '–')
    """
    if isinstance(value, float) and math.isnan(value):
        return "–"
    text = f"{value:,.{3 if digits is None else digits}f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    if text.startswith("-"):
        text = "−" + text[1:]
    if lang == "en":
        return text
    return text.replace(",", "\u00a0").replace(".", ",")


def shortened(text: str, limit: int) -> str:
    """Return a text cut to so many letters, the last an ellipsis where it was longer.

    Examples
    --------
    >>> shortened("Karaganda", 6), shortened("Almaty", 6)
    ('Karag…', 'Almaty')
    """
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def percent(share: float, lang: str) -> str:
    r"""Return a share as a whole percentage; a small share is never shown as zero.

    Examples
    --------
    >>> percent(0.316, "en"), percent(0.316, "ru"), percent(0.001, "en")
    ('32%', '32\xa0%', '<1%')
    """
    if math.isnan(share):
        return "–"
    sign = "%" if lang == "en" else "\u00a0%"
    if 0 < share < 0.01:
        return f"<1{sign}"
    if 0.99 < share < 1:
        return f">99{sign}"
    return f"{number(100 * share, lang, 0)}{sign}"


def probability(p: float, lang: str) -> str:
    """Return a p-value with the digits that tell something.

    Examples
    --------
    >>> probability(0.004975, "en"), probability(0.2, "ru")
    ('0.005', '0,2')
    """
    return number(p, lang, None if math.isnan(p) or p >= 0.001 else 5)


class _Words(Formatter):
    """``str.format`` whose fields say how a value is written: ``{share:percent}``."""

    def __init__(self, lang: str, graph: Nodes | None = None) -> None:
        self.lang, self.graph = lang, graph

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        if isinstance(key, str) and key not in kwargs:
            raise UnknownNameError("value of a sentence", key, kwargs)
        return super().get_value(key, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "percent":
            return percent(float(value), self.lang)
        if format_spec == "node":
            return self._node(str(value))
        if format_spec == "nodes":
            return ", ".join(self._node(part) for part in _listed(value))
        if format_spec.startswith("word-"):
            table = format_spec.removeprefix("word-")
            return ", ".join(word(table, part, self.lang).lower() for part in _listed(value))
        if format_spec:
            raise UnknownNameError("way to write a value", format_spec, ("percent", "node"))
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return str(value)
        return number(value, self.lang)

    def _node(self, node_id: str) -> str:
        if self.graph is None or node_id not in self.graph:
            return quoted(node_id, self.lang)
        return quoted(name_of(_node(self.graph, node_id), self.lang), self.lang)


def _listed(value: Any) -> list[str]:
    """Return the parts of a list, or of a text with commas or semicolons."""
    if isinstance(value, str):
        return [part.strip() for part in value.replace(";", ",").split(",") if part.strip()]
    return [str(part) for part in value]


def fill(template: str, lang: str, graph: Nodes | None = None, /, **values: Any) -> str:
    """Put values into a text, each as the language writes it.

    Examples
    --------
    >>> fill("{n} of {share:percent}", "en", n=1234, share=0.5)
    '1,234 of 50%'
    """
    return _Words(lang, graph).vformat(template, (), values)


def quoted(name: str, lang: str) -> str:
    """Return a name as it stands in a sentence: in guillemets in Russian and Kazakh.

    Examples
    --------
    >>> quoted("Qarmet", "ru"), quoted("АО «Казцинк»", "ru"), quoted("Qarmet", "en")
    ('«Qarmet»', 'АО «Казцинк»', 'Qarmet')
    """
    if "«" in name:
        return name
    return word("text", "quote", lang).format(name=name)


def sentence(reason: Reason, lang: str, graph: Nodes) -> str:
    """Return one reason in words.

    Parameters
    ----------
    reason
        Its code names the sentence, its values fill it.
    lang
        ``en``, ``ru`` or ``kk``.
    graph
        Where names of actors are looked up.

    Raises
    ------
    UnknownNameError
        For a code without a sentence, or a value the sentence needs and the reason lacks.

    Examples
    --------
    >>> graph = ClusterGraph.build([], [])
    >>> sentence(Reason("embedded", {"k": 3, "members": 5, "n": 9}), "en", graph)[:22]
    'It stands in a densely'
    """
    table, code = messages(lang)["reason"], reason.code
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

    The title of its network, or the one experts gave it, or its number and first member.

    Examples
    --------
    >>> graph = ClusterGraph.build([], [])
    >>> cluster = Cluster("joint-1", "joint", 1, (), 1.0, "", 0.0, 0.0, True)
    >>> cluster_title(cluster, graph, "en")
    'Cluster 1 (All layers together)'
    """
    if cluster.layer == "declared":
        titles = (networks or {}).get(cluster.network, {})
        shown = title_in(titles, lang) if titles else cluster.network or str(cluster.number)
        return shown if titles else fill(word("text", "cluster_declared", lang), lang, number=shown)
    if cluster.titles:
        return title_in(cluster.titles, lang)
    if not cluster.members or cluster.members[0].node_id not in graph:
        layer = word("layer", cluster.layer, lang)
        template = word("text", "cluster_found", lang)
        return fill(template, lang, number=cluster.number, layer=layer)
    core = name_of(_node(graph, cluster.members[0].node_id), lang)
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
    >>> graph = ClusterGraph.build([{"id": "m", "kind": "Actor", "name": "Mill",
    ...     "actor_type": "Firm", "sphere": "business"}], [])
    >>> member = Member("m", 1.0, 1.0, 1.0, 1.0, True, False, "")
    >>> cluster = Cluster("joint-1", "joint", 1, (member,), 1.0, "", 0.0, 0.0, True)
    >>> explain(member, cluster, graph, "en")
    'Mill is core of the cluster “Cluster 1: Mill”.'
    """
    key = "core_of" if member.is_core else "candidate_of" if member.is_candidate else "member_of"
    head = fill(
        word("text", key, lang),
        lang,
        name=quoted(name_of(_node(graph, member.node_id), lang), lang),
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
    """Return a tie as a sentence with what is known about it and where from.

    Parameters
    ----------
    tie
        A row of the tie table as a dictionary.
    graph
        Where the ends are looked up.
    lang
        Language.
    with_source
        Whether the source is named at the end.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     [{"id": i, "kind": "Actor", "name": n, "actor_type": "Firm", "sphere": "business"}
    ...      for i, n in (("a", "Air Works"), ("b", "Mill"))], [])
    >>> tie_in_words({"source_id": "a", "target_id": "b", "tie_type": "SUPPLIES", "year": 2010,
    ...     "product": "oxygen", "evidence": "reported", "source": "annual report"}, graph, "en")
    'Air Works supplies Mill (oxygen; 2010; reported; source: annual report)'
    """
    ends = {
        end: quoted(name_of(_node(graph, str(tie[f"{end}_id"])), lang), lang)
        for end in ("source", "target")
    }
    text = messages(lang)["tie"].get(str(tie["tie_type"]))
    if text is None:
        raise UnknownNameError("tie type", str(tie["tie_type"]), messages(lang)["tie"])
    stated = str(text["sentence"]).format(**ends)
    details = [str(tie[key]) for key in ("product", "meaning") if tie.get(key)][:1]
    if years(tie):
        details.append(years(tie))
    if tie.get("evidence"):
        details.append(word("evidence", str(tie["evidence"]), lang))
    if tie.get("status") and tie["status"] != "current":
        details.append(word("status", str(tie["status"]), lang))
    if tie.get("source") and with_source:
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
        return fill(
            word("no_community", key, lang),
            lang,
            p=probability(finding.p_value, lang),
            ari=number(finding.mean_ari, lang, 2),
        )
    reason = word("no_community", finding.reason or "not-above-chance", lang)
    return fill(word("no_community", "none", lang), lang, reason=reason)


def cores_in_words(members: Iterable[Member], graph: Nodes, lang: str) -> str:
    """Return the names of members, separated by commas."""
    return ", ".join(name_of(_node(graph, member.node_id), lang) for member in members)
