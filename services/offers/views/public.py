"""What the routes of offers show: the catalogue by the institution's day, and files to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.chassis.ports import Clock
from services.chassis.routing import Request
from services.offers.views.catalogue import Catalogue
from services.offers.views.models import ModelDocuments


@dataclass(frozen=True, slots=True)
class Views:
    """What is read; nothing here changes anything."""

    catalogue: Catalogue
    models: ModelDocuments
    zone: ZoneInfo
    clock: Clock

    def today(self, request: Request) -> date:
        """The institution's calendar day at the request's arrival."""
        return request.command.now.astimezone(self.zone).date()

    def state(self) -> tuple[int, date]:
        """What the answers depend on: the catalogue's state and the institution's calendar day."""
        return self.catalogue.state, self.clock.now().astimezone(self.zone).date()
