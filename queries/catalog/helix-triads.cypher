// title: Closed triads of the helix
// question: Where are a firm, a university or institute and an authority all tied to each other?
// parameter: region (region, default none) - only triads with the firm in this region
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: business_id (text) - key of the organisation of business
// column: business (text) - its name
// column: academia_id (text) - key of the organisation of science or education
// column: academia (text) - its name
// column: government_id (text) - key of the organisation of government
// column: government (text) - its name
// column: tie_type (text) - type of one tie of the triad: there is a row for each
// column: from_id (text) - where the tie begins
// column: to_id (text) - where the tie ends
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (b:Actor)-[x]-(u:Actor)-[y]-(g:Actor)-[z]-(b)
WHERE b.sphere = 'business' AND u.sphere = 'academia' AND g.sphere = 'government'
  AND ($region IS NULL OR b.region = $region)
  AND ($include_inactive OR x.status IS NULL OR x.status IN ['current', 'as_published'])
  AND ($include_inactive OR y.status IS NULL OR y.status IN ['current', 'as_published'])
  AND ($include_inactive OR z.status IS NULL OR z.status IN ['current', 'as_published'])
UNWIND [x, y, z] AS r
WITH DISTINCT b, u, g, r
RETURN b.id AS business_id, b.name AS business, u.id AS academia_id, u.name AS academia,
       g.id AS government_id, g.name AS government, type(r) AS tie_type,
       startNode(r).id AS from_id, endNode(r).id AS to_id,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY business_id, academia_id, government_id, tie_id
