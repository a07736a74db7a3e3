// title: Ties of a layer or a type
// question: Which ties does this layer, or this type of tie, consist of?
// parameter: layer (layer, default none) - layer, as supply, knowledge or finance; without it all
// parameter: tie_type (tie_type, default none) - type of tie, as SUPPLIES; without it all
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: layer (text) - layer of the tie
// column: tie_type (text) - type of the tie
// column: from_id (text) - where the tie begins
// column: from_name (text) - name of that end
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
WHERE NOT type(r) IN ['IN_CLUSTER', 'FOUND_IN', 'SCORED_IN'] AND ($tie_type IS NULL OR type(r) = $tie_type)
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
WITH a, r, b,
     CASE
       WHEN type(r) = 'FLOWS_TO' THEN 'flows'
       WHEN type(r) = 'SUPPLIES' THEN 'supply'
       WHEN type(r) IN ['OWNS', 'AFFILIATED_WITH', 'SUCCEEDED_BY'] THEN 'ownership'
       WHEN type(r) = 'COOPERATES_WITH' THEN 'cooperation'
       WHEN type(r) IN ['RD_COOPERATION', 'TRANSFERS_TECHNOLOGY_TO', 'TRAINS_STAFF_FOR'] THEN 'knowledge'
       WHEN type(r) = 'FUNDS' THEN 'finance'
       WHEN type(r) IN ['REGULATES', 'MANAGES', 'COORDINATES'] THEN 'governance'
       WHEN type(r) IN ['MEMBER_OF', 'RESIDENT_OF'] THEN 'membership'
       WHEN type(r) IN ['LOCATED_IN', 'SERVES'] THEN 'geography'
       WHEN type(r) IN ['EXPORTS_TO', 'PRODUCES'] THEN 'trade'
       WHEN type(r) = 'OPERATES_IN' THEN 'affiliation'
       WHEN type(r) = 'TAKES_PART_IN' THEN 'participation'
       WHEN type(r) IN ['REACHES', 'HINDERS'] THEN 'policy'
       WHEN type(r) = 'STATED_BY' THEN 'provenance'
       WHEN type(r) = 'PART_OF' AND a:Region THEN 'geography'
       WHEN type(r) = 'PART_OF' THEN 'membership'
     END AS layer
WHERE $layer IS NULL OR layer = $layer
RETURN layer, type(r) AS tie_type, a.id AS from_id, a.name AS from_name,
       b.id AS to_id, b.name AS to_name,
       r.value AS value, r.unit AS unit, r.confidence AS confidence,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY layer, tie_type, from_id, to_id, tie_id
