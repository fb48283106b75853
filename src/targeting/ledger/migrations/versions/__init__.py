"""One file a revision, oldest first by name. A released revision is never edited."""
