"""The head of the report: what was found, in a few sentences."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from klaster.graph.findings import LayerFinding
from klaster.graph.layers import JOINT
from klaster.viz.report.contents import Section
from klaster.viz.texts.method_words import held_against_chance
from klaster.viz.texts.store import name_of, word


class SummarySection(Section):
    """What was found, in a few sentences."""

    def lead(self) -> list[Markup]:
        """Say in three sentences what was found."""
        actors = sum(node["kind"] == "Actor" for node in self.nodes.values())
        t = self.t
        found = [
            t.say(
                "lead_size",
                actors=actors,
                ties=len(self.contents.ties),
                active=len(self.contents.active),
            )
        ]
        joint = self.contents.joint
        if joint is not None and joint.significant:
            found.append(self._lead_found(joint))
        elif actors:
            found.append(t.say("lead_none", reason=self._no_cluster_reason))
        names = list(dict.fromkeys(m.node_id for c in self.contents.clusters for m in c.cores))
        if names:
            found.append(
                t.say(
                    "lead_core",
                    names=lambda lang: ", ".join(name_of(self.nodes[n], lang) for n in names[:10]),
                )
            )
        elif self.contents.clusters:
            found.append(t.say("lead_no_core"))
        return found

    def amounts_unused(self) -> Markup | None:
        """Say that ties have amounts which the analysis does not use; None where none has."""
        stated, total = self.contents.counts.with_amount, self.contents.counts.used
        return self.t.say("amounts_unused", stated=stated, ties=total) if stated else None

    def not_observed(self) -> Markup | None:
        """Say how many ties are estimated or made up; None where none is."""
        counts = self.contents.counts
        made = counts.estimated + counts.synthetic
        if not made:
            return None
        key = "not_observed_all" if made == counts.used else "not_observed"
        return self.t.say(key, n=made, ties=counts.used)

    def _lead_found(self, joint: LayerFinding) -> Markup:
        """Say what was found and tested; then, where rules changed it, what they made of it."""
        test = partial(held_against_chance, joint)
        experts = self.findings.experts
        if experts is None or not experts.changed:
            return self.t.say("lead_found", clusters=joint.cluster_count, test=test)
        return self.t.say(
            "lead_held",
            clusters=joint.cluster_count,
            test=test,
            held=experts.cluster_count,
            q=experts.modularity,
        )

    def _no_cluster_reason(self, lang: str) -> str:
        code = self.contents.joint.reason if self.contents.joint is not None else "no-ties"
        return word("no_community", code or "not-above-chance", lang)

    def no_joint(self) -> Markup:
        """Say that nothing was found in all layers together, and why."""
        return self.t.say("found_none", reason=self._no_cluster_reason)

    def found_intro(self) -> Markup:
        """Say what the clusters found in all layers together are."""
        held = self.findings.is_held(JOINT)
        return self.t.say("found_intro_held" if held else "found_intro")

    def is_synthetic(self) -> bool:
        """Whether anything in the case is made up."""
        rows = [*self.nodes.values(), *self.contents.all_ties.values()]
        return any(row.get("evidence") == "synthetic" for row in rows)
