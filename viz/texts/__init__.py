"""Findings and ties in words: English, Russian and Kazakh."""
