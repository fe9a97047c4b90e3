"""Receiving: a message of the broker becomes a row of the inbox, once, in the order in which its key's came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import structlog
from pydantic import ValidationError

from services.chassis.events.received import (
    CONFLICT,
    INBOX,
    conflict_row,
    conflicts,
    event_row,
    is_unreadable,
    next_version,
    poison_row,
)
from services.chassis.failpoints import failpoint
from services.chassis.keyed_lock import KeyedLock
from services.chassis.ports import Clock, Document, DuplicateKey, Message, Store, StoreUnavailable
from services.chassis.retries import Retries
from services.contracts.events.envelope import Envelope

log = structlog.get_logger()


class Receiver:
    """Keeps what comes for one service."""

    def __init__(
        self,
        service: str,
        store: Store,
        clock: Clock,
        types: Collection[str],
        *,
        wake: asyncio.Event,
        stopped: Callable[[str | None], None],
    ) -> None:
        """`types` are those listened to; `wake` is set for each row, `stopped` called where one is parked, with its key."""
        self._service = service
        self._store = store
        self._clock = clock
        self._types = types
        self._wake = wake
        self._stopped = stopped
        self._locks = KeyedLock()

    async def receive(self, message: Message) -> None:
        """Keep one message of the broker; when this returns it is safe here, and known if it comes again."""
        try:
            envelope = Envelope.decode(message.body)
        except ValidationError:
            await self._keep_poison(message)
            return
        if envelope.type not in self._types:
            return
        async with self._locks.of([envelope.order_key]):  # rows of one key are kept in the order of delivery
            await self.keep(event_row(envelope, message.body, self._clock.now()))
        failpoint("inbox.received")
        self._wake.set()

    async def _keep_poison(self, message: Message) -> None:
        row = poison_row(message.body, self._clock.now())
        await self.keep(row)
        self._stopped(None)
        self._wake.set()
        log.error("inbox.poison", service=self._service, message_id=message.message_id[:64], row=row["_id"])

    async def keep(self, row: Document) -> None:
        """Keep a row, however long the store is away: an event that gave way would be overtaken under its key.

        Where another event has its id, as after whoever told it was put back to an earlier state alone, it is parked.
        """
        retries = Retries()
        while True:
            try:
                if await self._put(row):
                    return
                row = conflict_row(row)
            except StoreUnavailable as error:
                log.warning("inbox.not-kept", service=self._service, error=type(error).__name__)
                await retries.pause()

    async def _put(self, row: Document) -> bool:
        """Add a row, or find that it is here; False if another event has its id. In place of an unreadable one it is put."""
        try:
            await self._store.insert(INBOX.name, row)
        except DuplicateKey:
            there = await self._store.get(INBOX.name, row["_id"])
            if there is not None and is_unreadable(there):
                await self._store.replace(INBOX.name, row | next_version(there), version=there["version"])
                return True
            if row["_id"].startswith(CONFLICT) or not conflicts(row, there):
                return True
            self._stopped(row["key"])
            log.error("inbox.conflict", service=self._service, event_type=row["type"], event_id=row["_id"])
            return False
        return True
