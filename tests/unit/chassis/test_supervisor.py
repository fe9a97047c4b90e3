"""A task that ends is told of by name, counted and started again, with pauses; only our own cancellation ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.chassis.ports import BrokerUnavailable
from services.chassis.telemetry.supervisor import Supervisor
from services.contracts.backoff import Backoff
from tests.samples import sample

NEVER = 3600.0
AT_ONCE = Backoff(timedelta(), timedelta())


def failing(times: int, error: BaseException, done: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """A task that fails so many times and then works."""
    left = times

    async def run() -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise error
        done.set()
        await asyncio.Event().wait()

    return run


async def test_a_task_that_fails_is_named_counted_and_started_again() -> None:
    """Acceptance 104."""
    done, supervisor = asyncio.Event(), Supervisor(backoff=AT_ONCE)
    with capture_logs() as lines:
        async with supervisor.running({"one": failing(2, KeyError("language"), done)}):
            await done.wait()
            state = supervisor.states["one"]
            assert (state.restarts, state.error, state.working) == (2, "KeyError", True)
            assert state.is_kept_running()
    assert [(line["event"], line["task"], line["error"]) for line in lines] == [("task.ended", "one", "KeyError")] * 2
    assert sample("parvis_task_restarts_total", {"task": "one"}) == 2
    assert supervisor.states == {}


async def test_a_task_that_comes_to_an_end_or_is_cancelled_by_a_dead_line_is_started_again() -> None:
    ends, done, supervisor = asyncio.Event(), asyncio.Event(), Supervisor(backoff=AT_ONCE)

    async def returns() -> None:
        ends.set()

    cut_off = failing(1, asyncio.CancelledError(), done)
    async with supervisor.running({"returns": returns, "cut-off": cut_off}):
        await ends.wait()
        await done.wait()
        assert supervisor.states["cut-off"].error == "CancelledError"
        while supervisor.states["returns"].error != "TaskReturned":
            await asyncio.sleep(0)


async def test_a_task_that_cannot_be_kept_running_is_known_after_the_third_end_in_a_row() -> None:
    done, supervisor = asyncio.Event(), Supervisor(backoff=AT_ONCE, well_after=NEVER)
    async with supervisor.running({"two": failing(2, ValueError(), done)}):
        await done.wait()
        assert supervisor.states["two"].is_kept_running()
    done = asyncio.Event()
    async with supervisor.running({"three": failing(3, ValueError(), done)}):
        await done.wait()
        assert not supervisor.states["three"].is_kept_running()


async def test_a_task_that_has_worked_well_for_a_while_counts_from_the_beginning() -> None:
    done, supervisor = asyncio.Event(), Supervisor(backoff=AT_ONCE, well_after=0.0)
    async with supervisor.running({"well": failing(9, ValueError(), done)}):
        await done.wait()
        assert supervisor.states["well"].in_a_row == 1
        assert supervisor.states["well"].is_kept_running()


async def test_a_task_that_only_lacks_its_dependency_is_no_failing_one() -> None:
    done, supervisor = asyncio.Event(), Supervisor(backoff=AT_ONCE, well_after=NEVER)
    async with supervisor.running({"waits": failing(9, BrokerUnavailable(), done)}):
        await done.wait()
        assert supervisor.states["waits"].in_a_row == 9
        assert supervisor.states["waits"].is_kept_running()


async def test_a_name_is_taken_once() -> None:
    supervisor = Supervisor()
    async with supervisor.running({"one": asyncio.Event().wait}):
        with pytest.raises(ValueError, match="one"):
            async with supervisor.running({"one": asyncio.Event().wait}):
                pass
