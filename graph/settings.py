"""How a graph is analysed: engines, settings, declared networks, statements of experts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from klaster.graph.dictionary import load_dictionary

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
        Number of runs over seeds.
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
