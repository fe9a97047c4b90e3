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
"""So many whole days before the one on which they go people are told of it at least, however late the institution warns."""
LAPSE_DAYS: Final = 14
"""So many days after the one that was told a notice counts no more: whoever is still there then is told another day."""
_A_MOMENT: Final = timedelta(milliseconds=1)
ERASED_FROM: Final = time(4)
"""On the institution's clock: no zone leaves this hour out, or has it twice, when it changes to and from summer time."""


@dataclass(frozen=True, slots=True)
class RetentionTerm:
    """How long a campaign is kept that `ended_on` a day: days count in full, the one after the last is `erased_on`.

    `held`: nothing of it goes, whatever day it is. What people were told at `freed` or before counts no more: their campaign
    was held since. Who is told late is erased late: `NOTICE_DAYS` lie between.
    """

    campaign: str
    ended_on: date
    erased_on: date
    held: bool
    freed: datetime | None = None

    def erased_at(self, zone: ZoneInfo) -> datetime:
        """The instant from which its accounts go, those of people who were told in time."""
        return erased_at(self.erased_on, zone)

    def day_to_tell(self, today: date) -> date:
        """The day on which somebody goes who is told of it today."""
        return max(self.erased_on, today + timedelta(days=NOTICE_DAYS + 1))

    def notice(self, now: datetime, zone: ZoneInfo) -> ErasureNotice:
        """What somebody is told now; as of behind `freed`, should that be ahead of the clock, and not for ever."""
        at = now if self.freed is None else max(now, self.freed + _A_MOMENT)
        return ErasureNotice(self.erased_on, self.day_to_tell(at.astimezone(zone).date()), at)

    def is_told(self, notice: ErasureNotice | None, today: date) -> bool:
        """Whether somebody knows of this very end of retention, and of a day that is not long past."""
        if notice is None or notice.because != self.erased_on or notice.day < self.lapsed_before(today):
            return False
        return self.freed is None or notice.at > self.freed

    @staticmethod
    def lapsed_before(today: date) -> date:
        """Notices of an earlier day than this count no more."""
        return today - timedelta(days=LAPSE_DAYS)

    def goes_on(self, notice: ErasureNotice, zone: ZoneInfo) -> date:
        """The day on which somebody goes who was told this."""
        return max(notice.day, self.day_to_tell(notice.at.astimezone(zone).date()))

    def may_go(self, notice: ErasureNotice | None, now: datetime, zone: ZoneInfo) -> bool:
        """Whether somebody is to go now: the day has come that they were told, and was told early enough."""
        if notice is None or self.held or not self.is_told(notice, now.astimezone(zone).date()):
            return False
        return erased_at(self.goes_on(notice, zone), zone) <= now

    @staticmethod
    def told_before(now: datetime, zone: ZoneInfo) -> datetime:
        """Nobody goes by now who was told at this instant or later."""
        here = now.astimezone(zone)
        last = here.date() if here >= erased_at(here.date(), zone) else here.date() - timedelta(days=1)
        return datetime.combine(last - timedelta(days=NOTICE_DAYS), time(), zone).astimezone(UTC)

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
        found.append(RetentionTerm(code, ended_on, erased_on, held, campaigns.freed.get(code)))
    return found


def announce_erasure(account: Account, notice: ErasureNotice) -> Changed:
    """Tell the person on which day they are forgotten; who has not proved an address is told nothing."""
    if not account.allows(Action.ANNOUNCE_ERASURE):
        return account, ()
    return replace(account, erasure_notice=notice), (ErasureAnnounced(notice.day),)


def erased_at(day: date, zone: ZoneInfo) -> datetime:
    """The instant of a day from which those go who go on it."""
    return datetime.combine(day, ERASED_FROM, zone).astimezone(UTC)
