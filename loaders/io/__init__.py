"""Input–output tables as their publishers give them."""
