"""Clocks: the system's, and one shifted by whole seconds to rehearse a campaign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from services.chassis.ports import Clock

SKEW: Final = timedelta(minutes=1)
"""By so much the clocks of several machines may differ."""


def beyond(now: datetime, pause: timedelta) -> datetime:
    """The instant behind which nothing is due that waits for `pause` at most, but by a clock that was ahead."""
    return now + pause + SKEW


class ShiftedClock:
    """The system's clock plus a fixed shift, cut to the millisecond."""

    by_hand = False

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self._shift = shift

    def now(self) -> datetime:
        """The present instant, shifted."""
        moment = datetime.now(UTC) + self._shift
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class FixedClock:
    """A clock that stands still until it is moved; for tests and rehearsals."""

    def __init__(self, moment: datetime, *, by_hand: bool = True) -> None:
        """Not `by_hand`, it is one of a machine, which may leap."""
        self.moment = moment
        self.by_hand = by_hand

    def now(self) -> datetime:
        """The instant at which the clock stands."""
        return self.moment

    def advance(self, **parts: float) -> None:
        """Move on by `timedelta(**parts)`."""
        self.moment += timedelta(**parts)


def open_clock(url: str) -> Clock:
    """Make the clock that `system:` or `offset:+SECONDS` names; raises ValueError."""
    scheme, _, rest = url.partition(":")
    if scheme == "system" and not rest:
        return ShiftedClock()
    if scheme == "offset":
        return ShiftedClock(timedelta(seconds=int(rest)))
    raise ValueError(f"not a clock: {scheme}:")
