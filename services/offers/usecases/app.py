"""What the use cases of offers work with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.chassis.context import CommandContext
from services.offers.repository import CampaignRepository, ProgrammeRepository


@dataclass(frozen=True, slots=True)
class App:
    """The repositories, and the institution's time zone, whose calendar days count."""

    campaigns: CampaignRepository
    programmes: ProgrammeRepository
    zone: ZoneInfo

    def today(self, command: CommandContext) -> date:
        """The institution's calendar day when the command arrived."""
        return command.now.astimezone(self.zone).date()
