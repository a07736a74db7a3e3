// title: Brokers between regions
// question: Which organisations stand between organisations of different regions that have no tie to each other?
// parameter: least_pairs (integer, default 1, from 1 to 1000000) - only brokers between at least so many pairs
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: broker_id (text) - key of the broker
// column: broker (text) - name of the broker
// column: broker_type (text) - what kind of organisation it is
// column: broker_region (text) - code of its own region
// column: region_a (text) - code of the one region
// column: region_b (text) - code of the other region
// column: pairs (integer) - pairs of organisations, one of each region, that are tied to the broker and not to each other
// column: source (text) - where the broker is stated; its ties: query actor-ties
MATCH (a:Actor)-[x]-(b:Actor)-[y]-(c:Actor)
WHERE a.region < c.region AND a.id <> b.id AND c.id <> b.id
  AND ($include_inactive OR x.status IS NULL OR x.status IN ['current', 'as_published'])
  AND ($include_inactive OR y.status IS NULL OR y.status IN ['current', 'as_published'])
  AND NOT EXISTS {
    MATCH (a)-[z]-(c)
    WHERE $include_inactive OR z.status IS NULL OR z.status IN ['current', 'as_published']
  }
WITH DISTINCT b.id AS broker_id, b.name AS broker, b.actor_type AS broker_type,
     b.region AS broker_region, b.source AS source, a.region AS region_a, c.region AS region_b,
     a.id AS a_id, c.id AS c_id
WITH broker_id, broker, broker_type, broker_region, region_a, region_b, source, count(*) AS pairs
WHERE pairs >= $least_pairs
RETURN broker_id, broker, broker_type, broker_region, region_a, region_b, pairs, source
ORDER BY pairs DESC, broker_id, region_a, region_b
