"""The algebra of input–output tables."""
