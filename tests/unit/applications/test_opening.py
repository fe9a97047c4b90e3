"""Opening an application and giving a draft up."""

from datetime import date

import pytest

from services.applications.domain.copies import ProfileCopy, ProgrammeCopy
from services.applications.domain.events import Cancelled, Opened, OpenedComplete
from services.applications.domain.opening import (
    Scope,
    cancel,
    check_opening,
    check_outside_dates,
    free_slot,
    open_application,
    open_complete,
    open_for,
    slots_of,
)
from services.applications.domain.states import FileState, PieceState, ProgrammeState
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import CLOSES, DEADLINE, OPENS, ZOE, card, draft, offer, on, requirement


@pytest.mark.parametrize(
    ("known", "missing"),
    [
        (None, ["identity", "address", "baccalaureate"]),
        (card(missing=("address", "baccalaureate")), ["address", "baccalaureate"]),
        (card(missing=("baccalaureate",)), ["baccalaureate"]),
    ],
)
def test_who_has_not_finished_the_profile_learns_the_missing_steps_in_order(
    known: ProfileCopy | None, missing: list[str]
) -> None:
    """Acceptance 23."""
    with pytest.raises(RefusedError, match="profile-incomplete") as refused:
        check_opening(known, offer(), on(OPENS))
    assert refused.value.members == {"missing": missing}


@pytest.mark.parametrize("day", [OPENS, date(2027, 2, 14), CLOSES])
def test_from_the_opening_day_to_the_last_day_one_may_apply(day: date) -> None:
    """Acceptance 39."""
    assert check_opening(card(), offer(), on(day)) == card()


@pytest.mark.parametrize(
    ("day", "members"),
    [
        (date(2027, 1, 9), {"reason": "not-yet-open", "opens_on": OPENS}),
        (date(2027, 4, 1), {"reason": "closed", "closes_on": CLOSES}),
    ],
)
def test_the_day_before_and_the_day_after_are_refused_with_their_reason(day: date, members: dict[str, object]) -> None:
    """Acceptance 38, 39."""
    with pytest.raises(RefusedError, match="programme-closed") as refused:
        check_opening(card(), offer(), on(day))
    assert refused.value.members == members


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        (offer(state=ProgrammeState.WITHDRAWN), "withdrawn"),
        (offer(offered=False), "not-offered"),
    ],
)
def test_a_programme_that_takes_nobody_is_closed_on_every_day(there: ProgrammeCopy, reason: str) -> None:
    with pytest.raises(RefusedError, match="programme-closed") as refused:
        check_opening(card(), there, on(OPENS))
    assert refused.value.members == {"reason": reason}


def test_an_account_applies_in_its_own_campaign_alone() -> None:
    """Acceptance 19."""
    with pytest.raises(RefusedError, match="programme-closed") as refused:
        check_opening(card(campaign="2026"), offer(), on(OPENS))
    assert refused.value.members == {"reason": "other-campaign"}


def test_a_new_application_waits_for_every_piece_and_keeps_the_days_of_the_programme() -> None:
    """Acceptance 42."""
    asked = (requirement("cv"), requirement("b2", conditional=True))
    application, domain_events = open_application(card(), offer(*asked), "zoe|2027|SEE|0", on(OPENS), ZOE)
    assert application.state is FileState.DRAFT
    assert [(piece.requirement, piece.state) for piece in application.pieces] == [
        (asked[0], PieceState.AWAITING),
        (asked[1], PieceState.AWAITING),
    ]
    assert application.submission_deadline == DEADLINE
    assert application.opened_at == on(OPENS).instant
    assert (application.account, application.file_number, application.campaign) == ("zoe", "AB12CD34", "2027")
    assert domain_events == (Opened(),)


def test_the_maximum_counts_by_centre_or_by_establishment() -> None:
    """Acceptance 41."""
    assert slots_of(card(), offer(centre="IUT"), Scope.CENTRE) == "zoe|2027|IUT|"
    assert slots_of(card(), offer(centre="IUT"), Scope.ESTABLISHMENT) == "zoe|2027|*|"


def test_the_twentieth_has_a_slot_and_the_twenty_first_has_none() -> None:
    """Acceptance 41."""
    there = [draft(slot=f"zoe|2027|SEE|{number}") for number in range(19)]
    assert free_slot(card(), offer(), there, 20, Scope.CENTRE) == "zoe|2027|SEE|19"
    with pytest.raises(RefusedError, match="too-many-applications") as refused:
        free_slot(card(), offer(), [*there, draft(slot="zoe|2027|SEE|19")], 20, Scope.CENTRE)
    assert refused.value.members == {"max": 20, "scope": "centre"}


def test_a_slot_given_back_is_used_again() -> None:
    there = [draft(slot=f"zoe|2027|SEE|{number}") for number in (0, 2)]
    assert free_slot(card(), offer(), there, 3, Scope.CENTRE) == "zoe|2027|SEE|1"


@pytest.mark.parametrize(
    ("centre", "scope", "slot"),
    [
        ("SEE", Scope.ESTABLISHMENT, None),
        ("SEE", Scope.CENTRE, None),
        ("IUT", Scope.ESTABLISHMENT, None),
        ("IUT", Scope.CENTRE, "zoe|2027|IUT|0"),
    ],
)
def test_what_was_opened_under_other_rules_counts(centre: str, scope: Scope, slot: str | None) -> None:
    """Acceptance 41: above a maximum that was lowered since, and when it was counted otherwise."""
    there = [draft(slot="zoe|2027|*|7"), draft(slot="zoe|2027|SEE|9")]
    if slot is None:
        with pytest.raises(RefusedError, match="too-many-applications"):
            free_slot(card(), offer(centre=centre), there, 2, scope)
    else:
        assert free_slot(card(), offer(centre=centre), there, 2, scope) == slot


def test_a_cancelled_draft_is_no_longer_active() -> None:
    """Acceptance 40, 45."""
    application, domain_events = cancel(draft(), on(date(2027, 2, 1)), ZOE)
    assert (application.state, application.is_active) == (FileState.CANCELLED, False)
    assert [milestone.state for milestone in application.history] == [FileState.DRAFT, FileState.CANCELLED]
    assert domain_events == (Cancelled(),)


def test_cancelling_twice_cancels_once() -> None:
    once, _ = cancel(draft(), on(date(2027, 2, 1)), ZOE)
    assert cancel(once, on(date(2027, 2, 2)), ZOE) == (once, ())


@pytest.mark.parametrize("state", [FileState.SUBMITTED, FileState.INCOMPLETE, FileState.COMPLETE])
def test_what_was_submitted_cannot_be_cancelled(state: FileState) -> None:
    with pytest.raises(RefusedError, match="wrong-state"):
        cancel(draft(state=state), on(date(2027, 2, 1)), ZOE)


KIM = Acting("staff:kim", "account:zoe")


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2027, 1, 9), date(2027, 4, 1), date(2028, 1, 1)])
def test_staff_open_on_whatever_day(day: date) -> None:
    """Acceptance 47: what may not be at all is refused before."""
    assert check_outside_dates(card(), offer()) == card()
    last = max(day, DEADLINE)
    opened, happened = open_for(card(), offer(), "slot", on(day), role=Role.MANAGER, by=KIM, until=last)
    assert (opened.state, opened.submission_deadline, happened) == (FileState.DRAFT, last, (Opened("staff"),))
    assert opened.opened_by_staff and not opened.was_made_complete
    complete, happened = open_complete(card(), offer(), "slot", on(day), role=Role.MANAGER, by=KIM)
    assert (complete.state, happened, complete.was_made_complete) == (FileState.COMPLETE, (OpenedComplete(),), True)
    assert not draft().opened_by_staff


@pytest.mark.parametrize(
    ("until", "day", "last"),
    [
        (None, DEADLINE, DEADLINE),
        (date(2027, 4, 14), date(2027, 4, 14), DEADLINE),
        (date(2027, 4, 16), date(2027, 4, 14), date(2027, 4, 16)),
        (date(2027, 4, 16), date(2027, 4, 16), date(2027, 4, 16)),
        (date(2028, 4, 16), date(2027, 4, 16), date(2028, 4, 16)),
        (None, date(2027, 4, 16), "required"),
        (date(2027, 4, 15), date(2027, 4, 16), "day-past"),
        (date(2028, 4, 17), date(2027, 4, 16), "day-too-far"),
    ],
)
def test_the_candidate_has_until_a_day_that_is_not_past(until: date | None, day: date, last: date | str) -> None:
    """Acceptance 47."""
    if isinstance(last, date):
        opened, _ = open_for(card(), offer(), "slot", on(day), role=Role.MANAGER, by=KIM, until=until)
        assert opened.submission_deadline == last
        return
    with pytest.raises(RefusedError, match="invalid-fields") as refused:
        open_for(card(), offer(), "slot", on(day), role=Role.MANAGER, by=KIM, until=until)
    assert [(each.field, each.slug) for each in refused.value.fields] == [("submission_deadline", last)]


def test_nobody_but_a_manager_opens_in_somebodys_place() -> None:
    """Acceptance 47, 92."""
    for role in set(Role) - {Role.MANAGER}:
        with pytest.raises(RefusedError, match="action-forbidden"):
            open_for(card(), offer(), "slot", on(OPENS), role=role, by=KIM, until=None)
        with pytest.raises(RefusedError, match="action-forbidden"):
            open_complete(card(), offer(), "slot", on(OPENS), role=role, by=KIM)


def test_for_staff_there_is_always_room() -> None:
    """Acceptance 41, 47."""
    active = [draft(slot=f"zoe|2027|SEE|{number}") for number in range(20)]
    with pytest.raises(RefusedError, match="too-many-applications"):
        free_slot(card(), offer(), active, 20, Scope.CENTRE)
    assert free_slot(card(), offer(), active, None, Scope.CENTRE) == "zoe|2027|SEE|20"
