"""Names of actors: one spelling of a name, and names that may be of one actor."""
