"""Adapters of the port of student records."""
