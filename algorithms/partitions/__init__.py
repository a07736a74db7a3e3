"""Partitions: labels, comparison, matching."""
