"""A pre-enrolment: what comes of every act in every state, and what is told of it (acceptance 87)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.applications.domain.pre_enrolment import (
    GIVEN_UP_AFTER,
    NO_ANSWER,
    PAUSES,
    Changed,
    PreEnrolment,
    follow,
    refused,
    retry,
    taken,
    unanswered,
)
from services.applications.domain.pre_enrolment_states import TABLE, PreEnrolmentAction, PreEnrolmentState
from services.applications.publications import pre_enrolment_events
from services.applications.views.states import EVENTS
from services.contracts.actors import Role
from services.contracts.refusals import RefusedError

NOW = datetime(2027, 2, 1, 11, 0, tzinfo=UTC)
NOBODY = PreEnrolment("zoe", "M1-MER", "2027")
WAITING = follow(NOBODY, "ECAB12CD34", NOW, accepted=True)[0]
DONE = taken(WAITING, 1, NOW)[0]
REFUSED = refused(WAITING, 1, "Sans INE", NOW)[0]
CANCELLED = follow(DONE, "ECAB12CD34", NOW, accepted=False)[0]
BY_STATE: Mapping[PreEnrolmentState | None, PreEnrolment] = {
    None: NOBODY,
    **{record.state: record for record in (WAITING, DONE, REFUSED, CANCELLED)},
}
ACTS: Mapping[PreEnrolmentAction, Callable[[PreEnrolment], Changed]] = {
    PreEnrolmentAction.REQUEST: lambda record: follow(record, "ECAB12CD34", NOW, accepted=True),
    PreEnrolmentAction.CANCEL: lambda record: follow(record, "ECAB12CD34", NOW, accepted=False),
    PreEnrolmentAction.COMPLETE: lambda record: taken(record, record.revision, NOW),
    PreEnrolmentAction.REFUSE: lambda record: refused(record, record.revision, "Sans INE", NOW),
    PreEnrolmentAction.RETRY: lambda record: retry(record, "ECAB12CD34", NOW, role=Role.MANAGER),
}


@pytest.mark.parametrize("action", PreEnrolmentAction)
@pytest.mark.parametrize("before", BY_STATE)
def test_every_act_in_every_state_does_what_the_table_says(
    before: PreEnrolmentState | None, action: PreEnrolmentAction
) -> None:
    """What is not in the table changes nothing, and tells nothing."""
    after: set[PreEnrolmentState | None] = {row.after for row in TABLE if (row.action, row.before) == (action, before)}
    record = BY_STATE[before]
    if action is PreEnrolmentAction.RETRY and not after:
        with pytest.raises(RefusedError, match="nothing-refused"):
            ACTS[action](record)
        return
    changed, happened = ACTS[action](record)
    assert {changed.state} == (after or {before})
    if changed.state is not before:
        (event,) = pre_enrolment_events("a1", changed, happened[0])
        assert type(event) is EVENTS[action]
    elif not after:
        assert (changed, happened) == (record, ())


def test_an_answer_to_what_was_asked_before_counts_for_nothing() -> None:
    """Somebody who was let go of while the first message was under way, and is asked for anew, is not done by it."""
    again = follow(CANCELLED, "ECAB12CD34", NOW, accepted=True)[0]
    assert (again.state, again.revision) == (PreEnrolmentState.WAITING, 3)
    for answer in (taken(again, 1, NOW), refused(again, 2, "Sans INE", NOW), unanswered(again, 2, NOW)):
        assert answer == (again, ())
    assert taken(again, 3, NOW)[0].state is PreEnrolmentState.DONE
    assert taken(taken(again, 3, NOW)[0], 3, NOW) == (taken(again, 3, NOW)[0], ())


def test_pauses_grow_to_an_hour_and_a_week_without_an_answer_is_a_refusal() -> None:
    record, now = WAITING, NOW
    for failures in range(1, 12):
        record, happened = unanswered(record, 1, now)
        assert (happened, record.due) == ((), now + PAUSES.after(failures))
        now = record.due or now
    assert PAUSES.after(11) == timedelta(hours=1)
    last = NOW + GIVEN_UP_AFTER
    assert unanswered(record, 1, last - timedelta(seconds=1))[0].state is PreEnrolmentState.WAITING
    given_up = unanswered(record, 1, last)[0]
    assert (given_up.state, given_up.reason, given_up.due) == (PreEnrolmentState.REFUSED, NO_ANSWER, None)


def test_who_has_what_was_refused_tried_anew() -> None:
    """Where the student records do not let go of somebody, that is tried anew too, and is no request."""
    for role in (Role.COMMISSION, Role.REGISTRAR, Role.ADMIN, Role.READONLY):
        with pytest.raises(RefusedError, match="action-forbidden"):
            retry(REFUSED, "EC1", NOW, role=role)
    asked, _ = retry(REFUSED, "OPIAB12CD34", NOW, role=Role.MANAGER)
    assert (asked.state, asked.revision, asked.due, asked.reason) == (PreEnrolmentState.WAITING, 2, NOW, "")
    assert asked.code == "OPIAB12CD34"
    put_off = replace(WAITING, due=NOW + timedelta(hours=1), failures=9)
    assert retry(put_off, "", NOW, role=Role.MANAGER) == (replace(put_off, due=NOW), ())
    kept = refused(CANCELLED, 2, "Année close", NOW)[0]
    assert (kept.state, kept.reason) == (PreEnrolmentState.CANCELLED, "Année close")
    again, _ = retry(kept, "", NOW, role=Role.MANAGER)
    assert (again.state, again.revision, again.due) == (PreEnrolmentState.CANCELLED, 3, NOW)
