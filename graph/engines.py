"""The engines that look for communities, by name, and what each seeks the best of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Objective = Literal["undirected", "directed", "potts", "map-equation"]

OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "leiden": "undirected",
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
