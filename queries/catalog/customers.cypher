// title: Customers up to k tiers
// question: Whom does this organisation supply, whom do its customers supply, and so on down the chain?
// parameter: actor (actor) - the supplier: its key, or its name in any language
// parameter: tiers (integer, default 2, from 1 to 4) - how many tiers down the chain; 1 is direct customers
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: tier (integer) - 1: buys from the organisation itself; 2: buys from one of those; and so on
// column: customer_id (text) - key of the customer
// column: customer (text) - name of the customer
// column: supplier_id (text) - key of the one it buys from
// column: supplier (text) - name of the one it buys from
// column: product (text) - what is supplied
// column: value (number, as unit says) - amount of the tie
// column: unit (text) - unit of the amount
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH p = (f:Actor {id: $actor})-[:SUPPLIES*0..3]->(s:Actor)
WHERE length(p) < $tiers
  AND all(
    x IN relationships(p)
    WHERE $include_inactive OR x.status IS NULL OR x.status IN ['current', 'as_published']
  )
WITH s.id AS supplier_id, s.name AS supplier, min(length(p)) + 1 AS tier
MATCH (s:Actor {id: supplier_id})-[r:SUPPLIES]->(c:Actor)
WHERE ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN tier, c.id AS customer_id, c.name AS customer, supplier_id, supplier,
       r.product AS product, r.value AS value, r.unit AS unit,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY tier, supplier_id, customer_id, tie_id
