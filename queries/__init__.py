"""What is asked of a store: named Cypher queries and the gate for free ones."""
