"""What comes in: files become validated tables, with a report of all that was not taken as it stood."""
