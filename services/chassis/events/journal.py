"""The journal: every event of a service once, numbered 1, 2, 3 without a gap.

There are two per service: the public one, which publisher, replay and audit read for ever, and the internal
one, whose rows hold what other services must copy and are swept once they are published.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, NamedTuple

import structlog

from services.chassis.failpoints import failpoint
from services.chassis.ports import (
    MAX_FIND,
    Collection,
    Document,
    In,
    Index,
    Range,
    Store,
    StoreUnavailable,
)
from services.chassis.store.rows import FAULTS
from services.contracts.events.catalogue import CATALOGUE, Audience, Event
from services.contracts.events.envelope import Envelope

log = structlog.get_logger()

PUBLIC: Final = Collection("journal", (Index("event_id", ("event_id",), unique=True), Index("at", ("at",))))
INTERNAL: Final = Collection(
    "internal", (Index("event_id", ("event_id",), unique=True), Index("at", ("at",)), Index("key", ("key",)))
)

READ: Final = 256
"""Rows that are read at once, and that were added last and are at hand."""

JOURNALS: Final = {Audience.PUBLIC: PUBLIC, Audience.INTERNAL: INTERNAL}


class JournalEntry(NamedTuple):
    """One row: its position, and the event's bytes with what is needed to route them; no bytes if it cannot be read."""

    position: int
    event_id: str
    type: str
    key: str
    body: bytes

    @property
    def is_readable(self) -> bool:
        """Whether there is an event to tell; if not, not even its type need be known."""
        return bool(self.body)


class Journal:
    """One journal of one service."""

    def __init__(self, store: Store, audience: Audience) -> None:
        self._store = store
        self.audience = audience
        self.collection = JOURNALS[audience].name
        self._last: int | None = None
        self._tail: deque[JournalEntry] = deque(maxlen=READ)
        self._lock = asyncio.Lock()
        self._listeners: list[asyncio.Event] = []

    def listen(self) -> asyncio.Event:
        """An event that is set whenever this process adds rows."""
        event = asyncio.Event()
        self._listeners.append(event)
        return event

    async def append(self, envelopes: Sequence[Envelope]) -> None:
        """Add events in order, each once: one that is there already is passed over, whoever put it there.

        The numbers are `last + 1`, and a number can be taken only once: two relays at work fence each other.
        """
        left = list(envelopes)
        async with self._lock:
            while left:
                last = await self.last() if self._last is None else self._last
                rows = [self._row(last + 1 + at, envelope) for at, envelope in enumerate(left[:200])]
                failpoint("journal.before-append")
                try:
                    added = await self._store.append(self.collection, rows)
                except StoreUnavailable:
                    self._last = None
                    raise
                self._last = last + added
                self._keep(rows[:added])
                del left[:added]
                if added < len(rows):
                    self._last = None
                    left = await self._missing(left)
        for event in self._listeners:
            event.set()

    async def last(self) -> int:
        """The number of the newest row, 0 in an empty journal."""
        newest = await self._store.find(self.collection, {}, sort=(("_id", -1),), limit=1)
        return int(newest[0]["_id"]) if newest else 0

    async def read(self, after: int, limit: int = READ) -> list[JournalEntry]:
        """The rows behind position `after`, in order, as many as are there or as were added here."""
        if self.has_at_hand(after + 1):
            skipped = after + 1 - self._tail[0].position
            return list(islice(self._tail, skipped, skipped + limit))
        rows = await self._store.find(self.collection, {"_id": Range(gt=after)}, sort=(("_id", 1),), limit=limit)
        return [_entry(row) for row in rows]

    def has_at_hand(self, position: int) -> bool:
        """Whether this process added the row lately, and need not ask the store for it."""
        return bool(self._tail) and self._tail[0].position <= position <= self._tail[-1].position

    def _keep(self, rows: Sequence[Document]) -> None:
        """Have the newest rows at hand for who follows: a row never changes, and a run of them has no gap."""
        if rows and self._tail and self._tail[-1].position + 1 != rows[0]["_id"]:
            self._tail.clear()
        self._tail.extend(map(_entry, rows))

    async def sweep(self, published: int, before: str) -> int:
        """Take away published rows added before the instant, never the newest; answer how many went."""
        rows = await self._store.find(
            self.collection, {"_id": Range(le=min(published, await self.last() - 1))}, sort=(("_id", 1),), limit=500
        )
        old = [row["_id"] for row in rows if row["at"] < before]
        await asyncio.gather(*(self._store.delete(self.collection, position) for position in old))
        return len(old)

    async def newest(self, key: str) -> int:
        """The position of the newest row of one key; 0 if there is none."""
        rows = await self._store.find(
            self.collection, {"key": key}, sort=(("key", -1), ("_id", -1)), limit=1, fields=("key",)
        )
        return int(rows[0]["_id"]) if rows else 0

    async def rewrite(self, key: str, change: Callable[[Event], Event]) -> None:
        """Put other data into the rows of one key, so that a person can be forgotten; ids, types and order stay."""
        after: tuple[str, int] | None = None
        while rows := await self._store.find(
            self.collection, {"key": key}, sort=(("key", 1), ("_id", 1)), after=after, limit=READ
        ):
            for row in rows:
                envelope = Envelope.decode(row["body"].encode())
                said = CATALOGUE[envelope.type].model_validate(envelope.data)
                data = change(said).model_dump(mode="json", exclude_none=True)
                body = envelope.model_copy(update={"data": data}).encode().decode()
                if body != row["body"]:
                    changed = row | {"body": body, "version": row["version"] + 1}
                    await self._store.replace(self.collection, changed, version=row["version"])
            after = (key, rows[-1]["_id"])

    async def _missing(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        """Those that are not here yet, in order."""
        there: set[str] = set()
        for at in range(0, len(envelopes), MAX_FIND):
            ids = tuple(envelope.id for envelope in envelopes[at : at + MAX_FIND])
            rows = await self._store.find(
                self.collection, {"event_id": In(ids)}, sort=(("event_id", 1),), limit=MAX_FIND
            )
            there.update(row["event_id"] for row in rows)
        return [envelope for envelope in envelopes if envelope.id not in there]

    @staticmethod
    def _row(position: int, envelope: Envelope) -> Document:
        return {
            "_id": position,
            "version": 1,
            "event_id": envelope.id,
            "type": envelope.type,
            "key": envelope.order_key,
            "at": envelope.time,
            "body": envelope.encode().decode(),
        }


def _entry(row: Document) -> JournalEntry:
    try:
        return JournalEntry(row["_id"], row["event_id"], row["type"], row["key"], row["body"].encode())
    except FAULTS:
        type = row.get("type")
        return JournalEntry(row["_id"], "", type if isinstance(type, str) else "", "", b"")
