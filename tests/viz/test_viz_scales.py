"""What the report says of scale: a sentence a cluster, a chart, the ranges that stand still."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from math import nan

import pytest
from viz_case import HOSTILE, NETWORKS, TITLE, made_up_findings, made_up_graph

from klaster.graph.findings import Cluster, Findings, ScaleRange
from klaster.viz.report.report_page import ReportInput, report_page


def _text(scale: ScaleRange | None, parts: tuple[tuple[str, ...], ...] = ()) -> str:
    found = made_up_findings()
    changed: list[Cluster] = [
        replace(c, scale=scale, parts=parts) if c.layer == "joint" else c for c in found.clusters
    ]
    return _page(replace(found, clusters=tuple(changed)))


def _page(found: Findings) -> str:
    return report_page(ReportInput(made_up_graph(), found, TITLE, NETWORKS))


def _said(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        (ScaleRange(0.5, 2.0, False, False), "at every resolution from 0.5 to 2 (this run: 1)"),
        (ScaleRange(0.5, 2.0, False, True), "at every resolution from 0.5 to 2 (this run: 1)"),
        (ScaleRange(0.5, 2.0, True, True), "it does not depend on the resolution"),
        (ScaleRange(1.0, 1.0, False, False), "at the resolution of this run (1) only"),
        (ScaleRange(nan, nan, False, False), "Without the rules of experts it is not found"),
    ],
)
def test_each_kind_of_range_has_its_sentence(scale: ScaleRange, said: str) -> None:
    assert said in _said(_text(scale))


def test_the_parts_are_named_by_their_first_members() -> None:
    parts = (("evil", "ore"), ("linde", "ministry", "qarmet"))
    page = _text(ScaleRange(0.5, 2.0, False, False), parts)
    said = _said(page)
    assert "it divides into 2 parts more clearly than by chance: those of Qarmet" in said
    assert HOSTILE not in page
    whole = _said(_text(ScaleRange(0.5, 2.0, False, False)))
    assert "divides into" not in whole
    assert "does not divide into parts" not in whole  # six members: parts were not looked for


def test_the_chart_points_beyond_an_open_end_only() -> None:
    def corners(scale: ScaleRange) -> int:
        points = re.search(r'<polygon points="([^"]+)" class="scale-bar"', _text(scale))
        assert points is not None
        return len(points.group(1).split())

    assert corners(ScaleRange(0.5, 1.0, False, False)) == 4
    assert corners(ScaleRange(0.5, 1.0, True, False)) == 5
    assert corners(ScaleRange(0.5, 1.0, True, True)) == 6
    assert 'class="scale-bar"' not in _text(ScaleRange(nan, nan, False, False))


def test_the_ranges_of_the_whole_division_are_told() -> None:
    found = made_up_findings()
    assert "0.5–1 (2)" in _said(_page(found))
    none = replace(found, scales=(replace(found.scales[0], plateaus=()),))
    assert "At no two neighbouring resolutions" in _said(_page(none))


def test_without_a_scan_nothing_is_said() -> None:
    page = _page(replace(made_up_findings(), scales=()))
    assert 'id="scale"' not in page
    assert "Found again" not in page
    assert 'id="scale"' not in _text(None)
