"""Communities: engines behind one contract, and the objective they share."""
