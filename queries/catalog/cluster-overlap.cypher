// title: Declared networks against found clusters
// question: How far do the clusters that were found agree with the networks the case declares?
// parameter: least_shared (integer, default 1, from 1 to 1000000) - only pairs that share at least so many members
// parameter: run (run, default none) - key or name of a run; without it all runs
// column: run_id (text) - run that found the cluster
// column: declared_id (text) - key of the declared network's cluster
// column: declared (text) - its name
// column: declared_members (integer) - number of its members
// column: layer (text) - layer the other cluster was found in
// column: found_id (text) - key of the cluster that was found
// column: found (text) - its name
// column: found_members (integer) - number of its members
// column: shared (integer) - members of both
// column: share_of_declared (number, share) - shared members / members of the declared one
// column: share_of_found (number, share) - shared members / members of the found one
// column: jaccard (number, share) - shared members / members of either
MATCH (d:Cluster)<-[:IN_CLUSTER]-(m)-[:IN_CLUSTER]->(c:Cluster)
WHERE d.layer = 'declared' AND c.layer <> 'declared' AND d.run_id = c.run_id
  AND ($run IS NULL OR c.run_id = $run)
WITH d.run_id AS run_id, d.id AS declared_id, d.name AS declared, c.layer AS layer,
     c.id AS found_id, c.name AS found, count(DISTINCT m.id) AS shared
WHERE shared >= $least_shared
MATCH (x)-[:IN_CLUSTER]->(d:Cluster {id: declared_id})
WITH run_id, declared_id, declared, layer, found_id, found, shared,
     count(DISTINCT x.id) AS declared_members
MATCH (y)-[:IN_CLUSTER]->(c:Cluster {id: found_id})
WITH run_id, declared_id, declared, layer, found_id, found, shared, declared_members,
     count(DISTINCT y.id) AS found_members
RETURN run_id, declared_id, declared, declared_members, layer, found_id, found, found_members,
       shared,
       CASE WHEN declared_members > 0 THEN toFloat(shared) / declared_members END
         AS share_of_declared,
       CASE WHEN found_members > 0 THEN toFloat(shared) / found_members END AS share_of_found,
       CASE WHEN declared_members + found_members > shared
         THEN toFloat(shared) / (declared_members + found_members - shared) END AS jaccard
ORDER BY run_id, declared_id, layer, shared DESC, found_id
