"""Who somebody is: tokens, keys, and sessions that have ended."""
