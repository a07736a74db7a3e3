"""What is given wrongly at the front door is told by name, in an error of klaster's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import klaster
from klaster.graph.errors import KlasterError, StoreError
from klaster.results.folder import OutputError

NOTHING: Any = None


@pytest.fixture(scope="module")
def found() -> klaster.Analysis:
    return klaster.find_clusters(nx.barbell_graph(4, 0), seed=1)


@pytest.fixture(scope="module")
def graph() -> klaster.ClusterGraph:
    return klaster.load_case(klaster.case_path("kazakhstan")).graph


def test_nothing_is_no_name(found: klaster.Analysis, tmp_path: Path) -> None:
    with pytest.raises(klaster.UnknownNameError, match="no actor, industry or cluster None"):
        found.explain(NOTHING)
    with pytest.raises(klaster.UnknownNameError, match="no cluster None"):
        found.cluster(NOTHING)
    with pytest.raises(klaster.UnknownNameError, match="no node None"):
        found.graph.node(NOTHING)
    found.save(tmp_path / "x.kgl")
    with klaster.open_store(tmp_path / "x.kgl") as store:
        with pytest.raises(klaster.UnknownNameError, match="None"):
            store.ask(NOTHING)
        rows = store.query("MATCH (a:Actor) RETURN a.id AS id LIMIT $n", {"n": np.int64(2)})
        assert len(rows.to_frame()) == 2
        asked = store.ask("suppliers", actor="0", tiers=np.int64(1)).to_frame()
        pd.testing.assert_frame_equal(asked, store.ask("suppliers", actor="0", tiers=1).to_frame())


@pytest.mark.parametrize("year", ["2020", 2020.5, True])
def test_a_year_is_a_whole_number(graph: klaster.ClusterGraph, year: Any) -> None:
    with pytest.raises(klaster.InputError, match="no whole number"):
        graph.at(year)
    assert graph.at(np.int64(2020)) == graph.at(2020)  # type: ignore[arg-type]


def test_a_text_is_one_name(graph: klaster.ClusterGraph) -> None:
    assert graph.select(layers="supply") == graph.select(layers=["supply"])
    assert graph.select(status="current") == graph.select(status=["current"])
    with pytest.raises(klaster.UnknownNameError, match="no layer 'zzz'"):
        graph.select(layers="zzz")


def test_an_unknown_region_is_told(graph: klaster.ClusterGraph) -> None:
    region = str(graph.select(kinds=["Region"]).nodes["code"].iloc[0])
    assert len(graph.region(region))
    with pytest.raises(klaster.UnknownNameError, match="no region 'zzz'"):
        graph.region("zzz")


def test_a_graph_is_read_from_a_folder_given_as_text(
    found: klaster.Analysis, tmp_path: Path
) -> None:
    found.graph.to_parquet(tmp_path / "g")
    assert klaster.ClusterGraph.from_parquet(str(tmp_path / "g")) == found.graph
    with pytest.raises(KlasterError, match=r"no nodes\.parquet"):
        klaster.ClusterGraph.from_parquet("nowhere")


def test_a_page_that_cannot_be_written(found: klaster.Analysis, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "x.html"):
        with pytest.raises(OutputError):
            found.draw(place)


def test_a_store_does_not_overwrite_another_file(found: klaster.Analysis, tmp_path: Path) -> None:
    target = tmp_path / "x.kgl"
    target.write_text("my notes")
    with pytest.raises(StoreError, match="is no store"):
        found.save(target)
    assert target.read_text() == "my notes"
    target.unlink()
    found.save(target)
    found.save(target)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(StoreError, match="NEO4J_PASSWORD") as refused:
        klaster.open_store("neo4j://me:secret@localhost:7687")
    assert "secret" not in str(refused.value)
