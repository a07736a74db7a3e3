"""The record of a run: its key, its digest, and what ``run.json`` says."""

from __future__ import annotations

import platform
from dataclasses import asdict, replace
from hashlib import sha256
from importlib.metadata import version
from math import isnan
from typing import Any

from klaster.algorithms.analysis.numbering import EarlierRun
from klaster.graph.agreement_findings import AgreementFinding
from klaster.graph.case import Case
from klaster.graph.findings import ExpertFinding
from klaster.graph.layers import FIRMS, HELIX
from klaster.graph.settings import AnalysisSettings
from klaster.results.run import Run, or_none


def run_id(case: Case, settings: AnalysisSettings, earlier: EarlierRun | None = None) -> str:
    """Return the key of a run: the case and a digest of its inputs and settings."""
    return f"{case.name}:{settings_digest(case, settings, earlier)[:12]}"


def settings_digest(
    case: Case, settings: AnalysisSettings, earlier: EarlierRun | None = None
) -> str:
    """Return a SHA-256 of the case's content and the settings: same digest, same results."""
    content = f"{version('klaster')}|{case.graph.digest()}|{sorted(asdict(settings).items())!r}"
    if case.experts:
        said = sorted(repr(replace(statement, row=0)) for statement in case.experts)
        content += f"|{said!r}"
    if earlier is not None:
        content += f"|{earlier.digest}"
    return sha256(content.encode()).hexdigest()


def run_record(run: Run) -> dict[str, Any]:
    """Return what ``run.json`` holds but for the times: what was run, on what, with what."""
    packages = (
        "graspologic-native", "kglite", "networkit", "networkx", "numpy", "pandas",
        "python-louvain", "pyvis", "scikit-learn", "scipy",
    )  # fmt: skip
    return {
        "run": run_id(run.case, run.settings, run.earlier),
        "case": run.case.name,
        "seed": run.settings.seed,
        "settings": asdict(run.settings),
        "settings_digest": settings_digest(run.case, run.settings, run.earlier),
        "earlier_run": run.earlier.run if run.earlier else None,
        "inputs": dict(sorted(run.case.input_digests.items())),
        "graph_digest": run.case.graph.digest(),
        "versions": {
            "klaster": version("klaster"),
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
        "layers": [_without_nan(asdict(finding)) for finding in run.findings.layers],
        "experts": _expert_record(run.findings.experts),
        "continuity": {
            told.layer: {
                "continued": {str(n): share for n, share in told.continued.items()},
                "born": list(told.born),
                "ended": list(told.ended),
                "used": list(told.used),
            }
            for told in run.findings.continuity
        },
        "unlisted": _unlisted_numbers(run.findings.agreement),
    }


def _expert_record(experts: ExpertFinding | None) -> dict[str, Any] | None:
    if experts is None:
        return None
    return {
        "modularity": or_none(experts.modularity),
        "free_modularity": or_none(experts.free_modularity),
        "price": or_none(experts.price),
        "cluster_count": experts.cluster_count,
        "changed": experts.changed,
        "rules": [_without_nan(asdict(rule)) for rule in experts.rules],
    }


def _unlisted_numbers(agreement: AgreementFinding | None) -> dict[str, dict[str, int]]:
    """Return whom the ways that are only compared put where: the graph has no such clusters."""
    placed = agreement.clusters.items() if agreement else ()
    return {
        way: {
            node: int(clusters[way].removeprefix(f"{way}-"))
            for node, clusters in placed
            if clusters.get(way, "").startswith(f"{way}-")
        }
        for way in (FIRMS, HELIX)
    }


def _without_nan(record: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and isnan(v) else v for k, v in record.items()}
