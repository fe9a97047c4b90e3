"""Submission deadlines moved to a later day, for everybody, for a centre or for a programme (product, section 6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.offers.domain.campaigns import Campaign
from services.offers.domain.events import DeadlinesMoved
from services.offers.domain.programmes import Programme
from services.offers.domain.rules import Checks

MAX_MOVES: Final = 1000
"""Centres and programmes that a campaign has deadlines moved for."""
REASON_LENGTH: Final = 500


class Reach(StrEnum):
    """Whose deadline is moved."""

    ALL = "all"
    CENTRE = "centre"
    PROGRAMME = "programme"


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom: `code` is that of a centre or a programme, empty for all."""

    reach: Reach = Reach.ALL
    code: str = ""

    def covers(self, programme: Programme) -> bool:
        """Whether the programme is one of these."""
        own = {Reach.ALL: "", Reach.CENTRE: programme.content.centre.code, Reach.PROGRAMME: programme.code}
        return own[self.reach] == self.code


@dataclass(frozen=True, slots=True)
class Move:
    """The last day for submitting in a scope, inclusive, since when, by whom (as events name them) and why."""

    scope: Scope
    submission_deadline: date
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What was moved in a campaign: of each scope the last move; `revision` grows with every one."""

    campaign: str
    revision: int = 0
    moves: tuple[Move, ...] = ()

    def of(self, programme: Programme) -> date:
        """The last day for submitting to a programme: its own or the latest that one of its scopes was moved to."""
        content = programme.content
        own = content.calendar.submission_deadline
        if content.campaign != self.campaign:
            return own
        return max([own, *(move.submission_deadline for move in self.moves if move.scope.covers(programme))])

    def applied(self, programme: Programme) -> Programme:
        """The programme with the last day that counts."""
        calendar = replace(programme.content.calendar, submission_deadline=self.of(programme))
        if calendar == programme.content.calendar:
            return programme
        return replace(programme, content=replace(programme.content, calendar=calendar))


def scope_of(centre: str | None, programme: str | None) -> Scope:
    """Whom these codes name; raises INVALID_FIELDS for a centre and a programme at once."""
    if centre and programme:
        raise INVALID_FIELDS(fields=[FieldError("programme", "centre-or-programme")])
    if centre:
        return Scope(Reach.CENTRE, centre)
    return Scope(Reach.PROGRAMME, programme) if programme else Scope()


Moved = tuple[Deadlines, tuple[DeadlinesMoved, ...]]


def move(deadlines: Deadlines, campaign: Campaign, wanted: Move, today: date) -> Moved:
    """Move the deadline of a scope; no fact if it is so already.

    What was moved before for the same scope is forgotten; nobody who was told a later day loses it (ADR 67). Raises
    INVALID_FIELDS for a day that is past or behind the campaign's end, for want of a reason, past MAX_MOVES scopes.
    """
    checks = Checks()
    checks.line("reason", wanted.reason, REASON_LENGTH)
    day = wanted.submission_deadline
    if day < today:
        checks.fault("submission_deadline", "day-is-past")
    elif day > campaign.ends_on:
        checks.fault("submission_deadline", "after-the-campaign", ends_on=campaign.ends_on)
    others = tuple(each for each in deadlines.moves if each.scope != wanted.scope)
    checks.at_most("scope", len(others) + 1, MAX_MOVES)
    if checks.faults:
        raise INVALID_FIELDS(fields=checks.faults)
    for there in deadlines.moves:
        if (there.scope, there.submission_deadline, there.reason) == (wanted.scope, day, wanted.reason):
            return deadlines, ()
    return Deadlines(deadlines.campaign, deadlines.revision + 1, (*others, wanted)), (DeadlinesMoved(),)
