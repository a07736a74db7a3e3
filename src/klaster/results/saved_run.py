"""What was found, kept beside the graph of a run, so that an analysis can be read back."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from klaster.algorithms.analysis.numbering import EarlierRun
from klaster.graph.case import Case
from klaster.graph.errors import KlasterError, refusal
from klaster.graph.findings import Findings
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.graph.stores.runs import RESULT_KINDS
from klaster.results.folder import FINDINGS_FILE, GRAPH_FOLDER, MARK, refused_results
from klaster.results.json_coder import from_json_data, to_json_data
from klaster.results.run import Run

_NOT_KEPT = ("graph", "folder", "file_digests")
"""The graph lies beside it; a folder is one of this machine, and bytes differ by order of rows."""


def write_findings(run: Run, folder: Path) -> None:
    """Write what was found, and the case but for its graph, so that nothing is lost."""
    content = {
        "findings": to_json_data(run.findings),
        "settings": to_json_data(run.settings),
        "earlier": to_json_data(run.earlier),
        "case": {
            f.name: to_json_data(getattr(run.case, f.name))
            for f in fields(Case)
            if f.name not in _NOT_KEPT
        },
        "graph_notes": list(run.case.graph.notes),
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    (folder / FINDINGS_FILE).write_text(text + "\n", encoding="utf-8")


def read_run(folder: Path) -> Run:
    """Read back a run from the folder of its results.

    Raises
    ------
    InputError
        Where the folder holds no results of ``klaster analyze``, or they cannot be read.
    """
    if not (folder / MARK).is_file():
        there = "there is no such folder" if not folder.is_dir() else f"there is no {MARK} in it"
        problem = f"it holds no readable results of a run ({there})"
        remedy = f"Name the folder that klaster analyze wrote, with {MARK} in it."
        raise refusal("no-results", folder, problem, remedy, "the results")
    try:
        record = json.loads((folder / MARK).read_text(encoding="utf-8"))
        content = json.loads((folder / FINDINGS_FILE).read_text(encoding="utf-8"))
        graph = ClusterGraph.from_parquet(folder / GRAPH_FOLDER)
        graph.node(record["run"])  # the graph of another run is refused
        graph.notes = tuple(content["graph_notes"])
        kinds = sorted(set(graph.nodes["kind"].tolist()) - set(RESULT_KINDS))
        hints: dict[str, Any] = get_type_hints(Case)
        case = Case(
            graph.select(kinds=kinds),
            **{name: from_json_data(item, hints[name]) for name, item in content["case"].items()},
        )
        return Run(
            replace(case, folder=None),
            from_json_data(content["settings"], AnalysisSettings),
            from_json_data(content["findings"], Findings),
            graph,
            dict(record["times"]["seconds"]),
            from_json_data(content["earlier"], EarlierRun | None),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, KlasterError) as reason:
        raise refused_results(
            folder,
            "the results",
            code="no-results",
            problem=f"it holds no readable results of a run ({reason})",
            remedy=f"Name the folder that klaster analyze wrote, with {MARK}, {FINDINGS_FILE} and "
            f"{GRAPH_FOLDER}/ in it; results of an older version are made anew by analyzing the "
            "case again.",
        ) from None
