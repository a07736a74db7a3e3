// title: What a region lacks
// question: Which kinds of organisation, and which types of tie between organisations, does this region lack though other regions have them?
// parameter: region (region) - code or name of the region
// parameter: least_regions (integer, default 2, from 1 to 1000) - only what at least so many other regions have
// parameter: include_inactive (boolean, default false) - count also organisations and ties that ended, or are planned, proposed or unverified
// column: lacks (text) - organisation or tie
// column: what (text) - the kind of organisation, or the type of tie
// column: regions_with (integer) - how many other regions have it
// column: example_region (text) - code of one of them: the first by its code
// column: example_id (text) - key of an organisation that has it, in any of these regions: the first by its key
CALL () {
  MATCH (a:Actor)
  WHERE a.region IS NOT NULL
    AND ($include_inactive OR a.status IS NULL OR a.status IN ['current', 'as_published'])
  RETURN 'organisation' AS lacks, a.actor_type AS what, a.region AS region, a.id AS id
  UNION ALL
  MATCH (a:Actor)-[r]-(b:Actor)
  WHERE a.region IS NOT NULL
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  RETURN 'tie' AS lacks, type(r) AS what, a.region AS region, a.id AS id
}
WITH lacks, what, sum(CASE WHEN region = $region THEN 1 ELSE 0 END) AS here,
     count(DISTINCT region) AS regions_with, min(region) AS example_region, min(id) AS example_id
WHERE here = 0 AND regions_with >= $least_regions
RETURN lacks, what, regions_with, example_region, example_id
ORDER BY lacks, regions_with DESC, what
