// title: Members whose cluster changed between two runs
// question: Who sits in another company of members in the second run than in the first, layer by layer?
// parameter: first (run) - key or name of the one run
// parameter: second (run) - key or name of the other run
// parameter: most_agreement (number, default 0.5, from 0 to 1) - only members whose two clusters agree so far at most; 1 lists everyone
// column: layer (text) - layer the clusters were found in
// column: member_id (text) - key of the organisation or industry
// column: member (text) - its name
// column: first_id (text) - key of its cluster in the first run; empty: it was in none
// column: first_cluster (text) - name of that cluster
// column: second_id (text) - key of its cluster in the second run; empty: it was in none
// column: second_cluster (text) - name of that cluster
// column: kept (integer) - members of both clusters, itself among them
// column: lost (integer) - members of the first cluster only
// column: gained (integer) - members of the second cluster only
// column: agreement (number, share) - members of both / members of either (Jaccard)
MATCH (m)-[:IN_CLUSTER]->(c:Cluster)
WHERE c.run_id IN [$first, $second] AND c.layer <> 'declared'
WITH DISTINCT m, c.layer AS layer
OPTIONAL MATCH (m)-[:IN_CLUSTER]->(a:Cluster)
WHERE a.run_id = $first AND a.layer = layer
OPTIONAL MATCH (m)-[:IN_CLUSTER]->(b:Cluster)
WHERE b.run_id = $second AND b.layer = layer
WITH DISTINCT layer, a.id AS first_id, a.name AS first_cluster, b.id AS second_id,
     b.name AS second_cluster, m.id AS member_id, m.name AS member_name
ORDER BY member_id
WITH layer, first_id, first_cluster, second_id, second_cluster, count(*) AS shared,
     collect({id: member_id, name: member_name}) AS members
OPTIONAL MATCH (x)-[:IN_CLUSTER]->(a:Cluster {id: first_id})
WITH layer, first_id, first_cluster, second_id, second_cluster, shared, members,
     count(DISTINCT x.id) AS in_first
OPTIONAL MATCH (y)-[:IN_CLUSTER]->(b:Cluster {id: second_id})
WITH layer, first_id, first_cluster, second_id, second_cluster, shared, members, in_first,
     count(DISTINCT y.id) AS in_second
UNWIND members AS one
WITH layer, first_id, first_cluster, second_id, second_cluster, in_first, in_second,
     one.id AS member_id, one.name AS member,
     CASE WHEN first_id IS NULL OR second_id IS NULL THEN 0 ELSE shared END AS kept
WITH layer, first_id, first_cluster, second_id, second_cluster, member_id, member, kept,
     in_first - kept AS lost, in_second - kept AS gained,
     CASE WHEN in_first + in_second > kept THEN toFloat(kept) / (in_first + in_second - kept) END
       AS agreement
WHERE agreement <= $most_agreement
RETURN layer, member_id, member, first_id, first_cluster, second_id, second_cluster, kept, lost,
       gained, agreement
ORDER BY layer, agreement, member_id, first_id, second_id
