"""Layers: ties of one kind of relation, their names and their matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from klaster.graph.content import ByContent, counted, short_repr
from klaster.graph.matrices import CSR, StrArray

FLOWS, SUPPLY, OWNERSHIP, COOPERATION, KNOWLEDGE, FINANCE, GOVERNANCE, MEMBERSHIP = (
    "flows",
    "supply",
    "ownership",
    "cooperation",
    "knowledge",
    "finance",
    "governance",
    "membership",
)
GEOGRAPHY, TRADE, AFFILIATION, RESULT = "geography", "trade", "affiliation", "result"
PARTICIPATION, POLICY, PROVENANCE = "participation", "policy", "provenance"
"""The layers of the dictionary (``graph/schema/tie_types.csv``)."""

JOINT = "joint"
"""All layers that tie actors to actors, added up: the aggregated network."""

FIRMS, HELIX, DECLARED = "firms", "helix", "declared"
"""Groupings named beside layers: firms by their supply ties, actors by their ties of the helix,
and the networks a case declares."""

WeightKind = Literal["ties", "value"]
"""What a tie counts in a matrix: 1 (``ties``), or its amount (``value``)."""


@dataclass(frozen=True, eq=False, repr=False)
class Layer(ByContent):
    """Ties of one layer (or of several together) between the nodes of one kind, as a matrix.

    Attributes
    ----------
    name
        The layer; ``joint`` where it is several.
    node_ids
        The nodes in sorted order: row and column ``k`` of the matrix is ``node_ids[k]``.
    matrix
        ``matrix[i, j]`` is the weight of the ties from ``i`` to ``j``, parallel ties added up;
        self-ties stay on the diagonal. A tie that means the same either way (cooperation) counts
        half in each direction, whichever end it was written from.
    weight
        ``ties``: each tie counts 1. ``value``: each tie counts its amount.
    tie_count
        Number of ties that went in, self-ties among them.
    self_ties
        Number of ties from a node to itself.

    Examples
    --------
    >>> layer = Layer("supply", np.array(["mill", "mine"]), sparse.csr_array(np.eye(2)), "ties", 2, 2)
    >>> layer
    Layer('supply', 2 nodes, 2 ties)
    >>> layer.connected_part()
    Layer('supply', 0 nodes, 2 ties)
    """

    name: str
    node_ids: StrArray
    matrix: CSR
    weight: WeightKind
    tie_count: int
    self_ties: int

    def __repr__(self) -> str:
        counts = (counted(len(self.node_ids), "node"), counted(self.tie_count, "tie"))
        return short_repr(self, repr(self.name), *counts)

    def connected_part(self) -> Layer:
        """Return the layer without the nodes that have no tie to another node."""
        ties = self.matrix.tocoo()
        row, column = ties.coords
        keep = np.unique(np.concatenate([row[row != column], column[row != column]]))
        part = sparse.csr_array(self.matrix[keep][:, keep])
        return Layer(
            self.name, self.node_ids[keep], part, self.weight, self.tie_count, self.self_ties
        )
