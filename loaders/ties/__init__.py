"""Tables and graphs of ties, whoever made them, become a cluster graph."""
