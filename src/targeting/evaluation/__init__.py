"""How good a ranking would have been: forward splits, metrics at capacity, and which candidate that chooses."""
