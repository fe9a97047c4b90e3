"""How long accounts of a campaign are kept once it is over, and when they go (product, section 7; acceptance 99)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.accounts.domain.account import Account, Changed
from services.accounts.domain.campaigns import CampaignCopies
from services.accounts.domain.erasure_notices import ErasureNotice
from services.accounts.domain.events import ErasureAnnounced
from services.accounts.domain.states import Action
from services.contracts.parameters import RetentionParameters

NOTICE_DAYS: Final = 7
"""So many days before they are erased people are told of it at least; fewer where the institution warns later than that."""
ERASED_FROM: Final = time(4)
"""On the institution's clock: no zone leaves this hour out, or has it twice, when it changes to and from summer time."""


@dataclass(frozen=True, slots=True)
class RetentionTerm:
    """How long a campaign is kept that `ended_on` a day: days count in full, the one after the last is `erased_on`.

    `held`: nothing of it goes, whatever day it is. What people were told at `freed` or before counts no more: their campaign
    was held since. Who is told late is erased late: `notice` days after.
    """

    campaign: str
    ended_on: date
    erased_on: date
    held: bool
    notice: int
    freed: datetime | None = None

    def erased_at(self, zone: ZoneInfo) -> datetime:
        """The instant from which its accounts go, those of people who were told in time."""
        return _erased_at(self.erased_on, zone)

    def day_to_tell(self, today: date) -> date:
        """The day on which somebody goes who is told of it today."""
        return max(self.erased_on, today + timedelta(days=self.notice))

    def is_told(self, notice: ErasureNotice | None) -> bool:
        """Whether somebody knows of this very end of retention."""
        if notice is None or notice.because != self.erased_on:
            return False
        return self.freed is None or notice.at > self.freed

    def may_go(self, notice: ErasureNotice | None, now: datetime, zone: ZoneInfo) -> bool:
        """Whether somebody is to go now: the day has come that they were told, and was told early enough."""
        if notice is None or self.held or not self.is_told(notice):
            return False
        told_on = notice.at.astimezone(zone).date()
        day = max(notice.day, self.erased_on, told_on + timedelta(days=self.notice))
        return _erased_at(day, zone) <= now

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
        erased_on = ended_on + timedelta(days=rules.kept_days + 1)
        held = code in rules.held or code in campaigns.held
        freed, notice = campaigns.freed.get(code), min(rules.warning_days, NOTICE_DAYS)
        found.append(RetentionTerm(code, ended_on, erased_on, held, notice, freed))
    return found


def announce_erasure(account: Account, notice: ErasureNotice) -> Changed:
    """Tell the person on which day they are forgotten; who has not proved an address is told nothing."""
    if not account.allows(Action.ANNOUNCE_ERASURE):
        return account, ()
    return replace(account, erasure_notice=notice), (ErasureAnnounced(notice.day),)


def _erased_at(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, ERASED_FROM, zone).astimezone(UTC)
