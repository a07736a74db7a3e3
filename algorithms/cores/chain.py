"""Places in the value chain: where each member of a cluster stands to its core.

=================  ==============================================================================
role               meaning
=================  ==============================================================================
``core``           it is core itself
``knowledge``      science and education (sphere academia), or a firm that gives knowledge to the
                   core
``authority``      government, or an organisation that regulates, manages or coordinates the core
``finance``        banks, funds (sphere finance), or an organisation that funds the core
``intermediary``   associations, parks, zones, cluster organisations (sphere intermediary)
``upstream``       goods go from it to the core, by one tie or several
``downstream``     goods go from the core to it
``same-level``     neither, or both at the same distance: it sells to a buyer of the core, buys
                   from a supplier of it, or works with the core or belongs to it (cooperation,
                   ownership, membership)
empty              no tie says where it stands
=================  ==============================================================================

The sphere of an organisation comes first: a university that also sells to the steelworks is there
for its knowledge. Firms are placed by directed supply ties inside the cluster; where chains lead
both ways the shorter one counts. Where no core has a supply tie, as in a cluster round a
university, the chain is that of knowledge and finance: what goes from the core is downstream.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from klaster.algorithms.cores.tie_table import BoolArray, TieTable
from klaster.graph.findings import ChainPlace
from klaster.graph.layers import (
    COOPERATION,
    FINANCE,
    GOVERNANCE,
    KNOWLEDGE,
    MEMBERSHIP,
    OWNERSHIP,
    SUPPLY,
)
from klaster.graph.model import FloatArray, IntArray, StrArray

ROLE_OF_SPHERE: Mapping[str, str] = MappingProxyType(
    {
        "academia": "knowledge",
        "government": "authority",
        "finance": "finance",
        "intermediary": "intermediary",
    }
)
ROLE_OF_GIVING: Mapping[str, str] = MappingProxyType(
    {KNOWLEDGE: "knowledge", GOVERNANCE: "authority", FINANCE: "finance"}
)
OTHER_CHAINS = (KNOWLEDGE, FINANCE)
LEVEL_LAYERS = (COOPERATION, OWNERSHIP, MEMBERSHIP, KNOWLEDGE)
CHAIN_ROLES = (
    "core",
    "upstream",
    "downstream",
    "same-level",
    "knowledge",
    "authority",
    "finance",
    "intermediary",
)
"""Every role there is, besides the empty one."""


def chain_places(
    ties: TieTable, member_count: int, spheres: StrArray, core: IntArray
) -> tuple[ChainPlace, ...]:
    """Return where each member stands to the core.

    Parameters
    ----------
    ties
        Ties that touch a member; nodes ``0 ... member_count - 1`` are the members.
    member_count
        Number of members.
    spheres
        Sphere of every node.
    core
        The members that are core; where there are none, nobody has a place.

    Returns
    -------
    tuple of ChainPlace
        One a member, with the ties that say so.

    Examples
    --------
    >>> ties = TieTable.build(
    ...     ["t1", "t2", "t3"], [1, 0, 3], [0, 2, 0], ["supply", "supply", "knowledge"])
    >>> places = chain_places(ties, 4, np.array(["business"] * 3 + ["academia"]), np.array([0]))
    >>> [(place.role, place.steps) for place in places]
    [('core', 0), ('upstream', 1), ('downstream', 1), ('knowledge', 0)]
    """
    if not len(core):
        return (ChainPlace(),) * member_count
    inside = ties.taken(
        (ties.source < member_count) & (ties.target < member_count) & (ties.source != ties.target)
    )
    is_core = np.zeros(member_count, dtype=bool)
    is_core[core] = True
    at_core = is_core[inside.source] | is_core[inside.target]
    layers: tuple[str, ...] = (SUPPLY,)
    if not ((inside.layer == SUPPLY) & at_core).any():
        layers = (SUPPLY, *OTHER_CHAINS)
    flow = np.isin(inside.layer, layers) & ~inside.both_ways
    to_core = _steps(inside.target[flow], inside.source[flow], member_count, core)
    from_core = _steps(inside.source[flow], inside.target[flow], member_count, core)
    return tuple(
        ChainPlace("core")
        if is_core[member]
        else _place(member, inside, flow, to_core, from_core, is_core, str(spheres[member]))
        for member in range(member_count)
    )


def _steps(tail: IntArray, head: IntArray, size: int, begin: IntArray) -> FloatArray:
    """Return the number of ties from the nearest of some nodes to each; inf for none."""
    graph = sparse.csr_array((np.ones(len(tail)), (tail, head)), shape=(size, size))
    far = csgraph.dijkstra(graph, directed=True, unweighted=True, indices=begin, min_only=True)
    return np.asarray(far, dtype=np.float64)


def _place(
    member: int,
    ties: TieTable,
    flow: BoolArray,
    to_core: FloatArray,
    from_core: FloatArray,
    is_core: BoolArray,
    sphere: str,
) -> ChainPlace:
    gives, takes = ties.source == member, ties.target == member
    own = gives | takes
    with_core = own & (is_core[ties.source] | is_core[ties.target])
    if sphere in ROLE_OF_SPHERE:
        rows = with_core if with_core.any() else own
        return ChainPlace(ROLE_OF_SPHERE[sphere], 0, _keys(ties, rows))
    up, down = float(to_core[member]), float(from_core[member])
    nearer_up = flow & gives & (to_core[ties.target] == up - 1)
    nearer_down = flow & takes & (from_core[ties.source] == down - 1)
    if up < down:
        return ChainPlace("upstream", int(up), _keys(ties, nearer_up))
    if down < up:
        return ChainPlace("downstream", int(down), _keys(ties, nearer_down))
    if np.isfinite(up):
        return ChainPlace("same-level", 0, _keys(ties, nearer_up | nearer_down))
    for layer, role in ROLE_OF_GIVING.items():
        given = with_core & gives & (ties.layer == layer) & ~ties.both_ways
        if given.any():
            return ChainPlace(role, 0, _keys(ties, given))
    beside = with_core & np.isin(ties.layer, LEVEL_LAYERS)
    if not beside.any():
        # It sells to a buyer of the core, or buys from a supplier of it.
        beside = flow & (
            (gives & (from_core[ties.target] == 1)) | (takes & (to_core[ties.source] == 1))
        )
    return ChainPlace("same-level", 0, _keys(ties, beside)) if beside.any() else ChainPlace()


def _keys(ties: TieTable, rows: BoolArray) -> tuple[str, ...]:
    return tuple(str(tie) for tie in ties.ids[rows].tolist())
