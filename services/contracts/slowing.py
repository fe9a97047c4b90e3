"""So many times within a span of time: what slows down who guesses, whatever it is that they guess."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

Past = tuple[datetime, ...]
"""When what counts has come, the oldest first."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within a window; the next one waits until the oldest has left it."""

    times: int
    window: timedelta

    @property
    def kept(self) -> timedelta:
        """How long the past matters."""
        return self.window

    def wait(self, past: Past, now: datetime) -> int:
        """Whole seconds until one more is let in; 0 if it may come now."""
        within = self._within(past, now)
        if len(within) < self.times:
            return 0
        return max(1, math.ceil((within[-self.times] + self.window - now).total_seconds()))

    def counted(self, past: Past, now: datetime) -> Past:
        """The past with the one of this moment."""
        return (*self._within(past, now), now)[-self.times :]

    def _within(self, past: Past, now: datetime) -> Past:
        """What came within the window; and not what a clock noted that was ahead by more than that, and is right again."""
        return tuple(moment for moment in past if abs(now - moment) < self.window)
