"""Expressions that could outgrow a server are refused; ordinary ones and the catalog pass."""

from __future__ import annotations

import re

import pytest
from attack_queries import MEMORY_BOMBS, ORDINARY
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.graph.errors import QueryRefusedError
from klaster.queries.catalog import load_catalog
from klaster.queries.expression_size import (
    MAX_PARAMETER_CHARACTERS,
    check_expression_sizes,
    check_parameters,
)
from klaster.queries.gate import pass_gate


def rows(start: str, step: str, times: int = 40) -> str:
    return f"{start} " + f"{step} " * times + "RETURN s AS s"


GROWING = {
    **MEMORY_BOMBS,
    "reduce a list": "RETURN size(reduce(s = [1, 2], x IN range(1, 40) | s + s)) AS s",
    "reduce a written list": "RETURN reduce(s = 'ab', x IN [1, 2, 3] | s + s) AS s",
    "reduce in a call": "RETURN reduce(s = 'ab', x IN [1, 2] | replace(s, 'a', 'aaa')) AS s",
    "reduce a collected list": (
        "UNWIND range(1, 100000) AS x WITH collect(x) AS l RETURN reduce(s = '', x IN l | s + 'a') AS s"
    ),
    "reduce nodes and more": "MATCH p = (a) RETURN reduce(s = [], x IN nodes(p) + nodes(p) | s + x) AS s",
    "doubling": rows("WITH 'ab' AS s", "WITH s + s AS s"),
    "doubling beside a number": rows("WITH 'ab' AS s", "WITH s + 1 + s AS s"),
    "doubling by bars": rows("WITH 'ab' AS s", "WITH s || s AS s"),
    "doubling by two names": rows("WITH 'ab' AS s", "WITH s AS a, s AS b WITH a + b AS s"),
    "doubling in subqueries": rows("WITH 'ab' AS s", "CALL (s) { RETURN s + s AS t } WITH t AS s"),
    "lists of lists": rows("WITH [1] AS s", "WITH [s, s] AS s"),
    "maps of maps": rows("WITH [1] AS s", "WITH {a: s, b: s} AS s"),
    "tripling": rows("WITH 'ab' AS s", "WITH s + s + s AS s", 12),
    "replace": "RETURN replace(replace(replace('a', 'a', $a), 'a', $a), 'a', $a) AS s",
    "replace by texts": "WITH 'a' AS s "
    + "WITH replace(s, 'a', 'aaaaaaaaaaaaaaaaaaaa') AS s " * 9
    + "RETURN s AS s",
    "nested lists": (
        "UNWIND range(1, 3000) AS x WITH collect(x) AS l "
        "RETURN size([a IN l | [b IN l | [c IN l | c]]]) AS k"
    ),
    "nested conditions": "WITH range(1, 9999) AS l RETURN any(a IN l WHERE all(b IN l WHERE a < b)) AS k",
    "list of itself": "WITH [1, 2, 3] AS l WITH [a IN l | l] AS l RETURN l AS l",
    "list of a parameter": "RETURN [a IN range(1, 9999) | $text] AS l",
    "range": "RETURN size([x IN range(1, 1000000000) | x]) AS k",
    "range of a name": "WITH 1000000000 AS n RETURN range(1, n) AS l",
    "range of a parameter": "RETURN range(1, $n) AS l",
    "range of a product": "MATCH p = (a) RETURN range(0, length(p) * 100000) AS l",
    "range in hexadecimal": "RETURN range(1, 0x3B9ACA00) AS l",
    "range with a point": "RETURN range(1, 1e9) AS l",
    "range in a list of UNWIND": "UNWIND [range(1, 100000000)] AS l RETURN l AS l",
    "repeated group": "RETURN 'aaaaaaaaaaaaaaaaaaaaaaaa!' =~ '(a|aa)+b' AS k",
    "many repeats": "MATCH (n) WHERE n.name =~ '.*a.*b.*c.*d.*e' RETURN n.id AS id",
    "computed expression": "WITH '(a|aa)+b' AS p RETURN 'aaaa' =~ p AS k",
    "expression put together": "RETURN 'aaaa' =~ '(a|aa)' + '+b' AS k",
}


@pytest.mark.parametrize("query", GROWING.values(), ids=GROWING.keys())
def test_what_grows_is_refused(query: str) -> None:
    passed = pass_gate(query).text
    with pytest.raises(QueryRefusedError, match=r"line \d+, column \d+: .*A server cannot stop"):
        check_expression_sizes(passed)


PASSING = [
    *ORDINARY,
    # The catalog is trusted and not looked at so; what it asks is what others will ask.
    *(query.cypher for name, query in load_catalog().items() if name != "shortest-path"),
    "RETURN " + " + ".join(["1"] * 400) + " AS x",
    "MATCH (a) RETURN a.name + ' (' + a.region + ')' AS label",
    "UNWIND range(1, 100000000) AS x RETURN x AS x",
    "MATCH (n) RETURN [x IN range(0, size(n.aliases) - 1) | n.aliases[x]] AS l",
    "MATCH (a)-[r:OWNS*1..3]->(b) RETURN reduce(s = 0.0, x IN r | s + coalesce(x.value, 0)) AS s",
    "MATCH p = (a)--(b) RETURN [x IN nodes(p) WHERE x.id <> a.id | {id: x.id, name: x.name}] AS l",
    "MATCH (n) WHERE n.name =~ '(?iu).*қала.*' RETURN n.id AS id",
    "MATCH (n) RETURN [l IN ['Firm', 'University'] WHERE n.actor_type = l] AS l",
    "MATCH (n) RETURN [n.id, n.name, n.region, $given] AS l, replace(n.name, '\"', '') AS name",
    "MATCH (n) RETURN [x IN n.aliases | CASE WHEN x = '' THEN null ELSE toLower(x) END] AS l",
]


@pytest.mark.parametrize("query", PASSING)
def test_ordinary_expression_passes(query: str) -> None:
    check_expression_sizes(pass_gate(query).text)


def test_parameters_are_bounded() -> None:
    check_parameters({"ids": ["n01"] * 1000})
    with pytest.raises(QueryRefusedError, match="200,000 are allowed"):
        check_parameters({"text": "a" * MAX_PARAMETER_CHARACTERS})


_STEPS = st.sampled_from(
    ["s + s", "s + 'b' + s", "[s, s]", "{a: s, b: s}", "replace(s, 'a', 'aaa')"]
)


@settings(max_examples=100)
@given(st.lists(_STEPS, min_size=11, max_size=30))
def test_no_order_of_doublings_passes(steps: list[str]) -> None:
    """Eleven steps that each double what there is make more than a thousand of it."""
    query = "WITH 'a' AS s " + "".join(f"WITH {step} AS s " for step in steps) + "RETURN s AS s"
    with pytest.raises(QueryRefusedError, match="more than 1,000 times"):
        check_expression_sizes(query)


@settings(max_examples=200)
@given(st.text(st.sampled_from("()[]{}|,+=~.: \n'sxINWTH1reducange"), max_size=40))
def test_any_query_that_passes_the_gate_is_looked_at(text: str) -> None:
    """Whatever passes the gate passes here or is refused with its place: no other error."""
    try:
        passed = pass_gate(f"WITH 1 AS s, 2 AS x RETURN {text} AS k").text
        check_expression_sizes(passed)
        refusal = ""
    except QueryRefusedError as error:
        refusal = str(error)
    assert not refusal or re.match(r"line \d+, column \d+: ", refusal)
