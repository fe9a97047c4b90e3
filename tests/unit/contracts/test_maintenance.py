"""Windows of maintenance: over midnight, over the change of the clocks, at and one past each end (acceptance 95)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.contracts.maintenance import ANNOUNCED, LONGEST, Once, Window, closed, coming, honoured_since, span

PARIS = ZoneInfo("Europe/Paris")
NIGHT = ("22:45-06:00",)
SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("spans", "begins", "ends"),
    [
        (NIGHT, "2027-01-19T21:45", "2027-01-20T05:00"),
        (("08:00-09:30",), "2027-01-19T07:00", "2027-01-19T08:30"),
        (("2027-01-19T22:45/2027-01-21T06:00",), "2027-01-19T21:45", "2027-01-21T05:00"),
        # The night of summer time is an hour shorter, that of winter time an hour longer.
        (NIGHT, "2027-03-27T21:45", "2027-03-28T04:00"),
        (NIGHT, "2027-10-30T20:45", "2027-10-31T05:00"),
        # What begins in an hour that there is not begins after it; of an hour that there is twice the first is meant.
        (("02:30-05:00",), "2027-03-28T01:30", "2027-03-28T03:00"),
        (("01:00-02:30",), "2027-10-30T23:00", "2027-10-31T00:30"),
        # Two that touch are one, and so are two that overlap.
        (("22:00-23:00", "23:00-01:00"), "2027-01-19T21:00", "2027-01-20T00:00"),
        (("22:00-23:30", "23:00-01:00"), "2027-01-19T21:00", "2027-01-20T00:00"),
        (("2099 whenever a newer release says", *NIGHT), "2027-01-19T21:45", "2027-01-20T05:00"),
    ],
)
def test_a_window_holds_its_first_instant_and_not_its_last(spans: tuple[str, ...], begins: str, ends: str) -> None:
    window = Window(at(begins), at(ends))
    assert closed(spans, PARIS, window.begins) == window
    assert closed(spans, PARIS, window.ends - SECOND) == window
    assert closed(spans, PARIS, window.begins - SECOND) is None
    assert closed(spans, PARIS, window.ends) is None
    assert (window.seconds_left(window.ends - SECOND), window.seconds_left(window.ends - SECOND / 1000)) == (1, 1)
    assert window.seconds_left(window.ends - SECOND - SECOND / 1000) == 2


def test_what_lies_within_an_hour_that_there_is_not_is_no_window() -> None:
    day = at("2027-03-28T00:00")
    assert [closed(("02:30-03:15",), PARIS, day + each * timedelta(minutes=5)) for each in range(48)] == [None] * 48


def test_a_window_is_announced_a_week_before_and_until_it_ends() -> None:
    once = ("2027-01-19T22:45/2027-01-20T06:00",)
    window = Window(at("2027-01-19T21:45"), at("2027-01-20T05:00"))
    assert coming(once, PARIS, window.begins - ANNOUNCED) == window
    assert coming(once, PARIS, window.begins - ANNOUNCED - SECOND) is None
    assert coming(once, PARIS, window.ends - SECOND) == window
    assert coming(once, PARIS, window.ends) is None
    assert coming((), PARIS, window.begins) is None


@pytest.mark.parametrize(
    ("spans", "grace_days", "now", "since"),
    [
        (NIGHT, 1, "2027-01-19T22:59:59", "2027-01-18"),  # one second before midnight: that of the night before
        (NIGHT, 1, "2027-01-19T23:00:00", "2027-01-19"),
        (NIGHT, 1, "2027-01-20T22:59:59", "2027-01-19"),  # the last second of the day on which it opened
        (NIGHT, 1, "2027-01-20T23:00:00", "2027-01-20"),
        (NIGHT, 2, "2027-01-21T22:59:59", "2027-01-19"),
        (NIGHT, 0, "2027-01-20T05:00:00", "2027-01-20"),
        ((), 1, "2027-01-20T05:00:00", "2027-01-20"),
        (("08:00-09:30",), 1, "2027-01-20T05:00:00", "2027-01-20"),  # a day does not end in it
        (("22:45-00:00",), 1, "2027-01-20T05:00:00", "2027-01-19"),  # nor the evening be left, if it ends at midnight
        (("00:00-06:00",), 1, "2027-01-20T05:00:00", "2027-01-20"),  # the whole day was there
        (("2027-01-19T22:45/2027-01-22T06:00",), 1, "2027-01-22T05:00:00", "2027-01-19"),
        (("2027-01-19T22:45/2027-01-22T06:00",), 1, "2027-01-22T23:00:00", "2027-01-23"),
        (NIGHT, 1, "2027-03-28T21:59:59", "2027-03-27"),  # the day of summer time, whose evening is in it
        (NIGHT, 1, "2027-03-28T22:00:00", "2027-03-28"),
        (NIGHT, 1, "2027-10-31T22:59:59", "2027-10-30"),
        (NIGHT, 1, "2027-10-31T23:00:00", "2027-10-31"),
    ],
)
def test_a_last_day_that_ended_in_a_window_is_honoured_afterwards(
    spans: tuple[str, ...], grace_days: int, now: str, since: str
) -> None:
    assert honoured_since(spans, PARIS, at(now), grace_days) == date.fromisoformat(since)


@pytest.mark.parametrize(
    "text",
    [
        "22:45",
        "22:45-24:00",
        "22:45-22:45",
        " 22:45-06:00",
        "2027-01-19T22:45/2027-01-19T22:45",
        "2027-02-30T22:45/2027-03-01T06:00",
        "2027-01-20T06:00/2027-01-19T22:45",
        "0001-01-01T00:00/0001-01-02T00:00",
        "1999-12-31T00:00/2000-01-01T00:00",
        "9000-12-31T00:00/9001-01-01T00:00",
        "9999-12-30T00:00/9999-12-31T00:00",
    ],
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        span(text)


def test_a_span_is_of_seven_days_at_most() -> None:
    begins = datetime(2027, 1, 19, 22, 45)  # noqa: DTZ001 - clock time of whichever zone
    most = begins + LONGEST
    assert span(f"{begins:%Y-%m-%dT%H:%M}/{most:%Y-%m-%dT%H:%M}") == Once(begins, most)
    with pytest.raises(ValueError, match="too long"):
        span(f"{begins:%Y-%m-%dT%H:%M}/{most + timedelta(minutes=1):%Y-%m-%dT%H:%M}")
