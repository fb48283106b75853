"""The report of an evaluation: one HTML file that opens anywhere and asks nothing of the network."""
