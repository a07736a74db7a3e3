"""docs/gds.md does what it says: every block runs, in order, and answers what the page shows."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from gds_library import CONVERGED, Library, matrix_of

from klaster.graph.dictionary import load_dictionary
from klaster.pipeline import Analysis
from klaster.results.folder import write_csv

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j-gds")]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gds.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(cypher|python)\n(.*?)```\n(?:\n((?:\|[^\n]*\n)+))?", re.DOTALL)
BLOCKS: list[tuple[str, str, str]] = BLOCK.findall(PAGE)


def build_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def loaded(gds_library: Library, gds_analysis: Analysis) -> Iterator[Library]:
    gds_library.hold(gds_analysis.graph)
    yield gds_library
    with gds_library.access.store() as store:
        assert store.read() == gds_analysis.graph  # whatever was done, nothing was written back


def test_every_block_runs_and_answers_what_the_page_shows(
    loaded: Library,
    gds_analysis: Analysis,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    docs = build_docs()
    (tmp_path / "out" / "kazakhstan").mkdir(parents=True)
    write_csv(gds_analysis.centralities, tmp_path / "out" / "kazakhstan" / "centralities.csv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEO4J_PASSWORD", loaded.access.password)
    assert [language for language, _, _ in BLOCKS].count("cypher") >= 8
    wrong = []
    for language, block, table in BLOCKS:
        if language == "python":
            assert '"neo4j://localhost:7687"' in block
            here = block.replace('"neo4j://localhost:7687"', repr(loaded.access.uri))
            exec(compile(here, "gds.md", "exec"), {})  # noqa: S102
            assert float(capsys.readouterr().out) < 1e-10
            continue
        rows = loaded.ask(block)
        assert rows, block
        if block.startswith("WITH {SUPPLIES"):
            check_projection(loaded, gds_analysis)
        shown = docs.shown(list(rows[0]), [list(row.values()) for row in rows])
        if table != shown:
            wrong.append(f"{block}\nanswers\n\n{shown}")
    assert not wrong, "\n".join(wrong)
    assert loaded.ask("CALL gds.graph.list() YIELD graphName") == []


def check_projection(library: Library, analysis: Analysis) -> None:
    """The projection of the page is klaster's joint network, cell by cell."""
    ids, matrix = matrix_of(analysis.graph)
    at = {key: k for k, key in enumerate(ids)}
    rows = library.ask(
        "CALL gds.graph.relationshipProperty.stream('actors', 'weight') "
        "YIELD sourceNodeId, targetNodeId, propertyValue "
        "RETURN gds.util.asNode(sourceNodeId).id AS a, gds.util.asNode(targetNodeId).id AS b, "
        "propertyValue AS w"
    )
    assert len(rows) == matrix.nnz
    assert all(matrix[at[row["a"]], at[row["b"]]] == row["w"] for row in rows)


def test_the_ties_turned_round_as_the_page_says(
    gds_library: Library, gds_analysis: Analysis
) -> None:
    turned = re.search(r"`(RETURN way\[1\] [^`]*)`", PAGE)
    assert turned is not None
    project = next(block for _, block, _ in BLOCKS if "gds.graph.project" in block)
    plain = "RETURN way[0] AS source, way[1] AS target"
    assert project.count(plain) == 1
    gds_library.hold(gds_analysis.graph)
    assert gds_library.ask(project.replace(plain, turned[1]))
    ids, _ = matrix_of(gds_analysis.graph)
    found = gds_library.scores("pageRank", "actors", ids, **CONVERGED, scaler="L1Norm")
    ours = gds_analysis.centralities.set_index("node_id").loc[ids, "pagerank_upstream"]
    assert found == pytest.approx(ours.to_numpy(), rel=1e-10)


def test_the_page_names_every_type_of_tie_between_actors() -> None:
    dictionary = load_dictionary()
    project = next(block for _, block, _ in BLOCKS if "gds.graph.project" in block)
    named = re.findall(r"(\w+): 1\.0", project.split("AS weight_of")[0])
    between = [t.name for t in dictionary.tie_types if t.source_kind == t.target_kind == "Actor"]
    assert sorted(named) == sorted(between)
    listed = re.search(r"\[([^\]]*)\] AS either_way", project)
    assert listed is not None
    assert set(re.findall(r"\w+", listed[1])) == dictionary.symmetric_types()


def test_results_written_under_a_name_of_ones_own_are_read_back(
    gds_library: Library, gds_analysis: Analysis
) -> None:
    ids, _ = matrix_of(gds_analysis.graph)
    gds_library.hold(gds_analysis.graph)
    gds_library.project("joint")
    scores = gds_library.scores("pageRank", "joint", ids)
    try:
        gds_library.ask(
            "CALL gds.pageRank.write('joint', {writeProperty: 'x_gds_pagerank', concurrency: 1}) "
            "YIELD nodePropertiesWritten"
        )
        with gds_library.access.store() as store:
            back = store.read()
    finally:
        gds_library.forget()
    assert [back.node(key)["x_gds_pagerank"] for key in ids] == pytest.approx(scores, abs=1e-15)
