// title: Partners abroad
// question: Which organisations are tied to organisations or markets abroad, and how?
// parameter: country (text, default none) - only partners of this country, as the case spells it
// parameter: network (network, default none) - only organisations filed under this network of the case
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: country (text) - country of the partner; abroad where only that is known
// column: partner_id (text) - key of the partner: an organisation, or the country it exports to
// column: partner (text) - name of the partner
// column: partner_type (text) - what kind of organisation the partner is; empty for a country
// column: actor_id (text) - key of the organisation at home
// column: actor (text) - its name
// column: tie_type (text) - type of the tie
// column: from_id (text) - where the tie begins
// column: to_id (text) - where the tie ends
// column: value (number, as unit says) - amount of the tie
// column: unit (text) - unit of the amount
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (f:Actor)-[r]-(p)
WHERE f.country IS NULL AND ($network IS NULL OR f.network = $network)
  AND ((p:Actor AND p.country IS NOT NULL) OR type(r) = 'EXPORTS_TO')
  AND ($country IS NULL OR p.country = $country)
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN p.country AS country, p.id AS partner_id, p.name AS partner, p.actor_type AS partner_type,
       f.id AS actor_id, f.name AS actor, type(r) AS tie_type,
       startNode(r).id AS from_id, endNode(r).id AS to_id, r.value AS value, r.unit AS unit,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY country, partner_id, actor_id, tie_id
