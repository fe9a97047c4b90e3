"""Within one process, what is about one key goes one after the other, and what is about many keys goes round by key.

Claims of one unique value, events received: PostgreSQL, which FerretDB stands on, takes a second to find out that two such
writes wait for each other, and with many of them it does so again and again. The index decides all the same: other
processes take no turns here.

A crowd: who first takes the lock of whom the work is for, and then stands in a line that is for all, meets there no more
than so many of anybody else's, however many they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager


class KeyedLock:
    """Locks by key, each there only as long as somebody holds it or waits for it; first come, first served."""

    def __init__(self, at_once: int = 1) -> None:
        """`at_once` is how many may hold one key."""
        self._at_once = at_once
        self._locks: dict[Hashable, asyncio.Semaphore] = {}
        self._users: dict[Hashable, int] = {}

    @asynccontextmanager
    async def of(self, keys: Iterable[Hashable]) -> AsyncIterator[None]:
        """Hold all of `keys`, taken in one order by everybody."""
        async with AsyncExitStack() as stack:
            for key in sorted(set(keys), key=repr):
                await stack.enter_async_context(self._one(key))
            yield

    @asynccontextmanager
    async def _one(self, key: Hashable) -> AsyncIterator[None]:
        lock = self._locks.setdefault(key, asyncio.Semaphore(self._at_once))
        self._users[key] = self._users.get(key, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key], self._locks[key]
