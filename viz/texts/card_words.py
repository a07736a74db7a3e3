"""Why cards in words: English, Russian and Kazakh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from klaster.graph.core_cards import Counterfactual, WhyCard
from klaster.graph.findings import ChainPlace
from klaster.graph.model import ClusterGraph
from klaster.viz.texts.store import Nodes, fill, name_of, node_of, quoted, word


def chain_in_words(place: ChainPlace, lang: str) -> str:
    """Return where a member stands to the core; empty where no tie says it.

    Examples
    --------
    >>> chain_in_words(ChainPlace("finance"), "ru")
    'финансы'
    """
    return word("chain", place.role, lang) if place.role else ""


def card_in_words(
    card: WhyCard, lang: str, graph: Nodes, ties: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    """Return a card as sentences, in the order they are read.

    Who it is; the lenses that count, those that do not, those that are missing; the ties that
    carry most; what changes without it; its evidence and sources; what is uncertain; what would
    have to be wrong.

    Parameters
    ----------
    card
        The card.
    lang
        ``en``, ``ru`` or ``kk``.
    graph
        Where names of actors are looked up: the graph, or its nodes by key.
    ties
        Ties by key, to name the partners in a counterfactual; by default those of the graph.
        Where neither gives them, the keys of the ties are said.

    Returns
    -------
    list of str
        Plain text; it is data and must be escaped in a page.

    Raises
    ------
    UnknownNameError
        For an unknown language, lens, doubt or class of evidence.

    Examples
    --------
    >>> from klaster.graph.core_cards import LensReading, Reason, RemovalEffect
    >>> card = WhyCard("m", 9, 3, 1.0, 1.0, 2.0, 0.98, True, False,
    ...     {"strength": LensReading(0.4, 0.94)}, ("strength",), {}, (), 0,
    ...     RemovalEffect(0.8, 0.5, 1, 4, ("n",)), {}, {}, (Reason("few-ties", {"ties": 1}),))
    >>> nodes = {"m": {"name": "Mill"}, "n": {"name": "Mine"}}
    >>> said = card_in_words(card, "en", nodes)
    >>> said[0]
    'Mill is core of this cluster. Its rank is 1 of 9; ranks up to 3 count as core.'
    >>> said[-1]
    'Uncertain: its place rests on very few ties (ties inside the cluster: 1).'
    """
    say = _Speaker(lang, graph, ties)
    return [
        say.text(
            "core" if card.is_core else "candidate",
            name=say.name(card.node_id),
            rank=card.rank,
            n=card.size,
            places=card.places,
        ),
        *say.lenses(card),
        *say.carrying(card),
        *say.removal(card),
        *say.evidence(card),
        *(
            fill(word("doubt", doubt.code, lang), lang, **dict(doubt.values))
            for doubt in card.doubts
        ),
        *say.without(card),
    ]


class _Speaker:
    """Puts the parts of a card into one language."""

    def __init__(
        self, lang: str, graph: Nodes, ties: Mapping[str, Mapping[str, Any]] | None
    ) -> None:
        self.lang, self.graph, self.known_ties = lang, graph, ties

    def text(self, key: str, **values: Any) -> str:
        return fill(word("card", key, self.lang), self.lang, **values)

    def name(self, node_id: str) -> str:
        if node_id not in self.graph:
            return quoted(node_id, self.lang)
        return quoted(name_of(node_of(self.graph, node_id), self.lang), self.lang)

    def evidence_class(self, name: str) -> str:
        return word("evidence", name, self.lang) if name else "–"

    def lenses(self, card: WhyCard) -> list[str]:
        said = []
        for key, wanted in (("lenses", True), ("shown", False)):
            readings = [
                self.text("reading", lens=word("lens", name, self.lang), share=reading.percentile)
                for name, reading in card.lenses.items()
                if (name in card.voting) == wanted
            ]
            if readings:
                said.append(self.text(key, readings="; ".join(readings)))
        reasons: dict[str, list[str]] = {}
        for name, why in card.missing.items():
            reasons.setdefault(why, []).append(word("lens", name, self.lang))
        return said + [
            self.text("missing", lens=", ".join(names), why=word("missing", why, self.lang))
            for why, names in reasons.items()
        ]

    def carrying(self, card: WhyCard) -> list[str]:
        if not card.carrying:
            return [self.text("carrying_none")]
        ties = []
        for tie in card.carrying:
            said = self.text("tie", partner=self.name(tie.partner), share=tie.share)
            if tie.evidence:
                evidence = self.evidence_class(tie.evidence)
                said = self.text("tie_evidence", tie=said, evidence=evidence)
            ties.append(said)
        return [self.text("carrying", n=card.tie_count, ties="; ".join(ties))]

    def removal(self, card: WhyCard) -> list[str]:
        effect = card.removal
        said = [self.text("removal", strength=effect.strength_share, pairs=effect.pairs_share)]
        if effect.parts_after != effect.parts_before:
            before, after = effect.parts_before, effect.parts_after
            said.append(self.text("removal_parts", before=before, after=after))
        if effect.successors:
            names = ", ".join(self.name(node) for node in effect.successors)
            said.append(self.text("successors", names=names))
        return said

    def evidence(self, card: WhyCard) -> list[str]:
        said = []
        if card.evidence:
            classes = [
                self.text("class", evidence=self.evidence_class(name), n=count)
                for name, count in card.evidence.items()
            ]
            said.append(self.text("evidence", classes=", ".join(classes)))
        return said + [
            self.text("sources", evidence=self.evidence_class(name), sources="; ".join(sources))
            for name, sources in card.origins.items()
        ]

    def without(self, card: WhyCard) -> list[str]:
        said = []
        for found in (card.without_ties, card.without_sources):
            if found is None or (found.what == "sources" and not card.origins):
                continue
            key = f"without_{found.what}"
            if not found.found:
                if found.among_first:
                    said.append(self.text(f"{key}_none"))
                continue
            listed = found.sources if found.what == "sources" else self.ties(card, found)
            values = {found.what: "; ".join(listed), "n": len(listed), "rank": found.rank}
            said.append(self.text(key, **values))
        return said

    def ties(self, card: WhyCard, found: Counterfactual) -> list[str]:
        """Name each tie by the partner at its other end."""
        partners = {tie.tie_id: tie.partner for tie in card.carrying}
        missing = [tie for tie in found.tie_ids if tie not in partners]
        for tie_id, (source, target) in self._ends(missing).items():
            partners[tie_id] = target if source == card.node_id else source
        return [
            self.text("tie_to", partner=self.name(partners[tie])) if tie in partners else tie
            for tie in found.tie_ids
        ]

    def _ends(self, wanted: Sequence[str]) -> dict[str, tuple[str, str]]:
        if self.known_ties is not None:
            rows = {tie: self.known_ties[tie] for tie in wanted if tie in self.known_ties}
            return {k: (str(t["source_id"]), str(t["target_id"])) for k, t in rows.items()}
        if not wanted or not isinstance(self.graph, ClusterGraph):
            return {}
        ties = self.graph.ties
        found = ties[ties["tie_id"].isin(list(wanted))]
        ends = zip(found["source_id"].tolist(), found["target_id"].tolist(), strict=True)
        return dict(zip(found["tie_id"].tolist(), ends, strict=True))
