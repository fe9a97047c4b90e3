"""Copies of what mails say of programmes."""

from __future__ import annotations

from typing import Final

from services.chassis.events.copies import Copies
from services.chassis.ports import Store
from services.mailer.repository import PROGRAMMES

MEMBERS: Final = (
    "title",
    "diploma",
    "centre",
    "centre_code",
    "commission",
    "contact",
    "submission_deadline",
    "requirements",
    "forms",
    "conditional",
)
"""What is kept of each programme."""


class ProgrammeCopies(Copies):
    """Programmes, by code."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, PROGRAMMES, MEMBERS)
