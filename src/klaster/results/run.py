"""A run as data: the case, how it was analysed, what was found; and what its parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan

from klaster.algorithms.analysis.numbering import EarlierRun
from klaster.graph.case import Case
from klaster.graph.content import ByContent
from klaster.graph.dictionary import load_dictionary
from klaster.graph.findings import Cluster, Findings, LayerFinding
from klaster.graph.layers import DECLARED
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.viz.texts.words import cluster_title


@dataclass(frozen=True, eq=False, repr=False)
class Run(ByContent):
    """A case and what was found in it; runs are equal by content, whatever time they took.

    Attributes
    ----------
    case
        What was analysed.
    settings
        Settings of the run: those of the case, changed by the caller.
    findings
        Communities of every layer, clusters, cores and reasons.
    graph
        The case's graph with the results in it: ``Run``, ``Cluster``, ``IN_CLUSTER``.
    seconds
        How long each step took.
    earlier
        The run whose numbers of clusters were carried on; None where none was named.
    """

    case: Case
    settings: AnalysisSettings
    findings: Findings
    graph: ClusterGraph
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)
    earlier: EarlierRun | None = None


def network_titles(case: Case) -> dict[str, Mapping[str, str]]:
    """Return the titles of the networks a case declares, by their id."""
    return {network.id: network.titles for network in case.networks}


def cluster_name(cluster: Cluster, case: Case, lang: str = "en") -> str:
    """Return what a cluster is called: its network's title, or its number and first member."""
    return cluster_title(cluster, case.graph, lang, network_titles(case))


def test_of(cluster: Cluster, findings: Findings) -> LayerFinding | None:
    """Return the test of the partition a cluster belongs to; None where there was none."""
    if cluster.layer == DECLARED or findings.is_held(cluster.layer):
        return None
    return findings.layer(cluster.layer)


def modularity_of(cluster: Cluster, findings: Findings) -> float:
    """Return the modularity of the partition a cluster belongs to; NaN where declared."""
    if cluster.layer == DECLARED:
        return float("nan")
    if findings.experts is not None and findings.is_held(cluster.layer):
        return findings.experts.modularity
    return findings.layer(cluster.layer).modularity


def layer_in_words(finding: LayerFinding, findings: Findings) -> str:
    """Return how many communities a layer has, how many are clusters, and the test, in words."""
    held = findings.is_held(finding.layer)
    free = ", without the rules" if held else ""
    if not finding.significant:
        reason = finding.reason.replace("-", " ")
        return f"no significant communities (p = {finding.p_value:.2g}: {reason}){free}"
    listed = len(findings.clusters_of(finding.layer))
    large = f", {listed} with three or more members" if listed and not held else ""
    return (
        f"{finding.cluster_count} communities{large}, modularity {finding.modularity:.3f}, "
        f"p = {finding.p_value:.3g}{free}"
    )


def reading_notes(case: Case) -> tuple[str, ...]:
    """Return how the case was read and what was left out, each note once."""
    return tuple(dict.fromkeys([*case.notes, *case.graph.notes]))


def amounts_not_used(graph: ClusterGraph) -> str:
    """Say that ties between actors have amounts, and that these are not used; else nothing."""
    ties = graph.active().select(layers=load_dictionary().actor_layers()).ties
    stated = int(ties["value"].notna().sum()) if "value" in ties.columns else 0
    told = f"{stated:,} of {len(ties):,} ties have one; each tie counts 1"
    return f"Amounts not used: {told}" if stated else ""


def only_layer(run: Run) -> str:
    """Return the only layer of actors that has ties where it was looked at as ``joint``; else ''."""
    active = run.case.graph.select(status=run.settings.status)
    inner = load_dictionary().actor_layers()
    return run.findings.only_layer([name for name in active.layers if name in inner])


def only_layer_told(run: Run) -> str:
    """Say in a sentence that one layer stands for all; else nothing."""
    name = only_layer(run)
    told = f"Only the layer {name} has ties: it was looked at once, as joint (all layers together)"
    return told if name else ""


def or_none(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return None if isnan(value) else float(value)
