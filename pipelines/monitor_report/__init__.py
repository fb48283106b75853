"""The monitor page: what was seen of a quarter, for whoever runs it."""
