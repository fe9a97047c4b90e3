"""Many files of one request, each for itself: what one refuses is in no other's way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import structlog

from services.applications.usecases.app import App
from services.chassis.context import Actor
from services.chassis.ports import PortError
from services.chassis.refusals import UNAVAILABLE
from services.chassis.store.rows import UnreadableRow, tell
from services.chassis.telemetry.supervisor import task_group
from services.contracts.refusals import INVALID_FIELDS, FieldError, RefusedError
from services.contracts.refusals.applications import FILE_UNREADABLE

AT_ONCE: Final = 4
"""Files of one request that are worked on at the same time: others find the store free in between."""
UNTOUCHED: Final = (RefusedError, UnreadableRow)
"""What is raised where a file is looked at of which nothing comes."""
UNDONE: Final = (*UNTOUCHED, PortError)
"""The same where it was to be changed."""

log = structlog.get_logger()

T = TypeVar("T")
R = TypeVar("R")


@asynccontextmanager
async def in_turn(app: App, actor: Actor) -> AsyncIterator[None]:
    """One after the other of one person, and so many of all: who presses twice is answered twice."""
    async with app.bulk_turns.of([actor.asker]):
        with app.bulk_places.take():
            yield


def check_ids(ids: Sequence[str]) -> None:
    """Raises INVALID_FIELDS where one is named twice."""
    if len(set(ids)) < len(ids):
        raise INVALID_FIELDS(fields=[FieldError("ids", "repeated")])


async def some_at_once(things: Sequence[T], do: Callable[[T], Awaitable[R]]) -> list[R]:
    """What comes of each, in order; `do` says of what fails that it did."""

    async def done(thing: T) -> R:
        return await do(thing)

    results: list[R] = []
    for start in range(0, len(things), AT_ONCE):
        async with task_group() as group:
            tasks = [group.create_task(done(thing)) for thing in things[start : start + AT_ONCE]]
        results += [task.result() for task in tasks]
    return results


def refusal_of(error: RefusedError | UnreadableRow | PortError) -> RefusedError:
    """By what a file is refused for which that was raised; what is nobody's fault is told in the log."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, UnreadableRow):
        tell("applications", error)
        return FILE_UNREADABLE()
    log.warning("http.port-unavailable", service="applications", error=type(error).__name__)
    return UNAVAILABLE()
