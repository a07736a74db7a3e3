"""Places a cluster graph is kept and asked in Cypher.

:mod:`klaster.graph.stores.embedded` keeps it in memory and in one file, without a server.
"""
