"""Whatever an item says of when it was due, it is worked on (acceptance 103); and what metrics say of timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext, acting_service
from services.chassis.events.parking import Parking
from services.chassis.events.witness import Witness
from services.chassis.ids import RandomIds
from services.chassis.ports import Document, Store, StoreUnavailable
from services.chassis.service.last_runs import LAST_RUNS, LastRun, LastRuns
from services.chassis.service.timers import Timer, item_timer, keep_running
from tests.samples import sample

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("due_at", ["2027-01-31T11:00:00.000Z", "", "no instant", None, 7])
async def test_how_late_an_item_is_keeps_nobody_from_it(store: Store, due_at: object) -> None:
    """What is due at once, as the rest of an erased account, has no instant; nor has what was damaged."""
    worked: list[Document] = []

    async def items(command: CommandContext) -> AsyncIterator[Document]:
        yield {"_id": "a", "due_at": due_at}

    async def work(item: Document, command: CommandContext) -> int:
        worked.append(item)
        return 1

    timer = item_timer("tidying", 60, items, work, Parking("tests", store, FixedClock(NOW)))
    assert await timer.run(CommandContext(NOW, "test", actor=OPERATOR)) == 1
    assert [item["_id"] for item in worked] == ["a"]


def figure(name: str, timer: str, **labels: str) -> float:
    """What a metric of a timer of these tests says."""
    return sample(f"parvis_timer_{name}", {"service": "tests", "timer": timer} | labels) or 0.0


async def test_the_figures_of_rounds_count_good_ones_and_those_that_failed(store: Store) -> None:
    """A round in a failing world is tried again; of any other error the supervisor tells, who starts the timer anew."""
    rounds: Iterator[Exception | None] = iter([None, StoreUnavailable("away"), None, RuntimeError("a fault of ours")])
    began = time.time()

    async def run(command: CommandContext) -> int:
        if (error := next(rounds)) is not None:
            raise error
        return 1

    clock, timer, runs = FixedClock(NOW), Timer("counted", 0, run), LastRuns(store)
    with pytest.raises(RuntimeError):
        await keep_running("tests", timer, clock, RandomIds(), Witness(store, clock), last_runs=runs)
    assert (figure("runs_total", "counted"), figure("failures_total", "counted")) == (3, 2)
    assert figure("seconds_count", "counted") == 4
    assert figure("last_run_timestamp_seconds", "counted") >= began


@pytest.mark.parametrize("wakes", [True, False])
async def test_what_does_not_run_by_time_runs_at_first_when_woken_and_after_a_failure(
    store: Store, wakes: bool
) -> None:
    rounds: Iterator[Exception | int] = iter([StoreUnavailable("away"), 1, 0, 0])
    asked, ran, woken = 0, asyncio.Event(), asyncio.Event()

    async def run(command: CommandContext) -> int:
        nonlocal asked
        asked += 1
        woken.clear()
        found = next(rounds)
        if isinstance(found, Exception):
            raise found
        if not found:
            ran.set()
        return found

    clock, timer = FixedClock(NOW), Timer("told", 0, run, woken if wakes else None)
    keep = keep_running(
        "tests", timer, clock, RandomIds(), Witness(store, clock), last_runs=LastRuns(store), by_time=False
    )
    running = asyncio.create_task(keep)
    await ran.wait()
    ran.clear()
    for _ in range(5):
        await asyncio.sleep(0)
    assert asked == 3, "a failure, work, nothing more to do"
    if wakes:
        woken.set()
        await ran.wait()
        assert asked == 4
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_when_timers_last_ran_is_joined_of_all_processes(store: Store) -> None:
    """The latest of each counts, whoever keeps it last; rounds of nothing forget no round that did something."""
    await store.prepare([LAST_RUNS])
    one, other, later = LastRuns(store), LastRuns(store), NOW + timedelta(minutes=1)
    one.note("tidying", later, 0)
    one.note("telling", NOW, 2)
    other.note("tidying", NOW, 3)
    await one.keep()
    await other.keep()
    one.note("telling", later, 0)
    await one.keep()
    assert await LastRuns(store).load() == {"tidying": LastRun(later, NOW, 3), "telling": LastRun(later, NOW, 2)}


async def test_the_figure_of_lag_is_the_time_since_an_item_was_due(store: Store) -> None:
    """What is not due yet is not late, and what says no instant is in no figure."""
    due = ["2027-01-31T11:00:00.000Z", "2027-01-31T12:00:00.000Z", "2027-02-01T12:00:00.000Z", "", "no instant"]

    async def items(command: CommandContext) -> AsyncIterator[Document]:
        for number, at in enumerate(due):
            yield {"_id": str(number), "due_at": at}

    async def work(item: Document, command: CommandContext) -> int:
        return 1

    timer = item_timer("late", 60, items, work, Parking("tests", store, FixedClock(NOW)))
    assert await timer.run(CommandContext(NOW, "test", actor=acting_service("tests"))) == len(due)
    assert (figure("lag_seconds_sum", "late"), figure("lag_seconds_count", "late")) == (3600, 3)
    assert [figure("lag_seconds_bucket", "late", le=bound) for bound in ("1.0", "900.0", "3600.0")] == [2, 2, 3]
