"""The days of a programme: calendar days of the institution's zone, inclusive at both ends (acceptance 39)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from itertools import pairwise
from typing import Final

from services.contracts.refusals import FieldError
from services.offers.domain.rules import Checks

MAX_DELAY_DAYS: Final = 365


class Availability(Enum):
    """Whether one can apply to a programme on a day, and if not, why (acceptance 38)."""

    OPEN = "open"
    NOT_YET_OPEN = "not-yet-open"
    CLOSED = "closed"
    NOT_OFFERED = "not-offered"
    """It stands in the catalogue, but takes nobody this year."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people may apply, submit and answer, and when the institution decides.

    A candidate answers until `answer_deadline`, or within `answer_delay_days` of the decision: one of them is given. The
    same pair for the waiting list may be absent.
    """

    opens_on: date
    closes_on: date
    submission_deadline: date
    review_on: date | None = None
    jury_on: date | None = None
    publication_on: date | None = None
    answer_deadline: date | None = None
    answer_delay_days: int | None = None
    waitlist_answer_deadline: date | None = None
    waitlist_answer_delay_days: int | None = None

    def availability(self, today: date) -> Availability:
        """Whether the window is open on that day."""
        if today < self.opens_on:
            return Availability.NOT_YET_OPEN
        return Availability.OPEN if today <= self.closes_on else Availability.CLOSED


@dataclass(frozen=True, slots=True)
class Days:
    """The days and delays of a calendar, each of which may be open."""

    opens_on: date | None = None
    closes_on: date | None = None
    submission_deadline: date | None = None
    review_on: date | None = None
    jury_on: date | None = None
    publication_on: date | None = None
    answer_deadline: date | None = None
    answer_delay_days: int | None = None
    waitlist_answer_deadline: date | None = None
    waitlist_answer_delay_days: int | None = None


_NAMES: Final = frozenset(day.name for day in fields(Calendar))


def check_calendar(checks: Checks, calendar: Calendar) -> None:
    """Check that the days follow one another, and that each pair of deadline and delay is given rightly."""
    if calendar.answer_deadline is None and calendar.answer_delay_days is None:
        checks.fault("answer_deadline", "deadline-or-delay")
    check_days(checks, calendar)


def check_days(checks: Checks, calendar: Calendar | Days) -> None:
    """Check that such days as are given follow one another, and that of each pair no more than one is given."""
    days = [
        ("opens_on", calendar.opens_on),
        ("closes_on", calendar.closes_on),
        ("submission_deadline", calendar.submission_deadline),
        ("review_on", calendar.review_on),
        ("jury_on", calendar.jury_on),
        ("publication_on", calendar.publication_on),
        ("answer_deadline", calendar.answer_deadline),
        ("waitlist_answer_deadline", calendar.waitlist_answer_deadline),
    ]
    for (earlier, first), (later, second) in pairwise([day for day in days if day[1] is not None]):
        checks.in_order(earlier, first, later, second)
    if calendar.answer_deadline is not None and calendar.answer_delay_days is not None:
        checks.fault("answer_deadline", "deadline-or-delay")
    if calendar.waitlist_answer_deadline is not None and calendar.waitlist_answer_delay_days is not None:
        checks.fault("waitlist_answer_deadline", "deadline-or-delay")
    checks.between("answer_delay_days", calendar.answer_delay_days, 1, MAX_DELAY_DAYS)
    checks.between("waitlist_answer_delay_days", calendar.waitlist_answer_delay_days, 1, MAX_DELAY_DAYS)


def in_dates(fault: FieldError) -> FieldError:
    """The same of the dates' own member, with the other days that the rule looks at."""
    if fault.field not in _NAMES:
        return fault
    others = [str(other)] if (other := fault.params.get("other")) else []
    if fault.slug == "deadline-or-delay":
        others = [fault.field.replace("deadline", "delay_days")]
    return replace(fault, field=f"dates.{fault.field}", given=tuple(f"dates.{other}" for other in others))
