// title: Strongest flows between industries
// question: Which industries sell most to which, in money?
// parameter: top (integer, default 20, from 1 to 10000) - how many flows
// parameter: industry (text, default none) - code of an industry: only flows from or to it
// parameter: within (boolean, default false) - also flows of an industry to itself
// parameter: include_inactive (boolean, default false) - also flows that ended, or are planned, proposed or unverified
// column: seller_id (text) - key of the selling industry
// column: seller (text) - its name
// column: buyer_id (text) - key of the buying industry
// column: buyer (text) - its name
// column: value (number, as unit says) - amount of the flow in a year
// column: unit (text) - unit of the amount
// column: currency (text) - currency of the amount
// column: share_of_output (number, share) - amount as a share of the seller's output
// column: origin (text) - domestic, imported or total
// column: tie_id (text) - key of the flow
// column: evidence (text) - how the flow is known: measured, reported, paper, estimated or synthetic
// column: year (integer) - year of the table
// column: source (text) - where it is stated
MATCH (s:Industry)-[r:FLOWS_TO]->(b:Industry)
WHERE r.value > 0 AND ($within OR s.id <> b.id)
  AND ($industry IS NULL OR s.code = $industry OR b.code = $industry)
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN s.id AS seller_id, s.name AS seller, b.id AS buyer_id, b.name AS buyer,
       r.value AS value, r.unit AS unit, r.currency AS currency,
       CASE WHEN s.output > 0 THEN r.value / s.output ELSE null END AS share_of_output,
       r.origin AS origin, r.tie_id AS tie_id, r.evidence AS evidence, r.year AS year,
       r.source AS source
ORDER BY value DESC, tie_id
LIMIT $top
