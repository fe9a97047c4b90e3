"""Passwords hashed by argon2id in a few threads; who comes when too many wait is sent away at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from services.accounts.settings import KIBIBYTES
from services.chassis.clients import Client
from services.chassis.http.places import ACCOUNT_SHARE, Party, Places, network
from services.chassis.keyed_lock import KeyedLock
from services.chassis.telemetry import metrics

T = TypeVar("T")

THREADS: Final = 2
MAX_WAITING: Final = 64
"""Who may wait for a thread of those of whom nothing is known; at some 30 ms each the last of them waits a second."""
STRANGERS: Final = THREADS + MAX_WAITING
"""All of those who may be there."""
KEPT_FOR_OWNERS: Final = 16
"""More may wait who have shown that an account is theirs."""
KEPT_FOR_KNOWN: Final = 16 + KEPT_FOR_OWNERS
"""So many more those, and who is at a line from which somebody has logged in lately."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and how well they are known: ADR 49.

    `standing` is whether somebody has logged in from that line lately, `owner` the account of which they have shown a
    device or a link that was mailed.
    """

    client: Client | None
    standing: bool = False
    owner: str | None = None

    @property
    def kept(self) -> int:
        """How many of the last places are not for them, but for who is known better."""
        if self.owner is not None:
            return 0
        return KEPT_FOR_OWNERS if self.standing else KEPT_FOR_KNOWN


class Hasher:
    """argon2id with 19 MiB, two passes, one lane (OWASP's least, and the suite's figure)."""

    def __init__(self, kibibytes: int = KIBIBYTES) -> None:
        """`kibibytes` of memory for each; it takes time as it takes memory."""
        self._argon = PasswordHasher(time_cost=2, memory_cost=kibibytes, parallelism=1, type=Type.ID)
        self._free = asyncio.Semaphore(THREADS)
        # No network has more than so many in line, nor have all strangers together: thus the threads go round.
        self._networks, self._alike = KeyedLock(THREADS), KeyedLock(THREADS)
        self._places = Places("passwords", STRANGERS + KEPT_FOR_KNOWN, retry_seconds=2)
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
    async def turn(self, asker: Asker) -> AsyncIterator[None]:
        """Wait for a thread; within, `hash` and `verify` begin at once.

        Threads go round by how well who asks is known, and among those who are alike by network.

        Raises BUSY when too many wait, TOO_MANY_AT_ONCE when too many of the asker's network or account do.
        """
        alike, whose = asker.kept, network(asker.client)
        parties = [whose]
        if asker.owner is not None and self._places.taken >= STRANGERS:
            parties.append(Party(asker.owner, ACCOUNT_SHARE))
        with self._places.take(*parties, kept=alike):
            async with self._networks.of([(alike, whose)]), self._alike.of([alike]), self._free:
                yield

    async def hash(self, password: str, asker: Asker) -> str:
        """The hash of a password with a fresh salt, in the form of the Password Hashing Competition; raises as `turn`."""
        async with self.turn(asker):
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
