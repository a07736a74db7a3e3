"""How far the communities would move if the data were a little different."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.community.detect import best_of_runs, best_partition, plan_search
from klaster.algorithms.community.search import Search
from klaster.algorithms.community.work import StepProgress, do_all
from klaster.algorithms.partitions.labels import canonical_labels, checked_labels
from klaster.algorithms.partitions.matching import counterparts
from klaster.algorithms.square_matrix import checked, tied_nodes
from klaster.algorithms.trust.ensembles import pair_stability
from klaster.algorithms.trust.significance import stream
from klaster.graph.errors import Fault, InputError, file_row
from klaster.graph.model import CSR, FloatArray, IntArray, added_up

DRAW_RUNS = Search(runs=3)

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
"""Coefficient of variation of an amount by the class of its evidence: working assumptions."""


@dataclass(frozen=True, eq=False)
class UncertainTies:
    """Ties as columns, with how sure each is, in an order that depends on their content alone.

    Attributes
    ----------
    source, target
        Positions of the two nodes.
    weight
        Amount as stated.
    keep
        Probability that the tie holds.
    spread
        Coefficient of variation of its amount.
    node_count
        Number of nodes.
    both_ways
        Whether the tie means the same in either direction: half of its amount goes each way.
    """

    source: IntArray
    target: IntArray
    weight: FloatArray
    keep: FloatArray
    spread: FloatArray
    node_count: int
    both_ways: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        source: npt.ArrayLike,
        target: npt.ArrayLike,
        node_count: int,
        *,
        weight: npt.ArrayLike | float = 1.0,
        keep: npt.ArrayLike | float = 1.0,
        spread: npt.ArrayLike | float = 0.2,
        both_ways: npt.ArrayLike | bool = False,
    ) -> UncertainTies:
        """Check the columns; a single value holds for every tie.

        Raises
        ------
        InputError
            With every kind of fault: columns of other length, positions that are no node,
            amounts and spreads below zero or missing, probabilities outside 0–1.

        Examples
        --------
        >>> ties = UncertainTies.of([1, 0], [2, 1], 3, keep=[0.5, 1.0])
        >>> ties.source.tolist(), ties.keep.tolist(), ties.spread.tolist()
        ([0, 1], [1.0, 0.5], [0.2, 0.2])
        """
        ends = {
            "source": np.asarray(source, dtype=np.int64).ravel(),
            "target": np.asarray(target, dtype=np.int64).ravel(),
        }
        count = len(ends["source"])
        given = {"weight": weight, "keep": keep, "spread": spread}
        numbers = {
            name: np.full(count, column, dtype=np.float64)
            if np.ndim(column) == 0
            else np.asarray(column, dtype=np.float64).ravel()
            for name, column in given.items()
        }
        either = np.asarray(both_ways, dtype=np.bool_).ravel()
        either = np.full(count, either[0]) if np.ndim(both_ways) == 0 else either
        columns: dict[str, npt.NDArray[Any]] = {**ends, **numbers, "both_ways": either}
        faults = [
            _fault(0, name, "wrong-length", str(len(column)), f"there are {count} ties")
            for name, column in columns.items()
            if len(column) != count
        ]
        if not faults:
            faults = _wrong_cells(columns, node_count)
        if faults:
            raise InputError(faults, "the uncertain ties")
        # From which end such a tie was written must not matter.
        turned = either & (ends["source"] > ends["target"])
        ends = {
            "source": np.where(turned, ends["target"], ends["source"]),
            "target": np.where(turned, ends["source"], ends["target"]),
        }
        order = np.lexsort(
            (
                either,
                numbers["spread"],
                numbers["keep"],
                numbers["weight"],
                ends["target"],
                ends["source"],
            )
        )
        return cls(
            ends["source"][order],
            ends["target"][order],
            numbers["weight"][order],
            numbers["keep"][order],
            numbers["spread"][order],
            node_count,
            either[order],
        )

    def matrix(self) -> CSR:
        """Return the ties as stated, parallel ones added up."""
        return self._matrix(self.weight)

    def draw(self, rng: np.random.Generator) -> CSR:
        r"""Return one network that could be the true one.

        Each tie is kept with its probability, and its amount multiplied by a lognormal factor of
        mean 1 and coefficient of variation :math:`c`:
        :math:`\exp(\sigma z - \sigma^2 / 2)`, :math:`\sigma^2 = \ln(1 + c^2)`.

        Examples
        --------
        >>> ties = UncertainTies.of([0, 1], [1, 2], 3, keep=[1.0, 0.0], spread=0.0)
        >>> ties.draw(np.random.Generator(np.random.PCG64(1))).toarray().tolist()
        [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        """
        kept = rng.random(len(self.weight)) < self.keep
        sigma = np.sqrt(np.log1p(self.spread**2))
        factor = np.exp(sigma * rng.standard_normal(len(self.weight)) - sigma**2 / 2)
        return self._matrix(np.where(kept, self.weight * factor, 0.0))

    def _matrix(self, weight: FloatArray) -> CSR:
        drawn = added_up(self.source, self.target, weight, self.both_ways, self.node_count)
        drawn.eliminate_zeros()
        return drawn


def _wrong_cells(columns: Mapping[str, npt.NDArray[Any]], node_count: int) -> list[Fault]:
    rules = {
        "source": ("unknown-node", f"a position is 0 to {node_count - 1}"),
        "target": ("unknown-node", f"a position is 0 to {node_count - 1}"),
        "weight": ("bad-amount", "an amount is a finite number, 0 or more"),
        "keep": ("bad-probability", "a probability is between 0 and 1"),
        "spread": ("bad-spread", "a coefficient of variation is a finite number, 0 or more"),
    }
    faults = []
    for name, (code, problem) in rules.items():
        column = columns[name]
        good = np.isfinite(column) & (column >= 0)
        if name == "keep":
            good &= column <= 1
        elif name in ("source", "target"):
            good &= column < node_count
        faults += [
            _fault(file_row(row), name, code, str(column[row]), problem)
            for row in np.flatnonzero(~good).tolist()
        ]
    return faults


def _fault(row: int, column: str, code: str, value: str, problem: str) -> Fault:
    return Fault(
        file="ties",
        row=row,
        column=column,
        code=code,
        value=value,
        problem=problem,
        remedy="Correct the column.",
    )


@dataclass(frozen=True, eq=False)
class UncertainPartition:
    """Communities over many networks that the data could stand for.

    Attributes
    ----------
    reference
        The partition that is judged: canonical labels.
    labels
        One row a draw: the partition of the drawn network, canonical labels. A node that lost
        all its ties is alone.
    membership
        Nodes × communities of the reference: share of the draws in which the node is in the
        community that stands for it.
    own
        The same for the node's own community.
    elsewhere
        Share of the draws in which it is in a community that stands for none of the reference.
    tied
        Share of the draws in which it has a tie at all.
    counts, shares
        Numbers of communities found (among tied nodes), rising, and the share of draws of each.
    draws, draws_asked
        Networks drawn, and asked for: fewer in a time box.
    """

    reference: IntArray
    labels: IntArray
    membership: CSR
    own: FloatArray
    elsewhere: FloatArray
    tied: FloatArray
    counts: IntArray
    shares: FloatArray
    draws: int
    draws_asked: int

    def together(self, pairs: npt.ArrayLike) -> FloatArray:
        """Return for given pairs of nodes the share of draws that put both in one community.

        ``pairs`` has two columns, the positions of the nodes; a matrix of all pairs is never
        built.
        """
        return pair_stability(self.labels, pairs)


def uncertain_partition(
    ties: UncertainTies,
    reference: npt.ArrayLike | None = None,
    search: Search = DRAW_RUNS,
    *,
    draws: int = 200,
    progress: StepProgress | None = None,
) -> UncertainPartition:
    """Find the communities again and again, each time in a network that could be the true one.

    Amounts are rounded, estimated or a source's word, and some ties are not as the source says.
    So ties are dropped by their confidence and amounts scattered by the quality of their source
    (:meth:`UncertainTies.draw`), and each drawn network is partitioned like the stated one. The
    communities of a draw are given those of the reference they stand for, one for one, so that
    as many nodes as can be agree (Hungarian method); what is left over stands for none.

    This shows what the stated doubt does to the answer, not the ties that nobody knows of.

    Parameters
    ----------
    ties
        With their doubts.
    reference
        Partition to judge, one label a node; by default the best found on the ties as stated.
    search
        How each drawn network is searched. More runs, less of what is seen is the engine's own
        scatter.
    draws
        Networks drawn, at least 1.
    progress
        Called with draws done and draws in all.

    Raises
    ------
    InputError
        For labels that are not one per node.
    ValueError
        For fewer than one draw, or no nodes.

    Examples
    --------
    Two groups and one node with a weak tie to each; the tie to the second is doubtful:

    >>> groups = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (6, 0), (6, 3)]
    >>> source, target = zip(*groups)
    >>> ties = UncertainTies.of(source, target, 7, keep=[1.0] * 7 + [0.3], spread=0.1)
    >>> found = uncertain_partition(ties, [0, 0, 0, 1, 1, 1, 0], draws=40)
    >>> found.own[:6].tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    >>> bool(0.6 < found.own[6] < 1.0), found.counts.tolist()
    (True, [2])
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; at least 1 is needed")
    if ties.node_count == 0:
        raise ValueError("there are no nodes: give one tie at least")
    if reference is None:
        base = best_partition(ties.matrix(), replace(search, runs=max(search.runs, 20)))
    else:
        base = canonical_labels(checked_labels(reference, ties.node_count))
    found = do_all(
        _one_draw,
        (ties, search),
        draws,
        workers=search.workers,
        seconds=search.seconds,
        progress=progress,
    )
    made = len(found)
    count = ties.node_count
    labels = np.array([row for row, _ in found], dtype=np.int64).reshape(made, count)
    tied = np.array([has for _, has in found]).reshape(made, count)
    width = int(base.max(initial=-1)) + 1
    hits = sparse.csr_array((count, width))
    for row, has in zip(labels, tied, strict=True):
        stands_for = np.full(count, -1, dtype=np.int64)
        stands_for[has] = counterparts(row[has], base[has])
        inside = np.flatnonzero(stands_for >= 0)
        hits = hits + sparse.csr_array(
            (np.ones(len(inside)), (inside, stands_for[inside])), shape=(count, width)
        )
    membership = sparse.csr_array(hits / made)
    own = np.asarray(membership[np.arange(count), base], dtype=np.float64).ravel()
    seen = tied.mean(axis=0)
    communities = [len(np.unique(row[has])) for row, has in zip(labels, tied, strict=True)]
    counts, times = np.unique(np.array(communities, dtype=np.int64), return_counts=True)
    return UncertainPartition(
        reference=base,
        labels=labels,
        membership=membership,
        own=own,
        elsewhere=np.maximum(seen - np.asarray(membership.sum(axis=1)).ravel(), 0.0),
        tied=np.asarray(seen, dtype=np.float64),
        counts=counts,
        shares=times / made,
        draws=made,
        draws_asked=draws,
    )


def _one_draw(
    shared: tuple[UncertainTies, Search], number: int
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    ties, search = shared
    rng = stream(search.seed, number)
    drawn = checked(ties.draw(rng), self_loops=search.self_loops)
    has = np.zeros(ties.node_count, dtype=bool)
    has[tied_nodes(drawn)] = True
    seeds = [int(s) for s in rng.integers(0, 2**32, search.runs)]
    return best_of_runs(drawn, plan_search(drawn, search), seeds), has
