"""Texts: complete in three languages, formed rightly, refusing what they do not know."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
from viz_case import NETWORKS, made_up_findings, made_up_graph

from klaster.algorithms.cores.lenses import LENSES
from klaster.algorithms.cores.reasons import REASON_CODES
from klaster.graph.core_cards import Reason
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import LayerFinding
from klaster.graph.spelling import search_key
from klaster.viz.texts.store import LANGUAGES, load, number, percent, probability, word
from klaster.viz.texts.words import cluster_title, explain, sentence, tie_in_words, verdict

EXAMPLES: dict[str, dict[str, str | int | float]] = {
    "largest-share": {"share": 0.5, "ties": 6, "tied": 1, "n": 9},
    "large-share": {"share": 0.2, "ties": 3, "rank": 2.0, "n": 9},
    "suppliers-converge": {
        "sources": 4, "ties": 5, "layers": "knowledge, supply", "rank": 1.0, "n": 9,
    },
    "source-for-others": {"receivers": 2, "ties": 2, "layers": "supply", "rank": 2.5, "n": 9},
    "broker": {"pairs": 0.71, "rank": 1.0, "n": 9},
    "embedded": {"k": 3, "members": 5, "n": 9},
    "helix-reach": {
        "spheres": "academia, government", "sphere_count": 2,
        "layers": "knowledge, governance", "layer_count": 2,
    },
    "all-round": {"above": 4, "lenses": 6, "n": 9},
    "sure-rank": {"rank": 1.0, "low": 1.0, "high": 2.0, "places": 3, "draws": 100, "n": 9},
    "unsure-rank": {"rank": 3.0, "low": 1.0, "high": 6.0, "places": 3, "draws": 100, "n": 9},
    "crowded-rank": {"rank": 3.0, "low": 1.0, "high": 6.0, "places": 3, "draws": 100, "n": 9},
    "shared-rank": {"rank": 2.5, "members": 2, "n": 9},
    "held-by-few-ties": {"ties": 1},
    "held-by-doubtful-ties": {"doubtful": 3, "ties": 5},
    "held-by-unstated-ties": {"unstated": 3, "ties": 5},
    "held-by-estimated-ties": {"estimated": 3, "ties": 5},
    "key-ties": {"ties": 5, "of": 8, "share": 0.6},
}  # fmt: skip
"""What each code carries, as klaster.algorithms.cores.reasons documents it."""


def _texts(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _texts(value, f"{path}{key}/")
        else:
            yield f"{path}{key}", value


def _fields(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name}


def test_every_key_is_in_every_language_with_the_same_fields() -> None:
    english = dict(_texts(load("en")))
    for lang in LANGUAGES:
        other = dict(_texts(load(lang)))
        assert other.keys() == english.keys()
        for key, text in other.items():
            assert text.strip(), (lang, key)
            assert _fields(text) == _fields(english[key]), (lang, key)


def test_russian_and_kazakh_are_translated() -> None:
    """No text of some length is left in English, and Kazakh is not a copy of Russian."""
    latin = {"page/png", "page/svg", "report/digest", "io/version"}
    english, russian, kazakh = (dict(_texts(load(lang))) for lang in LANGUAGES)
    for key, text in english.items():
        if key in latin or "_" in text or not re.search("[a-z]{4}", re.sub(r"\{.*?\}", "", text)):
            continue
        for other in (russian[key], kazakh[key]):
            assert re.search("[а-яәғқңөұүһі]", other.lower()), key
    same = [key for key in russian if len(russian[key]) > 25 and russian[key] == kazakh[key]]
    assert not same
    assert sum(any(sign in text for sign in "әғқңөұүһі") for text in kazakh.values()) > 250


def test_every_term_of_the_dictionary_has_a_word() -> None:
    dictionary = load_dictionary()
    for lang in LANGUAGES:
        for vocabulary in ("evidence", "sphere", "status", "confidence", "actor_type",
                           "region_type"):  # fmt: skip
            for term in dictionary.terms(vocabulary):
                assert word(vocabulary, term, lang)
        for layer in (*dictionary.layers(), "joint", "declared"):
            assert word("layer", layer, lang)
        assert set(dictionary.tie_type_names()) == set(load(lang)["tie"])
        assert set(LENSES) <= set(load(lang)["lens"])


def test_every_reason_the_cores_give_has_a_sentence() -> None:
    graph = made_up_graph()
    assert set(EXAMPLES) == set(REASON_CODES)
    for code in REASON_CODES:
        said = {sentence(Reason(code, EXAMPLES[code]), lang, graph) for lang in LANGUAGES}
        assert len(said) == 3
        assert not any("{" in text or re.search(r"\bnan\b", text) for text in said)


def test_a_shared_first_place_is_said_so() -> None:
    values = {**EXAMPLES["largest-share"], "tied": 2}
    alone = sentence(Reason("largest-share", EXAMPLES["largest-share"]), "en", made_up_graph())
    shared = sentence(Reason("largest-share", values), "en", made_up_graph())
    assert "the largest share" in alone
    assert "members with this same share: 2" in shared


def test_a_sentence_says_the_numbers_and_words_of_its_language() -> None:
    graph = made_up_graph()
    text = sentence(Reason("helix-reach", EXAMPLES["helix-reach"]), "ru", graph)
    assert "наука и образование, государство" in text
    text = sentence(Reason("broker", EXAMPLES["broker"]), "kk", graph)
    assert "71\u00a0%" in text


@pytest.mark.parametrize("code", ["no-such-code", ""])
def test_an_unknown_reason_is_refused(code: str) -> None:
    with pytest.raises(UnknownNameError, match="largest-share"):
        sentence(Reason(code), "en", made_up_graph())


def test_a_reason_that_lacks_a_value_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="share"):
        sentence(Reason("key-ties", {"ties": 1, "of": 2}), "en", made_up_graph())


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="en, kk, ru"):
        load("fr")


def test_an_explanation_joins_standing_and_reasons() -> None:
    cluster = made_up_findings().clusters[1]
    text = explain(cluster.members[0], cluster, made_up_graph(), "ru", NETWORKS)
    assert text.startswith("«Кармет» – ядро кластера «Сеть стали».")
    assert "50\u00a0%" in text
    assert cluster_title(cluster, made_up_graph(), "kk", NETWORKS) == "Болат желісі"


def test_a_tie_in_words_names_product_year_evidence_and_source() -> None:
    graph = made_up_graph()
    tie = {
        "source_id": "linde", "target_id": "qarmet", "tie_type": "SUPPLIES", "product": "oxygen",
        "year": 2010, "evidence": "reported", "source": "Report 2010", "status": "current",
    }  # fmt: skip
    assert tie_in_words(tie, graph, "en") == (
        "Linde Gas supplies Qarmet (oxygen; 2010; reported; source: Report 2010)"
    )
    ended = {**tie, "status": "ended", "year_to": 2012}
    assert "2010–2012" in tie_in_words(ended, graph, "ru")
    assert "прекращено" in tie_in_words(ended, graph, "ru")


def test_numbers_are_written_as_the_language_does() -> None:
    assert number(-1234.5, "en") == "−1,234.5"
    assert number(-0.0001, "en") == "0"
    assert number(1234.5, "kk") == "1\u00a0234,5"
    assert number(math.nan, "ru") == "–"
    assert (percent(0.0, "en"), percent(0.004, "en"), percent(0.999, "en")) == ("0%", "<1%", ">99%")
    assert (probability(0.0049751, "en"), probability(0.00002, "en")) == ("0.005", "0.00002")


def test_no_clusters_is_said_as_a_result_with_its_reason() -> None:
    def finding(reason: str, significant: bool, ari: float) -> LayerFinding:
        return LayerFinding(
            "supply", "Actor", "leiden", 1, 1.0, 9, 12, 0, "dropped", 1, 0.0, 0.0, "swap", 99, 0.2,
            0.1, 0.01, significant, reason, 100, 1, ari,
        )  # fmt: skip

    for reason in ("one-community", "not-above-chance", "no-ties", "too-small", ""):
        for lang in LANGUAGES:
            assert verdict(finding(reason, False, 1.0), lang)
    assert "one single community" in verdict(finding("one-community", False, 1.0), "en")
    assert "stable" in verdict(finding("", True, 0.95), "en")
    assert "uncertain" in verdict(finding("", True, 0.4), "en")
    with pytest.raises(UnknownNameError):
        verdict(finding("another-code", False, 1.0), "en")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Qarmet", "Кармет"),
        ("Qarmet", "Қармет"),
        ("ҚАРМЕТКОМБИНАТ", "Кармет-комбинат".replace("-", "")),
        ("Ёлка", "елка"),
        ("Ulba", "Ульба"),
        ("Oskemen", "Өскемен"),
        ("Zhezqazghan", "Жезказган"),
        ("Jetisu", "Жетісу"),
        ("Ust-Kamenogorsky", "Усть-Каменогорский"),
        ("Shymkent", "Шымкент"),
        ("Saryarka", "Сарыарка"),
        ("École", "ecole"),
    ],
)
def test_spellings_of_one_name_fold_alike(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


def test_different_names_stay_different() -> None:
    assert search_key("Ульба") != search_key("Альба")
    assert search_key("Казцинк") != search_key("Казхром")
    assert search_key("№ 5-zavod") == "no 5 zavod"
