"""The gate: attacks do not pass, ordinary queries do."""

from __future__ import annotations

import re

import pytest
from attack_queries import (
    COMPUTED_NAMES,
    ESCAPES,
    ORDINARY,
    PREFIXES,
    READS_TOO_MUCH,
    SEVERAL,
    TOO_MUCH,
    WRITES,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.graph.errors import QueryRefusedError
from klaster.queries.catalog import load_catalog
from klaster.queries.gate import pass_gate
from klaster.queries.tokens import tokenize

BROKEN = [
    "",
    " \n// only a comment",
    ";",
    "RETURN",
    "RETURN 'open",
    "RETURN `open",
    "RETURN ``",
    "RETURN 1 /* open",
    "MATCH (n RETURN n.id AS id",
    "MATCH (n)) RETURN 1 AS x",
    "MATCH [n) RETURN 1 AS x",
    "n.id",
    "MATCH (n) RETURN n.id AS",
    "MATCH (n) ORDER n",
    "RETURN 1 2",
    "RETURN 'a' 'b' AS x",
    "RETURN ~1 AS x",
    "RETURN #1 AS x",
]


@pytest.mark.parametrize(
    "query",
    WRITES + READS_TOO_MUCH + PREFIXES + SEVERAL + ESCAPES + COMPUTED_NAMES + BROKEN,
)
def test_attack_is_refused(query: str) -> None:
    with pytest.raises(QueryRefusedError) as caught:
        pass_gate(query)
    assert re.match(r"line \d+, column \d+: .+\. .+\.$", str(caught.value), re.DOTALL)


@pytest.mark.parametrize("query", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_process_killer_is_refused(query: str) -> None:
    with pytest.raises(QueryRefusedError):
        pass_gate(query)


@pytest.mark.parametrize("query", ORDINARY)
def test_ordinary_query_passes(query: str) -> None:
    passed = pass_gate(query).text
    assert [t.text for t in tokenize(passed).tokens] == [
        t.text for t in tokenize(query).tokens if t.text != ";"
    ]


@pytest.mark.parametrize("name", sorted(load_catalog()))
def test_catalog_query_passes(name: str) -> None:
    assert pass_gate(load_catalog()[name].cypher)


def test_comments_do_not_reach_the_engine() -> None:
    passed = pass_gate("MATCH (n) /* a\nb */ RETURN // c\n'// not /* one */' AS x;").text
    assert passed == "MATCH (n)     \n     RETURN     \n'// not /* one */' AS x "


def test_place_is_named() -> None:
    with pytest.raises(QueryRefusedError, match=r"line 3, column 3: DELETE writes\."):
        pass_gate("MATCH (n)\nWHERE n.a = 1\n  DELETE n")


def test_remedy_for_a_name_that_is_a_keyword() -> None:
    with pytest.raises(QueryRefusedError, match="backticks"):
        pass_gate("WITH 1 AS set RETURN set")


_PIECES = st.sampled_from(
    [
        "MATCH",
        "(n)",
        "RETURN",
        "n.id",
        "AS",
        "id",
        "WITH",
        "*",
        "WHERE",
        "true",
        "UNION",
        "ALL",
        "CALL",
        "{",
        "}",
        "()",
        ",",
        "1",
        "'x'",
        "EXISTS",
        "ORDER BY",
        "LIMIT",
        "UNWIND",
        "[1]",
        "CASE",
        "WHEN",
        "THEN",
        "END",
        "NOT",
        ":",
        ".",
        "$p",
        "OPTIONAL",
        "DISTINCT",
        "IS",
    ]
)
_WRITE = st.sampled_from(
    [
        "CREATE (m)",
        "DELETE n",
        "SET n.a = 1",
        "MERGE (m)",
        "REMOVE n.a",
        "LOAD CSV FROM '/x' AS l",
        "SHOW SETTINGS",
        "DETACH DELETE n",
        "CALL db.labels()",
        "FOREACH (x IN y SET n.a = x)",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=12), _WRITE, st.lists(_PIECES, max_size=6))
def test_no_writing_clause_passes_anywhere(before: list[str], write: str, after: list[str]) -> None:
    query = " ".join([*before, write, *after])
    try:
        pass_gate(query)
    except QueryRefusedError:
        return
    # What passed has the word in a place where it is a key, label, property or alias.
    word = write.split()[0]
    assert re.search(rf"(\.|:|\bAS) {word}\b|\b{word} :", query), query


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_passes_or_is_refused_with_a_place(text: str) -> None:
    try:
        pass_gate(text)
        refusal = ""
    except QueryRefusedError as error:
        refusal = str(error)
    assert not refusal or re.match(r"line \d+, column \d+: ", refusal)
