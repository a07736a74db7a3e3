"""Centralities in both directions of a tie."""
