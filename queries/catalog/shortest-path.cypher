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
MATCH (z:Actor {id: $to})
WHERE $from <> $to
// Level k: organisations that a walk of k steps leads to from the far end. Each level holds each
// organisation once, so that many ties between two of them cost no more than one.
WITH [z.id] AS level0
CALL (level0) {
  UNWIND level0 AS key
  MATCH (x:Actor {id: key})-[r]-(y:Actor)
  WHERE $most_steps >= 1
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH DISTINCT y.id AS id
  ORDER BY id
  RETURN collect(id) AS level1
}
CALL (level1) {
  UNWIND level1 AS key
  MATCH (x:Actor {id: key})-[r]-(y:Actor)
  WHERE $most_steps >= 2
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH DISTINCT y.id AS id
  ORDER BY id
  RETURN collect(id) AS level2
}
CALL (level2) {
  UNWIND level2 AS key
  MATCH (x:Actor {id: key})-[r]-(y:Actor)
  WHERE $most_steps >= 3
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH DISTINCT y.id AS id
  ORDER BY id
  RETURN collect(id) AS level3
}
CALL (level3) {
  UNWIND level3 AS key
  MATCH (x:Actor {id: key})-[r]-(y:Actor)
  WHERE $most_steps >= 4
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH DISTINCT y.id AS id
  ORDER BY id
  RETURN collect(id) AS level4
}
CALL (level4) {
  UNWIND level4 AS key
  MATCH (x:Actor {id: key})-[r]-(y:Actor)
  WHERE $most_steps >= 5
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH DISTINCT y.id AS id
  ORDER BY id
  RETURN collect(id) AS level5
}
CALL (level5) {
  UNWIND level5 AS key
  MATCH (x:Actor {id: key})-[r]-(y:Actor)
  WHERE $most_steps >= 6
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH DISTINCT y.id AS id
  ORDER BY id
  RETURN collect(id) AS level6
}
WITH [level5, level4, level3, level2, level1, level0] AS levels,
     CASE
       WHEN $from IN level1 THEN 1
       WHEN $from IN level2 THEN 2
       WHEN $from IN level3 THEN 3
       WHEN $from IN level4 THEN 4
       WHEN $from IN level5 THEN 5
       WHEN $from IN level6 THEN 6
     END AS steps
WHERE steps IS NOT NULL
// Back from the near end, each step to a level lower; of several ties the first by its key.
CALL (levels, steps) {
  OPTIONAL MATCH (x:Actor {id: $from})-[r]-(y:Actor)
  WHERE steps >= 1 AND y.id IN levels[5 - steps + 1]
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH coalesce(r.tie_id, '') AS tie1, coalesce(y.id, '') AS stop1
  ORDER BY tie1
  LIMIT 1
  RETURN tie1, stop1
}
CALL (levels, steps, stop1) {
  OPTIONAL MATCH (x:Actor {id: stop1})-[r]-(y:Actor)
  WHERE steps >= 2 AND y.id IN levels[5 - steps + 2]
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH coalesce(r.tie_id, '') AS tie2, coalesce(y.id, '') AS stop2
  ORDER BY tie2
  LIMIT 1
  RETURN tie2, stop2
}
CALL (levels, steps, stop2) {
  OPTIONAL MATCH (x:Actor {id: stop2})-[r]-(y:Actor)
  WHERE steps >= 3 AND y.id IN levels[5 - steps + 3]
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH coalesce(r.tie_id, '') AS tie3, coalesce(y.id, '') AS stop3
  ORDER BY tie3
  LIMIT 1
  RETURN tie3, stop3
}
CALL (levels, steps, stop3) {
  OPTIONAL MATCH (x:Actor {id: stop3})-[r]-(y:Actor)
  WHERE steps >= 4 AND y.id IN levels[5 - steps + 4]
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH coalesce(r.tie_id, '') AS tie4, coalesce(y.id, '') AS stop4
  ORDER BY tie4
  LIMIT 1
  RETURN tie4, stop4
}
CALL (levels, steps, stop4) {
  OPTIONAL MATCH (x:Actor {id: stop4})-[r]-(y:Actor)
  WHERE steps >= 5 AND y.id IN levels[5 - steps + 5]
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH coalesce(r.tie_id, '') AS tie5, coalesce(y.id, '') AS stop5
  ORDER BY tie5
  LIMIT 1
  RETURN tie5, stop5
}
CALL (levels, steps, stop5) {
  OPTIONAL MATCH (x:Actor {id: stop5})-[r]-(y:Actor)
  WHERE steps >= 6 AND y.id IN levels[5 - steps + 6]
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH coalesce(r.tie_id, '') AS tie6, coalesce(y.id, '') AS stop6
  ORDER BY tie6
  LIMIT 1
  RETURN tie6, stop6
}
UNWIND range(1, steps) AS step
WITH step, [tie1, tie2, tie3, tie4, tie5, tie6][step - 1] AS tie_id,
     [$from, stop1, stop2, stop3, stop4, stop5][step - 1] AS from_id,
     [stop1, stop2, stop3, stop4, stop5, stop6][step - 1] AS to_id
MATCH (a:Actor {id: from_id})-[r]-(b:Actor {id: to_id})
WHERE r.tie_id = tie_id
RETURN step, from_id, a.name AS from_name, type(r) AS tie_type,
       startNode(r).id = from_id AS along, to_id, b.name AS to_name,
       tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY step
