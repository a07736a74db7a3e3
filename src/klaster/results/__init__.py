"""What a run leaves: the graph with results in it, tables, the record, the folder."""
