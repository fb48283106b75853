"""The open format for inspection data sets (issue 3, item 9): as-of features, the house's own path."""
