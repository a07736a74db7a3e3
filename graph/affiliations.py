"""Where actors are and what they do, as ties: LOCATED_IN and OPERATES_IN from their attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from klaster.graph.canonical_tables import object_table, records, stacked
from klaster.graph.content import counted
from klaster.graph.dictionary import TIE_COLUMNS
from klaster.graph.industry_codes import matching_industry
from klaster.graph.model import ClusterGraph

_FROM = {"LOCATED_IN": "region", "OPERATES_IN": "industry_code"}
_CODES_SHOWN = 5


def with_affiliations(graph: ClusterGraph) -> ClusterGraph:
    """Return the graph with the ties that attributes of its actors state.

    An actor with a ``region`` gets ``LOCATED_IN`` to the region of that code, one with an
    ``industry_code`` gets ``OPERATES_IN`` to the industry that the code lies in
    (:func:`~klaster.graph.industry_codes.matching_industry`), of each table; in a table of several
    regions to that of the actor's own region or country. The ties carry the evidence, source and
    locator of the actor. A tie that is stated already is not made again, and none where the graph
    has no such region or industry: :attr:`ClusterGraph.notes` says how many.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     nodes=[
    ...         {"id": "mill", "kind": "Actor", "name": "Mill", "actor_type": "Firm",
    ...          "sphere": "business", "region": "KRG", "source": "registry"},
    ...         {"id": "region:KRG", "kind": "Region", "name": "Karaganda", "code": "KRG",
    ...          "region_type": "oblast"},
    ...     ],
    ...     ties=[],
    ... )
    >>> found = with_affiliations(graph)
    >>> found.ties[["tie_id", "evidence", "source"]].values.tolist()
    [['mill>LOCATED_IN>region:KRG', 'not-stated', 'registry']]
    >>> found.notes
    ('LOCATED_IN is made of the region of 1 actor',)
    """
    actors = records(graph.select(kinds=["Actor"]).nodes)
    places = _Places(records(graph.select(kinds=["Region", "Industry"]).nodes))
    old = graph.ties
    stated = set(zip(*(old[c].tolist() for c in TIE_COLUMNS[1:]), strict=True))
    used = set(old["tie_id"].tolist())
    made: list[dict[str, Any]] = []
    without: dict[str, Counter[str]] = {tie_type: Counter() for tie_type in _FROM}
    for actor in actors:
        for tie_type, attribute in _FROM.items():
            if attribute not in actor:
                continue
            targets = places.of(actor, tie_type)
            without[tie_type][actor[attribute]] += not targets
            for target in targets:
                if (actor["id"], target, tie_type) not in stated:
                    made.append(_tie(actor, tie_type, target, used))
    notes = [*graph.notes, *_notes(made, without)]
    ties = stacked(old, object_table(made, TIE_COLUMNS), "tie") if made else old
    return ClusterGraph(graph.nodes, ties, notes)


class _Places:
    """The regions and industries of a graph by their codes."""

    def __init__(self, nodes: Iterable[Mapping[str, Any]]) -> None:
        self._regions: dict[str, list[str]] = {}
        self._tables: dict[str, dict[str, dict[str, str]]] = {}
        self._matches: dict[tuple[str, str, str], str] = {}
        for node in nodes:
            if node["kind"] == "Region":
                self._regions.setdefault(node["code"], []).append(node["id"])
            else:
                table = self._tables.setdefault(node["table_id"], {})
                table.setdefault(node.get("region", ""), {})[node["code"]] = node["id"]

    def of(self, actor: Mapping[str, Any], tie_type: str) -> list[str]:
        """Return the nodes an actor belongs to."""
        if tie_type == "LOCATED_IN":
            found = self._regions.get(actor["region"], [])
            return found if len(found) == 1 else []  # the code of several regions says none
        return [
            by_code[match]
            for table_id, by_region in sorted(self._tables.items())
            for region, by_code in self._part_for(actor, by_region)
            if (match := self._match(actor["industry_code"], table_id, region, by_code))
        ]

    @staticmethod
    def _part_for(
        actor: Mapping[str, Any], by_region: Mapping[str, Mapping[str, str]]
    ) -> list[tuple[str, Mapping[str, str]]]:
        """Return the industries of a table that may be meant: none where it is not clear."""
        if len(by_region) == 1:
            return list(by_region.items())
        own = [actor[name] for name in ("region", "country") if actor.get(name) in by_region]
        return [(region, by_region[region]) for region in own[:1]]

    def _match(self, code: str, table_id: str, region: str, known: Mapping[str, str]) -> str:
        key = (code, table_id, region)
        if key not in self._matches:
            self._matches[key] = matching_industry(code, known)
        return self._matches[key]


def _tie(
    actor: Mapping[str, Any], tie_type: str, target: str, used: set[str]
) -> dict[str, str | None]:
    stem = tie_id = f"{actor['id']}>{tie_type}>{target}"
    count = 1
    while tie_id in used:
        count += 1
        tie_id = f"{stem}#{count}"
    used.add(tie_id)
    return {
        "tie_id": tie_id,
        "source_id": actor["id"],
        "target_id": target,
        "tie_type": tie_type,
        "evidence": actor.get("evidence", "not-stated"),
        "source": actor.get("source", "not stated"),
        "locator": actor.get("locator"),
    }


def _notes(made: Iterable[Mapping[str, Any]], without: Mapping[str, Counter[str]]) -> list[str]:
    notes = []
    actors = Counter(kind for _, kind in {(tie["source_id"], tie["tie_type"]) for tie in made})
    for tie_type, attribute in _FROM.items():
        what = attribute.removesuffix("_code")
        if actors[tie_type]:
            made_for = counted(actors[tie_type], "actor")
            notes.append(f"{tie_type} is made of the {what} of {made_for}")
        codes = sorted(+without[tie_type])
        if codes:
            more = f" and {len(codes) - _CODES_SHOWN} more" if len(codes) > _CODES_SHOWN else ""
            notes.append(
                f"{counted(without[tie_type].total(), 'actor')} without {tie_type}: the graph has "
                f"no one {what} for {', '.join(codes[:_CODES_SHOWN])}{more}"
            )
    return notes
