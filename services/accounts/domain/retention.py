"""How long accounts of a campaign are kept once it is over, and when they go (product, section 7; acceptance 99)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.accounts.domain.campaigns import CampaignCopies
from services.contracts.parameters import RetentionParameters

ERASED_FROM: Final = time(4)
"""On the institution's clock: no zone leaves this hour out, or has it twice, when it changes to and from summer time."""


@dataclass(frozen=True, slots=True)
class RetentionTerm:
    """How long a campaign is kept that `ended_on` a day: days count in full, the one after the last is `erased_on`.

    `held`: nothing of it goes, whatever day it is.
    """

    campaign: str
    ended_on: date
    restricted_on: date
    erased_on: date
    held: bool

    def erased_at(self, zone: ZoneInfo) -> datetime:
        """The instant from which its accounts go."""
        return datetime.combine(self.erased_on, ERASED_FROM, zone).astimezone(UTC)

    def is_over(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether its accounts are to go."""
        return not self.held and self.erased_at(zone) <= now

    def is_near(self, today: date, days: int) -> bool:
        """Whether its accounts go within so many days, or would if it were not held."""
        return today >= self.erased_on - timedelta(days=days)


def kept(campaigns: CampaignCopies, rules: RetentionParameters) -> Sequence[RetentionTerm]:
    """How long each campaign is kept that is closed, and whose end is known; never one that is active."""
    found = []
    for code in campaigns.closed:
        ended_on = campaigns.ended.get(code)
        if ended_on is None or code == campaigns.active:
            continue
        restricted_on = ended_on + timedelta(days=rules.active_days + 1)
        erased_on = restricted_on + timedelta(days=rules.restricted_days)
        found.append(RetentionTerm(code, ended_on, restricted_on, erased_on, code in rules.held))
    return found
