// title: Clusters of each run
// question: Which clusters were found, in which layer, and how sure is that?
// parameter: significant_only (boolean, default false) - only clusters of partitions that a random network does not explain
// column: cluster_id (text) - key of the cluster
// column: cluster (text) - name of the cluster
// column: layer (text) - layer it was found in; declared for a network named in the case
// column: members (integer) - number of members
// column: significant (boolean) - whether its partition is significant; empty where not tested
// column: p_value (number, probability) - p-value of its partition
// column: modularity (number) - modularity of its partition
// column: stability (number, share) - mean stability of its members
// column: run_id (text) - run that found it
MATCH (c:Cluster)
WHERE NOT $significant_only OR c.significant = true
RETURN c.id AS cluster_id, c.name AS cluster, c.layer AS layer, c.member_count AS members,
       c.significant AS significant, c.p_value AS p_value, c.modularity AS modularity,
       c.stability AS stability, c.run_id AS run_id
ORDER BY run_id, layer, members DESC, cluster_id
