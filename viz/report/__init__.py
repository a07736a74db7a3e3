"""The report and the quality page."""
