"""The ties a judgement of cores rests on, with how sure each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from klaster.graph.errors import Fault, InputError, file_row
from klaster.graph.model import CSR, FloatArray, IntArray, StrArray, added_up

BoolArray = npt.NDArray[np.bool_]

NOT_STATED = "not stated"
"""The origin of a tie of which nobody says where it is stated."""


@dataclass(frozen=True, eq=False)
class TieTable:
    """Ties between nodes, one row each, sorted by key; made by :meth:`build`.

    Attributes
    ----------
    ids
        Key of each tie.
    source, target
        Position of the node it goes from and to; goods flow from source to target.
    layer
        Layer each belongs to.
    weight
        Strength; ties add up.
    keep
        Probability that the tie holds, 0-1, from the confidence in its source.
    both_ways
        Whether the tie means the same in either direction (cooperation): half of its strength
        then goes each way, so that it counts as much as any other tie.
    spread
        How uncertain the strength is: its coefficient of variation; 0 where it is exact. Take
        :data:`~klaster.algorithms.trust.uncertainty.SPREAD_BY_EVIDENCE` where strengths are amounts, and 0
        where every tie counts 1.
    evidence
        Class of the evidence, as ``reported``; empty where it is not said.
    origin
        Where the tie is stated (the report, the register); empty where it is not said.
    confidence_stated
        Whether anybody says how sure the tie is; else ``keep`` is only assumed.
    """

    ids: StrArray
    source: IntArray
    target: IntArray
    layer: StrArray
    weight: FloatArray
    keep: FloatArray
    both_ways: BoolArray
    spread: FloatArray
    evidence: StrArray
    origin: StrArray
    confidence_stated: BoolArray

    @classmethod
    def build(
        cls,
        ids: Sequence[str] | StrArray,
        source: Sequence[int] | IntArray,
        target: Sequence[int] | IntArray,
        layer: Sequence[str] | StrArray,
        *,
        weight: Sequence[float] | FloatArray | None = None,
        keep: Sequence[float] | FloatArray | None = None,
        both_ways: Sequence[bool] | BoolArray | None = None,
        spread: Sequence[float] | FloatArray | None = None,
        evidence: Sequence[str] | StrArray | None = None,
        origin: Sequence[str] | StrArray | None = None,
        confidence_stated: Sequence[bool] | BoolArray | None = None,
    ) -> TieTable:
        """Check the columns and sort the rows by key, so that no result depends on their order.

        Parameters
        ----------
        ids, source, target, layer
            As the attributes.
        weight, keep, both_ways, spread, evidence, origin, confidence_stated
            As the attributes; by default 1, 1, False, 0, twice the empty text and True.

        Raises
        ------
        InputError
            With every fault: columns of different length, keys given twice, negative or missing
            strengths or spreads, probabilities outside 0-1, negative positions.

        Examples
        --------
        >>> ties = TieTable.build(["b", "a"], [0, 1], [1, 2], ["supply", "finance"])
        >>> ties.ids.tolist(), ties.source.tolist(), ties.keep.tolist()
        (['a', 'b'], [1, 0], [1.0, 1.0])
        """
        count = len(ids)
        columns = {
            "ids": np.asarray(ids, dtype=np.str_),
            "source": np.asarray(source, dtype=np.int64),
            "target": np.asarray(target, dtype=np.int64),
            "layer": np.asarray(layer, dtype=np.str_),
            "weight": np.ones(count) if weight is None else np.asarray(weight, dtype=np.float64),
            "keep": np.ones(count) if keep is None else np.asarray(keep, dtype=np.float64),
            "both_ways": np.zeros(count, dtype=bool)
            if both_ways is None
            else np.asarray(both_ways, dtype=bool),
            "spread": np.zeros(count) if spread is None else np.asarray(spread, dtype=np.float64),
            "evidence": np.full(count, "", dtype=np.str_)
            if evidence is None
            else np.asarray(evidence, dtype=np.str_),
            "origin": np.full(count, "", dtype=np.str_)
            if origin is None
            else np.asarray(origin, dtype=np.str_),
            "confidence_stated": np.ones(count, dtype=bool)
            if confidence_stated is None
            else np.asarray(confidence_stated, dtype=bool),
        }
        faults = _faults(columns)
        if faults:
            raise InputError(faults, "the tie table")
        return cls(**columns)._rows(np.argsort(columns["ids"], kind="stable"))

    def __len__(self) -> int:
        return len(self.ids)

    def _rows(self, rows: IntArray | BoolArray) -> TieTable:
        return TieTable(
            **{column.name: getattr(self, column.name)[rows] for column in fields(self)}
        )

    def taken(self, rows: BoolArray) -> TieTable:
        """Return the ties marked True."""
        return self._rows(rows)

    def rows(self, places: IntArray) -> TieTable:
        """Return the ties at these places, in this order; a place may come more than once."""
        return self._rows(places)

    def followed_by(self, more: TieTable) -> TieTable:
        """Return these ties and then the others."""
        return TieTable(
            **{
                column.name: np.concatenate(
                    [getattr(self, column.name), getattr(more, column.name)]
                )
                for column in fields(self)
            }
        )

    def touching(self, nodes: IntArray) -> TieTable:
        """Return the ties with one end or both at one of the nodes."""
        return self._rows(np.isin(self.source, nodes) | np.isin(self.target, nodes))

    def doubtful(self, rows: IntArray, below: float) -> IntArray:
        """Return those of some ties that are stated to hold with a smaller probability."""
        doubtful = self.confidence_stated[rows] & (self.keep[rows] < below)
        return rows[np.flatnonzero(doubtful)]

    def unstated(self, rows: IntArray) -> IntArray:
        """Return those of some ties of which nobody says how they are known."""
        return rows[np.flatnonzero(self.evidence[rows] == "not-stated")]

    def estimated(self, rows: IntArray) -> IntArray:
        """Return those of some ties that nobody observed: estimated, or made up."""
        return rows[np.flatnonzero(np.isin(self.evidence[rows], ("estimated", "synthetic")))]

    def renumbered(self, nodes: IntArray) -> TieTable:
        """Return the ties with ends given as places in ``nodes``, which holds every end."""
        order = np.argsort(nodes, kind="stable")
        places = [order[np.searchsorted(nodes, ends, sorter=order)] for ends in self.ends]
        return replace(self, source=places[0], target=places[1])

    @property
    def ends(self) -> tuple[IntArray, IntArray]:
        """Sources and targets."""
        return self.source, self.target

    def matrix(self, size: int) -> CSR:
        """Return the ties as one matrix of ``size`` nodes, parallel ties added up."""
        return added_up(self.source, self.target, self.weight, self.both_ways, size)

    def layer_ends(self) -> dict[str, tuple[IntArray, IntArray]]:
        """Return both ends of the proper ties of each layer that has one, by its name.

        A tie to oneself or without strength is no tie between two nodes.
        """
        proper = (self.source != self.target) & (self.weight > 0)
        names, code = np.unique(self.layer[proper], return_inverse=True)
        source, target = self.source[proper], self.target[proper]
        return {
            str(name): (source[code == k], target[code == k])
            for k, name in enumerate(names.tolist())
        }

    def without_words(self) -> TieTable:
        """Return the ties without their evidence and origin, which draws and trials never read."""
        nothing = np.full(len(self), "", dtype=np.str_)
        return replace(self, evidence=nothing, origin=nothing)


def _faults(columns: dict[str, npt.NDArray[np.generic]]) -> list[Fault]:
    count = len(columns["ids"])
    uneven = [name for name, column in columns.items() if column.shape != (count,)]
    if uneven:
        return [
            _fault(0, name, "wrong-length", str(columns[name].shape), f"there are {count} ties")
            for name in uneven
        ]
    ids = columns["ids"]
    _, first = np.unique(ids, return_index=True)
    twice = np.ones(count, dtype=bool)
    twice[first] = False
    weight = columns["weight"].astype(np.float64)
    keep = columns["keep"].astype(np.float64)
    spread = columns["spread"].astype(np.float64)
    wrong = {
        ("ids", "duplicate-key", "this key was given before"): twice,
        ("weight", "bad-strength", "a strength is 0 or a positive finite number"): ~(
            np.isfinite(weight) & (weight >= 0)
        ),
        ("keep", "bad-probability", "a probability is between 0 and 1"): ~(
            (keep >= 0) & (keep <= 1)
        ),
        ("spread", "bad-spread", "a coefficient of variation is 0 or a positive finite number"): ~(
            np.isfinite(spread) & (spread >= 0)
        ),
        ("source", "unknown-node", "a position is 0 or more"): columns["source"].astype(int) < 0,
        ("target", "unknown-node", "a position is 0 or more"): columns["target"].astype(int) < 0,
    }
    return [
        _fault(file_row(row), column, code, str(columns[column][row]), problem)
        for (column, code, problem), rows in wrong.items()
        for row in np.flatnonzero(rows).tolist()
    ]


def _fault(row: int, column: str, code: str, value: str, problem: str) -> Fault:
    return Fault(
        file="ties",
        row=row,
        column=column,
        code=code,
        value=value,
        problem=problem,
        remedy="Correct it in the tie table.",
    )
