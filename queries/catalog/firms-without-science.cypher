// title: Firms without a tie to science
// question: Which firms have no tie to a university, college, school or research institute, though they have other ties?
// parameter: region (region, default none) - code or name of a region; without it everywhere
// parameter: least_ties (integer, default 1, from 0 to 1000) - only firms with at least so many ties to other organisations
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: firm_id (text) - key of the firm
// column: firm (text) - name of the firm
// column: region (text) - code of its region
// column: industry (text) - activity as the source words it
// column: ties (integer) - number of its ties to other organisations
// column: source (text) - where the firm is stated
MATCH (f:Firm)
WHERE ($region IS NULL OR f.region = $region)
  AND NOT EXISTS {
    MATCH (f)-[r]-(u:Actor)
    WHERE u.sphere = 'academia'
      AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
  }
OPTIONAL MATCH (f)-[x]-(o:Actor)
WHERE o.id <> f.id
  AND ($include_inactive OR x.status IS NULL OR x.status IN ['current', 'as_published'])
WITH f.id AS firm_id, f.name AS firm, f.region AS region, f.industry AS industry,
     f.source AS source, count(x) AS ties
WHERE ties >= $least_ties
RETURN firm_id, firm, region, industry, ties, source
ORDER BY ties DESC, firm_id
