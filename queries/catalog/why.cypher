// title: Why an organisation is or is not core
// question: To which clusters does this organisation belong, in what rank and role, and why?
// parameter: actor (actor) - the organisation: its key, or its name in any language
// parameter: run (run, default none) - key or name of a run; without it all runs
// column: cluster_id (text) - key of the cluster
// column: cluster (text) - its name
// column: layer (text) - layer it was found in; declared: named by the case
// column: members (integer) - number of its members
// column: is_core (boolean) - whether the organisation is counted among the cores
// column: core_rank (number, rank) - rank among the members; 1 is the first
// column: core_rank_low (number, rank) - lower end of the rank's interval
// column: core_rank_high (number, rank) - upper end of the rank's interval
// column: role (text) - its role in the cluster
// column: stability (number, share) - share of the ensemble that agrees with its membership
// column: why (text) - why it is or is not core, in words
// column: evidence (text) - how the membership is known: estimated, as klaster computed it
// column: source (text) - run that found it
MATCH (m:Actor {id: $actor})-[r:IN_CLUSTER]->(c:Cluster)
WHERE $run IS NULL OR c.run_id = $run
RETURN c.id AS cluster_id, c.name AS cluster, c.layer AS layer, c.member_count AS members,
       r.is_core AS is_core, r.core_rank AS core_rank, r.core_rank_low AS core_rank_low,
       r.core_rank_high AS core_rank_high, r.role AS role, r.stability AS stability,
       r.why AS why, r.evidence AS evidence, r.source AS source
ORDER BY cluster_id, core_rank, r.tie_id
