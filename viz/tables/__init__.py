"""Pages on input–output tables and studies."""
