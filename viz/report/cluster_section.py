"""The clusters in the report: who is core, why, on which ties, and how sure it is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from klaster.graph.dictionary import load_dictionary
from klaster.graph.findings import Cluster, Member
from klaster.graph.layers import DECLARED
from klaster.viz.charts.svg import drawing, shape
from klaster.viz.report.contents import Contents, Section
from klaster.viz.report.evidence_sections import EvidenceSections
from klaster.viz.report.resolution_section import ResolutionSection
from klaster.viz.texts.store import name_of, shortened, title_in
from klaster.viz.texts.words import role_in_words, sentence

_CHART_ROWS = 12


class ClusterSection(Section):
    """Each cluster that may be told of, with its cores, their reasons and its members."""

    def __init__(self, contents: Contents) -> None:
        super().__init__(contents)
        self.judgement, self.scales = EvidenceSections(contents), ResolutionSection(contents)

    def no_core(self, cluster: Cluster) -> Markup:
        """Say why nobody is core: too few to rank, or none surely so."""
        ranked = any(not math.isnan(member.core_rank) for member in cluster.members)
        return self.t.say("no_core" if ranked else "too_few")

    def sureness(self, cluster: Cluster) -> list[Markup]:
        """Say how sure a cluster is."""
        t, density = self.t, cluster.density
        more = [*self.judgement.sureness(cluster), *self.scales.sureness(cluster)]
        if cluster.layer == DECLARED:
            return [t.say("sure_declared", density=density), *more]
        p = next((f.p_value for f in self.findings.layers if f.layer == cluster.layer), math.nan)
        key = "sure_held" if self.findings.is_held(cluster.layer) else "sure_found"
        said = [t.say(key, stability=cluster.stability, p=p, density=density)]
        if cluster.network and cluster.network_share >= 0.5:
            titles = self.given.networks.get(cluster.network, cluster.network)
            network = partial(title_in, titles)
            said.append(t.say("mostly", share=cluster.network_share, network=network))
        return [*said, *more]

    def explained(self, cluster: Cluster) -> list[Member]:
        """Return the cores and candidates, cores first."""
        some = [m for m in cluster.members if m.is_core or m.is_candidate]
        return sorted(some, key=lambda m: (not m.is_core, m.core_rank, m.node_id))

    def why(self, member: Member) -> dict[str, Any]:
        """Return the reasons of a member, and the ties they rest on, each with a number."""
        ties = dict.fromkeys(tie for reason in member.reasons for tie in reason.tie_ids)
        known = [tie for tie in ties if tie in self.contents.all_ties]
        numbers = {tie: k for k, tie in enumerate(known, start=1)}
        reasons = [
            {
                "text": self.t.each(partial(sentence, reason, graph=self.nodes)),
                "numbers": _ranges([numbers[t] for t in reason.tie_ids if t in numbers]),
            }
            for reason in member.reasons
        ]
        return {
            "reasons": reasons,
            "ties": [self.contents.tie(self.contents.all_ties[tie]) for tie in known],
        }

    def rank_text(self, member: Member, cluster: Cluster) -> Markup:
        """Return rank and interval of a member."""
        return self.t.say(
            "rank_of",
            rank=member.core_rank,
            low=member.core_rank_low,
            high=member.core_rank_high,
            n=len(cluster.members),
        )

    def interval(self, member: Member) -> Markup:
        """Return the interval of a member's rank; a dash where it has none."""
        if math.isnan(member.core_rank):
            return Markup("–")
        return self.t.number(member.core_rank_low) + "–" + self.t.number(member.core_rank_high)

    def role(self, member: Member) -> Markup:
        """Return the role of a member in words."""
        return self.t.each(partial(role_in_words, member.role))

    def chart(self, cluster: Cluster) -> Markup | None:
        """Draw the ranks of the first members with their intervals."""
        rows = [m for m in cluster.members if not math.isnan(m.core_rank)][:_CHART_ROWS]
        n = len(cluster.members)
        if len(rows) < 2:
            return None
        left, right, top, step = 280.0, 695.0, 24.0, 24.0

        def x(rank: float) -> float:
            return round(left + (rank - 1) / max(n - 1, 1) * (right - left), 1)

        places = math.ceil(math.sqrt(n))
        bottom = top + step * len(rows)
        wide, tall = x(places) - left + 16, bottom - top + 4
        parts = [shape("rect", "core-zone", x=left - 8, y=top - 4, width=wide, height=tall)]
        ends = (1, places, n)
        for mark in sorted({*ends, *range(5, n, 5 if n <= 40 else 10)}):
            if mark in ends or min(abs(x(mark) - x(end)) for end in ends) >= 22:
                parts.append(shape("text", "tick", str(mark), x=x(mark), y=top - 9))
        for k, member in enumerate(rows):
            y = top + step * k + step / 2
            kind = "is-core" if member.is_core else "is-candidate" if member.is_candidate else ""
            low, high = x(member.core_rank_low), x(member.core_rank_high)
            label = partial(self._label, member.node_id)
            parts += [
                self.t.svg(label, left - 18, y + 4.5, f"label {kind}"),
                shape("line", f"interval {kind}", x1=low, x2=high, y1=y, y2=y),
                shape("circle", f"dot {kind}", cx=x(member.core_rank), cy=y, r=5),
            ]
        return drawing(720, bottom + 6, parts)

    def _label(self, node_id: str, lang: str) -> str:
        return shortened(name_of(self.nodes[node_id], lang), 28)  # bold Cyrillic, 262 units

    def evidence_mix(self, members: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Count the ties in force (among some members) by class of evidence."""
        inside = None if members is None else set(members)
        counts = Counter(
            tie["evidence"]
            for tie in self.contents.active.values()
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
