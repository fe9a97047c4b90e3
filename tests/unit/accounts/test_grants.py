"""Rights of staff: from one day until another, each with who gave it, and none taken from the last who could give it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.accounts.domain.account import Account, Person, erase
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.grants import (
    MOST_BYTES,
    Giving,
    Grant,
    administers,
    beside,
    grant_faults,
    in_force,
    replaced,
    with_grant,
)
from services.accounts.domain.staff import appoint, dismiss, give, grant
from services.accounts.domain.states import State
from services.contracts.actors import Role
from services.contracts.refusals import RefusedError

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE = Giving("operator", NOW - DAY)
LATER = Giving("staff:ada", NOW)
ADMIN = Grant(Role.ADMIN)
SEE = Grant(Role.MANAGER, centres=("SEE",))


def account(*grants: Grant, state: State = State.VALIDATED) -> Account:
    return Account(NO_CAMPAIGN, "K7P2M4QX", Person("", "", "ada@univ.test", "fr"), state, NOW, NOW, grants=grants)


def test_a_grant_is_in_force_from_its_first_to_its_last_day() -> None:
    grant = Grant(Role.MANAGER, since=TODAY, until=TODAY + DAY)
    days = [TODAY + number * DAY for number in range(-1, 3)]
    assert [bool(in_force([grant], day)) for day in days] == [False, True, True, False]
    assert in_force([SEE], TODAY) == (SEE,)


def test_what_is_given_again_stays_as_it_was_given() -> None:
    there = Grant(Role.MANAGER, since=TODAY, giving=BEFORE)
    again = Grant(Role.MANAGER, since=TODAY, giving=LATER)
    longer = Grant(Role.MANAGER, until=TODAY, giving=LATER)
    assert with_grant([there], again) == (there,) == replaced([there], [again])
    assert with_grant([there, SEE], longer) == (SEE, longer)
    assert replaced([there, SEE], [longer]) == (longer,)


def test_a_seat_takes_no_right_away() -> None:
    seat = Grant(Role.COMMISSION, commissions=("BIO",), until=TODAY + DAY, giving=LATER)
    for kept in (None, TODAY + DAY, TODAY + 2 * DAY):
        there = Grant(Role.COMMISSION, commissions=("BIO",), until=kept, giving=BEFORE)
        assert beside([SEE, there], seat, TODAY) == (SEE, there)
    to_come = Grant(Role.COMMISSION, commissions=("BIO",), since=TODAY + DAY)
    shorter = Grant(Role.COMMISSION, commissions=("BIO",), until=TODAY)
    for there in (to_come, shorter, SEE):
        assert beside([there], seat, TODAY) == (there, seat)


LAST = Grant(Role.ADMIN, until=TODAY + DAY)
TO_COME = Grant(Role.ADMIN, since=TODAY + DAY)


@pytest.mark.parametrize(
    ("before", "after", "giver", "refused"),
    [
        ([ADMIN], [LAST], [], True),
        ([LAST], [Grant(Role.ADMIN, until=TODAY)], [], True),
        ([LAST], [ADMIN], [], False),
        ([LAST, TO_COME], [LAST], [], True),
        ([ADMIN], [LAST], [LAST], True),
        ([ADMIN], [TO_COME], [LAST], True),
        ([ADMIN], [LAST], [ADMIN], False),
        ([LAST], [SEE], [LAST], False),
        ([TO_COME], [SEE], [LAST], True),
        ([Grant(Role.ADMIN, until=TODAY - DAY)], [SEE], [], False),
    ],
)
def test_days_on_which_somebody_administers_go_only_where_another_does(
    before: list[Grant], after: list[Grant], giver: list[Grant], refused: bool
) -> None:
    there = account(*before)
    if not refused:
        assert give(there, after, giver=giver, expected=None, today=TODAY)[1]
        return
    with pytest.raises(RefusedError, match="own-administration"):
        give(there, after, giver=giver, expected=None, today=TODAY)
    with pytest.raises(RefusedError, match="own-administration"):
        dismiss(there, own=not giver, giver=giver, expected=None, today=TODAY)


@pytest.mark.parametrize(
    ("grant", "is_one"),
    [
        (ADMIN, True),
        (Grant(Role.ADMIN, since=TODAY, until=TODAY), True),
        (Grant(Role.ADMIN, until=TODAY - DAY), False),
        (Grant(Role.ADMIN, centres=("SEE",)), False),
        (Grant(Role.ADMIN, commissions=("BIO",)), False),
        (Grant(Role.REGISTRAR), False),
    ],
)
def test_who_gives_rights_is_an_admin_of_everything(grant: Grant, is_one: bool) -> None:
    assert administers([SEE, grant], TODAY) is is_one


@pytest.mark.parametrize(
    ("grant", "found"),
    [
        (Grant(Role.MANAGER, since=TODAY, until=TODAY), []),
        (Grant(Role.MANAGER, since=TODAY - DAY), [("grants.0.valid_from", "day-is-past")]),
        (Grant(Role.MANAGER, until=TODAY - DAY), [("grants.0.valid_until", "day-is-past")]),
        (
            Grant(Role.MANAGER, since=TODAY - DAY, until=TODAY - DAY),
            [("grants.0.valid_from", "day-is-past"), ("grants.0.valid_until", "day-is-past")],
        ),
        (Grant(Role.MANAGER, since=TODAY + DAY, until=TODAY), [("grants.0.valid_until", "before-its-beginning")]),
    ],
)
def test_days_are_not_past_and_in_order(grant: Grant, found: list[tuple[str, str]]) -> None:
    assert [(fault.field, fault.slug) for fault in grant_faults([], [grant], TODAY)] == found
    assert grant_faults([grant], [grant], TODAY) == [], "it stands there already"


def test_rights_are_no_more_than_a_session_bears() -> None:
    def long(characters: int) -> Grant:
        return Grant(Role.MANAGER, centres=("A" * characters,))

    around = len('[{"role":"manager","centres":[""]}]')
    most, past = long(MOST_BYTES - around), long(MOST_BYTES - around + 1)
    assert grant_faults([], [most], TODAY) == []
    for there in ([], [SEE]):
        (fault,) = grant_faults(there, [past], TODAY)
        assert (fault.field, fault.slug, fault.params) == ("grants", "too-many", {"max": 0})
    assert grant(account(SEE), (most,))[1]
    with pytest.raises(RefusedError, match="invalid-fields"):
        grant(account(SEE), (past,))
    person = Person("", "", "kim@univ.test", "fr")
    with pytest.raises(RefusedError, match="invalid-fields"):
        appoint(person, "K7P2M4QX", (past,), "token", now=NOW, good_for=DAY)
    assert grant_faults([past, SEE], [past], TODAY) == [], "of too many some are taken away"


def test_a_day_on_which_rights_began_may_be_past_and_one_right_is_given_once() -> None:
    began = Grant(Role.MANAGER, since=TODAY - DAY)
    assert grant_faults([began], [Grant(Role.SUPPORT, since=TODAY - DAY)], TODAY) == []
    (fault,) = grant_faults([SEE], [SEE, SEE], TODAY)
    assert (fault.field, fault.slug) == ("grants.1.role", "given-twice")


def test_other_rights_end_all_logins_and_the_same_in_another_order_end_none() -> None:
    there = account(ADMIN, SEE)
    same, nothing = give(there, [SEE, ADMIN], giver=(), expected=there.epoch, today=TODAY)
    assert (same, nothing) == (there, ())
    changed, events = give(there, [ADMIN], giver=(), expected=None, today=TODAY)
    assert (changed.grants, changed.epoch, len(events)) == ((ADMIN,), 1, 2)


def test_an_administrator_keeps_what_they_are_and_who_is_none_loses_nothing_by_it() -> None:
    with pytest.raises(RefusedError, match="own-administration"):
        give(account(ADMIN), [SEE], giver=(), expected=None, today=TODAY)
    with pytest.raises(RefusedError, match="own-administration"):
        dismiss(account(ADMIN), own=True, giver=(), expected=None, today=TODAY)
    assert give(account(ADMIN), [SEE], giver=[ADMIN], expected=None, today=TODAY)[0].grants == (SEE,)
    assert give(account(SEE), [Grant(Role.SUPPORT)], giver=(), expected=None, today=TODAY)[1]
    assert dismiss(account(ADMIN), own=False, giver=[ADMIN], expected=0, today=TODAY)[0].state is State.ERASED


def test_who_saw_other_rights_is_told_and_who_is_gone_is_not_found() -> None:
    with pytest.raises(RefusedError, match="stale-version"):
        give(account(SEE), [ADMIN], giver=[ADMIN], expected=1, today=TODAY)
    with pytest.raises(RefusedError, match="stale-version"):
        dismiss(account(SEE), own=False, giver=[ADMIN], expected=1, today=TODAY)
    gone = erase(account(SEE))[0]
    with pytest.raises(RefusedError, match="not-found"):
        give(gone, [ADMIN], giver=[ADMIN], expected=None, today=TODAY)


def test_a_right_that_begins_later_covers_one_that_begins_later_still() -> None:
    first, later = Grant(Role.MANAGER, since=TODAY + DAY), Grant(Role.MANAGER, since=TODAY + 2 * DAY)
    assert (first.covers(later, TODAY), later.covers(first, TODAY)) == (True, False)
