"""What an analysis says of the ties it left out, of amounts and of what nobody observed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from two_valleys import FEW, MILLS, firm, supply, two_valleys
from typer.testing import CliRunner

from klaster import find_clusters
from klaster.cli.main import app
from klaster.cli.query import show_lines
from klaster.cli.summary import summary_lines
from klaster.graph.canonical_tables import records
from klaster.graph.case import Case
from klaster.graph.errors import InputError
from klaster.graph.findings import Cluster, Member
from klaster.graph.model import ClusterGraph
from klaster.results.analysis_object import Analysis, load_results
from klaster.results.folder import OutputError
from klaster.results.result_files import drawn_network, report_input
from klaster.results.result_tables import tie_table
from klaster.viz.report.report_page import report_page
from klaster.viz.texts.store import LANGUAGES, load
from klaster.viz.texts.words import cluster_title

pytestmark = pytest.mark.xdist_group("front-door")


def changed(**of_all: Any) -> ClusterGraph:
    """Return the two valleys, all ties with these attributes."""
    graph = two_valleys()
    return ClusterGraph(graph.nodes, graph.ties.assign(**of_all))


def more(*ties: dict[str, Any]) -> ClusterGraph:
    """Return the two valleys with some more ties."""
    graph = two_valleys()
    return ClusterGraph.build(records(graph.nodes), [*records(graph.ties), *ties])


def analysed(graph: ClusterGraph, **settings: Any) -> Analysis:
    return find_clusters(Case(graph, settings=replace(FEW, **settings)))


def report_text(found: Analysis, lang: str = "en") -> str:
    page = report_page(replace(report_input(found), languages=(lang,)))
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page))


@pytest.fixture(scope="module")
def looped() -> Analysis:
    return analysed(more(*[supply(mill, mill) for mill in MILLS]))


@pytest.fixture(scope="module")
def planned() -> Analysis:
    extra = supply("lonely", "mill0", status="planned")
    return analysed(more(extra, supply("mill5", "farm5", status="planned")))


# -- self-loops and status -----------------------------------------------------------------------


def test_self_loops_are_counted_out(looped: Analysis) -> None:
    total = len(looped.case.graph.ties)
    told = f"6 of {total} ties take no part: 6 self-loops"
    assert told in looped.notes
    assert told in summary_lines(looped)
    page = report_text(looped)
    assert f"in the analysis: {total - 6} ties" in page
    assert "Self-loops (ties of an organisation to itself) take no part: 6." in page
    assert "Nothing: every tie" not in page
    table = tie_table(looped)
    assert not table.loc[table["source_id"] == table["target_id"], "in_analysis"].any()
    assert table["in_analysis"].sum() == total - 6
    assert "self-loops: 1" in looped.explain("mill0")


def test_self_loops_that_are_kept_take_part() -> None:
    found = analysed(more(supply("mill0", "mill0")), self_ties="keep")
    assert tie_table(found)["in_analysis"].all()
    assert not any("take" in note for note in found.notes)


def test_planned_ties_are_told(planned: Analysis) -> None:
    total = len(planned.case.graph.ties)
    told = f"2 of {total} ties take no part: 2 planned"
    assert told in planned.notes
    lines = summary_lines(planned)
    assert told in lines
    assert "  a status takes part with --include, as --include planned" in lines
    assert "Of its ties, these take no part in the analysis: planned: 1." in planned.explain(
        "mill0"
    )
    assert f"2 of {total} (planned: 2)" in planned.explain("farm1")


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", "None of its ties takes part in the analysis (planned: 1)."),
        ("ru", "Ни одна из связей этой организации не входит в расчёт (планируется: 1)."),
        ("kk", "Бұл ұйымның бірде-бір байланысы есептеуге кірмейді (жоспарланған: 1)."),
    ],
)
def test_who_has_only_planned_ties_is_told_so(planned: Analysis, lang: str, told: str) -> None:
    assert told in planned.explain("lonely", lang)


def test_pages_follow_the_status_that_was_analysed(planned: Analysis) -> None:
    found = find_clusters(planned.case, status=["current", "planned"])
    total = len(found.case.graph.ties)
    assert f"in the analysis: {total} ties" in report_text(found)
    assert '"active": false' not in drawn_network(found)
    assert '"active":false' not in drawn_network(found)


# -- sources and evidence ------------------------------------------------------------------------


def test_what_is_not_stated_is_no_source() -> None:
    found = analysed(changed(source="not stated"))
    told = {lang: found.explain("mill0", lang) for lang in LANGUAGES}
    assert "not stated" not in told["en"]
    assert told["en"].count("no source is stated for its ties") == 1
    assert told["ru"].count("для связей не указан ни один источник") == 1
    assert told["kk"].count("ешқайсысына дереккөз көрсетілмеген") == 1
    cards = [card for cluster in found.findings.clusters for card in cluster.cards]
    assert cards
    assert not any(card.without_sources and card.without_sources.found for card in cards)
    assert "one source only" not in report_text(found)


@pytest.mark.parametrize("evidence", ["estimated", "synthetic"])
def test_ties_that_nobody_observed_are_a_caution(evidence: str) -> None:
    found = analysed(changed(evidence=evidence))
    total = len(found.case.graph.ties)
    told = f"Not observed: all {total} ties in the analysis are "
    assert any(note.startswith(told) for note in found.notes)
    assert any(line.startswith(told) for line in summary_lines(found))
    assert "Caution: most of its ties inside the cluster are estimated" in found.explain("mill0")
    page = report_text(found)
    assert f"NOT OBSERVED. All ties in the analysis ({total})" in page
    assert page.index("NOT OBSERVED") < page.index("Layer by layer")


# -- amounts, drawings ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> Analysis:
    return analysed(two_valleys())


def test_amounts_not_used_is_told_everywhere(found: Analysis, tmp_path: Path) -> None:
    assert "amounts not used" in repr(found)
    assert "Amounts not used" in found.explain("mill0")
    assert "Amounts not used" in found.explain("joint-1")
    found.save(tmp_path / "graph.kgl")
    assert any("Amounts not used" in line for line in show_lines(tmp_path / "graph.kgl", None))
    for line in (found.notes, summary_lines(found)):
        assert sum("mounts not used" in text for text in line) == 1
    graphml = found.export(tmp_path / "x.graphml")
    assert "Amounts not used" in nx.read_graphml(graphml).graph["notes"]
    gexf = found.export(tmp_path / "x.gexf")
    assert re.search("<description>.*Amounts not used", gexf.read_text(encoding="utf-8"))
    assert nx.read_gexf(gexf).number_of_edges() == len(found.case.graph.ties)


@pytest.mark.parametrize("name", ["network.png", "network.svg", "network"])
def test_a_drawing_is_a_page(found: Analysis, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"network\.html.*Save PNG.*export"):
        found.draw(tmp_path / name)
    assert not list(tmp_path.iterdir())
    assert found.draw(tmp_path / "network.HTM").is_file()


def test_a_name_that_is_the_key_is_said_once() -> None:
    graph = ClusterGraph.build([firm("a", name="a"), firm("b")], [supply("a", "b")])
    first = analysed(graph).explain("a").splitlines()
    assert first[0] == "a"


# -- titles, settings, names ---------------------------------------------------------------------


def test_a_cluster_is_called_after_its_first_core() -> None:
    members = tuple(
        Member(key, 1.0, float(rank), rank, rank, is_core, not is_core, "")
        for rank, (key, is_core) in enumerate([("mill0", False), ("mill1", True)], start=1)
    )
    cluster = Cluster("joint-1", "joint", 1, members, 1.0, "", 0.0, 0.0, True)
    assert cluster_title(cluster, two_valleys(), "en") == "Cluster 1: Mill1"
    nobody = replace(cluster, members=members[:1])
    assert cluster_title(nobody, two_valleys(), "en") == "Cluster 1: Mill0"


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder") as told:
        load_results(tmp_path / "nodir")
    assert "Errno" not in str(told.value)
    with pytest.raises(InputError, match=r"there is no run\.json in it"):
        load_results(tmp_path)


def test_a_name_of_a_table_is_guessed() -> None:
    result = CliRunner().invoke(app, ["io", "kazakstan"])
    assert "did you mean 'kazakhstan'" in str(result.exception)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_agree_with_any_number_and_name(lang: str) -> None:
    reasons = " ".join(load(lang)["reason"].values())
    cards = " ".join(load(lang)["card"].values())
    for odd in (
        "неё",
        "Её ",
        "{places} дейінгі",
        "{n} ішінен",
        "{n} ішінде",
        "(число:",
        "(number:",
    ):
        assert odd not in reasons + cards
