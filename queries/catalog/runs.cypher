// title: Runs kept in the store
// question: Which runs does this store hold, with what settings, and how much did each find?
// column: run_id (text) - key of the run
// column: run (text) - its name
// column: case_name (text) - name of the case
// column: seed (integer) - its seed
// column: engine (text) - engine that found the communities
// column: version (text) - version of klaster
// column: settings_digest (text) - digest of inputs and settings: the same digest, the same results
// column: layers (integer) - layers clusters were found in or declared for
// column: clusters (integer) - clusters found or declared
// column: significant (integer) - clusters of partitions that a random network does not explain
// column: memberships (integer) - memberships in these clusters
// column: cores (integer) - memberships counted among the cores
MATCH (n:Run)
OPTIONAL MATCH (c:Cluster)-[:FOUND_IN]->(n)
WITH DISTINCT n, c
OPTIONAL MATCH (m)-[r:IN_CLUSTER]->(c)
WITH n.id AS run_id, n.name AS run, n.case_name AS case_name, n.seed AS seed, n.engine AS engine,
     n.version AS version, n.settings_digest AS settings_digest,
     count(DISTINCT c.layer) AS layers, count(DISTINCT c.id) AS clusters,
     count(DISTINCT CASE WHEN c.significant = true THEN c.id ELSE null END) AS significant,
     count(r) AS memberships, sum(CASE WHEN r.is_core = true THEN 1 ELSE 0 END) AS cores
RETURN run_id, run, case_name, seed, engine, version, settings_digest, layers, clusters, significant,
       memberships, cores
ORDER BY run_id
