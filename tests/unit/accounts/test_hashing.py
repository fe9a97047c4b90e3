"""Who waits for a thread that hashes passwords: so many, and of one network half as many (acceptance 108)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from services.accounts.usecases.hashing import MAX_WAITING, THREADS, Hasher
from services.chassis.clients import Client
from services.chassis.refusals import TOO_MANY_AT_ONCE
from services.contracts.refusals import BUSY, ErrorCode, RefusedError

ALL = THREADS + MAX_WAITING
NEAR = Client("192.0.2.1", "192.0.2.0/24")


async def refused(hasher: Hasher, client: Client | None) -> ErrorCode:
    with pytest.raises(RefusedError) as refusal:
        await hasher.turn(client).__aenter__()
    assert refusal.value.retry_after == 2
    return refusal.value.slug


async def waiting(
    stack: AsyncExitStack, hasher: Hasher, client: Client | None, number: int
) -> list[asyncio.Task[None]]:
    """So many who wait for their turn, and keep it for no longer than they need."""

    async def wait() -> None:
        async with hasher.turn(client):
            pass

    tasks = [asyncio.create_task(wait()) for _ in range(number)]
    for task in tasks:
        stack.push_async_callback(asyncio.wait_for, task, None)
    await asyncio.sleep(0)
    return tasks


async def test_one_network_waits_in_half_of_the_line_and_others_are_served() -> None:
    hasher = Hasher()
    async with hasher.running(), AsyncExitStack() as line, AsyncExitStack() as threads:
        for _ in range(THREADS):
            await threads.enter_async_context(hasher.turn(NEAR))
        await waiting(line, hasher, NEAR, ALL // 2 - THREADS)
        assert await refused(hasher, NEAR) is TOO_MANY_AT_ONCE
        with pytest.raises(RefusedError) as refusal:
            await hasher.hash("one more by a link", NEAR)
        assert refusal.value.slug is TOO_MANY_AT_ONCE
        (other,) = await waiting(line, hasher, Client("198.51.100.1", "198.51.100.0/24"), 1)
        await threads.aclose()
        await other


async def test_so_many_wait_and_not_one_more() -> None:
    hasher = Hasher()
    async with hasher.running(), AsyncExitStack() as line, AsyncExitStack() as threads:
        for _ in range(THREADS):
            await threads.enter_async_context(hasher.turn(None))
        await waiting(line, hasher, None, MAX_WAITING)
        assert await refused(hasher, None) is BUSY
