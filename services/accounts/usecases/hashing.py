"""Passwords hashed by argon2id in a few threads; who comes when too many wait is sent away at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from services.chassis.clients import Client
from services.chassis.http.places import Places, network
from services.chassis.telemetry import metrics

T = TypeVar("T")

THREADS: Final = 2
MAX_WAITING: Final = 64
"""Who may wait for a thread; at some 30 ms each the last of them waits a second."""


class Hasher:
    """argon2id with 19 MiB, two passes, one lane (OWASP's least, and the suite's figure)."""

    def __init__(self) -> None:
        self._argon = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._free = asyncio.Semaphore(THREADS)
        self._places = Places("passwords", THREADS + MAX_WAITING, retry_seconds=2)
        self._threads: ThreadPoolExecutor | None = None
        self._nobodys = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the threads while the service runs."""
        with ThreadPoolExecutor(THREADS, "argon2") as threads:
            self._threads = threads
            self._nobodys = await self._run(lambda: self._argon.hash("nobody"))
            yield
        self._threads = None

    @asynccontextmanager
    async def turn(self, client: Client | None) -> AsyncIterator[None]:
        """Wait for a thread; within, `hash` and `verify` begin at once.

        Raises BUSY when too many wait, TOO_MANY_AT_ONCE when too many of the client's network do.
        """
        with self._places.take(network(client)):
            async with self._free:
                yield

    async def hash(self, password: str, client: Client | None) -> str:
        """The hash of a password with a fresh salt, in the form of the Password Hashing Competition; raises as `turn`."""
        async with self.turn(client):
            return await self._run(lambda: self._argon.hash(password))

    async def verify(self, hashed: str, password: str) -> bool:
        """Whether a password is the one, to be asked within `turn`; nobody's password takes as long as somebody's."""
        return await self._run(lambda: self._matches(hashed or self._nobodys, password)) and bool(hashed)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._argon.verify(hashed, password)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._threads is None:
            raise RuntimeError("the hasher is not running")
        metrics.PASSWORDS.inc()
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
