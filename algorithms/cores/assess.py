"""The members of one cluster judged: lenses, rank, how sure the rank is, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from klaster.algorithms.centrality import role
from klaster.algorithms.community.work import StepProgress, do_all
from klaster.algorithms.cores.blocks import block_finding
from klaster.algorithms.cores.chain import chain_places
from klaster.algorithms.cores.evidence import EvidenceModel
from klaster.algorithms.cores.lenses import (
    EXACT_UP_TO,
    ClusterView,
    missing_lenses,
    read_lenses,
    voting_lenses,
)
from klaster.algorithms.cores.ranking import (
    borda,
    core_flags,
    core_places,
    last_ranks,
    percentiles,
)
from klaster.algorithms.cores.reasons import CaseForCore, reasons_for
from klaster.algorithms.cores.tie_table import BoolArray, TieTable
from klaster.algorithms.cores.why_cards import CardDesk
from klaster.graph.core_cards import LensReading, WhyCard
from klaster.graph.errors import Fault, InputError
from klaster.graph.findings import BlockFinding, Member
from klaster.graph.model import FloatArray, IntArray, StrArray

ALWAYS_EXPLAINED = 3
"""Members of this rank or better are explained even where they are not core."""


DRAWS_IF_LARGE = 40
"""Draws of the evidence in clusters whose betweenness is estimated, at most: both ends of an
interval are then the second draws from outside, as good as ever."""
FEW_NULL_DRAWS_ABOVE = 300
"""Clusters of more members are compared with 19 random networks at most."""


@dataclass(frozen=True)
class Assessment:
    """A cluster judged, with all that supports the judgement.

    Attributes
    ----------
    members
        Sorted by rank, then key.
    cards
        One for each core and candidate, in the same order (in large clusters for the first of
        them, see :class:`~klaster.algorithms.cores.why_cards.CardEffort`); the first say what would
        have to be wrong. Empty where no cards were asked for.
    blocks
        The division into a core and a periphery as a whole; None for an empty cluster.
    missing_lenses
        Lenses without any reading, and why.
    """

    members: tuple[Member, ...] = ()
    cards: tuple[WhyCard, ...] = ()
    blocks: BlockFinding | None = None
    missing_lenses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scrutiny:
    """How closely a cluster is looked at.

    Attributes
    ----------
    draws
        How many networks that could be the true one are drawn, at least 1; in large clusters
        fewer, see :func:`evidence_effort`.
    seed
        Of everything random.
    doubtful_below
        A tie kept with a smaller probability is called doubtful in the reasons.
    cards
        Whether why cards are made.
    null_draws
        Random networks to compare the division into core and periphery with; at most 19 in a
        cluster of more than :data:`FEW_NULL_DRAWS_ABOVE` members, 0 for none.

    Raises
    ------
    TypeError
        For numbers that are not whole.
    ValueError
        For fewer than one draw, a seed or number of networks below zero, a probability outside
        0-1.

    Examples
    --------
    >>> Scrutiny(draws=20).null_draws
    99
    """

    draws: int = 100
    seed: int = 1
    doubtful_below: float = 0.9
    cards: bool = True
    null_draws: int = 99

    def __post_init__(self) -> None:
        for name, least in (("draws", 1), ("seed", 0), ("null_draws", 0)):
            given = getattr(self, name)
            if not isinstance(given, (int, np.integer)) or isinstance(given, bool):
                raise TypeError(f"{name} must be a whole number, not {given!r}")
            if given < least:
                raise ValueError(f"{name} must be at least {least}, not {given}")
        if not 0 <= self.doubtful_below <= 1:
            raise ValueError(f"doubtful_below must be 0 to 1, not {self.doubtful_below}")


IN_FULL = Scrutiny()
"""All there is: ranks with intervals, reasons, cards, and the test of the division."""


def assess_cluster(
    node_ids: StrArray,
    members: IntArray,
    ties: TieTable,
    *,
    spheres: StrArray,
    labels: IntArray,
    stability: FloatArray,
    scrutiny: Scrutiny = IN_FULL,
) -> Assessment:
    """Judge the members of one cluster: which are its core, how surely, and why.

    Six lenses (see :mod:`~klaster.algorithms.cores.lenses`) rank the members, and the Borda count
    joins the ranks. How sure a rank is, is found by drawing networks that could be the true one
    (:mod:`~klaster.algorithms.cores.evidence`): ties that may not hold are left out, ties that
    may be unknown are put in, strengths are varied; lenses and ranks are computed anew, with the
    same membership. The interval runs from the 5 % to the 95 % quantile of the drawn ranks (both
    are ranks that were observed), stretched to the rank itself where the draws do not give it.

    Parameters
    ----------
    node_ids
        Key of every node; positions elsewhere are positions in it.
    members
        Positions of the nodes that are the cluster, each once.
    ties
        The active ties of the whole network; goods flow from source to target. Only ties that
        touch the cluster take part, those that lead out of it among them. Parallel ties add up,
        ties to oneself are left out.
    spheres
        Sphere of every node; empty where it has none.
    labels
        Cluster of every node; a negative label is no cluster. Says to whom a member's ties out
        of the cluster lead; the members count as one cluster whatever their own labels.
    stability
        Stability of each member, in the order of ``members``; NaN in a declared cluster.
    scrutiny
        How many draws, which seed, whether cards are made. Draws depend on the ties that touch
        the cluster, in the order of their keys, so neither the order of rows nor ties elsewhere
        change the result.

    Returns
    -------
    Assessment
        Members sorted by rank, then key. Every core, every candidate and the first three have
        reasons (:mod:`~klaster.algorithms.cores.reasons`). Percentiles and roles are those of
        the known ties. In a cluster of one the member has rank 1; where all members are alike
        (a complete graph, no tie at all) they share the middle rank and, beyond two members,
        nobody is core.

    Raises
    ------
    InputError
        With every fault: columns of different length, members unknown or given twice, ties to
        unknown positions.

    Examples
    --------
    Three suppliers of one mill, which works with an institute.

    >>> node_ids = np.array(["bank", "mill", "mine", "pit", "quarry", "institute"])
    >>> ties = TieTable.build(
    ...     ["t1", "t2", "t3", "t4"], [2, 3, 4, 1], [1, 1, 1, 5],
    ...     ["supply", "supply", "supply", "knowledge"], keep=[0.95] * 4,
    ... )
    >>> found = assess_cluster(
    ...     node_ids,
    ...     np.array([1, 2, 3, 4, 5]),
    ...     ties,
    ...     spheres=np.array(["finance", *["business"] * 4, "academia"]),
    ...     labels=np.array([-1, 0, 0, 0, 0, 0]),
    ...     stability=np.ones(5),
    ...     scrutiny=Scrutiny(draws=50),
    ... )
    >>> mill = found.members[0]
    >>> mill.node_id, mill.core_rank, (mill.core_rank_low, mill.core_rank_high), mill.is_core
    ('mill', 1.0, (1.0, 1.0), True)
    >>> mill.reasons[0].code, mill.reasons[0].values["share"], mill.reasons[0].tie_ids
    ('largest-share', 0.5, ('t1', 't2', 't3', 't4'))
    >>> [member.chain.role for member in found.members]
    ['core', 'knowledge', 'upstream', 'upstream', 'upstream']
    >>> found.cards[0].node_id, found.cards[0].removal.parts_after
    ('mill', 4)
    """
    _check(node_ids, members, ties, spheres, labels, stability)
    if len(members) == 0:
        return Assessment()
    own = np.argsort(node_ids[members], kind="stable")
    members, stability = np.asarray(members)[own], np.asarray(stability, dtype=np.float64)[own]
    near, nodes = _surroundings(node_ids, members, ties)
    spheres, labels = spheres[nodes], labels[nodes]
    n = len(members)
    whole = _view(near, n, spheres, labels, stability)
    values = read_lenses(whole)
    rank = borda({name: values[name] for name in voting_lenses()}).rank
    draws, doubtful_below = evidence_effort(n, scrutiny.draws), scrutiny.doubtful_below
    drawn = _drawn_ranks(rank, near.without_words(), n, spheres, labels, draws, scrutiny.seed)
    low, high = _interval(rank, drawn)
    # Who shares a rank is among the first only if all who share it are.
    last = np.apply_along_axis(last_ranks, 1, -drawn)
    reach = np.quantile(last, 0.95, axis=0, method="inverted_cdf")
    core, candidate = core_flags(rank, low, np.maximum(high, reach))
    core_share = (last <= core_places(n)).mean(axis=0)
    readings = _readings(values)
    case = CaseForCore(whole, near, values, rank, low, high, candidate, draws, doubtful_below)
    chain = chain_places(near, n, spheres, _core_to_stand_by(rank, core, candidate))
    found = [
        Member(
            node_id=str(node_ids[members[k]]),
            stability=float(stability[k]),
            core_rank=float(rank[k]),
            core_rank_low=float(low[k]),
            core_rank_high=float(high[k]),
            is_core=bool(core[k]),
            is_candidate=bool(candidate[k]),
            role=role(float(values["within_module_z"][k]), float(values["participation"][k])),
            lenses=readings[k],
            reasons=reasons_for(k, case)
            if core[k] or candidate[k] or rank[k] <= ALWAYS_EXPLAINED
            else (),
            core_share=float(core_share[k]),
            chain=chain[k],
        )
        for k in range(n)
    ]
    order = sorted(range(n), key=lambda k: (found[k].core_rank, found[k].node_id))
    missing = missing_lenses(whole)
    made: tuple[WhyCard, ...] = ()
    if scrutiny.cards:
        names = np.asarray(node_ids[nodes], dtype=np.str_)
        desk = CardDesk(names, n, near, spheres, labels, values, missing, doubtful_below)
        wanted = [k for k in order if core[k] or candidate[k]]
        made = tuple(
            desk.card(k, found[k], counterfactuals=place < desk.effort.tried)
            for place, k in enumerate(desk.effort.chosen(wanted, core))
        )
    null_draws = min(scrutiny.null_draws, 19) if n > FEW_NULL_DRAWS_ABOVE else scrutiny.null_draws
    own_ids = np.asarray(node_ids[members], dtype=np.str_)
    blocks = (
        block_finding(whole.inside, own_ids, draws=null_draws, seed=scrutiny.seed)
        if null_draws
        else None
    )
    return Assessment(tuple(found[k] for k in order), made, blocks, missing)


@dataclass(frozen=True)
class _Work:
    """What every cluster of a network needs to be judged."""

    node_ids: StrArray
    clusters: tuple[IntArray, ...]
    stabilities: tuple[FloatArray, ...]
    ties: TieTable
    spheres: StrArray
    labels: IntArray
    scrutiny: Scrutiny


def assess_clusters(
    node_ids: StrArray,
    clusters: Sequence[IntArray],
    ties: TieTable,
    *,
    spheres: StrArray,
    labels: IntArray,
    stabilities: Sequence[FloatArray],
    scrutiny: Scrutiny = IN_FULL,
    workers: int = 1,
    progress: StepProgress | None = None,
) -> tuple[Assessment, ...]:
    """Judge many clusters of one network, on one or several processes.

    Parameters
    ----------
    clusters, stabilities
        Members of each cluster, and the stability of each of them.
    workers
        Number of processes; any number gives the same result. With more than one, a script needs
        ``if __name__ == "__main__":`` (processes are spawned).
    progress
        Called with clusters done and clusters in all, the largest first.
    node_ids, ties, spheres, labels, scrutiny
        As for :func:`assess_cluster`.

    Returns
    -------
    tuple of Assessment
        In the order of ``clusters``.

    Raises
    ------
    InputError, ValueError
        As :func:`assess_cluster`; for stabilities that are not one a cluster.

    Examples
    --------
    >>> ties = TieTable.build(["t1", "t2"], [1, 2], [0, 3], ["supply"] * 2)
    >>> found = assess_clusters(
    ...     np.array(["bank", "mill", "mine", "pit"]), [np.array([0, 1]), np.array([2, 3])], ties,
    ...     spheres=np.array(["business"] * 4), labels=np.array([0, 0, 1, 1]),
    ...     stabilities=[np.ones(2), np.ones(2)],
    ... )
    >>> [[member.node_id for member in judged.members] for judged in found]
    [['bank', 'mill'], ['mine', 'pit']]
    """
    if len(clusters) != len(stabilities):
        raise ValueError(f"there are {len(clusters)} clusters and {len(stabilities)} stabilities")
    # The largest first: else one process is left with it while the others are done.
    order = sorted(range(len(clusters)), key=lambda k: (-len(clusters[k]), k))
    work = _Work(
        node_ids,
        tuple(clusters[k] for k in order),
        tuple(stabilities[k] for k in order),
        ties,
        spheres,
        labels,
        scrutiny,
    )
    judged = do_all(_one_cluster, work, len(order), workers=workers, progress=progress)
    place = {k: at for at, k in enumerate(order)}
    return tuple(judged[place[k]] for k in range(len(clusters)))


def _one_cluster(work: _Work, number: int) -> Assessment:
    return assess_cluster(
        work.node_ids,
        work.clusters[number],
        work.ties,
        spheres=work.spheres,
        labels=work.labels,
        stability=work.stabilities[number],
        scrutiny=work.scrutiny,
    )


def evidence_effort(member_count: int, draws: int) -> int:
    """Return how many draws of the evidence a cluster of so many members is given.

    As many as are asked for, but at most :data:`DRAWS_IF_LARGE` above
    :data:`~klaster.algorithms.cores.lenses.EXACT_UP_TO` members. The rule looks at the size, never
    at a clock.

    Examples
    --------
    >>> evidence_effort(60, 100), evidence_effort(5_000, 100), evidence_effort(5_000, 10)
    (100, 40, 10)
    """
    return min(draws, DRAWS_IF_LARGE) if member_count > EXACT_UP_TO else draws


def _readings(values: Mapping[str, FloatArray]) -> list[dict[str, LensReading]]:
    """Return what each lens shows of each member; percentiles among those it is defined for."""
    count = len(next(iter(values.values())))
    readings: list[dict[str, LensReading]] = [{} for _ in range(count)]
    for name, of_all in values.items():
        defined = np.flatnonzero(np.isfinite(of_all))
        shown = percentiles(of_all[defined])
        for k, percentile in zip(defined.tolist(), shown.tolist(), strict=True):
            readings[k][name] = LensReading(float(of_all[k]), float(percentile))
    return readings


def _core_to_stand_by(rank: FloatArray, core: BoolArray, candidate: BoolArray) -> IntArray:
    """Return whom the other members' places refer to: the cores; without one, the first."""
    if core.any():
        return np.flatnonzero(core)
    first = candidate & (rank == rank.min(initial=np.inf))
    return np.flatnonzero(first) if first.sum() <= core_places(len(rank)) else np.zeros(0, int)


def _surroundings(
    node_ids: StrArray, members: IntArray, ties: TieTable
) -> tuple[TieTable, IntArray]:
    """Cut out the members and the nodes they have ties with: members first, both by key.

    The order of nodes in the cut is that of the keys, so the last digits of sums do not depend on
    how the caller numbers the nodes.
    """
    near = ties.touching(members)
    others = np.setdiff1d(np.concatenate(near.ends), members)
    others = others[np.argsort(node_ids[others], kind="stable")]
    nodes = np.concatenate([members, others]).astype(np.int64)
    return near.renumbered(nodes), nodes


def _view(
    ties: TieTable,
    member_count: int,
    spheres: StrArray,
    labels: IntArray,
    stability: FloatArray | None = None,
) -> ClusterView:
    size = len(spheres)
    return ClusterView(
        matrix=ties.matrix(size),
        members=np.arange(member_count),
        labels=labels,
        layers=ties.layer_ends(),
        spheres=spheres,
        stability=stability,
    )


def _drawn_ranks(
    rank: FloatArray,
    ties: TieTable,
    member_count: int,
    spheres: StrArray,
    labels: IntArray,
    draws: int,
    seed: int,
) -> FloatArray:
    """Return the ranks in each draw of the evidence, one row a draw.

    Every draw has a generator of its own, so a draw does not depend on those before it.
    """
    model = EvidenceModel.of(ties, member_count, spheres)
    if model.is_certain:
        return np.broadcast_to(rank, (draws, member_count))
    drawn = np.empty((draws, member_count))
    for draw in range(draws):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, draw])))
        view = replace(_view(model.draw(rng), member_count, spheres, labels), draw=draw)
        drawn[draw] = borda(read_lenses(view, voting_lenses())).rank
    return drawn


def _interval(rank: FloatArray, drawn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both ends of the interval of each member's rank over draws of the evidence."""
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0, method="inverted_cdf")
    return np.minimum(low, rank), np.maximum(high, rank)


def _check(
    node_ids: StrArray,
    members: IntArray,
    ties: TieTable,
    spheres: StrArray,
    labels: IntArray,
    stability: FloatArray,
) -> None:
    n = len(node_ids)
    lengths = {
        "spheres": (len(spheres), n),
        "labels": (len(labels), n),
        "stability": (len(stability), len(members)),
    }
    faults = [
        _fault(column, "wrong-length", str(given), f"{wanted} are needed")
        for column, (given, wanted) in lengths.items()
        if given != wanted
    ]
    places, times = np.unique(np.asarray(members, dtype=np.int64), return_counts=True)
    beyond = f"positions go from 0 to {n - 1}"
    faults += [
        _fault("members", "duplicate-key", str(place), "a member was given twice")
        for place in places[times > 1].tolist()
    ]
    faults += [
        _fault("members", "unknown-node", str(place), beyond)
        for place in places[(places < 0) | (places >= n)].tolist()
    ]
    for column, ends in (("source", ties.source), ("target", ties.target)):
        faults += [
            _fault(column, "unknown-node", f"{ties.ids[row]}: {ends[row]}", beyond)
            for row in np.flatnonzero(ends >= n).tolist()
        ]
    if faults:
        raise InputError(faults, "the cluster")


def _fault(column: str, code: str, value: str, problem: str) -> Fault:
    return Fault(
        file="cluster",
        column=column,
        code=code,
        value=value,
        problem=problem,
        remedy="Give positions of node_ids.",
    )
