"""What `find_clusters` gives back: tables, words, networks, files, stores; equal by content."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from two_valleys import FARMS, FEW, MILLS, QUICK, two_valleys

from klaster import case_path, read_iotable
from klaster.graph.case import Case
from klaster.graph.errors import InputError, KlasterError, UnknownNameError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.pipeline import analyze, find_clusters
from klaster.results.analysis_object import Analysis, load_results
from klaster.results.folder import OutputError

pytestmark = pytest.mark.xdist_group("front-door")  # one process finds the clusters once


@pytest.fixture(scope="module")
def found() -> Analysis:
    return find_clusters(two_valleys(), settings=QUICK)


@pytest.fixture(scope="module")
def out(found: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "out"
    found.write(folder)
    return folder


# -- the ways in ---------------------------------------------------------------------------------


def test_the_two_groups_are_found_in_a_graph(found: Analysis) -> None:
    groups = {frozenset(c.member_ids) for c in found.findings.clusters_of("joint")}
    assert groups == {frozenset(MILLS), frozenset(FARMS)}
    assert found.findings.layer("joint").significant
    assert "mill0" in {m.node_id for c in found.findings.clusters_of("joint") for m in c.cores}


def test_a_case_and_its_graph_give_the_same(found: Analysis) -> None:
    again = analyze(Case(two_valleys(), settings=QUICK))
    assert again.findings == found.findings
    assert again == replace(found, case=again.case, graph=again.graph)


def test_common_names_of_methods_are_engines() -> None:
    for name, engine in (("infomap", "map-equation"), ("louvain", "louvain-networkx")):
        found = find_clusters(two_valleys(), method=name, settings=FEW)
        assert found.settings.engine == engine
        assert {finding.engine for finding in found.findings.layers} == {engine}


def test_keywords_go_before_the_settings() -> None:
    found = find_clusters(two_valleys(), settings=FEW, seed=7, resolution=2, status=["ended"])
    assert found.settings == replace(FEW, seed=7, resolution=2.0, status=("ended",))
    # No tie ended, but a tie without a status is current: nothing takes part.
    assert found.findings.layers == ()
    for table in (found.clusters, found.members, found.cores):
        assert len(table) == 0
        assert "cluster_id" in table.columns
    assert found.findings.clusters == ()
    assert "nothing to find clusters in" in repr(found)
    assert "Mill0 is in no cluster" in found.explain("mill0")


def test_a_table_is_looked_at_by_its_flows() -> None:
    source = read_iotable(case_path("kazakhstan"))
    found = find_clusters(source, settings=FEW)
    assert [finding.layer for finding in found.findings.layers] == ["flows"]
    assert found.case.table == source.table
    assert found.findings == find_clusters(source.table, settings=FEW).findings
    assert len(found.to_networkx()) == len(source.table.codes)


def test_any_graph_of_networkx(found: Analysis) -> None:
    """Faults code-05 and own-data-07: analyze(graph) was a TypeError from pathlib."""
    undirected = find_clusters(nx.barbell_graph(6, 0), settings=FEW)
    assert {len(c.members) for c in undirected.findings.clusters_of("joint")} == {6}
    assert analyze(found.case.graph.to_networkx(), settings=QUICK).findings == found.findings
    assert analyze(found.case.graph, settings=QUICK).findings == found.findings


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (pd.DataFrame({"a": [1]}), "klaster.read_ties"),
        ("case", "klaster.analyze"),
        (None, "NoneType"),
        ({"a": "b"}, "klaster.ClusterGraph"),
    ],
)
def test_a_wrong_type_is_told_what_is_accepted(wrong: object, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        find_clusters(wrong)  # type: ignore[arg-type]


def test_wrong_settings_are_told() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'louvain'"):
        find_clusters(two_valleys(), method="louvian")
    with pytest.raises(ValueError, match="column resolution: it must lie between"):
        find_clusters(two_valleys(), resolution=-1)
    with pytest.raises(ValueError, match="workers is 0"):
        find_clusters(two_valleys(), workers=0)


# -- equal, short, picklable (faults code-02 and code-03) -------------------------------------------


def test_equal_runs_are_equal(found: Analysis) -> None:
    again = find_clusters(two_valleys(), settings=QUICK)
    assert again.findings == found.findings
    assert again == found
    assert again.case == found.case


def test_another_seed_is_another_run(found: Analysis) -> None:
    assert find_clusters(two_valleys(), settings=QUICK, seed=2) != found


def test_nothing_floods_a_notebook(found: Analysis) -> None:
    cluster = found.findings.clusters[0]
    for thing in (found, found.findings, found.case, cluster, cluster.members[0], *cluster.cards):
        assert len(repr(thing)) < 200
    assert repr(found).startswith("Analysis('ties', 13 nodes, 30 ties; joint: 2 communities, p =")
    assert "<table" in found._repr_html_()


def test_amounts_that_are_not_used_are_said(found: Analysis) -> None:
    alone = "Only the layer supply has ties: it was looked at once, as joint (all layers together)"
    said = "Amounts not used: each tie counts 1, whatever its amount (ties with one: 1 of 30)"
    assert found.notes == (alone, said)
    assert [finding.layer for finding in found.findings.layers] == ["joint"]
    assert said in found._repr_html_()
    assert found.clusters.attrs["notes"] == found.members.attrs["notes"] == [alone, said]


def test_an_analysis_pickles(found: Analysis) -> None:
    assert pickle.loads(pickle.dumps(found)) == found


# -- words ------------------------------------------------------------------------------------------


def test_a_core_is_explained_with_numbers_and_sources(found: Analysis) -> None:
    text = found.explain("mill0")
    assert "Mill0 is core of the cluster" in text
    assert "ranks up to 3 count as core" in text
    assert "source: report of mill0" in text
    assert "supply-" not in text  # the only layer with ties is looked at once, as joint


def test_who_is_not_core_is_told_why(found: Analysis) -> None:
    text = found.explain("mill1")
    assert "not its core" in text
    assert "ranks up to 3 count as core" in text
    assert "source: report of mill1" in text


@pytest.mark.parametrize("name", ["Zero & Co", "мельница", "МЕЛЬНИЦА", "MILL0", "ао мельница №1"])
def test_a_name_or_alias_in_any_spelling(found: Analysis, name: str) -> None:
    assert found.explain(name) == found.explain("mill0")


def test_a_cluster_is_explained(found: Analysis) -> None:
    text = found.explain("joint-1")
    assert "Members: 6" in text
    assert "differ from chance" in text


def test_words_in_three_languages(found: Analysis) -> None:
    assert "не его ядро" in found.explain("mill1", lang="ru")
    assert "өзегі емес" in found.explain("mill1", lang="kk")
    with pytest.raises(UnknownNameError, match="language"):
        found.explain("mill1", lang="de")


def test_who_is_in_no_cluster_is_told(found: Analysis) -> None:
    assert "Lonely is in no cluster." in found.explain("lonely")
    assert "Ties: 0" in found.explain("lonely")


def test_an_unknown_name_is_answered_with_the_nearest(found: Analysis) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Lonely'"):
        found.explain("Lonly")


def test_a_name_of_several_is_answered_with_their_keys() -> None:
    graph = two_valleys()
    nodes, ties = graph.to_pandas()
    nodes["name"] = ["Twin"] * len(nodes)
    found = find_clusters(ClusterGraph(nodes, ties), settings=FEW)
    with pytest.raises(KlasterError, match="several are called 'Twin': farm0, farm1"):
        found.explain("Twin")


# -- networks and files -------------------------------------------------------------------------------


def test_a_network_of_networkx_has_what_was_found(found: Analysis) -> None:
    network = found.to_networkx()
    member = found.cluster("joint-1").members[0]
    attributes = network.nodes[member.node_id]
    assert attributes["cluster"] == "joint-1"
    for name in ("stability", "kept_share", "core_rank", "is_core"):
        assert attributes[name] == getattr(member, name)
    assert "cluster" not in network.nodes["lonely"]
    assert found.to_networkx("supply").nodes["mill0"]["cluster"].startswith("joint-")
    with pytest.raises(UnknownNameError, match="no layer 'suply'"):
        found.to_networkx("suply")


def as_text(value: object) -> object:
    return "; ".join(value) if isinstance(value, list) else value


@pytest.mark.parametrize("suffix", ["gexf", "graphml"])
def test_gephi_and_networkx_read_every_attribute(
    found: Analysis, tmp_path: Path, suffix: str
) -> None:
    path = found.export(tmp_path / f"deep/clusters.{suffix}")
    read = {"gexf": nx.read_gexf, "graphml": nx.read_graphml}[suffix](path)
    network = found.to_networkx()
    assert set(read) == set(network)
    for node, attributes in network.nodes(data=True):
        wanted = {name: as_text(value) for name, value in attributes.items()}
        assert read.nodes[node] == wanted | {"label": attributes["name"]}
    ends = {(a, b): d for a, b, d in read.edges(data=True)}
    for source, target, key, attributes in network.edges(keys=True, data=True):
        assert ends[source, target] == {**attributes, "id": key}
    first = path.read_bytes()
    assert found.export(path).read_bytes() == first  # replaced by the same bytes


def test_what_xml_cannot_hold_does_not_break_the_file(tmp_path: Path) -> None:
    graph = two_valleys()
    nodes, ties = graph.to_pandas()
    nodes["note"] = ["<b>\x0b&"] * len(nodes)
    found = find_clusters(ClusterGraph(nodes, ties), settings=FEW)
    for reader, name in ((nx.read_gexf, "x.gexf"), (nx.read_graphml, "x.graphml")):
        assert reader(found.export(tmp_path / name)).nodes["mill0"]["note"] == "<b>\ufffd&"
    sheet = pd.read_excel(found.export(tmp_path / "x.xlsx"), sheet_name="ties")
    assert len(sheet) == len(ties)


def test_a_workbook_runs_no_formula(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    nodes, ties = two_valleys().to_pandas()
    nodes["name"] = [f"=HYPERLINK({k})" for k in range(len(nodes))]
    found = find_clusters(ClusterGraph(nodes, ties), settings=FEW)
    book = load_workbook(found.export(tmp_path / "x.xlsx"))
    assert book.sheetnames == ["clusters", "members", "cores", "ties", "notes"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    sheet = pd.read_excel(tmp_path / "x.xlsx", sheet_name="members")
    assert len(sheet) == len(found.members)
    assert sheet["core_rank"].tolist() == found.members["core_rank"].tolist()
    assert sheet["name"][0].startswith("=HYPERLINK")


def test_parquet_and_the_bulk_import(found: Analysis, tmp_path: Path) -> None:
    folder = found.export(tmp_path / "graph.parquet")
    assert ClusterGraph.from_parquet(folder) == found.graph
    assert (found.export(tmp_path / "import") / "README.txt").is_file()
    with pytest.raises(OutputError, match="there already"):
        found.export(folder)


@pytest.mark.parametrize(
    ("name", "words"), [("x.csv", ".gexf, .graphml"), ("x.kgl", "save"), ("x.png", "'.png'")]
)
def test_another_suffix_is_told_what_there_is(
    found: Analysis, tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(OutputError, match=words):
        found.export(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failed_export_leaves_what_was_there(found: Analysis, tmp_path: Path) -> None:
    (tmp_path / "x.gexf").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        found.export(tmp_path / "x.gexf")


def test_a_picture_is_one_page(found: Analysis, tmp_path: Path) -> None:
    page = found.draw(tmp_path / "pages" / "network.html")
    text = page.read_text(encoding="utf-8")
    assert "Mill0" in text
    assert "src=" not in text.partition("<script>")[0]


def test_a_pyvis_network_is_coloured_by_cluster(found: Analysis) -> None:
    network = found.to_pyvis()
    assert network.num_nodes() == len(found.case.graph)
    assert "joint-2" in network.get_node("mill0")["title"]
    assert network.get_node("mill0")["borderWidth"] == 3


def test_a_store_takes_the_run(found: Analysis, tmp_path: Path) -> None:
    report = found.save(tmp_path / "graph.kgl")
    assert report.nodes["Cluster"] == len(found.findings.clusters)
    with EmbeddedStore.open(tmp_path / "graph.kgl") as store:
        rows = store.run("MATCH (a:Actor)-[m:IN_CLUSTER]->() WHERE m.is_core RETURN a.id").rows
    assert ("mill0",) in [tuple(row) for row in rows]
    with pytest.raises(OutputError, match=r"graph.kgl.*neo4j://"):
        found.save(tmp_path / "graph.db")


# -- results read back --------------------------------------------------------------------------------


def test_results_are_read_back_equal(found: Analysis, out: Path, tmp_path: Path) -> None:
    loaded = load_results(out)
    assert loaded == found
    assert loaded.case.graph.notes == found.case.graph.notes
    for name in ("clusters", "members", "cores", "centralities"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(found, name))
    assert loaded.explain("mill0") == found.explain("mill0")
    for suffix in ("gexf", "graphml"):
        one = loaded.export(tmp_path / f"one.{suffix}").read_bytes()
        assert one == found.export(tmp_path / f"other.{suffix}").read_bytes()
    assert (
        loaded.draw(tmp_path / "x.html").read_text() == found.draw(tmp_path / "y.html").read_text()
    )
    again = loaded.write(tmp_path / "again")
    assert {p.name: p.read_bytes() for p in again.values() if p.suffix in {".csv", ".html"}} == {
        p.name: p.read_bytes() for p in out.iterdir() if p.suffix in {".csv", ".html"}
    }


def test_the_graph_lies_there_for_other_programs(found: Analysis, out: Path) -> None:
    network = nx.read_graphml(out / "graph.graphml")
    assert set(network) == set(found.graph.node_ids.tolist())


@pytest.mark.parametrize("lost", ["run.json", "findings.json", "graph/nodes.parquet"])
def test_results_that_lack_a_file_are_refused(out: Path, tmp_path: Path, lost: str) -> None:
    import shutil

    folder = tmp_path / "out"
    shutil.copytree(out, folder)
    (folder / lost).unlink()
    with pytest.raises(InputError, match="no readable results"):
        load_results(folder)
    (folder / lost).write_text("{}")
    with pytest.raises(InputError, match="no readable results"):
        load_results(folder)


def test_a_graph_without_anything_is_answered() -> None:
    found = find_clusters(ClusterGraph.build([], []), settings=QUICK)
    assert len(found.to_networkx()) == len(found.clusters) == 0
