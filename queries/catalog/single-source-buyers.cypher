// title: Buyers with a single supplier
// question: Which organisations buy from one supplier only, so that they stop when it stops?
// parameter: region (region, default none) - code or name of the buyers' region; without it everywhere
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: buyer_id (text) - key of the buyer
// column: buyer (text) - name of the buyer
// column: buyer_region (text) - code of the buyer's region
// column: supplier_id (text) - key of its only known supplier
// column: supplier (text) - name of its only known supplier
// column: product (text) - what is supplied
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (s:Actor)-[r:SUPPLIES]->(b:Actor)
WHERE s.id <> b.id AND ($region IS NULL OR b.region = $region)
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
WITH b.id AS buyer_id, b.name AS buyer, b.region AS buyer_region, count(DISTINCT s.id) AS suppliers
WHERE suppliers = 1
MATCH (s:Actor)-[r:SUPPLIES]->(b:Actor {id: buyer_id})
WHERE s.id <> buyer_id
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN buyer_id, buyer, buyer_region, s.id AS supplier_id, s.name AS supplier,
       r.product AS product,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY buyer_id, supplier_id, tie_id
