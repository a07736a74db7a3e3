"""How uncertain an amount is by the class of its evidence, where nothing better is known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SPREAD_BY_EVIDENCE: Mapping[str, float] = MappingProxyType(
    {
        "measured": 0.05,
        "reported": 0.2,
        "paper": 0.2,
        "estimated": 0.5,
        "synthetic": 0.2,
        "not-stated": 0.2,
    }
)
"""Coefficient of variation by class: working assumptions, 0.2 being the default of the methods
reference and of ties whose evidence is not stated."""
