"""Rows of a store as their readers meet them: one that cannot be read is named, never taken for one that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Any, Final, TypeVar

import structlog

from services.chassis.ports import Document, PortError, Scalar, Sort, Store, Where
from services.chassis.store.query import look_up
from services.chassis.telemetry import metrics

log = structlog.get_logger()

T = TypeVar("T")
R = TypeVar("R")

PAGE: Final = 100
AT_A_STRETCH: Final = 16
"""Rows that are read, and made into something, before anybody else is served."""
BY_ID: Final[Sort] = (("_id", 1),)

FAULTS: Final = (LookupError, TypeError, ValueError, AttributeError)
"""What reading a row raises that lacks a field, or has another kind of value in it than was ever written."""


class UnreadableRow(Exception):
    """A stored row that its reader cannot make sense of; `reason` is the type of the error, and holds nobody's data."""

    def __init__(self, collection: str, id: str | int, reason: str) -> None:
        super().__init__(f"{collection} {id}: {reason}")
        self.collection = collection
        self.id = id
        self.reason = reason


@contextmanager
def reading(collection: str, row: Document) -> Iterator[None]:
    """Have whatever a broken row makes its reader raise be an UnreadableRow that names it."""
    try:
        yield
    except UnreadableRow:
        raise
    except FAULTS as error:
        raise UnreadableRow(collection, row["_id"], type(error).__name__) from error


def readable(service: str, collection: str, rows: Iterable[Document], read: Callable[[Document], T]) -> list[T]:
    """Those rows that can be read; of all others log and metrics tell."""
    found: list[T] = []
    for row in rows:
        try:
            with reading(collection, row):
                found.append(read(row))
        except UnreadableRow as error:
            tell(service, error)
    return found


def tell(service: str, error: UnreadableRow) -> None:
    """Say that a row was left out because it cannot be read."""
    metrics.UNREADABLE_ROWS.labels(service, error.collection).inc()
    log.error("row.unreadable", service=service, collection=error.collection, id=error.id, error=error.reason)


async def every(
    store: Store,
    collection: str,
    where: Where,
    *,
    sort: Sort = BY_ID,
    page: int = PAGE,
    after: Sequence[Scalar | None] | None = None,
) -> AsyncGenerator[Document, None]:
    """All rows that meet `where`, in order of `sort`, a page in memory at a time; also those that cannot be read."""
    fields = [name for name, _ in sort]
    if "_id" not in fields:
        fields.append("_id")
    while rows := await store.find(collection, where, sort=sort, limit=page, after=after):
        async for row in in_stretches(rows):
            yield row
        if len(rows) < page:
            return
        places: list[list[Any]] = [[look_up(row, name) for name in fields] for row in rows]
        following = next((place for place in reversed(places) if None not in place), None)
        if following is None or following == after:
            return  # a whole page whose places cannot be told
        after = following


async def in_stretches(rows: Iterable[Document]) -> AsyncGenerator[Document, None]:
    """The same rows; others are served in between."""
    for number, row in enumerate(rows):
        if number and number % AT_A_STRETCH == 0:
            await asyncio.sleep(0)
        yield row


async def chunks(rows: AsyncIterable[T], most: int = PAGE) -> AsyncGenerator[list[T], None]:
    """The rows, or what they are known by, so many at a time, for who asks something else of many at once."""
    chunk: list[T] = []
    async for row in rows:
        chunk.append(row)
        if len(chunk) == most:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def page_of(
    looked_at: AsyncGenerator[tuple[R, T | None], None], limit: int, most: int
) -> tuple[list[T], R | None]:
    """Up to `limit` things of at most `most` rows, and the row behind which the next page begins; None on the last one.

    `looked_at` gives each row with what is shown of it, None where that is nothing; it is closed behind the page.
    """
    found: list[T] = []
    looked, last = 0, None
    async with aclosing(looked_at):
        async for row, shown in looked_at:
            if looked == most or (shown is not None and len(found) == limit):
                return found, last
            looked, last = looked + 1, row
            if shown is not None:
                found.append(shown)
    return found, None


async def each_of(rows: AsyncIterable[Document], do: Callable[[Document], Awaitable[object]]) -> None:
    """Do something with each row: one with which it fails keeps it from no other, and is raised behind the last.

    What a row makes it raise that will go by itself is raised before an UnreadableRow. A PortError is raised at once.
    """
    failed: Exception | None = None
    async for row in rows:
        try:
            await do(row)
        except PortError:
            raise
        except Exception as error:  # noqa: BLE001 - it is raised behind the others
            if failed is None or isinstance(failed, UnreadableRow):
                failed = error
    if failed is not None:
        raise failed
