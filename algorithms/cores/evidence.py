"""Draws of the evidence: networks that could be the true one, given the ties that are known.

What is known of a network is wrong in three ways, and a draw undoes each of them at random.

1. *Some ties that are stated do not hold.* Every tie is kept with its own probability
   (:attr:`~klaster.algorithms.cores.tie_table.TieTable.keep`, from the confidence in its source).
2. *Some ties that hold are stated nowhere.* If a source that names a tie is right with
   probability ``q``, we take it that such sources find a tie with probability ``q`` too. Then as
   many ties are unknown as are wrongly stated: ``sum (1 - q)`` is the expectation of both, layer
   by layer. So many are added, Poisson-distributed.
3. *Strengths are uncertain.* Each is multiplied by a lognormal factor of mean 1 and the tie's own
   coefficient of variation (:data:`~klaster.algorithms.trust.uncertainty.SPREAD_BY_EVIDENCE`).

Thinning alone is not enough: it only ever takes ties away, so a member that has few *known* ties
never gains one, and its rank looks surer than it is.

Where an unknown tie goes
    It takes layer, strength and kind of a known tie, picked in proportion to its doubt. Its ends
    are drawn by how many ties of that layer leave, or reach, each node, plus a half of the
    node's ties of all layers relative to the mean (a hub in one layer is likelier to be one in
    another); and these propensities are themselves uncertain, so each draw takes them from the
    gamma distribution with that mean (the ends then follow a Dirichlet-multinomial law). Only
    spheres that have such an end in the layer come into question: banks finance, firms do not.

How well this does is measured in ``docs/cores.md``: networks drawn whole, then spoilt as the
confidences say. No factor was fitted there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from klaster.algorithms.cores.tie_table import BoolArray, TieTable
from klaster.graph.model import FloatArray, IntArray, StrArray

SHARED_PROPENSITY = 0.5
"""Ties a node of mean degree is credited with, in a layer in which it has none."""

_ROUNDS = 50


@dataclass(frozen=True, eq=False)
class EvidenceModel:
    """What a draw needs to know of the evidence; made by :meth:`of`.

    Attributes
    ----------
    ties
        The known ties.
    size, member_count
        Number of nodes; the first ``member_count`` of them are the members.
    wrong
        Probability that each tie does not hold.
    givers, takers
        By layer: propensity of each node to be the source, or the target, of an unknown tie.
    """

    ties: TieTable
    size: int
    member_count: int
    wrong: FloatArray
    givers: Mapping[str, FloatArray]
    takers: Mapping[str, FloatArray]

    @classmethod
    def of(cls, ties: TieTable, member_count: int, spheres: StrArray) -> EvidenceModel:
        """Read the model off the known ties.

        Parameters
        ----------
        ties
            Ties that touch a member, nodes numbered with the members first.
        member_count
            Number of members.
        spheres
            Sphere of every node.
        """
        size = len(spheres)
        proper = ties.source != ties.target
        degree = np.bincount(ties.source[proper], minlength=size) + np.bincount(
            ties.target[proper], minlength=size
        )
        relative = degree / degree.mean() if degree.any() else np.zeros(size)
        givers, takers = {}, {}
        for layer in np.unique(ties.layer[proper]).tolist():
            rows = proper & (ties.layer == layer)
            both = rows & ties.both_ways
            out = _ends(ties.source[rows], ties.target[both], size)
            into = _ends(ties.target[rows], ties.source[both], size)
            givers[layer], takers[layer] = (
                np.where(
                    np.isin(spheres, spheres[many > 0]), many + SHARED_PROPENSITY * relative, 0.0
                )
                for many in (out, into)
            )
        wrong = np.where(proper, 1.0 - ties.keep, 0.0)
        return cls(ties, size, member_count, wrong, givers, takers)

    @property
    def is_certain(self) -> bool:
        """Whether every draw gives the known ties as they are."""
        return not (self.wrong.any() or self.ties.spread.any())

    def draw(self, rng: np.random.Generator) -> TieTable:
        """Return one network that could be the true one.

        Parameters
        ----------
        rng
            Source of randomness.

        Returns
        -------
        TieTable
            The ties kept, and after them the ties added, with made-up keys and ``keep`` of 1.

        Examples
        --------
        >>> known = TieTable.build(["a", "b"], [0, 1], [1, 2], ["supply"] * 2, keep=[1.0, 0.5])
        >>> model = EvidenceModel.of(known, 3, np.array(["business"] * 3))
        >>> drawn = model.draw(np.random.Generator(np.random.PCG64(4)))
        >>> bool("a" in drawn.ids), model.is_certain
        (True, False)
        """
        ties = self.ties
        strength = ties.weight * _lognormal(ties.spread, rng)
        kept = rng.random(len(ties)) >= self.wrong
        whole = replace(ties, weight=strength)
        known = whole.taken(kept)
        expected = float(self.wrong.sum())
        if expected == 0:
            return known
        model = rng.choice(len(ties), int(rng.poisson(expected)), p=self.wrong / expected)
        source, target, placed = self._ends_for(model, rng)
        added = whole.rows(model[placed])
        return _joined(known, replace(added, source=source, target=target))

    def _ends_for(
        self, model: IntArray, rng: np.random.Generator
    ) -> tuple[IntArray, IntArray, BoolArray]:
        """Draw both ends of each tie to be added; say which found a place."""
        source = np.zeros(len(model), dtype=np.int64)
        target = np.zeros(len(model), dtype=np.int64)
        placed = np.zeros(len(model), dtype=bool)
        layers = self.ties.layer[model]
        for layer in sorted(self.givers):  # every layer takes its turn, so draws stay comparable
            open_rows = np.flatnonzero(layers == layer)
            if not len(open_rows):
                continue
            giver, taker = (_shares(of[layer], rng) for of in (self.givers, self.takers))
            for _ in range(_ROUNDS):
                one = rng.choice(self.size, len(open_rows), p=giver)
                other = rng.choice(self.size, len(open_rows), p=taker)
                fits = (one != other) & (np.minimum(one, other) < self.member_count)
                done = open_rows[fits]
                source[done], target[done], placed[done] = one[fits], other[fits], True
                open_rows = open_rows[~fits]
                if not len(open_rows):
                    break
        return source[placed], target[placed], placed


def _ends(rows: IntArray, more: IntArray, size: int) -> FloatArray:
    ends = np.concatenate([rows, more])
    return np.bincount(ends, minlength=size).astype(np.float64)


def _lognormal(spread: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return factors of mean 1 with these coefficients of variation."""
    sigma = np.sqrt(np.log1p(spread**2))
    return np.asarray(np.exp(sigma * rng.standard_normal(len(sigma)) - sigma**2 / 2))


def _shares(propensity: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw shares that add up to 1 from the Dirichlet distribution of these propensities."""
    drawn = np.zeros(len(propensity))
    possible = propensity > 0
    drawn[possible] = rng.standard_gamma(propensity[possible])
    total = float(drawn.sum())
    if total == 0:  # all gamma variates underflowed
        return np.asarray(propensity / propensity.sum())
    return drawn / total


def _joined(known: TieTable, added: TieTable) -> TieTable:
    ids = np.array([f"+{k}" for k in range(len(added))], dtype=np.str_)
    return known.followed_by(replace(added, ids=ids, keep=np.ones(len(added))))
