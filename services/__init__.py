"""Parvis, the forecourt of a university: the map of the suite is `services.SERVICES`."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

SERVICES: Final = ("accounts", "offers", "applications", "documents", "mailer")
"""The services by name; each is a package of this one with a `wiring.build`."""

PORTAL: Final = "portal"
"""The pages, a client of the services; `parvis serve` runs it like one of them."""

USES: Final = MappingProxyType(
    {
        "accounts": ("ent", "link_secret", "sis"),
        "applications": ("forms", "forms_secret", "objects", "pre_enrolment", "pre_enrolment_secret"),
        "documents": ("objects", "pre_enrolment", "pre_enrolment_secret", "scanner", "sis"),
        "mailer": ("bounces", "link_secret", "mail"),
        PORTAL: ("session_secret",),
    }
)
"""The ports and shared secrets that a service uses beside store and broker, which all use."""

VERSION: Final = "0.1.0"
