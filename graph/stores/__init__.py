"""Places a cluster graph is kept and asked in Cypher."""
