// title: Suppliers up to k tiers
// question: Who supplies this organisation, who supplies its suppliers, and so on up the chain?
// parameter: actor (actor) - the buyer: its key, or its name in any language
// parameter: tiers (integer, default 2, from 1 to 4) - how many tiers up the chain; 1 is direct suppliers
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: tier (integer) - 1: supplies the organisation itself; 2: supplies one of those; and so on
// column: supplier_id (text) - key of the supplier
// column: supplier (text) - name of the supplier
// column: buyer_id (text) - key of the one it supplies
// column: buyer (text) - name of the one it supplies
// column: product (text) - what is supplied
// column: value (number, as unit says) - amount of the tie
// column: unit (text) - unit of the amount
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH p = (b:Actor)-[:SUPPLIES*0..3]->(f:Actor {id: $actor})
WHERE length(p) < $tiers
  AND all(
    x IN relationships(p)
    WHERE $include_inactive OR x.status IS NULL OR x.status IN ['current', 'as_published']
  )
WITH b.id AS buyer_id, b.name AS buyer, min(length(p)) + 1 AS tier
MATCH (s:Actor)-[r:SUPPLIES]->(b:Actor {id: buyer_id})
WHERE ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN tier, s.id AS supplier_id, s.name AS supplier, buyer_id, buyer,
       r.product AS product, r.value AS value, r.unit AS unit,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY tier, buyer_id, supplier_id, tie_id
