// title: Chain of owners
// question: Who owns this organisation, who owns its owners, and so on to the top?
// parameter: actor (actor) - the organisation: its key, or its name in any language
// parameter: levels (integer, default 4, from 1 to 6) - how many levels up
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: level (integer) - 1: owns the organisation itself; 2: owns one of those; and so on
// column: owner_id (text) - key of the owner
// column: owner (text) - name of the owner
// column: owned_id (text) - key of what it owns
// column: owned (text) - name of what it owns
// column: value (number, as unit says) - share or amount, where the source gives one
// column: unit (text) - unit of the amount
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH p = (b:Actor)-[:OWNS*0..5]->(f:Actor {id: $actor})
WHERE length(p) < $levels
  AND all(
    x IN relationships(p)
    WHERE $include_inactive OR x.status IS NULL OR x.status IN ['current', 'as_published']
  )
WITH b.id AS owned_id, b.name AS owned, min(length(p)) + 1 AS level
MATCH (s:Actor)-[r:OWNS]->(b:Actor {id: owned_id})
WHERE ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN level, s.id AS owner_id, s.name AS owner, owned_id, owned,
       r.value AS value, r.unit AS unit,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY level, owned_id, owner_id, tie_id
