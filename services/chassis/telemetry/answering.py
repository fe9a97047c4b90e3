"""What a process answers, counted minute by minute for each service: how much of it was a failure (ADR 110)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

MOST_MINUTES: Final = 120
"""Minutes that are kept until somebody has read them, the newest."""
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True)
class Minute:
    """Of one service, from `at` for a minute: how many requests were answered, and how many of them by a failure."""

    at: datetime
    service: str
    asked: int
    failed: int


@dataclass(slots=True)
class Answered:
    """Counts; it holds some numbers for each minute and service, and nobody's data."""

    _counts: dict[datetime, dict[str, list[int]]] = field(default_factory=dict)

    def count(self, service: str, now: datetime, *, failed: bool) -> None:
        """One more that was answered."""
        minute = now.replace(second=0, microsecond=0)
        services = self._counts.get(minute)
        if services is None:
            services = self._counts[minute] = {}
            while len(self._counts) > MOST_MINUTES:
                del self._counts[min(self._counts)]
        counts = services.setdefault(service, [0, 0])
        counts[0] += 1
        counts[1] += failed

    def over(self, now: datetime) -> list[Minute]:
        """The minutes that are over, the oldest first."""
        return sorted(
            Minute(at, service, asked, failed)
            for at, services in self._counts.items()
            if at + MINUTE <= now
            for service, (asked, failed) in services.items()
        )

    def forget(self, minutes: Iterable[Minute]) -> None:
        """These were read, and what they tell is kept."""
        for each in minutes:
            self._counts.pop(each.at, None)
