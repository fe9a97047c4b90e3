"""Server-Sent Events: says what there is to say until the client, its session, the time or the process is over."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Final

from aiohttp import web

from services.chassis.following import Change, Line
from services.chassis.http.places import Places
from services.chassis.ports import Clock, PortError
from services.chassis.telemetry import metrics
from services.contracts.api.endpoint import EVENT_STREAM
from services.contracts.refusals import RefusedError

LASTS: Final = timedelta(minutes=5)
"""After this long a connection ends, and its client makes another, with a fresh token and perhaps elsewhere."""
CHECK_SECONDS: Final = 1.0
"""How often it is looked whether the session has been ended, as often as requests see that."""
SILENT_CHECKS: Final = 10
"""After so many of them in which nothing was said a comment is sent; gateways wait for twice as long."""
UNSURE_SECONDS: Final = 10.0
"""For so long a connection lasts while it cannot be told whether its session does."""
RETRY_SECONDS: Final = 30
"""When to come back who finds all places taken."""
NEVER: Final = b": nothing has changed\n\n"
HEADERS: Final = {"Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no"}

_chance: Final = Random()  # noqa: S311 - it spreads reconnections, and keeps no secret


class Open:
    """The connections of one process over which clients are told of changes: bounded, and ended when it stops."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.places = Places("following", most, retry_seconds=RETRY_SECONDS)
        self._ends: dict[int, Callable[[], None]] = {}
        self._is_over = False

    @contextmanager
    def until_stopped(self, end: Callable[[], None]) -> Iterator[None]:
        """Have `end` done when the process stops, be it already stopping."""
        self._ends[id(end)] = end
        metrics.FOLLOWING.inc()
        try:
            if self._is_over:
                end()
            yield
        finally:
            metrics.FOLLOWING.dec()
            del self._ends[id(end)]

    def stop(self) -> None:
        """End all of them, and those that are still to come."""
        self._is_over = True
        for end in list(self._ends.values()):
            end()


OPEN: Final = web.AppKey("open", Open)


def opening() -> bytes:
    """What is said first: when to come back after the end, each at another moment."""
    return f"retry: {_chance.randint(3000, 9000)}\n\n".encode()


def written(change: Change) -> bytes:
    """A change as it is sent; one that is not aloud only moves the position of its reader, who hears nothing."""
    if not change.aloud:
        return f"id: {change.version}\n\n".encode()
    return f"id: {change.version}\nevent: change\ndata: {change.data.model_dump_json()}\n\n".encode()


async def said(
    request: web.Request,
    line: Line,
    *,
    clock: Clock,
    check: Callable[[], Awaitable[None]],
    unsure_seconds: float = UNSURE_SECONDS,
) -> AsyncIterator[bytes]:
    """What `line` has to say, as it is sent; `check` raises RefusedError once whoever listens may not any more.

    It ends by the suite's clock, and where that one stands still by the machine's.
    """
    ends, last, silent = clock.now() + LASTS, time.monotonic() + LASTS.total_seconds(), 0
    sure = time.monotonic()
    yield opening()
    while clock.now() < ends and time.monotonic() < last and request.transport is not None:
        change, is_over = await line.heard(CHECK_SECONDS), line.is_over
        if is_over and change is None:
            return
        try:
            await check()
        except RefusedError:
            return
        except PortError:
            if time.monotonic() - sure > unsure_seconds:
                return
        else:
            sure = time.monotonic()
        silent = 0 if change is not None else silent + 1
        if change is not None:
            yield written(change)
        elif silent >= SILENT_CHECKS:
            silent = 0
            yield NEVER
