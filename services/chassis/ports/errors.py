"""What every port may answer."""

from __future__ import annotations


class PortError(Exception):
    """The world did not do what was asked; whether it did half of it is not known unless a subclass says so."""
