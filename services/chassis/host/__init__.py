"""Processes: which services run in one, and what operations ask of it."""
