"""When accounts was away, in the store."""

from __future__ import annotations

from typing import ClassVar

from services.chassis.service.absences import Absences
from services.contracts.events.absences import AccountsWasAway, WasAway


class AbsenceRepository(Absences):
    """Its last absence, told as an event of accounts."""

    service: ClassVar[str] = "accounts"
    event: ClassVar[type[WasAway]] = AccountsWasAway
