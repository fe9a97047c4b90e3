"""Documents that go to the student records: what is wanted, tried, taken, refused, given up and dropped (ADR 115)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.documents.domain import hand_overs
from services.documents.domain.hand_overs import (
    DAMAGED,
    GIVEN_UP_AFTER,
    NO_ANSWER,
    PAUSES,
    QUARANTINED,
    UNREADABLE,
    Chosen,
    Handed,
    HandedState,
    HandOver,
)

NOW = datetime(2027, 7, 5, 21, tzinfo=UTC)
LATER, SECOND = NOW + timedelta(days=1), timedelta(seconds=1)
PARIS = ZoneInfo("Europe/Paris")
STANDS = HandOver("zoe", "2027", "M1-MER", stands=True)
WAITING, DONE, REFUSED, CALLED_OFF = HandedState
ASKED = Handed("d1", "diploma", WAITING, NOW, int(NOW.timestamp()), due=NOW)


def record(*documents: Handed) -> HandOver:
    return replace(STANDS, documents=documents)


def only(record: HandOver) -> Handed:
    (found,) = record.documents
    return found


def done(state: HandedState = DONE, reason: str = "", *, tried: bool = True) -> Handed:
    return replace(ASKED, state=state, reason=reason, tried=tried, due=None)


# --- what is wanted ---------------------------------------------------------------------------------------------------


def test_what_is_wanted_is_asked_for_at_once_and_once_in_the_order_of_its_pieces() -> None:
    wanted = {"d2": "transcript", "d3": "diploma", "d1": "diploma"}
    followed = hand_overs.follow(STANDS, wanted, NOW)
    assert followed.documents == (
        ASKED,
        replace(ASKED, document="d3"),
        replace(ASKED, document="d2", piece="transcript"),
    )
    assert hand_overs.follow(followed, wanted, LATER) == followed
    assert hand_overs.follow(replace(STANDS, stands=False), wanted, NOW).documents == ()


@pytest.mark.parametrize("stands", [True, False], ids=["another document", "place lost"])
def test_what_is_wanted_no_more_is_called_off_once_if_they_may_have_it_and_else_let_go(stands: bool) -> None:
    tried = replace(ASKED, tried=True, failures=2, silent_since=NOW, reason=NO_ANSWER)
    begun = replace(record(tried, replace(ASKED, document="d2")), stands=stands)
    called_off = replace(ASKED, state=CALLED_OFF, since=LATER, revision=int(LATER.timestamp()), due=LATER, tried=True)
    followed = hand_overs.follow(begun, {} if stands else {"d1": "diploma"}, LATER)
    assert followed.documents == (called_off,)
    assert hand_overs.follow(followed, {}, LATER + SECOND) == followed


def test_what_was_called_off_and_is_wanted_again_waits_under_a_newer_revision_and_the_piece_that_it_is_of_now() -> None:
    again = only(hand_overs.follow(record(replace(ASKED, state=CALLED_OFF, tried=True)), {"d1": "transcript"}, NOW))
    assert again == replace(ASKED, piece="transcript", tried=True, revision=ASKED.revision + 1)


def test_of_who_is_forgotten_only_what_is_to_be_dropped_is_left_and_says_nothing_of_them() -> None:
    begun = record(replace(ASKED, tried=True), replace(ASKED, document="d2"), replace(done(CALLED_OFF), document="d3"))
    gone = hand_overs.erased(begun, LATER)
    assert (gone.account, gone.stands) == ("", False)
    assert [(each.document, each.piece, each.state, each.due) for each in gone.documents] == [
        ("d1", "", CALLED_OFF, LATER)
    ]
    assert not gone.is_over
    assert hand_overs.taken(gone, only(gone), LATER).is_over
    assert hand_overs.refused(gone, only(gone), "unknown", LATER).is_over
    assert not STANDS.is_over


# --- what is told now -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "goes"),
    [(None, ["off"]), ((), ["off", "d1", "d2"]), (("diploma",), ["off", "d1"]), (("none",), ["off"])],
    ids=["nothing goes", "all go", "a piece", "another piece"],
)
def test_first_goes_what_is_to_be_dropped_and_then_what_is_of_a_piece_that_was_chosen(
    chosen: Chosen, goes: list[str]
) -> None:
    later = replace(ASKED, document="later", due=NOW + SECOND)
    off = replace(ASKED, document="off", state=CALLED_OFF)
    begun = record(ASKED, replace(ASKED, document="d2", piece="transcript"), later, replace(done(), document="d4"), off)
    assert [each.document for each in hand_overs.due(begun, NOW, chosen)] == goes
    over = hand_overs.passed_over(replace(begun, claimed_until=LATER), NOW, LATER, chosen)
    assert over.claimed_until is None
    put_off = [each.document for each in over.documents if each.due == LATER]
    assert sorted(put_off) == sorted({"d1", "d2", "off"} - set(goes))


def test_there_is_something_to_do_from_the_first_due_on_but_not_while_somebody_does_it() -> None:
    begun = record(replace(ASKED, due=LATER), ASKED, done())
    assert [
        each.due for each in (begun, replace(begun, claimed_until=LATER), replace(begun, claimed_until=NOW - SECOND))
    ] == [
        NOW,
        LATER,
        NOW,
    ]
    assert record(done()).due is None


# --- what comes of it -------------------------------------------------------------------------------------------------


def test_what_they_took_is_done_and_what_they_dropped_is_gone() -> None:
    begun = record(replace(ASKED, failures=2, silent_since=NOW, reason=NO_ANSWER), replace(ASKED, document="d2"))
    taken = hand_overs.taken(begun, ASKED, LATER)
    assert taken.documents == (replace(done(), since=LATER), replace(ASKED, document="d2"))
    assert hand_overs.taken(taken, ASKED, LATER + SECOND) == taken, "told again"
    off = replace(ASKED, state=CALLED_OFF)
    assert hand_overs.taken(record(off), off, LATER).documents == ()


def test_an_answer_to_an_older_revision_changes_nothing() -> None:
    begun, older = record(ASKED), replace(ASKED, revision=ASKED.revision - 1)
    assert hand_overs.taken(begun, older, LATER) == begun
    assert hand_overs.refused(begun, older, "unknown", LATER) == begun
    assert hand_overs.trying(begun, older) == begun
    assert hand_overs.trying(begun, ASKED) == record(replace(ASKED, tried=True))


@pytest.mark.parametrize(("before", "after"), [(WAITING, REFUSED), (CALLED_OFF, CALLED_OFF)])
def test_what_is_refused_says_why_and_is_tried_no_more(before: HandedState, after: HandedState) -> None:
    asked = replace(ASKED, state=before, failures=2, silent_since=NOW)
    refused = hand_overs.refused(record(asked), asked, "unknown", LATER)
    assert only(refused) == replace(ASKED, state=after, reason="unknown", since=LATER, due=None)


def test_without_an_answer_it_is_tried_again_after_a_pause_and_refused_when_a_week_has_gone_by() -> None:
    first = hand_overs.unanswered(record(ASKED), ASKED, NOW)
    assert only(first) == replace(ASKED, due=NOW + PAUSES.after(1), failures=1, silent_since=NOW, tried=True)
    before = hand_overs.unanswered(first, only(first), NOW + GIVEN_UP_AFTER - SECOND)
    assert (only(before).state, only(before).failures, only(before).silent_since) == (WAITING, 2, NOW)
    assert only(before).due == NOW + GIVEN_UP_AFTER - SECOND + PAUSES.after(2)
    given_up = only(hand_overs.unanswered(first, only(first), NOW + GIVEN_UP_AFTER))
    assert (given_up.state, given_up.reason, given_up.due) == (REFUSED, NO_ANSWER, None)


@pytest.mark.parametrize(("failures", "state"), [(1, WAITING), (2, REFUSED)])
def test_bytes_that_cannot_be_read_are_tried_three_times_before_they_are_given_up(
    failures: int, state: HandedState
) -> None:
    asked = replace(ASKED, failures=failures, silent_since=NOW)
    tried = hand_overs.unanswered(record(asked), asked, NOW + GIVEN_UP_AFTER, reason=UNREADABLE)
    assert only(tried).state is state


@pytest.mark.parametrize(
    ("each", "may_be"),
    [
        (done(REFUSED, NO_ANSWER), True),
        (done(REFUSED, NO_ANSWER, tried=False), True),
        (done(REFUSED, DAMAGED), False),
        (done(REFUSED, QUARANTINED), False),
        (done(), False),
        (done(WAITING), True),
        (done(WAITING, tried=False), False),
        (done(CALLED_OFF), True),
    ],
)
def test_nobody_can_say_if_they_have_what_was_given_and_not_answered(each: Handed, may_be: bool) -> None:
    assert hand_overs.may_be_there(each) is may_be


def test_what_was_refused_is_asked_anew_and_what_waits_for_its_next_try_comes_sooner() -> None:
    newer = int(LATER.timestamp())
    asked = replace(ASKED, since=LATER, revision=newer, due=LATER, tried=True)
    for before, after in (
        (done(REFUSED, "unknown"), asked),
        (done(CALLED_OFF, "unknown"), replace(asked, state=CALLED_OFF)),
        (done(), done()),
        (replace(ASKED, due=LATER + SECOND), replace(ASKED, due=LATER)),
        (ASKED, ASKED),
    ):
        assert only(hand_overs.retried(record(before), LATER)) == after


# --- the night --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "is_night", "night", "begins"),
    [
        ("2027-07-05T22:44:59", False, "2027-07-04", "2027-07-05"),
        ("2027-07-05T22:45:00", True, "2027-07-05", "2027-07-06"),
        ("2027-07-06T05:59:59", True, "2027-07-05", "2027-07-06"),
        ("2027-07-06T06:00:00", False, "2027-07-05", "2027-07-06"),
        ("2027-10-30T23:00:00", True, "2027-10-30", "2027-10-31"),
    ],
)
def test_a_night_begins_at_a_quarter_to_eleven_and_ends_at_six_by_the_clock_of_the_institution(
    local: str, is_night: bool, night: str, begins: str
) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(UTC)
    next_one = datetime.fromisoformat(f"{begins}T22:45:00").replace(tzinfo=PARIS).astimezone(UTC)
    assert hand_overs.is_night(now, PARIS) is is_night
    assert hand_overs.night_of(now, PARIS) == night
    assert hand_overs.next_night(now, PARIS) == next_one
