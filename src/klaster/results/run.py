"""A run as data: the case, how it was analysed, what was found; and what its parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan

from klaster.algorithms.analysis.numbering import EarlierRun
from klaster.graph.case import Case
from klaster.graph.content import ByContent, counted
from klaster.graph.dictionary import load_dictionary
from klaster.graph.findings import Cluster, Findings, LayerFinding
from klaster.graph.layers import DECLARED
from klaster.graph.model import ClusterGraph
from klaster.graph.settings import AnalysisSettings
from klaster.graph.ties_in_use import SELF_LOOP, TiesInUse, ties_in_use
from klaster.viz.texts.words import cluster_title

AMOUNTS = "Amounts not used"
"""How the note begins that says so."""


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
        f"{counted(finding.cluster_count, 'community', 'communities')}{large}, modularity {finding.modularity:.3f}, "
        f"p = {finding.p_value:.3g}{free}"
    )


def reading_notes(case: Case) -> tuple[str, ...]:
    """Return how the case was read and what was left out, each note once."""
    return tuple(dict.fromkeys([*case.notes, *case.graph.notes]))


def used_in(run: Run) -> TiesInUse:
    """Count the ties between actors by whether they take part in a run."""
    return ties_in_use(run.case.graph, run.settings.status, run.settings.self_ties)


def notes_on_ties(ties: TiesInUse) -> tuple[str, ...]:
    """Say which ties take no part, what is not used of the others, and what is no observation."""
    notes = []
    if ties.left_out:
        reasons = ", ".join(
            counted(n, SELF_LOOP) if reason == SELF_LOOP else f"{n:,} {reason}"
            for reason, n in ties.left_out.items()
        )
        left, verb = ties.total - ties.used, "take"
        if left == 1:
            verb = "takes"
        notes.append(f"{left:,} of {counted(ties.total, 'tie')} {verb} no part: {reasons}")
    if ties.with_amount:
        told = "each tie counts 1, whatever its amount"
        notes.append(f"{AMOUNTS}: {told} (ties with one: {ties.with_amount:,} of {ties.used:,})")
    if made := ties.estimated + ties.synthetic:
        kinds = [k for k, n in (("estimated", ties.estimated), ("made up", ties.synthetic)) if n]
        share = f"all {ties.used:,}" if made == ties.used else f"{made:,} of {ties.used:,}"
        verb = "is" if made == 1 else "are"
        notes.append(f"Not observed: {share} ties in the analysis {verb} {' or '.join(kinds)}")
    return tuple(notes)


def notes_of(run: Run) -> tuple[str, ...]:
    """Return how inputs were read, and what takes no part or is not used."""
    alone = only_layer_told(run)
    notes = (*reading_notes(run.case), *([alone] if alone else []))
    return (*notes, *notes_on_ties(used_in(run)))


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
