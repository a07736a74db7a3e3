"""Queries that must not pass, or must not cost more than themselves, and ordinary ones beside them."""

from __future__ import annotations

WRITES = [
    "CREATE (n:Actor {id: 'x'})",
    "create (n:Actor {id: 'x'})",
    "CrEaTe(n)",
    "MATCH (n) SET n.name = 'x'",
    "MATCH (n) SET n += {name: 'x'}",
    "MATCH (n) SET n:Firm RETURN n.id AS id",
    "MATCH (n)SET n.name='x'",
    "MATCH (n) WITH n SET n.a = 1 RETURN n.a AS a",
    "MATCH (n) WITH * SET n.a = 1",
    "MATCH (n) RETURN * SET n.a = 1",
    "MATCH (n) DELETE n",
    "MATCH (n)\nDETACH\nDELETE n",
    "MATCH (n) NODETACH DELETE n",
    "MATCH (n) REMOVE n.name",
    "MATCH (n) REMOVE n:Firm",
    "MERGE (n:Actor {id: 'x'})",
    "MATCH (n) MERGE (n)-[:OWNS]->(n)",
    "INSERT (:Actor {id: 'x'})",
    "MATCH (n) FOREACH (x IN [1] | SET n.a = x)",
    "FOREACH (x IN [1] | CREATE (:A))",
    "UNWIND [1] AS x CREATE (:A {id: x})",
    "MATCH (n) CALL (n) { SET n.a = 1 }",
    "CALL { CREATE (n:A) RETURN n.id AS id } RETURN id",
    "CALL () { CREATE (n:A) } IN TRANSACTIONS RETURN 1 AS x",
    "MATCH (n) CALL (n) { MATCH (n) RETURN 1 AS y } IN TRANSACTIONS OF 5 ROWS RETURN y",
    "RETURN 1 AS x UNION CREATE (n) RETURN 1 AS x",
    "RETURN 1 AS x UNION ALL CREATE (n) RETURN 1 AS x",
    "MATCH (n) WHERE EXISTS { CREATE (m) } RETURN n.id AS id",
    "OPTIONAL CREATE (n)",
    "MATCH (n) RETURN n.id AS id ORDER BY id DESC SET n.a = 1",
    "MATCH (n) RETURN CASE WHEN true THEN 1 END SET n.a = 1",
    "RETURN 1CREATE (n)",
    "RETURN 1.CREATE (n)",
    "RETURN 0x1FCREATE (n)",
    "RETURN $1CREATE (n)",
    "RETURN 'a'CREATE (n)",
    "MATCH (n) RETURN n LIMIT 1DELETE n",
    "MATCH (n)/**/DELETE/**/n",
    "MATCH (n) /* RETURN */ DELETE n // RETURN n",
    "MATCH (n) //\rDELETE n\nDELETE n",
    "DROP INDEX x",
    "CREATE INDEX FOR (n:A) ON (n.b)",
    "CREATE CONSTRAINT x FOR (n:A) REQUIRE n.id IS UNIQUE",
    "ALTER DATABASE neo4j SET ACCESS READ ONLY",
    "DROP DATABASE neo4j",
    "CREATE USER x SET PASSWORD 'y'",
    "GRANT ROLE admin TO x",
    "REVOKE ROLE admin FROM x",
    "DENY READ {*} ON GRAPH * TO x",
    "START DATABASE x",
    "STOP DATABASE x",
    "TERMINATE TRANSACTIONS 'x'",
]

READS_TOO_MUCH = [
    "LOAD CSV FROM '/etc/passwd' AS l RETURN l",
    "load csv with headers from $path as l return l",
    "LOAD CSV FROM 'http://127.0.0.1/' AS l RETURN l",
    "MATCH (n) LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l",
    "CALL () { LOAD CSV FROM '/etc/passwd' AS l RETURN l } RETURN l",
    "RETURN 1 AS x UNION LOAD CSV FROM '/x' AS x RETURN x",
    "LOAD  /* x */  CSV FROM '/etc/passwd' AS l RETURN l",
    "CALL db.labels()",
    "CALL db.labels() YIELD label RETURN label",
    "CALL dbms.listConfig",
    "call `db`.`labels`()",
    "MATCH (n) CALL apoc.load.json('file:///etc/passwd') YIELD value RETURN value",
    "OPTIONAL CALL db.labels() YIELD label RETURN label",
    "CALL pagerank() YIELD node RETURN node",
    "CALL(){CALL db.labels() YIELD label RETURN label} RETURN label",
    "RETURN apoc.util.sha1(['a']) AS x",
    "RETURN gds.version() AS x",
    "RETURN graph.names() AS x",
    "RETURN `apoc`.`text`.`join`(['a'], '') AS x",
    "SHOW SETTINGS",
    "SHOW DATABASES YIELD name RETURN name",
    "show procedures",
    "USE system RETURN 1 AS x",
    "USE graph.byName('x') MATCH (n) RETURN n.id AS id",
    "MATCH (n) USE x RETURN 1 AS x",
]

PREFIXES = [
    "EXPLAIN MATCH (n) RETURN n.id AS id",
    "PROFILE MATCH (n) RETURN n.id AS id",
    "CYPHER 25 MATCH (n) RETURN n.id AS id",
    "CYPHER runtime=parallel RETURN 1 AS x",
    "FOR VALID_TIME AS OF '2020-01-01' MATCH (n) RETURN n.id AS id",
    "MATCH (n) RETURN n.id AS id FORMAT CSV",
    "MATCH (n) RETURN * FORMAT CSV",
    "MATCH (n) RETURN n.region AS r, count(*) AS c HAVING c > 1",
    "MATCH (n) FILTER n.a > 1 RETURN n.id AS id",
    "MATCH (n) RETURN row_number() OVER (ORDER BY n.id) AS x",
    "RETURN 1 AS x INTERSECT RETURN 1 AS x",
    "MATCH (n) RETURN * INTERSECT MATCH (n) RETURN *",
    "RETURN 1 AS x EXCEPT RETURN 1 AS x",
    "MATCH (n) LET x = 1 RETURN x",
    "MATCH (n) RETURN n.id AS id NEXT RETURN id",
    "MATCH (n) FINISH",
    ":param x => 1",
    "BEGIN",
    "COMMIT",
    "PERIODIC COMMIT",
]

SEVERAL = [
    "RETURN 1 AS x; RETURN 2 AS x",
    "RETURN 1 AS x;; MATCH (n) DELETE n",
    "RETURN 1 AS x; //\nCREATE (n)",
    "; RETURN 1 AS x",
    "RETURN 'a;' AS x; CREATE (n)",
]

ESCAPES = [
    "\\u0043REATE (n)",
    "MATCH (n) \\u0053ET n.a = 1",
    "RETURN '\\u0027 CREATE (n) //' AS x",
    "RETURN 'a\\\\u0027 CREATE (n) //' AS x",
    "RETURN `a\\u0060 ` AS x",
    "RETURN '\\U00000027' AS x",
    "MATCH (n) \u200bSET n.a = 1",
    "MATCH (n) S\u200bET n.a = 1",
    "MATCH (n) \u202eSET n.a = 1",
    "MATCH (n) \u017fET n.a = 1",
    "MATCH (n)\u00a0SET n.a = 1",
    "MATCH (n)\u2028SET n.a = 1",
    "MATCH (n) \x00SET n.a = 1",
    "\ufeffCREATE (n)",
    "MATCH (n) ＳＥＴ n.a = 1",
    "RETURN '\ud800' AS x",
]

COMPUTED_NAMES = [
    "MATCH (n:$($label)) RETURN n.id AS id",
    "MATCH (n:$any(['Firm'])) RETURN n.id AS id",
    "MATCH (n:$label) RETURN n.id AS id",
    "MATCH ()-[r:$($type)]->() RETURN count(r) AS c",
    "MATCH (n) WHERE n:$('Firm') RETURN n.id AS id",
]

TOO_MUCH = {
    "bytes": "RETURN '" + "a" * 20_001 + "' AS x",
    "bytes not characters": "RETURN '" + "қ" * 10_001 + "' AS x",
    "unions": " UNION ALL ".join(["RETURN 1 AS x"] * 400),
    "nested calls": "CALL () { " * 400 + "RETURN 1 AS x" + " } RETURN x" * 400,
    "nested exists": "MATCH (n) WHERE "
    + "EXISTS { (n) WHERE " * 21
    + "true"
    + " }" * 21
    + " RETURN n.id AS id",
    "dots": "MATCH (n) RETURN n" + ".a" * 9_000 + " AS x",
    "dots of a map": "RETURN {a: 1}" + ".a" * 51 + " AS x",
    "elements": "RETURN [1]" + "[0]" * 60 + " AS x",
    "labels": "MATCH (n" + ":A" * 60 + ") RETURN n.id AS id",
    "brackets": "RETURN " + "(" * 200 + "1" + ")" * 200 + " AS x",
    "lists": "RETURN " + "[" * 9_000 + "]" * 9_000 + " AS x",
    "not": "RETURN " + "NOT " * 4_000 + "true AS x",
    "minus": "RETURN " + "-" * 4_000 + "1 AS x",
}

MEMORY_BOMBS = {
    "text": "RETURN size(reduce(s = 'ab', x IN range(1, 40) | s + s)) AS s",
    "replace": "RETURN size(reduce(s = 'a', x IN range(1, 20) | replace(s, 'a', 'aaaaaaaa'))) AS s",
}
WORK_BOMBS = {
    "cross product": "MATCH (a), (b), (c), (d), (e), (f), (g) RETURN count(*) AS k",
    "collect": "UNWIND range(1, 100000000) AS a WITH collect(a) AS l RETURN size(l) AS k",
    "paths": "MATCH p = (a)-[*1..15]-(b) RETURN count(p) AS k",
    "products": "".join(f"UNWIND [1, 2] AS x{i} " for i in range(40)) + "RETURN count(*) AS k",
}
STACK_BOMBS = {
    "unions": " UNION ALL ".join(["RETURN 1 AS x"] * 400),
    "calls": "CALL () { " * 400 + "RETURN 1 AS x" + " } RETURN x" * 400,
    "dots": "MATCH (n) RETURN n" + ".a" * 10_000 + " AS x",
}

ORDINARY = [
    "MATCH (n) RETURN n.id AS id",
    "match (n:Firm) return n.name as name order by name desc limit 5;",
    "MATCH (n) WHERE n.name = 'DELETE everything; CREATE (n)' RETURN n.id AS id",
    'MATCH (n) WHERE n.note CONTAINS "LOAD CSV FROM" RETURN n.id AS id',
    "MATCH (n) WHERE n.name CONTAINS 'It\\'s // no comment /* nor this' RETURN n.id AS id",
    "MATCH (n) RETURN n.created AS created, n.deleted AS deleted, n.`set` AS `set`",
    "MATCH (n) RETURN n.set AS a, n.delete AS b, n.call AS c, n.load AS d",
    "MATCH (n:Set)-[:CREATE|`MERGE`]->(m:`Delete`) RETURN m.id AS id",
    "MATCH (offset)-[settings:OWNS]->(created) RETURN created.id AS created",
    "RETURN $set AS a, $create AS b, $`delete` AS c",
    "RETURN {set: 1, delete: 2, load: {create: 3}} AS m",
    "WITH 1 AS format, 2 AS filter, 3 AS over, 4 AS show RETURN format, filter + over - show AS x",
    "MATCH (`DETACH DELETE`:Actor) RETURN `DETACH DELETE`.id AS id",
    "MATCH (n) // DELETE n; CREATE\nRETURN n.id AS id // ; SET",
    "MATCH (n) /* SET n.a = 1 */ RETURN n.id AS id",
    "MATCH (n) RETURN n.id AS id ;  \n",
    (
        "MATCH p = (a)-[:OWNS*1..3]->(b) WHERE all(x IN relationships(p) WHERE x.year > 2000) "
        "RETURN a.id AS a, length(p) AS l"
    ),
    "MATCH (a)<-[r:SUPPLIES]-(b)--(c) RETURN type(r) AS t, count(*) AS k",
    "MATCH p = shortestPath((a:Firm)-[*..6]-(b:Firm)) WHERE a.id < b.id RETURN length(p) AS l",
    (
        "MATCH (n) WHERE n.x IS NOT NULL AND NOT n.y IS NULL AND n.name STARTS WITH 'А' "
        "AND n.name ENDS WITH 'а' RETURN n.id AS id"
    ),
    "MATCH (n) WHERE n.name =~ '(?iu).*қала.*' XOR n:Firm RETURN n.id AS id",
    "MATCH (n) WHERE EXISTS { (n)-[:OWNS]->() } RETURN n.id AS id",
    (
        "MATCH (n) WHERE EXISTS { MATCH (n)--(m) WHERE m.a = 1 } OR COUNT { (n)--() } > 2 "
        "RETURN n.id AS id"
    ),
    "MATCH (n) CALL (n) { MATCH (n)--(m) RETURN count(m) AS k } RETURN n.id AS id, k",
    "CALL { MATCH (n) RETURN count(n) AS k } RETURN k",
    "CALL (*) { RETURN 1 AS k } RETURN k",
    "MATCH (n) RETURN n.id AS id UNION ALL MATCH (m) RETURN m.id AS id UNION RETURN 'x' AS id",
    "UNWIND [1, 2, 3] AS x WITH x WHERE x > 1 RETURN DISTINCT x ORDER BY x SKIP 1 LIMIT 1",
    "RETURN CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END AS x, CASE 1 WHEN 1 THEN 2 END AS y",
    "RETURN [x IN range(1, 5) WHERE x % 2 = 1 | x * 10][0..2] AS l, [1, 2][-1] AS m",
    "RETURN reduce(s = 0, x IN [1, 2] | s + x) AS s, date('2014-03-19').year AS y",
    "RETURN date.truncate('month', date('2014-03-19')) AS d, duration.inDays(date(), date()) AS e",
    "MATCH (n) RETURN n {.id, k: n.x, all: count(*)} AS m",
    "MATCH (n) RETURN n['name'] AS a, n[$key] AS b",
    "RETURN -1.5e-3 AS a, .5 AS b, 0x1F AS c, [1, 2, 3][0..1] AS d",
    "MATCH (n:A|B), (m:A&!B), (k:%) RETURN n.id AS n, m.id AS m, k.id AS k",
    "MATCH (a)-[r:!OWNS]->(b) RETURN a.id AS a",
    "MATCH (n {id: $id})-[r {year: 2014}]->() RETURN r.source AS source",
    "MATCH ((x)-[:OWNS]->(y)){1,3} RETURN count(*) AS k",
    "MATCH (n) RETURN count(*) AS k, count(DISTINCT n) AS d",
    "MATCH (n) WITH *, n.id AS id RETURN *",
    "MATCH (n) WHERE n.`имя` = 'Қала' RETURN n.`имя` AS `имя`",
    "MATCH (n)\u00a0RETURN\u2003n.id AS id",
    "WITH 1 AS n RETURN n IS :: INTEGER AS x",
    "OPTIONAL MATCH (n) RETURN n.id AS id",
    "RETURN " + " + ".join(["1"] * 400) + " AS x",
    " UNION ALL ".join(["RETURN 1 AS x"] * 21),
]
