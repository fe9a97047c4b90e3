"""The journal: every event of a service once, numbered 1, 2, 3 without a gap; and the publisher that follows it.

There are two per service: the public one, which publisher, replay and audit read for ever, and the internal
one, whose rows hold what other services must copy and are swept once they are published.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Final, NamedTuple

import structlog

from services.chassis.events.leases import Lease
from services.chassis.events.parking import Parking
from services.chassis.failpoints import failpoint
from services.chassis.ports import (
    MAX_FIND,
    Broker,
    BrokerUnavailable,
    Clock,
    Collection,
    Document,
    DuplicateKey,
    In,
    Index,
    Message,
    Place,
    Range,
    Store,
    StoreUnavailable,
)
from services.chassis.store.rows import FAULTS, UnreadableRow
from services.chassis.telemetry import metrics
from services.contracts.events.catalogue import CATALOGUE, Audience, Event
from services.contracts.events.envelope import Envelope
from services.contracts.instants import instant_text

log = structlog.get_logger()

PUBLIC: Final = Collection("journal", (Index("event_id", ("event_id",), unique=True), Index("at", ("at",))))
INTERNAL: Final = Collection(
    "internal", (Index("event_id", ("event_id",), unique=True), Index("at", ("at",)), Index("key", ("key",)))
)
CURSORS: Final = Collection("cursors")

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.5
"""Seconds until a publisher looks for what another process has added; what this one adds wakes it."""

STAND_BY: Final = 0.5
"""Seconds until who does not publish asks again whether to; its own news are for the one who does."""

KEEP_SECONDS: Final = 0.05
"""How far the cursor may stay behind what is confirmed while there is always something to publish."""

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


def publisher_name(journal: str) -> str:
    """Under which name the publisher of a journal keeps its cursor and its lease."""
    return f"publisher-{journal}"


@dataclass(slots=True)
class Progress:
    """How far a journal is published: every row up to `position` is confirmed.

    `heads` are the newest of those rows by type; of a type not named there is none behind `floor`.
    """

    position: int = 0
    heads: dict[str, int] = field(default_factory=dict)
    floor: int = 0

    def head(self, type: str) -> int:
        """The newest confirmed row of a type, or a row behind which there is none."""
        return self.heads.get(type, self.floor)

    def pass_over(self, entry: JournalEntry) -> None:
        """Go on behind a row that cannot be read, so that nobody takes what comes next for the next of its type.

        Who hears that misses a row, and as long as it cannot be told nobody claims to have heard everything.
        """
        self.position = entry.position
        if entry.type:
            self.heads[entry.type] = entry.position
        else:
            self.heads, self.floor = {}, entry.position


def progress_of(cursor: Document | None) -> Progress:
    """What a publisher's cursor says; one of the first release names no heads."""
    if cursor is None:
        return Progress()
    position = int(cursor["position"])
    return Progress(position, dict(cursor.get("heads", ())), cursor.get("floor", position))


class Publisher:
    """Follows one journal and publishes it, in order, moving its cursor only past what the broker has confirmed."""

    def __init__(
        self, service: str, store: Store, broker: Broker, journal: Journal, lease: Lease, *, parking: Parking
    ) -> None:
        """A row that cannot be read is parked, and passed over."""
        self._store = store
        self._broker = broker
        self._journal = journal
        self._lease = lease
        self._parking = parking
        self._name = publisher_name(journal.collection)
        self._lag = metrics.JOURNAL_LAG.labels(service, journal.collection)
        self._news = journal.listen()
        self._at: Progress | None = None
        self._kept = 0
        self._keep_at = 0.0
        self._others_add = False

    async def run(self) -> None:
        """Publish while holding the lease, until cancelled; whatever fails is tried again from the cursor."""
        loop, failures, idle = asyncio.get_running_loop(), 0, 0.0
        while True:
            try:
                if not self._lease.is_fresh():
                    await self._keep()
                    self._at = None  # somebody else may move it meanwhile
                if await self._lease.hold():
                    moved = await self._publish()
                else:
                    moved, self._others_add = 0, False
                    self._lag.set(0)  # it is another's now
                    await asyncio.sleep(STAND_BY)
                if not moved or loop.time() >= self._keep_at:
                    await self._keep()
                failures = 0
            except (StoreUnavailable, BrokerUnavailable) as error:
                self._at = None
                failures = min(failures + 1, 7)
                log.warning("publisher.unavailable", journal=self._name, error=type(error).__name__, failures=failures)
                await asyncio.sleep(0.05 * 2**failures)
                continue
            if moved >= READ:
                continue
            idle = FIRST_PAUSE if self._others_add else min(max(idle * 2, FIRST_PAUSE), LONGEST_PAUSE)
            try:
                async with asyncio.timeout(idle):
                    await self._news.wait()
            except TimeoutError:
                continue
            self._news.clear()

    async def step(self) -> int:
        """Publish the next rows behind the cursor, and move it; answer how many were confirmed."""
        moved = await self._publish()
        await self._keep()
        return moved

    async def _publish(self) -> int:
        """Publish the next rows; answer how many were confirmed.

        Two events of one key are never under way together, so a lost one cannot be overtaken by its successor.
        """
        self._news.clear()
        if self._at is None:
            self._at = progress_of(await self._store.get(CURSORS.name, self._name))
            self._kept = self._at.position
        at = self._at
        at_hand = self._journal.has_at_hand(at.position + 1)
        entries = await self._journal.read(at.position)
        self._others_add = bool(entries) and not at_hand
        self._lag.set(len(entries))
        moved = 0
        for wave in waves(entries):
            if not wave[0].is_readable:
                await self._park(wave[0])
                at.pass_over(wave[0])
                moved += 1
                continue
            confirmed = await self._confirmed(messages(wave, self._journal.audience.value, at.head))
            failpoint("publisher.confirmed")
            for entry in wave[:confirmed]:
                at.position = at.heads[entry.type] = entry.position
            moved += confirmed
            if confirmed < len(wave):
                break
        return moved

    async def _park(self, entry: JournalEntry) -> None:
        error = UnreadableRow(self._journal.collection, entry.position, "unreadable")
        await self._parking.defer(self._name, str(entry.position), error)

    def standing(self) -> Progress | None:
        """How far it is, if this is the process that publishes."""
        if self._at is None or not self._lease.is_fresh():
            return None
        return Progress(self._at.position, dict(self._at.heads), self._at.floor)

    async def _confirmed(self, messages: Sequence[Message]) -> int:
        try:
            return await self._broker.publish(messages)
        except BrokerUnavailable:
            await self._keep()  # what was confirmed before need not be told again
            raise

    async def position(self) -> int:
        """Where the cursor stands: every row up to here is confirmed."""
        return progress_of(await self._store.get(CURSORS.name, self._name)).position

    async def sweep(self, clock: Clock, keep: timedelta) -> int:
        """Sweep the journal of rows that are published and older than `keep`."""
        return await self._journal.sweep(await self.position(), instant_text(clock.now() - keep))

    async def release(self) -> None:
        """Let another process publish at once."""
        await self._keep()
        await self._lease.release()

    async def _keep(self) -> None:
        """Move the cursor behind what is confirmed; if another publisher has moved it meanwhile, it is read again."""
        old, at = self._kept, self._at
        self._keep_at = asyncio.get_running_loop().time() + KEEP_SECONDS
        if at is None or at.position == old:
            return
        self._at = None
        cursor = {
            "_id": self._name,
            "version": at.position,
            "position": at.position,
            "heads": [list(head) for head in at.heads.items()],
            "floor": at.floor,
        }
        if old == 0:
            try:
                await self._store.insert(CURSORS.name, cursor)
            except DuplicateKey:
                return
        elif not await self._store.replace(CURSORS.name, cursor, version=old):
            return
        self._at, self._kept = at, at.position


def _entry(row: Document) -> JournalEntry:
    try:
        return JournalEntry(row["_id"], row["event_id"], row["type"], row["key"], row["body"].encode())
    except FAULTS:
        type = row.get("type")
        return JournalEntry(row["_id"], "", type if isinstance(type, str) else "", "", b"")


def waves(entries: Sequence[JournalEntry]) -> list[list[JournalEntry]]:
    """Cut into runs in which no key stands twice; a row that cannot be read stands alone."""
    runs: list[list[JournalEntry]] = []
    keys: set[str] = set()
    for entry in entries:
        if not runs or entry.key in keys or not (entry.is_readable and runs[-1][-1].is_readable):
            runs.append([])
            keys = set()
        keys.add(entry.key)
        runs[-1].append(entry)
    return runs


def messages(
    entries: Sequence[JournalEntry], exchange: str, head: Callable[[str], int], routing_key: str | None = None
) -> list[Message]:
    """Rows for a broker, each with its place; `head` is the row of a type that came before these."""
    before: dict[str, int] = {}
    out = []
    for entry in entries:
        place = Place(entry.type, before.get(entry.type, head(entry.type)), entry.position)
        before[entry.type] = entry.position
        out.append(Message(exchange, routing_key or entry.type, entry.body, entry.event_id, place=place))
    return out
