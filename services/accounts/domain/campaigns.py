"""The campaigns as offers tells of them. A campaign once closed never opens again, so the order of telling is no matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

NO_CAMPAIGN: Final = ""
"""What stands in place of a campaign where an account is of none: those of staff."""


@dataclass(frozen=True, slots=True)
class CampaignCopies:
    """Codes of campaigns, in the order in which they became known.

    `planned` are the days on which they were to end, `ended` the last ones of those that are closed, `warned` of which day
    of their erasure the log has spoken. `held` are those of which nothing goes, as the institution's parameters of a
    `revision` have it; `freed` says when it was heard last that one is held no more.
    """

    activated: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    planned: Mapping[str, date] = field(default_factory=dict)
    ended: Mapping[str, date] = field(default_factory=dict)
    warned: Mapping[str, date] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    freed: Mapping[str, datetime] = field(default_factory=dict)
    revision: int = 0

    @property
    def active(self) -> str | None:
        """The campaign that accounts are opened for; None before the first and between two."""
        return next((code for code in reversed(self.activated) if code not in self.closed), None)

    def is_over(self, campaign: str) -> bool:
        """Whether another campaign has followed: then logins of this one are refused (acceptance 19)."""
        return campaign != NO_CAMPAIGN and self.active is not None and self.active != campaign

    def with_activated(self, code: str, ends_on: date | None = None) -> CampaignCopies:
        """A campaign was activated, and is to end on a day."""
        activated = self.activated if code in self.activated else (*self.activated, code)
        planned = self.planned if ends_on is None else {code: ends_on, **self.planned}
        return replace(self, activated=activated, planned=planned)

    def with_closed(self, code: str, ended_on: date | None, today: date) -> CampaignCopies:
        """A campaign was closed, and ended on a day; what was heard of that first stays."""
        ended_on = self._no_sooner(code, today) if ended_on is None else ended_on
        closed = self.closed if code in self.closed else (*self.closed, code)
        return replace(self, closed=closed, ended={code: ended_on, **self.ended})

    def with_ends(self, today: date) -> CampaignCopies:
        """Campaigns of whose end no release of before has told are taken to end today: nothing of them goes too early.

        Never before the day on which they were to end, should the clock be slow.
        """
        return replace(self, ended={code: self._no_sooner(code, today) for code in self.closed} | dict(self.ended))

    def _no_sooner(self, code: str, today: date) -> date:
        return max(today, self.planned.get(code, today))

    def with_held(
        self, held: frozenset[str], revision: int, now: datetime, before: frozenset[str] = frozenset()
    ) -> CampaignCopies:
        """The institution's parameters hold these, and held others `before`; told late, a hold was there and is no more."""
        if revision < self.revision:
            return self._with_freed(held - self.held, now)
        return replace(self._with_freed((self.held | before) - held, now), held=held, revision=revision)

    def _with_freed(self, codes: frozenset[str], now: datetime) -> CampaignCopies:
        return replace(self, freed={**self.freed, **dict.fromkeys(sorted(codes), now)}) if codes else self

    def with_warned(self, code: str, day: date) -> CampaignCopies:
        """It was told on which day a campaign's accounts and files go."""
        return replace(self, warned={**self.warned, code: day})
