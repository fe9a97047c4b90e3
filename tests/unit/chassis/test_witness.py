"""How far a clock is believed that stops, leaps and is put right (acceptance 102)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.events.witness import LEAP, SETTLED, Seen, look

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def seen(*moments: timedelta) -> Seen:
    """What is known after looks at these moments, the first at noon."""
    known = look(None, NOON)
    for moment in moments:
        known = look(known, NOON + moment)
    return known


@pytest.mark.parametrize(("passed", "is_believed"), [(LEAP, True), (LEAP + MILLISECOND, False)])
def test_what_passes_between_two_looks_is_believed_up_to_an_hour(passed: timedelta, is_believed: bool) -> None:
    assert seen(passed).until == (NOON + passed if is_believed else NOON)


@pytest.mark.parametrize(("stands", "is_believed"), [(SETTLED - MILLISECOND, False), (SETTLED, True)])
def test_a_leap_is_believed_when_the_clock_has_stood_by_it_for_a_day(stands: timedelta, is_believed: bool) -> None:
    leapt = timedelta(days=8)
    looks = [leapt + timedelta(minutes=minute) for minute in range(0, 24 * 60, 30)]
    known = seen(*looks, leapt + stands)
    assert known.until == (NOON + leapt + stands if is_believed else NOON)


def test_a_leap_that_is_put_right_is_forgotten() -> None:
    right = timedelta(hours=1, minutes=30)
    known = seen(timedelta(hours=1), timedelta(days=8), timedelta(days=8, hours=1), right)
    assert known == Seen(NOON + right, None, NOON + right)


def test_a_clock_that_was_believed_wrongly_is_not_any_more_when_it_is_put_right() -> None:
    assert seen(timedelta(minutes=50), timedelta(minutes=5)).until == NOON + timedelta(minutes=5)


def test_clocks_of_two_machines_that_differ_a_little_are_no_leap() -> None:
    assert seen(timedelta(minutes=1), timedelta(seconds=1)).leapt is None


def test_a_suite_that_is_off_every_night_lags_behind_by_a_day_and_no_more() -> None:
    known = look(None, NOON)
    for day in range(10):
        for hour in range(8, 18):
            known = look(known, NOON.replace(hour=hour) + timedelta(days=day + 1))
    assert known.until >= known.last - timedelta(days=1, hours=15)


def test_one_machine_of_two_whose_clock_is_ahead_makes_nobody_believe_it() -> None:
    known = look(None, NOON)
    for minute in range(0, 3 * 24 * 60, 10):
        right = NOON + timedelta(minutes=minute)
        known = look(look(known, right), right + timedelta(days=8))
        assert known.until <= right
