// title: Shortest path between two organisations
// question: Through whom are these two organisations tied, by ties of any type in either direction?
// parameter: from (actor) - the one: its key, or its name in any language
// parameter: to (actor) - the other: its key, or its name in any language
// parameter: most_steps (integer, default 4, from 1 to 6) - longest path that is looked for
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: step (integer) - number of the step on the path
// column: from_id (text) - key of the organisation the step leaves
// column: from_name (text) - its name
// column: tie_type (text) - type of the tie
// column: along (boolean) - true: the tie points the way of the step; false: against it
// column: to_id (text) - key of the organisation the step reaches
// column: to_name (text) - its name
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH p = (a:Actor {id: $from})-[:SUPPLIES|OWNS|AFFILIATED_WITH|SUCCEEDED_BY|COOPERATES_WITH|RD_COOPERATION|TRANSFERS_TECHNOLOGY_TO|TRAINS_STAFF_FOR|FUNDS|REGULATES|MANAGES|COORDINATES|MEMBER_OF|RESIDENT_OF|PART_OF*1..6]-(b:Actor {id: $to})
WHERE a.id <> b.id AND length(p) <= $most_steps
  AND all(
    x IN relationships(p)
    WHERE $include_inactive OR x.status IS NULL OR x.status IN ['current', 'as_published']
  )
WITH p, length(p) AS steps, reduce(text = '', x IN relationships(p) | text + x.tie_id + ' ') AS key
ORDER BY steps, key
LIMIT 1
WITH nodes(p) AS stops, relationships(p) AS ties
UNWIND range(0, size(ties) - 1) AS i
WITH i + 1 AS step, stops[i] AS a, ties[i] AS r, stops[i + 1] AS b
RETURN step, a.id AS from_id, a.name AS from_name, type(r) AS tie_type,
       startNode(r).id = a.id AS along, b.id AS to_id, b.name AS to_name,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY step
