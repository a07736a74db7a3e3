"""The part of the report on scale: over which resolutions each cluster is found again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from klaster.graph.findings import LIKENESS, Cluster, ScaleFinding
from klaster.graph.layers import JOINT
from klaster.viz.charts.svg import drawing, shape
from klaster.viz.report.contents import Section
from klaster.viz.texts.store import name_of, number, shortened, word

WORTH_DIVIDING = 8
"""Of clusters with fewer members nothing is said of parts: they are not looked for."""

LABEL = 30
"""Letters of a cluster's name beside the chart."""


class ResolutionSection(Section):
    """What the report says of the resolution its clusters were found at."""

    def sureness(self, cluster: Cluster) -> list[Markup]:
        """Say over which resolutions the cluster is found again, and of what parts it is."""
        finding = self._finding(cluster.layer)
        if finding is None or cluster.scale is None:
            return []
        found = cluster.scale
        if math.isnan(found.low):
            key = "scale_never"
        elif found.open_low and found.open_high:
            key = "scale_everywhere"
        else:
            key = "scale_once" if found.low == found.high else "scale_range"
        said = [
            self.t.say(
                key,
                low=found.low,
                high=found.high,
                at=finding.resolution,
                likeness=LIKENESS,
            )
        ]
        if cluster.parts:
            said.append(
                self.t.say(
                    "scale_parts",
                    n=str(len(cluster.parts)),
                    names=partial(self._leaders, cluster),
                )
            )
        elif len(cluster.members) >= WORTH_DIVIDING:
            said.append(self.t.say("scale_whole"))
        return said

    def _leaders(self, cluster: Cluster, lang: str) -> str:
        """Name the member of each part that ranks first in the cluster, and how many it has."""
        place = {node: k for k, node in enumerate(cluster.member_ids)}
        first = [min(part, key=lambda node: place[node]) for part in cluster.parts]
        return "; ".join(
            f"{name_of(self.nodes[node], lang)} ({len(part)})"
            for node, part in sorted(
                zip(first, cluster.parts, strict=True), key=lambda pair: place[pair[0]]
            )
        )

    def section(self) -> dict[str, Any] | None:
        """Return chart and sentences on the clusters of all layers together; None without."""
        finding = self._finding(JOINT)
        clusters = [c for c in self.findings.clusters_of(JOINT) if c.scale is not None]
        if finding is None or not clusters:
            return None
        return {
            "intro": self.t.say("scale_intro", likeness=LIKENESS),
            "chart": self._chart(finding, clusters),
            "plateaus": self.t.say("scale_plateaus", ranges=partial(_ranges, finding))
            if finding.plateaus
            else self.t.say("scale_no_plateau"),
        }

    def _finding(self, layer: str) -> ScaleFinding | None:
        return next((s for s in self.findings.scales if s.layer == layer), None)

    def _chart(self, finding: ScaleFinding, clusters: Sequence[Cluster]) -> Markup:
        """Draw a bar for each cluster over the resolutions, on a logarithmic axis."""
        left, right, top, step = 290.0, 690.0, 26.0, 24.0
        lowest, highest = finding.resolutions[0], finding.resolutions[-1]
        bottom = top + step * len(clusters)

        def x(resolution: float) -> float:
            share = math.log(resolution / lowest) / math.log(highest / lowest)
            return round(left + share * (right - left), 1)

        own = x(finding.resolution)
        parts = [shape("line", "own-scale", x1=own, x2=own, y1=top - 4, y2=bottom + 4)]
        for k in range(0, len(finding.resolutions), max(1, (len(finding.resolutions) - 1) // 4)):
            at, count = finding.resolutions[k], finding.community_counts[k]
            parts.append(self.t.svg(partial(_resolution, at), x(at), top - 10, "tick"))
            parts.append(shape("text", "tick", str(count), x=x(at), y=bottom + 20))
        for key, y in (("scale_axis", top - 10), ("scale_counts", bottom + 20)):
            text = partial(word, "report", key)
            parts.append(self.t.svg(text, left - 26, y, "label"))
        for k, cluster in enumerate(clusters):
            y = top + step * k + step / 2
            shown = partial(self._label, cluster)
            parts.append(self.t.svg(shown, left - 26, y + 4.5, "label"))
            if cluster.scale is not None and not math.isnan(cluster.scale.low):
                parts.append(self._bar(x, y, cluster))
        return drawing(720, bottom + 30, parts)

    def _bar(self, x: Callable[[float], float], y: float, cluster: Cluster) -> Markup:
        found = cluster.scale
        assert found is not None  # asked by the caller
        start, end = x(found.low) - 4, x(found.high) + 4
        # An end that may go on beyond the scan points outwards.
        points = [(start, y - 5), (end, y - 5), (end, y + 5), (start, y + 5)]
        if found.open_high:
            points.insert(2, (end + 8, y))
        if found.open_low:
            points.append((start - 8, y))
        corners = " ".join(f"{round(px, 1)},{round(py, 1)}" for px, py in points)
        return shape("polygon", "scale-bar", points=corners)

    def _label(self, cluster: Cluster, lang: str) -> str:
        return shortened(self.contents.title_in(cluster, lang), LABEL)


def _ranges(finding: ScaleFinding, lang: str) -> str:
    return "; ".join(
        f"{_resolution(low, lang)}–{_resolution(high, lang)} ({count})"
        for low, high, count in sorted(finding.plateaus)
    )


def _resolution(value: float, lang: str) -> str:
    """Write a resolution with two significant digits."""
    return number(float(f"{value:.2g}"), lang)
