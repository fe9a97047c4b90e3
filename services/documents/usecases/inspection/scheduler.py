"""Whose file is looked into next: one of each person's, quick ones past slow ones."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from services.chassis.keyed_lock import KeyedLock
from services.contracts.refusals import BUSY

RETRY_SECONDS: Final = 5
SLOW_FOR: Final = 600.0
"""Seconds for which somebody whose file was not looked into quickly waits among the slow ones from the start."""
REMEMBERED: Final = 1024


class Scheduler:
    """Turns of an inspection: so many at once, one of each person's, the others in line.

    Every file gets a quick turn first. What is not done by then waits for a slow turn, of which there is one less than
    turns at all: however many people send files that take long, the others' pass by. Who waits longer than
    `queue_seconds` for a turn is refused with BUSY. How many wait is bounded by the places for uploads.
    """

    def __init__(self, at_once: int, queue_seconds: float) -> None:
        self._queue_seconds = queue_seconds
        self._all = asyncio.Semaphore(at_once)
        self._slow = asyncio.Semaphore(max(1, at_once - 1))
        self._persons = KeyedLock()
        self._slow_until: OrderedDict[str, float] = OrderedDict()

    @asynccontextmanager
    async def own(self, name: str) -> AsyncIterator[None]:
        """This person's one turn among their own files."""
        async with self._waiting(self._persons.of([name])):
            yield

    @asynccontextmanager
    async def quick(self) -> AsyncIterator[None]:
        """A turn for what is soon done."""
        async with self._waiting(self._all):
            yield

    @asynccontextmanager
    async def slow(self) -> AsyncIterator[None]:
        """A turn for what was not."""
        async with self._waiting(self._slow), self._waiting(self._all):
            yield

    def is_slow(self, name: str) -> bool:
        """Whether this person's file was not done in a quick turn of late."""
        return self._slow_until.get(name, 0.0) > asyncio.get_running_loop().time()

    def call_slow(self, name: str) -> None:
        """Remember that this person's file was not done in a quick turn."""
        self._slow_until[name] = asyncio.get_running_loop().time() + SLOW_FOR
        self._slow_until.move_to_end(name)
        if len(self._slow_until) > REMEMBERED:
            self._slow_until.popitem(last=False)

    @asynccontextmanager
    async def _waiting(self, turn: AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._queue_seconds):
                    await held.enter_async_context(turn)
            except TimeoutError:
                raise BUSY(retry_after=RETRY_SECONDS) from None
            yield
