"""Programmes come into the next campaign a year later, and what cannot is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.contracts.api.campaigns import MOST_ITEMS
from services.contracts.premises import Premises
from services.offers.domain.calendar import Calendar
from services.offers.domain.campaigns import Campaign
from services.offers.domain.programmes import Programme
from services.offers.domain.rollover import Rollover, Shift, carried, shifted
from services.offers.domain.states import ProgrammeState
from services.offers.domain.text import Text
from services.offers.views.rollovers import shown
from tests.unit.offers.examples import CONTENT

NEXT = Campaign("2028", Text("Année 2028"), date(2027, 11, 1), date(2028, 10, 31))


@pytest.mark.parametrize(
    ("day", "weekday", "date_"),
    [
        ("2027-02-01", "2028-01-31", "2028-02-01"),
        ("2027-03-31", "2028-03-29", "2028-03-31"),
        ("2028-02-28", "2029-02-26", "2029-02-28"),
        ("2028-02-29", "2029-02-27", "2029-02-28"),
        ("2095-02-28", "2096-02-27", "2096-02-28"),
        ("9998-12-31", "9999-12-30", "9999-12-31"),
        ("9999-01-01", "9999-01-01", "9999-01-01"),
    ],
)
def test_a_day_comes_a_year_later(day: str, weekday: str, date_: str) -> None:
    before = date.fromisoformat(day)
    assert [shifted(before, shift).isoformat() for shift in Shift] == [weekday, date_]
    assert before.year == 9999 or shifted(before, Shift.WEEKDAY).weekday() == before.weekday()


def test_all_but_campaign_and_days_stays() -> None:
    calendar = Calendar(date(2027, 2, 1), date(2027, 3, 31), date(2027, 4, 3), answer_delay_days=10)
    programme = Programme("M1", 4, replace(CONTENT, campaign="2027", calendar=calendar))
    found = carried(programme, NEXT, Shift.DATE)
    assert not found.faults
    assert replace(found.content, campaign="2027", calendar=calendar) == programme.content
    assert found.content.calendar == Calendar(
        date(2028, 2, 1), date(2028, 3, 31), date(2028, 4, 3), answer_delay_days=10
    )
    assert [(day.name, day.is_on_weekend) for day in found.days] == [
        ("opens_on", False),
        ("closes_on", False),
        ("submission_deadline", False),
    ]
    assert [day.is_on_weekend for day in carried(programme, NEXT, Shift.WEEKDAY).days] == [False, False, True]


def test_a_campaign_holds_its_first_and_last_day_and_none_beyond() -> None:
    def faults(opens_on: date, review_on: date) -> list[tuple[str, str]]:
        calendar = Calendar(opens_on, date(2027, 3, 31), date(2027, 4, 3), review_on=review_on, answer_delay_days=10)
        content = replace(CONTENT, campaign="2027", calendar=calendar)
        return [(each.field, each.slug) for each in carried(Programme("M1", 1, content), NEXT, Shift.DATE).faults]

    assert faults(date(2026, 11, 1), date(2027, 10, 31)) == []
    assert faults(date(2026, 10, 31), date(2027, 11, 1)) == [
        ("opens_on", "before-the-campaign"),
        ("review_on", "after-the-campaign"),
    ]


def test_what_staff_took_out_is_not_put_back() -> None:
    content = replace(
        CONTENT, calendar=Calendar(date(2027, 2, 1), date(2027, 3, 31), date(2027, 4, 3), answer_delay_days=9)
    )
    found = carried(Programme("M1", 1, content, ProgrammeState.WITHDRAWN), NEXT, Shift.DATE)
    assert [each.slug for each in found.faults] == ["withdrawn-programme"]


def test_so_many_of_each_result_are_named_and_all_are_counted() -> None:
    one = carried(Programme("M1", 1, CONTENT), NEXT, Shift.WEEKDAY)
    for many in (MOST_ITEMS, MOST_ITEMS + 1):
        found = Rollover(NEXT, NEXT, [one] * many, [one] * many, [one.programme] * many, Premises("", ""))
        view = shown(found, "fr", confirmed=None)
        assert (view.carried, view.refused, view.present, len(view.items)) == (many, many, many, 3 * MOST_ITEMS)
        assert view.weekends == 0
