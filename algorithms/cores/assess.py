"""The members of one cluster judged: lenses, rank, how sure the rank is, and why."""

from __future__ import annotations

import numpy as np

from klaster.algorithms.centrality import role
from klaster.algorithms.cores.lenses import ClusterView, read_lenses, voting_lenses
from klaster.algorithms.cores.ranking import borda, core_flags, percentiles
from klaster.algorithms.cores.reasons import CaseForCore, reasons_for
from klaster.algorithms.cores.ties import BoolArray, TieTable
from klaster.graph.errors import Fault, InputError
from klaster.graph.findings import LensReading, Member
from klaster.graph.model import FloatArray, IntArray, StrArray

ALWAYS_EXPLAINED = 3
"""Members of this rank or better are explained even where they are not core."""


def assess_cluster(
    node_ids: StrArray,
    members: IntArray,
    *,
    tie_source: IntArray,
    tie_target: IntArray,
    tie_layer: StrArray,
    tie_weight: FloatArray,
    tie_keep: FloatArray,
    tie_ids: StrArray,
    tie_both_ways: BoolArray | None = None,
    spheres: StrArray,
    labels: IntArray,
    stability: FloatArray,
    draws: int = 100,
    seed: int = 1,
    doubtful_below: float = 0.9,
) -> tuple[Member, ...]:
    """Judge the members of one cluster: which are its core, how surely, and why.

    Six lenses (see :mod:`~klaster.algorithms.cores.lenses`) rank the members, and the Borda count
    joins the ranks. How sure a rank is, is found by thinning the evidence: in each draw every tie
    is kept with its own probability, and lenses and ranks are computed anew on what is left,
    with the same membership. The interval runs from the 5 % to the 95 % quantile of the drawn
    ranks (both are ranks that were observed), stretched to the rank itself where the draws do
    not give it: taking ties away can move a rank to one side only.

    Parameters
    ----------
    node_ids
        Key of every node; positions elsewhere are positions in it.
    members
        Positions of the nodes that are the cluster, each once.
    tie_source, tie_target
        Ends of the active ties of the whole network, as positions in ``node_ids``; goods flow
        from source to target. Only ties that touch the cluster take part, those that lead out
        of it among them.
    tie_layer, tie_weight, tie_ids
        Layer, strength and key of each tie; parallel ties add up, ties to oneself are left out.
    tie_keep
        Probability that the tie holds, 0-1, from the confidence in its source.
    tie_both_ways
        Whether the tie means the same in either direction (cooperation): half of its strength
        then goes each way. By default none does.
    spheres
        Sphere of every node; empty where it has none.
    labels
        Cluster of every node; a negative label is no cluster. Says to whom a member's ties out
        of the cluster lead; the members count as one cluster whatever their own labels.
    stability
        Stability of each member, in the order of ``members``; NaN in a declared cluster.
    draws
        How often the evidence is thinned; at least 1.
    seed
        Of the draws. Each tie's chance goes with the order of the keys of the ties that touch
        the cluster, so neither the order of rows nor ties elsewhere change the result.
    doubtful_below
        A tie kept with a smaller probability is called doubtful in the reasons.

    Returns
    -------
    tuple of Member
        Sorted by rank, then key. Every core, every candidate and the first three have reasons
        (:mod:`~klaster.algorithms.cores.reasons`). Percentiles and roles are those of the whole
        evidence. In a cluster of one the member has rank 1; where all members are alike (a
        complete graph, no tie at all) they share the middle rank and, beyond two members, nobody
        is core.

    Raises
    ------
    InputError
        With every fault: columns of different length, members unknown or given twice, ties to
        unknown positions.
    ValueError
        For fewer than one draw.

    Examples
    --------
    Three suppliers of one mill, which works with an institute.

    >>> node_ids = np.array(["bank", "mill", "mine", "pit", "quarry", "institute"])
    >>> found = assess_cluster(
    ...     node_ids,
    ...     np.array([1, 2, 3, 4, 5]),
    ...     tie_source=np.array([2, 3, 4, 1]),
    ...     tie_target=np.array([1, 1, 1, 5]),
    ...     tie_layer=np.array(["supply", "supply", "supply", "knowledge"]),
    ...     tie_weight=np.ones(4),
    ...     tie_keep=np.array([0.9, 0.9, 0.8, 0.9]),
    ...     tie_ids=np.array(["t1", "t2", "t3", "t4"]),
    ...     spheres=np.array(["finance", *["business"] * 4, "academia"]),
    ...     labels=np.array([-1, 0, 0, 0, 0, 0]),
    ...     stability=np.ones(5),
    ...     draws=50,
    ... )
    >>> mill = found[0]
    >>> mill.node_id, mill.core_rank, (mill.core_rank_low, mill.core_rank_high), mill.is_core
    ('mill', 1.0, (1.0, 1.0), True)
    >>> mill.reasons[0].code, mill.reasons[0].values["share"], mill.reasons[0].tie_ids
    ('largest-share', 0.5, ('t1', 't2', 't3', 't4'))
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    ties = TieTable.build(
        tie_ids,
        tie_source,
        tie_target,
        tie_layer,
        weight=tie_weight,
        keep=tie_keep,
        both_ways=tie_both_ways,
    )
    _check(node_ids, members, ties, spheres, labels, stability)
    if len(members) == 0:
        return ()
    own = np.argsort(node_ids[members], kind="stable")
    members, stability = np.asarray(members)[own], np.asarray(stability, dtype=np.float64)[own]
    near, nodes = _surroundings(node_ids, members, ties)
    spheres, labels = spheres[nodes], labels[nodes]
    whole = _view(near, len(members), spheres, labels)
    values = read_lenses(whole)
    rank = borda({name: values[name] for name in voting_lenses()}).rank
    low, high = _interval(rank, near, len(members), spheres, labels, draws, seed)
    core, candidate = core_flags(rank, low, high)
    case = CaseForCore(whole, near, values, rank, low, high, draws, doubtful_below)
    shown = {name: percentiles(reading) for name, reading in values.items()}
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
            lenses={
                name: LensReading(float(values[name][k]), float(shown[name][k])) for name in values
            },
            reasons=reasons_for(k, case)
            if core[k] or candidate[k] or rank[k] <= ALWAYS_EXPLAINED
            else (),
        )
        for k in range(len(members))
    ]
    return tuple(sorted(found, key=lambda member: (member.core_rank, member.node_id)))


def _surroundings(
    node_ids: StrArray, members: IntArray, ties: TieTable
) -> tuple[TieTable, IntArray]:
    """Cut out the members and the nodes they have ties with: members first, both by key.

    The order of nodes in the cut is that of the keys, so the last digits of sums do not hang on
    how the caller numbers the nodes.
    """
    near = ties.touching(members)
    others = np.setdiff1d(np.concatenate(near.ends), members)
    others = others[np.argsort(node_ids[others], kind="stable")]
    nodes = np.concatenate([members, others]).astype(np.int64)
    return near.renumbered(nodes), nodes


def _view(ties: TieTable, member_count: int, spheres: StrArray, labels: IntArray) -> ClusterView:
    size = len(spheres)
    return ClusterView(
        matrix=ties.matrix(size),
        members=np.arange(member_count),
        labels=labels,
        layers=ties.layer_matrices(size),
        spheres=spheres,
    )


def _interval(
    rank: FloatArray,
    ties: TieTable,
    member_count: int,
    spheres: StrArray,
    labels: IntArray,
    draws: int,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    """Return both ends of the interval of each member's rank over draws of the evidence."""
    chance = np.random.Generator(np.random.PCG64(seed)).random((draws, len(ties)))
    kept = chance < ties.keep
    # Where most ties are sure, many draws leave the same ties: each such set is judged once.
    judged: dict[bytes, FloatArray] = {np.ones(len(ties), dtype=bool).tobytes(): rank}
    drawn = np.empty((draws, member_count))
    for draw, rows in enumerate(kept):
        key = rows.tobytes()
        if key not in judged:
            view = _view(ties.taken(rows), member_count, spheres, labels)
            judged[key] = borda(read_lenses(view, voting_lenses())).rank
        drawn[draw] = judged[key]
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
    return Fault("cluster", 0, column, code, value, problem, "Give positions of node_ids.")
