"""What the use cases of offers work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from services.chassis.context import CommandContext
from services.chassis.http.places import Places
from services.contracts.parameters import Parameters
from services.offers.repository.campaigns import CampaignRepository
from services.offers.repository.deadlines import DeadlineRepository
from services.offers.repository.kept import KeptRepository
from services.offers.repository.parameters import ParameterRepository
from services.offers.repository.programmes import ProgrammeRepository


@dataclass(frozen=True, slots=True)
class App:
    """The repositories, and the institution's time zone, whose calendar days count.

    `first` is what the institution's parameters are as long as nobody has said. `imports` are the places of imports over
    HTTP, of which a process makes one at a time.
    """

    campaigns: CampaignRepository
    programmes: ProgrammeRepository
    parameters: ParameterRepository
    deadlines: DeadlineRepository
    kept: KeptRepository
    zone: ZoneInfo
    first: Parameters = field(default_factory=Parameters)
    in_production: bool = False
    imports: Places = field(default_factory=lambda: Places("imports", 1, retry_seconds=10))

    def today(self, command: CommandContext) -> date:
        """The institution's calendar day when the command arrived."""
        return command.now.astimezone(self.zone).date()
