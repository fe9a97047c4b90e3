"""Slowing down who guesses passwords, without ever locking anyone out for good (acceptance 15)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within a window; the next one waits until the oldest has left it."""

    failures: int
    window: timedelta


PER_ACCOUNT: Final = Limit(10, timedelta(minutes=5))
PER_ADDRESS: Final = Limit(100, timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Failures:
    """The instants of the latest failures, oldest first, as many as the limit counts."""

    at: tuple[datetime, ...] = ()

    def wait(self, limit: Limit, now: datetime) -> int:
        """Whole seconds until another attempt is let in; 0 if it may be made now."""
        within = self._within(limit, now)
        if len(within) < limit.failures:
            return 0
        return max(1, math.ceil((within[-limit.failures] + limit.window - now).total_seconds()))

    def and_one_more(self, limit: Limit, now: datetime) -> Failures:
        """With the failure of this moment."""
        return Failures((*self._within(limit, now), now)[-limit.failures :])

    def _within(self, limit: Limit, now: datetime) -> tuple[datetime, ...]:
        return tuple(moment for moment in self.at if now - moment < limit.window)
