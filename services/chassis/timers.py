"""Timed work: found by an index of what is due, safe on every replica by compare-and-set, caught up after a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from services.chassis import metrics
from services.chassis.commands import Command
from services.chassis.ports import Clock, Ids, PortError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timer:
    """A job: every `seconds` it is asked to do all that is due, a bounded batch at a time; it answers how many it did."""

    name: str
    seconds: float
    run: Callable[[Command], Awaitable[int]]


async def keep_running(service: str, timer: Timer, clock: Clock, ids: Ids) -> None:
    """Run a timer until cancelled, at once again while there is more to do; a failing world is tried again next time."""
    while True:
        done = 0
        try:
            done = await timer.run(Command(now=clock.now(), correlation=ids.new()))
        except PortError as error:
            log.warning("timer.failed", service=service, timer=timer.name, error=type(error).__name__)
        metrics.TIMER_RUNS.labels(service, timer.name).inc()
        if not done:
            await asyncio.sleep(timer.seconds)
