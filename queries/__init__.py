"""What is asked of a store: named Cypher queries and the gate for free ones.

:mod:`klaster.queries.catalog` holds the named queries and asks them;
:mod:`klaster.queries.limited_process` runs a user's own query past :mod:`klaster.queries.gate` in a
limited child process, and :mod:`klaster.queries.server_gate` on a Neo4j server;
:mod:`klaster.queries.answer_text` writes answers as table, CSV and JSON.
"""
