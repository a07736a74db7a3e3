"""The six jobs of docs/six-jobs.md run, each in at most four lines."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "six-jobs.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_each_job_takes_four_lines_at_most() -> None:
    jobs = re.split(r"^## \d\. ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(jobs) == 6
    for job in jobs:
        assert len(BLOCK.findall(job)[0].splitlines()) <= 4, job


def test_the_jobs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        exec(compile(block, PAGE.name, "exec"), scope)  # noqa: S102
    network, read = scope["network"], nx.read_gexf("clusters.gexf")
    assert isinstance(network, nx.MultiDiGraph)
    assert len(set(nx.get_node_attributes(network, "cluster").values())) == 2
    for node, attributes in network.nodes(data=True):
        told = {k: "; ".join(v) if isinstance(v, list) else v for k, v in attributes.items()}
        assert read.nodes[node] == told | {"label": attributes["name"]}
    for name in ("network.html", "graph.kgl", "out/sales/index.html"):
        assert (tmp_path / name).is_file()
