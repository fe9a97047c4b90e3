"""Keeps the long-lived tasks of a process running: one that ends is named in the log, counted, and started again.

Nothing else starts a task that outlives the call it was made in (`tests/architecture/test_tasks.py`).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import structlog

from services.chassis.ports import PortError
from services.chassis.retries import Retries
from services.chassis.telemetry import metrics
from services.contracts.backoff import Backoff

log = structlog.get_logger()

RESTARTS: Final = Backoff(timedelta(seconds=0.1), timedelta(seconds=30))
"""Before a task that ended is started again."""
WELL_AFTER: Final = 60.0
"""After so many seconds of work the next end counts as the first again."""
UNWELL_AFTER: Final = 3
"""Ends in a row, not for want of a dependency, after which a task counts as one that cannot be kept running."""

Run: TypeAlias = Callable[[], Awaitable[object]]
"""Works until it is cancelled; is called again after every end."""


@dataclass(slots=True)
class TaskState:
    """What is known of one task; `error` is the type of its last failure, never what it says."""

    name: str
    restarts: int = 0
    in_a_row: int = 0
    started: float = 0.0
    working: bool = True
    error: str = ""
    failed_at: datetime | None = None
    waits_for: bool = False
    """Whether the last failure was that of a dependency, which is told of by itself."""
    well_after: float = field(default=WELL_AFTER, repr=False)

    def is_kept_running(self) -> bool:
        """Whether it works, has failed only now and then, or lacks nothing but a dependency."""
        if self.in_a_row < UNWELL_AFTER or self.waits_for:
            return True
        return self.working and asyncio.get_running_loop().time() - self.started >= self.well_after


class Supervisor:
    """The tasks of one process, by their names."""

    def __init__(
        self,
        *,
        backoff: Backoff = RESTARTS,
        well_after: float = WELL_AFTER,
    ) -> None:
        """`well_after` in seconds."""
        self._backoff = backoff
        self._well_after = well_after
        self._states: dict[str, TaskState] = {}

    @property
    def states(self) -> Mapping[str, TaskState]:
        """Every task that is to run now."""
        return self._states

    @asynccontextmanager
    async def running(self, tasks: Mapping[str, Run]) -> AsyncIterator[None]:
        """Keep these tasks running, each by its name, until left; raises ValueError if a name is taken."""
        if taken := tasks.keys() & self._states.keys():
            raise ValueError(f"tasks run already: {sorted(taken)}")
        for name in tasks:
            self._states[name] = TaskState(name, well_after=self._well_after)
        started = [asyncio.create_task(self._keep(self._states[name], run), name=name) for name, run in tasks.items()]
        try:
            yield
        finally:
            await end(started)
            for name in tasks:
                del self._states[name]

    async def _keep(self, state: TaskState, run: Run) -> None:
        loop, retries = asyncio.get_running_loop(), Retries(self._backoff)
        while True:
            state.started, state.working = loop.time(), True
            metrics.TASK_UP.labels(state.name).set(1)
            failure = await _end_of(run)
            state.working = False
            metrics.TASK_UP.labels(state.name).set(0)
            if loop.time() - state.started >= self._well_after:
                state.in_a_row = 0
                retries.succeeded()
            state.in_a_row += 1
            state.restarts += 1
            state.error, state.failed_at = type(failure).__name__, datetime.now(UTC)
            state.waits_for = isinstance(failure, PortError)
            metrics.TASK_RESTARTS.labels(state.name).inc()
            log.error("task.ended", task=state.name, error=state.error, in_a_row=state.in_a_row, exc_info=failure)
            await retries.pause()


class TaskReturned(Exception):
    """A task came to an end though it was to work for ever."""


async def _end_of(run: Run) -> BaseException:
    """How a task ended, other than by being told to."""
    try:
        await run()
    except asyncio.CancelledError as error:
        # A dead connection cancels whoever waits for it; only our own cancellation is an order.
        if being_cancelled():
            raise
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, the task is started again, and this is told
        return error
    return TaskReturned()


def being_cancelled() -> bool:
    """Whether this task was cancelled, rather than something that it awaited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that end with the block; an order to stop is heard, also one that comes while the rest of a failed group ends.

    The group's failure is raised first, and the next wait is cancelled, as with asyncio's own from Python 3.13 on; before,
    it drops such an order, and who waits for the end of its task waits for ever. Raises ExceptionGroup as asyncio's own.
    """
    group, woke = asyncio.TaskGroup(), False
    try:
        async with group:
            try:
                yield group
            finally:
                woke = _has_woken(group)
    except BaseExceptionGroup:
        if sys.version_info < (3, 13):
            _cancel_at_next_wait(woken=_has_woken(group) and not woke)
        raise


def _has_woken(group: asyncio.TaskGroup) -> bool:
    """Whether the group has cancelled the task it is in, to have that hear of a failure; nothing else says so."""
    return bool(vars(group).get("_parent_cancel_requested"))


def _cancel_at_next_wait(*, woken: bool) -> None:
    """Have this task hear once more what it was told and has dropped, unless that is taken back until then.

    `woken`: the group has cancelled the task while it waited for the others, which before Python 3.13 is left standing as if
    it were an order. Who sets a limit of time takes the order back that they gave, and a task that was cancelled stays so
    even then: hence not at once, but once it waits.
    """
    task = asyncio.current_task()
    if task is None:
        return
    if woken:
        task.uncancel()
    if not (orders := task.cancelling()):
        return

    def again() -> None:
        # More of them: one came since, which is heard by itself.
        if 0 < task.cancelling() <= orders:
            task.uncancel()
            task.cancel()

    task.get_loop().call_soon(again)


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they are over."""
    running = list(tasks)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
