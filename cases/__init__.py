"""Data that ships with klaster."""
