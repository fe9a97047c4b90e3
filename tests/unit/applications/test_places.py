"""Who is promoted until when, what is known of the places of a programme, and who may be offered one by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain import conditions, decisions, places
from services.applications.domain.condition_states import ConditionState
from services.applications.domain.conditioned import Condition
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.events import Decided, PassedOver
from services.applications.domain.model import Application
from services.applications.domain.places import First, Occupancy, Places, Promotion
from services.applications.domain.states import DecisionKind, FileState, PieceState
from services.applications.domain.waiting import Passed, pass_over
from services.contracts.actors import Acting, Role
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import file_with, offer, on

START = date(2027, 5, 3)
KIM = Acting("staff:kim")
SERVICE = Acting("service:applications")
LEAST = 7
LIST_DAY, DAY = START + timedelta(days=30), START + timedelta(days=40)


@pytest.mark.parametrize(
    ("of_list", "of_programme", "day"),
    [
        ((LIST_DAY, None), (DAY, None), LIST_DAY),
        ((None, 20), (DAY, None), START + timedelta(days=20)),
        ((None, None), (DAY, None), DAY),
        ((None, None), (None, 14), START + timedelta(days=14)),
        ((None, None), (None, None), START + timedelta(days=LEAST)),
        ((START - timedelta(days=1), None), (DAY, None), START + timedelta(days=LEAST)),
        ((START + timedelta(days=LEAST), None), (DAY, None), START + timedelta(days=LEAST)),
        ((None, LEAST - 1), (DAY, None), START + timedelta(days=LEAST)),
    ],
)
def test_who_is_promoted_has_time_to_answer(
    of_list: tuple[date | None, int | None], of_programme: tuple[date | None, int | None], day: date
) -> None:
    """Acceptance 89: by the list's own terms, else the programme's; never in the past, and some days at least."""
    programme = replace(offer().programme, answer_deadline=of_programme[0], answer_delay_days=of_programme[1])
    said = replace(offer(), programme=programme, list_deadline=of_list[0], list_delay_days=of_list[1])
    assert places.answer_day(said, on(START), LEAST) == day


def test_no_more_people_are_forgotten_at_once_than_can_be_noted() -> None:
    """And what is noted twice is noted once; a place is free when the application is gone, and not before."""
    noted = Places("2027", "M1-MER")
    for number in range(places.MOST_LEAVING):
        noted = places.leaving(noted, f"a{number}")
    assert places.leaving(noted, "a0") == noted and noted.freed == 0
    with pytest.raises(RefusedError, match="busy"):
        places.leaving(noted, "one-more")
    gone = places.gone(noted, "a0")
    assert (gone.freed, len(gone.leaving)) == (1, places.MOST_LEAVING - 1)
    assert places.gone(gone, "a0") == gone


def test_of_two_capacities_the_one_told_later_counts() -> None:
    known = places.capacity_told(Places("2027", "M1-MER", capacity=2, told=3), 5, 4)
    assert (known.capacity, known.freed) == (5, 3)
    assert places.capacity_told(known, 9, 4) == known
    assert places.stands(known, replace(offer(), places=2), 3, 0, None, is_closed=False).capacity == 5
    assert places.stands(known, replace(offer(), places=7), 4, 0, None, is_closed=False).capacity == 7
    assert places.capacity_told(known, 1, 5).freed == places.capacity_told(known, None, 5).freed == 3


@pytest.mark.parametrize(
    ("stands", "until", "slug"),
    [
        (Occupancy(2, 2, First("a1", "d1")), None, "no-free-place"),
        (Occupancy(2, 1, None), None, "nobody-waits"),
        (Occupancy(2, 1, First("a2", "d1")), None, "next-changed"),
        (Occupancy(2, 1, First("a1", "d1")), START - timedelta(days=1), "promotions-over"),
        (Occupancy(2, 1, First("a1", "d1")), START, None),
        (Occupancy(None, 9, First("a1", "d1")), None, None),
    ],
)
def test_staff_offer_a_place_to_who_is_next_and_to_nobody_else(
    stands: Occupancy, until: date | None, slug: str | None
) -> None:
    def offered() -> Places:
        known = Places("2027", "M1-MER", until=until)
        return places.offer_by_hand(known, stands, on(START), id="d9", by=KIM, application="a1")

    if slug is None:
        assert offered().promotion == Promotion("d9", "a1", "d1", KIM, by_hand=True)
        return
    with pytest.raises(RefusedError, match=slug):
        offered()


def test_a_note_of_another_decision_is_not_meant() -> None:
    """Who waits anew is noted anew: what somebody who was overtaken does is nothing."""
    meant = Promotion("d9", "a1", "d2", SERVICE)
    for promoted, note in ((False, replace(meant, waits_by="d1")), (True, meant)):
        after, happened = places.promote(waiting(), note, offer(), on(START), least_days=LEAST)
        assert (bool(happened), after.promotion == "d9") == (promoted, promoted)
    assert not Places("2027", "M1-MER", promotion=meant).is_settled


def waiting(**said: Any) -> Application:
    entered = EnteredDecision("d2", DecisionKind.RANKED_WAITLIST, on(START).instant, KIM, rank=1, **said)
    file = file_with(FileState.COMPLETE, PieceState.VALIDATED)
    return decisions.validate(file, entered, "d2", None, on(START), role=Role.MANAGER, by=KIM, two_persons=False)[0]


def test_a_promotion_bears_the_conditions_by_which_one_waited_and_none_is_to_be_met_before_it_is_answered() -> None:
    """And they are followed from then on, as those of any other admission."""
    answered_by, said = START + timedelta(days=LEAST), replace(offer(), list_deadline=START)
    days = (None, START + timedelta(days=1), answered_by, answered_by + timedelta(days=1))
    under = tuple(Condition({"fr": f"{day}"}, day) for day in days)
    file, happened = places.promote(
        waiting(conditions=under), Promotion("d9", "a1", "d2", SERVICE), said, on(START), least_days=LEAST
    )
    assert file.decision is not None and file.decision.answer_deadline == answered_by
    assert [each.until for each in file.decision.entered.conditions] == [None, answered_by, answered_by, days[3]]
    assert [each.label for each in file.decision.entered.conditions] == [each.label for each in under]
    assert [each.state for each in file.decision.followed] == [ConditionState.OPEN] * 4
    assert (conditions.standing(file), conditions.is_final(file)) == (ConditionState.OPEN, False)
    assert happened == (Decided(file.decision, because="rank"),)


def test_of_whom_a_place_goes_by_is_said_once_for_each_time_that_their_account_is_closed() -> None:
    """And only where there is a place, whoever waits behind them."""
    since = on(START).instant
    passed, file = Passed("a1", "d2", since), waiting()
    for room, until, said in (
        (Occupancy(2, 1, First("a2", "d3")), None, True),
        (Occupancy(2, 1, None), None, True),
        (Occupancy(2, 2, First("a2", "d3")), None, False),
        (Occupancy(2, 1, First("a2", "d3"), is_open=False), None, False),
        (Occupancy(2, 1, First("a2", "d3")), START - timedelta(days=1), False),
    ):
        known = Places("2027", "M1-MER", until=until)
        assert bool(places.passes_over(known, replace(room, passed=(passed,)), on(START))) is said
    after, happened = pass_over(file, passed)
    assert happened == (PassedOver(),)
    assert pass_over(after, passed) == (after, ())
    again = replace(passed, since=since + timedelta(days=1))
    assert pass_over(after, again)[1] == (PassedOver(),)
    assert pass_over(after, replace(again, decision="d1")) == (after, ()), "by another decision they are not meant"


def test_a_place_that_was_taken_away_is_offered_once_and_what_becomes_free_otherwise_goes_first() -> None:
    """Each is counted for itself: by who may be next in it (ADR 75)."""
    room = Occupancy(2, 0, First("p", "p-1"))
    places_now = places.place_taken_away(places.place_freed(Places("2027", "M1-MER")))
    noted = []
    for number in range(2):
        places_now = places.offer_next(places_now, room, on(START), id=f"n{number}", by=SERVICE, automatic=True)
        assert places_now.promotion is not None
        noted.append(places_now.promotion.taken_away)
        places_now = places.carried_out(places_now, places_now.promotion, promoted=True)
    assert (noted, places_now.is_settled) == ([False, True], True)
    nobody = replace(room, first=None)
    alone = places.place_taken_away(Places("2027", "M1-MER"))
    assert not alone.is_settled
    assert places.offer_next(alone, nobody, on(START), id="n", by=SERVICE, automatic=True).is_settled
