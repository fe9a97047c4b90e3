"""Deadlines that are moved for all, a centre or a programme: the latest counts, and no move is past or without a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.contracts.refusals import RefusedError
from services.offers.domain.deadlines import (
    MAX_MOVES,
    REASON_LENGTH,
    Deadlines,
    Move,
    Reach,
    Scope,
    move,
    scope_of,
)
from services.offers.domain.events import DeadlinesMoved
from services.offers.domain.programmes import Programme
from tests.unit.offers.examples import content
from tests.unit.offers.test_campaigns import campaign

TODAY = date(2027, 4, 7)
SCOPES = {
    "all": Scope(),
    "its centre": Scope(Reach.CENTRE, "UPVD-SEE"),
    "itself": Scope(Reach.PROGRAMME, "M1"),
    "another centre": Scope(Reach.CENTRE, "UPVD-LSH"),
    "another programme": Scope(Reach.PROGRAMME, "M2"),
}


def wanted(scope: Scope = SCOPES["all"], day: date = date(2027, 4, 9), reason: str = "Panne du 7 avril") -> Move:
    return Move(scope, day, datetime(2027, 4, 7, 22, tzinfo=UTC), "staff:kim", reason)


def moved(*moves: Move) -> Deadlines:
    deadlines = Deadlines("2027-2028")
    for each in moves:
        deadlines, facts = move(deadlines, campaign(), each, TODAY)
        assert facts == (DeadlinesMoved(),)
    return deadlines


@pytest.mark.parametrize("whose", SCOPES)
def test_a_move_reaches_those_of_its_scope(whose: str) -> None:
    programme = Programme("M1", 1, content())
    day = date(2027, 4, 7) if whose.startswith("another") else date(2027, 4, 9)
    deadlines = moved(wanted(SCOPES[whose]))
    assert deadlines.of(programme) == day
    assert deadlines.applied(programme).content.calendar.submission_deadline == day


def test_the_latest_day_counts_and_a_programme_of_another_campaign_stays() -> None:
    deadlines = moved(wanted(day=date(2027, 4, 10)), wanted(SCOPES["itself"]), wanted(SCOPES["its centre"]))
    assert deadlines.of(Programme("M1", 1, content())) == date(2027, 4, 10)
    assert deadlines.of(Programme("M1", 1, content(campaign="2028-2029"))) == date(2027, 4, 7)


def test_the_last_word_on_a_scope_counts_and_twice_is_once() -> None:
    deadlines = moved(wanted(day=date(2027, 6, 9)), wanted(day=date(2027, 4, 9)))
    assert (deadlines.revision, [each.submission_deadline for each in deadlines.moves]) == (2, [date(2027, 4, 9)])
    assert move(deadlines, campaign(), wanted(), TODAY) == (deadlines, ())


@pytest.mark.parametrize(
    ("day", "reason", "slugs"),
    [
        (TODAY, "x" * REASON_LENGTH, []),
        (date(2027, 12, 31), "x", []),
        (date(2027, 4, 6), " ", ["required", "day-is-past"]),
        (date(2028, 1, 1), "x" * (REASON_LENGTH + 1), ["too-long", "after-the-campaign"]),
    ],
)
def test_a_day_is_not_past_nor_behind_the_campaign_and_has_a_reason(day: date, reason: str, slugs: list[str]) -> None:
    if not slugs:
        assert moved(wanted(day=day, reason=reason)).revision == 1
        return
    with pytest.raises(RefusedError) as refused:
        moved(wanted(day=day, reason=reason))
    assert [fault.slug for fault in refused.value.fields] == slugs


def test_so_many_scopes_and_no_more() -> None:
    full = Deadlines("2027-2028", 1, tuple(wanted(Scope(Reach.PROGRAMME, f"P{n}")) for n in range(MAX_MOVES)))
    assert move(full, campaign(), wanted(Scope(Reach.PROGRAMME, "P7"), date(2027, 5, 1)), TODAY)[1]
    with pytest.raises(RefusedError) as refused:
        move(full, campaign(), wanted(), TODAY)
    assert [(fault.field, fault.slug) for fault in refused.value.fields] == [("scope", "too-many")]


def test_codes_name_one_scope() -> None:
    assert [scope_of(None, None), scope_of("SEE", None), scope_of(None, "M1")] == [
        Scope(),
        Scope(Reach.CENTRE, "SEE"),
        Scope(Reach.PROGRAMME, "M1"),
    ]
    with pytest.raises(RefusedError):
        scope_of("SEE", "M1")
