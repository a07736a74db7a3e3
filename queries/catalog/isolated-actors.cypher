// title: Organisations without ties
// question: Which organisations of this network have no tie to any other organisation?
// parameter: network (network, default none) - only organisations filed under this network of the case
// parameter: include_inactive (boolean, default false) - count also ties that ended, or are planned, proposed or unverified
// column: actor_id (text) - key of the organisation
// column: actor (text) - its name
// column: actor_type (text) - what kind of organisation it is
// column: sphere (text) - its sphere
// column: region (text) - code of its region
// column: network (text) - network of the case it is filed under
// column: other_ties (integer) - ties to other organisations that were not counted
// column: evidence (text) - how the organisation is known
// column: source (text) - where it is stated
MATCH (a:Actor)
WHERE ($network IS NULL OR a.network = $network)
  AND NOT EXISTS {
    MATCH (a)-[r]-(b:Actor)
    WHERE b.id <> a.id
      AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  }
OPTIONAL MATCH (a)-[x]-(o:Actor)
WHERE o.id <> a.id
WITH a.id AS actor_id, a.name AS actor, a.actor_type AS actor_type, a.sphere AS sphere,
     a.region AS region, a.network AS network, a.evidence AS evidence, a.source AS source,
     count(x) AS other_ties
RETURN actor_id, actor, actor_type, sphere, region, network, other_ties, evidence, source
ORDER BY actor_id
