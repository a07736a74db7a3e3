"""The text of the pages: nothing from outside, all data escaped, everything said."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from viz_case import HOSTILE, NETWORKS, TITLE, made_up_findings, made_up_graph

from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Cluster, Findings, LayerFinding, Member
from klaster.graph.model import ClusterGraph
from klaster.viz.maps.region_map import areas, label_places
from klaster.viz.network.network_page import network_page
from klaster.viz.report.report_page import ReportInput, quality_page, report_page
from klaster.viz.theme.page import digest_of, json_for_script, link

SQUARE = {"type": "Polygon", "coordinates": [[[60, 45], [70, 45], [70, 50], [60, 50], [60, 45]]]}
BOUNDARIES = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {"code": "KRG"}, "geometry": SQUARE}],
}


class _Reader(HTMLParser):
    """Collects what a browser would: elements with attributes, scripts, links."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str, str]] = []
        self._script: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self._script = dict(attrs).get("type") or "code"

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts.append((self._script, data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None


def _pages() -> dict[str, str]:
    graph, findings = made_up_graph(), made_up_findings()
    given = ReportInput(
        graph,
        findings,
        TITLE,
        NETWORKS,
        settings={"engine": "leiden", "seed": 7, "keep": {"high": 0.95}, "odd setting": HOSTILE},
        quality={
            "books": [{"file": HOSTILE, "rows_in": 9, "placed": 8, "set_aside": 1,
                       "money": [{"unit": "KZT", "amount_in": 5.0, "placed": 5.0,
                                  "set_aside": 0.0}]}],
            "faults": [{"severity": "warning", "file": "ties.csv", "row": 4, "column": "value",
                        "value": HOSTILE, "problem": "odd", "remedy": "Look."}],
            "rejected": [{"file": "ties.csv", "row": 4, "column": "value", "value": "x",
                          "reason": "bad number", "remedy": "Correct it."}],
            "notes": [HOSTILE],
            "statistics": {"ties": {"parallel": 2, "units": {"t": 1}, "none": None}},
        },
        inputs={"ties.csv": "ab" * 32},
        boundaries=BOUNDARIES,
        year=2025,
        note=HOSTILE,
        version="0.1.0",
    )  # fmt: skip
    return {
        "network": network_page(graph, findings, title=TITLE, networks=NETWORKS),
        "report": report_page(given),
        "quality": quality_page(given),
    }


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return _pages()


@pytest.mark.parametrize("name", ["network", "report", "quality"])
def test_nothing_is_loaded_and_no_data_becomes_an_element(pages: dict[str, str], name: str) -> None:
    page = _Reader(pages[name])
    loading = {"src", "data", "poster", "srcset", "action", "formaction", "background"}
    for tag, attributes in page.elements:
        assert tag not in {"img", "iframe", "object", "embed", "base", "form", "audio", "video"}
        assert not loading & attributes.keys(), (tag, attributes)
        assert not [key for key in attributes if key.startswith("on")], (tag, attributes)
        if tag == "link":
            assert attributes == {"rel": "icon", "href": "data:,"}
        if tag == "a":
            href = attributes.get("href") or ""
            inside = re.match(r"(#|index\.html|network\.html|quality\.html)", href)
            assert inside or link(href) == href, href
            if not inside:
                assert attributes["rel"] == "noopener noreferrer"
    assert sum(tag == "h1" for tag, _ in page.elements) == 1
    assert "cdnjs" not in pages[name]
    assert "jsdelivr" not in pages[name]
    assert "bootstrap" not in pages[name]


@pytest.mark.parametrize("name", ["network", "report", "quality"])
def test_the_policy_admits_the_scripts_of_the_page_and_nothing_else(
    pages: dict[str, str], name: str
) -> None:
    page = _Reader(pages[name])
    policies = [a["content"] or "" for tag, a in page.elements
                if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; script-src 'sha256-")
    code = [text for kind, text in page.scripts if kind == "code"]
    assert code
    for text in code:
        assert digest_of(text) in policies[0]
    scripts = policies[0].split("script-src ")[1].split(";")[0]
    assert len(scripts.split()) == len(code)


def _data(page: str) -> dict[str, Any]:
    block = re.search(r'id="klaster-data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    found: dict[str, Any] = json.loads(block[1])
    return found


def _drawing(page: str) -> dict[str, Any]:
    block = re.search(r'id="klaster-drawing">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    found: dict[str, Any] = json.loads(block[1])
    return found


def test_a_hostile_name_survives_as_text(pages: dict[str, str]) -> None:
    assert HOSTILE not in "".join(pages.values())
    data = _data(pages["network"])
    assert {n["names"]["en"] for n in data["nodes"]} >= {HOSTILE}
    assert html.escape(HOSTILE) in pages["report"]
    assert html.escape(HOSTILE) in pages["quality"]


def test_every_parallel_tie_is_drawn_and_lies_beside_the_others(pages: dict[str, str]) -> None:
    drawing = _drawing(pages["network"])
    between = [e for e in drawing["edges"] if {e["from"], e["to"]} == {"ore", "qarmet"}]
    assert sorted(edge["id"] for edge in between) == ["t2", "t3", "t4"]
    # To the right seen from the same end; a tie the other way round bends the other way.
    sides = {
        (1 if edge["from"] == "ore" else -1)
        * (1 if edge["smooth"]["type"] == "curvedCW" else -1)
        * edge["smooth"]["roundness"]
        for edge in between
    }
    assert len(sides) == 3


def test_the_drawing_stands_still_and_shows_evidence_and_direction(pages: dict[str, str]) -> None:
    drawing = _drawing(pages["network"])
    assert drawing["options"]["physics"] == {"enabled": False}
    edges = {edge["id"]: edge for edge in drawing["edges"]}
    assert edges["t3"]["dashes"] is False
    assert edges["t2"]["dashes"] != edges["t1"]["dashes"]
    assert edges["t1"]["arrows"] == "to"
    assert edges["t4"]["arrows"] == ""
    assert edges["t7"]["color"]["opacity"] < edges["t3"]["color"]["opacity"]
    sizes = {node["id"]: node["size"] for node in drawing["nodes"]}
    assert sizes["qarmet"] == max(sizes.values())
    for node in drawing["nodes"]:
        assert isinstance(node["x"], int)
        assert isinstance(node["y"], int)


def test_layers_and_status_that_are_off_at_first(pages: dict[str, str]) -> None:
    data = _data(pages["network"])
    assert {layer["id"] for layer in data["layers"] if not layer["on"]} == {"flows", "geography"}
    assert {status["id"] for status in data["status"] if not status["on"]} == {"ended"}


def test_only_web_addresses_become_links(pages: dict[str, str]) -> None:
    ties = {tie["id"]: tie for tie in _data(pages["network"])["ties"]}
    assert [part["url"] for part in ties["t1"]["sources"]] == [
        "",
        "https://example.org/linde?a=1&b=2",
    ]
    assert [part["url"] for part in ties["t4"]["sources"]] == [""]
    assert 'href="javascript' not in pages["report"]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://", "https://a b",
     "HTTPS//x", "https://example.org/\"onclick=", "file:///etc/passwd", "http://[x"],
)  # fmt: skip
def test_other_addresses_do_not(address: str) -> None:
    assert link(address) == ""


def test_json_in_a_script_cannot_end_it() -> None:
    text = json_for_script({"a": "</script>\u2028<!--", "nan": float("nan")})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script>\u2028<!--", "nan": None}


def test_the_report_says_who_is_core_why_and_on_which_sources(pages: dict[str, str]) -> None:
    report = pages["report"]
    for text in (
        "Steel &amp; Co network",
        "Сеть стали",
        "Why Qarmet",
        "Почему Кармет",
        "It carries the largest share of the ties inside the cluster: 50%",
        "Linde Gas supplies Qarmet (oxygen; 2010;",
        'href="https://example.org/linde?a=1&amp;b=2"',
        "page 4",
        "No significant clusters: the best partition is one single community.",
        "ESTIMATED. These amounts were computed from other data.",
        "SYNTHETIC data, made up",
        "owns Qarmet, wholly or in part (1995–2023;",
        'href="network.html#node=qarmet"',
    ):
        assert text in report, text


def test_the_report_counts_what_takes_part(pages: dict[str, str]) -> None:
    """8 of the 11 ties join organisations; one of them has ended."""
    assert "8 organisations and 8 ties between them; in the analysis: 7 ties." in pages["report"]
    assert "8 организаций и 8 связей между ними; в расчёте – 7 связей." in pages["report"]


def test_clusters_that_are_not_significant_are_not_told_of() -> None:
    findings = made_up_findings()
    layer = findings.layers[0]
    weak = Findings(
        (LayerFinding(**{**layer.__dict__, "significant": False, "reason": "not-above-chance"}),),
        tuple(
            Cluster(**{**cluster.__dict__, "significant": cluster.layer == "declared"})
            for cluster in findings.clusters
        ),
    )
    graph = made_up_graph()
    report = report_page(ReportInput(graph, weak, TITLE, NETWORKS))
    assert "No significant clusters were found in all layers together." in report
    assert 'id="joint-1"' not in report
    assert 'id="declared-steel"' in report
    data = _data(network_page(graph, weak, title=TITLE))
    assert [cluster["id"] for cluster in data["clusters"]] == ["declared-steel"]


def test_an_empty_case_has_pages_too() -> None:
    graph, nothing = ClusterGraph.build([], []), Findings((), ())
    assert "Nothing" in report_page(ReportInput(graph, nothing, "Empty"))
    assert _data(network_page(graph, nothing, title="Empty"))["nodes"] == []


def test_a_large_case_is_drawn_in_part_and_says_so() -> None:
    nodes = [
        {"id": f"n{k:03d}", "kind": "Actor", "name": f"Firm {k}", "actor_type": "Firm",
         "sphere": "business"} for k in range(60)
    ]  # fmt: skip
    ties = [
        {"tie_id": f"t{k}", "source_id": f"n{k:03d}", "target_id": "n059", "tie_type": "SUPPLIES",
         "evidence": "synthetic", "source": "made up"} for k in range(40, 59)
    ]  # fmt: skip
    page = network_page(ClusterGraph.build(nodes, ties), Findings((), ()), title="x", max_nodes=20)
    data = _data(page)
    assert data["limited"]
    assert data["all_nodes"] == 60
    assert [node["id"] for node in data["nodes"]] == [f"n{k:03d}" for k in range(40, 60)]


def test_a_reason_without_a_sentence_stops_the_page() -> None:
    from klaster.graph.core_cards import Reason

    odd = Member("qarmet", 1.0, 1.0, 1.0, 1.0, True, False, "", {}, (Reason("odd"),))
    findings = Findings((), (Cluster("declared-x", "declared", 1, (odd,), 1.0, "x", 1, 0, True),))
    with pytest.raises(UnknownNameError, match="odd"):
        network_page(made_up_graph(), findings, title="x")
    with pytest.raises(UnknownNameError, match="odd"):
        report_page(ReportInput(made_up_graph(), findings, "x"))


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="en, kk, ru"):
        network_page(made_up_graph(), Findings((), ()), title="x", languages=("en", "de"))


def test_writing_pages_leaves_nothing_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """pyvis by itself copies ``lib/`` there, and prints."""
    monkeypatch.chdir(tmp_path)
    network_page(made_up_graph(), made_up_findings(), title=TITLE)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")


def test_the_map_keeps_shape_and_labels_apart() -> None:
    def square(code: str, x: float, y: float, side: float) -> dict[str, Any]:
        ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
        return {"properties": {"code": code},
                "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]}}  # fmt: skip

    features = [square("city", 4.9, 4.9, 0.1), square("land", 0, 0, 10), square("next", 10, 0, 10)]
    shapes, width, height = areas({"features": features}, width=400)
    assert [shape.code for shape in shapes] == ["land", "next", "city"]
    # 20 degrees by 10 at 5 degrees north: a degree of longitude is cos 5° of one of latitude.
    assert height / width == pytest.approx(10 / (20 * 0.99619), rel=1e-3)
    places = label_places(shapes)
    near = [(abs(places[a][0] - places[b][0]), abs(places[a][1] - places[b][1]))
            for a, b in (("land", "city"), ("land", "next"), ("next", "city"))]  # fmt: skip
    assert all(dx >= 46 or dy >= 17 for dx, dy in near)


def test_a_map_without_regions_is_left_out() -> None:
    assert areas({"features": []}) == ((), 0.0, 0.0)
