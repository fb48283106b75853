"""What the answers look like. Output schemas have no defaults: a field is always there, null when not known."""
