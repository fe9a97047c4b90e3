"""Trying again: pauses between the tries of a work that goes on until it succeeds or is cancelled."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Final

from services.contracts.backoff import Backoff

AWAY: Final = Backoff(timedelta(seconds=0.1), timedelta(seconds=5))
"""While a server does not answer."""
_CHANCE: Final = secrets.SystemRandom()


class Retries:
    """Failures in a row, and the pause after each.

    Up to half of a pause is left to chance: processes that failed together shall not all come again together.
    """

    def __init__(self, backoff: Backoff = AWAY) -> None:
        self._backoff = backoff
        self.failures = 0

    def succeeded(self) -> None:
        """The next failure is the first again."""
        self.failures = 0

    def failed(self) -> float:
        """Count a failure; how many seconds to wait."""
        self.failures += 1
        return self._backoff.after(self.failures).total_seconds() * _CHANCE.uniform(0.5, 1)

    async def pause(self) -> None:
        """Count a failure, and wait."""
        await asyncio.sleep(self.failed())
