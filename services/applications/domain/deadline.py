"""The last day for depositing and submitting: inclusive, and never earlier than it was promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from services.applications.domain.copies import Programme, ProgrammeCopy
from services.applications.domain.events import Change, DeadlineExtended
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import ProgrammeState
from services.contracts.refusals.applications import DEADLINE_PASSED


@dataclass(frozen=True, slots=True)
class Move:
    """Until when one may submit in a scope, inclusive: `all` programmes, those of a `centre`, or one `programme`."""

    reach: str
    code: str
    submission_deadline: date

    def reaches(self, programme: Programme) -> bool:
        """Whether the programme is in the scope; a scope of a newer release is none of ours."""
        scopes = {"all": "", "centre": programme.centre["code"], "programme": programme.code}
        return scopes.get(self.reach) == self.code


def moved(offer: ProgrammeCopy, moves: Iterable[Move]) -> ProgrammeCopy:
    """The programme with the latest of its own day and of the moves in its campaign that reach it."""
    days = [move.submission_deadline for move in moves if move.reaches(offer.programme)]
    return replace(offer, submission_deadline=max([offer.submission_deadline, *days]))


def programme_day(campaign: str, offer: ProgrammeCopy | None) -> date | None:
    """The last day of a programme; None if that is not published now, or belongs to another campaign than this one."""
    if offer is None or offer.state is ProgrammeState.WITHDRAWN or offer.campaign != campaign:
        return None
    return offer.submission_deadline


def effective_deadline(application: Application, offer: ProgrammeCopy | None) -> date:
    """The application's own last day, or its programme's if that has been moved to a later one meanwhile."""
    return later_day(application.submission_deadline, application.campaign, offer)


def later_day(own: date, campaign: str, offer: ProgrammeCopy | None) -> date:
    """The later of a last day of one's own and of the programme's."""
    return max(own, programme_day(campaign, offer) or own)


def shown_deadline(application: Application, offer: ProgrammeCopy | None, moment: Moment) -> date:
    """The last day as it is shown: the effective one, or today while one that is past is still honoured."""
    day = moment.last(effective_deadline(application, offer))
    return moment.day if moment.due <= day < moment.day else day


def check_in_time(application: Application, moment: Moment) -> None:
    """Raises DEADLINE_PASSED after the application's own last day, honoured where that was when nobody could work."""
    if moment.is_past(application.submission_deadline):
        raise DEADLINE_PASSED(deadline=application.submission_deadline)


def extended(application: Application, deadline: date, moment: Moment | None = None) -> Change:
    """The application with that last day if it is later than its own; with a `moment`, as incidents have moved it."""
    day = deadline if moment is None else moment.last(deadline)
    if not application.is_editable or day <= application.submission_deadline:
        return application, ()
    prolonged = application.prolonged or day > deadline
    happened = DeadlineExtended(day, outage=day > deadline)
    return replace(application, submission_deadline=day, prolonged=prolonged), (happened,)
