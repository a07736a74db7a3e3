"""Industrial clusters identified from tables and quotients."""
