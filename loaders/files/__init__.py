"""Files become tables of cells."""
