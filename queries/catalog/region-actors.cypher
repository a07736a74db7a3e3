// title: Organisations of a region
// question: Which organisations does this region have, in which sphere, and how many ties do they hold?
// parameter: region (region) - code or name of the region
// parameter: sphere (sphere, default none) - only organisations of this sphere
// parameter: include_inactive (boolean, default false) - also organisations, and ties, that ended, or are planned, proposed or unverified
// column: sphere (text) - sphere of the organisation
// column: actor_type (text) - what kind of organisation it is
// column: actor_id (text) - its key
// column: actor (text) - its name
// column: industry (text) - its activity, as the source words it
// column: city (text) - its city
// column: ties (integer) - ties to other organisations
// column: tied_regions (integer) - other regions it has such ties to
// column: status (text) - whether the organisation exists; empty means nothing was said against it
// column: evidence (text) - how the organisation is known
// column: source (text) - where it is stated
MATCH (a:Actor)
WHERE a.region = $region AND ($sphere IS NULL OR a.sphere = $sphere)
  AND ($include_inactive OR a.status IS NULL OR a.status IN ['current', 'as_published'])
OPTIONAL MATCH (a)-[r]-(b:Actor)
WHERE b.id <> a.id
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
WITH a.sphere AS sphere, a.actor_type AS actor_type, a.id AS actor_id, a.name AS actor,
     a.industry AS industry, a.city AS city, a.status AS status, a.evidence AS evidence,
     a.source AS source, count(r) AS ties,
     count(DISTINCT CASE WHEN b.region <> $region THEN b.region ELSE null END) AS tied_regions
RETURN sphere, actor_type, actor_id, actor, industry, city, ties, tied_regions, status, evidence,
       source
ORDER BY sphere, ties DESC, actor_id
