"""Importing this module fills the catalogue with every event type of the suite."""

from __future__ import annotations

from services.contracts.events import (
    absences,
    accounts,
    applications,
    commissions,
    conditions,
    documents,
    enrolment_codes,
    forms,
    held,
    in_place,
    mailer,
    meetings,
    offers,
    registrar_files,
    reminders,
)
from services.contracts.events.catalogue import CATALOGUE

__all__ = [
    "CATALOGUE",
    "absences",
    "accounts",
    "applications",
    "commissions",
    "conditions",
    "documents",
    "enrolment_codes",
    "forms",
    "held",
    "in_place",
    "mailer",
    "meetings",
    "offers",
    "registrar_files",
    "reminders",
]
