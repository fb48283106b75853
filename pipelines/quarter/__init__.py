"""The quarterly run in its parts: what it works in, where it runs, what it recorded of its steps."""
