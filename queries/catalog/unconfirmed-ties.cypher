// title: Ties that are not confirmed
// question: Which ties are only planned, proposed, or announced without a word whether they came about?
// parameter: network (network, default none) - only ties filed under this network of the case, or with an end there
// column: status (text) - planned, proposed or unverified
// column: status_note (text) - status as the source words it
// column: tie_type (text) - type of the tie
// column: from_id (text) - where the tie begins
// column: from_name (text) - name of that end
// column: to_id (text) - where the tie ends
// column: to_name (text) - name of that end
// column: confidence (text) - how clearly the source says it
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (a)-[r]->(b)
WHERE r.status IN ['planned', 'proposed', 'unverified']
  AND ($network IS NULL OR r.network = $network OR a.network = $network OR b.network = $network)
RETURN r.status AS status, r.status_note AS status_note, type(r) AS tie_type,
       a.id AS from_id, a.name AS from_name, b.id AS to_id, b.name AS to_name,
       r.confidence AS confidence, r.tie_id AS tie_id, r.evidence AS evidence, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY status, tie_type, from_id, to_id, tie_id
