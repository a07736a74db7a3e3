// title: Knowledge partners of a network
// question: Which universities, colleges, schools and research institutes are the organisations of this network tied to, and how?
// parameter: network (network, default none) - only ties filed under this network of the case, or of organisations filed there
// parameter: knowledge_only (boolean, default false) - only research, transfer of technology and training, no other ties
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: partner_id (text) - key of the university, college, school or institute
// column: partner (text) - its name
// column: partner_type (text) - what kind of organisation it is
// column: partner_region (text) - code of its region
// column: actor_id (text) - key of the organisation it is tied to
// column: actor (text) - its name
// column: tie_type (text) - type of the tie
// column: from_id (text) - where the tie begins
// column: to_id (text) - where the tie ends
// column: confidence (text) - how clearly the source says it
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (p:Actor)-[r]-(f:Actor)
WHERE p.sphere = 'academia' AND f.sphere <> 'academia'
  AND ($network IS NULL OR r.network = $network OR f.network = $network)
  AND (NOT $knowledge_only
    OR type(r) IN ['RD_COOPERATION', 'TRANSFERS_TECHNOLOGY_TO', 'TRAINS_STAFF_FOR'])
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN p.id AS partner_id, p.name AS partner, p.actor_type AS partner_type,
       p.region AS partner_region, f.id AS actor_id, f.name AS actor, type(r) AS tie_type,
       startNode(r).id AS from_id, endNode(r).id AS to_id, r.confidence AS confidence,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY partner_id, actor_id, tie_id
