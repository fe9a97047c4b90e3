"""How long to wait before what has failed is tried again: the one place where that is reckoned (docs/adr/0048)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that grow: `first`, then `factor` times as long each time, up to `longest`."""

    first: timedelta
    longest: timedelta
    factor: int = 2

    def after(self, failures: int) -> timedelta:
        """The pause after so many failures in a row, from 1."""
        pause = self.first
        for _ in range(failures - 1):
            if not timedelta() < pause < self.longest:
                break
            pause *= self.factor
        return min(pause, self.longest)
