"""Which last days an incident touched, and until when they count then; gaps between beats (ADR 110)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.applications.domain import incidents
from services.applications.domain.incidents import (
    AWAITED,
    LONGEST,
    MOST_HOURS,
    Incident,
    IncidentState,
    Source,
    awaited_days,
    declared,
    moved_days,
    moves_of,
    premises,
)
from services.applications.domain.model import Moment
from services.contracts.actors import Acting
from services.contracts.beats import Beat, Gap, Uptime, gap
from services.contracts.incidents import LONGEST_REASON
from services.contracts.maintenance import outside
from services.contracts.refusals import RefusedError
from services.contracts.refusals.applications import INCIDENT_CHANGED, INCIDENT_JUDGED

PARIS = ZoneInfo("Europe/Paris")
KIM = Acting("staff:kim")
SECOND = timedelta(seconds=1)


def local(day: int, hour: int, minute: int = 0, second: int = 0, *, month: int = 4) -> datetime:
    return datetime(2027, month, day, hour, minute, second, tzinfo=PARIS).astimezone(UTC)


def incident(begins: datetime, ends: datetime, *, near: int = 0, **other: Any) -> Incident:
    return replace(Incident(Source.STOPPED, "applications", begins, ends, timedelta(hours=near), ends), **other)


@pytest.mark.parametrize(
    ("begins", "ends", "near", "touched"),
    [
        (local(15, 22), local(16, 0), 0, [15]),  # up to the very midnight
        (local(15, 22), local(16, 0) - SECOND, 0, []),
        (local(16, 0), local(16, 2), 0, []),  # it was over when the incident began
        (local(16, 0) - SECOND, local(16, 2), 0, [15]),
        (local(15, 18), local(15, 20), 4, [15]),
        (local(15, 18), local(15, 20) - SECOND, 4, []),
        (local(15, 22), local(16, 2), 24, [15, 16]),
        (local(13, 10), local(16, 10), 0, [13, 14, 15]),
        # On the night to 28 March the clock leaps from 2 to 3: that day is over 23 hours after it began.
        (local(28, 0, month=3), local(28, 1, month=3), 22, [28]),
        (local(28, 0, month=3), local(28, 1, month=3), 21, []),
        (local(30, 23, month=10), local(31, 0, month=10), 25, [30, 31]),  # 25 hours long
        (local(30, 23, month=10), local(31, 0, month=10), 24, [30]),
    ],
)
def test_a_last_day_is_touched_that_ends_in_an_incident_or_shortly_after(
    begins: datetime, ends: datetime, near: int, touched: list[int]
) -> None:
    assert [day.day for day in incident(begins, ends, near=near).touches(PARIS)] == touched


@pytest.mark.parametrize(
    ("begins", "ends", "touched"),
    [
        (local(15, 23), local(16, 1), [15]),  # it has begun earlier, before a midnight
        (local(15, 23), local(16, 6), [15]),
        (local(16, 1), local(17, 0), [16]),
        (local(15, 23), local(17, 0), [15, 16]),
        (local(16, 4), local(16, 5), []),  # nothing that was not known
    ],
)
def test_an_incident_lasts_from_the_earliest_to_the_latest_that_is_known_until_somebody_judges_it(
    begins: datetime, ends: datetime, touched: list[int]
) -> None:
    there = incident(local(16, 0), local(16, 5))
    after = incidents.lasting(there, begins, ends)
    assert (after.begins, after.ends) == (min(begins, there.begins), max(ends, there.ends))
    assert [day.day for day in after.touches(PARIS)] == touched
    for state in (IncidentState.EXTENDED, IncidentState.DISMISSED):
        judged = replace(there, state=state)
        assert incidents.lasting(judged, begins, ends) is judged


@pytest.mark.parametrize(
    ("lasted", "least"),
    [(timedelta(seconds=1), 1), (timedelta(hours=1), 1), (timedelta(hours=1, seconds=1), 2), (timedelta(days=9), 168)],
)
def test_no_less_is_given_than_was_lost(lasted: timedelta, least: int) -> None:
    assert incident(local(15, 1), local(15, 1) + lasted).least_hours == least


@pytest.mark.parametrize(
    ("hours", "judged", "later"),
    [
        (22, local(16, 2), 16),
        (23, local(16, 2), 17),
        (4, local(18, 19, 59), 18),  # judged late: the hours count from then on
        (4, local(18, 20), 18),
        (4, local(18, 20, 0, 1), 19),
        (168, local(16, 2), 23),
    ],
)
def test_all_days_that_were_touched_are_moved_to_the_day_in_which_the_hours_end(
    hours: int, judged: datetime, later: int
) -> None:
    there = incident(local(14, 22), local(16, 2))
    assert moved_days(there, hours, judged, PARIS) == dict.fromkeys(
        (date(2027, 4, 14), date(2027, 4, 15)), date(2027, 4, later)
    )


def test_the_hours_of_the_night_to_summer_time_are_hours() -> None:
    there = incident(local(27, 20, month=3), local(28, 1, month=3))
    for hours, later in ((22, 28), (23, 29)):
        assert moved_days(there, hours, there.ends, PARIS) == {date(2027, 3, 27): date(2027, 3, later)}


def test_nothing_is_moved_twice_by_one_incident_and_what_it_moved_may_be_moved_by_the_next() -> None:
    extended: dict[str, Any] = {"state": IncidentState.EXTENDED, "hours": 4}
    first = incident(local(15, 22), local(16, 2), near=24, judged_at=local(16, 3), **extended)
    second = incident(local(17, 22), local(18, 2), judged_at=local(18, 3), **extended)
    assert [(day.day, later.day) for day, later in moves_of([first], PARIS)] == [(15, 17), (16, 17)]
    today = date(2027, 4, 18)
    moment = Moment(local(18, 12), today, today, prolonged=moves_of([second, first], PARIS))
    assert [moment.last(date(2027, 4, day)).day for day in (14, 15, 16, 17, 18)] == [14, 18, 18, 18, 18]
    assert [moment.is_past(date(2027, 4, day)) for day in (14, 15, 17, 18)] == [True, False, False, False]
    tomorrow = replace(moment, due=date(2027, 4, 19))
    assert all(tomorrow.is_past(date(2027, 4, day)) for day in (15, 16, 17, 18))


def test_timers_wait_for_somebody_to_judge_an_incident_and_not_for_ever() -> None:
    there = incident(local(15, 22), local(16, 2))
    day = frozenset({date(2027, 4, 15)})
    assert awaited_days([there], there.ends + AWAITED - SECOND, PARIS) == day
    assert awaited_days([there], there.ends + AWAITED, PARIS) == frozenset()
    judged = [replace(there, state=state) for state in (IncidentState.DISMISSED, IncidentState.EXTENDED)]
    assert awaited_days(judged, there.ends, PARIS) == frozenset()
    waiting = Moment(local(18, 12), date(2027, 4, 18), date(2027, 4, 18), unjudged=day)
    assert not waiting.is_past(date(2027, 4, 15))
    assert waiting.is_past(date(2027, 4, 16))


def test_an_incident_is_extended_once_by_what_the_preview_has_told() -> None:
    there, now = incident(local(15, 22), local(16, 2)), local(16, 9)
    digest = premises("i", 4, moved_days(there, 4, now, PARIS), ["M1"])
    for other in (
        premises("i", 5, moved_days(there, 4, now, PARIS), ["M1"]),
        premises("i", 4, moved_days(there, 4, now + timedelta(days=1), PARIS), ["M1"]),
        premises("i", 4, moved_days(there, 4, now, PARIS), ["M1", "M2"]),
        premises("j", 4, moved_days(there, 4, now, PARIS), ["M1"]),
    ):
        with pytest.raises(RefusedError) as refused:
            incidents.extend(there, 4, "Panne", other, digest, now=now, by=KIM)
        assert refused.value.slug == INCIDENT_CHANGED
    after = incidents.extend(there, 4, " Panne ", digest, digest, now=now, by=KIM)
    assert (after.state, after.hours, after.reason, after.judged_at) == ("extended", 4, "Panne", now)
    with pytest.raises(RefusedError) as again:
        incidents.extend(after, 9, "x", digest, digest, now=now, by=KIM)
    with pytest.raises(RefusedError) as dismissed:
        dismiss(after)
    assert again.value.slug == dismissed.value.slug == INCIDENT_JUDGED
    assert dismiss(dismiss(there)) == dismiss(there)


def dismiss(there: Incident) -> Incident:
    return incidents.dismiss(there, "Personne n’était gêné", now=there.ends, by=KIM)


@pytest.mark.parametrize(("hours", "fits"), [(3, False), (4, True), (MOST_HOURS, True), (MOST_HOURS + 1, False)])
def test_last_days_are_moved_by_what_was_lost_at_least(hours: int, fits: bool) -> None:
    there = incident(local(15, 22), local(16, 2))
    if fits:
        incidents.check_hours(there, hours)
    else:
        with pytest.raises(RefusedError):
            incidents.check_hours(there, hours)


NOW = local(20, 12)


@pytest.mark.parametrize(
    ("begins", "ends", "reason", "faults"),
    [
        (NOW - LONGEST, NOW, "x", []),
        (NOW - LONGEST - SECOND, NOW, "x" * LONGEST_REASON, ["incident-too-long"]),
        (NOW - SECOND, NOW + SECOND, "x", ["incident-not-over"]),
        (NOW, NOW, " ", ["required", "incident-empty"]),
        (NOW, NOW - SECOND, "x" * (LONGEST_REASON + 1), ["too-long", "incident-empty"]),
        (NOW - timedelta(days=61), NOW - timedelta(days=60), "x", []),
        (NOW - timedelta(days=61), NOW - timedelta(days=60) - SECOND, "x", ["incident-too-old"]),
    ],
)
def test_what_staff_declare_is_over_and_not_too_long(
    begins: datetime, ends: datetime, reason: str, faults: list[str]
) -> None:
    try:
        declared(begins, ends, reason, timedelta(), now=NOW, by=KIM)
        found: list[str] = []
    except RefusedError as refusal:
        found = [fault.slug for fault in refusal.fields]
    assert found == faults


def test_a_day_is_somebodys_also_where_they_keep_an_earlier_one_in_whose_place_it_counts() -> None:
    first, second, third, other = (date(2027, 4, day) for day in (1, 2, 3, 9))
    moves = ((first, second), (second, third), (date(2027, 4, 8), other))
    assert incidents.leading_to([third], moves) == {first, second, third}
    assert incidents.leading_to([first], moves) == {first}
    assert incidents.leading_to([], moves) == frozenset()


def test_why_is_kept_as_it_can_be_read_wherever_it_was_typed() -> None:
    """A command's argument goes by no model of requests; a terminal lets through what a page does not."""
    said = "\u202ePanne\x1b[2J de\r\ncourant\u200b "
    kept = "Panne [2J de\ncourant"
    of = declared(NOW - SECOND, NOW, said, timedelta(), now=NOW, by=KIM)
    extended = incidents.extend(of, MOST_HOURS, said, "same", "same", now=NOW, by=KIM)
    dismissed = incidents.dismiss(of, said, now=NOW, by=KIM)
    assert {of.reason, extended.reason, dismissed.reason} == {kept}
    for nothing in ("\u200b \x00", ""):
        with pytest.raises(RefusedError, match="invalid-fields"):
            incidents.dismiss(of, nothing, now=NOW, by=KIM)


LEAST = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("boot", "ran", "passed", "found"),
    [
        ("a", 600, 600, True),  # stopped, or put to sleep
        ("a", 599, 599, False),
        ("a", 20, 86_400, False),  # the clock leapt ahead while the machine ran
        ("a", 20, -86_400, False),
        ("a", 600, -3_000, True),  # stopped, and the clock was put right meanwhile
        ("b", -500, 600, True),  # a power cut: there is the clock alone
        ("b", -500, 599, False),
        ("b", 5, -600, False),
    ],
)
def test_a_gap_is_what_the_machine_says_and_not_the_clock(boot: str, ran: int, passed: int, found: bool) -> None:
    last = Beat(local(15, 22), Uptime("a", timedelta(seconds=1000)))
    now = Beat(last.at + timedelta(seconds=passed), Uptime(boot, timedelta(seconds=1000 + ran)))
    lasted = timedelta(seconds=ran if boot == "a" else passed)
    assert gap(last, now, LEAST) == (Gap(now.at - lasted, now.at) if found else None)


NIGHT = ("22:45-06:00",)


@pytest.mark.parametrize(
    ("windows", "begins", "ends", "left"),
    [
        (NIGHT, local(15, 22, 45), local(16, 6), None),
        (NIGHT, local(15, 23), local(16, 6, 9, 59), None),  # as long as what is felt begins behind it
        (NIGHT, local(15, 23), local(16, 6, 10), (local(16, 6), local(16, 6, 10))),
        (NIGHT, local(15, 22, 35, 1), local(16, 5), None),
        (NIGHT, local(15, 22, 35), local(16, 5), (local(15, 22, 35), local(15, 22, 45))),
        (NIGHT, local(15, 22), local(16, 7), (local(15, 22), local(16, 7))),  # none of its ends was planned
        (NIGHT, local(15, 23), local(18, 5), (local(16, 6), local(17, 22, 45))),
        (NIGHT, local(10, 23), local(30, 7), (local(11, 6), local(30, 7))),
        ((), local(15, 23), local(16, 5), (local(15, 23), local(16, 5))),
        (("22:00-00:00", "00:00-06:00"), local(15, 22), local(16, 6), None),
        (("2027-04-15T22:00/2027-04-17T06:00",), local(15, 23), local(17, 7), (local(17, 6), local(17, 7))),
        # The night of summer time is an hour shorter, that of winter time an hour longer.
        (NIGHT, local(27, 23, month=3), local(28, 6, month=3), None),
        (NIGHT, local(27, 23, month=3), local(28, 7, month=3), (local(28, 6, month=3), local(28, 7, month=3))),
        (NIGHT, local(30, 23, month=10), local(31, 6, month=10), None),
        (NIGHT, local(30, 23, month=10), local(31, 7, month=10), (local(31, 6, month=10), local(31, 7, month=10))),
    ],
)
def test_a_stop_in_a_window_of_maintenance_was_told_of_beforehand(
    windows: tuple[str, ...], begins: datetime, ends: datetime, left: tuple[datetime, datetime] | None
) -> None:
    assert outside(windows, PARIS, begins, ends, LEAST) == left
