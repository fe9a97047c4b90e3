"""Whoever asks a sqlite file gets an answer in time, if only that there is none."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from services.chassis.ports import StoreUnavailable
from services.chassis.store.executor import ConnectionExecutor

AMPLE = 60.0
"""Seconds for what shall be answered."""


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """What a stuck job waits for."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
async def lane(tmp_path: Path, go_on: threading.Event) -> AsyncIterator[ConnectionExecutor]:
    """One thread, of little timeout."""
    lane = ConnectionExecutor(tmp_path / "lane.sqlite", threads=1, writes=False, timeout=0.1)
    yield lane
    go_on.set()
    await lane.close()


def number(connection: sqlite3.Connection) -> int:
    (one,) = connection.execute("SELECT 1").fetchone()
    return int(one)


async def stuck(lane: ConnectionExecutor, go_on: threading.Event, within: float | None = None) -> asyncio.Task[bool]:
    """A job that keeps the thread; it is before all that come after."""
    job = asyncio.create_task(lane.run(lambda _: go_on.wait(), within=within))
    await asyncio.sleep(0)
    return job


async def test_jobs_behind_a_stuck_one_give_up_one_after_the_other_and_later_ones_are_done(
    lane: ConnectionExecutor, go_on: threading.Event
) -> None:
    assert await lane.run(number, within=AMPLE) == 1
    waiting: list[asyncio.Task[int]] = [await stuck(lane, go_on)]
    for _ in range(3):
        await asyncio.sleep(0.03)
        waiting.append(asyncio.create_task(lane.run(number)))
    given_up = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(error) for error in given_up] == ["no answer within 0.1 s"] * 4
    assert all(isinstance(error, StoreUnavailable) for error in given_up)
    go_on.set()
    assert await asyncio.gather(*(lane.run(number, within=AMPLE) for _ in range(20))) == [1] * 20


async def test_a_job_may_be_given_more_time(lane: ConnectionExecutor, go_on: threading.Event) -> None:
    longer = await stuck(lane, go_on, within=AMPLE)
    with pytest.raises(StoreUnavailable):
        await lane.run(number)
    go_on.set()
    assert await longer


async def test_who_waits_no_longer_leaves_nothing_behind(lane: ConnectionExecutor, go_on: threading.Event) -> None:
    longer = await stuck(lane, go_on, within=AMPLE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await lane.run(number, within=AMPLE)
    go_on.set()
    assert await longer
    assert await lane.run(number, within=AMPLE) == 1


class Dropped(Exception):
    """What a job raises that holds a cursor."""


class Watched(sqlite3.Cursor):
    """A cursor that tells which thread it was let go on: to do so resets a statement that others may be running."""

    let_go_on: ClassVar[list[str]] = []

    def __del__(self) -> None:
        self.let_go_on.append(threading.current_thread().name)


async def test_no_cursor_leaves_the_thread_of_its_connection(lane: ConnectionExecutor) -> None:
    Watched.let_go_on.clear()
    with pytest.raises(TypeError, match="Watched"):
        await lane.run(lambda connection: connection.cursor(Watched).execute("SELECT 1"), within=AMPLE)

    def failing(connection: sqlite3.Connection) -> None:
        rows = connection.cursor(Watched).execute("SELECT 1")
        try:
            rows.execute("SELECT nothing")
        except sqlite3.Error:
            raise Dropped from None

    with pytest.raises(Dropped) as raised:
        await lane.run(failing, within=AMPLE)
    with pytest.raises(StoreUnavailable):
        await lane.run(lambda connection: connection.cursor(Watched).execute("SELECT nothing"), within=AMPLE)
    del raised
    assert await lane.run(number, within=AMPLE) == 1
    assert Watched.let_go_on == ["lane-reader-0"] * 3


@pytest.mark.parametrize(("jobs", "commits"), [(1, 1), (8, 1), (256, 1), (257, 2)])
async def test_what_is_written_in_one_turn_of_the_loop_is_made_durable_together(
    tmp_path: Path, jobs: int, commits: int
) -> None:
    lane = ConnectionExecutor(tmp_path / "lane.sqlite", threads=1, writes=True)
    done: list[str] = []
    await lane.run(lambda connection: connection.set_trace_callback(done.append))
    done.clear()
    assert await asyncio.gather(*(lane.run(number) for _ in range(jobs))) == [1] * jobs
    assert done.count("COMMIT") == commits
    await lane.close()


async def test_what_was_asked_before_the_close_is_answered(tmp_path: Path) -> None:
    lane = ConnectionExecutor(tmp_path / "lane.sqlite", threads=2, writes=False)
    asked = [asyncio.ensure_future(lane.run(number, quick=True)) for _ in range(3)]
    await asyncio.sleep(0)
    await lane.close()
    assert await asyncio.gather(*asked) == [1, 1, 1]
    with pytest.raises(StoreUnavailable, match="closed"):
        await lane.run(number, quick=True)
