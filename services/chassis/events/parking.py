"""Work on many items where one that fails ends nothing: it is tried again with pauses, at last parked, and told of.

A parked item waits for a person (`parvis parked`); all others go on.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

import structlog

from services.chassis.clock import beyond
from services.chassis.ports import (
    MAX_FIND,
    Clock,
    Collection,
    Document,
    DuplicateKey,
    Index,
    ObjectExists,
    PortError,
    Store,
    StoreUnavailable,
    TooLarge,
)
from services.chassis.store.rows import UnreadableRow, every
from services.chassis.telemetry import metrics
from services.contracts.backoff import Backoff
from services.contracts.instants import instant_text

log = structlog.get_logger()

T = TypeVar("T")

PARKED: Final = Collection("parked", (Index("work", ("work",)), Index("state", ("state", "since"))))

MAX_ATTEMPTS: Final = 5
"""Failures of an item before it is parked; a row that cannot be read is so at once."""
PAUSES: Final = Backoff(timedelta(seconds=1), timedelta(minutes=10), factor=4)
BATCH: Final = 100
MAX_UNDONE: Final = 3
"""Items of one round that the world did not do, after which the rest of them need not be asked."""


class Parking:
    """The items with which one service could not get along, each under the work that failed with it."""

    def __init__(self, service: str, store: Store, clock: Clock) -> None:
        self._service = service
        self._store = store
        self._clock = clock

    async def each(
        self,
        work: str,
        items: AsyncIterable[Document],
        do: Callable[[Document], Awaitable[int]],
        *,
        limit: int = BATCH,
    ) -> int:
        """Do a work with the first `limit` items that are not put off, each by itself; answer the sum of what was done.

        Raises PortError when the store is away, or else at the end if the world did not do some.
        """
        done, undone = 0, []
        for item, row in await self.ready(work, items, limit):
            try:
                done += await self.attempt(work, str(item["_id"]), partial(do, item), row) or 0
            except StoreUnavailable:
                raise
            except PortError as error:
                undone.append(error)
                if len(undone) == MAX_UNDONE:
                    break
        if undone:
            raise undone[0]
        return done

    async def ready(
        self, work: str, items: AsyncIterable[Document], limit: int
    ) -> list[tuple[Document, Document | None]]:
        """The first `limit` items that are not put off, each with what is known of earlier failures."""
        known: dict[str, Document] | None = None
        found: list[tuple[Document, Document | None]] = []
        async for item in items:
            if known is None:  # mostly there is no item to ask for
                known = await self.known(work)
            row = known.get(str(item["_id"]))
            if not self.is_put_off(row):
                found.append((item, row))
            if len(found) >= limit:
                break
        return found

    async def attempt(
        self, work: str, id: str, do: Callable[[], Awaitable[T]], row: Document | None = None
    ) -> T | None:
        """Do one item; a failure that is its own is written down, and answered with None. Raises PortError.

        `row` is what is known of earlier failures.
        """
        try:
            done = await do()
        except (DuplicateKey, ObjectExists, TooLarge) as error:  # answers of the world about this very item
            await self.defer(work, id, error, row)
            return None
        except PortError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an item does to its work, it is put off and told of
            await self.defer(work, id, error, row)
            return None
        if row is not None:
            await self._store.delete(PARKED.name, row["_id"], version=row["version"])
            await self.count()
        return done

    async def known(self, work: str) -> dict[str, Document]:
        """What is known of earlier failures of a work, by item."""
        return {row["item"]: row async for row in every(self._store, PARKED.name, {"work": work}, page=MAX_FIND)}

    def is_put_off(self, row: Document | None) -> bool:
        """Whether an item, of which this is known, is to be passed over for now."""
        if row is None:
            return False
        now = self._clock.now()
        waits = instant_text(now) < row["due_at"] <= instant_text(beyond(now, PAUSES.longest))
        return bool(row["state"] != "retrying" or waits)

    async def defer(self, work: str, id: str, error: Exception, row: Document | None = None) -> None:
        """Write down that an item failed, and say so; `row` is what is known of earlier failures."""
        now = self._clock.now()
        attempts = (row["attempts"] if row else 0) + 1
        parked = attempts >= MAX_ATTEMPTS or isinstance(error, UnreadableRow)
        after = {
            "_id": f"{work}:{id}",
            "version": (row["version"] if row else 0) + 1,
            "work": work,
            "item": id,
            "state": "parked" if parked else "retrying",
            "attempts": attempts,
            "error": type(error).__name__,
            "since": row["since"] if row else instant_text(now),
            "due_at": instant_text(now + PAUSES.after(attempts)),
        }
        if isinstance(error, UnreadableRow):
            after |= {"collection": error.collection, "reason": error.reason}
        if row is None:
            try:
                await self._store.insert(PARKED.name, after)
            except DuplicateKey:
                return  # another process has met it too
        elif not await self._store.replace(PARKED.name, after, version=row["version"]):
            return
        metrics.ITEMS_FAILED.labels(self._service, work).inc()
        (log.error if parked else log.warning)(
            "item.parked" if parked else "item.failed",
            service=self._service,
            work=work,
            item=id,
            attempts=attempts,
            error=type(error).__name__,
            exc_info=error,
        )
        if parked:
            await self.count()

    async def count(self) -> int:
        """Show in the metrics how many items are parked."""
        parked = await self._store.count(PARKED.name, {"state": "parked"})
        metrics.ITEMS_PARKED.labels(self._service).set(parked)
        return parked

    async def retry(self, id: str) -> bool:
        """Have an item tried at once, by its id here; False if there is none such."""
        row = await self._store.get(PARKED.name, id)
        gone = row is not None and await self._store.delete(PARKED.name, id, version=row["version"])
        await self.count()
        return gone

    async def skip(self, id: str) -> bool:
        """Pass an item over for ever, until it is retried; False if there is none such."""
        row = await self._store.get(PARKED.name, id)
        if row is None:
            return False
        skipped = row | {"state": "skipped", "version": row["version"] + 1}
        done = await self._store.replace(PARKED.name, skipped, version=row["version"])
        await self.count()
        return done
