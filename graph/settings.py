"""How a graph is analysed: engines, settings, declared networks, statements of experts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, InputError, did_you_mean

Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, total)`` while something long is done."""

Objective = Literal["undirected", "directed", "potts", "map-equation"]

OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "leiden": "undirected",
        "leiden-compiled": "undirected",
        "leiden-cpm": "potts",
        "leiden-directed": "directed",
        "leiden-graspologic": "undirected",
        "leiden-networkit": "undirected",
        "louvain-networkx": "undirected",
        "louvain-python": "undirected",
        "map-equation": "map-equation",
    }
)
"""What each engine seeks: the highest modularity, ``undirected`` (of W + Wᵀ) or ``directed`` (of W),
the highest ``potts`` quality, or the shortest code of the ``map-equation``."""

COUNTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "seed": (0, 2**32 - 1),
        "ensemble": (1, 100_000),
        "null_draws": (1, 1_000_000),
        "evidence_draws": (1, 1_000_000),
    }
)
"""Least and greatest value of each setting that is a whole number."""

NUMBERS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"resolution": (1e-6, 1e6), "significance": (1e-6, 1 - 1e-6)}
)
"""Least and greatest value of each other setting that is a number."""

SHARES: Mapping[str, tuple[float, float]] = MappingProxyType({"layers": (0, 1e9), "keep": (0, 1)})
"""Least and greatest value by name, of each setting that has several."""


def _each_actor_layer_once() -> Mapping[str, float]:
    return dict.fromkeys(load_dictionary().actor_layers(), 1.0)


def _usual_keep() -> Mapping[str, float]:
    return {"high": 0.95, "medium": 0.8, "low": 0.5}


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """How a case is analysed: the section ``[analysis]``.

    Attributes
    ----------
    seed
        Seed of everything random.
    status
        Status of the ties that take part; a tie without a status counts as ``current``.
    self_ties
        ``drop`` or ``keep`` ties of a node to itself (on dense tables they decide the answer).
    engine, resolution
        Community detection engine and its resolution parameter.
    ensemble
        _Number of runs over seeds.
    null_draws, significance
        Draws of the null model, and the level of the test.
    evidence_draws
        Draws in which each tie is kept with the probability in ``keep``.
    joint
        How the layers of actors are taken together: ``sum`` adds them up, ``multiplex`` seeks
        communities that hold in each, every layer with its own expectation.
    layers
        Weight of each actor layer in the joint network, all layers named.
    keep
        Probability that a tie holds, by confidence, all terms named.

    Raises
    ------
    InputError
        With a fault for each setting that is not one of those allowed, or lies outside its range.
        Layers and terms of confidence that are not named have their usual value.

    Examples
    --------
    >>> AnalysisSettings(engine="map-equation", seed=7).ensemble
    100
    """

    seed: int = 1
    status: tuple[str, ...] = ("current", "as_published")
    self_ties: Literal["drop", "keep"] = "drop"
    engine: str = "leiden"
    resolution: float = 1.0
    ensemble: int = 100
    null_draws: int = 200
    significance: float = 0.05
    evidence_draws: int = 100
    joint: Literal["sum", "multiplex"] = "sum"
    layers: Mapping[str, float] = field(default_factory=_each_actor_layer_once)
    keep: Mapping[str, float] = field(default_factory=_usual_keep)

    def __post_init__(self) -> None:
        terms = {"engine": OBJECTIVES, "self_ties": ("drop", "keep"), "joint": ("sum", "multiplex")}
        usual = {"layers": _each_actor_layer_once(), "keep": _usual_keep()}
        known = load_dictionary().terms("status")
        wrong: list[Fault] = []
        for name in (f.name for f in fields(self)):
            given = getattr(self, name)
            try:
                if name in COUNTS:
                    given = _within(_whole(given), COUNTS[name])
                elif name in NUMBERS:
                    given = _within(_number(given), NUMBERS[name])
                elif name in SHARES:
                    given = _shares(given, usual[name], SHARES[name])
                elif name == "status":
                    given = tuple(_term(term, known) for term in _each(given, "a term"))
                else:
                    given = _term(given, terms[name])
            except _WrongSettingError as why:
                problem, remedy = why.args
                wrong.append(
                    Fault(file="settings", column=name, code="bad-setting", value=repr(given),
                          problem=problem, remedy=remedy)
                )  # fmt: skip
            object.__setattr__(self, name, given)
        if wrong:
            raise InputError(wrong, "the analysis")


_Number = TypeVar("_Number", int, float)


class _WrongSettingError(Exception):
    """Why a setting cannot be used, and what to give instead."""


def _whole(given: Any) -> int:
    try:
        if isinstance(given, bool):
            raise TypeError
        return operator.index(given)
    except TypeError:
        raise _WrongSettingError("it must be a whole number", "Give one, as 1.") from None


def _number(given: Any) -> float:
    try:
        if isinstance(given, (bool, str)):
            raise TypeError
        return float(given)
    except (TypeError, ValueError, OverflowError):
        raise _WrongSettingError("it must be a number", "Give one, as 1.0.") from None


def _within(given: _Number, ends: tuple[float, float]) -> _Number:
    low, high = ends
    if not low <= given <= high:
        raise _WrongSettingError(
            f"it must lie between {low:g} and {high:g}", "Give a number in this range."
        )
    return given


def _term(given: Any, allowed: Iterable[str]) -> str:
    names = list(allowed)
    if not (isinstance(given, str) and given in names):
        near = did_you_mean(str(given), names).rstrip(".")
        raise _WrongSettingError(f"{given!r} is not allowed here{near}", f"Use {', '.join(names)}.")
    return given


def _each(given: Any, what: str) -> tuple[Any, ...]:
    """Return one text, or the items of a list, as a tuple that is not empty."""
    items = (given,) if isinstance(given, str) else tuple(given) if _is_list(given) else ()
    if not items:
        raise _WrongSettingError(f"it must be {what} at least", f"Give {what} or a list of them.")
    return items


def _is_list(given: Any) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, Mapping)


def _shares(
    given: Any, usual: Mapping[str, float], ends: tuple[float, float]
) -> Mapping[str, float]:
    if not isinstance(given, Mapping):
        raise _WrongSettingError(
            "it must be a number by name", f"Give {{{next(iter(usual))!r}: 1}}."
        )
    for name in given:
        _term(name, usual)
    found = {n: _within(_number(given.get(n, value)), ends) for n, value in usual.items()}
    if not any(found.values()) and ends[1] > 1:
        raise _WrongSettingError("every layer has weight 0", "Leave one above.")
    return found


def rule_obstacles(analysis: AnalysisSettings) -> dict[str, tuple[str, str, str, str]]:
    """Return what of the settings does not go with rules of experts.

    By setting: the code of the fault, the value given, the problem, and the next step.

    Examples
    --------
    >>> list(rule_obstacles(AnalysisSettings(engine="map-equation")))
    ['engine']
    """
    priced = "rules of experts are priced in the modularity"
    found: dict[str, tuple[str, str, str, str]] = {}
    if analysis.joint == "multiplex":
        found["joint"] = (
            "rules-need-sum",
            analysis.joint,
            f"{priced} of the layers added up",
            'Take joint = "sum", or drop the rules in [[experts]].',
        )
    if OBJECTIVES.get(analysis.engine, "undirected") != "undirected":
        able = [name for name, seeks in OBJECTIVES.items() if seeks == "undirected"]
        found["engine"] = (
            "rules-need-modularity",
            analysis.engine,
            f"{priced} without direction, and this engine seeks another quality",
            f"Take one of {', '.join(able)}, or drop the rules in [[experts]].",
        )
    return found


@dataclass(frozen=True, slots=True)
class Network:
    """A network the case declares; its members are the actors whose ``network`` is its id."""

    id: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatedTie:
    """A tie that experts know of."""

    source: str
    target: str
    type: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One section ``[[experts]]``.

    Attributes
    ----------
    by
        Who says so; shown with every result that rests on it.
    note
        In what words.
    together, apart
        Keys of actors that belong into one cluster, or each into another.
    cluster, titles
        A cluster that the experts name, and its title by language where they give one.
    members, not_members
        Keys of actors that belong, or do not belong, to that cluster.
    tie
        A tie; None where none is stated.
    row
        Line of the case file.
    """

    by: str
    note: str = ""
    together: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    cluster: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    not_members: tuple[str, ...] = ()
    tie: StatedTie | None = None
    row: int = 0

    @property
    def has_rules(self) -> bool:
        """Whether it sets a condition on the clusters, not only a tie."""
        return bool(self.together or self.apart or self.members or self.not_members)
