// title: Funders of a network
// question: Who pays the organisations of this network, how much, and who says so?
// parameter: network (network, default none) - only ties filed under this network of the case, or to organisations filed there
// parameter: include_inactive (boolean, default false) - also ties that ended, or are planned, proposed or unverified
// column: funder_id (text) - key of the payer
// column: funder (text) - name of the payer
// column: funder_type (text) - what kind of organisation the payer is
// column: receiver_id (text) - key of the receiver
// column: receiver (text) - name of the receiver
// column: value (number, as unit says) - amount of the tie
// column: unit (text) - unit of the amount
// column: currency (text) - currency of the amount
// column: period (text) - period of the amount
// column: confidence (text) - how clearly the source says it
// column: tie_id (text) - key of the tie
// column: evidence (text) - how the tie is known: measured, reported, paper, estimated or synthetic
// column: status (text) - whether the tie holds; empty means nothing was said against it
// column: year (integer) - year it is stated for or begins
// column: source (text) - where it is stated
// column: locator (text) - where in the source
MATCH (p:Actor)-[r:FUNDS]->(f:Actor)
WHERE ($network IS NULL OR r.network = $network OR f.network = $network)
  AND ($include_inactive OR r.status IS NULL OR r.status IN ['current', 'as_published'])
RETURN p.id AS funder_id, p.name AS funder, p.actor_type AS funder_type,
       f.id AS receiver_id, f.name AS receiver, r.value AS value, r.unit AS unit,
       r.currency AS currency, r.period AS period, r.confidence AS confidence,
       r.tie_id AS tie_id, r.evidence AS evidence, r.status AS status, r.year AS year,
       r.source AS source, r.locator AS locator
ORDER BY funder_id, receiver_id, tie_id
