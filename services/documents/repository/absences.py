"""When documents was away, in the store."""

from __future__ import annotations

from typing import ClassVar

from services.chassis.service.absences import Absences
from services.contracts.events.absences import DocumentsWasAway, WasAway


class AbsenceRepository(Absences):
    """Its last absence, told as an event of documents."""

    service: ClassVar[str] = "documents"
    event: ClassVar[type[WasAway]] = DocumentsWasAway
