// title: Authorities over a network
// question: Which authorities and other bodies regulate, manage or coordinate the organisations of this network?
// parameter: network (network, default none) - only ties filed under this network of the case, or to organisations filed there
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: authority_id (text) - key of the one that regulates, manages or coordinates
// column: authority (text) - its name
// column: authority_type (text) - what kind of organisation it is
// column: sphere (text) - its sphere
// column: tie_type (text) - type of the tie
// column: governed_id (text) - key of the one it is done to
// column: governed (text) - its name
// column: confidence (text) - how clearly the source says it
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (p:Actor)-[r:REGULATES|MANAGES|COORDINATES]->(f:Actor)
WHERE ($network IS NULL OR r.network = $network OR f.network = $network)
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN p.id AS authority_id, p.name AS authority, p.actor_type AS authority_type,
       p.sphere AS sphere, type(r) AS tie_type, f.id AS governed_id, f.name AS governed,
       r.confidence AS confidence,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY authority_id, governed_id, tie_id
