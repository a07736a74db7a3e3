"""What a run found, in the few lines a terminal shows."""

from __future__ import annotations

from typing import Any

from klaster.algorithms.analysis.cluster_cores import SMALLEST_CLUSTER
from klaster.graph.content import counted
from klaster.graph.errors import fault_lines
from klaster.graph.findings import Member
from klaster.graph.layers import DECLARED
from klaster.graph.ties_in_use import SELF_LOOP
from klaster.results.run import (
    Run,
    cluster_name,
    layer_in_words,
    notes_on_ties,
    only_layer_told,
    reading_notes,
    used_in,
)


def summary_lines(analysis: Run) -> list[str]:
    """Return the findings of a run in short: the declared networks, then what was found."""
    case, findings = analysis.case, analysis.findings
    lines = [f"{case.titles['en']}: {case.graph}"]
    for cluster in findings.clusters_of(DECLARED):
        lines += ["", f"{cluster_name(cluster, case)} ({len(cluster.members)} members, declared)"]
        lines += [f"  core: {_member(analysis, m)}" for m in cluster.cores]
        if len(cluster.members) < SMALLEST_CLUSTER:
            lines.append("  too few members with ties to say who is core")
        elif not cluster.cores:
            lines.append("  no member is core in every draw; the first by rank:")
            lines += [f"    {_member(analysis, m)}" for m in cluster.members[:3]]
    lines += ["", "Communities by layer:"]
    if not findings.layers:
        lines.append("  none: there are no ties to find them in")
    for finding in findings.layers:
        lines.append(f"  {finding.layer:12} {layer_in_words(finding, findings)}")
    if alone := only_layer_told(analysis):
        lines += ["", alone]
    ties = used_in(analysis)
    if notes := notes_on_ties(ties):
        lines += ["", *notes]
    if able := [reason for reason in ties.left_out if reason != SELF_LOOP]:
        term = "planned" if "planned" in able else able[0]
        lines.append(f"  a status takes part with --include, as --include {term}")
    experts = findings.experts
    if experts is not None and not experts.applied:
        lines += ["", f"Rules of experts: {len(experts.rules)}; not applied: there are no ties"]
    elif experts is not None:
        kept = sum(not rule.was_broken for rule in experts.rules)
        price = (
            f"costs {experts.price:.4f} of modularity "
            f"({experts.modularity:.4f} instead of {experts.free_modularity:.4f})"
        )
        if experts.changed:
            price += f"; clusters with them: {experts.cluster_count}"
        rules = f"{len(experts.rules)}, of which {kept} hold anyway"
        lines += ["", f"Rules of experts: {rules}; keeping to all {price}"]
    joint = next((told for told in findings.continuity if told.layer == "joint"), None)
    if joint is not None and analysis.earlier is not None:
        counts = (
            f"{counted(len(joint.continued), 'cluster')} continued, {len(joint.born)} new, "
            f"{len(joint.ended)} ended"
        )
        lines += ["", f"Numbers carried on from {analysis.earlier.run}: {counts}"]
    if case.folder is None and (read := reading_notes(case)):
        lines += ["", "Read so:", *(f"  {note}" for note in read)]
    return lines


def _member(analysis: Run, member: Member) -> str:
    name = analysis.case.graph.node(member.node_id)["name"]
    return f"{name}, rank {member.core_rank:g} [{member.core_rank_low:g}–{member.core_rank_high:g}]"


def quality_lines(report: Any) -> list[str]:
    """Return the quality report of a case in short: books, faults (equal ones once), notes."""
    lines = ["Books (rows in = placed + set aside):"]
    content = report.to_dict()
    for book in content["books"]:
        lines.append(
            f"  {book['file']:24} {book['rows_in']} = {book['placed']} + {book['set_aside']}"
        )
    errors = [f for f in report.faults if f.severity == "error"]
    warnings = [f for f in report.faults if f.severity == "warning"]
    for title, faults in (("Faults", errors), ("Warnings", warnings)):
        lines.append(f"{title}: {len(faults)}")
        lines += [f"  {line}" for line in fault_lines(faults, limit=None)]
    if content["notes"]:
        lines.append("Handled:")
        lines += [f"  {note}" for note in content["notes"]]
    return lines
