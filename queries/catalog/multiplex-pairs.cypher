// title: Pairs tied in several layers
// question: Which two organisations are tied to each other in more than one layer, say by supply and by ownership?
// parameter: least_layers (integer, default 2, from 1 to 7) - only pairs tied in at least so many layers
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: a_id (text) - key of the one
// column: a (text) - its name
// column: b_id (text) - key of the other
// column: b (text) - its name
// column: layer_count (integer) - number of layers they are tied in
// column: layers (list) - the layers
// column: ties (integer) - number of ties between them
// column: tie_ids (list) - keys of the ties
// column: evidence (list) - kinds of evidence of the ties
// column: sources (list) - where they are stated
MATCH (a:Actor)-[r]-(b:Actor)
WHERE a.id < b.id
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
WITH a.id AS a_id, a.name AS a_name, b.id AS b_id, b.name AS b_name, r.tie_id AS tie_id,
     r.evidence AS evidence, r.source AS source,
     CASE
       WHEN type(r) = 'SUPPLIES' THEN 'supply'
       WHEN type(r) IN ['OWNS', 'AFFILIATED_WITH', 'SUCCEEDED_BY'] THEN 'ownership'
       WHEN type(r) = 'COOPERATES_WITH' THEN 'cooperation'
       WHEN type(r) IN ['RD_COOPERATION', 'TRANSFERS_TECHNOLOGY_TO', 'TRAINS_STAFF_FOR'] THEN 'knowledge'
       WHEN type(r) = 'FUNDS' THEN 'finance'
       WHEN type(r) IN ['REGULATES', 'MANAGES', 'COORDINATES'] THEN 'governance'
       WHEN type(r) IN ['MEMBER_OF', 'RESIDENT_OF'] THEN 'membership'
       WHEN type(r) = 'PART_OF' THEN 'membership'
     END AS layer
ORDER BY layer, tie_id
WITH a_id, a_name, b_id, b_name, count(DISTINCT layer) AS layer_count,
     collect(DISTINCT layer) AS layers, count(*) AS ties, collect(tie_id) AS tie_ids,
     collect(DISTINCT evidence) AS evidence, collect(DISTINCT source) AS sources
WHERE layer_count >= $least_layers
RETURN a_id, a_name AS a, b_id, b_name AS b, layer_count, layers, ties, tie_ids, evidence, sources
ORDER BY layer_count DESC, ties DESC, a_id, b_id
