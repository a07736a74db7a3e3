// title: Cores of all clusters
// question: Who is the core of each cluster, how sure is that, and why?
// parameter: significant_only (boolean, default false) - only clusters of partitions that a random network does not explain
// parameter: run (run, default none) - key or name of a run; without it all runs
// column: cluster_id (text) - key of the cluster
// column: cluster (text) - its name
// column: layer (text) - layer it was found in; declared: named by the case
// column: significant (boolean) - whether a random network does not explain its partition; empty where it was declared
// column: core_id (text) - key of the organisation or industry that is core
// column: core (text) - its name
// column: role (text) - its role in the cluster
// column: core_rank (number, rank) - rank among the members; 1 is the first
// column: core_rank_low (number, rank) - lower end of the rank's interval
// column: core_rank_high (number, rank) - upper end of the rank's interval
// column: stability (number, share) - share of the ensemble that agrees with its membership
// column: why (text) - why it is core, in words
// column: evidence (text) - how the membership is known: estimated, as klaster computed it
// column: source (text) - run that found it
MATCH (m)-[r:IN_CLUSTER]->(c:Cluster)
WHERE r.is_core = true AND (NOT $significant_only OR c.significant = true)
  AND ($run IS NULL OR c.run_id = $run)
RETURN c.id AS cluster_id, c.name AS cluster, c.layer AS layer, c.significant AS significant,
       m.id AS core_id, m.name AS core, r.role AS role, r.core_rank AS core_rank,
       r.core_rank_low AS core_rank_low, r.core_rank_high AS core_rank_high,
       r.stability AS stability, r.why AS why, r.evidence AS evidence, r.source AS source
ORDER BY cluster_id, core_rank, core_id, r.tie_id
