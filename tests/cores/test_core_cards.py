"""Why cards: data, counterfactuals, words."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest
from judged import judged

from klaster.algorithms.cores.assess import Assessment
from klaster.algorithms.cores.chain import CHAIN_ROLES
from klaster.algorithms.cores.lenses import LENSES
from klaster.algorithms.cores.why_cards import DOUBT_CODES
from klaster.graph.core_cards import WhyCard
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError

NODES = ["bank", "institute", "mill", "mine", "pit", "plant", "quarry", "shop", "yard"]
SPHERES = ["finance", "academia", *["business"] * 7]
TIES = [
    ("t1", "mine", "mill", "supply", 0.95, "reported", "annual report"),
    ("t2", "pit", "mill", "supply", 0.95, "reported", "annual report"),
    ("t3", "quarry", "mill", "supply", 0.5, "paper", "study"),
    ("t4", "mill", "plant", "supply", 0.95, "reported", "annual report; register"),
    ("t5", "plant", "yard", "supply", 0.5, "estimated", "model"),
    ("t6", "institute", "mill", "knowledge", 0.95, "reported", "register"),
    ("t7", "bank", "mill", "finance", 0.95, "measured", "register"),
    ("t8", "shop", "yard", "supply", 0.5, "paper", "study"),
]
MEMBERS = [k for k, node in enumerate(NODES) if node != "bank"]


def _assessed(without: tuple[str, ...] = (), **more: Any) -> Assessment:
    ties = [tie for tie in TIES if tie[0] not in without]
    ids, source, target, layer, keep, evidence, origin = zip(*ties, strict=True)
    arguments: dict[str, Any] = {
        "tie_source": np.array([NODES.index(node) for node in source]),
        "tie_target": np.array([NODES.index(node) for node in target]),
        "tie_layer": np.array(layer),
        "tie_weight": np.ones(len(ties)),
        "tie_keep": np.array(keep),
        "tie_ids": np.array(ids),
        "tie_evidence": np.array(evidence),
        "tie_origin": np.array(origin),
        "spheres": np.array(SPHERES),
        "labels": np.zeros(len(NODES), dtype=np.int64),
        "stability": np.full(len(MEMBERS), 0.6),
        "draws": 20,
        "null_draws": 0,
        **more,
    }
    return judged(node_ids=np.array(NODES), members=np.array(MEMBERS), **arguments)


def _ranked(without: tuple[str, ...]) -> Assessment:
    return _assessed(without, draws=1, cards=False)


def _card(node: str = "mill", **more: Any) -> WhyCard:
    return next(card for card in _assessed(**more).cards if card.node_id == node)


def _last_rank(found: Assessment, node: str) -> int:
    rank = {m.node_id: m.core_rank for m in found.members}
    return sum(other <= rank[node] for other in rank.values())


def test_the_card_of_the_core() -> None:
    found = _assessed()
    card, mill = found.cards[0], found.members[0]
    assert (card.node_id, card.size, card.places) == ("mill", 8, 3)
    assert (card.rank, card.rank_low, card.rank_high) == (
        mill.core_rank,
        mill.core_rank_low,
        mill.core_rank_high,
    )
    assert card.lenses == mill.lenses
    assert card.evidence == {"measured": 1, "paper": 1, "reported": 4}
    assert card.origins == {
        "measured": ("register",),
        "paper": ("study",),
        "reported": ("annual report", "register"),
    }
    assert card.tie_count == 5  # the bank is outside
    assert {tie.partner for tie in card.carrying} == {"mine", "pit", "quarry", "plant", "institute"}
    assert [tie.share for tie in card.carrying] == [0.2] * 5
    losses = [tie.loss for tie in card.carrying]
    assert losses == sorted(losses, reverse=True)
    # mill: 5 of the 7 ties inside; without it only plant - yard - shop are still tied.
    assert card.removal.strength_share == pytest.approx(5 / 7)
    assert card.removal.pairs_share == pytest.approx(1 - 3 / 21)
    assert (card.removal.parts_before, card.removal.parts_after) == (1, 5)
    assert card.removal.successors == ("yard",)
    assert found.blocks is None


def test_the_loss_of_a_tie_is_the_fall_of_the_score() -> None:
    card = _card()
    voting = card.voting
    whole = _assessed().members[0]
    for tie in card.carrying:
        left = {m.node_id: m for m in _ranked(without=(tie.tie_id,)).members}["mill"]
        before = np.mean([whole.lenses[lens].percentile for lens in voting])
        after = np.mean([left.lenses[lens].percentile for lens in voting])
        assert tie.loss == pytest.approx(before - after)


def test_without_the_ties_named_it_is_not_among_the_first_and_none_is_in_vain() -> None:
    for card in _assessed().cards:
        found = card.without_ties
        assert found is not None
        if not found.found:
            continue
        left = _ranked(without=found.tie_ids)
        assert _last_rank(left, card.node_id) > card.places
        member = next(m for m in left.members if m.node_id == card.node_id)
        assert member.core_rank == found.rank
        for tie in found.tie_ids:
            rest = tuple(other for other in found.tie_ids if other != tie)
            assert _last_rank(_ranked(without=rest), card.node_id) <= card.places


def test_the_ties_named_are_as_few_as_can_be_here() -> None:
    card = _card()
    assert card.without_ties is not None
    own = [tie[0] for tie in TIES if "mill" in tie[1:3]]
    fewest = next(
        size
        for size in range(1, len(own) + 1)
        if any(
            _last_rank(_ranked(without=ties), "mill") > card.places
            for ties in combinations(own, size)
        )
    )
    assert len(card.without_ties.tie_ids) == fewest


def test_a_source_that_is_wrong_takes_its_ties_but_not_those_another_states() -> None:
    found = _card().without_sources
    assert found is not None
    assert found.found
    wrong = set(found.sources)
    gone = tuple(tie[0] for tie in TIES if set(tie[6].split("; ")) <= wrong)
    left = _ranked(without=gone)
    assert _last_rank(left, "mill") > 3
    assert set(found.tie_ids) == {tie[0] for tie in TIES if tie[0] in gone and "mill" in tie[1:3]}
    if "register" not in wrong or "annual report" not in wrong:
        assert "t4" not in found.tie_ids


def test_doubts_are_told() -> None:
    doubts = {doubt.code: doubt for doubt in _card().doubts}
    assert doubts["unstable"].values == {"stability": 0.6}
    assert "rank-settled" in doubts or "rank-open" in doubts
    declared = _card(stability=np.full(len(MEMBERS), np.nan))
    assert "named-not-found" in {doubt.code for doubt in declared.doubts}
    assert declared.missing["stability"] == "declared"
    weak = _card(
        tie_evidence=np.array(["estimated"] * len(TIES)),
        tie_origin=np.array(["model"] * len(TIES)),
        tie_keep=np.full(len(TIES), 0.8),
    )
    unsaid = _card(tie_evidence=np.array(["not-stated"] * len(TIES)))
    said = {doubt.code: doubt for doubt in unsaid.doubts}
    assert said["unstated-ties"].values["unstated"] == said["unstated-ties"].values["ties"]
    assert "no-measurement" not in said
    codes = [doubt.code for doubt in weak.doubts]
    assert {"one-source", "no-measurement", "doubtful-ties"} <= set(codes)
    assert set(codes) <= set(DOUBT_CODES)
    assert next(d for d in weak.doubts if d.code == "one-source").values["source"] == "model"


def test_cards_do_not_depend_on_the_order_of_ties() -> None:
    ids, source, target, layer, keep, evidence, origin = zip(*TIES[::-1], strict=True)
    turned = _assessed(
        tie_source=np.array([NODES.index(node) for node in source]),
        tie_target=np.array([NODES.index(node) for node in target]),
        tie_layer=np.array(layer),
        tie_keep=np.array(keep),
        tie_ids=np.array(ids),
        tie_evidence=np.array(evidence),
        tie_origin=np.array(origin),
    )
    assert turned == _assessed()


# -- in words ----------------------------------------------------------------------------------

cards = pytest.importorskip(
    "klaster.viz.texts.card_words", reason="the words of the pages are not there"
)
words = pytest.importorskip("klaster.viz.texts.store")
LANGUAGES = ("en", "ru", "kk")
MESSAGES = Path(__file__).parents[2] / "viz" / "texts"


def _texts(lang: str) -> dict[str, str]:
    tables = json.loads((MESSAGES / f"cards.{lang}.json").read_text(encoding="utf-8"))
    return {
        f"{table}.{key}": text for table, texts in tables.items() for key, text in texts.items()
    }


def _fields(text: str) -> list[tuple[str, str]]:
    parts = Formatter().parse(text)
    return sorted((name, spec or "") for _, name, spec, _ in parts if name is not None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_fields(lang: str) -> None:
    english, other = _texts("en"), _texts(lang)
    assert list(other) == list(english)
    for key, text in english.items():
        assert _fields(other[key]) == _fields(text), key
        assert (
            lang == "en"
            or any("а" <= letter <= "я" for letter in other[key].lower())
            or (not any(letter.isalpha() for letter in _plain(text)))
        ), key


def _plain(text: str) -> str:
    return "".join(literal for literal, *_ in Formatter().parse(text))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_that_can_be_said_has_words(lang: str) -> None:
    texts = _texts(lang)
    assert {f"doubt.{code}" for code in DOUBT_CODES} <= set(texts)
    assert {f"chain.{role}" for role in CHAIN_ROLES} <= set(texts)
    for why in ("no-circulation", "too-large", "not-installed", "declared"):
        assert f"missing.{why}" in texts
    for lens in LENSES:
        assert words.word("lens", lens, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cards_are_read_in_every_language(lang: str) -> None:
    names = {node: {"id": node, "name": node.title()} for node in NODES}
    for card in _assessed().cards:
        said = cards.card_in_words(card, lang, names)
        assert all(sentence.endswith(".") for sentence in said)
        assert not any("{" in sentence or "nan" in sentence.lower() for sentence in said)
        assert card.node_id.title() in said[0]
    everything = " ".join(said)
    assert everything.count("  ") == 0
    with pytest.raises(UnknownNameError):
        cards.card_in_words(card, "fr", names)


def test_the_english_card_says_what_matters() -> None:
    names = {node: {"id": node, "name": node.title()} for node in NODES}
    said = "\n".join(cards.card_in_words(_card(), "en", names))
    assert "Mill is core of this cluster. Its rank is 1 of 8" in said
    assert "71% of the tie strength inside the cluster goes with it" in said
    assert "The first rank then goes to: Yard." in said
    assert "Sources, reported: annual report; register." in said
    assert "if these sources were wrong" in said
    classes = load_dictionary().terms("evidence")
    assert set(_card().evidence) <= set(classes)
