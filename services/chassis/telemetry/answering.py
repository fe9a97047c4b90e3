"""What a process answers, counted minute by minute for each service: how much of it was a failure (ADR 110)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

MOST_MINUTES: Final = 120
"""Minutes that are kept until somebody has read them, the newest."""
MINUTE: Final = timedelta(minutes=1)
MOST_ASKERS: Final = 1000
"""Of a minute of one service that are told apart; those who come later are others to all of them."""


@dataclass(frozen=True, slots=True, order=True)
class Minute:
    """Of one service, from `at` for a minute: how many requests were answered, and how many of them by a failure.

    `asked_by_others` and `failed_for_others` are the same without whom most failures were answered to.
    """

    at: datetime
    service: str
    asked: int
    failed: int
    asked_by_others: int
    failed_for_others: int


@dataclass(slots=True)
class _Counts:
    """Of one minute of one service; who asked is a number that means nothing outside this process."""

    asked: int = 0
    failed: int = 0
    askers: dict[int, tuple[int, int]] = field(default_factory=dict)
    most: tuple[int, int] = (0, 0)
    """Of whom most failures were answered to, once the minute is over and askers are told apart no more."""

    def count(self, who: str, *, failed: bool) -> None:
        self.asked += 1
        self.failed += failed
        number = hash(who)
        if who and (number in self.askers or len(self.askers) < MOST_ASKERS):
            asked, failures = self.askers.get(number, (0, 0))
            self.askers[number] = asked + 1, failures + failed

    def close(self) -> None:
        """Hold whoever asked no longer: something is asked in a later minute, whether anybody has read this one or not."""
        self.most = self._most()
        self.askers = {}

    def minute(self, at: datetime, service: str) -> Minute:
        asked, failed = self._most()
        return Minute(at, service, self.asked, self.failed, self.asked - asked, self.failed - failed)

    def _most(self) -> tuple[int, int]:
        return max((self.most, *self.askers.values()), key=lambda each: (each[1], each[0]))


@dataclass(slots=True)
class Answered:
    """Counts; it holds some numbers for each minute and service, and nobody's data."""

    _counts: dict[datetime, dict[str, _Counts]] = field(default_factory=dict)

    def count(self, service: str, now: datetime, *, failed: bool, who: str = "") -> None:
        """One more that was answered; `who` is the account or the line that asked, empty where nothing tells."""
        minute = now.replace(second=0, microsecond=0)
        services = self._counts.get(minute)
        if services is None:
            # A request that is answered late is counted where it arrived: the minute that goes on stays open.
            for each in (each for at, before in self._counts.items() if at < minute for each in before.values()):
                each.close()
            services = self._counts[minute] = {}
            while len(self._counts) > MOST_MINUTES:
                del self._counts[min(self._counts)]
        if (counts := services.get(service)) is None:
            counts = services[service] = _Counts()
        counts.count(who, failed=failed)

    def over(self, now: datetime) -> list[Minute]:
        """The minutes that are over, the oldest first."""
        return sorted(
            counts.minute(at, service)
            for at, services in self._counts.items()
            if at + MINUTE <= now
            for service, counts in services.items()
        )

    def forget(self, minutes: Iterable[Minute]) -> None:
        """These were read, and what they tell is kept."""
        for each in minutes:
            self._counts.pop(each.at, None)
