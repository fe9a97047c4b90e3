"""Parvis, the forecourt of a university: the map of the suite is `services.SERVICES`."""

from __future__ import annotations

from typing import Final

SERVICES: Final = ("accounts", "offers", "applications", "documents", "mailer")
"""The services by name; each is a package of this one with a `wiring.build`."""

VERSION: Final = "0.1.0"
