// title: Ties that ended
// question: Which ties held once and do not any more?
// parameter: before (integer, default none, from 1 to 9999) - also ties whose last year lies before this year
// parameter: network (network, default none) - only ties filed under this network of the case, or with an end there
// column: tie_type (text) - type of the tie
// column: from_id (text) - where the tie begins
// column: from_name (text) - name of that end
// column: to_id (text) - where the tie ends
// column: to_name (text) - name of that end
// column: year (integer) - year it is stated for or begins
// column: year_to (integer) - last year
// column: status (text) - ended, or what was said of a tie whose last year is over
// column: status_note (text) - status as the source words it
// column: confidence (text) - how clearly the source says it
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (a)-[r]->(b)
WHERE (r.status = 'ended' OR ($before IS NOT NULL AND r.year_to < $before))
  AND ($network IS NULL OR r.network = $network OR a.network = $network OR b.network = $network)
RETURN type(r) AS tie_type, a.id AS from_id, a.name AS from_name, b.id AS to_id, b.name AS to_name,
       r.year AS year, r.year_to AS year_to, r.status AS status, r.status_note AS status_note,
       r.confidence AS confidence, r.tie_id AS tie_id, r.evidence AS evidence,
       r.source AS source, r.locator AS locator
ORDER BY tie_type, from_id, to_id, tie_id
