"""A group of tasks that fails says so, and an order to stop that comes meanwhile is heard, on every version of Python."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.chassis.telemetry.supervisor import task_group


class Ending:
    """A group of which one task fails while another takes its time to end, and what was heard of it."""

    def __init__(self) -> None:
        self.begun, self.ending, self.fails, self.over = (asyncio.Event() for _ in range(4))
        self.heard: list[Any] = []

    async def slow(self, error: Exception | None = None) -> None:
        """Ends once it may, by an error of its own if it has one."""
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ending.set()
            await self.over.wait()
            if error is not None:
                raise error

    async def failing(self) -> None:
        await self.fails.wait()
        raise KeyError("rights")

    @asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """What is raised within, and then whether the next wait is let be."""
        try:
            yield
        except* (KeyError, ValueError) as failures:
            self.heard.append(names(failures))
        try:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.heard.append("stopped")
            raise
        self.heard.append("goes on")

    async def work(self, error: Exception | None = None) -> None:
        async with self.told(), task_group() as group:
            group.create_task(self.slow(error))
            group.create_task(self.failing())


def names(failures: BaseExceptionGroup[Any]) -> list[Any]:
    return [
        names(each) if isinstance(each, BaseExceptionGroup) else type(each).__name__ for each in failures.exceptions
    ]


async def end_of(task: asyncio.Task[None]) -> str:
    async with asyncio.timeout(30):
        await asyncio.wait([task])
    return "cancelled" if task.cancelled() else "done"


async def begun(work: Callable[[], Awaitable[None]], ending: Ending) -> asyncio.Task[None]:
    async def run() -> None:
        await work()

    task = asyncio.create_task(run())
    await ending.begun.wait()
    return task


async def test_who_is_told_to_stop_while_the_rest_of_a_failed_group_ends_hears_of_both() -> None:
    """A service that stops in this moment would otherwise wait for a timer that goes on for ever."""
    at = Ending()
    task = await begun(at.work, at)
    at.fails.set()
    await at.ending.wait()
    task.cancel()
    asyncio.get_running_loop().call_soon(at.over.set)
    assert (await end_of(task), at.heard) == ("cancelled", [["KeyError"], "stopped"])


async def test_a_task_that_fails_because_it_is_to_stop_hides_the_order_from_nobody() -> None:
    at = Ending()
    task = await begun(lambda: at.work(ValueError("half written")), at)
    task.cancel()
    await at.ending.wait()
    at.over.set()
    assert (await end_of(task), at.heard) == ("cancelled", [["ValueError"], "stopped"])


@pytest.mark.parametrize("order_first", [True, False])
async def test_a_failure_and_an_order_in_one_turn_are_both_heard(order_first: bool) -> None:
    at = Ending()
    task = await begun(at.work, at)
    at.over.set()
    if order_first:
        task.cancel()
        at.fails.set()
    else:
        at.fails.set()
        asyncio.get_running_loop().call_soon(task.cancel)
    # Where the order is first, what was about to fail is stopped before it does.
    assert (await end_of(task), at.heard) == ("cancelled", [] if order_first else [["KeyError"], "stopped"])


async def test_a_group_that_fails_twice_says_both_to_who_goes_on() -> None:
    at = Ending()
    task = await begun(lambda: at.work(ValueError("half written")), at)
    at.fails.set()
    at.over.set()
    assert (await end_of(task), at.heard) == ("done", [["KeyError", "ValueError"], "goes on"])


@pytest.mark.parametrize("ordered", [True, False])
async def test_a_limit_of_time_around_a_failed_group_takes_back_its_own_order_and_no_other(ordered: bool) -> None:
    at = Ending()

    limit = asyncio.timeout(None)

    async def limited() -> None:
        async with at.told(), limit, task_group() as group:
            group.create_task(at.slow())
            group.create_task(at.failing())

    task = await begun(limited, at)
    at.fails.set()
    await at.ending.wait()
    limit.reschedule(asyncio.get_running_loop().time())
    while not limit.expired():
        await asyncio.sleep(0)
    if ordered:
        task.cancel()
        await asyncio.sleep(0)
    at.over.set()
    outcome = await end_of(task)
    expected = ("cancelled", "stopped") if ordered else ("done", "goes on")
    assert (outcome, at.heard) == (expected[0], [["KeyError"], expected[1]])
    assert task.cancelling() == int(ordered)


async def test_a_limit_of_time_within_a_group_is_a_failure_like_any_other() -> None:
    at = Ending()

    async def limited() -> None:
        async with at.told(), task_group() as group:
            group.create_task(at.slow())
            try:
                async with asyncio.timeout(0):
                    await asyncio.Event().wait()
            except TimeoutError:
                raise ValueError("too slow") from None

    task = await begun(limited, at)
    at.over.set()
    assert (await end_of(task), at.heard) == ("done", [["ValueError"], "goes on"])


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("outer_fails", [True, False])
async def test_of_groups_one_in_the_other_an_order_is_heard_once_all_have_said_what_failed(
    ordered: bool, outer_fails: bool
) -> None:
    """That the outer one has its tasks end is no order, and nobody is stopped by it later."""
    at, around = Ending(), Ending()

    async def nested() -> None:
        async with at.told(), task_group() as outer:
            outer.create_task(around.failing())
            async with task_group() as inner:
                inner.create_task(at.slow())
                inner.create_task(at.failing())

    task = await begun(nested, at)
    at.fails.set()
    await at.ending.wait()
    if outer_fails:
        around.fails.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    if ordered:
        task.cancel()
        await asyncio.sleep(0)
    at.over.set()
    outcome = await end_of(task)
    said = [["KeyError"]] if not outer_fails else ["KeyError", ["KeyError"]]
    assert (outcome, at.heard) == (("cancelled", [said, "stopped"]) if ordered else ("done", [said, "goes on"]))
