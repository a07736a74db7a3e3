"""What experts say in the case file: the sections ``[[experts]]``.

A statement is a condition on the clusters (who belongs together, who does not, who is in a cluster
that the experts name), or qualitative evidence: a tie that nobody wrote down before. Conditions
are kept whatever the ties say and their cost is told; a tie counts as any other of its confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, did_you_mean
from klaster.graph.settings import StatedTie, Statement

if TYPE_CHECKING:
    from klaster.loaders.case.case_file import Checker
    from klaster.loaders.case.case_tables import Keys

_KEYS = (
    "by", "note", "together", "apart", "cluster", "title", "title_ru", "title_kk", "members",
    "not_members", "tie",
)  # fmt: skip
_TIE_KEYS = ("from", "to", "type", "confidence")
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def read_statements(check: Checker, given: object) -> tuple[Statement, ...]:
    """Read the sections ``[[experts]]``; faults go to the checker."""
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        check.fault(
            "experts", "wrong-type", None, "it must be a list of sections", "Write [[experts]]."
        )
        return ()
    found = [_statement(check, item, f"experts[{k}]") for k, item in enumerate(given, start=1)]
    _check_clusters(check, found)
    return tuple(found)


def _statement(check: Checker, item: Mapping[str, Any], where: str) -> Statement:
    check.unknown_keys(item, where, _KEYS)

    def text(key: str, *, required: bool = False) -> str:
        return str(check.take(item, where, key, "text", "", required=required)).strip()

    def keys(key: str, least: int) -> tuple[str, ...]:
        listed = [name.strip() for name in check.take(item, where, key, "texts", [])]
        if key in item and len(set(listed)) < least:
            check.fault(
                f"{where}.{key}",
                "too-few",
                ", ".join(listed),
                f"{least} different actors or more are needed" if least > 1 else "it is empty",
                "Give the keys of actors.",
            )
        return tuple(dict.fromkeys(listed))

    english = text("title")
    titles = {"en": english, "ru": text("title_ru") or english, "kk": text("title_kk") or english}
    cluster = text("cluster")
    if cluster and not _CLUSTER_NAME.fullmatch(cluster):
        check.fault(
            f"{where}.cluster",
            "bad-name",
            cluster,
            "it must be ASCII",
            "Use letters, digits, - and _; what people read is the title.",
        )
    for key in ("title", "title_ru", "title_kk", "members", "not_members"):
        if key in item and not cluster:
            check.fault(
                f"{where}.{key}",
                "missing-key",
                None,
                "it speaks of a cluster, but no cluster is named",
                'Add cluster = "a-short-name".',
            )
    if not set(item) & {"together", "apart", "members", "not_members", "tie"}:
        check.fault(
            where,
            "missing-key",
            None,
            "nothing is said",
            "Give together, apart, members, not_members or tie.",
        )
    return Statement(
        by=text("by", required=True),
        note=text("note"),
        together=keys("together", 2),
        apart=keys("apart", 2),
        cluster=cluster,
        titles=titles if english else {},
        members=keys("members", 1),
        not_members=keys("not_members", 1),
        tie=_stated_tie(check, item, f"{where}.tie"),
        row=check.line_of(where),
    )


def _stated_tie(check: Checker, item: Mapping[str, Any], where: str) -> StatedTie | None:
    if "tie" not in item:
        return None
    section = check.section(item, where.rpartition(".")[0], "tie")
    check.unknown_keys(section, where, _TIE_KEYS)
    dictionary = load_dictionary()
    between_actors = tuple(
        t.name for t in dictionary.tie_types if (t.source_kind, t.target_kind) == ("Actor", "Actor")
    )
    source, target = (
        str(check.take(section, where, key, "text", "", required=True)).strip()
        for key in ("from", "to")
    )
    if source and source == target:
        check.fault(
            f"{where}.to", "self-tie", target, "the tie goes from an actor to itself", "Correct it."
        )
    kind = check.term(section, where, "type", "", between_actors, required=True)
    confidence = check.term(section, where, "confidence", "medium", dictionary.terms("confidence"))
    return StatedTie(source, target, kind, confidence)


def _check_clusters(check: Checker, statements: Sequence[Statement]) -> None:
    """Find actors that are put into two clusters, and clusters that nobody is put into."""
    home: dict[str, str] = {}
    for k, statement in enumerate(statements, start=1):
        for actor in statement.members:
            other = home.setdefault(actor, statement.cluster)
            if other != statement.cluster:
                check.fault(
                    f"experts[{k}].members",
                    "contradiction",
                    actor,
                    f"it is put into {statement.cluster} here and into {other} above",
                    "Keep one of the two.",
                )
    named = set(home.values())
    titles: dict[str, Mapping[str, str]] = {}
    for k, statement in enumerate(statements, start=1):
        if statement.titles and statement.cluster:
            first = titles.setdefault(statement.cluster, statement.titles)
            if first != statement.titles:
                check.fault(
                    f"experts[{k}].title",
                    "second-title",
                    " / ".join(dict.fromkeys(statement.titles.values())),
                    f"{statement.cluster} has another title above: "
                    + " / ".join(dict.fromkeys(first.values())),
                    "Give a cluster one title, in one place.",
                )
        if statement.not_members and statement.cluster not in named:
            check.fault(
                f"experts[{k}].not_members",
                "unknown-cluster",
                statement.cluster,
                "nobody is put into this cluster, so it cannot be told which it is",
                "Name its members in this or another statement, or use apart.",
            )
        for actor in statement.not_members:
            if home.get(actor) == statement.cluster:
                check.fault(
                    f"experts[{k}].not_members",
                    "contradiction",
                    actor,
                    f"it is put into {statement.cluster} and barred from it",
                    "Keep one of the two.",
                )


def unknown_actors(statements: Sequence[Statement], keys: Keys, file: str) -> Iterator[Fault]:
    """Yield a fault for each actor that a statement names and the case does not have."""
    known = sorted(key for key, kind in keys.kinds.items() if kind == "Actor")
    for k, statement in enumerate(statements, start=1):
        tie = statement.tie
        named = {
            "together": statement.together,
            "apart": statement.apart,
            "members": statement.members,
            "not_members": statement.not_members,
            "tie": (tie.source, tie.target) if tie else (),
        }
        for key, actors in named.items():
            for actor in actors:
                if actor and (keys.lack(actor) or keys.kinds.get(actor, "Actor") != "Actor"):
                    yield Fault(
                        file,
                        statement.row,
                        f"experts[{k}].{key}",
                        "unknown-actor",
                        actor,
                        f"there is no such actor{did_you_mean(actor, known).rstrip('.')}",
                        "Give the key of an actor, or add the actor to its file.",
                    )


def stated_ties(statements: Sequence[Statement], taken: Sequence[str]) -> list[dict[str, Any]]:
    """Return the ties that experts know of, as rows of the graph, in the order of their content."""
    found = []
    used = set(taken)
    with_tie = [(s.tie, s) for s in statements if s.tie is not None]
    for tie, statement in sorted(
        with_tie, key=lambda p: (p[0].source, p[0].type, p[0].target, p[1].by, p[1].note)
    ):
        base = f"{tie.source}>{tie.type}>{tie.target}>expert"
        key, count = base, 1
        while key in used:
            count += 1
            key = f"{base}#{count}"
        used.add(key)
        row = {
            "tie_id": key,
            "source_id": tie.source,
            "target_id": tie.target,
            "tie_type": tie.type,
            "evidence": "reported",
            "source": statement.by,
            "confidence": tie.confidence,
        }
        found.append(row | ({"note": statement.note} if statement.note else {}))
    return found
