"""When the suite is closed to candidates: spans as the institution writes them, and the windows that they come to.

A span is `HH:MM-HH:MM`, every day and over midnight where it ends earlier than it begins, or once,
`YYYY-MM-DDTHH:MM/YYYY-MM-DDTHH:MM`; both in the clock time of the institution's zone. A window holds its first instant and
not its last. Of an hour that there is twice the first is meant, and one that there is not is the hour after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

LONGEST: Final = timedelta(days=7)
"""Of a span that is there once."""
MOST_GRACE_DAYS: Final = 7
ANNOUNCED: Final = timedelta(days=7)
"""How long beforehand people are told."""

_DAILY: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_ONCE: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)/(\d{4}-\d\d-\d\dT\d\d:\d\d)", re.ASCII)
_DAY: Final = timedelta(days=1)
_BACK: Final = LONGEST.days + MOST_GRACE_DAYS + 1
"""How many days before today a window may begin that still matters."""
_AHEAD: Final = LONGEST.days + ANNOUNCED.days + 1


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when nobody applies."""

    begins: datetime
    ends: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is then."""
        return self.begins <= now < self.ends

    def seconds_left(self, now: datetime) -> int:
        """Until it ends, in whole seconds and at least one."""
        return max(1, -((now - self.ends) // timedelta(seconds=1)))


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day from one hour to another one, which is of the next day if it is the earlier one."""

    begins: time
    ends: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The clock times of the one that begins on a day."""
        last = day if self.begins < self.ends else day + _DAY
        return datetime.combine(day, self.begins), datetime.combine(last, self.ends)


_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 9000
"""At the ends of the calendar there is no other zone's day."""


@dataclass(frozen=True, slots=True)
class Once:
    """From one clock time to another one."""

    begins: datetime
    ends: datetime


def span(text: str) -> Daily | Once:
    """What such a text means; raises ValueError for any other, and for one that is empty or longer than LONGEST."""
    if daily := _DAILY.fullmatch(text):
        begins, ends = time(int(daily[1]), int(daily[2])), time(int(daily[3]), int(daily[4]))
        if begins == ends:
            raise ValueError("empty")
        return Daily(begins, ends)
    if once := _ONCE.fullmatch(text):
        first, last = datetime.fromisoformat(once[1]), datetime.fromisoformat(once[2])
        if first.year < _FIRST_YEAR or last.year > _LAST_YEAR:
            raise ValueError("not of this age")
        if not first < last <= first + LONGEST:
            raise ValueError("empty or too long")
        return Once(first, last)
    raise ValueError("not a span")


def closed(spans: tuple[str, ...], zone: ZoneInfo, now: datetime) -> Window | None:
    """The window that it is now."""
    return next((window for window in _near(spans, zone, now) if window.holds(now)), None)


def coming(spans: tuple[str, ...], zone: ZoneInfo, now: datetime) -> Window | None:
    """The window that it is now, else the next one if it is near enough to be announced."""
    following = (window for window in _near(spans, zone, now) if now < window.ends)
    return next((window for window in following if window.begins <= now + ANNOUNCED), None)


def outside(
    spans: tuple[str, ...], zone: ZoneInfo, begins: datetime, ends: datetime, least: timedelta
) -> tuple[datetime, datetime] | None:
    """A stop without what lies in a window at its beginning, and in one at its end; None where less than `least` is left."""
    at_first = closed(spans, zone, begins)
    first = begins if at_first is None else min(at_first.ends, ends)
    at_last = next((window for window in _near(spans, zone, ends) if window.begins < ends <= window.ends), None)
    last = ends if at_last is None else max(at_last.begins, first)
    return (first, last) if last - first >= least else None


def honoured_since(spans: tuple[str, ...], zone: ZoneInfo, now: datetime, grace_days: int) -> date:
    """The earliest last day that is not past now: today, or one whose end fell into a window that ended a short time ago.

    It is honoured on the day on which the window ends, which counts as the first of `grace_days`, and on those that follow.
    """
    today = now.astimezone(zone).date()
    earliest = today
    for window in _near(spans, zone, now) if grace_days else ():
        opens = window.ends.astimezone(zone).date()
        if today >= opens + grace_days * _DAY:
            continue
        day = max(window.begins.astimezone(zone).date(), today - _BACK * _DAY)
        while day < earliest:
            midnight = _instant(datetime.combine(day + _DAY, time()), zone)
            if window.begins < midnight <= window.ends:
                earliest = day
            day += _DAY
    return earliest


def _near(spans: tuple[str, ...], zone: ZoneInfo, now: datetime) -> tuple[Window, ...]:
    return _around(spans, zone, now.astimezone(zone).date()) if spans else ()


@lru_cache(maxsize=16)
def _around(spans: tuple[str, ...], zone: ZoneInfo, today: date) -> tuple[Window, ...]:
    """The windows about a day in their order; those that touch are one. A span of a newer release is passed over."""
    found = sorted(
        (_instant(first, zone), _instant(last, zone)) for text in spans for first, last in _clock_times(text, today)
    )
    windows: list[Window] = []
    for begins, ends in found:
        if ends <= begins:  # within an hour that there is not
            continue
        if windows and begins <= windows[-1].ends:
            windows[-1] = Window(windows[-1].begins, max(windows[-1].ends, ends))
        else:
            windows.append(Window(begins, ends))
    return tuple(windows)


def _clock_times(text: str, today: date) -> Iterator[tuple[datetime, datetime]]:
    try:
        meant = span(text)
    except ValueError:
        return
    match meant:
        case Daily():
            for days in range(-_BACK, _AHEAD + 1):
                yield meant.on(today + days * _DAY)
        case Once(begins, ends):
            yield begins, ends


def _instant(clock_time: datetime, zone: ZoneInfo) -> datetime:
    return clock_time.replace(tzinfo=zone).astimezone(UTC)
