"""The lint: each rule hits what is not portable and misses the portable spelling beside it."""

from __future__ import annotations

import doctest

import pytest
import query_lint
from query_lint import RULES, lint

from klaster.queries.catalog import load_catalog

# rule -> (hits, misses); the pairs are those of the comparison of both stores.
CASES: dict[str, tuple[list[str], list[str]]] = {
    "gate": (["MATCH (n) DELETE n"], ["MATCH (n) RETURN n.id AS id ORDER BY id"]),
    "unbounded-path": (
        [
            "MATCH (a)-[:OWNS*]->(b) RETURN b.id AS id ORDER BY id",
            "MATCH (a)-[:OWNS*2..]->(b) RETURN b.id AS id ORDER BY id",
            "MATCH (a) WHERE EXISTS { (a)-[*]-() } RETURN a.id AS id ORDER BY id",
        ],
        [
            "MATCH (a)-[:OWNS*1..14]->(b) RETURN b.id AS id ORDER BY id",
            "MATCH (a)-[:OWNS*..3]->(b) RETURN b.id AS id ORDER BY id",
            "MATCH (a)-[:OWNS*2]->(b) RETURN b.id AS id ORDER BY id",
            "MATCH p = shortestPath((a)-[*]-(b)) RETURN length(p) AS l ORDER BY l",
            "RETURN 2 * 3 AS x ORDER BY x",
        ],
    ),
    "shortest-path-condition": (
        [
            (
                "MATCH p = shortestPath((a)-[:OWNS*..6]->(b)) WHERE all(x IN relationships(p) "
                "WHERE x.year > 1) RETURN length(p) AS l ORDER BY l"
            )
        ],
        [
            (
                "MATCH p = (a)-[:OWNS*1..4]->(b) WHERE all(x IN relationships(p) WHERE x.year > 1) "
                "RETURN a.id AS a, min(length(p)) AS l ORDER BY a"
            ),
            "MATCH p = shortestPath((a)-[:OWNS*..6]->(b)) RETURN length(p) AS l ORDER BY l",
        ],
    ),
    "shortest-path-expression": (
        ["MATCH (a), (b) RETURN length(shortestPath((a)-[*..6]-(b))) AS l ORDER BY l"],
        ["OPTIONAL MATCH p = shortestPath((a)-[*..6]-(b)) RETURN length(p) AS l ORDER BY l"],
    ),
    "date-text": (
        ["MATCH (n) WHERE n.x_day = '2004-03-19' RETURN n.id AS id ORDER BY id"],
        [
            "MATCH (n) WHERE n.x_day = date('2004-03-19') RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE n.x_day = '19.03.2004' RETURN n.id AS id ORDER BY id",
        ],
    ),
    "date-and-time": (
        ["RETURN date('2020-01-01') = datetime('2020-01-01T00:00:00Z') AS x ORDER BY x"],
        ["RETURN date('2020-01-01') = date('2020-01-02') AS x ORDER BY x"],
    ),
    "duration": (
        [
            "RETURN duration.between(date('2020-01-31'), date('2024-03-01')).days AS x ORDER BY x",
            "MATCH (n) RETURN n.x_span.years AS x ORDER BY x",
        ],
        ["RETURN duration.inMonths(date('2020-01-31'), date('2024-03-01')).months AS x ORDER BY x"],
    ),
    "division": (
        [
            "MATCH (n) WHERE 100.0 / n.output > 10 RETURN n.id AS id ORDER BY id",
            "RETURN 1.0 / 0 AS x ORDER BY x",
        ],
        [
            (
                "MATCH (n) RETURN CASE WHEN n.output = 0 THEN null ELSE 1.0 / n.output END AS x "
                "ORDER BY x"
            ),
            "MATCH (n) RETURN n.year / 12 AS y ORDER BY y",
        ],
    ),
    "root-or-log": (
        ["RETURN sqrt(-1) AS x ORDER BY x", "MATCH (n) RETURN log(n.output) AS x ORDER BY x"],
        ["MATCH (n) RETURN CASE WHEN n.output > 0 THEN log(n.output) END AS x ORDER BY x"],
    ),
    "json-text": (
        ["RETURN '[\"a\"]' = 'a' AS x ORDER BY x", "RETURN '{}' AS x ORDER BY x"],
        ["RETURN ['a'] = ['a'] AS x ORDER BY x", "RETURN '[a' AS x ORDER BY x"],
    ),
    "regex": (
        [
            "MATCH (n) WHERE n.name =~ '(?i)ёлка' RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE n.name =~ '\\\\w+' RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE n.name =~ '(?=A).*' RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE n.name =~ '(.)\\\\1' RETURN n.id AS id ORDER BY id",
        ],
        [
            "MATCH (n) WHERE n.name =~ '(?iu)ёлка' RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE n.name =~ '[\\\\p{L}\\\\d_]+' RETURN n.id AS id ORDER BY id",
        ],
    ),
    "round": (
        ["RETURN round(-2.5) AS x ORDER BY x", "RETURN round(2.5, 0, 'HALF_EVEN') AS x ORDER BY x"],
        ["RETURN round(2.345, 2) AS x, sign(-2.5) * floor(abs(-2.5) + 0.5) AS y ORDER BY x"],
    ),
    "to-string": (["RETURN toString(1e20) AS x ORDER BY x"], ["RETURN 1e20 AS x ORDER BY x"]),
    "bars": (["RETURN [1] || [2] AS x ORDER BY x"], ["RETURN [1] + [2] AS x ORDER BY x"]),
    "split-list": (
        ["RETURN split('a1b', ['1', '2']) AS x ORDER BY x"],
        ["RETURN split('a,b', ',') AS x ORDER BY x"],
    ),
    "function": (
        [
            "MATCH (n) RETURN percentileCont(n.output, 0.5) AS m",
            "MATCH (n) WHERE isEmpty(n.aliases) RETURN n.id AS id ORDER BY id",
            "MATCH (n) RETURN elementId(n) AS id ORDER BY id",
            "MATCH (n) RETURN keys(n) AS k ORDER BY k",
            "RETURN nosuch(1) AS x ORDER BY x",
        ],
        [
            "MATCH (n) WHERE size(n.aliases) = 0 RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE (n.year > 1) AND (n.year < 3) RETURN stDev(n.output) AS s",
        ],
    ),
    "labels": (
        ["MATCH (n) RETURN labels(n) AS l ORDER BY l"],
        [
            (
                "MATCH (n) RETURN n.id AS id, [l IN ['Firm', 'Group'] WHERE l IN labels(n)] AS l "
                "ORDER BY id"
            )
        ],
    ),
    "collect-order": (
        [
            "MATCH (n) RETURN collect(n.id) AS l",
            (
                "MATCH (n) CALL (n) { MATCH (n)--(m) RETURN collect(m.id) AS l } RETURN n.id AS id, l "
                "ORDER BY id"
            ),
        ],
        [
            "MATCH (n) WITH n ORDER BY n.id RETURN collect(n.id) AS l",
            (
                "MATCH (n) CALL (n) { MATCH (n)--(m) WITH m ORDER BY m.id RETURN collect(m.id) AS l } "
                "RETURN n.id AS id, l ORDER BY id"
            ),
        ],
    ),
    "count-in-parentheses": (
        ["MATCH (n) WHERE (COUNT { (n)-->() } = 1) RETURN n.id AS id ORDER BY id"],
        ["MATCH (n) WHERE (1 = COUNT { (n)-->() }) RETURN n.id AS id ORDER BY id"],
    ),
    "collect-subquery": (
        ["MATCH (n) RETURN COLLECT { MATCH (n)--(m) RETURN m.id } AS l ORDER BY l"],
        ["MATCH (n) WITH n ORDER BY n.id RETURN collect(n.id) AS l"],
    ),
    "subquery-clause": (
        [
            "MATCH (n) WHERE EXISTS { MATCH (n)--(m) RETURN m } RETURN n.id AS id ORDER BY id",
            (
                "MATCH (n) WHERE COUNT { MATCH (n)--(m) WITH m WHERE m.year > 1 RETURN m } > 1 "
                "RETURN n.id AS id ORDER BY id"
            ),
        ],
        [
            "MATCH (n) WHERE EXISTS { MATCH (n)--(m) WHERE m.year > 1 } RETURN n.id AS id ORDER BY id"
        ],
    ),
    "optional-call": (
        [
            (
                "MATCH (n) OPTIONAL CALL (n) { MATCH (n)--(m) RETURN m.id AS m } RETURN n.id AS id "
                "ORDER BY id"
            )
        ],
        ["MATCH (n) CALL (n) { MATCH (n)--(m) RETURN m.id AS k } RETURN n.id AS id, k ORDER BY id"],
    ),
    "quantified-path": (
        [
            "MATCH ((x)-[:OWNS]->(y)){1,3} RETURN count(*) AS k",
            "MATCH (a)-[:OWNS]->{1,2}(b) RETURN count(*) AS k",
            "MATCH (a)-[:OWNS]->+(b) RETURN count(*) AS k",
        ],
        ["MATCH (a)-[:OWNS*1..3]->(b) RETURN count(*) AS k"],
    ),
    "path-selector": (
        ["MATCH ANY (a)-[:OWNS*1..2]->(b) RETURN count(*) AS k"],
        ["MATCH (a) WHERE any(x IN [1] WHERE x = a.year) RETURN count(*) AS k"],
    ),
    "inline-where": (
        [
            "MATCH (n:Firm WHERE n.year > 5) RETURN n.id AS id ORDER BY id",
            "MATCH (a)-[r:OWNS WHERE r.year > 1]->(b) RETURN r.tie_id AS k ORDER BY k",
        ],
        ["MATCH (n:Firm) WHERE (n.year > 5) RETURN n.id AS id ORDER BY id"],
    ),
    "label-expression": (
        [
            "MATCH (n:Firm&Group) RETURN n.id AS id ORDER BY id",
            "MATCH (n:!Firm) RETURN n.id AS id ORDER BY id",
            "MATCH (n:%) RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE n:Firm|Group RETURN n.id AS id ORDER BY id",
            "MATCH ()-[r:!OWNS]->() RETURN r.tie_id AS k ORDER BY k",
        ],
        [
            "MATCH (n:Actor:Firm) RETURN n.id AS id ORDER BY id",
            "MATCH (n:Firm|Group) WHERE NOT n:Group OR n:Firm RETURN n.id AS id ORDER BY id",
            "MATCH ()-[r:OWNS|FUNDS]->() RETURN r.tie_id AS k ORDER BY k",
            "RETURN [x IN [1, 2] | x % 2] AS l ORDER BY l",
        ],
    ),
    "two-way-arrow": (
        ["MATCH (a)<-[r]->(b) RETURN r.tie_id AS k ORDER BY k"],
        ["MATCH (a)<-[r]-(b)-[s]->(c) RETURN r.tie_id AS k ORDER BY k"],
    ),
    "chained-comparison": (
        [
            "MATCH (n) WHERE 1 <= n.year < 10 RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE n.id IN ['a'] = false RETURN n.id AS id ORDER BY id",
        ],
        [
            "MATCH (n) WHERE n.year >= 1 AND n.year < 10 RETURN n.id AS id ORDER BY id",
            "MATCH (n) WHERE (n.year > 1) = (n.year < 9) RETURN n.id AS id ORDER BY id",
            (
                "MATCH p = (a)<-[r]-(b) WHERE r.year = 1 RETURN a.year = 1 AS x, b.year = 2 AS y "
                "ORDER BY x"
            ),
        ],
    ),
    "name-not-ascii": (
        ["MATCH (n:`Қала`) RETURN n.id AS id ORDER BY id"],
        ["MATCH (n) WHERE n.name = 'Қала' RETURN n.id AS `имя` ORDER BY `имя`"],
    ),
    "block-comment": (
        ["MATCH (n) /* all */ RETURN n.id AS id ORDER BY id"],
        ["MATCH (n) // all\nRETURN n.id AS id ORDER BY id"],
    ),
    "case-values": (
        [
            "MATCH (n) RETURN CASE n.year WHEN 0, 1 THEN 'few' END AS c ORDER BY c",
            "MATCH (n) RETURN CASE n.year WHEN > 100 THEN 'many' END AS c ORDER BY c",
        ],
        [
            "MATCH (n) RETURN CASE n.year WHEN 0 THEN 'few' ELSE 'many' END AS c ORDER BY c",
            "MATCH (n) RETURN CASE WHEN n.year IN [0, 1] THEN 'few' END AS c ORDER BY c",
        ],
    ),
    "map-projection": (
        [
            "MATCH (n) RETURN n {.*} AS m ORDER BY m",
            "MATCH (n) WITH n, n.year AS k RETURN n {.id, k} AS m ORDER BY m",
        ],
        ["MATCH (n) WITH n, n.year AS k RETURN n {.id, k: k} AS m ORDER BY m"],
    ),
    "inline-key": (
        [
            "MATCH (n:Region {code: 'KRG'}) RETURN n.id AS id ORDER BY id",
            "MATCH ()-[r:OWNS {year: 2014}]->() RETURN r.tie_id AS k ORDER BY k",
        ],
        ["MATCH (n:Region {id: $id})-[r]-() RETURN {code: n.code} AS m ORDER BY m"],
    ),
    "reserved-property": (
        [
            "MATCH (n) RETURN n.type AS t ORDER BY t",
            "MATCH (n) RETURN n.title AS t ORDER BY t",
            "MATCH (n) RETURN n.label AS t ORDER BY t",
            "MATCH ()-[r]->() RETURN r.id AS t ORDER BY t",
        ],
        ["MATCH (n)-[r]->() RETURN n.id AS id, n.actor_type AS t, r.tie_id AS k ORDER BY id, k"],
    ),
    "whole-element": (
        [
            "MATCH (n) RETURN n",
            "MATCH (a)-[r]->(b) RETURN r AS r",
            "MATCH p = (a)-[r]->(b) RETURN p",
            "MATCH (n) RETURN *",
        ],
        ["MATCH (n) WITH n.id AS id RETURN id ORDER BY id"],
    ),
    "alias": (
        ["MATCH (n) RETURN n.id ORDER BY n.id", "MATCH (n) RETURN count(*)"],
        ["MATCH (n) WITH n.id AS id RETURN DISTINCT id ORDER BY id"],
    ),
    "count-in-optional-match": (
        [
            (
                "MATCH (n) OPTIONAL MATCH (x:Firm) WHERE 1 > COUNT { (n)-->() } "
                "RETURN n.id AS id, count(x) AS c ORDER BY id"
            )
        ],
        [
            (
                "MATCH (n) WITH n, COUNT { (n)-->() } AS k OPTIONAL MATCH (x:Firm) WHERE k < 1 "
                "RETURN n.id AS id, count(x) AS c ORDER BY id"
            )
        ],
    ),
    "unordered": (
        ["MATCH (n) RETURN n.id AS id", "MATCH (n) RETURN n.id AS id LIMIT 3"],
        ["MATCH (n) RETURN n.id AS id ORDER BY id LIMIT 3", "MATCH (n) RETURN count(*) AS k"],
    ),
    "unknown-label": (
        ["MATCH (n:Company) RETURN n.id AS id ORDER BY id"],
        ["MATCH (n:Firm) WHERE n:Actor RETURN {a: n.id} AS m ORDER BY m"],
    ),
    "unknown-type": (
        ["MATCH ()-[r:SELLS]->() RETURN r.tie_id AS k ORDER BY k"],
        ["MATCH ()-[r:SUPPLIES|OWNS*1..2]->() RETURN count(*) AS k"],
    ),
    "unknown-property": (
        ["MATCH (n) RETURN n.nosuch AS x ORDER BY x"],
        ["MATCH (n) RETURN n.region AS x, n.x_mine AS y, date('2014-01-01').year AS z ORDER BY x"],
    ),
}


def rules_of(query: str) -> set[str]:
    return {finding.rule for finding in lint(query)}


def test_every_rule_has_cases() -> None:
    assert set(CASES) == set(RULES)
    assert all(hits and misses for hits, misses in CASES.values())


@pytest.mark.parametrize(
    ("rule", "query"), [(rule, query) for rule, (hits, _) in CASES.items() for query in hits]
)
def test_hit(rule: str, query: str) -> None:
    assert rule in rules_of(query)


@pytest.mark.parametrize(
    ("rule", "query"), [(rule, query) for rule, (_, misses) in CASES.items() for query in misses]
)
def test_portable_spelling_has_no_finding_at_all(rule: str, query: str) -> None:
    assert [str(finding) for finding in lint(query)] == []


@pytest.mark.parametrize("name", sorted(load_catalog()))
def test_catalog_query_is_portable(name: str) -> None:
    assert [str(finding) for finding in lint(load_catalog()[name].cypher)] == []


def test_finding_names_the_place() -> None:
    (finding,) = lint("MATCH (n)\nRETURN n.id AS id,\n  1 / n.year AS x\nORDER BY id")
    assert (finding.line, finding.column, finding.rule) == (3, 5, "division")


def test_its_example_runs() -> None:
    assert doctest.testmod(query_lint).failed == 0
