"""The report and the quality page: what was found, in words and tables, in every language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.findings import Cluster, Findings, LayerFinding, Member, Reason
from klaster.graph.model import ClusterGraph
from klaster.viz.maps.region_map import TINY, areas, label_places
from klaster.viz.network.network_page import is_active, told_clusters
from klaster.viz.report.evidence_sections import Judgement
from klaster.viz.report.resolution_section import Scales
from klaster.viz.texts.method_words import (
    held_against_chance,
    is_another_quality,
    method_in_words,
    objective_named,
    quality_shown,
)
from klaster.viz.texts.words import (
    LANGUAGES,
    Titles,
    cluster_title,
    fill,
    messages,
    name_of,
    number,
    percent,
    probability,
    role_in_words,
    sentence,
    shortened,
    tie_in_words,
    title_in,
    verdict,
    word,
)
from klaster.viz.theme.page import asset, environment, palette, policy, source_parts

if TYPE_CHECKING:
    from markupsafe import Markup

_CHART_ROWS = 12
_QUALITY_LISTS = ("faults", "rejected", "notes", "dropped_columns")


@dataclass(frozen=True)
class ReportInput:
    """Everything the report is made of.

    Attributes
    ----------
    graph
        The whole graph, with the ties left out of the analysis.
    findings
        Clusters and cores.
    titles
        Title of the case, one text or one a language.
    networks
        Title by language of each declared network.
    settings
        Settings of the analysis by name; shown as they are.
    quality
        ``QualityReport.to_dict()`` of the loader.
    inputs
        SHA-256 digest of each input file.
    sources
        Full text of a short reference.
    boundaries
        GeoJSON feature collection of the regions, each with a property ``code``.
    year
        Reference year of the case.
    note
        Remark of the case's author.
    version
        Version of klaster.
    languages
        Languages of the page, the first one shown at the start.
    network_page, quality_page
        Addresses of the other pages, beside this one.
    """

    graph: ClusterGraph
    findings: Findings
    titles: Titles | str
    networks: Mapping[str, Titles] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Any] | None = None
    boundaries: Mapping[str, Any] | None = None
    year: int | None = None
    note: str = ""
    version: str = ""
    languages: Sequence[str] = LANGUAGES
    network_page: str = "network.html"
    quality_page: str = "quality.html"


class Texts:
    """Texts in all languages of a page at once, each marked with its language."""

    def __init__(self, languages: Sequence[str], nodes: Mapping[str, Mapping[str, Any]]) -> None:
        self.languages, self.nodes = languages, nodes

    def each(self, text: Callable[[str], str], tag: str = "span") -> Markup:
        """Return a text in each language; once only where it is the same in all."""
        from markupsafe import Markup, escape

        found = {lang: text(lang) for lang in self.languages}
        if len(set(found.values())) == 1:
            only = escape(next(iter(found.values())))
            return only if tag == "span" else Markup("<{0}>{1}</{0}>").format(Markup(tag), only)
        return Markup("").join(
            Markup('<{0} lang="{1}" data-l="{1}">{2}</{0}>').format(Markup(tag), lang, shown)
            for lang, shown in found.items()
        )

    def say(self, table: str, key: str, **values: Any) -> Markup:
        """Return a message in each language; a value may be a function of the language."""
        return self.each(lambda lang: self._filled(table, key, lang, values))

    def _filled(self, table: str, key: str, lang: str, values: Mapping[str, Any]) -> str:
        plain = {k: v(lang) if callable(v) else v for k, v in values.items()}
        return fill(word(table, key, lang), lang, self.nodes, **plain)

    def word(self, table: str, key: str) -> Markup:
        """Return one word; a key there is no word for is shown as it is."""
        return self.each(lambda lang: str(messages(lang)[table].get(key, key)))

    def number(self, value: float | None, digits: int | None = None) -> Markup:
        """Return a number as each language writes it."""
        return self.each(lambda lang: "–" if value is None else number(value, lang, digits))

    def percent(self, value: float) -> Markup:
        """Return a share as each language writes it."""
        return self.each(lambda lang: percent(value, lang))

    def name(self, node_id: str) -> Markup:
        """Return a node's name in each language."""
        node = self.nodes[node_id]
        return self.each(lambda lang: name_of(node, lang))

    def svg(self, text: Callable[[str], str], x: float, y: float, attributes: str = "") -> Markup:
        """Return ``<text>`` elements of a drawing, one a language."""
        from markupsafe import Markup

        return Markup("").join(
            Markup('<text x="{}" y="{}" lang="{}" data-l="{}" {}>{}</text>').format(
                x, y, lang, lang, Markup(attributes), text(lang)
            )
            for lang in self.languages
        )


class _View:
    """What the report's template shows, computed once."""

    def __init__(self, given: ReportInput) -> None:
        self.given, self.findings = given, given.findings
        self.nodes = {str(node["id"]): node for node in records(given.graph.nodes)}
        self.t = Texts(given.languages, self.nodes)
        dictionary = load_dictionary()
        layers = given.graph.tie_layers.tolist()
        rows = zip(records(given.graph.ties), layers, strict=True)
        self.all_ties = {tie["tie_id"]: {**tie, "layer": layer} for tie, layer in rows}
        inner = dictionary.actor_layers()
        self.ties = {
            key: tie
            for key, tie in self.all_ties.items()
            if tie["layer"] in inner
            and self._kind(tie["source_id"]) == self._kind(tie["target_id"]) == "Actor"
        }
        self.active = {key: tie for key, tie in self.ties.items() if is_active(tie)}
        self.colours = palette()
        self.judgement = Judgement(self.findings, self.t, self.nodes, self.all_ties, self.title)
        self.scales = Scales(self.findings, self.t, self.nodes, self._title_in)

    def _kind(self, node_id: str) -> str:
        return str(self.nodes[node_id]["kind"])

    # -- the head ------------------------------------------------------------------------------

    def lead(self) -> list[Markup]:
        """Say in three sentences what was found."""
        actors = sum(node["kind"] == "Actor" for node in self.nodes.values())
        t = self.t
        found = [
            t.say(
                "report", "lead_size", actors=actors, ties=len(self.ties), active=len(self.active)
            )
        ]
        joint = self.joint
        if joint is not None and joint.significant:
            found.append(self._lead_found(joint))
        elif actors:
            found.append(t.say("report", "lead_none", reason=self._no_cluster_reason))
        names = list(dict.fromkeys(m.node_id for c in self.clusters for m in c.cores))
        if names:
            found.append(
                t.say(
                    "report",
                    "lead_core",
                    names=lambda lang: ", ".join(name_of(self.nodes[n], lang) for n in names[:10]),
                )
            )
        elif self.clusters:
            found.append(t.say("report", "lead_no_core"))
        return found

    def _lead_found(self, joint: LayerFinding) -> Markup:
        """Say what was found and tested; then, where rules changed it, what they made of it."""
        test = partial(held_against_chance, joint)
        experts = self.findings.experts
        if experts is None or not experts.changed:
            return self.t.say("report", "lead_found", clusters=joint.cluster_count, test=test)
        return self.t.say(
            "report",
            "lead_held",
            clusters=joint.cluster_count,
            test=test,
            held=experts.cluster_count,
            q=lambda lang: number(experts.modularity, lang, 2),
        )

    def _no_cluster_reason(self, lang: str) -> str:
        code = self.joint.reason if self.joint is not None else "no-ties"
        return word("no_community", code or "not-above-chance", lang)

    @property
    def joint(self) -> LayerFinding | None:
        """The finding of all layers together, or None."""
        return next((f for f in self.findings.layers if f.layer == "joint"), None)

    def no_joint(self) -> Markup:
        """Say that nothing was found in all layers together, and why."""
        return self.t.say("report", "found_none", reason=self._no_cluster_reason)

    def found_intro(self) -> Markup:
        """Say what the clusters found in all layers together are."""
        held = self.findings.is_held("joint")
        return self.t.say("report", "found_intro_held" if held else "found_intro")

    def no_core(self, cluster: Cluster) -> Markup:
        """Say why nobody is core: too few to rank, or none surely so."""
        ranked = any(not math.isnan(member.core_rank) for member in cluster.members)
        return self.t.say("report", "no_core" if ranked else "too_few")

    def is_synthetic(self) -> bool:
        """Whether anything in the case is made up."""
        rows = [*self.nodes.values(), *self.all_ties.values()]
        return any(row.get("evidence") == "synthetic" for row in rows)

    # -- clusters ------------------------------------------------------------------------------

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """The clusters that may be told of: declared first, then found in all layers."""
        told = told_clusters(self.findings)
        return tuple(
            [c for c in told if c.layer == "declared"] + [c for c in told if c.layer == "joint"]
        )

    def clusters_of(self, layer: str) -> list[Cluster]:
        """Return the clusters of one layer that may be told of."""
        return [c for c in told_clusters(self.findings) if c.layer == layer]

    def title(self, cluster: Cluster) -> Markup:
        """Return what a cluster is called."""
        return self.t.each(partial(self._title_in, cluster))

    def _title_in(self, cluster: Cluster, lang: str) -> str:
        return cluster_title(cluster, self.nodes, lang, self.given.networks)

    def network_title(self, network: str) -> Markup:
        """Return what a declared network is called."""
        titles = self.given.networks.get(network, {})
        return self.t.each(lambda lang: title_in(titles, lang) if titles else network)

    def namer(self, node_id: str) -> Callable[[str], str]:
        """Return a node's name as a function of the language."""
        return lambda lang: name_of(self.nodes[node_id], lang)

    def link(self, node_id: str) -> str:
        """Return the address of a node on the network page."""
        return f"{self.given.network_page}#node={quote(node_id, safe='')}"

    def sureness(self, cluster: Cluster) -> list[Markup]:
        """Say how sure a cluster is."""
        t = self.t

        def density(lang: str) -> str:
            return number(cluster.density, lang, 2)

        more = [*self.judgement.sureness(cluster), *self.scales.sureness(cluster)]
        if cluster.layer == "declared":
            return [t.say("report", "sure_declared", density=density), *more]
        p = next((f.p_value for f in self.findings.layers if f.layer == cluster.layer), math.nan)
        said = [
            t.say(
                "report",
                "sure_held" if self.findings.is_held(cluster.layer) else "sure_found",
                stability=lambda lang: percent(cluster.stability, lang),
                p=lambda lang: probability(p, lang),
                density=density,
            )
        ]
        if cluster.network and cluster.network_share >= 0.5:
            titles = self.given.networks.get(cluster.network, cluster.network)
            said.append(
                t.say(
                    "report",
                    "mostly",
                    share=lambda lang: percent(cluster.network_share, lang),
                    network=lambda lang: title_in(titles, lang),
                )
            )
        return [*said, *more]

    def explained(self, cluster: Cluster) -> list[Member]:
        """Return the cores and candidates, cores first."""
        some = [m for m in cluster.members if m.is_core or m.is_candidate]
        return sorted(some, key=lambda m: (not m.is_core, m.core_rank, m.node_id))

    def why(self, member: Member) -> dict[str, Any]:
        """Return the reasons of a member, and the ties they rest on, each with a number."""
        numbers: dict[str, int] = {}
        reasons = []
        for reason in member.reasons:
            for tie in reason.tie_ids:
                if tie in self.all_ties:
                    numbers.setdefault(tie, len(numbers) + 1)
            reasons.append(
                {
                    "text": self._sentence(reason),
                    "numbers": _ranges([numbers[t] for t in reason.tie_ids if t in numbers]),
                }
            )
        return {
            "reasons": reasons,
            "ties": [self.tie(self.all_ties[tie]) for tie in numbers],
        }

    def _sentence(self, reason: Reason) -> Markup:
        return self.t.each(lambda lang: sentence(reason, lang, self.nodes))

    def tie(self, tie: Mapping[str, Any]) -> dict[str, Any]:
        """Return a tie in words, with its sources."""
        return {
            "text": self.t.each(
                lambda lang: tie_in_words(tie, self.nodes, lang, with_source=False)
            ),
            "sources": source_parts(tie.get("source"), self.given.sources),
            "locator": tie.get("locator", ""),
            "active": is_active(tie),
        }

    def rank_text(self, member: Member, cluster: Cluster) -> Markup:
        """Return rank and interval of a member."""
        return self.t.say(
            "report",
            "rank_of",
            rank=member.core_rank,
            low=member.core_rank_low,
            high=member.core_rank_high,
            n=len(cluster.members),
        )

    def member_row(self, member: Member) -> dict[str, Any]:
        """Return one line of the table of members."""
        node, t = self.nodes[member.node_id], self.t
        ranked = not math.isnan(member.core_rank)
        return {
            "id": member.node_id,
            "name": t.name(member.node_id),
            "sphere": t.word("sphere", str(node.get("sphere", ""))),
            "rank": t.number(member.core_rank),
            "interval": t.each(
                lambda lang: (
                    f"{number(member.core_rank_low, lang)}–{number(member.core_rank_high, lang)}"
                    if ranked
                    else "–"
                )
            ),
            "stability": t.percent(member.stability),
            "role": t.each(lambda lang: role_in_words(member.role, lang)),
            **self.judgement.member_row(member),
            "core": t.word(
                "report", "yes" if member.is_core else "perhaps" if member.is_candidate else "no"
            ),
        }

    def chart(self, cluster: Cluster) -> Markup | None:
        """Draw the ranks of the first members with their intervals."""
        from markupsafe import Markup

        rows = [m for m in cluster.members if not math.isnan(m.core_rank)][:_CHART_ROWS]
        n = len(cluster.members)
        if len(rows) < 2:
            return None
        left, right, top, step = 280.0, 695.0, 24.0, 24.0

        def x(rank: float) -> float:
            return round(left + (rank - 1) / max(n - 1, 1) * (right - left), 1)

        places = math.ceil(math.sqrt(n))
        bottom = top + step * len(rows)
        parts = [
            Markup('<rect x="{}" y="{}" width="{}" height="{}" class="core-zone"/>').format(
                left - 8, top - 4, round(x(places) - left + 16, 1), bottom - top + 4
            )
        ]
        marks = sorted({1, places, n, *range(5, n, 5 if n <= 40 else 10)})
        for mark in marks:
            if mark not in (1, places, n) and min(abs(x(mark) - x(m)) for m in (1, places, n)) < 22:
                continue
            parts.append(
                Markup('<text x="{}" y="{}" class="tick">{}</text>').format(x(mark), top - 9, mark)
            )
        for k, member in enumerate(rows):
            y = top + step * k + step / 2
            kind = "is-core" if member.is_core else "is-candidate" if member.is_candidate else ""
            parts.append(
                self.t.svg(
                    partial(self._label, member.node_id),
                    left - 18,
                    y + 4.5,
                    f'class="label {kind}"',
                )
            )
            parts.append(
                Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="interval {}"/>').format(
                    x(member.core_rank_low), x(member.core_rank_high), y, y, kind
                )
            )
            parts.append(
                Markup('<circle cx="{}" cy="{}" r="5" class="dot {}"/>').format(
                    x(member.core_rank), y, kind
                )
            )
        return Markup('<svg class="chart" viewBox="0 0 720 {}" role="img">{}</svg>').format(
            bottom + 6, Markup("").join(parts)
        )

    def _label(self, node_id: str, lang: str) -> str:
        return shortened(name_of(self.nodes[node_id], lang), 28)  # bold Cyrillic, 262 units

    def evidence_mix(self, members: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Count the ties in force (among some members) by class of evidence."""
        inside = None if members is None else set(members)
        counts = Counter(
            tie["evidence"]
            for tie in self.active.values()
            if inside is None or (tie["source_id"] in inside and tie["target_id"] in inside)
        )
        total = sum(counts.values())
        return [
            {
                "key": term,
                "name": self.t.word("evidence", term),
                "count": self.t.number(counts[term]),
                "share": self.t.percent(counts[term] / total),
                "width": round(100 * counts[term] / total, 2),
            }
            for term in load_dictionary().terms("evidence")
            if counts[term]
        ]

    # -- layers, agreement, map, table -------------------------------------------------------------

    def layer_rows(self) -> list[dict[str, Any]]:
        """Return one line for each layer that was searched."""
        return [self._layer_row(finding) for finding in self.findings.layers]

    def _layer_row(self, finding: LayerFinding) -> dict[str, Any]:
        t = self.t

        other = is_another_quality(finding)

        def by_chance(lang: str) -> str:
            mean = quality_shown(finding, finding.null_mean, lang, 3)
            return f"{mean} ± {number(finding.null_sd, lang, 3)}"

        def said(lang: str) -> str:
            told = verdict(finding, lang)
            if not other:
                return told
            value = quality_shown(finding, finding.observed, lang, 3)
            name = objective_named(finding, lang)
            tested = word("report", "tested_value", lang)
            return f"{fill(tested, lang, value=value, name=name, null=by_chance(lang))} {told}"

        name = t.word("layer", finding.layer)
        if self.findings.is_held(finding.layer):
            name = t.say("report", "layer_free", layer=partial(word, "layer", finding.layer))
        return {
            "name": name,
            "nodes": t.number(finding.node_count),
            "ties": t.number(finding.tie_count),
            "clusters": t.number(finding.cluster_count),
            "q": t.number(finding.modularity, 3),
            "null": "–" if other else t.each(by_chance),
            "p": t.each(partial(probability, finding.p_value)),
            "significant": finding.significant,
            "verdict": t.each(said),
        }

    def agreement(self) -> dict[str, Any] | None:
        """Cross declared networks with the clusters found in all layers together."""
        declared, found = self.clusters_of("declared"), self.clusters_of("joint")
        if not declared or not found:
            return None
        home = {node: cluster.id for cluster in found for node in cluster.member_ids}
        tied = {t[end] for t in self.active.values() for end in ("source_id", "target_id")}
        counts = {
            network.id: Counter(
                home.get(node, "elsewhere" if node in tied else "unplaced")
                for node in network.member_ids
            )
            for network in declared
        }
        total: Counter[str] = Counter()
        for count in counts.values():
            total.update(count)
        shown = [c for c in found if total[c.id] > 0][:8]
        rest = [c.id for c in found if c not in shown]
        rows, said = [], []
        for network in declared:
            count = counts[network.id]
            elsewhere = count["elsewhere"] + sum(count[key] for key in rest)
            cells = [count[c.id] for c in shown] + [elsewhere, count["unplaced"]]
            rows.append(
                {"name": self.title(network), "cells": cells, "total": len(network.members)}
            )
            placed = len(network.members) - count["unplaced"]
            if shown and placed:
                best = max(shown, key=lambda c: (count[c.id], -c.number))
                said.append(self._best_home(network, best, count[best.id] / placed))
        return {
            "columns": [
                {"id": c.id, "name": self.t.say("page", "area", n=c.number)} for c in shown
            ],
            "rows": rows,
            "said": said,
        }

    def _best_home(self, network: Cluster, best: Cluster, share: float) -> Markup:
        networks = self.given.networks
        return self.t.say(
            "report",
            "agreement_best",
            network=lambda lang: cluster_title(network, self.nodes, lang, networks),
            share=partial(percent, share),
            cluster=lambda lang: cluster_title(best, self.nodes, lang),
        )

    def map(self) -> dict[str, Any] | None:
        """Draw the regions with the number of organisations and cores in each."""
        if not self.given.boundaries:
            return None
        shapes, width, height = areas(self.given.boundaries)
        if not shapes:
            return None
        actors = Counter(
            str(node.get("region", "")) for node in self.nodes.values() if node["kind"] == "Actor"
        )
        core_ids = {m.node_id for c in self.clusters for m in c.cores}
        cores = Counter(str(self.nodes[node].get("region", "")) for node in core_ids)
        names = {n["code"]: str(n["id"]) for n in self.nodes.values() if n["kind"] == "Region"}
        most = max([actors[s.code] for s in shapes] or [1]) or 1
        places = label_places(shapes)
        known = sum(actors[s.code] for s in shapes)

        def shade(code: str) -> int:
            return 0 if not actors[code] else 1 + min(4, int(5 * math.sqrt(actors[code] / most)))

        return {
            "width": width,
            "height": height,
            "areas": [
                {
                    "path": s.path,
                    "shade": shade(s.code),
                    "tiny": s.size < TINY,
                    "cx": s.x,
                    "cy": s.y,
                    "x": places[s.code][0],
                    "y": places[s.code][1],
                    "label": f"{actors[s.code]}" + (f" ({cores[s.code]})" if cores[s.code] else ""),
                    "dark": shade(s.code) >= 4 and s.size >= TINY,
                }
                for s in shapes
            ],
            "rows": [
                {
                    "name": self.t.name(names[s.code]) if s.code in names else s.code,
                    "actors": self.t.number(actors[s.code]),
                    "cores": self.t.number(cores[s.code]),
                }
                for s in sorted(shapes, key=lambda s: (-actors[s.code], s.code))
            ],
            "unknown": sum(actors.values()) - known,
        }

    def table(self) -> dict[str, Any] | None:
        """Return the input–output table, a line an industry."""
        industries = [n for n in self.nodes.values() if n["kind"] == "Industry"]
        if not industries:
            return None
        flows = [tie for tie in self.all_ties.values() if tie["layer"] == "flows"]
        sold: Counter[str] = Counter()
        bought: Counter[str] = Counter()
        buyer: dict[str, tuple[float, str]] = {}
        for tie in flows:
            value = float(tie.get("value") or 0.0)
            sold[tie["source_id"]] += value  # type: ignore[assignment]
            bought[tie["target_id"]] += value  # type: ignore[assignment]
            if tie["source_id"] != tie["target_id"]:
                best = buyer.get(tie["source_id"], (-1.0, ""))
                if value > best[0]:
                    buyer[tie["source_id"]] = (value, tie["target_id"])
        t = self.t
        evidence = {str(row.get("evidence", "")) for row in [*industries, *flows]}
        first = industries[0]
        return {
            "estimated": "estimated" in evidence,
            "synthetic": "synthetic" in evidence,
            "caption": t.say(
                "report",
                "table_caption",
                name=first["table_id"],
                year=str(first.get("year", "–")),
                unit=str(first.get("unit", "–")),
            ),
            "sources": source_parts(first.get("source"), self.given.sources),
            "locator": first.get("locator", ""),
            "rows": [
                {
                    "code": node["code"],
                    "name": t.name(node["id"]),
                    "output": t.number(node.get("output"), 0),
                    "value_added": t.number(node.get("value_added"), 0),
                    "sold": t.number(float(sold[node["id"]]), 0),
                    "bought": t.number(float(bought[node["id"]]), 0),
                    "buyer": t.name(buyer[node["id"]][1]) if node["id"] in buyer else "–",
                }
                for node in sorted(
                    industries, key=lambda n: (-float(n.get("output") or 0.0), n["id"])
                )
            ],
        }

    # -- what was left out, quality, method ----------------------------------------------------

    def left_out(self) -> dict[str, Any]:
        """Return the ties that do not take part, by status."""
        ties = [tie for tie in self.ties.values() if not is_active(tie)]
        order = load_dictionary().terms("status")
        ties.sort(key=lambda tie: (order.index(tie["status"]), tie["tie_id"]))
        counts = Counter(tie["status"] for tie in ties)
        return {
            "n": len(ties),
            "by_status": [
                {"name": self.t.word("status", s), "count": counts[s]} for s in order if counts[s]
            ],
            "ties": [self.tie(tie) for tie in ties],
        }

    def method(self) -> Markup:
        """Say how communities, their significance and the ranks were computed."""
        return self.t.each(lambda lang: " ".join(method_in_words(self.findings, lang)))

    def settings(self) -> list[tuple[Markup, Markup]]:
        """Return the settings as pairs of name and value."""
        rows = []
        for key, value in self.given.settings.items():
            rows.append((self.t.word("setting", str(key)), self.t.each(self._setting(value))))
        if self.given.version and "version" not in self.given.settings:
            rows.append(
                (self.t.word("setting", "version"), self.t.each(lambda _: self.given.version))
            )
        return rows

    def _setting(self, value: Any) -> Callable[[str], str]:
        def shown(lang: str) -> str:
            def one(item: Any) -> str:
                if isinstance(item, (int, float)) and not isinstance(item, bool):
                    return number(item, lang) if abs(item) < 100000 else str(item)
                for table in ("confidence", "status", "layer"):
                    if str(item) in messages(lang)[table]:
                        return str(messages(lang)[table][str(item)])
                return str(item)

            if isinstance(value, Mapping):
                return "; ".join(f"{one(k)}: {one(v)}" for k, v in value.items()) or "–"
            if isinstance(value, (list, tuple)):
                return ", ".join(one(item) for item in value) or "–"
            return one(value)

        return shown

    def books(self) -> list[dict[str, Any]]:
        """Return rows read, placed and set aside for each file."""
        return [
            {
                "file": book.get("file", ""),
                "read": self.t.number(book.get("rows_in")),
                "placed": self.t.number(book.get("placed")),
                "aside": self.t.number(book.get("set_aside")),
                "money": book.get("money") or [],
            }
            for book in self.given.quality.get("books", [])
        ]


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers as short text: ``1–3, 7``.

    Examples
    --------
    >>> _ranges([1, 2, 3, 7])
    '1–3, 7'
    """
    runs: list[list[int]] = []
    for value in sorted(set(numbers)):
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Return nested statistics as pairs of name and text."""
    if isinstance(value, Mapping):
        pairs: list[tuple[str, str]] = []
        for key, item in value.items():
            pairs += _flat(item, f"{name} · {key}" if name else str(key))
        return pairs
    if isinstance(value, (list, tuple)):
        return [(name, ", ".join("–" if item is None else str(item) for item in value) or "–")]
    if isinstance(value, float):
        return [(name, f"{value:.6g}")]
    return [(name, "–" if value is None else str(value))]


def _render(template: str, given: ReportInput, **values: Any) -> str:
    script = asset("switch.js")
    view = _View(given)
    first = given.languages[0]
    return str(
        environment()
        .get_template(template)
        .render(
            view=view,
            t=view.t,
            given=given,
            languages=[(lang, messages(lang)["language"]) for lang in given.languages],
            first=first,
            heading=title_in(given.titles, first),
            titles=[(lang, title_in(given.titles, lang)) for lang in given.languages],
            policy=policy([script]),
            script=script,
            style=asset("base.css") + asset("report.css"),
            **values,
        )
    )


def report_page(given: ReportInput) -> str:
    """Return the report as the text of one HTML file; write it as UTF-8.

    It says for each declared network and each significant cluster found in all layers together
    who is core, why, on which ties and sources that rests and how sure it is; and for layers
    without significant clusters that there are none. All languages are in the page; it loads
    nothing.

    Parameters
    ----------
    given
        What was found and what it was found in.

    Raises
    ------
    UnknownNameError
        For a language there are no texts for, or a reason without a sentence.

    Examples
    --------
    >>> graph = ClusterGraph.build([{"id": "m", "kind": "Actor", "name": "Mill",
    ...     "actor_type": "Firm", "sphere": "business"}], [])
    >>> page = report_page(ReportInput(graph, Findings((), ()), "One mill"))
    >>> page.startswith("<!doctype html>"), "One mill" in page
    (True, True)
    """
    return _render("report.html", given)


def quality_page(given: ReportInput) -> str:
    """Return the page on the quality of the data as the text of one HTML file.

    Books (rows and amounts read, placed, set aside), faults with their next step, notes on what
    was handled, and the statistics, as :attr:`ReportInput.quality` has them.

    Examples
    --------
    >>> graph = ClusterGraph.build([], [])
    >>> given = ReportInput(graph, Findings((), ()), "x", quality={"notes": ["ties.csv is cp1251"]})
    >>> "ties.csv is cp1251" in quality_page(given)
    True
    """
    statistics = given.quality.get("statistics", {})
    return _render(
        "quality.html",
        given,
        quality={key: given.quality.get(key) or [] for key in _QUALITY_LISTS},
        statistics=[(str(subject), _flat(values)) for subject, values in statistics.items()],
    )
