"""Parts of the report on how far findings hold: cards, places, agreement, experts, continuity."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from markupsafe import Markup

from klaster.graph.core_cards import WhyCard
from klaster.graph.findings import Cluster, ExpertRule, Member
from klaster.graph.layers import DECLARED, JOINT
from klaster.viz.report.contents import Contents, Section
from klaster.viz.texts.card_words import card_in_words, chain_in_words
from klaster.viz.texts.store import number, percent, probability

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
            said.append(self.t.say(key, share=partial(percent, mean)))
        blocks = cluster.blocks
        if blocks is not None and not math.isnan(blocks.p_value):
            clear = blocks.p_value <= 0.05
            said.append(
                self.t.say(
                    "blocks_yes" if clear else "blocks_no",
                    r=lambda lang: number(blocks.correlation, lang, 2),
                    p=lambda lang: probability(blocks.p_value, lang),
                )
            )
        if cluster.titles:
            said.append(self.t.say("named_by_experts"))
        return said

    def places(self, cluster: Cluster) -> list[dict[str, Any]]:
        """Return who stands where to the core, place by place."""
        rows = []
        for role in _CHAIN_ORDER:
            members = [m for m in cluster.members if m.chain.role == role]
            if members:
                rows.append({"name": self._chain(members[0]), "members": members})
        return rows

    def _chain(self, member: Member) -> Markup:
        return self.t.each(lambda lang: chain_in_words(member.chain, lang) or "–")

    def member_row(self, member: Member) -> dict[str, Any]:
        """Return the place of a member in the chain, and how surely it stays."""
        return {"place": self._chain(member), "kept": self.t.percent(member.kept_share)}

    # -- ways of finding clusters --------------------------------------------------------------

    def ways(self) -> dict[str, Any] | None:
        """Return what clusters found in different ways have in common, and what is disputed."""
        found, t = self.findings.agreement, self.t
        if found is None:
            return None
        names = list(found.placed)
        return {
            "placed": [
                {"name": t.word("way", way), "said": t.say("way_placed", n=count)}
                for way, count in found.placed.items()
            ],
            "missing": [
                {"name": t.word("way", way), "reason": t.word("not_compared", reason)}
                for way, reason in found.missing.items()
            ],
            "pairs": [
                {
                    "first": t.word("way", pair.first),
                    "second": t.word("way", pair.second),
                    "rand": t.number(_known(pair.adjusted_rand), 2),
                    "overlap": t.percent(pair.overlap),
                    "shared": t.number(pair.shared),
                }
                for pair in found.pairs
            ],
            "in_all": found.in_all,
            "columns": [t.word("way", way) for way in names],
            "consensus": [
                {
                    "members": group.members,
                    "clusters": [self._cluster(group.clusters.get(way, "")) for way in names],
                }
                for group in found.consensus
            ],
            "disputed": [
                {
                    "member": disputed.member,
                    "support": t.percent(disputed.support),
                    "clusters": [self._cluster(disputed.clusters.get(way, "")) for way in names],
                }
                for disputed in found.disputed
            ],
        }

    def _cluster(self, key: str) -> dict[str, Any]:
        """Return a cluster of a grouping as text, with a link where the report tells of it."""
        cluster = self.by_id.get(key)
        if cluster is None or cluster.layer not in (DECLARED, JOINT):
            return {"text": key or "–", "link": ""}
        return {"text": self.contents.title(cluster), "link": f"#{key}"}

    # -- experts and earlier runs --------------------------------------------------------------

    def experts(self) -> dict[str, Any] | None:
        """Return what the rules of experts cost, rule by rule."""
        found, t = self.findings.experts, self.t
        if found is None:
            return None
        return {
            "intro": t.say(
                "experts_intro",
                price=lambda lang: number(found.price, lang, 4),
                held=lambda lang: number(found.modularity, lang, 4),
                free=lambda lang: number(found.free_modularity, lang, 4),
                clusters=found.cluster_count,
            )
            if found.applied
            else t.say("experts_idle"),
            "rules": [
                {
                    "text": t.say(
                        f"rule_{rule.kind}",
                        first=self.contents.namer(rule.first),
                        second=self.contents.namer(rule.second),
                    ),
                    "by": t.say("rule_by", by=rule.by),
                    "cost": self._cost(rule) if found.applied else t.say("rule_idle"),
                }
                for rule in found.rules
            ],
        }

    def _cost(self, rule: ExpertRule) -> Markup:
        if not rule.was_broken:
            return self.t.say("rule_free")
        if math.isnan(rule.price):
            return self.t.say("rule_moved")
        return self.t.say("rule_price", price=lambda lang: number(rule.price, lang, 4))

    def continuity(self) -> Markup | None:
        """Say which clusters of all layers together carry on those of an earlier run."""
        told = next((c for c in self.findings.continuity if c.layer == JOINT), None)
        if told is None:
            return None

        def listed(numbers: Any) -> str:
            return ", ".join(str(n) for n in numbers) or "–"

        return self.t.say(
            "continuity",
            continued=listed(sorted(told.continued)),
            born=listed(n for n in told.born),
            ended=listed(told.ended),
        )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
