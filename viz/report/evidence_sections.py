"""Parts of the report on how far findings hold: cards, places, agreement, experts, continuity."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from klaster.graph.core_cards import WhyCard
from klaster.graph.findings import Cluster, ExpertRule, Member
from klaster.graph.layers import DECLARED, JOINT
from klaster.viz.report.contents import Contents, Section
from klaster.viz.texts.card_words import card_in_words, chain_in_words

_CHAIN_ORDER = (
    "upstream", "same-level", "downstream", "knowledge", "authority", "finance", "intermediary",
)  # fmt: skip


class EvidenceSections(Section):
    """What the report says of how far its findings can be trusted."""

    def __init__(self, contents: Contents) -> None:
        super().__init__(contents)
        self.by_id = {cluster.id: cluster for cluster in self.findings.clusters}

    # -- one cluster -------------------------------------------------------------------------

    def card(self, cluster: Cluster, member: Member) -> Markup | None:
        """Return the why card of a member as a list of sentences in each language."""
        found = next((c for c in cluster.cards if c.node_id == member.node_id), None)
        return None if found is None else self._sentences(found)

    def _sentences(self, card: WhyCard) -> Markup:
        def listed(lang: str) -> Markup:
            said = card_in_words(card, lang, self.nodes, self.contents.all_ties)
            return Markup("").join(Markup("<li>{}</li>").format(text) for text in said)

        return Markup("").join(
            Markup('<ul lang="{0}" data-l="{0}">{1}</ul>').format(lang, listed(lang))
            for lang in self.t.languages
        )

    def sureness(self, cluster: Cluster) -> list[Markup]:
        """Say whether the cluster outlives doubt in its ties, and whether it has a core at all."""
        said = []
        shares = [m.kept_share for m in cluster.members if not math.isnan(m.kept_share)]
        if shares:
            mean = sum(shares) / len(shares)
            key = "sure_kept_held" if self.findings.is_held(cluster.layer) else "sure_kept"
            said.append(self.t.say(key, share=mean))
        blocks = cluster.blocks
        if blocks is not None and not math.isnan(blocks.p_value):
            key = "blocks_yes" if blocks.p_value <= 0.05 else "blocks_no"
            said.append(self.t.say(key, r=blocks.correlation, p=blocks.p_value))
        if cluster.titles:
            said.append(self.t.say("named_by_experts"))
        return said

    def places(self, cluster: Cluster) -> list[dict[str, Any]]:
        """Return who stands where to the core, place by place."""
        by_role = {r: [m for m in cluster.members if m.chain.role == r] for r in _CHAIN_ORDER}
        return [{"name": self.place(m[0]), "members": m} for m in by_role.values() if m]

    def place(self, member: Member) -> Markup:
        """Return the place of a member in the chain."""
        return self.t.each(lambda lang: chain_in_words(member.chain, lang) or "–")

    def cluster(self, key: str) -> dict[str, Any]:
        """Return a cluster of a grouping as text, with a link where the report tells of it."""
        cluster = self.by_id.get(key)
        if cluster is None or cluster.layer not in (DECLARED, JOINT):
            return {"text": key or "–", "link": ""}
        return {"text": self.contents.title(cluster), "link": f"#{key}"}

    # -- experts and earlier runs --------------------------------------------------------------

    def experts(self) -> Markup | None:
        """Say what the rules of experts cost, all together."""
        found, t = self.findings.experts, self.t
        if found is None or not found.applied:
            return None if found is None else t.say("experts_idle")
        held, free, n = found.modularity, found.free_modularity, found.cluster_count
        return t.say("experts_intro", price=found.price, held=held, free=free, clusters=n)

    def rule(self, rule: ExpertRule) -> Markup:
        """Say what a rule asks for."""
        first, second = self.contents.namer(rule.first), self.contents.namer(rule.second)
        return self.t.say(f"rule_{rule.kind}", first=first, second=second)

    def cost(self, rule: ExpertRule) -> Markup:
        """Say what a rule costs by itself."""
        if self.findings.experts is None or not self.findings.experts.applied:
            return self.t.say("rule_idle")
        if not rule.was_broken:
            return self.t.say("rule_free")
        if math.isnan(rule.price):
            return self.t.say("rule_moved")
        return self.t.say("rule_price", price=rule.price)

    def continuity(self) -> Markup | None:
        """Say which clusters of all layers together carry on those of an earlier run."""
        told = next((c for c in self.findings.continuity if c.layer == JOINT), None)
        if told is None:
            return None

        told_of = {"continued": sorted(told.continued), "born": told.born, "ended": told.ended}
        named = {key: ", ".join(map(str, found)) or "–" for key, found in told_of.items()}
        return self.t.say("continuity", **named)
