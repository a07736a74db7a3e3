"""Partitions: their labels, how alike they are, and how clusters are matched."""
