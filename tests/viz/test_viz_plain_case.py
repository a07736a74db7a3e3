"""Pages of a case put together in memory: no folder, no titles, no places, nothing stated."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from viz_case import made_up_graph, six_firms

from klaster.graph.canonical_tables import records
from klaster.graph.case import Case
from klaster.graph.findings import Cluster, Findings, Member
from klaster.graph.model import ClusterGraph
from klaster.viz.network.network_page import network_page
from klaster.viz.report.report_page import ReportInput, quality_page, report_page


def _pages(graph: ClusterGraph) -> dict[str, str]:
    case = Case(graph=graph)
    core = Member("a", 1.0, 1.0, 1.0, 1.0, True, False, "")
    found = Findings((), (Cluster("joint-1", "joint", 1, (core,), 1.0, "", 0.5, 0.0, True),))
    given = ReportInput(
        case.graph,
        found if "a" in graph else Findings((), ()),
        case.titles,
        quality=case.report.to_dict(),
        inputs=case.input_digests,
        sources=case.sources,
        boundaries=case.boundaries,
        year=case.year,
        note=case.note,
    )
    return {
        "report": report_page(given),
        "quality": quality_page(given),
        "network": network_page(graph, given.findings, title=case.titles, sources=case.sources),
    }


def _said(page: str, lang: str) -> str:
    """What a reader of one language sees: texts of the other languages are left out."""
    page = page.partition("<main>")[2].partition("</main>")[0]
    others = "|".join({"en", "ru", "kk"} - {lang})
    page = re.sub(rf'<(\w+) lang="(?:{others})"[^>]*>.*?</\1>', "", page)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


def _data(page: str) -> dict[str, Any]:
    block = re.search(r'id="klaster-data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    found: dict[str, Any] = json.loads(block[1])
    return found


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return _pages(six_firms())


def test_six_firms_without_anything_have_all_pages(pages: dict[str, str]) -> None:
    report = pages["report"]
    assert "<title>ties</title>" in report
    assert "Reference year" not in report
    assert 'id="map"' not in report
    assert 'id="declared"' not in report
    assert 'id="table"' not in report
    assert "No files were read" in pages["quality"]
    assert "None" not in _said(report, "en")
    assert not re.search(r"\bnan\b", _said(report, "en"))
    data = _data(pages["network"])
    assert data["regions"] == []
    assert [n["id"] for n in data["nodes"]] == list("abcdef")
    assert all(tie["sources"] == [] for tie in data["ties"])


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Ties in the analysis with an amount: 4 of 7."),
        ("ru", "Связей с указанной суммой: 4 из 7, вошедших в расчёт."),
        ("kk", "Есептеуге кірген 7 байланыс ішінен сомасы көрсетілгені: 4."),
    ],
)
def test_amounts_that_are_not_used_are_said_near_the_top(
    pages: dict[str, str], lang: str, said: str
) -> None:
    text = _said(pages["report"], lang)
    assert said in text
    # Before the list of contents, which begins with what was found.
    assert pages["report"].index('id="amounts"') < pages["report"].index('href="#found"')
    assert _data(pages["network"])["amounts"] == {"stated": 4, "ties": 7}


def test_where_no_tie_has_an_amount_nothing_is_said() -> None:
    ties = [{k: v for k, v in tie.items() if k not in ("value", "unit")}
            for tie in records(six_firms().ties)]  # fmt: skip
    pages = _pages(ClusterGraph.build(records(six_firms().nodes), ties))
    assert 'id="amounts"' not in pages["report"]
    assert _data(pages["network"])["amounts"]["stated"] == 0
    # Flows of a table have amounts, and these are used.
    assert 'id="amounts"' not in report_page(
        ReportInput(made_up_graph(), Findings((), ()), "table and ties")
    )


@pytest.mark.parametrize(
    ("lang", "word"), [("en", "not stated"), ("ru", "не указано"), ("kk", "көрсетілмеген")]
)
def test_evidence_nobody_states_is_its_own_class(
    pages: dict[str, str], lang: str, word: str
) -> None:
    assert f"{word}: 7" in _said(pages["report"], lang)
    assert '<i class="not-stated"' in pages["report"]
    data = _data(pages["network"])
    assert data["evidence"] == ["not-stated"]
    others = [dashes for key, dashes in data["palette"]["dashes"].items() if key != "not-stated"]
    assert data["palette"]["dashes"]["not-stated"] not in others
    assert data["messages"][lang]["evidence"]["not-stated"] == word


def test_an_empty_case_has_pages_too() -> None:
    for page in _pages(ClusterGraph.build([], [])).values():
        assert page.startswith("<!doctype html>")
