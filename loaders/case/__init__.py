"""A case folder becomes one checked case."""
