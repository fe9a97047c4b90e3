"""Timed work: found by an index of what is due, safe on every replica by compare-and-set, caught up after a stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from services.chassis.context import CommandContext, acting_service
from services.chassis.events.parking import Parking
from services.chassis.events.witness import Witness
from services.chassis.ports import Clock, Document, Ids, PortError
from services.chassis.service.last_runs import LastRuns
from services.chassis.telemetry import metrics
from services.contracts.instants import instant

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timer:
    """A job: every `seconds` it is asked to do all that is due, a bounded batch at a time; it answers how many it did.

    `wake`, when set, has it asked at once; the job clears it. What `erases` cannot take back what it does: its command is of
    a time that is believed. `due` are the items that it would take, where it takes items; `calendar` says, for people, of
    which hour or day they are due, where that is not at once; `does` is what its docstring is read of.
    """

    name: str
    seconds: float
    run: Callable[[CommandContext], Awaitable[int]]
    wake: asyncio.Event | None = None
    erases: bool = False
    due: Callable[[CommandContext], AsyncIterable[Document]] | None = None
    calendar: str = ""
    does: Callable[..., object] | None = None

    async def command(self, service: str, clock: Clock, ids: Ids, witness: Witness) -> CommandContext:
        """What it is asked with now."""
        now = await witness.until() if self.erases else clock.now()
        return CommandContext(now, ids.new(), acting_service(service))


def item_timer(
    name: str,
    seconds: float,
    items: Callable[[CommandContext], AsyncIterable[Document]],
    work: Callable[[Document, CommandContext], Awaitable[int]],
    parking: Parking,
    *,
    wake: asyncio.Event | None = None,
    erases: bool = False,
    calendar: str = "",
) -> Timer:
    """A job on many items: the first of `items` are worked on, each by itself, and one that fails is parked.

    `work` answers how many steps it took; none, and the item is looked at again next time.
    """

    async def run(command: CommandContext) -> int:
        async def on_time(item: Document) -> int:
            _tell_lag(name, item.get("due_at"), command)
            return await work(item, command)

        return await parking.each(f"timer-{name}", items(command), on_time)

    return Timer(name, seconds, run, wake, erases, items, calendar, work)


def _tell_lag(name: str, due_at: object, command: CommandContext) -> None:
    """How late an item is, for the metrics alone; one that is due at once or cannot be read is not late."""
    if isinstance(due_at, str) and due_at:
        with suppress(ValueError):
            lag = (command.now - instant(due_at)).total_seconds()
            metrics.TIMER_LAG.labels(command.actor.id, name).observe(max(0.0, lag))


async def keep_running(
    service: str, timer: Timer, clock: Clock, ids: Ids, witness: Witness, *, last_runs: LastRuns, by_time: bool = True
) -> None:
    """Run a timer until cancelled, at once again while there is more to do; a failing world is tried again next time.

    Not `by_time`, it runs at first and when it is woken, and otherwise only after a round that failed.
    """
    while True:
        done, failed = 0, False
        try:
            command = await timer.command(service, clock, ids, witness)
            with metrics.TIMER_SECONDS.labels(service, timer.name).time():
                done = await timer.run(command)
        except PortError as error:
            failed = True
            metrics.TIMER_FAILURES.labels(service, timer.name).inc()
            log.warning("timer.failed", service=service, timer=timer.name, error=type(error).__name__)
        except Exception:
            metrics.TIMER_FAILURES.labels(service, timer.name).inc()
            raise  # the supervisor tells of it, and starts the timer again
        else:
            metrics.TIMER_LAST_RUN.labels(service, timer.name).set_to_current_time()
            last_runs.note(timer.name, clock.now(), done)
        metrics.TIMER_RUNS.labels(service, timer.name).inc()
        if not done:
            await _rest(timer.wake or asyncio.Event(), timer.seconds if by_time or failed else None)


async def _rest(wake: asyncio.Event, seconds: float | None) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
