"""What experts say in the case file: the sections ``[[experts]]``.

A statement is a condition on the clusters (who belongs together, who does not, who is in a cluster
that the experts name), or qualitative evidence: a tie that nobody wrote down before. Conditions
are kept whatever the ties say and their cost is reported; a tie counts as any other of its
confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, did_you_mean
from klaster.graph.settings import StatedTie, Statement
from klaster.loaders.case.checker import Checker, Section, listed_sections
from klaster.loaders.case.input_keys import Keys, numbered
from klaster.loaders.case.input_specs import actor_tie_types

_KEYS = (
    "by", "note", "together", "apart", "cluster", "title", "title_ru", "title_kk", "members",
    "not_members", "tie",
)  # fmt: skip
_OF_A_CLUSTER = ("title", "title_ru", "title_kk", "members", "not_members")


def read_statements(checker: Checker, given: object) -> tuple[Statement, ...]:
    """Read the sections ``[[experts]]``; faults go to the checker."""
    found = tuple(map(_statement, listed_sections(checker, "experts", given)))
    _check_clusters(checker, found)
    return found


def _statement(section: Section) -> Statement:
    section.allow(_KEYS)

    def actors(key: str, least: int) -> tuple[str, ...]:
        listed = tuple(dict.fromkeys(section.texts(key)))
        if key in section and len(listed) < least:
            few = f"{least} different actors or more are needed" if least > 1 else "it is empty"
            section.fault(key, "too-few", ", ".join(listed), few, "Give the keys of actors.")
        return listed

    cluster = section.ascii_name("cluster", "it must be ASCII; what people read is the title")
    for key in _OF_A_CLUSTER:
        if key in section and not cluster:
            problem = "it speaks of a cluster, but no cluster is named"
            section.fault(key, "missing-key", None, problem, 'Add cluster = "a-short-name".')
    if not set(section.content) & {"together", "apart", "members", "not_members", "tie"}:
        remedy = "Give together, apart, members, not_members or tie."
        section.fault("", "missing-key", None, "the statement is empty", remedy)
    titles = section.titles()
    return Statement(
        by=section.text("by", required=True).strip(),
        note=section.text("note").strip(),
        together=actors("together", 2),
        apart=actors("apart", 2),
        cluster=cluster,
        titles=titles if titles["en"] else {},
        members=actors("members", 1),
        not_members=actors("not_members", 1),
        tie=_stated_tie(section.section("tie")) if "tie" in section else None,
        row=section.checker.line_of(section.name),
    )


def _stated_tie(section: Section) -> StatedTie:
    section.allow(("from", "to", "type", "confidence"))
    dictionary = load_dictionary()
    source, target = (section.text(key, required=True).strip() for key in ("from", "to"))
    if source and source == target:
        problem = "the tie goes from an actor to itself"
        section.fault("to", "self-tie", target, problem, "Correct it.")
    return StatedTie(
        source,
        target,
        section.term("type", "", actor_tie_types(), required=True),
        section.term("confidence", "medium", dictionary.terms("confidence")),
    )


def _check_clusters(checker: Checker, statements: Sequence[Statement]) -> None:
    """Find actors that are put into two clusters, and clusters that nobody is put into."""
    home: dict[str, str] = {}
    for k, statement in enumerate(statements, start=1):
        for actor in statement.members:
            other = home.setdefault(actor, statement.cluster)
            if other != statement.cluster:
                problem = f"it is put into {statement.cluster} here and into {other} above"
                key = f"experts[{k}].members"
                checker.fault(key, "contradiction", actor, problem, "Keep one of the two.")
    named = set(home.values())
    titles: dict[str, Mapping[str, str]] = {}
    for k, statement in enumerate(statements, start=1):
        barred = f"experts[{k}].not_members"
        if statement.titles and statement.cluster:
            first = titles.setdefault(statement.cluster, statement.titles)
            if first != statement.titles:
                second, other = (
                    " / ".join(dict.fromkeys(t.values())) for t in (statement.titles, first)
                )
                problem = f"{statement.cluster} has another title above: {other}"
                remedy = "Give a cluster one title, in one place."
                checker.fault(f"experts[{k}].title", "second-title", second, problem, remedy)
        if statement.not_members and statement.cluster not in named:
            problem = "nobody is put into this cluster, so nothing says which it is"
            remedy = "Name its members in this or another statement, or use apart."
            checker.fault(barred, "unknown-cluster", statement.cluster, problem, remedy)
        for actor in statement.not_members:
            if home.get(actor) == statement.cluster:
                problem = f"it is put into {statement.cluster} and barred from it"
                checker.fault(barred, "contradiction", actor, problem, "Keep one of the two.")


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
                        file=file, row=statement.row, column=f"experts[{k}].{key}",
                        code="unknown-actor", value=actor,
                        problem=f"there is no such actor{did_you_mean(actor, known).rstrip('.')}",
                        remedy="Give the key of an actor, or add the actor to its file.",
                    )  # fmt: skip


def stated_ties(statements: Sequence[Statement], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the ties that experts know of, as rows of the graph, in the order of their content."""
    found = []
    used = set(keys)
    with_tie = [(s.tie, s) for s in statements if s.tie is not None]
    for tie, statement in sorted(
        with_tie, key=lambda p: (p[0].source, p[0].type, p[0].target, p[1].by, p[1].note)
    ):
        row = {
            "tie_id": numbered(f"{tie.source}>{tie.type}>{tie.target}>expert", used),
            "source_id": tie.source,
            "target_id": tie.target,
            "tie_type": tie.type,
            "evidence": "reported",
            "source": statement.by,
            "confidence": tie.confidence,
        }
        found.append(row | ({"note": statement.note} if statement.note else {}))
    return found
