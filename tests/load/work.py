"""Things done side by side, and parts of a service that are at work meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


async def at_once(number: int, do: Callable[[T], Awaitable[object]], things: Sequence[T]) -> float:
    """Do it to all of them, so many under way together; how many a second."""
    left = iter(things)

    async def work() -> None:
        for thing in left:
            await do(thing)

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(number)))
    return len(things) / (time.perf_counter() - begun)


@asynccontextmanager
async def at_work(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Parts of a service, running."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
