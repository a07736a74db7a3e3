// title: Largest buyers of each industry
// question: To which industries does each industry sell most?
// parameter: industry (text, default none) - code of an industry; without it each industry
// parameter: top (integer, default 3, from 1 to 1000) - how many for each industry
// parameter: within (boolean, default false) - also flows of an industry to itself
// parameter: include_inactive (boolean, default false) - also flows that ended, or are planned, proposed or unverified
// column: seller_id (text) - key of the industry
// column: seller (text) - its name
// column: buyer_id (text) - key of the industry it sells to
// column: buyer (text) - its name
// column: value (number, as unit says) - amount of the flow in a year
// column: unit (text) - unit of the amount
// column: currency (text) - currency of the amount
// column: allocation_coefficient (number, share) - amount / output of the seller: the direct allocation coefficient
// column: origin (text) - domestic, imported or total
// column: tie_id (text) - key of the flow
// column: evidence (text) - how the flow is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the flow holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (s:Industry)
WHERE $industry IS NULL OR s.code = $industry
CALL (s) {
  MATCH (s:Industry)-[r:FLOWS_TO]->(b:Industry)
  WHERE r.value > 0 AND ($within OR s.id <> b.id)
    AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  WITH r, b
  ORDER BY r.value DESC, r.tie_id
  LIMIT $top
  RETURN r, b
}
RETURN s.id AS seller_id, s.name AS seller, b.id AS buyer_id, b.name AS buyer,
       r.value AS value, r.unit AS unit, r.currency AS currency,
       CASE WHEN s.output > 0 THEN r.value / s.output END AS allocation_coefficient,
       r.origin AS origin, r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY seller_id, value DESC, tie_id
