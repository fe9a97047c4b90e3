"""Reminders to submit, so many days before the last one, each once (acceptance 76)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.applications.domain.events import Change, SubmissionDue
from services.applications.domain.held import without_expired
from services.applications.domain.model import Application, Moment, Reminder
from services.applications.domain.states import FileState
from services.applications.domain.submission import blocking

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
    return replace(application, reminded=Reminder(deadline, days)), (SubmissionDue(deadline, pieces, forms),)
