"""A campaign's programmes in the next one: as they were, a year later."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum
from typing import Any, Final

from services.contracts.premises import Premises
from services.contracts.refusals import FieldError
from services.offers.domain.calendar import Calendar
from services.offers.domain.campaigns import Campaign
from services.offers.domain.programmes import Content, Programme, check
from services.offers.domain.rules import Checks

_DELAYS: Final = ("answer_delay_days", "waitlist_answer_delay_days")
DAYS: Final = tuple(day.name for day in fields(Calendar) if day.name not in _DELAYS)
_SATURDAY: Final = 5


class Shift(StrEnum):
    """How days come into the next year."""

    WEEKDAY = "weekday"
    """52 weeks later, so that a Monday stays one."""
    DATE = "date"
    """The same day of the month."""


@dataclass(frozen=True, slots=True)
class MovedDay:
    """A day of a calendar, as it was and as it would be."""

    name: str
    before: date
    after: date

    @property
    def is_on_weekend(self) -> bool:
        """Whether it would be a Saturday or a Sunday."""
        return self.after.weekday() >= _SATURDAY


@dataclass(frozen=True, slots=True)
class Carried:
    """What would come of a programme: its days, its content, and why it cannot be carried, if it cannot."""

    programme: Programme
    content: Content
    days: tuple[MovedDay, ...]
    faults: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollover:
    """What would come, or came, of the programmes of `source`; `present` are those that the target has already."""

    source: Campaign
    target: Campaign
    carried: Sequence[Carried]
    refused: Sequence[Carried]
    present: Sequence[Programme]
    premises: Premises


def shifted(day: date, shift: Shift) -> date:
    """The day a year later; 29 February becomes the 28th where there is none. The last year that there is stays."""
    if day.year == MAXYEAR:
        return day
    if shift is Shift.WEEKDAY:
        return day + timedelta(weeks=52)
    is_leap_day = (day.month, day.day) == (2, 29) and not isleap(day.year + 1)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)


def carried(programme: Programme, target: Campaign, shift: Shift) -> Carried:
    """A programme in another campaign, with all that it asks for; days beyond the campaign's own are faults."""
    before = programme.content.calendar
    days = tuple(
        MovedDay(name, day, shifted(day, shift)) for name in DAYS if (day := getattr(before, name)) is not None
    )
    after: dict[str, Any] = {day.name: day.after for day in days}
    calendar = replace(before, **after)
    content = replace(programme.content, campaign=target.code, calendar=calendar)
    checks = Checks()
    if not programme.is_published:
        checks.fault("published", "withdrawn-programme")
    for day in days:
        if day.after < target.starts_on:
            checks.fault(day.name, "before-the-campaign", starts_on=target.starts_on)
        elif day.after > target.ends_on:
            checks.fault(day.name, "after-the-campaign", ends_on=target.ends_on)
    return Carried(programme, content, days, (*checks.faults, *check(programme.code, content)))
