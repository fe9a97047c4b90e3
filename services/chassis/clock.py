"""Clocks: the system's, and those by which a campaign is rehearsed; and for how long a machine has run."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

SKEW: Final = timedelta(minutes=1)
"""By so much the clocks of several machines may differ."""


def beyond(now: datetime, pause: timedelta) -> datetime:
    """The instant behind which nothing is due that waits for `pause` at most, but by a clock that was ahead."""
    return now + pause + SKEW


class ShiftedClock:
    """The system's clock plus a fixed shift, cut to the millisecond; whoever shifts it means what it shows."""

    def __init__(self, shift: timedelta = timedelta()) -> None:
        """Raises OverflowError where it would show no time."""
        self._shift = shift
        self.by_hand = bool(shift)
        self.now()

    def now(self) -> datetime:
        """The present instant, shifted."""
        return _cut(datetime.now(UTC) + self._shift)


class FileClock:
    """A clock that a rehearsal moves, by writing into a file the instant that it is to show from that moment on.

    What is written there badly is passed over: the clock goes on as it went.
    """

    by_hand = True

    def __init__(self, path: Path) -> None:
        """Raises OSError and ValueError for a file that says no instant."""
        self._path = path
        self._written = 0
        self._shift = timedelta()
        self._told = False
        self._read()

    def now(self) -> datetime:
        """The instant that was written last, and what has passed since."""
        try:
            self._read()
            self._told = False
        except (OSError, ValueError, OverflowError) as error:
            if not self._told:
                log.warning("clock.unreadable", error=type(error).__name__)
            self._told = True
        return _cut(datetime.now(UTC) + self._shift)

    def _read(self) -> None:
        written = self._path.stat().st_mtime_ns
        if written == self._written:
            return
        moment = datetime.fromisoformat(self._path.read_text(encoding="ascii").strip())
        if moment.tzinfo is None:
            raise ValueError("an instant without an offset from UTC")
        shift = moment - datetime.fromtimestamp(written / 1e9, UTC)
        _cut(datetime.now(UTC) + shift)
        self._written, self._shift = written, shift


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


def uptime() -> tuple[str, float]:
    """A name of the machine's last start, and the seconds since, also of those that it slept; no clock changes them.

    Where a machine does not say so it is a name of this process, and time that passed in it.
    """
    if (boot := _boot()) and hasattr(time, "CLOCK_BOOTTIME"):
        return boot, time.clock_gettime(time.CLOCK_BOOTTIME)
    return _PROCESS, time.monotonic()


_PROCESS: Final = uuid.uuid4().hex


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _cut(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
