"""What is seen: the network page and the report."""
