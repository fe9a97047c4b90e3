"""That people were forgotten here, told once for each."""

from __future__ import annotations

from typing import ClassVar, Final

from services.chassis.events.aggregates import OUTBOX_INDEX
from services.chassis.events.confirmations import Confirmations
from services.chassis.ports import Collection
from services.contracts.events.applications import ApplicationsErased

ERASURES: Final = Collection("erasures", (OUTBOX_INDEX,))


class Erasures(Confirmations):
    """Those who are gone, by account."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = ERASURES

    def event(self, id: str) -> ApplicationsErased:
        """The answer to accounts."""
        return ApplicationsErased(account=id)
