"""Clusters found in different ways side by side: what they agree on, and whom they dispute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import nan

import numpy as np
import pandas as pd

from klaster.algorithms.analysis.communities import CommunityResult
from klaster.algorithms.identification.quotients import location_quotients
from klaster.algorithms.partitions.groupings import (
    Grouping,
    GroupingAgreement,
    clusters_by_industry,
    clusters_by_quotient,
    compare_groupings,
)
from klaster.graph.agreement_findings import AgreementFinding, PairAgreement
from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.industry_codes import matching_industry, section_of
from klaster.graph.io_table import IOTable
from klaster.graph.layers import FIRMS, FLOWS, HELIX, JOINT, OWNERSHIP, SUPPLY
from klaster.graph.model import ClusterGraph, FloatArray

FIRM_LAYERS = (SUPPLY, OWNERSHIP)
"""Ties of firms as firms; the other layers of actors are the triple helix."""
VALUE_ADDED, ALL_VALUE_ADDED = "GVA_", "GRP"
"""Indicators that give quotients: value added by section (``GVA_C``), and all of it."""


def compare_ways(
    graph: ClusterGraph,
    results: Sequence[CommunityResult],
    numbers: Mapping[str, Mapping[int, int]],
    *,
    table: IOTable | None = None,
    indicators: pd.DataFrame | None = None,
) -> AgreementFinding:
    """Compare the clusters found in different ways.

    ``joint``: found in all layers of actors together. ``firms``: in supply and ownership.
    ``helix``: in the other layers of actors. (Where one of these two has but one layer: in that.)
    ``table``: in the flows between industries, each organisation where its industry is.
    ``quotients``: industries with a location quotient above 1 in the organisation's region, of
    value added (Balassa).

    Parameters
    ----------
    graph
        The whole graph: actors with their region and industry.
    results
        Communities by layer, ``firms`` and ``helix`` among them.
    numbers
        By layer, the number of each community that counts as a cluster.
    table
        The input–output table whose flows were partitioned.
    indicators
        Value added by region and section (:func:`section_quotients`).

    Returns
    -------
    AgreementFinding
        Without pairs where fewer than two ways place anybody; ``missing`` says why.
    """
    by_layer = {result.finding.layer: result for result in results}
    groupings: list[Grouping] = []
    missing: dict[str, str] = {}
    for name, (clusters, why) in {
        JOINT: _found(by_layer.get(JOINT), numbers),
        FIRMS: _found(_of_part(by_layer, FIRMS, graph), numbers),
        HELIX: _found(_of_part(by_layer, HELIX, graph), numbers),
        "table": _by_table(graph, table, by_layer.get(FLOWS), numbers),
        "quotients": _by_quotients(graph, indicators),
    }.items():
        if clusters:
            groupings.append(Grouping(name, clusters))
        else:
            missing[name] = why
    found = compare_groupings(groupings) if len(groupings) > 1 else None
    names = [grouping.name for grouping in groupings]
    places = {
        member: {g.name: g.clusters[member] for g in groupings if member in g.clusters}
        for member in sorted({member for g in groupings for member in g.clusters})
    }
    disputed = found.disputed if found else ()
    share = {one.member: one.support for one in disputed}
    return AgreementFinding(
        placed={grouping.name: len(grouping.clusters) for grouping in groupings},
        missing=missing,
        pairs=_pairs(found, names) if found else (),
        clusters=places,
        support={
            member: share.get(member, 1.0 if len(placed) > 1 else nan)
            for member, placed in places.items()
        },
        in_all=found.in_all if found else (),
        consensus=found.consensus if found else (),
        disputed=disputed,
    )


def _pairs(found: GroupingAgreement, names: Sequence[str]) -> tuple[PairAgreement, ...]:
    return tuple(
        PairAgreement(
            names[i],
            names[j],
            float(found.adjusted_rand.to_numpy()[i, j]),
            float(found.overlap.to_numpy()[i, j]),
            int(found.shared.to_numpy()[i, j]),
        )
        for i, j in combinations(range(len(names)), 2)
    )


def _of_part(
    by_layer: Mapping[str, CommunityResult], part: str, graph: ClusterGraph
) -> CommunityResult | None:
    """Return the communities of the firms or the helix: of its only layer where it has but one.

    Where no other layer has ties it was looked at as the joint one.
    """
    if part in by_layer:
        return by_layer[part]
    layers = load_dictionary().actor_layers()
    if JOINT in by_layer and by_layer.keys().isdisjoint(layers):
        tied = [n for n in graph.active().layers if n in layers]
        return by_layer[JOINT] if [n in FIRM_LAYERS for n in tied] == [part == FIRMS] else None
    own = [n for n in layers if n in by_layer and (n in FIRM_LAYERS) == (part == FIRMS)]
    return by_layer[own[0]] if len(own) == 1 else None


def _found(
    result: CommunityResult | None, numbers: Mapping[str, Mapping[int, int]]
) -> tuple[dict[str, str], str]:
    if result is None:
        return {}, "no-ties"
    if not result.finding.significant:
        return {}, result.finding.reason
    layer = result.finding.layer
    own = numbers[layer]
    placed = {n: f"{layer}-{own[k]}" for n, k in result.label_of.items() if k in own}
    return placed, "too-small"


def _by_table(
    graph: ClusterGraph,
    table: IOTable | None,
    flows: CommunityResult | None,
    numbers: Mapping[str, Mapping[int, int]],
) -> tuple[dict[str, str], str]:
    if table is None or flows is None:
        return {}, "no-table"
    clusters, why = _found(flows, numbers)
    if not clusters:
        return {}, why
    codes = dict(zip(table.node_ids, table.codes, strict=True))
    by_code = {codes[node]: cluster for node, cluster in clusters.items()}
    industries = {
        actor: match
        for actor, code in _industry_codes(graph).items()
        if (match := matching_industry(code, by_code))
    }
    return clusters_by_industry(by_code, industries), "no-industry-codes"


def _by_quotients(
    graph: ClusterGraph, indicators: pd.DataFrame | None
) -> tuple[dict[str, str], str]:
    regions_of_all = [
        str(node["code"])
        for node in records(graph.nodes)
        if node["kind"] == "Region" and node.get("region_type") == "country"
    ]
    if indicators is None:
        return {}, "no-value-added"
    quotients = section_quotients(indicators, nations=regions_of_all)
    if not quotients:
        return {}, "no-value-added"
    regions = {
        str(node["id"]): str(node["region"])
        for node in records(graph.nodes)
        if node["kind"] == "Actor" and node.get("region")
    }
    places = {
        actor: (regions[actor], section)
        for actor, code in _industry_codes(graph).items()
        if actor in regions and (section := section_of(code))
    }
    return clusters_by_quotient(quotients, places), "no-industry-codes"


def _industry_codes(graph: ClusterGraph) -> dict[str, str]:
    return {
        str(node["id"]): str(node["industry_code"])
        for node in records(graph.nodes)
        if node["kind"] == "Actor" and node.get("industry_code")
    }


def section_quotients(
    indicators: pd.DataFrame, *, nations: Sequence[str] = ()
) -> dict[tuple[str, str], float]:
    r"""Return the location quotient of value added by region and section, of the latest year.

    .. math:: LQ_{rs} = \frac{v_{rs} / v_r}{v_s / v}

    from the indicators ``GVA_<section>`` and ``GRP``, over the regions that have all of them in the
    latest year in which two regions or more do; empty where there is none. Value added of the
    other sections is what is left of ``GRP``. The nation is the one of ``nations`` that has them,
    else the sum of the regions.

    References
    ----------
    B. Balassa (1965), Trade liberalisation and "revealed" comparative advantage, The Manchester
    School 33, 99-123, doi:10.1111/j.1467-9957.1965.tb00050.x.

    Examples
    --------
    >>> rows = [("W", "GVA_C", 6.0), ("W", "GRP", 10.0), ("E", "GVA_C", 1.0), ("E", "GRP", 10.0)]
    >>> found = section_quotients(pd.DataFrame([
    ...     {"region": r, "year": 2020, "indicator": i, "value": v} for r, i, v in rows]))
    >>> round(found["W", "C"], 3), round(found["E", "C"], 3)
    (1.714, 0.286)
    """
    if not len(indicators):
        return {}
    wanted = [
        str(name)
        for name in sorted(set(indicators["indicator"].tolist()))
        if str(name).startswith(VALUE_ADDED) and len(str(name)) == len(VALUE_ADDED) + 1
    ]
    if not wanted:
        return {}
    part = indicators[indicators["indicator"].isin([*wanted, ALL_VALUE_ADDED])]
    for year in sorted({int(y) for y in part["year"].tolist()}, reverse=True):
        rows = part[part["year"] == year]
        table: dict[str, dict[str, float]] = {}
        for region, name, value in zip(
            rows["region"].tolist(), rows["indicator"].tolist(), rows["value"].tolist(), strict=True
        ):
            table.setdefault(str(region), {})[str(name)] = float(value)
        whole = sorted(r for r, v in table.items() if {*wanted, ALL_VALUE_ADDED} <= set(v))
        regions = [r for r in whole if r not in nations]
        nation = [r for r in whole if r in nations]
        if len(regions) < 2:
            continue
        quotients = location_quotients(
            _amounts(table, regions, wanted),
            _amounts(table, nation, wanted)[0] if len(nation) == 1 else None,
        )
        return {
            (region, name.removeprefix(VALUE_ADDED)): float(quotients[i, j])
            for i, region in enumerate(regions)
            for j, name in enumerate(wanted)
        }
    return {}


def _amounts(
    table: Mapping[str, Mapping[str, float]], regions: Sequence[str], names: Sequence[str]
) -> FloatArray:
    """Return the amounts of some regions, one row each, and what is left of the whole."""
    amounts = np.array([[table[region][name] for name in names] for region in regions])
    total = np.array([table[region][ALL_VALUE_ADDED] for region in regions])
    rest = np.maximum(total - amounts.reshape(len(regions), len(names)).sum(axis=1), 0.0)
    return np.column_stack([amounts.reshape(len(regions), len(names)), rest])
