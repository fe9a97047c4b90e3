"""Which reminder of a last day is due, and who is reminded (acceptance 76)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.asked import FilledForm, Form
from services.applications.domain.events import SubmissionDue
from services.applications.domain.model import Reminder
from services.applications.domain.opening import cancel
from services.applications.domain.reminded import Reminded, ReminderKind
from services.applications.domain.reminding import due, remind, remind_by_staff
from services.applications.domain.states import FileState
from services.contracts.refusals import ErrorCode, RefusedError
from services.contracts.refusals.applications import (
    CANDIDATE_ACCOUNT_CLOSED,
    DEADLINE_PASSED,
    NOT_IN_HANDS,
    NOTHING_MISSING,
    REMINDED_TODAY,
)
from tests.unit.applications.builders import DEADLINE, DELIVERY, ZOE, draft, on, requirement


@pytest.mark.parametrize(
    ("left", "days", "expected"),
    [
        (8, (7, 2), None),
        (7, (7, 2), 7),
        (3, (7, 2), 7),
        (2, (7, 2), 2),
        (0, (7, 2), 2),
        (-1, (7, 2), None),
        (2, (2, 7), 2),
        (0, (0, 0), None),
        (0, (0, 2), 2),
        (3, (0, 2), None),
        (5, (5, 5), 5),
    ],
)
def test_one_reminder_is_due_at_a_time(left: int, days: tuple[int, int], expected: int | None) -> None:
    assert due(DEADLINE, DEADLINE - timedelta(days=left), days) == expected


def test_a_draft_is_reminded_of_once_for_each_number_of_days() -> None:
    application = draft(requirement("cv"), requirement("b2", optional=True))
    moment = on(DEADLINE - timedelta(days=7))
    told, facts = remind(application, DEADLINE, 7, moment)
    assert facts == (SubmissionDue(DEADLINE, ("cv",)),)
    assert told.reminded == Reminder(DEADLINE, 7)
    assert remind(told, DEADLINE, 7, moment) == (told, ())
    later, facts = remind(told, DEADLINE, 2, moment)
    assert len(facts) == 1
    assert remind(later, DEADLINE, 7, moment) == (later, ())
    moved = replace(later, submission_deadline=date(2027, 5, 1))
    assert remind(moved, DEADLINE, 2, moment) == (moved, ())
    assert len(remind(moved, date(2027, 5, 1), 7, moment)[1]) == 1


def test_of_forms_those_are_named_that_block() -> None:
    required, other = (
        Form(code, {"fr": "F"}, "https://survey.example/1", code == "plans") for code in ("plans", "more")
    )
    application = replace(draft(), forms=(FilledForm(required), FilledForm(other)))
    _, facts = remind(application, DEADLINE, 7, on(DEADLINE - timedelta(days=7)))
    assert facts == (SubmissionDue(DEADLINE, ("cv",), ("plans",)),)


def test_nobody_is_reminded_of_what_is_just_opened_or_given_up() -> None:
    application = draft()
    opened = application.opened_at
    before, at = (
        replace(on(DEADLINE), instant=opened + timedelta(days=1) - timedelta(seconds=left)) for left in (1, 0)
    )
    assert remind(application, DEADLINE, 2, before) == (application, ())
    assert len(remind(application, DEADLINE, 2, at)[1]) == 1
    cancelled, _ = cancel(application, at, ZOE)
    assert remind(cancelled, DEADLINE, 2, at) == (cancelled, ())


@pytest.mark.parametrize(
    ("about", "lacking", "refusal"),
    [
        (ReminderKind.SUBMISSION, True, None),
        (ReminderKind.PIECES, True, None),
        (ReminderKind.FORMS, True, None),
        (ReminderKind.SUBMISSION, False, None),
        (ReminderKind.PIECES, False, NOTHING_MISSING),
        (ReminderKind.FORMS, False, NOTHING_MISSING),
    ],
)
def test_staff_remind_of_what_lacks_once_a_day(about: ReminderKind, lacking: bool, refusal: ErrorCode | None) -> None:
    plans = Form("plans", {"fr": "F"}, "https://survey.example/1", required=True)
    lacks = replace(draft(), forms=(FilledForm(plans),))
    whole = replace(lacks, pieces=(), forms=(FilledForm(plans, DELIVERY),))
    file, now = lacks if lacking else whole, on(DEADLINE)
    if refusal is not None:
        with pytest.raises(RefusedError) as refused:
            remind_by_staff(file, about, None, now)
        assert refused.value.slug == refusal
        return
    told, facts = remind_by_staff(file, about, None, now)
    assert facts == (Reminded(about, DEADLINE, ("cv",) if lacking else (), ("plans",) if lacking else ()),)
    for again in ReminderKind if lacking else (about,):
        with pytest.raises(RefusedError) as twice:
            remind_by_staff(told, again, None, now)
        assert twice.value.slug == REMINDED_TODAY, "each says all that lacks"
    earlier = replace(told, reminded_on={about: DEADLINE - timedelta(days=1)})
    assert len(remind_by_staff(earlier, about, None, now)[1]) == 1


def test_staff_remind_no_later_than_the_last_day_and_not_on_the_day_of_the_clocks_reminder() -> None:
    file = draft()
    assert len(remind_by_staff(file, ReminderKind.SUBMISSION, None, on(DEADLINE))[1]) == 1
    with pytest.raises(RefusedError) as late:
        remind_by_staff(file, ReminderKind.SUBMISSION, None, on(DEADLINE + timedelta(days=1)))
    assert late.value.slug == DEADLINE_PASSED
    told, _ = remind(file, DEADLINE, 7, on(DEADLINE - timedelta(days=7)))
    with pytest.raises(RefusedError) as twice:
        remind_by_staff(told, ReminderKind.SUBMISSION, None, on(DEADLINE - timedelta(days=7)))
    assert twice.value.slug == REMINDED_TODAY
    with pytest.raises(RefusedError) as closed:
        remind_by_staff(file, ReminderKind.PIECES, None, on(DEADLINE), closed=True)
    assert closed.value.slug == CANDIDATE_ACCOUNT_CLOSED
    incomplete = replace(file, state=FileState.INCOMPLETE)
    assert len(remind_by_staff(incomplete, ReminderKind.PIECES, None, on(DEADLINE))[1]) == 1
    for state in (FileState.SUBMITTED, FileState.COMPLETE, FileState.CANCELLED):
        with pytest.raises(RefusedError) as frozen:
            remind_by_staff(replace(file, state=state), ReminderKind.SUBMISSION, None, on(DEADLINE))
        assert frozen.value.slug == NOT_IN_HANDS
