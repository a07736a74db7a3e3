"""Why a member is, or is not, core: statements with the numbers and the ties they rest on.

A :class:`~klaster.graph.core_cards.Reason` is a code, the values its sentence says, and the keys of
the ties that carry it; the pages put the codes in words. "Inside" means between two members of
the cluster; ``n`` is always the number of members; a rank of 1 is the strongest.

=========================  =============================================  ========================
code                       values                                         tie_ids
=========================  =============================================  ========================
``largest-share``          ``share`` of all tie strength inside (0-1;     its ties inside
                           each tie counts half for either end),
                           ``ties`` it has inside, ``tied`` members with
                           the same share (itself among them), ``n``
``large-share``            ``share``, ``ties``, ``rank`` by share,        its ties inside
                           ``n``: among the first, but not the largest
``suppliers-converge``     ``sources``: members with a tie into it (2 at  ties into it, inside
                           least), ``ties``, ``layers`` (names,
                           comma-separated), ``rank`` by PageRank along
                           the ties, ``n``
``source-for-others``      ``receivers``: members it has a tie to (2 at   ties out of it, inside
                           least), ``ties``, ``layers``, ``rank`` by
                           PageRank against the ties, ``n``
``broker``                 ``pairs``: share of the pairs of other         its ties inside
                           members whose strongest chain passes through
                           it (0-1), ``rank``, ``n``
``embedded``               ``k``: it has ties to at least k members that  its ties in that k-core
                           have as many among themselves; ``members`` in
                           that k-core, ``n``
``helix-reach``            ``spheres`` other than its own it has ties     its ties with them, also
                           with (names, comma-separated),                 beyond the cluster
                           ``sphere_count``, ``layers`` of all its ties,
                           ``layer_count``
``all-round``              ``above``: lenses in which it is above the     its ties inside
                           middle, two at least, ``lenses`` that vote,
                           ``n``; none of the statements above holds
``sure-rank``              ``rank``, ``low``, ``high``, ``places``        none
                           (first ranks that count as core), ``draws``,
                           ``n``: the draws do not change whether it is
                           among the first
``unsure-rank``            the same values: in some draws it is among     none
                           the first, in others not
``crowded-rank``           the same values: it shares ranks with more    none
                           members than there are places for, as known
                           or in draws
``shared-rank``            ``rank``, ``members`` that share it (itself    none
                           among them), ``n``
``held-by-few-ties``       ``ties`` inside (2 or fewer): a caution        its ties inside
``held-by-doubtful-ties``  ``doubtful`` ties of its ``ties`` inside,      the doubtful ones
                           more than half: a caution
``held-by-unstated-ties``  ``unstated`` ties of its ``ties`` inside:      the unstated ones
                           how they are known is not stated; more than
                           half: a caution
``held-by-estimated-ties``  ``estimated`` ties of its ``ties`` inside:    the estimated ones
                           estimated or made up, not observed; more than
                           half: a caution
``key-ties``               ``ties`` named here (5 at most), ``of`` ties   the ties named
                           inside, ``share`` of its tie strength inside
                           they carry
=========================  =============================================  ========================

The statements of the lenses stand first, the lens in which the member ranks highest before the
others; then how sure the rank is, the cautions, and the key ties.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from klaster.algorithms.cores.lenses import ClusterView, voting_lenses
from klaster.algorithms.cores.ranking import average_ranks, core_places, last_ranks, percentiles
from klaster.algorithms.cores.tie_table import BoolArray, TieTable
from klaster.graph.core_cards import Reason
from klaster.graph.model import FloatArray, IntArray

REASON_CODES = (
    "largest-share",
    "large-share",
    "suppliers-converge",
    "source-for-others",
    "broker",
    "embedded",
    "helix-reach",
    "all-round",
    "sure-rank",
    "unsure-rank",
    "crowded-rank",
    "shared-rank",
    "held-by-few-ties",
    "held-by-doubtful-ties",
    "held-by-unstated-ties",
    "held-by-estimated-ties",
    "key-ties",
)
"""Every code a reason can have, in the order of the table above."""

KEY_TIES = 5
FEW_TIES = 2


@dataclass(frozen=True, eq=False)
class CaseForCore:
    """What is known of one cluster when its members are explained.

    Attributes
    ----------
    view
        The cluster with all its evidence.
    ties
        The ties that touch it; ends are positions in the matrices of ``view``.
    values
        Reading of each lens, one number a member.
    rank, low, high
        Borda rank of each member and its interval.
    candidate
        Who is a candidate: perhaps core.
    draws
        Draws behind the interval.
    doubtful_below
        A tie kept with a smaller probability than this is called doubtful.
    """

    view: ClusterView
    ties: TieTable
    values: Mapping[str, FloatArray]
    rank: FloatArray
    low: FloatArray
    high: FloatArray
    candidate: BoolArray
    draws: int
    doubtful_below: float


def reasons_for(member: int, case: CaseForCore) -> tuple[Reason, ...]:
    """Return the statements about one member, most telling first.

    Parameters
    ----------
    member
        Place of the member in ``case.view.members``.
    case
        The cluster and what was computed of it.

    Returns
    -------
    tuple of Reason
        Codes, values and ties as the table of this module says; never empty.
    """
    own = _OwnTies.of(member, case)
    statements = _lens_statements(member, case, own)
    if not statements:
        statements = [r for r in [_all_round(member, case, own)] if int(r.values["above"]) >= 2]
    return (
        *statements,
        *_certainty(member, case),
        *_cautions(case, own),
        *_key_ties(member, case, own),
    )


@dataclass(frozen=True, eq=False)
class _OwnTies:
    """Rows of the tie table that are one member's, by what they say; self-loops left out."""

    node: int
    inside: IntArray
    incoming: IntArray
    outgoing: IntArray
    all: IntArray
    other_end: IntArray

    @classmethod
    def of(cls, member: int, case: CaseForCore) -> _OwnTies:
        ties, node = case.ties, int(case.view.members[member])
        is_member = np.zeros(len(case.view.spheres), dtype=bool)
        is_member[case.view.members] = True
        out, into = ties.source == node, ties.target == node
        other_end = np.where(out, ties.target, ties.source)
        own = (out | into) & (other_end != node)
        inside = own & is_member[other_end]
        return cls(
            node,
            np.flatnonzero(inside),
            np.flatnonzero(inside & (into | ties.both_ways)),
            np.flatnonzero(inside & (out | ties.both_ways)),
            np.flatnonzero(own),
            other_end,
        )


def _ids(case: CaseForCore, rows: IntArray) -> tuple[str, ...]:
    """Keys of the ties, heaviest first."""
    heaviest = rows[np.lexsort((rows, -case.ties.weight[rows]))]
    return tuple(str(tie) for tie in case.ties.ids[heaviest])


def _names(values: object) -> str:
    return ", ".join(sorted({str(v) for v in np.asarray(values).tolist()} - {""}))


def _lens_statements(member: int, case: CaseForCore, own: _OwnTies) -> list[Reason]:
    n = len(case.rank)
    places = core_places(n)
    found: list[tuple[float, int, Reason]] = []
    for order, name in enumerate(voting_lenses()):
        values = case.values[name]
        stands_out = values[member] > 0 and last_ranks(values)[member] <= places
        if not stands_out or n == 1:
            continue
        rank = float(average_ranks(values)[member])
        reason = _statement(name, member, rank, case, own)
        if reason is not None:
            found.append((rank, order, reason))
    return [reason for _, _, reason in sorted(found, key=lambda item: item[:2])]


def _statement(
    name: str, member: int, rank: float, case: CaseForCore, own: _OwnTies
) -> Reason | None:
    """Put what one lens shows of a member that stands out in it; None where no tie carries it."""
    n, value = len(case.rank), float(case.values[name][member])
    if name == "strength":
        return _share(rank, value, case, own)
    if name == "pagerank_downstream":
        return _reach("suppliers-converge", "sources", own.incoming, rank, case, own)
    if name == "pagerank_upstream":
        return _reach("source-for-others", "receivers", own.outgoing, rank, case, own)
    if name == "betweenness":
        values = {"pairs": value, "rank": rank, "n": n}
        return Reason("broker", values, _ids(case, own.inside))
    if name == "core_number":
        return _embedded(member, case, own)
    return _helix(case, own)


def _share(rank: float, value: float, case: CaseForCore, own: _OwnTies) -> Reason:
    n, ties = len(case.rank), len(own.inside)
    same = int((average_ranks(case.values["strength"]) == rank).sum())
    if rank == (same + 1) / 2:  # nobody is before it
        return Reason(
            "largest-share",
            {"share": value, "ties": ties, "tied": same, "n": n},
            _ids(case, own.inside),
        )
    return Reason(
        "large-share",
        {"share": value, "ties": ties, "rank": rank, "n": n},
        _ids(case, own.inside),
    )


def _reach(
    code: str, what: str, rows: IntArray, rank: float, case: CaseForCore, own: _OwnTies
) -> Reason | None:
    others = len(np.unique(own.other_end[rows]))
    if others < 2:  # the end of a single chain, where nothing converges and nothing spreads
        return None
    values: dict[str, str | int | float] = {
        what: others,
        "ties": len(rows),
        "layers": _names(case.ties.layer[rows]),
        "rank": rank,
        "n": len(case.rank),
    }
    return Reason(code, values, _ids(case, rows))


def _embedded(member: int, case: CaseForCore, own: _OwnTies) -> Reason:
    shells = case.values["core_number"]
    fellows = case.view.members[shells >= shells[member]]
    rows = own.inside[np.isin(own.other_end[own.inside], fellows)]
    values = {"k": int(shells[member]), "members": len(fellows), "n": len(case.rank)}
    return Reason("embedded", values, _ids(case, rows))


def _helix(case: CaseForCore, own: _OwnTies) -> Reason | None:
    spheres = case.view.spheres
    beyond = spheres[own.other_end[own.all]]
    rows = own.all[(beyond != spheres[own.node]) & (beyond != "")]
    if not len(rows):
        return None
    others = _names(spheres[own.other_end[rows]])
    layers = _names(case.ties.layer[own.all])
    values: dict[str, str | int | float] = {
        "spheres": others,
        "sphere_count": len(others.split(", ")),
        "layers": layers,
        "layer_count": len(layers.split(", ")),
    }
    return Reason("helix-reach", values, _ids(case, rows))


def _all_round(member: int, case: CaseForCore, own: _OwnTies) -> Reason:
    voting = voting_lenses()
    above = sum(bool(percentiles(case.values[name])[member] > 0.5) for name in voting)
    values = {"above": above, "lenses": len(voting), "n": len(case.rank)}
    return Reason("all-round", values, _ids(case, own.inside))


def _certainty(member: int, case: CaseForCore) -> list[Reason]:
    n = len(case.rank)
    places = core_places(n)
    rank, low, high = (float(a[member]) for a in (case.rank, case.low, case.high))
    code = "crowded-rank" if case.candidate[member] else "sure-rank"
    if low <= places < high:
        code = "unsure-rank"
    values: dict[str, str | int | float] = {
        "rank": rank,
        "low": low,
        "high": high,
        "places": places,
        "draws": case.draws,
        "n": n,
    }
    sharing = int((case.rank == rank).sum())
    shared = Reason("shared-rank", {"rank": rank, "members": sharing, "n": n})
    return [Reason(code, values), *([shared] if sharing > 1 else [])]


def _cautions(case: CaseForCore, own: _OwnTies) -> list[Reason]:
    ties = len(own.inside)
    doubtful = case.ties.doubtful(own.inside, case.doubtful_below)
    unstated, estimated = case.ties.unstated(own.inside), case.ties.estimated(own.inside)
    cautions = []
    if ties <= FEW_TIES:
        cautions.append(Reason("held-by-few-ties", {"ties": ties}, _ids(case, own.inside)))
    if 2 * len(doubtful) > ties:
        values = {"doubtful": len(doubtful), "ties": ties}
        cautions.append(Reason("held-by-doubtful-ties", values, _ids(case, doubtful)))
    if 2 * len(unstated) > ties:
        values = {"unstated": len(unstated), "ties": ties}
        cautions.append(Reason("held-by-unstated-ties", values, _ids(case, unstated)))
    if 2 * len(estimated) > ties:
        values = {"estimated": len(estimated), "ties": ties}
        cautions.append(Reason("held-by-estimated-ties", values, _ids(case, estimated)))
    return cautions


def _key_ties(member: int, case: CaseForCore, own: _OwnTies) -> list[Reason]:
    """Name the ties that carry most: the heaviest; of equal ones those with strong partners.

    Where every tie counts 1, weight alone would leave the choice to the spelling of the keys.
    """
    rows = own.inside
    if not len(rows):
        return []
    share_of_node = np.zeros(len(case.view.spheres))
    share_of_node[case.view.members] = case.values["strength"]
    weight, keep = case.ties.weight[rows], case.ties.keep[rows]
    partner = np.round(share_of_node[own.other_end[rows]], 9)
    key = rows[np.lexsort((rows, -keep, -partner, -weight))][:KEY_TIES]
    total = float(weight.sum())
    share = float(case.ties.weight[key].sum()) / total if total else 0.0
    values: dict[str, str | int | float] = {"ties": len(key), "of": len(rows), "share": share}
    return [Reason("key-ties", values, tuple(str(tie) for tie in case.ties.ids[key]))]
