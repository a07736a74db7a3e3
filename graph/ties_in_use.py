"""Which ties between actors take part in an analysis, and what is to be known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.model import ACTIVE_STATUS, ClusterGraph

SELF_LOOP = "self-loop"
"""Why a tie takes no part that ties an actor to itself; other reasons are terms of ``status``."""


def left_out_because(
    tie: Mapping[str, Any], status: Collection[str] = ACTIVE_STATUS, self_ties: str = "drop"
) -> str:
    """Return why a tie takes no part: its status, or that it is a self-loop; empty where it does.

    Examples
    --------
    >>> tie = {"source_id": "mine", "target_id": "mill", "status": "planned"}
    >>> left_out_because(tie), left_out_because(tie, ["current", "planned"])
    ('planned', '')
    """
    stated = str(tie.get("status") or "current")
    if stated not in status:
        return stated
    return SELF_LOOP if self_ties == "drop" and tie["source_id"] == tie["target_id"] else ""


@dataclass(frozen=True)
class TiesInUse:
    """The ties between actors, counted.

    Attributes
    ----------
    total, used
        All, and those that take part in the analysis.
    left_out
        How many of the others there are, by reason: terms of ``status`` in their order, then
        :data:`SELF_LOOP`.
    with_amount, estimated, synthetic
        How many of those that take part state an amount, are estimated, are made up.
    """

    total: int
    used: int
    left_out: Mapping[str, int]
    with_amount: int
    estimated: int
    synthetic: int


def ties_in_use(
    graph: ClusterGraph, status: Collection[str] = ACTIVE_STATUS, self_ties: str = "drop"
) -> TiesInUse:
    """Count the ties between actors by whether they take part in an analysis.

    Examples
    --------
    >>> import networkx as nx
    >>> ties = ClusterGraph.from_networkx(nx.Graph([("mine", "mill"), ("mine", "mine")]))
    >>> ties_in_use(ties)
    TiesInUse(total=2, used=1, left_out={'self-loop': 1}, with_amount=0, estimated=0, synthetic=0)
    """
    actors = graph.select(kinds=["Actor"], layers=load_dictionary().actor_layers())
    return counted_ties(records(actors.ties), status, self_ties)


def counted_ties(
    ties: Iterable[Mapping[str, Any]],
    status: Collection[str] = ACTIVE_STATUS,
    self_ties: str = "drop",
) -> TiesInUse:
    """Count ties (rows as dictionaries) as :func:`ties_in_use` does."""
    why, evidence, amounts = Counter[str](), Counter[str](), 0
    for tie in ties:
        reason = left_out_because(tie, status, self_ties)
        why[reason] += 1
        if not reason:
            evidence[str(tie.get("evidence"))] += 1
            amounts += tie.get("value") is not None and isfinite(tie["value"])
    order = (*load_dictionary().terms("status"), SELF_LOOP)
    return TiesInUse(
        total=why.total(),
        used=why[""],
        left_out={reason: why[reason] for reason in order if why[reason]},
        with_amount=amounts,
        estimated=evidence["estimated"],
        synthetic=evidence["synthetic"],
    )
