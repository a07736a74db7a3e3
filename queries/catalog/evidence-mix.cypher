// title: Evidence of each layer
// question: On what kind of evidence does each layer rest, and on how many sources?
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: layer (text) - the layer
// column: evidence (text) - measured, reported, paper, estimated or synthetic
// column: ties (integer) - ties of the layer known so
// column: layer_ties (integer) - all ties of the layer
// column: share (number, share) - ties known so / all ties of the layer
// column: low_confidence (integer) - those of them whose statement is weak, undated or second-hand
// column: sources (integer) - different sources that state them
MATCH (a)-[r]->(b)
WHERE NOT type(r) IN ['IN_CLUSTER', 'FOUND_IN', 'SCORED_IN']
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
WITH r.evidence AS evidence, r.confidence AS confidence, r.source AS source,
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
WITH layer, evidence, count(*) AS ties,
     sum(CASE WHEN confidence = 'low' THEN 1 ELSE 0 END) AS low_confidence,
     count(DISTINCT source) AS sources
ORDER BY layer, evidence
WITH layer, sum(ties) AS layer_ties,
     collect({evidence: evidence, x_ties: ties, x_low: low_confidence, x_sources: sources}) AS parts
UNWIND parts AS part
WITH layer, layer_ties, part.evidence AS evidence, part.x_ties AS ties, part.x_low AS low_confidence,
     part.x_sources AS sources
RETURN layer, evidence, ties, layer_ties,
       CASE WHEN layer_ties > 0 THEN toFloat(ties) / layer_ties END AS share,
       low_confidence, sources
ORDER BY layer, ties DESC, evidence
