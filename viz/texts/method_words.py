"""What was sought and tested, and against what: in words chosen by the findings themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isnan

from klaster.algorithms.analysis import robustness
from klaster.algorithms.analysis.resolution import LARGE, RUNS_IF_LARGE
from klaster.algorithms.cores.assess import DRAWS_IF_LARGE
from klaster.algorithms.cores.lenses import EXACT_UP_TO, PIVOTS, PIVOTS_A_DRAW
from klaster.algorithms.cores.why_cards import EFFORT_IF_LARGE
from klaster.graph.findings import Findings, LayerFinding
from klaster.graph.layers import JOINT
from klaster.viz.texts.store import fill, load, number, word

EXACT = "exact"


def quality_shown(finding: LayerFinding, value: float, lang: str, digits: int) -> str:
    """Return a value of the quality that was tested as people read it.

    Examples
    --------
    >>> finding = LayerFinding("supply", "Actor", "map-equation", 1, 1.0, 9, 12, 0, "dropped", 2,
    ...     0.3, 0.3, "degree-preserving", 99, -3.1, 0.1, 0.01, True, "", 100, 1, 1.0,
    ...     "map-equation", -2.6)
    >>> quality_shown(finding, finding.observed, "en", 2)
    '2.60'
    """
    # A code is the better the shorter: findings hold its length with a minus sign.
    return number(-value if finding.objective == "map-equation" else value, lang, digits)


def objective_named(finding: LayerFinding, lang: str) -> str:
    """Return the name of the quality that was tested."""
    return word("objective", finding.objective, lang)


def is_another_quality(finding: LayerFinding) -> bool:
    """Return whether what was tested is not the modularity that is shown beside it."""
    if isnan(finding.observed):
        return False
    apart = abs(finding.observed - finding.modularity) >= 5e-4
    return finding.objective != "undirected" or apart


def held_against_chance(finding: LayerFinding, lang: str) -> str:
    """Return the sentence on the quality found, what chance gives, and the p-value.

    Examples
    --------
    >>> finding = LayerFinding("supply", "Actor", "leiden", 1, 1.0, 9, 12, 0, "dropped", 2, 0.41,
    ...     0.4, "weight-shuffle", 99, 0.2, 0.1, 0.01, True, "", 100, 1, 1.0, "undirected", 0.41)
    >>> held_against_chance(finding, "en")
    'Modularity 0.41; networks with the same ties, their strengths shuffled, reach 0.20 on average \
(p = 0.01).'
    """
    return fill(
        word("quality_test", finding.objective, lang),
        lang,
        q=quality_shown(finding, finding.observed, lang, 2),
        null=quality_shown(finding, finding.null_mean, lang, 2),
        networks=word("null_networks", _null_key(finding), lang),
        p=finding.p_value,
    )


def _null_key(finding: LayerFinding) -> str:
    if finding.null_model in load("en")["null_networks"]:
        return finding.null_model
    return "mixed" if " + " in finding.null_model else "other"


def method_in_words(findings: Findings, lang: str) -> list[str]:
    """Return how communities, their significance and the ranks were computed, sentence by sentence.

    Only what was done is told, so a run by another engine, or on a small network, reads
    otherwise; where layers were treated differently, they are named.
    """
    looked = [f for f in findings.layers if f.node_count]
    tested = [f for f in looked if f.null_draws]
    exact = [f for f in looked if f.engine == EXACT]
    said = _each_kind(looked, lambda f: f.objective, "method_objective", lang)
    if exact:
        layers = _layers(exact, lang)
        said.append(fill(word("method", "exact", lang), lang, layers=layers))
    if len(exact) < len(looked):
        said.append(word("method", "runs", lang))
    if tested:
        said.append(word("method", "test", lang))
        said += _each_kind(tested, _null_key, "method_null", lang)
    if not looked:
        said.append(word("method", "no_ties", lang))
    if findings.is_held(JOINT):
        said.append(word("method", "held", lang))
    said.append(word("method", "ranks", lang))
    if any(finding.node_count > LARGE for finding in looked):
        said.append(
            fill(
                word("method", "large_network", lang),
                lang,
                above=LARGE,
                draws=robustness.DRAWS_IF_LARGE,
                runs=RUNS_IF_LARGE,
            )
        )
    large = [c for c in findings.clusters if len(c.members) > EXACT_UP_TO]
    if large:
        said.append(
            fill(
                word("method", "large", lang),
                lang,
                above=EXACT_UP_TO,
                pivots=PIVOTS,
                a_draw=PIVOTS_A_DRAW,
                draws=DRAWS_IF_LARGE,
            )
        )
    without = sum(len(c.cores_without_card) for c in large)
    if without:
        said.append(
            fill(
                word("method", "cards_if_large", lang),
                lang,
                cards=EFFORT_IF_LARGE.cards,
                tried=EFFORT_IF_LARGE.tried,
                without=without,
            )
        )
    return said


def _each_kind(
    found: Iterable[LayerFinding], kind: Callable[[LayerFinding], str], table: str, lang: str
) -> list[str]:
    """Return a sentence for each kind of layer; the layers are named where there are several."""
    by_kind: dict[str, list[LayerFinding]] = {}
    for finding in found:
        by_kind.setdefault(kind(finding), []).append(finding)
    said = []
    for key, own in by_kind.items():
        sentence = word(table, key, lang)
        if len(by_kind) > 1:
            layers = _layers(own, lang)
            sentence = fill(
                word("method", "in_layers", lang), lang, sentence=sentence, layers=layers
            )
        said.append(sentence)
    return said


def _layers(found: Iterable[LayerFinding], lang: str) -> str:
    return "; ".join(word("layer", finding.layer, lang) for finding in found)
