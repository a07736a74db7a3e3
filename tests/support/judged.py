"""A cluster judged from plain columns of ties, for tests that change one column at a time."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from klaster.algorithms.cores.assess import Assessment, Scrutiny, assess_cluster
from klaster.algorithms.cores.tie_table import TieTable
from klaster.graph.findings import Member

SCRUTINY = {field.name for field in fields(Scrutiny)}


def judged(**columns: Any) -> Assessment:
    """Judge with ``tie_*`` as columns of the tie table, and the fields of a scrutiny as such."""
    ties = {name.removeprefix("tie_"): columns.pop(name) for name in _starting(columns, "tie_")}
    scrutiny = {name: columns.pop(name) for name in sorted(SCRUTINY & columns.keys())}
    return assess_cluster(ties=TieTable.build(**ties), scrutiny=Scrutiny(**scrutiny), **columns)


def members_judged(**columns: Any) -> tuple[Member, ...]:
    """Judge the members alone: without cards, without the test of the division."""
    return judged(cards=False, null_draws=0, **columns).members


def _starting(columns: dict[str, Any], start: str) -> list[str]:
    return [name for name in columns if name.startswith(start)]
