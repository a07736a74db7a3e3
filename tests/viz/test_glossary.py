"""The glossary: its modules and columns exist, and what it explains is what klaster says."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import klaster
from klaster.graph.case import Case
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.results.result_files import write_results
from klaster.results.table_files import write_table_results

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "glossary.md"
HEAD = "| term | standard term | meaning | computed in | columns |"

# Terms of the list (STYLE.md 8): the standard word stands beside ours.
BESIDE = {
    "self-loop": "self-tie",
    "aggregated network": "joint",
    "indicator": "lens",
    "resampling the evidence": "draws of the evidence",
    "persistence": "kept share",
    "resolution": "scale",
    "method": "way",
    "row reconciliation": "books",
    "constrained": "held",
    "indirect": "knock-on",
    "intra-industry use": "own use",
}


def _rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "term" and not set("".join(row)) <= set("-| ")]


def _three_groups() -> ClusterGraph:
    """Three groups of six firms, everybody tied to everybody of the group; a ring joins them."""
    firms = [f"{group}{k}" for group in "abc" for k in range(6)]
    pairs = [(x, y) for x, y in combinations(firms, 2) if x[0] == y[0]]
    pairs += [("a0", "b0"), ("b0", "c0"), ("c0", "a0")]
    known = {
        "evidence": "reported",
        "source": "made up",
        "locator": "p. 1",
        "confidence": "high",
        "value": 1.0,
        "unit": "KZT",
    }
    return ClusterGraph.build(
        [{"id": key, "kind": "Actor", "name": key, "actor_type": "Firm", "sphere": "business"}
         for key in firms],
        [{"tie_id": f"{x}{y}", "source_id": x, "target_id": y, "tie_type": "SUPPLIES", **known}
         for x, y in pairs],
    )  # fmt: skip


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Columns of the result files of a small case and of a table of four industries."""
    folder = tmp_path_factory.mktemp("glossary")
    quick = AnalysisSettings(ensemble=4, null_draws=19, evidence_draws=8)
    write_results(klaster.analyze(Case(_three_groups(), settings=quick)), folder / "case")
    Z = np.array([[9.0, 3, 1, 0], [2, 8, 0, 1], [1, 2, 7, 3], [0, 1, 4, 6]])
    table = klaster.IOTable(
        "t", tuple("abcd"), ("Farm", "Mill", "Mine", "Works"), Z, Z.sum(axis=1) + 20, 2020,
        "KZT", "KZT", "synthetic", "made up",
    )  # fmt: skip
    write_table_results(klaster.analyze_table(table), folder / "table")
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*.csv")):
        heads = path.read_text(encoding="utf-8-sig").split("\n", 1)[0].strip().split(",")
        found.setdefault(path.stem, set()).update(heads)
    return found


def test_every_table_has_the_same_columns_and_every_row_is_whole() -> None:
    heads = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "| term |" in line]
    assert heads
    assert set(heads) == {HEAD}
    terms = [row[0] for row in _rows()]
    assert len(terms) == len(set(terms))
    for row in _rows():
        assert len(row) == 5 or (len(row) == 4 and row[3].endswith("`")), row
        assert row[2].endswith("."), row[0]


def test_every_module_of_the_glossary_exists() -> None:
    for row in _rows():
        modules = re.findall(r"`(klaster[\w.]+)`", row[3])
        assert modules, row[0]
        for name in modules:
            assert find_spec(name) is not None, name


def test_every_column_of_the_glossary_is_in_a_result_file(columns: dict[str, set[str]]) -> None:
    named = [pair for row in _rows() for pair in re.findall(r"`(\w+): ([^`]+)`", row[-1])]
    assert len(named) > 40
    for file, column in named:
        assert column in columns[file], f"{file}.csv has no column {column!r}"


@pytest.mark.parametrize(("standard", "ours"), BESIDE.items())
def test_the_standard_term_stands_beside_ours(standard: str, ours: str) -> None:
    assert any(standard in row[1] and ours in row[0] for row in _rows())


def test_the_pages_say_the_standard_terms_and_no_odd_ones() -> None:
    texts = "\n".join(
        json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False)
        for path in sorted((ROOT / "viz" / "texts").glob("*.en.json"))
    ).lower()
    for standard in BESIDE:
        word = {"resampling the evidence": "evidence is resampled"}.get(standard, standard)
        assert word in texts, word
    odd = ("hang on", "were not counted", "not counted.", "told beside", "lens ", "lenses\": \"all l",
           "draws of the evidence", "own use", "ties to oneself\"", "keep to it", "whom they agree",
           "less than nothing", "who come first", "take warnings")  # fmt: skip
    assert [phrase for phrase in odd if phrase in texts] == []
