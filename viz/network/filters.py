"""What the filters of the network page offer: regions, and how strong a tie has to be.

Amounts come in tenge, dollars, tonnes and percent, and most ties state none, so there are two
strengths, never mixed: the number of ties between the same two, and the amount of one tie, where
all ties of a layer state one in the same measure (docs/network-page.md). Nothing is converted.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from klaster.graph.layers import FLOWS
from klaster.viz.texts.store import name_of

ABROAD = "abroad"
"""Key of the actors of which only a country is told."""

UNSAID = "unsaid"
"""Key of the actors of which no place is told."""

CELL_LAYERS = (FLOWS,)
"""Layers whose ties are cells of a table: each has its amount, counting them says nothing."""

MEASURE = ("unit", "currency", "period", "price_basis")
"""What amounts have to share before one may be held against another."""

_PLACED_KINDS = ("Actor", "Industry")
_SMALL_COUNTS = range(2, 6)
_FEW_STEPS = 4
_MOST_AMOUNTS = 8


def region_key(node: Mapping[str, Any]) -> str | None:
    """Return under which entry of the region filter a node stands; None for none of its own.

    The prefix keeps codes and words of a source apart from each other and from the two keys
    that are neither.

    Examples
    --------
    >>> region_key({"kind": "Actor", "region": "KRG"}), region_key({"kind": "Actor"})
    ('code:KRG', 'unsaid')
    >>> region_key({"kind": "Actor", "country": "Belgium", "region_published": "abroad"})
    'abroad'
    >>> region_key({"kind": "Actor", "region_published": "Saryarka"})
    'words:Saryarka'
    >>> region_key({"kind": "Product"}) is None
    True
    """
    if node["kind"] not in _PLACED_KINDS:
        return None
    if node.get("region"):
        return f"code:{node['region']}"
    if node.get("country"):
        return ABROAD
    if node.get("region_published"):
        return f"words:{node['region_published']}"
    return UNSAID


def region_choices(
    nodes: Iterable[Mapping[str, Any]],
    regions: Mapping[str, Mapping[str, Any]],
    languages: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the entries of the region filter: those that occur, if there is a choice at all.

    Parameters
    ----------
    nodes
        The nodes drawn.
    regions
        Each region's node by its code; a code without one is shown as it is.
    languages
        Languages of the page.

    Returns
    -------
    list
        For each entry ``id`` (see :func:`region_key`) and ``name`` by language, codes first.
        ``name`` is None where the page has words of its own: abroad, not said.

    Examples
    --------
    >>> firms = [{"kind": "Actor", "region": "KRG"}, {"kind": "Actor"}]
    >>> known = {"KRG": {"name": "Karaganda", "name_ru": "Караганда"}}
    >>> for entry in region_choices(firms, known, ["en", "ru"]):
    ...     print(entry)
    {'id': 'code:KRG', 'name': {'en': 'Karaganda', 'ru': 'Караганда'}}
    {'id': 'unsaid', 'name': None}
    >>> region_choices(firms[:1], known, ["en", "ru"])
    []
    """
    keys = {key for node in nodes if (key := region_key(node)) is not None}
    if len(keys) < 2:
        return []
    choices: list[dict[str, Any]] = []
    for key in sorted(keys - {ABROAD, UNSAID}):
        place = key.partition(":")[2]
        region = regions.get(place, {}) if key.startswith("code:") else {}
        names = {lang: name_of(region, lang) or place for lang in languages}
        choices.append({"id": key, "name": names})
    return choices + [{"id": key, "name": None} for key in (ABROAD, UNSAID) if key in keys]


def steps_between(low: float, high: float) -> list[float]:
    """Return the round numbers 1, 2, 5, 10, 20, 50 ... above one number and up to another.

    Examples
    --------
    >>> steps_between(4.0, 60.0), steps_between(0.02, 0.1), steps_between(3.0, 3.0)
    ([5.0, 10.0, 20.0, 50.0], [0.05, 0.1], [])
    """
    if not 0 < low < high:
        return []
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    steps = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    return [step for step in steps if low < step <= high]


def count_steps(ties: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the numbers of ties between the same two that may be asked for as a minimum.

    Each tie is a mapping with ``layer``, ``source_id`` and ``target_id``. There is nothing to
    choose where all pairs are tied equally often.

    Examples
    --------
    >>> def tie(seller, buyer, layer="supply"):
    ...     return {"layer": layer, "source_id": seller, "target_id": buyer}
    >>> count_steps([tie("a", "b"), tie("b", "a"), tie("a", "b"), tie("b", "c")])
    [2, 3]
    >>> count_steps([tie("a", "b"), tie("b", "c"), tie("x", "y", "flows"), tie("y", "x", "flows")])
    []
    """
    between: dict[tuple[str, str], int] = {}
    for tie in ties:
        if tie["layer"] not in CELL_LAYERS:
            a, b = sorted((str(tie["source_id"]), str(tie["target_id"])))
            between[a, b] = between.get((a, b), 0) + 1
    most = max(between.values(), default=0)
    if most == min(between.values(), default=0):
        return []
    few = [count for count in _SMALL_COUNTS if count <= most]
    return few + [int(step) for step in steps_between(_SMALL_COUNTS[-1], most)]


def amount_steps(ties: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the layers whose ties can be held to a minimum amount, and the amounts offered.

    Each tie is a mapping with ``layer`` and, where it states one, ``value`` and its measure
    (:data:`MEASURE`).

    Returns
    -------
    list
        For each layer, in alphabetical order, ``layer``, ``unit``, ``currency`` and ``period``
        as far as they are told, and ``steps``: the amounts offered, each of which leaves out
        more ties than the one before it.

    Examples
    --------
    >>> def tie(value, currency="KZT"):
    ...     return {"layer": "supply", "value": value, "unit": f"million {currency}",
    ...             "currency": currency}
    >>> amount_steps([tie(3.0), tie(30.0), tie(45.0)])
    [{'layer': 'supply', 'unit': 'million KZT', 'currency': 'KZT', 'steps': [30.0, 45.0]}]
    >>> amount_steps([tie(3.0), tie(30.0), tie(4.0, "USD")]), amount_steps([tie(3.0), tie(None)])
    ([], [])
    """
    by_layer: dict[str, list[Mapping[str, Any]]] = {}
    for tie in ties:
        by_layer.setdefault(str(tie["layer"]), []).append(tie)
    found = []
    for layer, group in sorted(by_layer.items()):
        measures = {tuple(tie.get(part) for part in MEASURE) for tie in group}
        amounts = [tie.get("value") for tie in group]
        if len(measures) > 1 or any(a is None or not math.isfinite(a) for a in amounts):
            continue
        measure = dict(zip(MEASURE, measures.pop(), strict=True))
        if not (measure["unit"] or measure["currency"]):
            continue
        steps = _telling_steps([float(amount) for amount in amounts if amount is not None])
        if steps:
            told = {part: measure[part] for part in MEASURE[:3] if measure[part]}
            found.append({"layer": layer, **told, "steps": steps})
    return found


def _telling_steps(amounts: Sequence[float]) -> list[float]:
    """Return amounts to ask for as a minimum: each leaves out more ties than the one before it.

    Round numbers where the amounts range widely enough for some of them to lie between, else
    amounts that occur.
    """
    occurring = sorted(set(amounts))
    positive = [amount for amount in occurring if amount > 0]
    if len(occurring) < 2 or not positive:
        return []
    steps: list[float] = []
    for step in steps_between(positive[0], positive[-1]):
        # Two steps with no amount between them would leave the same ties.
        if bisect_left(occurring, step) > bisect_left(occurring, steps[-1] if steps else 0.0):
            steps.append(step)
    if len(steps) >= _FEW_STEPS:
        return steps
    above = occurring[1:]
    return above[:: math.ceil(len(above) / _MOST_AMOUNTS)]
