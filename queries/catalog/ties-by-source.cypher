// title: Ties a source states
// question: What do we know from this source - a paper, a page, an address?
// parameter: source (text) - the source or a part of its name or address; capitals do not matter
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: from_id (text) - where the tie begins
// column: from_name (text) - name of that end
// column: tie_type (text) - type of the tie
// column: to_id (text) - where the tie ends
// column: to_name (text) - name of that end
// column: value (number, as unit says) - amount of the tie
// column: unit (text) - unit of the amount
// column: confidence (text) - how clearly the source says it
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (a)-[r]->(b)
WHERE toLower(r.source) CONTAINS toLower($source)
  AND NOT type(r) IN ['IN_CLUSTER', 'FOUND_IN', 'SCORED_IN']
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN a.id AS from_id, a.name AS from_name, type(r) AS tie_type, b.id AS to_id, b.name AS to_name,
       r.value AS value, r.unit AS unit, r.confidence AS confidence,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY source, tie_type, from_id, to_id, tie_id
