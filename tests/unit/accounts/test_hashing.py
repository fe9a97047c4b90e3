"""Who waits for a thread that hashes passwords: so many, whose turn is next, and who gets in within a flood.

Acceptance 108 and 109, ADR 49.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from services.accounts.usecases.hashing import (
    KEPT_FOR_KNOWN,
    KEPT_FOR_OWNERS,
    MAX_WAITING,
    THREADS,
    Asker,
    Hasher,
)
from services.chassis.clients import Client
from services.chassis.http.places import ACCOUNT_SHARE
from services.chassis.refusals import TOO_MANY_AT_ONCE
from services.contracts.refusals import BUSY, ErrorCode, RefusedError

ALL = THREADS + MAX_WAITING
NOBODY = Asker(None)


def near(number: int, *, standing: bool = False, owner: str | None = None) -> Asker:
    """Who asks from a network of this number."""
    return Asker(Client(f"192.0.{number}.1", f"192.0.{number}.0/24"), standing, owner)


async def refused(hasher: Hasher, asker: Asker) -> ErrorCode:
    with pytest.raises(RefusedError) as refusal:
        await hasher.turn(asker).__aenter__()
    assert refusal.value.retry_after == 2
    return refusal.value.slug


class Line:
    """Who waits for a thread, while others have all of them until `go_on`; `served` says who had one, in order."""

    def __init__(self, hasher: Hasher, threads: AsyncExitStack) -> None:
        self._hasher = hasher
        self._threads = threads
        self.served: list[Asker] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def join(self, asker: Asker, number: int = 1) -> list[asyncio.Task[None]]:
        """So many more wait, and hash one password each when their turn has come."""
        tasks = [asyncio.create_task(self._wait(asker)) for _ in range(number)]
        self.tasks += tasks
        await settle()
        return tasks

    async def go_on(self) -> None:
        """Let go of the threads, and wait until all have had theirs."""
        await self._threads.aclose()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _wait(self, asker: Asker) -> None:
        async with self._hasher.turn(asker):
            self.served.append(asker)
            await asyncio.sleep(0)  # as long as it takes others to see who is next


async def settle() -> None:
    """Until everybody stands where they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def line(hasher: Hasher, asker: Asker = NOBODY) -> AsyncIterator[Line]:
    """A line for threads of which somebody has all."""
    async with hasher.running(), AsyncExitStack() as threads:
        for _ in range(THREADS):
            await threads.enter_async_context(hasher.turn(asker))
        made = Line(hasher, threads)
        try:
            yield made
        finally:
            for task in made.tasks:
                task.cancel()
            await asyncio.gather(*made.tasks, return_exceptions=True)


async def test_one_network_waits_in_half_of_the_line_and_others_are_served() -> None:
    hasher = Hasher()
    async with line(hasher, near(1)) as waiting:
        await waiting.join(near(1), ALL // 2 - THREADS)
        assert await refused(hasher, near(1)) is TOO_MANY_AT_ONCE
        with pytest.raises(RefusedError) as refusal:
            await hasher.hash("one more by a link", near(1))
        assert refusal.value.slug is TOO_MANY_AT_ONCE
        await waiting.join(near(2))
        await waiting.go_on()
        assert near(2) in waiting.served


async def test_so_many_wait_and_not_one_more() -> None:
    hasher = Hasher()
    async with line(hasher) as waiting:
        await waiting.join(NOBODY, MAX_WAITING)
        assert await refused(hasher, NOBODY) is BUSY


async def test_threads_go_round_by_network() -> None:
    """Whoever comes behind sixty of one network has a thread after no more of them than there are threads."""
    hasher = Hasher()
    async with line(hasher, NOBODY) as waiting:
        await waiting.join(NOBODY, 60)
        await waiting.join(near(2))
        await waiting.join(near(3))
        await waiting.go_on()
        assert len(waiting.served) == 62
        assert waiting.served.index(near(2)) <= THREADS
        assert waiting.served.index(near(3)) <= THREADS + 1


async def test_within_a_network_who_came_first_is_first() -> None:
    hasher = Hasher()
    crowd = [Asker(Client(f"192.0.2.{number}", "192.0.2.0/24")) for number in range(10)]
    async with line(hasher, near(1)) as waiting:
        for asker in crowd:
            await waiting.join(asker)
        await waiting.go_on()
        assert waiting.served == crowd


@pytest.mark.parametrize("when", ["while waiting", "when woken"])
async def test_who_goes_away_loses_no_thread_and_no_place(when: str) -> None:
    """Whoever stands before somebody else, and wherever in the line, may go at any moment."""
    hasher = Hasher()
    async with line(hasher, near(1)) as waiting:
        leaving = [task for asker in (near(1), near(2), NOBODY) for task in await waiting.join(asker, 8)]
        await waiting.join(near(3))
        if when == "while waiting":
            for task in leaving:
                task.cancel()
        else:
            for task in leaving:
                asyncio.get_running_loop().call_soon(task.cancel)
        await waiting.go_on()
        assert near(3) in waiting.served
    async with line(hasher) as waiting:  # all threads are there again, all places, and nobody stands before others
        await waiting.join(NOBODY, MAX_WAITING)
        assert await refused(hasher, NOBODY) is BUSY
        await waiting.go_on()
        assert len(waiting.served) == MAX_WAITING


async def test_strangers_from_as_many_networks_as_they_like_leave_places_for_who_is_known() -> None:
    """Within a flood an owner whose device is known gets in, is soon served, and so is who is at a known line."""
    hasher = Hasher()
    async with line(hasher) as waiting:
        for number in range(MAX_WAITING):
            await waiting.join(near(number))
        assert await refused(hasher, near(200)) is BUSY
        known, owner = near(201, standing=True), near(202, owner="ann")
        await waiting.join(known)
        await waiting.join(owner)
        await waiting.go_on()
        assert waiting.served.index(known) <= THREADS + 1
        assert waiting.served.index(owner) <= THREADS + 1


async def test_known_lines_leave_places_for_owners() -> None:
    hasher = Hasher()
    async with line(hasher) as waiting:
        for number in range(MAX_WAITING):
            await waiting.join(near(number))
        for number in range(KEPT_FOR_KNOWN - KEPT_FOR_OWNERS):
            await waiting.join(near(100 + number, standing=True))
        assert await refused(hasher, near(200, standing=True)) is BUSY
        for number in range(KEPT_FOR_OWNERS):
            await waiting.join(near(150 + number, owner=f"person-{number}"))
        assert await refused(hasher, near(201, owner="one-more")) is BUSY


async def test_an_owner_gets_in_beside_a_crowd_at_the_same_line() -> None:
    hasher = Hasher()
    async with line(hasher, near(1)) as waiting:
        await waiting.join(near(1), ALL // 2 - THREADS)
        assert await refused(hasher, near(1)) is TOO_MANY_AT_ONCE
        owner = near(1, owner="ann")
        await waiting.join(owner)
        await waiting.go_on()
        assert waiting.served.index(owner) <= THREADS


async def test_one_account_does_not_take_what_is_kept_for_owners() -> None:
    """Else whoever has an account of their own shuts out those who have others."""
    hasher = Hasher()
    async with line(hasher) as waiting:
        for number in range(MAX_WAITING):
            await waiting.join(near(number))
        taken = 0
        while taken < ACCOUNT_SHARE * (KEPT_FOR_KNOWN - taken):
            await waiting.join(near(100 + taken, owner="mallory"))
            taken += 1
        assert await refused(hasher, near(200, owner="mallory")) is TOO_MANY_AT_ONCE
        await waiting.join(near(201, owner="ann"))
        await waiting.go_on()
        assert len(waiting.served) == MAX_WAITING + taken + 1


async def test_a_password_costs_19_mib_and_one_that_has_cost_less_is_known_still() -> None:
    hasher, cheap = Hasher(), Hasher(64)
    async with hasher.running(), cheap.running():
        hashes = [await each.hash("une phrase", NOBODY) for each in (hasher, cheap)]
        costs = [hashed.split("$")[1:4] for hashed in hashes]
        assert costs == [["argon2id", "v=19", f"m={memory},t=2,p=1"] for memory in (19456, 64)]
        for each in (hasher, cheap):
            assert [await each.verify(hashed, "une phrase") for hashed in hashes] == [True, True]
            assert not await each.verify(hashes[0], "une autre phrase")
