// title: Members and core of a cluster
// question: Who belongs to this cluster, in which role, and who is its core?
// parameter: cluster (text, default none) - key of the cluster, its end behind the last colon, or its name; without it all clusters
// parameter: cores_only (boolean, default false) - only the members counted among the cores
// column: cluster_id (text) - key of the cluster
// column: cluster (text) - name of the cluster
// column: layer (text) - layer it was found in
// column: member_id (text) - key of the member
// column: member (text) - name of the member
// column: role (text) - role in the cluster
// column: is_core (boolean) - counted among the cores
// column: core_rank (number) - rank among the members; 1 is the core
// column: core_rank_low (number) - lower end of the rank's interval over the ensemble
// column: core_rank_high (number) - upper end of the rank's interval over the ensemble
// column: stability (number, share) - share of the ensemble that agrees with the membership
// column: evidence (text) - how the membership is known: estimated means computed
// column: source (text) - what computed or stated it
MATCH (m)-[r:IN_CLUSTER]->(c:Cluster)
WHERE ($cluster IS NULL OR c.id = $cluster OR c.name = $cluster OR c.id ENDS WITH ':' + $cluster)
  AND (NOT $cores_only OR r.is_core = true)
RETURN c.id AS cluster_id, c.name AS cluster, c.layer AS layer, m.id AS member_id, m.name AS member,
       r.role AS role, r.is_core AS is_core, r.core_rank AS core_rank,
       r.core_rank_low AS core_rank_low, r.core_rank_high AS core_rank_high,
       r.stability AS stability, r.evidence AS evidence, r.source AS source
ORDER BY cluster_id, core_rank, member_id, r.tie_id
