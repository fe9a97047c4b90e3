"""Adapters of the port of pre-enrolments."""
