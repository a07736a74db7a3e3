"""Maps of regions."""
