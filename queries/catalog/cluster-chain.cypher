// title: Value chain of a cluster
// question: Who stands upstream and downstream of the core of this cluster, and who brings knowledge, authority and finance?
// parameter: cluster (text, default none) - key of the cluster, its end behind the last colon, or its name; without it all clusters
// parameter: place (text, default none) - only this place: core, upstream, downstream, same-level, knowledge, authority, finance or intermediary
// column: cluster_id (text) - key of the cluster
// column: cluster (text) - name of the cluster
// column: chain_role (text) - place to the core
// column: chain_steps (integer) - ties on the shortest chain to or from the core, upstream and downstream
// column: member_id (text) - key of the member
// column: member (text) - name of the member
// column: is_core (boolean) - counted among the cores
// column: core_rank (number) - rank among the members; 1 is the core
// column: evidence (text) - how the membership is known: estimated means computed
// column: source (text) - what computed or stated it
MATCH (m)-[r:IN_CLUSTER]->(c:Cluster)
WHERE r.chain_role IS NOT NULL AND ($place IS NULL OR r.chain_role = $place)
  AND ($cluster IS NULL OR c.id = $cluster OR c.name = $cluster OR c.id ENDS WITH ':' + $cluster)
RETURN c.id AS cluster_id, c.name AS cluster, r.chain_role AS chain_role,
       r.chain_steps AS chain_steps, m.id AS member_id, m.name AS member, r.is_core AS is_core,
       r.core_rank AS core_rank, r.evidence AS evidence, r.source AS source
ORDER BY cluster_id, chain_role, chain_steps, core_rank, member_id, r.tie_id
