"""A pre-enrolment: what comes of every act in every state, and what is told of it (acceptance 87)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.applications.domain.events import EnrolmentCodeSet
from services.applications.domain.pre_enrolment import (
    CAMPAIGN_OVER,
    GIVEN_UP_AFTER,
    NO_ANSWER,
    PAUSES,
    Changed,
    Named,
    PreEnrolment,
    code_in_force,
    follow,
    is_past,
    passed_over,
    refused,
    retry,
    set_code,
    taken,
    unanswered,
)
from services.applications.domain.pre_enrolment_states import TABLE, PreEnrolmentAction, PreEnrolmentState
from services.applications.publications import pre_enrolment_events
from services.cli.states_page import EVENTS
from services.contracts.actors import Role
from services.contracts.refusals import RefusedError

NOW = datetime(2027, 2, 1, 11, 0, tzinfo=UTC)
FIRST = int(NOW.timestamp())
NAMED = Named("ECAB12CD34", "AB12CD34", "Sciences de la mer", "SEE")
NOBODY = PreEnrolment("zoe", "M1-MER", "2027")
WAITING = follow(NOBODY, NAMED, NOW, accepted=True)[0]
DONE = taken(WAITING, FIRST, NOW)[0]
REFUSED = refused(WAITING, FIRST, "Sans INE", NOW)[0]
CANCELLED = follow(DONE, NAMED, NOW, accepted=False)[0]
BY_STATE: Mapping[PreEnrolmentState | None, PreEnrolment] = {
    None: NOBODY,
    **{record.state: record for record in (WAITING, DONE, REFUSED, CANCELLED)},
}
ACTS: Mapping[PreEnrolmentAction, Callable[[PreEnrolment], Changed]] = {
    PreEnrolmentAction.REQUEST: lambda record: follow(record, NAMED, NOW, accepted=True),
    PreEnrolmentAction.CANCEL: lambda record: follow(record, NAMED, NOW, accepted=False),
    PreEnrolmentAction.COMPLETE: lambda record: taken(record, record.revision, NOW),
    PreEnrolmentAction.REFUSE: lambda record: refused(record, record.revision, "Sans INE", NOW),
    PreEnrolmentAction.RETRY: lambda record: retry(record, NAMED, NOW, role=Role.MANAGER, lost=True),
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
    again = follow(CANCELLED, NAMED, NOW, accepted=True)[0]
    last = FIRST + 2
    assert (again.state, again.revision) == (PreEnrolmentState.WAITING, last)
    for answer in (
        taken(again, FIRST, NOW),
        refused(again, last - 1, "Sans INE", NOW),
        unanswered(again, last - 1, NOW),
    ):
        assert answer == (again, ())
    assert taken(again, last, NOW)[0].state is PreEnrolmentState.DONE
    assert taken(taken(again, last, NOW)[0], last, NOW) == (taken(again, last, NOW)[0], ())


def test_what_is_asked_after_a_restore_is_newer_than_all_that_was_asked_before() -> None:
    """A record that was lost, or is as it was in the copy, asks under no number that the student records know."""
    lost = CANCELLED.revision
    later = NOW + timedelta(days=1)
    assert follow(NOBODY, NAMED, later, accepted=True)[0].revision > lost
    assert follow(WAITING, NAMED, later, accepted=False)[0].revision > lost
    put_back = NOW - timedelta(days=400)
    assert follow(WAITING, NAMED, put_back, accepted=False)[0].revision == WAITING.revision + 1


def test_pauses_grow_to_an_hour_and_a_week_without_an_answer_is_a_refusal() -> None:
    record, now = WAITING, NOW
    for failures in range(1, 12):
        record, happened = unanswered(record, FIRST, now)
        assert (happened, record.due) == ((), now + PAUSES.after(failures))
        now = record.due or now
    assert PAUSES.after(11) == timedelta(hours=1)
    last = NOW + GIVEN_UP_AFTER
    assert unanswered(record, FIRST, last - timedelta(seconds=1))[0].state is PreEnrolmentState.WAITING
    given_up = unanswered(record, FIRST, last)[0]
    assert (given_up.state, given_up.reason, given_up.due) == (PreEnrolmentState.REFUSED, NO_ANSWER, None)


def test_the_week_begins_with_the_first_try_that_had_no_answer() -> None:
    """Whoever has waited for student records to be connected, or was answered meanwhile, has the whole of it."""
    late = NOW + 5 * GIVEN_UP_AFTER
    silent, _ = unanswered(WAITING, FIRST, late)
    assert (silent.state, silent.silent_since) == (PreEnrolmentState.WAITING, late)
    last = late + GIVEN_UP_AFTER
    assert unanswered(silent, FIRST, last - timedelta(seconds=1))[0].state is PreEnrolmentState.WAITING
    given_up = unanswered(silent, FIRST, last)[0]
    assert (given_up.state, given_up.silent_since) == (PreEnrolmentState.REFUSED, None)
    for settled in (taken(silent, FIRST, late)[0], refused(silent, FIRST, "Sans INE", late)[0]):
        assert settled.silent_since is None
    assert follow(silent, NAMED, late, accepted=False)[0].silent_since is None


def test_who_has_what_was_refused_tried_anew() -> None:
    """Where the student records do not let go of somebody, that is tried anew too, and is no request."""
    for role in (Role.COMMISSION, Role.REGISTRAR, Role.ADMIN, Role.READONLY):
        with pytest.raises(RefusedError, match="action-forbidden"):
            retry(REFUSED, NAMED, NOW, role=role)
    with pytest.raises(RefusedError, match="nothing-refused"):
        retry(BY_STATE[PreEnrolmentState.DONE], NAMED, NOW, role=Role.MANAGER)
    asked, _ = retry(REFUSED, replace(NAMED, code="OPIAB12CD34"), NOW, role=Role.MANAGER)
    assert (asked.state, asked.revision, asked.due, asked.reason) == (PreEnrolmentState.WAITING, FIRST + 1, NOW, "")
    assert asked.code == "OPIAB12CD34"
    put_off = replace(WAITING, due=NOW + timedelta(hours=1), failures=9)
    assert retry(put_off, NAMED, NOW, role=Role.MANAGER) == (replace(put_off, due=NOW), ())
    kept = refused(CANCELLED, FIRST + 1, "Année close", NOW)[0]
    assert (kept.state, kept.reason) == (PreEnrolmentState.CANCELLED, "Année close")
    again, _ = retry(kept, NAMED, NOW, role=Role.MANAGER)
    assert (again.state, again.revision, again.due) == (PreEnrolmentState.CANCELLED, FIRST + 2, NOW)


def test_who_waited_when_their_campaign_was_closed_and_was_never_told_is_past() -> None:
    """Whoever was tried by then goes on, as does whoever accepts later, or is tried anew by staff."""
    later = NOW + timedelta(milliseconds=1)
    assert is_past(WAITING, NOW) and is_past(WAITING, later)
    assert not is_past(WAITING, NOW - timedelta(milliseconds=1)) and not is_past(WAITING, None)
    assert not is_past(unanswered(WAITING, FIRST, NOW)[0], later)
    assert not any(is_past(record, later) for record in (NOBODY, DONE, REFUSED, CANCELLED))
    passed, _ = passed_over(WAITING, FIRST, later)
    assert (passed.state, passed.reason, passed.due, passed.tried) == (
        PreEnrolmentState.REFUSED,
        CAMPAIGN_OVER,
        None,
        False,
    )
    assert not is_past(retry(passed, NAMED, later, role=Role.MANAGER)[0], NOW)


def test_a_code_of_ones_own_is_asked_for_anew_while_one_waits_and_stays_once_one_is_taken() -> None:
    """Under a higher revision, which alone counts; what is under way of the old one settles nothing."""
    given, happened = set_code(WAITING, "OWN", NAMED, NOW, seen=WAITING.code, keeps=True, told=True)
    assert (given.code, given.revision, given.state) == ("OWN", WAITING.revision + 1, PreEnrolmentState.WAITING)
    assert happened == (EnrolmentCodeSet("OWN", told=True),)
    assert taken(given, WAITING.revision, NOW) == (given, ())
    assert set_code(given, "OWN", NAMED, NOW, seen="OWN", keeps=True, told=True) == (given, ())
    back = set_code(given, "", NAMED, NOW, seen="OWN", keeps=True, told=False)[0]
    assert (back.code, back.revision) == (NAMED.code, given.revision + 1)
    assert (given.keeps_code, back.keeps_code) == (True, False)
    with pytest.raises(RefusedError, match="stale-version"):
        set_code(given, "", NAMED, NOW, seen=NAMED.code, keeps=True, told=False)
    with pytest.raises(RefusedError, match="code-handed-over"):
        set_code(DONE, "OWN", NAMED, NOW, seen=DONE.code, keeps=True, told=False)
    later = set_code(REFUSED, "OWN", NAMED, NOW, seen=REFUSED.code, keeps=True, told=False)[0]
    assert (later.code, later.revision, code_in_force(later, NAMED.code)) == (NAMED.code, REFUSED.revision, "OWN")
    assert retry(later, NAMED, NOW, role=Role.MANAGER)[0].code == "OWN"
    gone = set_code(CANCELLED, "OWN", NAMED, NOW, seen=NAMED.code, keeps=True, told=False)[0]
    assert (gone.code, gone.calls_off) == (NAMED.code, True)
    assert follow(gone, NAMED, NOW, accepted=True)[0].code == "OWN"
