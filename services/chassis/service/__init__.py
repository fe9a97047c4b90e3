"""A service as it is wired, and what runs it."""
