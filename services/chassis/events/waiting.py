"""Waiting until events are applied here: so that one reads what one has written (ADR 8)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Final

from services.chassis.events.received import INBOX
from services.chassis.ports import Store
from services.contracts.backoff import Backoff

LOOKS: Final = Backoff(timedelta(milliseconds=10), timedelta(milliseconds=250))


class AppliedEvents:
    """Which events of one inbox are applied, and who waits for that."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, asyncio.Event] = {}

    def came(self, id: str) -> None:
        """Let go on who waits for this event."""
        if (waiting := self._waiting.get(id)) is not None:
            waiting.set()

    async def wait(self, ids: Iterable[str], seconds: float) -> bool:
        """Wait until all these events are applied here; False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                for id in ids:
                    await self._wait_one(id)
        except TimeoutError:
            return False
        return True

    async def _wait_one(self, id: str) -> None:
        waiting = self._waiting.setdefault(id, asyncio.Event())
        try:
            for looks in count(1):
                row = await self._store.get(INBOX.name, id)
                if row is not None and row.get("state") in ("done", "skipped"):
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOKS.after(looks).total_seconds()):
                        await waiting.wait()
        finally:
            self._waiting.pop(id, None)
