"""What an account, its links, sessions and profile are, and the rules that they keep; no I/O, no clock, no ids."""
