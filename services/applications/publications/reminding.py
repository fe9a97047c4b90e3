"""Reminders of files that are in their candidates' hands, as events of the contract."""

from __future__ import annotations

from collections.abc import Mapping

from services.applications.domain.events import SubmissionDue
from services.applications.domain.reminded import Reminded
from services.contracts.events import applications as published
from services.contracts.events.reminders import ApplicationReminded


def of_reminder(common: Mapping[str, str], told: SubmissionDue | Reminded) -> published.ApplicationEvent:
    """The event by which the candidate is reminded, as the clock or staff want it."""
    day, awaited, forms = told.submission_deadline.isoformat(), list(told.awaited), list(told.forms)
    if isinstance(told, SubmissionDue):
        return published.SubmissionDue(**common, submission_deadline=day, awaited=awaited, awaited_forms=forms)
    return ApplicationReminded(
        **common,
        about=told.about.value,
        submission_deadline=day,
        awaited=awaited,
        awaited_forms=forms,
        again=told.again,
    )
