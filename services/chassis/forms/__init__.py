"""Adapters of the port of forms."""
