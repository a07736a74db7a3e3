"""The report on the data: layers, networks named in the case, map, table, what was left out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from klaster.graph.findings import Cluster, LayerFinding
from klaster.graph.layers import DECLARED, FLOWS, JOINT
from klaster.graph.ties_in_use import SELF_LOOP
from klaster.viz.maps.region_map import TINY, areas, label_places
from klaster.viz.report.contents import Section
from klaster.viz.texts.method_words import (
    is_another_quality,
    method_in_words,
    objective_named,
    quality_shown,
)
from klaster.viz.texts.store import fill, load, number, probability, word
from klaster.viz.texts.words import cluster_title, verdict
from klaster.viz.theme.page import source_parts


class DataSections(Section):
    """What was analysed, layer by layer, and what it rests on."""

    def layer_rows(self) -> list[dict[str, Any]]:
        """Return one line for each layer that was searched."""
        return [self._layer_row(finding) for finding in self.findings.layers]

    def _layer_row(self, finding: LayerFinding) -> dict[str, Any]:
        t = self.t

        other = is_another_quality(finding)
        dropped = finding.self_tie_count if finding.self_ties == "dropped" else 0

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
        alone = self.contents.only_layer if finding.layer == JOINT else ""
        if alone:
            name = t.say("layer_alone", layer=partial(word, "layer", alone))
        if self.findings.is_held(finding.layer):
            name = t.say("layer_free", layer=partial(word, "layer", finding.layer))
        return {
            "name": name,
            "nodes": t.number(finding.node_count),
            "ties": t.number(finding.tie_count - dropped),
            "clusters": t.number(finding.cluster_count),
            "q": t.number(finding.modularity, 3),
            "null": "–" if other else t.each(by_chance),
            "p": t.each(partial(probability, finding.p_value)),
            "significant": finding.significant,
            "verdict": t.each(said),
        }

    def agreement(self) -> dict[str, Any] | None:
        """Cross declared networks with the clusters found in all layers together."""
        declared, found = self.contents.clusters_of(DECLARED), self.contents.clusters_of(JOINT)
        if not declared or not found:
            return None
        home = {node: cluster.id for cluster in found for node in cluster.member_ids}
        tied = {t[end] for t in self.contents.active.values() for end in ("source_id", "target_id")}
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
            rows.append({"name": self.contents.title(network), "cells": cells})
            placed = len(network.members) - count["unplaced"]
            if shown and placed:
                best = max(shown, key=lambda c: (count[c.id], -c.number))
                said.append(self._best_home(network, best, count[best.id] / placed))
        return {
            "columns": [
                {"id": c.id, "name": self.t.of("page").say("area", n=c.number)} for c in shown
            ],
            "rows": rows,
            "said": said,
        }

    def _best_home(self, network: Cluster, best: Cluster, share: float) -> Markup:
        networks = self.given.networks
        return self.t.say(
            "agreement_best",
            network=lambda lang: cluster_title(network, self.nodes, lang, networks),
            share=share,
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
        core_ids = {m.node_id for c in self.contents.clusters for m in c.cores}
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
        flows = [tie for tie in self.contents.all_ties.values() if tie["layer"] == FLOWS]
        sold, bought = (dict.fromkeys((n["id"] for n in industries), 0.0) for _ in range(2))
        buyer: dict[str, tuple[float, str]] = {}
        for tie in flows:
            seller, target, value = tie["source_id"], tie["target_id"], float(tie.get("value") or 0)
            sold[seller] += value
            bought[target] += value
            if seller != target and value > buyer.get(seller, (-1.0, ""))[0]:
                buyer[seller] = (value, target)
        evidence = {str(row.get("evidence", "")) for row in [*industries, *flows]}
        first = industries[0]
        return {
            "estimated": "estimated" in evidence,
            "synthetic": "synthetic" in evidence,
            "first": first,
            "sources": source_parts(first.get("source"), self.given.sources),
            "sold": sold,
            "bought": bought,
            "buyer": {seller: found[1] for seller, found in buyer.items()},
            "industries": sorted(
                industries, key=lambda n: (-float(n.get("output") or 0.0), n["id"])
            ),
        }

    # -- what was left out, quality, method ----------------------------------------------------

    def left_out(self) -> dict[str, Any]:
        """Return the ties that do not take part, by status; self-loops counted by themselves."""
        by_status = dict(self.contents.counts.left_out)
        self_loops = by_status.pop(SELF_LOOP, 0)
        order = list(by_status)
        why = {key: self.contents.left_out(tie) for key, tie in self.contents.ties.items()}
        keys = sorted(
            (k for k in why if why[k] in by_status), key=lambda k: (order.index(why[k]), k)
        )
        return {
            "n": len(keys),
            "by_status": by_status,
            "self_loops": self_loops,
            "ties": [self.contents.tie(self.contents.ties[key]) for key in keys],
        }

    def method(self) -> Markup:
        """Say how communities, their significance and the ranks were computed."""
        return self.t.each(lambda lang: " ".join(method_in_words(self.findings, lang)))

    def settings(self) -> list[tuple[Markup, Markup]]:
        """Return the settings as pairs of name and value."""
        version = {"version": self.given.version} if self.given.version else {}
        return [
            (self.t.word("setting", str(key)), self.t.each(self._setting(value)))
            for key, value in {**version, **self.given.settings}.items()
        ]

    def _setting(self, value: Any) -> Callable[[str], str]:
        def shown(lang: str) -> str:
            def one(item: Any) -> str:
                if isinstance(item, (int, float)) and not isinstance(item, bool):
                    return number(item, lang) if abs(item) < 100000 else str(item)
                for table in ("confidence", "status", "layer"):
                    if str(item) in load(lang)[table]:
                        return str(load(lang)[table][str(item)])
                return str(item)

            if isinstance(value, Mapping):
                return "; ".join(f"{one(k)}: {one(v)}" for k, v in value.items()) or "–"
            if isinstance(value, (list, tuple)):
                return ", ".join(one(item) for item in value) or "–"
            return one(value)

        return shown
