// title: Helix partners of an organisation
// question: With which organisations of the other spheres - science, government, finance, intermediaries - is this one tied, and how?
// parameter: actor (actor) - the organisation: its key, or its name in any language
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: sphere (text) - sphere of the partner
// column: partner_id (text) - key of the partner
// column: partner (text) - name of the partner
// column: partner_type (text) - what kind of organisation the partner is
// column: tie_type (text) - type of the tie
// column: from_id (text) - where the tie begins
// column: to_id (text) - where the tie ends
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (f:Actor {id: $actor})-[r]-(p:Actor)
WHERE p.sphere <> f.sphere
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN p.sphere AS sphere, p.id AS partner_id, p.name AS partner, p.actor_type AS partner_type,
       type(r) AS tie_type, startNode(r).id AS from_id, endNode(r).id AS to_id,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY sphere, partner_id, tie_id
