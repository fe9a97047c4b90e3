"""Reminders to submit, so many days before the last one, each once (acceptance 76), and those that staff have sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.deadline import effective_deadline
from services.applications.domain.events import Change, SubmissionDue
from services.applications.domain.held import without_expired
from services.applications.domain.model import Application, Moment, Reminder
from services.applications.domain.reminded import Reminded, ReminderKind
from services.applications.domain.states import FileState
from services.applications.domain.submission import blocking
from services.contracts.refusals.applications import (
    CANDIDATE_ACCOUNT_CLOSED,
    DEADLINE_PASSED,
    NOT_IN_HANDS,
    NOTHING_MISSING,
    REMINDED_TODAY,
)

A_DAY = timedelta(days=1)
"""Who opened an application within it has just been told its last day."""


def due(deadline: date, today: date, days: Sequence[int]) -> int | None:
    """Which reminder of a last day it is time for: of those `days` before it, the latest; 0 is none of them.

    After a stop of days one reminder is due and not two.
    """
    left = (deadline - today).days
    return min((each for each in days if each and each >= left), default=None) if left >= 0 else None


def is_reminded(last: Reminder | None, deadline: date, days: int) -> bool:
    """Whether one was reminded of that last day, so many days before it or later."""
    return last is not None and last.deadline == deadline and last.days <= days


def remind(application: Application, deadline: date, days: int, moment: Moment) -> Change:
    """Remind of a draft whose last day this is, unless that was done as late, or it has just been opened."""
    if (
        application.state is not FileState.DRAFT
        or application.submission_deadline != deadline
        or is_reminded(application.reminded, deadline, days)
        or moment.instant - application.opened_at < A_DAY
    ):
        return application, ()
    blocks = blocking(without_expired(application, moment)[0], moment)
    pieces, forms = (tuple(block.code for block in blocks if block.kind == kind) for kind in ("piece", "form"))
    done = replace(_noted(application, ReminderKind.SUBMISSION, moment), reminded=Reminder(deadline, days))
    return done, (SubmissionDue(deadline, pieces, forms),)


def remind_by_staff(
    application: Application,
    about: ReminderKind,
    offer: ProgrammeCopy | None,
    moment: Moment,
    *,
    closed: bool = False,
) -> Change:
    """Remind of a file that is in the candidate's hands: once a day, and only of what lacks.

    The mail says all that lacks, whatever it is `about`, so that another one on the same day would say it
    again. `closed` is the account of the candidate.
    Raises NOT_IN_HANDS, CANDIDATE_ACCOUNT_CLOSED, DEADLINE_PASSED, NOTHING_MISSING, REMINDED_TODAY.
    """
    if not application.is_editable:
        raise NOT_IN_HANDS(state=application.state)
    if closed:
        raise CANDIDATE_ACCOUNT_CLOSED()
    day = effective_deadline(application, offer)
    if moment.is_past(day):
        raise DEADLINE_PASSED(deadline=day)
    blocks = blocking(without_expired(application, moment)[0], replace(moment, unanswered_block=True))
    pieces, forms = (tuple(block.code for block in blocks if block.kind == kind) for kind in ("piece", "form"))
    if not {ReminderKind.SUBMISSION: True, ReminderKind.FORMS: forms, ReminderKind.PIECES: pieces}[about]:
        raise NOTHING_MISSING()
    if moment.day in application.reminded_on.values():
        raise REMINDED_TODAY()
    told = Reminded(about, day, pieces, forms, again=bool(application.submissions))
    return _noted(application, about, moment), (told,)


def _noted(application: Application, about: ReminderKind, moment: Moment) -> Application:
    return replace(application, reminded_on={**application.reminded_on, about: moment.day})
